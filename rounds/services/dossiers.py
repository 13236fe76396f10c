"""A dossier's road: entered, submitted, supplemented, admitted or refused, withdrawn."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.formats import day
from products.models import Product

from .. import queries, rules
from ..completeness import is_complete, missing_sentences
from ..eligibility import refused_by, stands_in_the_way, words_of_refusal
from ..enums import DossierState, Origin
from ..models import Dossier, Round
from ..notices import CONCLUDED
from ..statement import STATEMENT_PARTS
from ..states import BEFORE_SEAL, OPEN
from . import receiving
from .freezing import freeze
from .nil_returns import end_report
from .papers import add_document, mark_needs_fix, mark_received
from .receiving import today_of
from .requests import close_requests, refuse_not_checking, request_supplement, resubmit
from .shared import lock_dossier, note, refuse_dossier_out_of_order, refuse_round_state, require_reason, save
from .telling import tell_applicant

__all__ = [
    "add_document",
    "admit",
    "create_dossier",
    "hand_in",
    "mark_needs_fix",
    "mark_received",
    "open_draft",
    "refuse_entry",
    "refuse_set_in_use",
    "refuse_unfit_entry",
    "reject",
    "request_supplement",
    "resubmit",
    "submit",
    "take_back",
    "update_dossier",
    "withdraw",
]
D = DossierState
# What the applicant writes, and what only who receives the dossier writes.
WRITTEN = ("statement", *STATEMENT_PARTS, "set_basis")
OFFICE = (
    "first_time",
    "support_remark",
    "booth",
    "received_on",
    "public_service_code",
    "public_service_received_on",
    "public_service_due_on",
)


@transaction.atomic
def create_dossier(
    *,
    round_: Round,
    product: Product,
    actor: Any,
    now: dt.datetime,
    origin: str = Origin.PAPER,
    statement: str = "",
    first_time: bool | None = None,
    received_on: dt.date | None = None,
    booth: str = "",
    is_illustrative: bool = False,
) -> Dossier:
    """Open a draft dossier for a product or set. One product has one dossier in a round.

    `first_time` is worked out from the register when not said. After the deadline only a paper dossier
    received in time may still be entered; `submit` checks its date.
    """
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    refuse_entry(round_=locked, product=product, origin=origin, actor=actor)
    return open_draft(
        locked,
        product=product,
        actor=actor,
        origin=origin,
        statement=statement,
        first_time=_is_first_time(product) if first_time is None else first_time,
        received_on=received_on,
        booth=booth,
        is_illustrative=is_illustrative,
    )


def open_draft(locked: Round, *, product: Product, actor: Any, **facts: Any) -> Dossier:
    """Write a draft in a locked round. Whoever calls has checked the person and that the product may enter."""
    facts.setdefault("first_time", _is_first_time(product))
    try:
        with transaction.atomic():
            dossier = Dossier.objects.create(round=locked, product=product, **facts)
    except IntegrityError as error:
        raise _second(product, None) from error
    note(dossier, actor=actor, action="dossier.create", sentence=_("Lập hồ sơ cho “%(product)s”."))
    return dossier


def refuse_entry(*, round_: Round, product: Product, origin: str, actor: Any) -> None:
    """Why a product may not be entered in a round; forms ask this first, the service asks it under the lock."""
    rules.may_receive.require(actor, round_)
    refuse_unfit_entry(round_=round_, product=product, origin=origin)


def refuse_unfit_entry(*, round_: Round, product: Product, origin: str) -> None:
    """The same whoever asks: the round's state, its place, a second dossier of the product."""
    receiving.refuse_not_receiving(round_, origin)
    receiving.refuse_outside(round_, product)
    _refuse_second(round_, product)


