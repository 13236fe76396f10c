"""Taking everything out of a database, past the guards that keep what must never be removed."""

from collections.abc import Iterable

from django.db import connection

from portal.audit import triggers

# What Django writes after migrating and every test may rely on.
LASTING_TABLES = {"django_content_type", "auth_permission", "django_migrations"}


def empty() -> None:
    """Only the tables that hold rows are emptied: Django would empty every one and write its permissions anew."""
    tables = [name for name in connection.introspection.table_names() if name not in LASTING_TABLES]
    filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables)
    with connection.cursor() as cursor:
        cursor.execute(filled)
        removals = [f"DELETE FROM {name}" for (name,) in cursor.fetchall()]
    if connection.vendor == "postgresql":
        # Neither guards nor foreign keys are asked.
        _run(["SET session_replication_role = replica", *removals, "SET session_replication_role = origin"])
        if set(triggers.installed(connection)) != triggers.expected(connection):
            triggers.install(connection)  # a control took some away
    else:
        triggers.drop(connection)
        with connection.constraint_checks_disabled():
            _run(removals)
        triggers.install(connection)


def _run(statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
