"""Queries that are put together once: what the ORM made of one is kept, and from call to call only its keys change.

For the few reads that every visitor waits for. Putting a query together takes the ORM longer than the database takes
to answer it; rows come out as they would of the query set itself, models, tuples or plain values.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from copy import copy
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import Model, QuerySet

Key = int | str
Row = TypeVar("Row")
# What stands for a key while the query is put together: fits every column of keys, and no condition says it.
_FIRST_MARK = 2_147_400_000
_TEXT_MARK = "\uffff\ufffe"
# So many forms of one query are kept: with another day or number of keys it is another.
MOST_FORMS = 64


class Ready(Generic[Row]):
    """A query set as a function of keys; `make` is called with keys, lists of keys, and whatever is named besides.

    What is named (a day, a limit) is part of the query's form; keys must reach its parameters as they are.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Row]]) -> None:
        self._make = make
        self._forms: dict[Hashable, _Form[Row]] = {}

    def __call__(self, *keys: Key | Sequence[Key], **named: Hashable) -> list[Row]:
        """The rows. One query; none where a list of keys is empty."""
        if any(isinstance(key, Sequence) and not len(key) for key in keys):
            return []
        given: list[Any] = [_padded(key) if isinstance(key, list | tuple) else key for key in keys]
        shape = tuple(_shape(key) for key in given)
        name = (shape, tuple(named.items()))
        form = self._forms.get(name)
        if form is None:
            if len(self._forms) >= MOST_FORMS:
                self._forms.clear()
            form = self._forms[name] = self._formed(shape, named)
        return form.rows([one for key in given for one in (key if isinstance(key, list) else [key])])

    def _formed(self, shape: Sequence[Hashable], named: dict[str, Hashable]) -> "_Form[Row]":
        marks: list[Key] = []
        arguments: list[Any] = []
        for one in shape:
            kind, number = one if isinstance(one, tuple) else (one, None)
            new = [_mark(kind, len(marks) + more) for more in range(number or 1)]
            marks += new
            arguments.append(new if number else new[0])
        return _Form(self._make(*arguments, **named), marks)


class _Form(Generic[Row]):
    """One query as the ORM put it, with the places of its keys."""

    def __init__(self, queryset: QuerySet[Any, Row], marks: Sequence[Key]) -> None:
        self._queryset: Any = queryset
        self._compiler: Any = queryset.query.get_compiler(queryset.db)
        self._sql, params = self._compiler.as_sql()
        self._compiler.connection = None  # a connection belongs to its thread, and this outlives it
        self._params = list(params)
        places = {mark: at for at, mark in enumerate(marks)}
        self._slots = [(at, places[one]) for at, one in enumerate(params) if isinstance(one, Key) and one in places]
        if {at for _place, at in self._slots} != set(range(len(marks))):
            raise ValueError("A key of the query is not one of its parameters.")

    def rows(self, keys: Sequence[Key]) -> list[Row]:
        params, ours = self._params.copy(), self._queryset
        for at, which in self._slots:
            params[at] = keys[which]
        compiler: Any = copy(self._compiler)
        compiler.connection = connections[ours.db]
        compiler.as_sql = lambda *_args, **_kwargs: (self._sql, tuple(params))
        query: Any = copy(ours.query)
        query.get_compiler = lambda *_args, **_kwargs: compiler
        bound = SimpleNamespace(
            db=ours.db, model=ours.model, query=query, _fields=ours._fields, _known_related_objects={}
        )
        return list(ours._iterable_class(bound))


def grouped(rows: Iterable[Row], by: str) -> dict[int, list[Row]]:
    """Rows by what one of their columns holds, each in the order they came in."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(getattr(row, by), []).append(row)
    return found


def hold(item: Model, **related: Sequence[Model]) -> None:
    """Give a row its related rows, and those the row, so that neither asks for the other."""
    held = item.__dict__.setdefault("_prefetched_objects_cache", {})
    for name, rows in related.items():
        found = getattr(item, name).get_queryset()
        found._result_cache, found._prefetch_done = list(rows), True
        held[name] = found
        back = item._meta.get_field(name).field.name  # type: ignore[union-attr]
        for row in rows:
            setattr(row, back, item)


def _shape(key: Any) -> Any:
    return (type(key[0]), len(key)) if isinstance(key, list) else type(key)


def _mark(kind: type, at: int) -> Key:
    return f"{_TEXT_MARK}{at}" if kind is str else _FIRST_MARK + at


def _padded(keys: Sequence[Key]) -> list[Key]:
    """The keys, the last said again until there are as many as a power of two: so a query has few forms."""
    size = 1 << (len(keys) - 1).bit_length()
    return [*keys, *[keys[-1]] * (size - len(keys))]
