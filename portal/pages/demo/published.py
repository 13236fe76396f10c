"""What real makers carry: only what was published, with its source."""

import datetime as dt
from collections import Counter
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from extension.enums import Funding, ProjectState
from extension.models import Programme, Project
from extension.money.words import parse_money
from extension.services import projects as extension
from facilities.models import Facility
from facilities.queries import match
from facilities.services import create_facility, update_facility
from portal.accounts.enums import OrganisationKind
from portal.accounts.models import Organisation
from portal.audit.services import record
from portal.territory.models import Territory
from portal.territory.queries import resolve_for_year
from portal.text.errors import Refusal
from portal.text.folding import name_key
from products.enums import StandardKind
from products.imports import import_recognitions
from products.models import Decision, DistributionChannel, Product, ProductStandard, Recognition
from products.services import complete_recognition, record_decision

from .tables import table

LIST = Path(settings.BASE_DIR, "products", "reference", "recognised_products.csv")
TEXTS = ("story", "materials")


def load(*, now: dt.datetime, on: dt.date) -> Counter[str]:
    """The published list, its decisions, facts of products, projects of extension. Safe to run twice."""
    counts = _list(now, on)
    counts["decisions"] = sum(_decision(row) for row in table("decisions"))
    counts["facts"] = _facts()
    counts["projects"] = sum(_project(row) for row in table("projects"))
    return counts


def _list(now: dt.datetime, on: dt.date) -> Counter[str]:
    report = import_recognitions(LIST, now=now, today=on, actor=None, apply=True)
    if report.errors:
        raise Refusal("list_broken", _("Danh sách đã công bố có dòng sai."), details=tuple(report.errors))
    return Counter({f"list_{what}": number for what, number in report.counts.items()})


def _decision(row: dict[str, str]) -> int:
    """Record a decision the sources name, and link the recognitions it made. Returns how many are new."""
    number, symbol, issuer, year = row["number"], row["symbol"], row["issuer"], int(row["year"])
    known = Decision.objects.filter(number=number, symbol=symbol, issuer=issuer, year=year).first()
    decision = known or record_decision(
        number=number,
        symbol=symbol,
        issuer=issuer,
        year=year,
        signed_on=None,
        title=row["title"],
        source=row["source"],
        actor=None,
    )
    made = Recognition.objects.filter(
        level=row["level"], year=int(row["round_year"]), decision__isnull=True, is_illustrative=False
    )
    for recognition in made.filter(source_note__contains=row["note_contains"]):
        complete_recognition(recognition=recognition, decision=decision, actor=None)
    return int(known is None)


def _facts() -> int:
    """Published facts about products and their makers. Returns how many are new; one audit row per product."""
    new: Counter[Product] = Counter()
    for row in table("product_facts"):
        product = _product(row["facility"], row["product"])
        new[product] += _fact(row, product)
    for product in +new:
        sentence = _("Ghi thông tin đã công bố của “%(name)s”.") % {"name": product.name}
        record(
            actor=None,
            action="product.published_facts",
            sentence=sentence,
            subject=product,
            territory=product.territory,
        )
    return new.total()


def _fact(row: dict[str, str], product: Product) -> int:
    if row["kind"] == "ocop":
        facts = {"kind": StandardKind.OCOP, "stars": int(row["code"])}
        return int(
            ProductStandard.objects.get_or_create(product=product, **facts, defaults={"source": row["source"]})[1]
        )
    if row["kind"] == "channel":
        facts = {"kind": row["code"], "name": row["value"]}
        return int(
            DistributionChannel.objects.get_or_create(product=product, **facts, defaults={"source": row["source"]})[1]
        )
    if row["kind"] == "address":
        return _address(product.facility, row["value"])
    return _text(product, row["kind"], row["value"])


def _product(facility: str, name: str) -> Product:
    return Product.objects.select_related("facility").get(
        facility__name_key=name_key(facility), name_key=name_key(name), is_illustrative=False
    )


def _address(facility: Facility | None, address: str) -> int:
    if facility is None or facility.address_recognised:
        return 0
    update_facility(facility=facility, actor=None, reason=_("Theo nguồn đã công bố."), address_recognised=address)
    return 1


def _text(product: Product, field: str, text: str) -> int:
    if field not in TEXTS:
        raise ValueError(f"Unknown kind of fact: {field}")
    if getattr(product, field):
        return 0
    setattr(product, field, text)
    product.save()
    return 1


def _project(row: dict[str, str]) -> int:
    """One project as published, with the beneficiaries its source names. Returns 1 when it is new."""
    place = resolve_for_year(row["province"], int(row["year_to"] or row["year"]))
    if Project.objects.filter(name=row["name"], territory=place).exists():
        return 0
    project = extension.create_project(
        actor=None,
        territory=place,
        name=row["name"],
        state=ProjectState(row["state"]),
        kind=row["kind"],
        funding=row["funding"],
        head=int(row["head"]),
        programme=_programme(row),
        year=int(row["year"]),
        year_to=int(row["year_to"]) if row["year_to"] else None,
        extension_funds=parse_money(row["extension_funds"]),
        published_sum=row["published_sum"],
        implementing_unit=_unit(row["unit"], place),
        summary=row["summary"],
        source=row["source"],
        is_public=True,
    )
    for support in table("beneficiaries"):
        if support["project"] == row["key"]:
            _beneficiary(project, support, place)
    return 1


def _programme(row: dict[str, str]) -> Programme | None:
    """The national programme of the year; which programme a local project belongs to is not published."""
    if row["funding"] != Funding.NATIONAL:
        return None
    year = int(row["year"])
    return Programme.objects.filter(territory=None, year_from__lte=year, year_to__gte=year).first()


def _unit(name: str, place: Territory) -> Organisation:
    kind = OrganisationKind.DEPARTMENT if name.startswith("Sở") else OrganisationKind.EXTENSION_CENTRE
    known = Organisation.objects.filter(name=name, territory=place).first()
    return known or Organisation.objects.create(name=name, territory=place, kind=kind)


def _beneficiary(project: Project, row: dict[str, str], place: Territory) -> None:
    facility = match(name=row["facility"], territory=place) or create_facility(
        name=row["facility"], territory=place, actor=None, address=row["address"]
    )
    extension.add_beneficiary(
        project=project,
        actor=None,
        facility=facility,
        product=_product(row["facility"], row["product"]) if row["product"] else None,
        turns=int(row["turns"]),
        extension_funds=parse_money(row["extension_funds"]),
        fair_revenue=parse_money(row["fair_revenue"]),
        note=row["note"],
    )
