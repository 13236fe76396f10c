"""Every module with pages of a round at the desk; each lists its own in PATHS as (route, view, name)."""

from typing import Any

from . import (
    assign_desk,
    board_desk,
    bodies_desk,
    complaints_desk,
    conflict_desk,
    criteria_desk,
    labels,
    nominations_board,
    paper_desk,
    paper_entry_desk,
    progress_desk,
    samples_desk,
    sessions_desk,
    sets_desk,
    sheets_desk,
)

MODULES: tuple[Any, ...] = (
    assign_desk,
    bodies_desk,
    board_desk,
    complaints_desk,
    conflict_desk,
    criteria_desk,
    labels,
    nominations_board,
    paper_desk,
    paper_entry_desk,
    progress_desk,
    samples_desk,
    sessions_desk,
    sets_desk,
    sheets_desk,
)
