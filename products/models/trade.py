"""What a buyer asks before writing an order: barcode, pack, shelf life, capacity, readiness to export."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portal.accounts.scope import ProvinceScopedQuerySet

from ..enums import CapacityPeriod
from ..gtin import validate_gtin, validate_hs_code


class TradeFactsQuerySet(ProvinceScopedQuerySet["TradeFacts"]):
    province_path = "product__territory"


class TradeFacts(models.Model):
    """What the maker declares to buyers of one product. Nothing here was checked by the portal, and pages say so."""

    product = models.OneToOneField("products.Product", models.CASCADE, related_name="trade", verbose_name=_("sản phẩm"))
    gtin = models.CharField(
        _("mã số mã vạch (GTIN)"),
        max_length=14,
        blank=True,
        validators=[validate_gtin],
        help_text=_("8, 12, 13 hoặc 14 chữ số dưới mã vạch, ví dụ 8934563138165."),
    )
    pack = models.CharField(
        _("quy cách đóng gói"), max_length=200, blank=True, help_text=_("Ví dụ: hộp 250 g, thùng 24 hộp.")
    )
    pack_en = models.CharField(_("quy cách bằng tiếng Anh"), max_length=200, blank=True)
    shelf_life_days = models.PositiveSmallIntegerField(_("hạn dùng (ngày)"), null=True, blank=True)
    storage = models.CharField(_("cách bảo quản"), max_length=200, blank=True)
    storage_en = models.CharField(_("cách bảo quản bằng tiếng Anh"), max_length=200, blank=True)
    capacity = models.DecimalField(_("sản lượng cung ứng"), max_digits=12, decimal_places=2, null=True, blank=True)
    capacity_unit = models.CharField(
        _("đơn vị tính"), max_length=30, blank=True, help_text=_("Ví dụ: kg, hộp, bộ, chiếc.")
    )
    capacity_period = models.CharField(_("trong"), max_length=5, choices=CapacityPeriod, blank=True)
    minimum_order = models.CharField(_("đơn hàng nhỏ nhất"), max_length=100, blank=True)
    lead_time_days = models.PositiveSmallIntegerField(_("thời gian giao (ngày)"), null=True, blank=True)
    export_ready = models.BooleanField(_("sẵn sàng xuất khẩu"), default=False)
    export_markets = models.CharField(
        _("thị trường đã xuất hoặc nhắm tới"), max_length=200, blank=True, help_text=_("Ví dụ: Nhật Bản, EU.")
    )
    hs_code = models.CharField(
        _("mã HS"), max_length=10, blank=True, validators=[validate_hs_code], help_text=_("6, 8 hoặc 10 chữ số.")
    )
    declared_on = models.DateField(_("khai ngày"))
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người khai")
    )
    history = HistoricalRecords()

    objects = TradeFactsQuerySet.as_manager()

    class Meta:
        verbose_name = _("thông tin cho người mua")
        verbose_name_plural = _("thông tin cho người mua")
        constraints = [
            models.UniqueConstraint(
                fields=["gtin"],
                condition=~Q(gtin=""),
                name="trade_gtin_once",
                violation_error_message=_("Mã GTIN này đã khai cho một sản phẩm khác. Hãy xem lại mã dưới mã vạch."),
            ),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True, capacity_unit="", capacity_period="")
                | (Q(capacity__gt=0) & ~Q(capacity_unit="") & ~Q(capacity_period="")),
                name="trade_capacity_whole",
                violation_error_message=_(
                    "Hãy ghi đủ sản lượng (lớn hơn 0), đơn vị tính và theo tháng hay năm, hoặc để trống cả ba."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["product"], name="trade_export_ready", condition=Q(export_ready=True)),
        ]

    def __str__(self) -> str:
        return f"{self.product}"

    @property
    def display_pack(self) -> str:
        return self.pack_en if get_language() == "en" and self.pack_en else self.pack

    @property
    def display_storage(self) -> str:
        return self.storage_en if get_language() == "en" and self.storage_en else self.storage
