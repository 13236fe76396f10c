"""What the open data tells: one table of data sets and their fields, from which files and dictionary are written.

Personal rules: of a household, and of a maker whose kind is not known, only the name as in the decision and the
commune; never pin, tax code, revenue or contacts (`facilities.publication`, Luật 91/2025/QH15). Nobody's tax code.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from extension.enums import ActivityHead, FairKind, Funding, ProjectKind, ProjectState
from extension.markets import fair_queries
from extension.models import Beneficiary
from extension.queries import public_projects
from facilities import publication
from facilities.enums import FacilityKind
from facilities.models import Facility
from portal.territory.enums import Region
from portal.territory.queries import name_on, unit_today
from products import codes
from products.catalogue import Clock
from products.enums import (
    CapacityPeriod,
    DatePrecision,
    FigureMeasure,
    FigurePrecision,
    Level,
    ProductGroup,
    StandardKind,
    Status,
)
from products.models import Certificate, Product, ProductPhoto, PublishedFigure, Recognition
from products.queries import members
from products.serializers import whole
from products.validity_sql import due_to_be_withheld
from rounds.api import RESULT_STATES
from rounds.enums import RoundState
from rounds.models import Round

VERSION = "1.2"
AT_ONCE = 1000
TEXT, NUMBER, MONEY, MEASURE, YES_NO, DAY, MOMENT, LIST, ADDRESS, ID = (
    "text", "integer", "integer", "decimal", "boolean", "date", "date-time", "list", "uri", "uuid",
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One column: its name for ever, its type, what it means, and the value of a row. `codes` lists what may stand in it."""

    name: str
    type: str
    meaning: str
    value: Callable[[Any, Clock], Any]
    codes: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class DataSet:
    """One table of the open data; `rows` reads it piece by piece, so that memory stays flat."""

    name: str
    title: str
    about: str
    fields: tuple[Field, ...]
    rows: Callable[[Clock], Iterable[Any]]

    def values(self, row: Any, clock: Clock) -> dict[str, Any]:
        return {field.name: field.value(row, clock) for field in self.fields}


def _of(path: str) -> Callable[[Any, Clock], Any]:
    """The value behind a dotted path; None where something on the way is missing."""
    names = path.split(".")

    def value(row: Any, clock: Clock) -> Any:
        for name in names:
            row = getattr(row, name, None)
            if row is None:
                return None
        return row

    return value


def _listed(choices: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((str(value), label) for value, label in choices)


def _today_slug(row: Any, clock: Clock) -> str | None:
    return unit_today(row.territory_id).slug if row.territory_id else None


# --- facilities -----------------------------------------------------------------------------------------


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
        Field("uuid", ID, _("Mã cố định của cơ sở, không đổi khi cơ sở đổi tên."), _of("uuid")),
        Field("slug", TEXT, _("Phần cuối địa chỉ trang của cơ sở."), _of("slug")),
        Field("url", ADDRESS, _("Trang của cơ sở trên cổng."), lambda row, _c: whole(reverse("facility", args=[row.slug]))),
        Field("name", TEXT, _("Tên cơ sở."), _of("name")),
        Field("name_en", TEXT, _("Tên tiếng Anh, nếu có."), _of("name_en")),
        Field("kind", TEXT, _("Loại hình."), _of("kind"), _listed(FacilityKind.choices)),
        Field("province", TEXT, _("Đường dẫn của tỉnh, thành phố hiện nay."), _today_slug),
        Field("province_name", TEXT, _("Tên tỉnh, thành phố hiện nay."), lambda row, _c: unit_today(row.territory_id).name),
        Field("province_at_the_time", TEXT, _("Đường dẫn của tỉnh khi ghi nhận."), _of("territory.slug")),
        Field("commune", TEXT, _("Xã, phường, đặc khu."), lambda row, _c: str(row.commune) if row.commune else ""),
        Field("address", TEXT, _("Địa chỉ hiện nay; của hộ kinh doanh chỉ xã, phường."), lambda row, _c: publication.public_address(row)),
        Field("address_recognised", TEXT, _("Địa chỉ như trong quyết định; của hộ kinh doanh chỉ xã, phường."), lambda row, _c: publication.public_address_recognised(row)),
        Field("latitude", MEASURE, _("Vĩ độ WGS 84; để trống với hộ kinh doanh và nơi chưa có."), _pin(0)),
        Field("longitude", MEASURE, _("Kinh độ WGS 84; để trống với hộ kinh doanh và nơi chưa có."), _pin(1)),
        Field("founded_year", NUMBER, _("Năm thành lập; để trống với hộ kinh doanh."), lambda row, _c: None if row.is_household else row.founded_year),
        Field("contacts", LIST, _("Liên hệ mà cơ sở đồng ý công bố, dạng loại: giá trị."), _contacts),
        Field("introduction", TEXT, _("Lời giới thiệu của cơ sở."), _of("introduction")),
        Field("is_illustrative", YES_NO, _("Cơ sở mẫu của bản trình diễn, không có thật."), _of("is_illustrative")),
    ),
    _facilities,
)  # fmt: skip


