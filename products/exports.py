"""The register of products and recognitions as files: columns that the import takes back, in the field's words."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.enums import FacilityKind
from facilities.exports import tax_code_of
from portal.accounts.exports import ExportField, chosen, related
from portal.territory.queries import name_on, unit_today
from portal.text.clock import today
from portal.text.formats import day

from . import codes
from .enums import DatePrecision, FigureMeasure, FigurePrecision, Level, ProductGroup, Stage, Status
from .models import Certificate, Product, Recognition, SetMember

RECOGNITION_COLUMNS = (
    "level",
    "year",
    "round_ordinal",
    "territory__name",
    "stage",
    "issued_on",
    "expires_on",
    "expiry_precision",
    "validity_confirmed",
    "suspended_from",
    "suspended_to",
    "withdrawn_on",
    "revoked_on",
    "published_at",
    "source",
    "source_note",
    "decision__number",
    "decision__symbol",
    "decision__signed_on",
    "product__name",
    "product__group",
    "product__group_certain",
    "product__is_set",
    "product__set_certain",
    "product__facility__name",
    "product__facility__kind",
    "product__facility__tax_code",
    "product__facility__territory",
    "product__facility__address_recognised",
)


def product_fields() -> list[ExportField]:
    return [
        ExportField(gettext_lazy("Tên sản phẩm"), related("name"), 40),
        ExportField(gettext_lazy("Nhóm sản phẩm"), chosen("group", ProductGroup.choices), 30),
        ExportField(gettext_lazy("Căn cứ xếp nhóm"), chosen("group_certain", _certainties()), 18),
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
        ExportField(gettext_lazy("Cấp"), chosen("level", Level.choices), 14),
        ExportField(gettext_lazy("Năm"), related("year")),
        ExportField(gettext_lazy("Lần thứ"), lambda row: row.round_ordinal or None),
        ExportField(gettext_lazy("Tỉnh"), _province_then(), 18),
        ExportField(gettext_lazy("Tên sản phẩm"), related("product.name"), 40),
        ExportField(gettext_lazy("Bộ sản phẩm"), lambda row: _set(row.product)),
        ExportField(gettext_lazy("Thành phần"), lambda row: _members(row.product), 40),
        ExportField(gettext_lazy("Nhóm sản phẩm"), chosen("product.group", ProductGroup.choices), 30),
        ExportField(gettext_lazy("Căn cứ xếp nhóm"), chosen("product.group_certain", _certainties()), 18),
        ExportField(gettext_lazy("Cơ sở"), related("product.facility.name"), 36),
        ExportField(gettext_lazy("Địa chỉ"), related("product.facility.address_recognised"), 50),
        ExportField(gettext_lazy("Loại hình"), chosen("product.facility.kind", FacilityKind.choices), 18),
        ExportField(
            gettext_lazy("Mã số thuế"), lambda row: tax_code(row.product.facility) if row.product.facility else "", 16
        ),
        ExportField(gettext_lazy("Số quyết định"), related("decision.full_number"), 18),
        ExportField(gettext_lazy("Ngày quyết định"), related("decision.signed_on"), 14),
        ExportField(gettext_lazy("Số giấy chứng nhận"), lambda row: _paper(row, "official_number"), 18),
        ExportField(gettext_lazy("Ngày cấp"), related("issued_on"), 14),
        ExportField(gettext_lazy("Ngày hết hiệu lực"), _stated_end, 16),
        ExportField(gettext_lazy("Giai đoạn"), chosen("stage", Stage.choices), 16),
        ExportField(gettext_lazy("Nguồn"), related("source"), 30),
        ExportField(gettext_lazy("Ghi chú"), related("source_note"), 30),
        ExportField(gettext_lazy("Hiệu lực theo sổ đến hết"), _valid_until, 18),
        ExportField(gettext_lazy("Hiệu lực hôm nay"), _standing_on(today()), 18),
        ExportField(
            gettext_lazy("Mã tra cứu"), lambda row: codes.display(code) if (code := _paper(row, "code")) else ""
        ),
        ExportField(gettext_lazy("Công bố lúc"), related("published_at"), 18),
    ]


def day_list_fields(unit: Callable[[Recognition], str]) -> list[ExportField]:
    """The columns of the public list of a day; `unit` names the province a row stands under."""
    return [
        ExportField(gettext_lazy("Tỉnh"), unit, 18),
        ExportField(gettext_lazy("Tỉnh khi công nhận"), _province_then(), 18),
        ExportField(gettext_lazy("Tên sản phẩm"), related("product.name"), 40),
        ExportField(gettext_lazy("Bộ sản phẩm"), lambda row: _set(row.product)),
        ExportField(gettext_lazy("Nhóm sản phẩm"), chosen("product.group", ProductGroup.choices), 30),
        ExportField(gettext_lazy("Cơ sở"), related("product.facility.name"), 36),
        ExportField(gettext_lazy("Cấp"), chosen("level", Level.choices), 14),
        ExportField(gettext_lazy("Năm"), related("year")),
        ExportField(gettext_lazy("Lần thứ"), lambda row: row.round_ordinal or None),
        ExportField(gettext_lazy("Số quyết định"), related("decision.full_number"), 18),
        ExportField(gettext_lazy("Số giấy chứng nhận"), lambda row: _paper(row, "official_number"), 18),
        ExportField(gettext_lazy("Ngày cấp"), related("issued_on"), 14),
        ExportField(gettext_lazy("Có hiệu lực đến hết"), _valid_until, 18),
        ExportField(
            gettext_lazy("Mã tra cứu"), lambda row: codes.display(code) if (code := _paper(row, "code")) else "", 16
        ),
    ]


def figure_fields() -> list[ExportField]:
    return [
        ExportField(gettext_lazy("Nơi"), related("place"), 24),
        ExportField(gettext_lazy("Kỳ"), related("period"), 16),
        ExportField(gettext_lazy("Từ năm"), related("year_from")),
        ExportField(gettext_lazy("Đến năm"), related("year_to")),
        ExportField(gettext_lazy("Số liệu"), related("what"), 40),
        ExportField(gettext_lazy("Đại lượng"), chosen("measure", FigureMeasure.choices), 30),
        ExportField(gettext_lazy("Cấp"), chosen("level", Level.choices), 14),
        ExportField(gettext_lazy("Nhóm"), chosen("group", ProductGroup.choices), 24),
        ExportField(gettext_lazy("Như đã công bố"), related("value_text"), 16),
        ExportField(gettext_lazy("Giá trị để so"), related("value")),
        ExportField(gettext_lazy("Độ chính xác"), chosen("precision", FigurePrecision.choices), 14),
        ExportField(gettext_lazy("Đơn vị tính"), related("unit"), 14),
        ExportField(gettext_lazy("Nguồn"), related("source"), 30),
        ExportField(gettext_lazy("Mâu thuẫn, ghi chú"), related("note"), 40),
    ]


def products_to_export(found: QuerySet[Product]) -> QuerySet[Product]:
    return found.prefetch_related(None).prefetch_related(Prefetch("members", to_attr="listed"))


def recognitions_to_export(found: QuerySet[Recognition]) -> QuerySet[Recognition]:
    """Recognitions with what their columns say and no more: two queries more for each chunk."""
    in_use = Certificate.objects.filter(superseded_on=None)
    return (
        found.select_related(None)
        .select_related("product__facility", "territory", "decision")
        .only(*RECOGNITION_COLUMNS)
        .prefetch_related(
            Prefetch("product__members", to_attr="listed"), Prefetch("certificates", in_use, to_attr="in_use")
        )
    )


def _province_then() -> Callable[[Recognition], str]:
    """The province as it was called on the day the import reads it by; each name is looked up once."""
    known: dict[tuple[int, dt.date], str] = {}

    def province(row: Recognition) -> str:
        on = (row.decision.signed_on if row.decision else None) or row.issued_on or dt.date(row.year, 12, 31)
        key = (row.territory_id, on)
        if key not in known:
            known[key] = name_on(row.territory, on)
        return known[key]

    return province


def _certainties() -> list[tuple[Any, str]]:
    """How sure the group is, by what a list says of it: a flag, or its word."""
    sure, unsure = _("theo quyết định"), _("tạm xếp")
    return [(_("có"), sure), (_("không"), unsure)]


def _set(product: Product) -> int | None:
    """1 or 0 as the import reads it; empty where an old list did not say."""
    return int(product.is_set) if product.set_certain else None


def _members(product: Product) -> str:
    members: list[SetMember] = product.listed  # type: ignore[attr-defined]
    return "; ".join(member.name for member in members)


def _paper(row: Recognition, field: str) -> str:
    in_use: list[Certificate] = row.in_use  # type: ignore[attr-defined]
    return str(getattr(in_use[0], field)) if in_use else ""


def _stated_end(row: Recognition) -> dt.date | None:
    """The end of validity where it was read from the certificate; what a rule says is worked out again."""
    return row.expires_on if row.validity_confirmed else None


def _valid_until(row: Recognition) -> str:
    if row.expires_on is None:
        return ""
    return str(row.expires_on.year) if row.expiry_precision == DatePrecision.YEAR else day(row.expires_on)


def _standing_on(on: dt.date) -> Callable[[Recognition], str]:
    words = {status: str(status.label) for status in Status}
    proposed = str(Stage.PROPOSED.label)

    def standing(row: Recognition) -> str:
        if row.stage == Stage.PROPOSED:
            return proposed
        return words[row.status(on=on, expiring_days=settings.EXPIRING_DAYS)]

    return standing
