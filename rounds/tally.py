"""The tally of a round, formula "mean-2": exact arithmetic on plain values, no database, no rounding.

Only submitted sheets count. A sheet that says "cannot assess", a voided one, a draft and one that still waits for
the judge's word are left out: silence is never zero (TT 26/2014/TT-BCT, Điều 17 asks for a mean of at least the
threshold, and only of what was given). What the circular leaves open is a written setting of the round: the
passes and their weights, dropped extremes, the quorum and the chain that tells equal means apart.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import groupby
from math import prod
from typing import NamedTuple

from .enums import ScoringPass, SheetState, TieBreak

HEADS = ("1", "2", "3", "4")
FORMULA = "mean-2"  # changes whenever the same sheets could give another result
WHOLE = 100
DOSSIER_ONLY: tuple[tuple[str, int], ...] = ((ScoringPass.DOSSIER.value, WHOLE),)
NOTHING: Mapping[str, Decimal] = {}
SHOWN = Decimal("0.01")
SHOWN_LONGER = (Decimal("0.001"), Decimal("0.0001"), Decimal("0.00001"), Decimal("0.000001"))
SEVERITY_DOSSIERS = 5  # of fewer dossiers scored with others, nothing is said of a judge's severity
SEVERITY_OTHERS = 2  # and a dossier tells something only beside so many other sheets


class Sheet(NamedTuple):
    """One judge's points per head of criteria, in the order of HEADS, and per input where they are at hand.

    `key` (a UUID) names the sheet for ever; of two sheets alike in every head it says which is dropped, so that the
    order in which they arrive decides nothing.
    """

    state: str
    heads: tuple[Decimal, ...]
    scoring_pass: str = ScoringPass.DOSSIER.value
    key: object = None
    lines: Mapping[str, Decimal] = NOTHING

    @property
    def counts(self) -> bool:
        return self.state == SheetState.SUBMITTED

    @property
    def points(self) -> Decimal:
        return sum(self.heads, Decimal(0))


@dataclass(frozen=True)
class Entry:
    """A dossier as the tally sees it: its number, its group, its sheets."""

    code: str
    group: str
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True)
class Rules:
    """The round's written settings that decide a tally.

    `weights` are shares of 100 by pass; a pass that weighs nothing is read by nobody here. `drop` sheets are left
    out at each end of a pass when it has at least `drop_from` of them.
    """

    threshold: Decimal
    quorum: int
    weights: tuple[tuple[str, int], ...] = DOSSIER_ONLY
    drop: int = 0
    drop_from: int = 3
    tie_break: tuple[str, ...] = tuple(TieBreak.values)
    draw_seed: str = ""
    disagreement: Decimal = Decimal(20)

    @property
    def counted(self) -> tuple[tuple[str, int], ...]:
        """The passes that count, each with its share."""
        return tuple((scoring_pass, weight) for scoring_pass, weight in self.weights if weight)

    @property
    def chain(self) -> tuple[str, ...]:
        """The tie-break as published; the draw ends it even where it was not written down."""
        steps = tuple(step for step in self.tie_break if step != TieBreak.DRAW)
        return (*steps, TieBreak.DRAW.value)


@dataclass(frozen=True)
class PassCount:
    """One pass of one dossier: how many sheets were valid, how many of them are added up, and to what.

    `kept` are those added up and `dropped` the extremes, where sheets were read one by one; `heads` is empty where
    nobody needed them.
    """

    scoring_pass: str
    weight: int
    valid: int
    size: int
    points: Decimal
    heads: tuple[Decimal, ...]
    lowest: Decimal | None  # of all valid sheets, as is the highest
    highest: Decimal | None
    floor: Decimal | None  # the lowest of those added up
    kept: tuple[Sheet, ...] = ()
    dropped: tuple[Sheet, ...] = ()

    @property
    def spread(self) -> Decimal | None:
        return None if self.highest is None or self.lowest is None else self.highest - self.lowest


@dataclass(frozen=True)
class Outcome:
    """What the sheets say of one dossier. `points / divisor` is the exact mean.

    In a round of one pass these are the sum of the kept sheets and their number; of two, both are brought to a
    common denominator so that nothing is ever rounded.
    """

    code: str
    group: str
    sheets: int
    points: Decimal
    divisor: int
    quorate: bool
    passed: bool
    rank: int | None
    decided_by: str = ""  # the step that told it from a neighbour with the same mean
    spread: Decimal | None = None
    disagrees: bool = False
    passes: tuple[PassCount, ...] = ()

    @property
    def mean(self) -> Fraction | None:
        return mean(points=self.points, divisor=self.divisor)

    @property
    def heads(self) -> tuple[Fraction, ...]:
        """The exact mean of each head of criteria; empty where a pass that counts has no sheet."""
        if not self.divisor:
            return ()
        return tuple(self.head(place) for place in range(len(HEADS)))

    def head(self, place: int) -> Fraction:
        """The exact mean of one head."""
        return _quotient(*combined((one.weight, one.heads[place], one.size) for one in self.passes))


def passes(*, points: Decimal, divisor: int, threshold: Decimal) -> bool:
    """Whether the mean is reached, without dividing: 69.9986 is not 70."""
    return divisor > 0 and points >= threshold * divisor


def mean(*, points: Decimal, divisor: int) -> Fraction | None:
    """The exact mean, or None where no sheet counts."""
    return _quotient(points, divisor) if divisor else None


def _quotient(points: Decimal, divisor: int) -> Fraction:
    return Fraction(points) / divisor


def tally(entries: Iterable[Entry], rules: Rules) -> tuple[Outcome, ...]:
    """Outcomes in the published order: by group, then rank, then entry code.

    Within a group the higher mean stands first; equal means are told apart by the round's chain, which ends in a
    draw by the published seed, so that no two share a rank. Without a quorum there is neither a pass nor a rank.
    """
    return ranked([count(entry, rules) for entry in entries], rules)


def ranked(counted: Sequence[Outcome], rules: Rules) -> tuple[Outcome, ...]:
    """What was counted one by one, in the published order and with its ranks."""
    outcomes: list[Outcome] = []
    for group in sorted({outcome.group for outcome in counted}):
        outcomes += _ranked_group([outcome for outcome in counted if outcome.group == group], rules)
    return tuple(outcomes)


def count(entry: Entry, rules: Rules) -> Outcome:
    """One dossier without its rank, from its sheets."""
    counted = tuple(_of_pass(entry, scoring_pass, weight, rules) for scoring_pass, weight in rules.counted)
    return outcome_of(entry.code, entry.group, counted, rules)


def outcome_of(code: str, group: str, counted: tuple[PassCount, ...], rules: Rules) -> Outcome:
    """One dossier without its rank. The quorum is asked of every pass that counts, before extremes are dropped."""
    points, divisor = combined((one.weight, one.points, one.size) for one in counted)
    quorate = all(one.valid >= max(rules.quorum, 1) for one in counted)
    spread = max((one.spread for one in counted if one.spread is not None), default=None)
    return Outcome(
        code=code,
        group=group,
        sheets=sum(one.valid for one in counted),
        points=points,
        divisor=divisor,
        quorate=quorate,
        passed=quorate and passes(points=points, divisor=divisor, threshold=rules.threshold),
        rank=None,
        spread=spread,
        disagrees=spread is not None and spread >= rules.disagreement,
        passes=counted,
    )


def _of_pass(entry: Entry, scoring_pass: str, weight: int, rules: Rules) -> PassCount:
    valid = [sheet for sheet in entry.sheets if sheet.scoring_pass == scoring_pass and sheet.counts]
    kept, dropped = _without_extremes(valid, rules)
    return PassCount(
        scoring_pass=scoring_pass,
        weight=weight,
        valid=len(valid),
        size=len(kept),
        points=sum((sheet.points for sheet in kept), Decimal(0)),
        heads=tuple(sum(column, Decimal(0)) for column in zip(*(sheet.heads for sheet in kept), strict=True)),
        lowest=min((sheet.points for sheet in valid), default=None),
        highest=max((sheet.points for sheet in valid), default=None),
        floor=min((sheet.points for sheet in kept), default=None),
        kept=kept,
        dropped=dropped,
    )


def _without_extremes(valid: Sequence[Sheet], rules: Rules) -> tuple[tuple[Sheet, ...], tuple[Sheet, ...]]:
    """The sheets that are added up, and those left out. Of equal totals the weaker in head 1, then 2, 3, 4 counts as
    the lower."""
    if not rules.drop or len(valid) < max(rules.drop_from, 2 * rules.drop + 1):
        return tuple(valid), ()
    ordered = sorted(valid, key=lambda sheet: (sheet.points, sheet.heads, sheet.key))
    return tuple(ordered[rules.drop : -rules.drop]), tuple(ordered[: rules.drop] + ordered[-rules.drop :])


def hangs_on_heads(outcome: Outcome) -> bool:
    """Whether totals alone do not say which sheets were dropped: one that was has the total of one that was kept."""
    return any({sheet.points for sheet in one.kept} & {sheet.points for sheet in one.dropped} for one in outcome.passes)


def combined(passes_: Iterable[tuple[int, Decimal, int]]) -> tuple[Decimal, int]:
    """Points and divisor whose quotient is the weighted mean, from (weight, points, sheets) of each pass that counts.

    Nothing (0 of 0) where one of them has no sheet: half a score is no score.
    """
    counted = tuple(passes_)
    common = prod(sheets for _weight, _points, sheets in counted)
    if not common:
        return Decimal(0), 0
    if len(counted) == 1:
        return counted[0][1], common
    points = sum((points * (weight * (common // sheets)) for weight, points, sheets in counted), Decimal(0))
    return points, common * sum(weight for weight, _points, _sheets in counted)


def _ranked_group(group: Sequence[Outcome], rules: Rules) -> list[Outcome]:
    """Of one group: the quorate by mean and chain, each with its own rank, then the rest by entry code."""
    ordered = sorted(
        ((_quotient(outcome.points, outcome.divisor), outcome) for outcome in group if outcome.quorate),
        key=lambda pair: -pair[0],
    )
    found: list[Outcome] = []
    for _mean, equal in groupby(ordered, key=lambda pair: pair[0]):
        found += told_apart([outcome for _mean, outcome in equal], rules)
    with_ranks = [replace(outcome, rank=rank) for rank, outcome in enumerate(found, start=1)]
    return with_ranks + sorted((outcome for outcome in group if not outcome.quorate), key=lambda o: o.code)


def tied(counted: Iterable[Outcome]) -> frozenset[str]:
    """Entry codes of quorate dossiers whose mean another one of their group has too."""
    alike: dict[tuple[str, Fraction], list[str]] = defaultdict(list)
    for outcome in counted:
        if outcome.quorate:
            alike[outcome.group, _quotient(outcome.points, outcome.divisor)].append(outcome.code)
    return frozenset(code for codes in alike.values() if len(codes) > 1 for code in codes)


def told_apart(equal: Sequence[Outcome], rules: Rules) -> list[Outcome]:
    """Outcomes of one mean in the order of the chain, each with the step that set it apart from the one before it
    (the first: from the one after it)."""
    if len(equal) == 1:
        return list(equal)
    ordered, steps = _by_steps(equal, rules.chain, rules)
    return [replace(outcome, decided_by=step) for outcome, step in zip(ordered, [steps[0], *steps], strict=True)]


def _by_steps(equal: Sequence[Outcome], chain: Sequence[str], rules: Rules) -> tuple[list[Outcome], list[str]]:
    """In the order of what is left of the chain, and between each two the step that told them apart.

    A step is asked only of those whom the steps before it left equal. The entry code, unlike any other, ends it
    should two lots ever be the same.
    """
    if len(equal) == 1:
        return list(equal), []
    step, rest = (chain[0], chain[1:]) if chain else (TieBreak.DRAW.value, ())
    keyed = [(_step_key(one, step, rules) if chain else one.code, one) for one in equal]
    keyed.sort(key=lambda pair: pair[0])
    ordered: list[Outcome] = []
    steps: list[str] = []
    for _key, alike in groupby(keyed, key=lambda pair: pair[0]):
        found, between = _by_steps([one for _key, one in alike], rest, rules)
        steps += [step, *between] if ordered else between
        ordered += found
    return ordered, steps


def _step_key(outcome: Outcome, step: str, rules: Rules) -> Fraction | str:
    if step == TieBreak.DRAW:
        return draw(rules.draw_seed, outcome.code)
    if step == TieBreak.LOWEST:
        return -Fraction(min(one.floor for one in outcome.passes if one.floor is not None))
    return -outcome.head(HEADS.index(step))


def draw(seed: str, code: str) -> str:
    """The lot of a dossier: SHA-256 of the published seed followed by the entry code. The smaller stands first."""
    return hashlib.sha256(f"{seed}{code}".encode()).hexdigest()


def line_means(outcome: Outcome) -> dict[str, Fraction]:
    """The exact mean of every input over the kept sheets of the passes that count. A line that a pass nowhere
    scored has none: it is never zero."""
    codes = {code for one in outcome.passes for sheet in one.kept for code in sheet.lines}
    found: dict[str, Fraction] = {}
    for code in sorted(codes):
        given = [
            (one.weight, [sheet.lines[code] for sheet in one.kept if code in sheet.lines]) for one in outcome.passes
        ]
        points, divisor = combined((weight, sum(of, Decimal(0)), len(of)) for weight, of in given)
        if divisor:
            found[code] = _quotient(points, divisor)
    return found


def shown_mean(*, points: Decimal, divisor: int, threshold: Decimal) -> Decimal | None:
    """The mean for people's eyes: two decimals, half up; never for a decision.

    Where two decimals would read as a pass that was not reached (69.9986 → 70.00), more decimals are shown.
    """
    if not divisor:
        return None
    exact = points / divisor
    shown = exact.quantize(SHOWN, rounding=ROUND_HALF_UP)
    if passes(points=points, divisor=divisor, threshold=threshold) or shown < threshold:
        return shown
    for places in SHOWN_LONGER:
        shown = exact.quantize(places, rounding=ROUND_HALF_UP)
        if shown < threshold:
            return shown
    return exact.quantize(SHOWN_LONGER[-1], rounding=ROUND_DOWN)


def shown(value: Fraction) -> Decimal:
    """An exact value for people's eyes: two decimals, half away from zero; never for a decision."""
    return (Decimal(value.numerator) / value.denominator).quantize(SHOWN, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Severity:
    """How a judge's totals stand to those of the others on the same dossiers; no difference of too small a sample."""

    dossiers: int
    difference: Fraction | None


def severities(
    given: Iterable[tuple[int, object, Decimal]],
    *,
    least_dossiers: int = SEVERITY_DOSSIERS,
    least_others: int = SEVERITY_OTHERS,
) -> dict[int, Severity]:
    """Per judge the mean of (own total − mean of the others), from (judge, dossier and pass, total) of valid sheets.

    To be shown beside raw scores: it never changes a result. Refused below `least_dossiers` dossiers with at least
    `least_others` other sheets each.
    """
    sheets = list(given)
    sums: dict[object, Decimal] = defaultdict(Decimal)
    sizes: dict[object, int] = defaultdict(int)
    for _judge, dossier, total in sheets:
        sums[dossier] += total
        sizes[dossier] += 1
    # own − (sum − own) / (n − 1) = (own × n − sum) / (n − 1): exact sums per n − 1, one division each at the end.
    apart: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    seen: dict[int, int] = defaultdict(int)
    for judge, dossier, total in sheets:
        others = sizes[dossier] - 1
        seen[judge] += others >= least_others
        if others >= least_others:
            apart[judge][others] += total * sizes[dossier] - sums[dossier]
    return {
        judge: Severity(
            dossiers,
            sum((Fraction(value) / others for others, value in apart[judge].items()), Fraction(0)) / dossiers
            if dossiers >= max(least_dossiers, 1)
            else None,
        )
        for judge, dossiers in seen.items()
    }


@dataclass(frozen=True)
class Standing:
    """A dossier's place when the council speaks: its group, its rank, and whether it is proposed."""

    code: str
    group: str
    rank: int
    proposed: bool


def departures(standings: Iterable[Standing]) -> tuple[str, ...]:
    """Codes proposed although a better ranked dossier of the same group is not; each needs the council's reason."""
    listed = tuple(standings)
    best_left_out: dict[str, int] = {}
    for one in listed:
        if not one.proposed:
            best_left_out[one.group] = min(one.rank, best_left_out.get(one.group, one.rank))
    return tuple(
        sorted(one.code for one in listed if one.proposed and one.rank > best_left_out.get(one.group, one.rank))
    )
