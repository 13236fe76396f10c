"""A project of industrial extension, whom it supports, where it stands."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from facilities.models import Facility
from facilities.publication import is_person
from portal.accounts.models import Organisation
from portal.accounts.scope import ProvinceScopedQuerySet
from portal.files.models import StoredFile
from portal.territory.models import Territory
from portal.text.fields import DerivedCharField
from portal.text.folding import fold
from products.models import Product

from ..enums import ActivityHead, BeneficiaryKind, Funding, ProjectKind, ProjectState
from ..states import GRANTED
from .programme import Plan, Programme, Workflow, WorkflowStep


class ProjectQuerySet(ProvinceScopedQuerySet["Project"]):
    province_path = "territory"

    def public(self) -> "ProjectQuerySet":
        return self.filter(is_public=True)

    def granted(self) -> "ProjectQuerySet":
        """Approved and not stopped: what was only registered is no support yet."""
        return self.filter(state__in=GRANTED)

    def locked(self, pk: int) -> "Project":
        """The row itself, write-locked: whoever works on one project takes turns. One query.

        Without its province: a row waited for is read anew, what was joined to it before is not.
        """
        return self.select_for_update(of=("self",)).get(pk=pk)


class Project(models.Model):
    """Đề án khuyến công. Money in whole đồng; `territory` is the province as of then."""

    # Pages that stand beside those of single projects, below the same address.
    RESERVED_SLUGS = frozenset({"hoi-cho", "muc-ho-tro", "noi-ban"})

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("đường dẫn"), max_length=140, unique=True, blank=True)
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name=_("chương trình")
    )
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name=_("kế hoạch năm")
    )
    workflow = models.ForeignKey(
        Workflow, models.PROTECT, null=True, blank=True, editable=False, related_name="projects"
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
    coordinating_unit = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("đơn vị phối hợp")
    )
    extension_funds = models.BigIntegerField(_("kinh phí khuyến công (đồng)"), null=True, blank=True)
    counterpart_funds = models.BigIntegerField(_("vốn đối ứng (đồng)"), null=True, blank=True)
    other_funds = models.BigIntegerField(_("nguồn khác (đồng)"), null=True, blank=True)
    disbursed = models.BigIntegerField(_("đã giải ngân (đồng)"), null=True, blank=True)
    state = models.CharField(_("trạng thái"), max_length=10, choices=ProjectState, default=ProjectState.REGISTERED)
    phase_since = models.DateField(_("ở giai đoạn này từ"), null=True, blank=True, editable=False)
    trade = models.CharField(_("ngành nghề"), max_length=120, blank=True)
    starts_on = models.DateField(_("bắt đầu"), null=True, blank=True)
    ends_on = models.DateField(_("kết thúc theo hợp đồng"), null=True, blank=True)
    contract_number = models.CharField(_("số hợp đồng"), max_length=60, blank=True)
    contract_on = models.DateField(_("ngày hợp đồng"), null=True, blank=True)
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

    @property
    def public_fair_revenue(self) -> int | None:
        """What was sold at fairs, as published; never of what may be a person."""
        return None if self.facility and is_person(self.facility) else self.fair_revenue


class StepDone(models.Model):
    """That a project has done a step, by whom and when."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="steps_done", verbose_name=_("đề án"))
    step = models.ForeignKey(WorkflowStep, models.PROTECT, related_name="+", verbose_name=_("bước"))
    done_on = models.DateField(_("làm xong ngày"))
    number = models.CharField(_("số văn bản"), max_length=60, blank=True)
    note = models.CharField(_("ghi chú"), max_length=300, blank=True)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("văn bản")
    )
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("người ghi")
    )
    recorded_at = models.DateTimeField(_("ghi lúc"))

    class Meta:
        verbose_name = _("bước đã làm")
        verbose_name_plural = _("các bước đã làm")
        ordering = ["project", "step__ordinal"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "step"],
                name="step_done_once",
                violation_error_message=_("Bước này đã ghi làm xong."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.done_on}"
