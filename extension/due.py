"""What in extension falls due, for the daily letters: gathered here, written by `extension.notices`.

Each owner names a function `(on) -> Iterator[Due]` that gives what is due soon or was due lately, whatever was
already told: the ledger of notices tells each person once per matter and day. Names are dotted paths, so that those
modules may import `Due` from here.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Due:
    """One matter of one day. `kind` is a notice kind of `extension.notices`; `subject` has a `uuid`.

    `due_on` is the day by which the thing is to be done. The lines of the schedule of reminders (rows that staff
    change) say how many days before or after it letters leave, and to whom: those for facilities go to `who`, the
    people who must do it; those for staff go to the staff of `territory`. Each reads `title` and `body`.
    """

    kind: str
    subject: Any
    due_on: dt.date
    who: tuple[Any, ...]
    title: str
    body: str
    territory: Any
    # The title without its day, for lists that show the day themselves.
    what: str = ""


Source = Callable[[dt.date], Iterable[Due]]

SOURCES: list[str] = [
    "extension.steps.due.project_matters",
    "extension.steps.due.year_matters",
    "extension.results.queries.due",
    "extension.watch.asked.due",
]


def due(on: dt.date) -> Iterator[Due]:
    """Everything that every source gives for the day."""
    for name in SOURCES:
        source: Source = import_string(name)
        yield from source(on)
