"""Norms of support as data: what may be paid for, how much of it, where, since when, on which basis."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portal.territory.models import Dated, Territory
from products.enums import ProductGroup

from ..enums import ActivityHead, PriorityKind


class NormItem(models.Model):
    """What money may be spent on (nội dung chi). Its code is the same in every province and resolution."""

    code = models.SlugField(_("mã"), max_length=40, unique=True)
    name = models.CharField(_("nội dung chi"), max_length=250)
    name_en = models.CharField(_("nội dung chi, tiếng Anh"), max_length=250, blank=True)
    head = models.PositiveSmallIntegerField(_("nội dung khuyến công"), choices=ActivityHead)
    per = models.CharField(_("mức tính cho"), max_length=60, blank=True)
    per_en = models.CharField(_("mức tính cho, tiếng Anh"), max_length=60, blank=True)
    counts_units = models.BooleanField(
        _("trần nhân với số lượng"),
        default=False,
        help_text=_("Bật khi trần tính cho mỗi gian hàng, mỗi người. Tắt khi trần tính cho cả cơ sở hoặc cả đề án."),
    )
    of_estimate = models.BooleanField(
        _("phần trăm tính trên các dòng khác của dự toán"),
        default=False,
        help_text=_("Bật với chi quản lý: phần trăm không tính trên chính khoản chi."),
    )
    is_abroad = models.BooleanField(_("hỗ trợ ở nước ngoài"), default=False)
    needs_new_machine = models.BooleanField(_("máy phải mới"), default=False)
    may_be_priority = models.BooleanField(_("được nhân hệ số ưu tiên"), default=True)
    conditions = models.TextField(_("điều kiện"), blank=True, help_text=_("Mỗi dòng một điều kiện."))
    conditions_en = models.TextField(_("điều kiện, tiếng Anh"), blank=True)
    words = models.CharField(
        _("từ người hỏi hay dùng"), max_length=300, blank=True, help_text=_("Ví dụ: máy sấy; lò sấy; dây chuyền.")
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("nội dung chi")
        verbose_name_plural = _("nội dung chi")
        ordering = ["head", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        return self.name_en if get_language() == "en" and self.name_en else self.name

    @property
    def display_per(self) -> str:
        return self.per_en if get_language() == "en" and self.per_en else self.per

    @property
    def display_conditions(self) -> list[str]:
        english = get_language() == "en" and self.conditions_en
        return [line for line in (self.conditions_en if english else self.conditions).splitlines() if line.strip()]


class SupportNormQuerySet(models.QuerySet["SupportNorm"]):
    def visible_to(self, user: Any) -> "SupportNormQuerySet":
        """Norms are law: whoever works here reads all of them."""
        return self


class SupportNorm(Dated):
    """Mức chi: the part and the most that may be supported, of one item, by one text, in one province or the nation.

    `percent` of the cost, up to `ceiling` whole đồng; either may be open (None). `multiplier` is given only by the
    row that raises ceilings for priorities. Where the day a text takes effect is not known, the norm is shown and
    never used for checking (`start_known` false, house rule: start 1900-01-01).
    """

    item = models.ForeignKey(NormItem, models.PROTECT, related_name="norms", verbose_name=_("nội dung chi"))
    territory = models.ForeignKey(
        Territory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="norms",
        verbose_name=_("tỉnh ban hành"),
        help_text=_("Bỏ trống với mức chi chung cả nước. Tỉnh đã sáp nhập giữ tên của ngày ban hành."),
    )
    legal_basis = models.CharField(_("căn cứ"), max_length=200)
    start_known = models.BooleanField(_("đã rõ ngày hiệu lực"), default=True)
    percent = models.DecimalField(_("phần trăm"), max_digits=5, decimal_places=2, null=True, blank=True)
    ceiling = models.BigIntegerField(_("mức tối đa (đồng)"), null=True, blank=True)
    multiplier = models.DecimalField(_("hệ số ưu tiên"), max_digits=4, decimal_places=2, null=True, blank=True)
    per = models.CharField(_("tính cho"), max_length=60, blank=True)
    note = models.CharField(_("ghi chú"), max_length=300, blank=True)
    certainty = models.CharField(_("mức chắc chắn"), max_length=40, blank=True)
    history = HistoricalRecords()
    objects = SupportNormQuerySet.as_manager()

    class Meta:
        verbose_name = _("mức chi")
        verbose_name_plural = _("mức chi")
        ordering = ["item", "territory", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "valid_from"],
                condition=Q(territory__isnull=True),
                name="norm_start_once",
                violation_error_message=_("Nội dung chi này đã có một mức bắt đầu từ cùng ngày."),
            ),
            models.UniqueConstraint(
                fields=["item", "territory", "valid_from"],
                condition=Q(territory__isnull=False),
                name="norm_start_once_in_province",
                violation_error_message=_("Tỉnh đã có một mức của nội dung này bắt đầu từ cùng ngày."),
            ),
            models.CheckConstraint(
                condition=Q(percent__isnull=False) | Q(ceiling__isnull=False) | Q(multiplier__isnull=False),
                name="norm_says_something",
                violation_error_message=_("Hãy ghi phần trăm, mức tối đa hoặc hệ số."),
            ),
            models.CheckConstraint(
                condition=(Q(percent__isnull=True) | Q(percent__gt=0, percent__lte=100))
                & (Q(ceiling__isnull=True) | Q(ceiling__gt=0))
                & (Q(multiplier__isnull=True) | Q(multiplier__gte=1)),
                name="norm_in_bounds",
                violation_error_message=_(
                    "Phần trăm phải lớn hơn 0 và không quá 100; mức tối đa phải lớn hơn 0; hệ số không dưới 1."
                ),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
                name="norm_days_in_order",
                violation_error_message=_("Ngày hết hiệu lực không được trước ngày bắt đầu."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.legal_basis}: {self.item}"


class PriorityRule(Dated):
    """What comes first and why: an area, a trade, or recognised products. It ranks needs and may raise a ceiling."""

    kind = models.CharField(_("loại ưu tiên"), max_length=10, choices=PriorityKind)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh")
    )
    name = models.CharField(_("ưu tiên"), max_length=200)
    values = models.TextField(
        _("nhận biết bằng"),
        blank=True,
        help_text=_("Mỗi dòng một tên xã, phường (địa bàn) hoặc một từ khóa (ngành nghề)."),
    )
    group = models.CharField(_("nhóm sản phẩm"), max_length=12, choices=ProductGroup, blank=True)
    points = models.PositiveSmallIntegerField(_("điểm khi xếp thứ tự"), default=1)
    raises_ceiling = models.BooleanField(_("được nâng mức tối đa"), default=True)
    legal_basis = models.CharField(_("căn cứ"), max_length=250)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("ưu tiên")
        verbose_name_plural = _("các ưu tiên")
        ordering = ["-points", "kind", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "name", "valid_from"],
                condition=Q(territory__isnull=True),
                name="priority_once",
                violation_error_message=_("Đã có ưu tiên cùng tên bắt đầu từ cùng ngày."),
            ),
            models.UniqueConstraint(
                fields=["kind", "territory", "name", "valid_from"],
                condition=Q(territory__isnull=False),
                name="priority_once_in_province",
                violation_error_message=_("Tỉnh đã có ưu tiên cùng tên bắt đầu từ cùng ngày."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
