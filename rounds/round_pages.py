"""Every module with pages of a round at the desk; each lists its own in PATHS as (route, view, name)."""

from typing import Any

from . import complaints_desk

MODULES: tuple[Any, ...] = (complaints_desk,)
