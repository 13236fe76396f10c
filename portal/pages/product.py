"""The page of one product: what the register says, and what support the product received."""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from extension.markets.fair_queries import Part, fairs_of_product
from extension.markets.outlet_matching import same_place
from extension.markets.outlet_queries import outlets_of_product
from extension.models import Listing
from extension.queries import Support, support_of_product
from portal.territory.queries import unit_today
from portal.text.formats import day, roman
from portal.text.templatetags.look import status_words
from products import codes, life, queries
from products.cards import Card, Standing, cards_of, facility_name, place_then
from products.catalogue import Clock
from products.enums import LEVEL_RANK, ChannelKind, EventKind, Level, Status
from products.filters import Filters
from products.kept_pages import kept_page
from products.lasting import Choice, Choosing, LastingPage
from products.models import Product, SetMember
from products.ready import Ready
from products.trace import TraceLine
from products.views import clock
from rounds.enums import RoundState
from rounds.models import Round

from . import buying, product_line, structured, support
from .facility import public_address
from .templatetags.spoken import vietnamese

SIMILAR = 4
BEGINNINGS = frozenset({EventKind.RECOGNISED, EventKind.ISSUED})


@dataclass(frozen=True)
class Moment:
    """One entry of the line of life as a list.

    `in_english` is the English text of `more`, or anything but "" where the portal says it in every language.
    """

    order: tuple[int, int]
    when: str
    what: str
    more: str
    standing: Standing | None = None
    is_today: bool = False
    in_english: str = "-"


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """A product of the public register; 404 for any other, also while its recognition is not published.

    The page outlasts what is published of others: see `_lasting`.
    """
    now = clock()
    return kept_page(request, now, lambda _mark: _page(request, slug, now), SIMILAR_ONES)


def _page(request: HttpRequest, slug: str, now: Clock) -> HttpResponse:
    detail = queries.product_detail(slug, now)
    if detail is None:
        raise Http404
    found = support_of_product(detail.product)
    line = product_line.line_of(detail.product, [one.row for one in detail.standings])
    place = queries.place_of(detail.product)
    choice = Choice(place, _similar(place))
    facts = _facts(detail, found, line, now) | {"similar": queries.public_cards(choice.chosen, now)}
    return _lasting(render_to_string("products/product.html", facts, request), detail.product, choice)


def _similar(place: queries.Place) -> list[int]:
    return queries.similar(place, SIMILAR)


SIMILAR_ONES = Choosing(_similar, queries.may_be_similar)


def _lasting(content: str, item: Product, choice: Choice) -> LastingPage:
    """The page with all it shows of single products: the product with its rows, the products that are members of the
    set, and the similar ones. Its maker, decisions, support, rounds and units are common: any change of those makes it
    anew.
    """
    page = LastingPage(content)
    members = {member.product_id for member in item.members.all() if member.product_id}
    page.shows, page.choice = frozenset({item.pk} | members), choice
    return page


def _facts(detail: queries.Detail, found: list[Support], line: product_line.LifeLine, now: Clock) -> dict[str, Any]:
    item, best = detail.product, detail.foremost
    address = f"{settings.SITE_URL}{reverse('product', args=[item.slug])}"
    shared = f"{settings.SITE_URL}{reverse('share_picture', args=[item.slug])}"
    trade = getattr(item, "trade", None)
    bought, standards = buying.facts_of(trade), buying.standards_of(item.standards.all(), now.on)
    crumbs = _crumbs(detail)
    certificate = next(iter(best.row.certificates.all()), None)
    fairs, listings = fairs_of_product(item), outlets_of_product(item, now.on)
    return {
        "nav": "catalogue",
        "detail": detail,
        "product": item,
        "best": best,
        "row": best.row,
        "others": detail.standings[1:],
        "crumbs": crumbs,
        "place": _place(best),
        "maker": facility_name(item.facility),
        "address_then": public_address(item.facility, item.facility.address_recognised) if item.facility else "",
        "address_today": public_address(item.facility, item.facility.address_today) if item.facility else "",
        "code": codes.display(certificate.code) if certificate else "",
        "drawing": life.draw(
            [_stay(s, line, now) for s in detail.standings],
            support.lanes(found, fairs),
            on=now.on,
            ending_days=now.expiring_days,
        ),
        "traces": _traces(detail, line),
        "steps": sorted(line.steps, key=lambda step: (step.year, step.on or dt.date(step.year, 1, 1))),
        "moments": _moments(detail, found, fairs, line, now),
        "supports": found,
        "fairs": fairs,
        "listings": listings,
        "open_round": _open_round(detail),
        "shops": [c for c in item.channels.all() if c.kind != ChannelKind.EXPORT and not _is_listed(c.name, listings)],
        "exports": [c for c in item.channels.all() if c.kind == ChannelKind.EXPORT],
        "shop_sources": sorted({c.source for c in item.channels.all() if c.source}),
        "sources": _sources(detail),
        "qr": qr(address),
        "province_query": Filters(province=(unit_today(item.territory_id).slug,)).query,
        "province_name": unit_today(item.territory_id).name,
        "schema": structured.as_script(
            structured.product(detail, address=address, picture=shared, bought=bought, standards=standards),
            structured.crumbs(crumbs, here=address, name=item.display_name),
        ),
        "shared": shared,
        "trade": trade,
        "bought": bought,
        "standards": standards,
        "members": _members(detail, now),
        "unit": unit_today(item.territory_id),
    }


