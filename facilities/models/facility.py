"""Who makes: rural industrial facilities, their yearly figures, contacts and consents."""

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portal.accounts.scope import ProvinceScopedQuerySet
from portal.territory.models import Commune, Territory
from portal.text.fields import DerivedCharField
from portal.text.folding import SORT_KEY_LENGTH, fold, name_key, sort_key

from ..enums import ContactKind, FacilityKind, RegisterKind, RepresentativeState


class FacilityQuerySet(ProvinceScopedQuerySet["Facility"]):
    province_path = "territory"

    def standing(self) -> "FacilityQuerySet":
        """Those that were not merged into another."""
        return self.filter(merged_into=None)

    def visible_to(self, user: Any) -> "FacilityQuerySet":
        return super().visible_to(user).standing()

    def public(self, *, on: dt.date | None = None) -> "FacilityQuerySet":
        """Facilities with at least one product whose recognition is published.

        With the day also without households whose last recognition was revoked and has run out, in the hours before
        the nightly sweep marks it (`products.validity_sql.due_to_be_withheld`).
        """
        rows = "products__recognitions__"
        published = Q(**{f"{rows}published_at__isnull": False, f"{rows}withheld_at__isnull": True})
        if on is not None:
            published &= (
                ~Q(kind=FacilityKind.HOUSEHOLD)
                | Q(**{f"{rows}revoked_on__isnull": True})
                | Q(**{f"{rows}revoked_on__gt": on})
                | Q(**{f"{rows}expires_on__gte": on})
            )
        return self.filter(pk__in=Facility.objects.filter(published).values("pk"))

    def withheld(self, *, on: dt.date) -> "FacilityQuerySet":
        """Households that once stood in the public register and no longer do: no page may say their name any more."""
        once = Facility.objects.filter(kind=FacilityKind.HOUSEHOLD, products__recognitions__published_at__isnull=False)
        return self.filter(pk__in=once.values("pk")).exclude(pk__in=Facility.objects.public(on=on).values("pk"))


