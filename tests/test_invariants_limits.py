"""Invariants 14, 18, 19, 24, 25, 28 and 29 with limits and with goals that compare people.

Agreement with the oracle (2) is in ``test_agreement``, with HiGHS (20) in ``test_cross_limits``, what the answer may
depend on (6 to 9) in ``test_invariants``, faults of engines (3 to 5) in
``test_invariants_limits_engines``, faults of the child process (26, 27) in ``test_kills``.
"""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import revmatch as rm
from checks import few, held, match, reached, said, values
from children import grace
from grids import daily
from oracle import SIDES, Case, Facts, solve
from oracle_limits import limit_test
from revmatch.solve import search as searching
from strategies import cases
from strategies_limits import LIMITED, limited, refused, taken

# --- 14, 18, 19: how values move --------------------------------------------------------------------------------------


@few
@given(case=cases(limited))
def test_14_a_ban_never_helps(case: Case) -> None:
    """Except where nobody may block: a pair that may not be cannot block either."""
    assume(all(name != "Stable" for name, _ in case.limits))
    pinned = {pin[:2] for pin in case.pins}
    open_pairs = [pair for pair in Facts(case).open_pairs() if pair not in pinned]
    banned = dataclasses.replace(case, bans=(*case.bans, *open_pairs[:1]))
    assume(open_pairs and not refused(case) and not refused(banned))
    before, after = match(case), match(banned)
    assert not after.found or (before.found and reached(banned, after) <= reached(case, before))


@few
@given(case=cases(limited))
def test_18_the_pairs_of_an_optimum_can_be_pinned(case: Case) -> None:
    assume(not refused(case))
    plan = match(case)
    assume(plan.found)
    despite = {pin[:2]: pin[2] for pin in case.pins}
    pinned = dataclasses.replace(case, pins=tuple((*pair, despite.get(pair, ())) for pair in sorted(held(plan))))
    again = match(pinned)
    assert values(again) == values(plan)
    assert held(again) >= held(plan)


#: Goals that the scores do not touch.
OF_NUMBERS = ("Pairs", "Coverage", "Balance", "LeastChange")


@few
@given(case=cases(limited), draw=st.data())
def test_19_later_goals_never_cost_an_earlier_one(case: Case, draw: st.DataObject) -> None:
    """The optimum of the goals before TotalScore is the same whatever the scores are, and whatever is pursued then."""
    assume(case.score and ("Stable", {"by": "score"}) not in case.limits)
    earlier = tuple(goal for goal in case.goals if goal[0] in OF_NUMBERS) or (("Coverage", {}),)
    case = dataclasses.replace(case, goals=(*earlier, ("TotalScore", {})))
    assume(not refused(case))
    other = [[draw.draw(st.integers(-99, 1 << 20)) for _ in row] for row in case.score[0][2]["scores"]]
    before = values(match(case))
    after = values(match(dataclasses.replace(case, score=((1, "Table", {"scores": other}),))))
    alone = values(match(dataclasses.replace(case, goals=earlier)))
    assert alone == (None if before is None else before[:-1]) == (None if after is None else after[:-1])


