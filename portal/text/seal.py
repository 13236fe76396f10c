"""The seal of recognition, drawn as SVG.

The higher the level the denser the seal: dashed frame, one frame, two frames, solid.
Lacquer red means "in force today" and is used for nothing else; a seal out of force keeps
its shape and loses its colour, a revoked one is also struck through. It is the portal's
mark, never the stamp of an office.
"""

from dataclasses import dataclass
from html import escape
from typing import Literal

Ink = Literal["lacquer", "faded", "struck"]

INK_BY_STATUS: dict[str, Ink] = {
    "valid": "lacquer",
    "expiring": "lacquer",
    "expired": "faded",
    "superseded": "faded",
    "suspended": "faded",
    "withdrawn": "struck",
    "revoked": "struck",
}
COLOURS: dict[Ink, str] = {"lacquer": "#A3231B", "faded": "#746B5E", "struck": "#746B5E"}
GROUND = "#FFFCF6"

LINES: dict[str, tuple[str, ...]] = {
    "commune": ("XÃ",),
    "district": ("HUYỆN",),
    "province": ("TỈNH",),
    "region": ("KHU", "VỰC"),
    "national": ("QUỐC", "GIA"),
}

# Corners are off by up to 1.5 so that the edge reads as cut by hand. One outline for all: a seal is a type, not a drawing.
_OUTLINE = (
    "M4.6 3.4 67.2 2.3Q69.6 2.3 69.6 4.7L69.9 67Q69.9 69.4 67.5 69.5L5 70.2Q2.6 70.2 2.6 67.8L2.2 5.8Q2.2 3.5 4.6 3.4Z"
)
_INNER = "M9.2 9 63 8.4 63.4 63.2 9.5 63.8Z"
_PIN_HOLES = (
    (14.4, 4.6, 0.6),
    (66.6, 30, 0.7),
    (60.6, 12.6, 0.5),
    (5, 47.4, 0.8),
    (52.4, 67, 0.8),
    (20.4, 60.2, 0.5),
    (66, 58.6, 0.5),
)
_WIDTHS: dict[str, float] = {"commune": 2, "district": 2, "province": 2.8, "region": 3.8, "national": 4.6}
_LETTERS_AT_FULL_SIZE = 4  # "HUYỆN" would touch its frame
_TEXT = "Be Vietnam Pro, sans-serif"
_NUMERALS = "Portal Serif, Lora, serif"


def seal_svg(*, level: str, year: int | str | None, status: str, size: int, label: str) -> str:
    """The seal as an SVG element with an accessible name. Raises KeyError for an unknown level or status."""
    ink = INK_BY_STATUS[status]
    parts = [_frame(level, ink), *_lettering(LINES[level], year, solid=_is_solid(level, ink))]
    if ink == "struck":
        parts.append('<path d="M4 67 68 5" stroke="#1C2430" stroke-width="3.6"/>')
    return (
        f'<svg class="seal seal--{ink}" width="{size}" height="{size}" viewBox="0 0 72 72" color="{COLOURS[ink]}"'
        f' fill="none" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


@dataclass(frozen=True)
class Shape:
    """A seal in force on a field of 72 by 72, for who draws it in another way: paths as SVG spells them."""

    outline: str
    inner: str
    holes: tuple[tuple[float, float, float], ...]
    width: float
    dashed: bool
    solid: bool
    lines: tuple[str, ...]
    letter_size: float


def shape(level: str) -> Shape:
    """What the seal of a level is made of. Raises KeyError for an unknown level."""
    lines = LINES[level]
    return Shape(
        outline=_OUTLINE,
        inner=_INNER if level in {"region", "national"} else "",
        holes=_PIN_HOLES,
        width=_WIDTHS[level],
        dashed=level in {"commune", "district"},
        solid=_is_solid(level, "lacquer"),
        lines=lines,
        letter_size=_letter_size(lines),
    )


def _is_solid(level: str, ink: Ink) -> bool:
    return level == "national" and ink == "lacquer"


def _frame(level: str, ink: Ink) -> str:
    if _is_solid(level, ink):
        holes = "".join(f'<circle cx="{x}" cy="{y}" r="{r}" fill="{GROUND}"/>' for x, y, r in _PIN_HOLES)
        return (
            f'<path d="{_OUTLINE}" fill="currentColor"/>'
            f'<path d="{_INNER}" stroke="{GROUND}" stroke-width="1.3"/>{holes}'
        )
    width = _WIDTHS[level]
    dashes = ' stroke-dasharray="7 4.2"' if level in {"commune", "district"} else ""
    outer = f'<path d="{_OUTLINE}" fill="{GROUND}" stroke="currentColor" stroke-width="{width}"{dashes}/>'
    if level in {"region", "national"}:
        outer += f'<path d="{_INNER}" stroke="currentColor" stroke-width="1.3"/>'
    return outer


def _letter_size(lines: tuple[str, ...]) -> float:
    return 17 if len(lines) == 1 and len(lines[0]) <= _LETTERS_AT_FULL_SIZE else 14.2


def _lettering(lines: tuple[str, ...], year: int | str | None, *, solid: bool) -> list[str]:
    fill = GROUND if solid else "currentColor"
    single = len(lines) == 1
    size = _letter_size(lines)
    baselines: tuple[float, ...] = (36.4,) if single else (26.6, 42.2)
    if year is None:
        baselines = tuple(y + 6 for y in baselines)
    parts = [
        f'<text x="36.1" y="{y}" text-anchor="middle" font-family="{_TEXT}" font-weight="700" font-size="{size}" fill="{fill}">{line}</text>'
        for line, y in zip(lines, baselines, strict=True)
    ]
    if year is not None:
        parts.append(f'<path d="M19 47.2H53.4" stroke="{fill}" stroke-width="1.1"/>')
        parts.append(
            f'<text x="36.2" y="58.8" text-anchor="middle" font-family="{_NUMERALS}" font-weight="600"'
            f' font-size="12.4" fill="{fill}">{escape(str(year))}</text>'
        )
    return parts
