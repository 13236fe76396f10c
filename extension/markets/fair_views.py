import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.territory.enums import Basis
from products.kept_pages import kept_page
from products.views import clock

from ..filters import said
from ..queries import territory_ids_of
from . import fair_queries as queries
from . import outlet_queries

PER_PAGE = 30


@require_safe
def fair_list(request: HttpRequest) -> HttpResponse:
    """Published fairs by year, with the sums that may be told. Constant queries."""
    now = clock()
    return kept_page(request, now, lambda _mark: _list(request, now.on))


def _list(request: HttpRequest, on: dt.date) -> HttpResponse:
    offered = queries.years_on_offer()
    asked, province = request.GET.get("year", "").strip(), request.GET.get("province", "").strip()
    year = _year(asked, offered)
    ids = territory_ids_of(province, Basis.CURRENT) if province else None
    ignored = [value for value, understood in ((asked, year), (province, ids)) if value and not understood]
    found = queries.public_fairs(year=year, territory_ids=ids)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = queries.with_figures(page.object_list, on)
    context = {
        "nav": "extension",
        "crumbs": [(_("Khuyến công"), reverse("extension")), (_("Hội chợ, triển lãm"), "")],
        "page": page,
        "to_come": [row for row in rows if row.is_to_come or row.is_on],
        "past": [row for row in rows if not row.is_to_come and not row.is_on],
        "totals": queries.totals(row for row in rows if not row.is_to_come),
        "years": offered,
        "year": year,
        "ignored": said(tuple(ignored)),
    }
    return render(request, "extension/fair_list.html", context)


def _year(text: str, offered: list[int]) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 and int(text) in offered else None  # noqa: PLR2004


@require_safe
def fair(request: HttpRequest, slug: str) -> HttpResponse:
    """One published fair: who took part, and figures with consent or in sums."""
    now = clock()
    return kept_page(request, now, lambda _mark: _fair(request, slug, now.on))


def _fair(request: HttpRequest, slug: str, on: dt.date) -> HttpResponse:
    found = queries.fair_detail(slug)
    if found is None:
        raise Http404(_("Không có hội chợ này."))
    rows = queries.participations_of(found)
    shown = queries.shown(found, rows, on)
    parts = queries.parts_of(rows, on=on)
    return render(request, "extension/fair.html", _facts(shown, parts))


def _facts(shown: queries.PublicFair, parts: list[queries.Part]) -> dict[str, Any]:
    return {
        "nav": "extension",
        "crumbs": [
            (_("Khuyến công"), reverse("extension")),
            (_("Hội chợ, triển lãm"), reverse("extension_fairs")),
            (shown.fair.display_name, ""),
        ],
        "shown": shown,
        "fair": shown.fair,
        "figures": shown.figures,
        "parts": parts,
        "unnamed": shown.figures.facilities - len(parts),
        "project": shown.fair.project if shown.fair.project and shown.fair.project.is_public else None,
    }


@require_safe
def outlets(request: HttpRequest) -> HttpResponse:
    """Showrooms, platforms and supermarkets with the products that are there now. Constant queries."""
    now = clock()
    return kept_page(request, now, lambda _mark: _outlets(request, now.on))


def _outlets(request: HttpRequest, on: dt.date) -> HttpResponse:
    context = {
        "nav": "extension",
        "crumbs": [(_("Khuyến công"), reverse("extension")), (_("Nơi trưng bày và bán"), "")],
        "groups": outlet_queries.public_groups(on),
    }
    return render(request, "extension/outlets.html", context)
