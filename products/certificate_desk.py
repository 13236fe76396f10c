"""The desk's pages of certificates: numbering a decision's at once, printing them for a ceremony, issuing again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.staff_pages import for_staff
from portal.audit.services import record_access
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.folding import sort_key
from portal.text.inputs import apply_refusal
from portal.text.slugs import slugify

from . import certificate_facts, certificate_print, codes, rules, services
from .certificate_forms import LANGUAGES, PRINT_ORDERS, IssueForm, ReissueForm
from .enums import ProductGroup
from .models import Certificate, Decision

ON_A_PAGE = 25
ISSUE = "issue"
OK, WRONG, AGAINST = 200, 400, 409
_GROUPS = {group.value: place for place, group in enumerate(ProductGroup)}


@dataclass(frozen=True)
class Line:
    """A certificate on the page of its decision: what speaks against a number, the number it would get, the tick."""

    certificate: Certificate
    why: str
    number: str
    chosen: bool


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    start = "products/cap-giay"
    return [
        path(f"{start}/", guarded(decisions), name="products_certificate_decisions"),
        path(f"{start}/<int:pk>/", guarded(issue), name="products_certificate_issue"),
        path(f"{start}/<int:pk>/in/", guarded(choose_print), name="products_certificate_print"),
        path(f"{start}/<int:pk>/in/giay-chung-nhan.pdf", guarded(batch), name="products_certificate_batch"),
        path("products/certificate/<int:pk>/giay.pdf", guarded(single), name="products_certificate_pdf"),
        path("products/certificate/<int:pk>/cap-lai/", guarded(reissue), name="products_certificate_reissue"),
    ]


# --- a decision's certificates ----------------------------------------------------------------------------------


@require_safe
def decisions(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Decisions with certificates, those that wait for numbers first. Three queries."""
    mine = Certificate.objects.visible_to(request.user)  # type: ignore[attr-defined]
    counted = {
        "waiting": Count("recognitions__certificates", filter=_of(mine, waiting=True), distinct=True),
        "numbered": Count("recognitions__certificates", filter=_of(mine, waiting=False), distinct=True),
    }
    rows = Decision.objects.visible_to(request.user).annotate(**counted)  # type: ignore[attr-defined]
    shown = rows.filter(Q(waiting__gt=0) | Q(numbered__gt=0)).order_by("-year", "-signed_on", "-pk")
    page = Paginator(shown, ON_A_PAGE).get_page(request.GET.get("page"))
    title = _("Cấp giấy chứng nhận")
    return render(request, "admin/products/certificates/decisions.html", _context(site, request, title, page=page))


def _of(mine: QuerySet[Certificate], *, waiting: bool) -> Q:
    name = "recognitions__certificates"
    unnumbered = Q(**{f"{name}__official_number": ""})
    return Q(**{f"{name}__superseded_on": None, f"{name}__in": mine}) & (unnumbered if waiting else ~unnumbered)


