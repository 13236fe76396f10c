"""One row of a list, understood: every cell read, every problem said in a sentence."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from facilities import taxcode
from facilities.enums import FacilityKind
from facilities.kinds import kind_of, parse_kind
from portal.territory.models import Territory
from portal.territory.queries import resolve_for_year, unit_of
from portal.text.cells import day_of
from portal.text.errors import Refusal
from portal.text.tables import Row

from .. import validity
from ..completeness import proposed_members
from ..enums import Level, ProductGroup, Stage
from ..services import Endings, member_names
from . import columns

FIRST_YEAR = 1990
LONGEST = {
    "product": 300,
    "facility": 250,
    "facility_address": 300,
    "certificate_number": 60,
    "tax_code": 14,
    "decision_number": 60,
}
SOURCE_LENGTH = 300
T = TypeVar("T")


@dataclass(frozen=True)
class Line:
    """A row that can be entered. `is_set` is None where the list does not say."""

    number: int
    level: Level
    year: int
    ordinal: int
    territory: Territory
    name: str
    is_set: bool | None
    members: list[str]
    facility: str
    address: str
    kind: FacilityKind
    tax_code: str
    group: ProductGroup | None
    group_certain: bool
    decision: tuple[str, str] | None
    decided_on: dt.date | None
    official_number: str
    issued_on: dt.date | None
    expires_on: dt.date | None
    stage: Stage
    source: str
    note: str
    endings: Endings | None = None
    # How the file itself tells makers and products apart, where it does: see `Writer`.
    facility_id: str = ""
    product_id: str = ""

    @property
    def locality(self) -> str:
        """The district or commune that recognised, as far as the address tells."""
        if self.level in {Level.DISTRICT, Level.COMMUNE}:
            return self.address.rsplit(",", 1)[-1].strip()[:120]
        return ""


class Reader:
    """Reads cells and gathers what is wrong with them."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.problems: list[str] = []

    def read(self, parse: Callable[..., T], column: str, *args: Any, **more: Any) -> T | None:
        try:
            return parse(self.row[column], *args, **more)
        except (columns.Unreadable, Refusal) as error:
            self.problems.append(str(error))
        return None

    def fail(self, sentence: str) -> None:
        self.problems.append(sentence)


