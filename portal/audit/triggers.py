"""Rules that span rows or tables and must never be broken: triggers, the same on SQLite and PostgreSQL.

An app names its guards in `<app>/triggers.py` through `register`; they are found by themselves. All are
dropped before migrating and created again after it: Django rebuilds tables on SQLite and would lose them
without a word, and a trigger that reads another table would block that table's alteration.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django.apps import AppConfig
from django.db import connections

Event = Literal["INSERT", "UPDATE", "DELETE", "TRUNCATE"]
PREFIX = "guard_"


@dataclass(frozen=True)
class Guard:
    """One rule on one table. The act is refused with `message` as an IntegrityError when `when` is true.

    `when` is SQL over NEW and OLD that both databases understand (empty: always). `lock` is a query that
    PostgreSQL runs first, to hold the parent row (`SELECT 1 FROM … FOR UPDATE`); SQLite has one writer anyway.
    TRUNCATE exists on PostgreSQL only.
    """

    name: str
    table: str
    events: tuple[Event, ...]
    message: str
    when: str = ""
    lock: str = ""

    def trigger_names(self, vendor: str) -> list[str]:
        return [self.trigger_name(event) for event in self.events if vendor == "postgresql" or event != "TRUNCATE"]

    def trigger_name(self, event: Event) -> str:
        return f"{PREFIX}{self.name}_{event.lower()}"

    def create(self, vendor: str) -> list[str]:
        """The statements that create this guard's triggers."""
        make = _postgresql if vendor == "postgresql" else _sqlite
        return [
            statement
            for event in self.events
            if vendor == "postgresql" or event != "TRUNCATE"
            for statement in make(self, event)
        ]


_guards: dict[str, Guard] = {}


def register(guard: Guard) -> Guard:
    """Add a guard to the house. Raises ValueError when another one has its name."""
    if _guards.get(guard.name, guard) != guard:
        raise ValueError(f"Two guards are named {guard.name}.")
    _guards[guard.name] = guard
    return guard


def registered() -> list[Guard]:
    return list(_guards.values())


def expected(connection: Any) -> set[str]:
    """Names of the triggers the database ought to hold."""
    return {name for guard in registered() for name in guard.trigger_names(connection.vendor)}


def installed(connection: Any) -> dict[str, str]:
    """Name and table of every guard's trigger the database holds. One query."""
    sql = {
        "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": (
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)"
        ),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {name: table for name, table in cursor.fetchall() if name.startswith(PREFIX)}


def drop(connection: Any) -> None:
    """Remove every guard's trigger, those of forgotten guards too."""
    for name, table in installed(connection).items():
        _run(connection, [f'DROP TRIGGER "{name}"' + (f' ON "{table}"' if connection.vendor == "postgresql" else "")])


def install(connection: Any) -> None:
    """Create every guard anew, on the tables that exist."""
    drop(connection)
    tables = set(connection.introspection.table_names())
    for guard in registered():
        if guard.table in tables:
            _run(connection, guard.create(connection.vendor))


def before_migrating(sender: AppConfig, using: str, **kwargs: Any) -> None:
    drop(connections[using])


def after_migrating(sender: AppConfig, using: str, **kwargs: Any) -> None:
    install(connections[using])


def _run(connection: Any, statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sqlite(guard: Guard, event: Event) -> list[str]:
    when = f" WHEN {guard.when}" if guard.when else ""
    refuse = f"SELECT RAISE(ABORT, {_quoted(guard.message)});"
    name, table = guard.trigger_name(event), guard.table
    return [f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" FOR EACH ROW{when} BEGIN {refuse} END']


def _postgresql(guard: Guard, event: Event) -> list[str]:
    name = guard.trigger_name(event)
    lock = f"{guard.lock.replace('SELECT', 'PERFORM', 1)}; " if guard.lock else ""
    # Class 23 reaches Django as an IntegrityError, as SQLite's ABORT does.
    refuse = f"RAISE EXCEPTION USING MESSAGE = {_quoted(guard.message)}, ERRCODE = '23000';"
    body = f"IF {guard.when} THEN {refuse} END IF;" if guard.when else refuse
    row = "OLD" if event == "DELETE" else "NEW"
    each = "STATEMENT" if event == "TRUNCATE" else "ROW"
    code = f"$guard$ BEGIN {lock}{body} RETURN {row}; END $guard$"
    return [
        f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS {code}',
        f'CREATE TRIGGER "{name}" BEFORE {event} ON "{guard.table}" FOR EACH {each} EXECUTE FUNCTION "{name}"()',
    ]


register(
    Guard(
        name="audit_append_only",
        table="audit_auditentry",
        events=("UPDATE", "DELETE", "TRUNCATE"),
        message="Dòng nhật ký không được sửa hay xóa.",
    )
)