@require_http_methods(["GET", "HEAD", "POST"])
def issue(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """Certificates of one decision without a number: look at the numbers, then give them all in one act."""
    decision = _decision_or_404(request, pk)
    rows = _certificates(request, decision)
    waiting = [row for row in rows if not row.official_number]
    may = any(rules.may_end(request.user, row.recognition) for row in waiting)
    form = IssueForm(request.POST) if request.method == "POST" else IssueForm(initial=_initial(decision, waiting))
    status = OK
    if request.method == "POST":
        if not may:
            raise PermissionDenied(_("Chỉ cơ quan đã công nhận mới cấp giấy chứng nhận theo quyết định này."))
        status = _issued(request, form, waiting)
        if status == OK and request.POST.get("act") == ISSUE:
            return redirect("admin:products_certificate_print", pk)
    lines = _lines(request, form, waiting)
    shown = {
        "decision": decision,
        "form": form,
        "lines": lines,
        "some": any(not line.why for line in lines),
        "numbered": len(rows) - len(waiting),
        "may": may,
    }
    title = _("Cấp giấy chứng nhận")
    page = _context(site, request, title, **shown)
    return render(request, "admin/products/certificates/issue.html", page, status=status)


def _initial(decision: Decision, waiting: list[Certificate]) -> dict[str, Any]:
    """What the decision leads one to expect; a decision is the authority's, so all of it have one issuer."""
    on = max(today(), decision.signed_on or today())
    if not waiting:
        return {"on": on}
    terms = certificate_facts.suggested_terms(waiting[0].recognition, on)
    return IssueForm.initial_of(terms) | {"pattern": services.pattern_for(terms.issuer, on.year), "order": "nhom"}


def _issued(request: HttpRequest, form: IssueForm, waiting: list[Certificate]) -> int:
    if not form.is_valid():
        return WRONG
    if request.POST.get("act") != ISSUE:
        return OK
    given = form.cleaned_data
    chosen = set(request.POST.getlist("chosen"))
    rows = [row for row in ordered(waiting, given["order"]) if str(row.pk) in chosen]
    try:
        for row in rows:
            rules.require_end(request.user, row.recognition)
        done = services.issue_batch(
            certificates=rows,
            issuer=given["issuer"],
            actor=request.user,
            on=given["on"],
            pattern=given["pattern"],
            place=given["place"],
            signer_title=given["signer_title"],
        )
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return WRONG if refusal.field else AGAINST
    first, last = done[0].official_number, done[-1].official_number
    words = _("Đã cấp %(count)s giấy chứng nhận, từ số %(first)s đến số %(last)s.")
    messages.success(request, words % {"count": len(done), "first": first, "last": last})
    return OK


def _lines(request: HttpRequest, form: IssueForm, waiting: list[Certificate]) -> list[Line]:
    """The certificates in the order of their numbers, with the number each would get now. Two queries more."""
    given = form.cleaned_data if form.is_bound and form.is_valid() else form.initial
    if form.is_bound and not form.is_valid():
        given = _initial(waiting[0].recognition.decision, waiting) if waiting else {}  # type: ignore[arg-type]
    if not waiting:
        return []
    on = given["on"]
    chosen = set(request.POST.getlist("chosen")) if form.is_bound else None
    rows = [(row, services.why_not_issue(row, on=on)) for row in ordered(waiting, given["order"])]
    ticked = [not why and (chosen is None or str(row.pk) in chosen) for row, why in rows]
    try:
        numbers = iter(services.next_numbers(given["issuer"], on=on, count=sum(ticked), pattern=given["pattern"]))
    except Refusal as refusal:
        if form.is_bound:
            apply_refusal(form, refusal)
        numbers = iter(())
    return [
        Line(row, why, next(numbers, "") if tick else "", tick) for (row, why), tick in zip(rows, ticked, strict=True)
    ]


# --- printing ---------------------------------------------------------------------------------------------------


@require_safe
def choose_print(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """Which language, which order; then one file. Three queries."""
    decision = _decision_or_404(request, pk)
    rows = _certificates(request, decision)
    numbered = sum(1 for row in rows if row.official_number)
    shown = {
        "decision": decision,
        "numbered": numbered,
        "waiting": len(rows) - numbered,
        "languages": LANGUAGES,
        "orders": PRINT_ORDERS,
    }
    title = _("In giấy chứng nhận")
    return render(request, "admin/products/certificates/print.html", _context(site, request, title, **shown))


@require_safe
def batch(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponseBase:
    """The decision's certificates as one file, sent while it is made; with `mau`, the unnumbered ones as drafts."""
    decision = _decision_or_404(request, pk)
    drafts = "mau" in request.GET
    rows = [row for row in _certificates(request, decision) if bool(row.official_number) != drafts]
    if not rows:
        raise Http404
    languages = _languages(request)
    record_access(
        request,
        action="certificates.print",
        sentence=_("In %(count)s giấy chứng nhận theo quyết định %(decision)s.")
        % {"count": len(rows), "decision": decision}
        if not drafts
        else _("In %(count)s bản mẫu giấy chứng nhận theo quyết định %(decision)s để soát chữ.")
        % {"count": len(rows), "decision": decision},
        subject=decision,
        territory=decision.territory,
        data={"certificates": len(rows), "languages": languages},
    )
    keys = [row.pk for row in ordered(rows, request.GET.get("thu-tu", "so"))]
    pieces = certificate_print.pdf_pieces(keys, languages, on=today())
    return _as_file(StreamingHttpResponse(pieces), f"giay-chung-nhan-{slugify(decision.full_number)}")


@require_safe
def single(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponseBase:
    """One certificate as PDF, as it stands today."""
    certificate = _certificate_or_404(request, pk)
    record_access(
        request,
        action="certificate.print",
        sentence=_("In giấy chứng nhận mã %(code)s.") % {"code": codes.display(certificate.code)},
        subject=certificate,
        territory=certificate.recognition.territory,
    )
    made = certificate_print.pdf(certificate, _languages(request), on=today())
    return _as_file(HttpResponse(made), f"giay-chung-nhan-{certificate.code.lower()}")


def _languages(request: HttpRequest) -> list[str]:
    asked = request.GET.get("tieng", "vi")
    return asked.split("-") if asked in dict(LANGUAGES) else ["vi"]


def _as_file(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Type"] = "application/pdf"
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def ordered(rows: Iterable[Certificate], order: str) -> list[Certificate]:
    """In the order in which they are handed out: by number, group, locality, maker or product."""
    keys: dict[str, Callable[[Certificate], Any]] = {
        "so": lambda row: (row.book_id or 0, row.serial or 0, row.official_number),
        "nhom": lambda row: _GROUPS.get(row.recognition.product.group, len(_GROUPS)),
        "dia-ban": lambda row: sort_key(row.recognition.locality),
        "co-so": _maker,
        "san-pham": lambda row: row.recognition.product.sort_key,
    }
    first = keys.get(order, keys["so"])
    return sorted(rows, key=lambda row: (first(row), _maker(row), row.recognition.product.sort_key, row.pk))


def _maker(row: Certificate) -> str:
    facility = row.recognition.product.facility
    return facility.sort_key if facility else ""


# --- issuing again ----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def reissue(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """Issue a certificate again: why, on which day, with which words."""
    certificate = _certificate_or_404(request, pk)
    if not rules.may_end(request.user, certificate.recognition):
        raise PermissionDenied(_("Chỉ cơ quan đã công nhận mới cấp lại giấy chứng nhận này."))
    form = ReissueForm(request.POST or None, initial=_words_of(certificate))
    status = OK
    if request.method == "POST":
        new = _reissued(request, form, certificate)
        if new:
            words = _("Đã cấp lại giấy chứng nhận, mã mới %(code)s. Bản cũ được giữ và trả lời là đã thay.")
            messages.success(request, words % {"code": codes.display(new.code)})
            return redirect("admin:products_certificate_change", new.pk)
        status = WRONG
    title = _("Cấp lại giấy chứng nhận")
    page = _context(site, request, title, certificate=certificate, form=form)
    return render(request, "admin/products/certificates/reissue.html", page, status=status)


def _words_of(certificate: Certificate) -> dict[str, Any]:
    """The words the register holds now, and the terms of the earlier paper where it is known."""
    terms = certificate_facts.suggested_terms(certificate.recognition, today())
    content = certificate_facts.content_of(certificate.recognition, code="", number="", edition=1, terms=terms)
    words = {name: content[name] for name in ("holder", "holder_address", "product")}
    known = {name: certificate.content[name] for name in ("issuer", "place", "signer_title") if certificate.content}
    return ReissueForm.initial_of(terms) | words | known


def _reissued(request: HttpRequest, form: ReissueForm, certificate: Certificate) -> Certificate | None:
    if not form.is_valid():
        return None
    given = form.cleaned_data
    changed = {name: given[name] for name in ("holder", "holder_address", "product") if name in form.changed_data}
    try:
        return services.reissue_certificate(
            recognition=certificate.recognition,
            kind=given["kind"],
            on=given["on"],
            reason=given["reason"],
            issuer=given["issuer"],
            place=given["place"],
            signer_title=given["signer_title"],
            actor=request.user,
            **changed,
        )
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return None


# --- what the pages share -----------------------------------------------------------------------------------------


def editions(certificate: Certificate) -> list[Certificate]:
    """Every edition of the recognition's certificate, newest first. One query."""
    return list(certificate.recognition.certificates.select_related("book").order_by("-edition", "-pk"))


def _decision_or_404(request: HttpRequest, pk: int) -> Decision:
    rows = Decision.objects.visible_to(request.user).select_related("territory")  # type: ignore[attr-defined]
    found: Decision | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _certificates(request: HttpRequest, decision: Decision) -> list[Certificate]:
    """The certificates in use of a decision's recognitions that the person reaches."""
    rows = Certificate.objects.visible_to(request.user)  # type: ignore[attr-defined]
    return list(certificate_print.printable(rows.filter(recognition__decision=decision, superseded_on=None)))


def _certificate_or_404(request: HttpRequest, pk: int) -> Certificate:
    rows = certificate_print.printable(Certificate.objects.visible_to(request.user))  # type: ignore[attr-defined]
    found: Certificate | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _context(site: AdminSite, request: HttpRequest, title: str, **extra: Any) -> dict[str, Any]:
    return {
        **site.each_context(request),
        "opts": Certificate._meta,
        "has_view_permission": True,
        "title": title,
        **extra,
    }
