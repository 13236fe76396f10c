"""The sealed record of a round: everything needed to count it again, and the hash that seals it. Pure.

Each formula reads manifests of its own shape. What was sealed under an earlier one is counted again by that one,
so its readers stay here as long as there are such seals.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NotRequired, TypedDict

from . import tally, tally_mean_1
from .tally import HEADS, Entry, Outcome, Rules, Sheet


class SheetRecord(TypedDict):
    uuid: str
    judge: str
    scoring_pass: str
    edition: int
    state: str
    recused: bool
    dossier_version: int
    submitted_at: str | None
    scores: dict[str, str]


class PassRecord(TypedDict):
    weight: int
    valid: int
    kept: list[str]
    points: str


class ResultRecord(TypedDict):
    sheets: int
    points: str
    passed: bool
    rank: int | None
    # From "mean-2" on.
    divisor: NotRequired[int]
    decided_by: NotRequired[str]
    spread: NotRequired[str | None]
    disagrees: NotRequired[bool]
    heads: NotRequired[dict[str, str]]
    lines: NotRequired[dict[str, str]]
    passes: NotRequired[dict[str, PassRecord]]


class DossierRecord(TypedDict):
    code: str
    uuid: str
    group: str
    criteria: str
    version: int
    version_sha256: str
    parts: list[str]  # entry codes gathered into it
    recused: list[str]  # judges who stand aside from it
    sheets: list[SheetRecord]
    result: ResultRecord


class CriteriaRecord(TypedDict):
    name: str
    group: str
    version: int
    maxima: dict[str, str]
    heads: dict[str, str]


class Settings(TypedDict):
    threshold: str
    quorum: int
    score_step: str
    weights: dict[str, int]
    drop_extremes: int
    drop_extremes_from: int
    tie_break: list[str]
    draw_seed: str
    disagreement_points: str


class Manifest(TypedDict):
    formula: str
    round: str
    title: str
    number: int
    closed_at: str
    settings: Settings
    criteria: dict[str, CriteriaRecord]
    dossiers: list[DossierRecord]


def canonical(value: object) -> str:
    """One spelling of a JSON value: sorted keys, no spaces, Vietnamese kept as it is."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(value: object) -> str:
    """SHA-256 of the canonical spelling."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def spelled(points: Decimal) -> str:
    """Points with the two decimals that the database keeps."""
    return f"{points:.2f}"


def exact(value: Fraction) -> str:
    """An exact quotient as "numerator/denominator", in lowest terms."""
    return f"{value.numerator}/{value.denominator}"


def head_sums(scores: Mapping[str, str], heads: Mapping[str, str]) -> dict[str, Decimal]:
    """Points per head of criteria from points per input."""
    sums: dict[str, Decimal] = {}
    for code, points in scores.items():
        sums[heads[code]] = sums.get(heads[code], Decimal(0)) + Decimal(points)
    return sums


def rules_of(settings: Settings) -> Rules:
    """The settings of a manifest as the tally reads them."""
    return Rules(
        threshold=Decimal(settings["threshold"]),
        quorum=settings["quorum"],
        weights=tuple(sorted(settings["weights"].items())),  # a database may turn the order of keys
        drop=settings["drop_extremes"],
        drop_from=settings["drop_extremes_from"],
        tie_break=tuple(settings["tie_break"]),
        draw_seed=settings["draw_seed"],
        disagreement=Decimal(settings["disagreement_points"]),
    )


def _sheet(record: SheetRecord, heads: Mapping[str, str]) -> Sheet:
    sums = head_sums(record["scores"], heads)
    return Sheet(
        state=record["state"],
        heads=tuple(sums.get(head, Decimal(0)) for head in HEADS),
        scoring_pass=record["scoring_pass"],
        key=record["uuid"],
        lines={code: Decimal(points) for code, points in record["scores"].items()},
    )


def _entry(dossier: DossierRecord, criteria: Mapping[str, CriteriaRecord]) -> Entry:
    heads = criteria[dossier["criteria"]]["heads"]
    return Entry(dossier["code"], dossier["group"], tuple(_sheet(sheet, heads) for sheet in dossier["sheets"]))


def _recount_mean_2(manifest: Manifest) -> dict[str, ResultRecord]:
    entries = (_entry(dossier, manifest["criteria"]) for dossier in manifest["dossiers"])
    return {one.code: result_of(one) for one in tally.tally(entries, rules_of(manifest["settings"]))}


def result_of(outcome: Outcome) -> ResultRecord:
    """All that a tally says of a dossier, exact: sums with two decimals, means as quotients."""
    return {
        "sheets": outcome.sheets,
        "points": spelled(outcome.points),
        "divisor": outcome.divisor,
        "passed": outcome.passed,
        "rank": outcome.rank,
        "decided_by": outcome.decided_by,
        "spread": None if outcome.spread is None else spelled(outcome.spread),
        "disagrees": outcome.disagrees,
        "heads": {head: exact(value) for head, value in zip(HEADS, outcome.heads, strict=False)},
        "lines": {code: exact(value) for code, value in tally.line_means(outcome).items()},
        "passes": {
            one.scoring_pass: {
                "weight": one.weight,
                "valid": one.valid,
                "kept": sorted(str(sheet.key) for sheet in one.kept),
                "points": spelled(one.points),
            }
            for one in outcome.passes
        },
    }


def _recount_mean_1(manifest: Manifest) -> dict[str, ResultRecord]:
    """Of one pass, nothing dropped, equal standings sharing a rank."""
    entries = tuple(
        tally_mean_1.Entry(
            code=dossier["code"],
            group=dossier["group"],
            sheets=tuple(
                tally_mean_1.Sheet(
                    sheet["state"], head_sums(sheet["scores"], manifest["criteria"][dossier["criteria"]]["heads"])
                )
                for sheet in dossier["sheets"]
            ),
        )
        for dossier in manifest["dossiers"]
    )
    settings = manifest["settings"]
    counted = tally_mean_1.tally(entries, threshold=Decimal(settings["threshold"]), quorum=settings["quorum"])
    return {
        one.code: {"sheets": one.sheets, "points": spelled(one.points), "passed": one.passed, "rank": one.rank}
        for one in counted
    }


FORMULAS: dict[str, Callable[[Manifest], dict[str, ResultRecord]]] = {
    tally_mean_1.FORMULA: _recount_mean_1,
    tally.FORMULA: _recount_mean_2,
}


def recount(manifest: Manifest) -> dict[str, ResultRecord]:
    """The result again by entry code, from the manifest alone. Raises ValueError for an unknown formula."""
    counted = FORMULAS.get(manifest["formula"])
    if counted is None:
        raise ValueError(manifest["formula"])
    return counted(manifest)


def stored(record: ResultRecord) -> dict[str, Any]:
    """What of a record the table of results keeps, whatever the formula."""
    return {
        "sheets": record["sheets"],
        "points": Decimal(record["points"]),
        "divisor": record.get("divisor", record["sheets"]),
        "passed": record["passed"],
        "rank": record["rank"],
        "decided_by": record.get("decided_by", ""),
        "spread": Decimal(spread) if (spread := record.get("spread")) is not None else None,
    }


def differences(manifest: Manifest) -> dict[str, tuple[ResultRecord, ResultRecord]]:
    """Dossiers whose sealed result is not what their sheets say: code → (sealed, counted again)."""
    again = recount(manifest)
    return {
        dossier["code"]: (dossier["result"], again[dossier["code"]])
        for dossier in manifest["dossiers"]
        if dossier["result"] != again[dossier["code"]]
    }
