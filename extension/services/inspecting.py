"""Inspections: planned, worked through on the spot with or without reception, finished with their findings.

Every write locks the project first. What a device sends carries the revision it knows; nothing is overwritten unseen.
All raise `Refusal` with a sentence: "not_allowed", "not_watched", "invalid", "no_inspector", "not_planned", "stale",
"incomplete", "reason_missing", "too_many_photos", "key_reused".
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.audit.services import record
from portal.files.services import store
from portal.text.errors import Refusal
from portal.text.formats import day

from .. import rules
from ..enums import ChecklistAnswer, InspectionState
from ..models import ChecklistItem, Finding, Inspection, InspectionAnswer, InspectionPhoto, Project
from ..watch import risk
from ..watch.queries import WATCHED, answers_of, checklist_for, lines_of, watched
from .findings import Found, open_findings

MOST_PHOTOS = 60
NOTE_LENGTH, LINE_LENGTH, TEXT_LENGTH = 500, 250, 5000
# What a sheet holds besides its answers, and how long each may be.
WORDS = {"place": LINE_LENGTH, "met": LINE_LENGTH, "conclusion": TEXT_LENGTH}
SPOT = ("latitude", "longitude", "accuracy")


@dataclass(frozen=True)
class Spot:
    """Where a device says it is: degrees, and metres of doubt."""

    latitude: Decimal
    longitude: Decimal
    accuracy: int | None = None


@dataclass(frozen=True)
class Sent:
    """What one save brings. Absent keys are untouched; an answer is "", "yes", "no" or "na"."""

    revision: int
    answers: Mapping[int, str] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    spot: Spot | None = None

    @property
    def items(self) -> set[int]:
        return {*self.answers, *self.notes}


@dataclass(frozen=True)
class Taken:
    """A photo as it arrives: `key` is made by the device, so that one sent twice is kept once."""

    key: UUID
    upload: Any
    taken_at: dt.datetime
    item: int | None = None
    caption: str = ""
    spot: Spot | None = None


class Stale(Refusal):
    """Another device saved meanwhile. Nothing was overwritten."""

    def __init__(self, inspection: Inspection) -> None:
        super().__init__("stale", _("Phiếu đã được sửa ở máy khác. Hãy chọn bản giữ lại."))
        self.inspection = inspection


class Incomplete(Refusal):
    """A sheet cannot be closed yet; `missing` is a sentence for each input that lacks something, as `missing_in`."""

    def __init__(self, missing: Mapping[str, str]) -> None:
        said = ngettext("Còn thiếu %(n)d điều trên phiếu.", "Còn thiếu %(n)d điều trên phiếu.", len(missing))
        super().__init__("incomplete", said % {"n": len(missing)}, details=tuple(missing.values()))
        self.missing = missing


@transaction.atomic
def plan_inspection(
    *, project: Project, planned_on: dt.date, inspectors: Sequence[Any], actor: Any, now: dt.datetime, why: str = ""
) -> Inspection:
    """Send people to a project on a day. Without a reason, those of its risk are written down.

    The same people on the same day again give the same inspection back, marked `repeated`.
    """
    locked = Project.objects.locked(project.pk)
    rules.require_edit(actor, locked.territory_id)
    _refuse_unwatched(locked)
    on = timezone.localdate(now)
    _refuse_past(planned_on, on)
    if not inspectors:
        raise Refusal("no_inspector", _("Hãy chọn ít nhất một người kiểm tra."), field="inspectors")
    known = _planned_so(locked, planned_on, inspectors)
    if known is not None:
        known.repeated = True
        return known
    found = watched([locked], on=on)[0].risk
    inspection = Inspection(
        project=locked,
        planned_on=planned_on,
        why=(why.strip() or _reasons(found))[:300],
        risk=found.points,
        created_by=actor,
    )
    _check(inspection)
    inspection.save()
    inspection.inspectors.set(inspectors)
    said = _("Lên lịch kiểm tra đề án “%(name)s” ngày %(day)s.")
    _audit(actor, "extension.inspection_plan", said % {"name": locked.name, "day": day(planned_on)}, inspection)
    return inspection


def _planned_so(project: Project, planned_on: dt.date, inspectors: Sequence[Any]) -> Inspection | None:
    rows = project.inspections.filter(planned_on=planned_on, state=InspectionState.PLANNED)
    sent = {user.pk for user in inspectors}
    return next((row for row in rows if set(row.inspectors.values_list("pk", flat=True)) == sent), None)


def _reasons(found: risk.Risk) -> str:
    return "; ".join(reason.words for reason in found.reasons[:3])


@transaction.atomic
def move_inspection(
    *, inspection: Inspection, planned_on: dt.date, inspectors: Sequence[Any], actor: Any, now: dt.datetime
) -> Inspection:
    """Another day, or other people, for an inspection that is not yet done."""
    locked = _lock_planned(inspection)
    rules.require_edit(actor, locked.project.territory_id)
    if not inspectors:
        raise Refusal("no_inspector", _("Hãy chọn ít nhất một người kiểm tra."), field="inspectors")
    if planned_on != locked.planned_on:
        _refuse_past(planned_on, timezone.localdate(now))
    before, locked.planned_on = locked.planned_on, planned_on
    locked.save(update_fields=["planned_on"])
    locked.inspectors.set(inspectors)
    said = _("Dời lịch kiểm tra đề án “%(name)s” từ %(before)s sang %(after)s.")
    facts = {"name": locked.project.name, "before": day(before), "after": day(planned_on)}
    _audit(actor, "extension.inspection_move", said % facts, locked)
    return locked


@transaction.atomic
def cancel_inspection(*, inspection: Inspection, reason: str, actor: Any) -> Inspection:
    """Take a planned inspection off the plan; it stays to be read, with the reason."""
    locked = _lock_planned(inspection)
    rules.require_edit(actor, locked.project.territory_id)
    if not reason.strip():
        raise Refusal("reason_missing", _("Hãy ghi lý do hủy lần kiểm tra."), field="reason")
    locked.state, locked.conclusion = InspectionState.CANCELLED, reason.strip()
    locked.save(update_fields=["state", "conclusion"])
    said = _("Hủy lần kiểm tra đề án “%(name)s” ngày %(day)s.")
    facts = {"name": locked.project.name, "day": day(locked.planned_on)}
    _audit(actor, "extension.inspection_cancel", said % facts, locked, reason=reason.strip())
    return locked


@transaction.atomic
def save_sheet(*, inspection: Inspection, sent: Sent, actor: Any, now: dt.datetime) -> Inspection:
    """Save part of a sheet. What the server already holds is no change, so a sending may be repeated.

    With an outdated revision and something that differs, nothing is written and `Stale` is raised. Each save that
    changes something raises the revision by one and leaves a line in the audit chain once an hour at most.
    """
    locked = _lock_planned(inspection)
    require_inspect(actor, locked)
    answers = answers_of(locked)
    changed = _changed_answers(locked, sent, answers, timezone.localdate(now))
    facts = _changed_facts(locked, sent)
    if not changed and not facts:
        return locked
    if sent.revision != locked.revision:
        raise Stale(locked)
    for row in changed:
        row.save()
    for name, value in facts.items():
        setattr(locked, name, value)
    first = locked.revision == 0
    locked.revision += 1
    _check(locked)
    locked.save(update_fields=["revision", *facts])
    said = _("Bắt đầu ghi phiếu kiểm tra đề án “%(name)s”.") if first else _("Ghi phiếu kiểm tra đề án “%(name)s”.")
    data = {"revision": locked.revision, "items": sorted(row.item_id for row in changed), "facts": sorted(facts)}
    _audit(actor, "extension.inspection_save", said % {"name": locked.project.name}, locked, data=data)
    return locked


def _changed_answers(
    locked: Inspection, sent: Sent, held: dict[int, InspectionAnswer], on: dt.date
) -> list[InspectionAnswer]:
    known = {item.pk for item in checklist_for(locked.project, on)} | set(held)
    changed = []
    for pk in sorted(sent.items & known):
        row = held.get(pk) or InspectionAnswer(inspection=locked, item_id=pk)
        before = (row.answer, row.note)
        if sent.answers.get(pk, row.answer) in ("", *ChecklistAnswer.values):
            row.answer = sent.answers.get(pk, row.answer)
        row.note = _line(sent.notes.get(pk, row.note), NOTE_LENGTH)
        if (row.answer, row.note) != before:
            changed.append(row)
    return changed


def _changed_facts(locked: Inspection, sent: Sent) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        name: sent.words[name].strip()[:most] if name == "conclusion" else _line(sent.words[name], most)
        for name, most in WORDS.items()
        if name in sent.words
    }
    if sent.spot:
        wanted |= {name: getattr(sent.spot, name) for name in SPOT}
    return {name: value for name, value in wanted.items() if getattr(locked, name) != value}


def _line(text: str, most: int) -> str:
    return " ".join(text.replace("\x00", "").split())[:most]


@transaction.atomic
def add_photo(*, inspection: Inspection, taken: Taken, actor: Any, now: dt.datetime) -> InspectionPhoto:
    """Keep a photo once, whoever sends it how often. A device's clock that runs ahead is set back to now."""
    locked = _lock_planned(inspection)
    require_inspect(actor, locked)
    known = InspectionPhoto.objects.filter(key=taken.key).select_related("inspection").first()
    if known:
        if known.inspection_id != locked.pk:
            raise Refusal("key_reused", _("Ảnh này đã gửi cho lần kiểm tra khác. Hãy chụp lại."))
        return known
    if locked.photos.count() >= MOST_PHOTOS:
        said = _("Lần kiểm tra này đã có %(n)d ảnh, không nhận thêm. Hãy bỏ bớt ảnh trùng rồi gửi lại.")
        raise Refusal("too_many_photos", said % {"n": MOST_PHOTOS})
    photo = InspectionPhoto(
        inspection=locked,
        item=ChecklistItem.objects.filter(pk=taken.item).first() if taken.item else None,
        key=taken.key,
        file=store(taken.upload, allow={"image"}, field="photo"),
        caption=_line(taken.caption, 200),
        taken_at=min(taken.taken_at, now),
        latitude=taken.spot.latitude if taken.spot else None,
        longitude=taken.spot.longitude if taken.spot else None,
        added_by=actor,
    )
    photo.save()
    said = _("Thêm ảnh vào phiếu kiểm tra đề án “%(name)s”.") % {"name": locked.project.name}
    _audit(actor, "extension.inspection_photo", said, locked, data={"photo": str(photo.key), "item": photo.item_id})
    return photo


