"""A gap that is asked for ends a goal sooner, and is never wider in the plan than that."""

from __future__ import annotations

import json

import pytest

import revmatch as rm

STABLE = rm.Programme.from_scores(
    [[5, 1, 7], [3, 6, 6], [0, 1, 4]],
    mentee_capacity=[1, 2, 1],
    policy=rm.Policy(limits=["Stable"], goals=["Coverage", "TotalScore", "Pairs"]),
)
HOURS = rm.Programme(
    [{"id": f"a{k}", "h": h, "capacity": c} for k, (h, c) in enumerate([(3, 2), (3, 1), (2, 1)])],
    [{"id": f"x{k}", "h": 3, "capacity": c} for k, c in enumerate([3, 2])],
    rm.Policy(
        score=rm.score.Table([[1, 4], [7, 5], [5, 3]]),
        limits=["Load(h, 3)", "Circles(1, 2)"],
        goals=["Pairs", "WorstOff", "TotalScore"],
    ),
)


@pytest.mark.parametrize(("programme", "gap"), [(STABLE, 0.1), (STABLE, 0.3), (HOURS, 1.0)])
def test_a_goal_that_rests_on_a_word_is_not_followed_by_a_gap(programme: rm.Programme, gap: float) -> None:
    plan = rm.match(programme, gap=gap)
    assert plan.gap is not None
    assert plan.gap <= gap
    assert rm.verify(plan).ok


@pytest.mark.parametrize(("allowed", "ok"), [(0.0, False), (0.5, False), (1.0, True), (-1.0, False), (2.0, False)])
def test_a_gap_that_is_claimed_is_checked(allowed: float, ok: bool) -> None:
    programme = rm.Programme.from_scores([[3, 1], [2, 2]], policy=rm.Policy(goals=["TotalScore"]))
    told = json.loads(rm.match(programme).to_json())
    ids = told["pairs"][0]
    assert told["goals"][0]["bound"] == 5
    told |= {"status": "FEASIBLE", "stopped_by": "gap", "proof": None, "pairs": [ids], "options": {"gap": allowed}}
    told["goals"][0]["value"] = ids[2]
    plan = rm.Plan.from_json(json.dumps(told), programme)
    found = rm.verify(plan)
    assert found.ok is ok, found.problems
