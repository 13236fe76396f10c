"""Estimates that wait: to approve, to mend, to answer what may be supported twice."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extension.enums import AlarmState, EstimateState, Funding
from extension.models import DuplicateAlarm, Estimate
from portal.accounts.enums import Role
from portal.accounts.queries import Reach

from .tasks import Task, page, provinces_with


def estimate_tasks(user: Any, reach: Reach) -> Iterator[Task]:
    """Estimates to decide of other people's proposing, to mend, and alarms to answer. Two queries at most."""
    officers = provinces_with(reach, {Role.EXTENSION_OFFICER})
    leaders = provinces_with(reach, {Role.LEADER})
    decides = Q(project__territory__in=leaders)
    if Role.AGENCY_NATIONAL in reach.roles:
        decides |= Q(project__funding=Funding.NATIONAL)
    elif not officers and not leaders:
        return
    waits = Q(state=EstimateState.PROPOSED) & decides & ~Q(proposed_by=user)
    back = Q(state=EstimateState.RETURNED, project__territory__in=officers)
    rows = Estimate.objects.filter(waits | back).order_by("-pk").values_list("state", "project__uuid")[:500]
    states: dict[str, list[Any]] = {}
    for state, uuid in rows:
        states.setdefault(state, []).append(uuid)
    yield from _decide(states.get(EstimateState.PROPOSED, []))
    yield from _mend(states.get(EstimateState.RETURNED, []))
    if officers:
        yield from _answer(officers)


def _decide(uuids: list[Any]) -> Iterator[Task]:
    if n := len(uuids):
        what = ngettext("Duyệt %(n)d dự toán", "Duyệt %(n)d dự toán", n) % {"n": n}
        yield Task(what, _("Cán bộ khuyến công đã trình"), "coins", _("Mở dự toán"), _address(uuids))


def _mend(uuids: list[Any]) -> Iterator[Task]:
    if n := len(uuids):
        what = ngettext("Sửa %(n)d dự toán được trả lại", "Sửa %(n)d dự toán được trả lại", n) % {"n": n}
        yield Task(what, _("Lý do ghi ở trang Dự toán"), "coins", _("Mở dự toán"), _address(uuids))


def _address(uuids: list[Any]) -> str:
    """The estimate itself, of several the newest."""
    return page("project_estimate", args=[uuids[0]])


def _answer(officers: list[int]) -> Iterator[Task]:
    waits = (EstimateState.DRAFT, EstimateState.PROPOSED, EstimateState.RETURNED, EstimateState.APPROVED)
    found = DuplicateAlarm.objects.filter(
        state=AlarmState.OPEN, line__project__territory__in=officers, line__estimate__state__in=waits
    ).aggregate(n=Count("pk"))
    if n := found["n"]:
        what = ngettext("Trả lời %(n)d cảnh báo hỗ trợ trùng", "Trả lời %(n)d cảnh báo hỗ trợ trùng", n) % {"n": n}
        why = _("Một khoản chi không được ngân sách hỗ trợ hai lần")
        yield Task(what, why, "copy", _("Mở cảnh báo"), page("duplicate_alarms"))
