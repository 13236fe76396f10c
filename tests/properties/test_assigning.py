"""What must hold of every division of dossiers among judges, compared with trying them all."""

import itertools
import random
import time
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rounds.assigning import (
    Entry,
    Facts,
    Impossible,
    Judge,
    Terms,
    balanced,
    by_group,
    changes,
    everyone,
    faults,
    loads,
    panels,
    rebalanced,
)
from rounds.balancing import Blocked, Task, bits, divide, least

GROUPS = ("handicraft", "processing")
SEEDS = st.sampled_from(["", "a", "b", "kỳ VI"])


@st.composite
def small_facts(draw, *, most_judges=4, most_entries=4):
    judges = tuple(
        Judge(f"j{n}", draw(st.none() | st.integers(0, 4)), draw(st.frozensets(st.sampled_from(GROUPS), max_size=1)))
        for n in range(draw(st.integers(1, most_judges)))
    )
    entries = tuple(Entry(f"e{n}", draw(st.sampled_from(GROUPS))) for n in range(draw(st.integers(1, most_entries))))
    pairs = st.sampled_from([(e.key, j.key) for e in entries for j in judges])
    barred = draw(st.frozensets(pairs, max_size=4))
    held = draw(st.frozensets(pairs, max_size=8))
    opened = draw(st.frozensets(pairs, max_size=3))
    return Facts(judges, entries, barred, opened, held)


def is_allowed(facts, entry, judge, terms):
    if (entry.key, judge.key) in facts.keeps():
        return True
    of_group = not (terms.own_groups and judge.groups) or entry.group in judge.groups
    return of_group and (entry.key, judge.key) not in facts.barred


def limit_of(facts, judge):
    begun = sum(key == judge.key for _entry, key in facts.keeps())
    return len(facts.entries) if judge.limit is None else max(judge.limit, begun)


def divisions(facts, terms, sizes):
    """Every division that respects everything, one after another: what the module is measured against."""
    kept = facts.keeps()
    choices = []
    for entry in facts.entries:
        able = [judge.key for judge in facts.judges if is_allowed(facts, entry, judge, terms)]
        must = {judge for key, judge in kept if key == entry.key}
        choices.append(
            [
                {(entry.key, judge) for judge in panel}
                for size in sizes(entry)
                for panel in itertools.combinations(able, size)
                if must <= set(panel)
            ]
        )
    for chosen in itertools.product(*choices):
        pairs = frozenset().union(*chosen)
        if all(sum(key == judge.key for _e, key in pairs) <= limit_of(facts, judge) for judge in facts.judges):
            yield pairs


def fresh_sizes(facts, terms):
    kept = facts.keeps()
    return lambda entry: [max(terms.minimum, sum(key == entry.key for key, _judge in kept))]


def squares(facts, pairs):
    return sum(sum(key == judge.key for _e, key in pairs) ** 2 for judge in facts.judges)


def shares(facts, pairs):
    group = {entry.key: entry.group for entry in facts.entries}
    counted = {}
    for entry, judge in pairs:
        counted[group[entry], judge] = counted.get((group[entry], judge), 0) + 1
    return sum(number**2 for number in counted.values())


def terms_of(draw_minimum, seed, own):
    return Terms(minimum=draw_minimum, seed=seed, own_groups=own)


@settings(max_examples=300)
@given(small_facts(), st.integers(1, 3), SEEDS, st.booleans())
def test_a_division_is_found_exactly_when_there_is_one_and_none_is_more_even(facts, minimum, seed, own):
    terms = terms_of(minimum, seed, own)
    all_of_them = list(divisions(facts, terms, fresh_sizes(facts, terms)))
    try:
        found = balanced(facts, terms)
    except Impossible:
        assert all_of_them == []
        return
    assert found in all_of_them
    best = min((squares(facts, pairs), shares(facts, pairs)) for pairs in all_of_them)
    assert (squares(facts, found), shares(facts, found)) == best
    largest = [max(line.total for line in loads(facts, pairs)) for pairs in all_of_them]
    assert max(line.total for line in loads(facts, found)) == min(largest)


@settings(max_examples=300)
@given(small_facts(), st.integers(1, 3), SEEDS, st.booleans())
def test_mending_takes_from_nobody_more_than_it_has_to(facts, minimum, seed, own):
    terms = terms_of(minimum, seed, own)
    judges = {judge.key: judge for judge in facts.judges}
    stands = frozenset(
        (entry.key, key)
        for entry in facts.entries
        for where, key in facts.stands() | facts.keeps()
        if where == entry.key and is_allowed(facts, entry, judges[key], terms)
    )

    def sizes(entry):
        return range(minimum, max(minimum, sum(key == entry.key for key, _judge in stands)) + 1)

    all_of_them = list(divisions(facts, terms, sizes))
    try:
        found = rebalanced(facts, terms)
    except Impossible:
        assert all_of_them == []
        return
    assert found in all_of_them
    most = {entry.key: sizes(entry)[-1] for entry in facts.entries}

    def cost(pairs):
        given_up = sum(most[entry.key] - sum(key == entry.key for key, _j in pairs) for entry in facts.entries)
        return len(stands - pairs) + given_up, squares(facts, pairs), shares(facts, pairs)

    assert cost(found) == min(cost(pairs) for pairs in all_of_them)


