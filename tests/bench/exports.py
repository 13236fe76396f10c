"""A list of 10,000 rows as a file, held against openpyxl alone writing the same cells, with the memory each takes."""

import gc
import io
import time
import tracemalloc
from collections.abc import Callable, Iterable
from typing import Any

from django.test import Client
from openpyxl import Workbook, load_workbook

from portal.accounts.models import User
from products.models import Recognition

ROWS = 10_000
FEW = 1_000
LIST = "/quan-tri/products/recognition/"
RUNS = 5
MEGABYTE = 1024 * 1024


def export(bare: float) -> None:
    """Prints the lines of the table: time as a ratio, and memory for the same list of a thousand rows and of ten."""
    client = Client()
    client.force_login(User.objects.create_superuser("xuat", password="x", email="xuat@example.vn"))
    ids = Recognition.objects.order_by("pk").values_list("pk", flat=True)
    few, all_ = (f"id__lte={ids[number - 1]}" for number in (FEW, ROWS))
    content = _taken(client, f"{LIST}?tai=xlsx&{all_}")
    table = [list(row) for row in load_workbook(io.BytesIO(content), read_only=True).active.iter_rows(values_only=True)]
    alone = _fastest(lambda: _plain(table))
    for wanted in ("xlsx", "csv"):
        taken = _fastest(lambda wanted=wanted: _taken(client, f"{LIST}?tai={wanted}&{all_}"))
        print(
            f"{f'export of {len(table)} rows, {wanted}':<34}{taken:9.0f}{taken / bare:9.1f} ×"
            f"{'openpyxl alone':>20}{alone:9.0f}{taken / alone:8.2f} ×"
        )
    for wanted in ("xlsx", "csv"):
        small, large = (
            _memory(lambda wanted=wanted, rows=rows: _sent(client, f"{LIST}?tai={wanted}&{rows}"))
            for rows in (few, all_)
        )
        print(f"{f'memory at its highest, {wanted}':<34}{small:8.1f} MB for {FEW} rows, {large:.1f} MB for {ROWS}")


def _taken(client: Client, url: str) -> bytes:
    return b"".join(client.get(url).streaming_content)  # type: ignore[attr-defined]


def _sent(client: Client, url: str) -> None:
    for _piece in client.get(url).streaming_content:  # type: ignore[attr-defined]
        pass


def _plain(table: Iterable[Any]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in table:
        sheet.append(row)
    book.save(io.BytesIO())


def _fastest(call: Callable[[], Any]) -> float:
    """The best of a few runs, in milliseconds: what else the machine does only ever adds."""
    times = []
    for _run in range(RUNS):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    return min(times)


def _memory(call: Callable[[], Any]) -> float:
    call()
    gc.collect()
    tracemalloc.start()
    call()
    _now, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return highest / MEGABYTE
