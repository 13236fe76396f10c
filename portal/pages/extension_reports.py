"""Extension reports of provinces for a period, and the agency's roll-up of them. Thin views."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import wraps
from typing import IO, Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from extension.enums import ActivityHead, Cycle, ReportState
from extension.models import ReportPeriod
from extension.reports import reporting
from extension.reports.periods import Period, periods_of, read_code
from extension.services import reports as services
from portal.accounts.staff_pages import for_staff
from portal.audit.services import record_access
from portal.territory.models import Territory
from portal.territory.queries import family_ids
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.formats import day
from portal.text.inputs import ReasonForm, apply_refusal, status_of
from portal.text.sheets import ROOMY, XLSX, Sheet, Strong, write_workbook
from rounds.official.rendering import CONTENT_TYPES

from . import extension_report_paper
from .department_reports import provinces_of

S = ReportState
View = Callable[..., HttpResponseBase]
BY_WORDS: dict[str, tuple[Any, Any]] = {
    "funding": (gettext_lazy("Theo nguồn kinh phí"), gettext_lazy("Nguồn")),
    "head": (gettext_lazy("Theo nội dung khuyến công"), gettext_lazy("Nội dung")),
    "area": (gettext_lazy("Theo địa bàn"), gettext_lazy("Địa bàn")),
    "trade": (gettext_lazy("Theo ngành nghề"), gettext_lazy("Ngành nghề")),
}
COLUMNS: tuple[tuple[str, Any], ...] = (
    ("planned_projects", gettext_lazy("Đề án theo kế hoạch")),
    ("projects", gettext_lazy("Đề án được duyệt")),
    ("accepted", gettext_lazy("Đã nghiệm thu")),
    ("facilities", gettext_lazy("Cơ sở")),
    ("turns", gettext_lazy("Lượt")),
    ("planned_funds", gettext_lazy("Kinh phí kế hoạch (đồng)")),
    ("extension_funds", gettext_lazy("Khuyến công được duyệt (đồng)")),
    ("brought", gettext_lazy("Đối ứng, nguồn khác (đồng)")),
    ("disbursed_in_period", gettext_lazy("Chi trong kỳ (đồng)")),
    ("disbursed", gettext_lazy("Chi từ đầu năm (đồng)")),
)
PLANNED = {name for name, _words in COLUMNS if name.startswith("planned")}
WORK_WORDS: dict[str, Any] = {
    "accepted_in_period": gettext_lazy("Đề án nghiệm thu trong kỳ"),
    "needs": gettext_lazy("Nhu cầu đăng ký trong kỳ"),
    "findings_open": gettext_lazy("Tồn tại chưa khắc phục"),
    "fairs": gettext_lazy("Hội chợ, triển lãm"),
    "fair_turns": gettext_lazy("Lượt cơ sở tham gia hội chợ"),
    "fair_support": gettext_lazy("Hỗ trợ tham gia hội chợ (đồng)"),
    "fair_revenue": gettext_lazy("Doanh thu tại hội chợ (đồng)"),
    "fair_contracts": gettext_lazy("Hợp đồng, thỏa thuận tại hội chợ"),
    "stopped_paid": gettext_lazy("Đề án đã ngừng có chi hoặc thu hồi từ đầu năm"),
    "stopped_disbursed": gettext_lazy("Chi từ đầu năm của đề án đã ngừng, đã trừ thu hồi (đồng)"),
}


RATIO_WORDS = gettext_lazy("Đồng vốn khác trên mỗi đồng khuyến công, tính ở đề án đã ghi vốn khác")
# How the agency's list stands: what waits for it, what it took, what is still to come.
ORDER = {S.SENT: 0, S.LOCKED: 1}
NOT_SENT = 2


class WordsForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("Nhận xét, khó khăn, kiến nghị"), required=False, max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"max_length": gettext_lazy("Nhận xét dài %(show_value)s ký tự, hơn %(limit_value)s. Hãy rút gọn.")},
    )  # fmt: skip


@dataclass(frozen=True)
class Table:
    """One way of dividing the figures: a row per key, in the order of the columns."""

    title: str
    head: str
    columns: list[str]
    rows: list[tuple[str, list[int]]]
    lines: list[tuple[str, dict[str, int]]]
    total: dict[str, int]
    has_plan: bool


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded, of_a_period = for_staff(site), lambda view: for_staff(site)(_of_a_period(view))
    base = "khuyen-cong/bao-cao/"
    one = f"{base}<str:period_code>/"
    return [
        path(base, guarded(overview), name="extension_reports"),
        path(one, of_a_period(rollup), name="extension_rollup"),
        path(f"{one}tong-hop.xlsx", of_a_period(rollup_export), name="extension_rollup_export"),
        path(f"{one}<slug:province_slug>/", of_a_period(report), name="extension_report"),
        path(f"{one}<slug:province_slug>/bao-cao.xlsx", of_a_period(export), name="extension_report_export"),
        path(f"{one}<slug:province_slug>/bao-cao.<str:fmt>", of_a_period(paper), name="extension_report_paper"),
    ]


def tables_of(figures: dict[str, Any]) -> list[Table]:
    """The tables that the figures hold. Areas and trades have no plan to be held against. One query for areas."""
    found = []
    for by, (title, head) in BY_WORDS.items():
        rows = figures["by"].get(by, {})
        planned = by in {"funding", "head"}
        columns = [(name, words) for name, words in COLUMNS if planned or name not in PLANNED]
        if not rows:
            continue
        labels = _labels(by, rows)
        lines = [(labels[key], _with_brought(numbers)) for key, numbers in rows.items()]
        total = _with_brought(figures["total"])
        cells = [(said, [n[name] for name, _words in columns]) for said, n in [*lines, (_("Tổng cộng"), total)]]
        names = [str(words) for _name, words in columns]
        found.append(Table(str(title), str(head), names, cells, lines, total, planned))
    return found


def _with_brought(numbers: dict[str, int]) -> dict[str, int]:
    return numbers | {"brought": numbers["counterpart_funds"] + numbers["other_funds"]}


def _labels(by: str, rows: dict[str, Any]) -> dict[str, str]:
    if by == "area":
        names = {str(unit.pk): unit.name for unit in Territory.objects.filter(pk__in=[key for key in rows if key])}
        return {key: names.get(key, key) for key in rows}
    if by == "funding":
        return {key: reporting.funding_label(key) for key in rows}
    if by == "head":
        return {key: f"{key}. {ActivityHead(int(key)).label}" for key in rows}
    return {key: key or _("Chưa ghi ngành nghề") for key in rows}


def work_of(figures: dict[str, Any]) -> list[tuple[str, int]]:
    """What was done, in words; a report that was frozen before a figure was counted goes without it."""
    return [(str(words), figures["work"][name]) for name, words in WORK_WORDS.items() if name in figures["work"]]


def _work_and_ratio(figures: dict[str, Any]) -> list[tuple[str, Any]]:
    """For papers and workbooks, which have no place of its own for the ratio."""
    ratio = reporting.seed_ratio(figures["total"])
    return [*work_of(figures), *([(str(RATIO_WORDS), ratio)] if ratio is not None else [])]


class NoSuchPeriod(Exception):
    """The address names a period that is none."""


def _of_a_period(view: View) -> View:
    """The view; where the address names no period, the list of those that there are, as 404."""

    @wraps(view)
    def answered(request: HttpRequest, site: AdminSite, **asked: str) -> HttpResponseBase:
        try:
            return view(request, site, **asked)
        except NoSuchPeriod as wrong:
            return _periods(request, site, wrong=str(wrong))

    return answered


@require_safe
def overview(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """A province's periods of a year and where each report stands; the agency goes on to the roll-up. Four queries."""
    return _periods(request, site)


