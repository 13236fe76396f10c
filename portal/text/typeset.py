"""Facts set in type through typst: PDF, PNG or SVG, with the fonts beside this module and no other."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import typst

FONTS = Path(__file__).resolve().parent / "fonts"
# A "word" longer than a narrow column would run over its border; it may break after so many letters.
_LONG_WORD = re.compile(r"\S{25,}")
_CHUNK = re.compile(r"(\S{20})(?=\S)")
ZERO_WIDTH_SPACE = "\u200b"

Format = Literal["pdf", "png", "svg"]


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


def render(
    template: Path, facts: dict[str, Any], *, format: Format = "pdf", ppi: float = 144, tagged: bool = True
) -> bytes:
    """One document: a PDF of any number of pages, or a picture of the only page.

    The template sees nothing outside its own folder. The facts travel as JSON, so no text is ever read as markup;
    names that people typed go through `breakable` first. A PDF is `tagged` for people who have it read out.
    """
    result = typst.compile(
        str(template),
        root=str(template.parent),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format=format,
        ppi=ppi,
        pdf_tags=tagged,
        sys_inputs={"facts": json.dumps(facts, ensure_ascii=False)},
    )
    assert isinstance(result, bytes)
    return result


def breakable(value: Any) -> Any:
    """The facts with room to break in words longer than any Vietnamese word is."""
    if isinstance(value, dict):
        return {key: breakable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [breakable(one) for one in value]
    if isinstance(value, str):
        return _LONG_WORD.sub(lambda found: _CHUNK.sub(rf"\1{ZERO_WIDTH_SPACE}", found.group()), value)
    return value
