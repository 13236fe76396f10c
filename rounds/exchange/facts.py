"""What is sent: of each thing only what the level above needs, as plain values.

Left out on purpose: a household's 12-digit id, contacts, yearly figures, scores, remarks, who did what, the answers
that the level below gave to its own conditions, and letters of authorisation.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch

from facilities import taxcode
from facilities.models import Facility
from portal.files.models import StoredFile
from portal.territory.models import Territory
from products.enums import Stage
from products.models import Certificate, CertificatePaper, Decision, Product, ProductPhoto, Recognition

from ..models import DossierVersion, Nomination, NominationList
from ..nominating import RECOGNISED
from ..services.nominations_taken import NOT_CARRIED
from .package import Attached


def attached(stored: StoredFile) -> Attached:
    """A stored file as it goes into a package; opened only while it is written."""

    def opener() -> Any:
        return stored.content.storage.open(str(stored.content.name), "rb")

    return Attached(stored.sha256, stored.size, stored.content_type, opener)


def list_body(row: NominationList) -> tuple[dict[str, Any], list[Attached]]:
    """A sent list with everything on it, and the files that go along. Twelve queries, however long the list."""
    lines = list(_lines(row))
    products = {line.product_id: line.product for line in lines}
    recognitions = _recognitions(lines)
    versions = _versions(row, lines)
    papers = _certificate_papers(lines, recognitions)
    files = _files(row, lines, versions.values()) | {stored.sha256: stored for stored in papers.values()}
    body = {
        "list": _list(row),
        "facilities": [_facility(one) for one in _makers(products.values())],
        "products": [_product(one, files) for one in products.values()],
        "recognitions": [recognition(one, papers.get(one.pk)) for one in recognitions],
        "nominations": [_nomination(line, versions, files) for line in lines],
    }
    return body, [attached(stored) for _sha256, stored in sorted(files.items())]


def _lines(row: NominationList) -> "Iterable[Nomination]":
    """What was decided on: chosen, or left out for a reason."""
    found = row.nominations.select_related("product__facility__territory", "product__territory", "source")
    found = found.prefetch_related(
        "product__members", Prefetch("product__photos", ProductPhoto.objects.select_related("file"))
    )
    return found.exclude(chosen=False, why_not="").order_by("-chosen", "position", "pk")


def _makers(products: Iterable[Product]) -> list[Facility]:
    known = {one.facility_id: one.facility for one in products}
    return [facility for facility in known.values() if facility is not None]


def _recognitions(lines: list[Nomination]) -> list[Recognition]:
    """Every published recognition of what is nominated; of what is not, the one that made it eligible."""
    entered = {line.product_id for line in lines if line.chosen}
    resting = {line.recognition_id for line in lines}
    rows = Recognition.objects.filter(product__in=[line.product_id for line in lines], stage=Stage.RECOGNISED)
    rows = rows.filter(published_at__isnull=False, withheld_at=None).select_related("territory", "decision", "product")
    rows = rows.prefetch_related(in_use("certificates"))
    return [one for one in rows.order_by("pk") if one.product_id in entered or one.pk in resting]


def in_use(path: str) -> "Prefetch[Any]":
    """The certificate in use of each recognition, with what is attached to it."""
    attached_now = CertificatePaper.objects.filter(replaced_at=None).select_related("file").order_by("-kind")
    rows = Certificate.objects.filter(superseded_on=None).select_related("scan")
    return Prefetch(path, rows.prefetch_related(Prefetch("papers", attached_now)))


def _certificate_papers(lines: list[Nomination], recognitions: list[Recognition]) -> dict[int, StoredFile]:
    """The certificate itself, by recognition, of what is nominated: the signed file, else a scan."""
    resting = {line.recognition_id for line in lines if line.chosen}
    found = {}
    for one in recognitions:
        certificate = next(iter(one.certificates.all()), None)
        paper = next(iter(certificate.papers.all()), None) if certificate else None
        stored = paper.file if paper else certificate.scan if certificate else None
        if one.pk in resting and stored is not None:
            found[one.pk] = stored
    return found


def _versions(row: NominationList, lines: list[Nomination]) -> dict[int, DossierVersion]:
    """By line, the frozen version that the list's manifest names. One query."""
    named = {one["uuid"]: one["source"] for one in row.manifest["nominations"] if one["source"]}
    wanted = {line.pk: named[str(line.uuid)] for line in lines if str(line.uuid) in named}
    rows = DossierVersion.objects.filter(dossier__uuid__in=[source["dossier"] for source in wanted.values()])
    known = {(str(one.dossier.uuid), one.number): one for one in rows.select_related("dossier")}
    return {pk: known[source["dossier"], source["version"]] for pk, source in wanted.items()}


def _files(row: NominationList, lines: list[Nomination], versions: Iterable[DossierVersion]) -> dict[str, StoredFile]:
    found = {
        photo.file.sha256: photo.file
        for line in lines
        if line.chosen
        for photo in line.product.photos.all()
        if photo.is_public
    }
    wanted = {
        paper["sha256"]
        for version in versions
        for paper in version.content["documents"]
        if paper["sha256"] and paper["kind"] not in NOT_CARRIED
    }
    found |= {stored.sha256: stored for stored in StoredFile.objects.filter(sha256__in=wanted - found.keys())}
    if row.letter_scan:
        found[row.letter_scan.sha256] = row.letter_scan
    return found


def _list(row: NominationList) -> dict[str, Any]:
    return {
        "uuid": str(row.uuid),
        "level": row.level,
        "region": row.region,
        "year": row.year,
        "ordinal": row.ordinal,
        "territory": _unit(row.territory),
        "nothing_reason": row.nothing_reason,
        "letter_number": row.letter_number,
        "letter_on": _day(row.letter_on),
        "letter_signer": row.letter_signer,
        "letter_sha256": row.letter_scan.sha256 if row.letter_scan else "",
        "sent_at": _moment(row.sent_at),
        "manifest": row.manifest,
        "manifest_hash": row.manifest_hash,
    }


