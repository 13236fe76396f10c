from django.db import models
from django.utils.translation import gettext_lazy as _


class NoticeState(models.TextChoices):
    PLANNED = "planned", _("Chờ gửi")
    SENDING = "sending", _("Đang gửi")
    SENT = "sent", _("Đã gửi")
    FAILED = "failed", _("Gửi không được")
    DROPPED = "dropped", _("Không gửi nữa")
    SHOWN = "shown", _("Chỉ hiện trên cổng")


class Channel(models.TextChoices):
    """How a person wants to hear of one kind of matter. Whatever is mailed is shown in the portal too."""

    EMAIL = "email", _("Gửi thư ngay")
    DIGEST = "digest", _("Gộp vào một thư cuối ngày")
    PORTAL = "portal", _("Chỉ hiện trên cổng")
    OFF = "off", _("Không báo")


class Audience(models.TextChoices):
    """In what capacity a person hears of a matter; who no longer has it is not written to."""

    STAFF = "staff", _("cán bộ, lãnh đạo")
    COMMUNE = "commune", _("cán bộ cấp xã")
    FACILITY = "facility", _("cơ sở")
    UNIT = "unit", _("đơn vị thực hiện đề án khuyến công")
    SEATED = "seated", _("hội đồng, Ban Giám khảo, tổ giúp việc")


class Recipients(models.TextChoices):
    """To whom a reminder of a schedule goes."""

    FACILITY = "facility", _("Cơ sở")
    OFFICER = "officer", _("Cán bộ Sở")
    LEADER = "leader", _("Lãnh đạo Sở")
    EXTENSION = "extension", _("Cán bộ khuyến công")
    COMMUNE = "commune", _("Cán bộ cấp xã")
    AGENCY = "agency", _("Cán bộ Cục")


class FaultKind(models.TextChoices):
    """What a returned letter says about its address."""

    HARD = "hard", _("Địa chỉ không nhận được thư")
    SOFT = "soft", _("Tạm thời không nhận")


class Means(models.TextChoices):
    """How a person passed a reminder on."""

    PHONE = "phone", _("Điện thoại")
    ZALO = "zalo", _("Zalo, tin nhắn")
    VISIT = "visit", _("Gặp trực tiếp")
    PAPER = "paper", _("Công văn, thư giấy")
