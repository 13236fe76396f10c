"""The line of life as a drawing."""

import datetime as dt
from typing import Any

from products.life import AXIS, ROW, WIDTH, Drawing, Scale, Stay, Support, draw

ON = dt.date(2026, 11, 21)


def stay(**changes: Any) -> Stay:
    facts: dict[str, Any] = {
        "lane": "Cấp tỉnh", "rank": 2, "level": "province", "year": 2023, "status": "valid",
        "begins": dt.date(2023, 1, 1), "ends": dt.date(2027, 12, 31), "held_until": dt.date(2027, 12, 31), "label": "đến 2027",
    }  # fmt: skip
    return Stay(**{**facts, **changes})


def drawn(*stays: Stay, supports: tuple[Support, ...] = ()) -> Drawing:
    return draw(stays, supports, on=ON, ending_days=90)


def papers(drawing: Drawing) -> list[str]:
    return [box.paper for box in drawing.boxes]


def test_a_bar_in_force_is_woven_and_straw_at_its_end():
    drawing = drawn(stay())
    assert papers(drawing) == ["woven", "ending"]
    assert drawing.boxes[0].x + drawing.boxes[0].width == drawing.boxes[1].x


def test_a_past_bar_is_hatched_and_what_a_revocation_cut_off_is_empty():
    assert (
        papers(drawn(stay(status="expired", ends=dt.date(2025, 12, 31), held_until=dt.date(2025, 12, 31))))[0] == "past"
    )
    assert papers(drawn(stay(status="revoked", held_until=dt.date(2026, 6, 15)))) == ["past", "cut"]


def test_the_highest_level_has_the_top_lane():
    drawing = drawn(stay(), stay(lane="Cấp quốc gia", rank=4))
    assert [lane.words for lane in drawing.lanes] == ["Cấp quốc gia", "Cấp tỉnh"]
    assert drawing.height == AXIS + 2 * ROW


def test_two_that_overlap_at_one_level_stand_in_two_rows():
    apart = drawn(stay(ends=dt.date(2024, 1, 1), held_until=dt.date(2024, 1, 1)), stay(begins=dt.date(2025, 6, 1)))
    together = drawn(stay(), stay(begins=dt.date(2025, 6, 1)))
    assert (apart.height, together.height) == (AXIS + ROW, AXIS + 2 * ROW)


def test_the_years_hold_everything_and_today():
    drawing = drawn(stay(), supports=(Support("Hội chợ", 2019, 2021, "15 lượt"),))
    assert [text.words for text in drawing.years] == [str(year) for year in range(2018, 2029)]
    assert [text.words for text in drawing.years if text.mark == "now"] == ["2026"]
    assert 0 < drawing.now < WIDTH


def test_support_of_one_year_is_a_dot_and_of_several_a_line():
    drawing = drawn(
        stay(), supports=(Support("Khuyến công", 2025, 2025, "máy"), Support("Hội chợ", 2022, 2025, "15 lượt"))
    )
    assert [thread.is_dot for thread in drawing.threads] == [True, False]
    assert [lane.words for lane in drawing.lanes] == ["Cấp tỉnh", "Khuyến công", "Hội chợ"]


def test_a_label_that_would_leave_the_drawing_is_set_against_its_edge():
    drawing = drawn(stay(begins=dt.date(2026, 10, 1), label="một lời rất dài " * 4))
    assert drawing.labels[0].anchor == "end"


def test_days_lie_in_order_on_the_scale():
    scale = Scale(2020, 2029)
    days = [dt.date(2020, 1, 1), dt.date(2020, 12, 31), dt.date(2021, 1, 1), dt.date(2029, 12, 31)]
    places = [scale.at(day) for day in days]
    assert places == sorted(places)
    assert places[-1] <= WIDTH
