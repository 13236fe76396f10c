"""Scoring: opening, saving, submitting a sheet, or saying that one cannot assess.

Every write locks the sheet's row and looks again whether the person may still write: the seat, the
round, the deadline and the conflict are judged at the moment of writing, not when the page was opened.
Acts that the tally counts lock the round first, so that closing the scoring cannot run past them.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.audit.services import record
from portal.text.errors import Refusal
from portal.text.formats import day

from .. import points as rules_of_points
from ..assigned import assigned_to
from ..enums import DossierState, RoundState, SheetState
from ..judge_queries import jury_seat, outline_for, points_of, standing_conflict, stored_scores
from ..models import Dossier, Round, Score, ScoreSheet
from ..outline import Outline, Row
from ..receipt import receipt_code

NOTE_LENGTH = 500
REASON_LENGTH = 300
# What deciding about a save reads; a judge saves after every figure, so the rest is left where it is.
_OF_A_SHEET = (
    "uuid",
    "judge",
    "state",
    "remark",
    "revision",
    "saved_at",
    "submitted_at",
    "dossier__uuid",
    "dossier__state",
    "dossier__entry_code",
    "dossier__round__state",
    "dossier__round__scoring_until",
    "dossier__round__score_step",
    "dossier__product__group",
    "dossier__product__name",
)


class Keep(Enum):
    """Stands for "leave as it is" in a partial save."""

    KEEP = "keep"


KEEP = Keep.KEEP
# Points as a number, as typed text, None for an emptied box; and the note.
Value = tuple[Decimal | str | Keep | None, str | Keep]


@dataclass(frozen=True)
class Difference:
    """One criterion on which the server holds something else than what was sent."""

    row: Row
    points: Decimal | None
    note: str
    saved_at: dt.datetime | None


class Stale(Refusal):
    """Another page saved meanwhile. Nothing was overwritten; `differences` names what is not the same."""

    def __init__(self, *, revision: int, differences: tuple[Difference, ...], remark: str | None) -> None:
        codes = ", ".join(found.row.code for found in differences) or _("nhận xét chung")
        super().__init__(
            "stale",
            _("Mục %(codes)s đã được sửa ở trang hoặc máy khác. Hãy chọn bản giữ lại.") % {"codes": codes},
            details=tuple(f"{found.row.code} {found.row.name}" for found in differences),
        )
        self.revision = revision
        self.differences = differences
        self.remark = remark


@dataclass(frozen=True)
class Saved:
    """What a save did: the new version tag, what was wrong (by criterion, in words), how much was written."""

    sheet: ScoreSheet
    revision: int
    saved_at: dt.datetime | None
    faults: dict[int, str] = field(default_factory=dict)
    written: int = 0


@transaction.atomic
def open_sheet(*, dossier: Dossier, judge: Any, now: dt.datetime) -> ScoreSheet:
    """The judge's one sheet for the dossier, made when there is none yet.

    Raises Refusal "not_seated", "conflict", "not_scoring", "deadline_passed", "not_eligible". Two requests
    at once end with the same row: the unique constraint decides, not the look before.
    """
    found = _judged(dossier, judge)
    _refuse_unless_open(found, now)
    try:
        sheet, _made = ScoreSheet.objects.get_or_create(
            dossier=found, judge=judge, defaults={"dossier_version": found.version}
        )
    except IntegrityError as error:  # the trigger saw a conflict declared after the look above
        raise Refusal("conflict", recused_sentence(found)) from error
    return sheet


@transaction.atomic
def save_scores(
    *,
    sheet: ScoreSheet,
    values: Mapping[int, Value],
    revision: int,
    actor: Any,
    now: dt.datetime,
    remark: str | None = None,
) -> Saved:
    """Save part of a sheet: points (typed text is read) and notes by criterion id, None for an emptied box,
    KEEP for untouched.

    Points that are wrong are reported in `faults` and not saved; the right ones of the same call are. With an
    outdated `revision` nothing is written and Stale lists what differs, unless the server already holds exactly
    what was sent (a repeated request is no conflict). Raises Refusal when the sheet may not be written.
    Five queries: lock, criteria set, scores, scores written, sheet written; one more to read the criteria first.
    """
    locked = _lock(sheet)
    _refuse_unless_writable(locked, actor, now)
    dossier = locked.dossier
    outline = outline_for(dossier.round_id, dossier.product.group)
    stored = {score.criterion_id: score for score in locked.scores.filter(criterion__in=values)}
    wanted, faults = _accept(values, stored, outline, dossier.round.score_step)
    changed = {pk: value for pk, value in wanted.items() if value != _held(stored.get(pk))}
    new_remark = remark if remark is not None and remark != locked.remark else None
    if revision != locked.revision and (changed or new_remark is not None):
        raise Stale(
            revision=locked.revision,
            differences=tuple(_difference(outline, stored, pk) for pk in changed),
            remark=locked.remark if new_remark is not None else None,
        )
    if changed or new_remark is not None:
        _write(locked, changed, new_remark, now)
    return Saved(locked, locked.revision, locked.saved_at, faults, len(changed))


@transaction.atomic
def submit_sheet(*, sheet: ScoreSheet, actor: Any, now: dt.datetime, revision: int | None = None) -> ScoreSheet:
    """Hand the sheet in: every input scored, the total computed here, immutable from now on.

    `revision`, when given, is what the judge saw; another page's later save is not handed in unseen.
    Raises Refusal "incomplete" with one detail per missing input, "sealed" the second time, or why not.
    """
    Round.objects.select_for_update(no_key=True).get(pk=sheet.dossier.round_id)
    locked = _lock(sheet)
    _refuse_unless_writable(locked, actor, now)
    if revision is not None and revision != locked.revision:
        raise Stale(revision=locked.revision, differences=(), remark=None)
    dossier = locked.dossier
    outline = outline_for(dossier.round_id, dossier.product.group)
    given = points_of(stored_scores(locked))
    _refuse_incomplete(outline, given)
    locked.total = outline.total(given)
    locked.state, locked.submitted_at = SheetState.SUBMITTED, now
    locked.save(update_fields=["total", "state", "submitted_at"])
    record(
        actor=actor,
        action="sheet.submit",
        sentence=_("Nộp phiếu chấm hồ sơ %(code)s.") % {"code": dossier.entry_code},
        subject=locked,
        territory=dossier.round.territory,
        data={"receipt": code_of(locked, outline, given), "revision": locked.revision, "inputs": len(outline.inputs)},
    )
    return locked


@transaction.atomic
def cannot_assess(*, sheet: ScoreSheet, reason: str, actor: Any, now: dt.datetime) -> ScoreSheet:
    """Hand in that one cannot assess the dossier. It needs a reason and counts as no sheet, never as zero."""
    why = reason_in_words(reason, _("Hãy ghi lý do bạn không đánh giá được hồ sơ này."))
    Round.objects.select_for_update(no_key=True).get(pk=sheet.dossier.round_id)
    locked = _lock(sheet)
    _refuse_unless_writable(locked, actor, now)
    locked.state, locked.submitted_at, locked.cannot_assess_reason = SheetState.CANNOT_ASSESS, now, why
    locked.save(update_fields=["state", "submitted_at", "cannot_assess_reason"])
    record(
        actor=actor,
        action="sheet.cannot_assess",
        sentence=_("Báo không đánh giá được hồ sơ %(code)s.") % {"code": locked.dossier.entry_code},
        subject=locked,
        territory=locked.dossier.round.territory,
        reason=why,
    )
    return locked


def code_of(sheet: ScoreSheet, outline: Outline, given: Mapping[int, Decimal]) -> str:
    """The receipt code of a sheet with these points."""
    by_code = {row.code: given[row.pk] for row in outline.inputs if row.pk in given}
    return receipt_code(str(sheet.uuid), str(sheet.dossier.uuid), str(sheet.judge.uuid), by_code)


def reason_in_words(reason: str, when_empty: str) -> str:
    """A typed reason without outer space. Raises Refusal "reason_missing" or "reason_too_long" at its field."""
    why = " ".join(reason.split())
    if not why:
        raise Refusal("reason_missing", when_empty, field="reason")
    if len(why) > REASON_LENGTH:
        raise Refusal(
            "reason_too_long",
            _("Lý do dài quá %(length)d ký tự. Hãy viết ngắn hơn.") % {"length": REASON_LENGTH},
            field="reason",
        )
    return why


def _lock(sheet: ScoreSheet) -> Any:
    """The sheet's row, locked, with everything the checks need and nothing more. One query."""
    return (
        ScoreSheet.objects.select_for_update(of=("self",))
        .select_related("dossier__round", "dossier__product")
        .only(*_OF_A_SHEET)
        .annotate(
            is_seated=jury_seat(OuterRef("judge"), OuterRef("dossier__round")),
            is_recused=standing_conflict(OuterRef("judge"), OuterRef("dossier")),
            is_assigned=assigned_to(OuterRef("judge"), OuterRef("dossier__round"), OuterRef("dossier")),
        )
        .get(pk=sheet.pk)
    )


