"""What the catalogue asks of a product itself, as conditions of a query: the counterpart of `traits`."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q

from facilities.enums import FacilityKind

from .enums import StandardKind
from .models import DistributionChannel, ProductStandard, SalesLink, TradeFacts
from .traits import OCOP_YEARS, ONLINE


def ocop_condition(on: dt.date) -> Q:
    """The same as `ocop_holds`, on rows of ProductStandard."""
    by_year = Q(issued_year=None) | Q(issued_year__gte=on.year - OCOP_YEARS)
    return Q(kind=StandardKind.OCOP) & (Q(expires_on__gte=on) | (Q(expires_on=None) & by_year))


def kind_condition(values: tuple[str, ...], prefix: str = "") -> Q:
    """Products of makers of these kinds; a product without a known maker counts as of unknown kind."""
    part = Q(**{f"{prefix}facility__kind__in": values})
    return part | Q(**{f"{prefix}facility": None}) if FacilityKind.UNKNOWN in values else part


def stars_condition(values: tuple[str, ...], on: dt.date, prefix: str = "") -> Q:
    rows = ProductStandard.objects.filter(ocop_condition(on), product=_this(prefix), stars__in=[int(v) for v in values])
    return Q(Exists(rows))


def channel_condition(values: tuple[str, ...], prefix: str = "") -> Q:
    part = Q(Exists(DistributionChannel.objects.filter(product=_this(prefix), kind__in=values)))
    return part | Q(Exists(SalesLink.objects.filter(product=_this(prefix)))) if ONLINE in values else part


def export_condition(prefix: str = "") -> Q:
    return Q(Exists(TradeFacts.objects.filter(product=_this(prefix), export_ready=True)))


def _this(prefix: str) -> OuterRef:
    """The product of the outer query: its own key, or the one a prefix leads to."""
    return OuterRef(f"{prefix}pk")
