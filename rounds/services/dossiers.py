"""A dossier's road: entered, submitted, supplemented, admitted or refused, withdrawn."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.territory.queries import family_ids, region_ids
from portal.text.errors import Refusal
from portal.text.folding import normalise
from portal.text.formats import day
from products.enums import Level
from products.models import Product

from .. import queries, rules
from ..completeness import is_complete, missing_sentences
from ..enums import DossierState, Origin, RoundState
from ..manifest import digest
from ..models import Dossier, DossierVersion, Round
from ..states import BEFORE_SEAL, CHECKING
from .guards import moment
from .papers import add_document, mark_needs_fix, mark_received
from .shared import lock_dossier, note, refuse_dossier_out_of_order, refuse_round_state, require_reason, save

__all__ = [
    "add_document",
    "admit",
    "create_dossier",
    "hand_in",
    "mark_needs_fix",
    "mark_received",
    "open_draft",
    "refuse_entry",
    "refuse_unfit_entry",
    "reject",
    "request_supplement",
    "resubmit",
    "submit",
    "update_dossier",
    "withdraw",
]
D = DossierState
CODE_WIDTH = 3
EDITABLE = ("statement", "first_time", "support_remark", "booth")


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
    _refuse_not_receiving(round_, origin)
    _refuse_outside(round_, product)
    _refuse_second(round_, product)


@transaction.atomic
def update_dossier(*, dossier: Dossier, actor: Any, **changes: Any) -> Dossier:
    """Change what the applicant or the support team wrote, while the dossier is still being checked."""
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_check)
    if locked.state not in (D.DRAFT, D.SUBMITTED, D.NEEDS_SUPPLEMENT):
        raise Refusal(
            "dossier_closed",
            _("Hồ sơ đã ở trạng thái “%(state)s” nên không sửa được.") % {"state": locked.get_state_display()},
        )
    changed = {name: changes[name] for name in EDITABLE if name in changes and getattr(locked, name) != changes[name]}
    if changed:
        for name, value in changed.items():
            setattr(locked, name, value)
        save(locked)
        data = {name: str(value) for name, value in changed.items()}
        note(locked, actor=actor, action="dossier.update", sentence=_("Sửa nội dung hồ sơ %(code)s."), data=data)
    return locked


@transaction.atomic
def submit(
    *,
    dossier: Dossier,
    actor: Any,
    now: dt.datetime,
    received_on: dt.date | None = None,
    revision: int | None = None,
) -> Dossier:
    """Submit a draft: it gets its number in the round and its first frozen version.

    Open while the round receives, up to but not including the deadline. A paper dossier that was received
    before the deadline may be entered afterwards with its date of receipt.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_hand_in, revision=revision)
    hand_in(locked, now=now, received_on=received_on)
    note(locked, actor=actor, action="dossier.submit", sentence=_("Nộp hồ sơ %(code)s, “%(product)s”."))
    return locked


def hand_in(locked: Dossier, *, now: dt.datetime, received_on: dt.date | None = None) -> None:
    """Take a locked draft in: deadline, number, frozen version. Whoever calls has checked the person and notes the act."""
    refuse_dossier_out_of_order(locked, D.SUBMITTED)
    if locked.state != D.DRAFT:
        raise Refusal("dossier_not_draft", _("Hồ sơ này đã nộp. Hãy dùng việc nộp lại sau khi bổ sung."))
    _refuse_unfit(locked.product)
    locked.received_on = _day_of_receipt(locked, now, received_on or locked.received_on)
    locked.entry_code = locked.entry_code or _next_code(locked.round)
    locked.state, locked.submitted_at = D.SUBMITTED, now
    _freeze(locked)
    save(locked)


