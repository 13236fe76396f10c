"""What the support brought: targets, results, and the same asked again after a year."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .project import Beneficiary, Project


class ResultIndicator(models.Model):
    """What is measured: machines, jobs, revenue, energy saved, people trained. Sums only where `adds_up`."""

    code = models.SlugField(_("mã"), max_length=30, unique=True)
    name = models.CharField(_("chỉ tiêu"), max_length=160)
    name_en = models.CharField(_("chỉ tiêu, tiếng Anh"), max_length=160, blank=True)
    unit = models.CharField(_("đơn vị tính"), max_length=40)
    is_money = models.BooleanField(_("là số tiền"), default=False)
    compares_before = models.BooleanField(_("so với trước hỗ trợ"), default=False)
    adds_up = models.BooleanField(_("cộng được"), default=True)
    ask_again = models.BooleanField(_("hỏi lại sau một năm"), default=True)
    ordinal = models.PositiveSmallIntegerField(_("thứ tự"), default=1)

    class Meta:
        verbose_name = _("chỉ tiêu kết quả")
        verbose_name_plural = _("chỉ tiêu kết quả")
        ordering = ["ordinal", "code"]

    def __str__(self) -> str:
        return self.name


class ResultLine(models.Model):
    """One indicator of a project, or of one of its beneficiaries. Silence is never zero: unknown stays empty."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="results", verbose_name=_("đề án"))
    beneficiary = models.ForeignKey(
        Beneficiary, models.CASCADE, null=True, blank=True, related_name="results", verbose_name=_("cơ sở")
    )
    indicator = models.ForeignKey(ResultIndicator, models.PROTECT, related_name="lines", verbose_name=_("chỉ tiêu"))
    target = models.DecimalField(_("mục tiêu"), max_digits=18, decimal_places=2, null=True, blank=True)
    before = models.DecimalField(_("trước hỗ trợ"), max_digits=18, decimal_places=2, null=True, blank=True)
    achieved = models.DecimalField(_("khi nghiệm thu"), max_digits=18, decimal_places=2, null=True, blank=True)
    later = models.DecimalField(_("sau một năm"), max_digits=18, decimal_places=2, null=True, blank=True)
    ask_on = models.DateField(_("hỏi lại ngày"), null=True, blank=True)
    answered_on = models.DateField(_("trả lời ngày"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    note = models.CharField(_("ghi chú"), max_length=300, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("kết quả")
        verbose_name_plural = _("kết quả")
        ordering = ["project", "indicator__ordinal", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "indicator"],
                condition=Q(beneficiary__isnull=True),
                name="result_once",
                violation_error_message=_("Đã có dòng của chỉ tiêu này."),
            ),
            models.UniqueConstraint(
                fields=["project", "beneficiary", "indicator"],
                condition=Q(beneficiary__isnull=False),
                name="result_once_each",
                violation_error_message=_("Cơ sở này đã có dòng của chỉ tiêu này."),
            ),
            models.CheckConstraint(
                condition=(Q(target__isnull=True) | Q(target__gte=0))
                & (Q(before__isnull=True) | Q(before__gte=0))
                & (Q(achieved__isnull=True) | Q(achieved__gte=0))
                & (Q(later__isnull=True) | Q(later__gte=0)),
                name="result_not_negative",
                violation_error_message=_("Kết quả không được âm."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.indicator}"
