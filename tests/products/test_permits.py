"""What a maker may print and enter while a recognition stands as it does, as a table."""

import datetime as dt
from dataclasses import replace

import pytest

from products.enums import DatePrecision, Level
from products.permits import may_enter_above, may_print
from products.validity import Facts

FIRST, LAST, ON = dt.date(2024, 11, 20), dt.date(2026, 11, 20), dt.date(2026, 6, 15)
HELD = Facts(LAST, begins_on=FIRST)
NOTHING = "Không in biểu trưng trên bao bì làm trong thời gian này."


@pytest.mark.parametrize(
    ("facts", "on", "allowed", "until", "sentence"),
    [
        (HELD, FIRST, True, LAST, "Được in biểu trưng trên bao bì đến hết ngày 20/11/2026."),
        (HELD, LAST, True, LAST, "Được in biểu trưng trên bao bì đến hết ngày 20/11/2026."),
        (HELD, LAST + dt.timedelta(1), False, None, f"Công nhận đã hết hiệu lực sau ngày 20/11/2026. {NOTHING}"),
        (HELD, FIRST - dt.timedelta(1), False, None, f"Công nhận bắt đầu có hiệu lực từ 20/11/2024. {NOTHING}"),
        (replace(HELD, expires_on=dt.date(2026, 12, 31), precision=DatePrecision.YEAR), ON, True, dt.date(2026, 12, 31),
         "Được in biểu trưng trên bao bì đến hết năm 2026."),
        (replace(HELD, revoked_on=ON), ON, False, None, f"Công nhận đã bị thu hồi từ 15/06/2026. {NOTHING}"),
        (replace(HELD, revoked_on=ON), ON - dt.timedelta(1), True, ON - dt.timedelta(1),
         "Được in biểu trưng trên bao bì đến hết ngày 14/06/2026."),
        (replace(HELD, withdrawn_on=ON), ON, False, None, f"Cơ sở đã xin rút công nhận từ 15/06/2026. {NOTHING}"),
        (replace(HELD, suspended_from=ON), ON, False, None,
         f"Công nhận đang tạm dừng từ 15/06/2026, đến khi có thông báo mới. {NOTHING}"),
        (replace(HELD, suspended_from=ON, suspended_to=ON), ON, False, None,
         f"Công nhận đang tạm dừng từ 15/06/2026 đến hết 15/06/2026. {NOTHING}"),
        (replace(HELD, superseded=True), ON, True, LAST, "Được in biểu trưng trên bao bì đến hết ngày 20/11/2026."),
        (Facts(None), ON, False, None, f"Sản phẩm mới được đề nghị, chưa được công nhận. {NOTHING}"),
    ],
)  # fmt: skip
def test_what_may_be_printed(facts: Facts, on: dt.date, *, allowed: bool, until: dt.date | None, sentence: str) -> None:
    found = may_print(facts, on)
    assert (found.allowed, found.until, found.sentence) == (allowed, until, sentence)


@pytest.mark.parametrize(
    ("level", "above"),
    [
        (Level.DISTRICT, "cấp tỉnh"),
        (Level.COMMUNE, "cấp tỉnh"),
        (Level.PROVINCE, "cấp khu vực"),
        (Level.REGION, "cấp quốc gia"),
    ],
)
def test_a_product_is_entered_one_level_above_while_it_holds_below(level: str, above: str) -> None:
    found = may_enter_above(HELD, level, ON)
    assert found.allowed
    assert found.sentence.startswith(f"Được đăng ký bình chọn {above},")
    ended = may_enter_above(replace(HELD, revoked_on=ON), level, ON)
    assert (ended.allowed, ended.sentence) == (
        False, f"Công nhận đã bị thu hồi từ 15/06/2026. Không đăng ký bình chọn {above} được.",
    )  # fmt: skip


def test_above_the_nation_there_is_nothing() -> None:
    found = may_enter_above(HELD, Level.NATIONAL, ON)
    assert (found.allowed, found.sentence) == (False, "Cấp quốc gia là cấp cao nhất, không còn cấp trên để đăng ký.")
