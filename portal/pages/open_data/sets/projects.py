"""Industrial extension: programmes, projects with their money, whom they support."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_noop as _

from extension.enums import ActivityHead, BeneficiaryKind, Funding, ProjectKind, ProjectState
from extension.models import Beneficiary, Programme, Project
from extension.queries import public_projects
from facilities.enums import FacilityKind
from facilities.models import Facility
from portal.accounts.enums import OrganisationKind
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
        Field("uuid", ID, _("Mã cố định của đề án."), of("uuid")),
        Field("slug", TEXT, _("Phần cuối địa chỉ trang của đề án."), of("slug")),
        Field("url", ADDRESS, _("Trang của đề án trên cổng."), lambda row, _c: whole(reverse("extension_project", args=[row.slug]))),
        Field("name", TEXT, _("Tên đề án."), of("name")),
        Field("code", TEXT, _("Mã đề án."), of("code")),
        Field("kind", TEXT, _("Đề án điểm, nhóm hay đơn lẻ."), of("kind"), listed(ProjectKind.choices)),
        Field("funding", TEXT, _("Nguồn kinh phí."), of("funding"), listed(Funding.choices)),
        Field("head", NUMBER, _("Nội dung khuyến công."), of("head"), listed(ActivityHead.choices)),
        Field("year", NUMBER, _("Từ năm."), of("year")),
        Field("year_to", NUMBER, _("Đến năm."), of("year_to")),
        Field("state", TEXT, _("Trạng thái."), of("state"), listed(ProjectState.choices)),
        Field("trade", TEXT, _("Ngành nghề."), of("trade")),
        Field("starts_on", DAY, _("Ngày bắt đầu."), of("starts_on")),
        Field("ends_on", DAY, _("Ngày kết thúc theo hợp đồng."), of("ends_on")),
        Field("programme", TEXT, _("Chương trình khuyến công."), of("programme.name")),
        Field("province", TEXT, _("Đường dẫn của tỉnh, thành phố hiện nay."), today_slug),
        Field("province_at_the_time", TEXT, _("Đường dẫn của tỉnh khi thực hiện."), of("territory.slug")),
        Field("implementing_unit", TEXT, _("Đơn vị thực hiện."), of("implementing_unit.name")),
        Field("extension_funds", MONEY, _("Kinh phí khuyến công, đồng."), of("extension_funds")),
        Field("counterpart_funds", MONEY, _("Vốn đối ứng, đồng."), of("counterpart_funds")),
        Field("other_funds", MONEY, _("Nguồn khác, đồng."), of("other_funds")),
        Field("disbursed", MONEY, _("Đã giải ngân, đồng."), of("disbursed")),
        Field("published_sum", TEXT, _("Kinh phí như nguồn viết, khi chỉ nêu con số gần đúng; không cộng vào tổng."), of("published_sum")),
        Field("beneficiaries", LIST, _("Cơ sở, cụm, lớp được hỗ trợ."), _beneficiaries),
        Field("summary", TEXT, _("Nội dung chính."), of("summary")),
        Field("source", TEXT, _("Nguồn."), of("source")),
        Field("is_illustrative", YES_NO, _("Số liệu minh họa của bản trình diễn."), of("is_illustrative")),
        Field("programme_id", ID, _("Mã của chương trình trong programmes."), of("programme.uuid")),
        Field("implementing_unit_kind", TEXT, _("Loại đơn vị thực hiện."), of("implementing_unit.kind"), listed(OrganisationKind.choices)),
        Field("phase_since", DAY, _("Ở trạng thái này từ ngày."), of("phase_since")),
    ),
    _projects,
)  # fmt: skip


# --- programmes ------------------------------------------------------------------------------------------


def _programmes(clock: Clock) -> Iterator[Programme]:
    found = Programme.objects.filter(projects__in=Project.objects.public()).distinct()
    return found.select_related("territory").order_by("pk").iterator(AT_ONCE)


PROGRAMMES = DataSet(
    "programmes",
    _("Các chương trình khuyến công"),
    _("Mỗi dòng một chương trình có đề án đã công khai."),
    (
        Field("uuid", ID, _("Mã cố định của chương trình."), of("uuid")),
        Field("name", TEXT, _("Tên chương trình."), of("name")),
        Field("province_at_the_time", TEXT, _("Đường dẫn của tỉnh; để trống với chương trình quốc gia."), of("territory.slug")),
        Field("year", NUMBER, _("Từ năm."), of("year_from")),
        Field("year_to", NUMBER, _("Đến năm."), of("year_to")),
        Field("legal_basis", TEXT, _("Quyết định phê duyệt."), of("legal_basis")),
    ),
    _programmes,
)  # fmt: skip


# --- whom projects support ------------------------------------------------------------------------------


def _support(clock: Clock) -> Iterator[Any]:
    """Each with whether its maker may be named (`is_told`) and the product if the open data name that."""
    withheld = set(Facility.objects.withheld(on=clock.on).values_list("pk", flat=True))
    named = Beneficiary.objects.filter(project__in=Project.objects.public()).order_by("pk")
    products = set(shown(clock).filter(product__in=named.values("product")).values_list("product_id", flat=True))
    rows: QuerySet[Any] = named.select_related("project", "facility__territory", "product")
    for row in rows.iterator(AT_ONCE):
        row.is_told = row.facility_id not in withheld
        row.told_product = row.product if row.product_id in products else None
        yield row


def _facility_id(row: Any, clock: Clock) -> UUID | None:
    """The maker's key; of a household that left the register one that leads back to nothing and stays the same."""
    if row.facility is None or row.is_told:
        return row.facility.uuid if row.facility else None
    return UUID(bytes=salted_hmac("open-data.support", str(row.facility.uuid), algorithm="sha256").digest()[:16])


