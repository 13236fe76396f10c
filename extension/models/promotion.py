"""Finding markets: fairs and who took part, showrooms, platforms and supermarkets, matched against products."""

import re
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from facilities.models import Facility
from portal.accounts.scope import ProvinceScopedQuerySet
from portal.territory.models import Territory
from portal.text.fields import DerivedCharField
from portal.text.folding import fold
from products.models import Product

from ..enums import FairKind, OutletKind
from .funds import EstimateLine
from .project import Project


class FairQuerySet(ProvinceScopedQuerySet["Fair"]):
    province_path = "territory"

    def public(self) -> "FairQuerySet":
        return self.filter(is_public=True)


class Fair(models.Model):
    """Hội chợ, triển lãm, hội nghị kết nối: held by the province itself or by others. `territory` keeps the entry."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("đường dẫn"), max_length=140, unique=True, blank=True)
    name = models.CharField(_("tên"), max_length=300)
    name_en = models.CharField(_("tên tiếng Anh"), max_length=300, blank=True)
    kind = models.CharField(_("loại"), max_length=8, choices=FairKind, default=FairKind.FAIR)
    territory = models.ForeignKey(
        Territory, models.PROTECT, related_name="fairs", verbose_name=_("tỉnh ghi sổ"), help_text=_("Tỉnh giữ mục này.")
    )
    is_own = models.BooleanField(_("tỉnh tự tổ chức"), default=False)
    is_abroad = models.BooleanField(_("ở nước ngoài"), default=False)
    organiser = models.CharField(_("đơn vị tổ chức"), max_length=250, blank=True)
    place = models.CharField(_("nơi tổ chức"), max_length=250, blank=True)
    host_territory = models.ForeignKey(
        Territory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="fairs_hosted",
        verbose_name=_("tỉnh nơi tổ chức"),
        help_text=_("Hội chợ trong tỉnh và ngoài tỉnh có mức chi khác nhau. Ở nước ngoài thì để trống."),
    )
    starts_on = models.DateField(_("từ ngày"))
    ends_on = models.DateField(_("đến hết ngày"))
    booths = models.PositiveIntegerField(_("tổng số gian hàng"), null=True, blank=True)
    cost = models.BigIntegerField(_("tổng chi phí (đồng)"), null=True, blank=True)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="fairs", verbose_name=_("thuộc đề án")
    )
    website = models.URLField(_("trang web"), blank=True)
    source = models.CharField(_("nguồn"), max_length=300, blank=True)
    is_public = models.BooleanField(_("công khai"), default=False)
    is_illustrative = models.BooleanField(_("số liệu minh họa"), default=False, editable=False)
    # What another portal told of the figures (`markets.fair_queries.Figures`), where its open data were read.
    carried = models.JSONField(_("số liệu theo cổng khác"), null=True, blank=True, editable=False)
    folded = DerivedCharField(max_length=600, make=lambda fair: fold(f"{fair.name} {fair.place}"))
    history = HistoricalRecords(excluded_fields=["folded"])
    objects = FairQuerySet.as_manager()

    class Meta:
        verbose_name = _("hội chợ, triển lãm")
        verbose_name_plural = _("hội chợ, triển lãm")
        ordering = ["-starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "name", "starts_on"],
                name="fair_once",
                violation_error_message=_("Đã có hội chợ cùng tên, cùng ngày bắt đầu."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="fair_days_in_order",
                violation_error_message=_("Ngày kết thúc không được trước ngày bắt đầu."),
            ),
            models.CheckConstraint(
                condition=Q(cost__isnull=True) | Q(cost__gte=0),
                name="fair_cost_not_negative",
                violation_error_message=_("Số tiền không được âm."),
            ),
            models.CheckConstraint(
                condition=Q(is_abroad=False) | Q(host_territory__isnull=True),
                name="fair_abroad_in_no_province",
                violation_error_message=_(
                    "Hội chợ ở nước ngoài không ở tỉnh nào. Hãy để trống tỉnh nơi tổ chức, hoặc bỏ chọn “ở nước ngoài”."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        return self.name_en if get_language() == "en" and self.name_en else self.name

    @property
    def where(self) -> str:
        """The place and its province, each named once."""
        province = self.host_territory.name if self.host_territory else ""
        is_said = bool(province and re.search(rf"\b{re.escape(province)}\b", self.place, re.IGNORECASE))
        return ", ".join(part for part in (self.place, "" if is_said else province) if part)


class ParticipationQuerySet(ProvinceScopedQuerySet["Participation"]):
    province_path = "fair__territory"


class Participation(models.Model):
    """A facility at a fair. Its revenue and contracts are its own: public only with its consent, else in sums of many."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    fair = models.ForeignKey(Fair, models.CASCADE, related_name="participations", verbose_name=_("hội chợ"))
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="participations", verbose_name=_("cơ sở"))
    products = models.ManyToManyField(Product, blank=True, related_name="participations", verbose_name=_("sản phẩm"))
    booths = models.PositiveSmallIntegerField(_("số gian hàng"), default=1)
    cost = models.BigIntegerField(_("chi phí tham gia (đồng)"), null=True, blank=True)
    support = models.BigIntegerField(_("được hỗ trợ (đồng)"), null=True, blank=True)
    line = models.ForeignKey(
        EstimateLine,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="participations",
        verbose_name=_("dòng dự toán"),
    )
    revenue = models.BigIntegerField(_("doanh thu tại hội chợ (đồng)"), null=True, blank=True)
    contracts = models.PositiveIntegerField(_("số hợp đồng, thỏa thuận"), null=True, blank=True)
    contracts_value = models.BigIntegerField(_("giá trị hợp đồng (đồng)"), null=True, blank=True)
    partners = models.TextField(_("đối tác mới"), blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    reported_at = models.DateTimeField(_("khai lúc"), null=True, blank=True, editable=False)
    consented_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    consented_at = models.DateTimeField(_("đồng ý công khai lúc"), null=True, blank=True, editable=False)
    source = models.CharField(_("nguồn"), max_length=300, blank=True)
    note = models.CharField(_("ghi chú"), max_length=300, blank=True)
    history = HistoricalRecords()
    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = _("cơ sở tham gia hội chợ")
        verbose_name_plural = _("cơ sở tham gia hội chợ")
        ordering = ["fair", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["fair", "facility"],
                name="participation_once",
                violation_error_message=_("Cơ sở này đã có trong hội chợ."),
            ),
            models.CheckConstraint(
                condition=(Q(cost__isnull=True) | Q(cost__gte=0))
                & (Q(support__isnull=True) | Q(support__gte=0))
                & (Q(revenue__isnull=True) | Q(revenue__gte=0))
                & (Q(contracts_value__isnull=True) | Q(contracts_value__gte=0)),
                name="participation_money_not_negative",
                violation_error_message=_("Số tiền không được âm."),
            ),
            models.CheckConstraint(
                condition=Q(support__isnull=True) | Q(cost__isnull=True) | Q(support__lte=F("cost")),
                name="participation_support_within_cost",
                violation_error_message=_("Số hỗ trợ không được vượt chi phí tham gia."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility}, {self.fair}"


class OutletQuerySet(ProvinceScopedQuerySet["Outlet"]):
    province_path = "territory"

    def public(self) -> "OutletQuerySet":
        return self.filter(is_public=True)


class Outlet(models.Model):
    """A showroom, an e-commerce platform or a supermarket chain that products were brought to."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("loại"), max_length=12, choices=OutletKind)
    name = models.CharField(_("tên"), max_length=200)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="outlets", verbose_name=_("tỉnh ghi sổ"))
    address = models.CharField(_("địa chỉ"), max_length=300, blank=True)
    url = models.URLField(_("trang web"), blank=True)
    operator = models.CharField(_("đơn vị vận hành"), max_length=200, blank=True)
    opened_on = models.DateField(_("mở từ ngày"), null=True, blank=True)
    closed_on = models.DateField(_("đóng ngày"), null=True, blank=True)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="outlets", verbose_name=_("thuộc đề án")
    )
    source = models.CharField(_("nguồn"), max_length=300, blank=True)
    is_public = models.BooleanField(_("công khai"), default=False)
    is_illustrative = models.BooleanField(_("số liệu minh họa"), default=False, editable=False)
    history = HistoricalRecords()
    objects = OutletQuerySet.as_manager()

    class Meta:
        verbose_name = _("điểm bán, trưng bày")
        verbose_name_plural = _("điểm bán, trưng bày")
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "kind", "name"],
                name="outlet_once",
                violation_error_message=_("Đã có điểm bán, trưng bày cùng tên."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Listing(models.Model):
    """A product on sale or on show at an outlet, from a day to another; by which project it came there."""

    outlet = models.ForeignKey(Outlet, models.CASCADE, related_name="listings", verbose_name=_("điểm bán, trưng bày"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="listings", verbose_name=_("sản phẩm"))
    since = models.DateField(_("từ ngày"), null=True, blank=True)
    until = models.DateField(_("đến hết ngày"), null=True, blank=True)
    url = models.URLField(_("trang bán"), blank=True)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="listings", verbose_name=_("nhờ đề án")
    )
    note = models.CharField(_("ghi chú"), max_length=300, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("sản phẩm có mặt")
        verbose_name_plural = _("sản phẩm có mặt")
        ordering = ["outlet", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["outlet", "product"],
                condition=Q(until__isnull=True),
                name="listing_once",
                violation_error_message=_("Sản phẩm này đang có ở đây."),
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(since__isnull=True) | Q(until__gte=F("since")),
                name="listing_days_in_order",
                violation_error_message=_("Ngày cuối không được trước ngày đầu."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}, {self.outlet}"
