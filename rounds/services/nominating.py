"""A unit's list of nominations on its way up: opened, decided line by line, lettered, sent.

What happens to it above is in `nominations_taken`; both are reached from here.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.files.models import StoredFile
from portal.territory.models import Commune, Territory
from portal.territory.queries import current_of, family_ids, unit_today
from portal.text.errors import Refusal
from portal.text.folding import normalise
from portal.text.formats import day
from products.enums import Level
from products.models import Product

from .. import nomination_queries as queries
from ..enums import ListState, NotNominated, RoundState, VerdictChoice
from ..manifest import digest
from ..models import Nomination, NominationList, Round
from ..nominating import CHAIN, NEEDS_WORDS, Draft, Line, Sender, reasons_not_to_send
from ..nominating_rules import require_sender
from ..nomination_manifest import manifest_of
from ..states import CHECKING
from .guards import moment
from .nominations_taken import Carried, carried_from, close, close_lists, receive, return_, settle_outcomes
from .nominations_told import tell_sent
from .receiving import today_of
from .shared import require_reason

__all__ = [
    "Carried",
    "Choice",
    "attach_letter",
    "carried_from",
    "choose",
    "close",
    "close_lists",
    "decide",
    "fill_from_council",
    "leave_out",
    "open_list",
    "receive",
    "refuse_closed",
    "return_",
    "say_nothing",
    "send",
    "settle_outcomes",
]


@dataclass(frozen=True)
class Choice:
    """What a person decides on one product: chosen, left out with a reason, or neither again."""

    product_id: int
    chosen: bool = False
    why_not: str = ""
    reason: str = ""
    position: int | None = None


@transaction.atomic
def open_list(
    *, round_: Round, territory: Territory, actor: Any, now: dt.datetime, commune: Commune | None = None
) -> NominationList:
    """The unit's list for the round: the one there is, else a new draft while the round receives.

    Every product that may go up stands on it, to be decided on. After a list was returned the new one begins with
    what that one said. Raises Refusal `not_allowed`, `round_elsewhere`, `round_not_receiving`.
    """
    own = current_of(territory)
    require_sender(actor, territory_id=own.pk, commune_id=commune.pk if commune else None)
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    _refuse_elsewhere(locked, own, commune)
    lists = NominationList.objects.filter(round=locked, territory__in=family_ids(own.pk), commune=commune)
    row = lists.exclude(state=ListState.RETURNED).first()
    if row is None:
        refuse_closed(locked, now)
        row = _created(locked, own, commune)
        _take_over(row, lists.filter(state=ListState.RETURNED).order_by("-returned_at").first())
        _note(row, actor, "nomination.open", _("Lập danh sách đề cử của %(unit)s cho %(round)s."))
    if row.state == ListState.DRAFT:
        _bring_up_to_date(row, on=today_of(now))
    return row


def _created(round_: Round, territory: Territory, commune: Commune | None) -> NominationList:
    try:
        with transaction.atomic():
            return NominationList.objects.create(
                round=round_,
                territory=territory,
                commune=commune,
                level=round_.level,
                region=round_.region,
                year=round_.year,
                ordinal=round_.ordinal,
            )
    except IntegrityError as error:
        raise Refusal(
            "list_exists", _("Đơn vị đã có danh sách đề cử cho cấp, năm và lần này. Hãy mở danh sách đã có.")
        ) from error


def _take_over(row: NominationList, returned: NominationList | None) -> None:
    """What the returned list said, as a draft to be mended."""
    if returned is None:
        return
    for name in ("nothing_reason", "letter_number", "letter_on", "letter_signer", "letter_scan"):
        setattr(row, name, getattr(returned, name))
    row.save()
    Nomination.objects.bulk_create(
        Nomination(
            nomination_list=row,
            product_id=line.product_id,
            recognition_id=line.recognition_id,
            source_id=line.source_id,
            chosen=line.chosen,
            position=line.position,
            why_not=line.why_not,
            reason=line.reason,
        )
        for line in returned.nominations.all()
    )


def _bring_up_to_date(row: NominationList, *, on: dt.date) -> list[Line]:
    """New products come on the draft, undecided ones that may no longer go up leave it. How the lines stand now."""
    assert row.round is not None
    unit = queries.unit_of_list(row)
    listed = {line.product_id: line for line in row.nominations.select_related("product")}
    due = {one.product.pk: one for one in queries.what_may(unit, row.round, on=on, current_only=True)}
    rest = queries.what_may(unit, row.round, on=on, products=listed.keys() - due.keys()) if listed else []
    options = due | {one.product.pk: one for one in rest}
    for pk, line in list(listed.items()):
        option = options.get(pk)
        if not line.chosen and (option is None or not option.answer.allowed):
            line.delete()
            del listed[pk]
        elif option is not None and _rests_elsewhere(line, option):
            line.recognition, line.source = option.recognition, option.source
            line.save(update_fields=["recognition", "source"])
    new = [one for pk, one in due.items() if one.answer.is_due and pk not in listed]
    made = [_line_of(row, one) for one in new]
    Nomination.objects.bulk_create(made)
    lines = [*listed.values(), *made]
    return [_standing(line, options.get(line.product_id)) for line in lines]


def _rests_elsewhere(line: Nomination, option: queries.Option) -> bool:
    recognition, source = option.recognition, option.source
    return line.recognition_id != (recognition.pk if recognition else None) or line.source_id != (
        source.pk if source else None
    )


def _line_of(row: NominationList, option: queries.Option) -> Nomination:
    return Nomination(nomination_list=row, product=option.product, recognition=option.recognition, source=option.source)


def _standing(line: Nomination, option: queries.Option | None) -> Line:
    return Line(line.product.name, line.chosen, line.why_not, line.reason, option.answer if option else None)


# --- line by line -----------------------------------------------------------------------------------------


@transaction.atomic
def decide(
    *,
    nomination_list: NominationList,
    choices: Iterable[Choice],
    actor: Any,
    now: dt.datetime,
    nothing_reason: str | None = None,
) -> NominationList:
    """Write several decisions at once. The quota is only looked at when the list is sent.

    Raises Refusal `not_allowed`, `list_not_draft`, `not_offered` and `unknown_reason`; the last two name the products.
    """
    row = lock_draft(nomination_list, actor)
    wanted = {choice.product_id: choice for choice in choices}
    faults = [] if not wanted else _write_choices(row, wanted, on=today_of(now))
    if faults:
        raise Refusal("not_offered", _("Có sản phẩm không ghi được như đã chọn."), details=tuple(faults))
    if nothing_reason is not None:
        row.nothing_reason = normalise(nothing_reason)
        row.save(update_fields=["nothing_reason"])
    _renumber(row)
    chosen = row.nominations.filter(chosen=True).count()
    _note(
        row,
        actor,
        "nomination.decide",
        _("Ghi danh sách đề cử của %(unit)s cho %(round)s: chọn %(chosen)s trong %(total)s sản phẩm."),
        chosen=chosen,
        total=row.nominations.count(),
    )
    return row


def _write_choices(row: NominationList, wanted: dict[int, Choice], *, on: dt.date) -> list[str]:
    assert row.round is not None
    listed = {line.product_id: line for line in row.nominations.select_related("product")}
    asked = [pk for pk, choice in wanted.items() if choice.chosen or pk not in listed]
    options = {
        one.product.pk: one
        for one in (queries.what_may(queries.unit_of_list(row), row.round, on=on, products=asked) if asked else [])
    }
    faults = []
    for pk, choice in wanted.items():
        line, option = listed.get(pk), options.get(pk)
        if line is None and option is None:
            faults.append(_("Sản phẩm không thuộc đơn vị này. Hãy tải lại trang."))
        elif choice.chosen and option is not None and not option.allowed and not (line and line.chosen):
            faults.append(_("“%(name)s”: %(why)s") % {"name": option.product.name, "why": option.why})
        elif choice.why_not and choice.why_not not in NotNominated.values:
            faults.append(_("Không có lý do này. Hãy chọn lại lý do trong danh sách."))
        else:
            _write_choice(row, line, option, choice)
    return faults


def _write_choice(row: NominationList, line: Nomination | None, option: queries.Option | None, choice: Choice) -> None:
    if line is None:
        if option is None or not (choice.chosen or choice.why_not):
            return
        line = _line_of(row, option)
    line.chosen = choice.chosen
    line.why_not = "" if choice.chosen else choice.why_not
    line.reason = "" if choice.chosen else normalise(choice.reason)
    if choice.position is not None:
        line.position = choice.position
    elif not choice.chosen:
        line.position = 0
    line.save()


def _renumber(row: NominationList) -> None:
    """Chosen lines are numbered from 1 in the order typed; one without a number comes last."""
    chosen = list(row.nominations.filter(chosen=True).select_related("product"))
    ordered = sorted(chosen, key=lambda line: (line.position == 0, line.position, line.product.sort_key, line.pk))
    for number, line in enumerate(ordered, start=1):
        line.position = number
    Nomination.objects.bulk_update(ordered, ["position"])
    row.nominations.filter(chosen=False).exclude(position=0).update(position=0)


def choose(
    *, nomination_list: NominationList, product: Product, actor: Any, now: dt.datetime, position: int | None = None
) -> NominationList:
    """Nominate one product."""
    choice = Choice(product.pk, chosen=True, position=position)
    return decide(nomination_list=nomination_list, choices=[choice], actor=actor, now=now)


def leave_out(
    *, nomination_list: NominationList, product: Product, why: str, actor: Any, now: dt.datetime, reason: str = ""
) -> NominationList:
    """Do not nominate one product, with the reason. "Other" needs words: Refusal `reason_missing`."""
    if why in NEEDS_WORDS:
        require_reason(reason)
    choice = Choice(product.pk, why_not=why, reason=reason)
    return decide(nomination_list=nomination_list, choices=[choice], actor=actor, now=now)


def say_nothing(*, nomination_list: NominationList, reason: str, actor: Any, now: dt.datetime) -> NominationList:
    """Why the unit nominates nothing at all."""
    words = require_reason(reason, field="nothing_reason")
    return decide(nomination_list=nomination_list, choices=[], nothing_reason=words, actor=actor, now=now)


@transaction.atomic
def fill_from_council(*, nomination_list: NominationList, actor: Any, now: dt.datetime) -> NominationList:
    """Choose what the council below proposed, in the order of its result, as many as may go up; the rest is over quota.

    A product that somebody left out for a reason of its own stays left out.
    """
    row = lock_draft(nomination_list, actor)
    assert row.round is not None
    _bring_up_to_date(row, on=today_of(now))
    lines = list(row.nominations.select_related("product", "source__result", "source__verdict"))
    kept = {NotNominated.OVER_QUOTA, ""}
    open_ = [line for line in lines if line.why_not in kept and _was_proposed(line)]
    quota = queries.quota_of(row.round, row.territory_id)
    room = quota.maximum if quota else len(open_)
    ordered = sorted(open_, key=_council_order)
    choices = [
        Choice(line.product_id, chosen=True, position=place)
        if place <= room
        else Choice(line.product_id, why_not=NotNominated.OVER_QUOTA)
        for place, line in enumerate(ordered, start=1)
    ]
    return decide(nomination_list=row, choices=choices, actor=actor, now=now)


def _was_proposed(line: Nomination) -> bool:
    verdict = getattr(line.source, "verdict", None) if line.source else None
    return verdict is not None and verdict.choice == VerdictChoice.RECOGNISE


def _council_order(line: Nomination) -> tuple[Any, ...]:
    """By mean, the highest first; a set formed after scoring has none and comes after, by name."""
    result = getattr(line.source, "result", None)
    mean = Fraction(result.points) / result.divisor if result is not None and result.divisor else None
    rank = result.rank or 0 if result is not None else 0
    return (mean is None, -(mean or 0), rank, line.product.sort_key, line.pk)


# --- the letter and the sending ---------------------------------------------------------------------------


@transaction.atomic
def attach_letter(
    *,
    nomination_list: NominationList,
    number: str,
    on: dt.date | None,
    signer: str,
    actor: Any,
    now: dt.datetime,
    scan: StoredFile | None = None,
) -> NominationList:
    """The letter of proposal: its number, day, who signs, and its scan. A scan that is there stays until replaced."""
    row = lock_draft(nomination_list, actor)
    if on is not None and on > today_of(now):
        raise Refusal(
            "letter_in_future", _("Ngày công văn %(day)s ở sau hôm nay.") % {"day": day(on)}, field="letter_on"
        )
    row.letter_number, row.letter_on, row.letter_signer = normalise(number), on, normalise(signer)
    row.letter_scan = scan or row.letter_scan
    row.save()
    _note(
        row,
        actor,
        "nomination.letter",
        _("Ghi công văn %(number)s cho danh sách đề cử của %(unit)s."),
        number=row.letter_number or "–",
    )
    return row


@transaction.atomic
def send(*, nomination_list: NominationList, actor: Any, now: dt.datetime) -> NominationList:
    """Freeze the list under its hash and hand it to who runs the round above.

    Raises Refusal `list_not_draft`, and `list_not_ready` with every reason why it cannot go.
    """
    row = lock_draft(nomination_list, actor)
    assert row.round is not None
    lines = _bring_up_to_date(row, on=today_of(now))
    if reasons := reasons_not_to_send(draft_of(row, lines, now), on=today_of(now)):
        raise Refusal(
            "list_not_ready",
            _("Chưa gửi được, còn %(total)s việc.") % {"total": len(reasons)},
            details=tuple(reasons),
        )
    row.manifest = manifest_of(row, sent_at=now)
    row.manifest_hash = digest(row.manifest)
    row.state, row.sent_at, row.sent_by = ListState.SENT, now, actor
    row.save()
    _note(row, actor, "nomination.send", _("Gửi danh sách đề cử của %(unit)s cho %(round)s."), hash=row.manifest_hash)
    tell_sent(row, now=now)
    return row


def draft_of(row: NominationList, lines: list[Line], now: dt.datetime) -> Draft:
    """The list as `reasons_not_to_send` reads it. One query."""
    assert row.round is not None
    quota = queries.quota_of(row.round, row.territory_id)
    return Draft(
        lines=lines,
        is_open=row.round.receiving_open(now),
        closed_words=closed_words(row.round, now),
        quota=quota.maximum if quota else None,
        nothing_reason=row.nothing_reason,
        letter_number=row.letter_number,
        letter_on=row.letter_on,
        letter_signer=row.letter_signer,
    )


def lock_draft(nomination_list: NominationList, actor: Any) -> NominationList:
    """Lock the round's row, then the list's, always in this order; refuse whoever may not, and what is sent."""
    round_ = Round.objects.select_for_update(of=("self",)).get(nomination_lists=nomination_list.pk)
    row = NominationList.objects.select_for_update().get(pk=nomination_list.pk)
    row.round = round_
    require_sender(actor, territory_id=row.territory_id, commune_id=row.commune_id)
    if row.state != ListState.DRAFT:
        raise Refusal(
            "list_not_draft",
            _("Danh sách này %(state)s nên không sửa, không gửi lại được. Hãy tải lại trang.")
            % {"state": str(row.get_state_display()).lower()},
        )
    return row


def refuse_closed(round_: Round, now: dt.datetime) -> None:
    if not round_.receiving_open(now):
        raise Refusal("round_not_receiving", closed_words(round_, now))


def closed_words(round_: Round, now: dt.datetime) -> str:
    """Why the round takes no list at this moment; the deadline itself is already too late."""
    if round_.receiving_until is not None and now >= round_.receiving_until and round_.state in CHECKING:
        return _("Đã hết hạn nhận hồ sơ từ %(moment)s.") % {"moment": moment(round_.receiving_until)}
    if round_.state == RoundState.RECEIVING and round_.receiving_from is not None and now < round_.receiving_from:
        return _("Kỳ nhận hồ sơ từ %(moment)s.") % {"moment": moment(round_.receiving_from)}
    return _("Kỳ %(state)s nên không nhận danh sách đề cử.") % {"state": str(round_.get_state_display()).lower()}


def _refuse_elsewhere(round_: Round, territory: Territory, commune: Commune | None) -> None:
    step = CHAIN.get(Level(round_.level))
    if step is None or (step.sender == Sender.COMMUNE) != (commune is not None):
        raise Refusal("round_elsewhere", _("Kỳ này không nhận danh sách đề cử của đơn vị."))
    inside = {
        Level.PROVINCE: round_.territory_id in family_ids(territory.pk),
        Level.REGION: unit_today(territory.pk).region == round_.region,
        Level.NATIONAL: True,
    }[Level(round_.level)]
    if not inside or (commune is not None and commune.territory_id not in family_ids(territory.pk)):
        raise Refusal("round_elsewhere", _("Kỳ này không nhận danh sách đề cử của đơn vị."))


def _note(row: NominationList, actor: Any, action: str, sentence: str, **words: Any) -> None:
    said = {"unit": row.commune or row.territory, "round": row.round.title if row.round else row, **words}
    record(
        actor=actor,
        action=action,
        sentence=sentence % said,
        subject=row,
        territory=row.territory,
        data={name: str(value) for name, value in words.items()},
    )
