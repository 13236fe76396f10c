"""What an applicant sees: the own facility, its products, dossiers, open rounds and requests."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from facilities.models import Facility
from facilities.representing import represented
from portal.accounts.queries import staff_reach
from portal.notices.models import Notice
from portal.notices.queries import inbox
from portal.territory.queries import family_ids
from portal.text.folding import fold
from products.cards import Standing, standing, telling_first
from products.certificate_print import own_codes
from products.enums import Level, Stage
from products.models import Product, Recognition
from products.standing_levels import lines_of

from . import renewing
from .applicant_words import Phase, phase
from .enums import Addressee, DossierState, Origin, RoundState
from .models import Dossier, Round, SupplementRequest

# A facility enters here; to a region or the nation the Sở sends on.
OWN_LEVELS = (Level.PROVINCE, Level.COMMUNE, Level.DISTRICT)
NOTICES_SHOWN = 3


def own_dossiers(user: Any) -> QuerySet[Dossier]:
    """Dossiers of the facilities the person speaks for, and those the person's commune filed for a facility.

    Five queries with papers, product and requests, however many rows.
    """
    communes = staff_reach(user).commune_ids
    mine = Q(product__facility__in=represented(user))
    filed = Q(origin=Origin.COMMUNE, product__facility__commune__in=communes)
    return (
        Dossier.objects.filter(mine | filed)
        .select_related(
            "round__territory", "round__receiving_unit", "product__facility__territory", "verdict", "recognition",
            "gathered_into__product", "copied_from__round__territory",
        )
        .prefetch_related("documents__file", "product__recognitions", "product__members", open_requests())
        .order_by("-created_at", "-pk")
    )  # fmt: skip


def open_requests() -> Prefetch:
    """What the facility is asked for and has not answered yet, as `asked`."""
    waiting = SupplementRequest.objects.filter(addressee=Addressee.FACILITY, closed_at__isnull=True)
    return Prefetch("requests", queryset=waiting, to_attr="asked")


def rounds_open_to(facility: Facility, *, now: dt.datetime) -> list[Round]:
    """Rounds that receive dossiers of the facility's place now, the nearest deadline first. One query."""
    rows = Round.objects.filter(
        state=RoundState.RECEIVING, level__in=OWN_LEVELS, territory__in=family_ids(facility.territory_id)
    ).select_related("territory", "receiving_unit")
    found = [row for row in rows if row.receiving_open(now) and _in_place(row, facility)]
    return sorted(found, key=lambda row: (row.receiving_until is None, row.receiving_until, row.pk))


def _in_place(round_: Round, facility: Facility) -> bool:
    """A commune's round takes its own facilities; where a commune is not known, the service decides."""
    if round_.level == Level.PROVINCE or facility.commune is None:
        return True
    return fold(facility.commune.name) in fold(round_.locality)


def products_of(facility: Facility) -> QuerySet[Product]:
    """The facility's products in the register. Three queries when read."""
    recognised = Recognition.objects.filter(stage=Stage.RECOGNISED).select_related("validity_rule")
    return (
        Product.objects.filter(facility=facility, merged_into=None)
        .prefetch_related(Prefetch("recognitions", queryset=recognised), "members")
        .order_by("sort_key", "pk")
    )


@dataclass(frozen=True)
class ProductRow:
    product: Product
    standings: list[Standing]
    codes: dict[int, str]

    @property
    def lines(self) -> list[tuple[Standing, str]]:
        """Each recognition with the code of the certificate that the facility may take out, or nothing."""
        return [(one, self.codes.get(one.row.pk, "")) for one in self.standings]


@dataclass(frozen=True)
class DossierRow:
    dossier: Dossier
    phase: Phase

    @property
    def is_waiting(self) -> bool:
        """Whether the applicant has the next move."""
        return self.dossier.state in (DossierState.DRAFT, DossierState.NEEDS_SUPPLEMENT)


@dataclass(frozen=True)
class RoundRow:
    round: Round
    entered: int


@dataclass(frozen=True)
class Home:
    """Everything on the facility's page."""

    facility: Facility
    todo: list[DossierRow] = field(default_factory=list)
    others: list[DossierRow] = field(default_factory=list)
    rounds: list[RoundRow] = field(default_factory=list)
    products: list[ProductRow] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    endings: list[renewing.Ending] = field(default_factory=list)


def home(user: Any, facility: Facility, *, now: dt.datetime, on: dt.date, expiring_days: int) -> Home:
    """The page of one facility. About a dozen queries, however many products and dossiers."""
    rows = [
        DossierRow(dossier, phase(dossier, now=now))
        for dossier in own_dossiers(user).filter(product__facility=facility)
    ]
    rounds, products = rounds_open_to(facility, now=now), list(products_of(facility))
    codes = own_codes(facility, on=on)
    return Home(
        facility=facility,
        todo=sorted((row for row in rows if row.is_waiting), key=_deadline),
        others=[row for row in rows if not row.is_waiting],
        rounds=[
            RoundRow(round_, sum(row.dossier.round_id == round_.pk for row in rows))
            for round_ in rounds
        ],
        products=[
            ProductRow(product, _standings(product, on=on, expiring_days=expiring_days), codes)
            for product in products
        ],
        notices=list(inbox(user, on=on)[:NOTICES_SHOWN]),
        endings=endings(
            facility, products, dossiers=[row.dossier for row in rows], rounds=rounds, now=now, on=on,
            expiring_days=expiring_days,
        ),
    )  # fmt: skip


def endings(
    facility: Facility,
    products: list[Product],
    *,
    dossiers: list[Dossier],
    rounds: list[Round],
    now: dt.datetime,
    on: dt.date,
    expiring_days: int,
) -> list[renewing.Ending]:
    """Recognitions of the facility that end soon or have ended. One query on products read with their recognitions."""
    levels = {}
    for product in products:
        product.facility = facility
        rows = list(product.recognitions.all())
        for row in rows:
            row.product = product
        levels[product.pk] = (product, lines_of(rows, on=on, expiring_days=expiring_days))
    return renewing.endings_of(levels, dossiers=dossiers, rounds=rounds, now=now, on=on)


def _standings(product: Product, *, on: dt.date, expiring_days: int) -> list[Standing]:
    published = [row for row in product.recognitions.all() if row.published_at is not None]
    return telling_first(standing(row, on=on, expiring_days=expiring_days) for row in published)


def _deadline(row: DossierRow) -> tuple[bool, Any]:
    until = row.dossier.supplement_until or row.dossier.round.receiving_until
    return until is None, until.timestamp() if until else 0
