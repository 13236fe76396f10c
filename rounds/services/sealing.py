"""Closing the scoring: the manifest from which anyone can count again, and the results that follow from it."""

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.formats import points as in_words

from .. import queries
from ..criteria import heads_of, inputs
from ..enums import DossierState, SheetState
from ..manifest import (
    CriteriaRecord,
    DossierRecord,
    Manifest,
    ResultRecord,
    SheetRecord,
    digest,
    recount,
    result_of,
    spelled,
)
from ..models import CriteriaSet, Dossier, Result, Round, ScoreSheet
from ..tally import FORMULA

UNCOUNTED: ResultRecord = {"sheets": 0, "points": "0.00", "passed": False, "rank": None}


def seal(round_: Round, *, now: dt.datetime) -> Manifest:
    """Write the manifest and its hash on the round and the results of its dossiers. Does not save the round.

    The round must be locked. Refused where a sheet's total is not the sum of its scores.
    """
    manifest = build(round_, now=now)
    outcomes = {outcome.code: outcome for outcome in recount(manifest)}
    keys = dict(round_.dossiers.filter(state=DossierState.ELIGIBLE).values_list("entry_code", "pk"))
    for record in manifest["dossiers"]:
        record["result"] = result_of(outcomes[record["code"]])
    Result.objects.filter(dossier__round=round_).delete()
    Result.objects.bulk_create(
        Result(dossier_id=keys[code], sheets=one.sheets, points=one.points, passed=one.passed, rank=one.rank)
        for code, one in outcomes.items()
    )
    round_.manifest = dict(manifest)
    round_.manifest_hash = digest(manifest)
    return manifest


def build(round_: Round, *, now: dt.datetime) -> Manifest:
    """Everything the result follows from, without the result. Eight queries."""
    sets = queries.criteria_sets(round_)
    dossiers = list(
        round_.dossiers.filter(state=DossierState.ELIGIBLE)
        .select_related("product")
        .prefetch_related("versions", "sheets__judge", "sheets__scores__criterion")
        .order_by("entry_code")
    )
    return {
        "formula": FORMULA,
        "round": str(round_.uuid),
        "title": round_.title,
        "closed_at": now.isoformat(),
        "settings": {
            "threshold": spelled(round_.threshold),
            "quorum": round_.quorum,
            "score_step": spelled(round_.score_step),
        },
        "criteria": {str(one.uuid): _criteria_record(one) for one in sets.values()},
        "dossiers": [_dossier_record(dossier, _set_of(sets, dossier)) for dossier in dossiers],
    }


def _set_of(sets: dict[str, CriteriaSet], dossier: Dossier) -> CriteriaSet:
    return sets.get(dossier.product.group) or sets[""]


def _criteria_record(one: CriteriaSet) -> CriteriaRecord:
    rows = queries.as_rows(one)
    leaves = inputs(rows)
    heads = heads_of(rows)
    return {
        "name": one.name,
        "group": one.group,
        "version": one.version,
        "maxima": {row.code: spelled(row.max_points) for row in leaves if row.max_points is not None},
        "heads": {row.code: heads[row.code] for row in leaves},
    }


def _dossier_record(dossier: Dossier, criteria_set: CriteriaSet) -> DossierRecord:
    frozen = max(dossier.versions.all(), key=lambda version: version.number, default=None)
    sheets = sorted(dossier.sheets.all(), key=lambda sheet: str(sheet.uuid))
    return {
        "code": dossier.entry_code,
        "uuid": str(dossier.uuid),
        "group": dossier.product.group,
        "criteria": str(criteria_set.uuid),
        "version": frozen.number if frozen else 0,
        "version_sha256": frozen.sha256 if frozen else "",
        "sheets": [_sheet_record(sheet, dossier, criteria_set) for sheet in sheets],
        "result": UNCOUNTED,
    }


def _sheet_record(sheet: ScoreSheet, dossier: Dossier, criteria_set: CriteriaSet) -> SheetRecord:
    given = {
        score.criterion.code: score.points
        for score in sheet.scores.all()
        if score.points is not None and score.criterion.criteria_set_id == criteria_set.pk
    }
    if sheet.state == SheetState.SUBMITTED:
        _refuse_wrong_total(sheet, dossier, sum(given.values(), Decimal(0)))
    return {
        "uuid": str(sheet.uuid),
        "judge": str(sheet.judge.uuid),
        "state": sheet.state,
        "dossier_version": sheet.dossier_version,
        "submitted_at": sheet.submitted_at.isoformat() if sheet.submitted_at else None,
        "scores": {code: spelled(points) for code, points in sorted(given.items())},
    }


def _refuse_wrong_total(sheet: ScoreSheet, dossier: Dossier, total: Decimal) -> None:
    if sheet.total != total:
        raise Refusal(
            "sheet_total_differs",
            _(
                "Phiếu chấm của %(judge)s, hồ sơ %(code)s ghi tổng %(said)s nhưng các mục cộng lại là %(sum)s. Hãy kiểm tra phiếu."
            )
            % {
                "judge": sheet.judge,
                "code": dossier.entry_code,
                "said": in_words(sheet.total or Decimal(0)),
                "sum": in_words(total),
            },
        )
