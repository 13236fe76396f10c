"""Reading what watches over projects: checklist, inspections, findings, progress, and the risk they add up to."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max, Min, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.enums import Role
from portal.accounts.models import User
from portal.territory.queries import family_ids

from .. import due_rules
from ..enums import DueCode, FindingState, InspectionState, ProgressState, ProjectState
from ..models import (
    ChecklistItem,
    Finding,
    Inspection,
    InspectionAnswer,
    InspectionPhoto,
    ProgressReport,
    Project,
    ProjectQuerySet,
)
from . import monthly, risk

WATCHED = (ProjectState.APPROVED, ProjectState.RUNNING, ProjectState.ACCEPTED, ProjectState.SETTLED)
UNSOLVED = (FindingState.OPEN, FindingState.ANSWERED)
INSPECTOR_ROLES = (Role.EXTENSION_OFFICER, Role.OFFICER, Role.LEADER)


@dataclass(frozen=True)
class Watched:
    """A project with all that its risk is made of."""

    project: Project
    risk: risk.Risk
    last_seen: dt.date | None = None
    next_on: dt.date | None = None
    next_uuid: Any = None
    percent: int | None = None
    missing: tuple[dt.date, ...] = ()
    findings_open: int = 0
    findings_late: int = 0


@dataclass
class _Known:
    seen_at: dict[int, dt.datetime] = field(default_factory=dict)
    planned: dict[int, tuple[dt.date, Any]] = field(default_factory=dict)
    findings: dict[int, Any] = field(default_factory=dict)
    reports: dict[int, dict[dt.date, tuple[int, str]]] = field(default_factory=lambda: defaultdict(dict))


def watched(projects: Collection[Project], *, on: dt.date) -> list[Watched]:
    """Each project with its risk on a day, in the order given. Five queries, whatever their number."""
    known = _known(projects, on)
    days = ProgressDays()
    return [_watched(project, known, days, on) for project in projects]


def _known(projects: Collection[Project], on: dt.date) -> _Known:
    ids = [project.pk for project in projects]
    known = _Known()
    done = Inspection.objects.filter(project__in=ids, state=InspectionState.DONE).order_by()
    known.seen_at = dict(done.values_list("project").annotate(at=Max("done_at")))
    planned = Inspection.objects.filter(project__in=ids, state=InspectionState.PLANNED).order_by("-planned_on", "-pk")
    known.planned = {pk: (day, uuid) for pk, day, uuid in planned.values_list("project", "planned_on", "uuid")}
    rows = Finding.objects.filter(project__in=ids, state__in=UNSOLVED).order_by().values("project")
    late = Q(state=FindingState.OPEN, due_on__lt=on)
    found = rows.annotate(n=Count("*"), late=Count("pk", filter=late), serious=Count("pk", filter=Q(is_serious=True)))
    known.findings = {row["project"]: row for row in found}
    reports = ProgressReport.objects.filter(project__in=ids).order_by("month")
    for pk, month, percent, state in reports.values_list("project", "month", "percent", "state"):
        known.reports[pk][month] = (percent, state)
    return known


def _watched(project: Project, known: _Known, days: "ProgressDays", on: dt.date) -> Watched:
    seen = known.seen_at.get(project.pk)
    last_seen = timezone.localdate(seen) if seen else None
    found = known.findings.get(project.pk, {})
    reports = known.reports.get(project.pk, {})
    percent = next(reversed(reports.values()))[0] if reports else None
    running = project.state == ProjectState.RUNNING
    missing = tuple(month for month in days.owed(project, on) if month not in reports) if running else ()
    facts = risk.Facts(
        kind=project.kind,
        funds=project.extension_funds,
        paid=project.disbursed,
        percent=percent,
        is_running=running,
        days_unseen=(on - last_seen).days if last_seen else None,
        reports_missing=len(missing),
        findings_open=found.get("n", 0),
        findings_late=found.get("late", 0),
        findings_serious=found.get("serious", 0),
        days_left=(project.ends_on - on).days if project.ends_on else None,
    )
    day, uuid = known.planned.get(project.pk, (None, None))
    return Watched(
        project=project,
        risk=risk.assess(facts),
        last_seen=last_seen,
        next_on=day,
        next_uuid=uuid,
        percent=percent,
        missing=missing,
        findings_open=facts.findings_open,
        findings_late=facts.findings_late,
    )


class ProgressDays:
    """By which day of a month progress is reported, by funding and province. One query when made."""

    def __init__(self) -> None:
        self.rules = due_rules.rules()

    def due(self, project: Project, month: dt.date) -> dt.date | None:
        """The last day for the report of a month; None where no rule asks for one."""
        return self.rules.in_month(
            DueCode.PROGRESS, month=month, funding=project.funding, territory_id=project.territory_id
        )

    def owed(self, project: Project, on: dt.date) -> list[dt.date]:
        """Months whose report of this project is due by the day."""
        return monthly.owed(began(project), project.ends_on, on, lambda month: self.due(project, month))


def began(project: Project) -> dt.date | None:
    """From when a project's work counts: its own start, else its contract, else its present phase."""
    return project.starts_on or project.contract_on or project.phase_since


