"""Facts set in type: PDF through typst, with the serif that lies beside the templates and no other."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

TEMPLATES = Path(__file__).resolve().parent / "typst"
# A "word" longer than a narrow column would run over its border; it may break after so many letters.
_LONG_WORD = re.compile(r"\S{25,}")
_CHUNK = re.compile(r"(\S{20})(?=\S)")
ZERO_WIDTH_SPACE = "\u200b"


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(TEMPLATES / "fonts")])


def render(template: str, facts: dict[str, Any]) -> bytes:
    """The PDF of one form. The facts travel as JSON, so no text is ever read as markup."""
    result = typst.compile(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"facts": json.dumps(_breakable(facts), ensure_ascii=False)},
    )
    assert isinstance(result, bytes)
    return result


def _breakable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _breakable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_breakable(one) for one in value]
    if isinstance(value, str):
        return _LONG_WORD.sub(lambda found: _CHUNK.sub(rf"\1{ZERO_WIDTH_SPACE}", found.group()), value)
    return value
