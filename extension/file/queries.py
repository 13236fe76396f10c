"""What lies in a project's file and what it still lacks."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.territory.queries import current_id
from portal.text import formats
from portal.text.clock import today

from ..enums import (
    AcceptanceOutcome,
    EstimateState,
    EvidencePlace,
    InspectionState,
    PaymentState,
    ProgressState,
    ProjectState,
)
from ..models import EvidenceRule, Project, ProjectPaper
from . import evidence
from .evidence import About, Stage

ACCEPTED_OUTCOMES = (AcceptanceOutcome.PASSED, AcceptanceOutcome.TO_MEND)
FIRST_TO_ACCEPT = gettext_lazy(
    "Chưa có biên bản nghiệm thu ghi kết quả đạt. Hãy lập hội đồng và ghi kết quả nghiệm thu."
)


@dataclass(frozen=True)
class ProjectFile:
    """The file of a project on a day: its stages, and the papers that no rule asked for."""

    stages: list[Stage]
    others: list[ProjectPaper]

    @property
    def missing(self) -> int:
        return sum(len(stage.missing) for stage in self.stages)


def territory_ids(project: Project) -> frozenset[int]:
    """The province the project names, and the one it belongs to today."""
    return frozenset({project.territory_id, current_id(project.territory_id)})


def rules_of(project: Project, on: dt.date, phase: str | None = None) -> list[EvidenceRule]:
    """The papers asked of the project on a day, all or before one phase. One query."""
    about = About(project.funding, project.kind, project.head, territory_ids(project))
    near = Q(territory__isnull=True) | Q(territory__in=about.territory_ids)
    rows = EvidenceRule.objects.filter(near)
    if phase is not None:
        rows = rows.filter(phase=phase)
    return evidence.chosen(rows.order_by("ordinal", "pk"), about, on=on)


def file_of(project: Project, on: dt.date) -> ProjectFile:
    """Everything the file's page shows. At most nine queries, however many papers."""
    rules = rules_of(project, on)
    held = list(papers_of(project))
    by_rule: dict[int, list[ProjectPaper]] = {}
    for paper in held:
        by_rule.setdefault(paper.rule_id or 0, []).append(paper)
    asked = {rule.pk for rule in rules}
    return ProjectFile(
        stages=evidence.stages(rules, by_rule, elsewhere(project, {rule.place for rule in rules})),
        others=[paper for paper in held if paper.rule_id not in asked],
    )


def papers_of(project: Project) -> Any:
    """Papers in the file that were not taken out. One query when read."""
    rows = project.papers.filter(removed_at__isnull=True)
    return rows.select_related("file", "added_by", "rule").order_by("added_at", "pk")


def lacking(project: Project, phase: ProjectState, on: dt.date) -> list[EvidenceRule]:
    """The required papers that are not there before a phase. At most four queries."""
    rules = rules_of(project, on, phase)
    if not rules:
        return []
    by_rule: dict[int, list[ProjectPaper]] = {}
    for paper in papers_of(project).filter(rule__in=rules):
        by_rule.setdefault(paper.rule_id, []).append(paper)
    found = evidence.stages(rules, by_rule, elsewhere(project, {rule.place for rule in rules}))
    return [row.rule for stage in found for row in stage.missing]


def missing_sentences(project: Project, phase: ProjectState, on: dt.date) -> list[str]:
    """One sentence per paper that `lacking` names."""
    said = _("Hồ sơ còn thiếu: %(paper)s.")
    return [said % {"paper": rule.name.rstrip(".")} for rule in lacking(project, phase, on)]


# --- what the portal keeps elsewhere ----------------------------------------------------------------------------


def elsewhere(project: Project, places: set[str]) -> dict[str, str]:
    """What the portal holds of the named places, in words; a place with nothing is left out. A query per place."""
    found = {place: _FINDERS[EvidencePlace(place)](project) for place in places if place}
    return {place: words for place, words in found.items() if words}


def _numbered(number: str, day: dt.date | None) -> str:
    if not number:
        return formats.day(day) if day else ""
    return _("%(number)s ngày %(day)s") % {"number": number, "day": formats.day(day)} if day else number


def _estimate(project: Project) -> str:
    row = project.estimates.filter(state=EstimateState.APPROVED, file__isnull=False).first()
    return _numbered(row.number, row.signed_on) or str(_("đã có")) if row else ""


def _acceptance(project: Project) -> str:
    row = project.acceptances.filter(outcome__in=ACCEPTED_OUTCOMES, file__isnull=False).last()
    return _("Nghiệm thu ngày %(day)s") % {"day": formats.day(row.held_on)} if row and row.held_on else ""


def _settlement(project: Project) -> str:
    row = getattr(project, "settlement", None)
    return _("Nộp ngày %(day)s") % {"day": formats.day(row.submitted_on)} if row and row.file_id else ""


def _liquidation(project: Project) -> str:
    row = getattr(project, "liquidation", None)
    return _numbered(row.number, row.signed_on) if row and row.file_id else ""


def _progress(project: Project) -> str:
    row = project.progress_reports.filter(state=ProgressState.SEEN).order_by("-month").first()
    return _("Báo cáo tháng %(month)s") % {"month": f"{row.month:%m/%Y}"} if row else ""


def _inspection(project: Project) -> str:
    row = project.inspections.filter(state=InspectionState.DONE).order_by("-done_at").first()
    return _("Kiểm tra theo lịch ngày %(day)s") % {"day": formats.day(row.planned_on)} if row else ""


def _payment(project: Project) -> str:
    row = project.payments.filter(state=PaymentState.PAID, file__isnull=False).order_by("-paid_on").first()
    return _numbered(row.document, row.paid_on) if row else ""


_FINDERS = {
    EvidencePlace.ESTIMATE: _estimate,
    EvidencePlace.ACCEPTANCE: _acceptance,
    EvidencePlace.SETTLEMENT: _settlement,
    EvidencePlace.LIQUIDATION: _liquidation,
    EvidencePlace.PROGRESS: _progress,
    EvidencePlace.INSPECTION: _inspection,
    EvidencePlace.PAYMENT: _payment,
}


# --- guards of `services.projects.change_state` -----------------------------------------------------------------


def to_be_approved(project: Project) -> list[str]:
    """Papers that a project lacks before it is approved."""
    return missing_sentences(project, ProjectState.APPROVED, today())


def to_be_run(project: Project) -> list[str]:
    """Papers that a project lacks before its work begins."""
    return missing_sentences(project, ProjectState.RUNNING, today())


def to_be_accepted(project: Project) -> list[str]:
    """Papers and the committee's record that a project lacks before it counts as accepted."""
    found = missing_sentences(project, ProjectState.ACCEPTED, today())
    if not project.acceptances.filter(outcome__in=ACCEPTED_OUTCOMES).exists():
        found.append(str(FIRST_TO_ACCEPT))
    untold = project.results.filter(target__isnull=False, achieved__isnull=True).select_related("indicator")
    found += [
        _("Chưa ghi kết quả khi nghiệm thu của chỉ tiêu “%(indicator)s”.") % {"indicator": row.indicator.name}
        for row in untold
    ]
    return found


def to_be_settled(project: Project) -> list[str]:
    """Papers that a project lacks before its settlement."""
    return missing_sentences(project, ProjectState.SETTLED, today())


def to_be_liquidated(project: Project) -> list[str]:
    """Papers that a project lacks before its contract is liquidated."""
    return missing_sentences(project, ProjectState.LIQUIDATED, today())
