"""Queries put together once, not once per request.

A check that looks at seat, declaration, conflict, assignment and deadline is one statement of a dozen sub-queries.
The database answers it in a millisecond; writing its SQL anew each time takes several. Here the queryset is
written once per thread with marks in place of the keys, and afterwards only the keys are put in.
"""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import QuerySet

# No key is ever one of these.
_MARKS = tuple(-(2**40) - place for place in range(4))


class Prepared:
    """`Prepared(build)(3, 7)` are the rows of `build(3, 7)`, a `values_list` whose only changing values are
    whole-number keys. What else stands in the query must stay the same from call to call."""

    def __init__(self, build: Callable[..., "QuerySet[Any, Any]"]) -> None:
        self._build = build
        self._written = threading.local()

    def __call__(self, *keys: int) -> list[list[Any]]:
        compiler, sql, params, converters = self._statement(len(keys))
        put_in = dict(zip(_MARKS, keys, strict=False))
        with connection.cursor() as cursor:
            cursor.execute(sql, [put_in.get(value, value) if isinstance(value, int) else value for value in params])
            rows = cursor.fetchall()
        return [list(row) for row in compiler.apply_converters(rows, converters)] if converters else rows

    def _statement(self, number: int) -> Any:
        found = getattr(self._written, connection.vendor, None)
        if found is None:
            compiler = self._build(*_MARKS[:number]).query.get_compiler(connection=connection)
            sql, params = compiler.as_sql()
            found = compiler, sql, params, compiler.get_converters([column for column, *_rest in compiler.select])
            setattr(self._written, connection.vendor, found)
        return found
