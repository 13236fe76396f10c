"""Finding markets: fairs with what may be told of their figures, who took part, showrooms and shops."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from extension.enums import FairKind, OutletKind
from extension.markets import fair_queries
from extension.models import Fair, Listing, Outlet
from facilities.enums import FacilityKind
from products.catalogue import Clock
from products.serializers import whole

from ..table import (
    ADDRESS,
    AT_ONCE,
    DAY,
    ID,
    LIST,
    MONEY,
    NUMBER,
    TEXT,
    YES_NO,
    DataSet,
    Field,
    listed,
    of,
    today_slug,
)
from .products import shown


def _fairs(clock: Clock) -> Iterator[fair_queries.PublicFair]:
    rows = fair_queries.public_fairs().order_by("pk").prefetch_related("participations__facility")
    for fair in rows.select_related("project").iterator(AT_ONCE):
        yield fair_queries.shown(fair, fair.participations.all(), clock.on)


def _sum(name: str, fact: str, type_: str, meaning: str) -> Field:
    """One fact of a sum of the fair's figures: its total, of how many, how many are left out."""
    value = of(f"figures.{name}.{fact}")
    return Field(f"{name}_{fact}", type_, meaning, value)


FAIRS = DataSet(
    "fairs",
    _("Hội chợ, triển lãm"),
    _(
        "Mỗi dòng một hội chợ đã công khai. Số cộng gồm các cơ sở đồng ý công khai, và các cơ sở khác khi có từ ba trở "
        "lên đã khai mà không cơ sở nào chiếm gần hết; phần của các cơ sở khác làm tròn đến hai chữ số và đến chẵn 10 "
        "triệu đồng (hợp đồng: đến chục), khi đó cột “…_about” là true; để trống khi không nêu được."
    ),
    (
        Field("uuid", ID, _("Mã cố định của hội chợ."), of("fair.uuid")),
        Field("slug", TEXT, _("Phần cuối địa chỉ trang của hội chợ."), of("fair.slug")),
        Field("url", ADDRESS, _("Trang của hội chợ trên cổng."), lambda row, _c: whole(reverse("extension_fair", args=[row.fair.slug]))),
        Field("name", TEXT, _("Tên hội chợ."), of("fair.name")),
        Field("kind", TEXT, _("Loại."), of("fair.kind"), listed(FairKind.choices)),
        Field("is_own", YES_NO, _("Tỉnh tự tổ chức."), of("fair.is_own")),
        Field("is_abroad", YES_NO, _("Ở nước ngoài."), of("fair.is_abroad")),
        Field("province_at_the_time", TEXT, _("Đường dẫn của tỉnh ghi sổ."), of("fair.territory.slug")),
        Field("place", TEXT, _("Nơi tổ chức."), of("fair.place")),
        Field("starts_on", DAY, _("Từ ngày."), of("fair.starts_on")),
        Field("ends_on", DAY, _("Đến hết ngày."), of("fair.ends_on")),
        Field("booths", NUMBER, _("Tổng số gian hàng."), of("fair.booths")),
        Field("facilities", NUMBER, _("Số cơ sở tham gia đã ghi."), of("figures.facilities")),
        Field("reported", NUMBER, _("Số cơ sở đã khai doanh thu."), of("figures.reported")),
        Field("revenue", MONEY, _("Doanh thu tại hội chợ, đồng."), of("figures.revenue.total")),
        Field("revenue_of", NUMBER, _("Số cơ sở trong doanh thu đó."), of("figures.revenue.of")),
        Field("revenue_about", YES_NO, _("Doanh thu đã làm tròn."), of("figures.revenue.about")),
        Field("contracts", NUMBER, _("Số hợp đồng, thỏa thuận."), of("figures.contracts.total")),
        Field("contracts_about", YES_NO, _("Số hợp đồng đã làm tròn."), of("figures.contracts.about")),
        Field("contracts_value", MONEY, _("Giá trị hợp đồng, đồng."), of("figures.contracts_value.total")),
        Field("contracts_value_about", YES_NO, _("Giá trị hợp đồng đã làm tròn."), of("figures.contracts_value.about")),
        Field("source", TEXT, _("Nguồn."), of("fair.source")),
        Field("is_illustrative", YES_NO, _("Hội chợ mẫu của bản trình diễn."), of("fair.is_illustrative")),
        Field("host_province_at_the_time", TEXT, _("Đường dẫn của tỉnh nơi tổ chức; để trống khi chưa ghi hoặc ở nước ngoài."), of("fair.host_territory.slug")),
        Field("name_en", TEXT, _("Tên tiếng Anh, nếu có."), of("fair.name_en")),
        Field("organiser", TEXT, _("Đơn vị tổ chức."), of("fair.organiser")),
        Field("website", ADDRESS, _("Trang web."), of("fair.website")),
        Field("project_id", ID, _("Mã của đề án trong projects."), lambda row, clock: _public_project(row.fair, clock)),
        Field("booths_of_facilities", NUMBER, _("Số gian hàng của các cơ sở tham gia đã ghi."), of("figures.booths")),
        _sum("revenue", "hidden", NUMBER, _("Số cơ sở đã khai doanh thu mà không nằm trong số cộng.")),
        _sum("contracts", "of", NUMBER, _("Số cơ sở trong số hợp đồng.")),
        _sum("contracts", "hidden", NUMBER, _("Số cơ sở đã khai hợp đồng mà không nằm trong số cộng.")),
        _sum("contracts_value", "of", NUMBER, _("Số cơ sở trong giá trị hợp đồng.")),
        _sum("contracts_value", "hidden", NUMBER, _("Số cơ sở đã khai giá trị hợp đồng mà không nằm trong số cộng.")),
    ),
    _fairs,
)  # fmt: skip


