"""What is near a query that found nothing: other words, fewer conditions, the rest of the province or group."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.text.formats import number
from portal.text.templatetags.look import LEVEL_IN_WORDS

from . import suggesting
from .catalogue import Clock, counted, found_by, page_of, proposals, units_by_slug
from .enums import LEVEL_RANK, Level, ProductGroup
from .facets import proposal_words, unit_label
from .filters import Filters
from .models import Product
from .searching import word_condition

SHOWN = 8
OF_A_KIND = 3


@dataclass(frozen=True)
class Near:
    """A query that does find something: its link, and the words of it."""

    words: str
    query: str


def meant(filters: Filters, clock: Clock) -> Filters | None:
    """The query with its words as they were probably meant, where that finds something; None where nothing is near."""
    if not filters.words or filters.exact:
        return None
    found = suggesting.meant(filters.words, lambda words: _finds(filters.but(q=" ".join(words)), clock))
    return _as_written(filters.but(q=" ".join(found)), clock) if found else None


def with_known_words(filters: Filters, clock: Clock) -> Filters | None:
    """The query without the words that no product has, where the others find something; None otherwise."""
    left = suggesting.known_of(filters.words)
    fewer = filters.but(q=" ".join(left))
    return _as_written(fewer, clock) if left and left != filters.words and _finds(fewer, clock) else None


def nearby(filters: Filters, clock: Clock) -> list[Near]:
    """Up to eight queries that find something, the nearest first. The number of queries put is bounded."""
    found = {near.query: near for near in _all(filters, clock)}
    return list(found.values())[:SHOWN]


def _all(filters: Filters, clock: Clock) -> Iterator[Near]:
    # Without filters the page has asked already what was meant.
    if (filters.applied or filters.exact) and (other := meant(Filters(q=filters.q, basis=filters.basis), clock)):
        yield Near(_other_words(other, found_by(other, clock)), other.query)
    yield from _with_fewer_words(filters, clock)
    for name in _NEAREST:
        yield from _beside(filters, name, clock)
    for found in proposals(filters, clock):
        yield Near(proposal_words(found, expiring_days=clock.expiring_days), found.filters.query)
    if filters.province:
        yield from _of_the_province(filters, clock)


# --- fewer words ------------------------------------------------------------------------------------------


def _with_fewer_words(filters: Filters, clock: Clock) -> Iterator[Near]:
    """The most of the words that some product has together: with the query's filters if that finds, else without."""
    fewer = _fewer(filters)
    for asked in dict.fromkeys((filters, Filters(basis=filters.basis))):
        tried = [asked.but(q=words, exact="") for words in fewer]
        found = [(one, total) for one in tried if (total := found_by(one, clock))]
        yield from (Near(_other_words(one, total), one.query) for one, total in found)
        if found:
            return


def _fewer(filters: Filters) -> list[str]:
    """The largest parts of the words that products have together, as typed; words that stand together first. One query."""
    words = filters.words
    if len(words) < 2:  # noqa: PLR2004  one word has no part
        return []
    conditions = [word_condition(word) for word in words]
    has = (
        Case(When(one, then=Value(1 << n)), default=0, output_field=IntegerField()) for n, one in enumerate(conditions)
    )
    rows = Product.objects.public().filter(reduce(or_, conditions, Q())).order_by()
    kinds = dict(rows.annotate(has=sum(has, Value(0))).values("has").annotate(n=Count("pk")).values_list("has", "n"))
    most = max((kind.bit_count() for kind in kinds), default=0)
    if most == len(words):
        return []
    typed = filters.q.split()
    spelled = typed if len(typed) == len(words) else words
    best = sorted((k for k in kinds if k.bit_count() == most), key=lambda kind: (_gaps(kind), -kinds[kind], kind))
    return [" ".join(word for n, word in enumerate(spelled) if kind >> n & 1) for kind in best[:OF_A_KIND]]


def _gaps(kind: int) -> int:
    """How many words were left out between those that are kept."""
    return f"{kind:b}".strip("0").count("0")


# --- values beside those asked for ------------------------------------------------------------------------


