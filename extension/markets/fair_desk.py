"""The desk's pages of fairs: the table of who took part with every figure, one row in full, the table as a file."""

from dataclasses import dataclass
from typing import IO, Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from facilities import taxcode
from facilities.models import Facility
from portal.accounts.staff_pages import for_staff
from portal.audit.services import record_access
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.folding import fold
from portal.text.formats import day
from portal.text.inputs import WRONG, apply_refusal, picked, status_of
from portal.text.sheets import XLSX, with_sums, write_xlsx

from .. import rules
from ..models import Fair, Participation
from ..services import fairs as services
from . import fair_norms, fair_queries, fair_rules
from .fair_forms import PartForm, RowForm

FOUND = 12
OK, DONE = 200, 302
ADD, REMOVE = "them", "bo"


@dataclass(frozen=True)
class Line:
    """One row of the table: what is typed, what the norm lets through."""

    row: Participation
    form: RowForm | None
    allowed: fair_norms.Allowed | None

    @property
    def is_above(self) -> bool:
        """Whether more was supported than the norm of the day lets through; a line of an estimate has its own limit."""
        return bool(self.allowed and not self.row.line_id and (self.row.support or 0) > self.allowed.amount)


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path("khuyen-cong/hoi-cho/<uuid:uuid>/", guarded(book), name="fair_book"),
        path("khuyen-cong/hoi-cho/<uuid:uuid>/danh-sach.xlsx", guarded(export), name="fair_export"),
        path("khuyen-cong/hoi-cho/<uuid:uuid>/<uuid:part_uuid>/", guarded(part), name="fair_part"),
    ]


def _fair_or_404(request: HttpRequest, uuid: UUID) -> Fair:
    rows = Fair.objects.visible_to(request.user).select_related("territory", "host_territory", "project")
    found = rows.filter(uuid=uuid).first()
    if found is None:
        raise Http404(_("Không có hội chợ này."))
    return found


def _may_edit(request: HttpRequest, fair: Fair) -> bool:
    allowed = rules.may_edit(request.user, fair.territory_id)
    if request.method == "POST" and not allowed:
        raise PermissionDenied(fair_rules.ONLY_EXTENSION_OFFICER)
    return allowed


# --- the table ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def book(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponse:
    """Everyone at the fair in one table, typed into in place. A fixed number of queries."""
    fair = _fair_or_404(request, uuid)
    may_edit, words = _may_edit(request, fair), request.GET.get("tim", "").strip()[:200]
    rows, status = fair_queries.participations_of(fair), OK
    is_table = request.method == "POST" and request.POST.get("act") != ADD
    forms = [RowForm(request.POST if is_table else None, row=row) for row in rows] if may_edit else []
    if request.method == "POST":
        status = _saved(request, forms) if is_table else _added(request, fair)
        if status == DONE:
            return redirect("admin:fair_book", fair.uuid)
    context = {
        **_context(request, site, fair, fair.name),
        **_table(fair, rows, forms),
        "may_edit": may_edit,
        "words": words,
        "found": _found(request, fair, words) if words and may_edit else [],
    }
    return render(request, "admin/extension/fair.html", context, status=status)


def _context(request: HttpRequest, site: AdminSite, fair: Fair, title: str) -> dict[str, Any]:
    return {
        **site.each_context(request),
        "opts": Fair._meta,
        "has_view_permission": True,
        "title": title,
        "fair": fair,
    }


def _table(fair: Fair, rows: list[Participation], forms: list[RowForm]) -> dict[str, Any]:
    norm = fair_norms.norm_of(fair)
    by_row = {form.row.pk: form for form in forms}
    lines = [Line(row, by_row.get(row.pk), _allowed(norm, row)) for row in rows]
    sums = {name: _sum(rows, name) for name in ("booths", "cost", "support", "revenue", "contracts", "contracts_value")}
    return {
        "lines": lines,
        "sums": sums,
        "reported": sum(row.revenue is not None for row in rows),
        "opened": sum(fair_queries.is_open(row) for row in rows),
        "norm": norm,
        "is_place_wanted": fair_norms.is_place_wanted(fair),
        "due": fair_queries.due_on(fair),
        "is_over": today() > fair.ends_on,
        "has_errors": any(form.is_bound and form.errors for form in forms),
    }


def _allowed(norm: Any, row: Participation) -> fair_norms.Allowed | None:
    if norm is None or row.cost is None:
        return None
    return fair_norms.allowed_by(norm, cost=row.cost, asked=row.cost, booths=row.booths)


def _sum(rows: list[Participation], name: str) -> int | None:
    given = [value for row in rows if (value := getattr(row, name)) is not None]
    return sum(given) if given else None


def _saved(request: HttpRequest, forms: list[RowForm]) -> int:
    """Every changed row, or none: a wrong figure in one leaves the whole table as it was typed."""
    changed = [form for form in forms if form.has_changed()]
    checked = [form.is_valid() for form in changed]
    if not all(checked):
        return WRONG
    status = DONE
    with transaction.atomic():
        for form in changed:
            try:
                services.change_participant(participation=form.row, actor=request.user, **form.changes())
            except Refusal as refusal:
                apply_refusal(form, refusal)
                status = status_of(refusal)
        if status != DONE:
            transaction.set_rollback(True)
    if status == DONE:
        messages.success(request, _("Đã lưu bảng cơ sở tham gia."))
    return status


