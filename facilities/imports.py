"""A register of facilities from a spreadsheet: everything is checked first, then everything is written."""

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.territory.models import Territory
from portal.territory.queries import resolve_for_year, unit_of
from portal.text.errors import Refusal
from portal.text.folding import name_key
from portal.text.tables import Row, read_table

from . import services, taxcode
from .enums import FacilityKind
from .kinds import kind_of, parse_kind
from .models import Facility
from .queries import match

HEADINGS: dict[str, tuple[str, ...]] = {
    "name": ("Tên cơ sở", "Cơ sở", "Tên cơ sở công nghiệp nông thôn", "Tên đơn vị", "Tên doanh nghiệp", "facility"),
    "province": ("Tỉnh, thành phố", "Tỉnh", "Tỉnh/Thành phố", "Tỉnh thành"),
    "kind": ("Loại hình", "Loại hình cơ sở", "facility_kind"),
    "tax_code": ("Mã số thuế", "MST", "Mã số doanh nghiệp"),
    "address": ("Địa chỉ", "Địa chỉ khi công nhận", "facility_address", "address_recognised"),
    "address_today": ("Địa chỉ hiện nay", "Địa chỉ mới"),
    "year": ("Năm", "Năm ghi nhận"),
    "founded_year": ("Năm thành lập",),
    "name_en": ("Tên tiếng Anh",),
    "introduction": ("Giới thiệu",),
}
REQUIRED = ("name", "province")
FOUNDED = range(1800, 2101)


@dataclass(frozen=True)
class Entry:
    """A clean row, ready to be written."""

    row: int
    name: str
    key: str
    kind: FacilityKind
    territory: Territory
    tax_code: str
    texts: dict[str, str]
    founded_year: int | None

    def means(self, other: "Entry") -> bool:
        """Whether two rows mean one facility: the same tax code, else the same name in the same province."""
        if self.tax_code and other.tax_code:
            return self.tax_code == other.tax_code
        return (self.key, self.territory.pk) == (other.key, other.territory.pk)


@dataclass
class Report:
    """What the import found and did; `errors` and `warnings` hold one sentence per row."""

    created: int = 0
    completed: int = 0
    skipped: int = 0
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


@transaction.atomic
def import_facilities(*, path: Path, on: dt.date, actor: Any, apply: bool) -> Report:
    """Read, check and, when `apply` is set and no row is bad, write.

    A province is read as of the row's year, else as of `on`. A facility already in the register is skipped
    and counted; a row that knows more fills what is empty there. Raises Refusal for an unreadable file.
    """
    table = read_table(path, HEADINGS, required=REQUIRED)
    report = Report(unknown=table.unknown)
    for entry in _checked(table.rows, on, report):
        _place(entry, report, actor, write=apply and not report.errors)
    if report.errors:
        transaction.set_rollback(True)
    return report


def _checked(rows: list[Row], on: dt.date, report: Report) -> list[Entry]:
    seen: dict[tuple[Any, ...], list[Entry]] = {}
    clean = []
    for row in rows:
        try:
            entry = _entry(row, on)
        except Refusal as refusal:
            report.errors.append(_line(row.number, refusal))
            continue
        if (earlier := _earlier(entry, seen)) is not None:
            report.errors.append(
                _line(row.number, _("trùng với dòng %(row)s. Hãy bỏ một trong hai dòng.") % {"row": earlier.row})
            )
            continue
        if warning := taxcode.check(entry.tax_code):
            report.warnings.append(_line(row.number, warning))
        clean.append(entry)
    return clean


def _earlier(entry: Entry, seen: dict[tuple[Any, ...], list[Entry]]) -> Entry | None:
    """An earlier row that means the same facility; remembers this one by its name and its tax code."""
    keys = [(entry.key, entry.territory.pk), *([(entry.tax_code,)] if entry.tax_code else [])]
    found = next((other for key in keys for other in seen.get(key, []) if entry.means(other)), None)
    for key in keys:
        seen.setdefault(key, []).append(entry)
    return found


