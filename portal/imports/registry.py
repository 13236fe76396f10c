"""Which lists can be brought in. A room says so in its `imports` module; this floor imports no room."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.territory.models import Territory
from portal.text.errors import Refusal
from portal.text.tables import Layout, Row

from .enums import Verdict
from .journal import Undoing

T = TypeVar("T")

Text = str | Promise


@dataclass(frozen=True)
class Column:
    """A column of the list: its code, its heading on the template, other headings it goes by, how to fill it."""

    code: str
    heading: Text
    others: tuple[str, ...] = ()
    required: bool = False
    example: str = ""
    help: Text = ""
    choices: tuple[Text, ...] = ()
    width: int = 22

    @property
    def headings(self) -> tuple[str, ...]:
        return (str(self.heading), *self.others)


@dataclass(frozen=True)
class Option:
    """A yes-or-no question asked at the upload."""

    code: str
    label: Text
    help: Text = ""
    initial: bool = True


@dataclass(frozen=True)
class Scope:
    """What the list is entered into: a province, a round."""

    value: str
    label: str
    territory: Territory | None
    subject: Any = None


@dataclass(frozen=True)
class Context:
    """What an importer needs to know besides the rows. `now` is the moment, `today` its day in Vietnam."""

    scope: Scope
    actor: Any
    now: dt.datetime
    today: dt.date
    options: frozenset[str] = frozenset()


@dataclass
class Judged:
    """What a row would do, said in words. `diff` holds [label, before, after]."""

    verdict: Verdict
    title: str = ""
    diff: list[list[str]] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    @classmethod
    def wrong(cls, title: str, sentences: Sequence[Any]) -> "Judged":
        return cls(Verdict.WRONG, title, sentences=[str(sentence) for sentence in sentences])


def nothing_more() -> None:
    """Most lists are done with their last row."""


@dataclass(frozen=True)
class Writing:
    """How the rows of one import are written: one by one, then what is done once for all of them."""

    row: Callable[[Row], None]
    finish: Callable[[], None] = nothing_more


def read_or_why(read: Callable[[Row], T], row: Row) -> T | Refusal:
    """What a row says, else why it says nothing."""
    try:
        return read(row)
    except Refusal as refusal:
        return refusal


class Importer(ABC):
    """One kind of list. Judging asks the register in batches and remembers earlier rows of the file."""

    kind: str
    label: Text
    scope_label: Text
    columns: tuple[Column, ...]
    options: tuple[Option, ...] = ()
    fill_down: tuple[str, ...] = ()
    section: str = ""
    batch_size: int = 500

    @property
    def layout(self) -> Layout:
        """How to find the table in the sheet."""
        return Layout(
            headings={column.code: column.headings for column in self.columns},
            required=tuple(column.code for column in self.columns if column.required),
            fill_down=self.fill_down,
            section=self.section,
            is_section=self.is_section,
        )

    def is_section(self, text: str) -> bool:
        """Whether a row of this one text is a heading for the rows below (a product group)."""
        return False

    @abstractmethod
    def scopes(self, user: Any) -> list[tuple[str, str]]:
        """What the person may enter such a list into, as (value, label); empty when nothing."""

    @abstractmethod
    def scope(self, value: str, user: Any) -> Scope:
        """The scope behind a value. Raises Refusal `scope_unknown` when the person may not enter into it."""

    @abstractmethod
    def judge(self, context: Context) -> Callable[[Sequence[Row]], list[Judged]]:
        """A function that judges the rows, batch after batch in order. It never writes."""

    @abstractmethod
    def write(self, context: Context) -> Writing:
        """How clean rows are written, through the services of the rooms. Raises Refusal."""

    def spare(self, undoing: Undoing) -> None:  # noqa: B027  most lists have nothing to spare
        """Leave out of an undo what must stay in any case."""

    def undo(self, undoing: Undoing, context: Context) -> tuple[int, int]:
        """Take an import back. Returns how many objects were removed and how many put back."""
        return undoing.carry_out()

    def lock(self, scope: Scope) -> None:
        """Hold what two imports into one scope must not change at the same time."""
        if scope.territory is not None:
            Territory.objects.select_for_update(no_key=True).get(pk=scope.territory.pk)


_importers: dict[str, Importer] = {}


def register(importer: Importer) -> Importer:
    """Add a kind of list. Raises ValueError when another one has its name."""
    if type(_importers.get(importer.kind, importer)) is not type(importer):
        raise ValueError(f"Two importers are named {importer.kind}.")
    _importers[importer.kind] = importer
    return importer


def importers() -> list[Importer]:
    return list(_importers.values())


def importer_of(kind: str) -> Importer:
    """Raises Refusal `kind_unknown`."""
    found = _importers.get(kind)
    if found is None:
        raise Refusal("kind_unknown", _("Hãy chọn loại danh sách cần nhập."), field="kind")
    return found


def label_of(kind: str) -> str:
    found = _importers.get(kind)
    return str(found.label) if found else kind


def offered(user: Any) -> list[Importer]:
    """The kinds of list that the person may bring in somewhere."""
    return [importer for importer in importers() if importer.scopes(user)]
