"""Yearly reports at the desk: who owes, who has handed in, one report taken in or given back, those on paper."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from facilities import rules
from facilities.enums import ContactKind, Reporter, YearlyReportState
from facilities.models import Contact, Facility, YearlyReport
from facilities.reporting import due_day
from portal.accounts.models import User
from portal.accounts.staff_pages import for_staff
from portal.audit.services import record_access
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import ReasonForm, apply_refusal, status_of
from portal.text.sheets import XLSX, write_xlsx
from products import yearly
from products.owed_reports import years_asked
from products.services import yearly_reports as services

from .yearly_report_forms import YearlyReportForm
from .yearly_reports import keep, report_context, report_products, support_text

ON_A_PAGE = 50
NOT_YET = "chua"
S = YearlyReportState
STATES = (
    ("", gettext_lazy("Tất cả")),
    (NOT_YET, gettext_lazy("Chưa nộp")),
    (S.SUBMITTED, S.SUBMITTED.label),
    (S.RETURNED, S.RETURNED.label),
    (S.ACCEPTED, S.ACCEPTED.label),
)
View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Counts:
    """How far the year's reporting has come."""

    owing: int
    submitted: int
    accepted: int
    returned: int

    @property
    def missing(self) -> int:
        return self.owing - self.submitted - self.accepted - self.returned


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path("bao-cao-nam/", guarded(board), name="yearly_reports"),
        path("bao-cao-nam/danh-sach.xlsx", guarded(export), name="yearly_reports_export"),
        path("bao-cao-nam/<int:year>/<uuid:facility_uuid>/", guarded(one), name="yearly_report"),
    ]


def asked_year(request: HttpRequest) -> int:
    """The year in the address, or the one that is reported on now."""
    text = request.GET.get("nam", "")
    year = int(text) if len(text) == 4 and text.isascii() and text.isdigit() else 0  # noqa: PLR2004
    return year if year in range(2014, 2101) else years_asked(today())[0]


def owing_here(user: Any, year: int) -> QuerySet[Facility]:
    """Facilities of the person's provinces that owe a report on the year or have made one."""
    made = YearlyReport.objects.filter(facility=OuterRef("pk"), year=year)
    owing = yearly.owing(year).values("pk")
    return Facility.objects.visible_to(user).filter(Q(pk__in=owing) | Exists(made))


def counted(facilities: QuerySet[Facility], year: int) -> Counts:
    """One query."""
    mine = Q(reports__year=year)
    found = facilities.aggregate(
        owing=Count("pk", distinct=True),
        **{
            name: Count("reports", filter=mine & Q(reports__state=state))
            for name, state in (("submitted", S.SUBMITTED), ("accepted", S.ACCEPTED), ("returned", S.RETURNED))
        },
    )
    return Counts(**found)


def narrowed(facilities: QuerySet[Facility], year: int, state: str) -> QuerySet[Facility]:
    """Those in one state; "not yet" is without a report or with a draft."""
    handed = YearlyReport.objects.filter(facility=OuterRef("pk"), year=year)
    if state == NOT_YET:
        return facilities.filter(~Exists(handed.exclude(state=S.DRAFT)))
    return facilities.filter(Exists(handed.filter(state=state))) if state in S else facilities


