"""An own certificate authority, signers and signed PDFs for tests."""

import datetime as dt
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import time_machine
from asn1crypto import keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from portal.text import typeset
from products.signing import Root

SIGNED_AT = dt.datetime(2026, 11, 20, 3, 0, tzinfo=dt.UTC)
DER = serialization.Encoding.DER
TEMPLATE = Path(__file__).parent / "certificate_for_signing.typ"


@dataclass(frozen=True)
class Holder:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(DER)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def root(self, name: str = "Tổ chức chứng thực mẫu", until: dt.date | None = None) -> Root:
        return Root(name, self.pem, dt.date(2020, 1, 1), until)


def holder(
    name: str,
    *,
    by: Holder | None = None,
    authority: bool = False,
    first: dt.datetime = dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    last: dt.datetime = dt.datetime(2034, 1, 1, tzinfo=dt.UTC),
) -> Holder:
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(not authority, not authority, False, False, False, authority, authority, False, False)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(last)
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(usage, critical=True)
        .sign(by.key if by else key, hashes.SHA256())
    )
    return Holder(made, key)


@cache
def authority() -> Holder:
    return holder("Tổ chức chứng thực mẫu", authority=True)


@cache
def signer() -> Holder:
    return holder("Sở Công Thương mẫu", by=authority())


@cache
def stranger() -> Holder:
    return holder("Người lạ")


@cache
def expired_signer() -> Holder:
    return holder("Chứng thư cũ mẫu", by=authority(), last=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))


def bundle() -> bytes:
    """The authority and its signer as a .p7b."""
    return pkcs7.serialize_certificates([authority().certificate, signer().certificate], DER)


def certificate_pdf(code: str = "", number: str = "") -> bytes:
    """A plain printed certificate that names its code and number."""
    return typeset.render(TEMPLATE, {"code": code, "number": number})


def sign(pdf: bytes, who: Holder | None = None, *, field: str = "Chu-ky-1", at: dt.datetime = SIGNED_AT) -> bytes:
    who = who or signer()
    store = SimpleCertificateStore()
    store.register(asn1.Certificate.load(authority().der))
    key = who.key.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    hand = signers.SimpleSigner(asn1.Certificate.load(who.der), keys.PrivateKeyInfo.load(key), store)
    with time_machine.travel(at, tick=False):
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        done = signers.sign_pdf(writer, signers.PdfSignatureMetadata(field_name=field), signer=hand)
    return bytes(done.getvalue())
