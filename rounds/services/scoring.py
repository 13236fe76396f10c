"""Scoring: opening, saving, submitting a sheet, or saying that one cannot assess.

Every write locks the sheet's row and looks again whether the person may still write: the seat, the
round, the deadline and the conflict are judged at the moment of writing, not when the page was opened.
Acts that the tally counts lock the round first, so that closing the scoring cannot run past them.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.audit.models import AuditEntry
from portal.audit.services import record
from portal.text.errors import Refusal
from portal.text.formats import day
from products.ready import Ready

from ..assigned import assigned_to
from ..deadlines_of import granted_until, later, own_deadline
from ..declared import has_declared
from ..enums import DossierState, RoundState, ScoringPass, SheetState
from ..judge_queries import (
    criteria_in_force,
    jury_seat,
    outline_named,
    points_of,
    standing_conflict,
    stored_scores,
)
from ..models import Dossier, Round, Score, ScoreSheet, SheetSave
from ..outline import Outline, Row
from ..receipt import receipt_code
from .detection import look_again
from .score_values import Held, Value, accept, digest_of, held

REASON_LENGTH = 300
SEALED = frozenset({SheetState.SUBMITTED, SheetState.CANNOT_ASSESS})
# What deciding about a save reads; a judge saves after every figure, so the rest is left where it is.
_OF_A_SHEET = (
    "uuid",
    "judge",
    "scoring_pass",
    "edition",
    "state",
    "remark",
    "total",
    "revision",
    "saved_at",
    "submitted_at",
    "entered_by",
    "entered_at",
    "dossier__uuid",
    "dossier__state",
    "dossier__entry_code",
    "dossier__round__state",
    "dossier__round__scoring_until",
    "dossier__round__has_site_pass",
    "dossier__round__site_scoring_from",
    "dossier__round__site_scoring_until",
    "dossier__round__score_step",
    "dossier__round__territory",
    "dossier__product__group",
    "dossier__product__name",
)


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


@dataclass(frozen=True)
class Sent:
    """What one save brings: values by criterion id, the version tag the page had, a remark, a key."""

    values: Mapping[int, Value]
    revision: int
    remark: str | None = None
    key: UUID | None = None


def open_sheet(
    *, dossier: Dossier, judge: Any, now: dt.datetime, scoring_pass: str = ScoringPass.DOSSIER
) -> ScoreSheet:
    """The judge's one sheet for the dossier in this pass, made when there is none yet.

    The declaration is held against the facility once more before; what that finds stands, whatever becomes of
    the sheet. Raises Refusal "not_seated", "conflict", "undeclared", "not_scoring", "deadline_passed",
    "not_eligible", "no_site_pass", "not_begun". Two requests at once end with the same row: the unique constraint
    decides, not the look before.
    """
    look_again(dossier=dossier, judge=judge, now=now)
    return _open_sheet(dossier, judge, now, scoring_pass)


@transaction.atomic
def _open_sheet(dossier: Dossier, judge: Any, now: dt.datetime, scoring_pass: str) -> ScoreSheet:
    found = judged(dossier, judge, scoring_pass)
    refuse_person(found)
    _refuse_round(found, scoring_pass, found.granted_until, now)
    try:
        sheet, _made = ScoreSheet.objects.get_or_create(
            dossier=found, judge=judge, scoring_pass=scoring_pass, defaults={"dossier_version": found.version}
        )
    except IntegrityError as error:  # a trigger saw a conflict declared, or a plan applied, after the look above
        refuse_person(judged(dossier, judge, scoring_pass))
        raise Refusal("conflict", recused_sentence(found)) from error
    return sheet


def save_scores(
    *,
    sheet: ScoreSheet,
    values: Mapping[int, Value],
    revision: int,
    actor: Any,
    now: dt.datetime,
    remark: str | None = None,
    key: UUID | None = None,
) -> Saved:
    """Save part of a sheet: points (typed text is read) and notes by criterion id, None for an emptied box,
    KEEP for untouched.

    Points that are wrong are reported in `faults` and not saved; the right ones of the same call are. With an
    outdated `revision` nothing is written and Stale lists what differs, unless the server already holds exactly
    what was sent (a repeated request is no conflict). Raises Refusal when the sheet may not be written.

    With a `key`, the same content sent again is answered as it was the first time, even after the deadline:
    it had been saved. Other content under the same key is refused ("key_reused").
    Five queries: lock, facts, scores, scores written, sheet written; one or two more with a key; one to read
    criteria first.
    """
    return _keyed({"pk": sheet.pk}, Sent(values, revision, remark, key), actor, now)


def autosave(*, dossier: UUID, scoring_pass: str, sent: Sent, actor: Any, now: dt.datetime) -> Saved | None:
    """`save_scores` on the person's own sheet of a dossier, found and locked in one query; None without a sheet."""
    try:
        return _keyed({"dossier__uuid": dossier, "judge": actor, "scoring_pass": scoring_pass}, sent, actor, now)
    except ScoreSheet.DoesNotExist:
        return None


