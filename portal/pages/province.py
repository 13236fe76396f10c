"""The page of one province, as it is or as it was: what was recognised there, what the unit became, its rounds and figures."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from extension import queries as extension
from portal.territory.enums import Basis, Region
from portal.territory.models import Succession
from portal.territory.queries import Named, Unit, family_ids, register, unit_by_slug
from portal.text.folding import sort_key
from portal.text.formats import day as day_words
from products import catalogue as shelves
from products.catalogue import Clock
from products.enums import SELECTION_MEASURES, Status
from products.filters import Filters
from products.kept_pages import kept_page
from products.models import PublishedFigure
from products.views import clock
from rounds.models import Round

from . import statistics
from .statistics import Asked
from .statistics_query import Question

IN_FORCE = (Status.VALID.value, Status.EXPIRING.value)
CARDS = 8
ROUNDS = 6
_YEAR_OF_END = re.compile(r"-[0-9]{4}")


@dataclass(frozen=True)
class Former:
    """A unit that went into this one: until when it stood, what was recognised there while it did."""

    name: str
    link: str
    until: str
    recognitions: int
    recognitions_link: str
    legal_basis: str


@dataclass(frozen=True)
class Count:
    label: str
    recognitions: int
    recognitions_link: str
    products: int
    link: str


@require_safe
def province(request: HttpRequest, slug: str) -> HttpResponse:
    """A unit of today or a former one. The plain name of a unit that ended leads to its page; 404 for any other."""
    unit = unit_by_slug(slug)
    if unit is None:
        return redirect("province", _ended(slug).slug, permanent=True)
    now = clock()
    return kept_page(request, now, lambda _mark: _page(request, unit, now))


def _ended(slug: str) -> Unit:
    """The last unit of that plain name that no longer stands."""
    found = [unit for unit in register().units.values() if _YEAR_OF_END.sub("", unit.slug) == slug and unit.until]
    if not found:
        raise Http404
    return max(found, key=lambda unit: unit.until or dt.date.max)


def _page(request: HttpRequest, unit: Unit, now: Clock) -> HttpResponse:
    today = register().units[register().current_id(unit.pk)]
    basis = str(Basis.AT_THE_TIME if unit.until else Basis.CURRENT)
    area = frozenset({unit.pk}) if unit.until else family_ids(unit.pk)
    asked = Asked(territory_ids=area, basis=basis)
    by_level = statistics.recognitions(by="level", asked=asked, clock=now)
    narrowed = Filters(province=(unit.slug,), basis=basis)
    in_force = narrowed.but(status=IN_FORCE)
    facts = {
        "nav": "map",
        "unit": unit,
        "name": _full_name(unit),
        "names": _earlier_names(unit),
        "region": Region(unit.region).label,
        "basis": basis,
        "became": _became(unit),
        "former": _former(unit, now) if not unit.until else [],
        "total": by_level.total,
        "levels": _counts(by_level, "level", narrowed),
        "groups": _counts(statistics.recognitions(by="group", asked=asked, clock=now), "group", narrowed),
        "in_force": shelves.found_by(in_force, now),
        "cards": shelves.page_of(in_force.but(sort="newest"), now)[:CARDS],
        "catalogue": reverse("catalogue") + narrowed.query,
        "catalogue_in_force": reverse("catalogue") + in_force.query,
        "rounds": _rounds(area),
        "figures": _published(asked),
        "support": extension.totals(extension.public_projects(extension.Chosen(territory_ids=area))),
        "support_link": f"{reverse('extension')}?province={unit.slug}" + ("&basis=at_the_time" if unit.until else ""),
        "map_link": reverse("map") + ("?basis=at_the_time" if unit.until else ""),
        "today": today,
        "feed": f"{reverse('feed_recognitions')}?province={today.slug}",
        "calendar": settings.SITE_URL + reverse("calendar_public", args=[today.slug]),
        "office": _("Sở Công Thương %(province)s") % {"province": today.name},
        **_neighbours_by_name(unit),
    }
    return render(request, "pages/province.html", facts)


# --- what it is and was -------------------------------------------------------------------------------------


def _names(unit: Unit) -> list[Named]:
    return sorted((row for row in register().names if row.unit_id == unit.pk), key=lambda row: row.since)


def _full_name(unit: Unit) -> str:
    """ "Thành phố Huế"; in English the name alone, which needs no kind."""
    names = _names(unit)
    return names[-1].full_name if names and get_language() != "en" else unit.name


def _earlier_names(unit: Unit) -> list[str]:
    """ "Tỉnh Thừa Thiên Huế, đến 31/12/2024": what the unit was called before."""
    return [
        _("%(name)s, đến %(day)s") % {"name": row.full_name, "day": day_words(row.until)}
        for row in _names(unit)[:-1]
        if row.until
    ]


def _became(unit: Unit) -> dict[str, Any] | None:
    """Of a unit that ended: the one it went into, from which day, by which act. One query, none for a unit of today."""
    if not unit.until:
        return None
    row = Succession.objects.filter(predecessor=unit.pk, is_main=True).first()
    if row is None:
        return None
    return {"unit": register().units[row.successor_id], "on": row.on, "legal_basis": row.legal_basis}


def _former(unit: Unit, now: Clock) -> list[Former]:
    """Units that went into this one of today, with what was recognised in each as it was. Three queries."""
    ids = family_ids(unit.pk) - {unit.pk}
    if not ids:
        return []
    bases = dict(Succession.objects.filter(predecessor__in=ids, is_main=True).values_list("predecessor", "legal_basis"))
    asked = Asked(territory_ids=ids, basis=Basis.AT_THE_TIME)
    counted = {row.key: row.numbers for row in statistics.recognitions(by="province", asked=asked, clock=now).rows}
    units = sorted((register().units[pk] for pk in ids), key=lambda one: (sort_key(one.name), one.slug))
    return [
        Former(
            name=one.name,
            link=reverse("province", args=[one.slug]),
            until=day_words(one.until) if one.until else "",
            recognitions=counted[one.slug].recognitions if one.slug in counted else 0,
            recognitions_link=Question(province=(one.slug,), basis=Basis.AT_THE_TIME).listed(),
            legal_basis=bases.get(one.pk, ""),
        )
        for one in units
    ]


# --- numbers, rounds, ways on -------------------------------------------------------------------------------


def _counts(figures: statistics.Figures, name: str, narrowed: Filters) -> list[Count]:
    """Each row with the list that it opens."""
    return [
        Count(
            label=row.label,
            recognitions=row.numbers.recognitions,
            recognitions_link=Question(province=narrowed.province, basis=narrowed.basis)
            .narrowed(name, row.key)
            .listed(),
            products=row.numbers.products,
            link=reverse("catalogue") + narrowed.but(**{name: (row.key,)}).query,
        )
        for row in figures.rows
    ]


def _rounds(area: frozenset[int]) -> list[Round]:
    """The newest public rounds of the unit. One query."""
    found = Round.objects.public().filter(territory__in=area).select_related("territory", "decision")
    return list(found.order_by("-year", "-pk")[:ROUNDS])


def _published(asked: Asked) -> list[dict[str, Any]]:
    """Totals that others published about it, by place, period and source. One query."""
    found: dict[tuple[str, str, str], list[PublishedFigure]] = {}
    for figure in statistics.published(asked, SELECTION_MEASURES):
        found.setdefault((figure.place, figure.period, figure.source), []).append(figure)
    return [
        {"place": place, "period": period, "source": source, "figures": rows}
        for (place, period, source), rows in found.items()
    ]


def _neighbours_by_name(unit: Unit) -> dict[str, Unit | None]:
    """The unit before and after in the alphabet: of those of today, or of those that have ended."""
    alike = [one for one in register().units.values() if bool(one.until) == bool(unit.until)]
    alike.sort(key=lambda one: (sort_key(one.name), one.slug))
    place = alike.index(unit)
    return {
        "before": alike[place - 1] if place else None,
        "after": alike[place + 1] if place + 1 < len(alike) else None,
    }
