"""What a province's extension report says of a period: by funding, head, area and trade; plan against actual.

Money is whole đồng. A project counts in the year in which it begins; one that began earlier and still runs is told
apart as carried over. What was paid counts by the day of its document, less what was taken back, whatever became of
the project: of a stopped one nothing counts but its money, which `work` tells apart.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Q, Sum, When

from ..enums import AcceptanceOutcome, Funding, PaymentKind, PaymentState, PlanState, ProjectState
from ..models import Acceptance, Beneficiary, Fair, Finding, Need, Participation, Payment, Plan, Project, ResultLine
from ..money import rollup
from ..states import GRANTED
from .periods import Period

BY = ("funding", "head", "area", "trade")
MONEY = (
    "planned_funds", "extension_funds", "counterpart_funds", "other_funds", "told_funds", "told_drawn",
    "disbursed_in_period", "disbursed",
)  # fmt: skip
COUNTS = ("planned_projects", "projects", "carried", "accepted", "liquidated", "facilities", "turns")


@dataclass
class Row:
    """Counts and sums of one funding source, head, area or trade. Facilities are distinct within the row."""

    numbers: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS + MONEY, 0))
    who: set[int] = field(default_factory=set)

    def add(self, **amounts: int | None) -> None:
        for name, amount in amounts.items():
            self.numbers[name] += amount or 0

    def told(self) -> dict[str, int]:
        return self.numbers | {"facilities": len(self.who)}


@dataclass(frozen=True)
class Counted:
    """One project as a report reads it."""

    pk: int
    keys: dict[str, str]
    began: bool
    sums: dict[str, int | None]
    paid_before_records: int
    state: str

    @property
    def is_stopped(self) -> bool:
        return self.state == ProjectState.STOPPED


def figures_of(area: Iterable[int], period: Period, *, samples: bool) -> dict[str, Any]:
    """The whole report as plain values, ready to be frozen. Eleven queries with plans, ten without, however many projects.

    `area` is the province's unit of today with those it came from. `samples` also counts the invented projects of a
    demonstration. Keys of areas are ids of territories, of all others codes; "" is what no project says.
    """
    units = frozenset(area)
    counted = _projects(units, period, samples=samples)
    projects = [project for project in counted if not project.is_stopped]
    rows: dict[str, dict[str, Row]] = {by: defaultdict(Row) for by in BY}
    total = Row()
    for project in counted:
        for row in _rows(rows, total, project.keys):
            _add_project(row, project)
    _add_beneficiaries(rows, total, projects)
    of_stopped = _add_payments(rows, total, units, period, samples=samples)
    for project in counted:
        if project.is_stopped and project.paid_before_records:
            of_stopped[project.pk] += project.paid_before_records
    _add_plans(rows, total, units, period, samples=samples)
    return {
        "from": period.starts_on.isoformat(),
        "to": period.ends_on.isoformat(),
        "total": total.told(),
        "by": {by: {key: row.told() for key, row in sorted(found.items())} for by, found in rows.items()},
        "work": _work(units, period, projects, samples=samples)
        | {"stopped_paid": len(of_stopped), "stopped_disbursed": sum(of_stopped.values())},
        "results": _results(period, projects),
        "samples": samples,
    }


def _projects(units: frozenset[int], period: Period, *, samples: bool) -> list[Counted]:
    runs = Q(year=period.year) | Q(year__lt=period.year, year_to__gte=period.year)
    found = Project.objects.filter(runs, territory__in=units, state__in=(*GRANTED, ProjectState.STOPPED)).order_by("pk")
    if not samples:
        found = found.filter(is_illustrative=False)
    paid = Q(payments__state=PaymentState.PAID)
    columns = ("pk", "funding", "head", "territory_id", "trade", "year", "state", "disbursed")
    sums = ("extension_funds", "counterpart_funds", "other_funds", "told_funds", "told_drawn")
    told = rollup.TOLD
    return [
        Counted(
            pk=pk,
            keys=_keys(funding, head, territory, trade),
            began=year == period.year,
            sums=dict(zip(sums, amounts, strict=True)),
            # A published project is known by its total alone; with payments they are counted by day.
            paid_before_records=0 if payments else disbursed or 0,
            state=state,
        )
        for pk, funding, head, territory, trade, year, state, disbursed, payments, *amounts in found.annotate(
            recorded=Count("payments", filter=paid),
            told_funds=Case(When(told, then="extension_funds")),
            told_drawn=Case(When(told, then=rollup.DRAWN)),
        ).values_list(*columns, "recorded", *sums)
    ]


def _keys(funding: str, head: int, territory: int, trade: str) -> dict[str, str]:
    return {"funding": funding, "head": str(head), "area": str(territory), "trade": trade}


def _rows(rows: dict[str, dict[str, Row]], total: Row, keys: dict[str, str]) -> list[Row]:
    return [total, *(rows[by][key] for by, key in keys.items())]


def _add_project(row: Row, project: Counted) -> None:
    row.add(disbursed=project.paid_before_records)
    if project.is_stopped:
        return
    done = project.state in {ProjectState.ACCEPTED, ProjectState.SETTLED, ProjectState.LIQUIDATED}
    row.add(accepted=int(done), liquidated=int(project.state == ProjectState.LIQUIDATED))
    if project.began:
        row.add(projects=1, **project.sums)
    else:
        row.add(carried=1)


def _add_beneficiaries(rows: dict[str, dict[str, Row]], total: Row, projects: list[Counted]) -> None:
    keys = {project.pk: project.keys for project in projects if project.began}
    served = Beneficiary.objects.filter(project__in=keys, facility__isnull=False)
    for project_id, facility_id, turns in served.values_list("project_id", "facility_id", "turns"):
        for row in _rows(rows, total, keys[project_id]):
            row.who.add(facility_id)
            row.add(turns=turns)


def _add_payments(
    rows: dict[str, dict[str, Row]], total: Row, units: frozenset[int], period: Period, *, samples: bool
) -> dict[int, int]:
    """Every payment of the year up to the period's end; what of it went to each stopped project."""
    paid = Payment.objects.filter(
        project__territory__in=units,
        state=PaymentState.PAID,
        paid_on__gte=dt.date(period.year, 1, 1),
        paid_on__lte=period.ends_on,
    )
    if not samples:
        paid = paid.filter(project__is_illustrative=False)
    of_stopped: dict[int, int] = defaultdict(int)
    columns = ("project__funding", "project__head", "project__territory_id", "project__trade")
    for pk, state, kind, on, amount, *keys in paid.values_list(
        "project_id", "project__state", "kind", "paid_on", "amount", *columns
    ):
        signed = -amount if kind == PaymentKind.RECOVERY else amount
        for row in _rows(rows, total, _keys(*keys)):
            row.add(disbursed=signed, disbursed_in_period=signed if on and on >= period.starts_on else 0)
        if state == ProjectState.STOPPED:
            of_stopped[pk] += signed
    return of_stopped


