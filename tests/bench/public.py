"""The public pages at 5,000, 50,000 and 500,000 products, in one run: cached, and cold.

"cached" is the page as kept for whoever is not logged in; "cold" the first request after a product was published. A
product's page outlasts what is published of others (`products.lasting`): how long it takes to find that out is its
own line. When that product itself changed, a worker draws the page before anybody asks (`portal.pages.ahead`): "itself
changed" is what the first reader then waits, in a process that has never seen the page, and the drawing is not counted;
"drawn anew" is that drawing, which is what the worker does, and what the first reader waits where there is no worker.
"bare" is a page that only says "ok", through the same middleware. "raw SQL" is what a person would write by hand for
the page where that is known (`lean`), else the page's own statements, replayed on the driver's own cursor with every
row fetched; "template" the time spent drawing: a page's templates, of the API turning what is told into JSON. The
list of the API holds each product as it was written (`products.lasting_texts`); "nothing held" is the same in a process
that has written none yet, or after a change of what products share, such as a maker or a decision. Each figure is the
quickest of several calls, taken in turns, in one process: what else the machine is doing only ever makes a call slower.
`BENCH_SIZES=5000,50000` changes the sizes. The last lines are what the portal promises, each with OVER where it fails.
"""

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.template.backends.django import Template
from django.test import Client
from rest_framework.renderers import JSONRenderer

from portal.pages import ahead
from products import columns, kept_pages, lasting_texts, register
from products.models import Product

from . import fill, lean
from .measure import caught, quickest_ms, replay

SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "5000,50000,500000").split(",")]
PAGES = {
    "catalogue": "/san-pham/",
    "catalogue, filtered": "/san-pham/?level=national&group=processing&status=expired",
    "catalogue, searched": "/san-pham/?q=mien+dong+tan+cuong",
    "catalogue, page 400": "/san-pham/?page=400",
    "product page": "/san-pham/san-pham-2500/",
    "product page, itself changed": "/san-pham/san-pham-2500/",
    "product page, drawn anew": "/san-pham/san-pham-2500/",
    "statistics": "/thong-ke/",
    "API list of products": "/api/v1/products/",
    "API list, nothing held": "/api/v1/products/",
    "home": "/",
}
ITSELF = {"product page, itself changed": "san-pham-2500", "product page, drawn anew": "san-pham-2500"}
BY_WORKER = "product page, itself changed"
DRAWN = "product page, drawn anew"
UNHELD = "API list, nothing held"
# Nothing is drawn, and little is read: what it would cost is told by the line of the page drawn anew.
OUTLASTING = ("product page", BY_WORKER)
MOST_CACHED, MOST_COLD, MOST_COLD_PRODUCT = 3.0, 2.0, 20.0
MOST_GROWN_CACHED, MOST_GROWN_COLD = 2.0, 4.0
CACHED_RUNS, COLD_RUNS = 41, 7


@dataclass(frozen=True)
class Measured:
    """One page at one size, in milliseconds."""

    bare: float
    cached: float
    cold: float
    sql: float
    template: float
    queries: int

    @property
    def over_sql(self) -> float:
        return self.cold / (self.sql + self.template)


def fetch(client: Client, url: str) -> None:
    answer = client.get(url)
    if answer.status_code != 200:
        sys.exit(f"{url} answered {answer.status_code}.")


def publish(place: int, slug: str = "", *, worker: bool = False, unheld: bool = False) -> None:
    """One product published anew: that of the page, or one far from those that are looked at.

    With a worker its page is drawn, and nothing of it is left in this process, as if that were another; `unheld`, no
    product is held as the API tells of it.
    """
    found = Product.objects.filter(slug=slug) if slug else Product.objects.public().order_by("-pk")[place : place + 1]
    register.touch([found.get().pk])
    if worker:
        ahead.draw_pages([slug])
        kept_pages.forget()
    if unheld:
        lasting_texts.forget()


@contextmanager
def drawing() -> Iterator[list[float]]:
    """How long each template and each text of the API took, whatever is drawn within it."""
    took: list[float] = []
    within: list[Any] = []
    plain = [(kind, kind.render) for kind in (Template, JSONRenderer)]

    def timed(render: Callable[..., Any]) -> Callable[..., Any]:
        def timing(self: Any, *args: Any, **kwargs: Any) -> Any:
            within.append(self)
            started = time.perf_counter()
            try:
                return render(self, *args, **kwargs)
            finally:
                within.pop()
                if not within:
                    took.append((time.perf_counter() - started) * 1000)

        return timing

    for kind, render in plain:
        kind.render = timed(render)  # type: ignore[method-assign]
    try:
        yield took
    finally:
        for kind, render in plain:
            kind.render = render  # type: ignore[method-assign]


