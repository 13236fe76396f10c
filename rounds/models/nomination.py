"""Nomination to the next level, and what travels between deployments."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portal.accounts.enums import Role
from portal.accounts.queries import PROVINCE_ROLES, staff_reach
from portal.files.models import StoredFile
from portal.territory.enums import Region
from portal.territory.models import Commune, Territory
from products.enums import Level
from products.models import Product, Recognition

from ..enums import ConflictChoice, ListState, NotNominated, PackageKind, PackageState, PeerRole
from .dossier import Dossier
from .round import Round


class Peer(models.Model):
    """Another deployment of the portal that lists are exchanged with, known by its public key (Ed25519)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("tên"), max_length=200)
    role = models.CharField(_("vai trò"), max_length=8, choices=PeerRole)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh")
    )
    region = models.CharField(_("khu vực"), max_length=10, choices=Region, blank=True)
    public_key = models.CharField(_("khóa công khai"), max_length=64, unique=True)
    address = models.URLField(_("địa chỉ cổng"), blank=True)
    added_at = models.DateTimeField(_("thêm lúc"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người thêm")
    )
    retired_at = models.DateTimeField(_("thôi dùng lúc"), null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("cổng trao đổi")
        verbose_name_plural = _("các cổng trao đổi")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class NominationQuota(models.Model):
    """How many dossiers one unit may send up to a round; an empty `territory` holds for every unit without its own."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="nomination_quotas", verbose_name=_("kỳ bình chọn"))
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh")
    )
    maximum = models.PositiveSmallIntegerField(_("số lượng tối đa"))
    basis = models.CharField(_("căn cứ"), max_length=200)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("số lượng được đề cử")
        verbose_name_plural = _("số lượng được đề cử")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "territory"], condition=Q(territory__isnull=False), name="nomination_quota_once"
            ),
            models.UniqueConstraint(
                fields=["round"], condition=Q(territory__isnull=True), name="nomination_quota_general_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}: {self.maximum}"


class NominationListQuerySet(models.QuerySet["NominationList"]):
    def visible_to(self, user: Any) -> "NominationListQuerySet":
        """The sending unit's staff, a commune's officers for their own, and, once sent, who runs the round it goes to.

        A draft is its unit's own: the level above does not read it.
        """
        reach = staff_reach(user)
        if Role.ADMINISTRATOR in reach.roles:
            return self
        provinces = [pk for pk, roles in reach.roles_in.items() if roles & PROVINCE_ROLES]
        own = Q(territory__in=provinces) | Q(commune__in=reach.commune_ids)
        run = Q() if reach.everything else Q(round__in=Round.objects.visible_to(user).values("pk"))
        return self.filter(own | (run & ~Q(state=ListState.DRAFT)))


class NominationList(models.Model):
    """One unit's list for one round above: what it nominates, what it could have and did not, or nothing at all.

    Within one deployment `round` is the round above; before that round is known here, `level`, `region`, `year`
    name it. The manifest is frozen and hashed when the list is sent.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("tỉnh gửi"))
    commune = models.ForeignKey(
        Commune, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("xã, phường gửi")
    )
    round = models.ForeignKey(
        Round, models.PROTECT, null=True, blank=True, related_name="nomination_lists", verbose_name=_("kỳ nhận đề cử")
    )
    level = models.CharField(_("đề cử lên cấp"), max_length=10, choices=Level)
    region = models.CharField(_("khu vực"), max_length=10, choices=Region, blank=True)
    year = models.PositiveSmallIntegerField(_("năm"))
    ordinal = models.PositiveSmallIntegerField(_("lần thứ"), default=0)
    state = models.CharField(_("trạng thái"), max_length=8, choices=ListState, default=ListState.DRAFT)
    nothing_reason = models.CharField(_("lý do không đề cử sản phẩm nào"), max_length=500, blank=True)
    letter_number = models.CharField(_("số văn bản đề nghị"), max_length=60, blank=True)
    letter_on = models.DateField(_("ngày văn bản"), null=True, blank=True)
    letter_signer = models.CharField(_("chức danh người ký"), max_length=200, blank=True)
    letter_scan = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("bản chụp văn bản")
    )
    manifest = models.JSONField(_("bản kê đã khóa"), default=dict, blank=True, editable=False)
    manifest_hash = models.CharField(_("mã băm bản kê"), max_length=64, blank=True, editable=False)
    sent_at = models.DateTimeField(_("gửi lúc"), null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người gửi")
    )
    received_at = models.DateTimeField(_("nhận lúc"), null=True, blank=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người nhận")
    )
    returned_at = models.DateTimeField(_("trả lại lúc"), null=True, blank=True)
    returned_reason = models.CharField(_("lý do trả lại"), max_length=500, blank=True)
    peer = models.ForeignKey(
        Peer, models.PROTECT, null=True, blank=True, related_name="lists", verbose_name=_("cổng trao đổi")
    )
    history = HistoricalRecords()

    objects = NominationListQuerySet.as_manager()

    class Meta:
        verbose_name = _("danh sách đề cử")
        verbose_name_plural = _("danh sách đề cử")
        ordering = ["-year", "level", "territory"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "level", "region", "year", "ordinal"],
                condition=Q(commune__isnull=True) & ~Q(state=ListState.RETURNED),
                name="nomination_list_once",
                violation_error_message=_("Tỉnh đã có danh sách đề cử cho kỳ này. Hãy mở danh sách đã có."),
            ),
            models.UniqueConstraint(
                fields=["commune", "level", "year", "ordinal"],
                condition=Q(commune__isnull=False) & ~Q(state=ListState.RETURNED),
                name="nomination_list_once_commune",
                violation_error_message=_("Xã đã có danh sách đề cử cho kỳ này. Hãy mở danh sách đã có."),
            ),
            models.CheckConstraint(
                condition=Q(state=ListState.DRAFT, sent_at__isnull=True, manifest_hash="")
                | (~Q(state=ListState.DRAFT) & Q(sent_at__isnull=False) & ~Q(manifest_hash="")),
                name="nomination_list_sent_is_frozen",
            ),
            models.CheckConstraint(
                condition=~Q(state=ListState.RETURNED) | ~Q(returned_reason=""),
                name="nomination_list_returned_has_reason",
                violation_error_message=_("Hãy ghi lý do trả lại."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commune or self.territory} → {self.get_level_display().lower()} {self.year}"


class Nomination(models.Model):
    """One product on a list: nominated, or eligible and not nominated for a reason."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    nomination_list = models.ForeignKey(
        NominationList, models.CASCADE, related_name="nominations", verbose_name=_("danh sách")
    )
    product = models.ForeignKey(Product, models.PROTECT, related_name="nominations", verbose_name=_("sản phẩm"))
    recognition = models.ForeignKey(
        Recognition,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="nominations",
        verbose_name=_("công nhận cấp dưới"),
    )
    chosen = models.BooleanField(_("đề cử"), default=False)
    position = models.PositiveSmallIntegerField(_("thứ tự"), default=0)
    why_not = models.CharField(_("vì sao không đề cử"), max_length=14, choices=NotNominated, blank=True)
    reason = models.CharField(_("giải thích"), max_length=500, blank=True)
    source = models.ForeignKey(
        Dossier, models.PROTECT, null=True, blank=True, related_name="nominated", verbose_name=_("hồ sơ cấp dưới")
    )
    dossier = models.OneToOneField(
        Dossier, models.PROTECT, null=True, blank=True, related_name="nomination", verbose_name=_("hồ sơ ở cấp trên")
    )
    # What came of it above, also where the round above lives in another deployment.
    outcome = models.JSONField(_("kết quả"), default=dict, blank=True)

    class Meta:
        verbose_name = _("đề cử")
        verbose_name_plural = _("đề cử")
        ordering = ["nomination_list", "-chosen", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["nomination_list", "product"],
                name="nomination_product_once",
                violation_error_message=_("Sản phẩm này đã có trong danh sách."),
            ),
            models.CheckConstraint(condition=Q(chosen=False) | Q(why_not=""), name="nomination_chosen_has_no_excuse"),
            models.CheckConstraint(
                condition=Q(dossier__isnull=True) | Q(chosen=True), name="nomination_entered_was_chosen"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.nomination_list}: {self.product}"


class ExchangePackage(models.Model):
    """A signed file to or from a partner. The same content is taken once, however often it comes."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    peer = models.ForeignKey(Peer, models.PROTECT, related_name="packages", verbose_name=_("cổng trao đổi"))
    incoming = models.BooleanField(_("gói đến"), default=False)
    kind = models.CharField(_("loại"), max_length=10, choices=PackageKind)
    state = models.CharField(_("trạng thái"), max_length=8, choices=PackageState, default=PackageState.PREPARED)
    nomination_list = models.ForeignKey(
        NominationList, models.PROTECT, null=True, blank=True, related_name="packages", verbose_name=_("danh sách")
    )
    digest = models.CharField(_("SHA-256"), max_length=64)
    size = models.PositiveBigIntegerField(_("dung lượng (byte)"))
    file = models.FileField(_("tệp"), upload_to="exchange/%Y", max_length=200)
    findings = models.JSONField(_("kết quả kiểm tra"), default=list, blank=True)
    made_at = models.DateTimeField(_("đóng gói lúc"))
    arrived_at = models.DateTimeField(_("đến lúc"), null=True, blank=True)
    by_api = models.BooleanField(_("gửi qua mạng"), default=False)
    applied_at = models.DateTimeField(_("ghi vào sổ lúc"), null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người xử lý")
    )

    class Meta:
        verbose_name = _("gói trao đổi")
        verbose_name_plural = _("các gói trao đổi")
        ordering = ["-made_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["incoming", "digest"], name="exchange_package_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.digest[:12]}"


class ExchangeConflict(models.Model):
    """One difference between what a package says and what the register holds, and how a person settled it."""

    package = models.ForeignKey(
        ExchangePackage, models.CASCADE, related_name="conflicts", verbose_name=_("gói trao đổi")
    )
    subject = models.CharField(_("đối tượng"), max_length=20)
    subject_uuid = models.UUIDField(_("mã của bên gửi"))
    field = models.CharField(_("điểm khác"), max_length=40)
    ours = models.TextField(_("của ta"), blank=True)
    theirs = models.TextField(_("của bên gửi"), blank=True)
    choice = models.CharField(_("xử lý"), max_length=8, choices=ConflictChoice, blank=True)
    reason = models.CharField(_("lý do"), max_length=300, blank=True)
    settled_at = models.DateTimeField(_("xử lý lúc"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người xử lý")
    )

    class Meta:
        verbose_name = _("điểm khác nhau")
        verbose_name_plural = _("các điểm khác nhau")
        ordering = ["package", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["package", "subject", "subject_uuid", "field"], name="exchange_conflict_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.field}"


class ForeignIdentity(models.Model):
    """Which object here is the partner's object of that uuid, so that a second package finds it again."""

    peer = models.ForeignKey(Peer, models.CASCADE, related_name="identities", verbose_name=_("cổng trao đổi"))
    kind = models.CharField(_("loại"), max_length=20)
    foreign_uuid = models.UUIDField(_("mã của bên kia"))
    local_id = models.PositiveBigIntegerField(_("bản ghi ở đây"))

    class Meta:
        verbose_name = _("đối chiếu mã")
        verbose_name_plural = _("đối chiếu mã")
        constraints = [models.UniqueConstraint(fields=["peer", "kind", "foreign_uuid"], name="foreign_identity_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.foreign_uuid}"
