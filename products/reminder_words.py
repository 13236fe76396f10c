"""What reminders of the end of a recognition say: the portal's own texts, and what may be filled into any text."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portal.notices.enums import Recipients
from portal.notices.schedule import Reminder, register
from portal.notices.wording import Field, Words
from portal.territory.queries import unit_today
from portal.text.formats import day

from .enums import DatePrecision, Level

KIND = "recognition_expiry"
FIELDS = {
    "product": Field(gettext_lazy("tên sản phẩm"), gettext_lazy("Chè đinh mẫu")),
    "facility": Field(gettext_lazy("tên cơ sở"), gettext_lazy("Cơ sở mẫu số 1")),
    "level": Field(gettext_lazy("cấp công nhận"), gettext_lazy("cấp tỉnh")),
    "year": Field(gettext_lazy("năm công nhận"), "2024"),
    "last_day": Field(gettext_lazy("ngày cuối còn hiệu lực"), pgettext_lazy("sample", "ngày 31/12/2026")),
    "province": Field(gettext_lazy("tỉnh hiện nay"), gettext_lazy("Thái Nguyên")),
    "renewal": Field(
        gettext_lazy("đường dẫn trang đăng ký lại, cho người đại diện cơ sở"),
        settings.SITE_URL + "/ho-so-cua-toi/dang-ky-lai/…/",
    ),
    "link": Field(gettext_lazy("đường dẫn trang của sản phẩm"), settings.SITE_URL + "/san-pham/che-dinh-mau/"),
}


def title(*, ended: bool) -> str:
    if ended:
        return _("Giấy chứng nhận đã hết hiệu lực: {product}")
    return _("Giấy chứng nhận sắp hết hiệu lực: {product}")


def to_maker(*, ended: bool) -> Words:
    lines = [
        _("Kính gửi {facility},"),
        "",
        _end(ended=ended),
        "",
        _("Việc cần làm:"),
        (
            _("1. Không in biểu trưng công nhận trên nhãn, bao bì sản xuất từ nay.")
            if ended
            else _("1. Sau thời hạn trên, không in biểu trưng công nhận trên nhãn, bao bì mới.")
        ),
        _(
            "2. Muốn sản phẩm được công nhận tiếp, hãy đăng ký vào kỳ bình chọn tới. "
            "Sở Công Thương {province} báo thời gian nhận hồ sơ và giấy tờ cần có."
        ),
        _("3. Đăng ký lại, hoặc báo Sở cơ sở có đăng ký hay không, tại: {renewal}"),
        "",
        _("Trang của sản phẩm: {link}"),
    ]
    return Words(title(ended=ended), "\n".join(lines), chat(ended=ended))


def way_out() -> str:
    """To an address without an account: why it is written to, and whom to tell besides the link in the letter."""
    return _(
        "Quý cơ sở nhận thư này vì đã đồng ý nhận thư nhắc. Muốn thôi nhận, hãy báo Sở Công Thương {province}, "
        "hoặc bấm liên kết ngừng nhận ở cuối thư."
    )


def to_staff(*, ended: bool, reached: bool = True) -> Words:
    lines = [
        _end(ended=ended),
        _("Cơ sở: {facility}."),
        "",
        _("Việc cần làm:"),
        (
            _("1. Hỏi cơ sở có đăng ký kỳ bình chọn tới hay không. Cơ sở cũng đã nhận thư nhắc.")
            if reached
            else _(
                "1. Báo cho cơ sở bằng công văn hoặc điện thoại: sổ chưa có địa chỉ thư điện tử "
                "mà cơ sở đồng ý nhận thư nhắc, nên cơ sở chưa được báo."
            )
        ),
        _("2. Nếu ngày hết hiệu lực khác với giấy chứng nhận, hãy sửa trong sổ công nhận."),
        "",
        _("Trang của sản phẩm: {link}"),
    ]
    return Words(title(ended=ended), "\n".join(lines), chat(ended=ended))


def chat(*, ended: bool) -> str:
    """A few lines to paste into a messenger, for a facility that reads no mail."""
    if ended:
        return _(
            "Sở Công Thương {province} báo {facility}: giấy chứng nhận sản phẩm công nghiệp nông thôn tiêu biểu "
            "{level} năm {year} của “{product}” đã hết hiệu lực sau {last_day}. Từ nay quý cơ sở không in biểu trưng "
            "công nhận trên bao bì mới. Muốn được công nhận tiếp, hãy đăng ký kỳ bình chọn tới. Xem: {link}"
        )
    return _(
        "Sở Công Thương {province} báo {facility}: giấy chứng nhận sản phẩm công nghiệp nông thôn tiêu biểu "
        "{level} năm {year} của “{product}” có hiệu lực đến hết {last_day}. Muốn được công nhận tiếp, quý cơ sở "
        "hãy đăng ký kỳ bình chọn tới. Xem: {link}"
    )


def facts(row: Any) -> dict[str, str]:
    """What is filled in for a recognition read with its product and facility."""
    return {
        "product": row.name,
        "facility": row.facility or _("đang bổ sung theo quyết định"),
        "level": str(Level(row.level).label).lower(),
        "year": str(row.year),
        "last_day": last_day(row.expires_on, row.expiry_precision),
        "province": unit_today(row.territory_id).name,
        "renewal": settings.SITE_URL + reverse("renewal", args=[row.uuid]),
        "link": settings.SITE_URL + reverse("product", args=[row.slug]),
    }


def last_day(last: dt.date, precision: str) -> str:
    """The last valid day as far as it is known: "ngày 31/12/2026" or only "năm 2026"."""
    if precision == DatePrecision.YEAR:
        return _("năm %(year)s") % {"year": last.year}
    return _("ngày %(day)s") % {"day": day(last)}


def _end(*, ended: bool) -> str:
    if ended:
        return _(
            "Giấy chứng nhận sản phẩm công nghiệp nông thôn tiêu biểu {level} năm {year} của “{product}” "
            "đã hết hiệu lực sau {last_day}."
        )
    return _(
        "Giấy chứng nhận sản phẩm công nghiệp nông thôn tiêu biểu {level} năm {year} của “{product}” "
        "có hiệu lực đến hết {last_day}."
    )


def _default(recipients: str, ended: bool) -> Words:
    return to_maker(ended=ended) if recipients == Recipients.FACILITY else to_staff(ended=ended)


register(Reminder(kind=KIND, fields=FIELDS, default=_default, levels=tuple(Level.choices)))