def _periods(request: HttpRequest, site: AdminSite, *, wrong: str = "") -> HttpResponse:
    cycle = Cycle(asked) if (asked := request.GET.get("ky", "")) in Cycle.values else Cycle.QUARTER
    year = _asked_year(request)
    provinces = provinces_of(request.user)
    reports = ReportPeriod.objects.filter(territory__in=provinces, cycle=cycle, year=year)
    found: dict[int, list[ReportPeriod]] = {}
    for row in reports:
        found.setdefault(row.ordinal, []).append(row)
    context = {
        **site.each_context(request),
        "title": _("Báo cáo khuyến công"),
        "cycle": cycle,
        "cycles": [(value, label, value == cycle) for value, label in Cycle.choices],
        "year": year,
        "years": range(today().year, today().year - 5, -1),
        "provinces": provinces,
        "alone": provinces[0] if len(provinces) == 1 else None,
        "today": today(),
        "rows": [_overview_row(one, found.get(one.ordinal, [])) for one in periods_of(cycle, year)],
        "wrong": wrong,
        "here": reverse("admin:extension_reports"),
    }
    return render(request, "admin/reports/extension_periods.html", context, status=404 if wrong else 200)


def _overview_row(one: Period, reports: list[ReportPeriod]) -> dict[str, Any]:
    sent = [row for row in reports if row.state in {S.SENT, S.LOCKED}]
    return {
        "period": one,
        "is_over": one.ends_on < today(),
        "has_begun": one.starts_on <= today(),
        "report": reports[0] if len(reports) == 1 else None,
        "sent": len(sent),
    }


