"""The official forms as PDF: the template of a form, and its facts."""

from pathlib import Path
from typing import Any

from portal.text import typeset

TEMPLATES = Path(__file__).resolve().parent / "typst"


def render(template: str, facts: dict[str, Any]) -> bytes:
    """The PDF of one form."""
    return typeset.render(TEMPLATES / f"{template}.typ", typeset.breakable(facts))
