"""Invariants 3 to 5: what happens when an engine is wrong, is given too large numbers, or gives no answer.

Faults are put in by replacing an engine's `solve`, or CP-SAT's own, behind the library's back. With limits it is in
``test_invariants_limits_engines``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import revmatch as rm
from checks import assert_agrees, held, values
from oracle import Case, solve
from revmatch.engines import ENGINES, Assignment, MinCostFlow
from revmatch.engines.engine import Answer, Feature, Outcome
from revmatch.model import Prices
from revmatch.solve import match as solving
from test_oracle import table

SCORES = [[3, 5, 1], [4, 3, 9], [2, 2, 6]]
#: The engines that can hold any of these programmes alone; the assignment holds few, and has its own tests. A linear
#: programme is asked only where there are limits.
BY_NAME = {
    engine.name: engine for engine in ENGINES if engine.name != "assignment" and Feature.RELAXES not in engine.features
}


def programme(**options: Any) -> rm.Programme:
    return rm.Programme.from_scores(SCORES, **options)


def spoil(monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[Answer], Answer]) -> None:
    """Let one engine give another answer than it found."""
    kind = type(BY_NAME[name])
    right = kind.solve
    monkeypatch.setattr(kind, "solve", lambda self, *given, **options: change(right(self, *given, **options)))


def flipped(k: int) -> Callable[[Answer], Answer]:
    """The answer with one pair more, or one less."""

    def change(answer: Answer) -> Answer:
        assert answer.pairs is not None
        pairs = answer.pairs.copy()
        pairs[k] = ~pairs[k]
        return dataclasses.replace(answer, pairs=pairs)

    return change


# --- 3: every answer is checked again ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("goals", [["TotalScore"], ["Pairs", "TotalScore"]])
@pytest.mark.parametrize("k", range(9))
def test_03_one_wrong_pair_is_never_returned(
    monkeypatch: pytest.MonkeyPatch, name: str, k: int, goals: list[str]
) -> None:
    """One pair too many breaks a capacity; one too few is not what the engine's own prices, or its value, say."""
    spoil(monkeypatch, name, flipped(k))
    with pytest.raises(rm.errors.VerificationError, match="RM900"):
        solving.solve(programme(policy=rm.Policy(goals=goals)), engine=name)