def _beside(filters: Filters, name: str, clock: Clock) -> Iterator[Near]:
    """Where no product at all has the value asked for: the nearest ones that some have, with the other filters if any."""
    asked = getattr(filters, name)
    alone = Filters(basis=filters.basis).but(**{name: asked})
    if not asked or found_by(alone, clock):
        return
    for query in dict.fromkeys((filters, alone)):
        found = counted(query, clock, name)
        near = _NEAREST[name](asked, found)
        for value in near:
            yield Near(_beside_words(name, value, found[value]), query.but(**{name: (value,)}).query)
        if near:
            return


def _beside_words(name: str, value: str, total: int) -> str:
    if name == "province":
        words, value = _("%(total)s sản phẩm ở %(value)s, cùng khu vực khuyến công"), unit_label(units_by_slug()[value])
    elif name == "year":
        words = _("%(total)s sản phẩm của năm gần nhất có công nhận: %(value)s")
    else:
        words, value = _("%(total)s sản phẩm ở cấp gần nhất: %(value)s"), str(LEVEL_IN_WORDS[value])
    return words % {"total": number(total), "value": value}


def _same_region(asked: Sequence[str], found: dict[str, int]) -> list[str]:
    """Provinces of the same extension regions, those with most products first."""
    units = units_by_slug()
    regions = {units[slug].region for slug in asked}
    near = [slug for slug in found if units[slug].region in regions]
    return sorted(near, key=lambda slug: (-found[slug], slug))[:OF_A_KIND]


def _nearest_years(asked: Sequence[str], found: dict[str, int]) -> list[str]:
    return sorted(found, key=lambda year: (min(abs(int(year) - int(one)) for one in asked), year))[:1]


def _nearest_levels(asked: Sequence[str], found: dict[str, int]) -> list[str]:
    ranks = [LEVEL_RANK[Level(one)] for one in asked]
    return sorted(found, key=lambda level: (min(abs(LEVEL_RANK[Level(level)] - rank) for rank in ranks), level))[:1]


_NEAREST: dict[str, Callable[[Sequence[str], dict[str, int]], list[str]]] = {
    "province": _same_region,
    "year": _nearest_years,
    "level": _nearest_levels,
}


# --- the rest of the province -----------------------------------------------------------------------------


def _of_the_province(filters: Filters, clock: Clock) -> Iterator[Near]:
    """The same group in the same province, then all of the province."""
    here = Filters(province=filters.province, basis=filters.basis)
    places = ", ".join(unit_label(units_by_slug()[slug]) for slug in filters.province)
    for asked in (here.but(group=filters.group), here):
        total = found_by(asked, clock)
        if total and asked != filters:
            yield Near(_of_the_place(asked, places, total), asked.query)


def _of_the_place(asked: Filters, places: str, total: int) -> str:
    if asked.group:
        groups = ", ".join(str(ProductGroup(group).label) for group in asked.group)
        words = ngettext(
            "%(total)s sản phẩm nhóm %(groups)s của %(places)s",
            "%(total)s sản phẩm nhóm %(groups)s của %(places)s",
            total,
        )
        return words % {"total": number(total), "groups": groups, "places": places}
    words = ngettext("%(total)s sản phẩm của %(places)s", "%(total)s sản phẩm của %(places)s", total)
    return words % {"total": number(total), "places": places}


def _other_words(other: Filters, total: int) -> str:
    words = ngettext("%(total)s sản phẩm khớp “%(q)s”", "%(total)s sản phẩm khớp “%(q)s”", total)
    return words % {"total": number(total), "q": other.q}


def _as_written(filters: Filters, clock: Clock) -> Filters:
    """The words as the products that they find spell them."""
    cards = page_of(filters, clock)
    texts = [text for card in cards for text in (card.name, card.maker, card.place)]
    return filters.but(q=suggesting.as_written(filters.words, texts))


def _finds(filters: Filters, clock: Clock) -> bool:
    return found_by(filters, clock) > 0


def sentence(asked: Filters, shown: Filters) -> str:
    return _("Không có sản phẩm nào khớp “%(asked)s”. Đang hiện kết quả cho “%(shown)s”.") % {
        "asked": asked.q,
        "shown": shown.q,
    }
