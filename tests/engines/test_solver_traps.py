"""Faults of the solvers, each with the guard that keeps it from users (docs/solver-traps.md lists them)."""

from __future__ import annotations

import signal
from typing import Any

import numpy as np
import pytest

import revmatch as rm
from engine_models import best_value, model_of, row_model
from grids import daily
from revmatch.engines import Assignment, CpSat, MinCostFlow, assignment, flow
from revmatch.engines.engine import Outcome
from revmatch.engines.network import COST_GUARD
from revmatch.solve.match import solve

# google/or-tools issue 5293: with its defaults, CP-SAT 9.15 says OPTIMAL 19
WORTH = [3, -3, 6, 9, -6, -9, -4, -2, -3, 9, -3, -4, -9, 2, 3, 3]
WEIGHTS = [
    1959631617, 1121372616, 1386140553, 1791934276, 2063321006, 1860038534, 1873377748, 1092764290, 1367262893,
    1095151711, 1628161328, 1992175753, 1175353648, 1397688686, 1540138555, 1474279886,
]  # fmt: skip
AT_MOST = [
    ([0, 1, 2, 3], 1), ([4, 5, 6], 1), ([7, 8], 1), ([9, 10, 11], 1), ([12, 13, 14, 15], 1), ([0, 4, 7, 9, 12], 2),
    ([1, 10, 13], 2), ([2, 5, 14], 1), ([8, 15], 2), ([3, 6, 11], 1),
]  # fmt: skip


def wrong_optimal_model(weights: list[int], least: int) -> Any:
    rows = [(columns, [1] * len(columns), bound) for columns, bound in AT_MOST]
    return row_model(WORTH, [*rows, (list(range(16)), [-weight for weight in weights], -least)])


def test_the_model_of_the_wrong_optimal_gives_21() -> None:
    model = wrong_optimal_model(WEIGHTS, 2948516336)
    answer = CpSat().solve(model, 0)
    assert answer.outcome is Outcome.OPTIMAL
    assert answer.pairs is not None
    assert model.value(model.with_switches(answer.pairs), 0) == 21 == best_value(model)


def test_the_parameter_that_keeps_presolve_honest_is_always_set(monkeypatch: pytest.MonkeyPatch) -> None:
    from ortools.sat.python import cp_model

    seen = []
    plain = cp_model.CpSolver.solve
    monkeypatch.setattr(
        cp_model.CpSolver, "solve", lambda self, model: (seen.append(self.parameters), plain(self, model))[1]
    )
    CpSat().solve(model_of([[1, 2], [3, 4]]), 0)
    assert [parameters.presolve_inclusion_work_limit for parameters in seen] == [0, 0]
    assert [parameters.cp_model_presolve for parameters in seen] == [True, False]
    assert all(parameters.num_workers == 1 for parameters in seen)
    assert all(not parameters.catch_sigint_signal for parameters in seen)
    assert all(parameters.relative_gap_limit == parameters.absolute_gap_limit * 0 for parameters in seen)