# --- products -------------------------------------------------------------------------------------------


def _standards(row: Product, clock: Clock) -> list[str]:
    return [_standard(one) for one in row.standards.all()]


def _standard(row: Any) -> str:
    words = [str(row), str(row.issued_year or ""), f"–{row.expires_on.isoformat()}" if row.expires_on else ""]
    named = words[0] if row.kind == StandardKind.OCOP or not row.name else f"{row.get_kind_display()}: {words[0]}"
    return " ".join(part for part in (named, *words[1:]) if part)


def _products(clock: Clock) -> Iterator[Product]:
    shown = Recognition.objects.published().exclude(due_to_be_withheld(clock.on)).values("product_id")
    photos = ProductPhoto.objects.filter(is_public=True).select_related("file")
    found = Product.objects.filter(pk__in=shown).select_related("facility", "territory", "trade")
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
        Field("uuid", ID, _("Mã cố định của sản phẩm."), _of("uuid")),
        Field("slug", TEXT, _("Phần cuối địa chỉ trang của sản phẩm."), _of("slug")),
        Field("url", ADDRESS, _("Trang của sản phẩm trên cổng."), lambda row, _c: whole(reverse("product", args=[row.slug]))),
        Field("name", TEXT, _("Tên sản phẩm."), _of("name")),
        Field("name_en", TEXT, _("Tên tiếng Anh, nếu có."), _of("name_en")),
        Field("summary", TEXT, _("Tóm tắt."), _of("summary")),
        Field("summary_en", TEXT, _("Tóm tắt bằng tiếng Anh, nếu có."), _of("summary_en")),
        Field("is_set", YES_NO, _("Là bộ sản phẩm; để trống khi danh sách cũ không ghi."), lambda row, _c: row.is_set if row.set_certain else None),
        Field("members", LIST, _("Tên các sản phẩm trong bộ."), lambda row, _c: [one.name for one in row.members.all()]),
        Field("group", TEXT, _("Nhóm sản phẩm."), _of("group"), _listed(ProductGroup.choices)),
        Field("group_certain", YES_NO, _("Nhóm theo quyết định; không thì là nhóm tạm xếp."), _of("group_certain")),
        Field("facility_id", ID, _("Mã của cơ sở trong facilities; để trống khi chưa rõ cơ sở."), _of("facility.uuid")),
        Field("facility", TEXT, _("Tên cơ sở."), _of("facility.name")),
        Field("province", TEXT, _("Đường dẫn của tỉnh, thành phố hiện nay."), _today_slug),
        Field("province_at_the_time", TEXT, _("Đường dẫn của tỉnh khi ghi nhận."), _of("territory.slug")),
        Field("materials", TEXT, _("Nguyên, vật liệu."), _of("materials")),
        Field("first_made_year", NUMBER, _("Năm bắt đầu sản xuất."), _of("first_made_year")),
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
        Field("capacity_period", TEXT, _("Sản lượng tính theo tháng hay năm."), _trade("capacity_period"), _listed(CapacityPeriod.choices)),
        Field("minimum_order", TEXT, _("Đơn hàng nhỏ nhất, do cơ sở khai."), _trade("minimum_order")),
        Field("lead_time_days", NUMBER, _("Thời gian giao, ngày, do cơ sở khai."), _trade("lead_time_days")),
        Field("export_ready", YES_NO, _("Cơ sở khai sẵn sàng xuất khẩu; để trống khi chưa khai."), _trade("export_ready")),
        Field("export_markets", TEXT, _("Thị trường đã xuất hoặc nhắm tới, do cơ sở khai."), _trade("export_markets")),
        Field("hs_code", TEXT, _("Mã HS, do cơ sở khai."), _trade("hs_code")),
        Field("trade_declared_on", DAY, _("Ngày cơ sở khai các cột cho người mua."), _trade("declared_on")),
        Field("is_illustrative", YES_NO, _("Sản phẩm mẫu của bản trình diễn, không có thật."), _of("is_illustrative")),
    ),
    _products,
)  # fmt: skip


