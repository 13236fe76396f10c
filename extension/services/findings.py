"""Findings: what an inspection says must be put right, by when; the project's side answers, an officer closes.

All raise `Refusal` with a sentence: "not_allowed", "sealed", "text_missing", "due_passed", "wrong_state",
"same_person", "reason_missing".
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.files.services import store
from portal.text.errors import Refusal
from portal.text.formats import day

from .. import rules
from ..enums import FindingState
from ..models import Finding, Inspection, Project
from ..states import SEALED

TEXT_LENGTH, NOTE_LENGTH = 2000, 300
CLOSED = frozenset(SEALED)


@dataclass(frozen=True)
class Found:
    """Something that must be put right, and by when. A serious one stops payments and acceptance until it is closed."""

    text: str
    due_on: dt.date
    is_serious: bool = False


@transaction.atomic
def open_finding(*, project: Project, found: Found, actor: Any, now: dt.datetime) -> Finding:
    """Something seen outside an inspection: in a report, in the papers, by somebody's word.

    The same words with the same day again, while they are open, give the same finding back, marked `repeated`.
    """
    locked = Project.objects.locked(project.pk)
    rules.require_edit(actor, locked.territory_id)
    return _open(locked, None, found, actor, now)


@transaction.atomic
def open_findings(*, inspection: Inspection, found: Sequence[Found], actor: Any, now: dt.datetime) -> list[Finding]:
    """What one inspection found; the caller has locked it and checked who writes."""
    return [_open(inspection.project, inspection, each, actor, now) for each in found]


def _open(project: Project, inspection: Inspection | None, found: Found, actor: Any, now: dt.datetime) -> Finding:
    if project.state in CLOSED:
        said = _("Đề án đang “%(state)s” nên không ghi thêm tồn tại.")
        raise Refusal("sealed", said % {"state": project.get_state_display().lower()})
    text = found.text.strip()[:TEXT_LENGTH]
    if not text:
        raise Refusal("text_missing", _("Hãy ghi tồn tại cần khắc phục."), field="text")
    if found.due_on < timezone.localdate(now):
        raise Refusal("due_passed", _("Hạn khắc phục đã qua. Hãy chọn từ hôm nay trở đi."), field="due_on")
    facts = {"project": project, "text": text, "is_serious": found.is_serious, "due_on": found.due_on}
    known = Finding.objects.filter(**facts, inspection=inspection, state=FindingState.OPEN).first()
    if known is not None:
        known.repeated = True
        return known
    finding = Finding.objects.create(**facts, inspection=inspection, found_by=actor, found_at=now)
    said = _("Ghi tồn tại của đề án “%(name)s”, khắc phục trước ngày %(day)s.")
    words = {"name": project.name, "day": day(found.due_on)}
    _audit(actor, "extension.finding_open", said % words, finding, data={"serious": found.is_serious})
    return finding


@transaction.atomic
def answer_finding(*, finding: Finding, answer: str, actor: Any, now: dt.datetime, upload: Any = None) -> Finding:
    """The project's side says how it was put right, with a photo or paper if there is one."""
    locked = _locked(finding, FindingState.OPEN)
    rules.require_report(actor, locked.project)
    if not answer.strip():
        raise Refusal("text_missing", _("Hãy ghi đã khắc phục thế nào."), field="answer")
    locked.answer = answer.strip()[:TEXT_LENGTH]
    if upload:
        locked.file = store(upload, allow={"image", "pdf"}, field="upload")
    locked.state, locked.answered_by, locked.answered_at = FindingState.ANSWERED, actor, now
    locked.save(update_fields=["answer", "file", "state", "answered_by", "answered_at"])
    said = _("Báo đã khắc phục một tồn tại của đề án “%(name)s”.") % {"name": locked.project.name}
    _audit(actor, "extension.finding_answer", said, locked)
    return locked


@transaction.atomic
def close_finding(*, finding: Finding, actor: Any, now: dt.datetime, note: str = "") -> Finding:
    """An officer has seen that it is put right. Who answered does not close; an unanswered one needs words why."""
    locked = _locked(finding, FindingState.OPEN, FindingState.ANSWERED)
    rules.require_edit(actor, locked.project.territory_id)
    if locked.answered_by_id and actor is not None and locked.answered_by_id == actor.pk:
        said = _("Bạn là người báo đã khắc phục, nên người khác phải xem và đóng tồn tại này.")
        raise Refusal("same_person", said)
    if locked.state == FindingState.OPEN and not note.strip():
        said = _("Chưa ai báo đã khắc phục. Hãy ghi vì sao đóng được tồn tại này.")
        raise Refusal("reason_missing", said, field="note")
    locked.state, locked.closed_by, locked.closed_at = FindingState.CLOSED, actor, now
    locked.close_note = note.strip()[:NOTE_LENGTH]
    locked.save(update_fields=["state", "closed_by", "closed_at", "close_note"])
    said = _("Đóng một tồn tại của đề án “%(name)s”.") % {"name": locked.project.name}
    _audit(actor, "extension.finding_close", said, locked, reason=locked.close_note)
    return locked


@transaction.atomic
def return_finding(*, finding: Finding, reason: str, due_on: dt.date, actor: Any, now: dt.datetime) -> Finding:
    """What was answered is not enough: open again, with the reason and a new day."""
    locked = _locked(finding, FindingState.ANSWERED)
    rules.require_edit(actor, locked.project.territory_id)
    if not reason.strip():
        raise Refusal("reason_missing", _("Hãy ghi còn phải làm gì."), field="reason")
    if due_on < timezone.localdate(now):
        raise Refusal("due_passed", _("Hạn khắc phục đã qua. Hãy chọn từ hôm nay trở đi."), field="due_on")
    locked.state, locked.due_on, locked.close_note = FindingState.OPEN, due_on, reason.strip()[:NOTE_LENGTH]
    locked.save(update_fields=["state", "due_on", "close_note"])
    said = _("Yêu cầu khắc phục tiếp một tồn tại của đề án “%(name)s”.") % {"name": locked.project.name}
    _audit(actor, "extension.finding_return", said, locked, reason=locked.close_note)
    return locked


def _locked(finding: Finding, *states: FindingState) -> Finding:
    project = Project.objects.locked(finding.project.pk)
    locked = Finding.objects.select_for_update(of=("self",)).get(pk=finding.pk)
    locked.project = project
    if locked.state not in states:
        said = _("Tồn tại này đang “%(state)s” nên không làm việc này được.")
        raise Refusal("wrong_state", said % {"state": locked.get_state_display().lower()})
    return locked


def _audit(actor: Any, action: str, sentence: str, finding: Finding, **more: Any) -> None:
    territory = finding.project.territory
    record(actor=actor, action=action, sentence=sentence, subject=finding, territory=territory, **more)
