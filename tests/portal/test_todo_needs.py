"""What needs of support ask at the desk: of the extension officer, and of nobody else."""

import datetime as dt

import pytest

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.pages.todo.extension_needs import need_tasks
from tests.extension.needs_world import ON, World
from tests.factories import TerritoryFactory, staff

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def told(user):
    return [(task.what, task.due) for task in need_tasks(staff_reach(user, ON), ON)]


def test_new_needs_and_closing_calls_wait_for_the_extension_officer_alone(django_assert_num_queries):
    world = World()
    for _number in range(2):
        world.need()
    world.need(state="shelved")
    world.call(title="Đợt một", closes_on=ON + 7 * DAY)
    world.call(title="Đợt xa", closes_on=ON + 8 * DAY)
    world.call(title="Đợt riêng", is_public=False)
    reach = staff_reach(world.clerk, ON)
    with django_assert_num_queries(2):
        found = [(task.what, task.due) for task in need_tasks(reach, ON)]
    assert found == [
        ("Trả lời 2 nhu cầu hỗ trợ mới", None),
        ("Nhắc các xã, cơ sở trước khi đóng Đợt một", ON + 7 * DAY),
    ]
    assert told(world.officer) == told(staff(Role.EXTENSION_OFFICER, TerritoryFactory())) == []
