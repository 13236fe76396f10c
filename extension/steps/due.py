"""What falls due on the way of projects and in the year of extension: steps, settlement, liquidation, plans, reports."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from portal.accounts.enums import Role
from portal.accounts.models import Grant, User
from portal.territory.models import Territory
from portal.territory.queries import current_id
from portal.text.formats import day

from .. import due_rules
from ..due import Due
from ..enums import Cycle, DueCode, EstimateState, Funding, PlanState, ProjectState, ReportState, StepDue
from ..models import Plan, Project, ReportPeriod
from ..reports.periods import MONTHS, Period
from ..states import SEALED
from .workflows import current, rows_of, with_steps

# How long before its day a matter is handed to the letters, and how long after it they may still tell of it.
BEFORE, AFTER = dt.timedelta(days=30), dt.timedelta(days=60)
STEP, SETTLEMENT, YEAR = "extension_step", "extension_settlement", "extension_due"
REPORTS = {
    DueCode.REPORT_QUARTER: Cycle.QUARTER,
    DueCode.REPORT_HALF: Cycle.HALF,
    DueCode.REPORT_YEAR: Cycle.YEAR,
}
OF_PLANS = (DueCode.REGISTER, DueCode.TO_AGENCY)
# What these phases wait for has a day of its own, by rule.
ENDINGS = (ProjectState.ACCEPTED, ProjectState.SETTLED)
SENT = (ReportState.SENT, ReportState.LOCKED)


@dataclass(frozen=True)
class YearMatter:
    """A matter of a province and a year that has no row of its own; its key is made of what it is about."""

    code: DueCode
    uuid: uuid.UUID

    @classmethod
    def of(cls, code: DueCode, territory: Territory, year: int, ordinal: int = 1) -> "YearMatter":
        return cls(code, uuid.uuid5(uuid.NAMESPACE_URL, f"{code}:{territory.slug}:{year}:{ordinal}"))


def project_matters(on: dt.date) -> Iterator[Due]:
    """Steps, settlements and liquidations of all projects that are under way. Six queries, whatever the projects."""
    return matters_of(Project.objects.all(), on)


def matters_of(projects: QuerySet[Project], on: dt.date) -> Iterator[Due]:
    """The same of some projects. Six queries."""
    dated = Q(workflow__steps__due__in=[StepDue.DATE, StepDue.AFTER])
    rows = projects.exclude(state__in=SEALED).filter(dated | Q(state__in=ENDINGS)).distinct()
    found = list(rows.select_related("territory", "settlement").prefetch_related(*with_steps()))
    rules = due_rules.rules()
    units = _people_of_units({row.implementing_unit_id for row in found if row.implementing_unit_id})
    for project in found:
        who = units.get(project.implementing_unit_id or 0, ())
        matter = _ending(project, rules, who) if project.state in ENDINGS else _step(project, who)
        if matter and on - AFTER <= matter.due_on <= on + BEFORE:
            yield matter


def year_matters(on: dt.date) -> Iterator[Due]:
    """Plans to send and reports to make, of the provinces that have extension officers. Five queries."""
    grants = Grant.objects.active(on).filter(role=Role.EXTENSION_OFFICER, user__is_active=True)
    return year_matters_of({current_id(pk) for pk in grants.values_list("territory", flat=True) if pk}, on)


def year_matters_of(territory_ids: Collection[int], on: dt.date) -> Iterator[Due]:
    """The same of some units of today. Four queries."""
    rules = due_rules.rules()
    sent_plans = {
        (current_id(row[0]), row[1])
        for row in Plan.objects.filter(year__range=(on.year, on.year + 2), funding=Funding.NATIONAL)
        .exclude(state=PlanState.DRAFT)
        .values_list("territory", "year")
    }
    reported = {
        (current_id(row[0]), *row[1:])
        for row in ReportPeriod.objects.filter(year__range=(on.year - 1, on.year), state__in=SENT).values_list(
            "territory", "cycle", "year", "ordinal"
        )
    }
    for province in Territory.objects.filter(pk__in=territory_ids).order_by("pk"):
        for matter in (*_plans(province, rules, sent_plans, on), *_reports(province, rules, reported, on)):
            if on - AFTER <= matter.due_on <= on + BEFORE:
                yield matter


def ending_day(project: Project, rules: due_rules.Rules) -> dt.date | None:
    """By when an accepted project is to be settled, a settled one to be liquidated."""
    place: dict[str, Any] = {"funding": project.funding, "territory_id": project.territory_id}
    if project.state == ProjectState.ACCEPTED and project.phase_since:
        return rules.after(DueCode.SETTLEMENT, event=project.phase_since, **place)
    if project.state == ProjectState.SETTLED:
        year = project.year_to or project.year
        return rules.in_year(DueCode.LIQUIDATION, year=year, on=dt.date(year, 12, 31), **place)
    return None


def _ending(project: Project, rules: due_rules.Rules, who: tuple[Any, ...]) -> Due | None:
    due_on = ending_day(project, rules)
    accepted = project.state == ProjectState.ACCEPTED
    settlement = getattr(project, "settlement", None)
    if due_on is None or (accepted and settlement and settlement.state != EstimateState.RETURNED):
        return None
    facts = {"name": project.name, "day": day(due_on)}
    if accepted:
        what = _("Nộp hồ sơ quyết toán")
        body = _("Đề án “%(name)s” đã nghiệm thu. Hồ sơ quyết toán cần nộp trước hết ngày %(day)s.") % facts
    else:
        what = _("Thanh lý hợp đồng")
        body = _("Đề án “%(name)s” đã quyết toán. Hợp đồng cần thanh lý trước hết ngày %(day)s.") % facts
    return Due(SETTLEMENT, project, due_on, who, _by(what, due_on), body, project.territory, what)


def _step(project: Project, who: tuple[Any, ...]) -> Due | None:
    at = current(rows_of(project), project.state)
    if at is None or at.due_on is None:
        return None
    facts = {"name": project.name, "step": at.step.name, "day": day(at.due_on)}
    body = _("Đề án “%(name)s”: bước “%(step)s” đến hạn ngày %(day)s.") % facts
    return Due(STEP, project, at.due_on, who, _by(at.step.name, at.due_on), body, project.territory, at.step.name)


def _by(what: str, due_on: dt.date) -> str:
    return _("%(what)s trước hết ngày %(day)s") % {"what": what, "day": day(due_on)}


def _plans(province: Territory, rules: due_rules.Rules, sent: set[tuple[int, int]], on: dt.date) -> Iterator[Due]:
    """The national plan of a coming year: projects are registered, then the plan goes to the agency."""
    said = {
        DueCode.REGISTER: (
            _("Nhận đăng ký đề án khuyến công quốc gia năm %(year)d"),
            _("Đơn vị đăng ký đề án khuyến công quốc gia năm %(year)d với Sở trước hết ngày %(day)s."),
        ),
        DueCode.TO_AGENCY: (
            _("Gửi Cục kế hoạch khuyến công quốc gia năm %(year)d"),
            _("Kế hoạch khuyến công quốc gia năm %(year)d chưa trình. Hạn gửi Cục: hết ngày %(day)s."),
        ),
    }
    for year in (on.year, on.year + 1, on.year + 2):
        if (province.pk, year) in sent:
            continue
        for code, (words, body) in said.items():
            due_on = rules.in_year(code, year=year, funding=Funding.NATIONAL, territory_id=province.pk, on=on)
            if due_on:
                facts = {"year": year, "day": day(due_on)}
                what, matter = words % facts, YearMatter.of(code, province, year)
                yield Due(YEAR, matter, due_on, (), _by(what, due_on), body % facts, province, what)


def _reports(
    province: Territory, rules: due_rules.Rules, sent: set[tuple[int, str, int, int]], on: dt.date
) -> Iterator[Due]:
    for code, cycle in REPORTS.items():
        for year in (on.year - 1, on.year):
            for ordinal in range(1, 12 // MONTHS[cycle] + 1):
                period = Period(cycle, year, ordinal)
                due_on = report_day(rules, code, province.pk, period)
                if due_on is None or (province.pk, cycle, year, ordinal) in sent:
                    continue
                facts = {"period": period.name, "day": day(due_on)}
                what = _("Gửi báo cáo khuyến công %(period)s") % facts
                body = _("Báo cáo khuyến công %(period)s của Sở chưa gửi Cục. Hạn: hết ngày %(day)s.") % facts
                matter = YearMatter.of(code, province, year, ordinal)
                yield Due(YEAR, matter, due_on, (), _by(what, due_on), body, province, what)


def report_day(rules: due_rules.Rules, code: DueCode, territory_id: int, period: Period) -> dt.date | None:
    """By when the report of a period is sent: a rule without a month speaks of the period's last one.

    The half-year that the rule names is the first one; the second has the day of the year's report.
    """
    found = rules.rule(code, funding="", territory_id=territory_id, on=period.ends_on)
    if found is None or (code == DueCode.REPORT_HALF and found.month and period.ordinal > 1):
        return None
    if found.days is not None:
        return due_rules.term_end(period.ends_on, found.days, working_days=found.working_days)
    if found.month is not None:
        return due_rules.day_in_year(found, period.year)
    return due_rules.clamped(period.ends_on.year, period.ends_on.month, found.day or 1)


def _people_of_units(unit_ids: set[int]) -> dict[int, tuple[Any, ...]]:
    """Who works in each implementing unit. One query."""
    found: dict[int, list[Any]] = defaultdict(list)
    for user in User.objects.filter(organisation__in=unit_ids, is_active=True).order_by("pk"):
        found[user.organisation_id or 0].append(user)
    return {pk: tuple(rows) for pk, rows in found.items()}
