"""The papers of extension, Word or PDF: records of acceptance and of liquidation, what a file lacks, a yearly plan."""

import datetime as dt
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from extension.enums import AcceptanceOutcome, ActivityHead, CommitteeRole, EstimateState, PlanState, ProjectState
from extension.file import queries as file_queries
from extension.file.evidence import Wanted
from extension.models import Acceptance, AcceptanceMember, Liquidation, Plan, Project, ResultLine, Settlement
from extension.money.ledger import ledger_of
from extension.plans import queries as plan_queries
from extension.plans.desk import plan_or_404
from extension.project_desk import project_or_404
from extension.results import queries as result_queries
from portal.accounts.staff_pages import for_staff
from portal.audit.services import record_access
from portal.text.clock import today
from portal.text.formats import day, number
from rounds.official import pdf, word
from rounds.official.facts import offices
from rounds.official.facts.heads import paper
from rounds.official.facts.words import blank_date, clean, count, lines, long_date
from rounds.official.views import download

FORMATS = ("docx", "pdf")
BLANK = "…………"
OUTCOMES = {
    AcceptanceOutcome.PASSED: "Hội đồng nghiệm thu đề án: đạt.",
    AcceptanceOutcome.TO_MEND: "Hội đồng nghiệm thu đề án: đạt sau khi khắc phục các điểm dưới đây.",
    AcceptanceOutcome.FAILED: "Hội đồng nghiệm thu đề án: không đạt.",
}


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path(
            "de-an/<uuid:uuid>/nghiem-thu/<int:ordinal>/bien-ban.<slug:fmt>",
            guarded(acceptance_record),
            name="project_acceptance_record",
        ),
        path("de-an/<uuid:uuid>/ho-so/danh-muc.<slug:fmt>", guarded(file_list), name="project_file_list"),
        path(
            "de-an/<uuid:uuid>/tien/bien-ban-thanh-ly.<slug:fmt>",
            guarded(liquidation_record),
            name="project_liquidation_record",
        ),
        path("khuyen-cong/ke-hoach/<uuid:uuid>/ban-in.<slug:fmt>", guarded(plan_list), name="plan_list"),
    ]


@require_safe
def acceptance_record(request: HttpRequest, site: AdminSite, uuid: UUID, ordinal: int, fmt: str) -> HttpResponse:
    """The record of one acceptance: filled in once the outcome is written down, with blanks for the pen before."""
    project = project_or_404(request, uuid)
    row = project.acceptances.prefetch_related("members").filter(ordinal=ordinal).first()
    if row is None or fmt not in FORMATS:
        raise Http404
    with translation.override("vi"):
        data = _made("acceptance_record", record_facts(project, row), fmt)
    said = _("Lập biên bản nghiệm thu đề án “%(name)s” thành tệp.") % {"name": project.name}
    _taken(request, project, "extension.acceptance_print", said)
    return download(data, f"bien-ban-nghiem-thu-{project.slug[:60]}-{ordinal}.{fmt}", fmt)


@require_safe
def file_list(request: HttpRequest, site: AdminSite, uuid: UUID, fmt: str) -> HttpResponse:
    """The papers of the file with those still missing, as of today."""
    project = project_or_404(request, uuid)
    if fmt not in FORMATS:
        raise Http404
    with translation.override("vi"):
        data = _made("project_file", file_facts(project, today()), fmt)
    said = _("Lập danh mục hồ sơ đề án “%(name)s” thành tệp.") % {"name": project.name}
    _taken(request, project, "extension.file_print", said)
    return download(data, f"danh-muc-ho-so-{project.slug[:60]}.{fmt}", fmt)


@require_safe
def liquidation_record(request: HttpRequest, site: AdminSite, uuid: UUID, fmt: str) -> HttpResponse:
    """The record that ends the contract, from the approved settlement; with blanks for the pen until it is signed."""
    project = project_or_404(request, uuid)
    settlement = Settlement.objects.filter(project=project, state=EstimateState.APPROVED).first()
    if settlement is None or fmt not in FORMATS:
        raise Http404
    with translation.override("vi"):
        data = _made("liquidation_record", liquidation_facts(project, settlement, today()), fmt)
    said = _("Lập biên bản thanh lý đề án “%(name)s” thành tệp.") % {"name": project.name}
    _taken(request, project, "extension.liquidation_print", said)
    return download(data, f"bien-ban-thanh-ly-{project.slug[:60]}.{fmt}", fmt)


