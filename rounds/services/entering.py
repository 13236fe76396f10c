"""Entering a dossier in one act: its facility and product where they are new, its papers, its submission."""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities import rules as facility_rules
from facilities.models import Facility
from facilities.services import add_contact, create_facility, grant_consent
from portal.territory.models import Commune, Territory
from portal.text.errors import Refusal
from products import rules as product_rules
from products.models import Product
from products.services import create_product

from ..enums import Origin
from ..models import Dossier, Round
from . import dossiers
from .papers import add_document


@dataclass(frozen=True)
class NewFacility:
    """A facility as its registration form tells it. `email` comes with the day the facility agreed to be written to."""

    name: str
    territory: Territory
    kind: str = ""
    tax_code: str = ""
    address_today: str = ""
    commune: Commune | None = None
    email: str = ""


@dataclass(frozen=True)
class NewProduct:
    """A product or a set with the names of its members."""

    name: str
    group: str
    is_set: bool = False
    members: tuple[str, ...] = ()
    materials: str = ""


@transaction.atomic
def enter_dossier(
    *,
    round_: Round,
    facility: Facility | NewFacility | None,
    product: Product | NewProduct,
    actor: Any,
    now: dt.datetime,
    origin: str = Origin.PAPER,
    received_on: dt.date | None = None,
    papers: Iterable[str] = (),
    submit: bool = False,
    **facts: Any,
) -> Dossier:
    """Make what is new, open the dossier, take in the papers that came with it, and submit it if wished.

    All of it is written, or nothing. A refusal about a new facility or product names its input with the
    prefix `facility_` or `product_`. `facts` are further editable facts of the dossier.
    """
    with _speaking_of("facility"):
        known = _facility(facility, actor=actor, now=now) if isinstance(facility, NewFacility) else facility
    with _speaking_of("product"):
        entered = _product(product, known, actor=actor) if isinstance(product, NewProduct) else product
    dossier = dossiers.create_dossier(
        round_=round_, product=entered, actor=actor, now=now, origin=origin, received_on=received_on
    )
    if any(facts.values()):
        dossier = dossiers.update_dossier(dossier=dossier, actor=actor, now=now, **facts)
    for kind in papers:
        add_document(dossier=dossier, kind=kind, on_paper=True, actor=actor)
    return dossiers.submit(dossier=dossier, actor=actor, now=now, received_on=received_on) if submit else dossier


@contextmanager
def _speaking_of(what: str) -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        field = f"{what}_{refusal.field}" if refusal.field else what
        raise Refusal(refusal.code, refusal.sentence, field=field, details=refusal.details) from refusal


def _facility(new: NewFacility, *, actor: Any, now: dt.datetime) -> Facility:
    if not facility_rules.may_edit(actor, new.territory.pk):
        raise Refusal("not_allowed", _("Chỉ cán bộ của tỉnh được ghi cơ sở mới. Hãy chọn cơ sở đã có."))
    made = create_facility(
        name=new.name,
        territory=new.territory,
        kind=new.kind,
        tax_code=new.tax_code,
        address_today=new.address_today,
        commune=new.commune,
        actor=actor,
    )
    if new.email:
        _agree_to_letters(made, new.email, actor=actor, now=now)
    return made


def _agree_to_letters(facility: Facility, email: str, *, actor: Any, now: dt.datetime) -> None:
    try:
        contact = add_contact(facility=facility, kind="email", value=email, actor=actor)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.sentence, field="email") from refusal
    proof, on = _("Phiếu đăng ký bình chọn"), timezone.localdate(now)
    grant_consent(contact=contact, actor=actor, on=on, may_notify=True, proof=proof)


def _product(new: NewProduct, facility: Facility | None, *, actor: Any) -> Product:
    if facility is None:
        raise Refusal("facility_missing", _("Chưa chọn cơ sở làm ra sản phẩm. Hãy chọn cơ sở."))
    if not product_rules.may_enter_product(actor, facility.territory_id):
        raise Refusal("not_allowed", _("Chỉ cán bộ của tỉnh được ghi sản phẩm mới. Hãy chọn sản phẩm đã có."))
    return create_product(
        name=new.name,
        group=new.group,
        facility=facility,
        territory=facility.territory,
        is_set=new.is_set,
        members=new.members,
        materials=new.materials,
        actor=actor,
    )
