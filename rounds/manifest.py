"""The sealed record of a round: everything needed to count it again, and the hash that seals it. Pure."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TypedDict

from .tally import FORMULA, Entry, Outcome, Sheet, tally


class SheetRecord(TypedDict):
    uuid: str
    judge: str
    state: str
    dossier_version: int
    submitted_at: str | None
    scores: dict[str, str]


class ResultRecord(TypedDict):
    sheets: int
    points: str
    passed: bool
    rank: int | None


class DossierRecord(TypedDict):
    code: str
    uuid: str
    group: str
    criteria: str
    version: int
    version_sha256: str
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


class Manifest(TypedDict):
    formula: str
    round: str
    title: str
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


def entries(manifest: Manifest) -> tuple[Entry, ...]:
    """The dossiers of a manifest as the tally reads them, from single scores upwards."""
    return tuple(
        Entry(
            code=dossier["code"],
            group=dossier["group"],
            sheets=tuple(
                Sheet(sheet["state"], head_sums(sheet["scores"], manifest["criteria"][dossier["criteria"]]["heads"]))
                for sheet in dossier["sheets"]
            ),
        )
        for dossier in manifest["dossiers"]
    )


def head_sums(scores: Mapping[str, str], heads: Mapping[str, str]) -> dict[str, Decimal]:
    """Points per head of criteria from points per input."""
    sums: dict[str, Decimal] = {}
    for code, points in scores.items():
        sums[heads[code]] = sums.get(heads[code], Decimal(0)) + Decimal(points)
    return sums


def recount(manifest: Manifest) -> tuple[Outcome, ...]:
    """The result again, from the manifest alone. Raises ValueError for an unknown formula."""
    if manifest["formula"] != FORMULA:
        raise ValueError(manifest["formula"])
    settings = manifest["settings"]
    return tally(entries(manifest), threshold=Decimal(settings["threshold"]), quorum=settings["quorum"])


def result_of(outcome: Outcome) -> ResultRecord:
    return {
        "sheets": outcome.sheets,
        "points": spelled(outcome.points),
        "passed": outcome.passed,
        "rank": outcome.rank,
    }


def spelled(points: Decimal) -> str:
    """Points with the two decimals that the database keeps."""
    return f"{points:.2f}"


def differences(manifest: Manifest) -> dict[str, tuple[ResultRecord, ResultRecord]]:
    """Dossiers whose sealed result is not what their sheets say: code → (sealed, counted again)."""
    again = {outcome.code: result_of(outcome) for outcome in recount(manifest)}
    return {
        dossier["code"]: (dossier["result"], again[dossier["code"]])
        for dossier in manifest["dossiers"]
        if dossier["result"] != again[dossier["code"]]
    }