def _keyed(which: Mapping[str, Any], sent: Sent, actor: Any, now: dt.datetime) -> Saved:
    """A key is looked up first only when the version tag is old, as that of a sending already answered is.

    Otherwise the database is trusted to refuse a key it holds: all is taken back, and the key is looked up then.
    """
    try:
        with transaction.atomic():
            return _save(lock_sheet(**which), sent, actor, now, look_up=False)
    except IntegrityError:
        if sent.key is None:
            raise
    with transaction.atomic():
        return _save(lock_sheet(**which), sent, actor, now, look_up=True)


def _save(locked: Any, sent: Sent, actor: Any, now: dt.datetime, *, look_up: bool) -> Saved:
    _refuse_stranger(locked, actor)
    outline = outline_named(locked.criteria_uuid)
    step = locked.dossier.round.score_step
    if (earlier := _earlier(locked, sent, look_up=look_up)) is not None:
        return _answer_again(locked, earlier, sent, accept(sent.values, {}, outline, step)[1])
    _refuse_unwritable(locked, now)
    known = [pk for pk in sent.values if pk in outline.by_pk]
    stored = {score.criterion_id: score for score in locked.scores.filter(criterion__in=known)}
    wanted, faults = accept(sent.values, stored, outline, step)
    changed = {pk: value for pk, value in wanted.items() if value != held(stored.get(pk))}
    remark = sent.remark if sent.remark is not None and sent.remark != locked.remark else None
    if sent.revision != locked.revision and (changed or remark is not None):
        raise Stale(
            revision=locked.revision,
            differences=tuple(_difference(outline, stored, pk) for pk in changed),
            remark=locked.remark if remark is not None else None,
        )
    if changed or remark is not None:
        _write(locked, changed, remark, now)
    if sent.key:
        _remember(locked, sent, sent.key, now)
    return Saved(locked, locked.revision, locked.saved_at, faults, len(changed))


def _earlier(locked: Any, sent: Sent, *, look_up: bool) -> SheetSave | None:
    if sent.key is None or (sent.revision == locked.revision and not look_up):
        return None
    return SheetSave.objects.filter(sheet=locked, key=sent.key).first()


def _answer_again(locked: Any, earlier: SheetSave, sent: Sent, faults: dict[int, str]) -> Saved:
    if earlier.digest != digest_of(sent.values, sent.remark):
        raise Refusal(
            "key_reused",
            _("Máy chủ đã nhận lần gửi này với nội dung khác nên không ghi lần nữa. Hãy tải lại trang rồi nhập lại."),
        )
    return Saved(locked, earlier.revision, earlier.saved_at, faults, 0)


def _remember(locked: Any, sent: Sent, key: UUID, now: dt.datetime) -> None:
    SheetSave.objects.create(
        sheet=locked,
        key=key,
        digest=digest_of(sent.values, sent.remark),
        revision=locked.revision,
        saved_at=locked.saved_at or now,
    )


