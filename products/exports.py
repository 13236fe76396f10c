"""The register of products and recognitions as files: columns that the import takes back, in the field's words."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.exports import tax_code_of
from portal.accounts.exports import ExportField, related
from portal.territory.queries import name_on, unit_today
from portal.text.clock import today
from portal.text.formats import day

from . import codes
from .enums import DatePrecision, Stage
from .models import Certificate, Product, Recognition


def product_fields() -> list[ExportField]:
    return [
        ExportField(gettext_lazy("Tên sản phẩm"), related("name"), 40),
        ExportField(gettext_lazy("Nhóm sản phẩm"), related("get_group_display"), 30),
        ExportField(gettext_lazy("Căn cứ xếp nhóm"), _certainty, 18),
        ExportField(gettext_lazy("Bộ sản phẩm"), _set),
        ExportField(gettext_lazy("Thành phần"), _members, 40),
        ExportField(gettext_lazy("Cơ sở"), related("facility.name"), 36),
        ExportField(gettext_lazy("Tỉnh"), related("territory.name"), 18),
        ExportField(gettext_lazy("Tỉnh hiện nay"), lambda row: unit_today(row.territory_id).name, 18),
        ExportField(gettext_lazy("Nguyên, vật liệu"), related("materials"), 30),
        ExportField(gettext_lazy("Mã truy xuất nguồn gốc"), related("traceability_code"), 20),
        ExportField(gettext_lazy("Năm bắt đầu sản xuất"), related("first_made_year")),
        ExportField(gettext_lazy("Tên tiếng Anh"), related("name_en"), 30),
        ExportField(gettext_lazy("Tóm tắt"), related("summary"), 50),
    ]


def recognition_fields(user: Any) -> list[ExportField]:
    """The columns of the import, then what the register adds."""
    tax_code = tax_code_of(user)
    return [
        ExportField(gettext_lazy("Cấp"), related("get_level_display"), 14),
        ExportField(gettext_lazy("Năm"), related("year")),
        ExportField(gettext_lazy("Lần thứ"), lambda row: row.round_ordinal or None),
        ExportField(gettext_lazy("Tỉnh"), _province, 18),
        ExportField(gettext_lazy("Tên sản phẩm"), related("product.name"), 40),
        ExportField(gettext_lazy("Bộ sản phẩm"), lambda row: _set(row.product)),
        ExportField(gettext_lazy("Thành phần"), lambda row: _members(row.product), 40),
        ExportField(gettext_lazy("Nhóm sản phẩm"), related("product.get_group_display"), 30),
        ExportField(gettext_lazy("Căn cứ xếp nhóm"), lambda row: _certainty(row.product), 18),
        ExportField(gettext_lazy("Cơ sở"), related("product.facility.name"), 36),
        ExportField(gettext_lazy("Địa chỉ"), related("product.facility.address_recognised"), 50),
        ExportField(gettext_lazy("Loại hình"), related("product.facility.get_kind_display"), 18),
        ExportField(
            gettext_lazy("Mã số thuế"), lambda row: tax_code(row.product.facility) if row.product.facility else "", 16
        ),
        ExportField(gettext_lazy("Số quyết định"), related("decision.full_number"), 18),
        ExportField(gettext_lazy("Ngày quyết định"), related("decision.signed_on"), 14),
        ExportField(gettext_lazy("Số giấy chứng nhận"), lambda row: _paper(row, "official_number"), 18),
        ExportField(gettext_lazy("Ngày cấp"), related("issued_on"), 14),
        ExportField(gettext_lazy("Ngày hết hiệu lực"), _stated_end, 16),
        ExportField(gettext_lazy("Giai đoạn"), related("get_stage_display"), 16),
        ExportField(gettext_lazy("Nguồn"), related("source"), 30),
        ExportField(gettext_lazy("Ghi chú"), related("source_note"), 30),
        ExportField(gettext_lazy("Hiệu lực theo sổ đến hết"), _valid_until, 18),
        ExportField(gettext_lazy("Hiệu lực hôm nay"), _standing, 18),
        ExportField(
            gettext_lazy("Mã tra cứu"), lambda row: codes.display(code) if (code := _paper(row, "code")) else ""
        ),
        ExportField(gettext_lazy("Công bố lúc"), related("published_at"), 18),
    ]


def figure_fields() -> list[ExportField]:
    return [
        ExportField(gettext_lazy("Nơi"), related("place"), 24),
        ExportField(gettext_lazy("Kỳ"), related("period"), 16),
        ExportField(gettext_lazy("Từ năm"), related("year_from")),
        ExportField(gettext_lazy("Đến năm"), related("year_to")),
        ExportField(gettext_lazy("Số liệu"), related("what"), 40),
        ExportField(gettext_lazy("Đại lượng"), related("get_measure_display"), 30),
        ExportField(gettext_lazy("Cấp"), related("get_level_display"), 14),
        ExportField(gettext_lazy("Nhóm"), related("get_group_display"), 24),
        ExportField(gettext_lazy("Như đã công bố"), related("value_text"), 16),
        ExportField(gettext_lazy("Giá trị để so"), related("value")),
        ExportField(gettext_lazy("Độ chính xác"), related("get_precision_display"), 14),
        ExportField(gettext_lazy("Đơn vị tính"), related("unit"), 14),
        ExportField(gettext_lazy("Nguồn"), related("source"), 30),
        ExportField(gettext_lazy("Mâu thuẫn, ghi chú"), related("note"), 40),
    ]


def recognitions_to_export(found: QuerySet[Recognition]) -> QuerySet[Recognition]:
    """Recognitions with all their columns read: two queries more for each chunk."""
    return found.select_related("product__facility", "territory", "decision", "validity_rule").prefetch_related(
        "product__members", "certificates"
    )


def _province(row: Recognition) -> str:
    """As it was called on the day the import reads it by."""
    known = (row.decision.signed_on if row.decision else None) or row.issued_on
    return name_on(row.territory, known or dt.date(row.year, 12, 31))


def _certainty(product: Product) -> str:
    return _("theo quyết định") if product.group_certain else _("tạm xếp")


def _set(product: Product) -> int | None:
    """1 or 0 as the import reads it; empty where an old list did not say."""
    return int(product.is_set) if product.set_certain else None


def _members(product: Product) -> str:
    return "; ".join(member.name for member in product.members.all())


def _paper(row: Recognition, field: str) -> str:
    in_use: list[Certificate] = [paper for paper in row.certificates.all() if paper.superseded_on is None]
    return str(getattr(in_use[0], field)) if in_use else ""


def _stated_end(row: Recognition) -> dt.date | None:
    """The end of validity where it was read from the certificate; what a rule says is worked out again."""
    return row.expires_on if row.validity_confirmed else None


def _valid_until(row: Recognition) -> str:
    if row.expires_on is None:
        return ""
    return str(row.expires_on.year) if row.expiry_precision == DatePrecision.YEAR else day(row.expires_on)


def _standing(row: Recognition) -> str:
    if row.stage == Stage.PROPOSED:
        return str(Stage.PROPOSED.label)
    return str(row.status(on=today(), expiring_days=settings.EXPIRING_DAYS).label)
