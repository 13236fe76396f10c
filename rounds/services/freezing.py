"""Freezing a dossier: what was submitted, as plain values under a hash. Later scores name the version."""

from typing import Any

from ..manifest import digest
from ..models import Dossier, DossierVersion
from ..statement import parts_of


def freeze(dossier: Dossier) -> bool:
    """Freeze what stands in the dossier as a new version, unless nothing changed since; whether there is a new one.

    The caller saves the dossier, which now names the version.
    """
    content = content_of(dossier)
    sha256 = digest(content)
    last = dossier.versions.order_by("-number").first()
    if last is not None and last.sha256 == sha256:
        return False
    dossier.version = last.number + 1 if last else 1
    DossierVersion.objects.create(dossier=dossier, number=dossier.version, content=content, sha256=sha256)
    return True


def content_of(dossier: Dossier) -> dict[str, Any]:
    """What was submitted, in plain values. No tax code, contact or yearly figure: a version is read by judges."""
    product, facility = dossier.product, dossier.product.facility
    return {
        "round": str(dossier.round.uuid),
        "entry_code": dossier.entry_code,
        "product": {
            "uuid": str(product.uuid),
            "name": product.name,
            "group": product.group,
            "is_set": product.is_set,
            "members": [member.name for member in product.members.all()],
            "materials": product.materials,
        },
        "facility": {
            "uuid": str(facility.uuid),
            "name": facility.name,
            "kind": facility.kind,
            "address": facility.address_today or facility.address_recognised,
        }
        if facility
        else None,
        "set_basis": dossier.set_basis,
        "statement": dossier.statement,
        "statement_parts": parts_of(dossier),
        "first_time": dossier.first_time,
        "origin": dossier.origin,
        "received_on": dossier.received_on.isoformat() if dossier.received_on else None,
        "documents": [
            {
                "kind": document.kind,
                "title": document.title,
                "sha256": document.file.sha256 if document.file else "",
                "on_paper": document.on_paper,
                "valid_until": document.valid_until.isoformat() if document.valid_until else None,
            }
            for document in dossier.documents.select_related("file").order_by("kind", "pk")
        ],
        "answers": [
            {"rule": row.rule.code, "answer": row.answer, "reason": row.reason}
            for row in dossier.answers.select_related("rule").order_by("rule__code", "pk")
        ],
    }