@transaction.atomic
def remove_photo(*, photo: InspectionPhoto, actor: Any) -> None:
    """Take a photo out while the sheet is being written; the audit chain keeps its key."""
    locked = _lock_planned(photo.inspection)
    require_inspect(actor, locked)
    said = _("Bỏ một ảnh khỏi phiếu kiểm tra đề án “%(name)s”.") % {"name": locked.project.name}
    data = {"photo": str(photo.key), "sha256": photo.file.sha256}
    photo.delete()
    _audit(actor, "extension.inspection_photo_remove", said, locked, data=data)


@transaction.atomic
def finish_inspection(
    *, inspection: Inspection, findings: Sequence[Found], revision: int, actor: Any, now: dt.datetime
) -> Inspection:
    """Close the sheet: every question answered, photos where asked, a conclusion; what is wrong becomes findings.

    `revision` is what the inspector saw; another device's later save is not closed unseen: raises Stale, and
    Incomplete with a sentence for each thing missing.
    """
    locked = _lock_planned(inspection)
    require_inspect(actor, locked)
    if revision != locked.revision:
        raise Stale(locked)
    require_complete(locked, timezone.localdate(now))
    opened = open_findings(inspection=locked, found=findings, actor=actor, now=now)
    locked.state, locked.done_by, locked.done_at = InspectionState.DONE, actor, now
    locked.save(update_fields=["state", "done_by", "done_at"])
    said = ngettext(
        "Kết thúc kiểm tra đề án “%(name)s”, %(n)d tồn tại.",
        "Kết thúc kiểm tra đề án “%(name)s”, %(n)d tồn tại.",
        len(opened),
    )
    facts = {"name": locked.project.name, "n": len(opened)}
    data = {"findings": [str(row.uuid) for row in opened], "revision": locked.revision}
    _audit(actor, "extension.inspection_done", said % facts, locked, data=data)
    return locked


