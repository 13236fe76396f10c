"""Ed25519 keys: this deployment's own, a partner's, and the fingerprint that two people compare on the telephone.

What is signed begins with a line that says what it is, so that a signature for one purpose is none for another.
"""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils.translation import gettext as _

from portal.text.errors import Refusal

SEED_BYTES = KEY_BYTES = 32
SIGNATURE_BYTES = 64
PACKAGE = b"spcnntb-package-1\n"
REQUEST = b"spcnntb-request-1\n"
# Forty decimal digits, about 132 bits: read aloud in eight groups of five.
DIGITS, GROUP = 40, 5


@dataclass(frozen=True)
class OwnKey:
    """The key that this deployment signs with."""

    seed: bytes

    @property
    def public(self) -> str:
        raw = self._private().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return base64.b64encode(raw).decode()

    def sign(self, message: bytes) -> bytes:
        return self._private().sign(message)

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def __repr__(self) -> str:
        return f"OwnKey({self.public})"


def make_seed() -> str:
    """A new seed, as EXCHANGE_KEY holds it."""
    return base64.b64encode(secrets.token_bytes(SEED_BYTES)).decode()


def key_of(seed: str) -> OwnKey:
    """The key of a seed in base64. Raises ValueError when it is none."""
    raw = _decoded(seed, SEED_BYTES)
    if raw is None:
        raise ValueError("An Ed25519 seed is 32 bytes in base64.")
    return OwnKey(raw)


def own_key() -> OwnKey | None:
    """The key from the environment; None where none has been set."""
    return key_of(settings.EXCHANGE_KEY) if settings.EXCHANGE_KEY else None


def require_own_key() -> OwnKey:
    """Raises Refusal `no_own_key`, which says what to do."""
    found = own_key()
    if found is None:
        raise Refusal(
            "no_own_key",
            _(
                "Cổng này chưa có khóa trao đổi nên chưa gửi, nhận gói được. Người quản trị máy chủ chạy lệnh "
                "exchange_key, đặt biến EXCHANGE_KEY rồi khởi động lại cổng."
            ),
        )
    return found


def is_public_key(text: str) -> bool:
    """Whether the text is a public key as it is stored: the canonical base64 of a point that can be loaded."""
    raw = _decoded(text, KEY_BYTES)
    if raw is None or base64.b64encode(raw).decode() != text:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(raw)
    except ValueError:
        return False
    return True


def verifies(public: str, message: bytes, signature: bytes) -> bool:
    """Whether the signature over the message is that key's. Never raises."""
    raw = _decoded(public, KEY_BYTES)
    if raw is None or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(public: str) -> str:
    """Forty digits in groups of five, for two people to compare aloud."""
    digest = hashlib.sha256(base64.b64decode(public)).digest()
    digits = f"{int.from_bytes(digest, 'big') % 10**DIGITS:0{DIGITS}}"
    return " ".join(digits[start : start + GROUP] for start in range(0, DIGITS, GROUP))


def same_fingerprint(typed: str, public: str) -> bool:
    """Whether the digits typed are the key's, however they are spaced."""
    digits = "".join(character for character in typed if character.isdigit())
    return digits == fingerprint(public).replace(" ", "")


def package_message(manifest: bytes) -> bytes:
    """What the signature of a package covers: the SHA-256 of its manifest."""
    return PACKAGE + hashlib.sha256(manifest).digest()


def request_message(*, method: str, path: str, body: bytes, addressee: str, time: str, nonce: str) -> bytes:
    """What the signature of a request covers. `path` is the address from the first slash, with its query."""
    lines = [method, path, hashlib.sha256(body).hexdigest(), addressee, time, nonce]
    return REQUEST + "\n".join(lines).encode()


def _decoded(text: str, length: int) -> bytes | None:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == length else None
