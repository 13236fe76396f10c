"""How much of an expense a norm lets through. Pure, on whole đồng and exact percents.

    allowed = min(asked, cost × percent, ceiling × units × priority − what the same ceiling already paid)

The percent is of the cost and is never raised; a priority raises the ceiling only. What a text leaves open (None)
does not limit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from django.utils.translation import gettext as _

from portal.text.formats import dong, money, number
from portal.text.formats import percent as said_percent

WHOLE_BP = 10_000
_BILLION = 1_000_000_000
_MILLION = 1_000_000
_HUNDREDTH = 100


@dataclass(frozen=True)
class Allowance:
    """What may be paid, the two limits as whole numbers (hundredths of a percent, đồng), and why in words.

    `reckoning` is the part of `why` that does not yet say what was asked for.
    """

    allowed: int
    rate_bp: int | None
    cap: int | None
    why: str
    reckoning: str = ""


def allow(
    *,
    cost: int,
    asked: int,
    units: int = 1,
    percent: Decimal | None,
    ceiling: int | None,
    multiplier: Decimal | None = None,
    counts_units: bool = False,
    already: int = 0,
) -> Allowance:
    """The most that `asked` đồng towards a cost may be, and why.

    `already` is what other expenses have taken from the same ceiling; a ceiling counted per unit is each line's own.
    Fractions of a đồng are dropped. Never negative, never above cost, ceiling or percent; grows with the cost.
    """
    cost, asked, already = max(0, cost), max(0, asked), 0 if counts_units else max(0, already)
    rate_bp = basis_points(percent)
    cap = cap_of(ceiling, units=units if counts_units else 1, multiplier=multiplier)
    by_rate = cost if rate_bp is None else cost * rate_bp // WHOLE_BP
    left = None if cap is None else max(0, cap - already)
    most = by_rate if left is None else min(by_rate, left)
    words = [*_rate_words(cost, percent)]
    if ceiling is not None and cap is not None:
        words += [_ceiling_words(ceiling, units if counts_units else 1, multiplier, cap), *_used_words(cap, already)]
    return Allowance(min(asked, most), rate_bp, cap, " ".join([*words, _said(asked, most)]), " ".join(words))


def basis_points(percent: Decimal | None) -> int | None:
    """Hundredths of a percent, whole: 1.5 % is 150."""
    return None if percent is None else int((percent * _HUNDREDTH).to_integral_value(ROUND_FLOOR))


def cap_of(ceiling: int | None, *, units: int = 1, multiplier: Decimal | None = None) -> int | None:
    """The ceiling with units and priority counted in, whole đồng."""
    if ceiling is None:
        return None
    times = _HUNDREDTH if multiplier is None else int(multiplier * _HUNDREDTH)
    return max(0, ceiling * max(1, units) * times // _HUNDREDTH)


def exact(sum_: int) -> str:
    """A sum in the unit people say where that loses nothing, else to the last đồng."""
    unit = _BILLION if sum_ >= _BILLION else _MILLION
    return money(sum_) if sum_ >= _MILLION and sum_ % (unit // _HUNDREDTH) == 0 else dong(sum_)


def _rate_words(cost: int, percent: Decimal | None) -> Iterator[str]:
    rate_bp = basis_points(percent)
    if percent is not None and rate_bp is not None:
        yield _("%(percent)s của %(cost)s là %(part)s.") % {
            "percent": said_percent(percent),
            "cost": exact(cost),
            "part": exact(cost * rate_bp // WHOLE_BP),
        }


def _used_words(cap: int, already: int) -> Iterator[str]:
    if already:
        yield _("Các dòng khác đã dùng %(used)s của mức này, còn %(left)s.") % {
            "used": exact(already),
            "left": exact(max(0, cap - already)),
        }


def _ceiling_words(ceiling: int, units: int, multiplier: Decimal | None, cap: int) -> str:
    facts = {"ceiling": exact(ceiling), "units": number(units), "cap": exact(cap), "times": number(multiplier or 1)}
    if units > 1 and multiplier:
        return _("Mức tối đa %(ceiling)s × %(units)s × hệ số ưu tiên %(times)s = %(cap)s.") % facts
    if units > 1:
        return _("Mức tối đa %(ceiling)s × %(units)s = %(cap)s.") % facts
    if multiplier:
        return _("Mức tối đa %(ceiling)s × hệ số ưu tiên %(times)s = %(cap)s.") % facts
    return _("Mức tối đa %(ceiling)s.") % facts


def _said(asked: int, most: int) -> str:
    if asked > most:
        return _("Đề nghị %(asked)s vượt mức này %(over)s, được phép nhiều nhất %(most)s.") % {
            "asked": exact(asked),
            "over": exact(asked - most),
            "most": exact(most),
        }
    return _("Được phép nhiều nhất %(most)s.") % {"most": exact(most)}
