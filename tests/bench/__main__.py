"""Prints the table of speeds. Needs PostgreSQL: run `make bench`. Arguments name sections; without any, all run.

The public pages have a run of their own, `tests.bench.public`. Every figure here is the median of 21 calls in one
process, through the portal's whole middleware: "bare" is a page that only says "ok", "own SQL" the page's statements
replayed on the driver's own cursor with every row fetched. "jury" and "load" ask a portal served by two gunicorn
workers instead. Ratios compare figures of one run, so the machine's own speed falls out.
"""

import gc
import os
import sys
import time
from collections.abc import Sequence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from products.models import Product

from . import certificates, check, desk, exports, extension, fill, imports, load, served, sweep, tally
from .measure import median_ms

PRODUCTS = int(os.environ.get("BENCH_PRODUCTS", "50000"))


def fetch(client: Client, url: str) -> None:
    answer = client.get(url)
    if answer.status_code != 200:
        sys.exit(f"{url} answered {answer.status_code}.")


def row(name: str, page: float, bare: float, queries: int, *sqls: float) -> None:
    """A line of the table: the page, then the SQL it is held against."""
    against = "".join(f"{sql:10.2f}{page / sql:8.2f} ×" for sql in sqls)
    print(f"{name:<34}{page:9.2f}{page / bare:9.1f} ×{queries:9}{against}".rstrip())


SECTIONS = {
    "check": check.measure,
    "certificates": certificates.measure,
    "desk": desk.desk,
    "exports": exports.export,
    "extension": extension.measure,
    "imports": imports.measure,
    "jury": served.measure,
    "load": load.measure,
    "sweep": sweep.measure,
    "tally": tally.measure,
}


def main(sections: Sequence[str]) -> None:
    if unknown := set(sections) - set(SECTIONS):
        sys.exit(f"No section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}.")
    if connection.vendor != "postgresql":
        sys.exit("The benchmark needs PostgreSQL: run make bench.")
    settings.ROOT_URLCONF = "tests.bench.urls"
    settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["anon"] = "1000000/s"  # one caller asks hundreds of times here
    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    fill.fill(PRODUCTS)
    fill.touch_register()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as the server does by itself within minutes
    gc.collect()
    gc.freeze()  # what filling left behind is no part of a page's garbage collection
    print(f"{Product.objects.count()} products filled in {time.perf_counter() - started:.0f} s\n")
    client = Client()
    bare = median_ms(lambda: fetch(client, "/bare/"), runs=101)
    print(
        f"{'milliseconds, median':<34}{'page':>9}{'× bare':>11}{'queries':>9}{'own SQL':>10}{'×':>10}{'lean SQL':>10}{'×':>10}"
    )
    row("bare page", bare, bare, 0)
    for section in sections or SECTIONS:
        SECTIONS[section](bare)


main(sys.argv[1:])
