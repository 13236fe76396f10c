"""Makers, as far as the public may know of them.

Personal rules: of a household, and of a maker whose kind is not known, only the name as in the decision and the
commune; never pin, tax code, revenue or contacts (`facilities.publication`, Luật 91/2025/QH15). Nobody's tax code.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from facilities import publication
from facilities.enums import FacilityKind
from facilities.models import Facility
from portal.territory.queries import unit_today
from products.catalogue import Clock
from products.serializers import whole

from ..table import (
    ADDRESS,
    AT_ONCE,
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


def _pin(part: int) -> Callable[[Facility, Clock], Decimal | None]:
    def value(row: Facility, clock: Clock) -> Decimal | None:
        pin = publication.public_pin(row)
        return pin[part] if pin else None

    return value


def _contacts(row: Facility, clock: Clock) -> list[str]:
    return [f"{contact.kind}: {contact.value}" for contact in publication.public_contacts(row)]


def _facilities(clock: Clock) -> Iterator[Facility]:
    found = Facility.objects.public(on=clock.on).select_related("territory", "commune").prefetch_related("contacts")
    return found.order_by("pk").iterator(AT_ONCE)


FACILITIES = DataSet(
    "facilities",
    _("Các cơ sở"),
    _("Mỗi dòng một cơ sở có sản phẩm được công nhận. Hộ kinh doanh chỉ có tên như trong quyết định và xã, phường."),
    (
        Field("uuid", ID, _("Mã cố định của cơ sở, không đổi khi cơ sở đổi tên."), of("uuid")),
        Field("slug", TEXT, _("Phần cuối địa chỉ trang của cơ sở."), of("slug")),
        Field("url", ADDRESS, _("Trang của cơ sở trên cổng."), lambda row, _c: whole(reverse("facility", args=[row.slug]))),
        Field("name", TEXT, _("Tên cơ sở."), of("name")),
        Field("name_en", TEXT, _("Tên tiếng Anh, nếu có."), of("name_en")),
        Field("kind", TEXT, _("Loại hình."), of("kind"), listed(FacilityKind.choices)),
        Field("province", TEXT, _("Đường dẫn của tỉnh, thành phố hiện nay."), today_slug),
        Field("province_name", TEXT, _("Tên tỉnh, thành phố hiện nay."), lambda row, _c: unit_today(row.territory_id).name),
        Field("province_at_the_time", TEXT, _("Đường dẫn của tỉnh khi ghi nhận."), of("territory.slug")),
        Field("commune", TEXT, _("Xã, phường, đặc khu."), lambda row, _c: str(row.commune) if row.commune else ""),
        Field("address", TEXT, _("Địa chỉ hiện nay; của hộ kinh doanh chỉ xã, phường."), lambda row, _c: publication.public_address(row)),
        Field("address_recognised", TEXT, _("Địa chỉ như trong quyết định; của hộ kinh doanh chỉ xã, phường."), lambda row, _c: publication.public_address_recognised(row)),
        Field("latitude", MEASURE, _("Vĩ độ WGS 84; để trống với hộ kinh doanh và nơi chưa có."), _pin(0)),
        Field("longitude", MEASURE, _("Kinh độ WGS 84; để trống với hộ kinh doanh và nơi chưa có."), _pin(1)),
        Field("founded_year", NUMBER, _("Năm thành lập; để trống với hộ kinh doanh."), lambda row, _c: None if row.is_household else row.founded_year),
        Field("contacts", LIST, _("Liên hệ mà cơ sở đồng ý công bố, dạng loại: giá trị."), _contacts),
        Field("introduction", TEXT, _("Lời giới thiệu của cơ sở."), of("introduction")),
        Field("is_illustrative", YES_NO, _("Cơ sở mẫu của bản trình diễn, không có thật."), of("is_illustrative")),
        Field("introduction_en", TEXT, _("Lời giới thiệu bằng tiếng Anh, nếu có."), of("introduction_en")),
        Field("commune_code", TEXT, _("Mã xã, phường, đặc khu theo danh mục hành chính."), of("commune.code")),
    ),
    _facilities,
)  # fmt: skip
