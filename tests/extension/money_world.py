"""A project with an approved estimate and the people who ask, approve and pay."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F
from django.utils import timezone

from extension.enums import EstimateState, PaymentKind, ProjectState
from extension.models import AdvanceRule, Estimate, EstimateLine, NormItem, Payment, Project, SupportNorm
from extension.services import payments
from portal.accounts.enums import Role
from portal.territory.models import Territory
from tests import factories as make

NOW = dt.datetime(2025, 6, 2, 3, tzinfo=dt.UTC)
TODAY = dt.date(2025, 6, 2)
ON = dt.date(2025, 5, 5)


@dataclass
class World:
    """`asks` and `pays` are extension officers, `leads` is the leader of the province."""

    province: Territory
    asks: Any = None
    leads: Any = None
    pays: Any = None
    project: Project = field(init=False)
    estimate: Estimate = field(init=False)
    lines: list[EstimateLine] = field(init=False)

    def propose(self, *amounts: int, kind: PaymentKind = PaymentKind.DISBURSEMENT, **facts: Any) -> Payment:
        """One sum for each of the lines, in their order."""
        parts = {line.pk: amount for line, amount in zip(self.lines, amounts, strict=False)}
        facts = {"reason": "Đợt chi", "actor": self.asks, "now": NOW, **facts}
        return payments.propose_payment(project=self.project, kind=kind, parts=parts, **facts)

    def approved(self, *amounts: int, **facts: Any) -> Payment:
        return payments.approve_payment(payment=self.propose(*amounts, **facts), actor=self.leads, now=NOW)

    def paid(self, *amounts: int, **facts: Any) -> Payment:
        return self.pay(self.approved(*amounts, **facts))

    def pay(self, payment: Payment, *, on: dt.date = TODAY, **facts: Any) -> Payment:
        facts = {"document": "PC-01", "actor": self.pays, "now": NOW, **facts}
        return payments.record_paid(payment=payment, paid_on=on, **facts)

    def disbursed(self) -> int | None:
        return Project.objects.values_list("disbursed", flat=True).get(pk=self.project.pk)


def world(
    province: Territory, *approved: int, state: ProjectState = ProjectState.RUNNING, percent: int = 30, **facts: Any
) -> World:
    """A running project whose estimate has one line for each sum; 30 % may be advanced."""
    made = World(province)
    made.asks = make.staff(Role.EXTENSION_OFFICER, province)
    made.pays = make.staff(Role.EXTENSION_OFFICER, province)
    made.leads = make.staff(Role.LEADER, province)
    made.project = make.ProjectFactory(
        territory=province, state=state, extension_funds=sum(approved), disbursed=None, **facts
    )
    made.estimate, made.lines = estimate(made, *approved)
    AdvanceRule.objects.get_or_create(percent=percent, defaults={"legal_basis": "Thông tư mẫu"})
    return made


def estimate(
    made: World, *approved: int, version: int = 1, decided: bool = True
) -> tuple[Estimate, list[EstimateLine]]:
    """An estimate, approved by the leader unless told otherwise."""
    item, _created = NormItem.objects.get_or_create(code="may-mau", defaults={"name": "Máy móc", "head": 3})
    norm, _created = SupportNorm.objects.get_or_create(
        item=item, legal_basis="Nghị quyết mẫu", defaults={"percent": 50, "valid_from": dt.date(2020, 1, 1)}
    )
    found = Estimate.objects.create(
        project=made.project, version=version, on=ON, proposed_by=made.asks, proposed_at=timezone.now()
    )
    lines = [
        EstimateLine.objects.create(
            estimate=found,
            project=made.project,
            ordinal=place,
            item=item,
            norm=norm,
            description=f"Máy số {place}",
            cost=2 * amount,
            asked=amount,
            counterpart=amount,
            rate_bp=5_000,
            allowed=amount,
        )
        for place, amount in enumerate(approved, start=1)
    ]
    if decided:
        approve(found, made)
    return found, lines


def approve(found: Estimate, made: World) -> None:
    """Along its states, as the database asks."""
    found.state = EstimateState.PROPOSED
    found.save()
    found.lines.update(approved=F("allowed"))
    found.state, found.decided_by, found.decided_at = EstimateState.APPROVED, made.leads, timezone.now()
    found.signed_on = ON
    found.save()
