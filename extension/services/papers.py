"""Papers of a project's file: put in, taken out. What was taken out stays, marked.

All raise `Refusal` with a sentence: "not_allowed", "sealed", "wrong_rule", "already_removed", "reason_missing",
"invalid", and what `portal.files` says of a file.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.files.services import store
from portal.files.sniffing import Kind
from portal.text.errors import Refusal
from portal.text.folding import normalise

from .. import rules
from ..enums import ProjectState
from ..models import EvidenceRule, Project, ProjectPaper

ALLOW: frozenset[Kind] = frozenset({"image", "pdf", "office"})
# A stopped or refused project keeps its file as it was; a liquidated one may still get a paper that came late.
CLOSED = (ProjectState.REFUSED, ProjectState.STOPPED)


@transaction.atomic
def add_paper(
    *,
    project: Project,
    upload: Any,
    actor: Any,
    now: dt.datetime,
    rule: EvidenceRule | None = None,
    title: str = "",
    number: str = "",
    dated_on: dt.date | None = None,
) -> ProjectPaper:
    """Put one paper into the file, for a paper that a rule asks for or another. By the officer or the project's side."""
    locked = Project.objects.locked(project.pk)
    rules.require_report(actor, locked)
    _open(locked)
    title = normalise(title) or (rule.name if rule else "")
    if not title:
        raise Refusal("invalid", _("Hãy ghi tên giấy tờ."), field="title")
    if dated_on is not None and dated_on > timezone.localdate(now):
        raise Refusal("invalid", _("Ngày của giấy tờ không được sau hôm nay."), field="dated_on")
    paper = ProjectPaper.objects.create(
        project=locked,
        rule=rule,
        title=title[:250],
        number=normalise(number)[:60],
        dated_on=dated_on,
        file=store(upload, allow=ALLOW, field="upload"),
        added_by=actor,
        added_at=now,
    )
    sentence = _("Đưa “%(paper)s” vào hồ sơ đề án “%(name)s”.") % {"paper": paper.title, "name": locked.name}
    _audit(actor, "extension.paper_add", sentence, locked, data={"sha256": paper.file.sha256})
    return paper


@transaction.atomic
def remove_paper(*, paper: ProjectPaper, actor: Any, now: dt.datetime, reason: str) -> ProjectPaper:
    """Take a paper out of the file; it stays kept, marked with who and why. By the officer, or who put it in."""
    locked = Project.objects.locked(paper.project_id)
    row = ProjectPaper.objects.select_for_update(of=("self",)).get(pk=paper.pk)
    if row.added_by_id != getattr(actor, "pk", None) or not rules.stands_for(actor, locked):
        rules.require_edit(actor, locked.territory_id)
    _open(locked)
    if row.removed_at is not None:
        raise Refusal("already_removed", _("Giấy tờ này đã được bỏ ra rồi."))
    if not reason.strip():
        raise Refusal("reason_missing", _("Hãy ghi lý do bỏ giấy tờ này ra."), field="reason")
    row.removed_at, row.removed_by = now, actor
    row.save(update_fields=["removed_at", "removed_by"])
    sentence = _("Bỏ “%(paper)s” ra khỏi hồ sơ đề án “%(name)s”.") % {"paper": row.title, "name": locked.name}
    _audit(actor, "extension.paper_remove", sentence, locked, reason=reason.strip(), data={"paper": str(row.uuid)})
    return row


def _open(project: Project) -> None:
    if project.state in CLOSED:
        raise Refusal(
            "sealed",
            _("Đề án ở trạng thái “%(state)s” nên hồ sơ giữ nguyên như cũ.")
            % {"state": project.get_state_display().lower()},
        )


def _audit(actor: Any, action: str, sentence: str, project: Project, **more: Any) -> None:
    record(actor=actor, action=action, sentence=sentence, subject=project, territory=project.territory, **more)