class Facility(models.Model):
    """Cơ sở công nghiệp nông thôn. `territory` is the province as recorded, possibly a former one."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("đường dẫn"), max_length=140, unique=True, blank=True)
    name = models.CharField(_("tên cơ sở"), max_length=250)
    name_en = models.CharField(_("tên tiếng Anh"), max_length=250, blank=True)
    kind = models.CharField(_("loại hình"), max_length=20, choices=FacilityKind, default=FacilityKind.UNKNOWN)
    tax_code = models.CharField(
        _("mã số thuế"),
        max_length=14,
        blank=True,
        help_text=_("10 số, 10-3 số với chi nhánh, hoặc 12 số định danh của chủ hộ (chỉ cán bộ xem được)."),
    )
    territory = models.ForeignKey(
        Territory, models.PROTECT, related_name="facilities", verbose_name=_("tỉnh khi ghi nhận")
    )
    commune = models.ForeignKey(
        Commune, models.PROTECT, null=True, blank=True, related_name="facilities", verbose_name=_("xã, phường")
    )
    address_recognised = models.CharField(_("địa chỉ khi công nhận"), max_length=300, blank=True)
    address_today = models.CharField(_("địa chỉ hiện nay"), max_length=300, blank=True)
    latitude = models.DecimalField(_("vĩ độ"), max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(_("kinh độ"), max_digits=8, decimal_places=5, null=True, blank=True)
    founded_year = models.PositiveSmallIntegerField(_("năm thành lập"), null=True, blank=True)
    introduction = models.TextField(_("giới thiệu"), blank=True)
    introduction_en = models.TextField(_("giới thiệu bằng tiếng Anh"), blank=True)
    is_illustrative = models.BooleanField(_("cơ sở mẫu, số liệu minh họa"), default=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("đã gộp vào")
    )
    name_key = DerivedCharField(max_length=300, make=lambda f: name_key(f.name))
    folded = DerivedCharField(max_length=300, make=lambda f: fold(f.name))
    sort_key = DerivedCharField(max_length=SORT_KEY_LENGTH, make=lambda f: sort_key(f.name))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = FacilityQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["name_key", "folded", "sort_key"])

    class Meta:
        verbose_name = _("cơ sở")
        verbose_name_plural = _("cơ sở")
        ordering = ["sort_key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["tax_code"],
                condition=~Q(tax_code="") & Q(merged_into__isnull=True),
                name="facility_tax_code_unique",
                violation_error_message=_("Đã có cơ sở mang mã số thuế này. Hãy tìm và dùng cơ sở đã có."),
            ),
            models.UniqueConstraint(
                fields=["name_key", "territory"],
                condition=Q(tax_code="", merged_into__isnull=True),
                name="facility_name_in_province_unique",
                violation_error_message=_(
                    "Tỉnh này đã có cơ sở cùng tên. Hãy dùng cơ sở đã có, hoặc nhập mã số thuế để phân biệt."
                ),
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")),
                name="facility_not_merged_into_itself",
                violation_error_message=_("Cơ sở không thể gộp vào chính nó."),
            ),
        ]
        indexes = [models.Index(fields=["sort_key"], name="facility_sort")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_household(self) -> bool:
        return self.kind == FacilityKind.HOUSEHOLD


class FacilityYear(models.Model):
    """What the facility reports for one year. Money in đồng. Shown to staff only."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="years", verbose_name=_("cơ sở"))
    year = models.PositiveSmallIntegerField(_("năm"))
    revenue = models.BigIntegerField(_("doanh thu (đồng)"), null=True, blank=True)
    export_value = models.BigIntegerField(_("trị giá xuất khẩu (đồng)"), null=True, blank=True)
    workers = models.PositiveIntegerField(_("số lao động"), null=True, blank=True)
    source = models.CharField(_("nguồn"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("số liệu năm")
        verbose_name_plural = _("số liệu theo năm")
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "year"],
                name="facility_year_unique",
                violation_error_message=_("Cơ sở đã có số liệu của năm này. Hãy sửa dòng đã có."),
            ),
            models.CheckConstraint(
                condition=(Q(revenue__isnull=True) | Q(revenue__gte=0))
                & (Q(export_value__isnull=True) | Q(export_value__gte=0)),
                name="facility_year_money_not_negative",
                violation_error_message=_("Số tiền không được âm."),
            ),
            models.CheckConstraint(
                condition=Q(year__gte=1990) & Q(year__lte=2100),
                name="facility_year_plausible",
                violation_error_message=_("Năm phải từ 1990 đến 2100."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility} {self.year}"


class Contact(models.Model):
    """One way to reach a facility. Published only with consent; notified only with consent."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="contacts", verbose_name=_("cơ sở"))
    kind = models.CharField(_("loại"), max_length=10, choices=ContactKind)
    value = models.CharField(_("số, địa chỉ"), max_length=200)
    person = models.CharField(_("người liên hệ"), max_length=120, blank=True)
    may_publish = models.BooleanField(_("cơ sở đồng ý công bố"), default=False)
    may_notify = models.BooleanField(_("cơ sở đồng ý nhận thư nhắc"), default=False)
    consent_on = models.DateField(_("ngày đồng ý"), null=True, blank=True)
    consent_proof = models.CharField(_("văn bản đồng ý"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("liên hệ")
        verbose_name_plural = _("liên hệ")
        constraints = [
            models.CheckConstraint(
                condition=Q(may_publish=False, may_notify=False) | Q(consent_on__isnull=False),
                name="contact_consent_has_date",
                violation_error_message=_("Hãy ghi ngày cơ sở đồng ý trước khi công bố hoặc gửi thư nhắc."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.value}"


class RepresentativeQuerySet(ProvinceScopedQuerySet["Representative"]):
    province_path = "territory"

    def approved(self) -> "RepresentativeQuerySet":
        return self.filter(state=RepresentativeState.APPROVED, user__is_active=True)


class Representative(models.Model):
    """A person who speaks for a facility on the portal (người đại diện), once the province has approved it.

    What the person claimed when registering is kept as typed; `facility` is chosen by the officer who approves,
    so that registering shows nothing of what the register knows.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="representatives", verbose_name=_("người đại diện")
    )
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("tỉnh"))
    commune = models.ForeignKey(
        Commune, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("xã, phường")
    )
    claimed_name = models.CharField(_("tên cơ sở đã khai"), max_length=250)
    claimed_kind = models.CharField(_("loại hình đã khai"), max_length=20, choices=FacilityKind)
    claimed_tax_code = models.CharField(_("mã số thuế đã khai"), max_length=14, blank=True)
    claimed_address = models.CharField(_("địa chỉ đã khai"), max_length=300, blank=True)
    position = models.CharField(_("chức vụ tại cơ sở"), max_length=120, blank=True)
    phone = models.CharField(_("số điện thoại"), max_length=20, blank=True)
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="representatives", verbose_name=_("cơ sở")
    )
    state = models.CharField(
        _("trạng thái"), max_length=10, choices=RepresentativeState, default=RepresentativeState.PENDING
    )
    reason = models.CharField(_("lý do"), max_length=500, blank=True)
    applied_at = models.DateTimeField(_("đăng ký lúc"))
    decided_at = models.DateTimeField(_("xử lý lúc"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người xử lý")
    )

    objects = RepresentativeQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("người đại diện cơ sở")
        verbose_name_plural = _("người đại diện cơ sở")
        ordering = ["-applied_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "facility"],
                condition=Q(state=RepresentativeState.APPROVED),
                name="representative_once",
                violation_error_message=_("Người này đã là đại diện của cơ sở."),
            ),
            models.CheckConstraint(
                condition=~Q(state=RepresentativeState.APPROVED) | Q(facility__isnull=False),
                name="representative_approved_has_facility",
                violation_error_message=_("Hãy chọn cơ sở mà người này đại diện."),
            ),
            models.CheckConstraint(
                condition=Q(state=RepresentativeState.PENDING, decided_at__isnull=True)
                | (~Q(state=RepresentativeState.PENDING) & Q(decided_at__isnull=False)),
                name="representative_decided_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[RepresentativeState.REFUSED, RepresentativeState.ENDED]) | ~Q(reason=""),
                name="representative_refusal_has_reason",
                violation_error_message=_("Hãy ghi lý do."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.claimed_name}"


class MergingQuerySet(ProvinceScopedQuerySet["Merging"]):
    province_path = "territory"


class Merging(models.Model):
    """Two rows of the register made one. `changes` lists every field that was written, so that it can be undone."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("loại"), max_length=10, choices=RegisterKind)
    survivor_id = models.PositiveBigIntegerField(_("bản ghi còn lại"))
    survivor_name = models.CharField(_("tên còn lại"), max_length=300)
    loser_id = models.PositiveBigIntegerField(_("bản ghi đã gộp"))
    loser_name = models.CharField(_("tên đã gộp"), max_length=300)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("tỉnh"))
    changes = models.JSONField(_("thay đổi"), default=list)
    reason = models.CharField(_("lý do"), max_length=500)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("người gộp")
    )
    at = models.DateTimeField(_("gộp lúc"))
    undone_at = models.DateTimeField(_("tách lại lúc"), null=True, blank=True)

    objects = MergingQuerySet.as_manager()

    class Meta:
        verbose_name = _("lần gộp")
        verbose_name_plural = _("các lần gộp")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "loser_id"], condition=Q(undone_at__isnull=True), name="merging_once_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="merging_has_reason"),
            models.CheckConstraint(condition=~Q(survivor_id=F("loser_id")), name="merging_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.loser_name} → {self.survivor_name}"


class NotTwins(models.Model):
    """Two rows that look like one and are not, as an officer found, with the reason; smaller id first."""

    kind = models.CharField(_("loại"), max_length=10, choices=RegisterKind)
    first_id = models.PositiveBigIntegerField(_("bản ghi thứ nhất"))
    second_id = models.PositiveBigIntegerField(_("bản ghi thứ hai"))
    reason = models.CharField(_("lý do"), max_length=500)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("người xác nhận")
    )
    at = models.DateTimeField(_("xác nhận lúc"))

    class Meta:
        verbose_name = _("cặp không trùng")
        verbose_name_plural = _("các cặp không trùng")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "first_id", "second_id"],
                name="not_twins_once",
                violation_error_message=_("Cặp này đã được xác nhận là không trùng."),
            ),
            models.CheckConstraint(condition=Q(first_id__lt=F("second_id")), name="not_twins_in_order"),
            models.CheckConstraint(condition=~Q(reason=""), name="not_twins_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.first_id}, {self.second_id}"
