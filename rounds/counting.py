"""The sheets of a round as the tally reads them: no more rows than the question needs. Each states its queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum, Value

from .criteria import Row, heads_of
from .enums import ScoringPass, SheetState
from .models import Criterion, Round, Score, ScoreSheet
from .tally import (
    HEADS,
    Entry,
    Outcome,
    PassCount,
    Rules,
    Severity,
    Sheet,
    combined,
    count,
    hangs_on_heads,
    outcome_of,
    ranked,
    severities,
    tied,
)


class AsItComes(Sum):
    """A sum that is not looked at value by value once more: tens of thousands of them are read for a tally."""

    @property
    def convert_value(self) -> Any:
        return self._convert_value_noop  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Known:
    """A dossier by what the tally must know of it."""

    pk: int
    code: str
    group: str


def rules_for(round_: Round) -> Rules:
    """The round's written settings. No query."""
    return Rules(
        threshold=round_.threshold,
        quorum=round_.quorum,
        weights=weights_of(round_),
        drop=round_.drop_extremes,
        drop_from=round_.drop_extremes_from,
        tie_break=tuple(round_.tie_break),
        draw_seed=round_.draw_seed,
        disagreement=round_.disagreement_points,
    )


def weights_of(round_: Round) -> tuple[tuple[str, int], ...]:
    """The share of 100 of each pass; without a pass on site the dossiers count alone."""
    site = round_.site_weight if round_.has_site_pass else 0
    return ((ScoringPass.DOSSIER.value, 100 - site), (ScoringPass.SITE.value, site))


def outcomes(round_: Round, dossiers: Iterable[Known], *, groups: Collection[str] | None = None) -> tuple[Outcome, ...]:
    """The live tally: sums of totals made by the database, points per head only where means are equal.

    Five queries at most. With `groups` only these get ranks: what has none needs no tie-break either.
    """
    listed = tuple(dossiers)
    rules = rules_for(round_)
    counted = _with_totals(round_, listed, rules) if rules.drop else _from_sums(round_, listed, rules)
    equal = tied(one for one in counted.values() if groups is None or one.group in groups)
    if equal:
        again = [one for one in listed if one.code in equal]
        counted |= _surely_dropped(round_, again, counted, rules)
        heads = _head_sums(round_, [one.pk for one in again], dropped_of(counted[one.code] for one in again))
        counted |= {one.code: _given_heads(counted[one.code], heads.get(one.pk, {}), rules) for one in again}
    if groups is None:
        return ranked(tuple(counted.values()), rules)
    rest = tuple(one for one in counted.values() if one.group not in groups)
    return (*ranked([one for one in counted.values() if one.group in groups], rules), *rest)


def dropped_of(counted: Iterable[Outcome]) -> list[Any]:
    """Keys of the sheets that were left out as extremes."""
    return [sheet.key for outcome in counted for one in outcome.passes for sheet in one.dropped]


def _surely_dropped(
    round_: Round, listed: Iterable[Known], counted: dict[str, Outcome], rules: Rules
) -> dict[str, Outcome]:
    """Counted again from points per head: dossiers where totals do not say which sheets are the extremes."""
    unsure = [one for one in listed if hangs_on_heads(counted[one.code])]
    return _with_heads(round_, unsure, rules) if unsure else {}


def _from_sums(round_: Round, listed: Collection[Known], rules: Rules) -> dict[str, Outcome]:
    """Where every valid sheet is added up: one row for each pass of each dossier. One query."""
    rows = ScoreSheet.objects.filter(dossier__round=round_, state=SheetState.SUBMITTED).order_by()
    sums = rows.values_list("dossier_id", "scoring_pass").annotate(
        valid=Count("*"), points=Sum("total"), lowest=Min("total"), highest=Max("total")
    )
    given = {(dossier, which): tuple(found) for dossier, which, *found in sums}
    nothing = (0, Decimal(0), None, None)
    found: dict[str, Outcome] = {}
    for one in listed:
        counted = []
        for which, weight in rules.counted:
            valid, points, lowest, highest = given.get((one.pk, which), nothing)
            counted.append(PassCount(which, weight, valid, valid, points, (), lowest, highest, lowest))
        found[one.code] = outcome_of(one.code, one.group, tuple(counted), rules)
    return found


def _with_totals(round_: Round, listed: Collection[Known], rules: Rules) -> dict[str, Outcome]:
    """Where extremes are dropped: every submitted sheet, its total standing for all heads. One query."""
    sheets: dict[int, list[Sheet]] = defaultdict(list)
    rows = ScoreSheet.objects.filter(dossier__round=round_, state=SheetState.SUBMITTED).order_by()
    for dossier, scoring_pass, total, uuid in rows.values_list("dossier_id", "scoring_pass", "total", "uuid"):
        sheets[dossier].append(Sheet(SheetState.SUBMITTED, (total or Decimal(0),), scoring_pass, uuid))
    return {one.code: count(Entry(one.code, one.group, tuple(sheets[one.pk])), rules) for one in listed}


