"""The sign that a letter carries and a returned letter brings back: it names a row of the ledger, and only we can make it.

Lower-case letters and digits alone, so that it survives every mail server as part of an address.
"""

import base64
import hmac
import re
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

SALT = "portal.notices.tokens"
MAC_BYTES = 8
LENGTH = 39
_TOKEN_AT = re.compile(rf"(?<![a-z0-9])([a-z2-7]{{{LENGTH}}})@", re.IGNORECASE)


def make(uuid: UUID) -> str:
    return _written(uuid, settings.SECRET_KEY)


def read(text: str) -> UUID | None:
    """The row that a token names, or None when the portal did not make it."""
    try:
        raw = base64.b32decode(text.upper() + "=")
        uuid = UUID(bytes=raw[:-MAC_BYTES])
    except ValueError:
        return None
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return uuid if any(hmac.compare_digest(_written(uuid, key), text.lower()) for key in keys) else None


def find(text: str) -> UUID | None:
    """The first genuine token before an "@" in a text: an address of ours or a Message-ID."""
    return next((uuid for found in _TOKEN_AT.finditer(text) if (uuid := read(found[1]))), None)


def _written(uuid: UUID, key: str) -> str:
    mac = salted_hmac(SALT, uuid.hex, secret=key, algorithm="sha256").digest()[:MAC_BYTES]
    return base64.b32encode(uuid.bytes + mac).decode().rstrip("=").lower()
