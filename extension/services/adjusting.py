"""Adjustments and the stop of a project: proposed by an officer, decided by the authority that the rule names.

What is proposed is kept beside what stood when it was proposed; if the project has changed meanwhile, the decision
is refused, so that nobody agrees to something they did not read. All raise `Refusal` with a sentence: "not_allowed",
"wrong_state", "no_authority", "already_waiting", "nothing_changes", "same_person", "already_decided", "stale",
"paper_missing", "reason_missing", "below_paid", "has_money", "invalid", and what the services of projects refuse.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.models import Facility
from portal.accounts.models import Organisation
from portal.audit.services import record
from portal.files.services import store
from portal.files.sniffing import Kind
from portal.text.errors import Refusal
from portal.text.folding import normalise
from portal.text.formats import money

from .. import rules
from ..enums import AdjustmentKind, EstimateState, PaymentState, ProjectState, ProposalState
from ..models import Adjustment, Beneficiary, PaymentLine, Project, ResultLine
from ..steps import authority
from . import projects

K = AdjustmentKind
OPEN_STATES = (ProjectState.APPROVED, ProjectState.RUNNING)
SCAN: frozenset[Kind] = frozenset({"image", "pdf"})
# The facts of a project that each kind may change; a stop changes none, another beneficiary is a line of its own.
FACTS: dict[str, tuple[str, ...]] = {
    K.CONTENT: ("name", "summary"),
    K.FUNDS: ("extension_funds", "counterpart_funds", "other_funds"),
    K.TIME: ("ends_on",),
    K.UNIT: ("implementing_unit",),
    K.BENEFICIARY: ("leaves", "joins"),
    K.STOP: (),
}


@transaction.atomic
def propose(
    *, project: Project, kind: str, reason: str, actor: Any, now: dt.datetime, after: dict[str, Any] | None = None
) -> Adjustment:
    """Ask for a change or a stop. `after` holds the facts of `FACTS[kind]` as they shall be, as plain values.

    Dates are ISO texts, an implementing unit, a facility and a beneficiary are their keys. What does not change is
    left out.
    """
    locked = Project.objects.locked(project.pk)
    rules.require_edit(actor, locked.territory_id)
    if locked.state not in OPEN_STATES:
        raise Refusal("wrong_state", _("Chỉ điều chỉnh hoặc ngừng đề án đã duyệt hay đang thực hiện."))
    rule = authority.rule_for(locked, AdjustmentKind(kind), timezone.localdate(now))
    if rule is None:
        raise Refusal("no_authority", authority.NO_RULE)
    if locked.adjustments.filter(state=ProposalState.PROPOSED).exists():
        raise Refusal(
            "already_waiting", _("Đề án đang có một đề nghị chờ quyết định. Hãy chờ kết quả rồi đề nghị tiếp.")
        )
    if not reason.strip():
        raise Refusal("reason_missing", _("Hãy ghi lý do."), field="reason")
    wanted = _known(kind, after or {})
    before = _facts_now(locked, kind)
    wanted = {name: value for name, value in wanted.items() if value != before.get(name)}
    if kind != K.STOP and not wanted:
        raise Refusal("nothing_changes", _("Đề nghị chưa thay đổi gì so với đề án. Hãy ghi nội dung mới."))
    _CHECKS[kind](locked, wanted)
    row = Adjustment.objects.create(
        project=locked,
        kind=kind,
        reason=reason.strip(),
        before={name: before.get(name) for name in wanted} if kind != K.BENEFICIARY else {},
        after=wanted,
        authority=rule.authority,
        legal_basis=rule.legal_basis,
        proposed_by=actor,
        proposed_at=now,
    )
    sentence = _("Đề nghị “%(kind)s” với đề án “%(name)s”.")
    _audit(actor, "extension.adjust_propose", sentence, row, reason=row.reason, data={"after": wanted})
    return row


@transaction.atomic
def agree(
    *,
    adjustment: Adjustment,
    actor: Any,
    now: dt.datetime,
    number: str,
    signed_on: dt.date,
    upload: Any = None,
) -> Adjustment:
    """The authority agrees by a numbered paper; the project is changed, or stopped, in the same transaction."""
    project, row = _to_decide(adjustment, actor)
    on = timezone.localdate(now)
    if not number.strip():
        raise Refusal("paper_missing", _("Hãy ghi số văn bản đồng ý."), field="number")
    if not timezone.localdate(row.proposed_at) <= signed_on <= on:
        raise Refusal(
            "invalid", _("Ngày văn bản phải từ ngày đề nghị đến hôm nay. Hãy kiểm tra lại."), field="signed_on"
        )
    if upload is None and authority.needs_paper(actor, row.authority):
        raise Refusal(
            "paper_missing",
            _("Bạn ghi lại quyết định của %(authority)s, nên hãy đính kèm văn bản đã ký.")
            % {"authority": row.get_authority_display()},
            field="upload",
        )
    _still_as_read(project, row)
    if upload is not None:
        row.file = store(upload, allow=SCAN, field="upload")
    row.state, row.decided_by, row.decided_at = ProposalState.APPROVED, actor, now
    row.number, row.signed_on = normalise(number)[:60], signed_on
    row.save()
    sentence = _("Đồng ý “%(kind)s” với đề án “%(name)s”.")
    _audit(actor, "extension.adjust_agree", sentence, row, reason=row.reason, data={"after": row.after})
    _CHECKS[row.kind](project, row.after)
    _APPLY[row.kind](project, row, on)
    return row


@transaction.atomic
def refuse(*, adjustment: Adjustment, actor: Any, now: dt.datetime, answer: str) -> Adjustment:
    """The authority does not agree; the project stays as it is and another proposal may follow."""
    _project, row = _to_decide(adjustment, actor)
    if not answer.strip():
        raise Refusal("reason_missing", _("Hãy ghi lý do không đồng ý."), field="answer")
    row.state, row.decided_by, row.decided_at, row.answer = ProposalState.REFUSED, actor, now, answer.strip()
    row.save()
    sentence = _("Không đồng ý “%(kind)s” với đề án “%(name)s”.")
    _audit(actor, "extension.adjust_refuse", sentence, row, reason=row.answer)
    return row


def stop_not_decided(project: Project) -> list[str]:
    """A guard of `change_state`: a project stops by a decision of whoever the rule names. Two queries."""
    if project.state not in OPEN_STATES:
        return []
    decided = project.adjustments.filter(kind=K.STOP, state=ProposalState.APPROVED).exists()
    return (
        [] if decided else [_("Chưa có quyết định ngừng của cấp có thẩm quyền. Hãy đề nghị ở trang Điều chỉnh, ngừng.")]
    )


# --- locks and checks -------------------------------------------------------------------------------------------


def _to_decide(adjustment: Adjustment, actor: Any) -> tuple[Project, Adjustment]:
    """The project and the proposal, both locked: waiting, and before somebody who may decide and did not propose."""
    project = Project.objects.locked(adjustment.project.pk)
    row = Adjustment.objects.select_for_update(of=("self",)).get(pk=adjustment.pk)
    row.project = project
    authority.require_decide(actor, project, row.authority)
    if row.state != ProposalState.PROPOSED:
        raise Refusal("already_decided", _("Đề nghị này đã có quyết định. Hãy mở lại trang để xem."))
    if actor is not None and row.proposed_by_id == actor.pk:
        raise Refusal("same_person", _("Người đề nghị không được tự quyết định. Hãy chuyển cho người có thẩm quyền."))
    return project, row


def _known(kind: str, after: dict[str, Any]) -> dict[str, Any]:
    unknown = set(after) - set(FACTS[kind])
    if unknown:
        raise TypeError(f"Unknown facts: {', '.join(sorted(unknown))}")
    return after


def _facts_now(project: Project, kind: str) -> dict[str, Any]:
    """The facts that the kind may change, as plain values of today."""
    if kind == K.TIME:
        return {"ends_on": project.ends_on.isoformat() if project.ends_on else None}
    if kind == K.UNIT:
        return {"implementing_unit": project.implementing_unit_id}
    if kind == K.BENEFICIARY:
        return {"leaves": None, "joins": None}
    return {name: getattr(project, name) for name in FACTS[kind]}


def _still_as_read(project: Project, row: Adjustment) -> None:
    now = _facts_now(project, row.kind)
    if any(now.get(name) != value for name, value in row.before.items()):
        raise Refusal(
            "stale",
            _("Đề án đã thay đổi sau khi đề nghị được gửi. Hãy không đồng ý để cán bộ đề nghị lại theo số mới."),
        )


def _free(_project: Project, _after: dict[str, Any]) -> None:
    """Nothing more to check."""


def _check_content(_project: Project, after: dict[str, Any]) -> None:
    if not str(after.get("name", "-")).strip():
        raise Refusal("invalid", _("Tên đề án không được để trống."), field="name")


def _check_funds(project: Project, after: dict[str, Any]) -> None:
    """New sums are whole đồng, and the extension funds never less than what was already paid."""
    if any(value is not None and value < 0 for value in after.values()):
        raise Refusal("invalid", _("Số tiền không được âm."))
    funds, paid = after.get("extension_funds", project.extension_funds), project.disbursed or 0
    if paid and (funds is None or funds < paid):
        raise Refusal(
            "below_paid",
            _("Đề án đã chi %(paid)s nên kinh phí khuyến công không hạ xuống dưới số đó được. Hãy thu hồi trước.")
            % {"paid": money(paid)},
            field="extension_funds",
        )


def _check_time(project: Project, after: dict[str, Any]) -> None:
    ends = dt.date.fromisoformat(after["ends_on"])
    if project.starts_on and ends < project.starts_on:
        raise Refusal("invalid", _("Ngày kết thúc không được trước ngày bắt đầu."), field="ends_on")


def _check_unit(_project: Project, after: dict[str, Any]) -> None:
    if not Organisation.objects.filter(pk=after["implementing_unit"]).exists():
        raise Refusal("invalid", _("Hãy chọn đơn vị thực hiện mới."), field="implementing_unit")


def _check_beneficiary(project: Project, after: dict[str, Any]) -> None:
    """Who leaves has got no money and told no results; who joins is a facility that the project does not have yet."""
    leaving = _leaving(project, after)
    joining = Facility.objects.filter(pk=after["joins"]).first() if after.get("joins") else None
    if joining is not None and project.beneficiaries.filter(facility=joining).exists():
        raise Refusal("invalid", _("Cơ sở này đã có trong đề án. Hãy chọn cơ sở khác."), field="joins")
    if leaving is None:
        return
    paid = PaymentLine.objects.filter(line__project=project, line__facility=leaving.facility_id)
    if leaving.facility_id and paid.filter(payment__state=PaymentState.PAID).exists():
        raise Refusal(
            "has_money",
            _("Đề án đã chi cho “%(who)s”. Hãy thu hồi và quyết toán phần này trước khi thay cơ sở khác.")
            % {"who": leaving},
            field="leaves",
        )
    if ResultLine.objects.filter(beneficiary=leaving, answered_on__isnull=False).exists():
        raise Refusal(
            "has_money",
            _("“%(who)s” đã có kết quả sau hỗ trợ nên không bỏ ra được.") % {"who": leaving},
            field="leaves",
        )


def _leaving(project: Project, after: dict[str, Any]) -> Beneficiary | None:
    return project.beneficiaries.filter(pk=after["leaves"]).first() if after.get("leaves") else None


# --- carrying out -----------------------------------------------------------------------------------------------


def _apply_facts(project: Project, row: Adjustment, on: dt.date) -> None:
    """Change the facts by the decision; the system writes, since the person who decides need not be an officer."""
    projects.update_project(project=project, actor=None, on=on, **row.after)


def _apply_time(project: Project, row: Adjustment, on: dt.date) -> None:
    ends = dt.date.fromisoformat(row.after["ends_on"])
    later = {"year_to": ends.year} if ends.year > (project.year_to or project.year) else {}
    projects.update_project(project=project, actor=None, on=on, ends_on=ends, **later)


def _apply_unit(project: Project, row: Adjustment, on: dt.date) -> None:
    unit = Organisation.objects.get(pk=row.after["implementing_unit"])
    projects.update_project(project=project, actor=None, on=on, implementing_unit=unit)


def _apply_funds(project: Project, row: Adjustment, on: dt.date) -> None:
    """With an estimate the sums follow from its next edition, which this decision lets through."""
    if not project.estimates.filter(state=EstimateState.APPROVED).exists():
        _apply_facts(project, row, on)


def _apply_beneficiary(project: Project, row: Adjustment, _on: dt.date) -> None:
    leaving = _leaving(project, row.after)
    share = leaving.extension_funds if leaving else None
    if leaving is not None:
        projects.remove_beneficiary(beneficiary=leaving, actor=None)
    if row.after.get("joins"):
        joining = Facility.objects.get(pk=row.after["joins"])
        projects.add_beneficiary(project=project, actor=None, facility=joining, extension_funds=share)


def _apply_stop(project: Project, row: Adjustment, on: dt.date) -> None:
    projects.change_state(project=project, to=ProjectState.STOPPED, actor=None, on=on, reason=row.reason)


_CHECKS: dict[str, Callable[[Project, dict[str, Any]], None]] = {
    K.CONTENT: _check_content,
    K.FUNDS: _check_funds,
    K.TIME: _check_time,
    K.UNIT: _check_unit,
    K.BENEFICIARY: _check_beneficiary,
    K.STOP: _free,
}
_APPLY: dict[str, Callable[[Project, Adjustment, dt.date], None]] = {
    K.CONTENT: _apply_facts,
    K.FUNDS: _apply_funds,
    K.TIME: _apply_time,
    K.UNIT: _apply_unit,
    K.BENEFICIARY: _apply_beneficiary,
    K.STOP: _apply_stop,
}


def _audit(actor: Any, action: str, sentence: str, row: Adjustment, **more: Any) -> None:
    project = row.project
    said = sentence % {"kind": row.get_kind_display(), "name": project.name}
    record(actor=actor, action=action, sentence=said, subject=row, territory=project.territory, **more)