# --- recognitions ---------------------------------------------------------------------------------------


def _province_then(row: Recognition, clock: Clock) -> str:
    """The province as it was called on the day by which the import reads it."""
    signed = row.decision.signed_on if row.decision else None
    return name_on(row.territory, signed or row.issued_on or dt.date(row.year, 12, 31))


def _paper(name: str) -> Callable[[Recognition, Clock], Any]:
    def value(row: Recognition, clock: Clock) -> Any:
        papers = row.certificates.all()
        return getattr(papers[0], name) if papers else ""

    return value


def _address(row: Recognition, clock: Clock) -> str:
    return publication.public_address_recognised(row.product.facility) if row.product.facility else ""


def _certain(row: Recognition, clock: Clock) -> bool:
    return row.validity_confirmed or bool(row.validity_rule and row.validity_rule.is_certain)


def _recognitions(clock: Clock) -> Iterator[Recognition]:
    found = Recognition.objects.published().exclude(due_to_be_withheld(clock.on))
    papers = Certificate.objects.filter(superseded_on=None)
    return (
        found.select_related("product__facility__commune", "territory", "decision", "validity_rule")
        .prefetch_related(Prefetch("certificates", papers), "product__members")
        .order_by("pk")
        .iterator(AT_ONCE)
    )


RECOGNITIONS = DataSet(
    "recognitions",
    _("Các lượt công nhận"),
    _(
        "Mỗi dòng một lượt công nhận đã công bố. Các cột đầu là cột của lệnh import_recognitions, nên tệp này nhập lại "
        "được vào một cổng trống."
    ),
    (
        Field("level", TEXT, _("Cấp công nhận."), _of("level"), _listed(Level.choices)),
        Field("year", NUMBER, _("Năm công nhận."), _of("year")),
        Field("round_ordinal", NUMBER, _("Lần thứ; để trống khi chưa rõ."), lambda row, _c: row.round_ordinal or None),
        Field("province", TEXT, _("Tên tỉnh khi công nhận."), _province_then),
        Field("product", TEXT, _("Tên sản phẩm."), _of("product.name")),
        Field("is_set", YES_NO, _("Là bộ sản phẩm; để trống khi danh sách cũ không ghi."), lambda row, _c: row.product.is_set if row.product.set_certain else None),
        Field("members", LIST, _("Tên các sản phẩm trong bộ."), lambda row, _c: [one.name for one in row.product.members.all()]),
        Field("facility", TEXT, _("Tên cơ sở; để trống khi chưa rõ."), lambda row, _c: row.product.facility.name if row.product.facility else ""),
        Field("facility_kind", TEXT, _("Loại hình cơ sở."), _of("product.facility.kind"), _listed(FacilityKind.choices)),
        Field("facility_address", TEXT, _("Địa chỉ như trong quyết định; của hộ kinh doanh chỉ xã, phường."), _address),
        Field("group", TEXT, _("Nhóm sản phẩm."), _of("product.group"), _listed(ProductGroup.choices)),
        Field("group_certainty", YES_NO, _("Nhóm theo quyết định; không thì là nhóm tạm xếp."), _of("product.group_certain")),
        Field("decision_number", TEXT, _("Số, ký hiệu quyết định."), _of("decision.full_number")),
        Field("decision_date", DAY, _("Ngày ký quyết định."), _of("decision.signed_on")),
        Field("certificate_number", TEXT, _("Số giấy chứng nhận."), _paper("official_number")),
        Field("issued_on", DAY, _("Ngày cấp."), _of("issued_on")),
        Field("expires_on", DAY, _("Ngày cuối còn hiệu lực."), _of("expires_on")),
        Field("source", TEXT, _("Nguồn của dòng."), _of("source")),
        Field("uuid", ID, _("Mã cố định của lượt công nhận."), _of("uuid")),
        Field("product_id", ID, _("Mã của sản phẩm trong products."), _of("product.uuid")),
        Field("facility_id", ID, _("Mã của cơ sở trong facilities."), _of("product.facility.uuid")),
        Field("province_at_the_time", TEXT, _("Đường dẫn của tỉnh khi công nhận."), _of("territory.slug")),
        Field("province_today", TEXT, _("Đường dẫn của tỉnh, thành phố hiện nay."), _today_slug),
        Field("locality", TEXT, _("Huyện, xã công nhận, với cấp huyện và cấp xã."), _of("locality")),
        Field("decision_issuer", TEXT, _("Cơ quan ban hành quyết định."), _of("decision.issuer")),
        Field("certificate_code", TEXT, _("Mã tra cứu của giấy chứng nhận."), lambda row, c: codes.display(code) if (code := _paper("code")(row, c)) else ""),
        Field("expires_precision", TEXT, _("Ngày cuối biết đến ngày hay chỉ biết năm."), _of("expiry_precision"), _listed(DatePrecision.choices)),
        Field("expires_certain", YES_NO, _("Ngày cuối có văn bản xác nhận; không thì là tạm tính."), _certain),
        Field("status", TEXT, _("Hiệu lực vào ngày của bộ dữ liệu."), lambda row, c: row.status(on=c.on, expiring_days=c.expiring_days).value, _listed(Status.choices)),
        Field("suspended_from", DAY, _("Tạm dừng từ ngày."), _of("suspended_from")),
        Field("suspended_to", DAY, _("Tạm dừng đến hết ngày."), _of("suspended_to")),
        Field("withdrawn_on", DAY, _("Cơ sở xin rút từ ngày."), _of("withdrawn_on")),
        Field("revoked_on", DAY, _("Thu hồi từ ngày."), _of("revoked_on")),
        Field("status_reason", TEXT, _("Lý do tạm dừng, rút, thu hồi."), _of("status_reason")),
        Field("published_at", MOMENT, _("Lúc công bố trên cổng."), _of("published_at")),
        Field("is_illustrative", YES_NO, _("Số liệu minh họa của bản trình diễn."), lambda row, _c: row.is_illustrative or row.product.is_illustrative),
    ),
    _recognitions,
)  # fmt: skip


