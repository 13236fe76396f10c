"""Numbers of what is kept in another portal, read from its open data: there are no dossiers or lists behind them here."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.territory.models import Territory
from products.enums import Level, ProductGroup

from .round import Round


class RoundCount(models.Model):
    """Numbers of a whole round (`group` empty) or of one group in it, as `portal.pages.statistics` counts them.

    What a jury or council decided is null until the result is announced.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="counts", verbose_name=_("kỳ bình chọn"))
    group = models.CharField(_("nhóm sản phẩm"), max_length=12, choices=ProductGroup, blank=True)
    on = models.DateField(_("số liệu ngày"))
    dossiers = models.PositiveIntegerField(_("hồ sơ"))
    facilities = models.PositiveIntegerField(_("cơ sở"))
    first_time = models.PositiveIntegerField(_("lần đầu"))
    eligible = models.PositiveIntegerField(_("đủ điều kiện"))
    scored = models.PositiveIntegerField(_("đã chấm"), null=True)
    passed = models.PositiveIntegerField(_("đạt điểm"), null=True)
    recognised = models.PositiveIntegerField(_("công nhận"), null=True)
    singles = models.PositiveIntegerField(_("sản phẩm đơn"), null=True)
    sets = models.PositiveIntegerField(_("bộ sản phẩm"), null=True)

    class Meta:
        verbose_name = _("số liệu của kỳ ở cổng khác")
        verbose_name_plural = _("số liệu của các kỳ ở cổng khác")
        constraints = [models.UniqueConstraint(fields=["round", "group"], name="round_count_once")]

    def __str__(self) -> str:
        return f"{self.round}: {self.dossiers}"


class NominationCount(models.Model):
    """What became of the lists that a province sent up to a level in a year."""

    year = models.PositiveSmallIntegerField(_("năm"))
    level = models.CharField(_("đề cử lên cấp"), max_length=10, choices=Level)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("tỉnh gửi"))
    eligible = models.PositiveIntegerField(_("đủ điều kiện"))
    nominated = models.PositiveIntegerField(_("được đề cử"))
    entered = models.PositiveIntegerField(_("đã vào kỳ"))
    recognised = models.PositiveIntegerField(_("được công nhận"))

    class Meta:
        verbose_name = _("số đề cử ở cổng khác")
        verbose_name_plural = _("số đề cử ở cổng khác")
        constraints = [models.UniqueConstraint(fields=["year", "level", "territory"], name="nomination_count_once")]

    def __str__(self) -> str:
        return f"{self.territory}, {self.get_level_display()} {self.year}"