def _judged(dossier: Dossier, judge: Any) -> Any:
    return (
        Dossier.objects.select_related("round")
        .annotate(
            is_seated=jury_seat(judge, OuterRef("round")),
            is_recused=standing_conflict(judge, OuterRef("pk")),
            is_assigned=assigned_to(judge, OuterRef("round"), OuterRef("pk")),
        )
        .get(pk=dossier.pk)
    )


def _refuse_unless_writable(sheet: Any, actor: Any, now: dt.datetime) -> None:
    if actor.pk != sheet.judge_id:
        raise Refusal("not_yours", _("Phiếu này của giám khảo khác. Hãy mở phiếu của bạn trong danh sách hồ sơ."))
    dossier = sheet.dossier
    dossier.is_seated, dossier.is_recused, dossier.is_assigned = sheet.is_seated, sheet.is_recused, sheet.is_assigned
    _refuse_person(dossier)
    if sheet.state in {SheetState.SUBMITTED, SheetState.CANNOT_ASSESS}:
        raise Refusal("sealed", sealed_sentence(sheet))
    if sheet.state == SheetState.VOIDED:
        raise Refusal("voided", _("Phiếu này không còn được tính nên không sửa được."))
    _refuse_round(dossier, now)


def _refuse_unless_open(dossier: Any, now: dt.datetime) -> None:
    _refuse_person(dossier)
    _refuse_round(dossier, now)


