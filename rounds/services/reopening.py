"""Re-opening a sheet that was handed in: an act of the chair with a reason. What was handed in is kept as it was.

Only while the round is being scored; afterwards the sealed manifest stands. The database allows exactly the step
from the kept version to the next edition, and nothing else on a sealed sheet.
"""

import datetime as dt
import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.notices.services import plan
from portal.text.errors import Refusal

from .. import notices
from ..enums import Body, RoundState, SeatRole, SheetState
from ..models import Score, ScoreSheet, Seat, SheetVersion
from ..rules import may_reopen_sheets
from .scoring import SEALED, lock_with_round, note_sheet, reason_in_words
from .shared import refuse_party

# What a fresh edition starts without. The signature was given to the version that is kept.
_CLEARED = {
    "total": None,
    "submitted_at": None,
    "cannot_assess_reason": "",
    "entered_by": None,
    "entered_at": None,
    "paper_scan": None,
    "signed_on": None,
    "signed_scan": None,
    "signed_recorded_by": None,
}


@transaction.atomic
def reopen(*, sheet: ScoreSheet, reason: str, actor: Any, now: dt.datetime) -> ScoreSheet:
    """Keep what was handed in as a SheetVersion and give the judge the next edition as a draft, scores and all.

    Raises Refusal "not_allowed", "own_sheet", "conflict", "reason_missing", "not_scoring", "not_sealed".
    """
    why = reason_in_words(reason, _("Hãy ghi lý do mở lại phiếu."))
    locked = lock_with_round(sheet)
    round_ = locked.dossier.round
    may_reopen_sheets.require(actor, round_)
    if actor.pk == locked.judge_id:
        raise Refusal("own_sheet", _("Bạn không tự mở lại phiếu của mình. Hãy nhờ phó chủ tịch hội đồng."))
    refuse_party(locked.dossier, actor, is_office=True)
    if round_.state != RoundState.SCORING:
        raise Refusal("not_scoring", _("Kỳ này không còn ở bước chấm điểm nên phiếu không mở lại được."))
    if locked.state not in SEALED:
        raise Refusal("not_sealed", _("Phiếu này chưa nộp nên không cần mở lại."))
    whole = ScoreSheet.objects.get(pk=locked.pk)
    kept = _keep(whole, why, actor, now)
    for name, value in _CLEARED.items():
        setattr(whole, name, value)
    whole.state, whole.edition, whole.revision = SheetState.DRAFT, whole.edition + 1, whole.revision + 1
    whole.save(update_fields=[*_CLEARED, "state", "edition", "revision"])
    note_sheet(
        whole,
        actor=actor,
        action="sheet.reopen",
        sentence=_("Mở lại phiếu chấm hồ sơ %(code)s của %(judge)s."),
        reason=why,
        data={"kept_version": kept.number, "kept_sha256": kept.sha256},
    )
    _tell_judge(whole, kept, why, now)
    return whole


@transaction.atomic
def ask(*, sheet: ScoreSheet, reason: str, actor: Any, now: dt.datetime) -> int:
    """The judge asks the council's chair to re-open the own sheet. Returns how many were told.

    Raises Refusal "reason_missing", "not_yours", "not_scoring", "not_sealed", "no_chair".
    """
    why = reason_in_words(reason, _("Hãy ghi vì sao cần mở lại phiếu."))
    locked = lock_with_round(sheet)
    if actor.pk != locked.judge_id:
        raise Refusal("not_yours", _("Phiếu này của giám khảo khác."))
    if locked.dossier.round.state != RoundState.SCORING:
        raise Refusal("not_scoring", _("Kỳ này không còn ở bước chấm điểm nên phiếu không mở lại được."))
    if locked.state not in SEALED:
        raise Refusal("not_sealed", _("Phiếu này chưa nộp nên không cần mở lại."))
    chairs = _chairs(locked)
    if not chairs:
        raise Refusal("no_chair", _("Kỳ này chưa có chủ tịch hội đồng. Hãy báo đơn vị tổ chức."))
    asked = note_sheet(
        locked,
        actor=actor,
        action="sheet.ask_reopen",
        sentence=_("Đề nghị mở lại phiếu chấm hồ sơ %(code)s."),
        reason=why,
    )
    facts = {"judge": locked.judge, "code": locked.dossier.entry_code, "reason": why}
    plan(
        kind=notices.REOPENING_ASKED.code,
        subject=locked,
        users=chairs,
        due_on=timezone.localdate(now),
        title=_("%(judge)s đề nghị mở lại phiếu chấm hồ sơ %(code)s") % facts,
        body=_("Lý do: %(reason)s") % facts,
        territory=locked.dossier.round.territory,
        act=asked,
    )
    return len(chairs)