def require_complete(inspection: Inspection, on: dt.date) -> None:
    """Raises Incomplete. Three queries."""
    missing = missing_in(inspection, on)
    if missing:
        raise Incomplete(missing)


def missing_in(inspection: Inspection, on: dt.date) -> dict[str, str]:
    """What the sheet still lacks before it can be closed, a sentence for each input. Three queries.

    "note12" is the note of question 12; the conclusion is "conclusion".
    """
    lines, _others = lines_of(inspection, on)
    missing = {}
    for number, line in enumerate(lines, start=1):
        pk = line.item.pk
        facts = {"number": number, "question": line.item.question}
        if line.needs_answer:
            missing[f"answer{pk}"] = _("Câu %(number)d chưa có kết quả: %(question)s") % facts
        if line.needs_note:
            missing[f"note{pk}"] = _("Câu %(number)d chưa đạt, hãy ghi rõ điều thấy được: %(question)s") % facts
        if line.needs_photo:
            missing[f"photo{pk}"] = _("Câu %(number)d cần ít nhất một ảnh: %(question)s") % facts
    if not inspection.conclusion:
        missing["conclusion"] = _("Chưa ghi kết luận.")
    return missing


def may_inspect(user: Any, inspection: Inspection) -> bool:
    """Who is sent, and the extension officer of the province. At most two queries."""
    if rules.may_edit(user, inspection.project.territory_id):
        return True
    return inspection.inspectors.filter(pk=user.pk).exists()