# --- rounds, projects, figures --------------------------------------------------------------------------


def _announced(path: str) -> Callable[[Round, Clock], Any]:
    """What of a round is known once its result is announced."""
    value = _of(path)
    return lambda row, clock: value(row, clock) if row.state in RESULT_STATES else None


def _rounds(clock: Clock) -> Iterator[Round]:
    found = Round.objects.public().select_related("territory", "receiving_unit", "decision")
    return found.order_by("pk").iterator(AT_ONCE)


ROUNDS = DataSet(
    "rounds",
    _("Các kỳ bình chọn"),
    _("Mỗi dòng một kỳ bình chọn đã công khai. Quyết định chỉ có sau khi công bố kết quả."),
    (
        Field("uuid", ID, _("Mã cố định của kỳ."), _of("uuid")),
        Field("slug", TEXT, _("Phần cuối địa chỉ trang của kỳ."), _of("slug")),
        Field("url", ADDRESS, _("Trang của kỳ trên cổng."), lambda row, _c: whole(reverse("round", args=[row.slug]))),
        Field("name", TEXT, _("Tên kỳ."), lambda row, _c: str(row)),
        Field("level", TEXT, _("Cấp bình chọn."), _of("level"), _listed(Level.choices)),
        Field("year", NUMBER, _("Năm."), _of("year")),
        Field("round_ordinal", NUMBER, _("Lần thứ; để trống khi không đánh số."), lambda row, _c: row.ordinal or None),
        Field("province_at_the_time", TEXT, _("Đường dẫn của tỉnh khi tổ chức."), _of("territory.slug")),
        Field("region", TEXT, _("Khu vực, với cấp khu vực."), _of("region"), _listed(Region.choices)),
        Field("locality", TEXT, _("Huyện, xã, với cấp huyện và cấp xã."), _of("locality")),
        Field("state", TEXT, _("Trạng thái."), _of("state"), _listed(RoundState.choices)),
        Field("receiving_from", MOMENT, _("Nhận hồ sơ từ."), _of("receiving_from")),
        Field("receiving_until", MOMENT, _("Hạn nhận hồ sơ."), _of("receiving_until")),
        Field("receiving_unit", TEXT, _("Đơn vị nhận hồ sơ."), _of("receiving_unit.name")),
        Field("decision_number", TEXT, _("Quyết định công nhận."), _announced("decision.full_number")),
        Field("decision_date", DAY, _("Ngày ký quyết định."), _announced("decision.signed_on")),
        Field("announced_at", MOMENT, _("Lúc công bố kết quả."), _of("announced_at")),
        Field("is_illustrative", YES_NO, _("Kỳ mẫu của bản trình diễn."), _of("is_illustrative")),
    ),
    _rounds,
)  # fmt: skip


