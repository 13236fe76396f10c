"""Charts drawn on the server as SVG that anyone can read: a title, a description, words beside every shape.

Each chart is drawn twice, for wide pages and for phones, so that its letters keep their size; the style sheet
shows one of them. Colour is never alone: every series has a pattern of its own, and the diagonal hatch is kept
for totals that were published and not counted. Pure: values in, text out.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal, NamedTuple

from portal.text.formats import number

WIDE, HALF, PHONE = 960, 520, 340
LETTER = 7.6  # mean width of a letter at 14 px, in pixels
LINE = 20
MANY_COLUMNS = 12
WIDEST = 160  # of one column with its room
Kind = Literal["bars", "columns", "steps", "funnel", "slope"]
# What a file needs to look like the page: the tokens of static/css/tokens.css (a test holds the two together).
TOKENS = {
    "paper": "#fbf8f2",
    "ink": "#1c2430",
    "ink-2": "#474f5c",
    "ink-3": "#646b76",
    "line": "#ddd3c2",
    "indigo-900": "#16203b",
    "indigo-800": "#1f2e54",
    "indigo-700": "#2a3e6e",
    "indigo-500": "#566c9e",
    "indigo-300": "#aab7d0",
    "indigo-100": "#e3e7ef",
    "hatch-ground": "#dde2ec",
}
FILLS = ("solid", "dots", "lines", "grid", "plain")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Item:
    """One bar, column or step. `shown` is its number as people write it; `parts` split it by the chart's series;
    `published` is a total that was published for the same thing and stands behind the bar."""

    label: str
    value: int
    shown: str
    note: str = ""
    parts: tuple[int, ...] = ()
    published: int = 0
    published_shown: str = ""

    @property
    def height(self) -> int:
        return max(self.value, self.published)


@dataclass(frozen=True)
class Chart:
    """What is drawn. `top` fixes the scale (100 for percent); `hatched` says that all of it was published.

    A slope joins the two `parts` of each item, named by the two `series`.
    """

    kind: Kind
    title: str
    items: tuple[Item, ...]
    series: tuple[str, ...] = ()
    published: str = ""  # what the hatch means, where some items have it
    hatched: bool = False
    top: int = 0

    @property
    def scale(self) -> int:
        return self.top or max((item.height for item in self.items), default=0) or 1

    @property
    def desc(self) -> str:
        """Every item in words, for those who do not see the drawing."""
        return "; ".join(self._words(item) for item in self.items)

    def _words(self, item: Item) -> str:
        parts = ", ".join(f"{name} {number(part)}" for name, part in zip(self.series, item.parts, strict=False) if part)
        more = [f"{self.published} {item.published_shown}" if item.published else "", parts, item.note]
        return f"{item.label}: " + ", ".join(filter(None, [item.shown, *more]))


def svg(chart: Chart, *, name: str, width: int = WIDE) -> str:
    """The chart as an element for a page. `name` makes its ids unique there."""
    paper = _Paper(width)
    _legend(paper, chart)
    _DRAWN[chart.kind](paper, chart)
    shape = "phone" if width == PHONE else "wide"
    ids = f"{name}-{shape}"
    head = (
        f'<svg class="draw draw--{shape}" viewBox="0 0 {width} {paper.height}" width="{width}" height="{paper.height}" '
        f'role="img" aria-labelledby="{ids}-t {ids}-d" xmlns="http://www.w3.org/2000/svg">'
        f'<title id="{ids}-t">{clean(chart.title)}</title><desc id="{ids}-d">{clean(chart.desc)}</desc>'
    )
    return f"{head}{''.join(paper.shapes)}</svg>"


def svg_file(chart: Chart, *, about: Sequence[str] = ()) -> str:
    """The chart as a file of its own: title above, its patterns and colours within, where it is from below."""
    paper = _Paper(WIDE)
    for line in wrapped(chart.title, WIDE):
        paper.text(0, paper.down(26) - 6, line, "v")
    _legend(paper, chart)
    _DRAWN[chart.kind](paper, chart)
    paper.down(16)
    for sentence in about:
        for line in wrapped(sentence, WIDE):
            paper.text(0, paper.down(LINE) - 5, line, "m")
    height = paper.height + 24
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg class="draw" xmlns="http://www.w3.org/2000/svg" viewBox="-24 -24 {WIDE + 48} {height + 24}" '
        f'width="{WIDE + 48}" height="{height + 24}" role="img" aria-labelledby="t d">'
        f'<title id="t">{clean(chart.title)}</title><desc id="d">{clean(chart.desc)}</desc>'
        f"<style>{_style()}</style><defs>{PATTERNS}</defs>"
        f'<rect x="-24" y="-24" width="{WIDE + 48}" height="{height + 24}" fill="{TOKENS["paper"]}"/>'
        f"{''.join(paper.shapes)}</svg>\n"
    )


# Patterns are named once for a page; the ground and the ink of each come from the style sheet.
PATTERNS = (
    '<pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="hatch-ground" width="8" height="8"/><path class="hatch-line" d="M0 0V8"/></pattern>'
    '<pattern id="draw-dots" width="7" height="7" patternUnits="userSpaceOnUse"><rect class="pt-ground" width="7" '
    'height="7"/><circle class="pt-ink" cx="3.5" cy="3.5" r="1.9"/></pattern>'
    '<pattern id="draw-lines" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="pt-ground" width="6" '
    'height="6"/><rect class="pt-ink" width="6" height="2.4"/></pattern>'
    '<pattern id="draw-grid" width="8" height="8" patternUnits="userSpaceOnUse"><rect class="pt-ground" width="8" '
    'height="8"/><rect class="pt-ink" width="8" height="1.6"/><rect class="pt-ink" width="1.6" height="8"/></pattern>'
)
_PAINT = {
    "solid": "",
    "dots": ' fill="url(#draw-dots)"',
    "lines": ' fill="url(#draw-lines)"',
    "grid": ' fill="url(#draw-grid)"',
    "plain": "",
    "hatch": ' fill="url(#hatch)"',
}


def clean(text: str) -> str:
    """Text that is well-formed XML whatever it holds."""
    return escape(_UNPRINTABLE.sub("", text))


def wrapped(text: str, width: float) -> list[str]:
    """Text broken between words into lines of at most so many pixels at 14 px."""
    room, lines = max(int(width / LETTER), 4), [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


class _Paper:
    """Shapes in order, and how far down the drawing has come."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.height = 0
        self.shapes: list[str] = []

    @property
    def is_phone(self) -> bool:
        return self.width == PHONE

    def down(self, by: int) -> int:
        """Make room below; the new lower edge."""
        self.height += by
        return self.height

    def text(self, x: float, y: float, words: str, kind: str = "", *, anchor: str = "") -> None:
        attributes = (f' class="{kind}"' if kind else "") + (f' text-anchor="{anchor}"' if anchor else "")
        self.shapes.append(f'<text x="{x:g}" y="{y:g}"{attributes}>{clean(words)}</text>')

    def box(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        self.shapes.append(
            f'<rect class="f-{fill}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"{_PAINT[fill]}/>'
        )

    def path(self, d: str, kind: str) -> None:
        self.shapes.append(f'<path class="{kind}" d="{d}"/>')


class _Place(NamedTuple):
    """Where a bar may be drawn: its corner (of a column the foot), and how much room it has."""

    x: float
    y: float
    wide: float
    tall: float


def _legend(paper: _Paper, chart: Chart) -> None:
    """What each fill means, above the drawing; nothing where there is one fill and nothing to tell apart."""
    known = list(zip(FILLS, chart.series, strict=False)) if chart.kind in {"bars", "columns"} else []
    if chart.published:
        known.append(("hatch", chart.published))
    x = 0.0
    for fill, label in known:
        size = 36 + len(label) * LETTER
        if x and x + size > paper.width:
            x = 0.0
        if x == 0:
            paper.down(26)
        paper.box(x, paper.height - 20, 18, 13, fill)
        paper.text(x + 26, paper.height - 8, label, "m")
        x += size + 12
    if known:
        paper.down(12)


def _bars(paper: _Paper, chart: Chart) -> None:
    """Labels to the left, on a phone above; bars from zero; the number at the right end, below a label it would squeeze."""
    values = [_number_words(item) for item in chart.items]
    numbers = max((len(words) for words in values), default=0) * 9 + 12
    labels = (
        0
        if paper.is_phone
        else min(max((len(i.label) for i in chart.items), default=0) * LETTER + 20, paper.width * 0.36)
    )
    room = max(paper.width - labels - numbers, 40)
    is_tight = numbers > paper.width / 2
    beside = paper.width if is_tight else paper.width - numbers
    for item, words in zip(chart.items, values, strict=True):
        lines = wrapped(item.label, beside if paper.is_phone else labels - 16)
        top = paper.height
        if paper.is_phone:
            top = paper.down(6)
            for line in lines:
                paper.text(0, paper.down(LINE) - 4, line)
            if is_tight:
                top = paper.down(LINE) - LINE
            _bar(paper, chart, item, _Place(0, paper.height + 2, paper.width, 14))
            paper.text(paper.width, top + LINE - 3, words, "n", anchor="end")
            paper.down(28)
        else:
            tall = max(len(lines) * LINE + 18, 40)
            first = top + tall / 2 - (len(lines) - 1) * LINE / 2 + 5
            for place, line in enumerate(lines):
                paper.text(0, first + place * LINE, line)
            _bar(paper, chart, item, _Place(labels, top + tall / 2 - 8, room, 16))
            paper.text(paper.width, top + tall / 2 + 6, words, "n", anchor="end")
            paper.down(tall)
        paper.path(f"M0 {paper.height - 0.5:g}H{paper.width}", "g")


def _number_words(item: Item) -> str:
    return f"{item.shown} ({item.note})" if item.note else item.shown


def _bar(paper: _Paper, chart: Chart, item: Item, at: _Place) -> None:
    x = at.x
    if item.published:
        paper.box(x, at.y, _share(item.published, chart.scale, at.wide), at.tall, "hatch")
    for fill, part in zip(FILLS, item.parts or (item.value,), strict=False):
        size = _share(part, chart.scale, at.wide)
        if size:
            paper.box(x, at.y, size, at.tall, "hatch" if chart.hatched else fill)
            x += size


def _share(value: int, scale: int, room: float) -> float:
    """So many pixels, and two for the least there is."""
    return round(max(value * room / scale, 2), 1) if value > 0 else 0


def _columns(paper: _Paper, chart: Chart) -> None:
    """Upright bars on a base line, the number above each, its name below."""
    tall = 150 if paper.is_phone else 200
    base = paper.down(tall + 34)
    pitch = min(paper.width / max(len(chart.items), 1), WIDEST)
    wide = min(pitch * 0.62, 72)
    for place, item in enumerate(chart.items):
        middle = pitch * (place + 0.5)
        top = _stack(paper, chart, item, _Place(middle - wide / 2, base, wide, tall))
        if item.height == 0:
            paper.shapes.append(f'<circle class="n" cx="{middle:g}" cy="{base - 5:g}" r="2"/>')
        elif _has_room(chart, place, pitch):
            paper.text(middle, top - 7, item.published_shown or item.shown, "n", anchor="middle")
    paper.path(f"M0 {base}H{pitch * len(chart.items):g}", "b")
    paper.down(24)
    _names(paper, chart, pitch)


def _stack(paper: _Paper, chart: Chart, item: Item, at: _Place) -> float:
    """The parts of one column from the base up; where it ends."""
    y = at.y
    published = _share(item.published, chart.scale, at.tall)
    if published:
        paper.box(at.x, at.y - published, at.wide, published, "hatch")
    for fill, part in zip(FILLS, item.parts or (item.value,), strict=False):
        size = _share(part, chart.scale, at.tall)
        if size:
            paper.box(at.x, y - size, at.wide, size, "hatch" if chart.hatched else fill)
            y -= size
    return min(y, at.y - published)


def _has_room(chart: Chart, place: int, pitch: float) -> bool:
    """Whether the number above a column does not touch its neighbours': all of them, or the highest and the last."""
    longest = max(len(item.published_shown or item.shown) for item in chart.items) * 9 + 4
    if longest <= pitch:
        return True
    item = chart.items[place]
    return item.height == chart.scale or (
        place == len(chart.items) - 1 and chart.items[place - 1].height != chart.scale
    )


def _names(paper: _Paper, chart: Chart, pitch: float) -> None:
    """Names below the columns; where they would touch, every so many, and the last."""
    longest = max((len(item.label) for item in chart.items), default=0) * LETTER + 6
    if longest > pitch and len(chart.items) <= MANY_COLUMNS and any(" " in item.label for item in chart.items):
        _broken_names(paper, chart, pitch)
        return
    every, last = max(-int(-longest // pitch), 1), len(chart.items) - 1
    for place, item in enumerate(chart.items):
        if (last - place) % every == 0:
            paper.text(pitch * (place + 0.5), paper.height - 6, item.label, "a", anchor="middle")
    notes = [item.note for item in chart.items]
    if any(notes) and every == 1 and max(map(len, notes)) * LETTER <= pitch:
        paper.down(LINE)
        for place, note in enumerate(notes):
            paper.text(pitch * (place + 0.5), paper.height - 6, note, "m", anchor="middle")


def _broken_names(paper: _Paper, chart: Chart, pitch: float) -> None:
    rows = [wrapped(item.label, pitch) for item in chart.items]
    for place, lines in enumerate(rows):
        for row, line in enumerate(lines):
            paper.text(pitch * (place + 0.5), paper.height - 6 + row * LINE, line, "a", anchor="middle")
    paper.down((max(map(len, rows)) - 1) * LINE)
    notes = [wrapped(item.note, pitch) for item in chart.items]
    if any(item.note for item in chart.items):
        for place, lines in enumerate(notes):
            for row, line in enumerate(lines):
                paper.text(pitch * (place + 0.5), paper.height + 14 + row * LINE, line, "m", anchor="middle")
        paper.down(max(map(len, notes)) * LINE)


def _steps(paper: _Paper, chart: Chart) -> None:
    """A line that holds its height until the next item, with a mark and a number where it changes."""
    tall = 130 if paper.is_phone else 170
    base = paper.down(tall + 34)
    pitch = paper.width / max(len(chart.items), 1)
    d, before = "", None
    for place, item in enumerate(chart.items):
        x, y = pitch * place, base - item.value * tall / chart.scale
        d += f"{'M' if before is None else 'L'}{x:g} {y:g}H{x + pitch:g}"
        if item.value != before and _has_room(chart, place, pitch):
            paper.text(x + pitch / 2, y - 9, item.shown, "n", anchor="middle")
        paper.shapes.append(f'<circle class="p" cx="{x + pitch / 2:g}" cy="{y:g}" r="4"/>')
        before = item.value
    if d:
        paper.path(d, "l")
    paper.path(f"M0 {base}H{paper.width}", "b")
    paper.down(24)
    _names(paper, chart, pitch)


def _funnel(paper: _Paper, chart: Chart) -> None:
    """The number first, then its bar, below it what it is and its share of the step above."""
    numbers = max((len(item.shown) for item in chart.items), default=0) * 13 + 20
    room = paper.width - numbers
    for item in chart.items:
        top = paper.height
        _bar(paper, chart, item, _Place(numbers, top + 12, room, 16))
        paper.text(numbers - 16, top + 28, item.shown, "v", anchor="end")
        paper.down(36)
        for line in wrapped(f"{item.label}, {item.note}" if item.note else item.label, room):
            paper.text(numbers, paper.down(LINE) - 4, line)
        paper.down(10)
        paper.path(f"M0 {paper.height - 0.5:g}H{paper.width}", "g")


def _slope(paper: _Paper, chart: Chart) -> None:
    """Two upright scales, the one thing's two numbers joined by a line. On a phone names stand to the right only."""
    left, right = (paper.width * share for share in ((0.22, 0.5) if paper.is_phone else (0.3, 0.7)))
    for line in [f"{chart.series[0]} → {chart.series[1]}"] if paper.is_phone and chart.series else []:
        for part in wrapped(line, paper.width):
            paper.text(0, paper.down(LINE) - 4, part, "m")
    if not paper.is_phone:
        paper.down(28)
        for x, name, anchor in zip((left, right), chart.series, ("end", "start"), strict=False):
            paper.text(x, paper.height - 10, name, "m", anchor=anchor)
    tall = max(len(chart.items) * 26, 120)
    top = paper.height + 14
    sides = [[item.parts[side] for item in chart.items] for side in (0, 1)]
    ends = [_spread(values, chart.scale, top, tall) for values in sides]
    points = [[top + tall - value * tall / chart.scale for value in values] for values in sides]
    for x in (left, right):
        paper.path(f"M{x:g} {top}V{top + tall}", "b")
    for place, item in enumerate(chart.items):
        name = (
            item.label
            if len(item.label) * LETTER < paper.width - right - 60
            else _short(item.label, paper.width - right)
        )
        before = f"{sides[0][place]}" if paper.is_phone else f"{name} {sides[0][place]}"
        paper.path(f"M{left:g} {points[0][place]:g}L{right:g} {points[1][place]:g}", "l")
        paper.text(left - 12, ends[0][place] + 5, before, "a", anchor="end")
        paper.text(right + 12, ends[1][place] + 5, f"{sides[1][place]} {name}", "a", anchor="start")
        for x, y in ((left, points[0][place]), (right, points[1][place])):
            paper.shapes.append(f'<circle class="p" cx="{x:g}" cy="{y:g}" r="4"/>')
    paper.down(tall + 30)


def _short(label: str, room: float) -> str:
    longest = max(int((room - 44) / LETTER), 4)
    return label if len(label) <= longest else f"{label[: longest - 1].rstrip()}…"


def _spread(values: Sequence[int], scale: int, top: float, tall: float) -> list[float]:
    """Heights of the labels: where the values are, pushed apart where they would touch."""
    heights = [top + tall - value * tall / scale for value in values]
    order = sorted(range(len(values)), key=lambda place: heights[place])
    least = top
    for place in order:
        heights[place] = max(heights[place], least)
        least = heights[place] + LINE
    most = top + tall
    for place in reversed(order):
        heights[place] = min(heights[place], most)
        most = heights[place] - LINE
    return heights


_DRAWN: dict[Kind, Callable[[_Paper, Chart], None]] = {
    "bars": _bars,
    "columns": _columns,
    "steps": _steps,
    "funnel": _funnel,
    "slope": _slope,
}


def _style() -> str:
    """The rules of static/css/statistics.css that a file needs."""
    t = TOKENS
    return (
        f"text{{font:400 14px 'Be Vietnam Pro',sans-serif;fill:{t['ink']}}}"
        f".m,.a{{font-size:13px;fill:{t['ink-2']}}}.n{{font:600 15px Lora,serif;fill:{t['indigo-900']}}}"
        f".v{{font:600 21px Lora,serif;fill:{t['indigo-900']}}}"
        f".f-solid{{fill:{t['indigo-700']}}}.f-dots,.f-lines,.f-grid{{stroke:{t['indigo-700']}}}"
        f".f-hatch{{stroke:{t['indigo-500']}}}.f-plain{{fill:{t['paper']};stroke:{t['indigo-700']}}}"
        f".pt-ground,.hatch-ground{{fill:{t['hatch-ground']}}}.pt-ink{{fill:{t['indigo-700']}}}"
        f".hatch-line{{stroke:{t['indigo-300']};stroke-width:3}}.g{{stroke:{t['line']}}}"
        f".b{{stroke:{t['indigo-800']};stroke-width:2}}.l{{fill:none;stroke:{t['indigo-700']};stroke-width:2.5}}"
        f".p{{fill:{t['indigo-700']}}}"
    )


def years(counted: Iterable[int], *, longest: int = 40) -> list[int]:
    """The run of years to draw: without gaps, unless it would be longer than a page can show."""
    known = sorted(set(counted))
    if not known or known[-1] - known[0] >= longest:
        return known
    return list(range(known[0], known[-1] + 1))
