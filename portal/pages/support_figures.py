"""Published totals of support held against the projects of the register: read from the words of their source.

A plan, a wish, or a part of a year is no total that finished years could be held against: nothing is said of those.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from extension.enums import ActivityHead, Funding
from extension.markets.fair_queries import is_open
from extension.models import Beneficiary, Participation, Project
from portal.text.folding import fold
from products.enums import FigureMeasure
from products.models import PublishedFigure

M = FigureMeasure
SCALES = {"tỷ đồng": 1_000_000_000, "triệu đồng": 1_000_000, "đồng": 1}
NOT_DONE = ("kế hoạch", "đề nghị", "mục tiêu")
PART_OF_A_YEAR = ("tháng", "đợt", "/")
HEADS = {
    "máy móc": ActivityHead.TECHNOLOGY,
    "thiết bị": ActivityHead.TECHNOLOGY,
    "phòng trưng bày": ActivityHead.PRODUCTS,
}


@dataclass(frozen=True)
class Meant:
    """Which projects a total speaks of. Empty means any; `named` is the text in which a facility's name may stand."""

    funding: str
    head: int | None
    with_counterpart: bool
    named: str


def read(figure: PublishedFigure) -> Meant | None:
    """What the words of a figure mean, None where projects cannot be held against it. Pure."""
    what, period = figure.what.lower(), figure.period.lower()
    if any(word in what for word in NOT_DONE) or any(word in period for word in PART_OF_A_YEAR):
        return None
    if figure.year_from is None and figure.year_to is None:
        return None
    funding, head = named_in(figure)
    return Meant(
        funding=funding,
        head=head,
        with_counterpart="đối ứng" in figure.note.lower(),
        named=fold(f"{figure.place} {figure.what}").replace("htx", "hop tac xa"),
    )


def named_in(figure: PublishedFigure) -> tuple[str, int | None]:
    """The funding and the head that the words of a figure name, where they do. Pure."""
    what = figure.what.lower()
    return _funding(what), next((int(head) for words, head in HEADS.items() if words in what), None)


def _funding(what: str) -> str:
    if "quốc gia" in what:
        return Funding.NATIONAL
    return Funding.LOCAL if "cấp tỉnh" in what or "địa phương" in what else ""


def scale(figure: PublishedFigure) -> Decimal:
    """What one of the figure's unit is in đồng, or 1 where it counts things."""
    return Decimal(SCALES.get(figure.unit, 1))


@dataclass(frozen=True)
class Support:
    """One project, or one facility's part in one."""

    territory_id: int
    funding: str
    head: int
    year: int
    last: int
    amount: int
    counterpart: int = 0
    who: int | None = None
    name: str = ""


class SupportCounts:
    """Published, granted projects counted once, to be summed as each figure asks. At most three queries."""

    @cached_property
    def _projects(self) -> list[Support]:
        rows = _granted().values_list(
            "territory_id", "funding", "head", "year", "year_to", "extension_funds", "counterpart_funds", "other_funds"
        )
        return [
            Support(territory, funding, head, year, last or year, funds or 0, (own or 0) + (other or 0))
            for territory, funding, head, year, last, funds, own, other in rows
        ]

    @cached_property
    def _parts(self) -> list[Support]:
        rows = Beneficiary.objects.filter(project__in=_granted().values("pk"), facility__isnull=False)
        found = rows.values_list(
            "project__territory_id", "project__funding", "project__head", "project__year", "project__year_to",
            "extension_funds", "fair_revenue", "facility_id", "facility__name",
        )  # fmt: skip
        return [
            Support(territory, funding, head, year, last or year, funds or 0, sold or 0, who, fold(name))
            for territory, funding, head, year, last, funds, sold, who, name in found
        ]

    @cached_property
    def _sold(self) -> list[Support]:
        """What facilities told themselves stands under a name only where they opened it."""
        rows = Participation.objects.filter(fair__is_public=True, fair__is_illustrative=False, revenue__isnull=False)
        told = rows.filter(consented_at__isnull=False).select_related("fair", "facility")
        return [
            Support(
                row.fair.territory_id, "", 0, row.fair.starts_on.year, row.fair.starts_on.year, 0, row.revenue or 0,
                row.facility_id, fold(row.facility.name),
            )
            for row in told
            if is_open(row)
        ]  # fmt: skip

    def of(self, figure: PublishedFigure, places: frozenset[int] | None) -> int | None:
        """Projects, facilities or đồng of the figure's place, years, funding and head; None where nothing compares."""
        meant = read(figure)
        if meant is None:
            return None
        match figure.measure:
            case M.PROJECTS:
                return sum(1 for _row in _within(self._projects, figure, meant, places))
            case M.FACILITIES_SUPPORTED:
                return len({row.who for row in _within(self._parts, figure, meant, places)})
            case M.FAIR_SALES:
                sold = _within([*self._parts, *self._sold], figure, meant, places)
                return sum(row.counterpart for row in sold if row.name in meant.named)
            case _:
                return self._funds(figure, meant, places)

    def _funds(self, figure: PublishedFigure, meant: Meant, places: frozenset[int] | None) -> int:
        parts = [row for row in _within(self._parts, figure, meant, places) if row.name in meant.named]
        if parts:
            return sum(row.amount for row in parts)
        rows = _within(self._projects, figure, meant, places)
        return sum(row.amount + (row.counterpart if meant.with_counterpart else 0) for row in rows)


def _granted() -> Any:
    return Project.objects.public().granted().filter(is_illustrative=False).order_by()


def _within(
    rows: Iterable[Support], figure: PublishedFigure, meant: Meant, places: frozenset[int] | None
) -> list[Support]:
    return [
        row
        for row in rows
        if (places is None or row.territory_id in places)
        and meant.funding in {"", row.funding}
        and meant.head in {None, row.head}
        and (figure.year_from is None or row.year >= figure.year_from)
        and (figure.year_to is None or row.last <= figure.year_to)
    ]
