"""A round of selection (kỳ bình chọn) and the people seated in its bodies."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portal.accounts.models import Organisation
from portal.accounts.queries import staff_reach
from portal.files.models import StoredFile
from portal.territory.enums import Region
from portal.territory.models import Dated, Territory
from portal.text.fields import DerivedCharField
from products.enums import Level
from products.models import Decision

from ..enums import SEATS_OF_BODY, AssignmentMode, Body, RoundState, SeatRole, TieBreak


class CouncilRule(Dated):
    """Who sets up the council of a level, how many members, who signs (rules.md §5)."""

    level = models.CharField(_("cấp"), max_length=10, choices=Level)
    sizes = models.JSONField(_("số thành viên được phép"), default=list, blank=True)
    signer = models.CharField(_("người ký công nhận"), max_length=120)
    legal_basis = models.CharField(_("căn cứ"), max_length=200)
    is_certain = models.BooleanField(_("đã có văn bản"), default=True)

    class Meta:
        verbose_name = _("quy định về hội đồng")
        verbose_name_plural = _("quy định về hội đồng")
        constraints = [models.UniqueConstraint(fields=["level", "valid_from"], name="council_rule_unique")]

    def __str__(self) -> str:
        return f"{self.get_level_display()} ({self.legal_basis})"


class RoundQuerySet(models.QuerySet["Round"]):
    def visible_to(self, user: Any) -> "RoundQuerySet":
        """Rounds the person works on: the province's or region's staff, national staff, and everyone seated."""
        return self._reached(user, tuple(Body))

    def with_dossiers_open_to(self, user: Any) -> "RoundQuerySet":
        """The same without the rounds that the person only judges: judges have pages of their own."""
        return self._reached(user, (Body.COUNCIL, Body.SUPPORT))

    def _reached(self, user: Any, bodies: tuple[Body, ...]) -> "RoundQuerySet":
        if not getattr(user, "is_authenticated", False):
            return self.none()
        reach = staff_reach(user)
        if reach.everything:
            return self
        seats = Seat.objects.filter(user=user, until__isnull=True, body__in=bodies)
        seated = Q(pk__in=seats.values("round_id"))
        return self.filter(Q(territory__in=reach.territory_ids) | Q(region__in=reach.regions) | seated)

    def public(self) -> "RoundQuerySet":
        """Rounds the public may know of: not drafts, not cancelled."""
        return self.exclude(state__in=[RoundState.DRAFT, RoundState.CANCELLED])


def scope_of(row: Any) -> str:
    """Where a round (or an old version of it) is held, as one key: province, region, the locality inside."""
    return f"{row.territory_id or ''}|{row.region}|{row.locality.strip().lower()}"


def usual_tie_break() -> list[str]:
    """The chain that a round starts with; its last step always decides."""
    return list(TieBreak.values)


class Round(models.Model):
    """One round. Unique by level, scope (province, region, nation, or province + locality), year, ordinal."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("đường dẫn"), max_length=140, unique=True, blank=True)
    level = models.CharField(_("cấp"), max_length=10, choices=Level)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="rounds", verbose_name=_("tỉnh")
    )
    region = models.CharField(_("khu vực"), max_length=10, choices=Region, blank=True)
    locality = models.CharField(_("huyện, xã"), max_length=120, blank=True)
    year = models.PositiveSmallIntegerField(_("năm"), validators=[MinValueValidator(2012), MaxValueValidator(2100)])
    ordinal = models.PositiveSmallIntegerField(_("lần thứ"), default=0, help_text=_("0 khi không đánh số."))
    name = models.CharField(_("tên kỳ"), max_length=250, blank=True)
    state = models.CharField(_("trạng thái"), max_length=14, choices=RoundState, default=RoundState.DRAFT)
    receiving_unit = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("đơn vị nhận hồ sơ"),
        help_text=_("Sở Công Thương hoặc Trung tâm Khuyến công."),
    )
    receiving_from = models.DateTimeField(_("nhận hồ sơ từ"), null=True, blank=True)
    receiving_until = models.DateTimeField(_("hạn nhận hồ sơ"), null=True, blank=True)
    scoring_until = models.DateTimeField(_("hạn nộp phiếu chấm"), null=True, blank=True)
    threshold = models.DecimalField(
        _("điểm đạt"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(70),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
        help_text=_("TT 26/2014/TT-BCT, Điều 17: điểm trung bình từ 70 trở lên."),
    )
    score_step = models.DecimalField(
        _("bước điểm"),
        max_digits=4,
        decimal_places=2,
        default=Decimal("0.5"),
        validators=[MinValueValidator(Decimal("0.01"))],
    )
    quorum = models.PositiveSmallIntegerField(
        _("số phiếu tối thiểu mỗi hồ sơ"), default=1, help_text=_("Theo quy chế của hội đồng.")
    )
    # Two passes, on dossiers and on site: which counts and how is the round's own rule (rules.md §4).
    has_site_pass = models.BooleanField(_("có lượt chấm tại chỗ"), default=False)
    site_weight = models.PositiveSmallIntegerField(
        _("tỷ lệ của lượt tại chỗ (%)"),
        default=50,
        validators=[MaxValueValidator(100)],
        help_text=_("100: chỉ tính lượt tại chỗ. 0: lượt tại chỗ chỉ để tham khảo."),
    )
    site_scoring_from = models.DateTimeField(_("chấm tại chỗ từ"), null=True, blank=True)
    site_scoring_until = models.DateTimeField(_("hạn nộp phiếu tại chỗ"), null=True, blank=True)
    drop_extremes = models.PositiveSmallIntegerField(
        _("số phiếu cao nhất và thấp nhất bỏ đi"),
        default=0,
        validators=[MaxValueValidator(3)],
        help_text=_("0: tính mọi phiếu. 1: bỏ một phiếu cao nhất và một phiếu thấp nhất của mỗi hồ sơ."),
    )
    drop_extremes_from = models.PositiveSmallIntegerField(
        _("chỉ bỏ khi có ít nhất số phiếu"), default=5, validators=[MinValueValidator(3)]
    )
    tie_break = models.JSONField(_("cách xếp khi bằng điểm"), default=usual_tie_break, blank=True)
    draw_seed = models.CharField(_("mã bốc thăm"), max_length=64, blank=True, editable=False)
    disagreement_points = models.DecimalField(
        _("báo lệch khi phiếu cao nhất và thấp nhất cách nhau"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(20),
        validators=[MinValueValidator(Decimal(1)), MaxValueValidator(Decimal(100))],
    )
    assignment = models.CharField(
        _("cách phân công chấm"), max_length=10, choices=AssignmentMode, default=AssignmentMode.EVERYONE
    )
    council_quorum = models.PositiveSmallIntegerField(
        _("số thành viên hội đồng tối thiểu khi họp"),
        null=True,
        blank=True,
        help_text=_("Bỏ trống: quá nửa số thành viên."),
    )
    publish_means = models.BooleanField(_("công khai điểm trung bình"), default=False)
    publish_recusals = models.BooleanField(_("công khai số lượt từ chối chấm"), default=False)
    provisional_until = models.DateTimeField(_("nhận ý kiến về danh sách dự kiến đến"), null=True, blank=True)
    quota = models.PositiveSmallIntegerField(_("số lượng công nhận tối đa"), null=True, blank=True)
    publish_provisional = models.BooleanField(_("công khai danh sách dự kiến"), default=False)
    lower_round_held = models.BooleanField(_("có bình chọn cấp dưới"), default=False)
    submission_number = models.CharField(_("số tờ trình"), max_length=60, blank=True)
    submitted_on = models.DateField(_("ngày trình"), null=True, blank=True)
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="rounds", verbose_name=_("quyết định công nhận")
    )
    minutes_scan = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("biên bản")
    )
    announced_at = models.DateTimeField(_("công bố lúc"), null=True, blank=True)
    cancelled_reason = models.TextField(_("lý do hủy"), blank=True)
    is_illustrative = models.BooleanField(_("số liệu minh họa"), default=False)
    # Known here from another portal's open data: nothing is handed in or decided in this portal.
    held_elsewhere = models.BooleanField(_("tổ chức ở cổng khác"), default=False, editable=False)
    scope_key = DerivedCharField(
        max_length=200,
        make=scope_of,
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RoundQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("kỳ bình chọn")
        verbose_name_plural = _("kỳ bình chọn")
        ordering = ["-year", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["level", "scope_key", "year", "ordinal"],
                name="round_unique",
                violation_error_message=_("Đã có kỳ bình chọn cùng cấp, phạm vi, năm và lần. Hãy mở kỳ đã có."),
            ),
            models.CheckConstraint(
                condition=Q(level=Level.NATIONAL, territory__isnull=True, region="", locality="")
                | (Q(level=Level.REGION, territory__isnull=True, locality="") & ~Q(region=""))
                | Q(level=Level.PROVINCE, territory__isnull=False, region="", locality="")
                | (Q(level__in=[Level.DISTRICT, Level.COMMUNE], territory__isnull=False, region="") & ~Q(locality="")),
                name="round_scope_fits_level",
                violation_error_message=_(
                    "Phạm vi phải hợp với cấp: cấp tỉnh chọn tỉnh; khu vực chọn khu vực; "
                    "quốc gia bỏ trống; cấp huyện, xã chọn tỉnh và ghi tên huyện, xã."
                ),
            ),
            models.CheckConstraint(
                condition=Q(receiving_until__isnull=True)
                | Q(receiving_from__isnull=True)
                | Q(receiving_until__gt=F("receiving_from")),
                name="round_receiving_in_order",
                violation_error_message=_("Hạn nhận hồ sơ phải sau ngày bắt đầu nhận."),
            ),
            models.CheckConstraint(
                condition=Q(site_weight__gte=0, site_weight__lte=100), name="round_site_weight_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(site_scoring_until__isnull=True)
                | Q(site_scoring_from__isnull=True)
                | Q(site_scoring_until__gt=F("site_scoring_from")),
                name="round_site_pass_in_order",
                violation_error_message=_("Hạn nộp phiếu tại chỗ phải sau lúc bắt đầu chấm tại chỗ."),
            ),
            models.CheckConstraint(
                condition=Q(drop_extremes=0) | Q(drop_extremes_from__gt=F("drop_extremes") * 2),
                name="round_drop_leaves_a_sheet",
                violation_error_message=_("Bỏ phiếu cao nhất và thấp nhất thì phải còn lại ít nhất một phiếu."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[RoundState.DECIDED, RoundState.ANNOUNCED, RoundState.CLOSED])
                | Q(decision__isnull=False),
                name="round_decided_has_decision",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[RoundState.ANNOUNCED, RoundState.CLOSED]) | Q(announced_at__isnull=False),
                name="round_announced_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=RoundState.CANCELLED) | ~Q(cancelled_reason=""),
                name="round_cancelled_has_reason",
                violation_error_message=_("Hãy ghi lý do hủy kỳ bình chọn."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The round's own name, else one made from level, scope, ordinal and year."""
        from .naming import round_title

        return self.name or round_title(self)

    def receiving_open(self, now: dt.datetime) -> bool:
        """Half-open: from the first instant up to, not including, the deadline."""
        if self.state != RoundState.RECEIVING or self.held_elsewhere:
            return False
        return (self.receiving_from is None or self.receiving_from <= now) and (
            self.receiving_until is None or now < self.receiving_until
        )


class Seat(models.Model):
    """A person's place in the council, the jury or the support team of a round. Replaced, never deleted."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="seats", verbose_name=_("kỳ bình chọn"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="seats", verbose_name=_("người"))
    body = models.CharField(_("tổ chức"), max_length=8, choices=Body)
    role = models.CharField(_("vai trò"), max_length=16, choices=SeatRole)
    since = models.DateField(_("từ ngày"))
    until = models.DateField(_("thôi từ ngày"), null=True, blank=True)
    until_reason = models.CharField(_("lý do thôi"), max_length=200, blank=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name=_("thay cho")
    )
    max_sheets = models.PositiveSmallIntegerField(
        _("số hồ sơ chấm tối đa"), null=True, blank=True, help_text=_("Bỏ trống: không giới hạn.")
    )
    groups = models.JSONField(_("nhóm sản phẩm phụ trách"), default=list, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("thành viên")
        verbose_name_plural = _("thành viên hội đồng, ban giám khảo, tổ giúp việc")
        ordering = ["body", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "user", "body"],
                condition=Q(until__isnull=True),
                name="seat_once_per_body",
                violation_error_message=_("Người này đã có trong danh sách."),
            ),
            models.UniqueConstraint(
                fields=["round", "role"],
                condition=Q(role__in=[SeatRole.CHAIR, SeatRole.HEAD_JUDGE, SeatRole.SECRETARY], until__isnull=True),
                name="seat_one_head",
                violation_error_message=_("Vai trò này đã có người giữ. Hãy cho người cũ thôi trước."),
            ),
            models.CheckConstraint(
                condition=Q(body=Body.COUNCIL, role__in=SEATS_OF_BODY[Body.COUNCIL])
                | Q(body=Body.JURY, role__in=SEATS_OF_BODY[Body.JURY])
                | Q(body=Body.SUPPORT, role__in=SEATS_OF_BODY[Body.SUPPORT]),
                name="seat_role_fits_body",
                violation_error_message=_("Vai trò không thuộc tổ chức đã chọn."),
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | ~Q(until_reason=""),
                name="seat_end_has_reason",
                violation_error_message=_("Hãy ghi lý do thôi tham gia."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display().lower()}"
