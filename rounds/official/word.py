"""Facts filled into a Word template; every text is escaped, so names with & < > stay names."""

from io import BytesIO
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate

TEMPLATES = Path(__file__).resolve().parent / "word"


def render(template: str, facts: dict[str, Any]) -> bytes:
    """The .docx of one form."""
    return fill(TEMPLATES / f"{template}.docx", facts)


def fill(template: "Path | BytesIO", facts: dict[str, Any]) -> bytes:
    """A template, ours or an office's own, filled. Raises what jinja raises for a template it cannot read."""
    document = DocxTemplate(template)
    document.render(facts, autoescape=True)
    out = BytesIO()
    document.save(out)
    return out.getvalue()