@transaction.atomic
def submit_sheet(*, sheet: ScoreSheet, actor: Any, now: dt.datetime, revision: int | None = None) -> ScoreSheet:
    """Hand the sheet in: every input scored, the total computed here, immutable from now on.

    `revision`, when given, is what the judge saw; another page's later save is not handed in unseen.
    Raises Refusal "incomplete" with one detail per missing input, "sealed" the second time, or why not.
    """
    locked = lock_with_round(sheet)
    refuse_unless_writable(locked, actor, now)
    if revision is not None and revision != locked.revision:
        raise Stale(revision=locked.revision, differences=(), remark=None)
    outline = outline_named(locked.criteria_uuid)
    given = points_of(stored_scores(locked))
    refuse_incomplete(outline, given)
    hand_in(locked, outline, given, actor, now)
    return locked


def hand_in(locked: Any, outline: Outline, given: Mapping[int, Decimal], actor: Any, now: dt.datetime) -> None:
    """Seal a locked sheet that has been judged complete, and write it down."""
    locked.total = outline.total(given)
    locked.state, locked.submitted_at = SheetState.SUBMITTED, now
    locked.save(update_fields=["total", "state", "submitted_at"])
    note_sheet(
        locked,
        actor=actor,
        action="sheet.submit",
        sentence=_("Nộp phiếu chấm hồ sơ %(code)s."),
        data={"receipt": code_of(locked, outline, given), "revision": locked.revision, "inputs": len(outline.inputs)},
    )


@transaction.atomic
def cannot_assess(*, sheet: ScoreSheet, reason: str, actor: Any, now: dt.datetime) -> ScoreSheet:
    """Hand in that one cannot assess the dossier. It needs a reason and counts as no sheet, never as zero."""
    why = reason_in_words(reason, _("Hãy ghi lý do bạn không đánh giá được hồ sơ này."))
    locked = lock_with_round(sheet)
    refuse_unless_writable(locked, actor, now)
    locked.state, locked.submitted_at, locked.cannot_assess_reason = SheetState.CANNOT_ASSESS, now, why
    locked.total = None
    locked.save(update_fields=["state", "submitted_at", "cannot_assess_reason", "total"])
    note_sheet(
        locked,
        actor=actor,
        action="sheet.cannot_assess",
        sentence=_("Báo không đánh giá được hồ sơ %(code)s."),
        reason=why,
    )
    return locked


def note_sheet(
    sheet: ScoreSheet, *, actor: Any, action: str, sentence: str, reason: str = "", data: dict[str, Any] | None = None
) -> AuditEntry:
    """One audit row about a sheet; it says in which pass and which edition."""
    dossier = sheet.dossier
    return record(
        actor=actor,
        action=action,
        sentence=sentence % {"code": dossier.entry_code, "judge": sheet.judge},
        subject=sheet,
        territory=dossier.round.territory,
        reason=reason,
        data={"pass": sheet.scoring_pass, "edition": sheet.edition, **(data or {})},
    )


def code_of(sheet: ScoreSheet, outline: Outline, given: Mapping[int, Decimal]) -> str:
    """The receipt code of a sheet with these points."""
    by_code = {row.code: given[row.pk] for row in outline.inputs if row.pk in given}
    return receipt_code(str(sheet.uuid), str(sheet.dossier.uuid), str(sheet.judge.uuid), by_code)


def reason_in_words(reason: str, when_empty: str) -> str:
    """A typed reason without outer space. Raises Refusal "reason_missing" or "reason_too_long" at its field."""
    why = " ".join(reason.replace("\x00", "").split())
    if not why:
        raise Refusal("reason_missing", when_empty, field="reason")
    if len(why) > REASON_LENGTH:
        raise Refusal(
            "reason_too_long",
            _("Lý do dài quá %(length)d ký tự. Hãy viết ngắn hơn.") % {"length": REASON_LENGTH},
            field="reason",
        )
    return why


