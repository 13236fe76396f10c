"""How a deadline is said."""

import datetime as dt

import pytest

from rounds.deadlines import Deadline

NOW = dt.datetime(2026, 11, 21, 14, 32, tzinfo=dt.timezone(dt.timedelta(hours=7)))
SECOND = dt.timedelta(seconds=1)


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        (NOW.replace(hour=17, minute=0), "Hạn nộp 17:00 hôm nay, còn 2 giờ 28 phút"),
        (NOW.replace(hour=14, minute=50), "Hạn nộp 14:50 hôm nay, còn 18 phút"),
        (NOW + dt.timedelta(days=1), "Hạn nộp 14:32 ngày mai, còn 1 ngày 0 giờ"),
        (NOW + dt.timedelta(days=4, hours=2), "Hạn nộp 16:32 ngày 25/11/2026, còn 4 ngày 2 giờ"),
        (NOW, "Đã hết hạn nộp phiếu lúc 14:32 hôm nay"),
        (NOW - dt.timedelta(days=1), "Đã hết hạn nộp phiếu lúc 14:32 ngày 20/11/2026"),
    ],
)
def test_hour_day_and_what_is_left(until, sentence):
    assert Deadline(until, NOW).sentence == sentence


@pytest.mark.parametrize(("offset", "over"), [(-SECOND, False), (0 * SECOND, True), (SECOND, True)])
def test_at_the_very_second_it_is_over(offset, over):
    assert Deadline(NOW, NOW + offset).over is over


def test_only_the_last_two_days_are_on_straw():
    assert Deadline(NOW + dt.timedelta(days=2), NOW).calm
    assert not Deadline(NOW + dt.timedelta(days=2) - SECOND, NOW).calm
