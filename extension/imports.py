"""Fairs and who took part, from a list: a row is one facility at one fair, or, as bulletins print them, its turns and
its revenue over some years together. The second stays what was published: one line of support, never single fairs.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities import taxcode
from facilities.imports.known import Facilities
from facilities.models import Facility
from portal.accounts.enums import Role
from portal.imports.enums import Verdict
from portal.imports.provinces import province_scope, provinces_of
from portal.imports.registry import Column, Context, Importer, Judged, Scope, Writing, read_or_why, register
from portal.imports.repeats import Firsts
from portal.territory.models import Territory
from portal.territory.queries import family_ids, unit_of
from portal.text.cells import day_of, short, whole_of, year_of
from portal.text.errors import Refusal
from portal.text.fields import label
from portal.text.folding import name_key
from portal.text.formats import number
from portal.text.tables import Row

from .enums import ActivityHead, Funding, ProjectKind, ProjectState
from .markets.fair_forms import MOST_BOOTHS, MOST_CONTRACTS
from .models import Beneficiary, Fair, Participation, Project
from .money.words import parse_money
from .services import fairs, projects

EDITORS = frozenset({Role.EXTENSION_OFFICER})
MONEY = ("cost", "support", "revenue", "contracts_value")


@dataclass(frozen=True)
class Entry:
    """A clean row. `turns` is given where the source adds up fairs of some years; then there are years and no days."""

    fair: str
    facility: Facility
    facts: dict[str, Any]
    source: str
    place: str = ""
    host: Territory | None = None
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    turns: int | None = None
    year: int = 0
    year_to: int | None = None

    @property
    def key(self) -> tuple[str, Any, int]:
        return name_key(self.fair), self.starts_on or self.year, self.facility.pk


class FairImporter(Importer):
    kind = "fairs"
    label = gettext_lazy("Hội chợ và doanh thu của cơ sở")
    scope_label = gettext_lazy("Tỉnh ghi sổ")
    columns = (
        Column("fair", gettext_lazy("Hội chợ"), ("Tên hội chợ", "Hội chợ, triển lãm", "Đề án"), required=True,
               example="Hội chợ hàng công nghiệp nông thôn mẫu", width=40),
        Column("starts_on", gettext_lazy("Từ ngày"), ("Ngày bắt đầu",), example="06/05/2026"),
        Column("ends_on", gettext_lazy("Đến hết ngày"), ("Đến ngày", "Ngày kết thúc"), example="10/05/2026"),
        Column("place", gettext_lazy("Nơi tổ chức"), ("Địa điểm",), example="Nhà văn hóa mẫu", width=30),
        Column("host", gettext_lazy("Tỉnh nơi tổ chức"), ("Tỉnh tổ chức",), example="Thái Nguyên", width=20,
               help=gettext_lazy("Hội chợ trong tỉnh và ngoài tỉnh có mức chi khác nhau. Ở nước ngoài thì để trống.")),
        Column("facility", gettext_lazy("Cơ sở"), ("Tên cơ sở", "Tên đơn vị"), required=True,
               example="Hợp tác xã mẫu Tân Hòa", width=36),
        Column("tax_code", gettext_lazy("Mã số thuế"), ("MST",)),
        Column("booths", gettext_lazy("Gian hàng"), ("Số gian hàng",), example="1"),
        Column("cost", gettext_lazy("Chi phí"), ("Chi phí tham gia",), example="6 triệu"),
        Column("support", gettext_lazy("Hỗ trợ"), ("Được hỗ trợ",)),
        Column("revenue", gettext_lazy("Doanh thu"), ("Doanh thu tại hội chợ",), example="12 triệu"),
        Column("contracts", gettext_lazy("Số hợp đồng"), ("Hợp đồng",), example="2"),
        Column("contracts_value", gettext_lazy("Giá trị hợp đồng"), (), example="40 triệu"),
        Column("turns", gettext_lazy("Số lượt"), ("Số hội chợ", "Lượt hội chợ"),
               help=gettext_lazy("Chỉ ghi khi nguồn cộng nhiều hội chợ: ghi số lượt, từ năm, đến năm, thay cho ngày.")),
        Column("year", gettext_lazy("Từ năm"), ("Năm",)),
        Column("year_to", gettext_lazy("Đến năm"), ()),
        Column("source", gettext_lazy("Nguồn"), (), example="Bản tin mẫu 10/2025", width=30),
    )  # fmt: skip
    fill_down = ("fair", "starts_on", "ends_on", "place", "host", "source")

    def scopes(self, user: Any) -> list[tuple[str, str]]:
        return provinces_of(user, EDITORS)

    def scope(self, value: str, user: Any) -> Scope:
        return province_scope(value, user, EDITORS)

    def judge(self, context: Context) -> Callable[[Sequence[Row]], list[Judged]]:
        return Judge(_territory(context))

    def write(self, context: Context) -> Writing:
        reader, territory = Reader(_territory(context)), _territory(context)

        def write(row: Row) -> None:
            reader.fetch([row])
            entry = reader.read(row)
            if entry.turns is None:
                _write_part(entry, territory, context.actor)
            else:
                _write_turns(entry, territory, context.actor)

        return Writing(write)


def _territory(context: Context) -> Territory:
    if context.scope.territory is None:
        raise Refusal("scope_unknown", _("Hãy chọn tỉnh ghi sổ."), field="scope")
    return context.scope.territory


class Reader:
    """Rows as entries of facilities that the register knows."""

    def __init__(self, territory: Territory) -> None:
        self._territory, self._known = territory, Facilities()
        self._hosts: dict[tuple[str, dt.date], Territory | Refusal] = {}

    def fetch(self, rows: Sequence[Row]) -> None:
        """At most two queries, whatever the number of rows."""
        self._known.fetch([self._wanted(row) for row in rows])

    def _wanted(self, row: Row) -> tuple[str, int, str]:
        return name_key(row["facility"]), self._territory.pk, taxcode.normalise(row["tax_code"])

    def read(self, row: Row) -> Entry:
        """Raises Refusal."""
        if not row["facility"]:
            raise Refusal("facility_missing", _("Chưa ghi cơ sở."))
        facility = self._known.match(row["facility"], self._wanted(row), family=True)
        if facility is None:
            raise Refusal(
                "facility_unknown",
                _("Danh bạ của %(province)s chưa có cơ sở %(name)s. Hãy nhập cơ sở trước.")
                % {"province": self._territory.name, "name": row["facility"]},
            )
        known: dict[str, Any] = {
            "fair": short(row["fair"], _("Tên hội chợ"), 300),
            "facility": facility,
            "place": short(row["place"], _("Nơi tổ chức"), 250),
            "source": short(row["source"], _("Nguồn"), 300),
        }
        turns = whole_of(row["turns"], _("Số lượt"), least=1, most=10_000)
        if turns is not None:
            return Entry(**known, **_of_years(row, turns))
        facts = _of_one_fair(row)
        return Entry(**known, **facts, host=self._host(row["host"], facts["starts_on"]))

    def _host(self, name: str, on: dt.date) -> Territory | None:
        """The unit that bore the name on the fair's first day. One query for each name and day of the file."""
        if not name:
            return None
        if (name, on) not in self._hosts:
            try:
                self._hosts[name, on] = unit_of(name, on)
            except Refusal as refusal:
                self._hosts[name, on] = refusal
        found = self._hosts[name, on]
        if isinstance(found, Refusal):
            raise found
        return found


