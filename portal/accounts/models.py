"""One account per person, with dated grants of roles."""

import datetime as dt
import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portal.territory.enums import Region
from portal.territory.models import Commune, Territory

from .enums import OrganisationKind, Role


class Organisation(models.Model):
    """An office: a department, an extension centre, the agency, a commune's committee."""

    name = models.CharField(_("tên đơn vị"), max_length=200)
    kind = models.CharField(_("loại"), max_length=20, choices=OrganisationKind)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="organisations", verbose_name=_("tỉnh")
    )

    class Meta:
        verbose_name = _("đơn vị")
        verbose_name_plural = _("đơn vị")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name", "territory"], name="organisation_name_unique")]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person. What the person may reach comes from grants and seats, not from flags."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    full_name = models.CharField(_("họ và tên"), max_length=120)
    title = models.CharField(_("chức danh"), max_length=120, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("đơn vị")
    )
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    REQUIRED_FIELDS = ["email", "full_name"]
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    class Meta:
        verbose_name = _("tài khoản")
        verbose_name_plural = _("tài khoản")
        ordering = ["full_name"]

    def __str__(self) -> str:
        return self.full_name or self.username

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name


class GrantQuerySet(models.QuerySet["Grant"]):
    def active(self, on: dt.date) -> "GrantQuerySet":
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on), valid_from__lte=on)


class Grant(models.Model):
    """A role held by a person between two days, in a province, a commune, a region or everywhere.

    A grant on a unit that has ended follows the unit's successor.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="grants", verbose_name=_("người"))
    role = models.CharField(_("vai trò"), max_length=20, choices=Role)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="grants", verbose_name=_("tỉnh")
    )
    commune = models.ForeignKey(
        Commune, models.PROTECT, null=True, blank=True, related_name="grants", verbose_name=_("xã")
    )
    region = models.CharField(_("khu vực"), max_length=10, choices=Region, blank=True)
    valid_from = models.DateField(_("từ ngày"))
    valid_to = models.DateField(_("đến hết ngày"), null=True, blank=True)
    note = models.CharField(_("quyết định giao việc"), max_length=200, blank=True)

    objects = GrantQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("phân quyền")
        verbose_name_plural = _("phân quyền")
        ordering = ["user", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=[Role.AGENCY_NATIONAL, Role.ADMINISTRATOR])
                | (Q(role=Role.AGENCY_REGIONAL) & ~Q(region=""))
                | (
                    Q(role__in=[Role.OFFICER, Role.LEADER, Role.EXTENSION_OFFICER, Role.COMMUNE_OFFICER])
                    & Q(territory__isnull=False)
                ),
                name="grant_scope_fits_role",
                violation_error_message=_(
                    "Vai trò của tỉnh cần chọn tỉnh, vai trò khu vực cần chọn khu vực. Hãy chọn phạm vi của vai trò."
                ),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="grant_dates_in_order",
                violation_error_message=_("Ngày kết thúc không được trước ngày bắt đầu."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.territory or self.get_region_display() or _('toàn quốc')}"
