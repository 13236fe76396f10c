"""Products and sets, the standards and property rights they have, where they are sold."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from products.catalogue import Clock
from products.enums import CapacityPeriod, ChannelKind, ProductGroup, PropertyKind, SalesChannel, StandardKind
from products.models import (
    DistributionChannel,
    IntellectualProperty,
    Product,
    ProductPhoto,
    ProductStandard,
    Recognition,
    SalesLink,
    SetMember,
)
from products.queries import members
from products.serializers import whole
from products.validity_sql import due_to_be_withheld

from ..table import (
    ADDRESS,
    AT_ONCE,
    DAY,
    ID,
    LIST,
    MEASURE,
    NUMBER,
    TEXT,
    YES_NO,
    DataSet,
    Field,
    listed,
    of,
    today_slug,
)


def _standards(row: Product, clock: Clock) -> list[str]:
    return [_standard(one) for one in row.standards.all()]


def _standard(row: Any) -> str:
    words = [str(row), str(row.issued_year or ""), f"–{row.expires_on.isoformat()}" if row.expires_on else ""]
    named = words[0] if row.kind == StandardKind.OCOP or not row.name else f"{row.get_kind_display()}: {words[0]}"
    return " ".join(part for part in (named, *words[1:]) if part)


def shown(clock: Clock) -> QuerySet[Any]:
    """The keys of the products that may be named on the day."""
    return Recognition.objects.published().exclude(due_to_be_withheld(clock.on)).values("product_id")


def _products(clock: Clock) -> Iterator[Product]:
    photos = ProductPhoto.objects.filter(is_public=True).select_related("file")
    found = Product.objects.filter(pk__in=shown(clock)).select_related("facility", "territory", "trade")
    return (
        found.prefetch_related(
            Prefetch("members", members(clock)), Prefetch("photos", photos), "standards", "channels", "sales_links"
        )
        .order_by("pk")
        .iterator(AT_ONCE)
    )


def _trade(name: str) -> Callable[[Product, Clock], Any]:
    return lambda row, _c: getattr(getattr(row, "trade", None), name, None)


PRODUCTS = DataSet(
    "products",
    _("Các sản phẩm"),
    _("Mỗi dòng một sản phẩm hoặc bộ sản phẩm có ít nhất một công nhận đã công bố."),
    (
        Field("uuid", ID, _("Mã cố định của sản phẩm."), of("uuid")),
        Field("slug", TEXT, _("Phần cuối địa chỉ trang của sản phẩm."), of("slug")),
        Field("url", ADDRESS, _("Trang của sản phẩm trên cổng."), lambda row, _c: whole(reverse("product", args=[row.slug]))),
        Field("name", TEXT, _("Tên sản phẩm."), of("name")),
        Field("name_en", TEXT, _("Tên tiếng Anh, nếu có."), of("name_en")),
        Field("summary", TEXT, _("Tóm tắt."), of("summary")),
        Field("summary_en", TEXT, _("Tóm tắt bằng tiếng Anh, nếu có."), of("summary_en")),
        Field("is_set", YES_NO, _("Là bộ sản phẩm; để trống khi danh sách cũ không ghi."), lambda row, _c: row.is_set if row.set_certain else None),
        Field("members", LIST, _("Tên các sản phẩm trong bộ."), lambda row, _c: [one.name for one in row.members.all()]),
        Field("group", TEXT, _("Nhóm sản phẩm."), of("group"), listed(ProductGroup.choices)),
        Field("group_certain", YES_NO, _("Nhóm theo quyết định; không thì là nhóm tạm xếp."), of("group_certain")),
        Field("facility_id", ID, _("Mã của cơ sở trong facilities; để trống khi chưa rõ cơ sở."), of("facility.uuid")),
        Field("facility", TEXT, _("Tên cơ sở."), of("facility.name")),
        Field("province", TEXT, _("Đường dẫn của tỉnh, thành phố hiện nay."), today_slug),
        Field("province_at_the_time", TEXT, _("Đường dẫn của tỉnh khi ghi nhận."), of("territory.slug")),
        Field("materials", TEXT, _("Nguyên, vật liệu."), of("materials")),
        Field("first_made_year", NUMBER, _("Năm bắt đầu sản xuất."), of("first_made_year")),
        Field("standards", LIST, _("Tiêu chuẩn, danh hiệu, kèm năm cấp và ngày hết hạn nếu biết."), _standards),
        Field("channels", LIST, _("Nơi bán trực tiếp."), lambda row, _c: [one.name for one in row.channels.all()]),
        Field("sales_links", LIST, _("Địa chỉ bán trên mạng."), lambda row, _c: [one.url for one in row.sales_links.all()]),
        Field("images", LIST, _("Địa chỉ ảnh đã công bố."), lambda row, _c: [whole(reverse("photo", args=[one.pk])) for one in row.photos.all()]),
        Field("gtin", TEXT, _("Mã vạch GTIN, do cơ sở khai."), _trade("gtin")),
        Field("pack", TEXT, _("Quy cách đóng gói, do cơ sở khai."), _trade("pack")),
        Field("shelf_life_days", NUMBER, _("Hạn dùng, ngày, do cơ sở khai."), _trade("shelf_life_days")),
        Field("storage", TEXT, _("Cách bảo quản, do cơ sở khai."), _trade("storage")),
        Field("capacity", MEASURE, _("Sản lượng cung ứng, do cơ sở khai."), _trade("capacity")),
        Field("capacity_unit", TEXT, _("Đơn vị của sản lượng."), _trade("capacity_unit")),
        Field("capacity_period", TEXT, _("Sản lượng tính theo tháng hay năm."), _trade("capacity_period"), listed(CapacityPeriod.choices)),
        Field("minimum_order", TEXT, _("Đơn hàng nhỏ nhất, do cơ sở khai."), _trade("minimum_order")),
        Field("lead_time_days", NUMBER, _("Thời gian giao, ngày, do cơ sở khai."), _trade("lead_time_days")),
        Field("export_ready", YES_NO, _("Cơ sở khai sẵn sàng xuất khẩu; để trống khi chưa khai."), _trade("export_ready")),
        Field("export_markets", TEXT, _("Thị trường đã xuất hoặc nhắm tới, do cơ sở khai."), _trade("export_markets")),
        Field("hs_code", TEXT, _("Mã HS, do cơ sở khai."), _trade("hs_code")),
        Field("trade_declared_on", DAY, _("Ngày cơ sở khai các cột cho người mua."), _trade("declared_on")),
        Field("is_illustrative", YES_NO, _("Sản phẩm mẫu của bản trình diễn, không có thật."), of("is_illustrative")),
        Field("story", TEXT, _("Câu chuyện sản phẩm."), of("story")),
        Field("story_en", TEXT, _("Câu chuyện bằng tiếng Anh, nếu có."), of("story_en")),
        Field("traceability_code", TEXT, _("Mã truy xuất nguồn gốc."), of("traceability_code")),
        Field("pack_en", TEXT, _("Quy cách bằng tiếng Anh, nếu có."), _trade("pack_en")),
        Field("storage_en", TEXT, _("Cách bảo quản bằng tiếng Anh, nếu có."), _trade("storage_en")),
    ),
    _products,
)  # fmt: skip


# --- what belongs to a product ----------------------------------------------------------------------------


def _of_shown(rows: QuerySet[Any]) -> Callable[[Clock], Iterator[Any]]:
    """Rows of the products that the open data name."""
    return lambda clock: (
        rows.filter(product__in=shown(clock)).select_related("product").order_by("pk").iterator(AT_ONCE)
    )


_PRODUCT = Field("product_id", ID, _("Mã của sản phẩm trong products."), of("product.uuid"))


def _set_members(clock: Clock) -> Iterator[SetMember]:
    rows = members(clock).filter(product_set__in=shown(clock)).select_related("product_set")
    return rows.order_by("pk").iterator(AT_ONCE)


SET_MEMBERS = DataSet(
    "set_members",
    _("Các sản phẩm trong bộ"),
    _("Mỗi dòng một sản phẩm của một bộ, theo thứ tự trong bộ."),
    (
        Field("product_id", ID, _("Mã của bộ sản phẩm trong products."), of("product_set.uuid")),
        Field("position", NUMBER, _("Thứ tự trong bộ."), of("position")),
        Field("name", TEXT, _("Tên sản phẩm trong bộ."), of("name")),
        Field("name_en", TEXT, _("Tên tiếng Anh, nếu có."), of("name_en")),
        Field("member_id", ID, _("Mã trong products, khi sản phẩm ấy cũng được công nhận riêng."), lambda row, _c: row.product.uuid if row.has_page else None),
    ),
    _set_members,
)  # fmt: skip

STANDARDS = DataSet(
    "product_standards",
    _("Tiêu chuẩn, danh hiệu của sản phẩm"),
    _("Mỗi dòng một tiêu chuẩn hoặc danh hiệu của một sản phẩm, từng cột riêng để máy đọc."),
    (
        _PRODUCT,
        Field("kind", TEXT, _("Loại."), of("kind"), listed(StandardKind.choices)),
        Field("name", TEXT, _("Tên, số hiệu."), of("name")),
        Field("stars", NUMBER, _("Số sao OCOP."), of("stars")),
        Field("issued_year", NUMBER, _("Năm cấp."), of("issued_year")),
        Field("expires_on", DAY, _("Ngày hết hạn."), of("expires_on")),
        Field("source", TEXT, _("Nguồn."), of("source")),
    ),
    _of_shown(ProductStandard.objects.all()),
)

PROPERTIES = DataSet(
    "product_properties",
    _("Sở hữu trí tuệ của sản phẩm"),
    _("Mỗi dòng một nhãn hiệu, chỉ dẫn địa lý hoặc kiểu dáng được bảo hộ."),
    (
        _PRODUCT,
        Field("kind", TEXT, _("Loại."), of("kind"), listed(PropertyKind.choices)),
        Field("name", TEXT, _("Tên, số văn bằng."), of("name")),
        Field("expires_on", DAY, _("Ngày hết hạn."), of("expires_on")),
    ),
    _of_shown(IntellectualProperty.objects.all()),
)

SHOPS = DataSet(
    "product_shops",
    _("Nơi bán trực tiếp của sản phẩm"),
    _("Mỗi dòng một siêu thị, cửa hàng, chợ bán sản phẩm."),
    (
        _PRODUCT,
        Field("kind", TEXT, _("Loại nơi bán."), of("kind"), listed(ChannelKind.choices)),
        Field("name", TEXT, _("Tên nơi bán."), of("name")),
        Field("source", TEXT, _("Nguồn."), of("source")),
    ),
    _of_shown(DistributionChannel.objects.all()),
)

SALES_LINKS = DataSet(
    "product_sales_links",
    _("Nơi bán trên mạng của sản phẩm"),
    _("Mỗi dòng một địa chỉ bán sản phẩm trên mạng."),
    (
        _PRODUCT,
        Field("channel", TEXT, _("Sàn, trang bán."), of("channel"), listed(SalesChannel.choices)),
        Field("address", ADDRESS, _("Địa chỉ bán."), of("url")),
    ),
    _of_shown(SalesLink.objects.all()),
)