class Places:
    """Which unit a row means, asked once for each name, level, year and day of a list."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, int, dt.date | None], Territory | Refusal] = {}

    def of(self, name: str, level: Level | None, year: int, on: dt.date | None) -> Territory:
        key = (name, level or "", year, on)
        if key not in self._known:
            try:
                self._known[key] = unit_of(name, on) if on else resolve_for_year(name, year, level or "")
            except Refusal as refusal:
                self._known[key] = refusal
        found = self._known[key]
        if isinstance(found, Refusal):
            raise found
        return found


def line_of(row: Row, *, today: dt.date, places: Places) -> tuple[Line | None, list[str]]:
    """The row understood, or None with the sentences that say why not."""
    reader = Reader(row)
    reader.problems += row.problems
    level = reader.read(columns.level_of, "level")
    year = reader.read(columns.year_of, "year", today=today, first=FIRST_YEAR)
    decided_on = reader.read(day_of, "decision_date", _("Ngày quyết định"))
    issued_on = reader.read(day_of, "issued_on", _("Ngày cấp"))
    territory = _territory(reader, places, level, year, decided_on or issued_on)
    stage = reader.read(columns.stage_of, "stage")
    is_set = reader.read(columns.set_of, "is_set")
    members = member_names(row["members"].split(";"))
    group = reader.read(columns.group_of, "group")
    expires_on = reader.read(day_of, "expires_on", _("Ngày hết hiệu lực"))
    decision = reader.read(columns.decision_of, "decision_number")
    ordinal = reader.read(columns.ordinal_of, "round_ordinal")
    kind = _kind(reader)
    endings = _endings(reader, row["source"])
    _check_texts(reader)
    _check_members(reader, is_set, members)
    _check_level(reader, level, year, decided_on or issued_on)
    _check_stage(reader, stage)
    _check_days(reader, today, (decided_on, issued_on), issued_on, expires_on)
    if reader.problems or level is None or year is None or territory is None or stage is None or ordinal is None:
        return None, reader.problems
    line = Line(
        number=row.number,
        level=level,
        year=year,
        ordinal=ordinal,
        territory=territory,
        name=row["product"],
        is_set=True if is_set is None and members else is_set,
        members=members,
        facility=row["facility"],
        address=row["facility_address"],
        kind=kind,
        tax_code=row["tax_code"] if row["facility"] else "",
        group=group,
        group_certain=group is not None and columns.certain(row["group_certainty"]),
        decision=decision,
        decided_on=decided_on,
        official_number=row["certificate_number"],
        issued_on=issued_on,
        expires_on=expires_on,
        stage=stage,
        source=row["source"][:SOURCE_LENGTH],
        note=row["note"][:SOURCE_LENGTH],
        endings=endings,
        facility_id=row["facility_id"] if row["facility"] else "",
        product_id=row["product_id"],
    )
    return line, []


def warnings_of(line: Line) -> list[str]:
    """What is odd or missing in a row that is entered all the same."""
    found = []
    if not line.facility:
        found.append(_("chưa có cơ sở"))
    if line.is_set and not line.members:
        proposed = "; ".join(proposed_members(line.name))
        found.append(
            _("bộ chưa có thành phần (tên gợi ý: %(names)s)") % {"names": proposed}
            if proposed
            else _("bộ chưa có thành phần")
        )
    if line.is_set is None:
        found.append(_("chưa ghi là bộ hay sản phẩm đơn, tạm coi là sản phẩm đơn"))
    if line.group is None:
        found.append(_("chưa ghi nhóm, tạm xếp vào sản phẩm khác"))
    if line.tax_code and (odd := taxcode.check(line.tax_code)):
        found.append(odd)
    return found


def _territory(
    reader: Reader, places: Places, level: Level | None, year: int | None, on: dt.date | None
) -> Territory | None:
    if year is None:
        return None
    try:
        return places.of(reader.row["province"], level, year, on)
    except Refusal as refusal:
        reader.fail(str(refusal))
        return None


def _kind(reader: Reader) -> FacilityKind:
    stated = reader.row["facility_kind"]
    if not stated:
        return kind_of(reader.row["facility"])
    kind = parse_kind(stated)
    if kind is None:
        labels = ", ".join(str(label).lower() for label in FacilityKind.labels)
        reader.fail(_("Loại hình “%(text)s” không có. Hãy ghi: %(labels)s.") % {"text": stated, "labels": labels})
    return kind or FacilityKind.UNKNOWN


def _endings(reader: Reader, source: str) -> Endings:
    """What a file of open data says of suspensions, withdrawals and revocations; nothing in other lists."""
    return Endings(
        suspended_from=reader.read(day_of, "suspended_from", _("Ngày tạm dừng")),
        suspended_to=reader.read(day_of, "suspended_to", _("Ngày hết tạm dừng")),
        withdrawn_on=reader.read(day_of, "withdrawn_on", _("Ngày xin rút")),
        revoked_on=reader.read(day_of, "revoked_on", _("Ngày thu hồi")),
        reason=reader.row["status_reason"][:SOURCE_LENGTH],
        basis=source[:SOURCE_LENGTH],
    )


def _check_texts(reader: Reader) -> None:
    if not reader.row["product"]:
        reader.fail(_("Chưa có tên sản phẩm. Hãy ghi tên như trong quyết định."))
    for column, longest in LONGEST.items():
        if len(reader.row[column]) > longest:
            reader.fail(
                _("Cột %(column)s dài quá %(longest)s ký tự. Hãy rút gọn.")
                % {"column": columns.HEADINGS[column][0], "longest": longest}
            )


def _check_members(reader: Reader, is_set: bool | None, members: list[str]) -> None:
    if members and is_set is False:
        reader.fail(_("Có thành phần nhưng lại ghi không phải bộ sản phẩm. Hãy sửa một trong hai cột."))


def _check_level(reader: Reader, level: Level | None, year: int | None, on: dt.date | None) -> None:
    if level is None or year is None:
        return
    if not validity.level_exists(level, on=on or validity.day_standing_for(year, level)):
        reader.fail(
            _("Cấp huyện chỉ có đến 30/06/2025. Hãy kiểm tra lại cấp hoặc năm.")
            if level == Level.DISTRICT
            else _("Cấp xã chỉ có từ 01/07/2025. Hãy kiểm tra lại cấp hoặc năm.")
        )


def _check_stage(reader: Reader, stage: Stage | None) -> None:
    papers = ("decision_number", "decision_date", "certificate_number", "issued_on", "expires_on")
    if stage == Stage.PROPOSED and any(reader.row[column] for column in papers):
        reader.fail(
            _("Sản phẩm mới được đề nghị thì chưa có quyết định, giấy chứng nhận và hiệu lực. Hãy bỏ các ô đó.")
        )


def _check_days(
    reader: Reader,
    today: dt.date,
    past: tuple[dt.date | None, ...],
    issued_on: dt.date | None,
    expires_on: dt.date | None,
) -> None:
    if any(day and day > today for day in past):
        reader.fail(_("Ngày quyết định hoặc ngày cấp chưa đến. Hãy kiểm tra lại ngày."))
    if issued_on and expires_on and expires_on < issued_on:
        reader.fail(_("Ngày hết hiệu lực không được trước ngày cấp."))
