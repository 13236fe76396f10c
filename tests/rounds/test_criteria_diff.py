"""What changed between two versions, and that the changes carry one into the other."""

from decimal import Decimal

import pytest

from rounds.criteria_diff import Line, apply, diff

HEADS = [Line("1", None, "Thị trường", maximum=Decimal(40)), Line("2", None, "Kỹ thuật", maximum=Decimal(40))]


def line(code, parent, name, points=None, guidance=""):
    return Line(code, parent, name, guidance, None if points is None else Decimal(points))


BEFORE = [HEADS[0], line("1.1", "1", "Nhu cầu", 16), line("1.2", "1", "Sản xuất", 24), HEADS[1]]


def test_nothing_changed_is_nothing():
    assert not diff(BEFORE, BEFORE)


def test_an_added_and_a_removed_row_are_told_apart():
    after = [HEADS[0], line("1.1", "1", "Nhu cầu", 16), line("1.3", "1", "Liên kết", 24), HEADS[1]]
    found = diff(BEFORE, after)
    assert [one.line.code for one in found.added] == ["1.3"]
    assert [one.code for one in found.removed] == ["1.2"]
    assert found.changed == ()


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        (line("1.1", "1", "Nhu cầu thị trường", 16), ("name",)),
        (line("1.1", "1", "Nhu cầu", 15), ("maximum",)),
        (line("1.1", "1", "Nhu cầu", 16, "Xem hợp đồng bán hàng."), ("guidance",)),
    ],
)
def test_what_changed_of_a_row_is_named(changed, fields):
    (change,) = diff(BEFORE, [HEADS[0], changed, *BEFORE[2:]]).changed
    assert (change.fields, change.moved) == (fields, False)


def test_a_row_of_the_same_name_with_a_new_code_is_one_row():
    (change,) = diff(BEFORE, [HEADS[0], line("1.9", "1", "Nhu cầu", 16), *BEFORE[2:]]).changed
    assert (change.before.code, change.after.code, change.fields, change.moved) == ("1.1", "1.9", ("code",), False)


def test_rows_that_swap_places_count_as_one_move():
    (change,) = diff(BEFORE, [HEADS[0], BEFORE[2], BEFORE[1], HEADS[1]]).changed
    assert (change.moved, change.fields) == (True, ())


def test_a_row_under_another_head_has_moved():
    after = [HEADS[0], BEFORE[1], HEADS[1], line("1.2", "2", "Sản xuất", 24)]
    (change,) = diff(BEFORE, after).changed
    assert (change.after.code, change.moved) == ("1.2", True)
    assert apply(BEFORE, diff(BEFORE, after)) == tuple(after)
