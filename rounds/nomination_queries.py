"""Reads for nominations: what a unit may nominate, its lists, who has reported. Each with a stated number of queries."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from portal.territory.models import Commune, Territory
from portal.territory.queries import current_id, family_ids, region_ids, register, unit_today
from portal.text.folding import name_key, sort_key
from products.enums import Level, Stage
from products.models import Product, Recognition, SetMember, Suspension

from .enums import ListState, RoundState
from .models import Dossier, Nomination, NominationCount, NominationList, NominationQuota, Round
from .nominating import CHAIN, Answer, Candidate, Held, Sender, Source, Target, answer, levels_below
from .services.receiving import last_day

SENT = (ListState.SENT, ListState.RECEIVED, ListState.CLOSED)


@dataclass(frozen=True)
class Unit:
    """An area whose products are asked about: a commune, a former district, a province, a region.

    `territory_ids` are the province's family then and today; a locality is a district's or commune's name as the
    recognition has it.
    """

    territory_ids: frozenset[int]
    commune_id: int | None = None
    locality: str = ""


def unit_of_region(region: str) -> Unit:
    return Unit(region_ids(region))


def unit_of_list(row: NominationList) -> Unit:
    """The area whose list it is. No query when the register is held."""
    return Unit(family_ids(row.territory_id), commune_id=row.commune_id)


@dataclass(frozen=True)
class Option:
    """A product and whether it may be nominated."""

    product: Product
    recognition: Recognition | None
    source: Dossier | None
    answer: Answer

    @property
    def allowed(self) -> bool:
        return self.answer.allowed

    @property
    def why(self) -> str:
        return self.answer.why

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.answer.warnings


def target_of(round_: Round) -> Target:
    """The round as nominations see it."""
    return Target(
        level=round_.level,
        region=round_.region,
        lower_round_held=round_.lower_round_held,
        closing_on=last_day(round_) if round_.receiving_until else None,
    )


def what_may(
    unit: Unit,
    round_: Round | Target,
    *,
    on: dt.date,
    products: Iterable[int] | None = None,
    certified_only: bool = False,
    current_only: bool = False,
    words: Iterable[str] = (),
) -> list[Option]:
    """Every product of the unit that the level above might take, with yes or no and why. At most seven queries.

    `products` narrows to these, `words` to those whose folded names hold every one; `certified_only` leaves out what never had a certificate of the level below,
    `current_only` also those whose certificate has run out.
    """
    target = target_of(round_) if isinstance(round_, Round) else round_
    held = _held_below(unit, target, on=on if current_only else None)
    rows = _products(unit)
    if products is not None:  # also one that has been merged away since it was chosen
        rows = Product.objects.filter(_place("", unit), pk__in=list(products))
    elif certified_only or current_only or target.lower_round_held:
        rows = rows.filter(pk__in=held)
    for word in words:
        rows = rows.filter(search_text__contains=word)
    above = round_ if isinstance(round_, Round) else None
    unsure = _uncertain_regions() if target.level == Level.REGION else frozenset()
    found = [_option(product, target, unsure, on=on) for product in _with_facts(rows, above)]
    return [one for one in found if not unit.locality or _of_locality(one, unit.locality)]


def _of_locality(one: Option, locality: str) -> bool:
    wanted = name_key(locality)
    return any(name_key(row.locality) == wanted for row in one.product.recognitions.all())


def _held_below(unit: Unit, target: Target, *, on: dt.date | None) -> "QuerySet[Recognition, Any]":
    rows = Recognition.objects.filter(
        _place("product__", unit), stage=Stage.RECOGNISED, level__in=levels_below(target.level), withheld_at=None
    )
    return (rows.filter(expires_on__gte=on) if on else rows).values("product_id")


def _place(path: str, unit: Unit) -> Q:
    """Where the maker is, or where the product was recorded when its maker is not known."""
    made = Q(**{f"{path}facility__territory__in": unit.territory_ids}) | Q(
        **{f"{path}facility__isnull": True, f"{path}territory__in": unit.territory_ids}
    )
    return made & Q(**{f"{path}facility__commune": unit.commune_id}) if unit.commune_id else made


def _products(unit: Unit) -> "QuerySet[Product]":
    return Product.objects.standing().filter(_place("", unit))


def _with_facts(rows: "QuerySet[Product]", round_: Round | None) -> "QuerySet[Product]":
    """Products with what `answer` asks. Four queries, five where a round is known."""
    held = (
        Recognition.objects.filter(stage=Stage.RECOGNISED, withheld_at=None)
        .select_related("decision", "dossier")
        .prefetch_related(Prefetch("suspensions", Suspension.objects.order_by("begins_on")))
    )
    found = rows.select_related("facility__territory", "facility__commune", "territory").annotate(
        has_members=Exists(SetMember.objects.filter(product_set=OuterRef("pk")))
    )
    found = found.prefetch_related(Prefetch("recognitions", held)).order_by("sort_key", "pk")
    if round_ is None:
        return found
    entered = Dossier.objects.filter(round=round_)
    return found.prefetch_related(Prefetch("dossiers", entered, to_attr="entered_above"))


def _uncertain_regions() -> frozenset[int]:
    return frozenset(Territory.objects.filter(region_certain=False).values_list("pk", flat=True))


def _option(product: Any, target: Target, unsure: frozenset[int], *, on: dt.date) -> Option:
    rows = list(product.recognitions.all())
    said = answer(_candidate(product, rows, unsure), target, on=on)
    recognition = next((row for row in rows if row.pk == said.rests_on), None)
    return Option(product, recognition, getattr(recognition, "dossier", None), said)


def _candidate(product: Any, rows: list[Recognition], unsure: frozenset[int]) -> Candidate:
    facility = product.facility
    place = facility.territory_id if facility else product.territory_id
    unit = unit_today(place)
    entered = next(iter(getattr(product, "entered_above", ())), None)
    return Candidate(
        key=product.pk,
        region=unit.region,
        region_certain=unit.pk not in unsure,
        has_maker=facility is not None,
        maker_merged=facility is not None and facility.merged_into_id is not None,
        product_merged=product.merged_into_id is not None,
        empty_set=product.is_set and not product.has_members,
        entered=entered.entry_code if entered else None,
        held=tuple(_held(row) for row in rows),
        sources={row.pk: _source(row) for row in rows},
    )


def _held(row: Recognition) -> Held:
    pauses = [(one.begins_on, one.ends_on) for one in row.suspensions.all()]
    return Held(row.pk, row.level, row.year, row.facts(suspensions=pauses), row.published_at is not None)


def _source(row: Recognition) -> Source:
    dossier = getattr(row, "dossier", None)
    if dossier is None:
        return Source.NONE
    return Source.FROZEN if dossier.version else Source.UNFROZEN


# --- lists and quotas -------------------------------------------------------------------------------------


def quota_of(round_: Round | None, territory_id: int) -> NominationQuota | None:
    """How many the province may send, its own number before the general one. One query."""
    if round_ is None:
        return None
    found = list(NominationQuota.objects.filter(round=round_))
    own = next((row for row in found if row.territory_id in family_ids(territory_id)), None)
    return own or next((row for row in found if row.territory_id is None), None)


def rounds_above(territory_id: int) -> "QuerySet[Round]":
    """Rounds of the region and the nation that the province sends lists to, the newest first. One query."""
    region = unit_today(territory_id).region
    above = Q(level=Level.REGION, region=region) | Q(level=Level.NATIONAL)
    return Round.objects.public().filter(above).order_by("-year", "level", "-pk")


def full_list(row: NominationList) -> list[Nomination]:
    """The lines of a list as its page and papers show them. Five queries."""
    return list(
        row.nominations.select_related(
            "product__facility__territory",
            "product__facility__commune",
            "product__territory",
            "recognition__decision",
            "recognition__territory",
            "source",
            "dossier__round",
            "dossier__recognition__decision",
        )
        .prefetch_related(
            "product__members",
            "product__standards",
            "product__properties",
            "product__facility__contacts",
            "recognition__certificates",
            "dossier__recognition__certificates",
        )
        .order_by("-chosen", "position", "product__sort_key", "pk")
    )


# --- who has reported -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reported:
    """One unit on the board of a round: what it could send, what it sent, and why not the rest."""

    key: int
    name: str
    row: NominationList | None
    eligible: tuple[str, ...]
    chosen: int = 0
    decided: int = 0
    left_out: tuple[tuple[str, str, str], ...] = ()
    quota: int | None = None
    drafting: bool = False

    @property
    def is_sent(self) -> bool:
        return self.row is not None and self.row.state in SENT

    @property
    def is_returned(self) -> bool:
        return self.row is not None and self.row.state == ListState.RETURNED

    @property
    def is_silent(self) -> bool:
        return not self.is_sent

    @property
    def has_nothing(self) -> bool:
        return self.is_sent and self.chosen == 0

    @property
    def total(self) -> int:
        """How many were eligible: as the list says once it is sent, as the register says until then."""
        return self.decided if self.is_sent else len(self.eligible)


@dataclass(frozen=True)
class Board:
    """Who has reported to a round."""

    rows: tuple[Reported, ...]

    @property
    def silent(self) -> list[Reported]:
        return [row for row in self.rows if row.is_silent]

    @property
    def expected(self) -> list[Reported]:
        """Those silent that have something to decide on."""
        return [row for row in self.silent if row.eligible]

    @property
    def sent(self) -> int:
        return sum(row.is_sent for row in self.rows)

    @property
    def received(self) -> int:
        return sum(row.row is not None and row.row.state in {ListState.RECEIVED, ListState.CLOSED} for row in self.rows)

    @property
    def nothing(self) -> int:
        return sum(row.has_nothing for row in self.rows)

    @property
    def chosen(self) -> int:
        return sum(row.chosen for row in self.rows)

    @property
    def eligible(self) -> int:
        return sum(row.total for row in self.rows)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """How many eligible products did not enter, by reason, the most frequent first."""
        counted: dict[str, int] = {}
        for row in self.rows:
            for why, _name, _reason in row.left_out:
                counted[why] = counted.get(why, 0) + 1
        return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))


def board(round_: Round, *, on: dt.date) -> Board:
    """Every unit that sends lists to the round, and how it stands. At most ten queries, however many units."""
    if Level(round_.level) not in CHAIN:
        return Board(())
    eligible = _eligible_by_unit(round_, on)
    lists = _lists_by_unit(round_)
    quotas = {row.territory_id: row.maximum for row in NominationQuota.objects.filter(round=round_)}
    rows = (
        _reported(key, name, lists.get(key, []), eligible.get(key, ()), _limit(round_, quotas, key))
        for key, name in _units(round_)
    )
    return Board(tuple(rows))


def sends_from_communes(round_: Round) -> bool:
    return CHAIN[Level(round_.level)].sender == Sender.COMMUNE


def _units(round_: Round) -> list[tuple[int, str]]:
    """Communes of the province, or the provinces of today. One query for communes, none for provinces."""
    if sends_from_communes(round_):
        rows = Commune.objects.filter(territory__in=family_ids(round_.territory_id or 0), valid_to__isnull=True)
        return [(row.pk, str(row)) for row in rows.order_by("folded", "pk")]
    units = [unit for unit in register().units.values() if unit.until is None]
    mine = [unit for unit in units if round_.level == Level.NATIONAL or unit.region == round_.region]
    return [(unit.pk, unit.name) for unit in sorted(mine, key=lambda unit: sort_key(unit.name))]


def _eligible_by_unit(round_: Round, on: dt.date) -> dict[int, tuple[str, ...]]:
    """Names of the products that may go up on their certificate, per unit."""
    found: dict[int, list[str]] = {}
    for option in what_may(_scope(round_), round_, on=on, current_only=True):
        facility = option.product.facility
        if not option.answer.is_due or facility is None:
            continue
        key = facility.commune_id if sends_from_communes(round_) else current_id(facility.territory_id)
        if key is not None:
            found.setdefault(key, []).append(option.product.name)
    return {key: tuple(names) for key, names in found.items()}


def _scope(round_: Round) -> Unit:
    if round_.level == Level.NATIONAL:
        return Unit(frozenset(register().units))
    return unit_of_region(round_.region) if round_.level == Level.REGION else Unit(family_ids(round_.territory_id or 0))


def _lists_by_unit(round_: Round) -> dict[int, list[NominationList]]:
    rows = (
        NominationList.objects.filter(round=round_)
        .select_related("sent_by", "received_by", "peer")
        .prefetch_related(Prefetch("nominations", Nomination.objects.select_related("product")))
        .order_by("pk")
    )
    found: dict[int, list[NominationList]] = {}
    for row in rows:
        key = row.commune_id or current_id(row.territory_id)
        found.setdefault(key, []).append(row)
    return found


def _limit(round_: Round, quotas: dict[int | None, int], key: int) -> int | None:
    own = None if sends_from_communes(round_) else next((quotas[pk] for pk in family_ids(key) if pk in quotas), None)
    return quotas.get(None) if own is None else own


def _reported(
    key: int, name: str, lists: list[NominationList], eligible: tuple[str, ...], quota: int | None
) -> Reported:
    standing = [row for row in lists if row.state != ListState.RETURNED]
    sent = [row for row in standing if row.state in SENT]
    shown = next(iter(sent), None) or next((row for row in reversed(lists) if row.state == ListState.RETURNED), None)
    if shown is None or shown.state == ListState.RETURNED:
        return Reported(key, name, shown, eligible, quota=quota, drafting=bool(standing))
    lines = list(shown.nominations.all())
    left = tuple((str(line.get_why_not_display()), line.product.name, line.reason) for line in lines if line.why_not)
    return Reported(key, name, shown, eligible, sum(line.chosen for line in lines), len(lines), left, quota)


# --- the way from province to nation ----------------------------------------------------------------------


@dataclass(frozen=True)
class Funnel:
    """What became of one province's products on the way to one level in the years asked for."""

    territory_id: int
    level: str
    year: int
    eligible: int
    nominated: int
    entered: int
    recognised: int


