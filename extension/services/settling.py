"""The end of a project's money: settlement by two people, then the liquidation of the contract.

Sums are whole đồng. All raise `Refusal` with a sentence: "not_allowed", "same_person", "wrong_state", "no_estimate",
"already_settled", "already_decided", "above_funds", "invalid", "reason_missing", "not_ready".
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.files.models import StoredFile
from portal.text.errors import Refusal
from portal.text.folding import normalise
from portal.text.formats import dong

from .. import rules
from ..enums import EstimateState, ProjectState
from ..held import held_by_database
from ..models import Liquidation, Project, Settlement
from ..money import guards as money_guards
from .checks import checked

S = EstimateState


@transaction.atomic
def submit_settlement(
    *,
    project: Project,
    submitted_on: dt.date,
    extension_funds: int,
    counterpart_funds: int = 0,
    other_funds: int = 0,
    note: str = "",
    file: StoredFile | None = None,
    actor: Any,
    today: dt.date,
) -> Settlement:
    """What was spent, put before the leader; a returned one is submitted again in the same row."""
    locked = Project.objects.locked(project.pk)
    rules.require_edit(actor, locked.territory_id)
    if locked.state != ProjectState.ACCEPTED:
        raise Refusal("wrong_state", _("Chỉ quyết toán đề án đã nghiệm thu."))
    row = Settlement.objects.select_for_update().filter(project=locked).first() or Settlement(project=locked)
    if row.pk and row.state != S.RETURNED:
        raise Refusal("already_settled", _("Đề án đã có hồ sơ quyết toán. Hãy tải lại trang."))
    if submitted_on > today:
        raise Refusal("future_day", _("Ngày nộp hồ sơ không được sau hôm nay."), field="submitted_on")
    _within_funds(locked, extension_funds)
    row.submitted_on, row.note, row.state = submitted_on, note.strip(), S.PROPOSED
    row.extension_funds, row.counterpart_funds, row.other_funds = extension_funds, counterpart_funds, other_funds
    row.total = extension_funds + counterpart_funds + other_funds
    row.file = file or row.file
    row.submitted_by, row.decided_by, row.decided_at = actor, None, None
    _save(row)
    sentence = _("Nộp hồ sơ quyết toán đề án “%(name)s”: %(sum)s khuyến công.")
    _audit(actor, "extension.settlement_submit", sentence, row)
    return row


@transaction.atomic
def approve_settlement(
    *, settlement: Settlement, number_: str, signed_on: dt.date, actor: Any, now: dt.datetime, today: dt.date
) -> Settlement:
    """The sum is accepted; from here it is the ceiling of what may be paid in all."""
    row = _undecided(settlement, actor)
    if not normalise(number_):
        raise Refusal("invalid", _("Hãy ghi số văn bản phê duyệt."), field="number")
    if not row.submitted_on <= signed_on <= today:
        raise Refusal("invalid", _("Ngày phê duyệt phải từ ngày nộp hồ sơ đến hôm nay."), field="signed_on")
    _within_funds(row.project, row.extension_funds)
    row.state, row.decided_by, row.decided_at = S.APPROVED, actor, now
    row.number, row.signed_on, row.answer = normalise(number_), signed_on, ""
    _save(row)
    sentence = _("Phê duyệt quyết toán đề án “%(name)s”: %(sum)s khuyến công.")
    _audit(actor, "extension.settlement_approve", sentence, row)
    return row


@transaction.atomic
def return_settlement(*, settlement: Settlement, reason: str, actor: Any, now: dt.datetime) -> Settlement:
    """Give the file back to be mended."""
    row = _undecided(settlement, actor)
    if not normalise(reason):
        raise Refusal("reason_missing", _("Việc này cần lý do. Hãy ghi lý do."), field="reason")
    row.state, row.decided_by, row.decided_at, row.answer = S.RETURNED, actor, now, normalise(reason)
    _save(row)
    sentence = _("Trả lại hồ sơ quyết toán đề án “%(name)s”.")
    _audit(actor, "extension.settlement_return", sentence, row, reason=row.answer)
    return row


@transaction.atomic
def record_liquidation(
    *,
    project: Project,
    number_: str,
    signed_on: dt.date,
    note: str = "",
    file: StoredFile | None = None,
    actor: Any,
    now: dt.datetime,
    today: dt.date,
) -> Liquidation:
    """The record that ends the contract, once nothing is owed either way. Moving the project on is another act."""
    locked = Project.objects.locked(project.pk)
    rules.require_edit(actor, locked.territory_id)
    if locked.state != ProjectState.SETTLED:
        raise Refusal("wrong_state", _("Chỉ thanh lý đề án đã quyết toán."))
    if missing := money_guards.still_open(locked):
        raise Refusal("not_ready", missing[0], details=tuple(missing))
    if signed_on > today:
        raise Refusal("future_day", _("Ngày thanh lý không được sau hôm nay."), field="signed_on")
    row = Liquidation.objects.filter(project=locked).first() or Liquidation(project=locked)
    row.number, row.signed_on, row.note = normalise(number_), signed_on, note.strip()
    row.file = file or row.file
    row.recorded_by, row.recorded_at = actor, now
    checked(row)
    row.save()
    sentence = _("Ghi biên bản thanh lý %(number)s của đề án “%(name)s”.") % {
        "number": row.number,
        "name": locked.name,
    }
    record(actor=actor, action="extension.liquidation", sentence=sentence, subject=locked, territory=locked.territory)
    return row


def _undecided(settlement: Settlement, actor: Any) -> Settlement:
    """The row, locked after its project; decided by somebody else than who submitted it."""
    project = Project.objects.locked(settlement.project.pk)
    row = Settlement.objects.select_for_update(of=("self",)).get(pk=settlement.pk)
    row.project = project
    if row.state != S.PROPOSED:
        raise Refusal("already_decided", _("Hồ sơ quyết toán này vừa được người khác xử lý. Hãy tải lại trang."))
    rules.require_approve(actor, project)
    if actor.pk == row.submitted_by_id:
        raise Refusal("same_person", _("Người lập hồ sơ quyết toán không được tự phê duyệt."))
    return row


def _within_funds(project: Project, extension_funds: int) -> None:
    funds = project.extension_funds or 0
    if extension_funds > funds:
        raise Refusal(
            "above_funds",
            _("Quyết toán %(sum)s khuyến công, vượt %(over)s so với kinh phí được duyệt là %(funds)s.")
            % {"sum": dong(extension_funds), "over": dong(extension_funds - funds), "funds": dong(funds)},
            field="extension_funds",
        )


def _save(row: Settlement) -> None:
    checked(row)
    with held_by_database():
        row.save()


def _audit(actor: Any, action: str, sentence: str, row: Settlement, **more: Any) -> None:
    record(
        actor=actor,
        action=action,
        sentence=sentence % {"name": row.project.name, "sum": dong(row.extension_funds)},
        subject=row.project,
        territory=row.project.territory,
        data={"extension_funds": row.extension_funds, "total": row.total},
        **more,
    )
