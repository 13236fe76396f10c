"""The answer to a certificate's code, and to a name typed in its place. Reads only."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from facilities.publication import commune_of, is_person, public_address, public_address_recognised
from portal.territory.queries import unit_today
from portal.text.folding import name_key
from portal.text.formats import day as day_words

from . import as_of, codes
from .cards import Standing, facility_name, place_then, standing, telling_first
from .catalogue import PER_PAGE, Clock, found_by, ids_of
from .enums import LEVEL_RANK, Level, Stage
from .filters import Filters
from .making_day import Span
from .models import Certificate, Product, Recognition
from .models.recognition import PUBLISHED
from .nearby import meant, with_known_words
from .successors import Successor, successor_of, what_is_gone
from .trace import TraceLine, trace_of
from .validity import Facts
from .validity_sql import due_to_be_withheld
from .withholding import is_withheld

ONE_DAY = dt.timedelta(days=1)


# --- one certificate ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What a code stands for on a day. Of a withheld one nothing may be shown but level, year and its end."""

    certificate: Certificate
    standing: Standing
    in_use: Certificate | None = None
    is_withheld: bool = False

    @property
    def status(self) -> str:
        return self.standing.status

    @property
    def row(self) -> Recognition:
        return self.standing.row

    @property
    def product(self) -> Product:
        return self.row.product


def checked(code: str, clock: Clock) -> Answer | None:
    """What a stored code stands for; None for an unknown one and for what is not published. At most two queries."""
    paper = (
        Certificate.objects.filter(
            code=code, recognition__stage=Stage.RECOGNISED, recognition__published_at__isnull=False
        )
        .select_related(
            "recognition__product__facility__commune",
            "recognition__territory",
            "recognition__decision",
            "recognition__revocation_decision",
            "recognition__validity_rule",
        )
        .first()
    )
    if paper is None:
        return None
    row = paper.recognition
    superseded = paper.superseded_on is not None and paper.superseded_on <= clock.on
    found = standing(row, on=clock.on, expiring_days=clock.expiring_days, superseded=superseded)
    if is_withheld(row, maker=row.product.facility, on=clock.on):
        return Answer(paper, found, is_withheld=True)
    in_use = row.certificates.filter(superseded_on=None).first() if superseded else None
    return Answer(paper, found, in_use)


def nearest(code: str) -> str:
    """The one published certificate's code that a mistyped one was meant to be; empty unless exactly one fits.

    One query. What is not published is never offered.
    """
    likely = codes.near(code)
    if not likely:
        return ""
    rows = Certificate.objects.filter(code__in=likely, recognition__in=Recognition.objects.published())
    found = list(rows.values_list("code", flat=True)[:2])
    return found[0] if len(found) == 1 else ""


def wrong_places(code: str, meant: str) -> list[tuple[int, str, str]]:
    """Where two codes of the same length differ: the place counted from 1, what was typed, what was meant."""
    return [(i, a, b) for i, (a, b) in enumerate(zip(code, meant, strict=True), start=1) if a != b]


# --- everything the page shows of it ------------------------------------------------------------------------


@dataclass(frozen=True)
class Name:
    """A name as printed on the paper, and as it is today where that is another."""

    then: str
    now: str = ""


@dataclass(frozen=True)
class Address:
    """An address as printed or recognised, and as recorded today; either may not be known."""

    then: str = ""
    now: str = ""

    @property
    def moved(self) -> bool:
        return bool(self.then and self.now) and name_key(self.then) != name_key(self.now)


@dataclass(frozen=True)
class Other:
    """Another recognition of the same product, and the code of its certificate in use."""

    standing: Standing
    code: str


@dataclass(frozen=True)
class Detail:
    """An answer with all that stands around it."""

    answer: Answer
    product: Name
    maker: Name
    address: Address
    place: Name
    others: list[Other] = field(default_factory=list)
    trace: list[TraceLine] = field(default_factory=list)
    successor: Successor | None = None
    gone: str = ""

    @property
    def in_force(self) -> list[Other]:
        return [other for other in self.others if other.standing.in_force]


def detail(answer: Answer, clock: Clock) -> Detail:
    """What the page of a certificate shows beside its state. At most five queries."""
    row, successor = answer.row, successor_of(answer.row, clock.on)
    return Detail(
        answer=answer,
        product=_renamed(str(answer.certificate.content.get("product", "")), row.product.display_name),
        maker=_renamed(str(answer.certificate.content.get("holder", "")), facility_name(row.product.facility)),
        address=_address(answer),
        place=_renamed(place_then(row), unit_today(row.territory_id).name),
        others=_others(row, clock),
        trace=trace_of(row),
        successor=successor,
        gone=what_is_gone(row) if successor else "",
    )


def _renamed(printed: str, now: str) -> Name:
    """What is printed counts; what it is called now is said beside it where the two differ."""
    if not printed or not now or name_key(printed) == name_key(now):
        return Name(printed or now)
    return Name(printed, now)


def _address(answer: Answer) -> Address:
    """Of a person only the commune, then and now."""
    maker = answer.product.facility
    if maker is None:
        return Address()
    printed = str(answer.certificate.content.get("holder_address", ""))
    if printed and is_person(maker):
        printed = commune_of(printed)
    then = printed or public_address_recognised(maker)
    now = public_address(maker) if maker.address_today or maker.commune_id else ""
    return Address(then, now)