def require_inspect(user: Any, inspection: Inspection) -> None:
    """Raises Refusal("not_allowed")."""
    if not may_inspect(user, inspection):
        raise Refusal(
            "not_allowed",
            _("Chỉ người được giao kiểm tra và cán bộ khuyến công của tỉnh được ghi phiếu kiểm tra này."),
        )


def _lock_planned(inspection: Inspection) -> Inspection:
    """The inspection with its project, both locked in that order; refused once it is done or cancelled."""
    project = Project.objects.locked(inspection.project.pk)
    locked = Inspection.objects.select_for_update(of=("self",)).get(pk=inspection.pk)
    locked.project = project
    if locked.state != InspectionState.PLANNED:
        said = _("Lần kiểm tra này ở trạng thái “%(state)s” nên không sửa được nữa.")
        raise Refusal("not_planned", said % {"state": locked.get_state_display().lower()})
    return locked


def _refuse_unwatched(project: Project) -> None:
    if project.state not in WATCHED:
        said = _("Đề án đang “%(state)s” nên không lên lịch kiểm tra. Chỉ kiểm tra đề án đã duyệt và chưa thanh lý.")
        raise Refusal("not_watched", said % {"state": project.get_state_display().lower()})


def _refuse_past(planned_on: dt.date, on: dt.date) -> None:
    if planned_on < on:
        said = _("Ngày kiểm tra %(day)s đã qua. Hãy chọn từ hôm nay trở đi.") % {"day": day(planned_on)}
        raise Refusal("invalid", said, field="planned_on")


def _check(inspection: Inspection) -> None:
    try:
        inspection.full_clean(exclude=["project", "created_by", "done_by"])
    except ValidationError as error:
        name, sentences = next(iter(error.message_dict.items()))
        raise Refusal("invalid", sentences[0], field=None if name == "__all__" else name) from error


def _audit(actor: Any, action: str, sentence: str, inspection: Inspection | Finding, **more: Any) -> None:
    territory = inspection.project.territory
    record(actor=actor, action=action, sentence=sentence, subject=inspection, territory=territory, **more)
