"""The criteria that a round is scored by: a tree under the four fixed heads of 40, 40, 10 and 10 points."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from products.enums import ProductGroup

from ..enums import CriteriaState
from .round import Round


class CriteriaSet(models.Model):
    """Belongs to a round, optionally to one group of it; without a round it is a template to copy from.

    A version is drafted by one person and approved by another; the newest approved one is in force, and the
    one in force when scoring opens is frozen (TT 26/2014/TT-BCT, Điều 16.1: the council's chair approves).
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(
        Round, models.CASCADE, null=True, blank=True, related_name="criteria_sets", verbose_name=_("kỳ bình chọn")
    )
    group = models.CharField(
        _("nhóm sản phẩm"), max_length=12, choices=ProductGroup, blank=True, help_text=_("Bỏ trống: mọi nhóm.")
    )
    name = models.CharField(_("tên bộ tiêu chí"), max_length=200)
    legal_basis = models.CharField(_("căn cứ"), max_length=200, blank=True)
    version = models.PositiveSmallIntegerField(_("phiên bản"), default=1)
    state = models.CharField(_("trạng thái"), max_length=10, choices=CriteriaState, default=CriteriaState.APPROVED)
    copied_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("chép từ")
    )
    change_reason = models.CharField(_("lý do thay đổi"), max_length=300, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người trình")
    )
    proposed_at = models.DateTimeField(_("trình lúc"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người duyệt")
    )
    approved_at = models.DateTimeField(_("duyệt lúc"), null=True, blank=True)
    returned_reason = models.CharField(_("lý do trả lại"), max_length=300, blank=True)
    frozen_at = models.DateTimeField(_("khóa lúc"), null=True, blank=True)
    is_illustrative = models.BooleanField(_("điểm chi tiết minh họa"), default=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("bộ tiêu chí")
        verbose_name_plural = _("bộ tiêu chí")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "group", "version"],
                name="criteria_set_unique",
                violation_error_message=_("Kỳ này đã có bộ tiêu chí cho nhóm và phiên bản đó."),
            ),
            models.UniqueConstraint(
                fields=["round", "group"],
                condition=~Q(state=CriteriaState.APPROVED),
                name="criteria_set_one_open_version",
                violation_error_message=_("Nhóm này đang có một bản sửa chưa duyệt. Hãy mở bản đó."),
            ),
            models.CheckConstraint(
                condition=~Q(state=CriteriaState.PROPOSED) | Q(proposed_by__isnull=False, proposed_at__isnull=False),
                name="criteria_set_proposed_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | (Q(approved_at__isnull=False, proposed_by__isnull=False) & ~Q(approved_by=F("proposed_by"))),
                name="criteria_set_takes_two",
                violation_error_message=_("Người trình bộ tiêu chí không tự duyệt được."),
            ),
            models.CheckConstraint(
                condition=Q(frozen_at__isnull=True) | Q(state=CriteriaState.APPROVED),
                name="criteria_set_frozen_when_approved",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Criterion(models.Model):
    """A row of the score sheet. A leaf with a maximum is an input; a row without one is guidance."""

    criteria_set = models.ForeignKey(
        CriteriaSet, models.CASCADE, related_name="criteria", verbose_name=_("bộ tiêu chí")
    )
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", verbose_name=_("thuộc tiêu chí")
    )
    code = models.CharField(_("mã"), max_length=12)
    name = models.CharField(_("nội dung"), max_length=300)
    guidance = models.TextField(_("hướng dẫn chấm"), blank=True)
    max_points = models.DecimalField(_("điểm tối đa"), max_digits=5, decimal_places=2, null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("thứ tự"), default=0)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("tiêu chí")
        verbose_name_plural = _("tiêu chí")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["criteria_set", "code"],
                name="criterion_code_unique",
                violation_error_message=_("Bộ tiêu chí đã có mã này."),
            ),
            models.CheckConstraint(
                condition=Q(max_points__isnull=True) | Q(max_points__gt=0, max_points__lte=100),
                name="criterion_points_plausible",
                violation_error_message=_("Điểm tối đa phải lớn hơn 0 và không quá 100."),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")), name="criterion_not_its_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
