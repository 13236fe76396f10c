"""What came of a nomination, in the words the public reads. Points and ranks never travel."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    """The public outcome of a dossier above."""

    IN_PROGRESS = "in_progress", _("Đang được xét")
    NOT_ELIGIBLE = "not_eligible", _("Hồ sơ không đủ điều kiện")
    WITHDRAWN = "withdrawn", _("Hồ sơ đã rút")
    NOT_RECOGNISED = "not_recognised", _("Không được công nhận")
    RECOGNISED = "recognised", _("Được công nhận")