@transaction.atomic
def update_dossier(
    *, dossier: Dossier, actor: Any, now: dt.datetime | None = None, revision: int | None = None, **changes: Any
) -> Dossier:
    """Change what the applicant or the receiving office wrote, until the dossier is concluded.

    What was written on the portal is frozen once submitted; what was handed in on paper may still be typed in from
    it, as a new version. `now` is asked for where the day of receipt changes.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_supply, revision=revision)
    if locked.state not in OPEN:
        raise Refusal(
            "dossier_closed",
            _("Hồ sơ đã ở trạng thái “%(state)s” nên không sửa được.") % {"state": locked.get_state_display()},
        )
    changed = {name: changes[name] for name in changes if getattr(locked, name) != changes[name]}
    _refuse_unwritable(locked, changed, actor, now)
    if changed:
        _write(locked, changed, actor)
    return locked


def _write(locked: Dossier, changed: dict[str, Any], actor: Any) -> None:
    for name, value in changed.items():
        setattr(locked, name, value)
    is_new = locked.state == D.SUBMITTED and freeze(locked)
    _save_once(locked)
    sentence = (
        _("Sửa nội dung hồ sơ %(code)s, lập phiên bản %(version)s.") if is_new else _("Sửa nội dung hồ sơ %(code)s.")
    )
    data = {name: str(value) for name, value in changed.items()}
    note(locked, actor=actor, action="dossier.update", sentence=sentence, data=data, version=locked.version)


def _save_once(locked: Dossier) -> None:
    """The public service's number belongs to one dossier of the round; the constraint decides, in words."""
    try:
        with transaction.atomic():
            save(locked)
    except IntegrityError as error:
        if not locked.public_service_code:
            raise
        raise Refusal(
            "public_service_code_taken",
            _("Mã hồ sơ dịch vụ công này đã ghi ở một hồ sơ khác của kỳ, hoặc ngày hẹn trả trước ngày tiếp nhận."),
            field="public_service_code",
        ) from error


def _refuse_unwritable(locked: Dossier, changed: dict[str, Any], actor: Any, now: dt.datetime | None) -> None:
    if unknown := changed.keys() - {*WRITTEN, *OFFICE}:
        raise TypeError(f"Not editable: {', '.join(sorted(unknown))}.")
    if changed.keys() & set(OFFICE) and not rules.may_check(actor, locked.round):
        raise Refusal("not_allowed", rules.may_check.sentence)
    if changed.keys() & set(WRITTEN) and locked.state == D.SUBMITTED and locked.origin == Origin.ONLINE:
        raise Refusal(
            "dossier_frozen",
            _("Nội dung do cơ sở viết trên cổng đã khóa khi nộp. Muốn đổi, hãy thông báo bổ sung hồ sơ."),
        )
    _refuse_days(locked, changed, now)


def _refuse_days(locked: Dossier, changed: dict[str, Any], now: dt.datetime | None) -> None:
    begins = changed.get("public_service_received_on", locked.public_service_received_on)
    ends = changed.get("public_service_due_on", locked.public_service_due_on)
    if begins and ends and ends < begins:
        raise Refusal(
            "public_service_days", _("Ngày hẹn trả không được trước ngày tiếp nhận."), field="public_service_due_on"
        )
    if "received_on" not in changed:
        return
    if now is None:
        raise TypeError("The day of receipt is judged by `now`.")
    received_on = changed["received_on"]
    receiving.refuse_wrong_day(locked.round, received_on, today_of(now))
    if locked.state != D.DRAFT and (received_on is None or received_on > receiving.last_day(locked.round)):
        raise Refusal(
            "received_late",
            _("Hồ sơ đã nộp cần ngày nhận trong thời gian nhận hồ sơ, đến hết %(day)s.")
            % {"day": day(receiving.last_day(locked.round))},
            field="received_on",
        )


