"""The facility's own pages of its yearly reports. Thin views."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from extension.queries import support_of_facility
from facilities.enums import Reporter, YearlyReportState
from facilities.models import Facility, ReportingRule, YearlyReport
from facilities.reporting import due_on
from facilities.representing import represented
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import apply_refusal, status_of
from products import yearly
from products.owed_reports import owed_by, years_asked
from products.services import yearly_reports as services

from . import support
from .yearly_report_forms import YearlyReportForm

HAND_IN = "nop"


@never_cache
@login_required
@require_safe
def my_reports(request: HttpRequest) -> HttpResponse:
    """Every report that the person's facilities owe or have handed in."""
    facilities = list(represented(request.user).select_related("territory"))
    rows = owed_by(facilities, today())
    return render(request, "applicant/reports.html", {"rows": rows, "facilities": facilities, "nav": "facility"})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def my_report(request: HttpRequest, facility_uuid: UUID, year: int) -> HttpResponse:
    """One report: filled in, kept as a draft, handed in; read only afterwards."""
    facility = represented(request.user).select_related("territory").filter(uuid=facility_uuid).first()
    if facility is None or year not in range(2014, 2101):
        raise Http404
    report = YearlyReport.objects.filter(facility=facility, year=year).first()
    products = list(yearly.products_of(facility, year)) if report is None else report_products(report)
    if report is None and (not products or year not in years_asked(today())):
        raise Http404
    form = YearlyReportForm(
        request.POST or None,
        report=report,
        products=products,
        initial={"support_received": support_text(facility, year)},
    )
    status = 200
    if request.method == "POST":
        status = keep(request, form, facility=facility, year=year)
        if status == 302:  # noqa: PLR2004
            return redirect("my_report", facility.uuid, year)
        report = YearlyReport.objects.filter(facility=facility, year=year).first()
    context = report_context(facility, year, report, form)
    return render(request, "applicant/report.html", context | {"nav": "facility"}, status=status)


def report_context(
    facility: Facility, year: int, report: YearlyReport | None, form: YearlyReportForm
) -> dict[str, Any]:
    """What a page of one report shows, the facility's own and the desk's."""
    rules = list(ReportingRule.objects.order_by("-valid_from"))
    return {
        "facility": facility,
        "year": year,
        "report": report,
        "form": form,
        "due": due_on(rules, reporter=Reporter.FACILITY, year=year),
        "is_open": report is None or report.state in services.OPEN,
        "is_returned": report is not None and report.state == YearlyReportState.RETURNED,
    }


def report_products(report: YearlyReport) -> list[Any]:
    """The products of the report's lines, in alphabetical order. One query."""
    return [line.product for line in report.lines.select_related("product").order_by("product__sort_key")]


def support_text(facility: Facility, year: int) -> str:
    """What the register knows of support in the year, as a start for the facility's own words."""
    found = [
        row
        for row in support_of_facility(facility)
        if row.project.year <= year <= (row.project.year_to or row.project.year)
    ]
    return "\n".join(f"{row.project.name}: {support.label(row)}" for row in found)


def keep(request: HttpRequest, form: YearlyReportForm, *, facility: Facility, year: int, on_paper: bool = False) -> int:
    """Save what was typed, hand it in when asked. 302 when all went well, else the status of the page shown again."""
    if not form.is_valid():
        return 400
    now = timezone.now()
    try:
        with transaction.atomic():
            report = services.open_report(
                facility=facility, year=year, actor=request.user, on=timezone.localdate(now), on_paper=on_paper
            )
            services.save_report(
                report=report,
                facts=form.facts(),
                lines=form.line_facts(),
                actor=request.user,
                revision=form.cleaned_data["revision"],
            )
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return status_of(refusal)
    if request.POST.get("act") != HAND_IN:
        messages.success(request, _("Đã lưu nháp báo cáo năm %(year)s.") % {"year": year})
        return 302
    try:
        services.submit_report(report=report, actor=request.user, now=now)
    except Refusal as refusal:
        # What was typed is kept as a draft; the page says what is missing.
        report.refresh_from_db()
        form.data = {**form.data.dict(), "revision": str(report.revision)}  # type: ignore[attr-defined]
        apply_refusal(form, refusal)
        return status_of(refusal)
    messages.success(request, _("Đã nộp báo cáo năm %(year)s. Sở Công Thương sẽ tiếp nhận.") % {"year": year})
    return 302
