"""Every page of the house opened on PostgreSQL, once with what it shows and once with what it is sent."""

import pytest

from tests.portal.permission_table import TABLE
from tests.portal.permission_world import ROLES
from tests.portal.test_permissions import drawing, row, world  # noqa: F401

pytestmark = [pytest.mark.services, pytest.mark.django_db]
ASKED = ("officer", "administrator")


@pytest.mark.parametrize("route", sorted(TABLE))
def test_each_page_answers_the_officer_and_the_administrator(world, drawing, route):  # noqa: F811
    drawing.route = route
    said = tuple("".join(signs[ROLES.index(role)] for role in ASKED) for signs in TABLE[route])
    assert row(world, route, roles=ASKED) == said