@transaction.atomic
def submit(
    *,
    dossier: Dossier,
    actor: Any,
    now: dt.datetime,
    received_on: dt.date | None = None,
    revision: int | None = None,
) -> Dossier:
    """The receiving office submits a draft: it gets its number in the round and its first frozen version.

    Open while the round receives, up to but not including the deadline. A paper dossier that was received
    before the deadline may be entered afterwards with its date of receipt.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_receive, revision=revision)
    hand_in(locked, now=now, received_on=received_on)
    note(locked, actor=actor, action="dossier.submit", sentence=_("Nộp hồ sơ %(code)s, “%(product)s”."))
    return locked


def hand_in(locked: Dossier, *, now: dt.datetime, received_on: dt.date | None = None) -> None:
    """Take a locked draft in: deadline, number, frozen version. The caller has checked the person and notes the act."""
    refuse_dossier_out_of_order(locked, D.SUBMITTED)
    if locked.state != D.DRAFT:
        raise Refusal("dossier_not_draft", _("Hồ sơ này đã nộp. Hãy dùng việc nộp lại sau khi bổ sung."))
    _refuse_unfit(locked.product)
    locked.received_on = receiving.day_of_receipt(locked, now, received_on or locked.received_on)
    locked.entry_code = locked.entry_code or receiving.next_code(locked.round)
    locked.state, locked.submitted_at = D.SUBMITTED, now
    freeze(locked)
    save(locked)
    end_report(dossier=locked, actor=None)


@transaction.atomic
def admit(
    *, dossier: Dossier, actor: Any, now: dt.datetime, remark: str | None = None, revision: int | None = None
) -> Dossier:
    """Conclude that the dossier is eligible: every paper there, every condition met, by the rules of its day.

    Raises Refusal `dossier_incomplete` or `not_eligible`, with one sentence for each paper or condition.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_check, revision=revision)
    refuse_not_checking(locked)
    refuse_dossier_out_of_order(locked, D.ELIGIBLE)
    _refuse_unfit(locked.product)
    _refuse_incomplete(locked, now)
    _refuse_ineligible(locked, now)
    locked.support_remark = locked.support_remark if remark is None else remark.strip()
    freeze(locked)
    _conclude(locked, D.ELIGIBLE, reason="", actor=actor, now=now)
    note(locked, actor=actor, action="dossier.admit", sentence=_("Kết luận hồ sơ %(code)s đủ điều kiện."))
    tell_applicant(
        locked,
        kind=CONCLUDED.code,
        now=now,
        title=_("Hồ sơ %(code)s đủ điều kiện bình chọn"),
        body=_("Hồ sơ số %(code)s, “%(product)s”, đã được kiểm tra và đủ điều kiện tham gia bình chọn."),
    )
    return locked