@pytest.mark.parametrize("name", BY_NAME)
def test_03_a_wrong_verdict_is_never_returned(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """No prices prove that nothing is possible where something is."""
    no_prices = Prices(np.zeros(6, dtype=np.int64))
    spoil(monkeypatch, name, lambda answer: Answer(Outcome.INFEASIBLE, prices=no_prices))
    with pytest.raises((rm.errors.VerificationError, rm.errors.EngineError), match=r"RM90[01]"):
        solving.solve(programme(), engine=name)


def test_03_a_wrong_verdict_is_noticed_where_something_is_demanded(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that gives prices is not believed without them, though no plan is at hand that contradicts it."""
    no_prices = Prices(np.zeros(6, dtype=np.int64))
    spoil(monkeypatch, "min-cost flow", lambda answer: Answer(Outcome.INFEASIBLE, prices=no_prices))
    with pytest.raises(rm.errors.VerificationError, match=r"RM900.*do not prove it"):
        solving.solve(programme(mentor_min_load=1), engine="min-cost flow")


def test_03_worthless_prices_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong prices weaken the bound; they never make a plan look better than it is."""
    for engine in (Assignment, MinCostFlow):  # whichever is asked
        solved = engine.solve

        def spoilt(self: Any, *given: Any, _solved: Any = solved, **options: Any) -> Answer:
            answer = _solved(self, *given, **options)
            return (
                answer
                if answer.prices is None
                else dataclasses.replace(
                    answer, prices=dataclasses.replace(answer.prices, person=answer.prices.person + 7)
                )
            )

        monkeypatch.setattr(engine, "solve", spoilt)
    with pytest.raises(rm.errors.VerificationError, match="RM900"):
        rm.match(programme())


# --- 4: large numbers -------------------------------------------------------------------------------------------------


def large(bits: int, seed: int, goals: tuple[Any, ...]) -> Case:
    rng = np.random.default_rng(seed)
    scores = rng.integers(1, 1 << bits, (4, 4)).tolist()
    return table(scores, mentor_capacity=2, goals=goals)


@pytest.mark.parametrize("goals", [(("TotalScore", {}),), (("TotalScore", {}), ("Coverage", {}), ("Pairs", {}))])
@pytest.mark.parametrize("name", [None, *BY_NAME])
@pytest.mark.parametrize("bits", [20, 25, 28, 31, 33, 40, 45, 48, 50, 52])
def test_04_large_scores_are_exact_or_refused(bits: int, name: str | None, goals: tuple[Any, ...]) -> None:
    """Agreement with the oracle, or `ScaleError` before anything is solved: never a wrong optimum."""
    refused = []
    for seed in range(2):
        case = large(bits, seed, goals)
        made = rm.Programme.from_scores(
            case.score[0][2]["scores"], mentor_capacity=2, policy=rm.Policy(goals=[g for g, _ in goals])
        )
        try:
            plan = solving.solve(made, engine=name)
        except rm.errors.ScaleError as error:
            refused.append(error.code)
        else:
            assert_agrees(case, plan)
            assert plan.proof == "prices" or name == "CP-SAT"
            assert rm.verify(plan).proven == (plan.proof == "prices")
    assert not refused or (bits > 45 and set(refused) == {"RM110"})


# --- 5: no answer is no number ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["UNKNOWN", "INFEASIBLE", "MODEL_INVALID"])
def test_05_cp_sat_is_read_only_where_it_has_an_answer(monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    """A status without a solution: its values are not touched, and no number is made up for value or bound."""
    from ortools.sat.python import cp_model

    forced = getattr(cp_model, status)
    right = cp_model.CpSolver.solve

    def without_answer(self: Any, *given: Any, **options: Any) -> Any:
        right(self, *given, **options)
        return forced

    def touched(self: Any, *given: Any) -> Any:
        raise AssertionError("read a value of no solution")

    monkeypatch.setattr(cp_model.CpSolver, "solve", without_answer)
    for name in ("value", "boolean_value", "Value", "BooleanValue"):
        monkeypatch.setattr(cp_model.CpSolver, name, touched)
    if status == "MODEL_INVALID":
        with pytest.raises(rm.errors.EngineError, match="RM901"):
            solving.solve(programme(), engine="CP-SAT")
        return
    if status == "INFEASIBLE":  # nothing is demanded here, so there is a plan that contradicts it
        with pytest.raises(rm.errors.EngineError, match=r"RM901.*one is known"):
            solving.solve(programme(), engine="CP-SAT")
        return
    plan = solving.solve(programme(), engine="CP-SAT")
    # the empty plan is legal here: there is something to return, and what it is worth is true
    assert (plan.status, plan.proof, plan.stopped_by) == (rm.Status.FEASIBLE, None, "time")
    assert all(goal.bound >= goal.value for goal in plan.goals)
    assert plan.goals[0].bound >= solve(table(SCORES)).values[0]


def test_05_a_flow_is_read_only_where_it_is_optimal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the flows of any other status crashes the process: they are not read, and the failure has a name."""
    from ortools.graph.python import min_cost_flow

    class Stubborn(min_cost_flow.SimpleMinCostFlow):  # type: ignore[misc]
        def solve(self) -> Any:
            return self.BAD_COST_RANGE

        def flows(self, arcs: Any) -> Any:
            raise AssertionError("read a flow that is not there")

    monkeypatch.setattr(min_cost_flow, "SimpleMinCostFlow", Stubborn)
    with pytest.raises(rm.errors.EngineError, match="RM901"):
        solving.solve(programme(), engine="min-cost flow")


@pytest.mark.parametrize("name", BY_NAME)
def test_05_an_exception_inside_an_engine_is_not_swallowed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def broken(answer: Answer) -> Answer:
        raise rm.errors.EngineError(rm.errors.Problem("RM901", name, "failed"))

    spoil(monkeypatch, name, broken)
    with pytest.raises(rm.errors.EngineError, match="RM901"):
        solving.solve(programme(), engine=name)


def test_05_infeasible_has_no_values_and_no_pairs() -> None:
    plan = rm.match(programme(mentor_min_load=1, mentee_capacity=[1, 1, 0]))
    assert values(plan) is None
    assert [goal.value for goal in plan.goals] == [None, None, None]
    assert plan.objective is None
    assert plan.gap is None
    with pytest.raises(rm.errors.InfeasibleError, match="RM160"):
        held(plan)
    assert not solve(table(SCORES, mentor_min_load=1, mentee_capacity=[1, 1, 0])).feasible
