"""The facility, the product and its members as official papers print them. Nothing here asks the database again."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from facilities.enums import ContactKind, FacilityKind, RepresentativeState
from facilities.models import Facility
from portal.text.folding import normalise, sort_key
from portal.text.formats import lowered, roman
from products.enums import ProductGroup
from products.models import Product
from rounds.models import Dossier

from .offices import full_name
from .words import count

GROUP_ORDER = [str(group) for group in ProductGroup]


def address_of(facility: Facility, on: dt.date) -> str:
    """The address on the paper's day: as recognised while the recorded province stood, today's afterwards.

    Without either, the commune and the province as it was called then.
    """
    then, now = facility.address_recognised, facility.address_today
    known = (then or now) if facility.territory.holds_on(on) else (now or then)
    if known:
        return normalise(known)
    place = full_name(facility.territory, on)
    return f"{facility.commune}, {place}" if facility.commune else place


def facility_facts(facility: Facility | None, on: dt.date) -> dict[str, Any]:
    """Name, address, ways to reach it, who speaks for it; empty texts where nothing is known."""
    if facility is None:
        return {"name": "", "kind": "", "address": "", "tax_code": "", "phone": "", "email": "", "website": ""} | {
            "representative": "", "position": "", "founded_year": "", "introduction": "", "years": []
        }  # fmt: skip
    speaker = _speaker(facility)
    return {
        "name": normalise(facility.name),
        "kind": facility.get_kind_display() if facility.kind != FacilityKind.UNKNOWN else "",
        "address": address_of(facility, on),
        "tax_code": facility.tax_code,
        "phone": _reached_by(facility, ContactKind.PHONE),
        "email": _reached_by(facility, ContactKind.EMAIL),
        "website": _reached_by(facility, ContactKind.WEBSITE),
        "representative": str(speaker.user) if speaker else "",
        "position": speaker.position if speaker else "",
        "founded_year": facility.founded_year or "",
        "introduction": facility.introduction,
        "years": [_year(one) for one in sorted(facility.years.all(), key=lambda year: -year.year)[:3]],
    }


def _reached_by(facility: Facility, kind: str) -> str:
    return ", ".join(contact.value for contact in facility.contacts.all() if contact.kind == kind)


def _speaker(facility: Facility) -> Any:
    approved = [one for one in facility.representatives.all() if one.state == RepresentativeState.APPROVED]
    return min(approved, key=lambda one: one.pk, default=None)


def _year(row: Any) -> dict[str, Any]:
    return {
        "year": str(row.year),
        "revenue": "" if row.revenue is None else _grouped(row.revenue),
        "export": "" if row.export_value is None else _grouped(row.export_value),
        "workers": "" if row.workers is None else _grouped(row.workers),
    }


def _grouped(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def product_facts(product: Product) -> dict[str, Any]:
    """The product or set with its group, members, standards and titles."""
    return {
        "name": normalise(product.name),
        "what": "Bộ sản phẩm" if product.is_set else "Sản phẩm",
        "called": called(product),
        "is_set": product.is_set,
        "group": group_name(product.group),
        "members": [normalise(member.name) for member in product.members.all()],
        "materials": product.materials,
        "first_made_year": product.first_made_year or "",
        "traceability_code": product.traceability_code,
        "summary": product.summary,
        "standards": [str(one) for one in product.standards.all()],
        "properties": [str(one) for one in product.properties.all()],
    }


def called(product: Product) -> str:
    """ "sản phẩm Chè đinh", "bộ sản phẩm Trà xuân"; a name that begins with these words says them once."""
    name = normalise(product.name)
    what = "bộ sản phẩm" if product.is_set else "sản phẩm"
    return lowered(name) if name.lower().startswith(what) else f"{what} {name}"


def group_name(group: str) -> str:
    return str(ProductGroup(group).label)


def dossier_row(dossier: Dossier, on: dt.date) -> dict[str, Any]:
    """One line of a list: product with members, facility with its address."""
    facility = dossier.product.facility
    product = product_facts(dossier.product)
    return {
        "code": dossier.entry_code,
        "product": product["name"],
        "members": "; ".join(product["members"]),
        "what": product["what"],
        "group": product["group"],
        "summary": product["summary"],
        "facility": normalise(facility.name) if facility else "",
        "address": address_of(facility, on) if facility else "",
        "phone": _reached_by(facility, ContactKind.PHONE) if facility else "",
    }


def by_group(dossiers: Iterable[Dossier], rows: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows under their groups, in the circular's order, numbered on from group to group."""
    found: list[dict[str, Any]] = []
    place = 0
    listed = sorted(
        dossiers, key=lambda one: (GROUP_ORDER.index(one.product.group), sort_key(one.product.name), one.pk)
    )
    for group in ProductGroup:
        mine = [one for one in listed if one.product.group == group]
        if not mine:
            continue
        numbered = [{"place": str(place + index), **rows[one.pk]} for index, one in enumerate(mine, 1)]
        place += len(mine)
        head = f"{roman(len(found) + 1)}. Nhóm {lowered(group_name(group))}"
        found.append({"head": head, "count": count(len(mine)), "rows": numbered})
    return found


def tally_by_group(dossiers: Iterable[Dossier]) -> list[dict[str, str]]:
    """Singles, sets and their sum per group that has any, and a last line for all."""
    listed = list(dossiers)
    found = [
        _counted(f"Nhóm {lowered(group_name(group))}", mine)
        for group in ProductGroup
        if (mine := [one for one in listed if one.product.group == group])
    ]
    return [*found, _counted("Tổng cộng", listed)]


def _counted(label: str, dossiers: list[Dossier]) -> dict[str, str]:
    sets = sum(one.product.is_set for one in dossiers)
    return {"group": label, "singles": str(len(dossiers) - sets), "sets": str(sets), "total": str(len(dossiers))}


def goods_words(dossiers: Iterable[Dossier]) -> str:
    """ "43 sản phẩm", "77 sản phẩm và 46 bộ sản phẩm"."""
    listed = list(dossiers)
    sets = sum(one.product.is_set for one in listed)
    singles = len(listed) - sets
    parts = [f"{count(singles)} sản phẩm"] if singles or not sets else []
    if sets:
        parts.append(f"{count(sets)} bộ sản phẩm")
    return " và ".join(parts)


def makers(dossiers: Iterable[Dossier]) -> int:
    """How many different facilities."""
    return len({one.product.facility_id for one in dossiers if one.product.facility_id})