def _of_one_fair(row: Row) -> dict[str, Any]:
    starts_on = day_of(row["starts_on"], _("Từ ngày"))
    ends_on = day_of(row["ends_on"], _("Đến hết ngày")) or starts_on
    if starts_on is None or ends_on is None:
        raise Refusal(
            "days_missing", _("Chưa ghi ngày của hội chợ. Nếu nguồn cộng nhiều hội chợ, hãy ghi số lượt và năm.")
        )
    if ends_on < starts_on:
        raise Refusal("days_in_order", _("Ngày kết thúc không được trước ngày bắt đầu."))
    facts = {name: parse_money(row[name]) for name in MONEY}
    facts["contracts"] = whole_of(row["contracts"], _("Số hợp đồng"), most=MOST_CONTRACTS)
    facts["booths"] = whole_of(row["booths"], _("Gian hàng"), least=1, most=MOST_BOOTHS)
    return {"starts_on": starts_on, "ends_on": ends_on, "facts": {k: v for k, v in facts.items() if v is not None}}


def _of_years(row: Row, turns: int) -> dict[str, Any]:
    year, year_to = year_of(row["year"], _("Từ năm")), year_of(row["year_to"], _("Đến năm"))
    if year is None:
        raise Refusal("years_missing", _("Số lượt cộng của nhiều hội chợ cần có năm. Hãy ghi từ năm và đến năm."))
    if not row["source"]:
        raise Refusal("source_missing", _("Số cộng của nhiều hội chợ chỉ nhập khi đã công bố. Hãy ghi nguồn."))
    if year_to is not None and year_to < year:
        raise Refusal("years_in_order", _("Năm cuối không được trước năm đầu."))
    facts = {"turns": turns, "fair_revenue": parse_money(row["revenue"])}
    return {
        "year": year,
        "year_to": year_to,
        "turns": turns,
        "facts": {k: v for k, v in facts.items() if v is not None},
    }