@transaction.atomic
def reject(*, dossier: Dossier, actor: Any, now: dt.datetime, reason: str = "", revision: int | None = None) -> Dossier:
    """Conclude that the dossier is not eligible. After scoring is closed nothing changes any more.

    Without words of its own the reason names each condition that is not met. Raises Refusal `reason_missing`.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_check, revision=revision)
    _refuse_sealed(locked)
    refuse_dossier_out_of_order(locked, D.NOT_ELIGIBLE)
    found = queries.eligibility(locked, on=today_of(now))
    words = require_reason(reason.strip() or words_of_refusal(found))
    close_requests(locked, now=now)
    _conclude(locked, D.NOT_ELIGIBLE, reason=words, actor=actor, now=now)
    note(
        locked,
        actor=actor,
        action="dossier.reject",
        sentence=_("Kết luận hồ sơ %(code)s không đủ điều kiện."),
        reason=words,
        data={"rules": [check.code for check in refused_by(found)]},
    )
    tell_applicant(
        locked,
        kind=CONCLUDED.code,
        now=now,
        title=_("Hồ sơ %(code)s không đủ điều kiện bình chọn"),
        body=_("Hồ sơ số %(code)s, “%(product)s”, không đủ điều kiện tham gia bình chọn. Lý do: %(reason)s"),
        reason=words,
    )
    return locked


@transaction.atomic
def withdraw(*, dossier: Dossier, reason: str, actor: Any, now: dt.datetime, revision: int | None = None) -> Dossier:
    """The facility takes its dossier back, before scoring is closed."""
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_receive, revision=revision)
    _refuse_sealed(locked)
    return take_back(locked, reason=reason, actor=actor, now=now)


def take_back(locked: Dossier, *, reason: str, actor: Any, now: dt.datetime) -> Dossier:
    """Withdraw a locked dossier, whoever of those who may has asked for it."""
    refuse_set_in_use(locked)
    refuse_dossier_out_of_order(locked, D.WITHDRAWN)
    words = require_reason(reason)
    locked.state, locked.state_reason = D.WITHDRAWN, words
    close_requests(locked, now=now)
    save(locked)
    note(locked, actor=actor, action="dossier.withdraw", sentence=_("Cơ sở rút hồ sơ %(code)s."), reason=words)
    return locked


def _conclude(dossier: Dossier, state: D, *, reason: str, actor: Any, now: dt.datetime) -> None:
    dossier.state, dossier.state_reason = state, reason
    dossier.checked_at, dossier.checked_by = now, actor
    save(dossier)


def _refuse_second(round_: Round, product: Product) -> None:
    found = Dossier.objects.filter(round=round_, product=product).first()
    if found:
        raise _second(product, found)


def _second(product: Product, found: Dossier | None) -> Refusal:
    code = _(" số %(code)s") % {"code": found.entry_code} if found and found.entry_code else ""
    return Refusal(
        "dossier_exists",
        _("“%(product)s” đã có hồ sơ%(code)s trong kỳ này. Hãy mở hồ sơ đã có.")
        % {"product": product.name, "code": code},
        field="product",
    )


def _is_first_time(product: Product) -> bool:
    entered = Dossier.objects.filter(product=product).exclude(state__in=[D.DRAFT, D.WITHDRAWN])
    return not entered.exists() and not product.recognitions.exists()


def _refuse_unfit(product: Product) -> None:
    if product.facility is None:
        raise Refusal(
            "product_without_facility",
            _("Sản phẩm chưa ghi cơ sở làm ra. Hãy bổ sung cơ sở trước khi nộp."),
            field="product",
        )
    if product.is_set and not product.members.exists():
        raise Refusal(
            "set_without_members",
            _("Bộ sản phẩm cần có tên các sản phẩm trong bộ. Hãy nhập ít nhất một sản phẩm."),
            field="product",
        )


def _refuse_sealed(dossier: Dossier) -> None:
    refuse_round_state(
        dossier.round, BEFORE_SEAL, _("Kỳ bình chọn %(state)s, điểm đã niêm phong nên hồ sơ không đổi được.")
    )


def _refuse_incomplete(dossier: Dossier, now: dt.datetime) -> None:
    rows = queries.checklist(dossier, on=today_of(now))
    if not is_complete(rows):
        reasons = missing_sentences(rows)
        raise Refusal(
            "dossier_incomplete",
            _("Chưa kết luận đủ điều kiện được: còn %(total)s giấy tờ chưa đủ.") % {"total": len(reasons)},
            details=reasons,
        )


def _refuse_ineligible(dossier: Dossier, now: dt.datetime) -> None:
    reasons = stands_in_the_way(queries.eligibility(dossier, on=today_of(now)))
    if reasons:
        raise Refusal(
            "not_eligible",
            _("Chưa kết luận đủ điều kiện được: còn %(total)s điều kiện chưa đạt hoặc chưa kiểm tra.")
            % {"total": len(reasons)},
            details=reasons,
        )


def refuse_set_in_use(dossier: Dossier) -> None:
    """A set that was gathered is taken apart, so that its parts come back; it is not withdrawn."""
    if dossier.gathered.exists():
        raise Refusal(
            "set_is_gathered", _("Hồ sơ bộ này gộp từ các hồ sơ khác. Hãy tách bộ, rồi ghi rút từng hồ sơ nếu cần.")
        )
