"""A register of facilities from a spreadsheet: everything is checked first, then everything is written."""

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.tables import Row, read_table

from .. import services, taxcode
from ..enums import FacilityKind
from ..models import Facility
from ..queries import match
from .entries import HEADINGS, REQUIRED, Earlier, Entry, Provinces, entry_of
from .known import same_code


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
    earlier, provinces = Earlier(), Provinces(on)
    clean = []
    for row in rows:
        try:
            entry = entry_of(row, provinces)
        except Refusal as refusal:
            report.errors.append(_line(row.number, refusal))
            continue
        if (other := earlier.same(entry)) is not None:
            report.errors.append(
                _line(row.number, _("trùng với dòng %(row)s. Hãy bỏ một trong hai dòng.") % {"row": other})
            )
            continue
        if warning := taxcode.check(entry.tax_code):
            report.warnings.append(_line(row.number, warning))
        clean.append(entry)
    return clean


def _line(number: int, sentence: Any) -> str:
    return _("Dòng %(row)s: %(sentence)s") % {"row": number, "sentence": sentence}


def _place(entry: Entry, report: Report, actor: Any, *, write: bool) -> None:
    """Find the facility, then create, complete or skip it. A dry run counts what it would do."""
    try:
        known = match(name=entry.name, territory=entry.territory, tax_code=entry.tax_code)
        if known is not None and known.name_key != entry.key:
            report.warnings.append(_line(entry.row, same_code(known, entry.tax_code)))
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
