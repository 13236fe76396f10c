"""`/api/v1/facilities/`: the public part of the register, to read only."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets

from portal.territory.enums import Basis
from portal.territory.queries import family_ids, register, unit_by_slug, unit_today
from portal.text.clock import today
from portal.text.filters import OfToday, chosen, search_words
from portal.text.serializers import AnswerSerializer

from . import publication
from .enums import ContactKind, FacilityKind
from .models import Facility


class ProvinceSerializer(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()


# Of what has a `territory`: the unit of today, and the one recorded. (A docstring would stand in the API's description.)
class OfTodaysProvinceSerializer(serializers.Serializer):
    province = serializers.SerializerMethodField()

    @extend_schema_field(ProvinceSerializer)
    def get_province(self, row: Any) -> dict[str, str]:
        unit = unit_today(row.territory_id)
        return {"slug": unit.slug, "name": unit.name}


class OfAProvinceSerializer(OfTodaysProvinceSerializer):
    province_at_the_time = serializers.SerializerMethodField()

    @extend_schema_field(ProvinceSerializer)
    def get_province_at_the_time(self, row: Any) -> dict[str, str]:
        return {"slug": row.territory.slug, "name": row.territory.name}


class PublicContactSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(ContactKind.choices)
    value = serializers.CharField()


class PinSerializer(serializers.Serializer):
    latitude = serializers.CharField()
    longitude = serializers.CharField()


class FacilityRefSerializer(AnswerSerializer):
    """The short form other resources carry."""

    class Meta:
        model = Facility
        fields = ["slug", "name", "kind"]
        read_only_fields = fields


class FacilitySerializer(OfAProvinceSerializer, AnswerSerializer):
    """`province` is the unit of today, `province_at_the_time` the one recorded. Of a household only the
    commune is shown; tax code and revenue never."""

    address = serializers.SerializerMethodField()
    address_recognised = serializers.SerializerMethodField()
    location = serializers.SerializerMethodField()
    contacts = serializers.SerializerMethodField()

    class Meta:
        model = Facility
        fields = [
            "slug",
            "name",
            "name_en",
            "kind",
            "province",
            "province_at_the_time",
            "address",
            "address_recognised",
            "location",
            "founded_year",
            "introduction",
            "introduction_en",
            "contacts",
            "is_illustrative",
        ]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.STR)
    def get_address(self, facility: Facility) -> str:
        return publication.public_address(facility)

    @extend_schema_field(OpenApiTypes.STR)
    def get_address_recognised(self, facility: Facility) -> str:
        return publication.public_address_recognised(facility)

    @extend_schema_field(PinSerializer(allow_null=True))
    def get_location(self, facility: Facility) -> dict[str, str] | None:
        pin = publication.public_pin(facility)
        return {"latitude": str(pin[0]), "longitude": str(pin[1])} if pin else None

    @extend_schema_field(PublicContactSerializer(many=True))
    def get_contacts(self, facility: Facility) -> list[dict[str, str]]:
        return [{"kind": row.kind, "value": row.value} for row in publication.public_contacts(facility)]


def _parameter(name: str, description: str, values: list[str] | None = None) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, many=name != "q", enum=values, description=description)


@extend_schema_view(
    list=extend_schema(
        parameters=[
            _parameter("q", "Tên cơ sở, có dấu hoặc không dấu."),
            _parameter("kind", "Loại hình.", list(FacilityKind.values)),
            _parameter("province", "Đường dẫn của tỉnh, thành phố; tỉnh hiện nay gồm cả các tỉnh đã nhập vào."),
            OpenApiParameter("basis", OpenApiTypes.STR, enum=list(Basis.values), description="Cách hiểu tỉnh."),
        ]
    )
)
class FacilityViewSet(OfToday, viewsets.ReadOnlyModelViewSet):
    """Facilities with at least one published recognition. Three queries for a page, whatever its length."""

    serializer_class = FacilitySerializer
    lookup_field = "slug"
    filter_backends: list[Any] = []
    keys = ("sort_key", "pk")
    queryset = Facility.objects.none()

    def get_queryset(self) -> QuerySet[Facility]:
        found = Facility.objects.public(on=today()).select_related("territory", "commune").prefetch_related("contacts")
        return self._filtered(found) if self.action == "list" else found

    def _filtered(self, found: QuerySet[Facility]) -> QuerySet[Facility]:
        params = self.request.query_params
        for word in search_words(params.get("q", "")):
            found = found.filter(folded__contains=word)
        if kinds := chosen(params, "kind", FacilityKind.values):
            found = found.filter(kind__in=kinds)
        basis = chosen(params, "basis", Basis.values)
        if slugs := chosen(params, "province", [unit.slug for unit in register().units.values()]):
            found = found.filter(territory__in=_meant(slugs, at_the_time=basis == [Basis.AT_THE_TIME]))
        return found


def _meant(slugs: list[str], *, at_the_time: bool) -> set[int]:
    """The units a filter takes in: each by itself, or its unit of today with all that went into it."""
    ids: set[int] = set()
    for slug in slugs:
        unit = unit_by_slug(slug)
        if unit is not None:
            ids |= {unit.pk} if at_the_time else family_ids(unit.pk)
    return ids