def _given_heads(outcome: Outcome, heads: dict[str, tuple[Decimal, ...]], rules: Rules) -> Outcome:
    nothing = (Decimal(0),) * len(HEADS)
    counted = tuple(replace(one, heads=heads.get(one.scoring_pass, nothing)) for one in outcome.passes)
    return outcome_of(outcome.code, outcome.group, counted, rules)


def _sums_by_head(round_: Round) -> dict[str, Sum]:
    """The four sums of points per head, as SQL. One query for the criteria."""
    below: dict[str, list[int]] = defaultdict(list)
    for criterion, head in heads_by_criterion(round_.criteria_sets.values("pk")).items():
        below[head].append(criterion)
    return {f"head_{head}": Sum("points", filter=Q(criterion__in=below[head])) for head in HEADS}


def _head_sums(
    round_: Round, dossiers: Collection[int], dropped: Collection[Any]
) -> dict[int, dict[str, tuple[Decimal, ...]]]:
    """Dossier → pass → points per head over the sheets that are added up. Two queries."""
    scores = Score.objects.filter(sheet__dossier__in=dossiers, sheet__state=SheetState.SUBMITTED).order_by()
    scores = scores.exclude(sheet__uuid__in=dropped) if dropped else scores
    rows = scores.values_list("sheet__dossier_id", "sheet__scoring_pass").annotate(**_sums_by_head(round_))
    found: dict[int, dict[str, tuple[Decimal, ...]]] = defaultdict(dict)
    for dossier, scoring_pass, *heads in rows:
        found[dossier][scoring_pass] = tuple(points or Decimal(0) for points in heads)
    return found


def _with_heads(round_: Round, listed: Collection[Known], rules: Rules) -> dict[str, Outcome]:
    """The same dossiers counted again from points per head of every sheet. Two queries."""
    scores = Score.objects.filter(sheet__dossier__in=[one.pk for one in listed], sheet__state=SheetState.SUBMITTED)
    columns = ("sheet__dossier_id", "sheet__scoring_pass", "sheet__uuid")
    sheets: dict[int, list[Sheet]] = defaultdict(list)
    for dossier, scoring_pass, uuid, *heads in (
        scores.order_by().values_list(*columns).annotate(**_sums_by_head(round_))
    ):
        in_order = tuple(points or Decimal(0) for points in heads)
        sheets[dossier].append(Sheet(SheetState.SUBMITTED, in_order, scoring_pass, uuid))
    return {one.code: count(Entry(one.code, one.group, tuple(sheets[one.pk])), rules) for one in listed}


def sheets_of(dossiers: Collection[int]) -> dict[int, tuple[Sheet, ...]]:
    """Submitted sheets of some dossiers with points per head and per input. Three queries."""
    rows = Score.objects.filter(sheet__dossier__in=dossiers, sheet__state=SheetState.SUBMITTED, points__isnull=False)
    given: dict[int, dict[str, Decimal]] = defaultdict(dict)
    sums: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    heads = heads_by_criterion(rows.values("criterion__criteria_set_id"))
    for sheet, criterion, code, points in rows.values_list("sheet_id", "criterion_id", "criterion__code", "points"):
        given[sheet][code] = points or Decimal(0)
        sums[sheet][heads[criterion]] += points or Decimal(0)
    found: dict[int, list[Sheet]] = {dossier: [] for dossier in dossiers}
    sheets = ScoreSheet.objects.filter(dossier__in=dossiers, state=SheetState.SUBMITTED)
    for pk, dossier, scoring_pass, uuid in sheets.values_list("pk", "dossier_id", "scoring_pass", "uuid"):
        in_order = tuple(sums[pk][head] for head in HEADS)
        found[dossier].append(Sheet(SheetState.SUBMITTED, in_order, scoring_pass, uuid, given[pk]))
    return {dossier: tuple(listed) for dossier, listed in found.items()}


def heads_by_criterion(sets: Any) -> dict[int, str]:
    """Criterion → the code of the head it stands under, in some criteria sets. One query."""
    return {pk: head for pk, (head, _code) in places_of(sets).items()}


