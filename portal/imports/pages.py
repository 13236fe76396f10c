"""The desk's pages of imports: choosing a kind, uploading, looking through the preview, confirming, undoing."""

import io
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.sheets import XLSX, write_xlsx

from . import queries, services
from .blanks import blank
from .enums import BatchState
from .forms import SheetForm, UploadForm
from .models import ImportBatch
from .registry import Importer, importer_of, offered

CHANGE = "admin:imports_importbatch_change"
S = BatchState


def batch_or_404(request: HttpRequest, pk: int) -> ImportBatch:
    rows = ImportBatch.objects.visible_to(request.user).select_related("actor", "applied_by", "undone_by", "file")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _context(site: AdminSite, request: HttpRequest, **extra: Any) -> dict[str, Any]:
    return {**site.each_context(request), "opts": ImportBatch._meta, "has_view_permission": True, **extra}


# --- uploading ------------------------------------------------------------------------------------------


def start(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """First the kind of list, then the file."""
    kinds = offered(request.user)
    if not kinds:
        raise PermissionDenied(_("Nhập danh sách dành cho cán bộ của tỉnh. Hãy nhờ Sở Công Thương của tỉnh."))
    importer = next((one for one in kinds if one.kind == request.GET.get("kind")), None)
    if importer is None:
        return render(
            request, "admin/imports/kinds.html", _context(site, request, title=_("Nhập danh sách"), kinds=kinds)
        )
    if request.method == "POST":
        return _upload(request, site, importer)
    form = UploadForm(importer, importer.scopes(request.user), initial={"scope": request.GET.get("scope", "")})
    return _upload_page(request, site, importer, form)


def _upload(request: HttpRequest, site: AdminSite, importer: Importer) -> HttpResponse:
    form = UploadForm(importer, importer.scopes(request.user), request.POST, request.FILES)
    if not form.is_valid():
        return _upload_page(request, site, importer, form, status=400)
    file = form.cleaned_data["file"]
    try:
        batch = services.upload(
            file=file,
            name=file.name,
            kind=importer.kind,
            scope=form.cleaned_data["scope"],
            options=form.options(),
            actor=request.user,
            now=timezone.now(),
        )
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _upload_page(request, site, importer, form, status=400)
    return redirect(CHANGE, batch.pk)


def _upload_page(
    request: HttpRequest, site: AdminSite, importer: Importer, form: UploadForm, status: int = 200
) -> HttpResponse:
    title = _("Nhập danh sách: %(kind)s") % {"kind": importer.label}
    context = _context(site, request, title=title, importer=importer, form=form)
    return render(request, "admin/imports/upload.html", context, status=status)


def template(request: HttpRequest, site: AdminSite, kind: str) -> HttpResponse:
    """The template of a kind, for whoever may bring such a list in."""
    importer = next((one for one in offered(request.user) if one.kind == kind), None)
    if importer is None:
        raise Http404
    return _download(blank(importer), f"mau-{kind}.xlsx")


def _download(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# --- one import -----------------------------------------------------------------------------------------


def show(
    request: HttpRequest, site: AdminSite, batch: ImportBatch, refusal: Refusal | None = None, status: int = 200
) -> HttpResponse:
    """The preview before confirming, the record afterwards."""
    verdict = queries.chosen(batch, request.GET.get("kq"))
    page = queries.rows_of(batch, verdict, request.GET.get("page", "1"))
    importer = importer_of(batch.kind)
    context = _context(
        site,
        request,
        title=batch.filename,
        batch=batch,
        importer=importer,
        may_act=_may_act(importer, batch, request.user),
        form=SheetForm(services.sheets_of(batch)) if batch.state == S.UPLOADED else None,
        tabs=queries.tabs(batch, verdict),
        verdict=verdict,
        page=page,
        rows=[(row, _cells(importer, row.cells)) for row in page],
        refusal=refusal,
    )
    return render(request, "admin/imports/batch.html", context, status=status)


def _may_act(importer: Importer, batch: ImportBatch, user: Any) -> bool:
    try:
        importer.scope(batch.scope, user)
    except Refusal:
        return False
    return True


def _cells(importer: Importer, cells: dict[str, str]) -> list[tuple[str, str]]:
    return [(str(column.heading), cells[column.code]) for column in importer.columns if cells.get(column.code)]


def wrong_rows(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """The wrong rows as a workbook, each with why, to be mended and sent again."""
    batch = batch_or_404(request, pk)
    importer = importer_of(batch.kind)
    out = io.BytesIO()
    headings = [_("Dòng"), _("Vì sao sai"), *(str(column.heading) for column in importer.columns)]
    write_xlsx(
        out,
        title=_("Các dòng sai"),
        headings=headings,
        rows=queries.wrong_rows(batch, importer),
        widths=[12, 60, *(column.width for column in importer.columns)],
    )
    return _download(out.getvalue(), f"dong-sai-{batch.pk}.xlsx")


def act(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """One act on an import; readers are sent to its page."""
    if request.method != "POST":
        return redirect(CHANGE, pk)
    batch = batch_or_404(request, pk)
    run = ACTS.get(request.POST.get("act", ""))
    if run is None:
        return show(request, site, batch, Refusal("act_unknown", _("Không có việc này. Hãy tải lại trang.")), 400)
    try:
        messages.success(request, run(request, batch))
    except Refusal as refusal:
        return _refused(request, site, batch, refusal)
    return redirect(CHANGE, pk)


def _refused(request: HttpRequest, site: AdminSite, batch: ImportBatch, refusal: Refusal) -> HttpResponse:
    """When the register moved on, the preview is made anew at once, so that the person sees what changed."""
    if refusal.code == "moved_on":
        services.preview(batch=batch, actor=request.user, now=timezone.now())
        words = _("Đã đối chiếu lại với sổ. Hãy xem các dòng rồi xác nhận lần nữa.")
        refusal = Refusal(refusal.code, f"{refusal} {words}")
    code = 403 if refusal.code == "scope_unknown" else 400 if refusal.field else 409
    return show(request, site, batch_or_404(request, batch.pk), refusal, code)


def _choose(request: HttpRequest, batch: ImportBatch) -> str:
    sheets = services.sheets_of(batch)
    sheet = request.POST.get("sheet", "")
    if sheet not in sheets:
        raise Refusal("sheet_unknown", _("Hãy chọn trang tính cần nhập."), field="sheet")
    services.preview(batch=batch, actor=request.user, now=timezone.now(), sheet=sheet)
    return _("Đã đọc trang tính. Hãy xem các dòng rồi xác nhận.")


def _again(request: HttpRequest, batch: ImportBatch) -> str:
    services.preview(batch=batch, actor=request.user, now=timezone.now())
    return _("Đã đối chiếu lại với sổ.")


def _confirm(request: HttpRequest, batch: ImportBatch) -> str:
    done = services.confirm(batch=batch, actor=request.user, now=timezone.now())
    return _("Đã nhập %(new)s dòng mới và %(changed)s dòng thay đổi.") % {
        "new": done.rows_new,
        "changed": done.rows_changed,
    }


def _undo(request: HttpRequest, batch: ImportBatch) -> str:
    services.undo(batch=batch, actor=request.user, now=timezone.now())
    return _("Đã hoàn tác. Sổ trở lại như trước lần nhập này.")


def _discard(request: HttpRequest, batch: ImportBatch) -> str:
    services.discard(batch=batch, actor=request.user, now=timezone.now())
    return _("Đã bỏ danh sách. Sổ không thay đổi.")


ACTS: dict[str, Callable[[HttpRequest, ImportBatch], str]] = {
    "sheet": _choose,
    "again": _again,
    "confirm": _confirm,
    "undo": _undo,
    "discard": _discard,
}
