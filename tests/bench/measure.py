"""Timing of one call, many times; statements caught once and played again on a bare cursor."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
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


def medians_ms(*calls: Callable[[], Any], runs: int = 21) -> list[float]:
    """Medians of `runs` rounds after three that are not counted, in milliseconds."""
    return [statistics.median(found) for found in _times(calls, runs)]


def quickest_ms(*calls: Callable[[], Any], runs: int = 21) -> list[float]:
    """The quickest of `runs` rounds, in milliseconds: what a call costs where nothing else disturbs it."""
    return [min(found) for found in _times(calls, runs)]


def _times(calls: Sequence[Callable[[], Any]], runs: int) -> list[list[float]]:
    """The calls take turns, so that what else the machine is doing falls on all of them alike."""
    times: list[list[float]] = [[] for _call in calls]
    for _round in range(runs + 3):
        for found, call in zip(times, calls, strict=True):
            started = time.perf_counter()
            call()
            found.append((time.perf_counter() - started) * MILLISECONDS)
    return [found[3:] for found in times]


def median_ms(call: Callable[[], Any], *, runs: int = 21) -> float:
    return medians_ms(call, runs=runs)[0]


def replay(statements: list[tuple[str, Any]]) -> Callable[[], None]:
    """A call that sends the SELECTs among the statements on the driver's own cursor and fetches every row."""
    selects = [(sql, params) for sql, params in statements if sql.lstrip().upper().startswith("SELECT")]
    connection.ensure_connection()

    def play() -> None:
        with connection.connection.cursor() as cursor:
            for sql, params in selects:
                cursor.execute(sql, params)
                cursor.fetchall()

    return play