def _facility(one: Facility) -> dict[str, Any]:
    return {
        "uuid": str(one.uuid),
        "name": one.name,
        "name_en": one.name_en,
        "kind": one.kind,
        "tax_code": "" if taxcode.is_personal(one.tax_code) else one.tax_code,
        "territory": _unit(one.territory),
        "address_recognised": one.address_recognised,
        "address_today": one.address_today,
        "founded_year": one.founded_year,
    }


def _product(one: Product, files: dict[str, StoredFile]) -> dict[str, Any]:
    return {
        "uuid": str(one.uuid),
        "facility": str(one.facility.uuid) if one.facility else None,
        "name": one.name,
        "name_en": one.name_en,
        "group": one.group,
        "is_set": one.is_set,
        "members": [member.name for member in one.members.all()],
        "materials": one.materials,
        "summary": one.summary,
        "territory": _unit(one.territory),
        "photos": [
            {
                "sha256": photo.file.sha256,
                "angle": photo.angle,
                "caption": photo.caption,
                "caption_en": photo.caption_en,
            }
            for photo in one.photos.all()
            if photo.is_public and photo.file.sha256 in files
        ],
    }


def recognition(one: Recognition, paper: StoredFile | None = None) -> dict[str, Any]:
    """A recognition with its decision and the code of the certificate in use."""
    certificate = next(iter(one.certificates.all()), None)
    return {
        "uuid": str(one.uuid),
        "product": str(one.product.uuid),
        "level": one.level,
        "year": one.year,
        "round_ordinal": one.round_ordinal,
        "territory": _unit(one.territory),
        "locality": one.locality,
        "decision": _decision(one.decision),
        "issued_on": _day(one.issued_on),
        "expires_on": _day(one.expires_on),
        "precision": one.expiry_precision,
        "code": certificate.code if certificate else "",
        "official_number": certificate.official_number if certificate else "",
        "revoked_on": _day(one.revoked_on),
        "withdrawn_on": _day(one.withdrawn_on),
        "is_published": one.published_at is not None,
        "paper_sha256": paper.sha256 if paper else "",
    }


def _decision(one: Decision | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "number": one.number,
        "symbol": one.symbol,
        "year": one.year,
        "signed_on": _day(one.signed_on),
        "issuer": one.issuer,
    }


def _nomination(line: Nomination, versions: dict[int, DossierVersion], files: dict[str, StoredFile]) -> dict[str, Any]:
    published = line.recognition is not None and line.recognition.published_at is not None
    version = versions.get(line.pk)
    return {
        "uuid": str(line.uuid),
        "product": str(line.product.uuid),
        "recognition": str(line.recognition.uuid) if line.recognition and published else None,
        "chosen": line.chosen,
        "position": line.position,
        "why_not": line.why_not,
        "reason": line.reason,
        "dossier": _dossier(version, files) if version else None,
    }


def _dossier(version: DossierVersion, files: dict[str, StoredFile]) -> dict[str, Any]:
    content = version.content
    return {
        "uuid": str(version.dossier.uuid),
        "version": version.number,
        "sha256": version.sha256,
        "statement": content["statement"],
        "parts": content["statement_parts"],
        "set_basis": content["set_basis"],
        "papers": [
            {
                "kind": paper["kind"],
                "title": paper["title"],
                "sha256": paper["sha256"] if paper["sha256"] in files else "",
                "on_paper": paper["on_paper"] or paper["sha256"] not in files,
                "valid_until": paper["valid_until"],
            }
            for paper in content["documents"]
            if paper["kind"] not in NOT_CARRIED
        ],
    }


def answer_body(row: NominationList, *, at: dt.datetime, **more: Any) -> dict[str, Any]:
    """What every answer begins with: which list, which manifest, when it was said."""
    return {"list": str(row.uuid), "manifest_hash": row.manifest_hash, "at": _moment(at), **more}


def result_rows(row: NominationList) -> list[dict[str, Any]]:
    """What came of each nomination, by the sender's own uuids, which its manifest names. Four queries."""
    theirs = {one["uuid"]: one["product"] for one in row.manifest["nominations"]}
    lines = list(row.nominations.filter(chosen=True).select_related("product").order_by("position", "pk"))
    wanted = [line.outcome["recognition"] for line in lines if line.outcome.get("recognition")]
    found = Recognition.objects.filter(uuid__in=wanted).select_related("territory", "decision", "product")
    known = {str(one.uuid): one for one in found.prefetch_related(in_use("certificates"))}
    return [_result(line, theirs[str(line.uuid)], known) for line in lines]


def _result(line: Nomination, product: str, known: dict[str, Recognition]) -> dict[str, Any]:
    """Where the council made it part of a set, the recognition is the set's: it is named, not claimed for the part."""
    told = line.outcome
    found = known.get(told.get("recognition", "")) if told["code"] == RECOGNISED else None
    is_part = found is not None and found.product_id != line.product_id
    return {
        "nomination": str(line.uuid),
        "product": product,
        "outcome": told["code"],
        "reason": told.get("reason", ""),
        "entry_code": told.get("entry_code", ""),
        "part_of": found.product.name if found and is_part else "",
        "recognition": recognition(found) | {"product": product} if found else None,
    }


def _unit(one: Territory) -> dict[str, str]:
    return {"slug": one.slug, "name": one.name}


def _day(value: dt.date | None) -> str | None:
    return value.isoformat() if value else None


def _moment(value: dt.datetime | None) -> str | None:
    return value.astimezone(dt.UTC).isoformat() if value else None
