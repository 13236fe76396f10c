"""What strangers write to the portal: an error in an entry, a question or an order for a maker, how useful a page was."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from facilities.models import Facility
from portal.accounts.scope import ProvinceScopedQuerySet
from portal.territory.models import Territory

from ..enums import ErrorAbout, InquiryKind, InquiryState
from .product import Product


class InquiryQuerySet(ProvinceScopedQuerySet["Inquiry"]):
    province_path = "territory"


class Inquiry(models.Model):
    """One message of a visitor. The maker's address is never shown to the sender, the sender's only to who must answer.

    `territory` is the province that sees to it, empty for a word to the portal itself. Name, address and words of
    the sender are erased when their keeping time is over (Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15).
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("loại"), max_length=8, choices=InquiryKind)
    about = models.CharField(_("chỗ sai"), max_length=8, choices=ErrorAbout, blank=True)
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="inquiries", verbose_name=_("sản phẩm")
    )
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="inquiries", verbose_name=_("cơ sở")
    )
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tỉnh xử lý")
    )
    name = models.CharField(_("họ tên người gửi"), max_length=120, blank=True)
    organisation = models.CharField(_("đơn vị"), max_length=200, blank=True)
    email = models.EmailField(_("thư điện tử"), max_length=200, blank=True)
    phone = models.CharField(_("số điện thoại"), max_length=30, blank=True)
    message = models.TextField(_("nội dung"), max_length=3000, blank=True)
    quantity = models.CharField(_("số lượng cần mua"), max_length=120, blank=True)
    destination = models.CharField(_("nơi giao, thị trường"), max_length=120, blank=True)
    wanted_by = models.DateField(_("cần hàng trước ngày"), null=True, blank=True)
    language = models.CharField(_("ngôn ngữ"), max_length=2, default="vi")
    state = models.CharField(_("trạng thái"), max_length=9, choices=InquiryState, default=InquiryState.NEW)
    received_at = models.DateTimeField(_("gửi lúc"))
    passed_on_at = models.DateTimeField(_("chuyển cho cơ sở lúc"), null=True, blank=True)
    answer = models.TextField(_("trả lời"), max_length=3000, blank=True)
    answered_at = models.DateTimeField(_("trả lời lúc"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người trả lời"),
    )
    closed_at = models.DateTimeField(_("xong lúc"), null=True, blank=True)
    erased_at = models.DateTimeField(_("xóa dữ liệu người gửi lúc"), null=True, blank=True)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        verbose_name = _("thư của bạn đọc")
        verbose_name_plural = _("thư của bạn đọc")
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=InquiryKind.CONTACT) | Q(product__isnull=False) | Q(facility__isnull=False),
                name="inquiry_has_subject",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(name="", organisation="", email="", phone="", message=""),
                name="inquiry_erased_is_empty",
            ),
            models.CheckConstraint(
                condition=~Q(state=InquiryState.ANSWERED) | Q(answered_at__isnull=False),
                name="inquiry_answered_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[InquiryState.CLOSED, InquiryState.REJECTED]) | Q(closed_at__isnull=False),
                name="inquiry_closed_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["territory", "state", "received_at"], name="inquiry_waiting"),
            models.Index(fields=["facility", "state"], name="inquiry_of_facility"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {localdate(self.received_at):%d/%m/%Y}"


class PageRating(models.Model):
    """Whether a public page was useful to one reader. Nothing of who said so."""

    page = models.CharField(_("trang"), max_length=200)
    product = models.ForeignKey(
        Product, models.CASCADE, null=True, blank=True, related_name="ratings", verbose_name=_("sản phẩm")
    )
    language = models.CharField(_("ngôn ngữ"), max_length=2, default="vi")
    useful = models.BooleanField(_("có ích"))
    comment = models.CharField(_("góp ý"), max_length=500, blank=True)
    on = models.DateField(_("ngày"))

    class Meta:
        verbose_name = _("đánh giá thông tin")
        verbose_name_plural = _("đánh giá thông tin")
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["page", "useful"], name="rating_of_page")]

    def __str__(self) -> str:
        return f"{self.page}, {self.on}"
