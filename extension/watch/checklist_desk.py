"""The inspector's checklist for a phone: works without reception, keeps answers and photos until they are sent.

Thin: who asks, what they sent, which page answers. What a person may not see is 404. The script's own requests are
answered in JSON with a code and a sentence; they are never led to the login page, which would keep the photos there.
"""

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.queries import staff_reach
from portal.accounts.staff_pages import VIEWERS, for_staff
from portal.files.responses import serve
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import AGAINST, FORBIDDEN, WRONG, status_of
from portal.text.offline import worker

from ..enums import ChecklistAnswer, InspectionState
from ..models import Inspection
from ..services import inspecting
from ..services.findings import Found
from . import queries
from .checklist_input import from_form, from_json, photos_from, revision_of, taken_from
from .checklist_page import Redrawn, draw
from .checklist_words import script_words
from .desk import USUAL_TERM
from .forms import FindingForm

PAGE, OK, GONE, UNPROCESSABLE, NO_SESSION = "admin:checklist", 200, 404, 422, 401


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own. The worker must answer whoever asks, or no device could renew it."""
    guarded = for_staff(site)
    return [
        path("kiem-tra/", guarded(home), name="checklists"),
        path("kiem-tra/sw.js", worker, name="checklist_worker"),
        path("kiem-tra/mat-song/", guarded(offline), name="checklist_offline"),
        path("kiem-tra/<uuid:uuid>/", guarded(sheet), name="checklist"),
        path("kiem-tra/<uuid:uuid>/luu/", save, name="checklist_save"),
        path("kiem-tra/<uuid:uuid>/anh/", photo, name="checklist_photo"),
        path("kiem-tra/<uuid:uuid>/tep/<int:pk>/", guarded(picture), name="checklist_picture"),
        path("kiem-tra/<uuid:uuid>/tep/<int:pk>/bo/", guarded(drop), name="checklist_photo_drop"),
        path("kiem-tra/<uuid:uuid>/xong/", guarded(finish), name="checklist_finish"),
    ]


def _inspection_or_404(user: Any, uuid: UUID) -> Inspection:
    rows = Inspection.objects.visible_to(user).select_related("project__territory", "project__implementing_unit")
    found: Inspection | None = rows.filter(uuid=uuid).first()
    if found is None:
        raise Http404(_("Không có lần kiểm tra này."))
    return found


@never_cache
@require_safe
def home(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """What the person is sent on, soonest first, and what is done. Three queries."""
    rows = list(queries.own_inspections(request.user).order_by("planned_on", "pk")[:200])
    context = {
        "planned": [row for row in rows if row.state == InspectionState.PLANNED],
        "done": [row for row in reversed(rows) if row.state == InspectionState.DONE][:20],
        "on": today(),
    }
    return render(request, "admin/extension/checklists.html", context)


@never_cache
@require_safe
def offline(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """What stands where there is no network and no copy; kept on the device with the first page."""
    return render(request, "admin/extension/checklist_offline.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponse:
    """The checklist while it is planned, else what was found. Eight queries besides the login for reading."""
    inspection = _inspection_or_404(request.user, uuid)
    may_write = inspection.state == InspectionState.PLANNED and inspecting.may_inspect(request.user, inspection)
    if not may_write:
        if request.method == "POST":
            raise PermissionDenied(_("Phiếu này chỉ xem được: đã kết thúc, hoặc bạn không được giao kiểm tra."))
        return render(request, "admin/extension/checklist_done.html", _shown(inspection))
    if request.method == "POST":
        return _posted(request, inspection)
    return _form(request, inspection)


def _posted(request: HttpRequest, inspection: Inspection) -> HttpResponse:
    """A whole form: save it with its photos, then stay or go on to the end. What was refused is drawn again.

    The right photos are kept even when the words are refused: no page can give a browser its files back.
    """
    now = timezone.now()
    sent = from_form(request.POST)
    refusal: Refusal | None = None
    try:
        inspecting.save_sheet(inspection=inspection, sent=sent, actor=request.user, now=now)
    except Refusal as refused:
        refusal = refused
    wrong = _take_photos(request, inspection, now)
    inspection.refresh_from_db(fields=["revision", *inspecting.WORDS, *inspecting.SPOT])
    faults = {name: str(found) for name, found in wrong.items()}
    if refusal:
        if refusal.field:
            faults[refusal.field] = str(refusal)
        again = Redrawn(sent, faults, is_stale=isinstance(refusal, inspecting.Stale))
        return _form(request, inspection, refusal=refusal, again=again, unsaved=True)
    if wrong:
        return _form(request, inspection, refusal=next(iter(wrong.values())), again=Redrawn(faults=faults))
    if request.POST.get("act") != "finish":
        messages.success(request, _("Đã lưu phiếu kiểm tra."))
        return _see_other(PAGE, inspection)
    try:
        inspecting.require_complete(inspection, timezone.localdate(now))
    except inspecting.Incomplete as incomplete:
        return _form(request, inspection, refusal=incomplete, again=Redrawn(faults=incomplete.missing))
    return _see_other("admin:checklist_finish", inspection)


def _take_photos(request: HttpRequest, inspection: Inspection, now: dt.datetime) -> dict[str, Refusal]:
    """Keep every photo of the form that is right; why not, by input, for the others."""
    wrong: dict[str, Refusal] = {}
    for taken in photos_from(request.FILES, within=inspection.uuid, now=now):
        try:
            inspecting.add_photo(inspection=inspection, taken=taken, actor=request.user, now=now)
        except Refusal as refusal:
            wrong[f"photo{taken.item or ''}"] = refusal
    return wrong


def _see_other(name: str, inspection: Inspection) -> HttpResponse:
    return HttpResponseRedirect(reverse(name, args=[inspection.uuid]), status=303)


def _form(
    request: HttpRequest,
    inspection: Inspection,
    *,
    refusal: Refusal | None = None,
    again: Redrawn | None = None,
    unsaved: bool = False,
) -> HttpResponse:
    """`unsaved`: what stands in the inputs is not on the server."""
    shown = _shown(inspection)
    context = shown | {
        "page": draw(inspection, shown["lines"], shown["others"], again or Redrawn()),
        "refusal": refusal,
        "unsaved": unsaved,
        "words": script_words(),
        "answers": ChecklistAnswer.choices,
        "saved_at": inspection.history.latest().history_date if inspection.revision else None,
    }
    return render(request, "admin/extension/checklist.html", context, status=status_of(refusal) if refusal else OK)


def _shown(inspection: Inspection) -> dict[str, Any]:
    lines, others = queries.lines_of(inspection, today())
    return {
        "inspection": inspection,
        "project": inspection.project,
        "lines": lines,
        "others": others,
        "people": list(inspection.inspectors.all()),
        "facilities": list(inspection.project.beneficiaries.select_related("facility", "facility__territory")),
        "findings": list(inspection.findings.all()) if inspection.state == InspectionState.DONE else [],
    }


def _scripted(request: HttpRequest) -> JsonResponse | None:
    """Why a script's request cannot be answered at all: no session, another person's, or no place at the desk."""
    user: Any = request.user
    if not user.is_authenticated:
        return _said("login", _("Phiên đăng nhập đã hết. Hãy đăng nhập lại ở thẻ khác rồi gửi lại."), NO_SESSION)
    if request.headers.get("X-Writer", str(user.uuid)) != str(user.uuid):
        # Written by one person, sent under another's login on the same device: never onto the other's name.
        words = _("Trình duyệt này đang đăng nhập bằng tài khoản khác. Hãy đăng nhập lại bằng tài khoản đã ghi phiếu.")
        return _said("login", words, NO_SESSION)
    if not VIEWERS & staff_reach(user).roles:
        return _said("not_allowed", _("Trang này dành cho cán bộ Sở Công Thương và Cục."), FORBIDDEN)
    return None


def _said(code: str, sentence: Any, status: int, **more: Any) -> JsonResponse:
    return JsonResponse({"code": code, "sentence": str(sentence), **more}, status=status)


@never_cache
@require_POST
def save(request: HttpRequest, uuid: UUID) -> JsonResponse:
    """Autosave. Answers with the new revision, or says why not and what the server holds."""
    refused = _scripted(request)
    if refused:
        return refused
    now = timezone.now()
    try:
        inspection = _inspection_or_404(request.user, uuid)
        saved = inspecting.save_sheet(inspection=inspection, sent=from_json(request.body), actor=request.user, now=now)
    except Http404:
        return _said("not_found", _("Lần kiểm tra này không còn trong danh sách của bạn."), GONE)
    except ValueError:
        return _said("malformed", _("Máy chủ không đọc được dữ liệu gửi lên."), WRONG)
    except inspecting.Stale as stale:
        return _said(stale.code, stale, AGAINST, server_time=now.isoformat(), **_held(stale.inspection))
    except Refusal as refusal:
        return _said(refusal.code, refusal, status_of(refusal))
    said = {"revision": saved.revision, "saved_at": f"{timezone.localtime(now):%H:%M}"}
    return JsonResponse({**said, "server_time": now.isoformat()})


def _held(inspection: Inspection) -> dict[str, Any]:
    """All that the server holds of a sheet, so that the page can tell what only one side has touched."""
    values: dict[str, dict[str, str]] = {
        str(pk): {"answer": row.answer, "note": row.note} for pk, row in queries.answers_of(inspection).items()
    }
    values[""] = {name: getattr(inspection, name) for name in inspecting.WORDS} | {"spot": spot_text(inspection)}
    at = timezone.localtime(inspection.history.latest().history_date)
    return {"revision": inspection.revision, "saved_at": f"{at:%H:%M}", "values": values}


def spot_text(inspection: Inspection) -> str:
    """The place as the page's script writes it; empty where none was taken."""
    if inspection.latitude is None or inspection.longitude is None:
        return ""
    return f"{inspection.latitude:.6f},{inspection.longitude:.6f},{inspection.accuracy or 0}"


