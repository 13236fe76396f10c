"""A province with certified products, and a round of its region that takes nominations."""

import datetime as dt
from typing import Any

from django.utils import timezone

from portal.accounts.enums import Role
from portal.accounts.models import User
from portal.territory.models import Territory
from products.models import Product
from rounds.enums import DocumentKind, RoundState
from rounds.models import Dossier, NominationList, Round
from rounds.services import nominating
from rounds.services.freezing import freeze
from tests import factories

NOON = dt.datetime(2026, 11, 21, 12, 0, tzinfo=timezone.get_default_timezone())
CLOSES = dt.datetime(2026, 12, 1, 0, 0, tzinfo=timezone.get_default_timezone())
# The last day with an instant before midnight.
LAST_DAY = dt.date(2026, 11, 30)


def round_above(**changes: Any) -> Round:
    facts = {
        "level": "region",
        "territory": None,
        "region": "north",
        "year": 2026,
        "ordinal": 7,
        "state": RoundState.RECEIVING,
        "receiving_from": NOON - dt.timedelta(days=20),
        "receiving_until": CLOSES,
        "lower_round_held": True,
        **changes,
    }
    return factories.RoundFactory(**facts)


def certified(territory: Territory, *, level: str = "province", dossier: bool = True, **recognition: Any) -> Product:
    """A product recognised at a level, by default with the frozen dossier that it came of."""
    facility = recognition.pop("facility", None) or factories.FacilityFactory(territory=territory)
    product = factories.ProductFactory(facility=facility, **recognition.pop("product", {}))
    held = factories.RecognitionFactory(product=product, level=level, **recognition)
    if dossier:
        source_of(product, held)
    return product


def source_of(product: Product, recognition: Any) -> Dossier:
    """The dossier of the level below, frozen as it was submitted, with a statement and two papers."""
    round_ = Round.objects.filter(level="province", year=2024, territory=product.territory).first()
    below = round_ or factories.RoundFactory(territory=product.territory, year=2024, slug=f"ky-2024-{product.pk}")
    made = factories.DossierFactory(
        round=below,
        product=product,
        statement="Thuyết minh của cấp dưới.",
        statement_market="Bán ở ba tỉnh.",
        recognition=recognition,
    )
    made.documents.create(kind=DocumentKind.REGISTRATION_FORM, on_paper=True)
    made.documents.create(kind=DocumentKind.STATEMENT, on_paper=True, title="Bản thuyết minh")
    freeze(made)
    made.save()
    return made


def letter(row: NominationList, officer: User, **changes: Any) -> NominationList:
    facts = {"number": "125/SCT-QLCN", "on": NOON.date(), "signer": "Giám đốc Sở", **changes}
    return nominating.attach_letter(nomination_list=row, actor=officer, now=NOON, **facts)


def sent(round_: Round, territory: Territory, officer: User, *, chosen: list[Product]) -> NominationList:
    """A list that was sent: these products nominated, every other left out because its maker declines."""
    row = nominating.open_list(round_=round_, territory=territory, actor=officer, now=NOON)
    keys = {product.pk for product in chosen}
    choices = [
        nominating.Choice(line.product_id, chosen=True)
        if line.product_id in keys
        else nominating.Choice(line.product_id, why_not="maker_declines")
        for line in row.nominations.all()
    ]
    nothing = "" if chosen else "Không cơ sở nào đăng ký."
    nominating.decide(nomination_list=row, choices=choices, actor=officer, now=NOON, nothing_reason=nothing)
    letter(row, officer)
    return nominating.send(nomination_list=row, actor=officer, now=NOON)


def agency(region: str = "north") -> User:
    return factories.staff(Role.AGENCY_REGIONAL, None, region=region)
