"""The signed file of a certificate as the public may see it."""

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse

from . import codes, signing_words
from .enums import PaperKind, SignatureState
from .models import Certificate, CertificatePaper, Recognition
from .signing import Signature
from .validity_sql import due_to_be_withheld

# An altered file is handed to nobody; neither is one that only looks signed.
SHOWN = (SignatureState.TRUSTED, SignatureState.UNKNOWN_SIGNER)


@dataclass(frozen=True)
class Shown:
    """What a reader is told of a signature. A signer nobody vouches for is not named: anyone may call himself so."""

    state: str
    words: str
    signer: str
    issuer: str
    when: str
    url: str
    checked_on: dt.datetime | None


def public_paper(certificate: Certificate, *, on: dt.date) -> CertificatePaper | None:
    """The signed file of a published certificate in use on the day. One query."""
    if certificate.superseded_on is not None and certificate.superseded_on <= on:
        return None
    # What a household lost is not handed out in the hours before the nightly sweep either.
    seen = Recognition.objects.published().exclude(due_to_be_withheld(on))
    return (
        CertificatePaper.objects.filter(
            certificate=certificate,
            certificate__recognition__in=seen,
            kind=PaperKind.SIGNED,
            replaced_at=None,
            signature__in=SHOWN,
        )
        .select_related("file")
        .first()
    )


def shown_signature(certificate: Certificate, *, on: dt.date) -> Shown | None:
    """Who signed, when, and what it is worth; None when there is no file to show. One query."""
    paper = public_paper(certificate, on=on)
    if paper is None:
        return None
    trusted = paper.signature == SignatureState.TRUSTED
    made = [Signature(**one) for one in paper.findings.get("signatures", ())]
    last = made[-1] if made else None
    return Shown(
        state=paper.signature,
        words=signing_words.plain(paper),
        signer="; ".join(dict.fromkeys(one.signer for one in made)) if trusted else "",
        issuer="; ".join(dict.fromkeys(one.issuer for one in made)) if trusted else "",
        when=signing_words.when_words(last) if last else "",
        url=reverse("signed_file", args=[codes.display(certificate.code)]),
        checked_on=paper.checked_at,
    )
