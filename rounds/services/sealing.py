"""Closing the scoring: the manifest from which anyone can count again, and the results that follow from it."""

import datetime as dt
import secrets
from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.audit.services import record
from portal.text.errors import Refusal
from portal.text.formats import points as in_words

from .. import queries
from ..counting import rules_for
from ..criteria import heads_of, inputs
from ..enums import DossierState, SheetState
from ..manifest import (
    CriteriaRecord,
    Manifest,
    ResultRecord,
    Settings,
    SheetRecord,
    digest,
    recount,
    spelled,
    stored,
)
from ..models import CriteriaSet, Dossier, DossierVersion, Result, Round, RoundSeal, Score, ScoreSheet
from ..standing import standing_pairs
from ..tally import FORMULA

UNCOUNTED: ResultRecord = {"sheets": 0, "points": "0.00", "passed": False, "rank": None}
SEED_BYTES = 16


def draw_seed(round_: Round, *, actor: Any = None) -> str:
    """Draw the seed that breaks the last ties, once, before anything is scored. Does not save the round.

    Published from then on, so that nobody can choose it knowing the points, nor change it afterwards.
    """
    if not round_.draw_seed:
        round_.draw_seed = secrets.token_hex(SEED_BYTES)
        record(
            actor=actor,
            action="round.draw_seed",
            sentence=_("Lập mã bốc thăm %(seed)s cho trường hợp bằng điểm.") % {"seed": round_.draw_seed},
            subject=round_,
            territory=round_.territory,
            data={"draw_seed": round_.draw_seed},
        )
    return round_.draw_seed


def seal(round_: Round, *, actor: Any = None, now: dt.datetime) -> RoundSeal:
    """Write the manifest under its hash and the results of its dossiers.

    The round must be locked. Refused where a sheet's total is not the sum of its scores.
    """
    manifest = build(round_, now=now)
    counted = recount(manifest)
    for row in manifest["dossiers"]:
        row["result"] = counted[row["code"]]
    keys = dict(_scored(round_).values_list("entry_code", "pk"))
    Result.objects.filter(dossier__round=round_).delete()
    Result.objects.bulk_create(Result(dossier_id=keys[code], **stored(one)) for code, one in counted.items())
    return RoundSeal.objects.create(
        round=round_,
        number=manifest["number"],
        manifest=manifest,
        sha256=digest(manifest),
        sealed_at=now,
        sealed_by=actor,
    )


def _scored(round_: Round) -> Any:
    return round_.dossiers.filter(state=DossierState.ELIGIBLE, gathered_late=False)


def build(round_: Round, *, now: dt.datetime) -> Manifest:
    """Everything the result follows from, without the result. Ten queries, however many sheets."""
    sets = queries.criteria_sets(round_)
    dossiers = list(_scored(round_).select_related("product").order_by("entry_code"))
    sheets = _sheets(round_, {dossier.pk: (dossier.entry_code, _set_of(sets, dossier).pk) for dossier in dossiers})
    frozen, parts = _versions(round_), _parts(round_)
    aside = _people(standing_pairs(round_))
    return {
        "formula": FORMULA,
        "round": str(round_.uuid),
        "title": round_.title,
        "number": round_.seals.count() + 1,
        "closed_at": now.isoformat(),
        "settings": settings_of(round_),
        "criteria": {str(one.uuid): _criteria_record(one) for one in sets.values()},
        "dossiers": [
            {
                "code": dossier.entry_code,
                "uuid": str(dossier.uuid),
                "group": dossier.product.group,
                "criteria": str(_set_of(sets, dossier).uuid),
                "version": frozen.get(dossier.pk, (0, ""))[0],
                "version_sha256": frozen.get(dossier.pk, (0, ""))[1],
                "parts": parts.get(dossier.pk, []),
                "recused": sorted(aside.get(dossier.pk, ())),
                "sheets": _with_recusals(sheets.get(dossier.pk, []), aside.get(dossier.pk, frozenset())),
                "result": UNCOUNTED,
            }
            for dossier in dossiers
        ],
    }


