"""The yearly plans of the sample projects: this year's is approved, next year's waits for the leader."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from extension.enums import ActivityHead, Funding, PlanState, ProjectState
from extension.models import Plan, PlanLine, Project
from extension.services import plans, projects
from portal.territory.queries import resolve_for_year
from products.models import Product, Recognition

from .stage import Stage

MILLION = 1_000_000
CLERK, LEADER = "khuyencong.thainguyen", "lanhdao.thainguyen"
# What supported products before they were recognised, and after: its name, million đồng for each product.
BEFORE = ("Đề án mẫu: máy và thiết bị cho các cơ sở chế biến, dệt và đan lát", 40)
AFTER = ("Đề án mẫu: bao bì, nhãn hiệu cho sản phẩm đã được công nhận", 25)


@dataclass(frozen=True)
class Foreseen:
    """One head of content: how many projects, million đồng, what for."""

    head: ActivityHead
    projects: int
    millions: int
    targets: str


THIS_YEAR = (
    Foreseen(ActivityHead.TECHNOLOGY, 3, 950, "Năm cơ sở có máy mới, thêm 20 lao động"),
    Foreseen(ActivityHead.PRODUCTS, 2, 330, "Sáu cơ sở dự hội chợ, một phòng trưng bày"),
    Foreseen(ActivityHead.ADVICE, 1, 35, "Một bộ nhận diện bao bì"),
)
NEXT_YEAR = (
    Foreseen(ActivityHead.TECHNOLOGY, 3, 900, "Máy đóng gói, máy chiết rót, máy sấy lạnh cho bốn cơ sở"),
    Foreseen(ActivityHead.PRODUCTS, 2, 400, "Tám cơ sở dự hội chợ trong và ngoài tỉnh"),
)


def of_this_year(stage: Stage) -> Plan:
    """The approved plan that this year's sample projects belong to."""
    year = stage.today.year
    plan = _plan(stage, year, THIS_YEAR, dt.timedelta(days=310))
    if plan.state == PlanState.SUBMITTED:
        signed = stage.today - dt.timedelta(days=300)
        plan = plans.approve(
            plan=plan,
            actor=stage.people[LEADER],
            now=stage.at(-300),
            number=f"KH-{year}/QĐ-SCT",
            signed_on=signed,
            issuer="Sở Công Thương Thái Nguyên",
        )
    return plan


def load(stage: Stage) -> None:
    """Next year's plan with the projects that came of needs, and what was supported in earlier years."""
    year = stage.today.year + 1
    plan = _plan(stage, year, NEXT_YEAR, dt.timedelta(days=4))
    clerk = stage.people[CLERK]
    for project in Project.objects.filter(territory=stage.province, year=year, is_illustrative=True, plan=None):
        projects.update_project(project=project, actor=clerk, plan=plan)
    after = _year_of_later_support(stage)
    newer, older = _recognised(stage, year__gte=after), _recognised(stage, year=after - 1)
    for (name, millions), on, products in ((BEFORE, after - 1, newer[:6] + older[:1]), (AFTER, after, older[:2])):
        if not Project.objects.filter(name=name).exists():
            _earlier(stage, name, on, millions * MILLION, products)
            stage.counts["sample_projects_created"] += 1


def _plan(stage: Stage, year: int, foreseen: tuple[Foreseen, ...], submitted: dt.timedelta) -> Plan:
    """The plan of a year as it was submitted so long ago."""
    name = _("Kế hoạch mẫu: khuyến công địa phương năm %(year)d") % {"year": year}
    facts = {"territory": stage.province, "year": year, "funding": Funding.LOCAL, "name": name}
    known = Plan.objects.filter(**facts).first()
    if known is not None:
        return known
    clerk = stage.people[CLERK]
    planned = sum(one.millions for one in foreseen) * MILLION
    plan = plans.save_plan(
        plan=Plan(**facts, planned_funds=planned, is_illustrative=True, note=_("Số liệu minh họa.")), actor=clerk
    )
    PlanLine.objects.bulk_create(
        PlanLine(plan=plan, head=one.head, projects=one.projects, funds=one.millions * MILLION, targets=one.targets)
        for one in foreseen
    )
    stage.counts["sample_plans"] += 1
    return plans.submit(plan=plan, actor=clerk, now=stage.now - submitted)


def _year_of_later_support(stage: Stage) -> int:
    """Last year, or this one where too few sample products were recognised before last year: their days move along."""
    last = stage.today.year - 1
    return last if len(_recognised(stage, year=last - 1)) > 1 else last + 1


def _recognised(stage: Stage, **year: int) -> list[Product]:
    """Sample products of the province that were recognised in such a year."""
    rows = Recognition.objects.published().filter(
        is_illustrative=True, product__territory=stage.province, product__facility__isnull=False, **year
    )
    found = Product.objects.filter(pk__in=rows.values("product")).select_related("facility")
    return list(found.order_by("sort_key", "pk"))


def _earlier(stage: Stage, name: str, year: int, funds: int, products: list[Product]) -> None:
    """A project of an earlier year, over and settled, known by its sums alone."""
    clerk = stage.people[CLERK]
    project = projects.create_project(
        actor=clerk,
        territory=resolve_for_year(stage.province.name, year),
        name=name,
        state=ProjectState.SETTLED,
        head=ActivityHead.TECHNOLOGY,
        funding=Funding.LOCAL,
        year=year,
        extension_funds=funds * len(products),
        counterpart_funds=funds * len(products),
        disbursed=funds * len(products),
        implementing_unit=stage.people["tiepnhan"].organisation,
        summary=_("Đề án mẫu, số liệu minh họa."),
        is_public=True,
        is_illustrative=True,
    )
    for product in products:
        projects.add_beneficiary(
            project=project, actor=clerk, facility=product.facility, product=product, extension_funds=funds
        )
