"""What the digital signatures in a PDF are worth: pure over its bytes, the trusted roots and a moment.

Nothing is fetched: no revocation list is asked for, and the caller says so to whoever reads the answer. This module
knows nothing of Django, so that it can be run in a process of its own with limits (`signing_guard`).
"""

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from asn1crypto import cms, pem, x509
from pyhanko.pdf_utils.misc import PdfDecodeLimitError, PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.general import CMSExtractionError
from pyhanko.sign.validation import (
    EmbeddedPdfSignature,
    KeyUsageConstraints,
    SignatureCoverageLevel,
    validate_pdf_signature,
    validate_pdf_timestamp,
)
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko_certvalidator import ValidationContext

from .pdf_words import Words, words_of

State = Literal["unsigned", "altered", "unknown_signer", "trusted"]
Trouble = Literal["not_a_pdf", "too_large", "encrypted", "broken", "too_heavy", "too_slow"]
Fault = Literal["", "altered", "appended", "no_chain", "expired", "not_yet", "from_the_future", "unfit", "unreadable"]

MAX_BYTES = 20 * 1024 * 1024
MAX_SIGNATURES = 20
VIETNAM = dt.timezone(dt.timedelta(hours=7))
# Clocks of signing machines run ahead by some minutes; a day ahead is a false date.
AHEAD = dt.timedelta(hours=24)
_HEAD = b"%PDF-"
# A certificate meant for signing says one of these; Vietnamese tokens carry either.
_USAGE = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"})
_READ_ERRORS = (PdfError, CMSExtractionError, ValueError, KeyError, TypeError, IndexError, AttributeError, OSError)
_HARMLESS = ModificationLevel.LTA_UPDATES
_BY_LATER_SIGNATURES = ModificationLevel.FORM_FILLING


class Unreadable(ValueError):
    """The file cannot be judged; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


@dataclass(frozen=True)
class Root:
    """A certificate authority whose signatures count between two days."""

    name: str
    pem: str
    valid_from: dt.date
    valid_to: dt.date | None = None

    def holds_on(self, on: dt.date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True)
class Signature:
    """One signature in the file. Moments are ISO texts, so that the finding can be kept as it is."""

    signer: str
    issuer: str
    claimed_at: str
    stamped_at: str
    not_before: str
    not_after: str
    intact: bool
    covers_file: bool
    changed_after: str
    trusted: bool
    fault: Fault

    @property
    def at(self) -> dt.datetime | None:
        """When it was made: by a trusted time stamp, else as the signing machine's clock says."""
        said = self.stamped_at or self.claimed_at
        return dt.datetime.fromisoformat(said) if said else None


@dataclass(frozen=True)
class Findings:
    """What was found in a file."""

    state: State
    signatures: tuple[Signature, ...]
    codes: tuple[str, ...]
    text: str

    @property
    def telling(self) -> Signature | None:
        """The signature to name: the last one made; when something is wrong, the first that is."""
        wrong = next((one for one in self.signatures if one.fault), None)
        return wrong or (self.signatures[-1] if self.signatures else None)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Findings":
        signatures = tuple(Signature(**one) for one in kept["signatures"])
        return cls(kept["state"], signatures, tuple(kept["codes"]), kept["text"])


