"""Recognitions with their decisions and certificates, and what befell them."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_noop as _

from facilities import publication
from facilities.enums import FacilityKind
from portal.territory.queries import name_on
from products import codes
from products.catalogue import Clock
from products.enums import DatePrecision, EventKind, Level, ProductGroup, Status
from products.models import Certificate, Recognition, RecognitionEvent, Suspension
from products.validity_sql import due_to_be_withheld

from ..table import AT_ONCE, DAY, ID, LIST, MOMENT, NUMBER, TEXT, YES_NO, DataSet, Field, listed, of, today_slug


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
        Field("level", TEXT, _("Cấp công nhận."), of("level"), listed(Level.choices)),
        Field("year", NUMBER, _("Năm công nhận."), of("year")),
        Field("round_ordinal", NUMBER, _("Lần thứ; để trống khi chưa rõ."), lambda row, _c: row.round_ordinal or None),
        Field("province", TEXT, _("Tên tỉnh khi công nhận."), _province_then),
        Field("product", TEXT, _("Tên sản phẩm."), of("product.name")),
        Field("is_set", YES_NO, _("Là bộ sản phẩm; để trống khi danh sách cũ không ghi."), lambda row, _c: row.product.is_set if row.product.set_certain else None),
        Field("members", LIST, _("Tên các sản phẩm trong bộ."), lambda row, _c: [one.name for one in row.product.members.all()]),
        Field("facility", TEXT, _("Tên cơ sở; để trống khi chưa rõ."), lambda row, _c: row.product.facility.name if row.product.facility else ""),
        Field("facility_kind", TEXT, _("Loại hình cơ sở."), of("product.facility.kind"), listed(FacilityKind.choices)),
        Field("facility_address", TEXT, _("Địa chỉ như trong quyết định; của hộ kinh doanh chỉ xã, phường."), _address),
        Field("group", TEXT, _("Nhóm sản phẩm."), of("product.group"), listed(ProductGroup.choices)),
        Field("group_certainty", YES_NO, _("Nhóm theo quyết định; không thì là nhóm tạm xếp."), of("product.group_certain")),
        Field("decision_number", TEXT, _("Số, ký hiệu quyết định."), of("decision.full_number")),
        Field("decision_date", DAY, _("Ngày ký quyết định."), of("decision.signed_on")),
        Field("certificate_number", TEXT, _("Số giấy chứng nhận."), _paper("official_number")),
        Field("issued_on", DAY, _("Ngày cấp."), of("issued_on")),
        Field("expires_on", DAY, _("Ngày cuối còn hiệu lực."), of("expires_on")),
        Field("source", TEXT, _("Nguồn của dòng."), of("source")),
        Field("uuid", ID, _("Mã cố định của lượt công nhận."), of("uuid")),
        Field("product_id", ID, _("Mã của sản phẩm trong products."), of("product.uuid")),
        Field("facility_id", ID, _("Mã của cơ sở trong facilities."), of("product.facility.uuid")),
        Field("province_at_the_time", TEXT, _("Đường dẫn của tỉnh khi công nhận."), of("territory.slug")),
        Field("province_today", TEXT, _("Đường dẫn của tỉnh, thành phố hiện nay."), today_slug),
        Field("locality", TEXT, _("Huyện, xã công nhận, với cấp huyện và cấp xã."), of("locality")),
        Field("decision_issuer", TEXT, _("Cơ quan ban hành quyết định."), of("decision.issuer")),
        Field("certificate_code", TEXT, _("Mã tra cứu của giấy chứng nhận."), lambda row, c: codes.display(code) if (code := _paper("code")(row, c)) else ""),
        Field("expires_precision", TEXT, _("Ngày cuối biết đến ngày hay chỉ biết năm."), of("expiry_precision"), listed(DatePrecision.choices)),
        Field("expires_certain", YES_NO, _("Ngày cuối có văn bản xác nhận; không thì là tạm tính."), _certain),
        Field("status", TEXT, _("Hiệu lực vào ngày của bộ dữ liệu."), lambda row, c: row.status(on=c.on, expiring_days=c.expiring_days).value, listed(Status.choices)),
        Field("suspended_from", DAY, _("Tạm dừng từ ngày."), of("suspended_from")),
        Field("suspended_to", DAY, _("Tạm dừng đến hết ngày."), of("suspended_to")),
        Field("withdrawn_on", DAY, _("Cơ sở xin rút từ ngày."), of("withdrawn_on")),
        Field("revoked_on", DAY, _("Thu hồi từ ngày."), of("revoked_on")),
        Field("status_reason", TEXT, _("Lý do tạm dừng, rút, thu hồi."), of("status_reason")),
        Field("published_at", MOMENT, _("Lúc công bố trên cổng."), of("published_at")),
        Field("is_illustrative", YES_NO, _("Số liệu minh họa của bản trình diễn."), lambda row, _c: row.is_illustrative or row.product.is_illustrative),
        Field("validity_rule", TEXT, _("Mã quy định về thời hạn đã dùng để tính ngày cuối."), of("validity_rule.code")),
    ),
    _recognitions,
)  # fmt: skip


# --- what befell them -------------------------------------------------------------------------------------


def _of_told(rows: QuerySet[Any]) -> Callable[[Clock], Iterator[Any]]:
    """Rows of the recognitions that the open data name."""

    def read(clock: Clock) -> Iterator[Any]:
        told = Recognition.objects.published().exclude(due_to_be_withheld(clock.on)).order_by()
        return rows.filter(recognition__in=told.values("pk")).order_by("pk").iterator(AT_ONCE)

    return read


def _paper_in_use(row: RecognitionEvent, clock: Clock) -> str:
    paper = row.certificate
    return codes.display(paper.code) if paper and paper.superseded_on is None else ""


_RECOGNITION = Field("recognition_id", ID, _("Mã của lượt công nhận trong recognitions."), of("recognition.uuid"))

SUSPENSIONS = DataSet(
    "suspensions",
    _("Các lần tạm dừng"),
    _("Mỗi dòng một lần tạm dừng của một lượt công nhận, kể cả lần đã qua."),
    (
        _RECOGNITION,
        Field("begins_on", DAY, _("Tạm dừng từ ngày."), of("begins_on")),
        Field("ends_on", DAY, _("Đến hết ngày; để trống khi chưa có ngày cuối."), of("ends_on")),
        Field("reason", TEXT, _("Lý do."), of("reason")),
        Field("basis", TEXT, _("Căn cứ."), of("basis")),
    ),
    _of_told(Suspension.objects.select_related("recognition")),
)

EVENTS = DataSet(
    "events",
    _("Diễn biến của các lượt công nhận"),
    _("Mỗi dòng một việc đã xảy ra với một lượt công nhận, như trang kiểm tra giấy chứng nhận đã nêu."),
    (
        Field("uuid", ID, _("Mã cố định của việc."), of("uuid")),
        _RECOGNITION,
        Field("kind", TEXT, _("Việc."), of("kind"), listed(EventKind.choices)),
        Field("effective_on", DAY, _("Có hiệu lực từ ngày."), of("on")),
        Field("effective_until", DAY, _("Đến hết ngày."), of("until")),
        Field("reason", TEXT, _("Lý do."), of("reason")),
        Field("basis", TEXT, _("Căn cứ, văn bản đề nghị."), of("basis")),
        Field("decision_number", TEXT, _("Số, ký hiệu quyết định."), of("decision.full_number")),
        Field("decision_date", DAY, _("Ngày ký quyết định."), of("decision.signed_on")),
        Field("decision_issuer", TEXT, _("Cơ quan ban hành quyết định."), of("decision.issuer")),
        Field("certificate_code", TEXT, _("Mã tra cứu của giấy chứng nhận, khi giấy còn dùng."), _paper_in_use),
        Field("expires_before", DAY, _("Trước là có hiệu lực đến hết ngày."), of("before")),
        Field("expires_after", DAY, _("Nay là có hiệu lực đến hết ngày."), of("after")),
        Field("recorded_at", MOMENT, _("Lúc ghi vào cổng."), of("recorded_at")),
    ),
    _of_told(RecognitionEvent.objects.select_related("recognition", "decision", "certificate")),
)
