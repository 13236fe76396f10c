"""The parts of a product statement (Phụ lục 2) and the top criterion of the score sheet that each speaks to."""

from typing import Any

# Field of a dossier → code of the top criterion (TT 26/2014/TT-BCT, Phụ lục 4).
STATEMENT_PARTS = {
    "statement_market": "1",
    "statement_technology": "2",
    "statement_culture": "3",
    "statement_other": "4",
}


def parts_of(dossier: Any) -> dict[str, str]:
    """The parts as written, by field."""
    return {name: getattr(dossier, name) for name in STATEMENT_PARTS}
