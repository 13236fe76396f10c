from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a dated grant lets a person do. Judges, council and support team hold seats in a round instead."""

    OFFICER = "officer", _("Cán bộ Sở Công Thương")
    LEADER = "leader", _("Lãnh đạo Sở Công Thương")
    EXTENSION_OFFICER = "extension_officer", _("Cán bộ khuyến công")
    COMMUNE_OFFICER = "commune_officer", _("Cán bộ cấp xã")
    AGENCY_REGIONAL = "agency_regional", _("Cán bộ Cục phụ trách khu vực")
    AGENCY_NATIONAL = "agency_national", _("Cán bộ Cục")
    ADMINISTRATOR = "administrator", _("Quản trị hệ thống")


class OrganisationKind(models.TextChoices):
    DEPARTMENT = "department", _("Sở Công Thương")
    EXTENSION_CENTRE = "extension_centre", _("Trung tâm Khuyến công")
    AGENCY = "agency", _("Cục")
    COMMUNE = "commune", _("Ủy ban nhân dân cấp xã")
    OTHER = "other", _("Đơn vị khác")
