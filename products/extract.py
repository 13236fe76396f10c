"""Trích lục for tenders and public purchasing: what a facility holds on a day, and the papers behind it.

What an extract says is frozen in the audit chain when it is made. Its address carries the number of that entry
under the portal's signature; whoever opens it sees what the paper says and what has changed since.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from facilities.address_today import addresses_of
from facilities.models import Facility
from portal.audit.models import AuditEntry
from portal.audit.services import record
from portal.text import qr, typeset
from portal.text.errors import Refusal
from portal.text.formats import day as day_words
from portal.text.formats import roman

from . import codes
from .as_of import recognitions_on
from .cards import place_then
from .certificate_facts import authority, body_in_english
from .enums import LEVEL_RANK, DatePrecision, Level, PaperKind, SignatureState, StandardKind
from .kit import LEVEL_EN
from .models import Certificate, CertificatePaper, Recognition
from .validity_sql import due_to_be_withheld

MADE = "extract.made"
TEMPLATE = Path(__file__).resolve().parent / "typst" / "extract.typ"
LANGUAGES = ("vi", "en")
_SIGNER = signing.Signer(salt="products.extract", sep=".")
SHORT = 12
# Beyond this an extract is a register, not a paper for a tender.
MOST_ROWS = 200


@dataclass(frozen=True)
class Extract:
    """One extract as it was made."""

    facility: str
    day: dt.date
    made_at: dt.datetime
    rows: tuple[dict[str, Any], ...]
    digest: str
    entry: AuditEntry

    @property
    def code(self) -> str:
        """What stands on the paper and on its page alike: four groups of three."""
        return shown_digest(self.digest)


def shown_digest(digest: str) -> str:
    short = digest[:SHORT].upper()
    return "-".join(short[at : at + 3] for at in range(0, SHORT, 3))


def rows_on(facility: Facility, day: dt.date, *, at: dt.date) -> list[Recognition]:
    """What the facility held on the day: highest level first. Six queries."""
    papers = CertificatePaper.objects.filter(replaced_at=None)
    in_use = Certificate.objects.filter(superseded_on=None).prefetch_related(
        Prefetch("papers", papers, to_attr="in_use")
    )
    rows = (
        recognitions_on(day, at=at)
        .filter(product__facility=facility, product__merged_into=None)
        .select_related("product", "territory", "decision", "validity_rule")
        .prefetch_related("product__standards", "product__members", Prefetch("certificates", in_use, to_attr="in_use"))
    )
    found = sorted(rows, key=lambda row: (-LEVEL_RANK[Level(row.level)], -row.year, row.product.sort_key, row.pk))
    return found[:MOST_ROWS]


def facts_of(row: Recognition, day: dt.date) -> dict[str, Any]:
    """What an extract says of one recognition, free of language."""
    certificate = row.in_use[0] if row.in_use else None  # type: ignore[attr-defined]
    decision = row.decision
    return {
        "recognition": str(row.uuid),
        "product": row.product.name,
        "product_en": row.product.name_en,
        "is_set": row.product.is_set,
        "members": [member.name for member in row.product.members.all()],
        "level": row.level,
        "place": place_then(row),
        "year": row.year,
        "ordinal": row.round_ordinal,
        "decision": decision.full_number if decision else "",
        "decision_day": _iso(decision.signed_on if decision else None),
        "issuer": authority(decision.issuer) if decision else "",
        "number": certificate.official_number if certificate else "",
        "code": certificate.code if certificate else "",
        "issued_on": _iso(row.issued_on),
        "expires_on": _iso(row.expires_on),
        "year_only": row.expiry_precision == DatePrecision.YEAR,
        "ends_soon": row.expires_on is not None and row.expires_on <= day + dt.timedelta(days=settings.EXPIRING_DAYS),
        "estimate": bool(row.validity_rule and not row.validity_rule.is_certain and not row.validity_confirmed),
        "papers": _papers(certificate),
        "standards": [
            {"kind": one.kind, "name": one.name, "stars": one.stars}
            for one in row.product.standards.all()
            if one.expires_on is None or one.expires_on >= day
        ],
        "illustrative": row.is_illustrative or row.product.is_illustrative,
    }


def _papers(certificate: Certificate | None) -> dict[str, str]:
    """Which files lie behind the certificate: who signed, where the signature is trusted."""
    found = {paper.kind: paper for paper in certificate.in_use} if certificate else {}  # type: ignore[attr-defined]
    signed = found.get(PaperKind.SIGNED)
    return {
        "signed": signed.signature if signed else "",
        "signer": signed.signer if signed and signed.signature == SignatureState.TRUSTED else "",
        "scan": "yes" if PaperKind.SCAN in found else "",
    }


def _iso(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def digest_of(content: dict[str, Any]) -> str:
    """SHA-256 over what an extract says, in one order of keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@transaction.atomic
