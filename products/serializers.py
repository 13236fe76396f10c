"""How products, recognitions and certificates look to the outside (contract, API v1)."""

from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from facilities.api import FacilityRefSerializer, OfTodaysProvinceSerializer, ProvinceSerializer
from portal.files.thumbnails import AVIF, WEBP, picture_at
from portal.text.clock import today
from portal.text.formats import roman
from portal.text.serializers import AnswerSerializer

from .cards import place_then
from .catalogue import Clock
from .enums import (
    CapacityPeriod,
    ChannelKind,
    DatePrecision,
    Level,
    PhotoAngle,
    ProductGroup,
    PropertyKind,
    SalesChannel,
    StandardKind,
    Status,
)
from .models import (
    Decision,
    DistributionChannel,
    IntellectualProperty,
    Product,
    ProductPhoto,
    ProductStandard,
    Recognition,
    SalesLink,
    SetMember,
    TradeFacts,
)
from .traits import ocop_holds


def clock_of_today() -> Clock:
    """The day of the question, Vietnamese time."""
    return Clock(today(), settings.EXPIRING_DAYS)


def whole(path: str) -> str:
    """The address of a page of this portal. Photos and pages are linked in Vietnamese, whoever asks."""
    return f"{settings.SITE_URL}{path.removeprefix('/en')}"


@cache
def _around_slug() -> tuple[str, ...]:
    """What stands before and after the slug in the address of a product's page: a list needs it for every row."""
    return tuple(reverse("product", args=["0"]).removeprefix("/en").split("0"))


class DecisionRefSerializer(AnswerSerializer):
    """A decision in short; `date` is null where an old list does not tell it."""

    number = serializers.CharField(source="full_number")
    date = serializers.DateField(source="signed_on", allow_null=True)

    class Meta:
        model = Decision
        fields = ["number", "date", "issuer"]
        read_only_fields = fields


@extend_schema_field(OpenApiTypes.STR)
class OrdinalField(serializers.Field):
    """An ordinal as a Roman numeral; null when it is not known."""

    def get_attribute(self, instance: Any) -> Any:
        return super().get_attribute(instance) or None

    def to_representation(self, value: int) -> str:
        return roman(value)


class RecognitionSerializer(AnswerSerializer):
    """One recognition. `expires_precision` "year": only the year of `expires_on` is known.

    `expires_certain` is false while the end follows a rule that no text confirms ("tạm tính").
    """

    level = serializers.ChoiceField(Level.choices)
    round_ordinal = OrdinalField(allow_null=True, read_only=True)
    province_at_the_time = serializers.SerializerMethodField()
    decision = DecisionRefSerializer(allow_null=True, read_only=True)
    certificate_code = serializers.SerializerMethodField()
    expires_precision = serializers.ChoiceField(DatePrecision.choices, source="expiry_precision")
    expires_certain = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()

    class Meta:
        model = Recognition
        fields = [
            "uuid",
            "level",
            "year",
            "round_ordinal",
            "province_at_the_time",
            "decision",
            "certificate_code",
            "issued_on",
            "expires_on",
            "expires_precision",
            "expires_certain",
            "status",
            "is_illustrative",
        ]
        read_only_fields = fields

    @extend_schema_field(ProvinceSerializer)
    def get_province_at_the_time(self, row: Recognition) -> dict[str, str]:
        return {"slug": row.territory.slug, "name": place_then(row)}

    @extend_schema_field(OpenApiTypes.STR)
    def get_certificate_code(self, row: Recognition) -> str | None:
        return next((paper.code for paper in row.papers), None)  # type: ignore[attr-defined]

    @extend_schema_field(OpenApiTypes.BOOL)
    def get_expires_certain(self, row: Recognition) -> bool:
        return row.validity_confirmed or bool(row.validity_rule and row.validity_rule.is_certain)

    @extend_schema_field(serializers.ChoiceField(Status.choices))
    def get_status(self, row: Recognition) -> str:
        clock: Clock = self.context["clock"]
        return row.status(on=clock.on, expiring_days=clock.expiring_days).value


class ProductRefSerializer(AnswerSerializer):
    group = serializers.ChoiceField(ProductGroup.choices)

    class Meta:
        model = Product
        fields = ["slug", "name", "is_set", "group"]
        read_only_fields = fields


class RecognitionOfProductSerializer(RecognitionSerializer):
    """A recognition in a list of its own, with its product and facility."""

    product = ProductRefSerializer(read_only=True)
    facility = FacilityRefSerializer(source="product.facility", allow_null=True, read_only=True)

    class Meta(RecognitionSerializer.Meta):
        fields = ["product", "facility", *RecognitionSerializer.Meta.fields]
        read_only_fields = fields


class MemberSerializer(AnswerSerializer):
    """A member of a set; `slug` leads to the product it also is, if that one stands in the public register."""

    slug = serializers.SerializerMethodField()

    class Meta:
        model = SetMember
        fields = ["name", "slug"]
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_slug(self, row: SetMember) -> str | None:
        return row.product.slug if row.product and getattr(row, "has_page", False) else None


