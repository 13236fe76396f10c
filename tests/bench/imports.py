"""Previewing a list of 10,000 rows, held against openpyxl reading the same file and nothing else."""

import io
import statistics
import time
import tracemalloc
from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from portal.accounts.enums import Role
from portal.imports import services
from portal.imports.models import ImportBatch
from portal.territory.models import Territory
from tests import factories

HEADINGS = ["TT", "Tên cơ sở", "Loại hình", "Mã số thuế", "Địa chỉ", "Năm thành lập", "Tên tiếng Anh", "Giới thiệu"]
FEW, MANY, RUNS = 1_000, 10_000, 5


def sheet(rows: int) -> bytes:
    """A register of facilities as a department keeps it."""
    book = Workbook()
    page = book.active
    page.append(HEADINGS)
    for number in range(1, rows + 1):
        page.append(
            [
                number,
                f"Hợp tác xã sản xuất chè an toàn Tân Hương số {number}",
                "Hợp tác xã",
                f"46{number:08}",
                f"Xóm {number % 40}, xã Phúc Xuân, thành phố Thái Nguyên",
                1990 + number % 30,
                f"Tan Huong tea cooperative {number}",
                "Sản xuất, chế biến chè theo tiêu chuẩn hữu cơ, bán trong và ngoài tỉnh.",
            ]
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_alone(content: bytes) -> None:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    for _row in book.worksheets[0].iter_rows(values_only=True):
        pass
    book.close()


def seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def peak_kb(call: Callable[[], object]) -> float:
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1024


def uploaded(content: bytes) -> ImportBatch:
    """The list as uploaded, kept and previewed once."""
    province = Territory.objects.get(slug="thai-nguyen")
    return services.upload(
        file=SimpleUploadedFile("co-so.xlsx", content),
        name="co-so.xlsx",
        kind="facilities",
        scope=str(province.pk),
        actor=factories.staff(Role.OFFICER, province),
        now=timezone.now(),
    )


def measure(bare: float) -> None:
    """Prints a line for each size: the file alone, its preview, the ratio, the peak of memory."""
    print(f"\n{'import preview':<34}{'openpyxl':>10}{'preview':>10}{'×':>8}{'peak, openpyxl':>17}{'peak, preview':>16}")
    for rows in (FEW, MANY):
        content = sheet(rows)
        batch = uploaded(content)

        def preview(batch: ImportBatch = batch) -> None:
            services.preview(batch=batch, actor=batch.actor, now=timezone.now())

        def first(batch: ImportBatch = batch) -> None:
            with transaction.atomic():
                batch.rows.all().delete()

        alone, whole = [], []
        for _run in range(RUNS):
            first()
            alone.append(seconds(lambda content=content: read_alone(content)))
            whole.append(seconds(preview))
        base, took = statistics.median(alone), statistics.median(whole)
        memory = peak_kb(lambda content=content: read_alone(content)), peak_kb(preview)
        print(
            f"{f'{rows} rows':<34}{base:9.2f}s{took:9.2f}s{took / base:7.2f}×{memory[0]:14.0f} KB{memory[1]:13.0f} KB"
        )