@require_safe
def board(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Who owes the year's report and where it stands. Nine queries, however many facilities."""
    year, state = asked_year(request), request.GET.get("tinh-trang", "")
    state = state if state in dict(STATES) else ""
    facilities = owing_here(request.user, year)
    page = Paginator(narrowed(facilities, year, state).select_related("territory"), ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    shown = list(page.object_list)
    reports = {row.facility_id: row for row in YearlyReport.objects.filter(year=year, facility__in=shown)}
    reached = set(
        Contact.objects.filter(facility__in=shown, kind=ContactKind.EMAIL, may_notify=True).values_list(
            "facility_id", flat=True
        )
    ) | set(
        Facility.objects.filter(pk__in=[f.pk for f in shown], representatives__state="approved").values_list(
            "pk", flat=True
        )
    )
    context = {
        **site.each_context(request),
        "title": _("Báo cáo năm của cơ sở"),
        "year": year,
        "years": sorted({*years_asked(today()), year}, reverse=True),
        "state": state,
        "states": STATES,
        "counts": counted(facilities, year),
        "due": due_day(reporter=Reporter.FACILITY, year=year),
        "today": today(),
        "rows": [(facility, reports.get(facility.pk), facility.pk in reached) for facility in shown],
        "page": page,
    }
    return render(request, "admin/reports/yearly.html", context)


@require_safe
def export(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """What was handed in for the year asked for, a row per facility, as a spreadsheet. Taking it is an act."""
    year = asked_year(request)
    facilities = list(owing_here(request.user, year).select_related("territory"))
    reports = {
        row.facility_id: row
        for row in YearlyReport.objects.filter(year=year, facility__in=facilities).annotate(
            of_products=Sum("lines__revenue"), packs=Sum("lines__logo_packs")
        )
    }
    headings = [
        _("Cơ sở"), _("Loại hình"), _("Tỉnh"), _("Tình trạng"), _("Doanh thu (đồng)"), _("Xuất khẩu (đồng)"),
        _("Nộp ngân sách (đồng)"), _("Đầu tư (đồng)"), _("Số lao động"), _("Doanh thu sản phẩm được công nhận (đồng)"),
        _("Bao bì in biểu trưng"), _("Hỗ trợ đã nhận"), _("Khó khăn"), _("Đề nghị"),
    ]  # fmt: skip
    rows = [_export_row(facility, reports.get(facility.pk)) for facility in facilities]
    response = HttpResponse(content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="bao-cao-nam-{year}.xlsx"'
    write_xlsx(
        cast("IO[bytes]", response), title=_("Báo cáo năm %(year)s") % {"year": year}, headings=headings, rows=rows
    )
    record_access(
        request,
        action="yearly_report.export",
        sentence=_("Tải danh sách báo cáo năm %(year)s của %(n)s cơ sở.") % {"year": year, "n": len(rows)},
        subject=cast("User", request.user),
    )
    return response


def _export_row(facility: Facility, report: YearlyReport | None) -> list[Any]:
    start = [facility.name, facility.get_kind_display(), facility.territory.name]
    if report is None or report.state == S.DRAFT:
        return [*start, _("Chưa nộp"), *[None] * 10]
    return [
        *start, report.get_state_display(), report.revenue, report.export_value, report.budget_paid, report.invested,
        report.workers, report.of_products, report.packs,  # type: ignore[attr-defined]
        report.support_received, report.difficulties, report.proposals,
    ]  # fmt: skip


def one(request: HttpRequest, site: AdminSite, year: int, facility_uuid: UUID) -> HttpResponse:
    """One report: read and decided when handed in; entered here when it came on paper."""
    facility = owing_here(request.user, year).select_related("territory").filter(uuid=facility_uuid).first()
    if facility is None or year not in range(2014, 2101):
        raise Http404
    report = YearlyReport.objects.filter(facility=facility, year=year).first()
    may_act = rules.may_edit(request.user, facility.territory_id)
    products = list(yearly.products_of(facility, year)) if report is None else report_products(report)
    on_paper = report is None or report.on_paper
    form = YearlyReportForm(
        request.POST if request.POST.get("act") in {"luu", "nop"} else None,
        report=report,
        products=products,
        initial={"support_received": support_text(facility, year)},
    )
    reason = ReasonForm(request.POST if request.POST.get("act") == "return" else None)
    status = 200
    if request.method == "POST":
        if not may_act:
            raise PermissionDenied(_("Chỉ cán bộ của tỉnh xử lý báo cáo của cơ sở."))
        if form.is_bound:
            status = keep(request, form, facility=facility, year=year, on_paper=on_paper)
        else:
            status = _decide(request, report, reason)
        if status == 302:  # noqa: PLR2004
            return redirect("admin:yearly_report", year, facility.uuid)
        report = YearlyReport.objects.filter(facility=facility, year=year).first()
    context = {
        **site.each_context(request),
        **report_context(facility, year, report, form),
        "title": _("Báo cáo năm %(year)s, %(facility)s") % {"year": year, "facility": facility.name},
        "may_act": may_act,
        "may_enter": may_act and on_paper,
        "reason": reason,
    }
    return render(request, "admin/reports/yearly_one.html", context, status=status)


def _decide(request: HttpRequest, report: YearlyReport | None, form: forms.Form) -> int:
    if report is None:
        raise Http404
    try:
        if request.POST.get("act") == "accept":
            services.accept_report(report=report, actor=request.user, now=timezone.now())
            messages.success(request, _("Đã tiếp nhận báo cáo."))
            return 302
        if not form.is_valid():
            return 400
        services.give_back_report(
            report=report, reason=form.cleaned_data["reason"], actor=request.user, now=timezone.now()
        )
    except Refusal as refusal:
        if form.is_bound:
            apply_refusal(form, refusal)
        else:
            messages.error(request, str(refusal.sentence))
        return status_of(refusal)
    messages.success(request, _("Đã trả lại báo cáo. Cơ sở được báo điều cần sửa."))
    return 302