def _is_listed(name: str, listings: list[Listing]) -> bool:
    """Whether a place the maker named is an outlet already shown."""
    return any(same_place(name, listing.outlet.name) for listing in listings)


def _crumbs(detail: queries.Detail) -> list[tuple[str, str]]:
    catalogue, unit = reverse("catalogue"), unit_today(detail.product.territory_id)
    return [
        (_("Sản phẩm"), catalogue),
        (detail.product.get_group_display(), catalogue + Filters(group=(detail.product.group,)).query),
        (unit.name, catalogue + Filters(province=(unit.slug,)).query),
    ]


def _traces(detail: queries.Detail, line: product_line.LifeLine) -> list[tuple[Standing, list[TraceLine]]]:
    """What befell each recognition beyond its beginning: re-issued, corrected, suspended, given back, revoked. No query."""
    told = [(standing, line.traces[standing.row.pk]) for standing in detail.standings]
    return [(standing, lines) for standing, lines in told if any(line.kind not in BEGINNINGS for line in lines)]


def _place(best: Standing) -> str:
    """The province when recognised, and its unit of today where that is another."""
    then, now = place_then(best.row), unit_today(best.row.territory_id).name
    return then if then == now else _("%(then)s, nay thuộc %(now)s") % {"then": then, "now": now}


# --- the line of life -----------------------------------------------------------------------------------


def _stay(found: Standing, line: product_line.LifeLine, now: Clock) -> life.Stay:
    row = found.row
    begins = row.issued_on or (row.decision.signed_on if row.decision else None) or dt.date(row.year, 1, 1)
    ends = max(row.expires_on or begins, begins)
    return life.Stay(
        lane=str(Level(row.level).label),
        rank=LEVEL_RANK[Level(row.level)],
        level=row.level,
        year=row.year,
        status=found.status,
        begins=begins,
        ends=ends,
        held_until=found.since or ends,
        label=_stay_label(found),
        key=row.pk,
        rests_on=line.rests_on.get(row.pk, 0),
        pauses=line.pauses(row, on=now.on),
        marks=line.marks(row),
    )


def _stay_label(found: Standing) -> str:
    end, row = found.row.expires_on, found.row
    if found.status in {Status.REVOKED, Status.WITHDRAWN, Status.SUSPENDED} or end is None:
        return status_words(found.status, since=found.since).lower()
    until = str(end.year) if row.expiry_precision == "year" else day(end)
    words = _("hiệu lực đến %(until)s") if found.in_force else _("hết hiệu lực %(until)s")
    return words % {"until": until}


def _moments(
    detail: queries.Detail, found: list[Support], fairs: list[Part], line: product_line.LifeLine, now: Clock
) -> list[Moment]:
    """Today first, then everything that happened, newest first."""
    moments = [_recognition_moment(s) for s in detail.standings] + [_support_moment(row) for row in found]
    moments += [_step_moment(step) for step in line.steps] + [_fair_moment(part) for part in fairs]
    return [_today(detail, now), *sorted(moments, key=lambda m: m.order, reverse=True)]


