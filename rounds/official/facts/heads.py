"""What every paper of the layout of Nghị định 30/2020/NĐ-CP carries: its head, its title, its foot."""

import datetime as dt
from typing import Any

from .offices import Authority, Office
from .words import blank_date, long_date

NO_BREAK = "\u00a0"


def unbroken(text: str, place: str) -> str:
    """A heading in which the place's name is not parted at the end of a line."""
    return text.replace(place, place.replace(" ", NO_BREAK)) if place else text


def paper(
    office: Office,
    on: dt.date,
    *,
    symbol: str,
    kind: str = "",
    subject: str = "",
    about: str = "",
    number: str = "",
    to: tuple[str, ...] = (),
    recipients: tuple[str, ...] = (),
    dated: bool = True,
) -> dict[str, Any]:
    """The frame of a paper. A letter has no `kind` and says `about` what it is under its number instead."""
    return {
        "superior": list(office.superior),
        "issuer": list(office.issuer),
        "number": office.number(symbol, number),
        "about": about,
        "place_date": f"{office.place}, {long_date(on) if dated else blank_date(on)}",
        "kind": kind,
        "subject": unbroken(subject, office.place),
        "to": list(to),
        "signer": list(office.signer),
        "recipients": [*recipients, "Lưu: VT."],
    }


def of_authority(
    body: Authority, on: dt.date, *, kind: str, subject: str, number: str = "", recipients: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The frame of a paper that the authority signs; its day is left to the pen until it has a number."""
    return {
        "superior": list(body.superior),
        "issuer": list(body.issuer),
        "number": f"Số: {number}" if number else f"Số: ……/{body.symbol or '……'}",
        "about": "",
        "place_date": f"{body.place}, {long_date(on) if number else blank_date(on)}",
        "kind": kind,
        "subject": unbroken(subject, body.place),
        "to": [],
        "signer": list(body.signer),
        "recipients": [*recipients, "Lưu: VT."],
    }
