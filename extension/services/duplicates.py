"""Alarms about expenses supported twice: raised by the portal, answered by a person, the answer remembered.

All raise `Refusal` with a sentence: "not_allowed", "reason_missing", "already_decided".
"""

import datetime as dt
from collections.abc import Iterable
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
    lines = list(estimate.lines.select_related("item").exclude(approved=0))
    pairs = {(pair.line.pk, pair.other.pk): pair for pair in duplicates.pairs_of(estimate, lines)}
    known = DuplicateAlarm.objects.filter(line__estimate=estimate)
    held = {(alarm.line_id, alarm.other_id): alarm for alarm in known}
    gone = [alarm.pk for key, alarm in held.items() if key not in pairs and alarm.state == AlarmState.OPEN]
    DuplicateAlarm.objects.filter(pk__in=gone).delete()
    answered = _answers(estimate)
    asked = _asked_from_the_other_side(estimate)
    for key, pair in pairs.items():
        if key not in held and key not in asked:
            _raise(pair, answered.get(frozenset({pair.line.lineage, pair.other.lineage})))
    return known.filter(state=AlarmState.OPEN).count()


def _asked_from_the_other_side(estimate: Estimate) -> set[tuple[int, int]]:
    """Of an approved estimate, pairs that stand as alarms of the other expense: one question is enough."""
    if estimate.state != EstimateState.APPROVED:
        return set()
    rows = DuplicateAlarm.objects.filter(other__estimate=estimate)
    return set(rows.values_list("other", "line"))


def look_again(facility_ids: Iterable[int]) -> None:
    """Refresh the alarms of every estimate in work or in force that names one of the facilities, the latest first.

    Within the caller's transaction. An estimate that was approved is not stopped any more; its alarm asks a person.
    """
    found = duplicates.estimates_of(facility_ids).select_related("project").order_by("-pk")
    rows = list(found)
    for pk in sorted({row.project_id for row in rows}):
        Project.objects.locked(pk)
    for row in rows:
        refresh(row)


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
    """Say whether two expenses are one. While the estimate is not decided the answer may be given anew.

    An alarm raised after the approval, when two entries of a facility became one, is answered once.
    """
    project = Project.objects.locked(alarm.line.project_id)
    locked = DuplicateAlarm.objects.select_for_update(of=("self",)).select_related("line__estimate").get(pk=alarm.pk)
    if not (rules.may_edit(actor, project.territory_id) or rules.may_approve(actor, project)):
        raise Refusal("not_allowed", rules.ONLY_EXTENSION_OFFICER)
    decided = locked.line.estimate.state in (EstimateState.APPROVED, EstimateState.REPLACED)
    if decided and locked.state != AlarmState.OPEN:
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
