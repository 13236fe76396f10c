"""`/api/v1/products/`, `recognitions/`: the public register, to read only."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import viewsets
from rest_framework.exceptions import ValidationError

from portal.territory.enums import Basis
from portal.territory.queries import family_ids
from portal.text.filters import MAX_QUERY, chosen
from portal.text.folding import normalise

from . import day_query, queries
from .as_of import area_of, recognitions_on
from .catalogue import Clock, matching, settled, units_by_slug
from .enums import Level, ProductGroup, Status
from .filters import Filters
from .models import Certificate, Product, ProductPhoto, Recognition, RecognitionQuerySet
from .serializers import (
    ProductSerializer,
    RecognitionOfProductSerializer,
    clock_of_today,
)
from .validity_sql import due_to_be_withheld
from .withholding import is_withheld

_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parameter(name: str, description: str, values: list[str] | None = None, *, many: bool = True) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, many=many, enum=values, description=description)


PROVINCE = parameter("province", "Đường dẫn của tỉnh, thành phố, ví dụ gia-lai, gia-lai-2025.")
BASIS = parameter("basis", "Tỉnh hiện nay, hay tỉnh khi công nhận.", list(Basis.values), many=False)
LEVEL = parameter("level", "Cấp công nhận.", list(Level.values))
GROUP = parameter("group", "Nhóm sản phẩm.", list(ProductGroup.values))
STATUS = parameter("status", "Hiệu lực hôm nay.", list(Status.values))
ON = OpenApiParameter(
    "on",
    OpenApiTypes.DATE,
    description=(
        "Chỉ lấy công nhận có hiệu lực vào ngày này (năm-tháng-ngày). Tỉnh với basis=at_the_time khi đó là tỉnh vào "
        "ngày này; status là hiệu lực vào ngày này."
    ),
)
YEAR = parameter("year", "Năm công nhận, bốn chữ số.")
QUERY = parameter("q", "Tìm theo tên sản phẩm, cơ sở; có dấu hoặc không dấu.", many=False)


def years(params: QueryDict, name: str) -> list[str]:
    """Years given for a filter. Raises ValidationError with a sentence for what is no year."""
    values = [value.strip() for value in params.getlist(name) if value.strip()]
    for value in values:
        if not _YEAR.fullmatch(value):
            raise ValidationError(
                {name: [_("“%(value)s” không phải là năm. Hãy ghi năm bằng bốn chữ số.") % {"value": value[:60]}]}
            )
    return list(dict.fromkeys(values))


def day_of(params: QueryDict, name: str) -> dt.date | None:
    """A day given for a filter, or None. Raises ValidationError with a sentence for what is no day."""
    text = params.get(name, "").strip()
    if not text:
        return None
    found = day_query.day_of(text) if _DAY.fullmatch(text) else None
    if found is None:
        sentence = _("“%(value)s” không phải là ngày. Hãy ghi năm-tháng-ngày, ví dụ 2026-06-30.")
        raise ValidationError({name: [sentence % {"value": text[:60]}]})
    return found


def filters_of(params: QueryDict) -> Filters:
    """The catalogue query of an API call, read strictly: an unknown value is answered with 400."""
    filters = Filters(
        q=normalise(params.get("q", "")[:MAX_QUERY]),
        group=tuple(chosen(params, "group", ProductGroup.values)),
        level=tuple(chosen(params, "level", Level.values)),
        province=tuple(chosen(params, "province", units_by_slug().keys())),
        basis=basis_of(params),
        year=tuple(years(params, "year")),
        status=tuple(chosen(params, "status", Status.values)),
    )
    return settled(filters)


def territory_ids(slugs: list[str], basis: str) -> frozenset[int]:
    """The units several province filters mean: each by itself, or its unit of today with all that went into it."""
    units = units_by_slug()
    ids = (units[slug].pk for slug in slugs)
    if basis == Basis.AT_THE_TIME:
        return frozenset(ids)
    return frozenset().union(*(family_ids(pk) for pk in ids))


def areas_of(slugs: Iterable[str], on: dt.date, basis: str) -> frozenset[int]:
    """The units several province filters mean on a day."""
    units = units_by_slug()
    return frozenset().union(*(area_of(units[slug].pk, on, basis=basis) for slug in slugs))


def basis_of(params: QueryDict) -> str:
    return (chosen(params, "basis", Basis.values) or [Basis.CURRENT.value])[-1]


def _recognitions() -> RecognitionQuerySet:
    """Published recognitions with what their answer shows. Two queries when read."""
    return (
        Recognition.objects.published()
        .select_related("territory", "decision", "validity_rule")
        .prefetch_related(Prefetch("certificates", Certificate.objects.filter(superseded_on=None)))
        .order_by("-year", "-pk")
    )


class ReadOnlyApi(viewsets.ReadOnlyModelViewSet):
    """A list and its items; the day of the question goes with the call.

    What a household lost leaves with the end of its last day: in the hours before the nightly sweep, which takes it
    out of the count too, it is left out of the page.
    """

    filter_backends: list[Any] = []

    def is_seen(self, row: Any) -> bool:
        raise NotImplementedError

    def paginate_queryset(self, queryset: Any) -> list[Any]:
        return [row for row in super().paginate_queryset(queryset) or () if self.is_seen(row)]

    def get_object(self) -> Any:
        found = super().get_object()
        if not self.is_seen(found):
            raise Http404
        return found

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "clock": clock_of_today()}


@extend_schema_view(list=extend_schema(parameters=[QUERY, GROUP, LEVEL, PROVINCE, BASIS, YEAR, STATUS]))
class ProductViewSet(ReadOnlyApi):
    """Products and sets with at least one published recognition.

    One recognition must meet level, province, year and status together. Seven queries for a page,
    whatever its length.
    """

    serializer_class = ProductSerializer
    lookup_field = "slug"
    queryset = Product.objects.none()

    def get_queryset(self) -> QuerySet[Product]:
        found = Product.objects.public()
        if self.action == "list":
            filters = filters_of(self.request.query_params)
            found = Product.objects.filter(pk__in=matching(filters, clock_of_today()).order_by().values("product_id"))
        return (
            found.select_related("facility")
            .prefetch_related(
                Prefetch("members", queries.members()),
                Prefetch("photos", ProductPhoto.objects.filter(is_public=True).select_related("file")),
                "sales_links",
                Prefetch("recognitions", _recognitions().exclude(due_to_be_withheld(clock_of_today().on))),
            )
            .order_by("sort_key", "pk")
        )

    def is_seen(self, row: Product) -> bool:
        return bool(row.recognitions.all())


@extend_schema_view(list=extend_schema(parameters=[QUERY, GROUP, LEVEL, PROVINCE, BASIS, YEAR, STATUS, ON]))
class RecognitionViewSet(ReadOnlyApi):
    """Published recognitions, newest first; with `on` those in force on that day.

    Three queries for a page, whatever its length.
    """

    serializer_class = RecognitionOfProductSerializer
    lookup_field = "uuid"
    queryset = Recognition.objects.none()

    def get_queryset(self) -> QuerySet[Recognition]:
        found = _recognitions().select_related("product__facility")
        if self.action != "list":
            return found
        filters = filters_of(self.request.query_params)
        asked, today = self._on(), clock_of_today()
        if asked is None:
            return found.filter(pk__in=matching(filters, today).order_by().values("pk"))
        on = Clock(asked, today.expiring_days)
        rows = matching(filters, on, leave_out="province").filter(
            pk__in=recognitions_on(asked, at=today.on).values("pk")
        )
        if filters.province:
            rows = rows.filter(territory__in=areas_of(filters.province, asked, filters.basis))
        return found.filter(pk__in=rows.order_by().values("pk"))

    def is_seen(self, row: Recognition) -> bool:
        return not is_withheld(row, maker=row.product.facility, on=clock_of_today().on)

    def get_serializer_context(self) -> dict[str, Any]:
        context, asked = super().get_serializer_context(), self._on()
        return {**context, "clock": Clock(asked, context["clock"].expiring_days)} if asked else context

    def _on(self) -> dt.date | None:
        return day_of(self.request.query_params, "on") if self.action == "list" else None
