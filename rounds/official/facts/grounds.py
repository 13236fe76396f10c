"""The texts a paper rests on, by its day: dated data, read from the reference files beside this package."""

import csv
import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

REFERENCE = Path(__file__).resolve().parent.parent / "reference"


class Ground(NamedTuple):
    since: dt.date
    until: dt.date | None
    text: str
    funding: str = ""

    def holds_on(self, on: dt.date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)


@lru_cache
def _read(name: str) -> tuple[Ground, ...]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as rows:
        return tuple(
            Ground(
                dt.date.fromisoformat(row["since"]),
                dt.date.fromisoformat(row["until"]) if row["until"] else None,
                row["text"],
                row.get("funding", ""),
            )
            for row in csv.DictReader(rows)
        )


def grounds(on: dt.date) -> list[str]:
    """ "Căn cứ …;" per text of the voting in force on the day, oldest first."""
    return [f"Căn cứ {ground.text};" for ground in _read("grounds") if ground.holds_on(on)]


def extension_grounds(on: dt.date, funding: str) -> list[str]:
    """The same of extension, of money of that source."""
    found = [one for one in _read("extension_grounds") if one.holds_on(on) and one.funding in ("", funding)]
    return [f"Căn cứ {ground.text};" for ground in found]
