"""Races need a database that lets two write at once."""

import pytest
from django.db import connection


@pytest.fixture(autouse=True)
def real_database() -> None:
    if connection.vendor != "postgresql":
        pytest.fail("Two writers at once exist on PostgreSQL only: run make test-services.")
