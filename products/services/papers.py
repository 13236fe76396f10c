"""What is attached to a certificate: the scan, the file signed digitally. Replaced ones are kept."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.files.models import StoredFile
from portal.files.services import store
from portal.text.errors import Refusal
from portal.text.folding import fold

from .. import codes, rules, signing_guard
from ..enums import PaperKind, SignatureState, Stage
from ..models import Certificate, CertificatePaper, TrustRoot
from ..signing import Findings, Root, Unreadable
from ..signing_words import FAULTS, PLAIN, TROUBLES

FIELD = "upload"
_KINDS: dict[str, Any] = {PaperKind.SCAN: frozenset({"image", "pdf"}), PaperKind.SIGNED: frozenset({"pdf"})}
# Signatures of which nothing can be made good by trusting one authority more.
_BEYOND_TRUST = frozenset({"expired", "not_yet", "from_the_future"})


def attach_paper(*, certificate: Certificate, kind: str, upload: Any, actor: Any, now: dt.datetime) -> CertificatePaper:
    """Attach a scan or a signed PDF; one in use before is kept as replaced.

    A signed PDF is examined first. Raises Refusal when it carries no signature, was altered after signing, was
    signed with a certificate out of its term, belongs to another certificate, or runs a program; a signer nobody
    vouches for is accepted and said to be unknown, since the authority may be added later.
    """
    recognition = certificate.recognition
    rules.require_end(actor, recognition)
    if recognition.stage != Stage.RECOGNISED:
        raise Refusal("not_recognised", _("Sản phẩm mới được đề nghị thì chưa có giấy chứng nhận."))
    stored = store(upload, allow=_KINDS[kind], field=FIELD)
    findings = _examined(certificate, stored, now) if kind == PaperKind.SIGNED else None
    return _attached(certificate=certificate, kind=kind, stored=stored, findings=findings, actor=actor, now=now)


@transaction.atomic
def _attached(
    *, certificate: Certificate, kind: str, stored: StoredFile, findings: Findings | None, actor: Any, now: dt.datetime
) -> CertificatePaper:
    Certificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)
    before = certificate.papers.filter(kind=kind, replaced_at=None).first()
    if before and before.file_id == stored.pk:
        raise Refusal("same_file", _("Giấy chứng nhận đã có đúng tệp này. Không cần đưa lên lần nữa."), field=FIELD)
    if before:
        before.replaced_at = now
        before.save(update_fields=["replaced_at"])
    paper = CertificatePaper(certificate=certificate, kind=kind, file=stored, added_at=now, added_by=actor)
    if findings:
        _apply(paper, findings, now)
    paper.save()
    sentence = (
        _("Thay “%(kind)s” của giấy chứng nhận %(code)s.")
        if before
        else _("Đưa “%(kind)s” lên giấy chứng nhận %(code)s.")
    )
    record(
        actor=actor,
        action="certificate.paper",
        sentence=sentence % {"kind": paper.get_kind_display(), "code": codes.display(certificate.code)},
        subject=certificate,
        territory=certificate.recognition.territory,
        data={"sha256": stored.sha256, "signature": paper.signature, "signer": paper.signer},
    )
    return paper


@transaction.atomic
def take_down_paper(*, paper: CertificatePaper, reason: str, actor: Any, now: dt.datetime) -> CertificatePaper:
    """Stop using a paper without another in its place, with a reason. The file is kept."""
    row = CertificatePaper.objects.select_for_update(of=("self",)).get(pk=paper.pk)
    certificate = paper.certificate
    rules.require_end(actor, certificate.recognition)
    if not reason.strip():
        raise Refusal("reason_missing", _("Việc này cần lý do. Hãy ghi lý do."), field="reason")
    if row.replaced_at:
        raise Refusal("already_replaced", _("Tệp này đã thôi dùng rồi."))
    row.replaced_at = now
    row.save(update_fields=["replaced_at"])
    record(
        actor=actor,
        action="certificate.paper_down",
        sentence=_("Thôi dùng “%(kind)s” của giấy chứng nhận %(code)s.")
        % {"kind": row.get_kind_display(), "code": codes.display(certificate.code)},
        subject=certificate,
        territory=certificate.recognition.territory,
        reason=reason.strip(),
        data={"sha256": row.file.sha256},
    )
    return row


def _examined(certificate: Certificate, stored: StoredFile, now: dt.datetime) -> Findings:
    """What is found in a new signed file. Raises Refusal for one that is not to be kept."""
    if stored.is_active:
        raise Refusal(
            "file_is_active",
            _("Tệp PDF có phần tự chạy hoặc tệp kèm bên trong nên không được nhận. Hãy xuất lại tệp rồi ký số."),
            field=FIELD,
        )
    findings = _looked_into(stored, now)
    telling = findings.telling
    if findings.state in {SignatureState.UNSIGNED, SignatureState.ALTERED}:
        why = FAULTS[telling.fault] if telling and telling.fault else PLAIN[SignatureState(findings.state)]
        raise Refusal(
            f"file_{findings.state}",
            _("%(why)s Hãy lấy lại tệp gốc, ký số rồi đưa lên.") % {"why": why},
            field=FIELD,
        )
    if telling and telling.fault in _BEYOND_TRUST:
        raise Refusal(f"signer_{telling.fault}", FAULTS[telling.fault], field=FIELD)
    _refuse_of_another(certificate, findings)
    return findings


def _looked_into(stored: StoredFile, now: dt.datetime) -> Findings:
    with stored.content.open("rb") as content:
        data = content.read()
    try:
        return signing_guard.examine(data, roots=_roots(), now=now)
    except Unreadable as error:
        raise Refusal(f"file_{error.trouble}", TROUBLES[error.trouble], field=FIELD) from None


def _refuse_of_another(certificate: Certificate, findings: Findings) -> None:
    if belonging(certificate, findings) == "code":
        return
    other = Certificate.objects.filter(code__in=findings.codes).exclude(pk=certificate.pk).first()
    if other:
        raise Refusal(
            "other_certificate",
            _("Tệp này là của giấy chứng nhận %(other)s, không phải %(own)s. Hãy chọn đúng tệp.")
            % {"other": codes.display(other.code), "own": codes.display(certificate.code)},
            field=FIELD,
        )


def belonging(certificate: Certificate, findings: Findings) -> str:
    """By what the file is known to be of this certificate: its `code`, its `number`, or `unknown`."""
    if certificate.code in findings.codes:
        return "code"
    number = _squashed(certificate.official_number)
    return "number" if number and number in _squashed(findings.text) else "unknown"


def _squashed(text: str) -> str:
    """Without spaces and marks: a line of a PDF breaks where it likes."""
    return "".join(fold(text).split())


def _apply(paper: CertificatePaper, findings: Findings, now: dt.datetime) -> None:
    telling = findings.telling
    paper.signature = findings.state
    paper.signer = telling.signer if telling else ""
    paper.signed_at = telling.at if telling else None
    kept = findings.as_json()
    paper.findings = {
        "signatures": kept["signatures"],
        "codes": kept["codes"],
        "belongs": belonging(paper.certificate, findings),
        "roots": roots_mark(),
    }
    paper.checked_at = now


# --- checking again ------------------------------------------------------------------------------------------


def _roots() -> list[Root]:
    rows = TrustRoot.objects.values_list("name", "pem", "valid_from", "valid_to")
    return [Root(*row) for row in rows]


def roots_mark() -> str:
    """A short mark of the trusted roots as they stand: what was judged by other roots is judged again."""
    rows = TrustRoot.objects.order_by("fingerprint").values_list("fingerprint", "valid_from", "valid_to")
    return hashlib.sha256(repr([tuple(map(str, row)) for row in rows]).encode()).hexdigest()[:16]


@dataclass
class Rechecked:
    """What a new look at every signed file came to."""

    looked_at: int = 0
    changed: int = 0
    unreadable: int = 0


def due_for_recheck() -> "QuerySet[CertificatePaper]":
    """Signed files in use that were judged by other roots than today's. One query, and one for the roots."""
    return (
        CertificatePaper.objects.filter(kind=PaperKind.SIGNED, replaced_at=None)
        .filter(Q(findings__roots__isnull=True) | ~Q(findings__roots=roots_mark()))
        .select_related("certificate__recognition__territory", "file")
        .order_by("pk")
    )