def lock_with_round(sheet: ScoreSheet) -> Any:
    """For acts that the tally counts: the round first, so that closing the scoring cannot run past them."""
    Round.objects.select_for_update(no_key=True).get(pk=sheet.dossier.round_id)
    return lock_sheet(pk=sheet.pk)


def _facts(sheet_pk: int) -> "QuerySet[ScoreSheet, tuple[Any, ...]]":
    round_ref, group_ref = OuterRef("dossier__round"), OuterRef("dossier__product__group")
    facts = {
        "is_seated": jury_seat(OuterRef("judge"), round_ref),
        "is_recused": standing_conflict(OuterRef("judge"), OuterRef("dossier"), OuterRef("dossier__product__facility")),
        "is_declared": has_declared(OuterRef("judge"), round_ref),
        "is_assigned": assigned_to(OuterRef("judge"), round_ref, OuterRef("dossier")),
        "granted_until": granted_until(OuterRef("judge"), round_ref, OuterRef("scoring_pass")),
        "criteria_uuid": criteria_in_force(round_ref, group_ref),
    }
    return ScoreSheet.objects.filter(pk=sheet_pk).annotate(**facts).values_list(*_FACTS)


_FACTS = ("is_seated", "is_recused", "is_declared", "is_assigned", "granted_until", "criteria_uuid")
_facts_of = Ready(_facts)


def lock_sheet(**which: Any) -> Any:
    """The sheet's row, locked, then everything the checks need and nothing more. Two queries.

    What is checked is read after the lock, so that whoever waited for it sees what was decided meanwhile.
    """
    locked: Any = (
        ScoreSheet.objects.select_for_update(of=("self",))
        .select_related("dossier__round", "dossier__product")
        .only(*_OF_A_SHEET)
        .get(**which)
    )
    for name, fact in zip(_FACTS, _facts_of(locked.pk)[0], strict=True):
        setattr(locked, name, fact)
    return locked


def judged(dossier: Dossier, judge: Any, scoring_pass: str) -> Any:
    """The dossier with what decides whether this person may score it. One query."""
    return (
        Dossier.objects.select_related("round")
        .annotate(
            is_seated=jury_seat(judge, OuterRef("round")),
            is_recused=standing_conflict(judge, OuterRef("pk"), OuterRef("product__facility")),
            is_declared=has_declared(judge, OuterRef("round")),
            is_assigned=assigned_to(judge, OuterRef("round"), OuterRef("pk")),
            granted_until=granted_until(judge, OuterRef("round"), scoring_pass),
        )
        .get(pk=dossier.pk)
    )


def refuse_unless_writable(sheet: Any, actor: Any, now: dt.datetime, state: str = SheetState.DRAFT) -> None:
    """Whose sheet, who the person is, where sheet, round and clock stand: everything before a write.

    `state` is what the act starts from: a draft, or a paper sheet that waits for its judge.
    """
    _refuse_stranger(sheet, actor)
    _refuse_unwritable(sheet, now, state)


def _refuse_stranger(sheet: Any, actor: Any) -> None:
    if actor.pk != sheet.judge_id:
        raise Refusal("not_yours", _("Phiếu này của giám khảo khác. Hãy mở phiếu của bạn trong danh sách hồ sơ."))
    refuse_person(_with_facts(sheet))


def _with_facts(sheet: Any) -> Any:
    dossier = sheet.dossier
    for fact in ("is_seated", "is_recused", "is_declared", "is_assigned"):
        setattr(dossier, fact, getattr(sheet, fact))
    return dossier


def _refuse_unwritable(sheet: Any, now: dt.datetime, state: str = SheetState.DRAFT) -> None:
    if sheet.state in SEALED:
        raise Refusal("sealed", sealed_sentence(sheet))
    if sheet.state == SheetState.VOIDED:
        raise Refusal("voided", _("Phiếu này không còn được tính nên không sửa được."))
    if sheet.state != state:
        raise Refusal("entered", entered_sentence() if state == SheetState.DRAFT else not_entered_sentence())
    _refuse_round(sheet.dossier, sheet.scoring_pass, sheet.granted_until, now)


