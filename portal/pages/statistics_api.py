"""`/api/v1/statistics/…`: the figures of `statistics`, for other people's programs."""

import re
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from extension.api import HEADS
from extension.enums import ActivityHead, Funding
from extension.queries import Chosen
from facilities.api import ProvinceSerializer
from facilities.enums import FacilityKind
from portal.text.filters import OfToday, chosen
from products.api import BASIS, GROUP, LEVEL, PROVINCE, STATUS, YEAR, basis_of, parameter, territory_ids, years
from products.catalogue import units_by_slug
from products.enums import FigurePrecision, Level, ProductGroup, Status
from products.models import PublishedFigure
from products.serializers import OrdinalField, clock_of_today
from rounds.models import Round

from . import renewal_answers, shares, statistics, ways_up
from .statistics_query import WITHIN, WITHIN_BY_DEFAULT, Question

FROM = OpenApiParameter("from", OpenApiTypes.INT, description="Từ năm công nhận, kể cả năm đó.")
TO = OpenApiParameter("to", OpenApiTypes.INT, description="Đến năm công nhận, kể cả năm đó.")


KIND = parameter("kind", "Loại hình cơ sở.", list(FacilityKind.values))
ENDED_FROM = OpenApiParameter("from", OpenApiTypes.INT, description="Từ năm hết hiệu lực, kể cả năm đó.")
ENDED_TO = OpenApiParameter("to", OpenApiTypes.INT, description="Đến năm hết hiệu lực, kể cả năm đó.")
WITHIN_YEARS = OpenApiParameter(
    "within", OpenApiTypes.INT, enum=list(WITHIN), description="Trong vòng bao nhiêu năm; mặc định 5."
)


class NumbersSerializer(serializers.Serializer):
    recognitions = serializers.IntegerField()
    singles = serializers.IntegerField()
    sets = serializers.IntegerField()
    products = serializers.IntegerField()
    facilities = serializers.IntegerField()


class StatisticsRowSerializer(NumbersSerializer):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class PublishedFigureSerializer(serializers.ModelSerializer):
    """A total that was published without a list; never part of `total`."""

    province = serializers.SerializerMethodField()
    level = serializers.ChoiceField(Level.choices, allow_blank=True)
    group = serializers.ChoiceField(ProductGroup.choices, allow_blank=True)
    precision = serializers.ChoiceField(FigurePrecision.choices)

    class Meta:
        model = PublishedFigure
        fields = [
            "place",
            "province",
            "period",
            "year_from",
            "year_to",
            "what",
            "level",
            "group",
            "value",
            "value_text",
            "precision",
            "unit",
            "source",
            "note",
        ]
        read_only_fields = fields

    @extend_schema_field(ProvinceSerializer(allow_null=True))
    def get_province(self, figure: PublishedFigure) -> dict[str, str] | None:
        if figure.territory is None:
            return None
        return {"slug": figure.territory.slug, "name": figure.territory.name}


class RecognitionStatisticsSerializer(serializers.Serializer):
    total = NumbersSerializer()
    rows = StatisticsRowSerializer(many=True)
    published = PublishedFigureSerializer(many=True)


class RoundNumbersSerializer(serializers.Serializer):
    """`scored` to `sets` are null until the result is announced."""

    dossiers = serializers.IntegerField()
    facilities = serializers.IntegerField()
    first_time = serializers.IntegerField()
    eligible = serializers.IntegerField()
    scored = serializers.IntegerField(allow_null=True)
    passed = serializers.IntegerField(allow_null=True)
    recognised = serializers.IntegerField(allow_null=True)
    singles = serializers.IntegerField(allow_null=True)
    sets = serializers.IntegerField(allow_null=True)


class RoundGroupSerializer(RoundNumbersSerializer):
    key = serializers.ChoiceField(ProductGroup.choices)
    label = serializers.CharField()  # type: ignore[assignment]


class RoundStatisticsSerializer(RoundNumbersSerializer):
    slug = serializers.CharField()
    name = serializers.CharField()
    level = serializers.ChoiceField(Level.choices)
    year = serializers.IntegerField()
    round_ordinal = OrdinalField(allow_null=True)
    groups = RoundGroupSerializer(many=True)
    is_illustrative = serializers.BooleanField()


class ExtensionTotalsSerializer(serializers.Serializer):
    """Money in đồng."""

    projects = serializers.IntegerField()
    facilities = serializers.IntegerField()
    turns = serializers.IntegerField()
    extension_funds = serializers.IntegerField()
    counterpart_funds = serializers.IntegerField()
    disbursed = serializers.IntegerField()


class ExtensionRowSerializer(ExtensionTotalsSerializer):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class ExtensionStatisticsSerializer(serializers.Serializer):
    total = ExtensionTotalsSerializer()
    rows = ExtensionRowSerializer(many=True)