@given(small_facts(), st.integers(1, 3), SEEDS, st.booleans())
def test_limits_minimum_conflicts_and_sheets_begun_hold_in_every_division(facts, minimum, seed, own):
    for method in (balanced, rebalanced):
        try:
            found = method(facts, terms_of(minimum, seed, own))
        except Impossible:
            continue
        assert faults(facts, found, minimum=minimum) == []
        assert facts.keeps() <= found
        assert not found & facts.barred


def outcome(method, facts, terms):
    try:
        return method(facts, terms)
    except Impossible as impossible:
        return impossible.faults


@given(small_facts(), st.integers(1, 3), SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter_and_the_seed_repeats(facts, minimum, seed, rng):
    judges, entries = list(facts.judges), list(facts.entries)
    rng.shuffle(judges)
    rng.shuffle(entries)
    turned = replace(facts, judges=tuple(judges), entries=tuple(entries))
    for method in (balanced, rebalanced):
        found = outcome(method, facts, Terms(minimum, seed))
        assert outcome(method, turned, Terms(minimum, seed)) == found == outcome(method, facts, Terms(minimum, seed))


@given(small_facts(), st.integers(1, 3), SEEDS, st.booleans())
def test_what_is_said_to_be_impossible_can_be_counted_by_hand(facts, minimum, seed, own):
    terms = terms_of(minimum, seed, own)
    try:
        balanced(facts, terms)
    except Impossible as impossible:
        for fault in impossible.faults:
            assert fault.have < fault.need
            if fault.kind == "few_judges":
                [entry] = [one for one in facts.entries if one.key in fault.entries]
                assert sum(is_allowed(facts, entry, judge, terms) for judge in facts.judges) == fault.have
            else:
                full = [judge for judge in facts.judges if judge.key in fault.judges]
                assert fault.have == sum(limit_of(facts, judge) for judge in full)
    else:
        assume(False)


@given(small_facts())
def test_mending_what_is_whole_changes_nothing(facts):
    try:
        found = balanced(facts, Terms(1, "a"))
    except Impossible:
        return
    assert rebalanced(replace(facts, held=found), Terms(1, "b")) == found


@given(small_facts(), st.integers(1, 3))
def test_every_pair_is_explained_once(facts, minimum):
    pairs = by_group(facts, {judge.key: judge.groups for judge in facts.judges})
    told = {(panel.entry, judge) for panel in panels(facts, pairs) for judge in panel.judges}
    assert told == pairs
    assert sum(line.total for line in loads(facts, pairs)) == len(pairs)
    for line in loads(facts, pairs):
        assert sum(line.groups.values()) == line.total
    short = {entry for fault in faults(facts, pairs, minimum=minimum) for entry in fault.entries}
    assert short == {panel.entry for panel in panels(facts, pairs) if len(panel.judges) < minimum}


@given(small_facts())
def test_everyone_means_all_but_conflicts(facts):
    assert everyone(facts) | facts.barred >= {(e.key, j.key) for e in facts.entries for j in facts.judges}
    assert not everyone(facts) & facts.barred


@given(small_facts(), small_facts())
def test_facts_that_stayed_the_same_have_not_changed(facts, others):
    pairs = everyone(facts) | facts.keeps()
    assert changes(facts, facts, pairs) == []
    same = facts.judges == others.judges and facts.entries == others.entries and facts.barred == others.barred
    if not same:
        turned = replace(others, judges=others.judges[::-1])
        assert bool(changes(facts, turned, pairs)) == bool(changes(facts, others, pairs))


def test_who_is_blocked_is_a_certificate():
    tasks = [Task(0, 2, 0b0111), Task(0, 2, 0b0011), Task(0, 1, 0b1001)]
    limits = [1, 1, 1, 3]
    with pytest.raises(Blocked) as blocked:
        divide(tasks, limits)
    needed = sum(least(task, blocked.value.people) for task in tasks)
    assert needed > sum(limits[person] for person in bits(blocked.value.people))


def national(rng, *, limit, recused=0.05):
    judges = tuple(Judge(f"judge-{n:02}", limit) for n in range(13))
    entries = tuple(Entry(f"dossier-{n:03}", rng.choice(["a", "b", "b", "c", "d"])) for n in range(441))
    barred = frozenset((e.key, j.key) for e in entries for j in judges if rng.random() < recused)
    return Facts(judges, entries, barred)


def test_a_national_round_is_divided_in_less_than_two_seconds_even_at_the_limit():
    facts = national(random.Random(6), limit=170)
    began = time.perf_counter()
    found = balanced(facts, Terms(minimum=5, seed="kỳ VI"))
    mended = rebalanced(replace(facts, judges=facts.judges[1:], held=found), Terms(minimum=4, seed="kỳ VI"))
    assert time.perf_counter() - began < 2
    assert sorted(line.total for line in loads(facts, found)) == [169] * 5 + [170] * 8
    for line in loads(facts, found):
        assert max(line.groups.values()) - 441 * 5 * 2 / 5 / 13 < 10
    assert {pair for pair in found if pair[1] != "judge-00"} <= mended
