"""Fixtures every test may use."""

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

from . import factories


@pytest.fixture(autouse=True)
def clean_cache() -> None:
    """No test may live on what another left in the cache."""
    cache.clear()


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