def year_bound(params: QueryDict, name: str) -> int | None:
    """`from` or `to`. Raises ValidationError with a sentence for what is no year."""
    value = params.get(name, "").strip()
    if not value:
        return None
    if not re.fullmatch(r"[0-9]{4}", value):
        sentence = _("“%(value)s” không phải là năm. Hãy ghi năm bằng bốn chữ số.") % {"value": value[:60]}
        raise ValidationError({name: [sentence]})
    return int(value)


def asked_of(params: QueryDict) -> statistics.Asked:
    """The question of an API call, read strictly."""
    slugs = chosen(params, "province", units_by_slug().keys())
    basis = basis_of(params)
    return statistics.Asked(
        levels=tuple(chosen(params, "level", Level.values)),
        groups=tuple(chosen(params, "group", ProductGroup.values)),
        territory_ids=territory_ids(slugs, basis) if slugs else None,
        basis=basis,
        year_from=year_bound(params, "from"),
        year_to=year_bound(params, "to"),
        statuses=tuple(chosen(params, "status", Status.values)),
        kinds=tuple(chosen(params, "kind", FacilityKind.values)),
    )


def question_of(params: QueryDict) -> Question:
    """The same question as the pages of statistics have it."""
    asked = asked_of(params)
    return Question(
        level=asked.levels,
        group=asked.groups,
        kind=asked.kinds,
        province=tuple(chosen(params, "province", units_by_slug().keys())),
        basis=asked.basis,
        year_from=asked.year_from,
        year_to=asked.year_to,
    )


def _by(params: QueryDict, allowed: tuple[str, ...]) -> str:
    return (chosen(params, "by", allowed) or [allowed[0]])[-1]