def _refuse_person(dossier: Any) -> None:
    if not dossier.is_seated:
        raise Refusal("not_seated", _("Bạn không còn trong Ban Giám khảo của kỳ này nên không chấm được hồ sơ."))
    if dossier.is_recused:
        raise Refusal("conflict", recused_sentence(dossier))
    if not dossier.is_assigned:
        raise Refusal(
            "not_assigned",
            _("Hồ sơ %(code)s không được phân cho bạn chấm. Hãy mở hồ sơ khác trong danh sách của bạn.")
            % {"code": dossier.entry_code},
        )


def _refuse_round(dossier: Dossier, now: dt.datetime) -> None:
    round_ = dossier.round
    if round_.state != RoundState.SCORING:
        raise Refusal("not_scoring", _("Kỳ này không ở bước chấm điểm nên phiếu chỉ xem được."))
    if not round_.scoring_open(now):
        raise Refusal(
            "deadline_passed",
            _("Đã hết hạn nộp phiếu lúc %(when)s. Hãy báo trưởng ban giám khảo nếu cần gia hạn.")
            % {"when": at_in_words(round_.scoring_until)},
        )
    if dossier.state != DossierState.ELIGIBLE:
        raise Refusal("not_eligible", _("Hồ sơ này không còn trong danh sách chấm."))


def _refuse_incomplete(outline: Outline, given: Mapping[int, Decimal]) -> None:
    if not outline.inputs:
        raise Refusal("no_criteria", _("Kỳ này chưa có bộ tiêu chí. Hãy báo thư ký hội đồng."))
    missing = outline.missing(given)
    if missing:
        raise Refusal(
            "incomplete", incomplete_sentence(len(missing)), details=tuple(f"{m.code} {m.name}" for m in missing)
        )


def incomplete_sentence(count: int) -> str:
    return ngettext(
        "Chưa nộp được phiếu: còn %(count)d mục chưa chấm.", "Chưa nộp được phiếu: còn %(count)d mục chưa chấm.", count
    ) % {"count": count}


