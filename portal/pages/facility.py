"""The page of one facility: what it makes, how that was recognised, what support it received."""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from extension.markets.fair_queries import fairs_of_facility
from extension.markets.outlet_queries import outlets_of_facility
from extension.queries import support_of_facility
from facilities.enums import ContactKind
from facilities.models import Contact, Facility
from portal.territory.queries import Unit, then_and_now, unit_today
from products import queries
from products.cards import Card, Standing, cards_of, facility_name, standing, telling_first
from products.catalogue import Clock
from products.filters import Filters
from products.kept_pages import kept_page
from products.models import Recognition
from products.views import clock
from products.withholding import is_withheld

from . import structured
from .support import is_fair

SIMILAR = 4
# Where the public part of a household's address begins: house numbers and hamlets before it stay out.
_AREA = re.compile(r"^(xã|phường|thị trấn|đặc khu|huyện|quận|thị xã|thành phố|tp\.?|tỉnh)\s", re.IGNORECASE)
_LINKS = {ContactKind.PHONE: "tel:", ContactKind.EMAIL: "mailto:"}


@dataclass(frozen=True)
class Reach:
    """A contact the facility agreed to publish."""

    kind: str
    words: str
    person: str
    link: str


@require_safe
def facility(request: HttpRequest, slug: str) -> HttpResponse:
    """A facility with a product in the public register; 404 for any other."""
    now = clock()
    return kept_page(request, now, lambda _mark: _page(request, slug, now))


def _page(request: HttpRequest, slug: str, now: Clock) -> HttpResponse:
    found = Facility.objects.public().filter(slug=slug).select_related("territory", "commune").first()
    facts = _facts(found, now) if found else {}
    if not facts.get("standings"):
        raise Http404
    return render(request, "pages/facility.html", facts)


def _facts(found: Facility, now: Clock) -> dict[str, Any]:
    rows = Recognition.objects.published().filter(product__facility=found)
    standings = telling_first(
        standing(row, on=now.on, expiring_days=now.expiring_days)
        for row in rows.select_related("product", "decision")
        if not is_withheld(row, maker=found, on=now.on)
    )
    then, today = then_and_now(found.territory)
    cards, supports, unit = _cards(standings, now), support_of_facility(found), unit_today(found.territory_id)
    crumbs = _crumbs(unit)
    address = f"{settings.SITE_URL}{reverse('facility', args=[found.slug])}"
    return {
        "nav": "catalogue",
        "facility": found,
        "name": facility_name(found),
        "crumbs": [*crumbs, (facility_name(found), "")],
        "then": then,
        "today": today,
        "address": public_address(found, found.address_recognised),
        "address_today": public_address(found, found.address_today),
        "cards": cards,
        "standings": standings,
        "in_force": sum(s.in_force for s in standings),
        "supports": [row for row in supports if not is_fair(row)],
        "fairs": [row for row in supports if is_fair(row)],
        "fair_parts": fairs_of_facility(found),
        "outlets": outlets_of_facility(found, now.on),
        "unit": unit,
        "similar": queries.of_other_makers(standings[0].row.product, SIMILAR, now) if standings else [],
        "province_query": Filters(province=(unit.slug,)).query,
        "shared": settings.SITE_URL + reverse("share_picture", args=[standings[0].row.product.slug])
        if standings
        else "",
        "schema": structured.as_script(
            structured.maker(found, [(card.name, card.url) for card in cards]),
            structured.crumbs(crumbs, here=address, name=facility_name(found)),
        ),
        "contacts": _contacts(found),
        "introduction": _introduction(found),
    }


def _crumbs(unit: Unit) -> list[tuple[str, str]]:
    catalogue = reverse("catalogue")
    return [(_("Sản phẩm"), catalogue), (unit.name, catalogue + Filters(province=(unit.slug,)).query)]


def _cards(standings: list[Standing], now: Clock) -> list[Card]:
    ids = list(dict.fromkeys(s.row.product_id for s in standings))
    return cards_of(ids, on=now.on, expiring_days=now.expiring_days)


def _introduction(found: Facility) -> str:
    return str(found.introduction_en if get_language() == "en" and found.introduction_en else found.introduction)


def _contacts(found: Facility) -> list[Reach]:
    """Only with consent; of a household, which is often a person, not even then the person's name."""
    agreed = found.contacts.filter(may_publish=True, consent_on__isnull=False).order_by("kind", "pk")
    return [
        Reach(
            kind=str(ContactKind(row.kind).label),
            words=row.value,
            person="" if found.is_household else row.person,
            link=_link(row),
        )
        for row in agreed
    ]


def _link(row: Contact) -> str:
    if row.kind == ContactKind.WEBSITE:
        return row.value if row.value.startswith(("https://", "http://")) else f"https://{row.value}"
    prefix = _LINKS.get(ContactKind(row.kind))
    return prefix + re.sub(r"\s+", "", row.value) if prefix else ""


def public_address(found: Facility, address: str) -> str:
    """The address as published; of a household only from its commune upwards."""
    if not found.is_household:
        return address
    parts = [part.strip() for part in address.split(",")]
    start = next((i for i, part in enumerate(parts) if _AREA.match(part)), None)
    if start is not None:
        area = ", ".join(parts[start:])
        return area[:1].upper() + area[1:]
    return str(found.commune) if found.commune else ""
