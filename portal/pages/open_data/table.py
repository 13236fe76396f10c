"""How a table of the open data is described: fields, their types, the rows they are read from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from portal.territory.queries import unit_today
from products.catalogue import Clock

VERSION = "1.3"
AT_ONCE = 1000
TEXT, NUMBER, MONEY, MEASURE, YES_NO, DAY, MOMENT, LIST, ADDRESS, ID = (
    "text", "integer", "integer", "decimal", "boolean", "date", "date-time", "list", "uri", "uuid",
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One column: its name for ever, its type, what it means, and the value of a row. `codes` lists what may stand in it."""

    name: str
    type: str
    meaning: str
    value: Callable[[Any, Clock], Any]
    codes: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class DataSet:
    """One table of the open data; `rows` reads it piece by piece, so that memory stays flat."""

    name: str
    title: str
    about: str
    fields: tuple[Field, ...]
    rows: Callable[[Clock], Iterable[Any]]

    def values(self, row: Any, clock: Clock) -> dict[str, Any]:
        return {field.name: field.value(row, clock) for field in self.fields}


def of(path: str) -> Callable[[Any, Clock], Any]:
    """The value behind a dotted path; None where something on the way is missing."""
    names = path.split(".")

    def value(row: Any, clock: Clock) -> Any:
        for name in names:
            row = getattr(row, name, None)
            if row is None:
                return None
        return row

    return value


def listed(choices: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((str(value), label) for value, label in choices)


def today_slug(row: Any, clock: Clock) -> str | None:
    return unit_today(row.territory_id).slug if row.territory_id else None