class SourcesSerializer(serializers.Serializer):
    """Smaller copies of a picture, each format as a ready `srcset`."""

    avif = serializers.CharField()
    webp = serializers.CharField()


class ImageSerializer(AnswerSerializer):
    url = serializers.SerializerMethodField()
    sources = serializers.SerializerMethodField()
    angle = serializers.ChoiceField(PhotoAngle.choices)
    width = serializers.IntegerField(source="file.width", allow_null=True)
    height = serializers.IntegerField(source="file.height", allow_null=True)

    class Meta:
        model = ProductPhoto
        fields = ["url", "sources", "angle", "caption", "caption_en", "credit", "width", "height"]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, photo: ProductPhoto) -> str:
        return whole(reverse("photo", args=[photo.pk]))

    @extend_schema_field(SourcesSerializer)
    def get_sources(self, photo: ProductPhoto) -> dict[str, str]:
        picture = picture_at(self.get_url(photo), photo.file)
        return {form: picture.sources(form) for form in (AVIF, WEBP)}


class LinkSerializer(AnswerSerializer):
    channel = serializers.ChoiceField(SalesChannel.choices)

    class Meta:
        model = SalesLink
        fields = ["channel", "url"]
        read_only_fields = fields


class ProductSerializer(OfTodaysProvinceSerializer, AnswerSerializer):
    """`province` is the unit of today; each recognition says the province of then.

    Rows of other tables come with the product as `shown` (`api.Shown`).
    """

    group = serializers.ChoiceField(ProductGroup.choices)
    members = MemberSerializer(source="shown.members", many=True, read_only=True)
    facility = FacilityRefSerializer(allow_null=True, read_only=True)
    url = serializers.SerializerMethodField()
    images = ImageSerializer(source="shown.photos", many=True, read_only=True)
    links = LinkSerializer(source="shown.links", many=True, read_only=True)
    recognitions = RecognitionSerializer(source="shown.recognitions", many=True, read_only=True)

    class Meta:
        model = Product
        fields = [
            "uuid",
            "slug",
            "url",
            "name",
            "name_en",
            "summary",
            "summary_en",
            "is_set",
            "members",
            "group",
            "group_certain",
            "facility",
            "province",
            "images",
            "links",
            "recognitions",
            "is_illustrative",
        ]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, product: Product) -> str:
        return whole(product.slug.join(_around_slug()))


class StandardSerializer(AnswerSerializer):
    """A standard or title. `in_force` is told of OCOP, whose titles last 36 months, and of what names its last day."""

    kind = serializers.ChoiceField(StandardKind.choices)
    in_force = serializers.SerializerMethodField()

    class Meta:
        model = ProductStandard
        fields = ["kind", "name", "stars", "issued_year", "expires_on", "in_force"]
        read_only_fields = fields

    @extend_schema_field(serializers.BooleanField(allow_null=True))
    def get_in_force(self, row: ProductStandard) -> bool | None:
        on = self.context["clock"].on
        if row.kind == StandardKind.OCOP:
            return ocop_holds(issued_year=row.issued_year, expires_on=row.expires_on, on=on)
        return row.expires_on >= on if row.expires_on else None


class ChannelSerializer(AnswerSerializer):
    kind = serializers.ChoiceField(ChannelKind.choices)

    class Meta:
        model = DistributionChannel
        fields = ["kind", "name"]
        read_only_fields = fields


class PropertySerializer(AnswerSerializer):
    kind = serializers.ChoiceField(PropertyKind.choices)

    class Meta:
        model = IntellectualProperty
        fields = ["kind", "name", "expires_on"]
        read_only_fields = fields


class TradeSerializer(AnswerSerializer):
    """What the maker declared to buyers; the portal did not check it. Empty text or null: not declared."""

    capacity_period = serializers.ChoiceField(CapacityPeriod.choices, allow_blank=True)

    class Meta:
        model = TradeFacts
        fields = [
            "gtin",
            "pack",
            "pack_en",
            "shelf_life_days",
            "storage",
            "storage_en",
            "capacity",
            "capacity_unit",
            "capacity_period",
            "minimum_order",
            "lead_time_days",
            "export_ready",
            "export_markets",
            "hs_code",
            "declared_on",
        ]
        read_only_fields = fields


class ProductDetailSerializer(ProductSerializer):
    """A product with all its page tells of it; `trade` is null where the maker declared nothing."""

    standards = StandardSerializer(many=True, read_only=True)
    channels = ChannelSerializer(many=True, read_only=True)
    properties = PropertySerializer(many=True, read_only=True)
    trade = serializers.SerializerMethodField()

    class Meta(ProductSerializer.Meta):
        fields = [
            *ProductSerializer.Meta.fields,
            "story",
            "story_en",
            "materials",
            "first_made_year",
            "traceability_code",
            "standards",
            "channels",
            "properties",
            "trade",
        ]
        read_only_fields = fields

    @extend_schema_field(TradeSerializer(allow_null=True))
    def get_trade(self, product: Product) -> Any:
        facts = getattr(product, "trade", None)
        return TradeSerializer(facts).data if facts else None
