"""The estimates of the sample projects: typed by the extension officer, approved by the leader; one waits with an alarm."""

import datetime as dt
from collections import Counter

from django.utils import timezone
from django.utils.translation import gettext as _

from extension.enums import ProjectState
from extension.models import NormItem, Project, SupportNorm
from extension.norms.queries import SAMPLE
from extension.services import estimates
from extension.services.estimates import Line, Paper

from .stage import Stage

S = ProjectState
CLERK, LEADER = "khuyencong.thainguyen", "lanhdao.thainguyen"
COLD_DRYER = "Máy mẫu SL-10, số 015"
WAITING_CODE = "MAU-04"
BOOTH = "hoi_cho_ngoai_tinh"
# By the project's code: the expense, its words, the machine, and the percent of the cost that is asked for.
LINES = {
    "MAU-01": ("may_moc", "Máy sao, sấy chè bằng điện", "Máy mẫu SC-{n:02}, số {n:03}", 50),
    "MAU-02": (BOOTH, "Thuê gian hàng hội chợ phía Bắc", "", 80),
    "MAU-03": ("day_chuyen", "Dây chuyền đóng gói miến", "Máy mẫu DG-40, số 021", 50),
    WAITING_CODE: ("may_moc", "Tủ sấy khử ẩm hàng mây tre", COLD_DRYER, 50),
    "MAU-05": ("may_moc", "Máy sấy lạnh 10 khay", COLD_DRYER, 50),
}


def story(stage: Stage, project: Project, state: ProjectState, moment: dt.datetime) -> None:
    """A project is approved with its estimate."""
    if state != S.APPROVED or project.code not in LINES or project.estimates.exists():
        return
    estimate = _proposed(stage, project, moment)
    day = timezone.localdate(moment)
    paper = Paper(f"{project.code[-2:]}/QĐ-SCT", day, "Sở Công Thương Thái Nguyên")
    estimates.approve(estimate=estimate, actor=stage.people[LEADER], now=moment, paper=paper)
    stage.counts["sample_estimates_approved"] += 1


def load(stage: Stage) -> Counter[str]:
    """One estimate waits for the leader; its machine was supported in another project already."""
    project = Project.objects.filter(code=WAITING_CODE, territory=stage.province, state=S.REGISTERED).first()
    if project is not None and not project.estimates.exists():
        _proposed(stage, project, stage.at(-3))
        stage.counts["sample_estimates_waiting"] += 1
    return stage.counts


def _proposed(stage: Stage, project: Project, moment: dt.datetime) -> estimates.Estimate:
    _sample_norm(stage)
    clerk = stage.people[CLERK]
    estimate = estimates.begin(project=project, on=timezone.localdate(moment), actor=clerk)
    estimates.save_lines(estimate=estimate, lines=_lines(project), actor=clerk)
    return estimates.propose(estimate=estimate, actor=clerk, now=moment)


def _lines(project: Project) -> list[Line]:
    """One line for each facility, with its part of the project's funds."""
    code, words, machine, percent = LINES[project.code]
    item = NormItem.objects.get(code=code)
    found = []
    rows = project.beneficiaries.select_related("facility", "product").order_by("pk")
    for number, row in enumerate(rows, start=1):
        asked = row.extension_funds or 0
        cost = asked * 100 // percent
        found.append(
            Line(
                item,
                words,
                cost,
                asked,
                cost - asked,
                facility=row.facility,
                product=row.product,
                machine=machine.format(n=number),
                units=3 if item.counts_units else 1,
            )
        )
    return found


def _sample_norm(stage: Stage) -> None:
    """The portal knows no norm for booths of the province; this one is invented and never shown to the public."""
    SupportNorm.objects.get_or_create(
        item=NormItem.objects.get(code=BOOTH),
        territory=stage.province,
        valid_from=dt.date(stage.today.year - 2, 1, 1),
        defaults={
            "legal_basis": _("Mức chi mẫu, số liệu minh họa"),
            "percent": 80,
            "per": "gian hàng",
            "certainty": SAMPLE,
        },
    )
