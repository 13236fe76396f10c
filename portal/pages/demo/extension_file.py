"""The file, the acceptance, the adjustments and the results of the sample projects; invented, on sample makers only."""

import datetime as dt
from collections import Counter
from decimal import Decimal

from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.translation import gettext as _

from extension.enums import (
    AcceptanceOutcome,
    ActivityHead,
    AdjustmentKind,
    CommitteeRole,
    Funding,
    ProjectState,
)
from extension.file import queries as file_queries
from extension.models import Project, ResultIndicator
from extension.services import accepting, adjusting, papers, projects, results
from extension.services.accepting import Member, Said
from facilities.models import Representative

from .stage import Stage

S = ProjectState
CLERK, LEADER = "khuyencong.thainguyen", "lanhdao.thainguyen"
RUNNING_CODE = "MAU-02"
LAST_YEAR = "Đề án mẫu năm trước: máy hút chân không đóng gói chè"
HELD_AGO = 345
# Code, target, before, reached: of a project as a whole.
RESULTS = (
    ("jobs", "12", "8", "13"),
    ("revenue", "3200000000", "2100000000", "2950000000"),
    ("energy", "5000", None, "5600"),
)
COMMITTEE = (
    Member("Đại diện lãnh đạo Sở Công Thương", "Sở Công Thương", CommitteeRole.CHAIR),
    Member("Cán bộ phòng Quản lý công nghiệp", "Sở Công Thương", CommitteeRole.SECRETARY),
    Member("Đại diện Trung tâm Khuyến công", "Trung tâm Khuyến công", CommitteeRole.MEMBER),
    Member("Đại diện Sở Tài chính", "Sở Tài chính", CommitteeRole.MEMBER),
    Member("Đại diện UBND xã nơi có cơ sở", "Ủy ban nhân dân xã", CommitteeRole.MEMBER),
)


def story(stage: Stage, project: Project, state: ProjectState, moment: dt.datetime) -> None:
    """What is put in the file and written down before a project moves to a state."""
    if state == S.RUNNING:
        _targets(stage, project)
    elif state == S.ACCEPTED:
        _reached(stage, project, timezone.localdate(moment))
        _papers(stage, project, state, moment)
        _accepted(stage, project, moment)
    elif state in (S.SETTLED, S.LIQUIDATED):
        _papers(stage, project, state, moment)


def load(stage: Stage) -> Counter[str]:
    """One extension of time waits for the leader; a project of last year is asked again for its results."""
    running = Project.objects.filter(code=RUNNING_CODE, territory=stage.province, state=S.RUNNING).first()
    if running is not None and not running.adjustments.exists():
        later = stage.today + dt.timedelta(days=75)
        adjusting.propose(
            project=running,
            kind=AdjustmentKind.TIME,
            reason=_("Hội chợ phía Bắc lần hai lùi sang quý sau theo thông báo của ban tổ chức."),
            after={"ends_on": later.isoformat()},
            actor=stage.people[CLERK],
            now=stage.at(-2),
        )
        stage.counts["sample_adjustments_created"] += 1
    if not Project.objects.filter(name=LAST_YEAR, territory=stage.province).exists():
        _last_year(stage)
        stage.counts["sample_results_asked_again"] += 1
    return stage.counts


def _targets(stage: Stage, project: Project) -> None:
    clerk = stage.people[CLERK]
    known = set(project.results.values_list("indicator__code", flat=True))
    indicators = {one.code: one for one in ResultIndicator.objects.filter(code__in=[row[0] for row in RESULTS])}
    for code, target, _before, _reached in RESULTS:
        if code in indicators and code not in known:
            results.add_line(project=project, indicator=indicators[code], target=Decimal(target), actor=clerk)


def _reached(stage: Stage, project: Project, on: dt.date) -> None:
    figures = {code: (before, reached) for code, _target, before, reached in RESULTS}
    for line in project.results.select_related("indicator").filter(achieved__isnull=True):
        before, reached = figures[line.indicator.code]
        facts = {"before": Decimal(before) if before else None, "achieved": Decimal(reached)}
        results.tell(line=line, facts=facts, actor=stage.people[CLERK], on=on)


def _papers(stage: Stage, project: Project, state: ProjectState, moment: dt.datetime) -> None:
    """Every paper that is still asked for, as a stand-in page."""
    on = timezone.localdate(moment)
    for row in file_queries.lacking(project, state, on):
        upload = _page(stage, project, row.name)
        if upload is not None:
            papers.add_paper(
                project=project, rule=row, upload=upload, dated_on=on, actor=stage.people[CLERK], now=moment
            )


def _accepted(stage: Stage, project: Project, moment: dt.datetime) -> None:
    if project.acceptances.exists():
        return
    clerk, day = stage.people[CLERK], timezone.localdate(moment)
    row = accepting.set_up(
        project=project,
        decision_number=f"QĐ-{project.code or 'MAU'}",
        decision_on=day - dt.timedelta(days=7),
        members=COMMITTEE,
        actor=clerk,
        now=moment,
    )
    said = {one.pk: Said(True) for one in row.members.all()}
    accepting.record_outcome(
        acceptance=row,
        held_on=day,
        place=_("cơ sở thụ hưởng"),
        outcome=AcceptanceOutcome.PASSED,
        conclusion=_("Máy đã lắp đặt, chạy thử đạt công suất; hồ sơ đủ để quyết toán."),
        said=said,
        actor=clerk,
        now=moment,
    )
    upload = _page(stage, project, _("Biên bản nghiệm thu đã ký"))
    if upload is not None:
        accepting.attach_record(acceptance=row, upload=upload, actor=clerk, now=moment)


def _last_year(stage: Stage) -> None:
    """A project that was accepted almost a year ago, of the facility whose speaker has an account."""
    clerk, held = stage.people[CLERK], stage.at(-HELD_AGO)
    speaker = Representative.objects.approved().filter(user=stage.people["coso.tancuong"]).first()
    if speaker is None or speaker.facility is None:
        return
    project = projects.create_project(
        actor=clerk,
        territory=stage.province,
        name=LAST_YEAR,
        code="MAU-00",
        state=S.ACCEPTED,
        head=ActivityHead.TECHNOLOGY,
        funding=Funding.LOCAL,
        year=timezone.localdate(held).year,
        extension_funds=120_000_000,
        counterpart_funds=150_000_000,
        implementing_unit=stage.people["tiepnhan"].organisation,
        summary=_("Đề án mẫu, số liệu minh họa."),
        is_public=True,
        is_illustrative=True,
    )
    projects.add_beneficiary(project=project, actor=clerk, facility=speaker.facility, extension_funds=120_000_000)
    _targets(stage, project)
    _reached(stage, project, timezone.localdate(held))
    _accepted(stage, project, held)


def _page(stage: Stage, project: Project, title: str) -> "ContentFile[bytes] | None":
    first = project.beneficiaries.filter(product__isnull=False).select_related("product__facility").first()
    product = first.product if first else stage.products("scoring")[0]
    return stage.papers.of_support(title, product) if product else None