def make(*, facility: Facility, day: dt.date, now: dt.datetime, at: dt.date, language: str, actor: Any) -> "Extract":
    """Freeze what the facility held on the day and note who took it out. Raises Refusal `future` or `nothing_held`."""
    if day > at:
        raise Refusal("future", _("Ngày trích lục chưa đến. Hãy chọn từ hôm nay trở về trước."), field="ngay")
    rows = rows_on(facility, day, at=at)
    if not rows:
        raise Refusal(
            "nothing_held",
            _("Vào ngày %(day)s cơ sở không có công nhận nào còn hiệu lực nên không có gì để trích lục.")
            % {"day": day_words(day)},
            field="ngay",
        )
    content = {
        "facility": str(facility.uuid),
        "name": facility.name,
        "day": day.isoformat(),
        "rows": [facts_of(row, day) for row in rows],
    }
    digest = digest_of(content)
    entry = record(
        actor=actor,
        action=MADE,
        sentence=_("Trích lục %(count)s công nhận của “%(name)s” ngày %(day)s, mã %(code)s.")
        % {"count": len(rows), "name": facility.name, "day": day_words(day), "code": shown_digest(digest)},
        subject=facility,
        territory=facility.territory,
        data={**content, "digest": digest, "made_at": now.isoformat(timespec="seconds"), "language": language},
    )
    return _read(entry)


def token_of(extract: Extract) -> str:
    return _SIGNER.sign(str(extract.entry.pk))


def by_token(token: str) -> Extract | None:
    """The extract behind an address; None for an address that the portal did not make. One query."""
    try:
        key = _SIGNER.unsign(token)
    except signing.BadSignature:
        return None
    entry = AuditEntry.objects.filter(pk=key, action=MADE).first()
    return _read(entry) if entry else None


def _read(entry: AuditEntry) -> Extract:
    data = entry.data
    return Extract(
        facility=data["name"],
        day=dt.date.fromisoformat(data["day"]),
        made_at=dt.datetime.fromisoformat(data["made_at"]),
        rows=tuple(data["rows"]),
        digest=data["digest"],
        entry=entry,
    )


def address_of(extract: Extract) -> str:
    """Where a reader of the paper sees what it is worth today, in Vietnamese whatever its language."""
    with translation.override("vi"):
        return settings.SITE_URL + reverse("extract_check", args=[token_of(extract)])


# --- on paper ------------------------------------------------------------------------------------------------


def pdf(extract: Extract, facility: Facility, *, language: str) -> bytes:
    """The extract set in type, A4."""
    address = address_of(extract)
    code = qr.draw(address)
    english = language == "en"
    local = timezone.localtime(extract.made_at)
    names = {
        "holder": (facility.name_en or facility.name) if english else facility.name,
        "address": addresses_of(facility).today,
        # A household's code is its owner's own: it goes on no paper that is handed round.
        "tax_code": "" if facility.is_household else facility.tax_code,
        "rows": [_page_row(row, english=english) for row in extract.rows],
    }
    facts = {
        **typeset.breakable(names),
        "lang": language,
        "title": ("Extract" if english else "Trích lục") + f" {extract.code}",
        "day": extract.day.isoformat(),
        "made": f"{local:%H:%M}",
        "made_day": f"{local:%Y-%m-%d}",
        "code": extract.code,
        "address_check": _bare(address),
        "check": _bare(f"{settings.SITE_URL}/tra-cuu/"),
        "qr": code.path,
        "qr_modules": code.modules,
        "soon_days": settings.EXPIRING_DAYS,
        "illustrative": any(row["illustrative"] for row in extract.rows),
    }
    return typeset.render(TEMPLATE, facts)


def _bare(address: str) -> str:
    """An address as people type it."""
    return address.removeprefix("https://").removeprefix("http://")


