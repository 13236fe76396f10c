"""What goes back to who sent a list: received, returned, how each dossier stands, what was recognised."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from portal.audit.services import record
from portal.text.errors import Refusal

from .. import exchange_rules
from ..enums import ListState, PackageKind, PackageState, PeerRole
from ..exchange import facts, keys
from ..exchange.package import opened
from ..models import ExchangePackage, NominationList
from .exchange_packing import keep
from .exchange_taking import about
from .nominations_taken import settle_outcomes
from .shared import require_reason

TAKEN = (ListState.RECEIVED, ListState.CLOSED)
OPEN = (PackageState.PREPARED, PackageState.CONFLICT)


@transaction.atomic
@override(settings.LANGUAGE_CODE)
def answer(*, nomination_list: NominationList, kind: str, actor: Any, now: dt.datetime) -> ExchangePackage:
    """Pack a receipt or the results of a list that came from a partner; said already, it is the same package.

    Raises Refusal `not_allowed`, `nothing_to_answer`, `no_own_key`.
    """
    row = (
        NominationList.objects.select_for_update(of=("self",))
        .select_related("territory", "round", "peer__territory")
        .get(pk=nomination_list.pk)
    )
    peer = row.peer
    if peer is None or peer.role != PeerRole.PROVINCE or row.state not in TAKEN or peer.retired_at is not None:
        raise Refusal("nothing_to_answer", _("Danh sách này không có gì để trả lời cổng khác."))
    exchange_rules.require_handler(actor, peer, row)
    if kind == PackageKind.RECEIPT:
        assert row.received_at is not None  # what is received has its time
        body, at = facts.answer_body(row, at=row.received_at), row.received_at
    else:
        body, at = _results(row, now)
    same = _said_before(row, kind, body)
    if same is not None:
        return same
    return keep(kind=kind, row=row, peer=peer, body=body, made_at=at, by_api=bool(peer.address), actor=actor, now=now)


def _results(row: NominationList, now: dt.datetime) -> tuple[dict[str, Any], dt.datetime]:
    settle_outcomes(row)
    announced_at = row.round.announced_at if row.round else None
    told = {
        "announced_at": announced_at.astimezone(dt.UTC).isoformat() if announced_at else None,
        "results": facts.result_rows(row),
    }
    return facts.answer_body(row, at=now, **told), now


def _said_before(row: NominationList, kind: str, body: dict[str, Any]) -> ExchangePackage | None:
    """The newest answer of the kind, when it says the same but for the moment."""
    last = row.packages.filter(incoming=False, kind=kind).select_related("peer").order_by("-made_at", "-pk").first()
    if last is None:
        return None
    with last.file.open("rb") as source, opened(source) as package:
        said = package.body
    return last if {**said, "at": ""} == {**body, "at": ""} else None


@transaction.atomic
@override(settings.LANGUAGE_CODE)
def send_back(*, package: ExchangePackage, reason: str, actor: Any, now: dt.datetime) -> ExchangePackage:
    """Return a list before it is written down: the package is closed, its sender is told why.

    Raises Refusal `not_allowed`, `package_done`, `reason_missing`, `no_own_key`. Returns the package that goes back.
    """
    row = ExchangePackage.objects.select_for_update(of=("self",)).select_related("peer__territory").get(pk=package.pk)
    exchange_rules.require_handler(actor, row.peer, row.nomination_list)
    if not row.incoming or row.kind != PackageKind.NOMINATION or row.state not in OPEN:
        raise Refusal("package_done", _("Gói này đã ghi hoặc đã trả lại nên không trả lại được nữa."))
    words = require_reason(reason)
    keys.require_own_key()
    row.state, row.handled_by = PackageState.REFUSED, actor
    row.findings = [*row.findings, {"code": "sent_back", "sentence": words}]
    row.save()
    said = about(row)
    body = {
        "list": said["list"],
        "manifest_hash": said["manifest_hash"],
        "at": now.astimezone(dt.UTC).isoformat(),
        "reason": words,
    }
    made = keep(
        kind=PackageKind.RETURN,
        row=None,
        peer=row.peer,
        body=body,
        made_at=now,
        by_api=bool(row.peer.address),
        actor=actor,
        now=now,
    )
    record(
        actor=actor,
        action="exchange.send_back",
        sentence=_("Trả lại gói của %(peer)s.") % {"peer": row.peer.name},
        subject=row,
        territory=row.peer.territory,
        reason=words,
        data={"peer": row.peer.public_key, "digest": row.digest},
    )
    return made


def prepare_due(*, now: dt.datetime) -> int:
    """Pack every answer that is due: a receipt of what was taken, the results of what is closed. How many are new."""
    if keys.own_key() is None:
        return 0
    before = ExchangePackage.objects.filter(incoming=False).count()
    for row, kind in list(_due()):
        answer(nomination_list=row, kind=kind, actor=None, now=now)
    return ExchangePackage.objects.filter(incoming=False).count() - before


def _due() -> Iterator[tuple[NominationList, str]]:
    """Lists of partners without their receipt; closed ones without the results as they stand."""
    rows = NominationList.objects.filter(peer__role=PeerRole.PROVINCE, peer__retired_at=None, state__in=TAKEN)
    receipts = ExchangePackage.objects.filter(incoming=False, kind=PackageKind.RECEIPT)
    for row in rows.exclude(pk__in=receipts.exclude(nomination_list=None).values("nomination_list")):
        yield row, PackageKind.RECEIPT
    for row in rows.filter(state=ListState.CLOSED):
        yield row, PackageKind.RESULT
