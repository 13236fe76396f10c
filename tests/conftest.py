"""Fixtures every test may use."""

import gc
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import TransactionTestCase
from django.utils import translation

from portal.accounts.enums import Role
from portal.accounts.models import User
from portal.territory.models import Territory
from products import columns, kept_pages

from . import factories
from .emptied import empty


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--of-the-database",
        action="store_true",
        help="Only what touches the database: the rest says the same on every database.",
    )
    parser.addoption(
        "--pages-once",
        action="store_true",
        help="Without the tests that open pages: tests/services/test_pages.py opens each page of the house.",
    )


# Files that take a processor for long: begun first, so that none is left working alone at the end.
LONGEST = (
    "test_exchange.py",
    "test_worker.py",
    "test_pages.py",
    "test_permissions.py",
    "test_demo.py",
    "test_demo_loading.py",
    "test_leaks.py",
    "test_imports_rooms.py",
    "test_hostile_queries.py",
    "test_extension.py",
    "test_provincial_round.py",
    "test_every_page.py",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)
    if config.getoption("--of-the-database"):
        _keep(config, items, [item for item in items if _touches_database(item)])
    if config.getoption("--pages-once"):
        _keep(config, items, [item for item in items if "client" not in getattr(item, "fixturenames", ())])


def _keep(config: pytest.Config, items: list[pytest.Item], kept: list[pytest.Item]) -> None:
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def _touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or fixtures & {"db", "transactional_db", "django_db_setup"})


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported stays: the collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True)
def nothing_left_over() -> None:
    """No test may live on what another left: cache, process's memory, the language spoken last, numbers in names."""
    cache.clear()
    columns.forget()
    kept_pages.forget()
    translation.activate(settings.LANGUAGE_CODE)
    for made in factories.Factory.__subclasses__():
        made.reset_sequence(0, force=True)


@pytest.fixture(autouse=True, scope="session")
def empty_past_the_guards() -> Iterator[None]:
    """After a transactional test only the tables that hold rows are emptied: the one removal the guards let pass.

    Django would empty every table and write its permissions anew, which takes longer than most of the tests.
    """
    teardown = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda _case: empty()
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
