"""The money of the sample projects: advances, payments, a recovery, settlement, liquidation, each by its own person."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.utils import timezone

from extension.enums import EstimateState, PaymentKind, ProjectState
from extension.models import Payment, Project, Settlement
from extension.money.ledger import ledger_of
from extension.services import payments, settling

from .stage import Stage

S = ProjectState
RUNNING_CODE = "MAU-02"


@dataclass(frozen=True)
class Part:
    """A percent of every line, of one kind, for one reason."""

    kind: PaymentKind
    percent: int
    reason: str


AT_CONTRACT = Part(PaymentKind.ADVANCE, 50, "Theo hợp đồng")
AT_DELIVERY = Part(PaymentKind.DISBURSEMENT, 30, "Khi giao máy")
AT_THE_END = Part(PaymentKind.DISBURSEMENT, 100, "Sau quyết toán")
AGREED = Part(PaymentKind.DISBURSEMENT, 20, "Đợt 1 theo tiến độ")
ASKED = Part(PaymentKind.DISBURSEMENT, 10, "Đợt 2 theo tiến độ")


def story(stage: Stage, project: Project, state: ProjectState, moment: dt.datetime) -> None:
    """What is paid before a project with an estimate moves to a state."""
    if not project.estimates.filter(state=EstimateState.APPROVED).exists():
        return
    if state == S.RUNNING:
        _paid(stage, project, AT_CONTRACT, moment)
    elif state == S.ACCEPTED:
        _paid(stage, project, AT_DELIVERY, moment)
    elif state == S.SETTLED:
        _settled(stage, project, moment)
    elif state == S.LIQUIDATED:
        _ended(stage, project, moment)


def load(stage: Stage) -> Counter[str]:
    """On the running project one payment waits for the leader, another for who pays."""
    project = Project.objects.filter(code=RUNNING_CODE, territory=stage.province, state=S.RUNNING).first()
    if project is None or ledger_of(project).estimate is None:
        return stage.counts
    if not project.payments.filter(reason=AGREED.reason).exists():
        agreed = _proposed(stage, project, AGREED, stage.at(-6))
        if agreed is not None:
            payments.approve_payment(payment=agreed, actor=stage.people["lanhdao.thainguyen"], now=stage.at(-3))
            _proposed(stage, project, ASKED, stage.at(-1))
            stage.counts["sample_payments_waiting"] += 2
    return stage.counts


def _proposed(stage: Stage, project: Project, part: Part, moment: dt.datetime) -> Payment | None:
    """A percent of every line, as far as there is room; None when there is none or it was asked for already."""
    ledger = ledger_of(project)
    if project.payments.filter(reason=part.reason).exists():
        return None
    parts = {row.line.pk: min(row.approved * part.percent // 100, row.left) for row in ledger.balances}
    if not any(parts.values()):
        return None
    clerk = stage.people["khuyencong.thainguyen"]
    return payments.propose_payment(
        project=project, kind=part.kind, parts=parts, reason=part.reason, actor=clerk, now=moment
    )


def _paid(stage: Stage, project: Project, part: Part, moment: dt.datetime) -> None:
    payment = _proposed(stage, project, part, moment)
    if payment is None:
        return
    payments.approve_payment(payment=payment, actor=stage.people["lanhdao.thainguyen"], now=moment)
    count = project.payments.count()
    payments.record_paid(
        payment=payment,
        paid_on=timezone.localdate(moment),
        document=f"PC-{project.code[-2:]}/{count}",
        actor=stage.people["tiepnhan"],
        now=moment,
    )
    stage.counts["sample_payments_made"] += 1


def _settled(stage: Stage, project: Project, moment: dt.datetime) -> None:
    """Everything approved was spent, and so it is settled."""
    if Settlement.objects.filter(project=project).exists():
        return
    day = timezone.localdate(moment)
    row = settling.submit_settlement(
        project=project,
        submitted_on=day,
        extension_funds=project.extension_funds or 0,
        counterpart_funds=project.counterpart_funds or 0,
        other_funds=project.other_funds or 0,
        actor=stage.people["khuyencong.thainguyen"],
        today=day,
    )
    leader = stage.people["lanhdao.thainguyen"]
    settling.approve_settlement(
        settlement=row, number_=f"QT-{project.code}", signed_on=day, actor=leader, now=moment, today=day
    )


def _ended(stage: Stage, project: Project, moment: dt.datetime) -> None:
    _paid(stage, project, AT_THE_END, moment)
    project.refresh_from_db()
    settling.record_liquidation(
        project=project,
        number_=f"TL-{project.code}",
        signed_on=timezone.localdate(moment),
        actor=stage.people["khuyencong.thainguyen"],
        now=moment,
        today=timezone.localdate(moment),
    )
