"""Invented extension projects for the desk of Thái Nguyên: one in each part of its life, on sample makers only."""

from collections import Counter

from django.utils.translation import gettext as _

from extension import services
from extension.enums import ActivityHead, Funding, ProjectKind, ProjectState
from extension.models import Project

from .rounds import Stage

S = ProjectState
# Name, head, kind, funds, share paid out, how far it goes, how many of the sample makers it supports.
PROJECTS = (
    ("Đề án mẫu: hỗ trợ máy sao, sấy chè bằng điện", ActivityHead.TECHNOLOGY, ProjectKind.GROUP, 450, 450, (S.APPROVED, S.RUNNING, S.ACCEPTED, S.LIQUIDATED), 2),
    ("Đề án mẫu: đưa sản phẩm tiêu biểu đi hội chợ phía Bắc", ActivityHead.PRODUCTS, ProjectKind.GROUP, 240, 120, (S.APPROVED, S.RUNNING), 4),
    ("Đề án mẫu: hỗ trợ dây chuyền đóng gói miến dong", ActivityHead.TECHNOLOGY, ProjectKind.SINGLE, 200, None, (S.APPROVED,), 1),
    ("Đề án mẫu: phòng trưng bày hàng mây tre", ActivityHead.PRODUCTS, ProjectKind.SINGLE, 90, None, (), 1),
)  # fmt: skip
MILLION = 1_000_000


def load(stage: Stage) -> Counter[str]:
    """Create the sample projects that are missing and walk them along their table of states."""
    for number, row in enumerate(PROJECTS, start=1):
        if Project.objects.filter(name=row[0], territory=stage.province).exists():
            stage.counts["sample_projects_kept"] += 1
        else:
            _project(stage, number, *row)
            stage.counts["sample_projects_created"] += 1
    return stage.counts


def _project(
    stage: Stage,
    number: int,
    name: str,
    head: ActivityHead,
    kind: ProjectKind,
    funds: int,
    paid: int | None,
    road: tuple[ProjectState, ...],
    makers: int,
) -> None:
    clerk = stage.people["khuyencong.thainguyen"]
    project = services.create_project(
        actor=clerk,
        territory=stage.province,
        name=name,
        code=f"MAU-{number:02}",
        kind=kind,
        head=head,
        funding=Funding.LOCAL,
        year=stage.today.year,
        extension_funds=funds * MILLION,
        counterpart_funds=funds * MILLION,
        implementing_unit=stage.people["tiepnhan"].organisation,
        summary=_("Đề án mẫu, số liệu minh họa."),
        is_public=True,
        is_illustrative=True,
    )
    products = {product.facility_id: product for product in stage.products("scoring")[number:]}
    for product in list(products.values())[:makers]:
        services.add_beneficiary(
            project=project,
            actor=clerk,
            facility=product.facility,
            product=product,
            extension_funds=funds * MILLION // makers,
        )
    if paid is not None:
        services.update_project(project=project, actor=clerk, disbursed=paid * MILLION)
    for state in road:
        services.change_state(project=project, to=state, actor=clerk)