def _add_plans(
    rows: dict[str, dict[str, Row]], total: Row, units: frozenset[int], period: Period, *, samples: bool
) -> None:
    """What was planned, by funding from the plans and by head from their lines; no plan speaks of areas or trades."""
    plans = Plan.objects.filter(territory__in=units, year=period.year, state=PlanState.APPROVED)
    if not samples:
        plans = plans.filter(is_illustrative=False)
    for plan in plans.prefetch_related("lines"):
        lines = list(plan.lines.all())
        planned = sum(line.projects or 0 for line in lines)
        for row in (total, rows["funding"][plan.funding]):
            row.add(planned_projects=planned, planned_funds=plan.planned_funds)
        for line in lines:
            rows["head"][str(line.head)].add(planned_projects=line.projects, planned_funds=line.funds)


def _work(units: frozenset[int], period: Period, projects: list[Counted], *, samples: bool) -> dict[str, int]:
    """What was done in the period: accepted, registered needs, fairs, findings. Five queries."""
    days = (period.starts_on, period.ends_on)
    pks = [project.pk for project in projects]
    fairs = Fair.objects.filter(territory__in=units, starts_on__lte=period.ends_on, ends_on__gte=period.starts_on)
    needs = Need.objects.filter(territory__in=units, registered_at__date__range=days)
    if not samples:
        fairs, needs = fairs.filter(is_illustrative=False), needs.filter(is_illustrative=False)
    at_fairs = Participation.objects.filter(fair__in=fairs.values("pk")).aggregate(
        n=Count("pk"), support=Sum("support"), revenue=Sum("revenue"), contracts=Sum("contracts")
    )
    passed = Acceptance.objects.filter(
        project__in=pks, held_on__range=days, outcome__in=[AcceptanceOutcome.PASSED, AcceptanceOutcome.TO_MEND]
    )
    return {
        "accepted_in_period": passed.values("project").distinct().count(),
        "needs": needs.count(),
        "fairs": fairs.count(),
        "fair_turns": at_fairs["n"],
        "fair_support": at_fairs["support"] or 0,
        "fair_revenue": at_fairs["revenue"] or 0,
        "fair_contracts": at_fairs["contracts"] or 0,
        "findings_open": Finding.objects.filter(project__in=pks, closed_at__isnull=True).count(),
    }


