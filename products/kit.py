"""What a maker may take out for packs and tenders, read from the register for one person."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from facilities.address_today import Addresses, addresses_of
from facilities.models import Facility
from facilities.representing import represented
from portal.accounts.admin_base import AGENCY, PROVINCE_STAFF
from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.audit.models import AuditEntry

from . import codes
from .as_of import suspensions_of
from .cards import Standing, standing, telling_first
from .certificate_facts import authority, body_in_english
from .enums import Level, PaperKind
from .models import Certificate, CertificatePaper, Recognition
from .packaging import Mark, PackText, Said, pack_texts, print_line
from .permits import Permit, may_print
from .validity import Facts

DOWNLOADED = "packaging.download"
LEVEL_EN = {
    Level.DISTRICT: "District level",
    Level.COMMUNE: "Commune level",
    Level.PROVINCE: "Provincial level",
    Level.REGION: "Regional level",
    Level.NATIONAL: "National level",
}
STAFF = PROVINCE_STAFF | AGENCY | {Role.ADMINISTRATOR}


def facilities_for(user: Any) -> QuerySet[Facility]:
    """Facilities whose kit the person may take: those spoken for, and for staff those of their provinces."""
    mine = Q(pk__in=represented(user).values("pk"))
    if staff_reach(user).roles & STAFF:
        mine |= Q(pk__in=Facility.objects.visible_to(user).values("pk"))
    return Facility.objects.standing().filter(mine).select_related("territory", "commune")


def recognitions_of(facility: Facility) -> QuerySet[Recognition]:
    """The facility's published recognitions, each with its certificate in use. Two queries when read."""
    in_use = Certificate.objects.filter(superseded_on=None)
    return (
        Recognition.objects.published()
        .filter(product__facility=facility, product__merged_into=None)
        .select_related("product", "territory", "decision", "validity_rule")
        .prefetch_related(Prefetch("certificates", in_use, to_attr="in_use"))
    )


@dataclass(frozen=True)
class Packed:
    """One recognition and whether its mark may be put on packs today."""

    standing: Standing
    permit: Permit
    line: str

    @property
    def row(self) -> Recognition:
        return self.standing.row


def packed(facility: Facility, *, on: dt.date) -> list[Packed]:
    """Every recognition of the facility, those that may be printed first. Three queries."""
    rows = list(recognitions_of(facility))
    pauses = suspensions_of(rows)
    facts = {row.pk: row.facts(suspensions=pauses[row.pk]) for row in rows}
    found = telling_first(standing(row, on=on, expiring_days=settings.EXPIRING_DAYS) for row in rows)
    return [_packed(one, facts[one.row.pk], on) for one in found]


def _packed(found: Standing, facts: Facts, on: dt.date) -> Packed:
    return Packed(found, may_print(facts, on), print_line(facts, on))


@dataclass(frozen=True)
class Kit:
    """Everything on the page of one recognition."""

    packed: Packed
    mark: Mark
    texts: list[PackText]
    addresses: Addresses
    code: str
    check: str
    downloads: int
    papers: list[CertificatePaper]


def kit_of(facility: Facility, row: Recognition, *, on: dt.date) -> Kit:
    """The kit of one recognition. Four queries."""
    pauses = suspensions_of([row])[row.pk]
    found = standing(row, on=on, expiring_days=settings.EXPIRING_DAYS)
    certificate = row.in_use[0] if row.in_use else None  # type: ignore[attr-defined]
    code = codes.display(certificate.code) if certificate else ""
    addresses, mark = addresses_of(facility), mark_of(row)
    check = check_address(code) if code else ""
    papers = list(certificate.papers.filter(replaced_at=None).select_related("file")) if certificate else []
    return Kit(
        packed=_packed(found, row.facts(suspensions=pauses), on),
        mark=mark,
        texts=pack_texts(mark, _said(facility, row, addresses, check)),
        addresses=addresses,
        code=code,
        check=check,
        downloads=downloads_of(row),
        papers=[paper for paper in papers if paper.kind in PaperKind.values],
    )


def mark_of(row: Recognition) -> Mark:
    level = Level(row.level)
    with translation.override("vi"):
        words = str(level.label)
    until = row.expires_on.year if row.expires_on else row.year
    return Mark(level=level.value, year=row.year, until=until, level_vi=words, level_en=LEVEL_EN[level])


def _said(facility: Facility, row: Recognition, addresses: Addresses, check: str) -> Said:
    decision = row.decision
    return Said(
        product=row.product.name,
        product_en=row.product.name_en,
        maker=facility.name,
        maker_en=facility.name_en,
        address=addresses.today,
        decision=decision.full_number if decision else "",
        decision_day=decision.signed_on if decision else None,
        issuer=authority(decision.issuer) if decision else "",
        issuer_en=body_in_english(authority(decision.issuer)) if decision else "",
        check=check.removeprefix("https://").removeprefix("http://"),
    )


def check_address(code: str) -> str:
    """The address that the QR code on a pack leads to, in Vietnamese whatever the reader's language."""
    with translation.override("vi"):
        return settings.SITE_URL + reverse("verify_code", args=[code])


def downloads_of(row: Recognition) -> int:
    """How often files of the kit were taken out. One query."""
    about = AuditEntry.objects.filter(subject_type=row._meta.label_lower, subject_id=str(row.pk))
    return about.filter(action=DOWNLOADED).count()


def file_name(row: Recognition, *parts: str) -> str:
    """What a downloaded file is called: told apart when many lie in one folder."""
    return "-".join(["bieu-trung", row.product.slug, row.level, str(row.year), *(part for part in parts if part)])


def refusal_words(permit: Permit) -> str:
    """Why nothing can be taken out now, and what to do."""
    return _("%(why)s Vì vậy cổng không phát tệp biểu trưng.") % {"why": permit.sentence}
