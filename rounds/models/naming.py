"""Titles of rounds as people say them."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from portal.text.formats import roman
from products.enums import Level

if TYPE_CHECKING:
    from .round import Round


def round_title(round_: "Round") -> str:
    """ "Cấp tỉnh Thái Nguyên, lần thứ VII, năm 2026"."""
    facts = {"where": _where(round_), "year": round_.year}
    if not round_.ordinal:
        return _("%(where)s, năm %(year)s") % facts
    return _("%(where)s, lần thứ %(ordinal)s, năm %(year)s") % {**facts, "ordinal": roman(round_.ordinal)}


def _where(round_: "Round") -> str:
    """ "Cấp tỉnh Thái Nguyên", "Cấp xã Tân Cương, Thái Nguyên", "Cấp khu vực phía Bắc", "Cấp quốc gia"."""
    scope = round_.territory.name if round_.territory else ""
    if round_.level == Level.REGION:
        scope = round_.get_region_display()
    if round_.level == Level.NATIONAL:
        scope = ""
    place = ", ".join(part for part in (round_.locality, scope) if part)
    level = round_.get_level_display()
    return _("%(level)s %(place)s") % {"level": level, "place": place} if place else level
