"""The desk's money book: every figure opens to its projects, its lines and its payments, and leaves as a spreadsheet."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, cast
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from portal.accounts.models import User
from portal.accounts.queries import staff_reach
from portal.accounts.staff_pages import for_staff
from portal.audit.services import record_access
from portal.territory.queries import current_id, family_ids, register, unit_by_slug
from portal.text.sheets import XLSX, Strong, with_sums, write_xlsx

from ..enums import ActivityHead, EstimateState, Funding, PaymentState
from ..models import EstimateLine, Payment, Project
from .rollup import COLUMNS, Figures, Picked, of_stopped, roll_up

ON_A_PAGE = 50
CUTS = {
    "year": gettext_lazy("Năm"),
    "funding": gettext_lazy("Nguồn"),
    "head": gettext_lazy("Nội dung"),
    "province": gettext_lazy("Tỉnh"),
    "trade": gettext_lazy("Ngành nghề"),
}
# What a figure opens to.
PROJECTS, LINES, PAYMENTS, WAITING = "de-an", "dong", "chi", "cho"
VIEWS = {
    "": gettext_lazy("Tổng hợp"),
    PROJECTS: gettext_lazy("Đề án"),
    LINES: gettext_lazy("Dòng dự toán"),
    PAYMENTS: gettext_lazy("Khoản chi"),
    WAITING: gettext_lazy("Chờ duyệt, chờ chi"),
}
# The filter of the address, by what the book is cut by.
FILTERS = {"year": "nam", "funding": "nguon", "head": "noi-dung", "province": "tinh", "trade": "nganh"}
NOT_SAID = "khong-ghi"
SAMPLES = gettext_lazy("Số liệu mẫu")
YEARS = range(1990, 2101)
HEADS = {str(head.value): head for head in ActivityHead}


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    picked: Picked
    by: str
    view: str
    # Filters that hold, as the address writes them.
    kept: dict[str, str]
    page: str

    def address(self, **changes: str) -> str:
        """The book with some of the filters changed; an empty one is left out."""
        query = {**self.kept, "theo": self.by, "xem": self.view, **changes}
        text = urlencode({name: value for name, value in query.items() if value})
        return f"{reverse('admin:money_book')}{'?' + text if text else ''}"


@dataclass(frozen=True)
class Row:
    """One group of the book with the addresses of what its figures are made of."""

    label: str
    figures: Figures
    projects: str
    lines: str
    payments: str


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path("khuyen-cong/so-kinh-phi/", guarded(show), name="money_book"),
        path("khuyen-cong/so-kinh-phi/tai.xlsx", guarded(export), name="money_book_export"),
    ]


def asked(request: HttpRequest) -> Asked:
    """What the address asks for, bad values left out. One query (whether there are real projects), besides the reach."""
    given = request.GET
    by, view = given.get("theo", ""), given.get("xem", "")
    kept: dict[str, str] = {}
    year = given.get("nam", "")
    if len(year) == 4 and year.isascii() and year.isdigit() and int(year) in YEARS:  # noqa: PLR2004
        kept["nam"] = year
    if given.get("nguon") in Funding.values:
        kept["nguon"] = given["nguon"]
    if given.get("noi-dung") in HEADS:
        kept["noi-dung"] = given["noi-dung"]
    reach = staff_reach(request.user)
    area = None if reach.everything else reach.territory_ids
    unit = unit_by_slug(given.get("tinh", ""))
    if unit is not None:
        kept["tinh"] = unit.slug
        family = family_ids(unit.pk) if unit.until is None else frozenset({unit.pk})
        area = family if area is None else area & family
    trade = given.get("nganh", "").replace("\0", "")[:120].strip()
    if trade:
        kept["nganh"] = trade
    samples = given.get("so-lieu") == "mau" or not _has_real(area)
    if given.get("so-lieu") == "mau":
        kept["so-lieu"] = "mau"
    picked = Picked(
        territory_ids=area,
        years=(int(kept["nam"]),) if "nam" in kept else (),
        funding=(kept["nguon"],) if "nguon" in kept else (),
        heads=(int(kept["noi-dung"]),) if "noi-dung" in kept else (),
        trades=("" if trade == NOT_SAID else trade,) if trade else (),
        samples=samples,
    )
    return Asked(picked, by if by in COLUMNS else "year", view if view in VIEWS else "", kept, given.get("page", ""))


def _has_real(area: frozenset[int] | None) -> bool:
    return Project.objects.filter(Picked(territory_ids=area).where()).exists()


@require_safe
def show(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The book: sums by group, or the projects, lines or payments behind them. At most ten queries, however many rows."""
    wanted = asked(request)
    rows = _rows(wanted)
    whole = sum((row.figures for row in rows), Figures())
    page = None
    if wanted.view:
        page = Paginator(_behind(wanted), ON_A_PAGE).get_page(wanted.page)
    context = {
        **site.each_context(request),
        "title": _("Sổ kinh phí khuyến công"),
        "asked": wanted,
        "cuts": [(CUTS[by], wanted.address(theo=by, xem=""), by == wanted.by and not wanted.view) for by in CUTS],
        "views": [(words, wanted.address(xem=view), view == wanted.view) for view, words in VIEWS.items()],
        "chips": _chips(wanted),
        "rows": rows,
        "whole": whole,
        "cut_words": CUTS[wanted.by],
        "everything": _everything(wanted, whole),
        "stopped": of_stopped(wanted.picked),
        "page": page,
        "export": f"{reverse('admin:money_book_export')}?{request.GET.urlencode()}",
    }
    return render(request, "admin/extension/money_book.html", context)


