"""What has been read so far, by the keys of the open data, and every row that cannot be written."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from facilities.models import Facility
from portal.territory.models import Territory
from portal.text.folding import name_key
from products.models import ValidityRule

from ..checking import Problem, Row, file_of, rows_of
from ..making import Edition
from ..table import DataSet

AT_ONCE = 1000
T = TypeVar("T")


class Unreadable(Exception):
    """A row that cannot be written, with a sentence."""


@dataclass
class World:
    """The portal that is being filled. Keys of rows here stand under the model and the key of the open data."""

    edition: Edition
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    keys: dict[tuple[type[Model], Any], int] = field(default_factory=dict)
    territories: dict[str, Territory] = field(
        default_factory=lambda: {row.slug: row for row in Territory.objects.all()}
    )
    rules: dict[str, ValidityRule] = field(
        default_factory=lambda: {rule.code: rule for rule in ValidityRule.objects.all()}
    )
    photos: int = 0
    names: dict[int, tuple[str, str]] = field(default_factory=dict)
    _noted: set[tuple[str, int]] = field(default_factory=set)
    _taken: set[tuple[str, int]] = field(default_factory=set)

    def note(self, problem: Problem) -> None:
        """What is wrong first of a row; what follows from it is not told."""
        if (problem.file, problem.line) not in self._noted:
            self._noted.add((problem.file, problem.line))
            self.problems.append(problem)

    @property
    def day(self) -> dt.date:
        return self.edition.day

    @property
    def origin(self) -> str:
        """Where the rows come from, for their history."""
        return _("Nạp từ dữ liệu mở ngày %(day)s") % {"day": f"{self.day:%d/%m/%Y}"}

    def territory(self, slug: str | None) -> Territory:
        """Raises Unreadable."""
        found = self.territories.get(slug or "")
        if found is None:
            words = _("Không có tỉnh, thành phố “%(slug)s” trong cổng này. Hãy nạp dữ liệu tham chiếu trước.")
            raise Unreadable(words % {"slug": slug or ""})
        return found

    def territory_or_none(self, slug: str | None) -> Territory | None:
        return self.territory(slug) if slug else None

    def key(self, model: type[Model], told: Any) -> int:
        """The row here that a key of the open data means. Raises Unreadable."""
        found = self.keys.get((model, told))
        if found is None:
            words = _("Không có %(what)s mang mã %(key)s trong bộ dữ liệu.")
            raise Unreadable(words % {"what": model._meta.verbose_name, "key": told})
        return found

    def key_or_none(self, model: type[Model], told: Any) -> int | None:
        return self.key(model, told) if told else None

    def knows(self, model: type[Model], told: Any) -> bool:
        return (model, told) in self.keys

    def own_name(self, name: str, territory: Territory) -> str:
        """The maker's name, numbered where the province has one of that name: the open data tell no tax codes."""
        number, own = 1, name
        while (name_key(own), territory.pk) in self._taken:
            number += 1
            own = f"{name} ({number})"
        self._taken.add((name_key(own), territory.pk))
        if own != name:
            words = _("%(territory)s có hơn một cơ sở tên “%(name)s”: ghi thêm là “%(own)s”.")
            self.warnings.append(words % {"territory": territory, "name": name, "own": own})
        return own


Build = Callable[[World, Row], Iterable[Model]]


@dataclass(frozen=True)
class Step:
    """Rows of one table made into rows of one model. `key` names each by what other tables call it."""

    data_set: DataSet
    build: Build
    key: Callable[[Any], Any] | None = None

    def carry_out(self, world: World) -> Counter[str]:
        """Write them; says how many of which."""
        written: Counter[str] = Counter()
        rows = rows_of(world.edition, self.data_set, world.note)
        for some in _chunks(rows):
            made = [(row.line, one) for row in some for one in self._made(world, row)]
            self._write(world, made)
            for _line, one in made:
                if self.key is not None and one.pk:
                    world.keys[type(one), self.key(one)] = one.pk
                if isinstance(one, Facility):
                    world.names[one.pk] = one.name, one.name_en
            written.update(str(one._meta.verbose_name) for _line, one in made)
        return written

    def _made(self, world: World, row: Row) -> list[Model]:
        try:
            return list(self.build(world, row))
        except (Unreadable, ValueError) as error:
            world.note(self._problem(row.line, error))
            return []

    def _write(self, world: World, made: list[tuple[int, Model]]) -> None:
        """All at once; where the database refuses, one by one, so that every refused row is named."""
        try:
            with transaction.atomic():
                _create(world, [one for _line, one in made])
        except IntegrityError:
            for line, one in made:
                one.pk = None
                try:
                    with transaction.atomic():
                        _create(world, [one])
                except IntegrityError as error:
                    one.pk = None
                    world.note(self._problem(line, _why(one, error)))

    def _problem(self, line: int, why: object) -> Problem:
        return Problem(file_of(self.data_set), line, str(why))


def _create(world: World, rows: list[Model]) -> None:
    if not rows:
        return
    model = type(rows[0])
    if hasattr(model, "history"):
        bulk_create_with_history(rows, model, batch_size=AT_ONCE, default_change_reason=world.origin)
    else:
        model._default_manager.bulk_create(rows, batch_size=AT_ONCE)


def _why(row: Model, error: IntegrityError) -> str:
    """The model's own words for what its database refuses, else the database's."""
    try:
        row.full_clean()
    except ValidationError as found:
        return " ".join(found.messages)
    return str(error)


def _chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(rows)
    while some := list(islice(rest, AT_ONCE)):
        yield some