@transaction.atomic
def request_supplement(
    *, dossier: Dossier, until: dt.datetime, actor: Any, now: dt.datetime, request: str = ""
) -> Dossier:
    """Ask for what is missing, with a deadline. Without words of its own the request lists the open papers.

    Asked again while the first request is open, it renews the words and the deadline.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_check)
    _refuse_not_checking(locked)
    if locked.state != D.NEEDS_SUPPLEMENT:
        refuse_dossier_out_of_order(locked, D.NEEDS_SUPPLEMENT)
    if until <= now:
        raise Refusal("deadline_past", _("Hạn bổ sung phải ở sau lúc này. Hãy chọn lại hạn."), field="until")
    words = request.strip() or "\n".join(missing_sentences(queries.checklist(locked, on=_today(now))))
    if not words:
        raise Refusal(
            "nothing_to_request",
            _("Hồ sơ đã đủ giấy tờ. Hãy ghi điều cần bổ sung, hoặc kết luận đủ điều kiện."),
            field="request",
        )
    locked.state, locked.supplement_until, locked.supplement_request = D.NEEDS_SUPPLEMENT, until, words
    save(locked)
    note(
        locked,
        actor=actor,
        action="dossier.request_supplement",
        sentence=_("Thông báo bổ sung hồ sơ %(code)s, hạn %(until)s."),
        reason=words,
        until=moment(until),
    )
    return locked


@transaction.atomic
def resubmit(*, dossier: Dossier, actor: Any, now: dt.datetime) -> Dossier:
    """The supplemented dossier comes in again, before its deadline, as a new frozen version."""
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_check)
    _refuse_not_checking(locked)
    if locked.state != D.NEEDS_SUPPLEMENT:
        raise Refusal("dossier_not_waiting", _("Hồ sơ này không chờ bổ sung nên không nộp lại được."))
    if locked.supplement_until and now >= locked.supplement_until:
        raise Refusal(
            "supplement_late",
            _("Hạn bổ sung %(until)s đã qua. Hãy gia hạn bổ sung, hoặc kết luận không đủ điều kiện.")
            % {"until": moment(locked.supplement_until)},
        )
    locked.state, locked.submitted_at = D.SUBMITTED, now
    locked.supplement_until = None
    _freeze(locked)
    save(locked)
    note(locked, actor=actor, action="dossier.resubmit", sentence=_("Nộp lại hồ sơ %(code)s sau khi bổ sung."))
    return locked


@transaction.atomic
def admit(
    *, dossier: Dossier, area_checked: bool, area_reason: str, actor: Any, now: dt.datetime, remark: str | None = None
) -> Dossier:
    """Conclude that the dossier is eligible: papers complete, area checked by a person, with the ground.

    Whether a place is rural after the districts were abolished is not computed (rules.md §2).
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_check)
    _refuse_not_checking(locked)
    refuse_dossier_out_of_order(locked, D.ELIGIBLE)
    _refuse_unfit(locked.product)
    _refuse_incomplete(locked, now)
    _refuse_area_unchecked(area_checked, normalise(area_reason))
    locked.area_checked, locked.area_reason = True, normalise(area_reason)
    locked.support_remark = locked.support_remark if remark is None else remark.strip()
    _freeze(locked)
    _conclude(locked, D.ELIGIBLE, reason="", actor=actor, now=now)
    note(
        locked,
        actor=actor,
        action="dossier.admit",
        sentence=_("Kết luận hồ sơ %(code)s đủ điều kiện."),
        reason=locked.area_reason,
    )
    return locked


@transaction.atomic
def reject(*, dossier: Dossier, reason: str, actor: Any, now: dt.datetime) -> Dossier:
    """Conclude that the dossier is not eligible. After scoring is closed nothing changes any more."""
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_check)
    _refuse_sealed(locked)
    refuse_dossier_out_of_order(locked, D.NOT_ELIGIBLE)
    words = require_reason(reason)
    _conclude(locked, D.NOT_ELIGIBLE, reason=words, actor=actor, now=now)
    note(
        locked,
        actor=actor,
        action="dossier.reject",
        sentence=_("Kết luận hồ sơ %(code)s không đủ điều kiện."),
        reason=words,
    )
    return locked


