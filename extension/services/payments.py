"""Money that leaves for a project and comes back: proposed, approved and paid by three people.

Sums are whole đồng. Every service locks the project first. All raise `Refusal` with a sentence: "not_allowed",
"same_person", "wrong_state", "no_estimate", "no_lines", "invalid", "ceiling", "line_ceiling", "advance_ceiling",
"refund_ceiling", "already_decided", "reason_missing", "future_day", "before_estimate", "period_locked",
"serious_finding".
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.files.models import StoredFile
from portal.territory.queries import current_id
from portal.text.errors import Refusal
from portal.text.folding import normalise
from portal.text.formats import day, dong, percent

from .. import rules
from ..enums import PaymentKind, PaymentState, ProjectState, ReportState
from ..held import held_by_database
from ..models import Payment, PaymentLine, Project, ReportPeriod
from ..money.advances import rule_for
from ..money.ledger import Ledger, ledger_of, paid_net
from ..watch.queries import serious_findings
from .checks import checked

PAYABLE: dict[PaymentKind, tuple[ProjectState, ...]] = {
    PaymentKind.ADVANCE: (ProjectState.APPROVED, ProjectState.RUNNING),
    PaymentKind.DISBURSEMENT: (ProjectState.RUNNING, ProjectState.ACCEPTED, ProjectState.SETTLED),
    PaymentKind.RECOVERY: (
        ProjectState.APPROVED,
        ProjectState.RUNNING,
        ProjectState.ACCEPTED,
        ProjectState.SETTLED,
        ProjectState.STOPPED,
    ),
}


@transaction.atomic
def propose_payment(
    *,
    project: Project,
    kind: PaymentKind,
    parts: Mapping[int, int],
    reason: str,
    actor: Any,
    now: dt.datetime,
    request_key: UUID | None = None,
) -> Payment:
    """Ask for money of some lines of the estimate in force: key of the line → whole đồng.

    The same `request_key` again gives the same payment back; the same words and sums under another one, while the
    first waits, are refused.
    """
    locked = Project.objects.locked(project.pk)
    rules.require_edit(actor, locked.territory_id)
    sent_before = Payment.objects.filter(request_key=request_key, project=locked).first() if request_key else None
    if sent_before is not None:
        return sent_before
    _payable(locked, kind)
    ledger = ledger_of(locked)
    parts = _known_parts(ledger, parts)
    if request_key:
        _not_asked_yet(locked, kind, parts, normalise(reason), actor)
    _within_limits(ledger, kind, parts, on=timezone.localdate(now))
    payment = Payment(
        project=locked,
        kind=kind,
        amount=sum(parts.values()),
        reason=normalise(reason),
        proposed_by=actor,
        proposed_at=now,
        request_key=request_key,
    )
    _save(payment)
    PaymentLine.objects.bulk_create(
        PaymentLine(payment=payment, line_id=line, amount=amount) for line, amount in parts.items()
    )
    _audit(actor, "extension.payment_propose", _("Đề nghị %(what)s của đề án “%(name)s”."), payment)
    return payment


@transaction.atomic
def withdraw_payment(*, payment: Payment, actor: Any) -> None:
    """Take a proposal back that nobody has decided on; the audit chain keeps what it said."""
    locked = _lock_payment(payment, PaymentState.PROPOSED)
    rules.require_edit(actor, locked.project.territory_id)
    if locked.proposed_by_id != actor.pk:
        raise Refusal("not_allowed", _("Chỉ người đã đề nghị được rút. Lãnh đạo trả lại được đề nghị này."))
    _audit(actor, "extension.payment_withdraw", _("Rút đề nghị %(what)s của đề án “%(name)s”."), locked)
    locked.delete()


@transaction.atomic
def approve_payment(*, payment: Payment, actor: Any, now: dt.datetime) -> Payment:
    """The leader's word that the money may leave, within the limits as they are now."""
    locked = _lock_payment(payment, PaymentState.PROPOSED)
    rules.require_approve(actor, locked.project)
    _another(actor, locked.proposed_by_id, _("Người đề nghị không được tự duyệt khoản chi."))
    _payable(locked.project, PaymentKind(locked.kind))
    _check_again(locked, on=timezone.localdate(now))
    locked.state, locked.approved_by, locked.approved_at = PaymentState.APPROVED, actor, now
    _save(locked)
    _audit(actor, "extension.payment_approve", _("Duyệt %(what)s của đề án “%(name)s”."), locked)
    return locked