def examine(data: bytes, *, roots: Sequence[Root], now: dt.datetime) -> Findings:
    """Every signature of a PDF, and what all of them together make of it. Raises Unreadable.

    The worst decides: one altered part makes the file altered, one signer nobody vouches for leaves it unknown.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable("too_large")
    if _HEAD not in data[:1024]:
        raise Unreadable("not_a_pdf")
    try:
        reader = PdfFileReader(io.BytesIO(data), strict=False)
        locked = bool(reader.encrypted)
        embedded = [] if locked else list(reader.embedded_signatures)
        words = Words((), "") if locked else words_of(reader)
    except PdfDecodeLimitError as error:
        raise Unreadable("too_heavy") from error
    except (*_READ_ERRORS, RecursionError) as error:
        raise Unreadable("broken") from error
    if locked:
        raise Unreadable("encrypted")
    if len(embedded) > MAX_SIGNATURES:
        raise Unreadable("too_heavy")
    return _judge(embedded, words, roots, now)


def _judge(embedded: list[EmbeddedPdfSignature], words: Words, roots: Sequence[Root], now: dt.datetime) -> Findings:
    last = len(embedded) - 1
    stamps = [row for row in embedded if row.sig_object_type == "/DocTimeStamp"]
    found = tuple(
        _signature(row, roots, now, is_last=place == last) for place, row in enumerate(embedded) if row not in stamps
    )
    broken_stamp = any(not _stamp_holds(row, roots, now, is_last=row is embedded[-1]) for row in stamps)
    if not found:
        state: State = "unsigned"
    elif broken_stamp or any(one.fault in {"altered", "appended", "unreadable"} for one in found):
        state = "altered"
    else:
        state = "trusted" if all(one.trusted for one in found) else "unknown_signer"
    return Findings(state, found, words.codes, words.text)


def _stamp_holds(row: EmbeddedPdfSignature, roots: Sequence[Root], now: dt.datetime, *, is_last: bool) -> bool:
    """Whether a time stamp over the whole document is intact; who made it decides nothing here."""
    try:
        status = validate_pdf_timestamp(row, _context(roots, now, now))
    except _READ_ERRORS:
        return False
    return bool(status.intact and status.valid) and not _changed(status, is_last=is_last)


def _signature(row: EmbeddedPdfSignature, roots: Sequence[Root], now: dt.datetime, *, is_last: bool) -> Signature:
    try:
        certificate = row.signer_cert
        claimed, stamped = _aware(row.self_reported_timestamp), _stamp_time(row)
        status = _validated(row, roots, now, stamped or claimed or now)
        if stamped and not _stamp_trusted(status):
            stamped = None
            status = _validated(row, roots, now, claimed or now)
    except _READ_ERRORS:
        return Signature("", "", "", "", "", "", False, False, "", False, "unreadable")
    intact = bool(status.intact and status.valid) and _filled_with_nothing(row)
    changed = _changed(status, is_last=is_last) or (is_last and _followed(row, status))
    fault = _fault(status, certificate, stamped or claimed or now, now, intact=intact, changed=changed)
    return Signature(
        signer=_name(certificate.subject),
        issuer=_name(certificate.issuer),
        claimed_at=_iso(claimed),
        stamped_at=_iso(stamped),
        not_before=_iso(certificate.not_valid_before),
        not_after=_iso(certificate.not_valid_after),
        intact=intact,
        covers_file=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        changed_after=status.modification_level.name.lower() if status.modification_level else "other",
        trusted=not fault,
        fault=fault,
    )


def _validated(row: EmbeddedPdfSignature, roots: Sequence[Root], now: dt.datetime, at: dt.datetime) -> Any:
    return validate_pdf_signature(row, _context(roots, at, now), key_usage_settings=_USAGE)


def _context(roots: Sequence[Root], at: dt.datetime, now: dt.datetime) -> ValidationContext:
    """The roots in force on the day of signing in Vietnam, the moment of signing, and no network."""
    day = at.astimezone(VIETNAM).date()
    trusted = [certificate_of(root.pem) for root in roots if root.holds_on(day)]
    return ValidationContext(
        trust_roots=trusted, moment=at, best_signature_time=at, allow_fetching=False, revocation_mode="soft-fail"
    )


def certificate_of(text: str) -> x509.Certificate:
    """A certificate from its PEM text. Raises ValueError."""
    _kind, _headers, der = pem.unarmor(text.encode())
    return x509.Certificate.load(der)


def _aware(at: dt.datetime | None) -> dt.datetime | None:
    """A moment without a zone is Vietnam's."""
    return at.replace(tzinfo=VIETNAM) if at is not None and at.tzinfo is None else at


def _stamp_time(row: EmbeddedPdfSignature) -> dt.datetime | None:
    """The moment that an attached time stamp says, not yet believed."""
    stamp = next(iter(extract_tst_data_iter(row.signer_info, signed=False)), None)
    if stamp is None:
        return None
    said = stamp["encap_content_info"]["content"].parsed["gen_time"].native
    return said if isinstance(said, dt.datetime) else None


def _stamp_trusted(status: Any) -> bool:
    stamp = status.timestamp_validity
    return stamp is not None and bool(stamp.intact and stamp.valid and stamp.trusted)


def _changed(status: Any, *, is_last: bool) -> bool:
    """Whether more was added after the signature than further signatures or their proofs need."""
    level = status.modification_level
    allowed = _HARMLESS if is_last else _BY_LATER_SIGNATURES
    return level is None or level > allowed or status.docmdp_ok is False


def _followed(row: EmbeddedPdfSignature, status: Any) -> bool:
    """Whether bytes that belong to no revision stand behind the signed end: no reader needs them."""
    if status.modification_level != ModificationLevel.NONE:
        return False
    stream = row.reader.stream
    stream.seek(int(row.byte_range[2]) + int(row.byte_range[3]))
    return bool(stream.read().strip())


def _filled_with_nothing(row: EmbeddedPdfSignature) -> bool:
    """Whether the room left over behind the signature, which no signature covers, holds only zeros."""
    content = row.pkcs7_content
    return not content[len(cms.ContentInfo.load(content).dump()) :].strip(b"\x00")


def _fault(
    status: Any, certificate: x509.Certificate, at: dt.datetime, now: dt.datetime, *, intact: bool, changed: bool
) -> Fault:
    """The first thing wrong with a signature, the gravest first; empty when it may be trusted."""
    if not intact:
        return "altered"
    if changed:
        return "appended"
    if at > now + AHEAD:
        return "from_the_future"
    if at > certificate.not_valid_after:
        return "expired"
    if at < certificate.not_valid_before:
        return "not_yet"
    path = status.validation_path
    # An authority signs certificates, not documents: its own signature is nobody's word for the paper.
    if status.trusted and path.pkix_len:
        return ""
    unknown = status.trust_problem_indic == AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND
    return "no_chain" if unknown or (certificate.self_issued and path is None) else "unfit"


def _name(name: x509.Name) -> str:
    """The common name as it stands in the certificate, else its whole name."""
    said = name.native.get("common_name") or name.native.get("organization_name") or name.human_friendly
    return str(said[0] if isinstance(said, list) else said)[:200]


def _iso(at: dt.datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
