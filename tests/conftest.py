"""Fixtures every test may use."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase

from portal.accounts.enums import Role
from portal.accounts.models import User
from portal.audit import triggers
from portal.territory.models import Territory
from products import columns, kept_pages

from . import factories


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--of-the-database",
        action="store_true",
        help="Only what touches the database: the rest says the same on every database.",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--of-the-database"):
        return
    touching = [item for item in items if _touches_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(touching)])
    items[:] = touching


def _touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or fixtures & {"db", "transactional_db", "django_db_setup"})


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported stays: the collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True)
def clean_cache() -> None:
    """No test may live on what another left in the cache or in the process's own memory."""
    cache.clear()
    columns.forget()
    kept_pages.forget()


@pytest.fixture(autouse=True, scope="session")
def flush_past_the_guards() -> Iterator[None]:
    """Emptying the tables after a transactional test is the one removal the guards let pass; the flush brings them back."""
    teardown = TransactionTestCase._fixture_teardown

    def emptied(self: Any) -> None:
        triggers.drop(connection)
        teardown(self)

    TransactionTestCase._fixture_teardown = emptied
    yield
    TransactionTestCase._fixture_teardown = teardown


@pytest.fixture
def province(db: None) -> Territory:
    return factories.TerritoryFactory(name="Thái Nguyên", slug="thai-nguyen")


@pytest.fixture
def other_province(db: None) -> Territory:
    return factories.TerritoryFactory(name="Cao Bằng", slug="cao-bang")


@pytest.fixture
def officer(province: Territory) -> User:
    return factories.staff(Role.OFFICER, province)


@pytest.fixture
def leader(province: Territory) -> User:
    return factories.staff(Role.LEADER, province)


@pytest.fixture
def administrator(db: None) -> User:
    return factories.staff(Role.ADMINISTRATOR)
