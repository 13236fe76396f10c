"""The council's word against the ranking, whatever the words: late sets count as their parts."""

from hypothesis import given
from hypothesis import strategies as st

from rounds.deliberation import Candidate, Ranked, Room, Votes, is_quorate, left_out_before, needed
from rounds.tally import Standing, departures


@st.composite
def councils(draw: st.DrawFn) -> list[Candidate]:
    """A group ranked without ties, cut into single dossiers and late sets, each proposed or not."""
    total = draw(st.integers(1, 9))
    ranked = [Ranked(f"{number:03}", draw(st.sampled_from("ab")), number) for number in range(1, total + 1)]
    order = draw(st.permutations(ranked))
    found, place = [], 0
    while place < len(order):
        size = draw(st.integers(1, 3))
        parts = tuple(order[place : place + size])
        place += size
        code = parts[0].code if len(parts) == 1 else f"bo-{parts[0].code}"
        found.append(Candidate(code, draw(st.booleans()), parts))
    return found


def explained_by_hand(candidates: list[Candidate]) -> set[str]:
    """Proposed, with some entry of a left-out candidate above one of its own in the same group."""
    skipped = [one for each in candidates if not each.proposed for one in each.behind]
    return {
        each.code
        for each in candidates
        if each.proposed
        and any(left.group == own.group and left.rank < own.rank for own in each.behind for left in skipped)
    }


@given(councils())
def test_exactly_those_past_a_better_one_need_a_reason(candidates: list[Candidate]) -> None:
    assert set(left_out_before(candidates)) == explained_by_hand(candidates)


@given(councils())
def test_each_names_only_better_ones_of_its_group_that_are_left_out(candidates: list[Candidate]) -> None:
    skipped = {one.code for each in candidates if not each.proposed for one in each.behind}
    by_code = {each.code: each for each in candidates}
    for code, better in left_out_before(candidates).items():
        worst = max(one.rank for one in by_code[code].behind)
        assert better
        assert {one.code for one in better} <= skipped
        assert all(one.rank < worst for one in better)


@given(councils())
def test_single_dossiers_depart_as_the_tally_says(candidates: list[Candidate]) -> None:
    singles = [each for each in candidates if len(each.behind) == 1]
    standings = [Standing(one.code, each.group, each.rank, one.proposed) for one in singles for each in one.behind]
    assert set(left_out_before(singles)) == set(departures(standings))


@given(councils(), st.randoms())
def test_the_order_of_the_list_does_not_matter(candidates: list[Candidate], random: object) -> None:
    shuffled = list(candidates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert left_out_before(shuffled) == left_out_before(candidates)


@given(councils())
def test_all_or_none_proposed_departs_from_nothing(candidates: list[Candidate]) -> None:
    for choice in (True, False):
        assert left_out_before(Candidate(one.code, choice, one.behind) for one in candidates) == {}


@given(st.integers(1, 15), st.integers(0, 15))
def test_more_than_half_is_a_quorum(members: int, present: int) -> None:
    assert is_quorate(members=members, present=present, quorum=None) == (2 * present > members)
    assert needed(members, 5) == 5


@given(st.integers(1, 13), st.integers(0, 13), st.sets(st.integers(1, 13)))
def test_votes_carry_by_more_than_half_of_those_who_may_vote(present: int, votes: int, aside: set[int]) -> None:
    room = Room(members=13, present=frozenset(range(1, present + 1)), quorum=None, aside={7: frozenset(aside)})
    voters = room.voters(7)
    assert voters == present - len(room.silent(7))
    assert Votes(votes).carries(voters) == (votes > voters / 2)
