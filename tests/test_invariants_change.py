"""Invariants 10 to 19: how the answer moves when the programme changes.

Every test draws a small programme, changes it in one respect, and compares the goals' values, in order, of the two
plans. Nothing here asks the oracle, so the recipes could be of any size.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import revmatch as rm
import strategies
from checks import few, held, match, value_of, values
from oracle import Case, Facts, solve
from strategies import Draw, cases

TOTAL = (("TotalScore", {}),)


def loose_scores(draw: Draw) -> Case:
    """Scores with capacities only: no minimum, no limit, no pin."""
    return without_minimum(strategies.scores_case(draw))


def loose_people(draw: Draw) -> Case:
    """People without anything mandatory, and without `RareSkill`, which depends on who takes part."""
    case = without_minimum(strategies.people_case(draw))
    return dataclasses.replace(case, score=tuple(term for term in case.score if term[1] != "RareSkill"))


def loose(draw: Draw) -> Case:
    return draw.pick((loose_scores, loose_people))(draw)


def without_minimum(case: Case) -> Case:
    mentors, mentees = (tuple(r | {"min_load": 0} for r in side) for side in (case.mentors, case.mentees))
    return dataclasses.replace(case, mentors=mentors, mentees=mentees, limits=(), pins=())


def table_of(case: Case) -> list[list[Any]]:
    return [list(row) for row in case.score[0][2]["scores"]]


def with_table(case: Case, table: list[list[Any]]) -> Case:
    return dataclasses.replace(case, score=((1, "Table", {"scores": table}),))


def with_capacity(case: Case, side: str, k: int, capacity: int) -> Case:
    people = list(case.mentors if side == "mentor" else case.mentees)
    people[k] = people[k] | {"capacity": capacity}
    return dataclasses.replace(case, **{f"{side}s": tuple(people)})


@few
@given(case=cases(loose), seed=st.integers(0, 9))
def test_10_an_unmatched_person_is_not_missed(case: Case, seed: int) -> None:
    """Taking out somebody who has no partner changes no value, and the pairs are still a best plan."""
    plan = match(case, seed=seed)
    pairs = held(plan)
    for side, unmatched in (("mentor", plan.unmatched_mentors), ("mentee", plan.unmatched_mentees)):
        for key in list(unmatched)[:2]:
            people = case.mentors if side == "mentor" else case.mentees
            k = [person["id"] for person in people].index(key)
            without = with_capacity(case, side, k, 0)
            assert value_of(without) == values(plan)
            assert value_of(dataclasses.replace(without, pins=tuple((*pair, ()) for pair in pairs))) == values(plan)


@few
@given(case=cases(loose))
def test_11_a_matched_person_is_missed_by_at_most_their_pairs(case: Case) -> None:
    before = match(case)
    total = match(dataclasses.replace(case, goals=TOTAL))
    for side, people in (("mentor", case.mentors), ("mentee", case.mentees)):
        for k, person in enumerate(people):
            without = with_capacity(case, side, k, 0)
            assert values(before) >= value_of(without)
            theirs = [pair.score for pair in total.pairs if getattr(pair, side) == person["id"]]
            loss = values(total)[0] - value_of(dataclasses.replace(without, goals=TOTAL))[0]
            assert 0 <= loss <= sum(theirs)


@few
@given(case=cases(loose_scores), worth=st.integers(-5, 12))
def test_12_a_pair_more_never_harms(case: Case, worth: int) -> None:
    table = table_of(case)
    gaps = [(i, j) for i, row in enumerate(table) for j, entry in enumerate(row) if entry is None]
    assume(gaps)
    i, j = gaps[0]
    table[i][j] = worth
    more = with_table(case, table)
    assert value_of(case) <= value_of(more)
    gain = value_of(dataclasses.replace(more, goals=TOTAL))[0] - value_of(dataclasses.replace(case, goals=TOTAL))[0]
    assert 0 <= gain <= max(0, worth)


@few
@given(case=cases(loose), side=st.sampled_from(["mentor", "mentee"]))
def test_13_more_capacity_never_harms_and_gains_diminish(case: Case, side: str) -> None:
    assume(case.mentors if side == "mentor" else case.mentees)
    assert value_of(with_capacity(case, side, 0, 1)) <= value_of(with_capacity(case, side, 0, 2))
    single = dataclasses.replace(case, goals=TOTAL)
    totals = [value_of(with_capacity(single, side, 0, capacity))[0] for capacity in range(5)]
    gains = [b - a for a, b in itertools.pairwise(totals)]
    assert gains == sorted(gains, reverse=True)
    assert gains[-1] >= 0


@few
@given(case=cases(strategies.any_case))
def test_14_a_ban_or_a_rule_never_helps(case: Case) -> None:
    """Also with minima, limits and pins: what can be done with the ban can be done without it."""
    pinned = {pin[:2] for pin in case.pins}
    open_pairs = [pair for pair in Facts(case).open_pairs() if pair not in pinned]
    assume(open_pairs)
    before = value_of(case)
    banned = value_of(dataclasses.replace(case, bans=(*case.bans, open_pairs[0])))
    assert banned is None or (before is not None and banned <= before)
    if not case.pins and all(name != "MinScore" for name, _ in case.rules) and not case.from_scores:
        ruled = value_of(dataclasses.replace(case, rules=(*case.rules, ("MinScore", {"value": 3}))))
        assert ruled is None or (before is not None and ruled <= before)


@few
@given(case=cases(strategies.scores_case), factor=st.integers(1, 1000))
def test_15_scores_can_be_multiplied(case: Case, factor: int) -> None:
    """The same set of best plans, and a total so much higher."""
    many = with_table(case, [[None if w is None else w * factor for w in row] for row in table_of(case)])
    before, after = match(case), match(many)
    if values(before) is None:
        assert values(after) is None
        return
    scaled = [
        v * factor if name == "TotalScore" else v for (name, _), v in zip(case.goals, values(before), strict=True)
    ]
    assert list(values(after)) == scaled
    assert held(after) in solve(case).optima


@few
@given(case=cases(strategies.scores_case), more=st.integers(-50, 50))
def test_15_a_bonus_for_every_pair_changes_nothing_once_pairs_come_first(case: Case, more: int) -> None:
    case = dataclasses.replace(case, goals=(("Pairs", {}), ("TotalScore", {})))
    shifted = with_table(case, [[None if w is None else w + more for w in row] for row in table_of(case)])
    before, after = value_of(case), value_of(shifted)
    assert after == (None if before is None else (before[0], before[1] + more * before[0]))


@few
@given(first=cases(strategies.scores_case), second=cases(strategies.tight_scores_case))
def test_16_two_organisations_side_by_side(first: Case, second: Case) -> None:
    """With no pair between them, the values add up; each half is best alone."""
    second = dataclasses.replace(second, goals=first.goals, limits=first.limits)
    n, m = len(first.mentors), len(first.mentees)
    table = [row + [None] * len(second.mentees) for row in table_of(first)]
    table += [[None] * m + row for row in table_of(second)]
    both = dataclasses.replace(
        with_table(first, table),
        mentors=renumbered((*first.mentors, *second.mentors)),
        mentees=renumbered((*first.mentees, *second.mentees)),
        pins=(*first.pins, *((str(int(i) + n), str(int(j) + m), d) for i, j, d in second.pins)),
        bans=(*first.bans, *((str(int(i) + n), str(int(j) + m)) for i, j in second.bans)),
    )
    halves = value_of(first), value_of(second)
    assert value_of(both) == (None if None in halves else tuple(a + b for a, b in zip(*halves, strict=True)))


def renumbered(people: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(person | {"id": str(k)} for k, person in enumerate(people))


@few
@given(case=cases(loose_people))
def test_17_twins_can_change_places(case: Case) -> None:
    """Somebody with identical data may stand in for a mentor: same values, whoever wins the lot."""
    assume(case.mentors and not any(name in ("OutsideReportingLine", "NotPairedBefore") for name, _ in case.rules))
    twin = case.mentors[0] | {"id": "twin"}
    case = dataclasses.replace(
        case, mentors=(*case.mentors, twin), score=tuple(t for t in case.score if t[1] != "Choice")
    )
    case = dataclasses.replace(case, mentees=tuple({k: v for k, v in r.items() if k != "avoid"} for r in case.mentees))
    case = dataclasses.replace(case, bans=())
    plan = match(case)
    swap = {case.mentors[0]["id"]: "twin", "twin": case.mentors[0]["id"]}
    swapped = tuple((swap.get(mentor, mentor), mentee, ()) for mentor, mentee in held(plan))
    assert value_of(dataclasses.replace(case, pins=swapped)) == values(plan)


def test_17_the_lot_between_twins_follows_the_seed_and_nothing_else() -> None:
    programme = rm.Programme.from_scores([[1], [1], [1]])
    winners = [next(iter(held(rm.match(programme, seed=seed))))[0] for seed in range(20)]
    assert winners == [next(iter(held(rm.match(programme, seed=seed))))[0] for seed in range(20)]
    assert set(winners) == {"0", "1", "2"}


@few
@given(case=cases(strategies.any_case))
def test_18_the_pairs_of_an_optimum_can_be_pinned(case: Case) -> None:
    plan = match(case)
    assume(plan.found)
    despite = {pin[:2]: pin[2] for pin in case.pins}
    pinned = dataclasses.replace(case, pins=tuple((*pair, despite.get(pair, ())) for pair in sorted(held(plan))))
    again = match(pinned)
    assert values(again) == values(plan)
    assert held(again) >= held(plan)


def test_18_a_pin_that_a_rule_forbids_names_the_rule() -> None:
    mentors, mentees = [{"id": "a", "department": "Ops"}], [{"id": "b", "department": "Ops"}]
    policy = rm.Policy(rules=[rm.rules.DifferentDepartment()])
    with pytest.raises(rm.errors.InputError, match=r"RM162.*DifferentDepartment") as caught:
        rm.Programme(mentors, mentees, policy, pins=[("a", "b")])
    assert caught.value.code == "RM162"
    pin = {"mentor": "a", "mentee": "b", "despite": ("DifferentDepartment",), "reason": "both asked for it"}
    assert held(rm.match(rm.Programme(mentors, mentees, policy, pins=[pin]))) == {("a", "b")}


@few
@given(case=cases(strategies.scores_case), draw=st.data())
def test_19_later_goals_never_cost_an_earlier_one(case: Case, draw: st.DataObject) -> None:
    """The optimum of the goals before TotalScore is the same whatever the scores are."""
    earlier = tuple(goal for goal in case.goals if goal[0] != "TotalScore") or (("Coverage", {}),)
    other = [
        [None if w is None else draw.draw(st.integers(-(1 << 20), 1 << 20)) for w in row] for row in table_of(case)
    ]
    before = value_of(dataclasses.replace(case, goals=(*earlier, *TOTAL)))
    after = value_of(dataclasses.replace(with_table(case, other), goals=(*earlier, *TOTAL)))
    alone = value_of(dataclasses.replace(case, goals=earlier))
    assert alone == (None if before is None else before[:-1]) == (None if after is None else after[:-1])
