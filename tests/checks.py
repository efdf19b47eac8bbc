"""What several chapters of tests ask of a plan, and a second checker of certificates.

The checker is the formula of the design's "The certificate", replayed over the oracle's facts in plain Python. It
shares no code with ``revmatch.certify``.
"""

from __future__ import annotations

from typing import Any

from hypothesis import settings

import revmatch as rm
from bridge import programme_of
from oracle import SIDES, Case, Facts, Number, solve

#: Few examples in every run; many where the profile asks for many.
few = settings(max_examples=25 if settings.default.max_examples <= 100 else 1_000)


def match(case: Case, **options: Any) -> rm.Plan:
    return rm.match(programme_of(case), **options)


def values(plan: rm.Plan) -> tuple[Number, ...] | None:
    """Value of each goal in order; None where nothing satisfies the hard demands."""
    if plan.status == rm.Status.INFEASIBLE:
        return None
    assert plan.status == rm.Status.OPTIMAL, plan.status
    return tuple(goal.value for goal in plan.goals)


def value_of(case: Case) -> tuple[Number, ...] | None:
    return values(match(case))


def held(plan: rm.Plan) -> frozenset[tuple[str, str]]:
    return frozenset((pair.mentor, pair.mentee) for pair in plan.pairs)


def assert_agrees(case: Case, plan: rm.Plan) -> None:
    """The plan says what the oracle says: verdict, every goal's value, and pairs that are among the optima."""
    answer = solve(case)
    assert values(plan) == (answer.values if answer.feasible else None)
    if answer.feasible:
        assert held(plan) in answer.optima
        assert [goal.bound for goal in plan.goals] == list(answer.values)
        worth = Facts(case).open_pairs()
        assert {(pair.mentor, pair.mentee): pair.score for pair in plan.pairs} == {p: worth[p] for p in held(plan)}


def certified_bounds(case: Case, plan: rm.Plan) -> list[int]:
    """The ceiling that each record of the certificate proves, on the face of the records before it."""
    facts, scale = Facts(case), plan.programme.policy.score.scale
    worth, held = facts.open_pairs(), {(mentor, mentee) for mentor, mentee, _ in case.pins}
    free = set(worth) - held
    # capacity 0: {0}; everybody else from their least to their most
    degrees = {
        (side, key): set(range(facts.least(side, key), facts.capacity(side, key) + 1))
        for side in SIDES
        for key in facts.people[side]
    }
    bounds = []
    for k, record in enumerate(plan.certificate):
        goal, params = case.goals[k] if record.goal != "Feasible" else ("Feasible", {})
        assert not record.rows, "this checker knows no rows"
        d, y = record.denominator, {}
        for side, prices in zip(SIDES, (record.mentor_prices, record.mentee_prices), strict=True):
            y |= {(side, key): int(p) for key, p in zip(sorted(facts.people[side]), prices, strict=True)}

        def worth_of(pair: tuple[str, str], goal: str = goal) -> int:
            whole = worth[pair] * scale
            assert whole == int(whole)
            return {"Pairs": 1, "TotalScore": int(whole)}.get(goal, 0)

        def at(who: tuple[str, str], x: int, goal: str = goal, params: Any = params, d: int = d, y: Any = y) -> int:
            counts = goal == "Coverage" and params.get("side") in (None, who[0]) and x >= 1
            return d * counts + y[who] * x

        bracket = {p: d * worth_of(p) - y["mentor", p[0]] - y["mentee", p[1]] for p in held | free}
        total = sum(max(at(who, x) for x in room) for who, room in degrees.items())
        total += sum(bracket[p] for p in held) + sum(max(0, bracket[p]) for p in free)
        bounds.append(total // d)
        if goal == "Feasible" or plan.goals[k].value * (scale if goal == "TotalScore" else 1) * d != total:
            break  # a goal that does not close would become a row
        held |= {p for p in free if bracket[p] > 0}
        free = {p for p in free if bracket[p] == 0}
        for who, room in degrees.items():
            best = max(at(who, x) for x in room)
            degrees[who] = {x for x in room if at(who, x) == best}
    return bounds
