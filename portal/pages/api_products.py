"""`/api/v1/products/<slug>/` as the roof sees it: the product with the support it received."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers

from extension.enums import ActivityHead, Funding, OutletKind
from extension.markets.fair_queries import fairs_of_product
from extension.markets.outlet_queries import outlets_of_product
from extension.models import Listing
from extension.queries import support_of_product
from portal.text.clock import today
from products.api import PRODUCT_LIST, ProductViewSet
from products.models import DistributionChannel, IntellectualProperty, Product, ProductStandard
from products.serializers import ProductDetailSerializer


class SupportSerializer(serializers.Serializer):
    """Support of the product, or of its facility as a whole. Money in đồng, null where no source says it."""

    project = serializers.SlugField(source="project.slug")
    name = serializers.CharField(source="project.name")
    year = serializers.IntegerField(source="project.year")
    year_to = serializers.IntegerField(source="project.year_to", allow_null=True)
    funding = serializers.ChoiceField(Funding.choices, source="project.funding")
    head = serializers.ChoiceField(ActivityHead.choices, source="project.head")
    turns = serializers.IntegerField(source="beneficiary.turns")
    extension_funds = serializers.IntegerField(source="funds", allow_null=True)


class ProductFairSerializer(serializers.Serializer):
    """A fair the product was shown at. `revenue` is the facility's at that fair, null without its consent."""

    slug = serializers.SlugField(source="row.fair.slug")
    name = serializers.CharField(source="row.fair.name")
    starts_on = serializers.DateField(source="row.fair.starts_on")
    ends_on = serializers.DateField(source="row.fair.ends_on")
    revenue = serializers.IntegerField(allow_null=True)


class OutletSerializer(serializers.Serializer):
    """A showroom, platform or chain where the product is today."""

    kind = serializers.ChoiceField(OutletKind.choices, source="outlet.kind")
    name = serializers.CharField(source="outlet.name")
    url = serializers.SerializerMethodField()
    since = serializers.DateField(allow_null=True)

    @extend_schema_field(OpenApiTypes.STR)
    def get_url(self, listing: Listing) -> str:
        return listing.url or listing.outlet.url


class SupportedProductSerializer(ProductDetailSerializer):
    support = serializers.SerializerMethodField()
    fairs = serializers.SerializerMethodField()
    outlets = serializers.SerializerMethodField()

    class Meta(ProductDetailSerializer.Meta):
        fields = [*ProductDetailSerializer.Meta.fields, "support", "fairs", "outlets"]
        read_only_fields = fields

    @extend_schema_field(SupportSerializer(many=True))
    def get_support(self, product: Product) -> Any:
        return SupportSerializer(support_of_product(product), many=True).data

    @extend_schema_field(ProductFairSerializer(many=True))
    def get_fairs(self, product: Product) -> Any:
        return ProductFairSerializer(fairs_of_product(product), many=True).data

    @extend_schema_field(OutletSerializer(many=True))
    def get_outlets(self, product: Product) -> Any:
        return OutletSerializer(outlets_of_product(product, today()), many=True).data


@extend_schema_view(list=PRODUCT_LIST, retrieve=extend_schema(responses=SupportedProductSerializer))
class PublicProductViewSet(ProductViewSet):
    """Products and sets with at least one published recognition.

    One recognition must meet level, province, year and status together. Ten queries for a page, four where its
    products are held written, thirteen for one product with its standards, channels, facts for buyers, support, fairs and outlets.
    """

    def get_serializer_class(self) -> Any:
        return super().get_serializer_class() if self.action == "list" else SupportedProductSerializer

    def get_queryset(self) -> QuerySet[Product]:
        found = super().get_queryset()
        if self.action == "list":
            return found
        return found.select_related("facility", "trade").prefetch_related(
            Prefetch("standards", ProductStandard.objects.order_by("kind", "pk")),
            Prefetch("channels", DistributionChannel.objects.order_by("kind", "name")),
            Prefetch("properties", IntellectualProperty.objects.order_by("pk")),
        )