def to_watch(projects: ProjectQuerySet) -> QuerySet[Project]:
    """Projects that are worth a visit. One query when read."""
    return projects.filter(state__in=WATCHED).select_related("territory", "implementing_unit")


def checklist_for(project: Project, on: dt.date) -> list[ChecklistItem]:
    """The questions for a project on a day: of its head, funding and province, and those for all. One query."""
    found = ChecklistItem.objects.filter(
        Q(head__isnull=True) | Q(head=project.head),
        Q(funding="") | Q(funding=project.funding),
        Q(territory__isnull=True) | Q(territory__in=family_ids(project.territory_id)),
        Q(valid_to__isnull=True) | Q(valid_to__gte=on),
        valid_from__lte=on,
    )
    return list(found)


@dataclass(frozen=True)
class Line:
    """One question of an inspection with what was answered and the photos taken for it."""

    item: ChecklistItem
    answer: str = ""
    answer_words: str = ""
    note: str = ""
    photos: tuple[InspectionPhoto, ...] = ()

    @property
    def needs_answer(self) -> bool:
        return not self.answer

    @property
    def needs_photo(self) -> bool:
        return self.item.needs_photo and self.answer in ("yes", "no") and not self.photos

    @property
    def needs_note(self) -> bool:
        return self.answer == "no" and not self.note


def answers_of(inspection: Inspection) -> dict[int, InspectionAnswer]:
    """What was answered, by question. One query."""
    return {row.item_id: row for row in inspection.answers.select_related("item")}


def photos_of(inspection: Inspection) -> list[InspectionPhoto]:
    """Photos in the order they were taken. One query."""
    return list(inspection.photos.select_related("file"))


def lines_of(inspection: Inspection, on: dt.date) -> tuple[list[Line], list[InspectionPhoto]]:
    """The list of an inspection and the photos of no question. Three queries, two once it is done.

    A planned one shows the questions in force and those already answered; one that is done only what was answered.
    """
    answers, photos = answers_of(inspection), photos_of(inspection)
    items = {row.item_id: row.item for row in answers.values()}
    if inspection.state == InspectionState.PLANNED:
        items |= {item.pk: item for item in checklist_for(inspection.project, on)}
    taken: dict[int | None, list[InspectionPhoto]] = defaultdict(list)
    for photo in photos:
        taken[photo.item_id if photo.item_id in items else None].append(photo)
    ordered = sorted(items.values(), key=lambda item: (item.ordinal, item.pk))
    return [_line(item, answers.get(item.pk), taken[item.pk]) for item in ordered], taken[None]


def _line(item: ChecklistItem, given: InspectionAnswer | None, photos: Iterable[InspectionPhoto]) -> Line:
    if given is None:
        return Line(item, photos=tuple(photos))
    words = str(given.get_answer_display()) if given.answer else ""
    return Line(item, given.answer, words, given.note, tuple(photos))