def _added(request: HttpRequest, fair: Fair) -> int:
    rows = Facility.objects.visible_to(request.user).filter(merged_into=None)
    facility = picked(rows, request.POST.get("facility", ""))
    if facility is None:
        messages.error(request, _("Hãy tìm rồi chọn một cơ sở trong danh bạ."))
        return WRONG
    try:
        services.add_participant(fair=fair, facility=facility, actor=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return status_of(refusal)
    messages.success(request, _("Đã thêm %(name)s.") % {"name": facility.name})
    return DONE


def _found(request: HttpRequest, fair: Fair, words: str) -> list[Facility]:
    """Facilities in reach by name or tax code that are not at the fair yet. One query."""
    return list(_searched(Facility.objects.visible_to(request.user), words).exclude(participations__fair=fair)[:FOUND])


def _searched(rows: QuerySet[Facility], words: str) -> QuerySet[Facility]:
    rows = rows.filter(merged_into=None).select_related("territory", "commune")
    by_name = Q()
    for word in fold(words).split()[:8]:
        by_name &= Q(folded__contains=word)
    code = taxcode.normalise(words)
    return rows.filter(by_name | Q(tax_code=code)) if code[:4].isdigit() else rows.filter(by_name)


# --- one row ----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def part(request: HttpRequest, site: AdminSite, uuid: UUID, part_uuid: UUID) -> HttpResponse:
    """Everything of one participant: also the products shown, the line that pays, where the figures come from."""
    fair = _fair_or_404(request, uuid)
    may_edit = _may_edit(request, fair)
    rows = fair.participations.select_related("facility", "line", "fair__territory").prefetch_related("products")
    row = rows.filter(uuid=part_uuid).first()
    if row is None:
        raise Http404(_("Cơ sở này không có trong hội chợ."))
    is_removal = request.POST.get("act") == REMOVE
    form = (
        PartForm(request.POST if request.method == "POST" and not is_removal else None, row=row) if may_edit else None
    )
    status = OK
    if request.method == "POST" and form is not None:
        status = _removed(request, row) if is_removal else _changed(request, row, form)
        if status == DONE:
            return redirect("admin:fair_book", fair.uuid)
    context = {
        **_context(request, site, fair, str(row.facility)),
        "row": row,
        "form": form,
    }
    return render(request, "admin/extension/fair_part.html", context, status=status)


def _changed(request: HttpRequest, row: Participation, form: PartForm) -> int:
    if not form.is_valid():
        return WRONG
    try:
        services.change_participant(participation=row, actor=request.user, **form.facts())
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return status_of(refusal)
    messages.success(request, _("Đã lưu dòng của %(name)s.") % {"name": row.facility.name})
    return DONE


def _removed(request: HttpRequest, row: Participation) -> int:
    try:
        services.remove_participant(participation=row, actor=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return status_of(refusal)
    messages.success(request, _("Đã bỏ %(name)s khỏi hội chợ.") % {"name": row.facility.name})
    return DONE


# --- the file ---------------------------------------------------------------------------------------------------------


@require_safe
def export(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponseBase:
    """The whole table for Excel; who took it is written down, for the figures are the facilities' own."""
    fair = _fair_or_404(request, uuid)
    rows = fair_queries.participations_of(fair)
    sentence = _("Tải bảng cơ sở tham gia hội chợ “%(name)s”.") % {"name": fair.name}
    record_access(request, action="fair.export", sentence=sentence, subject=fair, territory=fair.territory)
    response = HttpResponse(content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="hoi-cho-{fair.starts_on:%Y-%m-%d}.xlsx"'
    about = [fair.name, f"{day(fair.starts_on)} – {day(fair.ends_on)}", fair.where]
    write_xlsx(
        cast("IO[bytes]", response),
        title=_("Hội chợ"),
        headings=_headings(),
        rows=with_sums(map(_cells, rows), range(2, 9), _("Cộng")),
        about=[line for line in about if line],
    )
    return response


def _headings() -> list[str]:
    return [
        _("Cơ sở"), _("Sản phẩm"), _("Gian hàng"), _("Chi phí (đồng)"), _("Hỗ trợ (đồng)"), _("Doanh thu (đồng)"),
        _("Hợp đồng"), _("Giá trị hợp đồng (đồng)"), _("Đối tác mới"), _("Ngày khai"), _("Đồng ý công khai"),
        _("Nguồn"),
    ]  # fmt: skip


def _cells(row: Participation) -> list[Any]:
    return [
        row.facility.name,
        "; ".join(product.name for product in row.products.all()),
        row.booths,
        row.cost,
        row.support,
        row.revenue,
        row.contracts,
        row.contracts_value,
        row.partners,
        timezone.localdate(row.reported_at) if row.reported_at else None,
        _("có") if row.consented_at else _("chưa"),
        row.source,
    ]
