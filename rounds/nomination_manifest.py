"""The frozen record of a list as it was sent: what, on which certificate, in which version, with which papers."""

import datetime as dt
from typing import Any

from .models import DossierVersion, Nomination, NominationList

FORMAT = "nomination-1"


def manifest_of(row: NominationList, *, sent_at: dt.datetime) -> dict[str, Any]:
    """Plain values from which anyone can tell what was sent. Four queries, however many lines."""
    lines = list(
        row.nominations.select_related("product__facility", "recognition", "source")
        .prefetch_related("recognition__certificates")
        .order_by("-chosen", "position", "pk")
    )
    versions = _versions([line for line in lines if line.chosen])
    return {
        "format": FORMAT,
        "list": str(row.uuid),
        "territory": row.territory.slug,
        "commune": row.commune.code if row.commune else "",
        "level": row.level,
        "region": row.region,
        "year": row.year,
        "ordinal": row.ordinal,
        "round": str(row.round.uuid) if row.round else "",
        "sent_at": sent_at.isoformat(),
        "letter": {
            "number": row.letter_number,
            "on": row.letter_on.isoformat() if row.letter_on else "",
            "signer": row.letter_signer,
            "scan": row.letter_scan.sha256 if row.letter_scan else "",
        },
        "nothing_reason": row.nothing_reason,
        "nominations": [_line(line, versions) for line in lines],
    }


def _versions(lines: list[Nomination]) -> dict[int, DossierVersion]:
    """The frozen version that each source dossier names. One query."""
    wanted = {line.source_id: line.source.version for line in lines if line.source is not None}
    rows = DossierVersion.objects.filter(dossier__in=wanted).select_related("dossier")
    return {row.dossier_id: row for row in rows if row.number == wanted[row.dossier_id]}


def _line(line: Nomination, versions: dict[int, DossierVersion]) -> dict[str, Any]:
    recognition, facility = line.recognition, line.product.facility
    certificate = (
        next((c for c in recognition.certificates.all() if c.superseded_on is None), None) if recognition else None
    )
    return {
        "uuid": str(line.uuid),
        "product": str(line.product.uuid),
        "product_name": line.product.name,
        "facility": str(facility.uuid) if facility else "",
        "recognition": str(recognition.uuid) if recognition else "",
        "certificate": certificate.code if certificate else "",
        "expires_on": recognition.expires_on.isoformat() if recognition and recognition.expires_on else "",
        "chosen": line.chosen,
        "position": line.position,
        "why_not": line.why_not,
        "reason": line.reason,
        "source": _source(versions.get(line.source_id or 0)) if line.chosen else None,
    }


def _source(version: DossierVersion | None) -> dict[str, Any] | None:
    if version is None:
        return None
    return {
        "dossier": str(version.dossier.uuid),
        "version": version.number,
        "sha256": version.sha256,
        "files": [
            {"kind": paper["kind"], "sha256": paper["sha256"]}
            for paper in version.content.get("documents", [])
            if paper["sha256"]
        ],
    }
