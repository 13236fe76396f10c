"""The morning's sweep over a million recognitions: its queries, and its time against its own SQL.

The rows are made by the database itself from those already filled in. Last days lie evenly over four years, so that
some seven hundred recognitions have each line of the schedule due on an ordinary day; every facility has an address,
every province three officers and a leader. `SWEEP_ROWS` changes the size. The SQL is what the sweep sent, inserts
included, played again on the driver's own cursor; both run in a transaction that is taken back.
"""

import datetime as dt
import gc
import os
import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from facilities.models import Contact, Facility
from portal.accounts.enums import Role
from portal.accounts.models import Grant, User
from portal.notices import schedule
from portal.territory.models import Territory
from portal.text.workdays import next_working_day
from products import due, reminders
from products.models import Product, Recognition

from .measure import MILLISECONDS, caught

ROWS = int(os.environ.get("SWEEP_ROWS", "1000000"))
PER_PRODUCT = 4
SPREAD_DAYS = 4 * 365
OFFICERS = 3
RUNS = 7


def measure(_bare: float) -> None:
    on = next_working_day(timezone.localdate())
    started = time.perf_counter()
    _fill(on)
    print(f"\nsweep: {Recognition.objects.count()} recognitions filled in {time.perf_counter() - started:.0f} s")
    _explain(on)
    _report("an ordinary day", on)
    _report("nothing new", on - dt.timedelta(days=1), before=on - dt.timedelta(days=1))


def _report(name: str, on: dt.date, before: dt.date | None = None) -> None:
    now = timezone.make_aware(dt.datetime.combine(on, dt.time(7)))
    with transaction.atomic():
        if before:
            reminders.sweep(on=before, now=now)
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE notices_notice")
        times = [_timed(lambda: reminders.sweep(on=on, now=now)) for _run in range(RUNS)]
        with caught() as seen:
            outcome = _undone(lambda: reminders.sweep(on=on, now=now))
        sql = [_timed(lambda: _play(seen.statements)) for _run in range(RUNS)]
        peak = _peak(lambda: reminders.sweep(on=on, now=now))
        transaction.set_rollback(True)
    whole, own = statistics.median(times), statistics.median(sql)
    print(
        f"{name}: {outcome.planned} letters, {outcome.calls} calls in {len(seen.statements)} statements,"
        f" {whole:.0f} ms, own SQL {own:.0f} ms, {whole / own:.2f} ×, {peak:.0f} MB at most"
    )


def _timed(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    _undone(call)
    return (time.perf_counter() - started) * MILLISECONDS


def _undone(call: Callable[[], Any]) -> Any:
    with transaction.atomic():
        answer = call()
        transaction.set_rollback(True)
    return answer


def _play(statements: list[tuple[str, Any]]) -> None:
    """Every statement again, on the driver's own cursor, with every row fetched."""
    with connection.connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)
            if cursor.description:
                cursor.fetchall()


def _peak(call: Callable[[], Any]) -> float:
    gc.collect()
    tracemalloc.start()
    _undone(call)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1_000_000


def _explain(on: dt.date) -> None:
    found = due.due(schedule.rules_for(reminders.KIND, on), on=on)
    plan = found.order_by().values_list("pk").explain(analyze=True)
    if os.environ.get("SWEEP_EXPLAIN"):
        print(plan)
    print("index on the last day in use: " + ("yes" if "recognition_expiry" in plan else "no"))


def _fill(on: dt.date) -> None:
    """A million recognitions of a quarter as many products, registered yesterday so that only new lines are due."""
    registered = timezone.make_aware(dt.datetime.combine(on - dt.timedelta(days=1), dt.time(0, 30)))
    products = ROWS // PER_PRODUCT
    _multiply(
        Product,
        products,
        {
            "slug": "'sweep-' || n",
            "uuid": "gen_random_uuid()",
            "name": "'Chè mẫu ' || n",
            "name_key": "'chè mẫu ' || n",
            "merged_into_id": "NULL",
        },
        f"(SELECT * FROM products_product ORDER BY id LIMIT 1000) b"
        f" CROSS JOIN generate_series(1, {max(products // 1000, 1)}) s CROSS JOIN LATERAL (SELECT s * 1000 + b.id) x (n)",
    )
    _multiply(
        Recognition,
        ROWS,
        {
            "uuid": "gen_random_uuid()",
            "product_id": "p.id",
            "territory_id": "p.territory_id",
            "level": "'province'",
            "year": "2000 + k",
            "round_ordinal": "0",
            "decision_id": "NULL",
            "validity_rule_id": "NULL",
            "issued_on": "NULL",
            "expires_on": f"DATE '{on}' - 365 + ((p.id * {PER_PRODUCT} + k) % {SPREAD_DAYS})::int",
            "expiry_precision": "'day'",
            "created_at": f"TIMESTAMPTZ '{registered.isoformat()}'",
        },
        f"(SELECT * FROM products_recognition ORDER BY id LIMIT 1) b"
        f" CROSS JOIN (SELECT id, territory_id FROM products_product WHERE slug LIKE 'sweep-%') p"
        f" CROSS JOIN generate_series(1, {PER_PRODUCT}) k",
    )
    Contact.objects.bulk_create(
        Contact(facility=one, kind="email", value=f"coso{one.pk}@example.vn", may_notify=True, consent_on=on)
        for one in Facility.objects.all()
    )
    _staff(on)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _multiply(model: type[models.Model], _rows: int, changed: dict[str, str], source: str) -> None:
    """Copies of rows `b`, with some columns computed."""
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    values = ", ".join(changed.get(column) or f"b.{quote(column)}" for column in columns)
    names = ", ".join(quote(column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(model._meta.db_table)} ({names}) SELECT {values} FROM {source}")


def _staff(on: dt.date) -> None:
    for unit in Territory.objects.filter(valid_to__isnull=True):
        for place, role in enumerate([*[Role.OFFICER] * OFFICERS, Role.LEADER]):
            name = f"sweep-{unit.pk}-{place}"
            user = User.objects.create(username=name, full_name=name, email=f"{name}@example.vn")
            Grant.objects.create(user=user, role=role, territory=unit, valid_from=on - dt.timedelta(days=999))
