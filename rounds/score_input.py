"""What a judge's browser sends, as a page's form or as JSON, turned into what the service takes."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import QueryDict

from .services.score_values import KEEP, Value

POINTS, NOTE, REMARK, REVISION = "diem-", "ghi-chu-", "nhan-xet", "lan-luu"
REMARK_LENGTH = 5000
# Longer than any key or version tag, shorter than what Python refuses to read.
LONGEST_NUMBER = 18


@dataclass(frozen=True)
class Typed:
    """Texts as typed, by criterion; KEEP where nothing was sent."""

    values: dict[int, Value] = field(default_factory=dict)
    revision: int = 0
    remark: str | None = None
    key: UUID | None = None


def from_form(data: QueryDict) -> Typed:
    """Every box of the page's form."""
    values: dict[int, Value] = {}
    for name, text in data.items():
        for prefix in (POINTS, NOTE):
            number = name.removeprefix(prefix)
            if number != name and _is_number(number):
                points, note = values.get(int(number), (KEEP, KEEP))
                values[int(number)] = (_line(str(text)), note) if prefix == POINTS else (points, _line(str(text)))
    remark = data.get(REMARK)
    return Typed(values, revision_of(data) or 0, None if remark is None else _remark(remark))


def from_json(body: bytes) -> Typed:
    """`{"revision": 3, "values": {"12": {"points": "8,5", "note": "…"}}, "remark": "…", "key": "<uuid>"}`.

    `key` names this sending, so that it may be sent again; it may be left out. Numbers stay text until the points are read, so that no float comes between. Raises ValueError for any
    other shape.
    """
    try:
        sent = json.loads(body, parse_float=str, parse_int=str)
        values = {int(pk): _value(entry) for pk, entry in sent.get("values", {}).items()}
        remark, key = sent.get("remark"), sent.get("key")
        return Typed(
            values,
            int(sent["revision"]),
            None if remark is None else _remark(_text(remark)),
            None if key is None else UUID(_text(key)),
        )
    except (AttributeError, KeyError, TypeError, RecursionError, UnicodeError) as error:
        raise ValueError(body[:100]) from error


def _value(entry: dict[str, Any]) -> Value:
    points, note = entry.get("points", KEEP), entry.get("note", KEEP)
    return (
        points if points is KEEP or points is None else _line(_text(points)),
        note if note is KEEP else _line(_text(note)),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    value.encode()  # half a surrogate pair is no text: no database takes it
    return value


def _line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


def _remark(text: str) -> str:
    return text.replace("\x00", "").replace("\r\n", "\n").strip()[:REMARK_LENGTH]


def revision_of(data: QueryDict) -> int | None:
    """The version tag a form carries, None when it carries none that could be one."""
    text = data.get(REVISION) or ""
    return int(text) if _is_number(text) else None


def key_of(text: str) -> int | None:
    """A key as an address or a form carries it; None for what cannot be one."""
    return int(text) if _is_number(text) else None


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= LONGEST_NUMBER
