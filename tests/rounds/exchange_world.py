"""Two deployments, each built from nothing: a province that nominates, a centre that gathers.

Everything that is random is drawn from a seed, so that the province built a second time is the same province: it
signs the same bytes, and knows the answers to what it sent before.
"""

import base64
import datetime as dt
import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from django.core.files.base import ContentFile
from django.db import transaction
from django.test import override_settings
from PIL import Image

from portal.accounts.enums import Role
from portal.accounts.models import User
from portal.files.services import store
from portal.territory.models import Territory
from portal.territory.queries import forget_register
from products.codes import check_character
from products.models import Product
from rounds.enums import DocumentKind
from rounds.exchange import keys
from rounds.models import NominationList, Peer, Round
from rounds.services import exchange
from rounds.services.freezing import freeze
from tests import factories

from . import nomination_world as world
from .nomination_world import NOON

SEEDS = {name: keys.key_of(f"{letter * 42}A=") for name, letter in (("province", "a"), ("centre", "b"), ("other", "c"))}
PROVINCE, CENTRE, OTHER = SEEDS["province"], SEEDS["centre"], SEEDS["other"]
CODE = "T" + "7K2M9XTA" + check_character("T7K2M9XTA")
TAX_CODE = "4600123456"


def seed_of(key: keys.OwnKey) -> str:
    return base64.b64encode(key.seed).decode()


@contextmanager
def deployment(key: keys.OwnKey, media: Path) -> Iterator[None]:
    """A database of its own for as long as the block lasts: what is written in it is gone afterwards."""
    draws = random.Random(key.public)
    with (
        override_settings(EXCHANGE_KEY=seed_of(key), MEDIA_ROOT=media),
        mock.patch("os.urandom", draws.randbytes),
        transaction.atomic(),
    ):
        forget_register()
        yield
        transaction.set_rollback(True)
    forget_register()


@dataclass
class Province:
    """What the province has: its people, its products, the list it sent, the centre as it knows it."""

    unit: Territory
    officer: User
    administrator: User
    tea: Product
    tray: Product
    left_out: Product
    row: NominationList
    centre: Peer


@dataclass
class Centre:
    """What the centre has: a round that receives, its officer, the province as it knows it."""

    unit: Territory
    agency: User
    administrator: User
    round: Round
    province: Peer


def card(key: keys.OwnKey, **changes: Any) -> str:
    facts = {"name": "Cổng", "role": "centre", "public_key": key.public, **changes}
    return exchange.Card(**facts).as_text()


def peer(key: keys.OwnKey, actor: User, **changes: Any) -> Peer:
    return exchange.add_peer(card=card(key, **changes), fingerprint=keys.fingerprint(key.public), actor=actor, now=NOON)


def thai_nguyen() -> Territory:
    return factories.TerritoryFactory(code="19", name="Thái Nguyên", slug="thai-nguyen", valid_from=dt.date(1950, 1, 1))


def picture(colour: str) -> Any:
    made = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(made, "PNG")
    return store(ContentFile(made.getvalue(), name="anh.png"))


def build_province(*, letter: str = "125/SCT-QLCN", address: str = "") -> Province:
    """Three products recognised in the province; two nominated, one left out; the list sent."""
    unit = thai_nguyen()
    officer = factories.staff(Role.OFFICER, unit)
    administrator = factories.staff(Role.ADMINISTRATOR)
    maker = factories.FacilityFactory(
        name="Hợp tác xã chè Tân Cương", slug="htx-tan-cuong", territory=unit, tax_code=TAX_CODE,
        address_today="Xóm Hồng Thái, xã Tân Cương",
    )  # fmt: skip
    household = factories.FacilityFactory(
        name="Hộ mây tre Phú Bình", slug="ho-may-tre", territory=unit, kind="household", tax_code="019080000123"
    )
    round_ = world.round_above(slug="ky-khu-vuc")
    tea = _recognised(unit, maker, "Chè đinh Tân Cương", 1)
    tray = _recognised(unit, household, "Bộ khay mây", 2, is_set=True, members=("Khay tròn", "Khay vuông"))
    left_out = _recognised(unit, maker, "Trà túi lọc", 3)
    row = world.sent(round_, unit, officer, chosen=[tea, tray])
    centre = peer(CENTRE, administrator, name="Cục Công Thương địa phương", role="centre", address=address)
    return Province(unit, officer, administrator, tea, tray, left_out, row, centre)


def _recognised(unit: Territory, maker: Any, name: str, place: int, *, members: Any = (), **product: Any) -> Product:
    made = world.certified(
        unit, facility=maker, product={"name": name, "slug": f"sp-{place}", **product}, dossier=False
    )
    for position, member in enumerate(members):
        factories.SetMemberFactory(product_set=made, name=member, position=position)
    held = made.recognitions.get()
    payload = f"T{place}K2M9XTA"
    factories.CertificateFactory(recognition=held, code=payload + check_character(payload), issued_on=held.issued_on)
    source = world.source_of(made, held)
    source.entry_code = f"{place:03}"
    front = picture("green" if place == 1 else "brown")
    source.documents.create(kind=DocumentKind.PHOTO_FRONT, file=front)
    freeze(source)
    source.save()
    made.photos.create(
        file=front, angle="front", is_public=True, caption=f"Ảnh của {name}", caption_en="From the front"
    )
    return made


def build_centre(*, address: str = "", **round_: Any) -> Centre:
    """A round of the region that receives, and the province among its partners."""
    unit = thai_nguyen()
    agency = factories.staff(Role.AGENCY_REGIONAL, None, region="north")
    administrator = factories.staff(Role.ADMINISTRATOR)
    made = world.round_above(slug="ky-khu-vuc", **round_)
    province = peer(
        PROVINCE, administrator, name="Sở Công Thương Thái Nguyên", role="province", territory="thai-nguyen", address=address
    )  # fmt: skip
    return Centre(unit, agency, administrator, made, province)


def packed(at: Province) -> bytes:
    """The bytes of the list's package."""
    made = exchange.pack(nomination_list=at.row, peer=at.centre, actor=at.officer, now=NOON)
    return read(made)


def read(package: Any) -> bytes:
    with package.file.open("rb") as source:
        return source.read()


def take(data: bytes, *, actor: Any = None, now: dt.datetime = NOON, by_api: bool = False) -> exchange.Taken:
    return exchange.take_in(source=io.BytesIO(data), actor=actor, now=now, by_api=by_api)
