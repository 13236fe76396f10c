"""Partners of the exchange: added from the card they show, confirmed by fingerprint, retired."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.territory.enums import Region
from portal.territory.models import Territory
from portal.territory.queries import unit_by_slug
from portal.text.errors import Refusal
from portal.text.folding import normalise

from .. import exchange_rules
from ..enums import PeerRole
from ..exchange import keys
from ..models import Peer
from .shared import require_reason

CARD = "spcnntb-peer"
CARD_VERSION = 1
LONGEST_CARD = 10_000
LONGEST_NAME = 200
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Card:
    """What one deployment tells the other of itself."""

    name: str
    role: str
    public_key: str
    territory: str = ""
    region: str = ""
    address: str = ""

    def as_text(self) -> str:
        """The card as it is pasted at the other side."""
        told = {"format": CARD, "version": CARD_VERSION, **vars(self)}
        return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True)


def read_card(text: str) -> Card:
    """The card that was pasted. Raises Refusal `bad_card` in words."""
    try:
        told = json.loads(text) if len(text) <= LONGEST_CARD else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or told.get("format") != CARD or told.get("version") != CARD_VERSION:
        raise _bad_card(_("Đây không phải thẻ của một cổng. Hãy dán nguyên văn thẻ mà cổng bên kia hiện ra."))
    fields = {name: told.get(name, "") for name in Card.__dataclass_fields__}
    if not all(isinstance(value, str) for value in fields.values()):
        raise _bad_card(_("Thẻ có mục sai dạng. Hãy xin lại thẻ."))
    card = Card(**{name: normalise(value) for name, value in fields.items()})
    _refuse_card(card)
    return card


def _refuse_card(card: Card) -> None:
    if not card.name or len(card.name) > LONGEST_NAME:
        raise _bad_card(_("Thẻ không ghi tên cổng, hoặc tên quá dài. Hãy xin lại thẻ."))
    if not keys.is_public_key(card.public_key):
        raise _bad_card(_("Khóa công khai trong thẻ sai. Hãy chép lại thẻ, không bỏ sót ký tự nào."))
    if card.role not in PeerRole.values or (card.region and card.region not in Region.values):
        raise _bad_card(_("Thẻ ghi vai trò hoặc khu vực mà cổng này không biết. Hãy xin lại thẻ."))
    if card.role == PeerRole.PROVINCE and unit_by_slug(card.territory) is None:
        raise _bad_card(_("Thẻ của tỉnh ghi tỉnh mà danh mục ở đây không có. Hãy nạp lại danh mục, hoặc xin lại thẻ."))
    if card.address and not is_safe_address(card.address):
        raise _bad_card(_("Địa chỉ cổng trong thẻ phải bắt đầu bằng https://. Hãy xin lại thẻ."))


def is_safe_address(address: str) -> bool:
    """Whether packages may be sent there: over TLS, or to this very machine while trying out."""
    try:
        found = urlsplit(address)
        has_port = found.port != 0
    except ValueError:  # brackets that do not match, a port that is none
        return False
    if not has_port or found.username or found.password or found.query or found.fragment or not found.hostname:
        return False
    return found.scheme == "https" or (found.scheme == "http" and (settings.DEBUG or found.hostname in LOOPBACK))


def _bad_card(sentence: str) -> Refusal:
    return Refusal("bad_card", sentence, field="card")


@transaction.atomic
def add_peer(*, card: str, fingerprint: str, actor: Any, now: dt.datetime) -> Peer:
    """Add a partner from its card, once the digits read over the telephone are those of its key.

    Raises Refusal `not_allowed`, `bad_card`, `own_card`, `peer_exists`, `fingerprint_differs`.
    """
    exchange_rules.require_keeper(actor)
    told = read_card(card)
    own = keys.own_key()
    if own is not None and told.public_key == own.public:
        raise Refusal("own_card", _("Đây là thẻ của chính cổng này. Hãy dán thẻ của cổng bên kia."), field="card")
    if known := Peer.objects.filter(public_key=told.public_key).first():
        sentence = (
            _("Khóa này của %(name)s đã thôi dùng. Bên kia cần tạo khóa mới và đưa thẻ mới.")
            if known.retired_at
            else _("Cổng %(name)s đã có trong danh sách với khóa này.")
        )
        raise Refusal("peer_exists", sentence % {"name": known.name}, field="card")
    if not keys.same_fingerprint(fingerprint, told.public_key):
        raise Refusal(
            "fingerprint_differs",
            _("Dãy số không khớp khóa trong thẻ. Hãy gọi lại cho bên kia theo số đã biết từ trước và đọc từng nhóm."),
            field="fingerprint",
        )
    unit = unit_by_slug(told.territory) if told.role == PeerRole.PROVINCE else None
    peer = Peer.objects.create(
        name=told.name,
        role=told.role,
        territory=Territory.objects.get(pk=unit.pk) if unit else None,
        region=told.region if told.role == PeerRole.CENTRE else "",
        public_key=told.public_key,
        address=told.address,
        added_at=now,
        added_by=actor,
    )
    _note(peer, actor, "exchange.peer.add", _("Thêm cổng trao đổi %(name)s."), key=told.public_key)
    return peer


@transaction.atomic
def move_peer(*, peer: Peer, address: str, actor: Any) -> Peer:
    """Write where the partner is reached now; empty when packages go by hand. Raises Refusal `bad_address`."""
    exchange_rules.require_keeper(actor)
    row = _standing(peer)
    tidy = address.strip()
    if tidy and not is_safe_address(tidy):
        raise Refusal("bad_address", _("Địa chỉ cổng phải bắt đầu bằng https://."), field="address")
    row.address = tidy
    row.save()
    _note(row, actor, "exchange.peer.move", _("Sửa địa chỉ của cổng trao đổi %(name)s."), address=tidy)
    return row


@transaction.atomic
def retire_peer(*, peer: Peer, reason: str, actor: Any, now: dt.datetime) -> Peer:
    """From now on nothing of this key is taken and nothing is sent to it. What was exchanged stays."""
    exchange_rules.require_keeper(actor)
    row = _standing(peer)
    words = require_reason(reason)
    row.retired_at = now
    row.save()
    _note(row, actor, "exchange.peer.retire", _("Thôi dùng cổng trao đổi %(name)s."), reason=words)
    return row


def _standing(peer: Peer) -> Peer:
    row = Peer.objects.select_for_update(of=("self",)).select_related("territory").get(pk=peer.pk)
    if row.retired_at is not None:
        raise Refusal("peer_retired", _("Cổng %(name)s đã thôi dùng.") % {"name": row.name})
    return row


def _note(peer: Peer, actor: Any, action: str, sentence: str, *, reason: str = "", **data: str) -> None:
    record(
        actor=actor,
        action=action,
        sentence=sentence % {"name": peer.name},
        subject=peer,
        territory=peer.territory,
        reason=reason,
        data=data,
    )
