"""The tender extract: asked for by the maker or the staff, checked by whoever holds the paper."""

import datetime as dt

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from facilities.models import Facility
from facilities.representing import represented
from portal.text.clock import today
from portal.text.errors import Refusal

from . import extract
from .kit_views import facility_page

REFUSED, WRONG = 409, 400


@facility_page
def ask(request: HttpRequest, facility: Facility) -> HttpResponse:
    """Choose the day and the language; shows what the extract of that day would list. Eight queries."""
    try:
        day, refusal = _day(request), None
    except Refusal as refused:
        day, refusal = today(), refused
    return _form(request, facility, day, refusal)


@facility_page
def pdf(request: HttpRequest, facility: Facility) -> HttpResponse:
    """The extract as a PDF. Each one is an act, frozen in the audit chain."""
    language = "en" if request.GET.get("tieng") == "en" else "vi"
    day = today()
    try:
        day = _day(request)
        made = extract.make(
            facility=facility, day=day, now=timezone.now(), at=today(), language=language, actor=request.user
        )
    except Refusal as refusal:
        return _form(request, facility, min(day, today()), refusal)
    answer = HttpResponse(extract.pdf(made, facility, language=language), content_type="application/pdf")
    name = f"trich-luc-{facility.slug}-{made.day:%Y%m%d}-{made.code}.pdf"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _day(request: HttpRequest) -> dt.date:
    """The day asked for, or today. Raises Refusal `no_day`."""
    text = request.GET.get("ngay", "").strip()
    if not text:
        return today()
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC).date()
        except ValueError:
            continue
    raise Refusal("no_day", _("Ngày chưa đúng. Hãy nhập như 21/11/2026."), field="ngay")


def _form(request: HttpRequest, facility: Facility, day: dt.date, refusal: Refusal | None) -> HttpResponse:
    shown = min(day, today())
    rows = extract.rows_on(facility, shown, at=today())
    context = {
        "facility": facility,
        "is_mine": represented(request.user).filter(pk=facility.pk).exists(),
        "day": shown,
        "typed": request.GET.get("ngay", "") if refusal else shown.isoformat(),
        "rows": [(row, extract.facts_of(row, shown)) for row in rows],
        "refusal": refusal,
        "nav": "packaging",
    }
    status = 200 if refusal is None else REFUSED if refusal.code == "nothing_held" else WRONG
    return render(request, "applicant/extract.html", context, status=status)


@never_cache
@require_safe
def check(request: HttpRequest, token: str) -> HttpResponse:
    """What an extract says and what is true today; 404 in words for one the portal did not make. Ten queries."""
    found = extract.by_token(token)
    if found is None:
        return render(request, "products/extract_unknown.html", {"nav": "verify"}, status=404)
    on = today()
    lines = extract.since(found, on=on)
    if not any(line.now for line in lines):
        raise Http404
    context = {
        "extract": found,
        "lines": lines,
        "changed": sum(bool(line.changes) for line in lines),
        "gained": extract.gained(found, on=on),
        "checked_at": timezone.localtime(),
        "nav": "verify",
    }
    return render(request, "products/extract_check.html", context)
