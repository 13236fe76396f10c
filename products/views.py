"""Public pages of the register: the catalogue, the certificate check, photos."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.files.responses import serve
from portal.territory.enums import Basis
from portal.text.clock import today
from portal.text.folding import normalise
from portal.text.formats import number

from . import catalogue as shelves
from . import codes, facets, figures, queries
from .cards import place_then
from .filters import Asked, Filters, Ignored, parse
from .kept_pages import kept_page

# Shorter than this, a word with a digit in it is a name ("S5"), not half a code.
FEWEST_TYPED = 4


def clock() -> shelves.Clock:
    """Today, at the edge; everything below takes it as an argument."""
    return shelves.Clock(on=today(), expiring_days=settings.EXPIRING_DAYS)


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """The catalogue. A visitor who is not logged in gets the page kept under the register's mark."""
    now = clock()
    return kept_page(request, now, lambda mark: _catalogue(request, now, mark))


def _catalogue(request: HttpRequest, now: shelves.Clock, mark: str) -> HttpResponse:
    asked = parse(request.GET, shelves.units_by_slug())
    filters = shelves.settled(asked.filters)
    counts = shelves.counts(filters, now, mark=mark)
    if filters.page > counts.pages:
        asked = Asked(asked.filters, (*asked.ignored, Ignored("page", str(filters.page))))
        filters = filters.but(page=1)
    facts = _query_facts(asked, filters, counts, now.expiring_days)
    if request.GET.get("view") == "filter":
        return render(request, "products/filters.html", facts)
    facts["published"] = figures.beside(filters)
    return render(request, "products/catalogue.html", facts | _list_facts(filters, counts, now))


def _query_facts(asked: Asked, filters: Filters, counts: shelves.Counts, days: int) -> dict[str, Any]:
    return {
        "nav": "catalogue",
        "filters": filters,
        "total": number(counts.total),
        "facets": facets.facets_of(filters, counts, expiring_days=days),
        "chips": facets.chips_of(filters, expiring_days=days),
        "ignored": facets.ignored_sentences(asked.ignored),
        "basis": _basis_switch(filters),
    }


def _list_facts(filters: Filters, counts: shelves.Counts, now: shelves.Clock) -> dict[str, Any]:
    if counts.total == 0:
        return {"nothing": True, "sorts": facets.SORTS.items(), **_nothing_found(filters, now)}
    return {
        "cards": shelves.page_of(filters, now),
        "sorts": facets.SORTS.items(),
        "pages": _pages(filters, counts),
    }


def _basis_switch(filters: Filters) -> str:
    """The same query on the other basis; provinces are dropped, since their names mean other areas there."""
    other = Basis.AT_THE_TIME if filters.basis == Basis.CURRENT else Basis.CURRENT
    return filters.but(basis=other, province=()).query


def _pages(filters: Filters, counts: shelves.Counts) -> dict[str, Any]:
    start = (filters.page - 1) * shelves.PER_PAGE
    return {
        "first": number(start + 1),
        "last": number(min(start + shelves.PER_PAGE, counts.total)),
        "previous": filters.but(page=filters.page - 1).query if filters.page > 1 else "",
        "next": filters.but(page=filters.page + 1).query if filters.page < counts.pages else "",
    }


def _nothing_found(filters: Filters, now: shelves.Clock) -> dict[str, Any]:
    if not filters.narrowed:
        return {"fact": ""}
    near = shelves.proposals(filters, now)
    return {
        "fact": facets.fact_of_none(filters, expiring_days=now.expiring_days),
        "proposals": [(facets.proposal_words(found), found.filters.query) for found in near],
    }


# --- certificate check ----------------------------------------------------------------------------------


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """Ask for a code. What looks like a code is checked, anything else is searched for as a name."""
    # A phone's scanner may hand over the whole address that the QR code holds.
    typed = normalise(request.GET.get("ma", "")[:200]).rstrip("/").rsplit("/tra-cuu/", 1)[-1]
    if not typed:
        return render(request, "products/verify.html", {"nav": "verify", "asked": "ma" in request.GET})
    code = codes.normalise(typed)
    if _looks_like_a_code(typed, code):
        return redirect("verify_code", code=codes.display(code))
    return redirect(f"{reverse('catalogue')}{Filters(q=typed).query}")


def _looks_like_a_code(typed: str, code: str) -> bool:
    return codes.is_valid(code) or (
        code.isascii() and len(code) > FEWEST_TYPED and any(c.isdigit() for c in code) and " " not in typed
    )


@require_safe
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """What a code stands for today; 404 with an explanation when the register has none."""
    stored = codes.normalise(code[:60])
    found = queries.checked(stored, clock()) if codes.is_valid(stored) else None
    facts = {"nav": "verify", "code": codes.display(stored), "checked_at": timezone.localtime()}
    if found is None:
        return render(
            request, "products/verify_unknown.html", {**facts, "code": facts["code"] or code[:60]}, status=404
        )
    row = found.certificate.recognition
    return render(
        request,
        "products/verify_result.html",
        {
            **facts,
            "found": found,
            "standing": found.standing,
            "row": row,
            "product": row.product,
            "place": place_then(row),
            "ended_on": row.expires_on + dt.timedelta(days=1) if row.expires_on else None,
            "renewed": codes.display(found.renewed_code) if found.renewed_code else "",
        },
    )


# --- photos -----------------------------------------------------------------------------------------------


@require_safe
def photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A photo of a product in the public register; 404 for any other."""
    found = queries.public_photo(pk)
    if found is None:
        raise Http404
    return serve(found.file, filename=f"{found.product.slug}-{found.angle}", inline=True, public=True, request=request)
