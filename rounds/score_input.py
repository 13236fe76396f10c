"""What a judge's browser sends, as a page's form or as JSON, turned into what the service takes."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import QueryDict

from portal.text.inputs import key_of, text_of

from .services.score_values import KEEP, Value

POINTS, NOTE, REMARK, REVISION = "diem-", "ghi-chu-", "nhan-xet", "lan-luu"
REMARK_LENGTH = 5000


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
            key = key_of(number)
            if number != name and key is not None:
                points, note = values.get(key, (KEEP, KEEP))
                values[key] = (_line(str(text)), note) if prefix == POINTS else (points, _line(str(text)))
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
            None if remark is None else _remark(text_of(remark)),
            None if key is None else UUID(text_of(key)),
        )
    except (AttributeError, KeyError, TypeError, RecursionError, UnicodeError) as error:
        raise ValueError(body[:100]) from error


def _value(entry: dict[str, Any]) -> Value:
    points, note = entry.get("points", KEEP), entry.get("note", KEEP)
    return (
        points if points is KEEP or points is None else _line(text_of(points)),
        note if note is KEEP else _line(text_of(note)),
    )


def _line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


def _remark(text: str) -> str:
    return text.replace("\x00", "").replace("\r\n", "\n").strip()[:REMARK_LENGTH]


def revision_of(data: QueryDict) -> int | None:
    """The version tag a form carries, None when it carries none that could be one."""
    return key_of(data.get(REVISION) or "")
