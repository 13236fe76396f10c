"""Fixtures every test may use."""

import pytest
from django.core.cache import cache

from portal.accounts.enums import Role
from portal.accounts.models import User
from portal.territory.models import Territory

from . import factories


@pytest.fixture(autouse=True)
def clean_cache() -> None:
    """No test may live on what another left in the cache."""
    cache.clear()


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