def _of_told(path: str) -> Any:
    """What of a line is told only where its maker may be named."""
    value = of(path)
    return lambda row, clock: value(row, clock) if row.is_told else None


SUPPORT = DataSet(
    "support",
    _("Ai được khuyến công hỗ trợ"),
    _(
        "Mỗi dòng một cơ sở, cụm hoặc lớp được một đề án hỗ trợ. Cơ sở chưa có sản phẩm được công nhận thì không có trong "
        "facilities. Hộ kinh doanh đã rời sổ không nêu tên, mã của hộ ở đây không tra ngược được."
    ),
    (
        Field("project_id", ID, _("Mã của đề án trong projects."), of("project.uuid")),
        Field("kind", TEXT, _("Loại."), of("kind"), listed(BeneficiaryKind.choices)),
        Field("facility_id", ID, _("Mã cố định của cơ sở."), _facility_id),
        Field("facility", TEXT, _("Tên cơ sở."), _of_told("facility.name")),
        Field("facility_kind", TEXT, _("Loại hình cơ sở."), of("facility.kind"), listed(FacilityKind.choices)),
        Field("province_at_the_time", TEXT, _("Đường dẫn của tỉnh của cơ sở khi ghi nhận."), of("facility.territory.slug")),
        Field("for_product", YES_NO, _("Hỗ trợ cho một sản phẩm, không phải cho cơ sở nói chung."), lambda row, _c: row.product_id is not None),
        Field("product_id", ID, _("Mã của sản phẩm trong products; để trống khi sản phẩm không có ở đó."), of("told_product.uuid")),
        Field("name", TEXT, _("Tên cụm, lớp."), of("name")),
        Field("people", NUMBER, _("Số lao động."), of("people")),
        Field("turns", NUMBER, _("Số lượt."), of("turns")),
        Field("extension_funds", MONEY, _("Kinh phí khuyến công, đồng; để trống khi nguồn không ghi."), of("extension_funds")),
        Field("fair_revenue", MONEY, _("Doanh thu tại hội chợ như nguồn viết, đồng; không nêu của hộ kinh doanh."), _of_told("public_fair_revenue")),
        Field("note", TEXT, _("Ghi chú."), _of_told("note")),
    ),
    _support,
)  # fmt: skip
