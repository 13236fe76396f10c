"""Steps of a project: recorded when done, taken back when recorded wrongly. In one transaction, audited.

All raise `Refusal`: "not_allowed", "sealed", "wrong_step", "not_reached", "in_future", "invalid", "left_behind",
"has_workflow", "no_workflow".
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.files.models import StoredFile
from portal.text.errors import Refusal

from .. import rules
from ..enums import Funding, ProjectState
from ..models import Project, StepDone, Workflow, WorkflowStep
from ..states import SEALED
from ..steps.phases import WAY
from ..steps.workflows import workflow_for
from .checks import checked


@transaction.atomic
def record_step(
    *,
    project: Project,
    step: WorkflowStep,
    actor: Any,
    done_on: dt.date,
    now: dt.datetime,
    number: str = "",
    note: str = "",
    file: StoredFile | None = None,
) -> StepDone:
    """Say that a step of this phase, or of one before it, is done."""
    locked = _open(project, actor)
    _reached(locked, step)
    if done_on > timezone.localdate(now):
        raise Refusal("in_future", _("Ngày làm xong không được sau hôm nay."), field="done_on")
    row = StepDone(
        project=locked,
        step=step,
        done_on=done_on,
        number=number.strip(),
        note=note.strip(),
        file=file,
        done_by=actor,
        recorded_at=now,
    )
    checked(row)
    row.save()
    sentence = _("Ghi bước “%(step)s” của đề án “%(name)s” làm xong.") % {"step": step.name, "name": locked.name}
    data = {"step": step.pk, "done_on": done_on.isoformat(), "number": row.number}
    _audit(actor, "extension.step", sentence, locked, data=data)
    return row


@transaction.atomic
def take_back_step(*, done: StepDone, actor: Any) -> None:
    """Unsay a step of the phase that the project is in; what led to a later phase stays."""
    locked = _open(done.project, actor)
    if done.step.phase != locked.state and done.step.is_required:
        raise Refusal(
            "left_behind",
            _("Đề án đã qua giai đoạn của bước này nên không bỏ được nữa. Hãy ghi chú ở bước sau."),
        )
    data = {"step": done.step_id, "done_on": done.done_on.isoformat(), "number": done.number, "note": done.note}
    sentence = _("Bỏ bước “%(step)s” đã ghi của đề án “%(name)s”.") % {"step": done.step.name, "name": locked.name}
    done.delete()
    _audit(actor, "extension.step_back", sentence, locked, data=data)


@transaction.atomic
def adopt_workflow(*, project: Project, actor: Any, on: dt.date) -> Project:
    """Let a project that has no steps, since it was taken from a source, go through those in force on a day."""
    locked = _open(project, actor)
    if locked.workflow_id:
        raise Refusal("has_workflow", _("Đề án đã theo một trình tự."))
    found = None
    if locked.funding != Funding.UNKNOWN:
        found = workflow_for(funding=locked.funding, territory_id=locked.territory_id, on=on)
    if found is None:
        raise Refusal("no_workflow", _("Chưa có trình tự nào cho nguồn kinh phí này. Hãy thêm ở “Trình tự thực hiện”."))
    locked.workflow = found
    locked.save(update_fields=["workflow"])
    sentence = _("Đề án “%(name)s” theo trình tự “%(workflow)s”.") % {"name": locked.name, "workflow": found.name}
    _audit(actor, "extension.workflow", sentence, locked, data={"workflow": found.pk})
    return locked


@transaction.atomic
def copy_workflow(*, workflow: Workflow, territory: Any, actor: Any, on: dt.date) -> Workflow:
    """The same steps as the province's own, in force from a day; projects that follow the old ones go on with them."""
    if territory is None:
        raise Refusal("not_allowed", rules.ONLY_EXTENSION_OFFICER)
    rules.require_edit(actor, territory.pk)
    made = Workflow(
        name=_("%(name)s, %(province)s") % {"name": workflow.name, "province": territory.name},
        funding=workflow.funding,
        territory=territory,
        valid_from=on,
        legal_basis=workflow.legal_basis,
    )
    checked(made)
    made.save()
    for step in workflow.steps.all():
        step.pk, step.workflow, step._state.adding = None, made, True
        step.save()
    sentence = _("Chép trình tự “%(name)s” cho tỉnh.") % {"name": workflow.name}
    record(actor=actor, action="extension.workflow_copy", sentence=sentence, subject=made, territory=territory)
    return made


def _open(project: Project, actor: Any) -> Project:
    locked = Project.objects.locked(project.pk)
    rules.require_change_state(actor, locked.territory_id)
    if locked.state in SEALED:
        raise Refusal(
            "sealed",
            _("Đề án ở trạng thái “%(state)s” nên không sửa được nữa.") % {"state": locked.get_state_display().lower()},
        )
    return locked


def _reached(project: Project, step: WorkflowStep) -> None:
    if step.workflow_id != project.workflow_id:
        raise Refusal("wrong_step", _("Bước này không thuộc trình tự của đề án."))
    if WAY.index(ProjectState(step.phase)) > WAY.index(ProjectState(project.state)):
        raise Refusal("not_reached", _("Đề án chưa đến giai đoạn của bước này."))


def _audit(actor: Any, action: str, sentence: str, project: Project, **more: Any) -> None:
    record(actor=actor, action=action, sentence=sentence, subject=project, territory=project.territory, **more)
