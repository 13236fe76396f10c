"""Every module with pages of a round at the desk; each lists its own in PATHS as (route, view, name)."""

from typing import Any

from . import (
    complaints_desk,
    criteria_desk,
    labels,
    paper_desk,
    paper_entry_desk,
    progress_desk,
    samples_desk,
    sets_desk,
    sheets_desk,
)

MODULES: tuple[Any, ...] = (
    complaints_desk,
    criteria_desk,
    labels,
    paper_desk,
    paper_entry_desk,
    progress_desk,
    samples_desk,
    sets_desk,
    sheets_desk,
)
