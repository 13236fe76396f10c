"""The saved list as a table: what a buyer compares products by."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext_lazy

from portal.accounts.exports import ExportField, related
from portal.territory.queries import unit_today
from portal.text.formats import day

from .cards import Standing, facility_name, place_then, standing, telling_first
from .catalogue import Clock
from .enums import DatePrecision, Status
from .models import Product, ProductStandard, Recognition
from .traits import CHANNELS, ONLINE
from .traits_sql import ocop_condition
from .withholding import is_withheld


def columns() -> list[ExportField]:
    """The columns of the file; each reads a product prepared by `products_of`."""
    return [
        ExportField(gettext_lazy("Tên sản phẩm"), related("display_name"), 40),
        ExportField(gettext_lazy("Cơ sở"), lambda row: facility_name(row.facility), 36),
        ExportField(gettext_lazy("Tỉnh hiện nay"), lambda row: unit_today(row.territory_id).name, 18),
        ExportField(gettext_lazy("Tỉnh khi công nhận"), lambda row: place_then(row.foremost.row), 18),
        ExportField(gettext_lazy("Nhóm sản phẩm"), lambda row: row.get_group_display(), 30),
        ExportField(gettext_lazy("Cấp"), lambda row: row.foremost.row.get_level_display(), 14),
        ExportField(gettext_lazy("Năm"), lambda row: row.foremost.row.year),
        ExportField(gettext_lazy("Hiệu lực hôm nay"), lambda row: str(Status(row.foremost.status).label), 18),
        ExportField(gettext_lazy("Có hiệu lực đến hết"), _end, 18),
        ExportField(gettext_lazy("Hạng sao OCOP"), _stars),
        ExportField(gettext_lazy("Kênh bán"), _channels, 30),
        ExportField(gettext_lazy("Mã GTIN"), _trade("gtin"), 18),
        ExportField(gettext_lazy("Quy cách đóng gói"), _trade("display_pack"), 30),
        ExportField(gettext_lazy("Hạn dùng (ngày)"), _trade("shelf_life_days")),
        ExportField(gettext_lazy("Cách bảo quản"), _trade("display_storage"), 30),
        ExportField(gettext_lazy("Sản lượng cung ứng"), _trade("capacity")),
        ExportField(gettext_lazy("Đơn vị tính"), _trade("capacity_unit")),
        ExportField(gettext_lazy("Trong"), _trade_of(_period), 12),
        ExportField(gettext_lazy("Đơn hàng nhỏ nhất"), _trade("minimum_order"), 18),
        ExportField(gettext_lazy("Thời gian giao (ngày)"), _trade("lead_time_days")),
        ExportField(gettext_lazy("Sẵn sàng xuất khẩu"), _trade_of(lambda facts: int(facts.export_ready))),
        ExportField(gettext_lazy("Mã HS"), _trade("hs_code"), 14),
        ExportField(gettext_lazy("Trang của sản phẩm"), _page, 50),
    ]


def products_of(keys: Sequence[int], clock: Clock) -> Iterator[Any]:
    """The public products of a list in its order, with all that the columns say. Six queries."""
    rows = Recognition.objects.published().select_related("territory")
    holding = ProductStandard.objects.filter(ocop_condition(clock.on)).order_by("-stars")
    found = (
        Product.objects.public()
        .select_related("facility", "territory", "trade")
        .prefetch_related(
            Prefetch("recognitions", rows, to_attr="listed"),
            Prefetch("standards", holding, to_attr="ocop"),
            "sales_links",
            "channels",
        )
        .in_bulk(list(keys))
    )
    product: Any  # with what was read ahead: listed, ocop; and its foremost recognition
    for product in (found[key] for key in keys if key in found):
        shown = [row for row in product.listed if not is_withheld(row, maker=product.facility, on=clock.on)]
        if shown:
            each = (standing(row, on=clock.on, expiring_days=clock.expiring_days) for row in shown)
            product.foremost = telling_first(each)[0]
            yield product


def _end(product: Any) -> str:
    found: Standing = product.foremost
    if found.row.expires_on is None:
        return ""
    by_year = found.row.expiry_precision == DatePrecision.YEAR
    return str(found.row.expires_on.year) if by_year else day(found.row.expires_on)


def _stars(product: Any) -> int | None:
    return product.ocop[0].stars if product.ocop else None


def _channels(product: Any) -> str:
    kinds = {channel.kind for channel in product.channels.all()}
    kinds |= {ONLINE} if product.sales_links.all() else set()
    return "; ".join(str(label) for value, label in CHANNELS.items() if value in kinds)


def _trade_of(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A value of what the maker declares to buyers; nothing where nothing was declared."""
    return lambda product: read(product.trade) if hasattr(product, "trade") else None


def _trade(name: str) -> Callable[[Any], Any]:
    return _trade_of(related(name))


def _period(facts: Any) -> str:
    return str(facts.get_capacity_period_display())


def _page(product: Any) -> str:
    return settings.SITE_URL + reverse("product", args=[product.slug])
