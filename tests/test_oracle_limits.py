"""The oracle's limits and goals, on cases small enough to be worked out by hand; and what the recipes draw of them."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

import strategies_limits
from grids import daily
from oracle import Case, Facts, solve
from oracle_limits import LIMITS, limit_test
from strategies import seeded
from test_oracle import PAIRS_THEN_TOTAL, TOTAL, people, table

PAIRS = (("Pairs", {}),)


def keeps(case: Case, limit: str, params: dict[str, Any], *chosen: str) -> bool:
    """Whether some pairs, each written as "ab", keep one limit."""
    facts = Facts(case)
    return limit_test(limit, params, facts, facts.open_pairs())([(pair[0], pair[1]) for pair in chosen])


class TestLimits:
    #   mentors a: IT, b: IT, c: HR, d: not stated;  mentees x: HR, y: HR, z: not stated
    CASE = Case(
        people("a", "b", "c", "d", department=["IT", "IT", "HR", ""], capacity=3, hours=[1, 2, 3, 4], own=[2, 5, 4, 0]),
        people("x", "y", "z", department=["HR", "HR", ""], capacity=4, hours=[1, 2, 3], own=[3, 6, 9], level=[1, 2, 3]),
    )

    @pytest.mark.parametrize(
        ("limit", "params", "chosen", "kept"),
        [
            ("DepartmentPair", {"at_most": 1}, "ax cx dx dy az bz", True),  # IT-HR once, HR-HR once
            ("DepartmentPair", {"at_most": 1}, "ax by", False),
            ("DepartmentPair", {"at_most": 2}, "ax by", True),
            ("DepartmentPair", {"at_most": 0}, "cx", False),
            ("DepartmentPair", {"at_most": 0}, "dx az", True),
            ("TotalPairs", {"at_most": 1}, "ax", True),
            ("TotalPairs", {"at_most": 1}, "ax ay", False),
            ("TotalPairs", {"at_most": 0}, "", True),
            ("Circles", {"smallest": 2, "largest": 3}, "ax bx ay by cy", True),
            ("Circles", {"smallest": 2, "largest": 3}, "ax bx ay", False),
            ("Circles", {"smallest": 2, "largest": 3}, "ax bx cx dx", False),
            ("Circles", {"smallest": 1, "largest": 1}, "", True),
            ("CoMentorsDifferent", {"column": "department"}, "ax cx by", True),
            ("CoMentorsDifferent", {"column": "department"}, "ax bx", False),
            ("CoMentorsDifferent", {"column": "department"}, "dx", True),  # alone
            ("CoMentorsDifferent", {"column": "department"}, "dx cx", False),  # not stated is not different
            ("EveryoneMatched", {"side": "mentee"}, "ax ay az", True),
            ("EveryoneMatched", {"side": "mentor"}, "ax ay az", False),
            ("Load", {"hours": "hours", "at_most": 3}, "ax ay bz", True),
            ("Load", {"hours": "hours", "at_most": 3}, "ay az", False),
            ("Load", {"hours": "hours", "at_most": "own"}, "by bz cx cz", True),
            ("Load", {"hours": "hours", "at_most": "own"}, "dx", False),
            ("Load", {"hours": "hours", "at_most": "own", "side": "mentee"}, "ax bx cy az bz cz", True),
            ("Load", {"hours": "hours", "at_most": "own", "side": "mentee"}, "ax cx", False),
            ("Together", {"people": ("a", "c")}, "ax cx bx dy", True),
            ("Together", {"people": ("a", "c")}, "ax bx", False),
            ("Together", {"people": ("a", "c", "d")}, "ax cx", False),
            ("Apart", {"people": ("a", "c", "d")}, "ax bx cy dz", True),
            ("Apart", {"people": ("a", "c", "d")}, "ax bx dx", False),
        ],
    )
    def test_limits(self, limit: str, params: dict[str, Any], chosen: str, kept: bool) -> None:
        assert keeps(self.CASE, limit, params, *chosen.split()) is kept

    @pytest.mark.parametrize(
        ("bounds", "chosen", "kept"),
        [
            ({"at_least": 1}, "cx", False),
            ({"at_least": 1}, "ax", True),
            ({"at_least": 1}, "", False),
            ({"at_most": 1}, "ax cx", True),
            ({"at_most": 1}, "ax bx", False),
            ({"at_least": "50%"}, "ax cx", True),
            ({"at_least": "50%"}, "ax cx dx", False),
            ({"at_least": Fraction(2, 3)}, "ax bx cx", True),
            ({"at_least": "100 %"}, "", True),  # a share of nothing
            ({"at_most": "1/3"}, "ax cx dx", True),
            ({"at_most": "1/3"}, "ax cx", False),
            ({"at_most": "33.3%"}, "ax cx dx", False),
            ({"at_least": 1, "at_most": "50%"}, "ax cx", True),
        ],
    )
    def test_quotas(self, bounds: dict[str, Any], chosen: str, kept: bool) -> None:
        group = {"column": "department", "value": "IT", "side": "mentor"}
        assert keeps(self.CASE, "Quota", group | bounds, *chosen.split()) is kept

    def test_the_value_of_a_quota_is_the_whole_text(self) -> None:
        for value, kept in ((2, True), ("2", True), ("02", False)):
            group = {"column": "level", "value": value, "side": "mentee", "at_least": 1}
            assert keeps(self.CASE, "Quota", group, "ay") is kept

    def test_a_limit_costs_what_it_must(self) -> None:
        scores = [[5, 4], [3, 1]]
        assert solve(table(scores, goals=PAIRS_THEN_TOTAL)).values == (2, 7)
        total = {"limits": (("TotalPairs", {"at_most": 1}),), "goals": PAIRS_THEN_TOTAL}
        assert solve(table(scores, **total)).values == (1, 5)
        circles = {"limits": (("Circles", {"smallest": 2, "largest": 2}),), "goals": PAIRS_THEN_TOTAL}
        assert solve(table(scores, **circles)).values == (0, 0)
        assert solve(table(scores, mentee_capacity=2, **circles)).values == (2, 8)

    def test_a_minimum_inside_the_hole_asks_for_a_whole_circle(self) -> None:
        limit = (("Circles", {"smallest": 2, "largest": 2}),)
        case = table([[1, 1], [1, 1], [1, 1]], mentee_capacity=2, limits=limit, goals=PAIRS)
        assert solve(case).values == (2,)
        alone = table([[1]], mentee_capacity=2, limits=limit, goals=PAIRS)
        assert solve(alone).values == (0,)
        everyone = replace(alone, limits=(*limit, ("EveryoneMatched", {"side": "mentee"})))
        assert not solve(everyone).feasible


class TestStable:
    def stable(self, case: Case, by: str, *chosen: str) -> bool:
        return keeps(case, "Stable", {"by": by}, *chosen)

    def two_by_two(self, scores: list[list[Any]], **columns: Any) -> Case:
        capacity = columns.pop("capacity", 1)
        wishes = {side: columns.pop(side, ["", ""]) for side in ("mentors", "mentees")}
        sides = {"mentors": ("a", "b"), "mentees": ("x", "y")}
        made = {side: people(*ids, capacity=capacity, choices=wishes[side]) for side, ids in sides.items()}
        return Case(**made, score=((1, "Table", {"scores": scores}),), **columns)

    def test_the_best_pair_blocks_whatever_leaves_it_out(self) -> None:
        # the two best diagonals: 9 + 0 is stable, 8 + 8 is not
        case = self.two_by_two([[9, 8], [8, 0]])
        assert self.stable(case, "score", "ax", "by")
        assert not self.stable(case, "score", "ay", "bx")
        limited = replace(case, limits=(("Stable", {}),), goals=TOTAL)
        assert solve(replace(limited, limits=())).values == (16,)
        assert solve(limited).values == (9,)

    def test_a_free_place_is_liked_least(self) -> None:
        case = self.two_by_two([[0, -5], [-5, -9]])
        assert not self.stable(case, "score", "ax")  # b and y are both free
        assert self.stable(case, "score", "ax", "by")

    def test_ties_do_not_block(self) -> None:
        case = self.two_by_two([[3, 3], [3, 3]])
        assert self.stable(case, "score", "ax", "by")
        assert self.stable(case, "score", "ay", "bx")

    def test_by_choices_a_pair_must_be_wanted_by_both(self) -> None:
        wishes = {"mentors": ["y;x", "y"], "mentees": ["b", "a;b"]}
        case = self.two_by_two([[0, 0], [0, 0]], **wishes)
        assert self.stable(case, "choices", "ay", "bx")
        assert not self.stable(case, "choices", "ax", "by")  # a and y would both rather
        case = self.two_by_two([[0, 0], [0, 0]], mentors=["y", "y"], mentees=["", "b"])
        assert self.stable(case, "choices", "ax", "by")

    def test_who_is_not_listed_comes_after_all_who_are_and_all_the_same(self) -> None:
        case = self.two_by_two([[0, 0], [0, 0]], mentors=["x", ""], mentees=["a", ""])
        assert self.stable(case, "choices", "ax", "by")
        assert not self.stable(case, "choices", "ay", "bx")
        nobody = self.two_by_two([[0, 0], [0, 0]])
        assert self.stable(nobody, "choices", "ay", "bx")

    def test_with_several_places_the_least_liked_partner_counts(self) -> None:
        three = Case(people("a", capacity=2), people("x", "y", "z"), score=((1, "Table", {"scores": [[1, 2, 3]]}),))
        assert self.stable(three, "score", "ay", "az")
        assert not self.stable(three, "score", "ax", "az")

    def test_pairs_that_may_not_meet_never_block(self) -> None:
        case = self.two_by_two([[9, 8], [8, 0]], bans=(("a", "x"),))
        assert self.stable(case, "score", "ay", "bx")
        nobody = self.two_by_two([[9, 8], [8, 0]], capacity=[0, 1])
        assert self.stable(nobody, "score", "by")

    def test_another_limit_can_leave_no_stable_plan(self) -> None:
        case = self.two_by_two([[9, 8], [8, 0]], limits=(("Stable", {}), ("TotalPairs", {"at_most": 1})))
        assert not solve(case).feasible


class TestGoals:
    def test_worst_off_adds_up_the_mentors_of_each_mentee(self) -> None:
        scores = [[5, 1], [1, 2]]
        goals = (("Coverage", {}), ("WorstOff", {}), ("TotalScore", {}))
        assert solve(table(scores, goals=goals)).values == (4, 2, 7)
        two = solve(table(scores, mentor_capacity=2, mentee_capacity=2, goals=goals))
        assert two.values == (4, 3, 9)

    def test_worst_off_of_nobody_is_nothing(self) -> None:
        assert solve(table([[None]], goals=(("Pairs", {}), ("WorstOff", {})))).values == (0, 0)
        assert solve(table([[-3]], goals=(("Pairs", {}), ("WorstOff", {})))).values == (1, -3)

    def test_balance_compares_the_parts_that_have_a_partner(self) -> None:
        # one place for two people of IT and two of HR, then two places
        four = people("a", "b", "c", "d", department=["IT", "IT", "HR", "HR"])
        case = Case(four, people("x", department=""), goals=(("Pairs", {}), ("Balance", {"column": "department"})))
        answer = solve(case)
        assert answer.values == (1, 0.5)
        assert answer.reached == (1, Fraction(-1, 2))
        more = replace(case, mentees=people("x", capacity=2, department=""))
        assert solve(more).values == (2, 0.0)
        first = replace(case, goals=(("Balance", {"column": "department"}), ("Pairs", {})))
        assert solve(first).values == (0.0, 0)  # nobody is as fair as anything

    def test_balance_adds_the_sides_or_takes_one(self) -> None:
        case = Case(people("a", site="A"), people("x", "y", site=["B", "A"]), goals=PAIRS)
        for side, best in (({}, 0.5), ({"side": "mentee"}, 1.0), ({"side": "mentor"}, 0.0)):
            goals = (*PAIRS, ("Balance", {"column": "site"} | side))
            # with x: half of A (a, not y) and all of B; with y: all of A and nobody of B
            assert solve(replace(case, goals=goals)).values == (1, best)

    def test_who_takes_no_part_or_states_nothing_is_in_no_group(self) -> None:
        four = people("a", "b", "c", site=["A", "", "B"], capacity=[1, 1, 0])
        goals = (*PAIRS, ("Balance", {"column": "site", "side": "mentor"}))
        assert solve(Case(four, people("x"), goals=goals)).values == (1, 0.0)  # one group only

    def test_least_change_counts_the_pairs_that_are_lost(self) -> None:
        previous = (("0", "0"), ("1", "1"), ("1", "1"), ("gone", "0"))
        scores = [[1, 9], [9, 1]]
        case = table(scores, goals=(*PAIRS, ("LeastChange", {}), *TOTAL), previous=previous)
        answer = solve(case)
        assert answer.values == (2, 1, 2)  # two are kept of three
        assert answer.reached == (2, 2, 2)
        assert solve(replace(case, goals=(*PAIRS, *TOTAL, ("LeastChange", {})))).values == (2, 18, 3)


# --- what the recipes draw --------------------------------------------------------------------------------------------

RECIPES = {"limits_case": (0.15, 0.40), "tight_limits_case": (0.40, 0.65), "stable_case": (0.10, 0.35)}
RECIPES["goals_case"] = (0.0, 0.15)
DRAWN = {recipe: [getattr(strategies_limits, recipe)(seeded(seed)) for seed in range(200)] for recipe in RECIPES}


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_oracle_solves_the_recipes_quickly_and_finds_some_infeasible(recipe: str) -> None:
    began = time.monotonic()
    infeasible = sum(not solve(case).feasible for case in DRAWN[recipe]) / len(DRAWN[recipe])
    least, most = RECIPES[recipe]
    assert least <= infeasible <= most
    assert time.monotonic() - began < 60
    assert all(len(Facts(case).open_pairs()) <= 16 for case in DRAWN[recipe])


@pytest.mark.parametrize("recipe", ["limits_case", "tight_limits_case"])
def test_each_type_of_limit_occurs(recipe: str) -> None:
    count = Counter(name for case in DRAWN[recipe] for name, _ in case.limits)
    assert set(count) == set(LIMITS) - {"Meetings"}
    assert min(count.values()) >= 8


def test_weekly_times_occur_with_each_other_limit() -> None:
    drawn = [strategies_limits.meetings_case(seeded(seed)) for seed in range(60)]
    assert len({name for case in drawn for name, _ in case.limits}) > len(LIMITS) // 2
    assert all(case.limits[0][0] == "Meetings" for case in drawn)


@pytest.mark.parametrize("recipe", RECIPES)
def test_each_goal_occurs_at_any_place(recipe: str) -> None:
    places = {(name, k) for case in DRAWN[recipe] for k, (name, _) in enumerate(case.goals)}
    for name in ("Coverage", "Pairs", "TotalScore", "Balance", "LeastChange"):
        assert {(name, 0), (name, 1), (name, 2)} <= places
    assert {("WorstOff", 1), ("WorstOff", 2)} <= places


@pytest.mark.parametrize("seed", daily(50, range(150)))
def test_there_is_always_a_stable_plan_where_nothing_else_is_asked(seed: int) -> None:
    case = strategies_limits.stable_case(seeded(seed))
    ask_nothing = [[record | {"min_load": 0} for record in side] for side in (case.mentors, case.mentees)]
    stable = tuple(limit for limit in case.limits[:1])
    alone = replace(case, mentors=tuple(ask_nothing[0]), mentees=tuple(ask_nothing[1]), limits=stable, pins=())
    assert solve(replace(alone, goals=PAIRS)).feasible


def test_limits_bind() -> None:
    """Without its limits, a case would mostly come out better."""
    binding = 0
    for case in DRAWN["limits_case"]:
        limited = solve(case)
        binding += not limited.feasible or limited.reached != solve(replace(case, limits=())).reached
    assert binding >= 0.4 * len(DRAWN["limits_case"])