def _asked_year(request: HttpRequest) -> int:
    asked = request.GET.get("nam", "")
    return int(asked) if asked.isascii() and asked.isdigit() and 2004 <= int(asked) <= 2100 else today().year  # noqa: PLR2004


def _period(code: str) -> Period:
    try:
        return read_code(code)
    except Refusal as refusal:
        raise NoSuchPeriod(str(refusal)) from refusal


def _province(request: HttpRequest, slug: str) -> Territory:
    found = next((one for one in provinces_of(request.user) if one.slug == slug), None)
    if found is None:
        raise Http404
    return found


def _figures(row: ReportPeriod | None, province: Territory, one: Period) -> dict[str, Any]:
    """Those of this moment while the province still writes, those frozen when it was sent afterwards."""
    if row is not None and row.state not in services.OPEN:
        return cast("dict[str, Any]", row.figures)
    return reporting.figures_of(family_ids(province.pk), one, samples=settings.DEMO)


def _row(province: Territory, one: Period) -> ReportPeriod | None:
    return ReportPeriod.objects.filter(
        territory=province, cycle=one.cycle, year=one.year, ordinal=one.ordinal
    ).first()  # fmt: skip


def report(request: HttpRequest, site: AdminSite, period_code: str, province_slug: str) -> HttpResponse:
    """One province's report of a period: its figures, its words, its way to the agency."""
    one, province = _period(period_code), _province(request, province_slug)
    row = _row(province, one)
    act = (request.POST.get("act") or "?") if request.method == "POST" else ""
    form = WordsForm(request.POST if act in {"save", "send"} else None, initial={"words": row.words if row else ""})
    reason = ReasonForm(request.POST if act == "return" else None)
    status = 200
    if act:
        status = _act(request, Asked(province, one, act, form, reason))
        if status == 302:  # noqa: PLR2004
            return redirect("admin:extension_report", period_code, province_slug)
        row = _row(province, one)
    figures = _figures(row, province, one)
    is_open = row is None or row.state in services.OPEN
    context = {
        **site.each_context(request),
        "title": _("Báo cáo khuyến công %(period)s, %(province)s") % {"period": one.name, "province": province.name},
        "province": province,
        "period": one,
        "report": row,
        "is_open": is_open,
        "is_over": one.ends_on < today(),
        "figures": figures,
        "ratio": reporting.seed_ratio(figures["total"]),
        "tables": tables_of(figures),
        "work": work_of(figures),
        "form": form,
        "reason": reason,
        "draws_words": is_open and services.may_write(request.user, province.pk),
        "draws_reason": row is not None and row.state == S.SENT and services.may_take_in(request.user),
    }
    return render(request, "admin/reports/extension.html", context, status=status)


@dataclass(frozen=True)
class Asked:
    """An act on the report of a province on a period, with the forms it may have filled."""

    province: Territory
    period: Period
    act: str
    form: WordsForm
    reason: forms.Form