@require_safe
def plan_list(request: HttpRequest, site: AdminSite, uuid: UUID, fmt: str) -> HttpResponse:
    """A yearly plan with its projects."""
    plan = plan_or_404(request, uuid)
    if fmt not in FORMATS:
        raise Http404
    with translation.override("vi"):
        data = _made("plan_list", plan_facts(plan, today()), fmt)
    said = _("Lập kế hoạch “%(name)s” thành tệp.") % {"name": plan.name}
    _taken(request, plan, "extension.plan_print", said)
    return download(data, f"ke-hoach-khuyen-cong-{plan.funding}-{plan.year}.{fmt}", fmt)


def _made(template: str, facts: dict[str, Any], fmt: str) -> bytes:
    cleaned = clean(facts)
    return word.render(template, cleaned) if fmt == "docx" else pdf.render(template, cleaned)


def _taken(request: HttpRequest, of: Project | Plan, action: str, sentence: str) -> None:
    record_access(request, action=action, sentence=sentence, subject=of, territory=of.territory, once_a_day=True)


# --- the record of an acceptance --------------------------------------------------------------------------------


def record_facts(project: Project, row: Acceptance) -> dict[str, Any]:
    """The facts of the record; the names of offices are those of its day."""
    on = row.held_on or row.decision_on
    members = list(row.members.all())
    frame = paper(
        _committee(project, on),
        on,
        symbol="BB",
        kind="BIÊN BẢN",
        subject="Nghiệm thu đề án khuyến công",
        dated=row.held_on is not None,
    )
    return frame | {
        "draft_mark": "" if row.outcome else "DỰ THẢO, CHƯA GHI KẾT QUẢ",
        "grounds": [
            f"Căn cứ Quyết định số {row.decision_number} {long_date(row.decision_on)} về việc thành lập Hội đồng nghiệm thu."
        ],
        "opening": f"Hôm nay, {_when(row)}, tại {row.place or BLANK}, Hội đồng họp nghiệm thu đề án dưới đây.",
        "project": _about(project),
        "members": [_member(place, one) for place, one in enumerate(members, start=1)],
        "agreed": _agreed(row, members),
        "results": [_result(place, one) for place, one in enumerate(result_queries.lines_of(project), start=1)],
        "outcome": OUTCOMES[AcceptanceOutcome(row.outcome)] if row.outcome else f"Hội đồng nghiệm thu đề án: {BLANK}",
        "conclusion": lines(row.conclusion) or ([BLANK * 6, BLANK * 6] if not row.outcome else []),
        "closing": "Biên bản đã được đọc lại cho các thành viên dự họp cùng nghe và thống nhất ký tên.",
        "writer": ["THƯ KÝ"],
        "writer_name": _named(members, CommitteeRole.SECRETARY),
        "signer": ["CHỦ TỊCH HỘI ĐỒNG"],
        "signer_name": _named(members, CommitteeRole.CHAIR),
    }


def _committee(project: Project, on: dt.date) -> offices.Office:
    """The committee as the writer of a paper, under the department."""
    above = offices.department(project.territory, on)
    issuer = ("HỘI ĐỒNG NGHIỆM THU",)
    return replace(
        above, name="Hội đồng nghiệm thu", superior=above.issuer, issuer=issuer, symbol="HĐNT", signer=("CHỦ TỊCH",)
    )


def _when(row: Acceptance) -> str:
    return long_date(row.held_on) if row.held_on else blank_date(row.decision_on)


def _about(project: Project) -> list[list[str]]:
    who = [str(one) for one in project.beneficiaries.select_related("facility").order_by("pk")]
    years = f"{project.year}" if not project.year_to else f"{project.year} đến {project.year_to}"
    return [
        ["Tên đề án", project.name],
        ["Mã đề án", project.code],
        ["Loại, nguồn kinh phí", f"{project.get_kind_display()}, {project.get_funding_display().lower()}, năm {years}"],
        ["Nội dung khuyến công", project.get_head_display()],
        ["Đơn vị thực hiện", str(project.implementing_unit or "")],
        ["Đối tượng thụ hưởng", "; ".join(who)],
        ["Hợp đồng", _contract(project)],
        ["Kinh phí khuyến công được duyệt", _dong(project.extension_funds)],
        ["Kinh phí khuyến công đã chi", _dong(project.disbursed)],
        ["Vốn đối ứng", _dong(project.counterpart_funds)],
    ]