@never_cache
@require_POST
def photo(request: HttpRequest, uuid: UUID) -> JsonResponse:
    """One photo from the device; sent twice it is kept once."""
    refused = _scripted(request)
    if refused:
        return refused
    now = timezone.now()
    try:
        inspection = _inspection_or_404(request.user, uuid)
        upload = request.FILES.get("photo")
        if upload is None:
            return _said("malformed", _("Máy chủ không đọc được dữ liệu gửi lên."), WRONG)
        taken = taken_from(request.POST, upload, now=now)
        kept = inspecting.add_photo(inspection=inspection, taken=taken, actor=request.user, now=now)
    except Http404:
        return _said("not_found", _("Lần kiểm tra này không còn trong danh sách của bạn."), GONE)
    except ValueError:
        return _said("malformed", _("Máy chủ không đọc được dữ liệu gửi lên."), WRONG)
    except Refusal as refusal:
        return _said(refusal.code, refusal, UNPROCESSABLE if refusal.field else status_of(refusal))
    return JsonResponse({"key": str(kept.key), "pk": kept.pk})


@require_safe
def picture(request: HttpRequest, site: AdminSite, uuid: UUID, pk: int) -> HttpResponseBase:
    """One photo of an inspection, small with ?rong=."""
    inspection = _inspection_or_404(request.user, uuid)
    found = inspection.photos.select_related("file").filter(pk=pk).first()
    if found is None:
        raise Http404
    return serve(found.file, filename=f"kiem-tra-{found.key}", inline=True, request=request)