def recheck_papers(*, now: dt.datetime, actor: Any = None) -> Rechecked:
    """Judge anew every signed file that was judged by other roots. Safe to run twice, and to be broken off."""
    done = Rechecked()
    for paper in due_for_recheck():
        done.looked_at += 1
        try:
            done.changed += recheck_paper(paper=paper, now=now, actor=actor)
        except (Refusal, OSError):
            done.unreadable += 1
    return done


def recheck_paper(*, paper: CertificatePaper, now: dt.datetime, actor: Any = None) -> bool:
    """Judge one signed file anew; whether its answer changed. The file itself is as it was: files never change."""
    findings = _looked_into(paper.file, now)
    return _judged_anew(paper, findings, actor, now)


@transaction.atomic
def _judged_anew(paper: CertificatePaper, findings: Findings, actor: Any, now: dt.datetime) -> bool:
    row = CertificatePaper.objects.select_for_update(of=("self",)).select_related("certificate").get(pk=paper.pk)
    before = row.signature
    _apply(row, findings, now)
    row.save(update_fields=["signature", "signer", "signed_at", "findings", "checked_at"])
    if row.signature == before:
        return False
    record(
        actor=actor,
        action="certificate.paper_rechecked",
        sentence=_("Kiểm tra lại chữ ký số của giấy chứng nhận %(code)s: %(state)s.")
        % {"code": codes.display(row.certificate.code), "state": str(row.get_signature_display()).lower()},
        subject=row.certificate,
        territory=paper.certificate.recognition.territory,
        data={"before": before, "after": row.signature},
    )
    return True
