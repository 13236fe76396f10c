"""Results as pages show them: figures in words, how much of the target, how much more than before. Pure but for words."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from portal.text.formats import money, number
from portal.text.formats import percent as said_percent

HUNDRED = 100


@dataclass(frozen=True)
class Figure:
    """One figure of a line in words; `change` says it against what stood before."""

    label: str
    words: str
    change: str = ""
    fell: bool = False


@dataclass(frozen=True)
class ResultRow:
    """One line as a page shows it."""

    line: Any
    figures: tuple[Figure, ...]
    form: Any = None


def percent(part: Decimal | None, whole: Decimal | None) -> int | None:
    """`part` in hundredths of `whole`, half away from zero; None when either is unknown or the whole is nothing."""
    if part is None or not whole:
        return None
    return int((part * HUNDRED / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def figures_of(line: Any) -> tuple[Figure, ...]:
    """Target, before, reached and a year later, each only where the indicator knows it."""
    found = [Figure(_("Mục tiêu"), _amount(line, line.target))]
    if line.indicator.compares_before:
        found.append(Figure(_("Trước hỗ trợ"), _amount(line, line.before)))
    found.append(Figure(_("Khi nghiệm thu"), _amount(line, line.achieved), *_against(line, line.achieved)))
    if line.indicator.ask_again or line.later is not None:
        found.append(Figure(_("Sau một năm"), _amount(line, line.later), *_against(line, line.later)))
    return tuple(found)


def rows_of(lines: Iterable[Any], forms: dict[int, Any]) -> list[ResultRow]:
    return [ResultRow(line, figures_of(line), forms.get(line.pk)) for line in lines]


def _amount(line: Any, value: Decimal | None) -> str:
    if value is None:
        return _("chưa rõ")
    if line.indicator.is_money:
        return money(int(value))
    return f"{number(value)} {line.indicator.unit}"


def _against(line: Any, value: Decimal | None) -> tuple[str, bool]:
    """How the figure stands to the one before the support, else to the target."""
    if value is None:
        return "", False
    grown = percent(value, line.before) if line.indicator.compares_before else None
    if grown is not None:
        more = grown - HUNDRED
        said = _("tăng %(n)s") if more > 0 else _("giảm %(n)s") if more < 0 else _("không đổi")
        return said % {"n": said_percent(abs(more))} if more else said, more < 0
    reached = percent(value, line.target)
    return (
        (_("%(n)s mục tiêu") % {"n": said_percent(reached)}, reached < HUNDRED) if reached is not None else ("", False)
    )
