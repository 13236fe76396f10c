"""What a certificate says: gathered from the register when its number is given, then frozen with a hash.

The frozen content is free of language: names in Vietnamese and, where known, in English; codes, numbers, dates.
"""

import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from portal.territory.queries import name_on
from portal.text.folding import normalise

from .enums import Level
from .models import Certificate, Decision, Recognition

# Who signs, where the decision does not lead the officer to write another title.
SIGNERS = {
    Level.DISTRICT: "Chủ tịch",
    Level.COMMUNE: "Chủ tịch",
    Level.PROVINCE: "Chủ tịch",
    Level.REGION: "Cục trưởng",
    Level.NATIONAL: "Bộ trưởng",
}
_TITLES_IN_ENGLISH = {
    "chủ tịch": "Chairman",
    "phó chủ tịch": "Vice Chairman",
    "bộ trưởng": "Minister",
    "thứ trưởng": "Deputy Minister",
    "cục trưởng": "Director General",
    "phó cục trưởng": "Deputy Director General",
    "giám đốc": "Director",
    "phó giám đốc": "Deputy Director",
}
_BODIES_IN_ENGLISH = (
    (r"ủy ban nhân dân tỉnh (.+)", "People's Committee of {} Province"),
    (r"ủy ban nhân dân thành phố (.+)", "People's Committee of {} City"),
    (r"ủy ban nhân dân (?:huyện|quận|thị xã) (.+)", "People's Committee of {} District"),
    (r"ủy ban nhân dân xã (.+)", "People's Committee of {} Commune"),
    (r"ủy ban nhân dân phường (.+)", "People's Committee of {} Ward"),
    (r"sở công thương (?:tỉnh |thành phố )?(.+)", "Department of Industry and Trade of {}"),
    (r"bộ trưởng bộ công thương", "Minister of Industry and Trade"),
    (r"bộ công thương", "Ministry of Industry and Trade"),
)
_REMARK = re.compile(r"\s*\([^()]*\)\s*$")
_PRINTED_WORDS = ("holder", "holder_en", "holder_address", "product", "product_en", "members")


@dataclass(frozen=True)
class Terms:
    """What the authority sets on the paper: who issues it, when, where, and who signs (one title to a line)."""

    issuer: str
    on: dt.date
    place: str = ""
    signer_title: str = ""


@dataclass(frozen=True)
class Wording:
    """Names that differ from the register's. None keeps what the register holds."""

    holder: str | None = None
    holder_address: str | None = None
    product: str | None = None


def authority(name: str) -> str:
    """The name of an issuing authority in full, without a remark in brackets: "UBND tỉnh A" and its full form are one."""
    return re.sub(r"^UBND\b", "Ủy ban nhân dân", _REMARK.sub("", normalise(name)))


def suggested_terms(recognition: Recognition, on: dt.date) -> Terms:
    """What the decision and the level lead one to expect."""
    return Terms(
        issuer=authority(recognition.decision.issuer) if recognition.decision else "",
        on=on,
        place=_place(recognition, on),
        signer_title=SIGNERS[Level(recognition.level)],
    )


def _place(recognition: Recognition, on: dt.date) -> str:
    """Where the authority of the level sits, as it stands before the date."""
    if recognition.level in (Level.REGION, Level.NATIONAL):
        return "Hà Nội"
    local = recognition.level in (Level.DISTRICT, Level.COMMUNE)
    return (recognition.locality if local else "") or name_on(recognition.territory, on)


def content_of(
    recognition: Recognition, *, code: str, number: str, edition: int, terms: Terms, wording: Wording | None = None
) -> dict[str, Any]:
    """Everything that is printed, as plain values ready for JSON. Reads the set's members: one query."""
    product, facility = recognition.product, recognition.product.facility
    members = list(product.members.all()) if product.is_set else []
    wording = wording or Wording()
    return {
        "issuer": terms.issuer,
        "issuer_en": body_in_english(terms.issuer),
        "signer_title": terms.signer_title,
        "place": terms.place,
        "issued_on": terms.on.isoformat(),
        "holder": _chosen(wording.holder, facility.name if facility else ""),
        "holder_en": facility.name_en if facility and wording.holder is None else "",
        "holder_kind": facility.kind if facility else "",
        "holder_address": _chosen(wording.holder_address, _address_of(recognition)),
        "product": _chosen(wording.product, product.name),
        "product_en": normalise(product.name_en) if wording.product is None else "",
        "is_set": product.is_set,
        "members": [normalise(member.name) for member in members],
        "members_en": [normalise(member.name_en) for member in members],
        "group": product.group,
        "level": recognition.level,
        "year": recognition.year,
        "ordinal": recognition.round_ordinal,
        "territory": name_on(recognition.territory, terms.on, full=True),
        "locality": recognition.locality,
        "decision": _decision(recognition.decision),
        "expires_on": recognition.expires_on.isoformat() if recognition.expires_on else "",
        "expiry_precision": recognition.expiry_precision,
        "number": number,
        "code": code,
        "edition": edition,
    }


def same_words(content: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether both say the same of the product and its maker."""
    return all(content.get(key) == other.get(key) for key in _PRINTED_WORDS)


def keep_words(content: dict[str, Any], earlier: dict[str, Any]) -> dict[str, Any]:
    """The content with the names of an earlier edition: a lost paper is printed as it was."""
    return content | {
        key: earlier[key] for key in (*_PRINTED_WORDS, "members_en", "is_set", "holder_kind") if key in earlier
    }


def content_hash(content: dict[str, Any]) -> str:
    """SHA-256 over the content in one fixed way of writing it."""
    written = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def is_intact(certificate: Certificate) -> bool:
    """Whether the stored content is still what was frozen."""
    return bool(certificate.content_hash) and content_hash(certificate.content) == certificate.content_hash


def body_in_english(name: str) -> str:
    """The authority's name in English, or as it is where no translation is settled."""
    for pattern, english in _BODIES_IN_ENGLISH:
        if found := re.fullmatch(pattern, name, re.IGNORECASE):
            return english.format(*found.groups())
    return name


def title_in_english(line: str) -> str:
    """One line of the signer's title in English; "KT." (signing for) stands before whom it is signed for."""
    on_behalf = re.match(r"(KT|TM|TUQ|TL)\.\s*", line)
    title = line[on_behalf.end() :] if on_behalf else line
    english = _TITLES_IN_ENGLISH.get(title.strip().lower())
    if english is None:
        return line
    return f"For the {english}" if on_behalf else english


def _decision(decision: Decision | None) -> dict[str, str] | None:
    if decision is None:
        return None
    return {
        "number": decision.full_number,
        "signed_on": decision.signed_on.isoformat() if decision.signed_on else "",
        "issuer": authority(decision.issuer),
    }


def _address_of(recognition: Recognition) -> str:
    facility = recognition.product.facility
    return facility.address_today or facility.address_recognised if facility else ""


def _chosen(own: str | None, known: str) -> str:
    return normalise(known if own is None else own)
