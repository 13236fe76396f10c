"""Reads a published list of recognised products into the register (contract, import_recognitions)."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.tables import Row, read_table

from ..services import publish_recognitions
from .columns import HEADINGS, REQUIRED
from .lines import Places, line_of, warnings_of
from .writer import Writer


@dataclass
class Report:
    """What an import found and did. With `errors`, or without `applied`, nothing was written."""

    rows: int = 0
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    applied: bool = False


def import_recognitions(path: Path, *, now: dt.datetime, today: dt.date, actor: Any, apply: bool) -> Report:
    """Enter a list, all of it or nothing. Raises Refusal when the file itself cannot be read.

    Every row is tried, so that every bad one is named; the transaction is kept only when `apply` is given and
    no row is bad. New recognitions are published at `now`.
    """
    table = read_table(path, HEADINGS, required=REQUIRED)
    report = Report(rows=len(table.rows), ignored=table.unknown)
    with transaction.atomic():
        writer, places = Writer(actor=actor), Places()
        for row in table.rows:
            _enter(row, writer, report, places, today)
        report.counts = writer.counts
        report.warnings += writer.warnings
        report.applied = apply and not report.errors
        if report.applied:
            publish_recognitions(recognitions=writer.recognised, at=now, actor=actor)
        else:
            transaction.set_rollback(True)
    return report


def _enter(row: Row, writer: Writer, report: Report, places: Places, today: dt.date) -> None:
    line, problems = line_of(row, today=today, places=places)
    if line is not None:
        try:
            with transaction.atomic():
                writer.enter(line)
        except Refusal as refusal:
            problems = [str(refusal)]
        else:
            report.warnings += [
                _("Dòng %(number)s: %(sentence)s.") % {"number": row.number, "sentence": sentence.rstrip(".")}
                for sentence in warnings_of(line)
            ]
    if problems:
        report.errors.append(_("Dòng %(number)s: %(why)s") % {"number": row.number, "why": " ".join(problems)})
