"""Taking dossiers in: eligibility as data, one request per addressee, what a commune reports."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portal.territory.models import Commune, Dated
from products.enums import Level, ProductGroup

from ..enums import Addressee, CheckAnswer, CheckKind
from .dossier import Dossier
from .round import Round


class EligibilityRule(Dated):
    """One condition a dossier must meet, with its legal basis and dates. Blank `level` and `group` hold for all.

    A computed rule names by its `code` a function in `rounds.eligibility`; an answered one is asked of a person.
    """

    code = models.SlugField(_("mã"), max_length=40)
    level = models.CharField(_("cấp"), max_length=10, choices=Level, blank=True)
    group = models.CharField(_("chỉ hỏi với nhóm"), max_length=12, choices=ProductGroup, blank=True)
    kind = models.CharField(_("cách kiểm tra"), max_length=8, choices=CheckKind)
    position = models.PositiveSmallIntegerField(_("thứ tự"), default=0)
    sentence = models.CharField(_("điều kiện"), max_length=300)
    failure = models.CharField(_("câu nói khi không đạt"), max_length=300)
    guidance = models.CharField(_("hướng dẫn kiểm tra"), max_length=500, blank=True)
    legal_basis = models.CharField(_("căn cứ"), max_length=200)
    is_certain = models.BooleanField(_("đã có văn bản"), default=True)
    warns_only = models.BooleanField(
        _("chỉ nhắc"), default=False, help_text=_("Không đạt thì nhắc người kiểm tra, hồ sơ không vì thế mà bị loại.")
    )

    class Meta:
        verbose_name = _("điều kiện tham gia")
        verbose_name_plural = _("điều kiện tham gia")
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "level", "valid_from"],
                name="eligibility_rule_unique",
                violation_error_message=_("Điều kiện này đã có một dòng cùng cấp, cùng ngày bắt đầu."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="eligibility_rule_dates_in_order",
                violation_error_message=_("Ngày kết thúc không được trước ngày bắt đầu."),
            ),
        ]

    def __str__(self) -> str:
        return self.sentence


class EligibilityAnswer(models.Model):
    """What a person found about one answered rule of one dossier, with the ground for it."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="answers", verbose_name=_("hồ sơ"))
    rule = models.ForeignKey(EligibilityRule, models.PROTECT, related_name="answers", verbose_name=_("điều kiện"))
    answer = models.CharField(_("kết quả"), max_length=14, choices=CheckAnswer)
    reason = models.CharField(_("căn cứ, lý do"), max_length=500)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người kiểm tra")
    )
    answered_at = models.DateTimeField(_("lúc"))
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("kết quả kiểm tra điều kiện")
        verbose_name_plural = _("kết quả kiểm tra điều kiện")
        ordering = ["rule__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "rule"], name="eligibility_answer_once"),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="eligibility_answer_has_reason",
                violation_error_message=_("Hãy ghi căn cứ của câu trả lời."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.get_answer_display()}"


class SupplementRequest(models.Model):
    """One request for what is missing, to one addressee. Asked again otherwise, a new one takes its place."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="requests", verbose_name=_("hồ sơ"))
    addressee = models.CharField(_("gửi"), max_length=16, choices=Addressee)
    words = models.TextField(_("nội dung cần bổ sung"))
    until = models.DateTimeField(_("hạn"))
    requested_at = models.DateTimeField(_("yêu cầu lúc"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người yêu cầu")
    )
    closed_at = models.DateTimeField(_("xong lúc"), null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("yêu cầu bổ sung")
        verbose_name_plural = _("yêu cầu bổ sung")
        ordering = ["-requested_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "addressee"],
                condition=Q(closed_at__isnull=True),
                name="supplement_request_once_open",
            ),
            models.CheckConstraint(
                condition=~Q(words=""),
                name="supplement_request_has_words",
                violation_error_message=_("Hãy ghi điều cần bổ sung."),
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("requested_at")),
                name="supplement_request_until_later",
                violation_error_message=_("Hạn bổ sung phải ở sau lúc yêu cầu."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier}: {self.get_addressee_display()}"


class CommuneReturn(models.Model):
    """A commune's word that it has nothing to file in a round (báo cáo không có)."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="commune_returns", verbose_name=_("kỳ bình chọn"))
    commune = models.ForeignKey(Commune, models.PROTECT, related_name="returns", verbose_name=_("xã, phường"))
    note = models.CharField(_("ghi chú"), max_length=300, blank=True)
    reported_at = models.DateTimeField(_("báo cáo lúc"))
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người báo cáo")
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("báo cáo không có của xã")
        verbose_name_plural = _("báo cáo không có của xã")
        constraints = [models.UniqueConstraint(fields=["round", "commune"], name="commune_return_once")]

    def __str__(self) -> str:
        return f"{self.commune}, {self.round}"
