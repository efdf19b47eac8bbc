"""The child process of the engines says what an engine says here, and tells of plans on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import revmatch as rm
from children import MODEL, chain, children, endless, only, small, whole_model
from revmatch.engines import ENGINES, Assignment, CpSat, Linear, MinCostFlow, worker
from revmatch.engines.engine import Outcome


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_an_engine_says_the_same_in_the_child(engine: Any) -> None:
    here, there = engine.solve(MODEL, 0), worker.solve(engine, MODEL, 0)
    assert here.outcome is there.outcome is Outcome.OPTIMAL
    assert here.bound == there.bound
    assert np.array_equal(here.pairs, there.pairs)
    if here.prices is not None:
        assert np.array_equal(here.prices.person, there.prices.person)


PROGRAMMES = [
    *(small(seed) for seed in range(4)),
    rm.Programme.from_scores(np.arange(30).reshape(5, 6) % 7, policy=rm.Policy(limits=[rm.limits.Apart(["0", "2"])])),
    rm.Programme.from_scores(np.arange(42).reshape(6, 7) % 10, mentor_capacity=2, mentee_min_load=1),
    rm.Programme.from_scores([[1, 2], [3, 4]], mentor_min_load=1, mentee_capacity=[1, 0]),
    rm.Programme.from_scores([[1, 2], [3, 4]], mentor_min_load=2, mentor_capacity=2),
    rm.Programme.from_scores([[-1, 2.5], [3, 0.25]], policy=rm.Policy(goals=["TotalScore"])),
    rm.datasets.programme(60, 40),
    rm.Programme.from_scores(np.ones((5, 5)), policy=rm.Policy(limits=["TotalPairs(at_most=3)"])),
    rm.Programme.from_scores(np.eye(6), policy=rm.Policy(goals=["Pairs", "WorstOff", "TotalScore"])),
]


@pytest.mark.parametrize("k", range(len(PROGRAMMES)))
def test_a_plan_is_the_same_byte_for_byte(k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    plans = []
    for quick in ({}, {engine.name: 1 << 60 for engine in ENGINES}):
        monkeypatch.setattr(worker, "QUICK", quick)
        plans.append(rm.match(PROGRAMMES[k]))
    aside, here = plans
    assert aside.to_json() == here.to_json()
    assert aside.route == here.route


def test_one_child_serves_all(cold: None, everything_aside: None) -> None:
    rm.match(PROGRAMMES[0])
    pid = only()
    for programme in PROGRAMMES[:6]:
        rm.match(programme)
    assert only() == pid


def test_small_flows_need_no_child(cold: None) -> None:
    rm.match(rm.Programme.from_scores(np.random.default_rng(0).integers(0, 9, (60, 60))))
    assert children() == {}


def test_an_error_of_an_engine_is_that_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(rm.errors.EngineError) as caught:
        # neither text nor a number of this model: the child's own fault, which it tells
        worker.solve(CpSat(), MODEL, 7)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("RM901", "CP-SAT")
    assert problem.expected.startswith("IndexError")
    assert worker.solve(CpSat(), MODEL, 0).outcome is Outcome.OPTIMAL  # it goes on


# -- what an engine tells on the way ----------------------------------------------------------------------------------


def test_better_plans_are_told_as_they_are_found() -> None:
    model = whole_model(endless())
    told: list[Any] = []
    answer = worker.solve(CpSat(), model, 0, work=0.2, found=told.append)
    assert all(model.holds(model.with_switches(pairs)) for pairs in told)
    values = [model.value(model.with_switches(pairs), 0) for pairs in told]
    assert len(values) > 1
    assert values == sorted(values)
    assert answer.pairs is not None
    assert model.value(model.with_switches(answer.pairs), 0) == values[-1]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_an_error_of_who_is_told_ends_the_search(error: type[BaseException]) -> None:
    def fail(pairs: Any) -> None:
        raise error

    for solve in (CpSat().solve, lambda *given, **options: worker.solve(CpSat(), *given, **options)):
        with pytest.raises(error):
            solve(whole_model(endless()), 0, found=fail)
    assert children() == {}


@pytest.mark.parametrize(
    ("engine", "goes"), [(Assignment(), False), (MinCostFlow(), False), (Linear(), True), (CpSat(), True)]
)
def test_which_engines_are_quick(engine: Any, goes: bool) -> None:
    assert worker.quick(engine, MODEL) is not goes
    assert not worker.quick(engine, whole_model(chain(6_000)))
