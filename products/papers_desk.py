"""The desk's page of what is attached to a certificate: the scan, the signed file, what its signature is worth."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.staff_pages import for_staff
from portal.audit.opening import open_file
from portal.text.errors import Refusal
from portal.text.inputs import apply_refusal

from . import codes, rules, signing_words
from .enums import PaperKind, SignatureState
from .models import Certificate, CertificatePaper, TrustRoot
from .paper_forms import PaperForm, TakeDownForm
from .services import papers

TAKE_DOWN = "take_down"
OK, WRONG, AGAINST = 200, 400, 409


@dataclass(frozen=True)
class Place:
    """One of the two places of a certificate: what is there, what was there, and the form for another."""

    kind: str
    label: str
    paper: CertificatePaper | None
    lines: list[signing_words.Line]
    plain: str
    belongs: str
    earlier: list[CertificatePaper]
    form: forms.Form | None


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path("products/certificate/<int:pk>/tep/", guarded(show), name="products_certificate_papers"),
        path("products/certificate/<int:pk>/tep/<uuid:paper_uuid>/", guarded(file), name="products_certificate_paper"),
    ]


def _certificate_or_404(request: HttpRequest, pk: int) -> Certificate:
    rows = Certificate.objects.visible_to(request.user).select_related(  # type: ignore[attr-defined]
        "recognition__product__facility", "recognition__territory"
    )
    found: Certificate | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """Both places, and what was found in the signed file. Eight queries, however many files were replaced."""
    certificate = _certificate_or_404(request, pk)
    may_change = rules.may_end(request.user, certificate.recognition)
    bound: dict[str, forms.Form] = {}
    status = OK
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied(_("Chỉ cơ quan đã công nhận mới đưa tệp lên giấy chứng nhận này."))
        act = request.POST.get("act", "")
        said, status = _act(request, certificate, act, bound)
        if said:
            messages.success(request, said)
            return redirect("admin:products_certificate_papers", pk)
    return render(
        request, "admin/products/papers.html", _page(request, site, certificate, may_change, bound), status=status
    )


def _act(request: HttpRequest, certificate: Certificate, act: str, bound: dict[str, forms.Form]) -> tuple[str, int]:
    """Carry out one act: the words for a done one, else the status; the form with its errors goes into `bound`."""
    if act in PaperKind.values:
        form: forms.Form = PaperForm(act, request.POST, request.FILES)
    elif act == TAKE_DOWN:
        form = TakeDownForm(request.POST)
    else:
        return "", WRONG
    bound[act] = form
    if not form.is_valid():
        return "", WRONG
    try:
        return _carried_out(request, certificate, act, form.cleaned_data), OK
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return "", WRONG if refusal.field else AGAINST


def _carried_out(request: HttpRequest, certificate: Certificate, act: str, given: dict[str, Any]) -> str:
    now = timezone.now()
    if act == TAKE_DOWN:
        in_use = certificate.papers.filter(replaced_at=None).select_related(
            "file", "certificate__recognition__territory"
        )
        paper = next((row for row in in_use if str(row.uuid) == request.POST.get("paper")), None)
        if paper is None:
            raise Refusal("already_replaced", _("Tệp này đã thôi dùng rồi."))
        papers.take_down_paper(paper=paper, reason=given["reason"], actor=request.user, now=now)
        return _("Đã thôi dùng tệp. Tệp vẫn được giữ.")
    paper = papers.attach_paper(certificate=certificate, kind=act, upload=given["upload"], actor=request.user, now=now)
    return signing_words.plain(paper) if act == PaperKind.SIGNED else _("Đã nhận bản chụp.")


def _page(
    request: HttpRequest, site: AdminSite, certificate: Certificate, may_change: bool, bound: dict[str, forms.Form]
) -> dict[str, Any]:
    rows = list(certificate.papers.select_related("file", "added_by"))
    kinds = [PaperKind.SIGNED, PaperKind.SCAN]
    return {
        **site.each_context(request),
        "opts": Certificate._meta,
        "has_view_permission": True,
        "title": _("Tệp của giấy chứng nhận %(code)s") % {"code": codes.display(certificate.code)},
        "certificate": certificate,
        "recognition": certificate.recognition,
        "code": codes.display(certificate.code),
        "places": [_place(kind, rows, may_change, bound) for kind in kinds],
        "take_down": bound.get(TAKE_DOWN) or TakeDownForm(),
        "may_change": may_change,
        "roots": TrustRoot.objects.count(),
        "states": SignatureState,
    }


def _place(kind: PaperKind, rows: list[CertificatePaper], may_change: bool, bound: dict[str, forms.Form]) -> Place:
    mine = [row for row in rows if row.kind == kind]
    paper = next((row for row in mine if row.replaced_at is None), None)
    signed = paper if paper and kind == PaperKind.SIGNED else None
    return Place(
        kind=kind.value,
        label=str(kind.label),
        paper=paper,
        lines=signing_words.lines(signed) if signed else [],
        plain=signing_words.plain(signed) if signed else "",
        belongs=signing_words.belongs_words(signed) if signed else "",
        earlier=[row for row in mine if row.replaced_at is not None],
        form=(bound.get(kind) or PaperForm(kind)) if may_change else None,
    )


@require_safe
def file(request: HttpRequest, site: AdminSite, pk: int, paper_uuid: UUID) -> HttpResponseBase:
    """One attached file, in use or replaced."""
    certificate = _certificate_or_404(request, pk)
    paper = certificate.papers.select_related("file").filter(uuid=paper_uuid).first()
    if paper is None:
        raise Http404
    code = codes.display(certificate.code)
    return open_file(
        request,
        paper.file,
        filename=f"giay-chung-nhan-{code}-{paper.kind}",
        action="certificate.paper_read",
        sentence=_("Xem “%(kind)s” của giấy chứng nhận %(code)s.") % {"kind": paper.get_kind_display(), "code": code},
        subject=certificate,
        territory=certificate.recognition.territory,
    )
