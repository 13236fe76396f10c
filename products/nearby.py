"""What is near a query that found nothing: other words, fewer conditions, the rest of the province or group."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.text.formats import number

from . import suggesting
from .catalogue import Clock, found_by, page_of, proposals, units_by_slug
from .enums import ProductGroup
from .facets import proposal_words, unit_label
from .filters import Filters

SHOWN = 4


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
    """Up to four queries that find something, the nearest first."""
    found = {near.query: near for near in _all(filters, clock)}
    return list(found.values())[:SHOWN]


def _all(filters: Filters, clock: Clock) -> Iterator[Near]:
    words = Filters(q=filters.q, basis=filters.basis)
    # Without filters the page has asked already what was meant.
    other = meant(words, clock) if filters.applied or filters.exact else None
    if other := other or with_known_words(words, clock):
        yield Near(_other_words(other, found_by(other, clock)), other.query)
    for found in proposals(filters, clock):
        yield Near(proposal_words(found), found.filters.query)
    if filters.province:
        yield from _of_the_province(filters, clock)


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
