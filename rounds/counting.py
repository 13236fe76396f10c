"""The sheets of a round as the tally reads them: no more rows than the question needs. Each states its queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from .criteria import Row, heads_of
from .enums import ScoringPass, SheetState
from .models import Criterion, Round, Score, ScoreSheet
from .tally import HEADS, Entry, Outcome, Rules, Severity, Sheet, combined, count, ranked, severities, tied


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


def outcomes(round_: Round, dossiers: Iterable[Known]) -> tuple[Outcome, ...]:
    """The live tally by totals of sheets; points per head are read only where means are equal. Three queries at most.

    Heads of outcomes that need no tie-break are not filled.
    """
    listed = tuple(dossiers)
    rules = rules_for(round_)
    sheets = _totals(round_)
    counted = {one.code: count(Entry(one.code, one.group, tuple(sheets[one.pk])), rules) for one in listed}
    equal = tied(counted.values())
    if equal:
        again = {one.pk: one for one in listed if one.code in equal}
        for pk, full in _with_heads(round_, again).items():
            one = again[pk]
            counted[one.code] = count(Entry(one.code, one.group, tuple(full)), rules)
    return ranked(tuple(counted.values()), rules)


def _totals(round_: Round) -> dict[int, list[Sheet]]:
    """Submitted sheets by dossier, their total standing for all heads. One query."""
    found: dict[int, list[Sheet]] = defaultdict(list)
    rows = ScoreSheet.objects.filter(dossier__round=round_, state=SheetState.SUBMITTED)
    for dossier, scoring_pass, total, uuid in rows.values_list("dossier_id", "scoring_pass", "total", "uuid"):
        found[dossier].append(Sheet(SheetState.SUBMITTED, (total or Decimal(0),), scoring_pass, uuid))
    return found


def _with_heads(round_: Round, dossiers: Collection[int]) -> dict[int, list[Sheet]]:
    """Submitted sheets of some dossiers with points per head, summed by the database. Two queries."""
    below: dict[str, list[int]] = {head: [] for head in HEADS}
    for criterion, head in heads_by_criterion(round_.criteria_sets.values("pk")).items():
        below.setdefault(head, []).append(criterion)
    sums = {f"head_{head}": Sum("points", filter=Q(criterion__in=below[head])) for head in HEADS}
    scores = Score.objects.filter(sheet__dossier__in=dossiers, sheet__state=SheetState.SUBMITTED).order_by()
    rows = scores.values_list("sheet__dossier_id", "sheet__scoring_pass", "sheet__uuid").annotate(**sums)
    found: dict[int, list[Sheet]] = {dossier: [] for dossier in dossiers}
    for dossier, scoring_pass, uuid, *heads in rows:
        in_order = tuple(points or Decimal(0) for points in heads)
        found[dossier].append(Sheet(SheetState.SUBMITTED, in_order, scoring_pass, uuid))
    return found


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


def heads_by_criterion(sets: object) -> dict[int, str]:
    """Criterion → the code of the head it stands under, in some criteria sets. One query."""
    rows: dict[int, list[tuple[int, str, str | None]]] = defaultdict(list)
    criteria = Criterion.objects.filter(criteria_set__in=sets)
    for pk, of_set, code, parent in criteria.values_list("pk", "criteria_set_id", "code", "parent__code"):
        rows[of_set].append((pk, code, parent))
    found: dict[int, str] = {}
    for listed in rows.values():
        heads = heads_of(Row(code, parent, None) for _pk, code, parent in listed)
        found |= {pk: heads[code] for pk, code, _parent in listed}
    return found


@dataclass(frozen=True, slots=True)
class LineMeans:
    """Means of one dossier by the code of an input and by head, as close as quotients of decimals come."""

    lines: dict[str, Decimal]
    heads: dict[str, Decimal]


def means_by_line(round_: Round, counted: Iterable[Outcome], keys: dict[str, int]) -> dict[str, LineMeans]:
    """Entry code → means over the kept sheets, for people's eyes. `keys` are the dossiers by entry code.

    Summed by the database: two queries, whatever the number of sheets.
    """
    listed = [outcome for outcome in counted if outcome.divisor]
    sums = _sums_by_line(round_, listed)
    heads = heads_by_criterion(round_.criteria_sets.values("pk"))
    found: dict[str, LineMeans] = {}
    for outcome in listed:
        weights = [(one.scoring_pass, one.weight) for one in outcome.passes]
        means = LineMeans({}, {})
        for (criterion, code), given in sums.get(keys[outcome.code], {}).items():
            points, divisor = combined((weight, *given.get(which, (Decimal(0), 0))) for which, weight in weights)
            if divisor:
                means.lines[code] = points / divisor
                means.heads[heads[criterion]] = means.heads.get(heads[criterion], Decimal(0)) + means.lines[code]
        found[outcome.code] = means
    return found


def _sums_by_line(
    round_: Round, counted: Iterable[Outcome]
) -> dict[int, dict[tuple[int, str], dict[str, tuple[Decimal, int]]]]:
    """Dossier → criterion → pass → points and number of the kept sheets. One query."""
    scores = Score.objects.filter(sheet__dossier__round=round_, sheet__state=SheetState.SUBMITTED, points__isnull=False)
    if round_.drop_extremes:
        kept = [sheet.key for outcome in counted for one in outcome.passes for sheet in one.kept]
        scores = scores.filter(sheet__uuid__in=kept)
    columns = ("sheet__dossier_id", "sheet__scoring_pass", "criterion_id", "criterion__code")
    rows = scores.order_by().values_list(*columns).annotate(points_given=Sum("points"), sheets=Count("*"))
    found: dict[int, dict[tuple[int, str], dict[str, tuple[Decimal, int]]]] = defaultdict(lambda: defaultdict(dict))
    for dossier, scoring_pass, criterion, code, points, sheets in rows:
        found[dossier][criterion, code][scoring_pass] = points, sheets
    return found


def severity_of_judges(round_: Round) -> dict[int, Severity]:
    """By judge, how the own totals stand to those of the others. One query."""
    rows = ScoreSheet.objects.filter(dossier__round=round_, state=SheetState.SUBMITTED)
    given = rows.values_list("judge_id", "dossier_id", "scoring_pass", "total")
    return severities((judge, (dossier, which), total or Decimal(0)) for judge, dossier, which, total in given)
