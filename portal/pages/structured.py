"""What a page tells search engines of itself (schema.org, JSON-LD): only what the page itself says, and no offer invented.

`facts` are plain data; `as_script` is the one way into a page, escaped so that no name can leave its element.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.territory.queries import unit_today
from portal.text.formats import day
from products.cards import Standing, facility_name
from products.models import ProductPhoto
from products.queries import Detail

from .buying import Fact, Standard

# Characters that could end the script element or start another in it.
_UNSAFE = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}
_GTIN = {8: "gtin8", 12: "gtin12", 13: "gtin13", 14: "gtin14"}
Facts = dict[str, Any]


def as_script(*things: Facts) -> SafeString:
    """The content of `<script type="application/ld+json">`."""
    graph = {"@context": "https://schema.org", "@graph": list(things)}
    return mark_safe(json.dumps(graph, ensure_ascii=False).translate(_UNSAFE))  # noqa: S308  escaped just here


def product(
    detail: Detail, *, address: str, picture: str, bought: Sequence[Fact], standards: Sequence[Standard]
) -> Facts:
    """A product with its maker, awards, certificates and what its maker declares."""
    item = detail.product
    said: Facts = {
        "@type": "Product",
        "@id": f"{address}#san-pham",
        "url": address,
        "name": item.display_name,
        "category": str(item.get_group_display()),
        "image": [settings.SITE_URL + _large(photo) for photo in detail.photos] or [picture],
        "countryOfOrigin": {"@type": "Country", "name": "VN"},
        "award": [_award(one) for one in detail.standings],
    }
    said |= _if(description=item.display_summary or item.display_story[:500], material=item.materials)
    if item.display_name != item.name:
        said["alternateName"] = item.name
    if item.facility:
        said["manufacturer"] = organization(item.facility)
    certificates = [*(_recognised(one) for one in detail.standings), *(_certified(one) for one in standards)]
    said |= _if(hasCertification=certificates, isRelatedTo=_members(detail), **_trade(detail, bought))
    return said


def _large(photo: ProductPhoto) -> str:
    return f"{reverse('photo', args=[photo.pk])}?rong=1600"


def _award(one: Standing) -> str:
    return _("Sản phẩm công nghiệp nông thôn tiêu biểu %(level)s năm %(year)s") % {
        "level": one.level_words,
        "year": one.row.year,
    }


def _recognised(one: Standing) -> Facts:
    row = one.row
    certificate = next(iter(row.certificates.all()), None)
    said: Facts = {"@type": "Certification", "name": _award(one), "certificationStatus": _status(one.in_force)}
    return said | _if(
        certificationIdentification=certificate.code if certificate else "",
        issuedBy={"@type": "GovernmentOrganization", "name": row.decision.issuer} if row.decision else None,
        datePublished=row.issued_on.isoformat() if row.issued_on else "",
        expires=row.expires_on.isoformat() if row.expires_on and row.expiry_precision == "day" else "",
    )


def _certified(one: Standard) -> Facts:
    said: Facts = {"@type": "Certification", "name": one.name}
    if one.state in {"holds", "ended"}:
        said["certificationStatus"] = _status(one.state == "holds")
    if one.row.stars:
        said["certificationRating"] = {"@type": "Rating", "ratingValue": one.row.stars, "bestRating": 5}
    return said | _if(
        datePublished=str(one.row.issued_year or ""),
        expires=one.row.expires_on.isoformat() if one.row.expires_on else "",
    )


def _status(holds: bool) -> str:
    return f"https://schema.org/Certification{'Active' if holds else 'Inactive'}"


def _trade(detail: Detail, bought: Sequence[Fact]) -> Facts:
    trade = getattr(detail.product, "trade", None)
    if trade is None:
        return {}
    gtin = {_GTIN[len(trade.gtin)]: trade.gtin} if len(trade.gtin) in _GTIN else {}
    told = [{"@type": "PropertyValue", "name": fact.label, "value": fact.value} for fact in bought if not fact.is_code]
    if trade.hs_code:
        told.append({"@type": "PropertyValue", "propertyID": "HS", "name": _("Mã HS"), "value": trade.hs_code})
    if told:
        told.append({"@type": "PropertyValue", "name": _("Cơ sở khai ngày"), "value": day(trade.declared_on)})
    return gtin | _if(additionalProperty=told)


def _members(detail: Detail) -> list[Facts]:
    return [
        {"@type": "Product", "name": member.product.display_name, "url": _whole("product", member.product.slug)}
        for member in detail.product.members.all()
        if member.product and getattr(member, "has_page", False)
    ]


def organization(found: Any) -> Facts:
    """A maker: its name as in the decision and its province; a household's address is never said."""
    address = _whole("facility", found.slug)
    return {
        "@type": "Organization",
        "@id": f"{address}#co-so",
        "name": facility_name(found),
        "url": address,
        "address": {
            "@type": "PostalAddress",
            "addressRegion": unit_today(found.territory_id).name,
            "addressCountry": "VN",
        },
    }


def maker(found: Any, products: Iterable[tuple[str, str]]) -> Facts:
    """The organisation of its own page, with what it makes as (name, path)."""
    made = [{"@type": "Product", "name": name, "url": settings.SITE_URL + path} for name, path in products]
    return organization(found) | _if(
        owns=made, foundingDate="" if found.is_household else str(found.founded_year or "")
    )


def crumbs(found: Sequence[tuple[str, str]], *, here: str, name: str) -> Facts:
    """The way to this page; it ends with the page itself."""
    steps = [(words, settings.SITE_URL + path) for words, path in found if path] + [(name, here)]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": words, "item": address}
            for place, (words, address) in enumerate(steps, start=1)
        ],
    }


def _whole(name: str, slug: str) -> str:
    return settings.SITE_URL + reverse(name, args=[slug])


def _if(**facts: Any) -> Facts:
    return {name: value for name, value in facts.items() if value}