def _today(detail: queries.Detail, now: Clock) -> Moment:
    best = detail.foremost
    words = status_words(best.status, best.row.expires_on, best.row.expiry_precision, best.days_left, best.since)
    level = _("Theo công nhận %(level)s năm %(year)s") % {"level": best.level_words, "year": best.row.year}
    return Moment((9999, 0), _("Hôm nay, %(day)s") % {"day": day(now.on)}, words, level, is_today=True)


def _recognition_moment(found: Standing) -> Moment:
    row = found.row
    ordinal = _(", lần thứ %(ordinal)s") % {"ordinal": roman(row.round_ordinal)} if row.round_ordinal else ""
    when = day(row.issued_on) if row.issued_on else str(row.year)
    decision = _("Quyết định %(number)s") % {"number": row.decision.full_number} if row.decision else ""
    state = status_words(found.status, row.expires_on, row.expiry_precision, found.days_left, found.since)
    return Moment(
        order=(row.year, row.issued_on.timetuple().tm_yday if row.issued_on else 0),
        when=when,
        what=_("Công nhận %(level)s%(ordinal)s") % {"level": found.level_words, "ordinal": ordinal},
        more=". ".join(part for part in (decision or _("Chưa có số quyết định trên cổng"), state) if part),
        standing=found,
    )


def _step_moment(step: product_line.Step) -> Moment:
    day_of_year = step.on.timetuple().tm_yday if step.on else 0
    return Moment((step.year, day_of_year), day(step.on) if step.on else str(step.year), step.what, step.more)


def _fair_moment(part: Part) -> Moment:
    fair = part.row.fair
    order = (fair.starts_on.year, fair.starts_on.timetuple().tm_yday)
    return Moment(order, day(fair.starts_on), support.fair_label(part), fair.display_name, in_english=fair.name_en)


def _support_moment(row: Support) -> Moment:
    order, name = (row.project.year_to or row.project.year, 400), row.project.name
    return Moment(order, row.years, support.label(row), name, in_english="")


def _members(detail: queries.Detail, now: Clock) -> list[tuple[SetMember, Card | None]]:
    """The members of a set, those with a page of their own as cards. Three queries for a set, none otherwise."""
    members = list(detail.product.members.all())
    ids = [member.product_id for member in members if member.product_id and getattr(member, "has_page", False)]
    if not ids:
        return [(member, None) for member in members]
    found = cards_of(ids, on=now.on, expiring_days=now.expiring_days)
    cards = {card.pk: card for card in found}
    return [(member, cards.get(member.product_id or 0)) for member in members]


# --- around it --------------------------------------------------------------------------------------------


def _open_round(detail: queries.Detail) -> Round | None:
    """A round of the province that takes dossiers now, for a product whose recognition has run out. One query."""
    if detail.foremost.in_force:
        return None
    return next(iter(_RECEIVING(unit_today(detail.product.territory_id).pk)), None)


_RECEIVING = Ready(lambda unit: Round.objects.public().filter(state=RoundState.RECEIVING, territory=unit)[:1])


def _sources(detail: queries.Detail) -> list[tuple[str, str]]:
    """Decisions and sources, each once, in the order of the recognitions."""
    found: dict[str, str] = {}
    for s in detail.standings:
        if s.row.decision:
            said = vietnamese(s.row.decision.title) or _("Công nhận %(level)s năm %(year)s") % {
                "level": s.level_words,
                "year": s.row.year,
            }
            number = _("Quyết định %(number)s") % {"number": s.row.decision.full_number}
            told = format_html("{}, {}", vietnamese(s.row.decision.issuer), s.row.decision.year)
            found.setdefault(format_html("{}: {}", number, said), told)
    for s in detail.standings:
        source = s.row.source or (s.row.decision.source if s.row.decision else "")
        if source:
            source = vietnamese(source)
            words = _("Công nhận %(level)s năm %(year)s") % {"level": s.level_words, "year": s.row.year}
            found[source] = f"{found[source]}; {words}" if source in found else words
    return list(found.items())


@lru_cache(maxsize=2048)
def qr(address: str) -> str:
    """A QR code as a data address, error level M, with its quiet zone of four modules."""
    return str(segno.make(address, error="m").svg_data_uri(scale=4, border=4, dark="#16203b", light="#ffffff"))
