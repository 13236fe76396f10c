"""Support as the pages of products and facilities show it: rows, and lanes of the line of life."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extension.markets.fair_queries import Part
from extension.queries import Support
from portal.text import formats
from products.life import Support as Lane


def lanes(rows: Iterable[Support], fairs: Sequence[Part] = ()) -> list[Lane]:
    """Each line of support as a lane of the drawing: fairs apart from everything else, single ones together."""
    return [*_support_lanes(rows), *_fair_lane(fairs)]


def _fair_lane(fairs: Sequence[Part]) -> list[Lane]:
    """One line from the first fair the product was shown at to the last."""
    if not fairs:
        return []
    years = [part.row.fair.starts_on.year for part in fairs]
    words = ngettext("%(n)s lần trưng bày", "%(n)s lần trưng bày", len(fairs)) % {"n": formats.number(len(fairs))}
    return [Lane(lane=_("Hội chợ"), year_from=min(years), year_to=max(years), label=words)]


def _support_lanes(rows: Iterable[Support]) -> list[Lane]:
    return [
        Lane(
            lane=_("Hội chợ") if is_fair(row) else _("Khuyến công"),
            year_from=row.project.year,
            year_to=row.project.year_to or row.project.year,
            label=label(row),
        )
        for row in sorted(rows, key=is_fair)
    ]


def is_fair(row: Support) -> bool:
    return row.beneficiary.fair_revenue is not None


def fair_label(part: Part) -> str:
    """A product at one fair: "Trưng bày tại hội chợ", with the revenue where the facility opened it."""
    if part.revenue is None:
        return _("Trưng bày tại hội chợ")
    return _("Trưng bày tại hội chợ, doanh thu của cơ sở %(money)s") % {"money": formats.money(part.revenue)}


def label(row: Support) -> str:
    """A few words for the drawing: "15 lượt, doanh thu ước 308 triệu đồng", "200 triệu đồng, máy sấy"."""
    if row.fair_revenue is not None:
        return _("%(turns)s lượt, doanh thu ước %(money)s") % {
            "turns": row.beneficiary.turns,
            "money": formats.money(row.fair_revenue),
        }
    if is_fair(row):
        turns = row.beneficiary.turns
        return ngettext("%(turns)s lượt tham gia", "%(turns)s lượt tham gia", turns) % {"turns": turns}
    if row.funds is not None:
        return _("Hỗ trợ %(money)s") % {"money": formats.money(row.funds)}
    return _("Được hỗ trợ")
