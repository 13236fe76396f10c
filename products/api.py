"""`/api/v1/products/`, `recognitions/`: the public register, to read only."""

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from threading import local
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from facilities.enums import FacilityKind
from portal.territory.enums import Basis
from portal.territory.queries import family_ids
from portal.text.filters import MAX_QUERY, chosen
from portal.text.folding import normalise
from portal.text.pagination import rows_after

from . import day_query, lasting_texts, queries, register
from .as_of import area_of, recognitions_on
from .catalogue import Clock, ListOfToday, matching, settled, units_by_slug
from .enums import Level, ProductGroup, Status
from .filters import Filters
from .models import Certificate, Product, ProductPhoto, Recognition, RecognitionQuerySet, SalesLink
from .ready import Ready, grouped
from .serializers import (
    ProductSerializer,
    RecognitionOfProductSerializer,
    clock_of_today,
)
from .traits import CHANNELS, EXPORT, STARS
from .validity_sql import due_to_be_withheld

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
TRAITS = (
    parameter("kind", "Loại hình cơ sở.", list(FacilityKind.values)),
    parameter("stars", "Số sao OCOP còn hạn.", list(STARS)),
    parameter("channel", "Nơi bán.", list(CHANNELS)),
    parameter("export", "Cơ sở khai sẵn sàng xuất khẩu.", list(EXPORT)),
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
        province=tuple(chosen(params, "province", units_by_slug().keys()) if "province" in params else ()),
        basis=basis_of(params),
        year=tuple(years(params, "year")),
        status=tuple(chosen(params, "status", Status.values)),
        kind=tuple(chosen(params, "kind", FacilityKind.values)),
        stars=tuple(chosen(params, "stars", STARS)),
        channel=tuple(chosen(params, "channel", CHANNELS)),
        export=tuple(chosen(params, "export", EXPORT)),
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


def rows_asked(filters: Filters, asked: dt.date | None, today: Clock) -> RecognitionQuerySet:
    """Published recognitions a call asks for: of now, or with a day those in force on it, in the units of that day.

    Without what a household lost and what leaves with the end of its last day: the nightly sweep takes it out for
    good, and in the hours before it neither lists nor counts hold it.
    """
    if asked is None:
        return matching(filters, today).exclude(due_to_be_withheld(today.on))
    rows = matching(filters, Clock(asked, today.expiring_days), leave_out="province")
    rows = rows.filter(pk__in=recognitions_on(asked, at=today.on).values("pk"))
    if filters.province:
        rows = rows.filter(territory__in=areas_of(filters.province, asked, filters.basis))
    return rows


def _shown(rows: QuerySet[Recognition], on: dt.date) -> QuerySet[Recognition]:
    """Recognitions with what their answer shows, but the certificates (`_with_papers`)."""
    return rows.exclude(due_to_be_withheld(on)).select_related("territory", "decision", "validity_rule")


def _with_papers(rows: list[Recognition]) -> list[Recognition]:
    """The recognitions with their certificates of now. One query."""
    papers = grouped(_PAPERS([row.pk for row in rows]), "recognition_id")
    for row in rows:
        row.papers = papers.get(row.pk, [])  # type: ignore[attr-defined]
    return rows


def _with_rows(products: list[Product], today: Clock) -> list[Product]:
    """The products with the rows of other tables that their answer shows. Five queries."""
    ids = [product.pk for product in products]
    rows = Shown(
        members=grouped(_MEMBERS(ids, clock=today), "product_set_id"),
        photos=grouped(_PHOTOS(ids), "product_id"),
        links=grouped(_LINKS(ids), "product_id"),
        recognitions=grouped(_with_papers(_RECOGNITIONS(ids, on=today.on)), "product_id"),
    )
    for product in products:
        product.shown = Shown(*(of_all.get(product.pk, []) for of_all in rows))  # type: ignore[attr-defined]
    return products


class Shown(NamedTuple):
    """Rows of other tables that belong to a product."""

    members: Any
    photos: Any
    links: Any
    recognitions: Any


_PAPERS = Ready(lambda rows: Certificate.objects.filter(superseded_on=None, recognition__in=rows))
_MEMBERS = Ready(lambda ids, *, clock: queries.members(clock).filter(product_set__in=ids))
_PHOTOS = Ready(lambda ids: ProductPhoto.objects.filter(is_public=True, product__in=ids).select_related("file"))
_LINKS = Ready(lambda ids: SalesLink.objects.filter(product__in=ids))
_RECOGNITIONS = Ready(
    lambda ids, *, on: _shown(Recognition.objects.published().filter(product__in=ids).order_by("-year", "-pk"), on)
)


def _written_from(product: Product) -> frozenset[int]:
    """The products that the answer tells of: itself and its members that are products too."""
    return frozenset({product.pk, *(row.product_id for row in product.shown.members if row.product_id)})  # type: ignore[attr-defined]


def _products_of(rows: RecognitionQuerySet) -> QuerySet[Product]:
    return Product.objects.filter(Exists(rows.filter(product=OuterRef("pk")))).select_related("facility")


@lru_cache(maxsize=2)
def _every_product(on: dt.date) -> QuerySet[Product]:
    return _products_of(Recognition.objects.published().exclude(due_to_be_withheld(on)))


ORDERED_BY = ("sort_key", "pk")
_EVERY_PRODUCT = Ready(
    lambda *after, on, order, number: rows_after(_every_product(on), after, order=order, number=number).values_list(
        *ORDERED_BY, named=True
    )
)
_IN_ORDER = Ready(
    lambda ids, *, order: Product.objects.filter(pk__in=ids).order_by(*order).values_list(*ORDERED_BY, named=True)
)
_PRODUCTS = Ready(lambda ids: Product.objects.filter(pk__in=ids).select_related("facility"))


PRODUCT_LIST = extend_schema(parameters=[QUERY, GROUP, LEVEL, PROVINCE, BASIS, YEAR, STATUS, *TRAITS, ON])


_serializers = local()


class ReadOnlyApi(viewsets.ReadOnlyModelViewSet):
    """A list and its items; the day of the question goes with the call."""

    filter_backends: list[Any] = []
    keys: tuple[str, ...]

    @cached_property
    def filters(self) -> Filters:
        return filters_of(self.request.query_params)

    @cached_property
    def asked(self) -> dt.date | None:
        """The day the list is asked for, where it is not today."""
        return day_of(self.request.query_params, "on") if self.action == "list" else None

    @cached_property
    def of_today(self) -> ListOfToday | None:
        """The list of today; None where it is asked for another day."""
        return None if self.asked else ListOfToday(self.filters, clock_of_today())

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """A list's serializer, put together once in a thread: that takes longer than what it then does."""
        if self.action != "list" or not kwargs.get("many"):
            return super().get_serializer(*args, **kwargs)
        name = self.get_serializer_class().__name__
        found = getattr(_serializers, name, None)
        if found is None:
            found = super().get_serializer([], many=True)
            setattr(_serializers, name, found)
        found.instance, found._context = args[0], self.get_serializer_context()
        found.__dict__.pop("_data", None)
        return found

    def get_serializer_context(self) -> dict[str, Any]:
        today = clock_of_today()
        clock = Clock(self.asked or today.on, today.expiring_days)
        return {**super().get_serializer_context(), "clock": clock}


class ProductViewSet(ReadOnlyApi):
    """Products and sets with at least one published recognition.

    One recognition must meet level, province, year and status together. Ten queries for a page, whatever its
    length, and four where its products are held written.
    """

    serializer_class = ProductSerializer
    lookup_field = "slug"
    keys = ORDERED_BY
    queryset = Product.objects.none()

    # What a docstring said here would stand in the API's description. Each product is held written, by itself.
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        now = register.state()
        is_plain = request.accepted_media_type == JSONRenderer.media_type  # type: ignore[attr-defined]
        if self.asked or not is_plain or not lasting_texts.may_hold(now):
            return super().list(request, *args, **kwargs)
        under = (clock_of_today(), settings.SITE_URL)
        texts = lasting_texts.texts_of(now, under, self._page_of(self.get_queryset()), self._written)
        frame = JSONRenderer().render(self.get_paginated_response([]).data)
        return HttpResponse(b"%s%s]}" % (frame.removesuffix(b"]}"), b",".join(texts)), content_type="application/json")

    def _written(self, keys: Sequence[int]) -> dict[int, lasting_texts.Text]:
        """Some products as the list tells of them. Six queries."""
        products = _with_rows(_PRODUCTS(keys), clock_of_today())
        told = self.get_serializer(products, many=True).data
        return {
            product.pk: lasting_texts.Text(JSONRenderer().render(one), _written_from(product))
            for product, one in zip(products, told, strict=True)
        }

    def _page_of(self, queryset: QuerySet[Product]) -> Sequence[int]:
        """The keys of the products of the page asked for. One query, and those of counting."""
        return [row.pk for row in super().paginate_queryset(queryset.values_list(*ORDERED_BY, named=True)) or ()]

    def paginate_queryset(self, queryset: Any) -> Any:
        keys = self._page_of(queryset)
        found = {product.pk: product for product in _with_rows(_PRODUCTS(keys), clock_of_today())}
        return [found[key] for key in keys if key in found]

    def get_queryset(self) -> QuerySet[Product]:
        today = clock_of_today()
        if self._is_whole:
            return _every_product(today.on)
        return _products_of(rows_asked(self.filters, self.asked, today))

    @property
    def _is_whole(self) -> bool:
        """Whether every public product is meant, as by who reads all of the list page by page."""
        return self.action != "list" or not (self.asked or self.filters.narrowed)

    def rows_at_hand(self, after: Sequence[Any]) -> Any:
        if self.of_today and not after:
            first = self.of_today.first_products
            return lambda *, order, number: _IN_ORDER(first(number), order=order)
        return partial(_EVERY_PRODUCT, on=clock_of_today().on) if self._is_whole else None

    def get_object(self) -> Product:
        return _with_rows([super().get_object()], clock_of_today())[0]

    def count_rows(self) -> int | None:
        return self.of_today.products if self.of_today else None


@extend_schema_view(list=PRODUCT_LIST)
class RecognitionViewSet(ReadOnlyApi):
    """Published recognitions, newest first; with `on` those in force on that day.

    Three queries for a page, whatever its length.
    """

    serializer_class = RecognitionOfProductSerializer
    lookup_field = "uuid"
    keys = ("-year", "-pk")
    queryset = Recognition.objects.none()

    def count_rows(self) -> int | None:
        return self.of_today.recognitions if self.of_today else None

    def get_queryset(self) -> QuerySet[Recognition]:
        today = clock_of_today()
        is_list = self.action == "list"
        rows = rows_asked(self.filters, self.asked, today) if is_list else Recognition.objects.published()
        return _shown(rows, today.on).select_related("product__facility")

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        return page and _with_papers(page)

    def get_object(self) -> Recognition:
        if not _is_uuid(self.kwargs["uuid"]):
            raise Http404
        return _with_papers([super().get_object()])[0]


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
