"""What the desk's first page says of nominations and of packages from other deployments."""

import datetime as dt

import pytest
import time_machine

from portal.accounts.enums import Role
from portal.pages import todo
from rounds.models import ExchangePackage
from rounds.services import nominations_taken

from ..factories import TerritoryFactory, staff
from ..rounds import exchange_world, nomination_world
from ..rounds.nomination_world import CLOSES, LAST_DAY, NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def north():
    return TerritoryFactory(name="Thái Nguyên", slug="thai-nguyen", region="north")


@pytest.fixture
def round_():
    return nomination_world.round_above()


def rows(user):
    return [row.task for group in todo.board(user, now=NOON).groups for row in group.rows]


def about(user, start):
    return [(task.what, task.due, task.url) for task in rows(user) if task.what.startswith(start)]


def test_a_list_is_asked_for_until_it_is_sent_and_again_when_it_comes_back(north, round_):
    officer = staff(Role.OFFICER, north)
    asked = [(f"Gửi danh sách đề cử: {round_.title}", LAST_DAY, "/quan-tri/de-cu/")]
    assert about(officer, "Gửi danh sách") == asked
    row = nomination_world.sent(round_, north, officer, chosen=[nomination_world.certified(north)])
    assert about(officer, "Gửi danh sách") == []
    agency = nomination_world.agency()
    nominations_taken.return_(nomination_list=row, reason="Thiếu bản chụp.", actor=agency, now=NOON)
    assert about(officer, "Gửi danh sách") == asked


def test_a_round_that_closes_far_off_and_one_of_another_region_ask_for_nothing_yet(north):
    nomination_world.round_above(receiving_until=CLOSES + dt.timedelta(days=60))
    nomination_world.round_above(region="south", ordinal=8)
    assert about(staff(Role.OFFICER, north), "Gửi danh sách") == []


def test_a_sent_list_waits_for_who_runs_the_round_and_for_nobody_else(north, round_):
    officer = staff(Role.OFFICER, north)
    nomination_world.sent(round_, north, officer, chosen=[nomination_world.certified(north)])
    assert about(nomination_world.agency(), "Nhận") == [("Nhận 1 danh sách đề cử", None, "/quan-tri/de-cu/")]
    assert about(officer, "Nhận") == []
    assert about(nomination_world.agency("south"), "Nhận") == []


def test_a_package_waits_until_it_is_written_and_for_who_may_write_it(tmp_path):
    with exchange_world.deployment(exchange_world.PROVINCE, tmp_path / "sender"):
        data = exchange_world.packed(exchange_world.build_province())
    with exchange_world.deployment(exchange_world.CENTRE, tmp_path / "centre"):
        centre = exchange_world.build_centre()
        assert about(centre.agency, "Xử lý") == []
        exchange_world.take(data)
        assert about(centre.agency, "Xử lý") == [("Xử lý 1 gói từ cổng khác", None, "/quan-tri/trao-doi/")]
        assert about(staff(Role.EXTENSION_OFFICER, centre.unit), "Xử lý") == []
        ExchangePackage.objects.update(state="applied")
        assert about(centre.agency, "Xử lý") == []
