"""Whether a round takes a dossier, when it came in and which number it gets."""

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from portal.territory.queries import family_ids, region_ids
from portal.text.errors import Refusal
from portal.text.formats import day
from products.enums import Level
from products.models import Product

from ..enums import Origin, RoundState
from ..models import Dossier, Round
from ..states import CHECKING
from .guards import moment
from .shared import refuse_round_state

CODE_WIDTH = 3
# Handed over before the deadline and typed in by the receiving office afterwards.
TYPED_IN_LATER = (Origin.PAPER, Origin.PUBLIC_SERVICE, Origin.NOMINATION)


def refuse_not_receiving(round_: Round, origin: str) -> None:
    handed_over = round_.state == RoundState.SCREENING and origin in TYPED_IN_LATER
    if round_.state == RoundState.RECEIVING or handed_over:
        return
    raise Refusal(
        "round_not_receiving",
        _("Kỳ bình chọn %(state)s nên không lập hồ sơ mới. Chỉ lập được khi kỳ đang nhận hồ sơ.")
        % {"state": str(round_.get_state_display()).lower()},
        field="round",
    )


def refuse_outside(round_: Round, product: Product) -> None:
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


def today_of(now: dt.datetime) -> dt.date:
    """The day in Vietnam."""
    return timezone.localtime(now).date()


def day_of_receipt(dossier: Dossier, now: dt.datetime, received_on: dt.date | None) -> dt.date:
    """The day the dossier came in; refused when that was not while the round received."""
    round_, today = dossier.round, today_of(now)
    refuse_wrong_day(round_, received_on, today)
    if round_.receiving_open(now):
        return received_on or today
    return _late_paper(dossier, received_on, now)


def refuse_wrong_day(round_: Round, received_on: dt.date | None, today: dt.date) -> None:
    """A day of receipt in the future, or before the round received."""
    if received_on is not None and received_on > today:
        raise Refusal(
            "received_in_future", _("Ngày nhận %(day)s ở sau hôm nay.") % {"day": day(received_on)}, field="received_on"
        )
    if received_on is not None and round_.receiving_from and received_on < today_of(round_.receiving_from):
        raise Refusal(
            "received_too_early",
            _("Kỳ bình chọn nhận hồ sơ từ %(day)s. Hãy kiểm tra lại ngày nhận.")
            % {"day": day(today_of(round_.receiving_from))},
            field="received_on",
        )


def _late_paper(dossier: Dossier, received_on: dt.date | None, now: dt.datetime) -> dt.date:
    round_ = dossier.round
    if round_.state in CHECKING and round_.receiving_from and now < round_.receiving_from:
        raise Refusal(
            "receiving_not_open",
            _("Kỳ bình chọn nhận hồ sơ từ %(start)s.") % {"start": moment(round_.receiving_from)},
        )
    late_allowed = round_.state in CHECKING and dossier.origin in TYPED_IN_LATER and received_on is not None
    if late_allowed and received_on is not None and received_on <= last_day(round_):
        return received_on
    if round_.state not in CHECKING:
        refuse_round_state(round_, CHECKING, _("Kỳ bình chọn %(state)s nên không nhận hồ sơ nữa."))
    raise Refusal(
        "receiving_closed",
        _("Đã hết nhận hồ sơ%(when)s. Hồ sơ giấy nhận trước hạn thì ghi ngày nhận để nhập.")
        % {"when": _(" từ %(moment)s") % {"moment": moment(round_.receiving_until)} if round_.receiving_until else ""},
        field="received_on",
    )


def last_day(round_: Round) -> dt.date:
    """The last day with an instant before the deadline: midnight itself belongs to the day after."""
    if round_.receiving_until is None:
        return dt.date.max
    return today_of(round_.receiving_until - dt.timedelta(microseconds=1))


def next_code(round_: Round) -> str:
    """The next number in the round; the round's row is locked, so no two dossiers get the same."""
    codes = round_.dossiers.exclude(entry_code="").values_list("entry_code", flat=True)
    highest = max((int(code) for code in codes if code.isdigit()), default=0)
    return f"{highest + 1:0{CODE_WIDTH}}"
