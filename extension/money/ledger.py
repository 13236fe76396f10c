"""The money of one project, line by line: approved, bound, paid, returned. Whole đồng."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Sum

from ..enums import EstimateState, PaymentKind, PaymentState
from ..models import Estimate, EstimateLine, PaymentLine, Project, Settlement


@dataclass(frozen=True)
class Sums:
    """What payments say of one expense, or of all. `waiting` is proposed or approved and not yet paid."""

    advanced: int = 0
    settled: int = 0
    recovered: int = 0
    waiting: int = 0
    waiting_advance: int = 0
    waiting_recovery: int = 0

    @property
    def paid(self) -> int:
        """Advances and payments, before what came back."""
        return self.advanced + self.settled

    @property
    def net(self) -> int:
        return self.paid - self.recovered

    @property
    def returnable(self) -> int:
        """What can still be asked back."""
        return self.net - self.waiting_recovery

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Balance:
    """One expense of the estimate in force and what was paid of it."""

    line: EstimateLine
    sums: Sums

    @property
    def name(self) -> str:
        """Expenses of one project are often worded alike; who is supported tells them apart."""
        return f"{self.line}, {self.line.facility.name}" if self.line.facility else str(self.line)

    @property
    def approved(self) -> int:
        return self.line.approved or 0

    @property
    def left(self) -> int:
        """What can still be asked for."""
        return self.approved - self.sums.net - self.sums.waiting


@dataclass(frozen=True)
class Ledger:
    """A project's money: every expense of the estimate in force, the sums of all, the ceiling."""

    project: Project
    estimate: Estimate | None
    balances: tuple[Balance, ...]
    sums: Sums = field(default_factory=Sums)
    settled_funds: int | None = None

    @property
    def ceiling(self) -> int:
        """The approved sum; once the settlement is approved, what it accepted."""
        return (self.project.extension_funds or 0) if self.settled_funds is None else self.settled_funds

    @property
    def left(self) -> int:
        return self.ceiling - self.sums.net - self.sums.waiting

    @property
    def to_return(self) -> int:
        """What was paid above what the settlement accepted."""
        return max(self.sums.net - self.ceiling, 0)


def ledger_of(project: Project, *, without: int | None = None) -> Ledger:
    """The project's money. Four queries. `without` leaves one payment out, by its key."""
    estimate = project.estimates.filter(state=EstimateState.APPROVED).first()
    lines = estimate.lines.select_related("item", "facility", "product").order_by("ordinal", "pk") if estimate else ()
    by_lineage = sums_by_lineage(project, without=without)
    settlement = Settlement.objects.filter(project=project, state=EstimateState.APPROVED).first()
    return Ledger(
        project=project,
        estimate=estimate,
        balances=tuple(Balance(line, by_lineage.get(line.lineage, Sums())) for line in lines),
        sums=sum(by_lineage.values(), Sums()),
        settled_funds=settlement.extension_funds if settlement else None,
    )


def sums_by_lineage(project: Project, *, without: int | None = None) -> dict[UUID, Sums]:
    """What was paid of each expense, over every edition of the estimate. One query."""
    rows = PaymentLine.objects.filter(payment__project=project).exclude(payment__state=PaymentState.REFUSED)
    if without is not None:
        rows = rows.exclude(payment=without)
    counted = (
        rows.order_by().values_list("line__lineage", "payment__kind", "payment__state").annotate(total=Sum("amount"))
    )
    found: dict[UUID, Sums] = defaultdict(Sums)
    for lineage, kind, state, total in counted:
        found[lineage] += _of(kind, state, total)
    return dict(found)


def _of(kind: str, state: str, total: int) -> Sums:
    if state == PaymentState.PAID:
        names = {
            PaymentKind.ADVANCE: "advanced",
            PaymentKind.DISBURSEMENT: "settled",
            PaymentKind.RECOVERY: "recovered",
        }
        return Sums(**{names[PaymentKind(kind)]: total})
    if kind == PaymentKind.RECOVERY:
        return Sums(waiting_recovery=total)
    return Sums(waiting=total, waiting_advance=total if kind == PaymentKind.ADVANCE else 0)


def paid_net(project: Project) -> int | None:
    """Paid less what came back, of the payments themselves; None where nothing was ever paid. One query."""
    rows = project.payments.filter(state=PaymentState.PAID).order_by().values_list("kind").annotate(total=Sum("amount"))
    totals: dict[Any, int] = dict(rows)
    if not totals:
        return None
    back = totals.pop(PaymentKind.RECOVERY, 0)
    return sum(totals.values()) - back
