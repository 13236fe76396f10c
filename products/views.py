"""Public pages of the register: the catalogue, photos."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.files.responses import serve
from portal.territory.enums import Basis
from portal.text.clock import today
from portal.text.formats import number

from . import catalogue as shelves
from . import facets, figures, nearby, queries
from .filters import EXACTLY, Asked, Filters, Ignored, parse
from .kept_pages import kept_page


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
    facts: dict[str, Any] = {}
    if not counts.total and (other := nearby.meant(filters, now)):
        facts = {"instead": nearby.sentence(filters, other), "exactly": filters.but(exact=EXACTLY).query}
        filters, counts = other, shelves.counts(other, now, mark=mark)
    if filters.page > counts.pages:
        asked = Asked(asked.filters, (*asked.ignored, Ignored("page", str(filters.page))))
        filters = filters.but(page=1)
    facts |= _query_facts(asked, filters, counts, now.expiring_days)
    if request.GET.get("view") == "filter":
        return render(request, "products/filters.html", facts)
    facts["published"] = figures.beside(filters)
    return render(request, "products/catalogue.html", facts | _list_facts(filters, counts, now))


def _query_facts(asked: Asked, filters: Filters, counts: shelves.Counts, days: int) -> dict[str, Any]:
    found = facets.facets_of(filters, counts, expiring_days=days)
    return {
        "nav": "catalogue",
        "filters": filters,
        "total": number(counts.total),
        "facets": found[: facets.OF_RECOGNITIONS],
        "further": found[facets.OF_RECOGNITIONS :],
        "is_further": any(facet.is_chosen for facet in found[facets.OF_RECOGNITIONS :]),
        "chips": facets.chips_of(filters, expiring_days=days),
        "ignored": [*facets.ignored_sentences(asked.ignored), *facets.moved_sentences(asked.filters)],
        "basis": _basis_switch(filters),
    }


def _list_facts(filters: Filters, counts: shelves.Counts, now: shelves.Clock) -> dict[str, Any]:
    if counts.total == 0:
        return {"nothing": True, "sorts": facets.sorts_of(filters), **_nothing_found(filters, now)}
    return {
        "cards": shelves.page_of(filters, now),
        "sorts": facets.sorts_of(filters),
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
    return {
        "fact": facets.fact_of_none(filters, expiring_days=now.expiring_days),
        "proposals": nearby.nearby(filters, now),
    }


# --- photos -----------------------------------------------------------------------------------------------


@require_safe
def photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A photo of a product in the public register; 404 for any other."""
    found = queries.public_photo(pk, clock())
    if found is None:
        raise Http404
    return serve(found.file, filename=f"{found.product.slug}-{found.angle}", inline=True, public=True, request=request)