def _contract(project: Project) -> str:
    if not project.contract_number:
        return ""
    signed = f" ngày {day(project.contract_on)}" if project.contract_on else ""
    return f"số {project.contract_number}{signed}"


def _dong(value: int | None) -> str:
    return f"{number(value)} đồng" if value is not None else ""


def _member(place: int, one: AcceptanceMember) -> dict[str, str]:
    said = {True: "Đồng ý", False: "Không đồng ý", None: ""}[one.agrees]
    return {
        "place": str(place),
        "name": one.full_name,
        "office": one.office,
        "role": str(one.get_role_display()),
        "said": ". ".join(words for words in (said, one.remark) if words),
    }


def _agreed(row: Acceptance, members: list[AcceptanceMember]) -> str:
    if not row.outcome:
        return f"Số thành viên đồng ý nghiệm thu: {BLANK} trên {count(len(members))}."
    agreed = sum(one.agrees is True for one in members)
    absent = sum(one.agrees is None for one in members)
    away = f" Vắng {count(absent)} thành viên." if absent else ""
    return f"Số thành viên đồng ý nghiệm thu: {count(agreed) if agreed else '0'} trên {count(len(members))}.{away}"


def _result(place: int, line: ResultLine) -> dict[str, str]:
    about = f" ({line.beneficiary})" if line.beneficiary is not None else ""
    figures = {name: _figure(getattr(line, name)) for name in ("target", "before", "achieved")}
    return {"place": str(place), "name": f"{line.indicator.name}{about}, {line.indicator.unit}", **figures}


def _figure(value: Any) -> str:
    return "" if value is None else number(value)


def _named(members: list[AcceptanceMember], role: CommitteeRole) -> str:
    return next((one.full_name for one in members if one.role == role), "")


# --- the list of the file ---------------------------------------------------------------------------------------


def file_facts(project: Project, on: dt.date) -> dict[str, Any]:
    """Every paper by phase, those still missing first."""
    held = file_queries.file_of(project, on)
    office = offices.department(project.territory, on)
    frame = paper(office, on, symbol="DM", kind="DANH MỤC", subject="Giấy tờ trong hồ sơ đề án khuyến công")
    lacking = [row.rule.name for stage in held.stages for row in stage.missing]
    said = f"còn thiếu {count(len(lacking))} giấy tờ bắt buộc" if lacking else "đủ giấy tờ bắt buộc"
    return frame | {
        "opening": f"Hồ sơ đề án “{project.name}” tính đến {long_date(on)} {said}.",
        "missing": lacking,
        "stages": [
            {
                "head": f"Cần trước khi chuyển sang “{str(stage.phase.label).lower()}”",
                "rows": [_wanted(place, row) for place, row in enumerate(stage.rows, start=1)],
            }
            for stage in held.stages
        ],
    }


def _wanted(place: int, row: Wanted) -> dict[str, str]:
    state = "Có" if row.is_there else "Thiếu" if row.is_missing else "Nếu có"
    papers = [", ".join(one for one in (p.number, day(p.dated_on) if p.dated_on else "") if one) for p in row.papers]
    held = "; ".join(one for one in (*papers, row.elsewhere) if one)
    return {"place": str(place), "name": row.rule.name, "state": state, "held": held}


# --- the record of the liquidation --------------------------------------------------------------------------------


def liquidation_facts(project: Project, settlement: Settlement, on: dt.date) -> dict[str, Any]:
    """What was promised, what was settled, what was paid; the day and the number once they are written down."""
    done = Liquidation.objects.filter(project=project).first()
    day_of = done.signed_on if done else on
    office = offices.department(project.territory, day_of)
    frame = paper(
        office,
        day_of,
        symbol="BB",
        kind="BIÊN BẢN",
        subject="Thanh lý hợp đồng thực hiện đề án khuyến công",
        number=done.number if done else "",
        dated=done is not None,
    )
    ledger = ledger_of(project)
    owed = settlement.extension_funds - ledger.sums.net
    return frame | {
        "draft_mark": "" if done else "DỰ THẢO, CHƯA KÝ",
        "grounds": [ground for ground in _grounds(project, settlement) if ground],
        "opening": f"Hôm nay, {long_date(day_of) if done else blank_date(on)}, hai bên thanh lý hợp đồng dưới đây.",
        "parties": [["Bên giao", office.name], ["Bên thực hiện", str(project.implementing_unit or BLANK)]],
        "project": [pair for pair in _about(project) if pair[0] in LIQUIDATED],
        "sums": _sums(project, settlement),
        "paid": [
            ["Khuyến công đã chi, trừ thu hồi", _dong(ledger.sums.net)],
            ["Còn phải chi cho bên thực hiện", _dong(max(owed, 0))],
            ["Bên thực hiện còn phải hoàn trả", _dong(max(-owed, 0))],
        ],
        "closing": [
            *(lines(done.note) if done else []),
            "Hai bên thống nhất thanh lý hợp đồng kể từ ngày ký biên bản này.",
        ],
        "receiver": ["ĐẠI DIỆN BÊN THỰC HIỆN"],
        "giver": ["ĐẠI DIỆN BÊN GIAO"],
    }


