"""The packaging kit of a recognised product: the mark in every form a printer asks for, and the text beside it.

The mark is the portal's seal of the level with the year of recognition, alone or with its words. It is drawn from
the same shape everywhere; letters are turned into outlines, so that no font is missing at the printer's.
"""

import datetime as dt
import io
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import segno
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.text import typeset
from portal.text.errors import Refusal
from portal.text.formats import day
from portal.text.seal import COLOURS, GROUND, shape

from .enums import DatePrecision
from .validity import Facts, first_stop, holds_on

Form = Literal["ngang", "dau"]
Ink = Literal["mau", "mot-mau", "am-ban"]

TEMPLATE = Path(__file__).resolve().parent / "typst" / "mark.typ"
FORMS: dict[str, Any] = {"ngang": gettext_lazy("Biểu trưng kèm chữ"), "dau": gettext_lazy("Chỉ biểu trưng")}
INKS: dict[str, Any] = {
    "mau": gettext_lazy("Màu"),
    "mot-mau": gettext_lazy("Một màu"),
    "am-ban": gettext_lazy("Âm bản, cho nền sẫm"),
}
# Below these the year in the seal can no longer be read; a wider one belongs on a wall, not on a pack.
SMALLEST: dict[str, int] = {"ngang": 40, "dau": 14}
LARGEST = 400
USUAL: dict[str, int] = {"ngang": 60, "dau": 25}
DOTS_PER_INCH = 300
MM_PER_INCH = 25.4
SMALLEST_QR = 20
QR_FORMATS = MARK_FORMATS = ("svg", "png", "pdf")
TYPES = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}
_STEP = re.compile(r"([MLQZ]?)([^MLQZ]*)")
_BLACK, _DARK, _WHITE = "#000000", "#16203B", "#FFFFFF"
_PAIRS = {"M": 1, "L": 1, "Q": 2}
_SEPARATE = re.compile(r"[\s,]+")


@dataclass(frozen=True)
class Mark:
    """What the mark says: the level, the year of recognition, the last year in which it holds."""

    level: str
    year: int
    until: int
    level_vi: str
    level_en: str

    def years(self) -> str:
        """2024–2027, or 2024 alone."""
        return f"{self.year}–{self.until}" if self.until > self.year else str(self.year)


def require_width(form: str, text: str) -> int:
    """The width in millimetres that was asked for, or the usual one. Raises Refusal `width`."""
    if not text:
        return USUAL[form]
    small, large = SMALLEST[form], LARGEST
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(large)) and small <= int(text) <= large):
        raise Refusal(
            "width",
            _("Bề ngang cần là số từ %(small)s đến %(large)s mm. In nhỏ hơn thì không đọc được năm trên biểu trưng.")
            % {"small": small, "large": large},
            field="rong",
        )
    return int(text)


@lru_cache(maxsize=64)
def draw(
    mark: Mark, *, form: Form, ink: Ink, format: typeset.Format, width: int, language: str = "vi", guide: bool = False
) -> bytes:
    """The mark as a file, `width` millimetres wide; a PNG has 300 dots to the inch and no ground."""
    facts = _facts(mark, form, ink, language, guide=guide)
    # The words give the lock-up its width, so it is measured once and then drawn to the width asked for.
    unit = width / _natural_width(mark, form, language, guide=guide)
    return typeset.render(TEMPLATE, facts | {"unit": unit}, format=format, ppi=DOTS_PER_INCH, tagged=False)


@lru_cache(maxsize=256)
def _natural_width(mark: Mark, form: Form, language: str, *, guide: bool) -> float:
    """How many units of the seal's field the whole mark is wide."""
    drawn = typeset.render(TEMPLATE, _facts(mark, form, "mau", language, guide=guide) | {"unit": 1}, format="svg")
    found = re.search(rb'viewBox="0 0 ([0-9.]+) ', drawn)
    assert found is not None
    return float(found[1]) / (72 / MM_PER_INCH)


def _facts(mark: Mark, form: Form, ink: Ink, language: str, *, guide: bool) -> dict[str, Any]:
    drawn = shape(mark.level)
    english = language == "en"
    reverse = ink == "am-ban"
    return {
        "unit": 1,
        "margin": 3,
        "lang": "en" if english else "vi",
        "title": "Outstanding rural industrial product" if english else "Biểu trưng công nhận",
        "ink": {"mau": COLOURS["lacquer"], "mot-mau": _BLACK, "am-ban": _WHITE}[ink],
        "words": {"mau": _DARK, "mot-mau": _BLACK, "am-ban": _WHITE}[ink],
        "ground": "" if reverse else (GROUND if ink == "mau" else _WHITE),
        "outline": steps(drawn.outline),
        "inner": steps(drawn.inner) if drawn.inner else [],
        "holes": drawn.holes,
        "width": drawn.width,
        "dashed": drawn.dashed,
        # White on dark cannot leave letters open, so the solid seal turns into its frames.
        "solid": drawn.solid and not reverse,
        "lines": drawn.lines,
        "letter_size": drawn.letter_size,
        "year": str(mark.year),
        "name": ["Outstanding", "rural industrial product"]
        if english
        else ["Sản phẩm công nghiệp", "nông thôn tiêu biểu"],
        "level": f"{mark.level_en if english else mark.level_vi} {mark.years()}",
        "alone": form == "dau",
        "guide": guide,
    }


