from django.db import models
from django.utils.translation import gettext_lazy as _


class FacilityKind(models.TextChoices):
    ENTERPRISE = "enterprise", _("Doanh nghiệp")
    COOPERATIVE = "cooperative", _("Hợp tác xã")
    COOPERATIVE_GROUP = "cooperative_group", _("Tổ hợp tác")
    HOUSEHOLD = "household", _("Hộ kinh doanh")
    UNKNOWN = "unknown", _("Chưa rõ loại hình")


class ContactKind(models.TextChoices):
    PHONE = "phone", _("Điện thoại")
    EMAIL = "email", _("Thư điện tử")
    WEBSITE = "website", _("Trang web")
    ZALO = "zalo", _("Zalo")
    OTHER = "other", _("Khác")


class RepresentativeState(models.TextChoices):
    """A producer's claim to speak for a facility; only an approved one opens anything."""

    PENDING = "pending", _("Chờ Sở xác nhận")
    APPROVED = "approved", _("Đã xác nhận")
    REFUSED = "refused", _("Không xác nhận")
    ENDED = "ended", _("Đã thôi")


class RegisterKind(models.TextChoices):
    """What of the register can be there twice."""

    FACILITY = "facility", _("Cơ sở")
    PRODUCT = "product", _("Sản phẩm")


class YearlyReportState(models.TextChoices):
    """A facility's yearly report on its way to the department."""

    DRAFT = "draft", _("Đang soạn")
    SUBMITTED = "submitted", _("Đã nộp")
    RETURNED = "returned", _("Trả lại để sửa")
    ACCEPTED = "accepted", _("Đã tiếp nhận")


class Reporter(models.TextChoices):
    """Who owes a yearly report."""

    FACILITY = "facility", _("Cơ sở gửi Sở Công Thương")
    DEPARTMENT = "department", _("Sở Công Thương gửi Cục")
