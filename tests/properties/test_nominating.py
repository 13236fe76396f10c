"""What may be nominated agrees with a plain reading of the rule, for any product and any round."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from products.validity import Facts
from rounds.enums import NotNominated
from rounds.nominating import Candidate, Draft, Held, Line, Source, Target, answer, levels_below, reasons_not_to_send

ON = dt.date(2026, 11, 21)
NEAR = st.integers(-40, 40).map(lambda days: ON + dt.timedelta(days=days))
MAYBE = st.none() | NEAR
LEVELS = st.sampled_from(["district", "commune", "province", "region", "national"])


@st.composite
def helds(draw):
    from_, length = draw(MAYBE), draw(st.none() | st.integers(0, 30))
    pause = (from_, from_ + dt.timedelta(days=length) if from_ and length is not None else None) if from_ else None
    facts = Facts(
        expires_on=draw(NEAR),
        revoked_on=draw(MAYBE) if draw(st.booleans()) else None,
        withdrawn_on=draw(MAYBE) if draw(st.booleans()) else None,
        suspensions=(pause,) if pause and draw(st.booleans()) else (),
        begins_on=draw(st.none() | NEAR),
    )
    return Held(draw(st.integers(1, 10_000)), draw(LEVELS), 2024, facts, published=draw(st.booleans()))


@st.composite
def candidates(draw):
    held = draw(st.lists(helds(), max_size=4, unique_by=lambda one: one.key))
    return Candidate(
        key=1,
        region=draw(st.sampled_from(["north", "south"])),
        has_maker=draw(st.sampled_from([True, True, True, False])),
        maker_merged=draw(st.sampled_from([False, False, False, True])),
        product_merged=draw(st.sampled_from([False, False, False, True])),
        empty_set=draw(st.sampled_from([False, False, False, True])),
        entered=draw(st.sampled_from([None, None, None, "", "017"])),
        held=tuple(held),
        sources={one.key: draw(st.sampled_from(list(Source))) for one in held},
    )


TARGETS = st.builds(
    Target,
    level=st.sampled_from(["province", "region", "national"]),
    region=st.sampled_from(["", "north"]),
    lower_round_held=st.booleans(),
    closing_on=st.none() | NEAR.filter(lambda day: day >= ON),
)


def stands(held, on):
    """In force on the day, read from the dates one by one."""
    facts = held.facts
    begun = facts.begins_on is None or facts.begins_on <= on
    ended = facts.expires_on < on
    stopped = any(day is not None and day <= on for day in (facts.revoked_on, facts.withdrawn_on))
    paused = any(first <= on and (last is None or on <= last) for first, last in facts.suspensions)
    return begun and not ended and not stopped and not paused


def was_stopped(held):
    """Revoked, withdrawn or suspended before it would have ended."""
    facts = held.facts
    stopped = any(day is not None and day <= ON for day in (facts.revoked_on, facts.withdrawn_on))
    paused = any(first <= ON and (last is None or last >= ON) for first, last in facts.suspensions)
    return facts.expires_on >= ON and (stopped or paused)


def expected(one, target):
    """Whether it may go up, by trying every recognition in turn."""
    if one.product_merged or not one.has_maker or one.maker_merged or one.empty_set or one.entered is not None:
        return False
    if target.region and one.region != target.region:
        return False
    below = [held for held in one.held if held.level in levels_below(target.level) and held.published]
    days = [ON] if target.closing_on is None else [ON, target.closing_on]
    good = [held for held in below if all(stands(held, day) for day in days)]
    if good:
        longest = max(good, key=lambda held: (held.facts.expires_on, held.key))
        return one.sources[longest.key] != Source.UNFROZEN
    return not target.lower_round_held and not any(was_stopped(held) for held in below)


@given(candidates(), TARGETS)
def test_what_may_be_nominated_is_what_the_rule_says(one, target):
    said = answer(one, target, on=ON)
    assert said.allowed == expected(one, target)


@given(candidates(), TARGETS)
def test_every_answer_has_a_whole_sentence_and_no_answer_contradicts_itself(one, target):
    said = answer(one, target, on=ON)
    assert said.why == said.why.strip()
    assert said.why.endswith(".")
    assert said.allowed == (not said.refusals)
    assert not said.is_due or said.rests_on in {held.key for held in one.held}


@given(candidates(), TARGETS)
def test_a_later_closing_day_never_lets_more_through(one, target):
    if target.closing_on is None or not target.lower_round_held:
        return
    later = Target(target.level, target.region, True, target.closing_on + dt.timedelta(days=400))
    assert not answer(one, later, on=ON).allowed


LINES = st.builds(
    lambda chosen, why, reason, may: Line(
        "Chè", chosen, "" if chosen else why, reason, answer(_good() if may else Candidate(2), _TARGET, on=ON)
    ),
    st.booleans(),
    st.sampled_from(["", *NotNominated.values]),
    st.sampled_from(["", "Giải thích."]),
    st.booleans(),
)
_TARGET = Target("region", closing_on=ON)


def _good():
    return Candidate(1, held=(Held(5, "province", 2024, Facts(expires_on=ON)),), sources={5: Source.FROZEN})


@given(
    st.lists(LINES, max_size=6),
    st.none() | st.integers(0, 4),
    st.booleans(),
    st.sampled_from(["", "Không có."]),
    st.sampled_from(["", "125/SCT"]),
)
def test_a_list_goes_exactly_when_nothing_is_open(lines, quota, is_open, nothing, number):
    draft = Draft(lines, is_open, "Đã hết hạn.", quota, nothing, number, ON, "Giám đốc")
    chosen = [line for line in lines if line.chosen]
    undecided = [line for line in lines if not line.chosen and not line.why_not and line.answer.allowed]
    silent = [line for line in lines if line.why_not == "other" and not line.reason]
    stopped = [line for line in chosen if not line.answer.allowed]
    ready = (
        is_open
        and not undecided
        and not silent
        and not stopped
        and (quota is None or len(chosen) <= quota)
        and (bool(number) if chosen else bool(nothing))
    )
    assert (reasons_not_to_send(draft, on=ON) == []) == ready
