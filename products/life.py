"""The line of life (Quá trình công nhận) laid out as a drawing: pure, on plain values, whole pixels.

Years run across, one lane per level with the highest on top, then the lanes of support. A bar is as
long as the recognition holds; what a revocation cut off is drawn as an empty outline, a suspension hatched.
A dotted line rises from a recognition to the one of the level above that it was nominated to.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

WIDTH = 1200
LEFT = 150
AXIS = 48
ROW = 84
BAR = 36
SEAL = 64
SUPPORT_ROW = 72
EMPTY_YEARS = 6
LETTER = 7

Paper = Literal["woven", "ending", "past", "cut"]


@dataclass(frozen=True)
class Stay:
    """A recognition over time: from its first day to its last, and until when it really held."""

    lane: str
    rank: int
    level: str
    year: int
    status: str
    begins: dt.date
    ends: dt.date
    held_until: dt.date
    label: str
    key: int = 0
    rests_on: int = 0
    pauses: tuple[tuple[dt.date, dt.date], ...] = ()
    marks: tuple[dt.date, ...] = ()


@dataclass(frozen=True)
class Support:
    """Support received, in one year or over several."""

    lane: str
    year_from: int
    year_to: int
    label: str


@dataclass(frozen=True)
class Text:
    x: int
    y: int
    words: str
    anchor: str = "start"
    mark: str = ""


@dataclass(frozen=True)
class Box:
    x: int
    y: int
    width: int
    height: int
    paper: Paper


@dataclass(frozen=True)
class Seal:
    x: int
    y: int
    level: str
    year: int
    status: str


@dataclass(frozen=True)
class Mark:
    """A day on which something befell a recognition: its certificate issued anew, suspended, revoked."""

    x: int
    y: int


@dataclass(frozen=True)
class Rise:
    """From a recognition up to the one that it was nominated to."""

    x: int
    y: int
    to: int


@dataclass(frozen=True)
class Thread:
    """Support over time; a dot when it is of one year."""

    x: int
    y: int
    to: int

    @property
    def is_dot(self) -> bool:
        return self.to <= self.x


@dataclass
class Drawing:
    width: int = WIDTH
    height: int = AXIS
    now: int = 0
    years: list[Text] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    rules: list[int] = field(default_factory=list)
    lanes: list[Text] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    labels: list[Text] = field(default_factory=list)
    seals: list[Seal] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    rises: list[Rise] = field(default_factory=list)
    middles: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Scale:
    """Where a day lies between the first and the last year drawn."""

    first: int
    last: int

    @property
    def column(self) -> int:
        return (WIDTH - LEFT) // (self.last - self.first + 1)

    def at(self, day: dt.date) -> int:
        into = (day - dt.date(day.year, 1, 1)).days / 366
        return round(LEFT + (day.year - self.first + into) * self.column)


def draw(stays: Sequence[Stay], supports: Sequence[Support], *, on: dt.date, ending_days: int) -> Drawing:
    """Lay the whole line out. `ending_days` before its end a recognition in force turns straw."""
    scale = _scale(stays, supports, on)
    drawing = Drawing(now=scale.at(on))
    _years(drawing, scale, on)
    for lane in _in_order(stays):
        _stay_lane(drawing, scale, lane, on=on, ending_days=ending_days)
    _rises(drawing, scale, stays)
    for name in dict.fromkeys(support.lane for support in supports):
        _support_lane(drawing, scale, name, [s for s in supports if s.lane == name])
    drawing.columns = [LEFT + i * scale.column for i in range(scale.last - scale.first + 2)]
    return drawing


def _scale(stays: Sequence[Stay], supports: Sequence[Support], on: dt.date) -> Scale:
    begun = [stay.begins.year for stay in stays] + [s.year_from for s in supports]
    ended = [stay.ends.year for stay in stays] + [s.year_to for s in supports]
    first, last = min([*begun, on.year]) - 1, max([*ended, on.year]) + 1
    return Scale(min(first, last - EMPTY_YEARS + 1), last)


def _years(drawing: Drawing, scale: Scale, on: dt.date) -> None:
    for year in range(scale.first, scale.last + 1):
        x = LEFT + (year - scale.first) * scale.column + scale.column // 2
        drawing.years.append(Text(x, 18, str(year), "middle", "now" if year == on.year else ""))


def _in_order(stays: Iterable[Stay]) -> list[list[Stay]]:
    lanes: dict[str, list[Stay]] = {}
    for stay in sorted(stays, key=lambda s: (-s.rank, s.begins)):
        lanes.setdefault(stay.lane, []).append(stay)
    return list(lanes.values())


def _stay_lane(drawing: Drawing, scale: Scale, stays: list[Stay], *, on: dt.date, ending_days: int) -> None:
    """One lane; a recognition that begins while another still runs goes one row down."""
    top, free = drawing.height, [0]
    for stay in stays:
        begins = scale.at(stay.begins) - SEAL // 2
        row = next((i for i, taken in enumerate(free) if begins > taken), len(free))
        free[row:] = [scale.at(stay.ends), *free[row + 1 :]]
        _stay(drawing, scale, stay, top + row * ROW, on=on, ending_days=ending_days)
    drawing.lanes.append(Text(0, top + ROW // 2 + 4, stays[0].lane))
    drawing.height = top + len(free) * ROW
    drawing.rules.append(drawing.height)


def _stay(drawing: Drawing, scale: Scale, stay: Stay, top: int, *, on: dt.date, ending_days: int) -> None:
    middle = top + ROW // 2 - 6
    y, begins, ends = middle - BAR // 2, scale.at(stay.begins), scale.at(stay.ends + dt.timedelta(days=1))
    held = min(max(scale.at(stay.held_until), begins), ends)
    in_force = stay.status in {"valid", "expiring"}
    if not in_force:
        drawing.boxes.append(Box(begins, y, held - begins, BAR, "past"))
        if held < ends:
            drawing.boxes.append(Box(held, y, ends - held, BAR, "cut"))
    else:
        turn = max(begins, scale.at(stay.ends - dt.timedelta(days=ending_days)))
        drawing.boxes.append(Box(begins, y, turn - begins, BAR, "woven"))
        drawing.boxes.append(Box(turn, y, ends - turn, BAR, "ending"))
    for first, last in stay.pauses:
        _pause(drawing, scale, y, first=max(first, stay.begins), last=min(last, stay.held_until))
    drawing.marks += [Mark(scale.at(when), y) for when in stay.marks if stay.begins < when <= stay.ends]
    drawing.middles[stay.key] = middle
    drawing.seals.append(Seal(begins - SEAL // 2, middle - SEAL // 2, stay.level, stay.year, stay.status))
    below = middle + BAR // 2 + 17 if in_force else middle + 5
    drawing.labels.append(_label(begins + SEAL // 2 + 8, below, stay.label))


def _pause(drawing: Drawing, scale: Scale, y: int, *, first: dt.date, last: dt.date) -> None:
    if first <= last:
        x = scale.at(first)
        drawing.boxes.append(Box(x, y, max(scale.at(last + dt.timedelta(days=1)) - x, 2), BAR, "past"))


def _rises(drawing: Drawing, scale: Scale, stays: Sequence[Stay]) -> None:
    """Only upwards: the lane of the level above is drawn higher."""
    for stay in stays:
        below, above = drawing.middles.get(stay.rests_on), drawing.middles.get(stay.key)
        if stay.rests_on and below is not None and above is not None and below > above:
            drawing.rises.append(Rise(scale.at(stay.begins), below - BAR // 2, above + SEAL // 2))


def _label(x: int, y: int, words: str) -> Text:
    """A label that would leave the drawing is set against its right edge instead."""
    return Text(WIDTH, y, words, "end") if x + len(words) * LETTER > WIDTH else Text(x, y, words)


def _support_lane(drawing: Drawing, scale: Scale, name: str, supports: list[Support]) -> None:
    top, free = drawing.height, [0]
    for support in sorted(supports, key=lambda s: (s.year_from, s.year_to)):
        x = scale.at(dt.date(support.year_from, 1 if support.year_to > support.year_from else 7, 1))
        to = scale.at(dt.date(support.year_to, 12, 31)) if support.year_to > support.year_from else x
        row = next((i for i, taken in enumerate(free) if x > taken), len(free))
        free[row:] = [max(to, x + len(support.label) * LETTER) + 16, *free[row + 1 :]]
        y = top + row * SUPPORT_ROW // 2 + 22
        drawing.threads.append(Thread(x, y, to))
        drawing.labels.append(_label(x if to > x else x + 16, y + (20 if to > x else 5), support.label))
    drawing.lanes.append(Text(0, top + 27, name))
    drawing.height = top + max(SUPPORT_ROW, len(free) * SUPPORT_ROW // 2 + 20)
    drawing.rules.append(drawing.height)