@transaction.atomic
def withdraw(*, dossier: Dossier, reason: str, actor: Any, now: dt.datetime) -> Dossier:
    """The facility takes its dossier back, before scoring is closed."""
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_receive)
    _refuse_sealed(locked)
    refuse_dossier_out_of_order(locked, D.WITHDRAWN)
    words = require_reason(reason)
    locked.state, locked.state_reason = D.WITHDRAWN, words
    save(locked)
    note(locked, actor=actor, action="dossier.withdraw", sentence=_("Cơ sở rút hồ sơ %(code)s."), reason=words)
    return locked


def _today(now: dt.datetime) -> dt.date:
    return timezone.localtime(now).date()


def _conclude(dossier: Dossier, state: D, *, reason: str, actor: Any, now: dt.datetime) -> None:
    dossier.state, dossier.state_reason = state, reason
    dossier.checked_at, dossier.checked_by = now, actor
    save(dossier)


def _refuse_not_receiving(round_: Round, origin: str) -> None:
    late_paper = round_.state == RoundState.SCREENING and origin == Origin.PAPER
    if round_.state == RoundState.RECEIVING or late_paper:
        return
    raise Refusal(
        "round_not_receiving",
        _("Kỳ bình chọn %(state)s nên không lập hồ sơ mới. Chỉ lập được khi kỳ đang nhận hồ sơ.")
        % {"state": str(round_.get_state_display()).lower()},
        field="round",
    )


def _refuse_outside(round_: Round, product: Product) -> None:
    place = product.facility.territory if product.facility else product.territory
    if round_.level == Level.NATIONAL:
        return
    inside = region_ids(round_.region) if round_.level == Level.REGION else family_ids(round_.territory_id or 0)
    if place.pk not in inside:
        raise Refusal(
            "product_outside",
            _("Cơ sở làm ra sản phẩm thuộc %(place)s, ngoài phạm vi của kỳ bình chọn này.") % {"place": place.name},
            field="product",
        )


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


def _day_of_receipt(dossier: Dossier, now: dt.datetime, received_on: dt.date | None) -> dt.date:
    """The day the dossier came in; refused when that was not while the round received."""
    round_, today = dossier.round, _today(now)
    if received_on is not None and received_on > today:
        raise Refusal(
            "received_in_future", _("Ngày nhận %(day)s ở sau hôm nay.") % {"day": day(received_on)}, field="received_on"
        )
    if received_on is not None and round_.receiving_from and received_on < _today(round_.receiving_from):
        raise Refusal(
            "received_too_early",
            _("Kỳ bình chọn nhận hồ sơ từ %(day)s. Hãy kiểm tra lại ngày nhận.")
            % {"day": day(_today(round_.receiving_from))},
            field="received_on",
        )
    if round_.receiving_open(now):
        return received_on or today
    return _late_paper(dossier, received_on, now)


def _late_paper(dossier: Dossier, received_on: dt.date | None, now: dt.datetime) -> dt.date:
    round_ = dossier.round
    if round_.state in CHECKING and round_.receiving_from and now < round_.receiving_from:
        raise Refusal(
            "receiving_not_open",
            _("Kỳ bình chọn nhận hồ sơ từ %(start)s.") % {"start": moment(round_.receiving_from)},
        )
    late_allowed = round_.state in CHECKING and dossier.origin == Origin.PAPER and received_on is not None
    if late_allowed and received_on is not None and received_on <= _last_day(round_):
        return received_on
    if round_.state not in CHECKING:
        refuse_round_state(round_, CHECKING, _("Kỳ bình chọn %(state)s nên không nhận hồ sơ nữa."))
    raise Refusal(
        "receiving_closed",
        _("Đã hết nhận hồ sơ%(when)s. Hồ sơ giấy nhận trước hạn thì ghi ngày nhận để nhập.")
        % {"when": _(" từ %(moment)s") % {"moment": moment(round_.receiving_until)} if round_.receiving_until else ""},
        field="received_on",
    )


