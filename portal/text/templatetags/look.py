"""Template tags and filters of the design language: icons, seals, badges, swatches, numbers."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from django import template
from django.templatetags.static import static
from django.urls import translate_url
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.text import display, formats
from portal.text.seal import INK_BY_STATUS, seal_svg
from portal.text.swatches import Swatch
from portal.text.swatches import swatch as choose_swatch

register = template.Library()

LEVEL_IN_WORDS = {
    "commune": gettext_lazy("cấp xã"),
    "district": gettext_lazy("cấp huyện"),
    "province": gettext_lazy("cấp tỉnh"),
    "region": gettext_lazy("cấp khu vực"),
    "national": gettext_lazy("cấp quốc gia"),
}
BADGE_ICONS = {
    "valid": "circle-check",
    "expiring": "hourglass",
    "expired": "circle-minus",
    "superseded": "replace",
    "suspended": "circle-pause",
    "withdrawn": "undo-2",
    "revoked": "octagon-x",
}


@cache
def _sprite() -> str:
    return static("vendor/icons.svg")


@register.simple_tag
def icon(name: str, size: int = 20, extra: str = "") -> SafeString:
    """One icon of the sprite, hidden from screen readers: the words beside it carry the meaning."""
    return format_html(
        '<svg class="icon{}" width="{}" height="{}" fill="none" stroke="currentColor" stroke-width="1.75"'
        ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        f" {extra}" if extra else "",
        size,
        size,
        _sprite(),
        name,
    )


@register.simple_tag
def seal(level: str, year: int | str | None = None, status: str = "valid", size: int = 60) -> SafeString:
    """The seal of recognition; `status` is the certificate's status code. Always say level and year in text as well."""
    label = _("Biểu trưng công nhận %(level)s %(year)s") % {"level": LEVEL_IN_WORDS[level], "year": year or ""}
    drawn = seal_svg(level=level, year=year, status=status, size=size, label=_sealed_label(label.strip(), status))
    return mark_safe(drawn)  # noqa: S308  seal_svg escapes the only free values, label and year


def _sealed_label(label: str, status: str) -> str:
    suffix = {
        "lacquer": "",
        "faded": _(", không còn hiệu lực"),
        "struck": _(", đã thu hồi") if status == "revoked" else _(", đã rút"),
    }[INK_BY_STATUS[status]]
    return label + suffix


@register.simple_tag
def status_badge(
    status: str,
    expires_on: date | None = None,
    precision: str = "day",
    days_left: int | None = None,
    since: date | int | None = None,
) -> SafeString:
    """State in force as icon and words.

    `expires_on` is the last valid day; with `precision="year"` only its year is said. `days_left` counts
    that day too. `since` is the day of revocation, withdrawal or suspension, or the year of the new recognition.
    """
    words = status_words(status, expires_on, precision, days_left, since)
    return format_html('<span class="badge badge--{}">{}{}</span>', status, icon(BADGE_ICONS[status], 16), words)


def status_words(
    status: str,
    expires_on: date | None = None,
    precision: str = "day",
    days_left: int | None = None,
    since: date | int | None = None,
) -> str:
    """The sentence of a status badge, without its icon."""
    if status == "valid":
        if not expires_on:
            return _("Còn hiệu lực")
        return _("Còn hiệu lực đến %(date)s") % {"date": _until(expires_on, precision)}
    if status == "expiring":
        return _expiring_words(expires_on, precision, days_left)
    if status == "expired":
        if not expires_on:
            return _("Hết hiệu lực")
        return _("Hết hiệu lực từ %(date)s") % {"date": _after(expires_on, precision)}
    return _ended_words(status, since)


def _expiring_words(expires_on: date | None, precision: str, days_left: int | None) -> str:
    if days_left is not None and precision == "day":
        if days_left <= 0:
            return _("Hôm nay là ngày cuối có hiệu lực")
        return ngettext("Còn %(days)s ngày hiệu lực", "Còn %(days)s ngày hiệu lực", days_left) % {"days": days_left}
    if expires_on:
        return _("Sắp hết hiệu lực, đến %(date)s") % {"date": _until(expires_on, precision)}
    return _("Sắp hết hiệu lực")


def _ended_words(status: str, since: date | int | None) -> str:
    bare, dated = {
        "revoked": (_("Đã thu hồi"), _("Đã thu hồi từ %(date)s")),
        "withdrawn": (_("Đã rút"), _("Đã rút từ %(date)s")),
        "suspended": (_("Tạm dừng hiệu lực"), _("Tạm dừng hiệu lực từ %(date)s")),
        "superseded": (_("Đã có công nhận mới"), _("Đã có công nhận mới %(date)s")),
    }[status]
    if not since:
        return bare
    return dated % {"date": vn_date(since) if isinstance(since, date) else _("năm %(year)s") % {"year": since}}


def _until(day: date, precision: str) -> str:
    return str(day.year) if precision == "year" else formats.day(day)


def _after(last_day: date, precision: str) -> str:
    return _until(last_day + timedelta(days=1), precision)


@register.simple_tag
def swatch(key: object, group: str, name: str = "", square: bool = False) -> str:
    """Static URL of the pattern that stands in for a product's photo. `key` is the product's UUID."""
    return static(choose_swatch(str(key), group, name).path(square=square))


@register.simple_tag
def swatch_of(key: object, group: str, name: str = "") -> Swatch:
    """The chosen swatch itself, for `{% swatch_of … as s %}` and a caption that names the pattern."""
    return choose_swatch(str(key), group, name)


@register.simple_tag
def roman(number: int) -> str:
    """A round's ordinal as a Roman numeral."""
    return formats.roman(int(number))


@register.simple_tag(takes_context=True)
def in_language(context: template.Context, code: str) -> str:
    """The address of this very page in another language, with its query."""
    return translate_url(here(context), code)


@register.simple_tag(takes_context=True)
def here(context: template.Context) -> str:
    """The address of this very page, for links that carry it along."""
    request = context.get("request")
    return display.here(request) if request else "/"


@register.filter
def vn_number(value: int | Decimal | None) -> str:
    """1.234.567,8; nothing for nothing."""
    return "" if value is None or value == "" else formats.number(value)


@register.filter
def vn_money(value: int | None) -> str:
    """200 triệu đồng, 12,31 tỷ đồng; nothing for nothing."""
    return "" if value is None or value == "" else formats.money(int(value))


@register.filter
def vn_dong(value: int | None) -> str:
    """1.234.567 đồng, to the last; nothing for nothing."""
    return "" if value is None or value == "" else formats.dong(int(value))


@register.filter
def vn_percent(value: int | Decimal | None) -> str:
    """80 % whole; nothing for nothing."""
    return "" if value is None or value == "" else formats.percent(value)


@register.filter
def vn_date(value: date | datetime | None) -> str:
    """21/11/2026 in Vietnam's time; nothing for nothing."""
    if not value:
        return ""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return formats.day(value)


@register.filter
def vn_time(value: datetime | None) -> str:
    """14:32 in Vietnam's time; nothing for nothing."""
    if not value:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{local:%H:%M}"


@register.filter
def points(value: Decimal | None) -> str:
    """8,5 and 40; an unscored item stays empty, it is never 0."""
    return "" if value is None or value == "" else formats.points(value)
