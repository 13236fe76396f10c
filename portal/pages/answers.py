"""An answer of the statistics: one sentence, one chart, its table, how it was counted, where it stands.

Every page of statistics is made of these, and each can be taken along as CSV, workbook or SVG.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.accounts.exports import as_csv, as_xlsx
from portal.text.formats import day, number
from portal.text.slugs import slugify

from . import charts

FORMATS = ("csv", "xlsx", "svg")


@dataclass(frozen=True)
class Cell:
    """One cell of a table: what a file keeps, what a page shows, and the list behind the number.

    `quoted`: the words of a source, Vietnamese in any language; `meaning` tells them in the page's own, where known.
    """

    value: int | str | None
    url: str = ""
    words: str = ""
    quoted: bool = False
    meaning: str = ""

    @property
    def shown(self) -> str:
        if self.words:
            return self.words
        if self.value is None or self.value == "":
            return "–"
        return number(self.value) if isinstance(self.value, int) else str(self.value)

    @property
    def is_number(self) -> bool:
        return isinstance(self.value, int) or self.value is None


@dataclass(frozen=True)
class Line:
    """A row of a table."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    headings: tuple[str, ...]
    lines: tuple[Line, ...]
    foot: Line | None = None

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """Each heading, and whether numbers stand below it."""
        columns = zip(*(line.cells for line in self.lines), strict=True) if self.lines else ()
        numbers = [all(cell.is_number for cell in cells) for cells in columns] or [False] * len(self.headings)
        return list(zip(self.headings, numbers, strict=True))

    @property
    def rows(self) -> list[Line]:
        return [*self.lines, *([self.foot] if self.foot else [])]


@dataclass(frozen=True)
class Side:
    """The same thing counted another way, beside the sentence."""

    label: str
    cell: Cell
    note: str = ""


@dataclass(frozen=True)
class Answer:
    """`key` names it on its page; `path` is the permanent address, without the site's name."""

    key: str
    title: str
    sentence: str
    chart: charts.Chart
    table: Table
    method: tuple[str, ...]
    path: str
    on: dt.date
    sides: tuple[Side, ...] = ()
    sides_title: str = ""
    notes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.chart.items

    @property
    def wide(self) -> SafeString:
        return mark_safe(charts.svg(self.chart, name=self.key))  # noqa: S308  every text in it is escaped

    @property
    def half(self) -> SafeString:
        """For one of two columns; narrower pages show the phone's in its place."""
        return mark_safe(charts.svg(self.chart, name=self.key, width=charts.HALF))  # noqa: S308  the same

    @property
    def phone(self) -> SafeString:
        return mark_safe(charts.svg(self.chart, name=self.key, width=charts.PHONE))  # noqa: S308  the same

    @property
    def address(self) -> str:
        return f"{settings.SITE_URL}{self.path}"

    @property
    def citation(self) -> str:
        return _("Cổng Sản phẩm công nghiệp nông thôn tiêu biểu, “%(title)s”, số liệu ngày %(day)s.") % {
            "title": self.title,
            "day": day(self.on),
        }

    @property
    def files(self) -> list[tuple[str, str]]:
        """Each format and its address."""
        joint = "&" if "?" in self.path else "?"
        return [
            (wanted.upper(), f"{self.path}{joint}{urlencode({'muc': self.key, 'tai': wanted})}") for wanted in FORMATS
        ]


def file_of(request: HttpRequest, answers: Sequence[Answer]) -> HttpResponseBase | None:
    """The file that an address asks for, of the answer it names or the first; None where it asks for a page."""
    wanted = request.GET.get("tai", "")
    if wanted not in FORMATS or not answers:
        return None
    answer = next((one for one in answers if one.key == request.GET.get("muc")), answers[0])
    name = f"{slugify(answer.title)[:80]}-{answer.on:%Y-%m-%d}.{wanted}"
    if wanted == "svg":
        return _svg(answer, name)
    rows = _plain_rows(answer.table)
    if wanted == "csv":
        return as_csv(answer.table.headings, rows, file_name=name)
    about = [answer.sentence, *answer.method, answer.citation, answer.address]
    return as_xlsx(answer.title, answer.table.headings, rows, file_name=name, about=about)


def _svg(answer: Answer, name: str) -> HttpResponse:
    drawn = charts.svg_file(answer.chart, about=[answer.citation, answer.address])
    response = HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _plain_rows(table: Table) -> Iterator[Sequence[Any]]:
    for line in table.rows:
        yield [cell.value for cell in line.cells]


def joined(words: Iterable[str]) -> str:
    """A list in running text: "a, b và c"."""
    known = list(words)
    if len(known) < 2:  # noqa: PLR2004  one thing needs no joining
        return "".join(known)
    return _("%(first)s và %(last)s") % {"first": ", ".join(known[:-1]), "last": known[-1]}


def percent(part: int, whole: int) -> int:
    """A share in whole percent, half up; of nothing it is 0."""
    return (part * 200 + whole) // (2 * whole) if whole else 0
