"""`/api/v1/extension/projects/`: published projects of industrial extension, to read only."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets

from facilities.api import FacilityRefSerializer, OfAProvinceSerializer
from portal.text.clock import today
from portal.text.filters import OfToday, chosen
from products.api import BASIS, PROVINCE, YEAR, basis_of, parameter, territory_ids, years
from products.catalogue import units_by_slug

from . import queries
from .enums import ActivityHead, BeneficiaryKind, Funding, ProjectKind, ProjectState
from .models import Beneficiary, Project

HEADS = [str(value) for value in ActivityHead.values]


class BeneficiarySerializer(serializers.ModelSerializer):
    """Who is supported; `facility` only while the public register shows it. `extension_funds` is what this one
    received, in đồng, where the source says it."""

    kind = serializers.ChoiceField(BeneficiaryKind.choices)
    facility = serializers.SerializerMethodField()
    name = serializers.SerializerMethodField()

    class Meta:
        model = Beneficiary
        fields = ["kind", "name", "facility", "people", "turns", "extension_funds"]
        read_only_fields = fields

    @extend_schema_field(FacilityRefSerializer(allow_null=True))
    def get_facility(self, row: Any) -> Any:
        return FacilityRefSerializer(row.facility).data if row.has_page else None

    @extend_schema_field(OpenApiTypes.STR)
    def get_name(self, row: Beneficiary) -> str:
        return str(row)


class ProjectSerializer(OfAProvinceSerializer, serializers.ModelSerializer):
    """A project. Money is whole đồng, null where the source gives no exact sum; `published_sum` quotes it then."""

    kind = serializers.ChoiceField(ProjectKind.choices)
    funding = serializers.ChoiceField(Funding.choices)
    head = serializers.ChoiceField(ActivityHead.choices)
    state = serializers.ChoiceField(ProjectState.choices)
    implementing_unit = serializers.CharField(source="implementing_unit.name", allow_null=True, default=None)
    programme = serializers.CharField(source="programme.name", allow_null=True, default=None)
    beneficiaries = BeneficiarySerializer(many=True, read_only=True)

    class Meta:
        model = Project
        fields = [
            "slug",
            "name",
            "code",
            "kind",
            "funding",
            "head",
            "year",
            "year_to",
            "state",
            "trade",
            "starts_on",
            "ends_on",
            "programme",
            "province",
            "province_at_the_time",
            "implementing_unit",
            "extension_funds",
            "counterpart_funds",
            "other_funds",
            "disbursed",
            "published_sum",
            "summary",
            "source",
            "beneficiaries",
            "is_illustrative",
        ]
        read_only_fields = fields


@extend_schema_view(
    list=extend_schema(
        parameters=[
            parameter("q", "Tìm theo tên đề án, có dấu hoặc không dấu.", many=False),
            parameter("funding", "Nguồn kinh phí.", list(Funding.values)),
            OpenApiParameter(
                "head", OpenApiTypes.INT, many=True, enum=list(ActivityHead.values), description="Nội dung khuyến công."
            ),
            PROVINCE,
            BASIS,
            YEAR,
        ]
    )
)
class ProjectViewSet(OfToday, viewsets.ReadOnlyModelViewSet):
    """Published projects, newest first and samples last. Three queries for a page, whatever its length."""

    serializer_class = ProjectSerializer
    lookup_field = "slug"
    filter_backends: list[Any] = []
    keys = ("is_illustrative", "-year", "pk")
    queryset = Project.objects.none()

    def get_queryset(self) -> QuerySet[Project]:
        wanted = self._chosen() if self.action == "list" else queries.Chosen()
        rows = queries.told_beneficiaries(on=today()).select_related("facility")
        return queries.public_projects(wanted).prefetch_related(Prefetch("beneficiaries", rows))

    def _chosen(self) -> queries.Chosen:
        params = self.request.query_params
        basis = basis_of(params)
        slugs = chosen(params, "province", units_by_slug().keys())
        return queries.Chosen(
            funding=tuple(chosen(params, "funding", Funding.values)),
            heads=tuple(int(head) for head in chosen(params, "head", HEADS)),
            years=tuple(int(year) for year in years(params, "year")),
            territory_ids=territory_ids(slugs, basis) if slugs else None,
            words=queries.search_words(params.get("q", "")),
        )
