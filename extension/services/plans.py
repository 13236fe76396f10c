"""Every write to yearly plans: drafted by the extension officer, approved by another person, then fixed.

All raise `Refusal`: "not_allowed", "not_draft", "not_submitted", "same_person", "empty", "above_plan", "future_day", "reason_missing", "invalid".
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.files.models import StoredFile
from portal.text.errors import Refusal
from portal.text.formats import money

from .. import rules
from ..enums import PlanState
from ..models import Plan
from .checks import checked, refuse_future


@transaction.atomic
def save_plan(*, plan: Plan, actor: Any) -> Plan:
    """Add or change a plan that is still drafted; who may is judged by the province it has and the one it had."""
    known = Plan.objects.select_for_update(of=("self",)).filter(pk=plan.pk).first()
    for one in (plan, known or plan):
        rules.require_edit(actor, one.territory_id)
    _drafted(known or plan)
    checked(plan)
    plan.save()
    _audit(actor, "extension.plan", _("Ghi kế hoạch “%(name)s”.") % {"name": plan.name}, plan)
    return plan


@transaction.atomic
def submit(*, plan: Plan, actor: Any, now: dt.datetime) -> Plan:
    """Hand a draft to the leader; from then on it stands as it is."""
    locked = _lock(plan)
    rules.require_edit(actor, locked.territory_id)
    _drafted(locked)
    if not locked.lines.exists() and locked.planned_funds is None:
        raise Refusal("empty", _("Kế hoạch chưa có dòng nào và chưa ghi kinh phí. Hãy ghi rồi trình."))
    _adds_up(locked)
    locked.state, locked.submitted_by, locked.submitted_at = PlanState.SUBMITTED, actor, now
    locked.decided_by = locked.decided_at = None
    checked(locked)
    locked.save()
    _audit(actor, "extension.plan_submit", _("Trình kế hoạch “%(name)s”.") % {"name": locked.name}, locked)
    return locked


@transaction.atomic
def approve(
    *,
    plan: Plan,
    actor: Any,
    now: dt.datetime,
    number: str,
    signed_on: dt.date,
    issuer: str = "",
    file: StoredFile | None = None,
) -> Plan:
    """Record the decision that assigns the plan; not by who submitted it."""
    locked = _decided(plan, actor, now)
    refuse_future(signed_on, timezone.localdate(now))
    locked.state, locked.number, locked.signed_on = PlanState.APPROVED, number.strip(), signed_on
    locked.issuer, locked.file, locked.answer = issuer.strip(), file or locked.file, ""
    checked(locked)
    locked.save()
    sentence = _("Duyệt kế hoạch “%(name)s” theo %(number)s.") % {"name": locked.name, "number": locked.number}
    data = {"number": locked.number, "signed_on": signed_on.isoformat()}
    _audit(actor, "extension.plan_approve", sentence, locked, data=data)
    return locked


@transaction.atomic
def give_back(*, plan: Plan, actor: Any, now: dt.datetime, reason: str) -> Plan:
    """Return a submitted plan to be mended, with the reason."""
    if not reason.strip():
        raise Refusal("reason_missing", _("Hãy ghi lý do trả lại kế hoạch."), field="reason")
    locked = _decided(plan, actor, now)
    locked.state, locked.answer = PlanState.DRAFT, reason.strip()
    checked(locked)
    locked.save()
    sentence = _("Trả lại kế hoạch “%(name)s”.") % {"name": locked.name}
    _audit(actor, "extension.plan_return", sentence, locked, reason=locked.answer)
    return locked


def _adds_up(plan: Plan) -> None:
    """The lines may not promise more than the plan has."""
    parts = sum(line.funds or 0 for line in plan.lines.all())
    if plan.planned_funds is not None and parts > plan.planned_funds:
        raise Refusal(
            "above_plan",
            _("Các dòng cộng lại %(parts)s, vượt kinh phí kế hoạch %(whole)s. Hãy sửa rồi trình.")
            % {"parts": money(parts), "whole": money(plan.planned_funds)},
        )


def _lock(plan: Plan) -> Plan:
    return Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)


def _decided(plan: Plan, actor: Any, now: dt.datetime) -> Plan:
    """The locked row of a plan that the person decides on now."""
    locked = _lock(plan)
    if not rules.may_approve_plan(actor, locked):
        raise Refusal("not_allowed", rules.ONLY_APPROVERS)
    if locked.state != PlanState.SUBMITTED:
        raise Refusal("not_submitted", _("Kế hoạch chưa được trình nên chưa quyết định được."))
    if actor is not None and locked.submitted_by_id == actor.pk:
        raise Refusal("same_person", _("Người trình kế hoạch không được tự duyệt."))
    locked.decided_by, locked.decided_at = actor, now
    return locked


def _drafted(plan: Plan) -> None:
    if plan.state != PlanState.DRAFT:
        raise Refusal(
            "not_draft",
            _("Kế hoạch ở trạng thái “%(state)s” nên không sửa được nữa.")
            % {"state": plan.get_state_display().lower()},
        )


def _audit(actor: Any, action: str, sentence: str, plan: Plan, **more: Any) -> None:
    record(actor=actor, action=action, sentence=sentence, subject=plan, territory=plan.territory, **more)
