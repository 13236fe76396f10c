"""Certificates on paper: the frozen content, or a draft of it, set in type; one, or many as one file.

What is no longer worth what it says is marked across the page when it is printed again.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from facilities.models import Facility
from portal.text import pdfjoin, qr, typeset
from portal.text.formats import roman
from portal.text.seal import seal_svg

from . import codes
from .certificate_facts import content_of, suggested_terms, title_in_english
from .enums import DatePrecision, Status
from .models import Certificate

TEMPLATE = Path(__file__).resolve().parent / "typst" / "certificate.typ"
LANGUAGES = ("vi", "en")
DRAFT, SUPERSEDED = "draft", "superseded"
# So many pages are in memory at once while a long file is made.
PAGES_AT_ONCE = 5
_SEAL_SIZE = 72
_SEAL_BY_MARK = {Status.REVOKED: Status.REVOKED, Status.WITHDRAWN: Status.WITHDRAWN}


def printable(rows: QuerySet[Certificate]) -> QuerySet[Certificate]:
    """With what printing reads: four queries however many."""
    return rows.select_related(
        "recognition__product__facility", "recognition__territory", "recognition__decision"
    ).prefetch_related("recognition__product__members", "recognition__suspensions")


def pdf(certificate: Certificate, languages: Sequence[str], *, on: dt.date, electronic: bool = False) -> bytes:
    """One certificate, a page for each language, as it stands on the day of printing."""
    return _set([page(certificate, language, on=on, electronic=electronic) for language in languages], tagged=True)


def pdf_pieces(keys: Sequence[int], languages: Sequence[str], *, on: dt.date) -> Iterator[bytes]:
    """The pieces of one file with the certificates of these keys in this order; memory does not grow with them."""
    return pdfjoin.join(_set(part, tagged=False) for part in _parts(_pages(keys, languages, on), PAGES_AT_ONCE))


def page(certificate: Certificate, language: str, *, on: dt.date, electronic: bool = False) -> dict[str, Any]:
    """What one page says, in the shape the template reads."""
    content = certificate.content or _draft_content(certificate, on)
    english = language == "en"
    mark = mark_of(certificate, on=on)
    code = qr.draw(check_address(certificate.code))
    names = {
        "issuer": content["issuer_en"] if english else content["issuer"],
        "signer": _signer(content["signer_title"], english=english),
        "place": content["place"],
        "product": (english and content["product_en"]) or content["product"],
        "members": _members(content, english=english),
        "holder": (english and content["holder_en"]) or content["holder"],
        "address": content["holder_address"],
        "territory": content["territory"],
        "number": content["number"],
        "decision": content["decision"],
    }
    return {
        **typeset.breakable(names),
        "lang": language,
        "level": content["level"],
        "year": content["year"],
        "round": roman(content["ordinal"]) if content["ordinal"] else "",
        "issued_on": content["issued_on"] if content["number"] else "",
        "until": _until(content),
        "edition": content["edition"],
        "code": codes.display(certificate.code),
        "qr": code.path,
        "modules": code.modules,
        "seal": _seal(content, mark),
        "mark": mark,
        "electronic": electronic,
    }


def check_address(code: str) -> str:
    """Where the QR code leads: the page that says what the certificate is worth today."""
    return f"{settings.SITE_URL}{reverse('verify_code', args=[code])}"


def mark_of(certificate: Certificate, *, on: dt.date) -> dict[str, str] | None:
    """What stands across the page, with the day since when; None for a certificate that counts on the day."""
    recognition = certificate.recognition
    if not certificate.official_number or recognition.decision is None or recognition.is_illustrative:
        return {"kind": DRAFT, "on": ""}
    if recognition.revoked_on and recognition.revoked_on <= on:
        return {"kind": Status.REVOKED, "on": recognition.revoked_on.isoformat()}
    if recognition.withdrawn_on and recognition.withdrawn_on <= on:
        return {"kind": Status.WITHDRAWN, "on": recognition.withdrawn_on.isoformat()}
    if certificate.superseded_on:
        return {"kind": SUPERSEDED, "on": certificate.superseded_on.isoformat()}
    status = recognition.status(on=on, expiring_days=0)
    if status == Status.SUSPENDED and recognition.suspended_from:
        return {"kind": Status.SUSPENDED, "on": recognition.suspended_from.isoformat()}
    if status == Status.EXPIRED and recognition.expires_on:
        return {"kind": Status.EXPIRED, "on": (recognition.expires_on + dt.timedelta(days=1)).isoformat()}
    return None


def is_own_copy(certificate: Certificate, *, on: dt.date) -> bool:
    """Whether its facility may take out a copy: numbered and in force, or numbered to be shown only."""
    mark = mark_of(certificate, on=on)
    return mark is None or (mark["kind"] == DRAFT and bool(certificate.content_hash))


def own_codes(facility: Facility, *, on: dt.date) -> dict[int, str]:
    """The codes of certificates that the facility may take out, by recognition. One query."""
    rows = Certificate.objects.select_related("recognition__decision").exclude(official_number="", content_hash="")
    mine = rows.filter(
        recognition__product__facility=facility, recognition__published_at__isnull=False, superseded_on=None
    )
    return {row.recognition_id: row.code for row in mine if is_own_copy(row, on=on)}


def _draft_content(certificate: Certificate, on: dt.date) -> dict[str, Any]:
    """What would be printed if the number were given now, with the number written on a paper if there is one."""
    recognition = certificate.recognition
    return content_of(
        recognition,
        code=certificate.code,
        number=certificate.official_number,
        edition=certificate.edition,
        terms=suggested_terms(recognition, certificate.issued_on or on),
    )


def _members(content: dict[str, Any], *, english: bool) -> list[str]:
    pairs = zip(content["members"], content["members_en"], strict=True)
    return [(english and in_english) or name for name, in_english in pairs]


def _signer(title: str, *, english: bool) -> list[str]:
    return [title_in_english(line) if english else line for line in title.splitlines()]


def _until(content: dict[str, Any]) -> str:
    last: str = content["expires_on"]
    return last[:4] if content["expiry_precision"] == DatePrecision.YEAR else last


def _seal(content: dict[str, Any], mark: dict[str, str] | None) -> str:
    """Lacquer while the certificate counts, and on drafts, which show what will."""
    counts = mark is None or mark["kind"] == DRAFT
    status = Status.VALID if counts or mark is None else _SEAL_BY_MARK.get(Status(mark["kind"]), Status.EXPIRED)
    drawn = seal_svg(level=content["level"], year=content["year"], status=status, size=_SEAL_SIZE, label="")
    return drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def _pages(keys: Sequence[int], languages: Sequence[str], on: dt.date) -> Iterator[dict[str, Any]]:
    for some in _parts(keys, PAGES_AT_ONCE):
        found = {row.pk: row for row in printable(Certificate.objects.filter(pk__in=some))}
        for key in some:
            for language in languages:
                yield page(found[key], language, on=on)


def _parts(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    left = iter(values)
    while part := list(islice(left, size)):
        yield part


def _set(pages: list[dict[str, Any]], *, tagged: bool) -> bytes:
    title = " ".join(part for part in (pages[0]["number"], pages[0]["code"]) if part)
    return typeset.render(TEMPLATE, {"title": title, "copies": pages}, tagged=tagged)
