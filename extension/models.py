"""How makers are supported: programmes and projects of industrial extension (khuyến công)."""

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from facilities.models import Facility
from portal.accounts.models import Organisation
from portal.accounts.queries import staff_reach
from portal.accounts.scope import ProvinceScopedQuerySet
from portal.territory.models import Territory
from portal.text.fields import DerivedCharField
from portal.text.folding import fold
from products.models import Product

from .enums import ActivityHead, BeneficiaryKind, Funding, ProjectKind, ProjectState
from .states import GRANTED


class ProgrammeQuerySet(ProvinceScopedQuerySet["Programme"]):
    province_path = "territory"

    def visible_to(self, user: Any) -> "ProgrammeQuerySet":
        """Those of the person's provinces, and the nation's, which every project may belong to."""
        reach = staff_reach(user)
        if reach.everything:
            return self
        national = Q(territory__isnull=True) if reach.roles else Q(pk__in=[])
        return self.filter(Q(territory__in=reach.territory_ids) | national)


class Programme(models.Model):
    """Chương trình khuyến công: of the nation, or of one province, over some years."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("tên chương trình"), max_length=250)
    territory = models.ForeignKey(
        Territory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="programmes",
        verbose_name=_("tỉnh"),
        help_text=_("Bỏ trống với chương trình quốc gia."),
    )
    year_from = models.PositiveSmallIntegerField(_("từ năm"))
    year_to = models.PositiveSmallIntegerField(_("đến năm"))
    legal_basis = models.CharField(_("quyết định phê duyệt"), max_length=250, blank=True)
    history = HistoricalRecords()
    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("chương trình khuyến công")
        verbose_name_plural = _("chương trình khuyến công")
        ordering = ["-year_from", "name"]
        constraints = [
            models.UniqueConstraint(fields=["name", "year_from"], name="programme_unique"),
            models.CheckConstraint(
                condition=Q(year_to__gte=F("year_from")),
                name="programme_years_in_order",
                violation_error_message=_("Năm kết thúc không được trước năm bắt đầu."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProjectQuerySet(ProvinceScopedQuerySet["Project"]):
    province_path = "territory"

    def public(self) -> "ProjectQuerySet":
        return self.filter(is_public=True)

    def granted(self) -> "ProjectQuerySet":
        """Approved and not stopped: what was only registered is no support yet."""
        return self.filter(state__in=GRANTED)


class Project(models.Model):
    """Đề án khuyến công. Money in whole đồng; `territory` is the province as of then."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("đường dẫn"), max_length=140, unique=True, blank=True)
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name=_("chương trình")
    )
    code = models.CharField(_("mã đề án"), max_length=40, blank=True)
    name = models.CharField(_("tên đề án"), max_length=400)
    kind = models.CharField(_("loại đề án"), max_length=6, choices=ProjectKind, default=ProjectKind.SINGLE)
    funding = models.CharField(_("nguồn kinh phí"), max_length=8, choices=Funding)
    head = models.PositiveSmallIntegerField(_("nội dung khuyến công"), choices=ActivityHead)
    year = models.PositiveSmallIntegerField(_("năm"))
    year_to = models.PositiveSmallIntegerField(_("đến năm"), null=True, blank=True)
    territory = models.ForeignKey(
        Territory, models.PROTECT, related_name="projects", verbose_name=_("tỉnh khi thực hiện")
    )
    implementing_unit = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name=_("đơn vị thực hiện")
    )
    extension_funds = models.BigIntegerField(_("kinh phí khuyến công (đồng)"), null=True, blank=True)
    counterpart_funds = models.BigIntegerField(_("vốn đối ứng (đồng)"), null=True, blank=True)
    other_funds = models.BigIntegerField(_("nguồn khác (đồng)"), null=True, blank=True)
    disbursed = models.BigIntegerField(_("đã giải ngân (đồng)"), null=True, blank=True)
    state = models.CharField(_("trạng thái"), max_length=10, choices=ProjectState, default=ProjectState.REGISTERED)
    summary = models.TextField(_("nội dung chính"), blank=True)
    source = models.CharField(_("nguồn"), max_length=300, blank=True)
    published_sum = models.CharField(
        _("kinh phí như nguồn viết"),
        max_length=160,
        blank=True,
        help_text=_("Khi nguồn chỉ nêu con số gần đúng hoặc gộp, ví dụ “hơn 1,2 tỷ đồng”. Không cộng vào tổng."),
    )
    is_public = models.BooleanField(_("công khai"), default=False)
    is_illustrative = models.BooleanField(_("số liệu minh họa"), default=False)
    folded = DerivedCharField(max_length=440, make=lambda p: fold(p.name))
    history = HistoricalRecords(excluded_fields=["folded"])
    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("đề án khuyến công")
        verbose_name_plural = _("đề án khuyến công")
        ordering = ["-year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "code"],
                condition=~Q(code=""),
                name="project_code_unique",
                violation_error_message=_("Tỉnh này đã có đề án mang mã đó."),
            ),
            models.CheckConstraint(
                condition=(Q(extension_funds__isnull=True) | Q(extension_funds__gte=0))
                & (Q(counterpart_funds__isnull=True) | Q(counterpart_funds__gte=0))
                & (Q(other_funds__isnull=True) | Q(other_funds__gte=0)),
                name="project_money_not_negative",
                violation_error_message=_("Số tiền không được âm."),
            ),
            models.CheckConstraint(
                condition=Q(disbursed__isnull=True)
                | Q(disbursed__gte=0, extension_funds__isnull=False, disbursed__lte=F("extension_funds")),
                name="project_disbursed_within_funds",
                violation_error_message=_("Số đã giải ngân không được vượt kinh phí khuyến công đã duyệt."),
            ),
            models.CheckConstraint(
                condition=Q(year_to__isnull=True) | Q(year_to__gte=F("year")),
                name="project_years_in_order",
                violation_error_message=_("Năm kết thúc không được trước năm bắt đầu."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Beneficiary(models.Model):
    """Who is supported: a facility (counted in turns), a cluster, or trainees."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="beneficiaries", verbose_name=_("đề án"))
    kind = models.CharField(_("loại"), max_length=8, choices=BeneficiaryKind, default=BeneficiaryKind.FACILITY)
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="supports", verbose_name=_("cơ sở")
    )
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="supports", verbose_name=_("sản phẩm")
    )
    name = models.CharField(_("tên cụm, lớp"), max_length=200, blank=True)
    people = models.PositiveIntegerField(_("số lao động"), null=True, blank=True)
    turns = models.PositiveIntegerField(_("số lượt"), default=1)
    extension_funds = models.BigIntegerField(_("kinh phí khuyến công (đồng)"), null=True, blank=True)
    fair_revenue = models.BigIntegerField(_("doanh thu tại hội chợ (đồng)"), null=True, blank=True)
    note = models.CharField(_("ghi chú"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("đối tượng thụ hưởng")
        verbose_name_plural = _("đối tượng thụ hưởng")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "facility"],
                condition=Q(facility__isnull=False),
                name="beneficiary_facility_once",
                violation_error_message=_("Cơ sở này đã có trong đề án. Hãy sửa số lượt của dòng đã có."),
            ),
            models.CheckConstraint(
                condition=Q(kind=BeneficiaryKind.FACILITY, facility__isnull=False)
                | (
                    Q(kind__in=[BeneficiaryKind.CLUSTER, BeneficiaryKind.TRAINEES], facility__isnull=True) & ~Q(name="")
                ),
                name="beneficiary_kind_agrees",
                violation_error_message=_("Thụ hưởng là cơ sở thì chọn cơ sở; là cụm hoặc lớp thì ghi tên."),
            ),
            models.CheckConstraint(
                condition=Q(turns__gte=1),
                name="beneficiary_turns_positive",
                violation_error_message=_("Số lượt ít nhất là 1."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.facility or self.name)
