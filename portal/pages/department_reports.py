"""The department's yearly report to the agency: counted from the register, frozen when sent. Thin views and one count."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from extension import queries as support
from extension.queries import Chosen
from facilities.enums import Reporter, YearlyReportState
from facilities.models import ReportingRule, YearlyReport
from facilities.reporting import due_on
from portal.accounts.queries import staff_reach
from portal.accounts.staff_pages import for_staff
from portal.audit.opening import open_file
from portal.audit.services import record_access
from portal.files.services import store
from portal.territory.models import Territory
from portal.territory.queries import family_ids
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import ReasonForm, apply_refusal, status_of
from portal.text.sheets import XLSX, write_xlsx
from products import yearly
from products.enums import Level, ProductGroup
from products.models import DepartmentReport, Recognition
from products.owed_reports import years_asked
from products.services import department_reports as services
from rounds.desk import SCAN
from rounds.enums import DossierState
from rounds.models import Dossier
from rounds.official.rendering import CONTENT_TYPES

from . import department_paper
from .yearly_reports_desk import asked_year

S = YearlyReportState
WORDS: dict[str, Any] = {
    "owing": gettext_lazy("Cơ sở phải báo cáo"),
    "reported": gettext_lazy("Cơ sở đã báo cáo"),
    "revenue": gettext_lazy("Doanh thu của các cơ sở đã báo cáo (đồng)"),
    "export_value": gettext_lazy("Trong đó xuất khẩu (đồng)"),
    "product_revenue": gettext_lazy("Doanh thu của sản phẩm được công nhận (đồng)"),
    "budget_paid": gettext_lazy("Nộp ngân sách (đồng)"),
    "invested": gettext_lazy("Đầu tư trong năm (đồng)"),
    "workers": gettext_lazy("Lao động"),
    "logo_packs": gettext_lazy("Bao bì in biểu trưng"),
    "in_force": gettext_lazy("Công nhận còn hiệu lực ngày 31/12"),
    "ended": gettext_lazy("Công nhận hết hiệu lực trong năm"),
    "revoked": gettext_lazy("Công nhận bị thu hồi trong năm"),
    "projects": gettext_lazy("Đề án khuyến công trong năm"),
    "supported": gettext_lazy("Cơ sở được hỗ trợ"),
    "extension_funds": gettext_lazy("Kinh phí khuyến công (đồng)"),
}
SECTIONS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        gettext_lazy("Kết quả của cơ sở"),
        ("owing", "reported", "revenue", "export_value", "product_revenue", "budget_paid", "invested", "workers",
         "logo_packs"),
    ),
    (gettext_lazy("Hiệu lực công nhận"), ("in_force", "ended", "revoked")),
    (gettext_lazy("Hỗ trợ khuyến công"), ("projects", "supported", "extension_funds")),
)  # fmt: skip
View = Callable[..., HttpResponseBase]


def figures_of(territory: Territory, year: int) -> dict[str, Any]:
    """What the register counts for a unit of today, its former units included. Eight queries.

    `selection` holds per group and level how many products entered and how many were recognised in the year.
    """
    area = family_ids(territory.pk)
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    here = Recognition.objects.published().filter(territory__in=area)
    reports = YearlyReport.objects.filter(facility__territory__in=area, year=year, state__in=[S.SUBMITTED, S.ACCEPTED])
    sums = reports.aggregate(
        reported=Count("pk"),
        **{name: Sum(name) for name in ("revenue", "export_value", "budget_paid", "invested", "workers")},
    )
    lines = reports.aggregate(product_revenue=Sum("lines__revenue"), logo_packs=Sum("lines__logo_packs"))
    ends = here.aggregate(
        in_force=Count("pk", filter=Q(pk__in=yearly.held_in(year).values("pk"), expires_on__gte=last)
                       & ~Q(revoked_on__lte=last) & ~Q(withdrawn_on__lte=last)),
        ended=Count("pk", filter=Q(expires_on__gte=first, expires_on__lte=last)),
        revoked=Count("pk", filter=Q(revoked_on__gte=first, revoked_on__lte=last)),
    )  # fmt: skip
    money = support.totals(support.public_projects(Chosen(years=(year,), territory_ids=area)))
    return {
        "selection": _selection(area, year),
        "owing": yearly.owing(year).filter(territory__in=area).count(),
        **{name: int(value or 0) for name, value in (sums | lines | ends).items()},
        "projects": money.projects,
        "supported": money.facilities,
        "extension_funds": int(money.extension_funds or 0),
    }


def _selection(area: frozenset[int], year: int) -> dict[str, dict[str, list[int]]]:
    entered: Counter[tuple[str, str]] = Counter()
    dossiers = Dossier.objects.exclude(state=DossierState.DRAFT).exclude(is_gathered_set=True)
    for level, group, n in (
        dossiers.filter(round__year=year, product__territory__in=area)
        .values_list("round__level", "product__group")
        .annotate(n=Count("pk"))
        .order_by()
    ):
        entered[group, level] = n
    recognised: Counter[tuple[str, str]] = Counter()
    for level, group, n in (
        Recognition.objects.published()
        .filter(year=year, territory__in=area)
        .values_list("level", "product__group")
        .annotate(n=Count("pk"))
        .order_by()
    ):
        recognised[group, level] = n
    return {
        group: {level: [entered[group, level], recognised[group, level]] for level in levels_in(year)}
        for group in ProductGroup.values
    }


def levels_in(year: int) -> list[str]:
    """Districts recognised to mid-2025, communes do since (TT 38/2025/TT-BCT)."""
    lowest = ([Level.DISTRICT] if year <= 2025 else []) + ([Level.COMMUNE] if year >= 2025 else [])  # noqa: PLR2004
    return [str(level) for level in (*lowest, Level.PROVINCE, Level.REGION, Level.NATIONAL)]


class DepartmentReportForm(forms.Form):
    remarks = forms.CharField(
        label=gettext_lazy("Nhận xét, kiến nghị"), required=False, max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )  # fmt: skip
    number = forms.CharField(
        label=gettext_lazy("Số văn bản"), required=False, max_length=60, help_text=gettext_lazy("Ví dụ: 25/BC-SCT.")
    )
    scan = forms.FileField(label=gettext_lazy("Bản đã ký"), required=False)


@dataclass(frozen=True)
class Table:
    """Groups down, levels across, entered and recognised in each cell, and the sums."""

    levels: list[str]
    rows: list[tuple[str, list[list[int]]]]
    total: list[list[int]]


def table_of(figures: dict[str, Any]) -> Table:
    selection = figures["selection"]
    levels = list(next(iter(selection.values())))
    rows = [(str(ProductGroup(group).label), [cells[level] for level in levels]) for group, cells in selection.items()]
    total = [[sum(cells[at][i] for _g, cells in rows) for i in (0, 1)] for at in range(len(levels))]
    return Table([str(Level(level).label) for level in levels], rows, total)


def sections_of(figures: dict[str, Any]) -> list[tuple[Any, list[tuple[Any, int]]]]:
    return [(title, [(WORDS[name], figures[name]) for name in names]) for title, names in SECTIONS]


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    one = "bao-cao-so/<int:year>/<slug:slug>/"
    return [
        path("bao-cao-so/", guarded(board), name="department_reports"),
        path(one, guarded(report), name="department_report"),
        path(f"{one}bao-cao.xlsx", guarded(spreadsheet), name="department_report_export"),
        path(f"{one}bao-cao.<str:fmt>", guarded(paper), name="department_report_paper"),
        path(f"{one}ban-ky/", guarded(signed), name="department_report_scan"),
    ]


def provinces_of(user: Any) -> list[Territory]:
    """Units of today that the person reaches, in alphabetical order. One query."""
    reach = staff_reach(user)
    found = Territory.objects.filter(valid_to__isnull=True)
    return list(found if reach.everything else found.filter(pk__in=reach.territory_ids))


@require_safe
def board(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Which provinces have sent the year's report. Four queries, however many provinces."""
    year = asked_year(request)
    provinces = provinces_of(request.user)
    if len(provinces) == 1:
        return redirect("admin:department_report", year, provinces[0].slug)
    reports = {row.territory_id: row for row in DepartmentReport.objects.filter(year=year, territory__in=provinces)}
    sent = sum(row.state in (S.SUBMITTED, S.ACCEPTED) for row in reports.values())
    context = {
        **site.each_context(request),
        "title": _("Báo cáo năm của các Sở"),
        "year": year,
        "years": sorted({*years_asked(today()), year}, reverse=True),
        "due": due_on(ReportingRule.objects.order_by("-valid_from"), reporter=Reporter.DEPARTMENT, year=year),
        "today": today(),
        "sent": sent,
        "rows": [(province, reports.get(province.pk)) for province in provinces],
    }
    return render(request, "admin/reports/departments.html", context)


