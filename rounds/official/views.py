"""The desk's pages of official forms: what can be made, and the files. Thin."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from portal.audit.services import record
from portal.text.clock import today
from portal.text.errors import Refusal
from rounds.desk import context, round_or_404
from rounds.dossier_reach import dossier_or_404
from rounds.models import Dossier, Round

from .catalogue import BY_SLUG, Form, forms_of_dossier, forms_of_round, standing_of
from .links import FORMATS, is_one_paper, offered, stands_aside
from .rendering import CONTENT_TYPES
from .rendering import render as make

NOT_YOURS = gettext_lazy("Biểu mẫu này do người khác của kỳ bình chọn lập.")


@require_GET
def round_forms(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """Every form of the round that this person may make, and why one cannot be made yet."""
    round_ = round_or_404(request, pk)
    page = context(
        site,
        request,
        Round,
        title=_("Biểu mẫu, %(round)s") % {"round": round_.title},
        round=round_,
        forms=offered(round_, user=request.user),
    )
    return render(request, "admin/rounds/official_forms.html", page)


@require_GET
def round_form(request: HttpRequest, site: AdminSite, pk: int, form: str, fmt: str) -> HttpResponse:
    """One form of the round as a file. A person with a conflict gets no list that names the dossier."""
    round_ = round_or_404(request, pk)
    found = _form_or_404(form, fmt, forms_of_round(round_))
    if not found.may(request.user, round_):
        raise PermissionDenied(str(NOT_YOURS))
    if is_one_paper(found) and stands_aside(request.user, round_):
        raise Http404
    blockers = found.round_blockers(round_, standing_of(round_))
    if blockers:
        messages.error(request, " ".join(blockers))
        return redirect("admin:rounds_round_forms", pk)
    return _file(request, found, round_, fmt)


@require_GET
def dossier_form(request: HttpRequest, site: AdminSite, pk: int, form: str, fmt: str) -> HttpResponse:
    """One form of a dossier as a file; `gui` chooses whom a request for papers goes to."""
    dossier = dossier_or_404(request, pk)
    found = _form_or_404(form, fmt, forms_of_dossier())
    if not found.may(request.user, dossier.round):
        raise PermissionDenied(str(NOT_YOURS))
    blockers = found.dossier_blockers(dossier)
    if blockers:
        messages.error(request, " ".join(blockers))
        return redirect("admin:rounds_dossier_change", pk)
    choice = {"addressee": request.GET["gui"]} if found.code == "supplement_letter" and "gui" in request.GET else {}
    return _file(request, found, dossier, fmt, **choice)


def _form_or_404(slug: str, fmt: str, among: list[Form]) -> Form:
    form = BY_SLUG.get(slug)
    if form is None or form not in among or fmt not in FORMATS:
        raise Http404
    return form


def _file(request: HttpRequest, form: Form, subject: Round | Dossier, fmt: Any, **choice: Any) -> HttpResponse:
    """The finished file, private, with one line in the audit of who made it."""
    # The head of a jury works on no dossier at the desk, and hands out and signs the papers of those it judges.
    seen = Dossier.objects.visible_to(request.user) | Dossier.objects.for_judge(request.user)
    try:
        data, name = make(form.code, subject, fmt=fmt, on=today(), dossiers=seen, **choice)
    except Refusal as refusal:
        raise Http404(str(refusal.sentence)) from None
    round_ = subject if isinstance(subject, Round) else subject.round
    record(
        actor=request.user,
        action="form.made",
        sentence=_("Lập biểu mẫu “%(form)s”, tệp %(name)s.") % {"form": form.title, "name": name},
        subject=subject,
        territory=round_.territory,
        data={"form": form.code, "format": fmt},
    )
    return download(data, name, fmt)


def download(data: bytes, name: str, fmt: str) -> HttpResponse:
    """A finished form as an attachment, kept by nobody on the way."""
    response = HttpResponse(data, content_type=CONTENT_TYPES[fmt])
    response["Content-Disposition"] = f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    return response