# --- who took part ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Part:
    fair: Fair
    part: fair_queries.Part


def _participants(clock: Clock) -> Iterator[_Part]:
    for fair in fair_queries.public_fairs().order_by("pk").iterator(AT_ONCE):
        parts = fair_queries.parts_of(fair_queries.participations_of(fair), on=clock.on)
        yield from (_Part(fair, part) for part in sorted(parts, key=lambda part: part.row.pk))


PARTICIPANTS = DataSet(
    "fair_participants",
    _("Cơ sở tham gia hội chợ"),
    _("Mỗi dòng một cơ sở tại một hội chợ. Doanh thu, hợp đồng chỉ có khi cơ sở đồng ý công khai."),
    (
        Field("fair_id", ID, _("Mã của hội chợ trong fairs."), of("fair.uuid")),
        Field("facility_id", ID, _("Mã cố định của cơ sở."), of("part.row.facility.uuid")),
        Field("facility", TEXT, _("Tên cơ sở."), of("part.row.facility.name")),
        Field("facility_kind", TEXT, _("Loại hình cơ sở."), of("part.row.facility.kind"), listed(FacilityKind.choices)),
        Field("province_at_the_time", TEXT, _("Đường dẫn của tỉnh của cơ sở khi ghi nhận."), of("part.row.facility.territory.slug")),
        Field("products", LIST, _("Mã các sản phẩm đã trưng bày, trong products."), lambda row, _c: [str(one.uuid) for one in row.part.products]),
        Field("booths", NUMBER, _("Số gian hàng."), of("part.row.booths")),
        Field("is_open", YES_NO, _("Cơ sở đồng ý công khai số của mình."), of("part.is_open")),
        Field("revenue", MONEY, _("Doanh thu tại hội chợ, đồng."), of("part.revenue")),
        Field("contracts", NUMBER, _("Số hợp đồng, thỏa thuận."), of("part.contracts")),
        Field("contracts_value", MONEY, _("Giá trị hợp đồng, đồng."), of("part.contracts_value")),
    ),
    _participants,
)  # fmt: skip


# --- showrooms and shops -----------------------------------------------------------------------------------


def _outlets(clock: Clock) -> Iterator[Outlet]:
    return Outlet.objects.public().select_related("territory", "project").order_by("pk").iterator(AT_ONCE)


def _public_project(row: Any, clock: Clock) -> Any:
    return row.project.uuid if row.project and row.project.is_public else None


OUTLETS = DataSet(
    "outlets",
    _("Nơi trưng bày và bán"),
    _("Mỗi dòng một phòng trưng bày, sàn thương mại điện tử hoặc siêu thị đã công khai."),
    (
        Field("uuid", ID, _("Mã cố định của nơi bán."), of("uuid")),
        Field("kind", TEXT, _("Loại."), of("kind"), listed(OutletKind.choices)),
        Field("name", TEXT, _("Tên."), of("name")),
        Field("province", TEXT, _("Đường dẫn của tỉnh, thành phố hiện nay."), today_slug),
        Field("province_at_the_time", TEXT, _("Đường dẫn của tỉnh ghi sổ."), of("territory.slug")),
        Field("address", TEXT, _("Địa chỉ."), of("address")),
        Field("website", ADDRESS, _("Trang web."), of("url")),
        Field("operator", TEXT, _("Đơn vị vận hành."), of("operator")),
        Field("opened_on", DAY, _("Mở từ ngày."), of("opened_on")),
        Field("closed_on", DAY, _("Đóng ngày."), of("closed_on")),
        Field("project_id", ID, _("Mã của đề án trong projects."), _public_project),
        Field("source", TEXT, _("Nguồn."), of("source")),
        Field("is_illustrative", YES_NO, _("Nơi mẫu của bản trình diễn."), of("is_illustrative")),
    ),
    _outlets,
)


def _listings(clock: Clock) -> Iterator[Listing]:
    rows = Listing.objects.filter(outlet__in=Outlet.objects.public(), product__in=shown(clock))
    return rows.select_related("outlet", "product", "project").order_by("pk").iterator(AT_ONCE)


LISTINGS = DataSet(
    "listings",
    _("Sản phẩm có ở nơi trưng bày và bán"),
    _("Mỗi dòng một sản phẩm có mặt ở một nơi, từ ngày này đến ngày kia."),
    (
        Field("outlet_id", ID, _("Mã của nơi trong outlets."), of("outlet.uuid")),
        Field("product_id", ID, _("Mã của sản phẩm trong products."), of("product.uuid")),
        Field("since", DAY, _("Từ ngày."), of("since")),
        Field("until", DAY, _("Đến hết ngày."), of("until")),
        Field("address", ADDRESS, _("Trang bán."), of("url")),
        Field("project_id", ID, _("Mã của đề án đã đưa sản phẩm đến đây."), _public_project),
    ),
    _listings,
)