def sealed_sentence(sheet: ScoreSheet) -> str:
    return _("Phiếu đã nộp lúc %(when)s và đã khóa. Có sai sót, hãy báo trưởng ban giám khảo để ghi vào biên bản.") % {
        "when": at_in_words(sheet.submitted_at)
    }


def recused_sentence(dossier: Dossier) -> str:
    return _("Bạn đã khai xung đột lợi ích với cơ sở này nên không chấm hồ sơ %(code)s.") % {"code": dossier.entry_code}


def at_in_words(instant: dt.datetime | None) -> str:
    """ "14:05 ngày 21/11/2026", in Vietnam's time."""
    if instant is None:
        return ""
    local = timezone.localtime(instant)
    return _("%(hour)s ngày %(day)s") % {"hour": f"{local:%H:%M}", "day": day(local.date())}


def _held(score: Score | None) -> tuple[Decimal | None, str]:
    return (score.points, score.note) if score else (None, "")


def _difference(outline: Outline, stored: Mapping[int, Score], pk: int) -> Difference:
    score = stored.get(pk)
    points, note = _held(score)
    return Difference(outline.by_pk[pk], points, note, score.saved_at if score else None)


def _accept(
    values: Mapping[int, Value], stored: Mapping[int, Score], outline: Outline, step: Decimal
) -> tuple[dict[int, tuple[Decimal | None, str]], dict[int, str]]:
    """What may be stored, and for the rest a sentence per criterion. A wrong figure does not hold up its note."""
    wanted: dict[int, tuple[Decimal | None, str]] = {}
    faults: dict[int, str] = {}
    for pk, (points, note) in values.items():
        if pk not in outline.by_pk:
            faults[pk] = _("Mục này không thuộc phiếu chấm của hồ sơ. Hãy tải lại trang.")
            continue
        held_points, held_note = _held(stored.get(pk))
        read, wrong_points = _read(pk, points, outline, step)
        wrong_note = _wrong_note(note)
        if wrong_points or wrong_note:
            faults[pk] = wrong_points or wrong_note
        wanted[pk] = (
            held_points if wrong_points or isinstance(read, Keep) else read,
            held_note if wrong_note or isinstance(note, Keep) else note,
        )
    return wanted, faults


def _read(
    pk: int, given: Decimal | str | Keep | None, outline: Outline, step: Decimal
) -> tuple[Decimal | Keep | None, str]:
    """The points meant, and what is wrong with them in words ("" when nothing is)."""
    maximum = outline.maxima.get(pk)
    if given is None or given == "" or isinstance(given, Keep):
        return (given if isinstance(given, Keep) else None), ""
    if maximum is None:
        return None, _("Mục này là tổng của các mục con nên không nhập điểm.")
    try:
        points = rules_of_points.parse(given) if isinstance(given, str) else given
    except ValueError:
        return None, rules_of_points.words(rules_of_points.Fault.NOT_A_NUMBER, None, maximum, step)
    found = rules_of_points.fault(points, maximum, step) if points is not None else None
    return points, rules_of_points.words(found, points, maximum, step) if found else ""


def _wrong_note(note: str | Keep) -> str:
    if isinstance(note, Keep) or len(note) <= NOTE_LENGTH:
        return ""
    return _("Ghi chú dài quá %(length)d ký tự. Hãy viết ngắn hơn.") % {"length": NOTE_LENGTH}


def _write(
    sheet: ScoreSheet, changed: Mapping[int, tuple[Decimal | None, str]], remark: str | None, now: dt.datetime
) -> None:
    if changed:
        Score.objects.bulk_create(
            [
                Score(sheet=sheet, criterion_id=pk, points=points, note=note, saved_at=now)
                for pk, (points, note) in changed.items()
            ],
            update_conflicts=True,
            unique_fields=["sheet", "criterion"],
            update_fields=["points", "note", "saved_at"],
        )
    if remark is not None:
        sheet.remark = remark
    sheet.revision += 1
    sheet.saved_at = now
    ScoreSheet.objects.filter(pk=sheet.pk).update(remark=sheet.remark, revision=sheet.revision, saved_at=now)