def _province(request: HttpRequest, slug: str, year: int) -> Territory:
    found = next((one for one in provinces_of(request.user) if one.slug == slug), None)
    if found is None or year not in range(2014, 2101):
        raise Http404
    return found


def report(request: HttpRequest, site: AdminSite, year: int, slug: str) -> HttpResponse:
    """One province's report: what the register counts, the department's words, and its way to the agency."""
    province = _province(request, slug, year)
    row = DepartmentReport.objects.filter(territory=province, year=year).first()
    act = request.POST.get("act", "") if request.method == "POST" else ""
    initial = {"remarks": row.remarks, "number": row.number} if row else {}
    form = DepartmentReportForm(
        request.POST if act in {"save", "send"} else None, request.FILES or None, initial=initial
    )
    reason = ReasonForm(request.POST if act == "return" else None)
    status = 200
    if act:
        status = _act(request, Asked(province, year, row, act), form, reason)
        if status == 302:  # noqa: PLR2004
            return redirect("admin:department_report", year, province.slug)
        row = DepartmentReport.objects.filter(territory=province, year=year).first()
    figures = _figures(row, province, year)
    context = {
        **site.each_context(request),
        "title": _("Báo cáo năm %(year)s, %(province)s") % {"year": year, "province": province.name},
        "province": province,
        "year": year,
        "report": row,
        "is_open": _is_open(row),
        "table": table_of(figures),
        "sections": sections_of(figures),
        "form": form,
        "reason": reason,
        "due": due_on(ReportingRule.objects.order_by("-valid_from"), reporter=Reporter.DEPARTMENT, year=year),
        "may_write": services.may_write(request.user, province.pk),
        "may_take_in": services.may_take_in(request.user),
    }
    return render(request, "admin/reports/department.html", context, status=status)


