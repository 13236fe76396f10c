"""Of any two versions the changes carry one into the other; moving rows on the page never breaks the tree."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as some

from rounds.criteria_diff import Line, apply, diff
from rounds.criteria_tree import MAX_LEVEL, MOVES, Typed, parents, tidy

CODES = [f"{head}.{number}" for head in range(1, 4) for number in range(1, 5)]
NAMES = ["Nhu cầu thị trường", "Khả năng sản xuất", "Tính văn hóa", "Kiểu dáng", "Công nghệ", "Môi trường"]
POINTS = some.one_of(some.none(), some.integers(1, 40).map(Decimal))


@some.composite
def versions(draw):
    """A tree in reading order, codes unique."""
    codes = draw(some.lists(some.sampled_from(CODES), unique=True, max_size=len(CODES)))
    levels = [row.level for row in tidy([Typed(level=draw(some.integers(1, MAX_LEVEL))) for _code in codes])]
    above = parents([Typed(level=level) for level in levels])
    return [
        Line(
            code,
            None if above[place] is None else codes[above[place]],
            draw(some.sampled_from(NAMES)),
            draw(some.sampled_from(["", "Xem giấy tờ.", "Xem mẫu."])),
            draw(POINTS),
        )
        for place, code in enumerate(codes)
    ]


@given(versions(), versions())
def test_the_changes_applied_to_one_version_give_the_other(before, after):
    assert apply(before, diff(before, after)) == tuple(after)


@given(versions())
def test_a_version_does_not_differ_from_itself(version):
    assert not diff(version, version)


ROWS = some.lists(some.builds(Typed, level=some.integers(1, MAX_LEVEL), code=some.sampled_from(CODES)), min_size=1).map(
    tidy
)


@given(ROWS, some.lists(some.tuples(some.sampled_from(sorted(MOVES)), some.integers(0, 50)), max_size=8))
def test_moves_keep_levels_without_gaps_and_lose_only_what_is_removed(rows, moves):
    for name, number in moves:
        if not rows:
            return
        before, rows = rows, MOVES[name](rows, number % len(rows))
        assert rows == tidy(rows)
        assert all(row.level == 1 or parent is not None for row, parent in zip(rows, parents(rows), strict=True))
        if name in {"up", "down", "deeper", "higher"}:
            assert sorted(row.code for row in rows) == sorted(row.code for row in before)
        if name == "add":
            assert len(rows) == len(before) + 1


@given(ROWS, some.integers(0, 50))
def test_up_is_undone_by_down(rows, number):
    place = number % len(rows)
    moved = MOVES["up"](rows, place)
    if moved != rows:
        above = next(one for one in range(place - 1, -1, -1) if rows[one].level == rows[place].level)
        assert MOVES["down"](moved, above) == rows