def inspections_of(project: Project) -> list[Inspection]:
    """Every inspection of a project, the newest first. Two queries."""
    found = project.inspections.select_related("done_by").prefetch_related("inspectors")
    return list(found.order_by("-planned_on", "-pk"))


def findings_of(project: Project) -> list[Finding]:
    """What had and has to be put right: unsolved first, then by day. One query."""
    rows = project.findings.select_related("inspection", "file", "answered_by", "closed_by", "found_by")
    return sorted(rows, key=lambda row: (row.state == FindingState.CLOSED, row.due_on, row.pk))


def reports_of(project: Project) -> list[ProgressReport]:
    """Progress reports, the newest first. One query."""
    return list(project.progress_reports.select_related("file", "sent_by", "seen_by"))


def inspector_choices(project: Project | None, provinces: Collection[int], on: dt.date) -> QuerySet[User]:
    """Who may be sent: staff of the project's province, or of all the given ones. One query when read."""
    reached = family_ids(project.territory_id) if project else provinces
    held = Q(grants__role__in=INSPECTOR_ROLES, grants__territory__in=reached, grants__valid_from__lte=on)
    still = Q(grants__valid_to__isnull=True) | Q(grants__valid_to__gte=on)
    return User.objects.filter(held & still, is_active=True).distinct().order_by("full_name", "pk")


def own_inspections(user: Any) -> QuerySet[Inspection]:
    """Inspections the person is sent on, by day; planned ones and those of late. One query when read."""
    return (
        Inspection.objects.visible_to(user)
        .filter(inspectors=user)
        .exclude(state=InspectionState.CANCELLED)
        .select_related("project__territory", "project__implementing_unit")
    )


def planned_between(user: Any, first: dt.date, last: dt.date) -> QuerySet[Inspection]:
    """Planned inspections of everything the person reaches. Two queries when read."""
    found = Inspection.objects.visible_to(user).filter(state=InspectionState.PLANNED, planned_on__range=(first, last))
    people = Prefetch("inspectors", queryset=User.objects.only("pk", "full_name", "username"))
    return found.select_related("project__territory").prefetch_related(people)


def first_planned(user: Any) -> dt.date | None:
    """The day of the earliest inspection that is still only planned. One query."""
    planned = Inspection.objects.visible_to(user).filter(state=InspectionState.PLANNED)
    day: dt.date | None = planned.aggregate(day=Min("planned_on"))["day"]
    return day


def serious_findings(project: Project) -> list[str]:
    """Sentences for serious findings that are not closed: while there is one, nothing is paid or accepted. One query."""
    rows = project.findings.filter(is_serious=True, state__in=UNSOLVED)
    return [_finding_sentence(row) for row in rows]


def _finding_sentence(row: Finding) -> str:
    return _("Tồn tại nghiêm trọng chưa đóng: %(text)s (khắc phục trước ngày %(day)s).") % {
        "text": row.text.strip().rstrip("."),
        "day": f"{row.due_on:%d/%m/%Y}",
    }


@dataclass(frozen=True)
class Silent:
    """A project whose months lack a report, or whose report was sent back, the earliest first."""

    project: Project
    months: tuple[dt.date, ...]
    first_due: dt.date
    last_due: dt.date


def missing_reports(projects: Collection[Project], *, on: dt.date) -> Iterator[Silent]:
    """Those of the given projects that owe a report by the day. Two queries."""
    days = ProgressDays()
    sent: dict[int, set[dt.date]] = defaultdict(set)
    rows = ProgressReport.objects.filter(project__in=[project.pk for project in projects])
    for pk, month in rows.exclude(state=ProgressState.RETURNED).values_list("project", "month"):
        sent[pk].add(month)
    for project in projects:
        months = [month for month in days.owed(project, on) if month not in sent[project.pk]]
        due = [day for month in months if (day := days.due(project, month))]
        if due:
            yield Silent(project, tuple(months), due[0], due[-1])
