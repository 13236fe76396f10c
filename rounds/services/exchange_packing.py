"""Packing: a list or an answer becomes a signed file for one partner. The same content is packed once."""

import datetime as dt
import hashlib
import tempfile
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.text.errors import Refusal

from .. import exchange_rules
from ..enums import ListState, PackageKind, PackageState, PeerRole
from ..exchange import facts, keys
from ..exchange import package as packages
from ..exchange.package import Attached
from ..models import ExchangePackage, NominationList, Peer

# Packages of one content have one uuid, whoever packs them and however often.
NAMESPACE = UUID("5f2c6a0e-8f6b-5d0b-9a55-3f2b6d3c7e11")


@transaction.atomic
def pack(
    *, nomination_list: NominationList, peer: Peer, actor: Any, now: dt.datetime, by_api: bool = False
) -> ExchangePackage:
    """The package of a sent list for the level above; packed before, it is the same one.

    Raises Refusal `not_allowed`, `no_own_key`, `list_not_sent`, `wrong_peer`, `peer_retired`, `too_large`.
    """
    exchange_rules.require_sender(actor, nomination_list)
    row = NominationList.objects.select_for_update(of=("self",)).select_related("territory").get(pk=nomination_list.pk)
    _refuse_unfit(row, peer)
    known = ExchangePackage.objects.filter(
        incoming=False, peer=peer, nomination_list=row, kind=PackageKind.NOMINATION
    ).first()
    if known is not None:
        return _wanted_by_api(known) if by_api else known
    row.peer = peer
    row.save(update_fields=["peer"])
    body, files = facts.list_body(row)
    assert row.sent_at is not None  # _refuse_unfit: what is frozen has been sent
    return keep(
        kind=PackageKind.NOMINATION,
        row=row,
        peer=peer,
        body=body,
        files=files,
        made_at=row.sent_at,
        by_api=by_api,
        actor=actor,
        now=now,
    )


def _wanted_by_api(known: ExchangePackage) -> ExchangePackage:
    if known.state == PackageState.PREPARED and not known.by_api:
        known.by_api = True
        known.save(update_fields=["by_api"])
    return known


def _refuse_unfit(row: NominationList, peer: Peer) -> None:
    if row.state == ListState.DRAFT or not row.manifest_hash:
        raise Refusal("list_not_sent", _("Danh sách chưa gửi nên chưa đóng gói được. Hãy gửi danh sách trước."))
    if row.state == ListState.RETURNED:
        raise Refusal("list_not_sent", _("Danh sách này đã bị trả lại. Hãy sửa và gửi danh sách mới."))
    if row.commune_id is not None:
        raise Refusal("wrong_peer", _("Danh sách của xã nằm trong cổng của tỉnh, không gửi qua cổng khác."))
    if peer.retired_at is not None:
        raise Refusal("peer_retired", _("Cổng %(name)s đã thôi dùng. Hãy chọn cổng khác.") % {"name": peer.name})
    if peer.role != PeerRole.CENTRE or (peer.region and peer.region != row.region):
        raise Refusal("wrong_peer", _("Cổng %(name)s không nhận danh sách đề cử này.") % {"name": peer.name})
    if row.peer_id not in (None, peer.pk):
        raise Refusal("wrong_peer", _("Danh sách này đã gửi cổng %(name)s.") % {"name": row.peer})


def keep(
    *,
    kind: str,
    row: NominationList | None,
    peer: Peer,
    body: dict[str, Any],
    files: Iterable[Attached] = (),
    made_at: dt.datetime,
    by_api: bool,
    actor: Any,
    now: dt.datetime,
) -> ExchangePackage:
    """Write the signed file and its row. Part of a larger act that has checked the person; the audit row is here."""
    key = keys.require_own_key()
    known = list(files)
    manifest = packages.manifest_of(
        kind=kind,
        uuid=str(uuid5(NAMESPACE, f"{kind}:{key.public}:{peer.public_key}:{packages.digest_of(body)}")),
        made_at=made_at.astimezone(dt.UTC).isoformat(),
        sender={"key": key.public, "address": settings.SITE_URL},
        addressee=peer.public_key,
        body=body,
        files=known,
    )
    with tempfile.TemporaryFile() as target:
        packages.write(target, manifest=manifest, files=known, key=key)
        digest, size = digest_of(target)
        made = ExchangePackage.objects.filter(incoming=False, digest=digest).first()
        if made is not None:
            return made
        made = ExchangePackage(
            peer=peer,
            kind=kind,
            state=PackageState.PREPARED,
            nomination_list=row,
            digest=digest,
            size=size,
            made_at=now,
            by_api=by_api,
            handled_by=actor,
        )
        target.seek(0)
        made.file.save(f"{digest}.zip", File(target), save=False)
    made.save()
    record(
        actor=actor,
        action="exchange.pack",
        sentence=_("Đóng gói “%(kind)s” gửi %(peer)s.") % {"kind": made.get_kind_display(), "peer": peer.name},
        subject=made,
        territory=row.territory if row else peer.territory,
        data={"peer": peer.public_key, "digest": digest, "list": str(row.uuid) if row else ""},
    )
    return made


def digest_of(target: Any) -> tuple[str, int]:
    """SHA-256 and size of an open file."""
    size = target.seek(0, 2)
    target.seek(0)
    return hashlib.file_digest(target, "sha256").hexdigest(), size


@transaction.atomic
def mark_sent(*, package: ExchangePackage, actor: Any, now: dt.datetime, by_api: bool) -> ExchangePackage:
    """The other side has it: it said so over the network, or a person handed the file over. Twice changes nothing."""
    row = ExchangePackage.objects.select_for_update(of=("self",)).select_related("peer").get(pk=package.pk)
    if row.incoming or row.state != PackageState.PREPARED:
        return row
    row.state, row.arrived_at, row.by_api = PackageState.SENT, now, by_api
    row.save()
    record(
        actor=actor,
        action="exchange.sent",
        sentence=_("Gói “%(kind)s” đã đến %(peer)s.") % {"kind": row.get_kind_display(), "peer": row.peer.name},
        subject=row,
        territory=row.peer.territory,
        data={"peer": row.peer.public_key, "digest": row.digest},
    )
    return row


@transaction.atomic
def note_failure(*, package: ExchangePackage, sentence: str, now: dt.datetime) -> ExchangePackage:
    """What stood against sending, for the person who looks; the last one of the same words is enough."""
    row = ExchangePackage.objects.select_for_update().get(pk=package.pk)
    kept = [one for one in row.findings if one.get("sentence") != sentence]
    row.findings = [*kept, {"code": "not_sent", "sentence": sentence, "at": now.isoformat()}]
    row.save(update_fields=["findings"])
    return row
