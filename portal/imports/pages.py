"""The desk's pages of imports: choosing a kind, uploading, looking through the preview, confirming, undoing."""

import io
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.sheets import XLSX, write_xlsx

from . import queries, running, services
from .blanks import blank
from .enums import AT_WORK, BatchState
from .forms import SheetForm, UploadForm
from .models import ImportBatch
from .registry import Importer, importer_of, offered

REFRESH_SECONDS = 3
CHANGE = "admin:imports_importbatch_change"
S = BatchState


def batch_or_404(request: HttpRequest, pk: int) -> ImportBatch:
    rows = ImportBatch.objects.visible_to(request.user).select_related(
        "actor", "applied_by", "asked_by", "undone_by", "file"
    )
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
    stuck = running.is_stuck(batch, now=timezone.now())
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
        refusal=refusal or _told(batch),
        running=batch.state in AT_WORK,
        stuck=stuck,
    )
    response = render(request, "admin/imports/batch.html", context, status=status)
    if batch.state in AT_WORK and not stuck:
        response["Refresh"] = f"{REFRESH_SECONDS};url={reverse(CHANGE, args=[batch.pk])}"
    return response


def _told(batch: ImportBatch) -> Refusal | None:
    """Why the worker wrote nothing the last time."""
    if not batch.refusal:
        return None
    first, *more = batch.refusal
    return Refusal("not_written", first, details=tuple(more))


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
        if batch.state in AT_WORK and run not in WHEN_STUCK:  # told at once: the worker holds the row's lock
            raise services.out_of_order(batch)
        words = run(request, batch)
    except Refusal as refusal:
        code = 403 if refusal.code == "scope_unknown" else 400 if refusal.field else 409
        return show(request, site, batch_or_404(request, batch.pk), refusal, code)
    if words:
        messages.success(request, words)
    return redirect(CHANGE, pk)


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
    running.ask_to_apply(batch=batch, actor=request.user, now=timezone.now())
    return ""


def _undo(request: HttpRequest, batch: ImportBatch) -> str:
    running.ask_to_undo(batch=batch, actor=request.user, now=timezone.now())
    return ""


def _once_more(request: HttpRequest, batch: ImportBatch) -> str:
    running.ask_again(batch=batch, actor=request.user, now=timezone.now())
    return ""


def _stop(request: HttpRequest, batch: ImportBatch) -> str:
    running.stop(batch=batch, actor=request.user, now=timezone.now())
    return _("Đã dừng. Chưa ghi gì.")


def _discard(request: HttpRequest, batch: ImportBatch) -> str:
    services.discard(batch=batch, actor=request.user, now=timezone.now())
    return _("Đã bỏ danh sách. Sổ không thay đổi.")


ACTS: dict[str, Callable[[HttpRequest, ImportBatch], str]] = {
    "sheet": _choose,
    "again": _again,
    "confirm": _confirm,
    "undo": _undo,
    "retry": _once_more,
    "stop": _stop,
    "discard": _discard,
}
WHEN_STUCK = (_once_more, _stop)
