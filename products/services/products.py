"""Decisions as signed outside, products and sets as made."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from facilities.models import Facility
from portal.audit.services import record
from portal.files.models import StoredFile
from portal.territory.models import Territory
from portal.text.errors import Refusal
from portal.text.folding import name_key, normalise
from portal.text.formats import day
from portal.text.slugs import unique_slug

from ..models import Decision, Product, SetMember


@transaction.atomic
def record_decision(
    *,
    number: str,
    symbol: str,
    signed_on: dt.date | None,
    issuer: str,
    actor: Any,
    year: int | None = None,
    signer: str = "",
    title: str = "",
    territory: Territory | None = None,
    scan: StoredFile | None = None,
    source: str = "",
) -> Decision:
    """Record a decision signed outside the portal. Refused when issuer, number, symbol and year repeat.

    `year` stands in for a day of signing that an old list does not tell.
    """
    number, symbol, issuer = normalise(number), normalise(symbol), normalise(issuer)
    if not (number and symbol and issuer):
        raise Refusal(
            "decision_incomplete",
            _("Quyết định cần có số, ký hiệu và cơ quan ban hành. Hãy nhập đủ như trên văn bản."),
            field="number",
        )
    year = signed_on.year if signed_on else year
    if year is None:
        raise Refusal("decision_incomplete", _("Chưa ghi ngày ký quyết định. Hãy ghi ngày ký."), field="signed_on")
    if Decision.objects.filter(issuer=issuer, number=number, symbol=symbol, year=year).exists():
        raise Refusal(
            "decision_exists",
            _("%(issuer)s đã có quyết định số %(number)s/%(symbol)s năm %(year)s. Hãy kiểm tra lại số.")
            % {"issuer": issuer, "number": number, "symbol": symbol, "year": year},
            field="number",
        )
    decision = Decision.objects.create(
        number=number,
        symbol=symbol,
        year=year,
        signed_on=signed_on,
        issuer=issuer,
        signer=signer,
        title=title,
        territory=territory,
        scan=scan,
        source=source,
    )
    record(
        actor=actor,
        action="decision.record",
        sentence=_("Ghi quyết định %(number)s của %(issuer)s, %(when)s.")
        % {
            "number": decision.full_number,
            "issuer": issuer,
            "when": _("ký ngày %(day)s") % {"day": day(signed_on)} if signed_on else _("năm %(year)s") % {"year": year},
        },
        subject=decision,
        territory=territory,
    )
    return decision


@transaction.atomic
def update_decision(*, decision: Decision, actor: Any, changed: Sequence[str]) -> Decision:
    """Save what may be corrected of a decision (signer, title, scan, source); number and date never change."""
    if not changed:
        return decision
    decision.save()
    labels = _labels(Decision, changed)
    record(
        actor=actor,
        action="decision.update",
        sentence=_("Sửa %(fields)s của quyết định %(number)s.")
        % {"fields": ", ".join(labels), "number": decision.full_number},
        subject=decision,
        territory=decision.territory,
    )
    return decision


@transaction.atomic
def create_product(
    *,
    name: str,
    group: str,
    facility: Facility | None,
    territory: Territory,
    is_set: bool,
    actor: Any,
    members: Iterable[str] = (),
    incomplete: bool = False,
    **details: Any,
) -> Product:
    """Create a product, or a set with its members.

    `incomplete` is for old lists only: it lets a set in without members and a product without its
    facility, to be completed later. `details` are further fields of Product.
    """
    names = member_names(members)
    if is_set and not names and not incomplete:
        raise set_without_members()
    product = Product(name=name, group=group, facility=facility, territory=territory, is_set=is_set, **details)
    enter_product(product=product, actor=actor)
    add_members(product=product, names=names if is_set else [])
    return product


@transaction.atomic
def enter_product(*, product: Product, actor: Any) -> Product:
    """Check and save a new product, give it its address on the web, and write the audit row."""
    prepare_product(product)
    product.slug = unique_slug(Product, product.name)
    product.save()
    record(
        actor=actor,
        action="product.create",
        sentence=_("Ghi sản phẩm “%(name)s”.") % {"name": product.name},
        subject=product,
        territory=product.territory,
    )
    return product


@transaction.atomic
def update_product(*, product: Product, actor: Any, changed: Sequence[str]) -> Product:
    """Save a product whose named fields were changed; nothing is written when there are none."""
    if not changed:
        return product
    prepare_product(product)
    product.save()
    labels = _labels(Product, changed)
    record(
        actor=actor,
        action="product.update",
        sentence=_("Sửa %(fields)s của sản phẩm “%(name)s”.") % {"fields": ", ".join(labels), "name": product.name},
        subject=product,
        territory=product.territory,
    )
    return product


def _labels(model: type[models.Model], names: Sequence[str]) -> list[str]:
    return [str(field.verbose_name) for field in model._meta.fields if field.name in names]


def note_details(*, product: Product, actor: Any, what: Sequence[str]) -> None:
    """Audit row for members, photos and the like, written in the transaction that changed them."""
    record(
        actor=actor,
        action="product.details",
        sentence=_("Sửa %(what)s của sản phẩm “%(name)s”.") % {"what": ", ".join(what), "name": product.name},
        subject=product,
        territory=product.territory,
    )


def prepare_product(product: Product) -> None:
    """Bring the name into its stored form and refuse a second product of the same identity. Does not write."""
    product.name = normalise(product.name)
    if not name_key(product.name):
        raise Refusal("name_missing", _("Chưa có tên sản phẩm. Hãy ghi tên như trong quyết định."), field="name")
    _refuse_second_product(product)


def set_without_members() -> Refusal:
    return Refusal(
        "set_without_members",
        _("Bộ sản phẩm cần có tên các sản phẩm trong bộ. Hãy nhập ít nhất một sản phẩm."),
        field="members",
    )


def member_names(members: Iterable[str]) -> list[str]:
    """Names of members, tidied, empty ones and repeats left out, in the order given."""
    found: dict[str, str] = {}
    for member in members:
        tidy = normalise(member)
        if tidy:
            found.setdefault(name_key(tidy), tidy)
    return list(found.values())


def add_members(*, product: Product, names: Sequence[str]) -> list[SetMember]:
    """Add members after those the set has. Part of a larger act, which writes the audit row."""
    start = product.members.count() if names else 0
    return [
        SetMember.objects.create(product_set=product, name=name, position=start + place)
        for place, name in enumerate(names)
    ]


@transaction.atomic
def set_members(*, product: Product, names: Iterable[str], actor: Any) -> list[SetMember]:
    """Make these the members of a set, in this order. One that stays keeps its row, and so its product.

    Raises Refusal `set_without_members`; nothing is written when they are the same as before.
    """
    wanted = member_names(names)
    if not wanted:
        raise set_without_members()
    Product.objects.select_for_update().get(pk=product.pk)
    before = list(product.members.all())
    if [member.name for member in before] == wanted:
        return before
    known = {member.name_key: member for member in before}
    kept = {name_key(name) for name in wanted}
    product.members.exclude(name_key__in=kept).delete()
    members = []
    for place, name in enumerate(wanted):
        member = known.get(name_key(name)) or SetMember(product_set=product)
        member.name, member.position = name, place
        member.save()
        members.append(member)
    note_details(product=product, actor=actor, what=[str(SetMember._meta.verbose_name_plural)])
    return members


def _refuse_second_product(product: Product) -> None:
    same = Product.objects.standing().filter(name_key=name_key(product.name)).exclude(pk=product.pk)
    if product.facility is not None and same.filter(facility=product.facility).exists():
        raise Refusal(
            "product_exists",
            _("Cơ sở “%(facility)s” đã có sản phẩm “%(name)s”. Hãy dùng sản phẩm đã có.")
            % {"facility": product.facility.name, "name": product.name},
            field="name",
        )
    if product.facility is None and same.filter(facility=None, territory=product.territory).exists():
        raise Refusal(
            "product_exists",
            _("%(province)s đã có sản phẩm “%(name)s” chưa rõ cơ sở. Hãy ghi cơ sở, hoặc dùng sản phẩm đã có.")
            % {"province": product.territory.name, "name": product.name},
            field="name",
        )
