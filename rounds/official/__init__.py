"""Official forms, filled from the data: Word and PDF in the layout of Nghị định 30/2020/NĐ-CP."""

from typing import Any

from .links import FormLink

__all__ = ["FormLink", "offered"]


def offered(subject: Any, *, user: Any = None) -> list[FormLink]:
    """The forms of a round or a dossier that the person may make; `None` is the system."""
    return []
