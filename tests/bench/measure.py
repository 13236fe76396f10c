"""Timing of one call, many times; statements caught once and played again on a bare cursor."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

MILLISECONDS = 1000.0


@dataclass
class Caught:
    """The statements of one page, in order."""

    statements: list[tuple[str, Any]] = field(default_factory=list)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.statements.append((sql, params))
        return execute(sql, params, many, context)


@contextmanager
def caught() -> Iterator[Caught]:
    wrapper = Caught()
    with connection.execute_wrapper(wrapper):
        yield wrapper


def median_ms(call: Callable[[], Any], *, runs: int = 21, before: Callable[[], Any] | None = None) -> float:
    """Median of `runs` calls in milliseconds after three that are not counted; `before` is not timed."""
    times = []
    for number in range(runs + 3):
        if before:
            before()
        started = time.perf_counter()
        call()
        if number >= 3:
            times.append((time.perf_counter() - started) * MILLISECONDS)
    return statistics.median(times)


def replay_ms(statements: list[tuple[str, Any]], *, runs: int = 21) -> float:
    """The same SELECTs on the driver's own cursor, every row fetched."""
    selects = [(sql, params) for sql, params in statements if sql.lstrip().upper().startswith("SELECT")]
    connection.ensure_connection()

    def play() -> None:
        with connection.connection.cursor() as cursor:
            for sql, params in selects:
                cursor.execute(sql, params)
                cursor.fetchall()

    return median_ms(play, runs=runs)
