"""The certificate check behind two gunicorn workers: a code asked for before, one asked for the first time, one that is not there.

Counting and the limits write after the answer has gone out, so each kind of call has a connection of its own and
a short rest after it: nobody waits for another's writing, and no call is made slow or fast by the one before.
"""

import http.client
import statistics
import sys
import time
from collections.abc import Callable
from itertools import cycle

from products import codes
from products.models import Certificate

from .measure import MILLISECONDS
from .served import HOST, THREADS, WORKERS, serving

RUNS, REST, CODES = 61, 0.02, 400
MOST = {"asked before": 3}


class Phone:
    """One kept connection of somebody who is not logged in."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=60)

    def get(self, path: str, expected: int = 200) -> None:
        self._connection.request("GET", path, headers={"User-Agent": "phone"})
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != expected:
            sys.exit(f"{path} answered {answer.status}.")


def measure(_bare: float) -> None:
    """The public pages of the check as multiples of the bare page there."""
    papers = list(Certificate.objects.order_by("pk").values_list("code", flat=True)[:CODES])
    first, rest = papers[0], cycle(papers[1:])
    body = "T0000000Z"
    unknown = body + codes.check_character(body)
    with serving() as port:
        phones = [Phone(port) for _kind in range(5)]
        calls: dict[str, Callable[[], None]] = {
            "bare page": lambda: phones[0].get("/bare/"),
            "asked before": lambda: phones[1].get(f"/tra-cuu/{first}/"),
            "asked the first time": lambda: phones[2].get(f"/tra-cuu/{next(rest)}/"),
            "not there": lambda: phones[3].get(f"/tra-cuu/{unknown}/", 404),
            "API": lambda: phones[4].get(f"/api/v1/certificates/{first}/"),
        }
        found = _medians(calls)
    print(f"\n{'certificate check, served, ms':<38}{'median':>9}{'× bare':>10}{'at most':>11}")
    for name, took in found.items():
        ratio, most = took / found["bare page"], MOST.get(name)
        over = "  OVER" if most and ratio > most else ""
        print(f"{name:<38}{took:9.2f}{ratio:8.1f} ×" + (f"{most:9} ×{over}" if most else ""))


def _medians(calls: dict[str, Callable[[], None]]) -> dict[str, float]:
    for _worker in range(WORKERS * THREADS):
        for call in calls.values():
            call()
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _run in range(RUNS):
        for name, call in calls.items():
            time.sleep(REST)
            started = time.perf_counter()
            call()
            times[name].append((time.perf_counter() - started) * MILLISECONDS)
    return {name: statistics.median(took) for name, took in times.items()}
