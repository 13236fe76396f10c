"""Points as judges type them: reading, judging against maximum and step, and the words for what is wrong.

Pure functions on plain values. No float ever touches a score.
"""

import re
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _

from portal.text.formats import points as written

# Digits with at most two decimals after a comma or a dot. "1.000" is refused: it could mean a thousand.
_SHAPE = re.compile(r"[-−]?(?:[0-9]{1,12}(?:[.,][0-9]{0,2})?|[.,][0-9]{1,2})")


class Fault(StrEnum):
    """What can be wrong with points."""

    NOT_A_NUMBER = "not_a_number"
    NEGATIVE = "negative"
    OVER = "over"
    OFF_STEP = "off_step"


def parse(text: str) -> Decimal | None:
    """The points in a typed text, None when the box is empty (which is not zero).

    Comma and dot are both accepted. Raises ValueError for anything that is not such a number.
    """
    typed = "".join(text.split())
    if not typed:
        return None
    if not _SHAPE.fullmatch(typed):
        raise ValueError(text)
    return Decimal(typed.replace("−", "-").replace(",", "."))


def fault(points: Decimal, maximum: Decimal, step: Decimal) -> Fault | None:
    """The first thing wrong with these points, or None. The maximum itself is always on the step."""
    if not points.is_finite():
        return Fault.NOT_A_NUMBER
    if points < 0:
        return Fault.NEGATIVE
    if points > maximum:
        return Fault.OVER
    if points != maximum and points % step != 0:
        return Fault.OFF_STEP
    return None


def neighbours(points: Decimal, maximum: Decimal, step: Decimal) -> tuple[Decimal, Decimal]:
    """The nearest allowed points below and above."""
    below = points // step * step
    return below, min(below + step, maximum)


def words(found: Fault, points: Decimal | None, maximum: Decimal, step: Decimal) -> str:
    """A whole sentence: what is wrong, then what to enter."""
    top = written(maximum)
    if found is Fault.OVER:
        return _("Điểm cao nhất của mục này là %(top)s. Hãy nhập từ 0 đến %(top)s.") % {"top": top}
    if found is Fault.NEGATIVE:
        return _("Điểm không được âm. Hãy nhập từ 0 đến %(top)s.") % {"top": top}
    if found is Fault.OFF_STEP and points is not None:
        below, above = neighbours(points, maximum, step)
        return _("Bước điểm của kỳ này là %(step)s. Hãy nhập %(below)s hoặc %(above)s.") % {
            "step": written(step),
            "below": written(below),
            "above": written(above),
        }
    return _("Ô này chỉ nhận điểm bằng số. Hãy nhập từ 0 đến %(top)s, ví dụ %(example)s.") % {
        "top": top,
        "example": written(min(step, maximum)),
    }
