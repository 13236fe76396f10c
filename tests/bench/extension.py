"""The money book over a hundred thousand projects with a million lines, against the SQL it cannot do without."""

from collections.abc import Callable
from typing import Any

from django.db import connection, models
from django.test import Client
from django.urls import reverse

from extension.enums import ActivityHead
from extension.models import Estimate, EstimateLine, NormItem, Payment, PaymentLine, Project, SupportNorm
from extension.money.rollup import COLUMNS, Picked, roll_up
from portal.accounts.models import User
from portal.audit import triggers
from portal.territory.models import Territory

from .measure import caught, medians_ms

PROJECTS, LINES_EACH = 100_000, 10
# Keys far from those that the portal gives itself.
FIRST = 10_000_000
MOST = 2.0
RUNS = 7
_SUM = "SUM(o.amount) FILTER (WHERE o.kind = '{}')"
# What the book cannot do without, in one statement a person would write: its sums by one column of projects.
ONE_QUERY = (
    "WITH j AS (SELECT id, {column} AS key, extension_funds, counterpart_funds, other_funds, disbursed"
    " FROM extension_project WHERE NOT is_illustrative AND (state IN ('approved', 'running', 'accepted', 'settled',"
    " 'liquidated') OR (state = 'stopped' AND disbursed > 0)))"
    " SELECT 1, key, COUNT(*), SUM(extension_funds), SUM(counterpart_funds), SUM(other_funds), SUM(disbursed)"
    " FROM j GROUP BY 2"
    " UNION ALL SELECT 2, j.key, COUNT(*), SUM(l.approved), 0, 0, 0 FROM extension_estimateline l"
    " JOIN extension_estimate e ON e.id = l.estimate_id AND e.state = 'approved' JOIN j ON j.id = l.project_id GROUP BY 2"
    f" UNION ALL SELECT 3, j.key, COUNT(*), {_SUM.format('advance')}, {_SUM.format('payment')},"
    f" {_SUM.format('recovery')}, 0 FROM extension_payment o JOIN j ON j.id = o.project_id"
    " WHERE o.state = 'paid' GROUP BY 2"
)


def fill() -> None:
    """Rows made by the database itself; the guards, which look at every change, stand aside meanwhile."""
    item = NormItem.objects.order_by("pk")[0]
    norm = SupportNorm.objects.order_by("pk")[0]
    asks, leads, pays = (User.objects.create(username=f"tien-{n}").pk for n in range(3))
    units = ", ".join(str(pk) for pk in Territory.objects.values_list("pk", flat=True))
    decided = {"state": "'approved'", "proposed_by_id": str(asks), "decided_by_id": str(leads), "decided_at": "now()"}
    triggers.drop(connection)
    _insert(
        Project,
        f"generate_series({FIRST}, {FIRST + PROJECTS - 1}) AS n",
        id="n", name="'Đề án ' || n", slug="'de-an-' || n", folded="'de an ' || n", kind="'single'",
        funding="CASE WHEN n % 3 = 0 THEN 'national' ELSE 'local' END", head=f"1 + n % {len(ActivityHead)}",
        year="2014 + n % 13", territory_id=f"(ARRAY[{units}])[1 + n % {Territory.objects.count()}]",
        state="'running'", trade="'Nghề ' || n % 40", is_public="false", is_illustrative="false",
        extension_funds=str(LINES_EACH * 10_000_000), counterpart_funds="120000000", disbursed="30000000",
    )  # fmt: skip
    ours = f"extension_project p WHERE p.id >= {FIRST}"
    _insert(Estimate, ours, id="p.id", project_id="p.id", version="1", on="DATE '2024-01-02'", **decided)
    _insert(
        EstimateLine,
        f"extension_project p, generate_series(0, {LINES_EACH - 1}) AS n WHERE p.id >= {FIRST}",
        id=f"p.id * {LINES_EACH} + n", estimate_id="p.id", project_id="p.id", ordinal="n + 1", item_id=str(item.pk),
        norm_id=str(norm.pk), is_new_machine="true", units="1", cost="22000000", asked="10000000",
        counterpart="12000000", other="0", allowed="10000000", approved="10000000", description="'Máy số ' || n",
    )  # fmt: skip
    _insert(
        Payment,
        f"extension_project p, generate_series(0, 1) AS n WHERE p.id >= {FIRST}",
        id="p.id * 2 + n", project_id="p.id", kind="CASE n WHEN 0 THEN 'advance' ELSE 'payment' END",
        amount="CASE n WHEN 0 THEN 10000000 ELSE 20000000 END", state="'paid'", proposed_by_id=str(asks),
        proposed_at="now()", approved_by_id=str(leads), approved_at="now()", paid_by_id=str(pays), paid_at="now()",
        paid_on="DATE '2024-03-04'",
    )  # fmt: skip
    _insert(
        PaymentLine,
        f"extension_payment o WHERE o.id >= {FIRST}",
        id="o.id", payment_id="o.id", line_id=f"o.project_id * {LINES_EACH}", amount="10000000",
    )  # fmt: skip
    triggers.install(connection)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _insert(model: type[models.Model], source: str, **values: str) -> None:
    """Every column of the model as SQL over the source; what is not named is empty."""
    columns = [(field.column, _sql(field, values)) for field in model._meta.concrete_fields]
    names = ", ".join(f'"{name}"' for name, _value in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(value for _name, value in columns)}"
            f" FROM {source}"
        )


def _sql(field: Any, values: dict[str, str]) -> str:
    if field.column in values:
        return values[field.column]
    if isinstance(field, models.UUIDField) and not field.null:
        return "gen_random_uuid()"
    return "NULL" if field.null else "''"


def _sent(column: str) -> Callable[[], None]:
    """The statement on the driver's own cursor, every row fetched."""
    sql = ONE_QUERY.format(column=column)

    def send() -> None:
        with connection.connection.cursor() as cursor:
            cursor.execute(sql)
            cursor.fetchall()

    return send


def measure(bare: float) -> None:
    """The roll-up by each column, then the page of the book."""
    fill()
    print(f"\n{PROJECTS} projects, {PROJECTS * LINES_EACH} lines, {2 * PROJECTS} payments")
    for by, column in COLUMNS.items():
        ours, sql = medians_ms(lambda by=by: roll_up(Picked(), by), _sent(column), runs=RUNS)  # type: ignore[misc]
        over = "" if ours <= MOST * sql else "  OVER"
        print(
            f"{'roll-up by ' + by:<34}{ours:9.2f}   its one query {sql:8.2f}{ours / sql:8.2f} ×   at most {MOST:.0f} ×{over}"
        )
    client = Client()
    client.force_login(User.objects.create(username="tien-so", is_staff=True, is_superuser=True))
    for name, query in (
        ("money book", ""),
        ("its lines, first page", "?xem=dong"),
        ("a year's lines", "?xem=dong&nam=2024"),
    ):
        address = reverse("admin:money_book") + query

        def read(address: str = address) -> None:
            assert client.get(address).status_code == 200

        with caught() as seen:
            read()
        (took,) = medians_ms(read, runs=RUNS)
        print(f"{name:<34}{took:9.2f}{took / bare:9.1f} ×{len(seen.statements):9} queries")
