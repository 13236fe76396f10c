"""Answers of the level above: received, returned, results. In whatever order they come, the end is the same.

A receipt never takes back a return or a result; an older result never overwrites a newer one.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.text.errors import Refusal

from ..enums import ListState, PackageKind, PackageState
from ..exchange import reading
from ..exchange.matching import Difference, Matcher
from ..exchange.package import Package, opened
from ..exchange.reading import Answer, OutcomeFact
from ..models import ExchangePackage, Nomination, NominationList, Peer
from ..nominating import Outcome, outcome_words
from .exchange_register import Hand, enter_recognition, hand_of
from .nominations_told import tell_result, tell_returned

READERS = {
    PackageKind.RECEIPT: reading.receipt,
    PackageKind.RETURN: reading.returned,
    PackageKind.RESULT: reading.results,
}
WAITING = (ListState.SENT, ListState.RECEIVED)


def read_answer(package: Package) -> Answer:
    """What the package says. Raises Refusal `bad_facts`."""
    return READERS[PackageKind(package.kind)](package.body)


def answered_list(peer: Peer, package: Package) -> NominationList:
    """The list that is answered, which must have gone to this partner in this very version.

    Raises Refusal `list_unknown`, `other_version`.
    """
    answer = read_answer(package)
    sent = ExchangePackage.objects.filter(peer=peer, incoming=False, kind=PackageKind.NOMINATION)
    row = NominationList.objects.filter(uuid=answer.list, pk__in=sent.values("nomination_list")).first()
    if row is None:
        raise Refusal(
            "list_unknown", _("Gói trả lời một danh sách mà cổng này chưa gửi cho %(name)s.") % {"name": peer.name}
        )
    if row.manifest_hash != answer.manifest_hash:
        raise Refusal("other_version", _("Gói trả lời một bản khác của danh sách, không phải bản đã gửi."))
    _refuse_strange_level(row, answer)
    return row


def _refuse_strange_level(row: NominationList, answer: Answer) -> None:
    """Results speak of what was nominated, at the level it was nominated to, and of nothing else."""
    lines = {line.uuid: line.product.uuid for line in row.nominations.filter(chosen=True).select_related("product")}
    for one in answer.outcomes:
        told = one.recognition
        is_ours = lines.get(one.nomination) == one.product
        if not is_ours or (told and (told.level != row.level or told.product != one.product)):
            raise Refusal("other_version", _("Gói nêu kết quả của một sản phẩm không có trong danh sách đã gửi."))


def about_answer(peer: Peer, row: NominationList, answer: Answer) -> list[Difference]:
    """Where the results say something else than the register here. Two queries for each recognised product."""
    matcher = Matcher(peer)
    found: list[Difference] = []
    for line, one in _pairs(row, answer):
        if one.recognition is not None and not one.part_of:
            found += matcher.recognition(one.recognition, line.product).differences
    return found


def _pairs(row: NominationList, answer: Answer) -> list[tuple[Nomination, OutcomeFact]]:
    lines = {line.uuid: line for line in row.nominations.filter(chosen=True).select_related("product")}
    return [(lines[one.nomination], one) for one in answer.outcomes if one.nomination in lines]


@transaction.atomic
def write_answer(*, package: ExchangePackage, actor: Any, now: dt.datetime) -> NominationList:
    """Apply an answer whose differences are settled. A second time changes nothing."""
    kept = ExchangePackage.objects.select_for_update(of=("self",)).select_related("peer").get(pk=package.pk)
    row = (
        NominationList.objects.select_for_update(of=("self",))
        .select_related("territory", "round")
        .get(pk=kept.nomination_list_id or 0)
    )
    if kept.state == PackageState.APPLIED:
        return row
    with kept.file.open("rb") as source, opened(source) as opened_package:
        answer = read_answer(opened_package)
    hand = hand_of(kept, actor=actor, now=now)
    WRITERS[PackageKind(kept.kind)](row, answer, hand)
    kept.state, kept.applied_at = PackageState.APPLIED, now
    kept.handled_by = actor or kept.handled_by
    kept.save()
    package.state, package.applied_at = kept.state, kept.applied_at
    record(
        actor=actor,
        action="exchange.answer",
        sentence=_("Ghi “%(kind)s” của %(peer)s cho danh sách của %(unit)s.")
        % {"kind": kept.get_kind_display(), "peer": kept.peer.name, "unit": row.territory.name},
        subject=row,
        territory=row.territory,
        data={"peer": kept.peer.public_key, "digest": kept.digest},
    )
    return row


def _receive(row: NominationList, answer: Answer, hand: Hand) -> None:
    if row.received_at is None:
        row.received_at = answer.at
    if row.state == ListState.SENT:
        row.state = ListState.RECEIVED
    row.save()


def _return(row: NominationList, answer: Answer, hand: Hand) -> None:
    if row.state not in WAITING:
        return
    row.state, row.returned_at, row.returned_reason = ListState.RETURNED, answer.at, answer.reason
    row.save()
    tell_returned(row, now=hand.now)


def _settle(row: NominationList, answer: Answer, hand: Hand) -> None:
    """Write what came of each line; a recognition goes into the register, to be seen once it is announced."""
    matcher = Matcher(hand.peer)
    for line, one in _pairs(row, answer):
        if one.recognition is not None and not one.part_of:
            enter_recognition(
                told=one.recognition,
                product=line.product,
                matcher=matcher,
                hand=hand,
                publish=answer.announced_at is not None,
            )
        if line.outcome.get("at", "") <= answer.at.isoformat():
            line.outcome = _outcome(one) | {"at": answer.at.isoformat(), "part_of": one.part_of}
            line.save(update_fields=["outcome"])
    if answer.announced_at is not None and row.state in WAITING:
        row.state = ListState.CLOSED
        row.received_at = row.received_at or answer.at
        row.save()
        tell_result(row, now=hand.now)


def _outcome(one: OutcomeFact) -> dict[str, Any]:
    told = one.recognition
    words = outcome_words(one.outcome)
    if one.part_of:
        words = _("%(words)s trong bộ “%(name)s”") % {"words": words, "name": one.part_of}
    decision = told.decision if told else None
    return Outcome(
        code=one.outcome,
        words=words,
        reason=one.reason,
        entry_code=one.entry_code,
        decision=str(decision) if decision else "",
        decided_on=decision.signed_on.isoformat() if decision and decision.signed_on else "",
        certificate_code=told.code if told else "",
        expires_on=told.expires_on.isoformat() if told else "",
    ).as_dict()


WRITERS = {PackageKind.RECEIPT: _receive, PackageKind.RETURN: _return, PackageKind.RESULT: _settle}