def _beneficiaries(row: Any, clock: Clock) -> list[str]:
    return [str(one) for one in row.beneficiaries.all()]


def _projects(clock: Clock) -> Iterable[Any]:
    told = Beneficiary.objects.exclude(facility__in=Facility.objects.withheld(on=clock.on))
    rows = told.select_related("facility").order_by("pk")
    found: QuerySet[Any] = public_projects().prefetch_related(Prefetch("beneficiaries", rows))
    return found.order_by("pk").iterator(AT_ONCE)


PROJECTS = DataSet(
    "projects",
    _("Các đề án khuyến công"),
    _("Mỗi dòng một đề án đã công khai. Tiền là đồng; để trống khi nguồn không ghi con số chính xác."),
    (
        Field("uuid", ID, _("Mã cố định của đề án."), _of("uuid")),
        Field("slug", TEXT, _("Phần cuối địa chỉ trang của đề án."), _of("slug")),
        Field("url", ADDRESS, _("Trang của đề án trên cổng."), lambda row, _c: whole(reverse("extension_project", args=[row.slug]))),
        Field("name", TEXT, _("Tên đề án."), _of("name")),
        Field("code", TEXT, _("Mã đề án."), _of("code")),
        Field("kind", TEXT, _("Đề án điểm, nhóm hay đơn lẻ."), _of("kind"), _listed(ProjectKind.choices)),
        Field("funding", TEXT, _("Nguồn kinh phí."), _of("funding"), _listed(Funding.choices)),
        Field("head", NUMBER, _("Nội dung khuyến công."), _of("head"), _listed(ActivityHead.choices)),
        Field("year", NUMBER, _("Từ năm."), _of("year")),
        Field("year_to", NUMBER, _("Đến năm."), _of("year_to")),
        Field("state", TEXT, _("Trạng thái."), _of("state"), _listed(ProjectState.choices)),
        Field("trade", TEXT, _("Ngành nghề."), _of("trade")),
        Field("starts_on", DAY, _("Ngày bắt đầu."), _of("starts_on")),
        Field("ends_on", DAY, _("Ngày kết thúc theo hợp đồng."), _of("ends_on")),
        Field("programme", TEXT, _("Chương trình khuyến công."), _of("programme.name")),
        Field("province", TEXT, _("Đường dẫn của tỉnh, thành phố hiện nay."), _today_slug),
        Field("province_at_the_time", TEXT, _("Đường dẫn của tỉnh khi thực hiện."), _of("territory.slug")),
        Field("implementing_unit", TEXT, _("Đơn vị thực hiện."), _of("implementing_unit.name")),
        Field("extension_funds", MONEY, _("Kinh phí khuyến công, đồng."), _of("extension_funds")),
        Field("counterpart_funds", MONEY, _("Vốn đối ứng, đồng."), _of("counterpart_funds")),
        Field("other_funds", MONEY, _("Nguồn khác, đồng."), _of("other_funds")),
        Field("disbursed", MONEY, _("Đã giải ngân, đồng."), _of("disbursed")),
        Field("published_sum", TEXT, _("Kinh phí như nguồn viết, khi chỉ nêu con số gần đúng; không cộng vào tổng."), _of("published_sum")),
        Field("beneficiaries", LIST, _("Cơ sở, cụm, lớp được hỗ trợ."), _beneficiaries),
        Field("summary", TEXT, _("Nội dung chính."), _of("summary")),
        Field("source", TEXT, _("Nguồn."), _of("source")),
        Field("is_illustrative", YES_NO, _("Số liệu minh họa của bản trình diễn."), _of("is_illustrative")),
    ),
    _projects,
)  # fmt: skip


