"""`/api/v1/extension/fairs/`: published fairs, to read only. Figures as the public pages tell them, in đồng."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets

from facilities.api import FacilityRefSerializer, OfAProvinceSerializer, ProvinceSerializer
from portal.territory.queries import unit_today
from portal.text.clock import today
from portal.text.filters import OfToday, chosen
from products.api import BASIS, PROVINCE, YEAR, basis_of, territory_ids, years
from products.catalogue import units_by_slug

from ..enums import FairKind
from ..models import Fair
from . import fair_queries as queries


class ToldSumSerializer(serializers.Serializer):
    """A sum that may be shown: of how many facilities, and how many told theirs without being in it.

    `about` where facilities that did not consent are in it: their part is rounded to two digits and to whole
    10,000,000 đồng (contracts: tens), so that two copies of the sum do not tell one facility's figure.
    """

    total = serializers.IntegerField(allow_null=True)
    of = serializers.IntegerField()
    hidden = serializers.IntegerField()
    about = serializers.BooleanField()


class FairFiguresSerializer(serializers.Serializer):
    """Figures of single facilities enter only with their consent, or in sums of three closed ones and more of which
    none holds nearly all.
    """

    facilities = serializers.IntegerField()
    reported = serializers.IntegerField()
    booths = serializers.IntegerField()
    revenue = ToldSumSerializer()
    contracts = ToldSumSerializer()
    contracts_value = ToldSumSerializer()


class FairPartSerializer(serializers.Serializer):
    """Who took part and may be named; `facility` only while the public register shows it. Its own figures only with
    its consent, else null."""

    name = serializers.CharField(source="row.facility.name")
    facility = serializers.SerializerMethodField()
    booths = serializers.IntegerField(source="row.booths")
    products = serializers.SerializerMethodField()
    revenue = serializers.IntegerField(allow_null=True)
    contracts = serializers.IntegerField(allow_null=True)
    contracts_value = serializers.IntegerField(allow_null=True)

    @extend_schema_field(FacilityRefSerializer(allow_null=True))
    def get_facility(self, part: queries.Part) -> Any:
        return FacilityRefSerializer(part.row.facility).data if part.has_page else None

    @extend_schema_field(serializers.ListField(child=serializers.SlugField()))
    def get_products(self, part: queries.Part) -> list[str]:
        return [product.slug for product in part.products]


class FairSerializer(OfAProvinceSerializer, serializers.ModelSerializer):
    """`host_province` is the unit of today where the fair is held, null where nobody wrote it down or it is abroad."""

    kind = serializers.ChoiceField(FairKind.choices)
    host_province = serializers.SerializerMethodField()
    host_province_at_the_time = serializers.SerializerMethodField()
    project = serializers.SerializerMethodField()
    figures = serializers.SerializerMethodField()

    class Meta:
        model = Fair
        fields = [
            "slug",
            "name",
            "name_en",
            "kind",
            "is_own",
            "is_abroad",
            "organiser",
            "place",
            "host_province",
            "host_province_at_the_time",
            "starts_on",
            "ends_on",
            "province",
            "province_at_the_time",
            "booths",
            "website",
            "project",
            "source",
            "figures",
            "is_illustrative",
        ]
        read_only_fields = fields

    @extend_schema_field(ProvinceSerializer(allow_null=True))
    def get_host_province(self, fair: Fair) -> dict[str, str] | None:
        unit = unit_today(fair.host_territory_id) if fair.host_territory_id else None
        return {"slug": unit.slug, "name": unit.name} if unit else None

    @extend_schema_field(ProvinceSerializer(allow_null=True))
    def get_host_province_at_the_time(self, fair: Fair) -> dict[str, str] | None:
        unit = fair.host_territory
        return {"slug": unit.slug, "name": unit.name} if unit else None

    @extend_schema_field(serializers.SlugField(allow_null=True))
    def get_project(self, fair: Fair) -> str | None:
        return fair.project.slug if fair.project and fair.project.is_public else None

    @extend_schema_field(FairFiguresSerializer)
    def get_figures(self, fair: Fair) -> Any:
        return FairFiguresSerializer(queries.shown(fair, fair.participations.all(), today()).figures).data


class FairDetailSerializer(FairSerializer):
    participants = serializers.SerializerMethodField()

    class Meta(FairSerializer.Meta):
        fields = [*FairSerializer.Meta.fields, "participants"]
        read_only_fields = fields

    @extend_schema_field(FairPartSerializer(many=True))
    def get_participants(self, fair: Fair) -> Any:
        parts = queries.parts_of(queries.participations_of(fair), on=today())
        return FairPartSerializer(parts, many=True).data


@extend_schema_view(
    list=extend_schema(parameters=[PROVINCE, BASIS, YEAR]), retrieve=extend_schema(responses=FairDetailSerializer)
)
class FairViewSet(OfToday, viewsets.ReadOnlyModelViewSet):
    """Published fairs, the latest first, samples among them. Two queries for a page, six for one fair."""

    lookup_field = "slug"
    filter_backends: list[Any] = []
    keys = ("-starts_on", "pk")
    queryset = Fair.objects.none()

    def get_serializer_class(self) -> Any:
        return FairSerializer if self.action == "list" else FairDetailSerializer

    def get_queryset(self) -> QuerySet[Fair]:
        found = queries.public_fairs().select_related("territory", "host_territory", "project")
        found = found.prefetch_related("participations__facility")
        if self.action != "list":
            return found
        params = self.request.query_params
        if slugs := chosen(params, "province", units_by_slug().keys()):
            found = found.filter(territory__in=territory_ids(slugs, basis_of(params)))
        if wanted := years(params, "year"):
            found = found.filter(starts_on__year__in=[int(year) for year in wanted])
        return found
