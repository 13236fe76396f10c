"""Sheets on paper: the secretary enters one with its scan, the judge confirms it; signed print-outs are received.

An entered sheet counts nowhere until its judge has confirmed it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.files.models import StoredFile
from portal.notices.services import plan
from portal.text.errors import Refusal

from .. import notices, progress_queries
from ..enums import RoundState, ScoringPass, SheetState
from ..judge_queries import outline_named, points_of, stored_scores
from ..models import Dossier, Round, Score, ScoreSheet
from ..outline import Outline
from ..rules import may_enter_paper, may_score
from ..standing import no_standing_conflict
from ..states import BEFORE_SCORING
from . import scoring
from .score_values import Held, Value, accept
from .shared import refuse_party

OWN_SEAT = gettext_lazy(
    "Thư ký đang là giám khảo của kỳ này nên không nhập, không in phiếu của người khác. Hãy để người khác làm thư ký."
)


@transaction.atomic
def enter(
    *,
    dossier: Dossier,
    judge: Any,
    values: Mapping[int, Value],
    scan: StoredFile,
    actor: Any,
    now: dt.datetime,
    scoring_pass: str = ScoringPass.DOSSIER,
    remark: str = "",
) -> ScoreSheet:
    """Enter a judge's paper sheet, whole and right, with its scan. It waits for the judge's word.

    Raises Refusal "not_allowed", "own_sheet", "own_seat", "conflict", "judge_scoring" when the judge scores here, "wrong_points"
    or "incomplete" with a sentence for each box, or why the judge could not score now.
    """
    round_ = Round.objects.select_for_update(no_key=True).get(pk=dossier.round_id)
    may_enter_paper.require(actor, round_)
    if actor.pk == judge.pk:
        raise Refusal("own_sheet", _("Bạn tự chấm thì chấm trên cổng, không cần nhập phiếu giấy của mình."))
    _refuse_who_scores(actor, round_)
    refuse_party(dossier, actor, is_office=True)
    sheet = scoring.open_sheet(dossier=dossier, judge=judge, now=now, scoring_pass=scoring_pass)
    locked = scoring.lock_sheet(pk=sheet.pk)
    scoring.refuse_unless_writable(locked, judge, now)
    if locked.saved_at is not None and (locked.entered_at is None or locked.saved_at > locked.entered_at):
        raise Refusal(
            "judge_scoring",
            _("%(judge)s đang chấm hồ sơ này trên cổng. Hãy để giám khảo nộp phiếu trên cổng.") % {"judge": judge},
        )
    outline = outline_named(locked.criteria_uuid)
    _write_whole(locked, _whole(values, outline, locked), now)
    locked.total = outline.total(points_of(stored_scores(locked)))
    locked.remark, locked.paper_scan = remark.strip(), scan
    locked.entered_by, locked.entered_at, locked.saved_at = actor, now, now
    locked.state, locked.revision = SheetState.ENTERED, locked.revision + 1
    locked.save()
    entered = scoring.note_sheet(
        locked,
        actor=actor,
        action="sheet.enter",
        sentence=_("Nhập phiếu chấm giấy hồ sơ %(code)s của %(judge)s."),
        data={"scan": scan.sha256},
    )
    _tell(
        locked,
        [locked.judge],
        now,
        entered,
        kind=notices.PAPER_ENTERED.code,
        title=_("Phiếu chấm giấy hồ sơ %(code)s chờ bạn xác nhận"),
        body=_("Thư ký đã nhập phiếu giấy của bạn. Hãy so với bản chụp, rồi xác nhận hoặc trả lại trước hạn."),
    )
    return locked


@transaction.atomic
def confirm(*, sheet: ScoreSheet, actor: Any, now: dt.datetime) -> ScoreSheet:
    """The judge says that what was entered is the own paper sheet: it is handed in from now on."""
    locked = scoring.lock_with_round(sheet)
    scoring.refuse_unless_writable(locked, actor, now, SheetState.ENTERED)
    outline = outline_named(locked.criteria_uuid)
    given = points_of(stored_scores(locked))
    scoring.refuse_incomplete(outline, given)
    scoring.hand_in(locked, outline, given, actor, now)
    return locked


@transaction.atomic
def refuse(*, sheet: ScoreSheet, reason: str, actor: Any, now: dt.datetime) -> ScoreSheet:
    """The judge says that what was entered is not right; it is a draft again, to be corrected here or on paper."""
    why = scoring.reason_in_words(reason, _("Hãy ghi điều chưa đúng so với phiếu giấy."))
    locked = scoring.lock_with_round(sheet)
    scoring.refuse_unless_writable(locked, actor, now, SheetState.ENTERED)
    secretary = locked.entered_by
    locked.state, locked.total, locked.revision = SheetState.DRAFT, None, locked.revision + 1
    locked.save(update_fields=["state", "total", "revision"])
    refused = scoring.note_sheet(
        locked,
        actor=actor,
        action="sheet.refuse_entered",
        sentence=_("Trả lại phiếu giấy hồ sơ %(code)s do thư ký nhập."),
        reason=why,
    )
    _tell(
        locked,
        [secretary] if secretary else [],
        now,
        refused,
        kind=notices.PAPER_REFUSED.code,
        title=_("%(judge)s trả lại phiếu giấy hồ sơ %(code)s"),
        body=_("Lý do: %(reason)s") % {"reason": why},
    )
    return locked


@transaction.atomic
def record_signature(
    *, sheets: Sequence[ScoreSheet], signed_on: dt.date, actor: Any, now: dt.datetime, scan: StoredFile | None = None
) -> list[ScoreSheet]:
    """Receive printed sheets with their judges' own signatures, one or a batch of one round.

    Raises Refusal "nothing_chosen", "several_rounds", "not_allowed", "own_seat", "not_scoring", "not_submitted" or
    "stands_aside" with the dossiers, "signed_in_future", "signed_before_submitted".
    """
    round_ = _round_of(sheets)
    may_enter_paper.require(actor, round_)
    _refuse_who_scores(actor, round_)
    if round_.state in (*BEFORE_SCORING, RoundState.CANCELLED):
        raise Refusal("not_scoring", _("Kỳ này chưa chấm điểm nên chưa có phiếu để ký."))
    chosen = ScoreSheet.objects.select_for_update(of=("self",)).filter(pk__in=[sheet.pk for sheet in sheets])
    locked = list(chosen.select_related("dossier__round__territory", "judge").order_by("pk"))
    _refuse_signature(locked, signed_on, timezone.localdate(now))
    for sheet in locked:
        sheet.signed_on, sheet.signed_scan, sheet.signed_recorded_by = signed_on, scan, actor
        sheet.save(update_fields=["signed_on", "signed_scan", "signed_recorded_by"])
        scoring.note_sheet(
            sheet,
            actor=actor,
            action="sheet.signature",
            sentence=_("Nhận phiếu chấm hồ sơ %(code)s đã ký của %(judge)s."),
            data={"signed_on": signed_on.isoformat(), "scan": scan.sha256 if scan else None},
        )
    return locked


def unsigned(round_: Round) -> "QuerySet[ScoreSheet]":
    """Handed-in sheets whose signed print-out has not been received, by judge and dossier. One query."""
    missing = progress_queries.unsigned(round_)
    return missing.select_related("dossier__product", "judge").order_by("judge", "dossier__entry_code", "scoring_pass")


def not_aside(sheets: "QuerySet[ScoreSheet]") -> "QuerySet[ScoreSheet]":
    """Without those whose judges stand aside since they handed in: such a sheet stays as the seal has it."""
    facility = OuterRef("dossier__product__facility")
    return sheets.filter(no_standing_conflict(OuterRef("judge"), OuterRef("dossier"), facility))


def _refuse_who_scores(actor: Any, round_: Round) -> None:
    """Whoever judges here reads no sheet of another: the sheets stay blind to one another."""
    if actor is not None and may_score(actor, round_):
        raise Refusal("own_seat", OWN_SEAT)


def _whole(values: Mapping[int, Value], outline: Outline, sheet: Any) -> dict[int, Held]:
    """Every input with right points. Raises Refusal with a sentence for each box that is wrong or missing."""
    wanted, faults = accept(values, {}, outline, sheet.dossier.round.score_step)
    if faults:
        raise Refusal("wrong_points", wrong_sentence(len(faults)), details=tuple(_named(faults, outline)))
    scoring.refuse_incomplete(outline, {pk: points for pk, (points, _note) in wanted.items() if points is not None})
    return wanted


def wrong_sentence(count: int) -> str:
    return ngettext(
        "Còn %(count)d ô điểm chưa đúng. Hãy so lại với phiếu giấy.",
        "Còn %(count)d ô điểm chưa đúng. Hãy so lại với phiếu giấy.",
        count,
    ) % {"count": count}


def _named(faults: Mapping[int, str], outline: Outline) -> list[str]:
    return [f"{outline.by_pk[pk].code}: {words}" if pk in outline.by_pk else words for pk, words in faults.items()]


def _write_whole(sheet: Any, wanted: Mapping[int, Held], now: dt.datetime) -> None:
    """The paper replaces whatever an earlier entry of it had left."""
    Score.objects.filter(sheet=sheet).delete()
    Score.objects.bulk_create(
        Score(sheet=sheet, criterion_id=pk, points=points, note=note, saved_at=now)
        for pk, (points, note) in wanted.items()
        if points is not None or note
    )


def _round_of(sheets: Sequence[ScoreSheet]) -> Round:
    rounds = set(Dossier.objects.filter(sheets__in=sheets).values_list("round_id", flat=True))
    if not rounds:
        raise Refusal("nothing_chosen", _("Hãy chọn ít nhất một phiếu đã ký."))
    if len(rounds) > 1:
        raise Refusal("several_rounds", _("Các phiếu đã chọn thuộc nhiều kỳ. Hãy nhận phiếu của từng kỳ."))
    return Round.objects.select_related("territory").get(pk=rounds.pop())


def _refuse_signature(sheets: Sequence[ScoreSheet], signed_on: dt.date, today: dt.date) -> None:
    loose = [sheet for sheet in sheets if sheet.state != SheetState.SUBMITTED]
    if loose:
        raise Refusal(
            "not_submitted",
            _("Chỉ nhận bản ký của phiếu đã nộp. Hãy bỏ chọn các phiếu chưa nộp."),
            details=tuple(f"{sheet.dossier.entry_code}: {sheet.judge}" for sheet in loose),
        )
    kept = set(not_aside(ScoreSheet.objects.filter(pk__in=[sheet.pk for sheet in sheets])).values_list("pk", flat=True))
    if aside := [sheet for sheet in sheets if sheet.pk not in kept]:
        raise Refusal(
            "stands_aside",
            _("Có phiếu của giám khảo nay có xung đột lợi ích với hồ sơ, phiếu giữ như đã niêm phong. Hãy bỏ chọn."),
            details=tuple(f"{sheet.dossier.entry_code}: {sheet.judge}" for sheet in aside),
        )
    if signed_on > today:
        raise Refusal("signed_in_future", _("Ngày ký không được sau hôm nay."), field="signed_on")
    printed = [timezone.localdate(s.submitted_at) for s in sheets if s.paper_scan_id is None and s.submitted_at]
    if printed and signed_on < max(printed):
        raise Refusal(
            "signed_before_submitted",
            _("Ngày ký không được trước ngày nộp phiếu. Hãy xem lại ngày."),
            field="signed_on",
        )


def _tell(
    sheet: Any, users: list[User], now: dt.datetime, act: AuditEntry, *, kind: str, title: str, body: str
) -> None:
    plan(
        kind=kind,
        subject=sheet,
        users=users,
        due_on=timezone.localdate(now),
        title=title % {"code": sheet.dossier.entry_code, "judge": sheet.judge},
        body=body,
        territory=sheet.dossier.round.territory,
        act=act,
    )
