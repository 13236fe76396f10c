"""The home page: search, what is new, how much there is, where it is made, recent rounds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from portal.territory.enums import Basis
from portal.territory.queries import current_ids
from portal.territory.queries import register as territory_register
from portal.text import formats
from products import columns, queries
from products.cards import Card, cards_of
from products.catalogue import Clock, counts, finds_words
from products.enums import ChannelKind, FigurePrecision, Level, ProductGroup, Stage
from products.facets import value_label
from products.filters import Filters
from products.kept_pages import kept_page
from products.models import ProductPhoto, PublishedFigure, Recognition
from products.ready import Ready
from products.traits import ONLINE, READY
from products.views import clock
from rounds.enums import RoundState
from rounds.models import Round

from . import map as drawing
from . import statistics_words

NEWEST = 4
BARS = 7
ROUNDS = 4
TRIES = ("miến dong", "chè Thái Nguyên", "mây tre đan", "dừa sáp", "mật ong", "gốm", "mỳ gạo")
SHOWN_TRIES = 4
LOOKED_AT = 60
SHORTCUTS = (
    ("export", READY),
    ("stars", "5"),
    ("stars", "4"),
    ("channel", ONLINE),
    ("channel", ChannelKind.SUPERMARKET.value),
    ("channel", ChannelKind.EXPORT.value),
)
GROUPS = {
    ProductGroup.HANDICRAFT: (gettext_lazy("Mây tre đan, gốm, cói, gỗ, trầm hương"), "handicraft-nong-doi-2"),
    ProductGroup.PROCESSING: (gettext_lazy("Chè, miến, dừa, mật ong, rong biển, giò nem"), "processing-bup-che-1"),
    ProductGroup.MACHINERY: (gettext_lazy("Nông cụ, máy chế biến, xe rùa, phụ tùng"), "machinery-banh-rang-1"),
    ProductGroup.OTHER: (gettext_lazy("Gạch không nung, ngói, lưới phủ đất, tinh dầu"), "other-gach-bong-1"),
}


@dataclass(frozen=True)
class Tile:
    label: str
    examples: str
    picture: str
    count: int
    link: str


@dataclass(frozen=True)
class Figure:
    """A large numeral with what it counts and where it comes from."""

    value: str
    unit: str
    words: str
    source: str


@dataclass(frozen=True)
class Bar:
    name: str
    count: int
    share: int
    link: str


@dataclass(frozen=True)
class RecentRound:
    year: int
    title: str
    more: str
    result: str
    link: str


@dataclass(frozen=True)
class Shortcut:
    """A condition that buyers ask for, with how many products in force meet it."""

    label: str
    count: int
    link: str


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    now = clock()
    asked = request.GET.get("basis", "")
    basis = asked if asked in Basis.values else str(Basis.CURRENT)
    return kept_page(request, now, lambda mark: render(request, "pages/home.html", _facts(now, basis, mark)))


def _facts(now: Clock, basis: str, mark: str) -> dict[str, Any]:
    shelf = columns.shelf()
    everything = shelf.mask(now)
    total, by_unit = shelf.total(), _by_unit(shelf, everything, basis)
    steps = drawing.steps_for(max(by_unit.values(), default=0))
    hero = _hero(shelf, now)
    return {
        "tries": _tries(),
        "hero": hero,
        "tiles": _tiles(shelf),
        "shortcuts": _shortcuts(now, mark),
        "newest": [card for card in queries.newest(NEWEST + 1, now) if not hero or card.pk != hero.pk][:NEWEST],
        "products": formats.number(total.products),
        "recognitions": formats.number(total.recognitions),
        "figures": _figures(total, int(shelf.mask(now, levels=[Level.NATIONAL]).sum())),
        "map": _map(by_unit, basis, steps),
        "legend": drawing.legend(steps),
        "bars": _bars(by_unit, basis),
        "basis": basis,
        "rounds": _rounds(),
    }


def _tries() -> list[tuple[str, str]]:
    """Searches to try: only those that find something. One query for each that is tried, four at least."""
    asked = ((words, Filters(q=words)) for words in TRIES)
    found = ((words, filters.query) for words, filters in asked if finds_words(filters.words))
    return list(islice(found, SHOWN_TRIES))


def _hero(shelf: columns.Shelf, now: Clock) -> Card | None:
    """One product in force beside the headline: of the nation and made by hand where there is one, with a photo where
    there is one. Five queries.
    """
    keys = _hero_keys(shelf, now)
    pictured = set(_PICTURED(keys))
    best = next((key for key in keys if key in pictured), keys[0] if keys else None)
    rows = Recognition.objects.published().filter(expires_on__gte=now.on, revoked_on=None, withdrawn_on=None)
    cards = cards_of([best], rows, on=now.on, expiring_days=now.expiring_days) if best else []
    return cards[0] if cards else None


_PICTURED = Ready(
    lambda keys: ProductPhoto.objects.filter(product__in=keys, is_public=True).values_list("product_id", flat=True)
)


def _hero_keys(shelf: columns.Shelf, now: Clock) -> list[int]:
    """The newest products to choose from, of the narrowest kind there is."""
    in_force = shelf.mask(now, statuses=columns.IN_FORCE)
    national = in_force & shelf.mask(now, levels=[Level.NATIONAL])
    by_hand = national & shelf.mask(now, groups=[ProductGroup.HANDICRAFT])
    known = shelf.of_items(shelf.item(columns.Item.FACILITY) >= 0)
    real = shelf.row(columns.Row.ILLUSTRATIVE) == 0
    for rows in (by_hand & known & real, national & real, in_force & real, in_force):
        if rows.any():
            items = shelf.row(columns.Row.ITEM)[shelf.last_recognised(rows, LOOKED_AT)]
            return list(dict.fromkeys(shelf.keys[items].tolist()))
    return []


def _tiles(shelf: columns.Shelf) -> list[Tile]:
    counted = shelf.products_by("group", None)
    return [
        Tile(
            label=str(group.label),
            examples=str(examples),
            picture=f"swatches/{picture}",
            count=counted.get(group.value, 0),
            link=reverse("catalogue") + Filters(group=(group.value,)).query,
        )
        for group, (examples, picture) in GROUPS.items()
    ]


def _shortcuts(now: Clock, mark: str) -> list[Shortcut]:
    """What buyers ask for, among products in force; only what finds something."""
    holding = Filters(status=tuple(status.value for status in columns.IN_FORCE))
    counted = counts(holding, now, mark=mark).by
    found = (
        Shortcut(
            value_label(name, value, now.expiring_days),
            counted[name].get(value, 0),
            reverse("catalogue") + holding.but(**{name: (value,)}).query,
        )
        for name, value in SHORTCUTS
    )
    return [shortcut for shortcut in found if shortcut.count]


# --- figures ------------------------------------------------------------------------------------------------


def _figures(total: columns.Numbers, national: int) -> list[Figure]:
    """Published totals, named as such; where none is known, what the register itself counts. One query."""
    published = _PUBLISHED()
    found = [*_national_rounds(published, national), *_share_supported(published)]
    return found or _own_figures(total)


_PUBLISHED = Ready(lambda: PublishedFigure.objects.filter(territory=None).order_by("year_from", "pk"))


def _national_rounds(published: list[PublishedFigure], listed: int) -> list[Figure]:
    """The national rounds added up (single years, so none overlaps), and the last of them."""
    single = {
        figure.year_from: figure
        for figure in published
        if figure.level == Level.NATIONAL
        and figure.measure == "recognised"
        and not figure.group
        and figure.year_from is not None
        and figure.year_from == figure.year_to
        and figure.precision == FigurePrecision.EXACT
        and figure.value is not None
    }
    if not single:
        return []
    years = sorted(single)
    last = single[years[-1]]
    whole = sum((figure.value or Decimal(0) for figure in single.values()), Decimal(0))
    latest = Figure(
        value=formats.number(last.value or Decimal(0)),
        unit="",
        words=_("sản phẩm được công nhận cấp quốc gia năm %(year)s") % {"year": years[-1]},
        source=" ".join(part for part in (f"{last.source}.", f"{last.note}." if last.note else "") if part),
    )
    if len(years) == 1:
        return [latest]
    all_rounds = Figure(
        value=formats.number(whole),
        unit="",
        words=_("lượt công nhận cấp quốc gia qua %(rounds)s kỳ, từ %(first)s đến %(last)s")
        % {"rounds": len(years), "first": years[0], "last": years[-1]},
        source=_("Cộng số đã công bố của từng kỳ. %(listed)s lượt trong số đó đã có trang riêng trên cổng.")
        % {"listed": formats.number(listed)},
    )
    return [all_rounds, latest]


def _share_supported(published: list[PublishedFigure]) -> list[Figure]:
    found = next((f for f in published if f.unit == "%" and "hỗ trợ" in f.what), None)
    if found is None:
        return []
    source = _("%(source)s. Cổng chưa đếm lại được con số này.") % {"source": found.source}
    words = _("sản phẩm tiêu biểu các cấp được khuyến công hỗ trợ sau khi công nhận")
    return [Figure(statistics_words.value(found), found.unit, words, source)]


def _own_figures(total: columns.Numbers) -> list[Figure]:
    source = _("Đếm từ sổ công nhận của cổng.")
    return [
        Figure(formats.number(total.recognitions), "", _("lượt công nhận đã công bố"), source),
        Figure(formats.number(total.products), "", _("sản phẩm và bộ sản phẩm"), source),
        Figure(formats.number(total.facilities), "", _("cơ sở có sản phẩm được công nhận"), source),
    ]


# --- where --------------------------------------------------------------------------------------------------


def _by_unit(shelf: columns.Shelf, everything: columns.Mask, basis: str) -> dict[int, int]:
    """Published recognitions per unit on a basis."""
    today = current_ids() if basis == Basis.CURRENT else {}
    found: Counter[int] = Counter()
    for (unit, _level), number in shelf.cross(("unit", "level"), everything).items():
        found[today.get(unit, unit)] += number
    return found


def _link(slug: str, basis: str) -> str:
    return reverse("catalogue") + Filters(province=(slug,), basis=basis).query


def _map(by_unit: Mapping[int, int], basis: str, steps: Sequence[int]) -> SafeString:
    units = territory_register().units
    return drawing.draw(by_unit, {pk: _link(units[pk].slug, basis) for pk in by_unit}, basis=basis, steps=steps)


def _bars(by_unit: Mapping[int, int], basis: str) -> list[Bar]:
    """The units with most recognitions; bars are whole percents of the longest."""
    units = territory_register().units
    ranked = sorted(by_unit.items(), key=lambda item: (-item[1], units[item[0]].slug))[:BARS]
    most = max((number for _pk, number in ranked), default=1)
    return [Bar(_name(pk), number, max(1, number * 100 // most), _link(units[pk].slug, basis)) for pk, number in ranked]


def _name(pk: int) -> str:
    unit = territory_register().units[pk]
    return _("%(name)s (đến %(year)s)") % {"name": unit.name, "year": unit.until.year} if unit.until else unit.name


# --- rounds -------------------------------------------------------------------------------------------------


def _rounds() -> list[RecentRound]:
    """The newest public rounds with what came of them. One query."""
    return [
        RecentRound(
            year=row.year,
            title=row.title,
            more=_("Quyết định %(number)s") % {"number": row.decision.full_number}
            if row.decision and row.state in {RoundState.ANNOUNCED, RoundState.CLOSED}
            else str(row.get_state_display()),
            result=_("%(number)s sản phẩm được công nhận") % {"number": formats.number(row.recognised)}
            if row.recognised and row.state in {RoundState.ANNOUNCED, RoundState.CLOSED}
            else "",
            link=reverse("round", args=[row.slug]),
        )
        for row in _NEWEST_ROUNDS()
    ]


_NEWEST_ROUNDS = Ready(
    lambda: (
        Round.objects.public()
        .select_related("decision", "territory")
        .annotate(
            recognised=Count(
                "decision__recognitions",
                filter=Q(
                    decision__recognitions__published_at__isnull=False,
                    decision__recognitions__stage=Stage.RECOGNISED,
                ),
            )
        )
        .order_by("is_illustrative", "-year", "-pk")[:ROUNDS]
    )
)