@require_POST
def drop(request: HttpRequest, site: AdminSite, uuid: UUID, pk: int) -> HttpResponse:
    """Take one photo out of a sheet that is still being written."""
    inspection = _inspection_or_404(request.user, uuid)
    found = inspection.photos.select_related("file").filter(pk=pk).first()
    if found is not None:
        found.inspection = inspection
        try:
            inspecting.remove_photo(photo=found, actor=request.user)
            messages.success(request, _("Đã bỏ ảnh."))
        except Refusal as refusal:
            messages.error(request, str(refusal))
    return _see_other(PAGE, inspection)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def finish(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponse:
    """What is still missing; else each question that failed with the finding it becomes, and one button."""
    inspection = _inspection_or_404(request.user, uuid)
    if inspection.state != InspectionState.PLANNED:
        return redirect(PAGE, inspection.uuid)
    if not inspecting.may_inspect(request.user, inspection):
        raise PermissionDenied(
            _("Chỉ người được giao kiểm tra và cán bộ khuyến công của tỉnh được kết thúc phiếu này.")
        )
    lines, _others = queries.lines_of(inspection, today())
    failed = [line for line in lines if line.answer == ChecklistAnswer.NO]
    data = request.POST if request.method == "POST" else None
    forms = [_finding_form(line, data) for line in failed]
    refusal: Refusal | None = None
    if data is not None and revision_of(request.POST) != inspection.revision:
        said = _("Phiếu vừa được sửa ở máy khác. Hãy xem lại trang này rồi bấm kết thúc lần nữa.")
        refusal = Refusal("stale", said)
    elif data is not None and all(form.is_valid() for form in forms):
        try:
            found: list[Found] = [form.found() for form in forms]
            inspecting.finish_inspection(
                inspection=inspection,
                findings=found,
                revision=revision_of(request.POST),
                actor=request.user,
                now=timezone.now(),
            )
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(request, _("Đã kết thúc kiểm tra. Tồn tại được gửi tới đơn vị thực hiện và cơ sở."))
            return _see_other(PAGE, inspection)
    context = {
        "inspection": inspection,
        "project": inspection.project,
        "missing": list(inspecting.missing_in(inspection, today()).values()),
        "is_sent": data is not None,
        "rows": list(zip(failed, forms, strict=True)),
        "refusal": refusal,
    }
    status = OK if data is None else (status_of(refusal) if refusal else WRONG)
    return render(request, "admin/extension/checklist_finish.html", context, status=status)


def _finding_form(line: queries.Line, data: Any) -> FindingForm:
    """A question that failed while the form was being filled in stands there as on a page just opened."""
    start = {"text": line.note or line.item.question, "due_on": today() + USUAL_TERM}
    prefix = f"tt{line.item.pk}"
    was_there = data is not None and f"{prefix}-text" in data
    return FindingForm(data if was_there else None, initial=start, prefix=prefix)