def _fairs(clock: Clock) -> Iterator[fair_queries.PublicFair]:
    rows = fair_queries.public_fairs().order_by("pk").prefetch_related("participations__facility")
    for fair in rows.iterator(AT_ONCE):
        sums = clock.on >= fair_queries.sums_from(fair)
        yield fair_queries.PublicFair(fair, fair_queries.figures_of(fair.participations.all(), sums=sums), clock.on)


FAIRS = DataSet(
    "fairs",
    _("Hội chợ, triển lãm"),
    _(
        "Mỗi dòng một hội chợ đã công khai. Số cộng gồm các cơ sở đồng ý công khai, và các cơ sở khác khi có từ ba trở "
        "lên đã khai mà không cơ sở nào chiếm gần hết; phần của các cơ sở khác làm tròn đến hai chữ số và đến chẵn 10 "
        "triệu đồng (hợp đồng: đến chục), khi đó cột “…_about” là true; để trống khi không nêu được."
    ),
    (
        Field("uuid", ID, _("Mã cố định của hội chợ."), _of("fair.uuid")),
        Field("slug", TEXT, _("Phần cuối địa chỉ trang của hội chợ."), _of("fair.slug")),
        Field("url", ADDRESS, _("Trang của hội chợ trên cổng."), lambda row, _c: whole(reverse("extension_fair", args=[row.fair.slug]))),
        Field("name", TEXT, _("Tên hội chợ."), _of("fair.name")),
        Field("kind", TEXT, _("Loại."), _of("fair.kind"), _listed(FairKind.choices)),
        Field("is_own", YES_NO, _("Tỉnh tự tổ chức."), _of("fair.is_own")),
        Field("is_abroad", YES_NO, _("Ở nước ngoài."), _of("fair.is_abroad")),
        Field("province_at_the_time", TEXT, _("Đường dẫn của tỉnh ghi sổ."), _of("fair.territory.slug")),
        Field("place", TEXT, _("Nơi tổ chức."), _of("fair.place")),
        Field("starts_on", DAY, _("Từ ngày."), _of("fair.starts_on")),
        Field("ends_on", DAY, _("Đến hết ngày."), _of("fair.ends_on")),
        Field("booths", NUMBER, _("Tổng số gian hàng."), _of("fair.booths")),
        Field("facilities", NUMBER, _("Số cơ sở tham gia đã ghi."), _of("figures.facilities")),
        Field("reported", NUMBER, _("Số cơ sở đã khai doanh thu."), _of("figures.reported")),
        Field("revenue", MONEY, _("Doanh thu tại hội chợ, đồng."), _of("figures.revenue.total")),
        Field("revenue_of", NUMBER, _("Số cơ sở trong doanh thu đó."), _of("figures.revenue.of")),
        Field("revenue_about", YES_NO, _("Doanh thu đã làm tròn."), _of("figures.revenue.about")),
        Field("contracts", NUMBER, _("Số hợp đồng, thỏa thuận."), _of("figures.contracts.total")),
        Field("contracts_about", YES_NO, _("Số hợp đồng đã làm tròn."), _of("figures.contracts.about")),
        Field("contracts_value", MONEY, _("Giá trị hợp đồng, đồng."), _of("figures.contracts_value.total")),
        Field("contracts_value_about", YES_NO, _("Giá trị hợp đồng đã làm tròn."), _of("figures.contracts_value.about")),
        Field("source", TEXT, _("Nguồn."), _of("fair.source")),
        Field("is_illustrative", YES_NO, _("Hội chợ mẫu của bản trình diễn."), _of("fair.is_illustrative")),
        Field("host_province_at_the_time", TEXT, _("Đường dẫn của tỉnh nơi tổ chức; để trống khi chưa ghi hoặc ở nước ngoài."), _of("fair.host_territory.slug")),
    ),
    _fairs,
)  # fmt: skip


