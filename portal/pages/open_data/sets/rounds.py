"""Rounds of selection, their numbers, and what became of the lists that provinces sent up. No dossier, no score."""

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from portal.accounts.enums import OrganisationKind
from portal.territory.enums import Region
from portal.territory.queries import register
from products.catalogue import Clock
from products.enums import Level, ProductGroup
from products.serializers import whole
from rounds import nomination_queries
from rounds.api import RESULT_STATES
from rounds.enums import RoundState
from rounds.models import Round

from ... import statistics
from ..table import ADDRESS, AT_ONCE, DAY, ID, MOMENT, NUMBER, TEXT, YES_NO, DataSet, Field, listed, of


def _announced(path: str) -> Callable[[Round, Clock], Any]:
    """What of a round is known once its result is announced."""
    value = of(path)
    return lambda row, clock: value(row, clock) if row.state in RESULT_STATES else None


def _rounds(clock: Clock) -> Iterator[Round]:
    found = Round.objects.public().select_related("territory", "receiving_unit", "decision")
    return found.order_by("pk").iterator(AT_ONCE)


ROUNDS = DataSet(
    "rounds",
    _("Các kỳ bình chọn"),
    _("Mỗi dòng một kỳ bình chọn đã công khai. Quyết định chỉ có sau khi công bố kết quả."),
    (
        Field("uuid", ID, _("Mã cố định của kỳ."), of("uuid")),
        Field("slug", TEXT, _("Phần cuối địa chỉ trang của kỳ."), of("slug")),
        Field("url", ADDRESS, _("Trang của kỳ trên cổng."), lambda row, _c: whole(reverse("round", args=[row.slug]))),
        Field("name", TEXT, _("Tên kỳ."), lambda row, _c: str(row)),
        Field("level", TEXT, _("Cấp bình chọn."), of("level"), listed(Level.choices)),
        Field("year", NUMBER, _("Năm."), of("year")),
        Field("round_ordinal", NUMBER, _("Lần thứ; để trống khi không đánh số."), lambda row, _c: row.ordinal or None),
        Field("province_at_the_time", TEXT, _("Đường dẫn của tỉnh khi tổ chức."), of("territory.slug")),
        Field("region", TEXT, _("Khu vực, với cấp khu vực."), of("region"), listed(Region.choices)),
        Field("locality", TEXT, _("Huyện, xã, với cấp huyện và cấp xã."), of("locality")),
        Field("state", TEXT, _("Trạng thái."), of("state"), listed(RoundState.choices)),
        Field("receiving_from", MOMENT, _("Nhận hồ sơ từ."), of("receiving_from")),
        Field("receiving_until", MOMENT, _("Hạn nhận hồ sơ."), of("receiving_until")),
        Field("receiving_unit", TEXT, _("Đơn vị nhận hồ sơ."), of("receiving_unit.name")),
        Field("decision_number", TEXT, _("Quyết định công nhận."), _announced("decision.full_number")),
        Field("decision_date", DAY, _("Ngày ký quyết định."), _announced("decision.signed_on")),
        Field("announced_at", MOMENT, _("Lúc công bố kết quả."), of("announced_at")),
        Field("is_illustrative", YES_NO, _("Kỳ mẫu của bản trình diễn."), of("is_illustrative")),
        Field("own_name", TEXT, _("Tên riêng của kỳ; để trống khi tên ghép từ cấp, nơi, lần và năm."), of("name")),
        Field("receiving_unit_kind", TEXT, _("Loại đơn vị nhận hồ sơ."), of("receiving_unit.kind"), listed(OrganisationKind.choices)),
        Field("decision_issuer", TEXT, _("Cơ quan ban hành quyết định."), _announced("decision.issuer")),
    ),
    _rounds,
)  # fmt: skip


# --- their numbers ----------------------------------------------------------------------------------------


def _counts(clock: Clock) -> Iterator[tuple[Round, str, statistics.RoundNumbers]]:
    """Each round's numbers, first of the whole round (no group), then of each group."""
    for one in statistics.rounds(list(_rounds(clock))):
        yield one.round, "", one.numbers
        for group, numbers in one.by_group.items():
            yield one.round, group, numbers


def _number(name: str, meaning: str) -> Field:
    return Field(name, NUMBER, meaning, lambda row, _c: getattr(row[2], name))


ROUND_COUNTS = DataSet(
    "round_counts",
    _("Số liệu của các kỳ bình chọn"),
    _(
        "Mỗi dòng là số của cả kỳ (cột nhóm để trống) hoặc của một nhóm sản phẩm trong kỳ. Hồ sơ không công khai từng "
        "tên, nên chỉ có số. Cột từ “scored” trở đi để trống cho đến khi công bố kết quả."
    ),
    (
        Field("round_id", ID, _("Mã của kỳ trong rounds."), lambda row, _c: row[0].uuid),
        Field("group", TEXT, _("Nhóm sản phẩm; để trống: cả kỳ."), lambda row, _c: row[1], listed(ProductGroup.choices)),
        _number("dossiers", _("Số hồ sơ đăng ký.")),
        _number("facilities", _("Số cơ sở, mỗi cơ sở tính một lần.")),
        _number("first_time", _("Số hồ sơ của sản phẩm tham gia lần đầu.")),
        _number("eligible", _("Số hồ sơ đủ điều kiện.")),
        _number("scored", _("Số hồ sơ đã chấm.")),
        _number("passed", _("Số hồ sơ đạt điểm.")),
        _number("recognised", _("Số được công nhận.")),
        _number("singles", _("Số sản phẩm đơn được công nhận.")),
        _number("sets", _("Số bộ sản phẩm được công nhận.")),
    ),
    _counts,
)  # fmt: skip


def _nominations(clock: Clock) -> list[nomination_queries.Funnel]:
    return sorted(nomination_queries.funnel(), key=lambda row: (row.year, row.level, row.territory_id))


NOMINATIONS = DataSet(
    "nominations",
    _("Đề cử lên cấp trên"),
    _("Mỗi dòng là số của các danh sách đề cử mà một tỉnh đã gửi lên một cấp trong một năm. Không có tên sản phẩm."),
    (
        Field("year", NUMBER, _("Năm của danh sách."), of("year")),
        Field("level", TEXT, _("Đề cử lên cấp."), of("level"), listed(Level.choices)),
        Field("province_at_the_time", TEXT, _("Đường dẫn của tỉnh gửi danh sách."), lambda row, _c: register().units[row.territory_id].slug),
        Field("eligible", NUMBER, _("Số sản phẩm đủ điều kiện đã xét."), of("eligible")),
        Field("nominated", NUMBER, _("Số được đề cử."), of("nominated")),
        Field("entered", NUMBER, _("Số đã vào kỳ bình chọn cấp trên."), of("entered")),
        Field("recognised", NUMBER, _("Số được công nhận."), of("recognised")),
    ),
    _nominations,
)  # fmt: skip