def _act(request: HttpRequest, asked: Asked) -> int:
    form_of_act: forms.Form = asked.reason if asked.act == "return" else asked.form
    if form_of_act.is_bound and not form_of_act.is_valid():
        return 400
    try:
        said = _write(request.user, asked)
    except Refusal as refusal:
        if form_of_act.is_bound:
            apply_refusal(form_of_act, refusal)
        else:
            messages.error(request, str(refusal.sentence))
        return status_of(refusal)
    messages.success(request, said)
    return 302


def _write(actor: Any, asked: Asked) -> str:
    now = timezone.now()
    if asked.act not in {"save", "send", "lock", "return"}:
        raise Refusal("no_such_act", _("Không rõ việc cần làm. Hãy tải lại trang."))
    if asked.act in {"lock", "return"}:
        row = _row(asked.province, asked.period)
        if row is None:
            raise Http404
        if asked.act == "lock":
            services.lock_report(report=row, actor=actor, now=now)
            return _("Đã tiếp nhận và khóa kỳ báo cáo.")
        services.return_report(report=row, reason=asked.reason.cleaned_data["reason"], actor=actor)
        return _("Đã trả lại báo cáo cho Sở.")
    facts = {
        "territory": asked.province,
        "period": asked.period,
        "words": asked.form.cleaned_data["words"],
        "actor": actor,
        "samples": settings.DEMO,
    }
    if asked.act == "save":
        services.save_report(**facts, now=now)
        return _("Đã lưu báo cáo.")
    figures = reporting.figures_of(family_ids(asked.province.pk), asked.period, samples=settings.DEMO)
    services.send_report(**facts, figures=figures, now=now)
    return _("Đã gửi báo cáo cho Cục. Số liệu được giữ như lúc gửi.")


@require_safe
def paper(
    request: HttpRequest, site: AdminSite, period_code: str, province_slug: str, fmt: str
) -> HttpResponse:  # fmt: skip
    """The report as Word or PDF, in the layout of official papers. Taking it is an act."""
    one, province = _period(period_code), _province(request, province_slug)
    if fmt not in CONTENT_TYPES:
        raise Http404
    row = _row(province, one)
    figures = _figures(row, province, one)
    made = extension_report_paper.render(
        province, one, tables_of(figures), _work_and_ratio(figures), figures["results"],
        words=row.words if row else "", on=today(), fmt=fmt,
    )  # fmt: skip
    _taken(request, province, one, "extension_report.print", _("In báo cáo khuyến công %(period)s."))
    return _file(made, CONTENT_TYPES[fmt], f"bao-cao-khuyen-cong-{province_slug}-{period_code}.{fmt}")


@require_safe
def export(
    request: HttpRequest, site: AdminSite, period_code: str, province_slug: str
) -> HttpResponse:  # fmt: skip
    """The figures as a spreadsheet. Taking it is an act."""
    one, province = _period(period_code), _province(request, province_slug)
    figures = _figures(_row(province, one), province, one)
    _taken(request, province, one, "extension_report.export", _("Tải báo cáo khuyến công %(period)s."))
    title = _("Báo cáo khuyến công %(period)s, %(province)s") % {"period": one.name, "province": province.name}
    return _spreadsheet(title, one, figures, f"bao-cao-khuyen-cong-{province_slug}-{period_code}.xlsx")


