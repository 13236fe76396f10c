"""Entering again: which recognitions of a maker end, into which open round they may go, what a new dossier is made
from and what it says otherwise. Reads only."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from facilities.models import Facility
from portal.territory.queries import family_ids, region_ids
from portal.text.folding import fold
from products import permits
from products.enums import LEVEL_RANK, Level, RenewalChoice
from products.models import Product, Recognition, RenewalAnswer
from products.standing_levels import LevelLine, lines_of

from . import rules
from .enums import DossierState, RoundState
from .models import Dossier, Round
from .renewal_changes import Changed, Comparison, How, compare
from .services.freezing import content_of
from .states import CHECKING

D = DossierState
# From how long before its last day the maker is asked, and how long after it still is.
ASKED_BEFORE = dt.timedelta(days=180)
ASKED_AFTER = dt.timedelta(days=730)
BELOW = {
    level: tuple(below for below, above in permits.LEVEL_ABOVE.items() if above == level)
    for level in (Level.PROVINCE, Level.REGION, Level.NATIONAL)
}
# A district recognises no more: what it recognised is entered in the commune's round.
AGAIN_AT = {Level.DISTRICT: (Level.DISTRICT, Level.COMMUNE)}
LOWEST = [level for level in Level if LEVEL_RANK[level] == 1]
# There the lower authority nominates; the maker files nothing.
BY_NOMINATION = (Level.REGION, Level.NATIONAL)
NEVER_ENTERED = (D.DRAFT, D.WITHDRAWN)


# --- which round ----------------------------------------------------------------------------------------------


def again_at(level: str) -> tuple[str, ...]:
    """Levels of the rounds in which a recognition of the level is renewed."""
    return AGAIN_AT.get(Level(level), (level,))


def open_rounds(recognition: Recognition, *, now: dt.datetime) -> list[Round]:
    """Rounds that receive now and may take the product again, the nearest deadline first. One query."""
    product = recognition.product
    rows = Round.objects.filter(state=RoundState.RECEIVING, level__in=again_at(recognition.level))
    return fitting(rows.select_related("territory", "receiving_unit"), product, recognition, now=now)


def rounds_received_by(user: Any, recognition: Recognition) -> list[Round]:
    """Rounds in which the person may enter, on paper, what the recognition's maker handed in. One query, and one each."""
    rows = Round.objects.filter(state__in=CHECKING, level__in=again_at(recognition.level)).select_related(
        "territory", "receiving_unit"
    )
    found = [row for row in rows if reaches(row, recognition.product) and rules.may_receive(user, row)]
    return sorted(found, key=lambda row: (row.receiving_until is None, row.receiving_until, row.pk))


def fitting(rounds: Iterable[Round], product: Product, recognition: Recognition, *, now: dt.datetime) -> list[Round]:
    """Those of the rounds that may take the product again, the nearest deadline first. No query."""
    levels = again_at(recognition.level)
    found = [row for row in rounds if row.level in levels and row.receiving_open(now) and reaches(row, product)]
    return sorted(found, key=lambda row: (row.receiving_until is None, row.receiving_until, row.pk))


def reaches(round_: Round, product: Product) -> bool:
    """Whether the place that makes the product lies in the round's area."""
    facility = product.facility
    place = facility.territory_id if facility else product.territory_id
    if round_.level == Level.NATIONAL:
        return True
    if round_.level == Level.REGION:
        return place in region_ids(round_.region)
    return place in family_ids(round_.territory_id or 0) and in_commune(round_, facility)


def in_commune(round_: Round, facility: Facility | None) -> bool:
    """A commune's round takes its own facilities; where a commune is not known, whoever receives decides."""
    if round_.level == Level.PROVINCE or facility is None or facility.commune is None:
        return True
    return fold(facility.commune.name) in fold(round_.locality)


def caution(round_: Round, recognitions: Iterable[Recognition]) -> str:
    """Why the round may not take the product: nothing below is still valid on its closing day. Empty when all is well.

    A round above another asks for the certificate of the level below, still valid (TT 26/2014/TT-BCT, Điều 12);
    where no round was held below, a letter stands in for it.
    """
    below = BELOW.get(Level(round_.level), ())
    if not below or not round_.lower_round_held or round_.receiving_until is None:
        return ""
    closing = last_instant_day(round_.receiving_until)
    held = [row for row in recognitions if row.level in below and row.published_at is not None]
    if any(permits.may_enter_above(row.facts(), row.level, closing).allowed for row in held):
        return ""
    return _(
        "%(round)s cần giấy chứng nhận cấp dưới còn hiệu lực đến ngày hết hạn nhận hồ sơ. "
        "Sổ chưa ghi công nhận cấp dưới nào còn hiệu lực đến ngày đó."
    ) % {"round": round_.title}


def last_instant_day(until: dt.datetime) -> dt.date:
    """The day of the last instant before a deadline."""
    from .services.receiving import today_of

    return today_of(until - dt.timedelta(microseconds=1))


# --- what a new dossier is made from ----------------------------------------------------------------------------


def last_dossier(product: Product, *, but: Round | None = None) -> Dossier | None:
    """The newest dossier of the product that was handed in. One query."""
    rows = Dossier.objects.filter(product=product, submitted_at__isnull=False).exclude(state__in=NEVER_ENTERED)
    if but is not None:
        rows = rows.exclude(round=but)
    return rows.select_related("round", "product__facility").order_by("-submitted_at", "-pk").first()


