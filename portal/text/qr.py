"""QR codes as one path in modules, for SVG and for typst."""

from collections.abc import Iterable
from dataclasses import dataclass

import segno


@dataclass(frozen=True)
class Drawing:
    """The dark modules as runs of one SVG path, one unit each; the quiet zone is left to who places it."""

    path: str
    modules: int


def draw(text: str, *, error: str = "m") -> Drawing:
    """The QR code of a text at this level of error correction (l, m, q, h), or a higher one where it costs no room."""
    rows = segno.make(text, error=error, micro=False).matrix
    return Drawing(" ".join(run for y, row in enumerate(rows) for run in _runs(row, y)), len(rows))


def _runs(row: Iterable[int], y: int) -> list[str]:
    found, start = [], None
    for x, dark in enumerate((*row, 0)):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            found.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            start = None
    return found
