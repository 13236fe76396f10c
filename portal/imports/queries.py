"""Reading a preview: one page of rows, and the wrong ones with their reasons."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from .enums import Verdict
from .models import ImportBatch, ImportRow
from .registry import Importer

ROWS_PER_PAGE = 50


@dataclass(frozen=True)
class Tab:
    """One way of filtering the rows, with how many it shows."""

    value: str
    label: str
    count: int
    current: bool


class _Counted(Paginator):  # type: ignore[type-arg]
    """A paginator that is told the total: the batch knows it."""

    def __init__(self, rows: Any, per_page: int, total: int) -> None:
        super().__init__(rows, per_page)
        self.__dict__["count"] = total


def counts(batch: ImportBatch) -> dict[str, int]:
    return {
        Verdict.NEW.value: batch.rows_new,
        Verdict.CHANGED.value: batch.rows_changed,
        Verdict.SAME.value: batch.rows_same,
        Verdict.WRONG.value: batch.rows_wrong,
    }


def chosen(batch: ImportBatch, asked: str | None) -> str:
    """The filter asked for; without one, what is wrong comes first."""
    if asked == "all" or asked in Verdict.values:
        return str(asked)
    return Verdict.WRONG.value if batch.rows_wrong else "all"


def tabs(batch: ImportBatch, current: str) -> list[Tab]:
    by_verdict = counts(batch)
    labels = {
        Verdict.WRONG: _("Sai"),
        Verdict.NEW: _("Mới"),
        Verdict.CHANGED: _("Thay đổi"),
        Verdict.SAME: _("Đã có, giữ nguyên"),
    }
    return [
        Tab("all", _("Tất cả"), batch.total, current == "all"),
        *(Tab(one.value, words, by_verdict[one.value], current == one.value) for one, words in labels.items()),
    ]


def rows_of(batch: ImportBatch, verdict: str, page: str) -> "Page[ImportRow]":
    """One page of rows, one query; a page that is not there gives the nearest."""
    rows = batch.rows.defer("effects")
    total = batch.total
    if verdict != "all":
        rows, total = rows.filter(verdict=verdict), counts(batch)[verdict]
    return _Counted(rows, ROWS_PER_PAGE, total).get_page(page)


def wrong_rows(batch: ImportBatch, importer: Importer) -> Iterator[list[Any]]:
    """The wrong rows as typed, each beginning with its line and why it is wrong."""
    wrong = batch.rows.filter(verdict=Verdict.WRONG).order_by("number")
    for row in wrong.iterator(chunk_size=500):
        cells = [row.cells.get(column.code, "") for column in importer.columns]
        yield [row.number, " ".join(map(str, row.sentences)), *cells]
