"""Certificates of authorities as they are handed out: PEM text, .cer, .crt, .p7b. Pure."""

import base64
import binascii
import datetime as dt
import re
from dataclasses import dataclass

from asn1crypto import cms, pem, x509

from .signing import VIETNAM

MAX_BYTES = 512 * 1024
MAX_CERTIFICATES = 20
_BARE = re.compile(rb"[A-Za-z0-9+/=\s]{200,}")


class NotCertificates(ValueError):
    """The bytes hold no certificate that can be read."""


@dataclass(frozen=True)
class Authority:
    """What a certificate says of its holder."""

    name: str
    pem: str
    fingerprint: str
    valid_from: dt.date
    valid_to: dt.date
    is_authority: bool


def read(data: bytes) -> list[Authority]:
    """The certificates in a file, each once, in its order. Raises NotCertificates."""
    if len(data) > MAX_BYTES:
        raise NotCertificates
    try:
        found = [_authority(one) for part in _parts(data) for one in _certificates(part)]
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise NotCertificates from error
    once = {one.fingerprint: one for one in found}
    if not once or len(once) > MAX_CERTIFICATES:
        raise NotCertificates
    return list(once.values())


def _parts(data: bytes) -> list[bytes]:
    """The DER bytes behind PEM armour, bare base64, or none."""
    data = data.strip().removeprefix(b"\xef\xbb\xbf")
    if pem.detect(data):
        return [der for _kind, _headers, der in pem.unarmor(data, multiple=True)]
    if _BARE.fullmatch(data):
        try:
            return [base64.b64decode(b"".join(data.split()), validate=True)]
        except binascii.Error as error:
            raise NotCertificates from error
    return [data]


def _certificates(der: bytes) -> list[x509.Certificate]:
    try:
        wrapped = cms.ContentInfo.load(der, strict=True)
        if wrapped["content_type"].native == "signed_data":
            return [one.chosen for one in wrapped["content"]["certificates"] if one.name == "certificate"]
    except (ValueError, TypeError, KeyError):
        pass
    return [x509.Certificate.load(der, strict=True)]


def _authority(certificate: x509.Certificate) -> Authority:
    der = certificate.dump()
    return Authority(
        name=_name(certificate.subject),
        pem=pem.armor("CERTIFICATE", der).decode("ascii"),
        fingerprint=certificate.sha256.hex(),
        valid_from=certificate.not_valid_before.astimezone(VIETNAM).date(),
        valid_to=certificate.not_valid_after.astimezone(VIETNAM).date(),
        is_authority=bool(certificate.ca),
    )


def _name(name: x509.Name) -> str:
    said = name.native.get("common_name") or name.native.get("organization_name") or name.human_friendly
    return str(said[0] if isinstance(said, list) else said)[:200]
