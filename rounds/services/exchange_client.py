"""Talking to a partner over the network: packages out, answers in. The standard library's client, TLS only.

Whatever happens on the way, a package stays "prepared" until the other side has said that it has it. Sending it twice
does no harm: the other side takes the same content once.
"""

import base64
import datetime as dt
import json
import secrets
import tempfile
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from portal.text.errors import Refusal

from ..enums import PackageState, PeerRole
from ..exchange import keys
from ..exchange.package import MAX_PACKAGE, PIECE
from ..models import ExchangePackage, Peer
from .exchange_packing import mark_sent, note_failure
from .exchange_peers import is_safe_address
from .exchange_taking import take_in

TIMEOUT = 60
PATH = "/api/v1/exchange/packages/"
LONGEST_REPLY = 1024 * 1024
OK, CREATED, TOO_OFTEN, BROKEN = 200, 201, 429, 500
DIGEST = 64
# urllib wraps what goes wrong while it asks (an OSError); what is wrong with the answer comes as it is.
NO_ANSWER = (OSError, HTTPException)
KEY, TIME, NONCE, SIGNATURE = "Exchange-Key", "Exchange-Time", "Exchange-Nonce", "Exchange-Signature"


class Unreachable(Exception):
    """The other side was not reached, or did not answer as it should: worth another try later."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A package goes where the administrator wrote, or nowhere."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect())


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes

    @property
    def sentence(self) -> str:
        """What the other side said in words, if it did."""
        try:
            told = json.loads(self.body)
        except (ValueError, RecursionError):
            return ""
        found = told.get("detail", "") if isinstance(told, dict) else ""
        return found if isinstance(found, str) else ""


def signed_headers(
    *, key: keys.OwnKey, method: str, path: str, addressee: str, now: dt.datetime, body: bytes = b""
) -> dict[str, str]:
    """What a signed request carries, so that the other side knows who asks, that it is now, and asked once."""
    time, nonce = str(int(now.timestamp())), secrets.token_hex(16)
    message = keys.request_message(method=method, path=path, body=body, addressee=addressee, time=time, nonce=nonce)
    signature = base64.b64encode(key.sign(message)).decode()
    return {KEY: key.public, TIME: time, NONCE: nonce, SIGNATURE: signature}


def deliver(*, package: ExchangePackage, actor: Any, now: dt.datetime) -> ExchangePackage:
    """Send a prepared package to its partner. Sent already, nothing happens.

    Raises Refusal `no_address`, `peer_retired`, `refused_there` (with the other side's sentence), and Unreachable.
    What stands against it is written on the package.
    """
    if package.incoming or package.state != PackageState.PREPARED:
        return package
    base = _base(package.peer)
    try:
        with package.file.open("rb") as source:
            headers = {"Content-Type": "application/zip", "Content-Length": str(package.size)}
            reply = _call("POST", base + PATH, headers=headers, data=source)
    except Unreachable as error:
        note_failure(package=package, sentence=str(error), now=now)
        raise
    if reply.status in (OK, CREATED):
        return mark_sent(package=package, actor=actor, now=now, by_api=True)
    words = _("%(peer)s không nhận gói: %(said)s") % {
        "peer": package.peer.name,
        "said": reply.sentence or _("mã trả lời %(status)s.") % {"status": reply.status},
    }
    note_failure(package=package, sentence=words, now=now)
    if reply.status == TOO_OFTEN or reply.status >= BROKEN:
        raise Unreachable(words)
    raise Refusal("refused_there", words)


def collect(*, peer: Peer, now: dt.datetime) -> list[str]:
    """Fetch the answers that wait for us at a partner, take each in, and say that we have it. What each led to."""
    base, own = _base(peer), keys.require_own_key()
    said = []
    for waiting in _waiting(peer, base, own, now):
        with tempfile.TemporaryFile() as target:
            _fetch(peer, f"{base}{PATH}{waiting}/", own, now, target)
            try:
                said.append(take_in(source=target, actor=None, now=now, by_api=True).sentence)
            except Refusal as refusal:
                # Kept as refused with its reasons; the other side need not offer it again.
                said.append(str(refusal.sentence))
        _signed("POST", f"{base}{PATH}{waiting}/taken/", peer, own, now)
    return said


def _waiting(peer: Peer, base: str, own: keys.OwnKey, now: dt.datetime) -> list[str]:
    reply = _signed("GET", base + PATH, peer, own, now)
    try:
        rows = json.loads(reply.body)["packages"]
        found = [row["digest"] for row in rows]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreachable(_("%(peer)s trả lời không đúng dạng.") % {"peer": peer.name}) from error
    return [one for one in found if isinstance(one, str) and len(one) == DIGEST and one.isalnum()]


def _signed(method: str, url: str, peer: Peer, own: keys.OwnKey, now: dt.datetime) -> Reply:
    headers = signed_headers(key=own, method=method, path=_path(url), addressee=peer.public_key, now=now)
    reply = _call(method, url, headers=headers, data=b"" if method == "POST" else None)
    if reply.status != OK:
        said = reply.sentence or _("mã trả lời %(status)s.") % {"status": reply.status}
        raise Unreachable(_("%(peer)s không trả lời: %(said)s") % {"peer": peer.name, "said": said})
    return reply


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _fetch(peer: Peer, url: str, own: keys.OwnKey, now: dt.datetime, target: IO[bytes]) -> None:
    headers = signed_headers(key=own, method="GET", path=_path(url), addressee=peer.public_key, now=now)
    try:
        with closing(_opener.open(urllib.request.Request(url, headers=headers), timeout=TIMEOUT)) as reply:  # noqa: S310 - is_safe_address
            while piece := reply.read(PIECE):
                target.write(piece)
                if target.tell() > MAX_PACKAGE:
                    raise Unreachable(_("%(peer)s trả về tệp quá lớn.") % {"peer": peer.name})
    except NO_ANSWER as error:
        raise _unreachable(url) from error


def _call(method: str, url: str, *, headers: dict[str, str], data: Any) -> Reply:
    request = urllib.request.Request(url, method=method, headers=headers, data=data)  # noqa: S310 - is_safe_address
    try:
        with closing(_opener.open(request, timeout=TIMEOUT)) as reply:
            return Reply(reply.status, reply.read(LONGEST_REPLY))
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.read(LONGEST_REPLY))
    except NO_ANSWER as error:
        raise _unreachable(url) from error


def _unreachable(url: str) -> Unreachable:
    return Unreachable(
        _("Chưa kết nối được %(host)s. Cổng sẽ tự gửi lại; nếu gấp, hãy tải gói về và đưa lên cổng bên kia.")
        % {"host": urlsplit(url).hostname}
    )


def _base(peer: Peer) -> str:
    if peer.retired_at is not None:
        raise Refusal("peer_retired", _("Cổng %(name)s đã thôi dùng.") % {"name": peer.name})
    if not peer.address or not is_safe_address(peer.address):
        raise Refusal(
            "no_address",
            _("Chưa có địa chỉ https của %(name)s. Hãy tải gói về và đưa lên cổng bên kia bằng tay.")
            % {"name": peer.name},
        )
    return peer.address.rstrip("/")


def deliver_waiting(*, now: dt.datetime) -> dict[str, int]:
    """Try every package that waits to go over the network; how many went, how many still wait."""
    rows = ExchangePackage.objects.filter(incoming=False, by_api=True, state=PackageState.PREPARED)
    counts = {"sent": 0, "waiting": 0}
    for row in rows.filter(peer__retired_at=None).exclude(peer__address="").select_related("peer"):
        try:
            counts["sent"] += deliver(package=row, actor=None, now=now).state == PackageState.SENT
        except (Unreachable, Refusal):
            counts["waiting"] += 1
    return counts


def collect_waiting(*, now: dt.datetime) -> int:
    """Ask every centre with an address for answers; how many came."""
    came = 0
    for peer in Peer.objects.filter(role=PeerRole.CENTRE, retired_at=None).exclude(address=""):
        try:
            came += len(collect(peer=peer, now=now))
        except (Unreachable, Refusal):
            continue
    return came