@transaction.atomic
def refuse_payment(*, payment: Payment, reason: str, actor: Any, now: dt.datetime) -> Payment:
    """Not approve, or take the approval back while nothing has been paid."""
    locked = _lock_payment(payment, PaymentState.PROPOSED, PaymentState.APPROVED)
    rules.require_approve(actor, locked.project)
    _another(actor, locked.proposed_by_id, _("Người đề nghị không được tự quyết định khoản chi."))
    if not normalise(reason):
        raise Refusal("reason_missing", _("Việc này cần lý do. Hãy ghi lý do."), field="reason")
    locked.state, locked.answer = PaymentState.REFUSED, normalise(reason)
    locked.approved_by, locked.approved_at = actor, now
    _save(locked)
    sentence = _("Không duyệt %(what)s của đề án “%(name)s”.")
    _audit(actor, "extension.payment_refuse", sentence, locked, reason=locked.answer)
    return locked


@transaction.atomic
def record_paid(
    *,
    payment: Payment,
    paid_on: dt.date,
    document: str,
    actor: Any,
    now: dt.datetime,
    file: StoredFile | None = None,
) -> Payment:
    """That the money has left, or has come back, on the day of its voucher. The project's disbursed sum follows."""
    locked = _lock_payment(payment, PaymentState.APPROVED)
    project = locked.project
    rules.require_edit(actor, project.territory_id)
    sentence = _("Người đề nghị và người duyệt không được ghi chi khoản này. Cán bộ khuyến công khác phải ghi.")
    for before in (locked.proposed_by_id, locked.approved_by_id):
        _another(actor, before, sentence)
    _payable(project, PaymentKind(locked.kind))
    _day_stands(project, paid_on, today=timezone.localdate(now))
    _check_again(locked, on=paid_on)
    locked.state, locked.paid_by, locked.paid_at = PaymentState.PAID, actor, now
    locked.paid_on, locked.document, locked.file = paid_on, normalise(document), file
    _save(locked)
    project.disbursed = paid_net(project)
    with held_by_database():
        project.save(update_fields=["disbursed"])
    _audit(actor, "extension.payment_paid", _("Ghi đã chi: %(what)s của đề án “%(name)s”."), locked)
    return locked


def _lock_payment(payment: Payment, *states: PaymentState) -> Payment:
    """The project first, then the payment, which must stand in one of the states."""
    project = Project.objects.locked(payment.project.pk)
    locked = Payment.objects.select_for_update(of=("self",)).filter(pk=payment.pk).first()
    if locked is None or locked.state not in states:
        raise Refusal("already_decided", _("Khoản chi này vừa được người khác xử lý. Hãy tải lại trang."))
    locked.project = project
    return locked


def _payable(project: Project, kind: PaymentKind) -> None:
    if project.state not in PAYABLE[kind]:
        raise Refusal(
            "wrong_state",
            _("Đề án đang “%(state)s” nên không ghi khoản “%(kind)s” được.")
            % {"state": project.get_state_display().lower(), "kind": kind.label.lower()},
        )
    serious = [] if kind == PaymentKind.RECOVERY else serious_findings(project)
    if serious:
        raise Refusal("serious_finding", serious[0], details=tuple(serious[1:]))


def _known_parts(ledger: Ledger, parts: Mapping[int, int]) -> dict[int, int]:
    """Positive sums on lines of the estimate in force."""
    if ledger.estimate is None:
        raise Refusal("no_estimate", _("Đề án chưa có dự toán được duyệt nên chưa ghi khoản chi được."))
    given = {line: amount for line, amount in parts.items() if amount}
    if not given:
        raise Refusal("no_lines", _("Hãy ghi số tiền cho ít nhất một dòng dự toán."))
    unknown = set(given) - {balance.line.pk for balance in ledger.balances}
    if unknown or min(given.values()) < 0:
        raise Refusal(
            "invalid", _("Có dòng không thuộc dự toán đang được duyệt, hoặc có số tiền âm. Hãy tải lại trang.")
        )
    return given


def _not_asked_yet(project: Project, kind: PaymentKind, parts: Mapping[int, int], reason: str, actor: Any) -> None:
    """A page that is gone back to and sent once more must not bind the money twice."""
    waiting = project.payments.filter(state=PaymentState.PROPOSED, kind=kind, reason=reason, proposed_by=actor)
    for payment in waiting.prefetch_related("lines"):
        if {line.line_id: line.amount for line in payment.lines.all()} == parts:
            raise Refusal(
                "asked_twice",
                _("Đề nghị giống hệt thế này đang chờ duyệt. Nếu là khoản khác, hãy ghi nội dung cho khác."),
                field="reason",
            )


