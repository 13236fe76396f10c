"""The request for an advance or a payment: what was approved, received and asked of each expense, and its papers."""

import datetime as dt
from collections import defaultdict
from typing import Any
from uuid import UUID

from django.utils import timezone

from extension.enums import EstimateState, PaymentKind, PaymentState, ProjectState
from extension.file import queries as file_queries
from extension.file.evidence import Wanted
from extension.models import EstimateLine, Payment, PaymentLine, Project
from portal.text.clock import today
from portal.text.formats import day, number
from rounds.official.facts.words import long_date

from .parties import Parties, parties
from .parts import about, dong, in_words, mark

ASKED_FOR = {"Tên đề án", "Mã đề án", "Loại, nguồn kinh phí", "Hợp đồng"}
TITLES = {
    PaymentKind.ADVANCE: "Tạm ứng kinh phí khuyến công",
    PaymentKind.DISBURSEMENT: "Thanh toán kinh phí khuyến công",
}
# The papers a request comes with are those that the file asks for before the phase.
PHASES = {PaymentKind.ADVANCE: ProjectState.RUNNING, PaymentKind.DISBURSEMENT: ProjectState.ACCEPTED}
SUMS = ("approved", "before", "now", "left")


def request_facts(project: Project, payment: Payment) -> dict[str, Any]:
    """The request as of the moment it was made. About fifteen queries."""
    on = timezone.localdate(payment.proposed_at)
    parts = list(payment.lines.select_related("line__facility__territory", "line__facility__commune"))
    sides = _sides(project, parts, on)
    earlier, approved = _received_before(payment), _approved(project)
    sums = [_sums(part, approved, earlier[part.line.lineage]) for part in parts]
    whole = [sum(column) for column in zip(*sums, strict=True)] or [0, 0, payment.amount, 0]
    return {
        "draft_mark": mark(project, ""),
        "kind": "GIẤY ĐỀ NGHỊ",
        "subject": TITLES[PaymentKind(payment.kind)],
        "to": [sides.giver.name],
        "place_date": f"{sides.giver.place}, {long_date(on)}",
        "asker": sides.receiver_lines(),
        "project": [pair for pair in about(project) if pair[0] in ASKED_FOR],
        "reason": [["Nội dung đề nghị", payment.reason]],
        "rows": [_row(place, part, one) for place, (part, one) in enumerate(zip(parts, sums, strict=True), start=1)],
        "total": _figures(whole),
        "amount": [["Số tiền đề nghị", dong(payment.amount)], ["Bằng chữ", in_words(payment.amount)]],
        "papers": [[row.rule.name, _held(row)] for row in _papers(project, PHASES[PaymentKind(payment.kind)])],
        "closing": "Bên đề nghị chịu trách nhiệm về số liệu và giấy tờ kèm theo.",
        "left": ["KẾ TOÁN"],
        "right": ["ĐẠI DIỆN BÊN ĐỀ NGHỊ"],
    }


def _sides(project: Project, parts: list[PaymentLine], on: dt.date) -> Parties:
    """Who asks whom: the one facility that the money is for, else the other side of the whole project."""
    facilities = {part.line.facility for part in parts if part.line.facility}
    return parties(project, on, facilities.pop() if len(facilities) == 1 else None)


def _received_before(payment: Payment) -> dict[UUID, int]:
    """What was asked for before and not refused, less what came back, by expense through the editions. One query."""
    found: dict[UUID, int] = defaultdict(int)
    rows = PaymentLine.objects.filter(
        payment__project=payment.project_id, payment__proposed_at__lt=payment.proposed_at
    ).exclude(payment__state=PaymentState.REFUSED)
    for lineage, kind, state, amount in rows.values_list("line__lineage", "payment__kind", "payment__state", "amount"):
        if kind != PaymentKind.RECOVERY:
            found[lineage] += amount
        elif state == PaymentState.PAID:
            found[lineage] -= amount
    return found


def _approved(project: Project) -> dict[UUID, int]:
    """The sum of each expense in the estimate in force. One query."""
    rows = EstimateLine.objects.filter(project=project, estimate__state=EstimateState.APPROVED)
    return {lineage: approved or 0 for lineage, approved in rows.values_list("lineage", "approved")}


def _sums(part: PaymentLine, approved: dict[UUID, int], before: int) -> list[int]:
    given = approved.get(part.line.lineage, part.line.approved or 0)
    return [given, before, part.amount, given - before - part.amount]


def _figures(sums: list[int]) -> dict[str, str]:
    return dict(zip(SUMS, map(number, sums), strict=True))


def _row(place: int, part: PaymentLine, sums: list[int]) -> dict[str, str]:
    about_ = part.line.facility.name if part.line.facility else ""
    return {"place": str(place), "name": part.line.description, "about": about_, **_figures(sums)}


def _papers(project: Project, phase: ProjectState) -> list[Wanted]:
    stages = file_queries.file_of(project, today()).stages
    return [row for stage in stages if stage.phase == phase for row in stage.rows]


def _held(row: Wanted) -> str:
    """The number and day of what is in the file; dotted where nothing is."""
    named = [", ".join(one for one in (p.number, day(p.dated_on) if p.dated_on else "") if one) for p in row.papers]
    return "; ".join(one for one in (*(one or "có trong hồ sơ" for one in named), row.elsewhere) if one)
