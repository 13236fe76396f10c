"""Specimens that facilities hand over for judging: received, shown, given back. Every step is in the audit."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.text.errors import Refusal

from .. import rules
from ..enums import DossierState, RoundState
from ..models import Dossier, Sample
from .shared import refuse_party

# While dossiers are taken in, checked, judged and deliberated on, specimens may come; they may go back at any time.
RECEIVING_STATES = (RoundState.RECEIVING, RoundState.SCREENING, RoundState.SCORING, RoundState.DELIBERATION)
NOT_ENTERED = (DossierState.DRAFT, DossierState.WITHDRAWN)
MOST = 10_000


@transaction.atomic
def receive(
    *,
    dossier: Dossier,
    description: str,
    actor: Any,
    now: dt.datetime,
    quantity: int = 1,
    condition: str = "",
    received_from: str = "",
    to_be_returned: bool = True,
) -> Sample:
    """Take a specimen in. Raises Refusal "not_allowed", "conflict", "not_now", "not_entered", "what_missing", "how_many"."""
    locked = Dossier.objects.select_for_update(of=("self",)).select_related("round__territory").get(pk=dossier.pk)
    rules.may_check.require(actor, locked.round)
    refuse_party(locked, actor, is_office=True)
    if locked.round.state not in RECEIVING_STATES:
        raise Refusal(
            "not_now", _("Kỳ này không nhận mẫu lúc này. Mẫu được nhận từ khi nhận hồ sơ đến khi hội đồng xét.")
        )
    if locked.state in NOT_ENTERED:
        raise Refusal("not_entered", _("Hồ sơ này chưa nộp hoặc đã rút nên không nhận mẫu."), field="dossier")
    what = " ".join(description.split())
    if not what:
        raise Refusal("what_missing", _("Hãy ghi mẫu là gì."), field="description")
    if not 1 <= quantity <= MOST:
        raise Refusal("how_many", _("Số lượng mẫu từ 1 đến 10.000."), field="quantity")
    made = Sample.objects.create(
        dossier=locked,
        description=what,
        quantity=quantity,
        condition=" ".join(condition.split()),
        received_at=now,
        received_from=" ".join(received_from.split()),
        received_by=actor,
        to_be_returned=to_be_returned,
    )
    _note(made, actor, "sample.receive", _("Nhận mẫu “%(what)s”, số lượng %(quantity)s, của hồ sơ %(code)s."))
    return made


@transaction.atomic
def give_back(
    *, samples: Sequence[Sample], returned_to: str, actor: Any, now: dt.datetime, note: str = ""
) -> list[Sample]:
    """Give specimens back, one or several at once: all of them, or none when one cannot be.

    Raises Refusal "nothing_chosen", "several_rounds", "not_allowed", "to_whom", "already_returned" with what was.
    """
    chosen = Sample.objects.select_for_update(of=("self",)).filter(pk__in=[sample.pk for sample in samples])
    locked = list(chosen.select_related("dossier__round__territory", "dossier__product").order_by("pk"))
    if not locked:
        raise Refusal("nothing_chosen", _("Hãy chọn ít nhất một mẫu để trả."))
    rounds = {sample.dossier.round for sample in locked}
    if len(rounds) > 1:
        raise Refusal("several_rounds", _("Các mẫu đã chọn thuộc nhiều kỳ. Hãy trả mẫu của từng kỳ."))
    rules.may_check.require(actor, rounds.pop())
    whom = " ".join(returned_to.split())
    if not whom:
        raise Refusal("to_whom", _("Hãy ghi người nhận lại mẫu."), field="returned_to")
    gone = [sample for sample in locked if sample.returned_at is not None]
    if gone:
        raise Refusal(
            "already_returned",
            _("Có mẫu đã trả từ trước. Hãy tải lại danh sách."),
            details=tuple(f"{sample.dossier.entry_code}: {sample.description}" for sample in gone),
        )
    for sample in locked:
        sample.returned_at, sample.returned_to, sample.returned_by = now, whom, actor
        sample.return_note = " ".join(note.split())
        sample.save(update_fields=["returned_at", "returned_to", "returned_by", "return_note"])
        _note(
            sample,
            actor,
            "sample.return",
            _("Trả mẫu “%(what)s”, số lượng %(quantity)s, của hồ sơ %(code)s cho %(whom)s."),
        )
    return locked


def _note(sample: Sample, actor: Any, action: str, sentence: str) -> None:
    round_ = sample.dossier.round
    facts = {
        "what": sample.description,
        "quantity": sample.quantity,
        "code": sample.dossier.entry_code,
        "whom": sample.returned_to,
    }
    record(actor=actor, action=action, sentence=sentence % facts, subject=sample, territory=round_.territory)