def _check_again(payment: Payment, *, on: dt.date) -> None:
    """The limits as they are now, this payment left out of what is bound."""
    ledger = ledger_of(payment.project, without=payment.pk)
    parts = _known_parts(ledger, dict(payment.lines.values_list("line", "amount")))
    _within_limits(ledger, PaymentKind(payment.kind), parts, on=on)


def _within_limits(ledger: Ledger, kind: PaymentKind, parts: Mapping[int, int], *, on: dt.date) -> None:
    """What is proposed or approved already counts, so that two proposals never promise the same đồng."""
    amount = sum(parts.values())
    if kind == PaymentKind.RECOVERY:
        _returnable(ledger, parts)
        return
    for balance in ledger.balances:
        asked = parts.get(balance.line.pk, 0)
        if asked and asked > balance.left:
            raise _over("line_ceiling", balance.name, asked, balance.left)
    if amount > ledger.left:
        raise _over("ceiling", str(ledger.project), amount, ledger.left)
    if kind == PaymentKind.ADVANCE:
        _advance(ledger, amount, on)


def _over(code: str, what: str, asked: int, left: int) -> Refusal:
    return Refusal(
        code,
        _("“%(what)s”: ghi %(asked)s, chỉ còn được chi %(left)s, vượt %(over)s.")
        % {"what": what, "asked": dong(asked), "left": dong(max(left, 0)), "over": dong(asked - max(left, 0))},
    )


def _returnable(ledger: Ledger, parts: Mapping[int, int]) -> None:
    for balance in ledger.balances:
        asked, paid = parts.get(balance.line.pk, 0), balance.sums.returnable
        if asked > paid:
            raise Refusal(
                "refund_ceiling",
                _("“%(what)s”: thu hồi %(asked)s, lớn hơn %(paid)s đã chi còn lại.")
                % {"what": balance.name, "asked": dong(asked), "paid": dong(paid)},
            )


def _advance(ledger: Ledger, amount: int, on: dt.date) -> None:
    rule = rule_for(ledger.project, on)
    share = rule.percent if rule else 0
    most = (ledger.project.extension_funds or 0) * share // 100
    before = ledger.sums.advanced + ledger.sums.waiting_advance
    if before + amount > most:
        raise Refusal(
            "advance_ceiling",
            _(
                "Loại đề án này được tạm ứng tối đa %(percent)s, là %(most)s. Đã và đang tạm ứng %(before)s,"
                " ghi thêm %(amount)s là vượt."
            )
            % {"percent": percent(share), "most": dong(most), "before": dong(before), "amount": dong(amount)},
        )


def _day_stands(project: Project, paid_on: dt.date, *, today: dt.date) -> None:
    """Not in the future, not before the estimate was signed, not in a period whose report is locked."""
    if paid_on > today:
        raise Refusal("future_day", _("Ngày chứng từ không được sau hôm nay."), field="paid_on")
    signed_on = project.estimates.filter(state="approved").values_list("signed_on", flat=True).first()
    if signed_on and paid_on < signed_on:
        raise Refusal(
            "before_estimate",
            _("Ngày chứng từ không được trước ngày duyệt dự toán, %(day)s.") % {"day": day(signed_on)},
            field="paid_on",
        )
    provinces = {project.territory_id, current_id(project.territory_id)}
    locked = ReportPeriod.objects.filter(
        territory__in=provinces, state=ReportState.LOCKED, starts_on__lte=paid_on, ends_on__gte=paid_on
    ).first()
    if locked is not None:
        raise Refusal(
            "period_locked",
            _("Ngày %(day)s nằm trong kỳ báo cáo đã khóa (%(period)s). Hãy ghi chi vào kỳ đang mở.")
            % {"day": day(paid_on), "period": locked},
            field="paid_on",
        )


def _another(actor: Any, before: int | None, sentence: str) -> None:
    if actor.pk == before:
        raise Refusal("same_person", sentence)


def _save(payment: Payment) -> None:
    checked(payment)
    with held_by_database():
        payment.save()


def _audit(actor: Any, action: str, sentence: str, payment: Payment, **more: Any) -> None:
    what = f"{payment.get_kind_display().lower()} {dong(payment.amount)}"
    record(
        actor=actor,
        action=action,
        sentence=sentence % {"what": what, "name": payment.project.name},
        subject=payment.project,
        territory=payment.project.territory,
        data={"payment": str(payment.uuid), "amount": payment.amount, "kind": payment.kind},
        **more,
    )
