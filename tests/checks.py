"""What several chapters of tests ask of a plan; `certified_bounds` is the second checker of certificates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import revmatch as rm
from bridge import programme_of
from grids import examples
from oracle import Case, Facts, Number, solve
from oracle_limits import goal_value
from second_checker import blocks, certified_bounds

__all__ = [
    "assert_agrees", "blocks", "certified_bounds", "few", "held", "match", "reached", "said", "value_of", "values",
]  # fmt: skip

#: Few examples in every run; many where the profile asks for many.
few = examples(8)


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


def reached(case: Case, plan: rm.Plan) -> tuple[Number, ...] | None:
    """What a plan reaches in each goal, such that more is better; None if there is no plan."""
    if not plan.found:
        return None
    facts = Facts(case)
    return tuple(goal_value(goal, facts, sorted(held(plan)), facts.open_pairs()) for goal in case.goals)


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


@contextmanager
def said(note: str) -> Iterator[None]:
    """Name the programme in whatever goes wrong with it."""
    try:
        yield
    except Exception as error:
        error.add_note(note)
        raise
