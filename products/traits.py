"""What the catalogue asks of a product itself: kind of maker, OCOP stars, where it is sold, ready for export.

Pure; `traits_sql` says the same to the database.
"""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from .enums import ChannelKind

TRAITS = ("kind", "stars", "channel", "export")
OCOP_YEARS = 3
STARS = ("5", "4", "3")
ONLINE = "online"
READY = "ready"
CHANNELS = {
    ONLINE: _("Bán trên mạng"),
    ChannelKind.SUPERMARKET.value: _("Siêu thị"),
    ChannelKind.SHOP.value: _("Cửa hàng"),
    ChannelKind.MARKET.value: _("Chợ, đại lý"),
    ChannelKind.SHOWROOM.value: _("Phòng trưng bày"),
    ChannelKind.EXPORT.value: _("Đang xuất khẩu"),
}
EXPORT = {READY: _("Sẵn sàng xuất khẩu")}


def ocop_holds(*, issued_year: int | None, expires_on: dt.date | None, on: dt.date) -> bool:
    """Whether an OCOP title is not known to be over: 36 months, so to the end of the third year where only that is known."""
    if expires_on is not None:
        return expires_on >= on
    return issued_year is None or issued_year + OCOP_YEARS >= on.year
