"""The files of projects that wait: adjustments to decide, acceptances without their record, results to ask again."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Min, Q
from django.utils.translation import gettext as _

from extension.enums import Authority, ProposalState
from extension.models import Acceptance, Adjustment, ResultLine
from extension.services.accepting import MAY_MEET
from extension.services.results import DONE
from extension.steps.authority import OF_AGENCY
from portal.accounts.enums import Role
from portal.accounts.queries import Reach

from .tasks import Task, page, provinces_with

# So many rows of one kind stand on the board; those left come up as these are done.
SHOWN = 8


def file_tasks(user: Any, reach: Reach, on: dt.date) -> Iterator[Task]:
    """What the files of projects ask of this person. Three queries at most."""
    yield from _to_decide(user, reach)
    officers = provinces_with(reach, {Role.EXTENSION_OFFICER})
    if officers:
        yield from _to_record(officers)
        yield from _to_ask(officers, on)


def _to_decide(user: Any, reach: Reach) -> Iterator[Task]:
    mine = _decides(reach)
    if mine is None:
        return
    rows = Adjustment.objects.filter(mine, state=ProposalState.PROPOSED).exclude(proposed_by=user)
    for row in rows.select_related("project").order_by("proposed_at")[:SHOWN]:
        what = _("Quyết định đề nghị “%(kind)s”: %(project)s") % {
            "kind": row.get_kind_display(),
            "project": row.project.name,
        }
        why = _("Cấp quyết định: %(authority)s") % {"authority": row.get_authority_display()}
        url = page("project_adjustments", args=[row.project.uuid])
        yield Task(what, why, "gavel", _("Xem đề nghị"), url)


def _decides(reach: Reach) -> Q | None:
    """Whose adjustments the person decides or writes down; the same as `extension.steps.authority.may_decide`."""
    led = provinces_with(reach, {Role.LEADER})
    officers = provinces_with(reach, {Role.EXTENSION_OFFICER})
    found = Q(project__territory__in=led) if led else None
    if officers:
        centre = Q(project__territory__in=officers, authority=Authority.CENTRE)
        found = centre if found is None else found | centre
    if Role.AGENCY_NATIONAL in reach.roles:
        above = Q(authority__in=OF_AGENCY)
        found = above if found is None else found | above
    return found


def _to_record(officers: list[int]) -> Iterator[Task]:
    rows = Acceptance.objects.filter(
        Q(outcome="") | Q(file__isnull=True), project__territory__in=officers, project__state__in=MAY_MEET
    )
    for row in rows.select_related("project").order_by("decision_on", "pk")[:SHOWN]:
        if row.outcome:
            what = _("Đưa biên bản nghiệm thu đã ký lên: %(project)s")
            why = _("Đã ghi kết quả, chưa có bản đã ký")
        else:
            what = _("Ghi kết quả nghiệm thu: %(project)s")
            why = _("Đã lập hội đồng, chưa ghi kết quả")
        url = page("project_acceptance", args=[row.project.uuid])
        yield Task(what % {"project": row.project.name}, why, "clipboard-check", _("Mở nghiệm thu"), url)


def _to_ask(officers: list[int], on: dt.date) -> Iterator[Task]:
    rows = ResultLine.objects.filter(
        ask_on__lte=on, later__isnull=True, project__territory__in=officers, project__state__in=DONE
    )
    found = rows.order_by().values_list("project__uuid", "project__name").annotate(due=Min("ask_on")).order_by("due")
    for uuid, name, due in found[:SHOWN]:
        what = _("Hỏi lại kết quả sau một năm: %(project)s") % {"project": name}
        url = page("project_results", args=[uuid])
        yield Task(what, _("Cơ sở chưa cho biết"), "chart-column", _("Mở kết quả"), url, due)
