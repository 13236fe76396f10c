"""What of a save may be stored: typed points and notes against the outline, sentences for what may not."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum

from django.utils.translation import gettext as _

from .. import points as rules_of_points
from ..models import Score
from ..outline import Outline

NOTE_LENGTH = 500


class Keep(Enum):
    """Stands for "leave as it is" in a partial save."""

    KEEP = "keep"


KEEP = Keep.KEEP
# Points as a number, as typed text, None for an emptied box; and the note.
Value = tuple[Decimal | str | Keep | None, str | Keep]
Held = tuple[Decimal | None, str]


def held(score: Score | None) -> Held:
    return (score.points, score.note) if score else (None, "")


def accept(
    values: Mapping[int, Value], stored: Mapping[int, Score], outline: Outline, step: Decimal
) -> tuple[dict[int, Held], dict[int, str]]:
    """What may be stored, and for the rest a sentence per criterion. A wrong figure does not hold up its note."""
    wanted: dict[int, Held] = {}
    faults: dict[int, str] = {}
    for pk, (points, note) in values.items():
        if pk not in outline.by_pk:
            faults[pk] = _("Mục này không thuộc phiếu chấm của hồ sơ. Hãy tải lại trang.")
            continue
        held_points, held_note = held(stored.get(pk))
        read, wrong_points = _read(pk, points, outline, step)
        wrong_note = _wrong_note(note)
        if wrong_points or wrong_note:
            faults[pk] = wrong_points or wrong_note
        wanted[pk] = (
            held_points if wrong_points or isinstance(read, Keep) else read,
            held_note if wrong_note or isinstance(note, Keep) else note,
        )
    return wanted, faults


def digest_of(values: Mapping[int, Value], remark: str | None) -> str:
    """SHA-256 of what was sent; "8,0" and "8.0" are not the same text and need not be."""
    sent = [[pk, _spelled(points), _spelled(note)] for pk, (points, note) in sorted(values.items())]
    return hashlib.sha256(json.dumps([sent, remark], ensure_ascii=False).encode()).hexdigest()


def _spelled(value: Decimal | str | Keep | None) -> str | list[str] | None:
    if isinstance(value, Keep):
        return ["keep"]
    return str(value) if isinstance(value, Decimal) else value


def _read(
    pk: int, given: Decimal | str | Keep | None, outline: Outline, step: Decimal
) -> tuple[Decimal | Keep | None, str]:
    """The points meant, and what is wrong with them in words ("" when nothing is)."""
    maximum = outline.maxima.get(pk)
    if given is None or given == "" or isinstance(given, Keep):
        return (given if isinstance(given, Keep) else None), ""
    if maximum is None:
        return None, _("Mục này là tổng của các mục con nên không nhập điểm.")
    try:
        points = rules_of_points.parse(given) if isinstance(given, str) else given
    except ValueError:
        return None, rules_of_points.words(rules_of_points.Fault.NOT_A_NUMBER, None, maximum, step)
    found = rules_of_points.fault(points, maximum, step) if points is not None else None
    return points, rules_of_points.words(found, points, maximum, step) if found else ""


def _wrong_note(note: str | Keep) -> str:
    if isinstance(note, Keep) or len(note) <= NOTE_LENGTH:
        return ""
    return _("Ghi chú dài quá %(length)d ký tự. Hãy viết ngắn hơn.") % {"length": NOTE_LENGTH}
