"""What is made: products and sets with members, photos, standards, where to buy."""

import datetime as dt
import re
import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from facilities.models import Facility
from portal.accounts.scope import ProvinceScopedQuerySet
from portal.files.models import StoredFile
from portal.territory.models import Territory
from portal.text.fields import DerivedCharField
from portal.text.folding import SORT_KEY_LENGTH, fold, name_key, sort_key

from ..enums import (
    GROUP_SHORT,
    ChannelKind,
    PhotoAngle,
    ProductGroup,
    PropertyKind,
    SalesChannel,
    StandardKind,
)
from ..searching import text_of

SET_WORDS = re.compile(r"bộ(?:\s+(?:\d+|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười))?\s+sản phẩm[\s:,\-–]*", re.IGNORECASE)


class ProductQuerySet(ProvinceScopedQuerySet["Product"]):
    province_path = "territory"

    def standing(self) -> "ProductQuerySet":
        """Those that were not merged into another."""
        return self.filter(merged_into=None)

    def visible_to(self, user: Any) -> "ProductQuerySet":
        return super().visible_to(user).standing()

    def public(self, *, on: dt.date | None = None) -> "ProductQuerySet":
        """Products with at least one published recognition.

        With the day also without those whose last one is due to be withheld, in the hours before the nightly sweep
        marks it (`products.validity_sql.due_to_be_withheld`).
        """
        from ..validity_sql import due_to_be_withheld
        from .recognition import Recognition

        rows = Recognition.objects.published().filter(product=models.OuterRef("pk"))
        return self.filter(models.Exists(rows.exclude(due_to_be_withheld(on)) if on else rows))


def search_text_of(product: "Product") -> str:
    """What the product is found by; see `products.searching`."""
    maker = (product.facility.name, product.facility.name_en) if product.facility else ()
    return text_of(product.name, [product.name_en, *maker, product.territory.name, product.search_extra])


def _sort_key(product: "Product") -> str:
    """Order of names without the words "bộ sản phẩm" or "bộ 3 sản phẩm", which half the register begins with."""
    begun = SET_WORDS.match(product.name)
    return sort_key(product.name[begun.end() :] if begun else product.name)


class Product(models.Model):
    """A product or a set (bộ sản phẩm). `territory` is the province as first recorded."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("đường dẫn"), max_length=140, unique=True, blank=True)
    name = models.CharField(_("tên sản phẩm"), max_length=300)
    name_en = models.CharField(_("tên tiếng Anh"), max_length=300, blank=True)
    summary = models.TextField(_("tóm tắt"), blank=True)
    summary_en = models.TextField(_("tóm tắt bằng tiếng Anh"), blank=True)
    story = models.TextField(_("câu chuyện sản phẩm"), blank=True)
    story_en = models.TextField(_("câu chuyện bằng tiếng Anh"), blank=True)
    group = models.CharField(_("nhóm sản phẩm"), max_length=12, choices=ProductGroup)
    group_certain = models.BooleanField(_("nhóm đã xác minh theo quyết định"), default=True)
    is_set = models.BooleanField(_("là bộ sản phẩm"), default=False)
    set_certain = models.BooleanField(_("đã rõ là sản phẩm đơn hay bộ"), default=True)
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="products", verbose_name=_("cơ sở")
    )
    territory = models.ForeignKey(
        Territory, models.PROTECT, related_name="products", verbose_name=_("tỉnh khi ghi nhận")
    )
    materials = models.CharField(_("nguyên, vật liệu"), max_length=300, blank=True)
    traceability_code = models.CharField(_("mã truy xuất nguồn gốc"), max_length=100, blank=True)
    first_made_year = models.PositiveSmallIntegerField(_("năm bắt đầu sản xuất"), null=True, blank=True)
    is_illustrative = models.BooleanField(_("sản phẩm mẫu, số liệu minh họa"), default=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("đã gộp vào")
    )
    search_extra = models.CharField(_("từ tìm thêm"), max_length=300, blank=True, editable=False)
    name_key = DerivedCharField(max_length=340, make=lambda p: name_key(p.name))
    search_text = DerivedCharField(max_length=1000, make=search_text_of)
    sort_key = DerivedCharField(max_length=SORT_KEY_LENGTH, make=_sort_key)
    folded = DerivedCharField(max_length=300, make=lambda p: fold(p.name), db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProductQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["name_key", "search_text", "sort_key", "folded"])

    class Meta:
        verbose_name = _("sản phẩm")
        verbose_name_plural = _("sản phẩm")
        ordering = ["sort_key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "name_key"],
                condition=Q(facility__isnull=False, merged_into__isnull=True),
                name="product_of_facility_unique",
                violation_error_message=_("Cơ sở này đã có sản phẩm cùng tên. Hãy dùng sản phẩm đã có."),
            ),
            models.UniqueConstraint(
                fields=["territory", "name_key"],
                condition=Q(facility__isnull=True, merged_into__isnull=True),
                name="product_without_facility_unique",
                violation_error_message=_(
                    "Tỉnh này đã có sản phẩm cùng tên chưa rõ cơ sở. Hãy ghi cơ sở, hoặc dùng sản phẩm đã có."
                ),
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")),
                name="product_not_merged_into_itself",
                violation_error_message=_("Sản phẩm không thể gộp vào chính nó."),
            ),
        ]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="product_sort"),
            models.Index(fields=["id", "group"], name="product_facet_group"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def group_short(self) -> str:
        return str(GROUP_SHORT[ProductGroup(self.group)])

    @property
    def display_name(self) -> str:
        """The name in the reader's language, Vietnamese when no other is known."""
        return self.name_en if get_language() == "en" and self.name_en else self.name

    @property
    def display_summary(self) -> str:
        return self.summary_en if get_language() == "en" and self.summary_en else self.summary

    @property
    def display_story(self) -> str:
        return self.story_en if get_language() == "en" and self.story_en else self.story