def places_of(sets: Any) -> dict[int, tuple[str, str]]:
    """Criterion → the code of its head and its own, in some criteria sets. One query."""
    rows: dict[int, list[tuple[int, str, str | None]]] = defaultdict(list)
    criteria = Criterion.objects.filter(criteria_set__in=sets)
    for pk, of_set, code, parent in criteria.values_list("pk", "criteria_set_id", "code", "parent__code"):
        rows[of_set].append((pk, code, parent))
    found: dict[int, tuple[str, str]] = {}
    for listed in rows.values():
        heads = heads_of(Row(code, parent, None) for _pk, code, parent in listed)
        found |= {pk: (heads[code], code) for pk, code, _parent in listed}
    return found


@dataclass(frozen=True, slots=True)
class LineMeans:
    """Means of one dossier by the code of an input and by head, as close as quotients of decimals come."""

    lines: dict[str, Decimal]
    heads: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class LineSums:
    """Points of the sheets that are added up: rows of dossier, pass, criterion, points and number of sheets."""

    rows: list[tuple[int, str, int, Decimal, int]]
    places: dict[int, tuple[str, str]]


def whole_tally(round_: Round, dossiers: Iterable[Known]) -> tuple[tuple[Outcome, ...], dict[str, LineMeans]]:
    """Every outcome, and by entry code the mean of every input and head for people's eyes.

    The database does the sums: three queries, five where extremes are dropped, whatever the number of sheets.
    """
    listed = tuple(dossiers)
    rules = rules_for(round_)
    counted = _with_totals(round_, listed, rules) if rules.drop else _from_sums(round_, listed, rules)
    counted |= _surely_dropped(round_, listed, counted, rules)
    sums = _line_sums(round_, dropped_of(counted.values()))
    equal = tied(counted.values())
    again = [one for one in listed if one.code in equal]
    heads = _heads_from_lines(sums, frozenset(one.pk for one in again))
    counted |= {one.code: _given_heads(counted[one.code], heads.get(one.pk, {}), rules) for one in again}
    found = ranked(tuple(counted.values()), rules)
    return found, _means(found, {one.pk: one.code for one in listed}, sums)


def _line_sums(round_: Round, dropped: Collection[Any]) -> LineSums:
    """Two queries."""
    scores = Score.objects.filter(
        sheet__dossier__round=round_, sheet__state=SheetState.SUBMITTED, points__isnull=False
    ).order_by()
    scores = scores.exclude(sheet__uuid__in=dropped) if dropped else scores
    rows = scores.values_list("sheet__dossier_id", "sheet__scoring_pass", "criterion_id")
    sums = rows.annotate(given=AsItComes("points"), sheets=AsItComes(Value(1)))
    return LineSums(list(sums), places_of(round_.criteria_sets.values("pk")))


def _heads_from_lines(sums: LineSums, dossiers: frozenset[int]) -> dict[int, dict[str, tuple[Decimal, ...]]]:
    found: dict[int, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(lambda: [Decimal(0)] * len(HEADS)))
    at = {criterion: HEADS.index(head) for criterion, (head, _code) in sums.places.items()}
    for dossier, scoring_pass, criterion, points, _sheets in sums.rows:
        if dossier in dossiers:
            found[dossier][scoring_pass][at[criterion]] += points
    return {dossier: {which: tuple(heads) for which, heads in of.items()} for dossier, of in found.items()}


def _means(counted: Iterable[Outcome], codes: dict[int, str], sums: LineSums) -> dict[str, LineMeans]:
    weights = {one.code: {p.scoring_pass: p.weight for p in one.passes} for one in counted if one.divisor}
    found = {code: LineMeans({}, {}) for code in weights}
    several: dict[tuple[str, int], dict[str, tuple[Decimal, int]]] = defaultdict(dict)
    for dossier, scoring_pass, criterion, points, sheets in sums.rows:
        code = codes.get(dossier, "")
        of_passes = weights.get(code)
        if of_passes is None or scoring_pass not in of_passes:
            continue
        if len(of_passes) == 1:
            _put(found[code], sums.places[criterion], points / sheets)
        else:
            several[code, criterion][scoring_pass] = points, sheets
    for (code, criterion), given in several.items():
        parts = ((weight, *given.get(which, (Decimal(0), 0))) for which, weight in weights[code].items())
        points, divisor = combined(parts)
        if divisor:
            _put(found[code], sums.places[criterion], points / divisor)
    return found


def _put(means: LineMeans, place: tuple[str, str], mean: Decimal) -> None:
    head, code = place
    means.lines[code] = mean
    means.heads[head] = means.heads[head] + mean if head in means.heads else mean


def severity_of_judges(round_: Round) -> dict[int, Severity]:
    """By judge, how the own totals stand to those of the others. One query."""
    rows = ScoreSheet.objects.filter(dossier__round=round_, state=SheetState.SUBMITTED)
    given = rows.values_list("judge_id", "dossier_id", "scoring_pass", "total")
    return severities((judge, (dossier, which), total or Decimal(0)) for judge, dossier, which, total in given)