def _last_day(round_: Round) -> dt.date:
    """The last day with an instant before the deadline: midnight itself belongs to the day after."""
    if round_.receiving_until is None:
        return dt.date.max
    return _today(round_.receiving_until - dt.timedelta(microseconds=1))


def _next_code(round_: Round) -> str:
    """The next number in the round; the round's row is locked, so no two dossiers get the same."""
    codes = round_.dossiers.exclude(entry_code="").values_list("entry_code", flat=True)
    highest = max((int(code) for code in codes if code.isdigit()), default=0)
    return f"{highest + 1:0{CODE_WIDTH}}"


def _refuse_not_checking(dossier: Dossier) -> None:
    refuse_round_state(
        dossier.round, CHECKING, _("Kỳ bình chọn %(state)s nên việc kiểm tra hồ sơ đã khép lại hoặc chưa mở.")
    )


def _refuse_sealed(dossier: Dossier) -> None:
    refuse_round_state(
        dossier.round, BEFORE_SEAL, _("Kỳ bình chọn %(state)s, điểm đã niêm phong nên hồ sơ không đổi được.")
    )


def _refuse_incomplete(dossier: Dossier, now: dt.datetime) -> None:
    rows = queries.checklist(dossier, on=_today(now))
    if not is_complete(rows):
        reasons = missing_sentences(rows)
        raise Refusal(
            "dossier_incomplete",
            _("Chưa kết luận đủ điều kiện được: còn %(total)s giấy tờ chưa đủ.") % {"total": len(reasons)},
            details=reasons,
        )


def _refuse_area_unchecked(checked: bool, reason: str) -> None:
    if not checked:
        raise Refusal(
            "area_unchecked",
            _("Hãy xác nhận đã kiểm tra cơ sở đầu tư sản xuất tại địa bàn nông thôn."),
            field="area_checked",
        )
    if not reason:
        raise Refusal("area_reason_missing", _("Hãy ghi căn cứ kiểm tra địa bàn."), field="area_reason")


def _freeze(dossier: Dossier) -> None:
    """Freeze what stands in the dossier as a new version, unless nothing changed since the last one."""
    content = _content(dossier)
    sha256 = digest(content)
    last = dossier.versions.order_by("-number").first()
    if last is not None and last.sha256 == sha256:
        return
    dossier.version = last.number + 1 if last else 1
    DossierVersion.objects.create(dossier=dossier, number=dossier.version, content=content, sha256=sha256)


def _content(dossier: Dossier) -> dict[str, Any]:
    """What was submitted, in plain values. No tax code, contact or yearly figure: a version is read by judges."""
    product, facility = dossier.product, dossier.product.facility
    return {
        "round": str(dossier.round.uuid),
        "entry_code": dossier.entry_code,
        "product": {
            "uuid": str(product.uuid),
            "name": product.name,
            "group": product.group,
            "is_set": product.is_set,
            "members": [member.name for member in product.members.all()],
            "materials": product.materials,
        },
        "facility": {
            "uuid": str(facility.uuid),
            "name": facility.name,
            "kind": facility.kind,
            "address": facility.address_today or facility.address_recognised,
        }
        if facility
        else None,
        "statement": dossier.statement,
        "first_time": dossier.first_time,
        "origin": dossier.origin,
        "received_on": dossier.received_on.isoformat() if dossier.received_on else None,
        "documents": [
            {
                "kind": document.kind,
                "title": document.title,
                "sha256": document.file.sha256 if document.file else "",
                "on_paper": document.on_paper,
                "valid_until": document.valid_until.isoformat() if document.valid_until else None,
            }
            for document in dossier.documents.select_related("file").order_by("kind", "pk")
        ],
    }
