"""Totals that were published before the portal counted: shown beside the register, never added in."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from portal.territory.models import Territory

from ..enums import FigureMeasure, FigurePrecision, Level, ProductGroup

NATION = "Cả nước"
# How a note begins that tells of one.
CONTRADICTION = "nguồn mâu thuẫn"


class PublishedFigure(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    place = models.CharField(_("nơi"), max_length=120, help_text=_("Như nguồn đã viết."))
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="figures", verbose_name=_("tỉnh")
    )
    period = models.CharField(_("kỳ"), max_length=60)
    year_from = models.PositiveSmallIntegerField(_("từ năm"), null=True, blank=True)
    year_to = models.PositiveSmallIntegerField(_("đến năm"), null=True, blank=True)
    what = models.CharField(_("số liệu"), max_length=300)
    measure = models.CharField(_("đại lượng"), max_length=40, choices=FigureMeasure, blank=True)
    level = models.CharField(_("cấp"), max_length=10, choices=Level, blank=True)
    group = models.CharField(_("nhóm"), max_length=12, choices=ProductGroup, blank=True)
    value = models.DecimalField(_("giá trị"), max_digits=18, decimal_places=3, null=True, blank=True)
    value_text = models.CharField(_("giá trị như đã công bố"), max_length=100)
    precision = models.CharField(
        _("độ chính xác"), max_length=6, choices=FigurePrecision, default=FigurePrecision.EXACT
    )
    unit = models.CharField(_("đơn vị tính"), max_length=40, blank=True)
    source = models.CharField(_("nguồn"), max_length=300)
    note = models.CharField(_("mâu thuẫn, ghi chú"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("số liệu đã công bố")
        verbose_name_plural = _("số liệu đã công bố")
        ordering = ["place", "period", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "period", "what", "source"],
                name="figure_unique",
                violation_error_message=_(
                    "Đã có số liệu này: cùng nơi, kỳ, nội dung và nguồn. Hãy sửa dòng đã có, hoặc ghi rõ nội dung khác."
                ),
            ),
            models.CheckConstraint(
                condition=Q(year_from__isnull=True) | Q(year_to__isnull=True) | Q(year_from__lte=F("year_to")),
                name="figure_years_in_order",
                violation_error_message=_("Năm đầu không được sau năm cuối."),
            ),
        ]

    @property
    def is_contradiction(self) -> bool:
        """Whether the note says that the source contradicts itself."""
        return self.note.lower().startswith(CONTRADICTION)

    @property
    def display_place(self) -> str:
        """Where, as its source wrote it; the whole country in the reader's language."""
        return gettext("Cả nước") if self.place == NATION else self.place

    @property
    def display_what(self) -> str:
        """What it counts, as its source wrote it; in English by its measure, level and group, where they are known."""
        if get_language() != "en" or self.measure in {"", FigureMeasure.OTHER}:
            return self.what
        known = [str(FigureMeasure(self.measure).label)]
        known += [str(kind(code).label) for kind, code in ((Level, self.level), (ProductGroup, self.group)) if code]
        return ", ".join(known).capitalize()

    def __str__(self) -> str:
        return f"{self.place}, {self.period}: {self.what} {self.value_text}"
