"""Prints the table of speeds. Needs PostgreSQL: run `make bench`.

Every figure is the median of 21 calls in one process, through the portal's whole middleware: "bare" is
a page that only says "ok", "raw SQL" the same statements on the driver's own cursor with every row
fetched. Ratios compare figures of one run, so the machine's own speed falls out.
"""

import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client

from products.models import Product

from . import fill
from .measure import caught, median_ms, replay_ms

PRODUCTS = int(os.environ.get("BENCH_PRODUCTS", "50000"))
PAGES = {
    "catalogue, plain": "/san-pham/",
    "catalogue, filtered": "/san-pham/?level=national&group=processing&status=expired",
    "catalogue, searched": "/san-pham/?q=mien+dong+tan+cuong",
    "catalogue, page 400": "/san-pham/?page=400",
}


def fetch(client: Client, url: str) -> None:
    answer = client.get(url)
    if answer.status_code != 200:
        sys.exit(f"{url} answered {answer.status_code}.")


def row(name: str, page: float, bare: float, sql: float | None, queries: int | None) -> None:
    against = f"{page / sql:8.2f} ×" if sql else " " * 10
    raw = f"{sql:9.2f}" if sql else " " * 9
    count = f"{queries:8}" if queries is not None else " " * 8
    print(f"{name:<34}{page:9.2f}{raw}{against}{page / bare:9.1f} ×{count}")


def measured(name: str, url: str, client: Client, bare: float) -> float:
    """Cold (fresh facets) and kept, each in milliseconds; returns the cold excess over raw SQL."""
    cache.clear()
    with caught() as seen:
        fetch(client, url)
    raw = replay_ms(seen.statements)
    cold = median_ms(lambda: fetch(client, url), before=cache.clear)
    row(f"{name}, fresh", cold, bare, raw, len(seen.statements))
    fetch(client, url)
    with caught() as seen:
        fetch(client, url)
    row(f"{name}, from cache", median_ms(lambda: fetch(client, url)), bare, None, len(seen.statements))
    return cold - 2 * raw


def scoring(bare: float) -> None:
    round_, judges = fill.open_scoring()
    client = Client()
    client.force_login(judges[0])
    dossier = round_.dossiers.order_by("pk").first()
    criterion = round_.criteria_sets.get().criteria.get(code="3.1")
    state = {"revision": "0", "points": 0}

    def save() -> None:
        state["points"] = (state["points"] + 1) % 6
        body = {"revision": state["revision"], "values": {str(criterion.pk): {"points": str(state["points"])}}}
        answer = client.post(f"/cham-diem/{dossier.uuid}/luu/", body, content_type="application/json")
        if answer.status_code != 200:
            sys.exit(f"Saving a score answered {answer.status_code}: {answer.content!r}")
        state["revision"] = str(answer.json()["revision"])

    save()
    with caught() as seen:
        save()
    row("saving one score", median_ms(save), bare, None, len(seen.statements))
    for name, url in {"score sheet": f"/cham-diem/{dossier.uuid}/", "judge's list": "/cham-diem/"}.items():
        with caught() as seen:
            fetch(client, url)
        row(name, median_ms(lambda url=url: fetch(client, url)), bare, replay_ms(seen.statements), len(seen.statements))


def main() -> None:
    if connection.vendor != "postgresql":
        sys.exit("The benchmark needs PostgreSQL: run make bench.")
    settings.ROOT_URLCONF = "tests.bench.urls"
    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    fill.fill(PRODUCTS)
    fill.touch_register()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"{Product.objects.count()} products filled in {time.perf_counter() - started:.0f} s\n")
    client = Client()
    bare = median_ms(lambda: fetch(client, "/bare/"), runs=101)
    print(f"{'milliseconds, median':<34}{'page':>9}{'raw SQL':>9}{'page/SQL':>10}{'page/bare':>11}{'queries':>8}")
    row("bare page", bare, bare, None, 0)
    for name, url in PAGES.items():
        excess = measured(name, url, client, bare)
        print(f"{'':34}beyond 2 × raw SQL: {excess:.1f} ms")
    product = Product.objects.order_by("pk")[PRODUCTS // 2]
    measured("product page", f"/san-pham/{product.slug}/", client, bare)
    scoring(bare)


main()