def _line(number: int, sentence: Any) -> str:
    return _("Dòng %(row)s: %(sentence)s") % {"row": number, "sentence": sentence}


def _entry(row: Row, on: dt.date) -> Entry:
    name = row["name"]
    if not name_key(name):
        raise Refusal("name_missing", _("chưa có tên cơ sở. Hãy ghi tên cơ sở."))
    kind = parse_kind(row["kind"])
    if kind is None:
        known = ", ".join(str(kind.label) for kind in FacilityKind)
        raise Refusal(
            "bad_kind",
            _("không có loại hình “%(kind)s”. Hãy ghi một trong: %(known)s.") % {"kind": row["kind"], "known": known},
        )
    year = _year(row["year"])
    return Entry(
        row=row.number,
        name=name,
        key=name_key(name),
        kind=kind_of(name) if kind == FacilityKind.UNKNOWN else kind,
        territory=resolve_for_year(row["province"], year) if year else unit_of(row["province"], on),
        tax_code=_tax_code(row["tax_code"]),
        texts={
            "address_recognised": row["address"],
            "address_today": row["address_today"],
            "name_en": row["name_en"],
            "introduction": row["introduction"],
        },
        founded_year=_year(row["founded_year"]),
    )


def _tax_code(text: str) -> str:
    code = taxcode.normalise(text)
    if len(code) > taxcode.STORED_LENGTH:
        raise Refusal("tax_code_long", _("mã số thuế %(code)s quá dài. Hãy chỉ ghi một mã.") % {"code": code})
    return code


def _year(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) in FOUNDED):
        raise Refusal("bad_year", _("năm “%(year)s” không hợp lệ. Hãy ghi năm bằng bốn chữ số.") % {"year": text})
    return int(text)


def _place(entry: Entry, report: Report, actor: Any, *, write: bool) -> None:
    """Find the facility, then create, complete or skip it. A dry run counts what it would do."""
    try:
        known = match(name=entry.name, territory=entry.territory, tax_code=entry.tax_code)
        if known is not None and known.name_key != entry.key:
            report.warnings.append(_line(entry.row, _same_code(known, entry)))
        if known is None:
            _create(entry, actor, write=write)
            report.created += 1
        elif gaps := _gaps(known, entry):
            if write:
                services.update_facility(facility=known, actor=actor, reason=_("Nhập từ danh sách."), **gaps)
            report.completed += 1
        else:
            report.skipped += 1
    except Refusal as refusal:
        report.errors.append(_line(entry.row, refusal))


def _same_code(known: Facility, entry: Entry) -> str:
    """One tax code is one facility, whatever it is called: a wrong code would join two, so it is said."""
    return _("Mã số thuế %(code)s đang là của “%(name)s”, nên dòng này được coi là cơ sở đó. Hãy đối chiếu tên.") % {
        "code": taxcode.mask(entry.tax_code),
        "name": known.name,
    }


def _create(entry: Entry, actor: Any, *, write: bool) -> None:
    facts: dict[str, Any] = {
        "name": entry.name,
        "kind": entry.kind,
        "territory": entry.territory,
        "tax_code": entry.tax_code,
    }
    texts: dict[str, Any] = {**entry.texts, "founded_year": entry.founded_year}
    if write:
        address = texts.pop("address_recognised")
        services.create_facility(**facts, address=address, actor=actor, **texts)
    else:
        services.prepare(Facility(**facts, **texts))


def _gaps(known: Facility, entry: Entry) -> dict[str, Any]:
    """What the row knows and the register does not; nothing in the register is overwritten."""
    offered = {"tax_code": entry.tax_code, **entry.texts, "founded_year": entry.founded_year}
    gaps = {name: value for name, value in offered.items() if value and not getattr(known, name)}
    if known.kind == FacilityKind.UNKNOWN != entry.kind:
        gaps["kind"] = entry.kind
    return gaps