def steps(path: str) -> list[list[Any]]:
    """A path in capital letters as steps with their points: `M4 3 67 2` is a move and a line."""
    found: list[list[Any]] = []
    for letter, numbers in _STEP.findall(path):
        if letter == "Z":
            found.append(["Z"])
            continue
        values = [float(one) for one in _SEPARATE.split(numbers.strip()) if one]
        points = [values[at : at + 2] for at in range(0, len(values), 2)]
        size = _PAIRS.get(letter, 1)
        for place in range(0, len(points), size):
            # What follows the first point of a move is a line.
            kind = "L" if letter == "M" and place else letter
            found.append([kind, *points[place : place + size]])
    return found


def qr(address: str, *, format: str, width: int) -> bytes:
    """The QR code of an address as a file, `width` millimetres wide with its quiet zone. Raises KeyError."""
    code = segno.make(address, error="m", micro=False)
    modules = code.symbol_size(border=4)[0]
    out = io.BytesIO()
    if format == "png":
        scale = max(1, round(width / MM_PER_INCH * DOTS_PER_INCH / modules))
        code.save(out, kind="png", scale=scale, border=4, dpi=DOTS_PER_INCH)
    elif format == "svg":
        code.save(out, kind="svg", scale=width / modules, border=4, unit="mm", light="#ffffff")
    else:
        code.save(out, kind="pdf", scale=width / modules * 72 / MM_PER_INCH, border=4, light="#ffffff")
    return out.getvalue()


def print_line(facts: Facts, on: dt.date) -> str:
    """The line that tells how long packs may be printed, as things stand today; empty when they may not."""
    if not holds_on(facts, on):
        return ""
    until = first_stop(facts, after=on)
    if until is None:
        return ""
    if facts.precision == DatePrecision.YEAR and until == facts.expires_on:
        return _("In bao bì đến hết năm %(year)s") % {"year": until.year}
    return _("In bao bì đến ngày %(day)s") % {"day": day(until)}


@dataclass(frozen=True)
class PackText:
    """Lines ready to be copied onto a pack, in one language."""

    language: str
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """What the lines on a pack speak of."""

    product: str
    product_en: str
    maker: str
    maker_en: str
    address: str
    decision: str
    decision_day: dt.date | None
    issuer: str
    issuer_en: str
    check: str


def pack_texts(mark: Mark, said: Said) -> list[PackText]:
    """What may stand beside the mark, in Vietnamese and in English. Nothing is made up: what is unknown is left out."""
    found = []
    for language, title in (("vi", _("Tiếng Việt")), ("en", _("Tiếng Anh"))):
        with translation.override(language):
            found.append(PackText(language, title, tuple(_lines(mark, said, english=language == "en"))))
    return found


def _lines(mark: Mark, said: Said, *, english: bool) -> list[str]:
    level = (mark.level_en if english else mark.level_vi).lower()
    what = "Outstanding rural industrial product at" if english else "Sản phẩm công nghiệp nông thôn tiêu biểu"
    lines = [(said.product_en or said.product) if english else said.product]
    lines.append(f"{what} {level}, {mark.year}" if english else f"{what} {level} năm {mark.year}")
    if said.decision:
        lines.append(_decision_line(said, english=english))
    lines.append((said.maker_en or said.maker) if english else said.maker)
    if said.address:
        lines.append(f"{'Address' if english else 'Địa chỉ'}: {said.address}")
    lines.append(f"{'Check at' if english else 'Tra cứu'}: {said.check}")
    return [line for line in lines if line]


def _decision_line(said: Said, *, english: bool) -> str:
    signed = f"{said.decision_day:%d/%m/%Y}" if said.decision_day else ""
    if english:
        when = f" of {signed}" if signed else ""
        return f"Decision No. {said.decision}{when}, {said.issuer_en or said.issuer}"
    when = f" ngày {signed}" if signed else ""
    return f"Quyết định số {said.decision}{when} của {said.issuer}"
