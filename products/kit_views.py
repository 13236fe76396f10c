"""The packaging kit and the tender extract, for who speaks for a facility and for the staff of its province."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from facilities.models import Facility
from facilities.representing import represented
from portal.audit.opening import open_file
from portal.audit.services import record_access
from portal.text.clock import today
from portal.text.errors import Refusal

from . import certificate_print, kit, packaging
from .models import Recognition

REFUSED, WRONG = 409, 400
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
View = Callable[..., HttpResponseBase]


def facility_page(view: View) -> View:
    """A page of one facility that the person may take things out for; any other facility does not exist."""

    @never_cache
    @login_required
    @require_safe
    @wraps(view)
    def inner(request: HttpRequest, facility_uuid: UUID, **kwargs: Any) -> HttpResponseBase:
        facility = kit.facilities_for(request.user).filter(uuid=facility_uuid).first()
        if facility is None:
            raise Http404
        return view(request, facility, **kwargs)

    return inner


@never_cache
@login_required
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The kit of the facility the person speaks for; of several, one is chosen. Two queries."""
    mine = list(represented(request.user).select_related("territory"))
    if not mine:
        raise PermissionDenied(
            _("Biểu trưng và bao bì dành cho người đại diện cơ sở. Cán bộ mở từ trang giấy chứng nhận của sản phẩm.")
        )
    if len(mine) == 1:
        return redirect("packaging", mine[0].uuid)
    return render(request, "applicant/packaging_start.html", {"facilities": mine, "nav": "packaging"})


@facility_page
def overview(request: HttpRequest, facility: Facility) -> HttpResponse:
    """Every recognised product with whether its mark may be printed today. Five queries, however many products."""
    rows = kit.packed(facility, on=today())
    return render(request, "applicant/packaging.html", {**_facts(request, facility), "rows": rows})


@facility_page
def product(request: HttpRequest, facility: Facility, recognition_uuid: UUID) -> HttpResponse:
    """The kit of one recognition; where its mark may not be printed, why."""
    return _product(request, facility, _row_or_404(facility, recognition_uuid))


@facility_page
def mark(request: HttpRequest, facility: Facility, recognition_uuid: UUID, **asked: str) -> HttpResponse:
    """One file of the mark, refused while the mark may not be printed. `xem` only looks and is not counted."""
    row = _row_or_404(facility, recognition_uuid)
    shape, ink, ext = asked["shape"], asked["ink"], asked["ext"]
    if shape not in packaging.FORMS or ink not in packaging.INKS or ext not in packaging.MARK_FORMATS:
        raise Http404
    looks = "xem" in request.GET
    found = kit.kit_of(facility, row, on=today())
    if not found.packed.permit.allowed:
        return _product(request, facility, row, Refusal("not_in_force", kit.refusal_words(found.packed.permit)))
    language = "en" if request.GET.get("tieng") == "en" else "vi"
    try:
        width = packaging.require_width(shape, request.GET.get("rong", ""))
    except Refusal as refusal:
        return _product(request, facility, row, refusal)
    content = packaging.draw(
        found.mark,
        form=shape,
        ink=ink,
        format=ext,
        width=width,
        language=language,
        guide=looks and "khoang" in request.GET,
    )
    if not looks:
        _count(request, row, _("%(form)s, %(ink)s, %(ext)s") % _named(shape, ink, ext))
    name = kit.file_name(row, shape, ink, f"{width}mm", "en" if language == "en" else "")
    return _file(content, packaging.TYPES[ext], f"{name}.{ext}", inline=looks)


@facility_page
def qr(request: HttpRequest, facility: Facility, recognition_uuid: UUID, ext: str) -> HttpResponse:
    """The QR code that leads to the check page, refused like the mark."""
    row = _row_or_404(facility, recognition_uuid)
    found = kit.kit_of(facility, row, on=today())
    if ext not in packaging.QR_FORMATS or not found.check:
        raise Http404
    if not found.packed.permit.allowed:
        return _product(request, facility, row, Refusal("not_in_force", kit.refusal_words(found.packed.permit)))
    content = packaging.qr(found.check, format=ext, width=packaging.SMALLEST_QR)
    if "xem" not in request.GET:
        _count(request, row, _("mã QR, %(ext)s") % {"ext": ext})
    name = kit.file_name(row, "ma-qr")
    return _file(content, packaging.TYPES[ext], f"{name}.{ext}", inline="xem" in request.GET)


@facility_page
def paper(request: HttpRequest, facility: Facility, recognition_uuid: UUID, paper_uuid: UUID) -> HttpResponseBase:
    """A file of the facility's own certificate in use: the scan or the signed PDF."""
    row = _row_or_404(facility, recognition_uuid)
    papers = kit.kit_of(facility, row, on=today()).papers
    found = next((one for one in papers if one.uuid == paper_uuid), None)
    if found is None:
        raise Http404
    return open_file(
        request,
        found.file,
        filename=f"giay-chung-nhan-{row.product.slug}-{found.kind}",
        action="certificate.paper_read",
        sentence=_("Xem “%(kind)s” của “%(product)s”.")
        % {"kind": found.get_kind_display(), "product": row.product.name},
        subject=row,
        territory=row.territory,
    )


def _row_or_404(facility: Facility, uuid: UUID) -> Recognition:
    row = kit.recognitions_of(facility).filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def _product(
    request: HttpRequest, facility: Facility, row: Recognition, refusal: Refusal | None = None
) -> HttpResponse:
    found = kit.kit_of(facility, row, on=today())
    context = {
        **_facts(request, facility),
        "kit": found,
        "row": row,
        "own_code": certificate_print.own_codes(facility, on=today()).get(row.pk, ""),
        "forms": [
            (key, words, packaging.SMALLEST[key], packaging.USUAL[key]) for key, words in packaging.FORMS.items()
        ],
        "inks": packaging.INKS.items(),
        "exts": packaging.MARK_FORMATS,
        "smallest_qr": packaging.SMALLEST_QR,
        "largest": packaging.LARGEST,
        "refusal": refusal,
    }
    status = 200 if refusal is None else WRONG if refusal.field else REFUSED
    return render(request, "applicant/packaging_product.html", context, status=status)


def _facts(request: HttpRequest, facility: Facility) -> dict[str, Any]:
    is_mine = represented(request.user).filter(pk=facility.pk).exists()
    return {"facility": facility, "is_mine": is_mine, "nav": "packaging"}


def _named(form: str, ink: str, ext: str) -> dict[str, str]:
    return {"form": str(packaging.FORMS[form]), "ink": str(packaging.INKS[ink]).lower(), "ext": ext.upper()}


def _count(request: HttpRequest, row: Recognition, what: str) -> None:
    record_access(
        request,
        action=kit.DOWNLOADED,
        sentence=_("Tải biểu trưng của “%(product)s”: %(what)s.") % {"product": row.product.name, "what": what},
        subject=row,
        territory=row.territory,
    )


def _file(content: bytes, kind: str, name: str, *, inline: bool) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = _POLICY
    return answer
