"""Titles of rounds as people say them."""

from typing import TYPE_CHECKING

from products.enums import Level

from portal.text.formats import roman

if TYPE_CHECKING:
    from .round import Round


def round_title(round_: "Round") -> str:
    """"Cấp tỉnh Thái Nguyên, lần thứ VII, năm 2026"."""
    place = {
        Level.NATIONAL: "",
        Level.REGION: f" {round_.get_region_display()}",
    }.get(Level(round_.level), f" {round_.territory.name if round_.territory else ''}")
    locality = f" {round_.locality}," if round_.locality else ""
    ordinal = f", lần thứ {roman(round_.ordinal)}" if round_.ordinal else ""
    return f"{round_.get_level_display()}{locality}{place}{ordinal}, năm {round_.year}"