def _others(row: Recognition, clock: Clock) -> list[Other]:
    """The product's other published recognitions, those in force and the highest first. Two queries at most."""
    rows = (
        Recognition.objects.published()
        .filter(product=row.product_id)
        .exclude(pk=row.pk)
        .select_related("decision", "validity_rule", "product__facility", "territory")
        .prefetch_related(Prefetch("certificates", Certificate.objects.filter(superseded_on=None)))
    )
    seen = [r for r in rows if not is_withheld(r, maker=r.product.facility, on=clock.on)]
    found = telling_first(standing(r, on=clock.on, expiring_days=clock.expiring_days) for r in seen)
    return [Other(s, next((paper.code for paper in s.row.certificates.all()), "")) for s in found]


# --- by the day of production -------------------------------------------------------------------------------

Word = Literal["yes", "no", "unknown", "partly"]


@dataclass(frozen=True)
class Part:
    """A run of days with one answer."""

    first: dt.date
    last: dt.date
    answer: str
    why: str


@dataclass(frozen=True)
class Made:
    """Whether a pack made within some days was made while its product was recognised."""

    span: Span
    answer: Word
    parts: list[Part]
    also: list[Standing] = field(default_factory=list)

    @property
    def why(self) -> str:
        return self.parts[0].why if len(self.parts) == 1 else ""


def made(answer: Answer, span: Span, others: Iterable[Other] = ()) -> Made:
    """The answer for a day, a month or a year. One query, one more for each other recognition that began before."""
    parts = _parts(answer.row, span)
    kinds = {part.answer for part in parts}
    word: Word = "partly" if "yes" in kinds and len(kinds) > 1 else _only(kinds)
    also = [
        other.standing
        for other in others
        if other.standing.row.begins_on <= span.last
        and {part.answer for part in _parts(other.standing.row, span)} == {"yes"}
    ]
    return Made(span, word, parts, sorted(also, key=lambda s: -LEVEL_RANK[Level(s.row.level)]))


def _only(kinds: set[str]) -> Word:
    if kinds == {"yes"}:
        return "yes"
    return "no" if kinds == {"no"} else "unknown"


def _parts(row: Recognition, span: Span) -> list[Part]:
    """The span cut where the answer may change, and put together again where it does not."""
    facts = as_of.facts_of(row)
    parts: list[Part] = []
    for first in _turns(facts, span):
        held = as_of.held_on(row, first, facts=facts)
        if parts and parts[-1].answer == held.answer:
            continue
        if parts:
            before = parts.pop()
            parts.append(Part(before.first, first - ONE_DAY, before.answer, before.why))
        parts.append(Part(first, span.last, held.answer, held.why))
    return parts


def _turns(facts: Facts, span: Span) -> list[dt.date]:
    """The first day of the span, and each within it on which a recognition may begin, stop or start again."""
    days = {facts.begins_on, facts.revoked_on, facts.withdrawn_on}
    for begins, ends in facts.pauses:
        days |= {begins, ends + ONE_DAY if ends else None}
    if facts.expires_on:
        days |= {facts.expires_on + ONE_DAY, dt.date(facts.expires_on.year, 1, 1)}
    return sorted({span.first, *(day for day in days if day and span.first < day <= span.last)})


def span_words(span: Span) -> str:
    """A day, a whole month, a whole year, or from one day to another."""
    if span.is_day:
        return _("ngày %(day)s") % {"day": day_words(span.first)}
    next_day = span.last + ONE_DAY
    if span.first.day == 1 and next_day.day == 1:
        if span.first.month == span.last.month:
            return _("tháng %(month)s") % {"month": f"{span.first:%m/%Y}"}
        if (span.first.month, span.last.month) == (1, 12):
            return _("năm %(year)s") % {"year": span.first.year}
    return _("từ %(first)s đến %(last)s") % {"first": day_words(span.first), "last": day_words(span.last)}


# --- by name ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A product found by name: its foremost recognition, and the certificate that stands for it."""

    standing: Standing
    maker: str
    place: str
    code: str
    more: int

    @property
    def product(self) -> Product:
        return self.standing.row.product


@dataclass(frozen=True)
class Names:
    """One page of what a name finds. `instead` are the words that were looked for where the asked ones find nothing."""

    words: str
    lines: list[Line]
    total: int
    page: int
    instead: str = ""

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PER_PAGE))


def by_name(words: str, page: int, clock: Clock) -> Names:
    """Products whose name, maker or province holds every word. Four queries; where none does, the nearest words."""
    asked, instead = Filters(q=words), ""
    total = found_by(asked, clock) if asked.words else 0
    if asked.words and not total and (near := meant(asked, clock) or with_known_words(asked, clock)):
        asked, instead = near, near.q
        total = found_by(asked, clock)
    names = Names(words, [], total, page, instead)
    page = min(page, names.pages)
    return Names(words, _lines(asked, page, clock) if total else [], total, page, instead)


def _lines(asked: Filters, page: int, clock: Clock) -> list[Line]:
    """Three queries for any number of rows."""
    start = (page - 1) * PER_PAGE
    ids = ids_of(asked, clock, start, start + PER_PAGE)
    rows = (
        Recognition.objects.filter(PUBLISHED, product__in=ids)
        .exclude(due_to_be_withheld(clock.on))
        .select_related("product__facility", "territory")
        .prefetch_related(Prefetch("certificates", Certificate.objects.filter(superseded_on=None)))
    )
    by_product: dict[int, list[Standing]] = {}
    for found in telling_first(standing(row, on=clock.on, expiring_days=clock.expiring_days) for row in rows):
        by_product.setdefault(found.row.product_id, []).append(found)
    return [_line(by_product[pk]) for pk in ids if pk in by_product]


def _line(found: list[Standing]) -> Line:
    best = found[0]
    return Line(
        standing=best,
        maker=facility_name(best.row.product.facility),
        place=place_then(best.row),
        code=next((paper.code for paper in best.row.certificates.all()), ""),
        more=len(found) - 1,
    )
