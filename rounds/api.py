"""`/api/v1/rounds/`: rounds the public may know of, to read only."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets

from facilities.api import ProvinceSerializer
from portal.territory.enums import Region
from portal.territory.queries import name_on
from portal.text.filters import OfToday, chosen
from products.api import BASIS, LEVEL, PROVINCE, YEAR, basis_of, parameter, territory_ids, years
from products.catalogue import units_by_slug
from products.enums import Level
from products.serializers import DecisionRefSerializer, OrdinalField

from .enums import RoundState
from .models import Round
from .states import ROUND_ORDER

PUBLIC_STATES = [state.value for state in ROUND_ORDER if state != RoundState.DRAFT]
RESULT_STATES = frozenset({RoundState.ANNOUNCED, RoundState.CLOSED})


class RoundSerializer(serializers.ModelSerializer):
    """A round. `decision` and `announced_at` appear once the result is announced."""

    name = serializers.SerializerMethodField()
    level = serializers.ChoiceField(Level.choices)
    state = serializers.ChoiceField(
        [(state.value, state.label) for state in ROUND_ORDER if state.value in PUBLIC_STATES]
    )
    round_ordinal = OrdinalField(source="ordinal", allow_null=True, read_only=True)
    province_at_the_time = serializers.SerializerMethodField()
    region = serializers.SerializerMethodField()
    receiving_unit = serializers.CharField(source="receiving_unit.name", allow_null=True, default=None)
    decision = serializers.SerializerMethodField()

    class Meta:
        model = Round
        fields = [
            "slug",
            "name",
            "level",
            "year",
            "round_ordinal",
            "province_at_the_time",
            "region",
            "locality",
            "state",
            "receiving_unit",
            "receiving_from",
            "receiving_until",
            "decision",
            "announced_at",
            "is_illustrative",
        ]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.STR)
    def get_name(self, round_: Round) -> str:
        return str(round_)

    @extend_schema_field(ProvinceSerializer(allow_null=True))
    def get_province_at_the_time(self, round_: Round) -> dict[str, str] | None:
        if round_.territory is None:
            return None
        return {"slug": round_.territory.slug, "name": name_on(round_.territory, _day(round_))}

    @extend_schema_field(serializers.ChoiceField(Region.choices, allow_null=True))
    def get_region(self, round_: Round) -> str | None:
        return round_.region or None

    @extend_schema_field(DecisionRefSerializer(allow_null=True))
    def get_decision(self, round_: Round) -> Any:
        announced = round_.state in RESULT_STATES
        return DecisionRefSerializer(round_.decision).data if announced and round_.decision else None


def _day(round_: Round) -> dt.date:
    decision = round_.decision
    return decision.signed_on if decision and decision.signed_on else dt.date(round_.year, 12, 31)


@extend_schema_view(
    list=extend_schema(
        parameters=[LEVEL, PROVINCE, BASIS, YEAR, parameter("state", "Trạng thái của kỳ.", PUBLIC_STATES)]
    )
)
class RoundViewSet(OfToday, viewsets.ReadOnlyModelViewSet):
    """Rounds that are neither drafts nor cancelled, newest first. Two queries for a page."""

    serializer_class = RoundSerializer
    lookup_field = "slug"
    filter_backends: list[Any] = []
    keys = ("-year", "-pk")
    queryset = Round.objects.none()

    def get_queryset(self) -> QuerySet[Round]:
        found = Round.objects.public().select_related("territory", "receiving_unit", "decision")
        return self._filtered(found) if self.action == "list" else found

    def _filtered(self, found: QuerySet[Round]) -> QuerySet[Round]:
        params = self.request.query_params
        if levels := chosen(params, "level", Level.values):
            found = found.filter(level__in=levels)
        if states := chosen(params, "state", PUBLIC_STATES):
            found = found.filter(state__in=states)
        if wanted := years(params, "year"):
            found = found.filter(year__in=[int(year) for year in wanted])
        basis = basis_of(params)
        if slugs := chosen(params, "province", units_by_slug().keys()):
            found = found.filter(territory__in=territory_ids(slugs, basis))
        return found