class RecognitionStatisticsView(OfToday):
    """Published recognitions by level, group, province, year or kind of facility.

    Products and facilities are distinct, so rows need not add up to the total.
    """

    @extend_schema(
        operation_id="statistics_recognitions",
        parameters=[
            parameter("by", "Chia theo.", list(statistics.BY), many=False),
            LEVEL, GROUP, KIND, PROVINCE, BASIS, FROM, TO, STATUS,
        ],
        responses=RecognitionStatisticsSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        params = request.query_params
        found = statistics.recognitions(by=_by(params, statistics.BY), asked=asked_of(params), clock=clock_of_today())
        body = {
            "total": asdict(found.total),
            "rows": [row.as_dict() for row in found.rows],
            "published": found.published,
        }
        return Response(RecognitionStatisticsSerializer(body).data)


@extend_schema_view(get=extend_schema(operation_id="statistics_rounds", parameters=[LEVEL, PROVINCE, BASIS, YEAR]))
class RoundStatisticsView(OfToday, ListAPIView):
    """Counts per public round and product group, newest first. Four queries for a page."""

    serializer_class = RoundStatisticsSerializer
    filter_backends: list[Any] = []
    queryset = Round.objects.none()

    def get_queryset(self) -> QuerySet[Round]:
        params = self.request.query_params
        found = Round.objects.public().select_related("territory")
        if levels := chosen(params, "level", Level.values):
            found = found.filter(level__in=levels)
        if slugs := chosen(params, "province", units_by_slug().keys()):
            found = found.filter(territory__in=territory_ids(slugs, basis_of(params)))
        if wanted := years(params, "year"):
            found = found.filter(year__in=[int(year) for year in wanted])
        return found.order_by("-year", "-pk")

    def paginate_queryset(self, queryset: Any) -> list[Any]:
        return [_round_row(figures) for figures in statistics.rounds(super().paginate_queryset(queryset) or [])]


def _round_row(figures: statistics.RoundFigures) -> dict[str, Any]:
    one = figures.round
    return {
        "slug": one.slug,
        "name": str(one),
        "level": one.level,
        "year": one.year,
        "round_ordinal": one.ordinal,
        "is_illustrative": one.is_illustrative,
        **asdict(figures.numbers),
        "groups": [
            {"key": group, "label": str(ProductGroup(group).label), **asdict(numbers)}
            for group, numbers in figures.by_group.items()
        ],
    }


class ExtensionStatisticsView(OfToday):
    """Granted, published projects of industrial extension by funding, head, year, province or region."""

    @extend_schema(
        operation_id="statistics_extension",
        parameters=[
            parameter("by", "Chia theo.", list(statistics.EXTENSION_BY), many=False),
            parameter("funding", "Nguồn kinh phí.", list(Funding.values)),
            OpenApiParameter(
                "head", OpenApiTypes.INT, many=True, enum=list(ActivityHead.values), description="Nội dung khuyến công."
            ),
            PROVINCE,
            BASIS,
            YEAR,
        ],
        responses=ExtensionStatisticsSerializer,
    )
    def get(self, request: Request) -> Response:
        params = request.query_params
        basis = basis_of(params)
        slugs = chosen(params, "province", units_by_slug().keys())
        wanted = Chosen(
            funding=tuple(chosen(params, "funding", Funding.values)),
            heads=tuple(int(head) for head in chosen(params, "head", HEADS)),
            years=tuple(int(year) for year in years(params, "year")),
            territory_ids=territory_ids(slugs, basis) if slugs else None,
        )
        total, rows = statistics.support(by=_by(params, statistics.EXTENSION_BY), chosen=wanted, basis=basis)
        body = {"total": asdict(total), "rows": [row.as_dict() for row in rows]}
        return Response(ExtensionStatisticsSerializer(body).data)


# --- what becomes of recognitions -----------------------------------------------------------------------------


class SurvivalSerializer(serializers.Serializer):
    """`share` is the whole percent of `renewed` in `ended`, null where nothing ended; `ended` is renewed and lapsed."""

    ended = serializers.IntegerField()
    renewed = serializers.IntegerField()
    lapsed = serializers.IntegerField()
    early = serializers.IntegerField(help_text="Chưa đủ 12 tháng, đã được công nhận lại.")
    open = serializers.IntegerField(help_text="Chưa đủ 12 tháng, chưa được công nhận lại.")
    stopped = serializers.IntegerField(help_text="Bị thu hồi hoặc đã xin rút trong thời hạn.")
    share = serializers.IntegerField(allow_null=True)


class SurvivalRowSerializer(SurvivalSerializer):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class RenewalStatisticsSerializer(serializers.Serializer):
    total = SurvivalSerializer()
    rows = SurvivalRowSerializer(many=True)


class RenewalStatisticsView(OfToday):
    """Recognitions that ended, and how many were renewed: recognised again at the same or a higher level within
    twelve months before or after the last valid day. Said once the twelve months are over."""

    @extend_schema(
        operation_id="statistics_renewals",
        parameters=[
            parameter("by", "Chia theo; year là năm hết hiệu lực.", list(renewal_answers.BY), many=False),
            LEVEL, GROUP, KIND, PROVINCE, BASIS, ENDED_FROM, ENDED_TO,
        ],
        responses=RenewalStatisticsSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        params = request.query_params
        by = _by(params, renewal_answers.BY)
        total, rows = renewal_answers.survival(question_of(params), clock_of_today(), by=by)
        body = {
            "total": _survival(total),
            "rows": [{"key": row.key, "label": row.label, **_survival(row.counted)} for row in rows],
        }
        return Response(RenewalStatisticsSerializer(body).data)


def _survival(counted: renewal_answers.Survival) -> dict[str, Any]:
    return {**asdict(counted), "ended": counted.ended, "share": counted.share}


class WaysSerializer(serializers.Serializer):
    """Products first recognised by a province; those whose years are not over stand in `too_early` alone."""

    within = serializers.IntegerField()
    province = serializers.IntegerField()
    higher = serializers.IntegerField(help_text="Lên cấp khu vực hoặc quốc gia.")
    national = serializers.IntegerField()
    too_early = serializers.IntegerField()


class FunnelStatisticsView(OfToday):
    """From province to nation: of products first recognised by a province in the years asked, how many went higher
    within some years."""

    @extend_schema(
        operation_id="statistics_funnel",
        parameters=[GROUP, KIND, PROVINCE, BASIS, FROM, TO, WITHIN_YEARS],
        responses=WaysSerializer,
    )
    def get(self, request: Request) -> Response:
        params = request.query_params
        within = chosen(params, "within", [str(years) for years in WITHIN])
        question = question_of(params).but(level=(), within=int(within[-1]) if within else WITHIN_BY_DEFAULT)
        found = ways_up.ways(question, clock_of_today())
        return Response(WaysSerializer({"within": question.within, **asdict(found)}).data)


class SharesSerializer(serializers.Serializer):
    """Products in force today, and parts of them. A published share stands in `published`, never in a part."""

    products = serializers.IntegerField()
    supported = serializers.IntegerField(help_text="Đã nhận hỗ trợ khuyến công.")
    supported_since = serializers.IntegerField(help_text="Đã nhận hỗ trợ từ năm được công nhận lần đầu.")
    sold = serializers.IntegerField(help_text="Có nơi bán hoặc kênh phân phối.")
    published = PublishedFigureSerializer(many=True)


class ShareStatisticsView(OfToday):
    """How many products in force today were supported, and how many are sold somewhere."""

    @extend_schema(
        operation_id="statistics_shares",
        parameters=[LEVEL, GROUP, KIND, PROVINCE, BASIS],
        responses=SharesSerializer,
    )
    def get(self, request: Request) -> Response:
        question = question_of(request.query_params).but(year_from=None, year_to=None)
        found = shares.shares(question, clock_of_today())
        return Response(SharesSerializer({**asdict(found), "published": list(shares.claims().values())}).data)
