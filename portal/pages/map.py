"""The map of Viet Nam as SVG, drawn on the server from 63 former provinces.

Today's units are unions of former ones, so one drawing serves both bases. Hoàng Sa (Đà Nẵng) and
Trường Sa (Khánh Hòa) are always drawn and labelled. Coordinates are set on a whole grid:
neighbours share their corners, so they still do afterwards, and the page weighs a quarter.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.territory.enums import Basis
from portal.territory.queries import Unit, register
from portal.text.folding import sort_key
from portal.text.formats import number

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
# A register of thousands would be one dark map: steps are then multiplied, so that the last begins below a quarter of the most.
FACTORS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
VIEW_BOX = "0 0 812 873"
# The Red River delta once more, three times as large, in the open water: former units there are smaller than a fingertip.
DELTA = (158, 96, 84, 104)
INSET = (480, 26, 252, 312)
# Of the small map beside other things only the shape is meant to be known.
LOCATOR_GRID = 5
TRIANGLE = 3
_TOKEN = re.compile(r"[mMlLcCzZ]|[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?")
Point = tuple[float, float]
Say = Callable[[str, int], str]


@dataclass(frozen=True)
class Area:
    """One unit to draw: its path, how many recognitions, where a click leads."""

    path: str
    name: str
    count: int
    link: str
    words: str
    small: bool = False
    islands: bool = False


@dataclass(frozen=True)
class Voice:
    """In which words a map speaks: what it is, one unit with its count, and the steps of its legend."""

    label: str
    said: Say
    most: str
    between: str
    none: str


def said(name: str, count: int) -> str:
    """ "Hà Nội: 5 lượt công nhận", as it is read out."""
    words = ngettext("%(name)s: %(count)s lượt công nhận", "%(name)s: %(count)s lượt công nhận", count)
    return words % {"name": name, "count": number(count)}


def of_recognitions() -> Voice:
    """The words of a map that counts recognitions."""
    return Voice(
        label=_("Bản đồ Việt Nam theo số lượt công nhận; số liệu nằm trong danh sách bên cạnh."),
        said=said,
        most=_("từ %(least)s lượt trở lên"),
        between=_("%(first)s đến %(last)s lượt"),
        none=_("chưa có lượt nào"),
    )


def steps_for(most: int) -> tuple[int, ...]:
    """Where each step of colour begins, for the largest count on the map."""
    factor = next((by for by in FACTORS if STEPS[-1] * by * 4 >= most), FACTORS[-1])
    return (1, *(least * factor for least in STEPS[1:]))


def step(count: int, steps: Sequence[int] = STEPS) -> int:
    """The fill of a count: 0 none, 1 for 1–3, 2 for 4–6, 3 for 7–12, 4 above."""
    return sum(count >= least for least in steps)


def legend(steps: Sequence[int] = STEPS, voice: Voice | None = None) -> list[tuple[int, str]]:
    """The steps with their words, the most first."""
    voice = voice or of_recognitions()
    found = [(len(steps), voice.most % {"least": number(steps[-1])})]
    for place in range(len(steps) - 1, 0, -1):
        span = {"first": number(steps[place - 1]), "last": number(steps[place] - 1)}
        found.append((place, voice.between % span))
    return [*found, (0, voice.none)]


def draw(
    counts: Mapping[int, int],
    links: Mapping[int, str],
    *,
    basis: str,
    steps: Sequence[int] = STEPS,
    inset: bool = False,
    voice: Voice | None = None,
) -> SafeString:
    """The map with counts per unit (its own key) on a basis, as one SVG element; units in the order of their names.

    With `inset` the Red River delta is drawn a second time, large, for hands and eyes alone: its links repeat those
    of the map, so they stay out of the order of tabs.
    """
    voice = voice or of_recognitions()
    areas = [*_land(counts, links, basis, voice.said), *_islands(counts, links, basis, voice.said)]
    drawn = ((_drawn(index, area, step(area.count, steps)),) for index, area in enumerate(areas))
    return format_html(
        '<svg viewBox="{}" role="group" aria-label="{}">{}{}{}</svg>',
        VIEW_BOX,
        voice.label,
        format_html_join("", "{}", drawn),
        _labels(),
        _inset(areas, steps) if inset and any(_lies_in_delta(area) for area in areas) else "",
    )


def _drawn(index: int, area: Area, fill: int) -> SafeString:
    """A gap in the colour of the ground first, then the fill: inner borders vanish, outer ones stay."""
    body = format_html(
        '<title>{}</title><defs><path id="m{}" d="{}"/></defs>{}',
        area.words,
        index,
        area.path,
        _twice(index, area, fill),
    )
    if not area.link:
        return format_html("<g>{}</g>", body)
    if area.islands:
        return _for_hands(area, body)
    return format_html('<a href="{}" aria-label="{}">{}</a>', area.link, area.words, body)


def _twice(index: int, area: Area, fill: int) -> SafeString:
    kind = f"map-{fill}" + (" map-islets" if area.islands else "")
    return format_html('<use class="map-gap" href="#m{}"/><use class="{}" href="#m{}"/>', index, kind, index)


def _for_hands(area: Area, body: SafeString) -> SafeString:
    """A link that repeats another: for the mouse and the finger."""
    return format_html('<a href="{}" tabindex="-1" aria-hidden="true">{}</a>', area.link, body)


def _inset(areas: Sequence[Area], steps: Sequence[int]) -> SafeString:
    left, top, width, height = DELTA
    x, y, wide, tall = INSET
    shapes = [
        _for_hands(area, format_html("<title>{}</title>{}", area.words, _twice(index, area, step(area.count, steps))))
        for index, area in enumerate(areas)
        if area.small and area.link
    ]
    return format_html(
        '<g class="map-inset" aria-hidden="true"><rect x="{}" y="{}" width="{}" height="{}"/>'
        '<path d="M{} {}L{} {}M{} {}L{} {}"/><svg x="{}" y="{}" width="{}" height="{}" viewBox="{} {} {} {}">{}{}</svg>'
        '<rect x="{}" y="{}" width="{}" height="{}"/><text x="{}" y="{}" text-anchor="middle">{}</text></g>',
        *DELTA,
        *(left + width, top, x, y, left + width, top + height, x, y + tall),
        *INSET,
        *DELTA,
        format_html_join("", "{}", ((shape,) for shape in shapes)),
        format_html_join(
            "", '<text class="map-name" x="{}" y="{}" text-anchor="middle">{}</text>', _delta_names(areas)
        ),
        *INSET,
        x + wide // 2,
        y + tall + 22,
        _("Đồng bằng sông Hồng"),
    )


def _delta_names(areas: Sequence[Area]) -> Iterator[tuple[float, float, str]]:
    """Names in the middle of the units that lie whole within the inset."""
    for area in areas:
        if _lies_in_delta(area):
            x, y = _middle(area.path)
            yield round(x, 1), round(y + 1.5, 1), area.name


def _lies_in_delta(area: Area) -> bool:
    """Whether a unit that leads somewhere lies whole within the inset."""
    if not (area.small and area.link):
        return False
    west, east, north, south = _extent(area.path)
    left, top, width, height = DELTA
    return left <= west and east <= left + width and top <= north and south <= top + height


def locator(unit_id: int) -> SafeString:
    """The country in outline with one unit, then or today, in colour: a picture of a few kilobytes. Named by its title."""
    basis = Basis.CURRENT if register().units[unit_id].until is None else Basis.AT_THE_TIME
    here = {shape for shape in _raw() if _unit_of(shape, basis) == unit_id}
    land = "".join(path for shape, path in _rough_paths().items() if shape not in here)
    islands = "".join(_paths()[shape] for shape in ISLANDS if shape not in here)
    coloured = "".join(_rough_paths()[shape] for shape in here if shape not in ISLANDS)
    own_islands = "".join(_paths()[shape] for shape in here if shape in ISLANDS)
    return format_html(
        '<svg class="locator" viewBox="{}" role="img" aria-label="{}"><path class="locator__land" d="{}"/>'
        '<path class="locator__land map-islets" d="{}"/><path class="locator__here" d="{}"/>'
        '<path class="locator__here map-islets" d="{}"/>{}</svg>',
        VIEW_BOX,
        _("%(name)s trên bản đồ Việt Nam") % {"name": register().units[unit_id].name},
        land,
        islands,
        coloured,
        own_islands,
        _labels(),
    )


def units_drawn(basis: str) -> frozenset[int]:
    """The units that have a shape of their own on a basis."""
    return frozenset(unit for shape in _raw() if (unit := _unit_of(shape, basis)))


def _land(counts: Mapping[int, int], links: Mapping[int, str], basis: str, say: Say) -> list[Area]:
    parts: dict[int | None, list[str]] = {}
    for shape in _raw():
        if shape not in ISLANDS:
            # A shape that no unit answers for is drawn all the same: the outline of the country is whole.
            parts.setdefault(_unit_of(shape, basis), []).append(shape)
    areas = [_area(unit, shapes, counts, links, say) for unit, shapes in parts.items()]
    return sorted(areas, key=lambda area: sort_key(area.name))


def _area(unit: int | None, shapes: list[str], counts: Mapping[int, int], links: Mapping[int, str], say: Say) -> Area:
    name = register().units[unit].name if unit else _("Chưa rõ")
    path = "".join(_paths()[shape] for shape in shapes)
    count = counts.get(unit or 0, 0)
    return Area(path, name, count, links.get(unit or 0, ""), say(name, count), small=_meets_delta(shapes))


def _meets_delta(shapes: Iterable[str]) -> bool:
    left, top, width, height = DELTA
    return any(
        west < left + width and east > left and north < top + height and south > top
        for west, east, north, south in map(_bounds_of_land, shapes)
    )


def _islands(counts: Mapping[int, int], links: Mapping[int, str], basis: str, say: Say) -> list[Area]:
    units = register().units
    found = ((name, _paths()[shape], _unit_of(shape, basis) or 0) for shape, name in ISLANDS.items())
    areas = []
    for islands, path, unit in found:
        name, count = _belonging(islands, units.get(unit)), counts.get(unit, 0)
        areas.append(Area(path, name, count, links.get(unit, ""), say(name, count), islands=True))
    return areas


def _belonging(name: str, unit: Unit | None) -> str:
    return _("%(islands)s, thuộc %(province)s") % {"islands": name, "province": unit.name} if unit else name


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


def _bounds(shape: str, grid: float = GRID["islands"]) -> tuple[int, int, int, int]:
    points = [point for ring in _rings(_raw()[shape], grid) for point in ring]
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    return round(min(xs)), round(max(xs)), round(min(ys)), round(max(ys))


@cache
def _bounds_of_land(shape: str) -> tuple[int, int, int, int]:
    return _bounds(shape, GRID["land"])


@cache
def _extent(path: str) -> tuple[float, float, float, float]:
    """West, east, north and south of a written path."""
    points = [point for ring in _absolute(path) for point in ring]
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    return min(xs), max(xs), min(ys), max(ys)


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


@cache
def _middle(path: str) -> Point:
    """The centre of gravity of a path's largest ring."""
    ring = max(_absolute(path), key=len)
    turns = [(a, b, a[0] * b[1] - b[0] * a[1]) for a, b in pairwise([*ring, ring[0]])]
    area = sum(turn for _a, _b, turn in turns) * 3
    x = sum((a[0] + b[0]) * turn for a, b, turn in turns)
    y = sum((a[1] + b[1]) * turn for a, b, turn in turns)
    return (x / area, y / area) if area else ring[0]


@cache
def _rough_paths() -> dict[str, str]:
    """Each province on a coarse grid; of its rings those that still enclose something."""
    return {
        shape: "".join(_written(ring) for ring in _rings(path, LOCATOR_GRID) if len(ring) >= TRIANGLE)
        for shape, path in _raw().items()
        if shape not in ISLANDS
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