def funnel(
    *, year_from: int | None = None, year_to: int | None = None, territory_ids: Iterable[int] | None = None
) -> list[Funnel]:
    """Per sending province of the list's day, level and year: eligible, nominated, entered, recognised. Two queries.

    Only lists that were sent and not returned count; lists of communes count for their province. Lists kept in
    another portal count by their numbers.
    """
    asked: dict[str, Any] = {"year__gte": year_from, "year__lte": year_to}
    asked["territory__in"] = None if territory_ids is None else list(territory_ids)
    asked = {name: value for name, value in asked.items() if value is not None}
    rows = Nomination.objects.filter(nomination_list__state__in=SENT)
    rows = rows.filter(**{f"nomination_list__{name}": value for name, value in asked.items()})
    place = [f"nomination_list__{name}" for name in ("territory", "level", "year")]
    named = rows.order_by().values_list(*place)
    recognised = Q(dossier__recognition__published_at__isnull=False) | Q(outcome__code="recognised")
    counted = named.annotate(
        eligible=Count("pk"),
        nominated=Count("pk", filter=Q(chosen=True)),
        entered=Count("pk", filter=Q(dossier__isnull=False) | Q(outcome__has_key="code")),
        recognised=Count("pk", filter=recognised),
    )
    columns = [field.name for field in fields(Funnel)]
    elsewhere = NominationCount.objects.filter(**asked).values_list(*columns)
    return [Funnel(*row) for row in (*counted, *elsewhere)]


def open_above(territory_id: int, *, now: dt.datetime) -> list[Round]:
    """Those of them that take lists now. One query."""
    return [row for row in rounds_above(territory_id).filter(state=RoundState.RECEIVING) if row.receiving_open(now)]
