"""What the programme asks of a person outside the desk: gathered here for the page of one's own support.

Each owner names a function `(user, on) -> list[Asked]`: progress to send, findings to answer, results to tell. Each
takes a fixed number of queries. Names are dotted paths, so that those modules may import `Asked` from here.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Asked:
    """One thing to do: a sentence that begins with the verb, where to do it, and by when."""

    title: str
    url: str
    due_on: dt.date | None = None
    # What it is about, in small below the title: the project's name.
    about: str = ""


Source = Callable[[Any, dt.date], list[Asked]]

SOURCES: list[str] = [
    "extension.needs.views.asked_of",
    "extension.watch.asked.asked_of",
    "extension.results.queries.asked_of",
    "extension.markets.fair_queries.asked_of",
]


def asked_of(user: Any, on: dt.date) -> list[Asked]:
    """Everything asked of the person, soonest first, undated last."""
    rows: list[Asked] = []
    for name in SOURCES:
        source: Source = import_string(name)
        rows.extend(source(user, on))
    return sorted(rows, key=lambda row: (row.due_on is None, row.due_on or on, row.title))
