"""Five hundred certificates as one PDF: time for each against setting the page alone, and memory for 50, 500 and 1,000.

Memory is that of the whole process, since most of it is the typesetter's: each size is made in a process of its own,
and what that process held before it began is taken off.
"""

import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db.models import Q

FEW, MANY, MOST = 50, 500, 1_000
ON = dt.date(2026, 11, 21)
SIZES = (FEW, MANY, MOST)


def measure(bare: float) -> None:
    """Prints the lines of the table."""
    started = time.perf_counter()
    _number(MOST)
    print(f"\n{MOST} certificates numbered in one act, each {(time.perf_counter() - started) * 1000 / MOST:.1f} ms")
    found = {size: _in_a_process(size) for size in SIZES}
    alone = found[MANY]["alone"]
    each = found[MANY]["seconds"] * 1000 / MANY
    print(
        f"{f'{MANY} certificates as one PDF, each':<34}{each:9.2f}{each / bare:9.1f} ×"
        f"{'page set alone':>20}{alone:9.2f}{each / alone:8.2f} ×"
    )
    peaks = {size: found[size]["megabytes"] for size in SIZES}
    said = ", ".join(f"{peak:.0f} MB for {size}" for size, peak in peaks.items())
    print(
        f"{'memory beyond the empty process':<34}{said}: {peaks[MANY] / peaks[FEW]:.2f} ×, {peaks[MOST] / peaks[MANY]:.2f} ×"
    )


def _number(count: int) -> None:
    """Give so many certificates of the register their numbers, as an officer does."""
    from portal.accounts.models import User
    from products import services
    from products.models import Certificate, Decision, Recognition

    officer = User.objects.create_user("cap-giay", password="x", email="cap-giay@example.vn")
    decision = Decision.objects.create(number="1", symbol="QĐ-BCT", year=ON.year, signed_on=ON, issuer="Bộ Công Thương")
    fit = {"recognition__expires_on__gte": ON, "recognition__product__facility__isnull": False}
    ended = Q(recognition__revoked_on__isnull=False) | Q(recognition__withdrawn_on__isnull=False)
    rows = Certificate.objects.filter(superseded_on=None, recognition__suspended_from=None, official_number="", **fit)
    chosen = list(rows.exclude(ended).order_by("pk")[:count])
    Recognition.objects.filter(certificates__in=chosen).update(decision=decision)
    services.issue_batch(certificates=chosen, issuer="Bộ Công Thương", actor=officer, on=ON)


def _in_a_process(size: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.certificates", str(size)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = ("seconds", "megabytes", "alone")
    return dict(zip(names, map(float, done.stdout.split()), strict=True))


def _alone() -> None:
    """What the child does: the file made and thrown away, then one page set many times."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from products import certificate_print
    from products.models import Certificate

    size = int(sys.argv[1])
    keys = list(Certificate.objects.exclude(content_hash="").order_by("serial").values_list("pk", flat=True)[:size])
    before = _peak()
    started = time.perf_counter()
    for _piece in certificate_print.pdf_pieces(keys, ["vi"], on=ON):
        pass
    took = time.perf_counter() - started
    peak = _peak() - before
    print(took, peak, _page_alone(certificate_print, Certificate, keys))


def _page_alone(printing: Any, model: Any, keys: list[int]) -> float:
    """Milliseconds for one page of one certificate, its facts in hand: the median of a few."""
    rows = list(printing.printable(model.objects.filter(pk__in=keys[:FEW])))
    times = sorted(_times(printing, [printing.page(row, "vi", on=ON) for row in rows]))
    return times[len(times) // 2]


def _times(printing: Any, pages: list[dict[str, Any]]) -> Iterator[float]:
    for page in pages:
        started = time.perf_counter()
        printing.typeset.render(printing.TEMPLATE, {"title": "", "copies": [page]}, tagged=False)
        yield (time.perf_counter() - started) * 1000


def _peak() -> float:
    """The most memory the process ever held, in megabytes. `getrusage` would count the parent's before the start."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 1024


if __name__ == "__main__":
    _alone()