def settings_of(round_: Round) -> Settings:
    """The round's written settings, as its manifest keeps them."""
    rules = rules_for(round_)
    return {
        "threshold": spelled(rules.threshold),
        "quorum": rules.quorum,
        "score_step": spelled(round_.score_step),
        "weights": dict(rules.weights),
        "drop_extremes": rules.drop,
        "drop_extremes_from": rules.drop_from,
        "tie_break": list(rules.chain),
        "draw_seed": rules.draw_seed,
        "disagreement_points": spelled(rules.disagreement),
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


def _versions(round_: Round) -> dict[int, tuple[int, str]]:
    """Number and hash of the newest frozen version of each dossier. One query."""
    rows = DossierVersion.objects.filter(dossier__round=round_).order_by("number")
    return {dossier: (number, sha256) for dossier, number, sha256 in rows.values_list("dossier_id", "number", "sha256")}


def _parts(round_: Round) -> dict[int, list[str]]:
    """Entry codes gathered into each set. One query."""
    found: dict[int, list[str]] = defaultdict(list)
    parts = round_.dossiers.filter(gathered_into__isnull=False).order_by("entry_code")
    for into, code in parts.values_list("gathered_into_id", "entry_code"):
        found[into].append(code)
    return found


def _people(pairs: dict[int, frozenset[int]]) -> dict[int, frozenset[str]]:
    """The same pairs by UUID. One query."""
    wanted = {user for users in pairs.values() for user in users}
    names = dict(User.objects.filter(pk__in=wanted).values_list("pk", "uuid"))
    return {dossier: frozenset(str(names[user]) for user in users) for dossier, users in pairs.items()}


def _sheets(round_: Round, known: dict[int, tuple[str, int]]) -> dict[int, list[SheetRecord]]:
    """Every sheet of the round's dossiers with its points, by dossier and UUID; `known` has entry codes and the
    sets that dossiers are scored by. Two queries."""
    given: dict[int, dict[str, Decimal]] = defaultdict(dict)
    rows = Score.objects.filter(sheet__dossier__in=_scored(round_), points__isnull=False).order_by("criterion__code")
    columns = ("sheet_id", "sheet__dossier_id", "criterion__criteria_set_id", "criterion__code", "points")
    for sheet_id, dossier_id, set_id, code, points in rows.values_list(*columns):
        if points is not None and set_id == known[dossier_id][1]:
            given[sheet_id][code] = points
    found: dict[int, list[SheetRecord]] = defaultdict(list)
    for sheet in ScoreSheet.objects.filter(dossier__in=_scored(round_)).select_related("judge").order_by("uuid"):
        scores = given[sheet.pk]
        if sheet.state == SheetState.SUBMITTED:
            _refuse_wrong_total(sheet, known[sheet.dossier_id][0], sum(scores.values(), Decimal(0)))
        found[sheet.dossier_id].append(_sheet_record(sheet, scores))
    return found


def _sheet_record(sheet: ScoreSheet, scores: dict[str, Decimal]) -> SheetRecord:
    return {
        "uuid": str(sheet.uuid),
        "judge": str(sheet.judge.uuid),
        "scoring_pass": sheet.scoring_pass,
        "edition": sheet.edition,
        "state": sheet.state,
        "recused": False,
        "dossier_version": sheet.dossier_version,
        "submitted_at": sheet.submitted_at.isoformat() if sheet.submitted_at else None,
        "scores": {code: spelled(points) for code, points in scores.items()},
    }


def _with_recusals(sheets: list[SheetRecord], aside: frozenset[str]) -> list[SheetRecord]:
    for sheet in sheets:
        sheet["recused"] = sheet["judge"] in aside
    return sheets


def _refuse_wrong_total(sheet: ScoreSheet, code: str, total: Decimal) -> None:
    if sheet.total != total:
        raise Refusal(
            "sheet_total_differs",
            _(
                "Phiếu chấm của %(judge)s, hồ sơ %(code)s ghi tổng %(said)s nhưng các mục cộng lại là %(sum)s. Hãy kiểm tra phiếu."
            )
            % {
                "judge": sheet.judge,
                "code": code,
                "said": in_words(sheet.total or Decimal(0)),
                "sum": in_words(total),
            },
        )
