"""The paper of a project: why it is needed, what it aims at, what it costs by which norm, when it is done."""

import datetime as dt
from typing import Any

from extension.enums import EstimateState, Funding
from extension.models import Beneficiary, Project, ResultLine
from extension.results import queries as result_queries
from extension.steps import workflows
from extension.steps.workflows import StepRow
from portal.accounts.enums import OrganisationKind
from portal.text.folding import normalise
from portal.text.formats import day, number
from rounds.official.facts import offices
from rounds.official.facts.grounds import extension_grounds
from rounds.official.facts.heads import paper
from rounds.official.facts.offices import Office
from rounds.official.facts.things import address_of
from rounds.official.facts.words import lines

from . import expenses
from .expenses import Expenses
from .parties import runs
from .parts import Sums, beneficiaries, decided, figure, in_words, kind_and_funding, mark, of_project, term


def proposal_facts(project: Project, on: dt.date) -> dict[str, Any]:
    """What the register knows of the project, with dotted lines where it knows nothing. About fifteen queries."""
    writer = _writer(project, on)
    held = expenses.newest(project)
    sums = held.sums if held.lines else of_project(project)
    frame = paper(
        writer,
        on,
        symbol="ĐA",
        kind="ĐỀ ÁN KHUYẾN CÔNG",
        subject=project.name,
        dated=False,
        recipients=_recipients(project, writer, on),
    )
    supported = list(_supported(project))
    return frame | {
        "draft_mark": mark(project, "" if _is_decided(held) else "DỰ THẢO, CHƯA ĐƯỢC DUYỆT"),
        "grounds": extension_grounds(on, project.funding),
        "general": _about(project, on),
        "need": _needs(project),
        "aims": [_aim(place, one) for place, one in enumerate(_aims(project), start=1)],
        "work": lines(project.summary),
        "supported": [_who(place, one, on) for place, one in enumerate(supported, start=1)],
        "estimate": _edition(held),
        "expenses": held.rows(why=True),
        "expenses_total": expenses.money_row(held.sums),
        "sources": _sources(project, sums),
        "words": f"Kinh phí khuyến công bằng chữ: {in_words(sums.extension if sums else None)}.",
        "steps": [_step(place, one) for place, one in enumerate(workflows.rows_of(project), start=1)],
        "roles": _roles(project, writer),
    }


def _writer(project: Project, on: dt.date) -> Office:
    """The implementing unit, else the department."""
    unit = project.implementing_unit
    if unit is None or unit.kind in (OrganisationKind.DEPARTMENT, OrganisationKind.EXTENSION_CENTRE):
        return runs(project, on)
    name = normalise(unit.name)
    return Office(name, (), (name.upper(),), "", ("ĐẠI DIỆN ĐƠN VỊ",), runs(project, on).place)


def _recipients(project: Project, writer: Office, on: dt.date) -> tuple[str, ...]:
    department = offices.department(project.territory, on).name
    above = (offices.agency(on),) if project.funding == Funding.NATIONAL else ()
    return (*above, *((department,) if writer.name != department else ()))


def _is_decided(held: Expenses) -> bool:
    return held.estimate is not None and held.estimate.state == EstimateState.APPROVED


def _about(project: Project, on: dt.date) -> list[list[str]]:
    return [
        ["Mã đề án", project.code],
        ["Loại, nguồn kinh phí", kind_and_funding(project)],
        ["Chương trình", str(project.programme or "")],
        ["Nội dung khuyến công", project.get_head_display()],
        ["Ngành nghề", project.trade],
        ["Đơn vị thực hiện", str(project.implementing_unit or "")],
        ["Đơn vị phối hợp", str(project.coordinating_unit or "")],
        ["Đối tượng thụ hưởng", beneficiaries(project)],
        ["Nơi thực hiện", offices.full_name(project.territory, on)],
        ["Thời gian thực hiện", term(project) if project.starts_on or project.ends_on else ""],
    ]


def _needs(project: Project) -> list[str]:
    """What the facilities themselves wrote when they registered the need."""
    found = []
    for need in project.needs.select_related("facility").order_by("pk"):
        who = need.facility.name if need.facility else need.facility_name
        said = " ".join(lines(need.reason))
        found.append(f"{who} đăng ký: {need.title}{'. ' if said else '.'}{said}")
    return found


def _aims(project: Project) -> list[ResultLine]:
    return [one for one in result_queries.lines_of(project) if one.target is not None or one.before is not None]


def _aim(place: int, line: ResultLine) -> dict[str, str]:
    whose = f" ({line.beneficiary})" if line.beneficiary else ""
    return {
        "place": str(place),
        "name": f"{line.indicator.name}{whose}, {line.indicator.unit}",
        "before": figure(line.before),
        "target": figure(line.target),
    }


def _supported(project: Project) -> Any:
    rows = project.beneficiaries.select_related("facility__territory", "facility__commune", "product")
    return rows.order_by("pk")


def _who(place: int, one: Beneficiary, on: dt.date) -> dict[str, str]:
    people = f"{number(one.people)} lao động" if one.people else ""
    turns = f"{number(one.turns)} lượt" if one.turns > 1 else ""
    product = one.product.name if one.product else ""
    return {
        "place": str(place),
        "name": str(one),
        "where": address_of(one.facility, on) if one.facility else "",
        "note": "; ".join(word for word in (product, people, turns) if word),
    }


def _edition(held: Expenses) -> str:
    row = held.estimate
    if row is None:
        return ""
    if _is_decided(held):
        where = decided(row.number, row.signed_on, row.issuer)
        return f"Dự toán đã được phê duyệt{f' tại văn bản {where}' if where else ''}."
    return f"Dự toán bản {row.version} ({row.get_state_display().lower()}), theo mức chi của ngày {day(row.on)}."


def _sources(project: Project, sums: Sums | None) -> list[list[str]]:
    named = [project.get_funding_display(), "Vốn đối ứng", "Nguồn khác", "Tổng kinh phí"]
    known = [f"{number(one)} đồng" for one in (*sums, sums.total)] if sums else [""] * len(named)
    return [[name, value] for name, value in zip(named, known, strict=True)]


def _step(place: int, row: StepRow) -> dict[str, str]:
    done = f"Đã làm {day(row.done.done_on)}" if row.done else ""
    due = day(row.due_on) if row.due_on else ""
    return {"place": str(place), "name": row.step.name, "who": row.step.who, "due": done or due}


def _roles(project: Project, writer: Office) -> list[str]:
    with_ = f"{project.coordinating_unit} phối hợp." if project.coordinating_unit else ""
    said = (
        f"{writer.name} tổ chức thực hiện, theo dõi tiến độ, lập hồ sơ quyết toán.",
        with_,
        "Đối tượng thụ hưởng bố trí vốn đối ứng, mặt bằng, lao động và vận hành phần được hỗ trợ.",
    )
    return [f"- {one}" for one in said if one]
