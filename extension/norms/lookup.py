"""The public look-up of norms: how much, under what conditions, on which basis, how sure, and elsewhere."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portal.territory.models import Territory
from portal.territory.queries import Unit, register
from portal.text.errors import Refusal
from portal.text.folding import sort_key
from portal.text.formats import day as written_day

from ..enums import ActivityHead
from ..estimates.checking import basis_words
from ..models import NormItem, SupportNorm
from . import queries as norm_queries
from .allowance import allow
from .lookup_days import Days, read_day
from .lookup_words import LONGEST, Named, read_sum, understand
from .queries import Applied, Book

QUOTED, PRESS, CARRIED = "quoted", "quoted (press)", "carried over"
# Nearest other readings of a question that are shown beside the first.
MOST_OTHERS = 3


@dataclass(frozen=True)
class Question:
    """What was asked, as understood, on the day it is asked; `days` None when the question names none."""

    today: dt.date
    text: str = ""
    item: NormItem | None = None
    others: tuple[NormItem, ...] = ()
    place: Unit | None = None
    cost: int | None = None
    fault: str = ""
    # The sum as it was typed, to be shown again where it is not clear.
    typed: str = ""
    days: Days | None = None
    day_fault: str = ""

    @property
    def is_asked(self) -> bool:
        return bool(self.text or self.item)

    @property
    def on(self) -> dt.date:
        """The day that the answer is for."""
        return self.days.taken(self.today) if self.days else self.today

    @property
    def on_words(self) -> str:
        """That day in a sentence, and why it was taken."""
        facts = {"day": written_day(self.on)}
        if self.on == self.today:
            return _("Mức áp dụng hôm nay, ngày %(day)s.") % facts
        if self.days and self.days.first == self.days.last:
            return _("Mức áp dụng ngày %(day)s.") % facts
        if self.on < self.today:
            return _("Mức áp dụng ngày %(day)s, ngày cuối của thời gian bạn hỏi.") % facts
        return _("Mức áp dụng ngày %(day)s, ngày đầu của thời gian bạn hỏi, nếu quy định không đổi.") % facts


@dataclass(frozen=True)
class Sum:
    """How much of the cost in question: `most` None when no cost was said or nothing limits."""

    most: int | None
    own: int | None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """What one text gives for the same expense."""

    norm: SupportNorm
    place: str
    sum: Sum
    sure: str
    applies: bool = True


@dataclass(frozen=True)
class Answer:
    """What holds where it was asked about, and everything needed to judge it."""

    question: Question
    applied: Applied | None = None
    sum: Sum | None = None
    priority: Sum | None = None
    sure: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    others: tuple[tuple[NormItem, Sum], ...] = ()
    before: SupportNorm | None = field(default=None)


def shelf() -> list[NormItem]:
    """Expenses that a maker may ask about: not the portal's own management, not the priority itself. One query."""
    return list(NormItem.objects.exclude(head=ActivityHead.ADMINISTRATION).order_by("head", "pk"))


def places() -> list[Unit]:
    """The provinces of today in alphabetical order. No query when the register is cached."""
    units = [unit for unit in register().units.values() if unit.until is None]
    return sorted(units, key=lambda unit: sort_key(unit.name))


def question_of(given: Mapping[str, str], items: list[NormItem], today: dt.date) -> Question:
    """Fields go before words; what neither says stays open, a day is today."""
    text = given.get("q", "").strip()[:LONGEST]
    language = get_language() or ""
    said = understand(text, items=[_item_words(item) for item in items], places=_place_words(), language=language)
    by_code = {item.code: item for item in items}
    code = given.get("item") or (said.items[0] if said.items else "")
    others = tuple(by_code[key] for key in said.items if key != code)[:MOST_OTHERS]
    cost, fault = _cost(given.get("cost", ""), language)
    if not given.get("cost"):
        cost, fault = said.cost, said.fault
    days, day_fault = _day(given["day"].strip()) if given.get("day", "").strip() else (said.days, said.day_fault)
    typed = given.get("cost", "")[:LONGEST]
    asked = Question(today, text, by_code.get(code), others, None, cost, fault, typed, days, day_fault)
    return replace(asked, place=_unit(given.get("province") or said.place, asked.on))


def _unit(slug: str, on: dt.date) -> Unit | None:
    """The unit; before it began, the one that bore its name then."""
    units = register().units.values()
    found = next((unit for unit in units if unit.slug == slug), None)
    if found is None or found.since <= on:
        return found
    return next((unit for unit in units if unit.name == found.name and unit.holds_on(on)), found)


def _day(text: str) -> tuple[Days | None, str]:
    try:
        return read_day(text), ""
    except Refusal as refusal:
        return None, str(refusal)


def _cost(text: str, language: str) -> tuple[int | None, str]:
    try:
        return read_sum(text[:LONGEST], language), ""
    except Refusal as refusal:
        return None, str(refusal)


def _item_words(item: NormItem) -> Named:
    return Named(item.code, tuple(part.strip() for part in (item.name, item.name_en, *item.words.split(";"))))


