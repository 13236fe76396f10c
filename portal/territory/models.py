"""Provinces and communes over time.

A unit is an area: its names and kinds are dated rows, and only a merger or a split ends it.
An unknown start is 1900-01-01, so that uniqueness holds.
"""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.text.fields import DerivedCharField
from portal.text.folding import fold, sort_key

from .enums import CommuneKind, Region, TerritoryKind

UNKNOWN_START = dt.date(1900, 1, 1)


class Dated(models.Model):
    """A row that holds between two days, both included; an open end is None."""

    valid_from = models.DateField(_("có hiệu lực từ"), default=UNKNOWN_START)
    valid_to = models.DateField(_("đến hết ngày"), null=True, blank=True)

    class Meta:
        abstract = True

    def holds_on(self, on: dt.date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class Territory(Dated):
    """A province-level unit. `code` repeats over time: key by code and start."""

    code = models.CharField(_("mã"), max_length=2)
    slug = models.SlugField(_("đường dẫn"), max_length=60, unique=True)
    name = models.CharField(_("tên ngắn"), max_length=60, help_text=_("Tên đang dùng, hoặc tên cuối cùng."))
    kind = models.CharField(_("loại"), max_length=10, choices=TerritoryKind)
    region = models.CharField(_("khu vực khuyến công"), max_length=10, choices=Region)
    region_certain = models.BooleanField(_("khu vực đã xác minh"), default=True)
    legal_basis = models.CharField(_("căn cứ"), max_length=200, blank=True)
    sort_key = DerivedCharField(max_length=240, make=lambda unit: sort_key(unit.name))

    class Meta:
        verbose_name = _("tỉnh, thành phố")
        verbose_name_plural = _("tỉnh, thành phố")
        ordering = ["sort_key", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"],
                name="territory_code_start_unique",
                violation_error_message=_("Đã có một đơn vị mang mã này từ cùng ngày. Hãy kiểm tra lại mã và ngày."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="territory_dates_in_order",
                violation_error_message=_("Ngày kết thúc không được trước ngày bắt đầu."),
            ),
        ]

    def __str__(self) -> str:
        if not self.valid_to:
            return self.name
        return gettext("%(name)s (đến %(year)s)") % {"name": self.name, "year": self.valid_to.year}

    @property
    def is_current(self) -> bool:
        return self.valid_to is None


class TerritoryName(Dated):
    """The name and kind of a unit between two days (Thừa Thiên Huế → Huế; tỉnh → thành phố)."""

    territory = models.ForeignKey(Territory, models.CASCADE, related_name="names", verbose_name=_("đơn vị"))
    name = models.CharField(_("tên"), max_length=60)
    full_name = models.CharField(_("tên đầy đủ"), max_length=80)
    name_en = models.CharField(_("tên tiếng Anh"), max_length=60, blank=True)
    kind = models.CharField(_("loại"), max_length=10, choices=TerritoryKind)
    legal_basis = models.CharField(_("căn cứ"), max_length=200, blank=True)
    folded = DerivedCharField(max_length=80, make=lambda row: fold(row.name), db_index=True)

    class Meta:
        verbose_name = _("tên gọi theo thời gian")
        verbose_name_plural = _("tên gọi theo thời gian")
        ordering = ["territory", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "valid_from"],
                name="territory_name_start_unique",
                violation_error_message=_("Đơn vị này đã có một tên bắt đầu từ cùng ngày."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="territory_name_dates_in_order",
                violation_error_message=_("Ngày kết thúc không được trước ngày bắt đầu."),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name


class Succession(models.Model):
    """From `predecessor` to `successor` on a day; of several successors of a split, one is the main one."""

    predecessor = models.ForeignKey(Territory, models.CASCADE, related_name="successions", verbose_name=_("đơn vị cũ"))
    successor = models.ForeignKey(Territory, models.PROTECT, related_name="origins", verbose_name=_("đơn vị mới"))
    on = models.DateField(_("từ ngày"))
    is_main = models.BooleanField(_("đơn vị kế thừa chính"), default=True)
    legal_basis = models.CharField(_("căn cứ"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("sáp nhập, chia tách")
        verbose_name_plural = _("sáp nhập, chia tách")
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_pair_unique"),
            models.UniqueConstraint(
                fields=["predecessor"],
                condition=Q(is_main=True),
                name="succession_one_main",
                violation_error_message=_("Mỗi đơn vị cũ chỉ có một đơn vị kế thừa chính."),
            ),
            models.CheckConstraint(condition=~Q(predecessor=F("successor")), name="succession_not_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"


class Commune(Dated):
    """Commune, ward or special zone since 2025-07-01, loaded from the statistics office's list."""

    territory = models.ForeignKey(Territory, models.PROTECT, related_name="communes", verbose_name=_("tỉnh, thành phố"))
    code = models.CharField(_("mã"), max_length=5)
    name = models.CharField(_("tên"), max_length=80)
    kind = models.CharField(_("loại"), max_length=12, choices=CommuneKind)
    folded = DerivedCharField(max_length=100, make=lambda row: fold(row.name), db_index=True)

    class Meta:
        verbose_name = _("xã, phường, đặc khu")
        verbose_name_plural = _("xã, phường, đặc khu")
        ordering = ["territory", "folded"]
        constraints = [models.UniqueConstraint(fields=["code", "valid_from"], name="commune_code_start_unique")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"
