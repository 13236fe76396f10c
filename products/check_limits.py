"""How often one address may ask for certificates: generous with codes that are there, strict with guessing.

A hall full of phones behind one address scans the same few labels; who guesses tries many different codes. So
questions are counted together, and different unknown codes apart. All of it lives in the cache for minutes,
under a keyed hash of the address: nothing of who asked is ever stored.
"""

import datetime as dt
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest

from portal.text import rates


@dataclass(frozen=True)
class Limit:
    """So many within so many seconds."""

    name: str
    most: int
    seconds: int


# Of everything asked: pages, names, the API.
QUESTIONS = Limit("questions", 600, 60)
# Different codes that the register does not have. Past it unknown codes are no longer answered, known ones are.
UNKNOWN = Limit("unknown", 30, 600)
# Past this nobody has only mistyped: no code is answered until the time is over.
CLOSED = Limit("unknown", 150, 600)


def caller_of(request: HttpRequest) -> str:
    """A keyed hash of where a question comes from, of use within a day only."""
    return rates.caller_of(request, "certificate check")


def wait_and_more(caller: str, now: dt.datetime, *more: str) -> tuple[int, dict[str, Any]]:
    """How many seconds to wait, 0 when a question may be answered; and what else the cache holds, in the same look."""
    questions, wrong = _key(caller, QUESTIONS, now), _key(caller, CLOSED, now)
    found = cache.get_many([questions, wrong, *more])
    if int(found.pop(questions, 0)) >= QUESTIONS.most:
        return _left(QUESTIONS, now), found
    return (_left(CLOSED, now) if int(found.pop(wrong, 0)) > CLOSED.most else 0), found


def count(caller: str, now: dt.datetime) -> rates.Rate:
    """Count one question, and what is left. Pages do so when they have gone out."""
    number = _counted(caller, QUESTIONS, now)
    return rates.Rate(QUESTIONS.most, max(0, QUESTIONS.most - number), _left(QUESTIONS, now))


def unknown(caller: str, code: str, now: dt.datetime) -> int:
    """Count a code that the register does not have, each code once. Seconds to wait, 0 when it may be answered."""
    mark = sha256(code.encode()).hexdigest()[:16]
    is_new = cache.add(f"{_key(caller, UNKNOWN, now)}:{mark}", 1, UNKNOWN.seconds)
    number = _counted(caller, UNKNOWN, now) if is_new else _so_far(caller, UNKNOWN, now)
    return _left(UNKNOWN, now) if number > UNKNOWN.most else 0


def _key(caller: str, limit: Limit, now: dt.datetime) -> str:
    return f"check:{limit.name}:{caller}:{int(now.timestamp()) // limit.seconds}"


def _counted(caller: str, limit: Limit, now: dt.datetime) -> int:
    key = _key(caller, limit, now)
    try:
        return cache.incr(key)
    except ValueError:  # the first within this time
        return 1 if cache.add(key, 1, limit.seconds) else cache.incr(key)


def _so_far(caller: str, limit: Limit, now: dt.datetime) -> int:
    return int(cache.get(_key(caller, limit, now), 0))


def _left(limit: Limit, now: dt.datetime) -> int:
    return limit.seconds - int(now.timestamp()) % limit.seconds