@pytest.mark.parametrize("seed", daily(2, range(5)))
@pytest.mark.parametrize("power", range(20, 46, 5))
def test_large_weights_in_a_row_agree_with_brute_force(power: int, seed: int) -> None:
    weights = [int(w) for w in np.random.default_rng((power, seed)).integers(2 ** (power - 1), 2**power, 16)]
    model = wrong_optimal_model(weights, sum(sorted(weights)[:3]) // 2)
    answer = CpSat().solve(model, 0)
    assert answer.pairs is not None
    assert model.value(model.with_switches(answer.pairs), 0) == best_value(model)


def test_rows_beyond_exact_numbers_are_refused() -> None:
    model = wrong_optimal_model([2**50] * 16, 2**50)
    assert "2**53" in str(CpSat().refuses(model, 0))


def test_two_solves_that_contradict_each_other_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from revmatch.engines import cpsat

    plain = cpsat._Built.solve

    def lying(self: Any, *, presolve: bool, **given: Any) -> Any:
        answer = plain(self, presolve=presolve, **given)
        if not presolve:
            return answer
        nothing = np.zeros_like(answer.pairs)
        return type(answer)(Outcome.OPTIMAL, nothing, bound=0)

    monkeypatch.setattr(cpsat._Built, "solve", lying)
    with pytest.raises(rm.errors.EngineError, match="contradict"):
        CpSat().solve(model_of([[1, 2], [3, 4]]), 0)


@pytest.mark.parametrize("status", ["UNKNOWN", "MODEL_INVALID"])
def test_nothing_is_read_without_a_solution(monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    from ortools.sat.python import cp_model

    monkeypatch.setattr(cp_model.CpSolver, "solve", lambda self, model: getattr(cp_model, status))
    monkeypatch.setattr(cp_model.CpSolver, "response_proto", property(lambda self: pytest.fail("was read")))
    if status == "MODEL_INVALID":
        with pytest.raises(rm.errors.EngineError, match="RM901"):
            CpSat().solve(model_of([[1]]), 0)
    else:
        answer = CpSat().solve(model_of([[1]]), 0)
        assert answer.outcome is Outcome.UNKNOWN
        assert (answer.pairs, answer.prices, answer.bound) == (None, None, None)


def test_an_unknown_leaves_no_bound_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from ortools.sat.python import cp_model

    monkeypatch.setattr(cp_model.CpSolver, "solve", lambda self, model: cp_model.UNKNOWN)
    plan = solve(rm.Programme.from_scores([[4, 5], [1, 4]]), engine="CP-SAT")
    assert plan.status is rm.Status.FEASIBLE
    assert plan.stopped_by == "time"
    assert plan.objective < plan.bound == 9


def test_flows_are_not_read_unless_optimal(monkeypatch: pytest.MonkeyPatch) -> None:
    from ortools.graph.python import min_cost_flow

    class Broken:
        OPTIMAL, INFEASIBLE = "optimal", "infeasible"

        def add_arcs_with_capacity_and_unit_cost(self, *arcs: Any) -> Any:
            assert [part.dtype for part in arcs] == [np.int32, np.int32, np.int64, np.int64]
            assert all((part >= 0).all() for part in arcs[:3])
            return np.arange(len(arcs[0]))

        def set_nodes_supplies(self, nodes: Any, supplies: Any) -> None:
            assert supplies.dtype == np.int64
            assert supplies.sum() == 0

        def solve(self) -> str:
            return "BAD_COST_RANGE"

        def flows(self, arcs: Any) -> Any:
            raise AssertionError("the solver would crash here")

    monkeypatch.setattr(min_cost_flow, "SimpleMinCostFlow", Broken)
    with pytest.raises(rm.errors.EngineError, match="BAD_COST_RANGE"):
        MinCostFlow().solve(model_of([[1, 2]]), 0)


class BrokenAssignment:
    """Stands in for the solver; reads like one that found nothing."""

    OPTIMAL = "optimal"

    def add_arcs_with_cost(self, *arcs: Any) -> None:
        assert [part.dtype for part in arcs] == [np.int32, np.int32, np.int64]
        assert all((part >= 0).all() for part in arcs[:2])

    def solve(self) -> str:
        return "POSSIBLE_OVERFLOW"

    def right_mate(self, person: int) -> int:
        raise AssertionError("the solver would crash here")


def test_an_assignment_is_not_read_unless_optimal(monkeypatch: pytest.MonkeyPatch) -> None:
    from ortools.graph.python import linear_sum_assignment

    monkeypatch.setattr(linear_sum_assignment, "SimpleLinearSumAssignment", BrokenAssignment)
    with pytest.raises(rm.errors.EngineError, match="POSSIBLE_OVERFLOW"):
        Assignment().solve(one_each([[1, 2], [3, 4]]), 0)


@pytest.mark.parametrize("hinted", [False, True])
@pytest.mark.parametrize(
    "forbidden",
    [
        [[True, True, True], [False, False, False], [False, False, False]],
        [[False, True, True], [False, True, True], [False, False, False]],
    ],
    ids=["one without a pair", "two for one"],
)
def test_the_assignment_solver_is_never_asked_for_what_does_not_exist(
    monkeypatch: pytest.MonkeyPatch, forbidden: Any, hinted: bool
) -> None:
    """On 7 million pairs it had not found that out after ten minutes; a known plan or a largest flow says so first."""
    from ortools.graph.python import linear_sum_assignment

    monkeypatch.setattr(linear_sum_assignment, "SimpleLinearSumAssignment", lambda: pytest.fail("was asked"))
    model = one_each(np.ones((3, 3), dtype=np.int64), forbidden=forbidden)
    hint = np.ones(model.columns.pairs, dtype=bool) if hinted else None
    answer = Assignment().solve(model, 0, hint=hint, start=np.zeros(6, dtype=np.int64))
    assert answer.outcome is Outcome.UNKNOWN
    assert (answer.pairs, answer.prices, answer.bound) == (None, None, None)


def test_a_known_plan_saves_looking_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    model = one_each([[3, 1], [2, 5]])
    plan = Assignment().solve(model, 0).pairs
    monkeypatch.setattr(assignment, "_any", lambda network: pytest.fail("was looked for"))
    assert np.array_equal(Assignment().solve(model, 0, hint=plan).pairs, plan)  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", [Assignment(), MinCostFlow()], ids=lambda engine: engine.name)
@pytest.mark.parametrize("people", [2, 5, 40, 200])
def test_the_cost_guard_lies_below_what_the_solvers_can_hold(engine: Any, people: int) -> None:
    """The largest score that the guard lets through is still solved; one above it is refused."""
    largest = (COST_GUARD - 1) // (2 * people + 3) ** 2
    scores = np.full((people, people), largest, dtype=np.int64)
    scores[np.arange(people), np.roll(np.arange(people), 1)] = -largest
    model = one_each(np.eye(people, dtype=np.int64))
    model = model.replace(columns=_worth(model, scores.ravel()))
    assert engine.refuses(model, 0) is None
    zero, far = np.zeros(2 * people, dtype=np.int64), np.full(2 * people, largest)
    for start in (None, zero, far, -far):
        answer = engine.solve(model, 0, start=start)
        assert answer.pairs is not None
        assert sum(scores.ravel()[answer.pairs].tolist()) == people * largest
    assert "overflow" in engine.refuses(model.replace(columns=_worth(model, scores.ravel() + 1)), 0)


def one_each(scores: Any, **given: Any) -> Any:
    """Model in which everybody must have exactly one partner."""
    return model_of(scores, mentor_min_load=1, mentee_min_load=1, **given)


def _worth(model: Any, worth: Any) -> Any:
    from dataclasses import replace

    return replace(model.columns, worth=worth[None, :])


def test_a_flow_too_large_for_its_guard_goes_to_another_engine() -> None:
    scores = np.full((2, 2), 2**50)
    scores[0, 0] = -(2**50)
    plan = rm.match(rm.Programme.from_scores(scores))
    assert plan.status is rm.Status.OPTIMAL
    assert plan.objective == 2**51
    big = rm.Programme.from_scores(np.arange(90_000).reshape(300, 300) + 2**44)
    with pytest.raises(rm.errors.ScaleError, match="RM110"):
        rm.match(big)


def test_the_interrupt_handler_is_left_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    CpSat().solve(model_of([[1, 2], [3, 4]]), 0)
    MinCostFlow().solve(model_of([[1, 2], [3, 4]]), 0)
    Assignment().solve(one_each([[1, 2], [3, 4]]), 0)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(("room", "solver"), [(flow, "_flow"), (assignment, "_assigned")])
def test_a_wrong_answer_never_becomes_a_plan(monkeypatch: pytest.MonkeyPatch, room: Any, solver: str) -> None:
    """The solver's answer is spoilt by one pair: match must refuse it."""
    plain = getattr(room, solver)

    def spoilt(network: Any) -> Any:
        chosen = plain(network).copy()
        chosen[np.flatnonzero(chosen)[:1]] = False
        return chosen

    monkeypatch.setattr(room, solver, spoilt)
    scores = [[3, 1], [2, 5]] if room is assignment else [[3, 1, 2], [2, 5, 1]]
    with pytest.raises((rm.errors.VerificationError, rm.errors.EngineError)):
        rm.match(rm.Programme.from_scores(scores))


def test_interrupt_during_a_goal_keeps_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, calls = flow._flow, []
    scores = np.random.default_rng(5).integers(0, 99, (6, 6))

    def interrupted(network: Any) -> Any:
        calls.append(network)
        if len(calls) == 4:  # two to see that not everybody can be matched, one for the first goal, and now
            raise KeyboardInterrupt
        return plain(network)

    monkeypatch.setattr(flow, "_flow", interrupted)
    forbidden = np.zeros((6, 6), dtype=bool)
    forbidden[1:, :2] = True
    plan = rm.match(rm.Programme.from_scores(scores, forbidden=forbidden))
    assert (plan.status, plan.stopped_by) == (rm.Status.FEASIBLE, "interrupt")
    assert len(plan.pairs) == 5
    assert rm.verify(plan).ok
    calls[:] = ["as if it came with the first solve of all"] * 3
    with pytest.raises(KeyboardInterrupt):
        rm.match(rm.Programme.from_scores(scores, forbidden=forbidden))
