"""Totals that were published before the portal counted: shown beside the register, never added in."""

import re
import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portal.territory.models import Territory
from portal.text.formats import number

from ..enums import FigureMeasure, FigurePrecision, Level, ProductGroup

NATION = "Cả nước"
FORMER = " (cũ)"
# How a note begins that tells of one.
CONTRADICTION = "nguồn mâu thuẫn"

AMOUNTS = {
    "sản phẩm": pgettext_lazy("số đã công bố", "%(sum)s sản phẩm"),
    "cơ sở": pgettext_lazy("số đã công bố", "%(sum)s cơ sở"),
    "đề án": pgettext_lazy("số đã công bố", "%(sum)s đề án"),
    "lượt": pgettext_lazy("số đã công bố", "%(sum)s lượt"),
    "gian hàng": pgettext_lazy("số đã công bố", "%(sum)s gian hàng"),
    "sự kiện": pgettext_lazy("số đã công bố", "%(sum)s sự kiện"),
    "kỳ": pgettext_lazy("số đã công bố", "%(sum)s kỳ"),
    "đợt": pgettext_lazy("số đã công bố", "%(sum)s đợt"),
    "đồng": _("%(sum)s đồng"),
    "triệu đồng": _("%(sum)s triệu đồng"),
    "tỷ đồng": _("%(sum)s tỷ đồng"),
}
# How sources write when: each pattern with the words that tell its parts.
PERIODS = (
    (re.compile(r"(?P<when>.+) \(lần (?P<ordinal>[IVXLC]+)\)"), _("%(when)s (lần %(ordinal)s)")),
    (re.compile(r"(?P<when>.+) \(mục tiêu\)"), _("%(when)s (mục tiêu)")),
    (re.compile(r"đến (?P<when>\d{4})"), _("đến %(when)s")),
    (re.compile(r"(?P<n>\d+) năm"), _("%(n)s năm")),
    (re.compile(r"(?P<n>\d+) tháng (?P<when>\d{4})"), _("%(n)s tháng %(when)s")),
    (re.compile(r"(?P<when>\d{4}) đợt (?P<n>\d+)"), _("%(when)s đợt %(n)s")),
)


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
        """Where, as its source wrote it; the whole country and former provinces in the reader's language."""
        if self.place.endswith(FORMER):
            return gettext("%(name)s (cũ)") % {"name": self.place.removesuffix(FORMER)}
        return gettext("Cả nước") if self.place == NATION else self.place

    @property
    def display_period(self) -> str:
        """When, as its source wrote it; in English by the words of `PERIODS`, where it is written like them."""
        if get_language() == "en":
            for pattern, words in PERIODS:
                if found := pattern.fullmatch(self.period):
                    return str(words) % found.groupdict()
        return self.period

    @property
    def display_value(self) -> str:
        """How much, as its source wrote it; in English by its number and how exact it is, where those are known."""
        return self._in_english("%(sum)s") or self.value_text

    @property
    def display_amount(self) -> str:
        """How much of what, as its source wrote it; in English by its number and its unit, where those are known."""
        words = AMOUNTS.get(self.unit, f"%(sum)s {self.unit.replace('%', '%%')}")
        return (self._in_english(str(words)) or f"{self.value_text} {self.unit}").strip()

    def _in_english(self, words: str) -> str:
        """The number in words that hold it; empty on a Vietnamese page, and where there is no single number."""
        if get_language() != "en" or self.value is None or self.precision == FigurePrecision.TEXT:
            return ""
        exact = "" if self.precision == FigurePrecision.EXACT else str(FigurePrecision(self.precision).label)
        return f"{exact} {words % {'sum': number(self.value)}}".strip()

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