def cold_ms(
    client: Client, url: str, sql: Callable[[], None], published: Callable[[int], None]
) -> tuple[float, float, float]:
    """The first request after something was published, its drawing, and the SQL; publishing itself is not counted."""
    whole, drawn, asked = [], [], []
    for run in range(COLD_RUNS + 2):
        published(run)
        with drawing() as took:
            started = time.perf_counter()
            fetch(client, url)
            whole.append((time.perf_counter() - started) * 1000)
        drawn.append(sum(took))
        started = time.perf_counter()
        sql()
        asked.append((time.perf_counter() - started) * 1000)
    return min(whole[2:]), min(drawn[2:]), min(asked[2:])


def measured(name: str, url: str, client: Client) -> Measured:
    published = partial(publish, slug=ITSELF.get(name, ""), worker=name == BY_WORKER, unheld=name == UNHELD)
    published(0)
    fetch(client, url)
    published(1)
    with caught() as seen:
        fetch(client, url)
    sql = replay(lean.PAGES[name]() if name in lean.PAGES else seen.statements)
    cold, template, raw = cold_ms(client, url, sql, published)
    fetch(client, url)
    bare, cached = quickest_ms(lambda: fetch(client, "/bare/"), lambda: fetch(client, url), runs=CACHED_RUNS)
    return Measured(bare, cached, cold, raw, template, len(seen.statements))


def table(size: int) -> dict[str, Measured]:
    client, found = Client(), {}
    print(
        f"\n{f'{size:,} products, ms':<30}{'bare':>8}{'cached':>8}{'× bare':>8}{'cold':>9}{'× bare':>8}"
        f"{'raw SQL':>9}{'template':>10}{'cold ÷ (SQL + template)':>25}{'statements':>12}"
    )
    for name, url in PAGES.items():
        one = found[name] = measured(name, url, client)
        ratio = "–" if name in OUTLASTING else f"{one.over_sql:.2f}"
        print(
            f"{name:<30}{one.bare:8.2f}{one.cached:8.2f}{one.cached / one.bare:8.2f}{one.cold:9.1f}"
            f"{one.cold / one.bare:8.1f}{one.sql:9.1f}{one.template:10.1f}{ratio:>25}{one.queries:12}",
            flush=True,
        )
    return found


def memory() -> None:
    columns.forget()
    started = time.perf_counter()
    held = columns.shelf()
    took = time.perf_counter() - started
    size = (held.keys.nbytes + held.items.nbytes + held.rows.nbytes) / 1e6
    publish(3)
    started = time.perf_counter()
    columns.shelf()
    again = (time.perf_counter() - started) * 1000
    print(
        f"columns in memory: {size:.1f} MB a process, read whole in {took:.2f} s, brought up to date in {again:.1f} ms"
    )


def verdicts(sizes: dict[int, dict[str, Measured]]) -> None:
    first, last = sizes[min(sizes)], sizes[max(sizes)]
    print(f"\n{'promised':<58}{'worst':>8}{'at most':>9}")
    for words, most, found in (
        ("cached page ÷ bare page", MOST_CACHED, {n: max(s[n].cached / s[n].bare for s in sizes.values()) for n in first}),
        ("cold ÷ (raw SQL + template)", MOST_COLD,
         {n: max(s[n].over_sql for s in sizes.values()) for n in first if n not in (*OUTLASTING, UNHELD)}),
        ("the same with nothing held", MOST_COLD, {UNHELD: max(s[UNHELD].over_sql for s in sizes.values())}),
        ("cold product page ÷ bare page", MOST_COLD_PRODUCT,
         {n: max(s[n].cold / s[n].bare for s in sizes.values()) for n in OUTLASTING}),
        ("the same without a worker", MOST_COLD_PRODUCT, {DRAWN: max(s[DRAWN].cold / s[DRAWN].bare for s in sizes.values())}),
        (f"cached at {max(sizes):,} ÷ at {min(sizes):,}", MOST_GROWN_CACHED, {n: last[n].cached / first[n].cached for n in first}),
        (f"cold at {max(sizes):,} ÷ at {min(sizes):,}", MOST_GROWN_COLD, {n: last[n].cold / first[n].cold for n in first}),
    ):  # fmt: skip
        name = max(found, key=lambda n: found[n])
        over = "  OVER" if found[name] > most else ""
        print(f"{f'{words} ({name})':<58}{found[name]:8.2f}{most:7.0f} ×{over}")


def main() -> None:
    if connection.vendor != "postgresql":
        sys.exit("The benchmark needs PostgreSQL: run make bench.")
    settings.ROOT_URLCONF = "tests.bench.urls"
    settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["anon"] = "1000000/s"  # one caller asks hundreds of times here
    call_command("migrate", verbosity=0)
    begun = time.perf_counter()
    sizes: dict[int, dict[str, Measured]] = {}
    for size in SIZES:
        started = time.perf_counter()
        fill.grow(size)
        gc.collect()
        gc.freeze()  # what filling left behind is no part of a page's garbage collection
        print(f"\n{Product.objects.count():,} products filled in {time.perf_counter() - started:.0f} s")
        memory()
        sizes[size] = table(size)
    verdicts(sizes)
    print(
        f"\nwhole run {time.perf_counter() - begun:.0f} s; load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    )


if __name__ == "__main__":
    main()
