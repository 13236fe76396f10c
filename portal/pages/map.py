"""The map of Viet Nam as SVG, drawn on the server from 63 former provinces.

Today's units are unions of former ones, so one drawing serves both bases. Hoàng Sa (Đà Nẵng) and
Trường Sa (Khánh Hòa) are always drawn and labelled. Coordinates are set on a whole grid:
neighbours share their corners, so they still do afterwards, and the page weighs a quarter.
"""

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.territory.enums import Basis
from portal.territory.queries import register

SOURCE = settings.BASE_DIR / "static" / "vendor" / "vietnam-map" / "vietnam.json"
# The last day of the 63 provinces that the drawing shows.
DRAWN_AS_OF = dt.date(2025, 6, 30)
# Shapes whose name is not simply the unit's name without marks and spaces.
NAMED_OTHERWISE = {
    "baria": "ba ria vung tau",
    "hcm": "ho chi minh",
    "tthue": "hue",
    "hoangsa": "da nang",
    "truongsa": "khanh hoa",
}
ISLANDS = {"hoangsa": "Hoàng Sa", "truongsa": "Trường Sa"}
GRID = {"land": 1, "islands": 0.1}
STEPS = (1, 4, 7, 13)
VIEW_BOX = "0 0 812 873"
_TOKEN = re.compile(r"[mMlLcCzZ]|[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?")
Point = tuple[float, float]


@dataclass(frozen=True)
class Area:
    """One unit to draw: its path, how many recognitions, where a click leads."""

    path: str
    name: str
    count: int
    link: str
    islands: bool = False


def step(count: int) -> int:
    """The fill of a count: 0 none, 1 for 1–3, 2 for 4–6, 3 for 7–12, 4 above."""
    return sum(count >= least for least in STEPS)


def draw(counts: Mapping[int, int], links: Mapping[int, str], *, basis: str) -> SafeString:
    """The map with counts per unit (its own key) on a basis, as one SVG element."""
    areas = [*_land(counts, links, basis), *_islands(counts, links, basis)]
    shapes = format_html_join("", "{}", ((_drawn(index, area),) for index, area in enumerate(areas)))
    return format_html(
        '<svg viewBox="{}" role="group" aria-label="{}">{}{}</svg>',
        VIEW_BOX,
        _("Bản đồ Việt Nam theo số lượt công nhận; số liệu nằm trong danh sách bên cạnh."),
        shapes,
        _labels(),
    )


def _drawn(index: int, area: Area) -> SafeString:
    """A gap in the colour of the ground first, then the fill: inner borders vanish, outer ones stay."""
    fill = f"map-{step(area.count)}" + (" map-islets" if area.islands else "")
    body = format_html(
        '<title>{}: {}</title><defs><path id="m{}" d="{}"/></defs><use class="map-gap" href="#m{}"/><use class="{}" href="#m{}"/>',
        area.name,
        area.count,
        index,
        area.path,
        index,
        fill,
        index,
    )
    if area.count and not area.islands:
        return format_html('<a href="{}" aria-label="{}: {}">{}</a>', area.link, area.name, area.count, body)
    return format_html("<g>{}</g>", body)


def _land(counts: Mapping[int, int], links: Mapping[int, str], basis: str) -> list[Area]:
    parts: dict[int | None, list[str]] = {}
    for shape, path in _paths().items():
        if shape not in ISLANDS:
            unit = _unit_of(shape, basis)
            # A shape that no unit answers for is drawn all the same: the outline of the country is whole.
            parts.setdefault(unit, []).append(path)
    units = register().units
    return [
        Area(
            "".join(paths),
            units[unit].name if unit else _("Chưa rõ"),
            counts.get(unit or 0, 0),
            links.get(unit or 0, ""),
        )
        for unit, paths in parts.items()
    ]


