"""The statistics office's list of communes, wards and special zones, read from its own spreadsheet."""

import datetime as dt
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.folding import fold, name_key
from portal.text.tables import Row, read_table

from .enums import CommuneKind
from .models import Commune
from .naming import bare
from .queries import Unit, register

HEADINGS: dict[str, tuple[str, ...]] = {
    "code": ("Mã", "Mã xã", "Mã số"),
    "name": ("Tên", "Tên xã", "Tên đơn vị hành chính", "Xã/Phường"),
    "level": ("Cấp", "Loại"),
    "province_code": ("Mã TP", "Mã tỉnh", "Mã tỉnh/thành phố"),
    "province": ("Tỉnh/Thành phố", "Tỉnh thành phố", "Tên tỉnh"),
    "name_en": ("Tiếng Anh", "Tên tiếng Anh"),
    "decree": ("Nghị định", "Nghị quyết"),
}
REQUIRED = ("code", "name", "province_code")
FIRST_DAY = dt.date(2025, 7, 1)
EXPECTED = 3321
A_DAY = dt.timedelta(days=1)
_CODE_LENGTH, _PROVINCE_CODE_LENGTH = 5, 2
_BEGINNING = re.compile(r"^(xã|phường|đặc khu)\s+(?=\S)", re.IGNORECASE)
_KINDS = {fold(str(kind.label)): kind for kind in CommuneKind}


@dataclass(frozen=True)
class Entry:
    code: str
    name: str
    kind: CommuneKind
    territory_id: int

    def says_the_same(self, commune: Commune) -> bool:
        facts = (commune.name, commune.kind, commune.territory_id)
        return facts == (self.name, self.kind, self.territory_id)


@dataclass
class Report:
    """`absent` are communes of the register that the list does not hold; they are only counted."""

    created: int = 0
    changed: int = 0
    kept: int = 0
    absent: int = 0
    errors: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.created + self.changed + self.kept


@transaction.atomic
def load_communes(*, path: Path, on: dt.date, apply: bool) -> Report:
    """Read the list as it held on a day; write it when `apply` is set and no row is bad.

    A commune that now has another name, kind or province ends the day before and begins anew; one that
    began on that very day is corrected. Raises Refusal for an unreadable file.
    """
    table = read_table(path, HEADINGS, required=REQUIRED)
    report = Report(unknown=table.unknown)
    entries = _checked(table.rows, on, report)
    if not entries and not report.errors:
        raise Refusal("empty", _("Tệp không có dòng nào. Hãy kiểm tra lại tệp."))
    _compare(entries, on, report, write=apply and not report.errors)
    return report


def _checked(rows: list[Row], on: dt.date, report: Report) -> list[Entry]:
    provinces = {unit.code: unit for unit in register().units.values() if unit.holds_on(on)}
    lines: dict[str, int] = {}
    entries = []
    for row in rows:
        try:
            entry = _entry(row, provinces, on)
        except Refusal as refusal:
            report.errors.append(_line(row.number, refusal))
            continue
        earlier = lines.setdefault(entry.code, row.number)
        if earlier != row.number:
            facts = {"code": entry.code, "row": earlier}
            report.errors.append(_line(row.number, _("mã %(code)s đã có ở dòng %(row)s.") % facts))
        entries.append(entry)
    return entries


def _line(number: int, sentence: Any) -> str:
    return _("Dòng %(row)s: %(sentence)s") % {"row": number, "sentence": sentence}


def _entry(row: Row, provinces: dict[str, Unit], on: dt.date) -> Entry:
    kind, name = _kind_and_name(row)
    return Entry(
        code=_digits(row["code"], _CODE_LENGTH, _("mã xã")),
        name=name,
        kind=kind,
        territory_id=_province(row, provinces, on).pk,
    )


def _digits(text: str, length: int, what: str) -> str:
    """A code with the leading zeros that a spreadsheet drops."""
    if not (text.isascii() and text.isdigit() and len(text) <= length):
        raise Refusal(
            "bad_code",
            _("%(what)s “%(text)s” không phải %(length)s chữ số.") % {"what": what, "text": text, "length": length},
        )
    return text.zfill(length)


def _kind_and_name(row: Row) -> tuple[CommuneKind, str]:
    beginning = _BEGINNING.match(row["name"])
    written = row["level"] or (beginning.group(1) if beginning else "")
    kind = _KINDS.get(fold(written))
    if kind is None:
        raise Refusal("bad_kind", _("cấp “%(kind)s” không phải xã, phường hoặc đặc khu.") % {"kind": written})
    name = _BEGINNING.sub("", row["name"])
    if not name_key(name):
        raise Refusal("name_missing", _("chưa có tên."))
    return kind, name


def _province(row: Row, provinces: dict[str, Unit], on: dt.date) -> Unit:
    code = _digits(row["province_code"], _PROVINCE_CODE_LENGTH, _("mã tỉnh"))
    unit = provinces.get(code)
    if unit is None:
        raise Refusal(
            "unknown_unit",
            _("không có tỉnh mang mã %(code)s vào ngày %(day)s.") % {"code": code, "day": f"{on:%d/%m/%Y}"},
        )
    names = {named.key for named in register().names if named.unit_id == unit.pk}
    if row["province"] and bare(row["province"]) not in names:
        facts = {"code": code, "name": unit.name, "written": row["province"]}
        raise Refusal("other_unit", _("mã %(code)s là của %(name)s, nhưng cột tỉnh ghi %(written)s.") % facts)
    return unit


def _compare(entries: list[Entry], on: dt.date, report: Report, *, write: bool) -> None:
    known = {commune.code: commune for commune in Commune.objects.filter(valid_to__isnull=True)}
    new = []
    for entry in entries:
        commune = known.pop(entry.code, None)
        if commune is None:
            report.created += 1
            new.append(_commune(entry, on))
        elif entry.says_the_same(commune):
            report.kept += 1
        else:
            report.changed += 1
            new += _renewed(commune, entry, on, write=write)
    report.absent = len(known)
    if write:
        Commune.objects.bulk_create(new, batch_size=500)


def _commune(entry: Entry, on: dt.date) -> Commune:
    return Commune(code=entry.code, name=entry.name, kind=entry.kind, territory_id=entry.territory_id, valid_from=on)


def _renewed(commune: Commune, entry: Entry, on: dt.date, *, write: bool) -> list[Commune]:
    """The row that takes the place of the old one, or none when the old one is corrected in place."""
    in_place = commune.valid_from >= on
    if in_place:
        commune.name, commune.kind, commune.territory_id = entry.name, entry.kind, entry.territory_id
    else:
        commune.valid_to = on - A_DAY
    if write:
        commune.save()
    return [] if in_place else [_commune(entry, on)]