def _is_open(row: DepartmentReport | None) -> bool:
    return row is None or row.state in (S.DRAFT, S.RETURNED)


def _figures(row: DepartmentReport | None, province: Territory, year: int) -> dict[str, Any]:
    """Those of this moment while the department still writes, those frozen when it was sent afterwards."""
    return figures_of(province, year) if row is None or _is_open(row) else row.figures


@dataclass(frozen=True)
class Asked:
    """An act on the report of a province on a year."""

    province: Territory
    year: int
    report: DepartmentReport | None
    act: str


def _act(request: HttpRequest, asked: Asked, form: DepartmentReportForm, reason: forms.Form) -> int:
    form_of_act: forms.Form = reason if asked.act == "return" else form
    if form_of_act.is_bound and not form_of_act.is_valid():
        return 400
    try:
        said = _write(request.user, asked, form, reason)
    except Refusal as refusal:
        if form_of_act.is_bound:
            apply_refusal(form_of_act, refusal)
        else:
            messages.error(request, str(refusal.sentence))
        return status_of(refusal)
    messages.success(request, said)
    return 302


@transaction.atomic
def _write(actor: Any, asked: Asked, form: DepartmentReportForm, reason: forms.Form) -> str:
    now = timezone.now()
    if asked.act in {"accept", "return"}:
        if asked.report is None:
            raise Http404
        why = reason.cleaned_data["reason"] if asked.act == "return" else ""
        services.decide_department_report(
            report=asked.report, accept=asked.act == "accept", actor=actor, now=now, reason=why
        )
        return _("Đã tiếp nhận báo cáo.") if asked.act == "accept" else _("Đã trả lại báo cáo cho Sở.")
    facts = form.cleaned_data
    if timezone.localdate(now) < dt.date(asked.year, 12, 1):
        raise Refusal("too_early", _("Báo cáo năm %(year)s lập được từ ngày 01/12/%(year)s.") % {"year": asked.year})
    saved = services.save_department_report(
        territory=asked.province,
        year=asked.year,
        remarks=facts["remarks"],
        number=facts["number"],
        scan=store(facts["scan"], allow=SCAN, field="scan") if facts["scan"] else None,
        actor=actor,
    )
    if asked.act != "send":
        return _("Đã lưu báo cáo.")
    figures = figures_of(asked.province, asked.year)
    services.submit_department_report(report=saved, figures=figures, actor=actor, now=now)
    return _("Đã gửi báo cáo cho Cục. Số liệu được giữ như lúc gửi.")