def content_of(sheet: ScoreSheet) -> dict[str, Any]:
    """A handed-in sheet as plain values: every score by criterion, exact; the scans by their content. Two queries."""
    scores = Score.objects.filter(sheet=sheet).select_related("criterion").order_by("criterion__position", "pk")
    return {
        "sheet": str(sheet.uuid),
        "dossier": str(sheet.dossier.uuid),
        "judge": str(sheet.judge.uuid),
        "pass": sheet.scoring_pass,
        "edition": sheet.edition,
        "dossier_version": sheet.dossier_version,
        "state": sheet.state,
        "total": None if sheet.total is None else str(sheet.total),
        "remark": sheet.remark,
        "cannot_assess_reason": sheet.cannot_assess_reason,
        "revision": sheet.revision,
        "submitted_at": sheet.submitted_at.isoformat() if sheet.submitted_at else None,
        "paper": _paper(sheet),
        "signed": _signature(sheet),
        "scores": [
            {
                "criterion": score.criterion_id,
                "code": score.criterion.code,
                "points": None if score.points is None else str(score.points),
                "note": score.note,
            }
            for score in scores
        ],
    }


def _paper(sheet: ScoreSheet) -> dict[str, Any] | None:
    if sheet.entered_by is None or sheet.entered_at is None or sheet.paper_scan is None:
        return None
    return {
        "entered_by": str(sheet.entered_by.uuid),
        "entered_at": sheet.entered_at.isoformat(),
        "scan": sheet.paper_scan.sha256,
    }


def _signature(sheet: ScoreSheet) -> dict[str, Any] | None:
    if sheet.signed_on is None:
        return None
    return {"on": sheet.signed_on.isoformat(), "scan": sheet.signed_scan.sha256 if sheet.signed_scan else None}


def _keep(sheet: ScoreSheet, reason: str, actor: Any, now: dt.datetime) -> SheetVersion:
    content = content_of(sheet)
    written = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return SheetVersion.objects.create(
        sheet=sheet,
        number=sheet.edition,
        content=content,
        sha256=hashlib.sha256(written.encode()).hexdigest(),
        submitted_at=sheet.submitted_at or now,
        reopened_at=now,
        reopened_by=actor,
        reason=reason,
    )


def _chairs(sheet: Any) -> list[User]:
    """The chair and the vice chairs, without the judge: nobody re-opens the own sheet."""
    seats = Seat.objects.filter(
        round=sheet.dossier.round_id,
        body=Body.COUNCIL,
        role__in=[SeatRole.CHAIR, SeatRole.VICE_CHAIR],
        until__isnull=True,
    )
    return [seat.user for seat in seats.exclude(user=sheet.judge_id).select_related("user")]


def _tell_judge(sheet: ScoreSheet, kept: SheetVersion, reason: str, now: dt.datetime) -> None:
    code = {"code": sheet.dossier.entry_code, "reason": reason}
    plan(
        kind=notices.SHEET_REOPENED.code,
        subject=kept,
        users=[sheet.judge],
        due_on=timezone.localdate(now),
        title=_("Phiếu chấm hồ sơ %(code)s của bạn được mở lại") % code,
        body=_("Lý do: %(reason)s Điểm đã chấm còn nguyên. Hãy sửa rồi nộp lại trước hạn.") % code,
        territory=sheet.dossier.round.territory,
    )