class SetMember(models.Model):
    """A member of a set: its name, and the product it also is, if that is in the register."""

    product_set = models.ForeignKey(Product, models.CASCADE, related_name="members", verbose_name=_("bộ sản phẩm"))
    name = models.CharField(_("tên sản phẩm trong bộ"), max_length=300)
    name_en = models.CharField(_("tên tiếng Anh"), max_length=300, blank=True)
    product = models.ForeignKey(
        Product, models.SET_NULL, null=True, blank=True, related_name="member_of", verbose_name=_("sản phẩm đã có")
    )
    position = models.PositiveSmallIntegerField(_("thứ tự"), default=0)
    name_key = DerivedCharField(max_length=340, make=lambda m: name_key(m.name))

    class Meta:
        verbose_name = _("sản phẩm trong bộ")
        verbose_name_plural = _("sản phẩm trong bộ")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product_set", "name_key"],
                name="set_member_once",
                violation_error_message=_("Bộ sản phẩm đã có thành phần này."),
            ),
            models.CheckConstraint(
                condition=Q(product__isnull=True) | ~Q(product=F("product_set")),
                name="set_not_member_of_itself",
                violation_error_message=_("Bộ sản phẩm không thể là thành phần của chính nó."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProductPhoto(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="photos", verbose_name=_("sản phẩm"))
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("ảnh"))
    angle = models.CharField(_("góc chụp"), max_length=8, choices=PhotoAngle, default=PhotoAngle.OTHER)
    caption = models.CharField(_("chú thích"), max_length=200, blank=True)
    caption_en = models.CharField(_("chú thích bằng tiếng Anh"), max_length=200, blank=True)
    credit = models.CharField(_("nguồn ảnh"), max_length=120, blank=True)
    is_public = models.BooleanField(_("công bố"), default=False)
    position = models.PositiveSmallIntegerField(_("thứ tự"), default=0)

    class Meta:
        verbose_name = _("ảnh sản phẩm")
        verbose_name_plural = _("ảnh sản phẩm")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.caption or self.get_angle_display()

    @property
    def display_caption(self) -> str:
        return self.caption_en if get_language() == "en" and self.caption_en else self.caption


class ProductStandard(models.Model):
    """A standard or title the product meets; OCOP with stars (its certificates last 36 months)."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="standards", verbose_name=_("sản phẩm"))
    kind = models.CharField(_("loại"), max_length=12, choices=StandardKind)
    name = models.CharField(_("tên, số hiệu"), max_length=200, blank=True)
    stars = models.PositiveSmallIntegerField(_("số sao OCOP"), null=True, blank=True)
    issued_year = models.PositiveSmallIntegerField(_("năm cấp"), null=True, blank=True)
    expires_on = models.DateField(_("hết hạn"), null=True, blank=True)
    source = models.CharField(_("nguồn"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("tiêu chuẩn, danh hiệu")
        verbose_name_plural = _("tiêu chuẩn, danh hiệu")
        ordering = ["kind", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=StandardKind.OCOP, stars__gte=1, stars__lte=5)
                | (~Q(kind=StandardKind.OCOP) & Q(stars__isnull=True)),
                name="stars_only_for_ocop",
                violation_error_message=_("OCOP cần số sao từ 1 đến 5; tiêu chuẩn khác không có sao."),
            )
        ]

    def __str__(self) -> str:
        if self.kind == StandardKind.OCOP:
            return _("OCOP %(stars)s sao") % {"stars": self.stars}
        return self.name or self.get_kind_display()


class SalesLink(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="sales_links", verbose_name=_("sản phẩm"))
    channel = models.CharField(_("sàn, trang bán"), max_length=10, choices=SalesChannel)
    url = models.URLField(_("đường dẫn"), max_length=500)

    class Meta:
        verbose_name = _("liên kết bán hàng")
        verbose_name_plural = _("liên kết bán hàng")
        constraints = [models.UniqueConstraint(fields=["product", "url"], name="sales_link_once")]

    def __str__(self) -> str:
        return self.get_channel_display()


class DistributionChannel(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="channels", verbose_name=_("sản phẩm"))
    kind = models.CharField(_("loại kênh"), max_length=12, choices=ChannelKind)
    name = models.CharField(_("tên nơi bán"), max_length=200)
    source = models.CharField(_("nguồn"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("kênh phân phối")
        verbose_name_plural = _("kênh phân phối")
        constraints = [models.UniqueConstraint(fields=["product", "kind", "name"], name="channel_once")]

    def __str__(self) -> str:
        return self.name


class IntellectualProperty(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="properties", verbose_name=_("sản phẩm"))
    kind = models.CharField(_("loại"), max_length=16, choices=PropertyKind)
    name = models.CharField(_("tên, số văn bằng"), max_length=200)
    expires_on = models.DateField(_("hết hạn"), null=True, blank=True)

    class Meta:
        verbose_name = _("nhãn hiệu, chỉ dẫn địa lý")
        verbose_name_plural = _("nhãn hiệu, chỉ dẫn địa lý")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"
