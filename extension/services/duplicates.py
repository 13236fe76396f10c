"""Alarms about expenses supported twice: raised by the portal, answered by a person, the answer remembered.

All raise `Refusal` with a sentence: "not_allowed", "reason_missing", "already_decided".
"""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.text.errors import Refusal

from .. import rules
from ..enums import AlarmState, EstimateState
from ..estimates import duplicates
from ..models import DuplicateAlarm, Estimate, Project

ANSWERS = (AlarmState.DISMISSED, AlarmState.CONFIRMED)


def refresh(estimate: Estimate) -> int:
    """Raise the alarms that are new, take back open ones whose pair is gone. Returns how many are open.

    Within the caller's transaction, the project's row held. An answer given about the same two expenses in an earlier
    edition is carried over.
    """
    lines = list(estimate.lines.select_related("item"))
    pairs = {(pair.line.pk, pair.other.pk): pair for pair in duplicates.pairs_of(estimate, lines)}
    held = {(alarm.line_id, alarm.other_id): alarm for alarm in DuplicateAlarm.objects.filter(line__in=lines)}
    gone = [alarm.pk for key, alarm in held.items() if key not in pairs and alarm.state == AlarmState.OPEN]
    DuplicateAlarm.objects.filter(pk__in=gone).delete()
    answered = _answers(estimate)
    for key, pair in pairs.items():
        if key not in held:
            _raise(pair, answered.get(frozenset({pair.line.lineage, pair.other.lineage})))
    return DuplicateAlarm.objects.filter(line__in=lines, state=AlarmState.OPEN).count()


def _answers(estimate: Estimate) -> dict[frozenset[UUID], DuplicateAlarm]:
    """What was answered about the project's expenses, by the two expenses. The last answer counts."""
    mine = Q(line__project=estimate.project_id) | Q(other__project=estimate.project_id)
    rows = DuplicateAlarm.objects.filter(mine, state__in=ANSWERS).select_related("line", "other")
    return {frozenset({row.line.lineage, row.other.lineage}): row for row in rows.order_by("decided_at")}


def _raise(pair: duplicates.Pair, answer: DuplicateAlarm | None) -> None:
    alarm = DuplicateAlarm(line=pair.line, other=pair.other, kind=pair.kind)
    if answer is not None:
        alarm.state, alarm.reason = answer.state, answer.reason
        alarm.decided_by, alarm.decided_at = answer.decided_by, answer.decided_at
    alarm.save()


@transaction.atomic
def decide(*, alarm: DuplicateAlarm, state: AlarmState, reason: str, actor: Any, now: dt.datetime) -> DuplicateAlarm:
    """Say whether two expenses are one. While the estimate is not decided the answer may be given anew."""
    project = Project.objects.locked(alarm.line.project_id)
    locked = DuplicateAlarm.objects.select_for_update(of=("self",)).select_related("line__estimate").get(pk=alarm.pk)
    if not (rules.may_edit(actor, project.territory_id) or rules.may_approve(actor, project)):
        raise Refusal("not_allowed", rules.ONLY_EXTENSION_OFFICER)
    if locked.line.estimate.state in (EstimateState.APPROVED, EstimateState.REPLACED):
        raise Refusal("already_decided", _("Dự toán đã được duyệt nên câu trả lời này không đổi nữa."))
    if state not in ANSWERS or not reason.strip():
        raise Refusal("reason_missing", _("Hãy chọn trùng hay không trùng, và ghi lý do."), field="reason")
    locked.state, locked.reason, locked.decided_by, locked.decided_at = state, reason.strip(), actor, now
    locked.save()
    sentence = _("Trả lời cảnh báo hỗ trợ trùng của đề án “%(name)s”: %(answer)s.") % {
        "name": project.name,
        "answer": locked.get_state_display().lower(),
    }
    record(
        actor=actor,
        action="extension.duplicate",
        sentence=sentence,
        subject=project,
        territory=project.territory,
        reason=locked.reason,
        data={"line": str(locked.line.uuid), "other": locked.other_id, "kind": locked.kind},
    )
    return locked
