"""The texts a paper rests on, by its day: dated data, read from the reference file beside this package."""

import csv
import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

REFERENCE = Path(__file__).resolve().parent.parent / "reference" / "grounds.csv"


class Ground(NamedTuple):
    since: dt.date
    until: dt.date | None
    text: str

    def holds_on(self, on: dt.date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)


@lru_cache(maxsize=1)
def _read() -> tuple[Ground, ...]:
    with REFERENCE.open(encoding="utf-8", newline="") as rows:
        return tuple(
            Ground(
                dt.date.fromisoformat(row["since"]),
                dt.date.fromisoformat(row["until"]) if row["until"] else None,
                row["text"],
            )
            for row in csv.DictReader(rows)
        )


def grounds(on: dt.date) -> list[str]:
    """ "Căn cứ …;" per text in force on the day, oldest first."""
    return [f"Căn cứ {ground.text};" for ground in _read() if ground.holds_on(on)]