def _page_row(row: dict[str, Any], *, english: bool) -> dict[str, Any]:
    with translation.override("vi"):
        level = LEVEL_EN[Level(row["level"])] if english else str(Level(row["level"]).label)
    return {
        "product": (english and row["product_en"]) or row["product"],
        "members": row["members"] if row["is_set"] else [],
        "level": level,
        "place": row["place"],
        "year": str(row["year"]),
        "ordinal": roman(row["ordinal"]) if row["ordinal"] else "",
        "decision": row["decision"],
        "decision_day": row["decision_day"],
        "issuer": (english and body_in_english(row["issuer"])) or row["issuer"],
        "number": row["number"],
        "code": codes.display(row["code"]),
        "expires_on": row["expires_on"],
        "year_only": row["year_only"],
        "ends_soon": row["ends_soon"],
        "estimate": row["estimate"],
        "papers": row["papers"],
        "standards": [_standard(one, english=english) for one in row["standards"]],
    }


def _standard(one: dict[str, Any], *, english: bool) -> str:
    if one["kind"] == StandardKind.OCOP:
        return f"OCOP {one['stars']} {'stars' if english else 'sao'}"
    return one["name"] or str(StandardKind(one["kind"]).label)


# --- what has changed since ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Since:
    """One line of an extract, and how it stands today."""

    row: dict[str, Any]
    level: str
    now: Recognition | None
    status: str
    code: str
    expires_on: dt.date | None
    changes: tuple[str, ...]


def since(extract: Extract, *, on: dt.date) -> list[Since]:
    """Every line of an extract with what has become of it by a day. Three queries, however many lines."""
    keys = [row["recognition"] for row in extract.rows]
    in_use = Certificate.objects.filter(superseded_on=None)
    rows = (
        Recognition.objects.published()
        .exclude(due_to_be_withheld(on))
        .filter(uuid__in=keys)
        .select_related("product", "decision", "territory")
        .prefetch_related(Prefetch("certificates", in_use, to_attr="in_use"))
    )
    found = {str(row.uuid): row for row in rows}
    return [_since(row, found.get(row["recognition"]), on) for row in extract.rows]


def _since(then: dict[str, Any], now: Recognition | None, on: dt.date) -> Since:
    status = str(now.status(on=on, expiring_days=settings.EXPIRING_DAYS)) if now else ""
    code = now.in_use[0].code if now and now.in_use else ""  # type: ignore[attr-defined]
    return Since(
        row=then,
        level=str(Level(then["level"]).label),
        now=now,
        status=status,
        code=codes.display(code),
        expires_on=dt.date.fromisoformat(then["expires_on"]) if then["expires_on"] else None,
        changes=tuple(_changes(then, now, code, on)),
    )


def _changes(then: dict[str, Any], now: Recognition | None, code: str, on: dt.date) -> Sequence[str]:
    """What differs between the paper and today, in words; nothing when it still says the truth."""
    if now is None:
        return [_("Công nhận này không còn hiện công khai.")]
    found = []
    if now.revoked_on and now.revoked_on <= on:
        found.append(_("Đã bị thu hồi từ %(day)s.") % {"day": day_words(now.revoked_on)})
    elif now.withdrawn_on and now.withdrawn_on <= on:
        found.append(_("Cơ sở đã xin rút từ %(day)s.") % {"day": day_words(now.withdrawn_on)})
    elif now.suspended_from and now.suspended_from <= on and (not now.suspended_to or on <= now.suspended_to):
        found.append(_("Đang tạm dừng từ %(day)s.") % {"day": day_words(now.suspended_from)})
    elif now.expires_on and now.expires_on < on:
        found.append(_("Đã hết hiệu lực sau %(day)s.") % {"day": day_words(now.expires_on)})
    if _iso(now.expires_on) != then["expires_on"] and now.expires_on:
        found.append(_("Hiệu lực đã sửa thành đến hết %(day)s.") % {"day": day_words(now.expires_on)})
    if code and code != then["code"]:
        found.append(_("Giấy chứng nhận đã được cấp lại, mã mới %(code)s.") % {"code": codes.display(code)})
    if now.product.name != then["product"]:
        found.append(_("Tên sản phẩm nay là “%(name)s”.") % {"name": now.product.name})
    return found


def gained(extract: Extract, *, on: dt.date) -> list[Recognition]:
    """What the facility holds today and the paper does not name. Three queries."""
    facility = Facility.objects.filter(uuid=extract.entry.data["facility"]).first()
    if facility is None:
        return []
    named = {row["recognition"] for row in extract.rows}
    return [row for row in rows_on(facility, on, at=on) if str(row.uuid) not in named]