def _grounds(project: Project, settlement: Settlement) -> tuple[str, ...]:
    contract = _contract(project)
    accepted = project.acceptances.filter(outcome=AcceptanceOutcome.PASSED).order_by("-ordinal").first()
    held_on = accepted.held_on if accepted else None
    approved = long_date(settlement.signed_on) if settlement.signed_on else ""
    return (
        f"Căn cứ Hợp đồng {contract}." if contract else "",
        f"Căn cứ Biên bản nghiệm thu {long_date(held_on)}." if held_on else "",
        f"Căn cứ văn bản số {settlement.number} {approved} phê duyệt quyết toán.",
    )


LIQUIDATED = {"Tên đề án", "Mã đề án", "Loại, nguồn kinh phí", "Đối tượng thụ hưởng", "Hợp đồng"}


def _sums(project: Project, settlement: Settlement) -> list[dict[str, str]]:
    names = (("extension_funds", "Khuyến công"), ("counterpart_funds", "Vốn đối ứng"), ("other_funds", "Nguồn khác"))
    rows = [(words, getattr(project, name) or 0, getattr(settlement, name)) for name, words in names]
    rows.append(("Cộng", sum(row[1] for row in rows), settlement.total))
    return [
        {"name": words, "approved": number(approved), "settled": number(settled)} for words, approved, settled in rows
    ]


# --- a yearly plan ------------------------------------------------------------------------------------------------


def plan_facts(plan: Plan, on: dt.date) -> dict[str, Any]:
    """The plan by head of content, then each project that was not refused or stopped."""
    day_of = plan.signed_on or on
    office = offices.department(plan.territory, day_of)
    subject = f"{plan.get_funding_display()} năm {plan.year} trên địa bàn {offices.full_name(plan.territory, day_of)}"
    frame = paper(office, day_of, symbol="KH", kind="KẾ HOẠCH", subject=subject, dated=False)
    away = (ProjectState.REFUSED, ProjectState.STOPPED)
    rows = plan_queries.projects_of(plan).exclude(state__in=away).select_related("implementing_unit")
    given = f"Giao tại Quyết định số {plan.number} {long_date(plan.signed_on)}." if plan.signed_on else ""
    return frame | {
        "draft_mark": "" if plan.state == PlanState.APPROVED else "DỰ THẢO, CHƯA ĐƯỢC GIAO",
        "opening": " ".join(one for one in (f"{plan.name}.", given) if one),
        "heads": [
            {
                "name": f"{line.head}. {ActivityHead(line.head).label}",
                "projects": _figure(line.projects),
                "funds": _figure(line.funds),
                "targets": line.targets,
            }
            for line in plan.lines.order_by("head")
        ],
        "projects": _projects(list(rows.order_by("head", "name", "pk"))),
    }


def _projects(rows: list[Project]) -> list[dict[str, str]]:
    if not rows:
        return []
    whole = [sum(sums) for sums in zip(*(_sums_of(one) for one in rows), strict=True)]
    return [*(_planned(place, one) for place, one in enumerate(rows, start=1)), _line("", "Cộng", "", *whole)]


def _planned(place: int, project: Project) -> dict[str, str]:
    return _line(str(place), project.name, str(project.implementing_unit or ""), *_sums_of(project))


def _sums_of(project: Project) -> tuple[int, int]:
    return project.extension_funds or 0, (project.counterpart_funds or 0) + (project.other_funds or 0)


def _line(place: str, name: str, unit: str, funds: int, others: int) -> dict[str, str]:
    figures = {"funds": number(funds), "others": number(others), "total": number(funds + others)}
    return {"place": place, "name": name, "unit": unit, **figures}