def _spreadsheet(title: str, one: Period, figures: dict[str, Any], filename: str) -> HttpResponse:
    days = _("Từ ngày %(first)s đến hết ngày %(last)s") % {"first": day(one.starts_on), "last": day(one.ends_on)}
    headings = [_("Phân theo"), *(str(words) for _name, words in COLUMNS)]
    lines = [line for table in tables_of(figures) for line in _lines(table)]
    sheets = [
        Sheet(title, headings, lines, about=[days], widths=[ROOMY], tab=_("Số liệu")),
        Sheet(
            title, [_("Công việc trong kỳ"), _("Số liệu")], _work_and_ratio(figures), about=[days], tab=_("Công việc")
        ),
    ]
    if results := figures.get("results"):
        rows = [[f"{n['name']} ({n['unit']})", _counted(n["target"]), _counted(n["achieved"])] for n in results]
        headings = [_("Chỉ tiêu"), _("Mục tiêu"), _("Đạt được")]
        sheets.append(Sheet(title, headings, rows, about=[days], tab=_("Kết quả")))
    response = HttpResponse(content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    write_workbook(cast("IO[bytes]", response), sheets)
    return response


def _lines(table: Table) -> list[Sequence[Any]]:
    """The table below its name, every figure in the same column as in the other tables."""

    def cells(said: str, numbers: dict[str, int]) -> list[Any]:
        hidden = () if table.has_plan else PLANNED
        return [said, *(None if name in hidden else numbers[name] for name, _words in COLUMNS)]

    return [
        Strong([table.title]),
        *(cells(*line) for line in table.lines),
        Strong(cells(_("Tổng cộng"), table.total)),
        [],
    ]


def _counted(value: str | None) -> int | Decimal | None:
    """The figure kept as text, as a number that the spreadsheet can add."""
    found = Decimal(value) if value is not None else None
    return int(found) if found is not None and found == int(found) else found


def _file(made: bytes, content_type: str, filename: str) -> HttpResponse:
    response = HttpResponse(made, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _taken(request: HttpRequest, province: Territory, one: Period, action: str, sentence: str) -> None:
    said = sentence % {"period": one.name}
    record_access(
        request, action=action, sentence=said, subject=province, territory=province, once_a_day=True
    )  # fmt: skip


def _sent(one: Period, provinces: list[Territory]) -> dict[int, ReportPeriod]:
    rows = ReportPeriod.objects.filter(
        territory__in=provinces, cycle=one.cycle, year=one.year, ordinal=one.ordinal
    )  # fmt: skip
    return {row.territory_id: row for row in rows}


@require_safe
def rollup(request: HttpRequest, site: AdminSite, period_code: str) -> HttpResponse:
    """What the provinces within reach have sent of a period, summed; who has not, is named. Three queries."""
    one = _period(period_code)
    provinces = provinces_of(request.user)
    if len(provinces) == 1:
        return redirect("admin:extension_report", period_code, provinces[0].slug)
    reports = _sent(one, provinces)
    counted = [row for row in reports.values() if row.state in {S.SENT, S.LOCKED}]
    figures = reporting.rolled_up(row.figures for row in counted)
    context = {
        **site.each_context(request),
        "title": _("Tổng hợp khuyến công %(period)s") % {"period": one.name},
        "period": one,
        "sent": len(counted),
        "waiting": sum(row.state == S.SENT for row in counted),
        "rows": sorted(((province, reports.get(province.pk)) for province in provinces), key=_place),
        "figures": figures,
        "ratio": reporting.seed_ratio(figures["total"]),
        "tables": tables_of(figures) if counted else [],
        "work": work_of(figures) if counted else [],
        "address": reverse("admin:extension_rollup_export", args=[period_code]),
    }
    return render(request, "admin/reports/extension_rollup.html", context)


def _place(pair: tuple[Territory, ReportPeriod | None]) -> int:
    """Within a place the provinces keep their order."""
    report = pair[1]
    return ORDER.get(S(report.state), NOT_SENT) if report else NOT_SENT


@require_safe
def rollup_export(request: HttpRequest, site: AdminSite, period_code: str) -> HttpResponse:
    """The sums as a spreadsheet, with the provinces that they are made of."""
    one = _period(period_code)
    provinces = provinces_of(request.user)
    counted = [row for row in _sent(one, provinces).values() if row.state in {S.SENT, S.LOCKED}]
    if not counted:
        raise Http404(_("Chưa tỉnh nào gửi báo cáo của kỳ này."))
    figures = reporting.rolled_up(row.figures for row in counted)
    names = {province.pk: province.name for province in provinces}
    figures["by"]["area"] = {
        str(row.territory_id): row.figures["total"] for row in counted if row.territory_id in names
    }
    title = _("Tổng hợp khuyến công %(period)s") % {"period": one.name}
    record_access(
        request, action="extension_report.export", sentence=_("Tải %(title)s.") % {"title": title.lower()},
        subject=counted[0], once_a_day=True,
    )  # fmt: skip
    return _spreadsheet(title, one, figures, f"tong-hop-khuyen-cong-{period_code}.xlsx")