def _rows(wanted: Asked) -> list[Row]:
    return [_row(wanted, key, figures) for key, figures in roll_up(wanted.picked, wanted.by)]


def _row(wanted: Asked, key: Any, figures: Figures) -> Row:
    chosen = {FILTERS[wanted.by]: _value(wanted.by, key)}
    return Row(
        _label(wanted.by, key),
        figures,
        projects=wanted.address(**chosen, xem=PROJECTS),
        lines=wanted.address(**chosen, xem=LINES),
        payments=wanted.address(**chosen, xem=PAYMENTS),
    )


def _everything(wanted: Asked, whole: Figures) -> Row:
    return Row(
        _("Cộng"),
        whole,
        projects=wanted.address(xem=PROJECTS),
        lines=wanted.address(xem=LINES),
        payments=wanted.address(xem=PAYMENTS),
    )


def _value(by: str, key: Any) -> str:
    """A group as its filter writes it."""
    if by == "province":
        return register().units[key].slug
    return str(key) or NOT_SAID


def _label(by: str, key: Any) -> str:
    if by == "funding":
        return str(Funding(key).label)
    if by == "head":
        return str(ActivityHead(key).label)
    if by == "province":
        return register().units[key].name
    return str(key) or _("Chưa ghi ngành nghề")


def _chips(wanted: Asked) -> list[tuple[str, str]]:
    """Filters that hold, each with the address that takes it away."""
    said = {
        "nam": lambda value: _("Năm %(year)s") % {"year": value},
        "nguon": lambda value: str(Funding(value).label),
        "noi-dung": lambda value: str(HEADS[value].label),
        "tinh": lambda value: unit.name if (unit := unit_by_slug(value)) else value,
        "nganh": lambda value: _("Chưa ghi ngành nghề") if value == NOT_SAID else value,
        "so-lieu": lambda _value: str(SAMPLES),
    }
    return [(said[name](value), wanted.address(**{name: ""})) for name, value in wanted.kept.items()]


def _behind(wanted: Asked) -> QuerySet[Any]:
    """The rows that the figures are made of."""
    if wanted.view == LINES:
        return lines_of(wanted.picked)
    if wanted.view == WAITING:
        return waiting_in(wanted.picked.territory_ids)
    return payments_of(wanted.picked) if wanted.view == PAYMENTS else projects_of(wanted.picked)


def projects_of(picked: Picked) -> QuerySet[Project]:
    return Project.objects.filter(picked.where()).select_related("territory").order_by("-year", "pk")


def lines_of(picked: Picked) -> QuerySet[EstimateLine]:
    """Lines of the estimates in force."""
    return (
        EstimateLine.objects.filter(picked.where("project__"), estimate__state=EstimateState.APPROVED)
        .select_related("project", "item", "facility", "norm")
        .order_by("-project__year", "project", "ordinal", "pk")
    )


def payments_of(picked: Picked) -> QuerySet[Payment]:
    """What was paid and what came back, the last first."""
    return (
        Payment.objects.filter(picked.where("project__", repaid=True), state=PaymentState.PAID)
        .select_related("project")
        .order_by("-paid_on", "-pk")
    )


def waiting_in(territory_ids: frozenset[int] | None) -> QuerySet[Payment]:
    """What is proposed or approved and not yet paid, of whatever project, the oldest first."""
    rows = Payment.objects.filter(state__in=[PaymentState.PROPOSED, PaymentState.APPROVED])
    rows = rows if territory_ids is None else rows.filter(project__territory__in=territory_ids)
    return rows.select_related("project", "proposed_by").order_by("proposed_at", "pk")


# --- spreadsheet ------------------------------------------------------------------------------------------

# Headings, the cells of a row, the columns that are summed.
Sheet = tuple[list[str], Callable[[Any], list[Any]], Sequence[int]]


