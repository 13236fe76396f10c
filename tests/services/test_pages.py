"""Every page of the house opened on PostgreSQL, once with what it shows and once with what it is sent."""

import pytest

from tests.portal.permission_table import TABLE
from tests.portal.permission_world import ROLES
from tests.portal.test_permissions import drawing, row, world  # noqa: F401

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.mark.parametrize("room", sorted({route.split("/")[0] for route in TABLE}))
def test_each_page_answers_the_administrator_and_the_officer(world, drawing, room):  # noqa: F811
    asked = ("officer", "administrator")
    differing = {}
    for route in (name for name in TABLE if name.split("/")[0] == room):
        drawing.route = route
        said = tuple("".join(signs[ROLES.index(role)] for role in asked) for signs in TABLE[route])
        if (found := row(world, route, roles=asked)) != said:
            differing[route] = (found, said)
    assert differing == {}
