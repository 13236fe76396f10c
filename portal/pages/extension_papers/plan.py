"""A yearly plan with its projects, and the letter that submits it."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Sum

from extension.enums import ActivityHead, EstimateState, Funding, PlanState, ProjectState
from extension.models import EstimateLine, Plan, Project
from extension.plans import queries as plan_queries
from portal.text.formats import number
from rounds.official.facts import offices
from rounds.official.facts.grounds import extension_grounds
from rounds.official.facts.heads import paper
from rounds.official.facts.words import blank_date, count, long_date

from .parts import Sums, added, dong, figure, in_words, of_project

AWAY = (ProjectState.REFUSED, ProjectState.STOPPED)
NEWEST = (EstimateState.DRAFT, EstimateState.PROPOSED, EstimateState.RETURNED)


def plan_facts(plan: Plan, on: dt.date) -> dict[str, Any]:
    """The plan by head of content, then each project that was not refused or stopped."""
    day_of = plan.signed_on or on
    office = offices.department(plan.territory, day_of)
    frame = paper(office, day_of, symbol="KH", kind="KẾ HOẠCH", subject=_subject(plan, day_of), dated=False)
    given = f"Giao tại Quyết định số {plan.number} {long_date(plan.signed_on)}." if plan.signed_on else ""
    return frame | {
        "draft_mark": "" if plan.state == PlanState.APPROVED else "DỰ THẢO, CHƯA ĐƯỢC GIAO",
        "opening": " ".join(one for one in (f"{plan.name}.", given) if one),
        **_tables(plan, _rows(plan)),
    }


def submission_facts(plan: Plan, on: dt.date) -> dict[str, Any]:
    """The letter to who assigns the plan, with the list of its projects. Seven queries."""
    office = offices.department(plan.territory, on)
    place = offices.full_name(plan.territory, on)
    above = offices.agency(on) if plan.funding == Funding.NATIONAL else f"{offices.COMMITTEE} {place}"
    subject = _subject(plan, on)
    rows = _rows(plan)
    whole = _whole(rows)
    frame = paper(
        office,
        on,
        symbol="TTr",
        kind="TỜ TRÌNH",
        subject=f"Đề nghị phê duyệt kế hoạch {subject[:1].lower()}{subject[1:]}",
        to=(above,),
        recipients=("Như trên",),
        dated=False,
    )
    return frame | {
        "grounds": extension_grounds(on, plan.funding),
        "opening": (
            f"{office.name} {place} đã tổng hợp {count(len(rows)) if rows else '0'} đề án "
            f"của {plan.name[:1].lower()}{plan.name[1:]} thành biểu kèm theo, gồm:"
        ),
        "sums": [
            ["Kinh phí khuyến công", dong(whole.extension) if whole else ""],
            ["Bằng chữ", in_words(whole.extension) if whole else ""],
            ["Vốn đối ứng và nguồn khác", dong(whole.counterpart + whole.other) if whole else ""],
            ["Tổng kinh phí", dong(whole.total) if whole else ""],
        ],
        "unknown": _unknown(rows),
        "request": f"{office.name} kính trình {above} xem xét, phê duyệt.",
        "enclosed": ["Biểu tổng hợp đề án.", "Hồ sơ của từng đề án."],
        "annex": {
            "head": "BIỂU TỔNG HỢP",
            "title": subject.upper(),
            "belongs_to": f"(Kèm theo Tờ trình số {office.number('TTr').removeprefix('Số: ')} {blank_date(on)} của {office.name})",
        },
        **_tables(plan, rows),
    }


def _subject(plan: Plan, on: dt.date) -> str:
    return f"{plan.get_funding_display()} năm {plan.year} trên địa bàn {offices.full_name(plan.territory, on)}"


Planned = tuple[Project, Sums | None]


def _rows(plan: Plan) -> list[Planned]:
    """Each project with what was approved for it, before that with what its estimate asks; None: not known."""
    found = plan_queries.projects_of(plan).exclude(state__in=AWAY).select_related("implementing_unit")
    rows = list(found.order_by("head", "name", "pk"))
    asked = _asked(one.pk for one in rows if one.extension_funds is None)
    return [(one, asked.get(one.pk) or of_project(one)) for one in rows]


def _asked(projects: Iterable[int]) -> dict[int, Sums]:
    """What the estimates ask that no one has decided on yet. One query."""
    lines = EstimateLine.objects.filter(project__in=list(projects), estimate__state__in=NEWEST)
    sums = {"asked_": Sum("asked"), "counterpart_": Sum("counterpart"), "other_": Sum("other")}
    return {pk: Sums(*found) for pk, *found in lines.order_by().values_list("project").annotate(**sums)}


def _whole(rows: list[Planned]) -> Sums | None:
    known = [sums for _project, sums in rows if sums is not None]
    return added(known) if known else None


def _unknown(rows: list[Planned]) -> str:
    unknown = sum(1 for _project, sums in rows if sums is None)
    return f"{count(unknown)} đề án chưa có dự toán nên chưa có trong số cộng." if unknown else ""


def _tables(plan: Plan, rows: list[Planned]) -> dict[str, Any]:
    return {
        "heads": [
            {
                "name": f"{line.head}. {ActivityHead(line.head).label}",
                "projects": figure(line.projects),
                "funds": figure(line.funds),
                "targets": line.targets,
            }
            for line in plan.lines.order_by("head")
        ],
        "projects": [_line(str(place), *row) for place, row in enumerate(rows, start=1)],
        "projects_total": _figures(_whole(rows)),
    }


def _line(place: str, project: Project, sums: Sums | None) -> dict[str, str]:
    return {
        "place": place,
        "name": project.name,
        "unit": str(project.implementing_unit or ""),
        **_figures(sums),
    }


def _figures(sums: Sums | None) -> dict[str, str]:
    if sums is None:
        return {"funds": "", "others": "", "total": ""}
    return {
        "funds": number(sums.extension),
        "others": number(sums.counterpart + sums.other),
        "total": number(sums.total),
    }
