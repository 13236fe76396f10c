"""What facilities and communes need: registered, gathered on a shelf, ranked, turned into projects."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from facilities.models import Facility
from portal.accounts.scope import ProvinceScopedQuerySet
from portal.files.models import StoredFile
from portal.territory.models import Commune, Territory
from products.models import Product

from ..enums import ActivityHead, Funding, NeedState
from .norm import NormItem
from .project import Project


class CallQuerySet(ProvinceScopedQuerySet["Call"]):
    province_path = "territory"


class Call(models.Model):
    """Đợt đăng ký nhu cầu: open from one day to the end of another, published on the public pages."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="calls", verbose_name=_("tỉnh"))
    title = models.CharField(_("tên đợt"), max_length=250)
    title_en = models.CharField(_("tên đợt, tiếng Anh"), max_length=250, blank=True)
    year = models.PositiveSmallIntegerField(_("cho kế hoạch năm"))
    funding = models.CharField(_("nguồn kinh phí"), max_length=8, choices=Funding)
    opens_on = models.DateField(_("nhận từ ngày"))
    closes_on = models.DateField(_("đến hết ngày"))
    items = models.ManyToManyField(NormItem, blank=True, related_name="+", verbose_name=_("nội dung được đăng ký"))
    body = models.TextField(_("ai được đăng ký, cần gì"), blank=True)
    contact = models.CharField(_("nơi hỏi"), max_length=250, blank=True)
    is_public = models.BooleanField(_("công khai"), default=False)
    is_illustrative = models.BooleanField(_("số liệu minh họa"), default=False, editable=False)
    history = HistoricalRecords()
    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("đợt đăng ký nhu cầu")
        verbose_name_plural = _("đợt đăng ký nhu cầu")
        ordering = ["-closes_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="call_days_in_order",
                violation_error_message=_("Ngày kết thúc không được trước ngày bắt đầu."),
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return self.title_en if get_language() == "en" and self.title_en else self.title


class NeedQuerySet(ProvinceScopedQuerySet["Need"]):
    province_path = "territory"


class Need(models.Model):
    """Nhu cầu hỗ trợ of one facility, registered by itself, by its commune or by an officer."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="needs", verbose_name=_("tỉnh"))
    commune = models.ForeignKey(
        Commune, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("xã, phường")
    )
    call = models.ForeignKey(
        Call, models.PROTECT, null=True, blank=True, related_name="needs", verbose_name=_("đợt đăng ký")
    )
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="needs", verbose_name=_("cơ sở")
    )
    # Of a facility that the register does not know yet.
    facility_name = models.CharField(_("tên cơ sở, tổ hợp tác, cụm"), max_length=250, blank=True)
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cho sản phẩm")
    )
    year = models.PositiveSmallIntegerField(_("muốn thực hiện năm"))
    item = models.ForeignKey(
        NormItem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("nội dung chi")
    )
    head = models.PositiveSmallIntegerField(_("nội dung khuyến công"), choices=ActivityHead, null=True, blank=True)
    title = models.CharField(_("cần hỗ trợ gì"), max_length=250)
    reason = models.TextField(_("vì sao, để làm gì"), blank=True)
    trade = models.CharField(_("ngành nghề"), max_length=120, blank=True)
    cost = models.BigIntegerField(_("tổng chi phí dự kiến (đồng)"), null=True, blank=True)
    own_funds = models.BigIntegerField(_("vốn tự có (đồng)"), null=True, blank=True)
    contact = models.CharField(_("người liên hệ, điện thoại"), max_length=200, blank=True)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("báo giá, hồ sơ kèm")
    )
    state = models.CharField(
        _("trạng thái"), max_length=10, choices=NeedState, default=NeedState.REGISTERED, editable=False
    )
    answer = models.TextField(_("trả lời của Trung tâm"), blank=True)
    wanted_funding = models.CharField(_("dự kiến nguồn"), max_length=8, choices=Funding, blank=True)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, editable=False, related_name="needs", verbose_name=_("đề án")
    )
    # Why it ranked as it did when it became a project.
    ranking = models.JSONField(default=dict, blank=True, editable=False)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name=_("người đăng ký")
    )
    registered_at = models.DateTimeField(_("đăng ký lúc"), editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    answered_at = models.DateTimeField(_("trả lời lúc"), null=True, blank=True, editable=False)
    is_illustrative = models.BooleanField(_("số liệu minh họa"), default=False, editable=False)
    history = HistoricalRecords()
    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("nhu cầu hỗ trợ")
        verbose_name_plural = _("nhu cầu hỗ trợ")
        ordering = ["-year", "registered_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(facility__isnull=False) | ~Q(facility_name=""),
                name="need_has_someone",
                violation_error_message=_("Hãy chọn cơ sở, hoặc ghi tên nếu cơ sở chưa có trong sổ."),
            ),
            models.CheckConstraint(
                condition=(Q(cost__isnull=True) | Q(cost__gte=0)) & (Q(own_funds__isnull=True) | Q(own_funds__gte=0)),
                name="need_money_not_negative",
                violation_error_message=_("Số tiền không được âm."),
            ),
            models.CheckConstraint(
                condition=Q(state=NeedState.TURNED, project__isnull=False)
                | (~Q(state=NeedState.TURNED) & Q(project__isnull=True)),
                name="need_turned_has_project",
            ),
            models.CheckConstraint(
                condition=~Q(state=NeedState.DECLINED) | ~Q(answer=""),
                name="need_declined_says_why",
                violation_error_message=_("Hãy ghi lý do để cơ sở biết."),
            ),
        ]
        indexes = [models.Index(fields=["territory", "state", "year"], name="need_shelf")]

    def __str__(self) -> str:
        return self.title
