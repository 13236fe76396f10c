"""In which order a judge goes through the own dossiers: the judge's own lot, or the booths of the hall.

The own order is the same every day and another for every judge, so that no dossier is everybody's first. The
choice stays in the session: the list, and "before" and "after" on a sheet, follow it.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Any

OWN, BOOTH = "rieng", "gian"
ORDERS = (OWN, BOOTH)
PARAMETER, KEPT_AS = "thu-tu", "judge_order"
_PART = re.compile(r"\d+|\D+")
# A dossier without a booth stands after all that have one.
_NOWHERE = ((2, 0, ""),)

Key = tuple[tuple[tuple[int, int, str], ...], str]


def own_order(judge_uuid: object, dossier_uuid: object) -> str:
    """Where a dossier stands in a judge's own order."""
    return hashlib.sha256(f"{judge_uuid}{dossier_uuid}".encode()).hexdigest()


def booth_key(booth: str) -> tuple[tuple[int, int, str], ...]:
    """ "A2" before "A10": figures are numbers, letters are letters, no booth comes last."""
    parts = _PART.findall(booth.strip().upper())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts) or _NOWHERE


def key(order: str, judge_uuid: object, dossier_uuid: object, booth: str, entry_code: str) -> Key:
    """What to sort a dossier by. In one booth by entry code, then by the own order."""
    own = own_order(judge_uuid, dossier_uuid)
    if order != BOOTH:
        return ((), own)
    return ((*booth_key(booth), (3, 0, ""), *booth_key(entry_code)), own)


def chosen(session: Any) -> str:
    """The order of this session."""
    kept = session.get(KEPT_AS, OWN)
    return kept if kept in ORDERS else OWN


def choose(session: Any, wanted: str | None) -> str:
    """Take over a choice made in an address; anything else leaves the session as it is."""
    if wanted in ORDERS and wanted != chosen(session):
        session[KEPT_AS] = wanted
    return chosen(session)


def any_booth(booths: Iterable[str]) -> bool:
    """Whether the hall has been laid out at all: without booths there is nothing to order by."""
    return any(booth.strip() for booth in booths)