class Judge:
    """Judges rows in batches; a facility named twice at one fair is wrong the second time."""

    def __init__(self, territory: Territory) -> None:
        self._reader, self._firsts, self._units = Reader(territory), Firsts(), family_ids(territory.pk)

    def __call__(self, rows: Sequence[Row]) -> list[Judged]:
        self._reader.fetch(rows)
        read = [(row, read_or_why(self._reader.read, row)) for row in rows]
        held = self._held([entry for _row, entry in read if isinstance(entry, Entry)])
        return [self._judged(row, entry, held) for row, entry in read]

    def _held(self, entries: list[Entry]) -> dict[tuple[str, Any, int], Any]:
        """What the register has of these facilities, by key. Two queries."""
        ids = {entry.facility.pk for entry in entries}
        parts = Participation.objects.filter(facility__in=ids, fair__territory__in=self._units).select_related("fair")
        lines = Beneficiary.objects.filter(facility__in=ids, project__territory__in=self._units).select_related(
            "project"
        )
        found: dict[tuple[str, Any, int], Any] = {
            (name_key(one.fair.name), one.fair.starts_on, one.facility_id): one for one in parts
        }
        found.update({(name_key(one.project.name), one.project.year, one.facility_id or 0): one for one in lines})
        return found

    def _judged(self, row: Row, entry: Entry | Refusal, held: dict[tuple[str, Any, int], Any]) -> Judged:
        title = f"{row['facility']}, {row['fair']}"
        if isinstance(entry, Refusal):
            return Judged.wrong(title, [entry])
        first = self._firsts.add(row.number, *entry.key)
        if first != row.number:
            return Judged.wrong(title, [_("Trùng với dòng %(row)s. Hãy bỏ một trong hai dòng.") % {"row": first}])
        known = held.get(entry.key)
        if known is None:
            return Judged(Verdict.NEW, title)
        changed = {name: value for name, value in entry.facts.items() if getattr(known, name) != value}
        diff = [
            [label(type(known), name), _said(getattr(known, name)), _said(value)] for name, value in changed.items()
        ]
        return Judged(Verdict.CHANGED if changed else Verdict.SAME, title, diff)


def _said(value: Any) -> str:
    return "" if value is None else number(value)


def _write_part(entry: Entry, territory: Territory, actor: Any) -> None:
    begins: Any = entry.starts_on
    rows = Fair.objects.filter(territory__in=family_ids(territory.pk), starts_on=begins)
    fair = next((one for one in rows if name_key(one.name) == name_key(entry.fair)), None)
    if fair is None:
        days: dict[str, Any] = {"starts_on": entry.starts_on, "ends_on": entry.ends_on}
        where: dict[str, Any] = {"place": entry.place, "host_territory": entry.host}
        made = Fair(name=entry.fair, territory=territory, source=entry.source, **where, **days)
        fair = fairs.save_fair(fair=made, actor=actor)
    row = fair.participations.filter(facility=entry.facility).first()
    if row is None:
        fairs.add_participant(fair=fair, facility=entry.facility, actor=actor, source=entry.source, **entry.facts)
    else:
        fairs.change_participant(participation=row, actor=actor, **entry.facts)


def _write_turns(entry: Entry, territory: Territory, actor: Any) -> None:
    rows = Project.objects.filter(territory__in=family_ids(territory.pk), year=entry.year)
    project = next((one for one in rows if name_key(one.name) == name_key(entry.fair)), None)
    if project is None:
        project = projects.create_project(
            actor=actor,
            territory=territory,
            name=entry.fair,
            state=ProjectState.RUNNING,
            kind=ProjectKind.GROUP,
            funding=Funding.UNKNOWN,
            head=ActivityHead.PRODUCTS,
            year=entry.year,
            year_to=entry.year_to,
            source=entry.source,
        )
    line = project.beneficiaries.filter(facility=entry.facility).first()
    if line is None:
        projects.add_beneficiary(project=project, actor=actor, facility=entry.facility, **entry.facts)
    else:
        projects.update_beneficiary(beneficiary=line, actor=actor, **entry.facts)


register(FairImporter())