def refuse_person(dossier: Any) -> None:
    if not dossier.is_seated:
        raise Refusal("not_seated", _("Bạn không còn trong Ban Giám khảo của kỳ này nên không chấm được hồ sơ."))
    if dossier.is_recused:
        raise Refusal("conflict", recused_sentence(dossier))
    if not dossier.is_declared:
        raise Refusal("undeclared", undeclared_sentence())
    if not dossier.is_assigned:
        raise Refusal(
            "not_assigned",
            _("Hồ sơ %(code)s không được phân cho bạn chấm. Hãy mở hồ sơ khác trong danh sách của bạn.")
            % {"code": dossier.entry_code},
        )


def _refuse_round(dossier: Dossier, scoring_pass: str, granted: dt.datetime | None, now: dt.datetime) -> None:
    round_ = dossier.round
    if round_.state != RoundState.SCORING:
        raise Refusal("not_scoring", _("Kỳ này không ở bước chấm điểm nên phiếu chỉ xem được."))
    if scoring_pass == ScoringPass.SITE:
        _refuse_site_pass(round_, now)
    deadline = later(own_deadline(round_, scoring_pass), granted)
    if deadline is not None and now >= deadline:
        raise Refusal(
            "deadline_passed",
            _("Đã hết hạn nộp phiếu lúc %(when)s. Hãy báo chủ tịch hội đồng nếu cần gia hạn.")
            % {"when": at_in_words(deadline)},
        )
    if dossier.state != DossierState.ELIGIBLE:
        raise Refusal("not_eligible", _("Hồ sơ này không còn trong danh sách chấm."))


def _refuse_site_pass(round_: Round, now: dt.datetime) -> None:
    if not round_.has_site_pass:
        raise Refusal("no_site_pass", _("Kỳ này không chấm tại chỗ. Hãy chấm trên hồ sơ."))
    if round_.site_scoring_from is not None and now < round_.site_scoring_from:
        raise Refusal(
            "not_begun",
            _("Lượt chấm tại chỗ bắt đầu lúc %(when)s. Hãy quay lại sau lúc đó.")
            % {"when": at_in_words(round_.site_scoring_from)},
        )


def refuse_incomplete(outline: Outline, given: Mapping[int, Decimal]) -> None:
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
    return _("Phiếu đã nộp lúc %(when)s và đã khóa. Có sai sót, hãy đề nghị chủ tịch hội đồng mở lại phiếu.") % {
        "when": at_in_words(sheet.submitted_at)
    }


def entered_sentence() -> str:
    return _("Thư ký đã nhập phiếu giấy của bạn. Hãy xem lại, rồi xác nhận hoặc trả lại phiếu đó.")


def not_entered_sentence() -> str:
    return _("Phiếu này không chờ xác nhận. Hãy tải lại trang để xem phiếu đang ở bước nào.")


def undeclared_sentence() -> str:
    return _("Bạn chưa ký bản cam kết của kỳ này nên chưa mở và chưa chấm được hồ sơ. Hãy ký bản cam kết trước.")


def recused_sentence(dossier: Dossier) -> str:
    return _("Bạn có xung đột lợi ích với cơ sở này nên không chấm hồ sơ %(code)s.") % {"code": dossier.entry_code}


def at_in_words(instant: dt.datetime | None) -> str:
    """ "14:05 ngày 21/11/2026", in Vietnam's time."""
    if instant is None:
        return ""
    local = timezone.localtime(instant)
    return _("%(hour)s ngày %(day)s") % {"hour": f"{local:%H:%M}", "day": day(local.date())}


def _difference(outline: Outline, stored: Mapping[int, Score], pk: int) -> Difference:
    score = stored.get(pk)
    points, note = held(score)
    return Difference(outline.by_pk[pk], points, note, score.saved_at if score else None)


def _write(sheet: ScoreSheet, changed: Mapping[int, Held], remark: str | None, now: dt.datetime) -> None:
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
