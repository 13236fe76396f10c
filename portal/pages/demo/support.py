"""Invented extension projects for the desk of Thái Nguyên: one in each part of its life, on sample makers only."""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _

from extension.enums import ActivityHead, Funding, ProjectKind, ProjectState
from extension.models import Project
from extension.services import projects as services

from .stage import Stage

S = ProjectState
MILLION = 1_000_000


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
        road=(S.APPROVED, S.RUNNING, S.ACCEPTED, S.LIQUIDATED),
        products=("Chè tôm nõn sao suốt hộp 200 g", "Chè đinh ngọc hộp gỗ 100 g"),
        paid=450,
    ),
    Sample(
        name="Đề án mẫu: đưa sản phẩm tiêu biểu đi hội chợ phía Bắc",
        head=ActivityHead.PRODUCTS,
        kind=ProjectKind.GROUP,
        millions=240,
        road=(S.APPROVED, S.RUNNING),
        products=(
            "Gạo bao thai đóng túi 5 kg",
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
        road=(S.APPROVED,),
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
)


def load(stage: Stage) -> Counter[str]:
    """Create the sample projects that are missing and walk them along their table of states."""
    for number, sample in enumerate(SAMPLES, start=1):
        if Project.objects.filter(name=sample.name, territory=stage.province).exists():
            stage.counts["sample_projects_kept"] += 1
        else:
            _project(stage, number, sample)
            stage.counts["sample_projects_created"] += 1
    return stage.counts


def _project(stage: Stage, number: int, sample: Sample) -> None:
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
        year=stage.today.year,
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
    for state in sample.road:
        services.change_state(project=project, to=state, actor=clerk)
