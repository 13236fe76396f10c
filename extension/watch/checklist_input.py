"""What an inspector's browser sends, as a page's form, as JSON or as a photo, turned into what the service takes."""

import datetime as dt
import hashlib
import json
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID, uuid5

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from portal.text.inputs import key_of, text_of

from ..services.inspecting import WORDS, Sent, Spot, Taken

ANSWER, NOTE, PHOTO = "tra-loi-", "ghi-chu-", "anh-"
REVISION, SPOT = "lan-luu", "vi-tri"
FIELDS = {"place": "noi", "met": "lam-viec-voi", "conclusion": "ket-luan"}
DEGREES = Decimal("0.000001")
PARTS = 3
FIRST_YEAR = 2000


def from_form(data: QueryDict) -> Sent:
    """Every box of the page's form."""
    answers: dict[int, str] = {}
    notes: dict[int, str] = {}
    for name, text in data.items():
        for prefix, into in ((ANSWER, answers), (NOTE, notes)):
            number = name.removeprefix(prefix)
            key = key_of(number)
            if number != name and key is not None:
                into[key] = str(text)
    words = {name: str(data[field]) for name, field in FIELDS.items() if field in data}
    return Sent(revision_of(data), answers, notes, _clean(words), spot_of(data.get(SPOT, "")))


def from_json(body: bytes) -> Sent:
    """`{"revision": 3, "values": {"12": {"answer": "no", "note": "…"}, "": {"place": "…", "spot": "21.5,105.8,12"}}}`.

    Raises ValueError for any other shape.
    """
    try:
        sent = json.loads(body, parse_float=str, parse_int=str)
        values = dict(sent.get("values", {}))
        page = {name: text_of(text) for name, text in dict(values.pop("", {})).items()}
        rows = {_number(pk): {name: text_of(text) for name, text in row.items()} for pk, row in values.items()}
        return Sent(
            _number(sent["revision"]),
            {pk: row["answer"] for pk, row in rows.items() if "answer" in row},
            {pk: row["note"] for pk, row in rows.items() if "note" in row},
            _clean({name: text for name, text in page.items() if name in WORDS}),
            spot_of(page.get("spot", "")),
        )
    except (AttributeError, KeyError, TypeError, RecursionError, UnicodeError) as error:
        raise ValueError(body[:100]) from error


def taken_from(data: Any, upload: Any, *, now: dt.datetime) -> Taken:
    """One photo with its key. Raises ValueError when the key is none."""
    item = str(data.get("item", ""))
    moment = _moment(str(data.get("taken_at", ""))[:40])
    return Taken(
        key=UUID(str(data.get("key", ""))),
        upload=upload,
        taken_at=moment or now,
        item=key_of(item),
        caption=str(data.get("caption", "")),
        spot=spot_of(str(data.get("spot", ""))),
    )


def _moment(text: str) -> dt.datetime | None:
    """The moment a device says; None for none, and for a clock that has stopped before there were such devices."""
    found = parse_datetime(text) if text else None
    return found if found and timezone.is_aware(found) and found.year >= FIRST_YEAR else None


def photos_from(files: Any, *, within: UUID, now: dt.datetime) -> list[Taken]:
    """Photos of the plain form. The key comes from the picture itself, so that a form sent twice keeps it once."""
    found = []
    for name, uploads in files.lists():
        number = name.removeprefix(PHOTO)
        for upload in uploads if number != name else ():
            digest = hashlib.sha256(upload.read()).hexdigest()
            key = uuid5(within, f"{number}:{digest}")
            found.append(Taken(key=key, upload=upload, taken_at=now, item=key_of(number)))
    return found


def spot_of(text: str) -> Spot | None:
    """ "21.594400,105.848100,12" as a place; None for what is none on earth."""
    parts = text.split(",")
    if len(parts) != PARTS:
        return None
    try:
        latitude, longitude = (Decimal(part.strip()).quantize(DEGREES) for part in parts[:2])
        metres = int(Decimal(parts[2].strip() or "0").to_integral_value())
    except (InvalidOperation, ValueError, OverflowError):
        return None
    if not (latitude.is_finite() and longitude.is_finite()):
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180 and 0 <= metres < 10**7):  # noqa: PLR2004  degrees of the globe
        return None
    return Spot(latitude, longitude, metres)


def revision_of(data: QueryDict) -> int:
    """The version tag a form carries; 0 when it carries none that could be one."""
    return key_of(data.get(REVISION) or "") or 0


def _clean(words: dict[str, str]) -> dict[str, str]:
    return {name: text.replace("\x00", "").replace("\r\n", "\n") for name, text in words.items()}


def _number(text: Any) -> int:
    key = key_of(text) if isinstance(text, str) else None
    if key is None:
        raise TypeError(text)
    return key
