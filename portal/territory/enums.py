from django.db import models
from django.utils.translation import gettext_lazy as _


class TerritoryKind(models.TextChoices):
    PROVINCE = "province", _("Tỉnh")
    CITY = "city", _("Thành phố trực thuộc trung ương")


class CommuneKind(models.TextChoices):
    COMMUNE = "commune", _("Xã")
    WARD = "ward", _("Phường")
    SPECIAL_ZONE = "special_zone", _("Đặc khu")


class Region(models.TextChoices):
    """Extension regions (khu vực) of TT 26/2014/TT-BCT, Điều 3."""

    NORTH = "north", _("phía Bắc")
    CENTRAL = "central", _("miền Trung – Tây Nguyên")
    SOUTH = "south", _("phía Nam")


class Basis(models.TextChoices):
    """The two bases of every figure."""

    CURRENT = "current", _("Tỉnh hiện nay")
    AT_THE_TIME = "at_the_time", _("Tỉnh khi công nhận")