@require_safe
def paper(request: HttpRequest, site: AdminSite, year: int, slug: str, fmt: str) -> HttpResponse:
    """The report as Word or PDF, in the layout of official papers. Taking it is an act."""
    province = _province(request, slug, year)
    if fmt not in CONTENT_TYPES:
        raise Http404
    row = DepartmentReport.objects.filter(territory=province, year=year).first()
    figures = _figures(row, province, year)
    made = department_paper.render(
        province, year, figures, sections_of(figures),
        remarks=row.remarks if row else "", number_of_paper=row.number if row else "", on=today(), fmt=fmt,
    )  # fmt: skip
    record_access(
        request, action="department_report.print", sentence=_("In báo cáo năm %(year)s của Sở.") % {"year": year},
        subject=province, territory=province, once_a_day=True,
    )  # fmt: skip
    response = HttpResponse(made, content_type=CONTENT_TYPES[fmt])
    response["Content-Disposition"] = f'attachment; filename="bao-cao-{province.slug}-{year}.{fmt}"'
    return response


@require_safe
def spreadsheet(request: HttpRequest, site: AdminSite, year: int, slug: str) -> HttpResponse:
    """The report's figures as a spreadsheet. Taking it is an act."""
    province = _province(request, slug, year)
    row = DepartmentReport.objects.filter(territory=province, year=year).first()
    figures = _figures(row, province, year)
    table = table_of(figures)
    headings = [_("Chỉ tiêu")]
    for level in table.levels:
        headings += [_("%(level)s: đăng ký") % {"level": level}, _("%(level)s: được công nhận") % {"level": level}]
    rows: list[list[Any]] = [[name, *(n for cell in cells for n in cell)] for name, cells in table.rows]
    rows.append([_("Tổng cộng"), *(n for cell in table.total for n in cell)])
    for title, lines in sections_of(figures):
        rows += [[], [str(title)], *([str(words), value] for words, value in lines)]
    response = HttpResponse(content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="bao-cao-{province.slug}-{year}.xlsx"'
    title = _("Báo cáo năm %(year)s, %(province)s") % {"year": year, "province": province.name}
    write_xlsx(cast("IO[bytes]", response), title=title, headings=headings, rows=rows)
    record_access(
        request, action="department_report.export", sentence=_("Tải %(title)s.") % {"title": title.lower()},
        subject=province, territory=province,
    )  # fmt: skip
    return response


@require_safe
def signed(request: HttpRequest, site: AdminSite, year: int, slug: str) -> HttpResponseBase:
    """The signed paper of a report."""
    province = _province(request, slug, year)
    row = (
        DepartmentReport.objects.filter(territory=province, year=year, scan__isnull=False)
        .select_related("scan")
        .first()
    )
    if row is None or row.scan is None:
        raise Http404
    return open_file(
        request,
        row.scan,
        filename=f"bao-cao-{province.slug}-{year}",
        action="department_report.read",
        sentence=_("Mở bản đã ký của báo cáo năm %(year)s.") % {"year": year},
        subject=row,
        territory=province,
    )