@require_safe
def export(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The book as it is shown, whole, as a spreadsheet. Taking it is an act."""
    wanted = asked(request)
    headings, cells, columns = _sheet(wanted)
    response = HttpResponse(content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="so-kinh-phi-{wanted.view or FILTERS[wanted.by]}.xlsx"'
    rows = map(cells, _behind(wanted).iterator(chunk_size=2000)) if wanted.view else ()
    write_xlsx(
        cast("IO[bytes]", response),
        title=_("Sổ kinh phí khuyến công"),
        about=[str(VIEWS[wanted.view]), *(words for words, _address in _chips(wanted))],
        headings=headings,
        rows=with_sums(rows, columns, _("Cộng")) if wanted.view else _group_cells(wanted, cells),
    )
    record_access(
        request,
        action="extension.money_book_export",
        sentence=_("Tải sổ kinh phí khuyến công (%(what)s).") % {"what": VIEWS[wanted.view]},
        subject=cast("User", request.user),
    )
    return response


def _group_cells(wanted: Asked, cells: Callable[[Any], list[Any]]) -> Iterator[Sequence[Any]]:
    """The groups and their whole: a ratio is not a sum of ratios."""
    rows = _rows(wanted)
    yield from map(cells, rows)
    if rows:
        yield Strong(cells(_everything(wanted, sum((row.figures for row in rows), Figures()))))


def _sheet(wanted: Asked) -> Sheet:
    return {"": _of_groups, PROJECTS: _of_projects, LINES: _of_lines, PAYMENTS: _of_payments, WAITING: _of_payments}[
        wanted.view
    ](wanted)


def _of_groups(wanted: Asked) -> Sheet:
    names = (
        "projects",
        "extension_funds",
        "counterpart_funds",
        "other_funds",
        "disbursed",
        "left",
        "lines",
        "line_funds",
    )
    headings = [
        str(CUTS[wanted.by]), _("Đề án"), _("Khuyến công (đồng)"), _("Đối ứng (đồng)"), _("Nguồn khác (đồng)"),
        _("Đã giải ngân (đồng)"), _("Còn lại (đồng)"), _("Dòng dự toán"), _("Theo dòng (đồng)"),
        _("Một đồng khuyến công kéo theo"),
    ]  # fmt: skip
    return headings, lambda row: [row.label, *(getattr(row.figures, name) for name in names), row.figures.ratio], ()


def _of_projects(wanted: Asked) -> Sheet:
    headings = [
        _("Đề án"), _("Mã"), _("Năm"), _("Tỉnh khi thực hiện"), _("Tỉnh hiện nay"), _("Nguồn"), _("Nội dung"),
        _("Trạng thái"), _("Khuyến công (đồng)"), _("Đối ứng (đồng)"), _("Nguồn khác (đồng)"), _("Đã giải ngân (đồng)"),
    ]  # fmt: skip

    def cells(row: Project) -> list[Any]:
        return [
            row.name, row.code, row.year, row.territory.name, register().units[current_id(row.territory_id)].name,
            row.get_funding_display(), row.get_head_display(), row.get_state_display(),
            row.extension_funds, row.counterpart_funds, row.other_funds, row.disbursed,
        ]  # fmt: skip

    return headings, cells, range(8, 12)


def _of_lines(wanted: Asked) -> Sheet:
    headings = [
        _("Diễn giải"), _("Đề án"), _("Năm"), _("Nội dung chi"), _("Cơ sở"), _("Căn cứ"), _("Thành tiền (đồng)"),
        _("Được phép (đồng)"), _("Được duyệt (đồng)"), _("Đối ứng (đồng)"), _("Nguồn khác (đồng)"),
    ]  # fmt: skip

    def cells(row: EstimateLine) -> list[Any]:
        facility, norm = row.facility, row.norm
        return [
            row.description, row.project.name, row.project.year, row.item.name, facility.name if facility else "",
            norm.legal_basis if norm else "", row.cost, row.allowed, row.approved, row.counterpart, row.other,
        ]  # fmt: skip

    return headings, cells, range(6, 11)


def _of_payments(wanted: Asked) -> Sheet:
    headings = [
        _("Nội dung"),
        _("Đề án"),
        _("Năm"),
        _("Loại"),
        _("Ngày chứng từ"),
        _("Số chứng từ"),
        _("Số tiền (đồng)"),
    ]

    def cells(row: Payment) -> list[Any]:
        sign = -1 if row.kind == "recovery" else 1
        return [
            row.reason, row.project.name, row.project.year, row.get_kind_display(), row.paid_on, row.document,
            sign * row.amount,
        ]  # fmt: skip

    return headings, cells, [6]