def frozen_content(dossier: Dossier) -> dict[str, Any]:
    """What was handed in last; of a dossier older than the freezing, what stands in it. One query, or four."""
    version = dossier.versions.order_by("-number").first()
    return version.content if version else content_of(dossier)


def comparison(dossier: Dossier) -> Comparison | None:
    """The dossier beside the one it was made from; None when it was made from the register alone. Four queries."""
    source = dossier.copied_from
    return None if source is None else compare(frozen_content(source), content_of(dossier))


def changes(dossier: Dossier) -> list[Changed]:
    """Every field and paper that differs from the dossier it was made from. Empty without one."""
    found = comparison(dossier)
    if found is None:
        return []
    papers = [
        Changed(
            f"paper.{row.kind}",
            row.label,
            "" if row.how == How.ADDED else row.label,
            "" if row.how == How.REMOVED else row.words,
        )
        for row in found.papers
        if row.how != How.SAME
    ]
    return [*found.changed, *papers]


# --- what the maker is asked ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ending:
    """A recognition that ends soon or has ended: what it allows, and what may be done about it."""

    row: Recognition
    line: LevelLine
    levels: tuple[LevelLine, ...]
    rounds: tuple[Round, ...]
    entered: Dossier | None
    answer: RenewalAnswer | None

    @property
    def product(self) -> Product:
        return self.row.product

    @property
    def others(self) -> tuple[LevelLine, ...]:
        """Where the product is recognised besides."""
        return tuple(line for line in self.levels if line.row.pk != self.row.pk)

    @property
    def only_round(self) -> Round | None:
        return self.rounds[0] if len(self.rounds) == 1 else None

    @property
    def by_nomination(self) -> bool:
        return self.row.level in BY_NOMINATION

    @property
    def asks(self) -> bool:
        """Whether the maker still has a word to say."""
        return self.entered is None and (self.answer is None or self.answer.choice == RenewalChoice.NOT_REACHED)


def endings_of(
    levels_of: Mapping[int, tuple[Product, list[LevelLine]]],
    *,
    dossiers: Sequence[Dossier],
    rounds: Sequence[Round],
    now: dt.datetime,
    on: dt.date,
) -> list[Ending]:
    """What the maker is asked about, the nearest end first; those to be answered before the others. One query.

    `levels_of` holds each product, read with its facility, and its lines by level; `dossiers` are read with their
    rounds, `rounds` are those that receive.
    """
    asked = [(product, lines, line) for product, lines in levels_of.values() for line in asked_about(lines, on=on)]
    answers = latest_answers([line.row.pk for _product, _lines, line in asked])
    found = [
        Ending(
            row=line.row,
            line=line,
            levels=tuple(lines),
            rounds=tuple(fitting(rounds, product, line.row, now=now)),
            entered=renewal_of(line.row, dossiers),
            answer=answers.get(line.row.pk),
        )
        for product, lines, line in asked
    ]
    return sorted(found, key=lambda one: (not one.asks, one.row.expires_on, one.row.pk))


def latest_answers(recognition_ids: Collection[int]) -> dict[int, RenewalAnswer]:
    """The answer that counts for each recognition. One query, none for none."""
    if not recognition_ids:
        return {}
    rows = RenewalAnswer.objects.filter(recognition__in=recognition_ids).order_by("answered_at", "pk")
    return {row.recognition_id: row for row in rows.select_related("answered_by")}


def standing_line(recognition: Recognition, *, on: dt.date, expiring_days: int) -> LevelLine:
    """How one published recognition stands on a day, whatever came after it. No query."""
    return lines_of([recognition], on=on, expiring_days=expiring_days)[0]


def asked_about(levels: Sequence[LevelLine], *, on: dt.date) -> list[LevelLine]:
    """Of the most telling recognition of each level, those that end soon, or ended and nothing came after."""
    return [
        line
        for line in levels
        if line.row.expires_on is not None
        and on - ASKED_AFTER <= line.row.expires_on <= on + ASKED_BEFORE
        and line.row.revoked_on is None
        and line.row.withdrawn_on is None
    ]


def renewal_of(recognition: Recognition, dossiers: Iterable[Dossier]) -> Dossier | None:
    """The newest of the product's dossiers that goes after a recognition: made to renew it, or entered later at the
    same level. No query on dossiers read with their round."""
    found = [row for row in dossiers if row.product_id == recognition.product_id and goes_after(row, recognition)]
    return max(found, key=lambda row: row.pk, default=None)


def goes_after(dossier: Dossier, recognition: Recognition) -> bool:
    """Whether a dossier of the product is its next try at the level. The SQL twin is `entered_after`."""
    if dossier.state == D.WITHDRAWN or dossier.recognition_id == recognition.pk:
        return False
    if dossier.renews_id == recognition.pk:
        return True
    same = LEVEL_RANK[Level(dossier.round.level)] == LEVEL_RANK[Level(recognition.level)]
    return same and dossier.round.year > recognition.year


def entered_after() -> QuerySet[Dossier]:
    """The SQL twin of `goes_after`: dossiers that go after the recognition of the query around it."""
    asked = ExpressionWrapper(OuterRef("level"), output_field=CharField())
    same = Q(round__level=F("asked_level")) | Q(asked_level__in=LOWEST, round__level__in=LOWEST)
    later = same & Q(round__year__gt=OuterRef("year"))
    rows = Dossier.objects.annotate(asked_level=asked).filter(Q(renews=OuterRef("pk")) | later)
    return rows.filter(product=OuterRef("product")).exclude(state=D.WITHDRAWN).exclude(recognition=OuterRef("pk"))