@pytest.mark.parametrize("seed", daily(2, range(6)))
def test_19_who_is_worst_off_counts_before_the_total(seed: int) -> None:
    one_by_one(seed, places=1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_19_who_is_worst_off_counts_before_the_total_soak(seed: int) -> None:
    one_by_one(seed, places=2)


def one_by_one(seed: int, places: int) -> None:
    """Each goal's value is that of the programme that stops there."""
    goals = [rm.goals.Coverage(), rm.goals.WorstOff(), rm.goals.Balance("department"), rm.goals.TotalScore()]
    limits = [rm.limits.DepartmentPair(at_most=3), rm.limits.Apart(["junior 0", "junior 1", "junior 2"])]
    rng = np.random.default_rng(seed)
    mentors = [{"id": f"junior {k}", "department": f"D{rng.integers(3)}"} for k in range(14)]
    mentees = [{"id": f"leader {k}", "department": f"D{rng.integers(3)}", "capacity": places} for k in range(6)]
    table = rm.score.Table(rng.integers(0, 40, (14, 6)))
    plans = [
        rm.match(rm.Programme(mentors, mentees, rm.Policy(score=table, limits=limits, goals=goals[: k + 1])))
        for k in range(len(goals))
    ]
    for k, plan in enumerate(plans):
        assert values(plan) == values(plans[-1])[: k + 1]
        assert rm.verify(plan).ok


# --- 24, 25: stopped at any moment ------------------------------------------------------------------------------------


def nothing_is_legal(case: Case) -> bool:
    """Whether the plan without any pair keeps everything."""
    facts = Facts(case)
    pairs = facts.open_pairs()
    return (
        not case.pins
        and not any(facts.least(side, key) for side in SIDES for key in facts.people[side])
        and all(limit_test(name, params, facts, pairs)([]) for name, params in case.limits)
    )


@pytest.mark.parametrize("seeds", daily(1, [range(300, 308), range(300, 340)]))
@pytest.mark.parametrize("recipe", LIMITED)
@pytest.mark.parametrize("seconds", [0, 1e-9, 0.3])
def test_24_out_of_time(recipe: str, seconds: float, seeds: range) -> None:
    """In time; never without a plan where that without pairs would do; no bound below what can be reached."""
    ended: Counter[Any] = Counter()
    for seed, case in taken(recipe, seeds):
        began = time.monotonic()
        plan = match(case, time_limit=seconds)
        assert time.monotonic() - began < seconds + grace(2)
        with said(f"{recipe}, {seed}"):
            ended[plan.status] += 1
            holds_what_it_says(case, plan)
            if nothing_is_legal(case):
                assert plan.found
    assert ended[rm.Status.FEASIBLE if seconds < 0.1 else rm.Status.OPTIMAL]


def holds_what_it_says(case: Case, plan: rm.Plan) -> None:
    """A plan that was stopped, against the oracle."""
    verified, best = rm.verify(plan), solve(case)
    assert verified.ok, verified.problems
    if plan.status in (rm.Status.OPTIMAL, rm.Status.INFEASIBLE):
        assert values(plan) == (best.values if best.feasible else None)
        return
    assert plan.stopped_by in ("time", "callback", "gap")
    if not plan.found:
        assert plan.status == rm.Status.NOT_FOUND
        assert all(goal.value is None and goal.bound is None for goal in plan.goals)
        return
    assert plan.status == rm.Status.FEASIBLE
    own = reached(case, plan)
    assert best.feasible
    assert own <= best.reached
    for k, goal in enumerate(plan.goals):
        if goal.bound is None:
            assert case.goals[k][0] in ("WorstOff", "Balance")
        elif own[:k] == best.reached[:k]:  # nothing that is as good before is better here
            less = case.goals[k][0] in ("Balance", "LeastChange")
            assert goal.bound <= best.values[k] if less else goal.bound >= best.values[k]


LARGE = {
    "DepartmentPair": [rm.limits.DepartmentPair(at_most=3)],
    "Circles": [rm.limits.Circles(2, 3), rm.limits.CoMentorsDifferent("department")],
    "Stable": [rm.limits.Stable()],
}


@pytest.mark.parametrize("limits", LARGE)
@pytest.mark.parametrize("seconds", [0, 1e-9, 0.3])
def test_24_out_of_time_among_many(limits: str, seconds: float) -> None:
    """45,000 pairs: a plan, and it keeps every limit."""
    made = rm.datasets.programme(300, 150)
    policy = made.policy.replace(
        limits=LARGE[limits], goals=[rm.goals.Coverage(), rm.goals.WorstOff(), rm.goals.TotalScore()]
    )
    began = time.monotonic()
    plan = rm.match(made.replace(policy=policy), time_limit=seconds)
    assert time.monotonic() - began < seconds + grace(2)
    assert plan.found or limits == "Stable"  # the plan without pairs is not stable
    assert rm.verify(plan).ok
    assert plan.status == rm.Status.OPTIMAL or plan.stopped_by == "time"


@pytest.mark.parametrize("block", daily(1, range(3)))
@pytest.mark.parametrize("recipe", LIMITED)
@pytest.mark.parametrize("gap", [0.2, 1.0])
def test_24_within_a_gap(recipe: str, gap: float, block: int) -> None:
    """Each goal is done at its gap; what is claimed of those that follow is true."""
    for seed, case in taken(recipe, range(300 + 7 * block, 307 + 7 * block)):
        with said(f"{recipe}, {seed}"):
            plan = match(case, gap=gap)
            holds_what_it_says(case, plan)
            assert not plan.found or plan.gap is None or plan.gap <= gap


@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize("block", daily(1, range(4)))
@pytest.mark.parametrize("recipe", LIMITED)
def test_25_more_time_never_harms(recipe: str, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped at every moment, one after another: values never fall, and the first goal's ceiling never rises."""
    monkeypatch.setattr(searching, "BETWEEN", 0.0)
    for seed, case in taken(recipe, range(400 + 2 * block, 402 + 2 * block)):
        moments: list[Any] = []
        match(case, on_progress=moments.append)
        plans = []
        for moment in range(len(moments) + 1):
            told: list[Any] = []

            def enough(news: Any, told: list[Any] = told, moment: int = moment) -> bool:
                told.append(news)
                return len(told) <= moment

            plans.append(match(case, on_progress=enough))
        with said(f"{recipe}, {seed}"):
            for plan in plans:
                holds_what_it_says(case, plan)
            done = [reached(case, plan) for plan in plans if plan.found]
            assert done == sorted(done)
            assert [plan.found for plan in plans] == sorted(plan.found for plan in plans)


# --- 28, 29: the plan before, and who would rather be paired ----------------------------------------------------------


@few
@given(case=cases(limited))
def test_28_nothing_changes_where_nothing_has_changed(case: Case) -> None:
    """`LeastChange`, with a best plan as the plan before: every pair is kept, first or last among the goals."""
    assume(not refused(case))
    plan = match(case)
    assume(plan.found)
    pairs = tuple(sorted(held(plan)))
    goals = tuple(goal for goal in case.goals if goal[0] != "LeastChange")
    assume(goals == case.goals)
    last = match(dataclasses.replace(case, goals=(*goals, ("LeastChange", {})), previous=pairs))
    assert values(last) == (*values(plan), 0)
    assert held(last) == held(plan) or not set(pairs) - held(last)
    first = dataclasses.replace(case, goals=(("LeastChange", {}), *goals), previous=pairs)
    again = match(first)
    assert values(again)[0] == 0
    assert held(again) >= set(pairs)


def blocking(scores: Any, most: tuple[Any, Any], chosen: Any, likes: tuple[Any, Any]) -> list[tuple[int, int]]:
    """Pairs that both would rather have, one by one."""
    found = []
    for i, j in np.argwhere(~chosen).tolist():
        ours, theirs = np.flatnonzero(chosen[i]), np.flatnonzero(chosen[:, j])
        mentor = len(ours) < most[0][i] or any(likes[0][i, other] < likes[0][i, j] for other in ours)
        mentee = len(theirs) < most[1][j] or any(likes[1][other, j] < likes[1][i, j] for other in theirs)
        if mentor and mentee and most[0][i] and most[1][j]:
            found.append((i, j))
    return found


@pytest.mark.parametrize("by", ["score", "choices"])
@pytest.mark.parametrize("seed", daily(2, range(4)))
def test_29_nobody_blocks_a_stable_plan(seed: int, by: str) -> None:
    """And what stability costs is what a plan without it has more; there, somebody blocks."""
    rng = np.random.default_rng(seed)
    n, m = 20, 12
    scores = rng.integers(0, 30, (n, m))
    most = rng.integers(1, 3, n), rng.integers(1, 4, m)
    lists = [[rng.permutation(others)[:6] for _ in range(own)] for own, others in ((n, m), (m, n))]
    ids = [[f"junior {k}" for k in range(n)], [f"leader {k}" for k in range(m)]]
    sides = [
        [
            {"id": key, "capacity": int(most[s][k]), "choices": ";".join(ids[1 - s][other] for other in lists[s][k])}
            for k, key in enumerate(ids[s])
        ]
        for s in (0, 1)
    ]
    likes = np.full((n, m), -99), np.full((n, m), -99)
    for i, chosen in enumerate(lists[0]):
        likes[0][i, chosen] = -np.arange(6)
    for j, chosen in enumerate(lists[1]):
        likes[1][chosen, j] = -np.arange(6)
    policy = rm.Policy(score=rm.score.Table(scores), goals=[rm.goals.TotalScore()], limits=[rm.limits.Stable(by=by)])
    made = rm.Programme(*sides, policy)
    stable, free = rm.match(made), rm.match(made.replace(policy=policy.replace(limits=[])))
    liking = (scores, scores) if by == "score" else likes

    def blocked(plan: rm.Plan) -> list[tuple[int, int]]:
        chosen = np.zeros((n, m), dtype=bool)
        for mentor, mentee in held(plan):
            chosen[ids[0].index(mentor), ids[1].index(mentee)] = True
        return blocking(scores, most, chosen, liking)

    assert rm.verify(stable).ok
    assert not blocked(stable)
    assert values(stable)[0] <= values(free)[0]
    if values(stable) < values(free):
        assert blocked(free)