def _figures(clock: Clock) -> Iterator[PublishedFigure]:
    return PublishedFigure.objects.select_related("territory").order_by("pk").iterator(AT_ONCE)


FIGURES = DataSet(
    "figures",
    _("Các số liệu đã công bố"),
    _(
        "Tổng số mà các cơ quan đã công bố, khi không còn danh sách. Mỗi dòng như nguồn viết; "
        "không cộng vào số đếm từ sổ, không cộng các kỳ chồng nhau."
    ),
    (
        Field("place", TEXT, _("Nơi, như nguồn viết."), _of("place")),
        Field("province", TEXT, _("Đường dẫn của tỉnh, nếu là một tỉnh."), _of("territory.slug")),
        Field("period", TEXT, _("Kỳ, như nguồn viết."), _of("period")),
        Field("year_from", NUMBER, _("Từ năm."), _of("year_from")),
        Field("year_to", NUMBER, _("Đến năm."), _of("year_to")),
        Field("what", TEXT, _("Số liệu về điều gì."), _of("what")),
        Field("measure", TEXT, _("Đại lượng."), _of("measure"), _listed(FigureMeasure.choices)),
        Field("level", TEXT, _("Cấp."), _of("level"), _listed(Level.choices)),
        Field("group", TEXT, _("Nhóm sản phẩm."), _of("group"), _listed(ProductGroup.choices)),
        Field("value", MEASURE, _("Giá trị để so."), _of("value")),
        Field("value_text", TEXT, _("Giá trị như đã công bố."), _of("value_text")),
        Field("precision", TEXT, _("Độ chính xác."), _of("precision"), _listed(FigurePrecision.choices)),
        Field("unit", TEXT, _("Đơn vị tính."), _of("unit")),
        Field("source", TEXT, _("Nguồn."), _of("source")),
        Field("note", TEXT, _("Ghi chú, chỗ nguồn mâu thuẫn."), _of("note")),
    ),
    _figures,
)  # fmt: skip

DATA_SETS = (PRODUCTS, RECOGNITIONS, FACILITIES, ROUNDS, PROJECTS, FAIRS, FIGURES)