def _place_words() -> list[Named]:
    """Every unit by every name it had; of two of one name the unit of today is meant."""
    found = register()
    words: dict[int, set[str]] = {}
    for row in found.names:
        words.setdefault(row.unit_id, set()).update({row.name, row.full_name, row.name_en})
    ordered = sorted(words, key=lambda pk: found.units[pk].until is not None)
    return [Named(found.units[pk].slug, tuple(sorted(words[pk]))) for pk in ordered]


def answer(question: Question) -> Answer:
    """The answer of the question's day. Four queries at most, whatever the norms."""
    item, on = question.item, question.on
    if item is None:
        return Answer(question)
    territory = Territory.objects.get(pk=question.place.pk) if question.place else None
    book = norm_queries.book(territory, on, samples=False)
    applied = book.applied(item.pk)
    every = list(
        SupportNorm.objects.filter(item=item).exclude(certainty=norm_queries.SAMPLE).select_related("territory", "item")
    )
    rows = tuple(_row(norm, book, question.cost, on) for norm in _standing(every, question))
    if applied is None:
        return Answer(question, rows=rows, others=_others(question, book), before=_last(every, on))
    return Answer(
        question,
        applied,
        _sum(item, applied, question.cost),
        _with_priority(item, applied, book, question.cost),
        tuple(_sure(applied)),
        rows,
        _others(question, book),
    )


def _sum(item: NormItem, applied: Applied, cost: int | None, multiplier: SupportNorm | None = None) -> Sum:
    """The most for a cost; without a cost only what the text limits."""
    if cost is None:
        times = multiplier.multiplier if multiplier else None
        alone = allow(cost=0, asked=0, percent=None, ceiling=applied.norm.ceiling, multiplier=times)
        return Sum(alone.cap, None, tuple(basis_words(applied)))
    facts = {
        "cost": cost,
        "percent": applied.percent,
        "ceiling": applied.norm.ceiling,
        "multiplier": multiplier.multiplier if multiplier else None,
        "counts_units": item.counts_units,
    }
    most = allow(asked=cost, **facts).allowed  # type: ignore[arg-type]
    words = allow(asked=0, **facts).why  # type: ignore[arg-type]
    return Sum(most, cost - most, (*basis_words(applied), words))


def _with_priority(item: NormItem, applied: Applied, book: Book, cost: int | None) -> Sum | None:
    """What a priority would make of it; None where it may not raise this ceiling."""
    if book.priority is None or not item.may_be_priority or applied.norm.ceiling is None:
        return None
    return _sum(item, applied, cost, book.priority)


def _others(question: Question, book: Book) -> tuple[tuple[NormItem, Sum], ...]:
    """Other readings of the words, each with what it would give there."""
    found = [(item, book.applied(item.pk)) for item in question.others]
    return tuple((item, _sum(item, applied, question.cost)) for item, applied in found if applied)


def _standing(norms: list[SupportNorm], question: Question) -> list[SupportNorm]:
    """In force on the day, or of unknown first day unless a day of the past is asked for; the nation first, then
    provinces by name."""
    past = question.on < question.today
    kept = [norm for norm in norms if norm.holds_on(question.on) and (norm.start_known or not past)]
    return sorted(kept, key=lambda norm: (norm.territory_id is not None, norm.territory and norm.territory.sort_key))


def _row(norm: SupportNorm, book: Book, cost: int | None, on: dt.date) -> Row:
    whole = book.national.get(norm.item_id)
    borrowed = whole if norm.percent is None and norm.territory_id and whole and whole.percent is not None else None
    applied = Applied(norm, borrowed.percent if borrowed else norm.percent, borrowed)
    return Row(norm, _place(norm, on), _sum(norm.item, applied, cost), certainty(norm.certainty), norm.start_known)


def _place(norm: SupportNorm, on: dt.date) -> str:
    """The place that made the text, by its name then; its English name on English pages."""
    if norm.territory is None:
        return _("Cả nước")
    names = [row for row in register().names if row.unit_id == norm.territory_id]
    english = names[-1].name_en if names and get_language() == "en" else ""
    return english or str(norm.territory)


def _sure(applied: Applied) -> list[str]:
    found = [certainty(applied.norm.certainty)]
    if applied.percent_from is not None:
        found.append(_("Tỷ lệ của văn bản này chưa rõ. Trung tâm Khuyến công của tỉnh cho biết tỷ lệ đúng."))
    return [sentence for sentence in found if sentence]


def certainty(code: str) -> str:
    """How sure the portal is of a norm, in a sentence."""
    return {
        QUOTED: _("Trích từ văn bản."),
        PRESS: _("Theo báo chí, chưa đối chiếu với văn bản gốc."),
        CARRIED: _("Giữ theo văn bản trước, chưa đối chiếu."),
        norm_queries.SAMPLE: _("Số liệu minh họa."),
    }.get(code, code)


def _last(norms: list[SupportNorm], on: dt.date) -> SupportNorm | None:
    """The norm of the whole nation that held last, where none holds now."""
    ended = [norm for norm in norms if norm.territory_id is None and norm.valid_to and norm.valid_to < on]
    return max(ended, key=lambda norm: norm.valid_from, default=None)
