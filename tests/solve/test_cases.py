"""Cases that prove that there is no plan prove it of no goal: a ceiling on a goal says nothing about that."""

from __future__ import annotations

import revmatch as rm
from revmatch.diagnosis import infeasible_in_words

L = rm.limits


def test_no_plan_at_all_is_settled_before_a_goal_is_pursued_by_cases() -> None:
    """Ann and Bo have the same leaders, both of them: four pairs, where three are allowed. Halves would do.

    With nothing held, no case was worse than "no plan" in the total score, and the claim was that of no plan with the
    prices of a score: the checker refused it.
    """
    mentors = [{"id": "ann", "capacity": 2}, {"id": "bo", "capacity": 4}]
    mentees = [{"id": "xi", "capacity": 3}, {"id": "yan", "capacity": 2, "min_load": 1}]
    score = rm.score.Table([[8, 7], [-2, 7]])
    policy = rm.Policy(score=score, limits=[L.Together(["ann", "bo"]), L.TotalPairs(3)], goals=["TotalScore"])
    plan = rm.match(rm.Programme(mentors, mentees, policy, pins=[("bo", "xi")]))
    assert (plan.status, plan.proof, rm.verify(plan).proven) == (rm.Status.INFEASIBLE, "cases", True)
    assert [record.goal for record in plan.certificate] == ["Feasible"]
    assert infeasible_in_words(plan).expected == (
        '1 mentee (mentees:2) must have 1 partner, which no plan keeps together with "The mentors ann and bo have the '
        'same mentees", "There are at most 3 pairs in all" and pins[0]'
    )
    # with one pair more there is a plan, and it is best
    more = policy.replace(limits=[L.Together(["ann", "bo"]), L.TotalPairs(4)])
    best = rm.match(plan.programme.replace(policy=more))
    assert (best.objective, len(best.pairs), rm.verify(best).proven) == (20, 4, True)