def _results(period: Period, projects: list[Counted]) -> list[dict[str, Any]]:
    """Targets and what was achieved of the year's projects, of indicators that may be added. One query."""
    found = (
        ResultLine.objects.filter(project__in=[p.pk for p in projects], indicator__adds_up=True)
        .values("indicator__code", "indicator__name", "indicator__unit", "indicator__ordinal")
        .annotate(aimed=Sum("target"), reached=Sum("achieved"))
        .order_by("indicator__ordinal", "indicator__code")
    )
    return [
        {
            "code": row["indicator__code"],
            "name": row["indicator__name"],
            "unit": row["indicator__unit"],
            "target": _plain(row["aimed"]),
            "achieved": _plain(row["reached"]),
        }
        for row in found
    ]


def _plain(value: Decimal | None) -> str | None:
    """Exact, and able to stand in JSON."""
    return None if value is None else format(value.normalize(), "f")


def rolled_up(reports: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Frozen reports of several provinces as one. Facilities add up: each belongs to one province. Pure."""
    total = Row()
    rows: dict[str, dict[str, Row]] = {by: defaultdict(Row) for by in ("funding", "head", "trade")}
    facilities: dict[Any, int] = defaultdict(int)
    work: dict[str, int] = defaultdict(int)
    for report in reports:
        _merge(total, report["total"], facilities, "total")
        for by, found in rows.items():
            for key, numbers in report["by"][by].items():
                _merge(found[key], numbers, facilities, (by, key))
        for name, value in report["work"].items():
            work[name] += value
    return {
        "total": total.numbers | {"facilities": facilities["total"]},
        "by": {
            by: {key: row.numbers | {"facilities": facilities[by, key]} for key, row in sorted(found.items())}
            for by, found in rows.items()
        },
        "work": dict(work),
    }


def _merge(row: Row, numbers: dict[str, int], facilities: dict[Any, int], key: Any) -> None:
    row.add(**{name: value for name, value in numbers.items() if name != "facilities"})
    facilities[key] += numbers["facilities"]


def seed_ratio(numbers: dict[str, int]) -> Decimal | None:
    """The ratio of the money book. None where no project tells, and of figures frozen before it was counted so."""
    return rollup.seed_ratio(numbers.get("told_drawn", 0), numbers.get("told_funds", 0))


def funding_label(code: str) -> str:
    return str(Funding(code).label) if code in Funding.values else code
