"""Invented extension projects for the desk of Thái Nguyên: one in each part of its life, on sample makers only."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from extension.enums import ActivityHead, Funding, ProjectKind, ProjectState
from extension.models import Plan, Project
from extension.services import projects as services
from extension.services import steps
from extension.services.projects import missing
from extension.steps.workflows import rows_of

from . import extension_file, extension_money, extension_norms, extension_plans, extension_watch
from .stage import Stage

S = ProjectState
MILLION = 1_000_000


# What happens to a sample project before it moves to a state, at a moment of that day: each part of the work tells its
# own (an estimate before the approval, payments before the settlement). Projects are known by their code.
Story = Callable[[Stage, Project, ProjectState, dt.datetime], None]
STORIES: tuple[Story, ...] = (
    extension_norms.story,
    extension_money.story,
    extension_watch.tell,
    extension_file.story,
)
# How many days ago a project came to each state, if it did.
DAYS_AGO = {
    S.REGISTERED: 290,
    S.APPRAISING: 270,
    S.REFUSED: 250,
    S.APPROVED: 240,
    S.RUNNING: 220,
    S.ACCEPTED: 60,
    S.STOPPED: 55,
    S.SETTLED: 40,
    S.LIQUIDATED: 20,
}
REASONS = {
    S.REFUSED: "Máy đề nghị hỗ trợ đã qua sử dụng.",
    S.STOPPED: "Cơ sở mẫu chuyển nơi sản xuất nên xin thôi.",
}


@dataclass(frozen=True)
class Sample:
    """A sample project: its money in millions, how far it goes, which sample products it supports."""

    name: str
    head: ActivityHead
    kind: ProjectKind
    millions: int
    road: tuple[ProjectState, ...]
    products: tuple[str, ...]
    paid: int | None = None


SAMPLES = (
    Sample(
        name="Đề án mẫu: hỗ trợ máy sao, sấy chè bằng điện",
        head=ActivityHead.TECHNOLOGY,
        kind=ProjectKind.GROUP,
        millions=450,
        road=(S.APPRAISING, S.APPROVED, S.RUNNING, S.ACCEPTED, S.SETTLED, S.LIQUIDATED),
        products=(
            "Chè tôm nõn sao suốt hộp 200 g",
            "Chè đinh ngọc hộp gỗ 100 g",
            "Bộ sản phẩm trà Tân Cương ba vụ xuân, hạ, thu",
        ),
        paid=450,
    ),
    Sample(
        name="Đề án mẫu: đưa sản phẩm tiêu biểu đi hội chợ phía Bắc",
        head=ActivityHead.PRODUCTS,
        kind=ProjectKind.GROUP,
        millions=240,
        road=(S.APPRAISING, S.APPROVED, S.RUNNING),
        products=(
            "Gạo bao thai đóng túi 5 kg",
            "Bộ sản phẩm trà Tân Cương ba vụ xuân, hạ, thu",
            "Mật ong hoa rừng chai thủy tinh 500 ml",
            "Khăn dệt thổ cẩm nhuộm chàm",
            "Tranh gỗ mít chạm tứ quý",
        ),
        paid=120,
    ),
    Sample(
        name="Đề án mẫu: hỗ trợ dây chuyền đóng gói miến dong",
        head=ActivityHead.TECHNOLOGY,
        kind=ProjectKind.SINGLE,
        millions=200,
        road=(S.APPRAISING, S.APPROVED),
        products=("Miến dong sợi nhỏ phơi nắng",),
    ),
    Sample(
        name="Đề án mẫu: phòng trưng bày hàng mây tre",
        head=ActivityHead.PRODUCTS,
        kind=ProjectKind.SINGLE,
        millions=90,
        road=(),
        products=("Bộ khay, giỏ mây đan lóng đôi",),
    ),
    Sample(
        name="Đề án mẫu: máy sấy lạnh cho sản phẩm sau thu hoạch",
        head=ActivityHead.TECHNOLOGY,
        kind=ProjectKind.SINGLE,
        millions=300,
        road=(S.APPRAISING, S.APPROVED, S.RUNNING, S.ACCEPTED),
        products=("Mật ong hoa rừng chai thủy tinh 500 ml",),
        paid=210,
    ),
    Sample(
        name="Đề án mẫu: thiết kế bao bì cho hàng thổ cẩm",
        head=ActivityHead.ADVICE,
        kind=ProjectKind.SINGLE,
        millions=35,
        road=(S.APPRAISING, S.REFUSED),
        products=("Khăn dệt thổ cẩm nhuộm chàm",),
    ),
)


def load(stage: Stage) -> Counter[str]:
    """Create the sample projects that are missing and walk them along their table of states."""
    plan = extension_plans.of_this_year(stage)
    for number, sample in enumerate(SAMPLES, start=1):
        if Project.objects.filter(name=sample.name, territory=stage.province).exists():
            stage.counts["sample_projects_kept"] += 1
        else:
            _project(stage, number, sample, plan)
            stage.counts["sample_projects_created"] += 1
    return stage.counts


def finish(stage: Stage) -> None:
    """Walk on those that could not move until the other parts had told their stories."""
    for sample in SAMPLES:
        project = Project.objects.get(name=sample.name, territory=stage.province)
        if project.state in sample.road[:-1] or (sample.road and project.state == S.REGISTERED):
            _walk(stage, project, sample.road)
            stage.counts["sample_projects_walked_on"] += 1


def _project(stage: Stage, number: int, sample: Sample, plan: Plan) -> None:
    clerk = stage.people["khuyencong.thainguyen"]
    funds = sample.millions * MILLION
    project = services.create_project(
        actor=clerk,
        territory=stage.province,
        name=sample.name,
        code=f"MAU-{number:02}",
        kind=sample.kind,
        head=sample.head,
        funding=Funding.LOCAL,
        year=plan.year,
        plan=plan,
        on=_day(stage, S.REGISTERED),
        extension_funds=funds,
        counterpart_funds=funds,
        disbursed=sample.paid * MILLION if sample.paid is not None else None,
        implementing_unit=stage.people["tiepnhan"].organisation,
        summary=_("Đề án mẫu, số liệu minh họa."),
        is_public=True,
        is_illustrative=True,
    )
    for product in stage.products("scoring"):
        if product.name in sample.products:
            services.add_beneficiary(
                project=project,
                actor=clerk,
                facility=product.facility,
                product=product,
                extension_funds=funds // len(sample.products),
            )
    _walk(stage, project, sample.road)


def _walk(stage: Stage, project: Project, road: tuple[ProjectState, ...]) -> None:
    """As far along its road as the project is ready for."""
    reached = road.index(ProjectState(project.state)) + 1 if project.state in road else 0
    for state in road[reached:]:
        _prepare(stage, project, state)
        if missing(project, state):
            return
        project = services.change_state(
            project=project,
            to=state,
            actor=stage.people["khuyencong.thainguyen"],
            on=_day(stage, state),
            reason=REASONS.get(state, ""),
        )


def _prepare(stage: Stage, project: Project, state: ProjectState) -> None:
    """What the move asks for, and the steps of the phase it leaves."""
    moment = stage.at(-DAYS_AGO[state])
    for story in STORIES:
        story(stage, project, state, moment)
    for row in rows_of(project):
        if row.step.phase == project.state and row.step.is_required and row.done is None:
            clerk = stage.people["khuyencong.thainguyen"]
            steps.record_step(project=project, step=row.step, actor=clerk, done_on=_day(stage, state), now=moment)


def _day(stage: Stage, state: ProjectState) -> dt.date:
    return stage.today - dt.timedelta(days=DAYS_AGO[state])
