"""Sums over many projects, added up by the database: what was approved, line by line, and what was paid. Whole đồng."""

from collections import defaultdict
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from portal.territory.queries import current_id

from ..enums import EstimateState, PaymentKind, PaymentState, ProjectState
from ..models import EstimateLine, Payment, Project
from ..states import GRANTED

# What one đồng of extension drew in is told of projects that say what they got of it and what else went in, of the
# facilities or of others: a source that is silent is not a nought.
TOLD = Q(extension_funds__isnull=False) & (Q(counterpart_funds__isnull=False) | Q(other_funds__isnull=False))
DRAWN = Coalesce(F("counterpart_funds"), 0) + Coalesce(F("other_funds"), 0)

# How a book may be cut: the word, and the project's column.
COLUMNS = {"year": "year", "funding": "funding", "head": "head", "province": "territory_id", "trade": "trade"}


@dataclass(frozen=True)
class Picked:
    """Which projects are added up; None means all. Granted ones, and stopped ones that money went to."""

    territory_ids: frozenset[int] | None = None
    years: tuple[int, ...] = ()
    funding: tuple[str, ...] = ()
    heads: tuple[int, ...] = ()
    trades: tuple[str, ...] = ()
    samples: bool = False

    def where(self, prefix: str = "", *, repaid: bool = False) -> Q:
        """The condition on projects, or on rows that lead to one by `prefix`; `repaid` takes in stopped projects that
        gave everything back, of which only the payments tell."""
        given: dict[str, Any] = {
            "is_illustrative": self.samples,
            "territory__in": self.territory_ids,
            "year__in": self.years or None,
            "funding__in": self.funding or None,
            "head__in": self.heads or None,
            "trade__in": self.trades or None,
        }
        stopped = Q(**{f"{prefix}state": ProjectState.STOPPED})
        if not repaid:
            stopped &= Q(**{f"{prefix}disbursed__gt": 0})
        stood = Q(**{f"{prefix}state__in": GRANTED}) | stopped
        return Q(**{f"{prefix}{name}": value for name, value in given.items() if value is not None}) & stood


@dataclass(frozen=True)
class Figures:
    """One row of the book. `lines` and what follows are of projects with an approved estimate; others know only sums.

    `told_funds` and `told_drawn` are of the projects of which it is known what else went in (`TOLD`), `paid_told` how
    many projects say what was paid.
    """

    projects: int = 0
    extension_funds: int = 0
    counterpart_funds: int = 0
    other_funds: int = 0
    disbursed: int = 0
    lines: int = 0
    line_funds: int = 0
    payments: int = 0
    advanced: int = 0
    settled: int = 0
    recovered: int = 0
    told_funds: int = 0
    told_drawn: int = 0
    paid_told: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Figures)))

    @property
    def drawn(self) -> int:
        """What the extension money drew in: of the facilities and of others."""
        return self.counterpart_funds + self.other_funds

    @property
    def total(self) -> int:
        return self.extension_funds + self.drawn

    @property
    def left(self) -> int:
        return self.extension_funds - self.disbursed

    @property
    def only_sums(self) -> int:
        """What is known as a sum only, without lines."""
        return self.extension_funds - self.line_funds

    @property
    def paid(self) -> int:
        return self.advanced + self.settled - self.recovered

    @property
    def ratio(self) -> Decimal | None:
        return seed_ratio(self.told_drawn, self.told_funds)

    @property
    def seed(self) -> str:
        """The ratio as it is read: "2,42". Empty where it is not known."""
        return "" if self.ratio is None else f"{self.ratio:.2f}".replace(".", ",")


def seed_ratio(drawn: int, funds: int) -> Decimal | None:
    """How many đồng one đồng of extension drew in, both of `TOLD` projects, to the second decimal. None where it is
    not known."""
    return Decimal((drawn * 200 + funds) // (2 * funds)).scaleb(-2) if funds else None


def of_stopped(picked: Picked) -> Figures:
    """What of the picked projects' sums is of stopped ones. One query."""
    rows = Project.objects.filter(picked.where(), state=ProjectState.STOPPED)
    found = rows.aggregate(n=Count("*"), **{f"sum_of_{name}": Sum(name, default=0) for name in _SUMS})
    return Figures(found["n"], *(found[f"sum_of_{name}"] for name in _SUMS))


def roll_up(picked: Picked, by: str) -> list[tuple[Any, Figures]]:
    """The picked projects by year, funding, head, province of today or trade, in order of the key. Three queries."""
    found: dict[Any, Figures] = defaultdict(Figures)
    for part in (_projects(picked, by), _lines(picked, by), _payments(picked, by)):
        for value, figures in part:
            found[current_id(value) if by == "province" else value] += figures
    return sorted(found.items(), key=lambda pair: pair[0], reverse=by == "year")


Part = list[tuple[Any, Figures]]


def _projects(picked: Picked, by: str) -> Part:
    rows = (
        Project.objects.filter(picked.where())
        .order_by()
        .values_list(COLUMNS[by])
        .annotate(n=Count("*"), **{f"sum_of_{name}": Sum(name) for name in _SUMS}, **_TOLD)
    )
    names = ("projects", *_SUMS, *_TOLD)
    return [
        (key, Figures(**{name: value or 0 for name, value in zip(names, values, strict=True)})) for key, *values in rows
    ]


_SUMS = ("extension_funds", "counterpart_funds", "other_funds", "disbursed")
_TOLD = {
    "told_funds": Sum("extension_funds", filter=TOLD),
    "told_drawn": Sum(DRAWN, filter=TOLD),
    "paid_told": Count("disbursed"),
}


def _lines(picked: Picked, by: str) -> Part:
    rows = (
        EstimateLine.objects.filter(picked.where("project__"), estimate__state=EstimateState.APPROVED)
        .order_by()
        .values_list(f"project__{COLUMNS[by]}")
        .annotate(n=Count("*"), sum_of_approved=Sum("approved"))
    )
    return [(key, Figures(lines=count, line_funds=funds or 0)) for key, count, funds in rows]


def _payments(picked: Picked, by: str) -> Part:
    kinds = {name: Sum("amount", filter=Q(kind=kind), default=0) for name, kind in _KINDS.items()}
    rows = (
        Payment.objects.filter(picked.where("project__", repaid=True), state=PaymentState.PAID)
        .order_by()
        .values_list(f"project__{COLUMNS[by]}")
        .annotate(payments=Count("*"), **kinds)
    )
    return [
        (key, Figures(payments=count, advanced=advanced, settled=settled, recovered=recovered))
        for key, count, advanced, settled, recovered in rows
    ]


_KINDS = {
    "advanced": PaymentKind.ADVANCE,
    "settled": PaymentKind.DISBURSEMENT,
    "recovered": PaymentKind.RECOVERY,
}