def _islands(counts: Mapping[int, int], links: Mapping[int, str], basis: str) -> list[Area]:
    found = ((name, _paths()[shape], _unit_of(shape, basis) or 0) for shape, name in ISLANDS.items())
    return [Area(path, name, counts.get(unit, 0), links.get(unit, ""), islands=True) for name, path, unit in found]


def _unit_of(shape: str, basis: str) -> int | None:
    """The unit a shape belongs to on a basis: the former province, or the unit of today it went into."""
    wanted = NAMED_OTHERWISE.get(shape, shape).replace(" ", "")
    found = register()
    named = (row for row in found.names if row.holds_on(DRAWN_AS_OF) and row.folded.replace(" ", "") == wanted)
    then = next((row.unit_id for row in named if found.units[row.unit_id].holds_on(DRAWN_AS_OF)), None)
    if then is None or basis == Basis.AT_THE_TIME:
        return then
    return found.current_id(then)


def _labels() -> SafeString:
    return format_html_join("", '<text x="{}" y="{}" text-anchor="{}">{}</text>', _label_places())


@cache
def _label_places() -> tuple[tuple[int, int, str, str], ...]:
    """Hoàng Sa is named below its islets, Trường Sa in the open water above hers."""
    west, east, _north, south = _bounds("hoangsa")
    left, _right, top, _bottom = _bounds("truongsa")
    return (
        ((west + east) // 2, south + 24, "middle", ISLANDS["hoangsa"]),
        (left + 140, top + 40, "middle", ISLANDS["truongsa"]),
    )


def _bounds(shape: str) -> tuple[int, int, int, int]:
    points = [point for ring in _rings(_raw()[shape], GRID["islands"]) for point in ring]
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    return round(min(xs)), round(max(xs)), round(min(ys)), round(max(ys))


# --- paths ------------------------------------------------------------------------------------------------


@cache
def _raw() -> dict[str, str]:
    locations = json.loads(SOURCE.read_text(encoding="utf-8"))["locations"]
    return {shape: location["path"] for shape, location in locations.items()}


@cache
def _paths() -> dict[str, str]:
    return {
        shape: "".join(_written(ring) for ring in _rings(path, GRID["islands" if shape in ISLANDS else "land"]))
        for shape, path in _raw().items()
    }


def _rings(path: str, grid: float) -> Iterator[list[Point]]:
    """The closed rings of a path, absolute, on the grid, without repeated points."""
    for ring in _absolute(path):
        snapped = [(round(round(x / grid) * grid, 1), round(round(y / grid) * grid, 1)) for x, y in ring]
        yield [point for i, point in enumerate(snapped) if i == 0 or point != snapped[i - 1]]


def _absolute(path: str) -> Iterator[list[Point]]:
    """Points of each subpath. Of a curve only its end is kept: the source has them on islets alone."""
    ring: list[Point] = []
    at: Point = (0.0, 0.0)
    command = "m"
    numbers: list[float] = []
    for part in _TOKEN.findall(path):
        if part.isalpha():
            if part in "mMzZ" and ring:
                yield ring
                at, ring = ring[0] if part in "zZ" else at, []
            command, numbers = part, []
            continue
        numbers.append(float(part))
        if len(numbers) == (6 if command in "cC" else 2):
            x, y = numbers[-2:]
            at = (x, y) if command.isupper() else (at[0] + x, at[1] + y)
            ring.append(at)
            numbers = []
    if ring:
        yield ring


def _written(ring: list[Point]) -> str:
    """A ring as a short relative path; an islet that became a point keeps a hair of width for its stroke."""
    x, y = ring[0]
    steps = "".join(
        _number(round(bx - ax, 1), first=True) + _number(round(by - ay, 1)) for (ax, ay), (bx, by) in pairwise(ring)
    )
    return f"M{_number(x, first=True).strip()}{_number(y)}{'l' + steps.strip() if steps else 'h.1'}z"


def _number(value: float, *, first: bool = False) -> str:
    text = f"{value:g}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:g}"
    return text if text.startswith("-") and not first else f" {text}"
