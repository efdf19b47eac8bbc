"""Invariants 3 to 5 with limits: what happens when an engine is wrong, is given too large numbers, or gives no answer.

Faults are put in as in ``test_invariants_engines``, at random moments of the match: in a relaxation, in a case, in a
step of a goal that compares people.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import revmatch as rm
from checks import match, reached, said, values
from grids import daily
from oracle import Case, solve
from revmatch.engines import CpSat, linear
from revmatch.engines.engine import Answer, Outcome
from revmatch.engines.linear import WHOLE, Linear
from revmatch.model import Prices
from strategies import seeded
from strategies_limits import LIMITED, taken
from test_agreement import check

#: What an engine that is caught says.
CAUGHT = (rm.errors.VerificationError, rm.errors.EngineError)


# --- 3: every answer is checked again ---------------------------------------------------------------------------------


Change = Callable[[Answer, int], Answer]


def rounded(answer: Answer) -> Any:
    """Pairs that an answer holds, or more than half of."""
    if answer.pairs is not None:
        return answer.pairs.copy()
    return np.zeros(0, dtype=bool) if answer.part is None else answer.part > WHOLE // 2


def a_plan(answer: Answer, k: int) -> Answer:
    """It claims that what it is undecided about is a plan."""
    return dataclasses.replace(answer, outcome=Outcome.OPTIMAL, pairs=rounded(answer))


def another_pair(answer: Answer, k: int) -> Answer:
    """One pair more, or one less."""
    pairs = rounded(answer)
    pairs[k % len(pairs) : k % len(pairs) + 1] ^= True
    return dataclasses.replace(answer, outcome=Outcome.OPTIMAL, pairs=pairs)


def no_pair(answer: Answer, k: int) -> Answer:
    return dataclasses.replace(answer, outcome=Outcome.OPTIMAL, pairs=np.zeros_like(rounded(answer)))


def every_pair(answer: Answer, k: int) -> Answer:
    return dataclasses.replace(answer, outcome=Outcome.OPTIMAL, pairs=np.ones_like(rounded(answer)))


def dear_people(answer: Answer, k: int) -> Answer:
    return priced(answer, person=answer.prices.person + (k % 13 - 6))


def cheap_rows(answer: Answer, k: int) -> Answer:
    """Prices of rows with the wrong sign, which would prove anything."""
    return priced(answer, price=-answer.prices.price * (1 + k % 5))


def wrong_unit(answer: Answer, k: int) -> Answer:
    return priced(answer, unit=answer.prices.unit + 1 + k % 3)


def no_plan(answer: Answer, k: int) -> Answer:
    """It says that nothing exists, with the prices of its ceiling."""
    return Answer(Outcome.INFEASIBLE, prices=answer.prices)


def no_plan_at_all(answer: Answer, k: int) -> Answer:
    return Answer(Outcome.INFEASIBLE, prices=Prices(np.zeros_like(answer.prices.person)))


def priced(answer: Answer, **changes: Any) -> Answer:
    return dataclasses.replace(answer, prices=dataclasses.replace(answer.prices, **changes))


CHANGES: tuple[Change, ...] = (
    a_plan, another_pair, no_pair, every_pair, dear_people, cheap_rows, wrong_unit, no_plan, no_plan_at_all,
)  # fmt: skip


def spoil(monkeypatch: pytest.MonkeyPatch, engine: type[Any], change: Change, seed: int) -> list[str]:
    """Let an engine give wrong answers now and then, or always; what was spoilt is noted."""
    draw, right = seeded(seed), engine.solve
    often = draw.pick((100, 50, 20))
    noted: list[str] = []

    def spoilt(self: Any, *given: Any, **options: Any) -> Answer:
        answer: Answer = right(self, *given, **options)
        if answer.outcome is Outcome.UNKNOWN or not len(rounded(answer)) or not draw.chance(often):
            return answer
        noted.append(change.__name__)
        return change(answer, draw.whole(0, 99))

    monkeypatch.setattr(engine, "solve", spoilt)
    return noted


def survives(case: Case, engine: type[Any], change: Change, seed: int) -> str:
    """Match with a faulty engine: the plan is right all the same, or there is none and the engine is named."""
    with pytest.MonkeyPatch.context() as patch:
        noted = spoil(patch, engine, change, seed)
        try:
            plan = match(case)
        except CAUGHT as error:
            assert error.code in ("RM900", "RM901")  # noqa: PT017 - either is fine, a wrong plan is not
            assert noted
            return "caught"
        check(case, plan)
    return "harmless" if noted else "not asked"


def ended_with(engine: type[Any], change: Change, seeds: range) -> Counter[str]:
    ended: Counter[str] = Counter()
    for recipe in LIMITED:
        for seed, case in taken(recipe, seeds):
            with said(f"{recipe}, {seed}, {change.__name__}"):
                ended[survives(case, engine, change, seed)] += 1
    return ended


@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize("seeds", daily(1, [range(6), range(20)]))
@pytest.mark.parametrize("change", CHANGES)
def test_03_a_wrong_answer_of_the_linear_programme_is_never_returned(change: Change, seeds: range) -> None:
    ended = ended_with(Linear, change, seeds)
    assert ended["caught"] + ended["harmless"] >= 10
    if change in (another_pair, no_pair, every_pair, no_plan_at_all):
        assert ended["caught"] >= 5


#: CP-SAT's claims about pairs are held against the model; its word that there is nothing more is all that it gives.
OF_PAIRS = (another_pair, every_pair)


@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize("change", OF_PAIRS)
def test_03_a_wrong_plan_of_cp_sat_is_never_returned(change: Change) -> None:
    ended = ended_with(CpSat, change, range(100, 106))
    assert ended["caught"] >= 5


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize("change", CHANGES)
def test_03_a_wrong_answer_is_never_returned_soak(change: Change) -> None:
    for engine in (Linear, CpSat)[: 1 + (change in OF_PAIRS)]:
        print(f"\n{change.__name__} of {engine.__name__}: {ended_with(engine, change, range(1_000, 1_200))}")


def triangle(**more: Any) -> rm.Programme:
    """No two of three mentors may have the same mentee: by prices alone, halves of all three are best."""
    three = [{"id": key} for key in "abc"]
    policy = rm.Policy(
        score=rm.score.Table([[3]] * 3),
        goals=["TotalScore"],
        limits=[rm.limits.Apart(list(two)) for two in ("ab", "bc", "ac")],
    )
    return rm.Programme(three, [{"id": "z", "capacity": 3, **more}], policy)


@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("least", [0, 2])
def test_03_a_wrong_answer_to_a_case_is_never_returned(
    monkeypatch: pytest.MonkeyPatch, change: Change, least: int
) -> None:
    """The linear programme is right until there are cases; a case that it gets wrong proves nothing."""
    made = triangle(min_load=least)
    right, calls = Linear.solve, []

    def spoilt(self: Any, *given: Any, **options: Any) -> Answer:
        answer = right(self, *given, **options)
        calls.append(1)
        return change(answer, 1) if len(calls) > 3 and len(rounded(answer)) else answer

    expected = rm.match(made)
    assert expected.proof in ("cases", "prices")
    monkeypatch.setattr(Linear, "solve", spoilt)
    try:
        plan = rm.match(made)
    except CAUGHT as error:
        assert error.code in ("RM900", "RM901")  # noqa: PT017 - either is fine, a wrong plan is not
    else:
        assert (plan.status, plan.goals) == (expected.status, expected.goals)
        assert rm.verify(plan).ok


# --- 4: large numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", daily(2, [20, 45, 52, 28, 33, 40, 48, 50]))
@pytest.mark.parametrize("recipe", ["limits_case", "stable_case", "goals_case"])
@pytest.mark.parametrize("block", daily(1, range(3)))
def test_04_large_scores_are_exact_or_refused(block: int, recipe: str, bits: int) -> None:
    """Rows, cases and goals that compare, where sums are large: right, or `ScaleError` before anything is solved."""
    refusals = 0
    for seed, case in taken(recipe, range(200 + 2 * block, 202 + 2 * block)):
        n, m = len(case.mentors), len(case.mentees)
        draw = seeded(seed)
        table = [[draw.whole(1, 1 << bits) for _ in range(m)] for _ in range(n)]
        large = dataclasses.replace(case, score=((1, "Table", {"scores": table}),) if n and m else ())
        with said(f"{recipe}, {seed}, {bits} bits"):
            try:
                check(large)
            except rm.errors.ScaleError as error:
                assert error.code == "RM110"  # noqa: PT017 - either is fine, a wrong plan is not
                refusals += 1
    assert not refusals or bits >= 45


# --- 5: no answer is no number ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize("seeds", daily(1, [range(4), range(10)]))
@pytest.mark.parametrize("says", ["nothing", "that nothing exists"])
def test_05_where_the_linear_programme_comes_to_no_end_others_decide(
    monkeypatch: pytest.MonkeyPatch, says: str, seeds: range
) -> None:
    """No prices are made up: the plan is right, and no more is claimed than what was proven."""
    none = None if says == "nothing" else linear.Solved(True, np.zeros(0), np.zeros(0), None)
    monkeypatch.setattr(linear.Programme, "solve", lambda self, *given, **more: none)
    proofs: Counter[str] = Counter()
    for recipe in LIMITED:
        for seed, case in taken(recipe, seeds):
            with said(f"{recipe}, {seed}"):
                plan = check(case)
                assert plan.proof != "cases"
                proofs[plan.proof] += 1
    assert proofs["engine"] >= 10


@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize("block", daily(1, range(2)))
@pytest.mark.parametrize("status", ["UNKNOWN", "INFEASIBLE", "MODEL_INVALID"])
def test_05_cp_sat_is_read_only_where_it_has_an_answer(
    monkeypatch: pytest.MonkeyPatch, status: str, block: int
) -> None:
    """Stable plans, which only CP-SAT can look for: no value of its own is read, and none is made up."""
    from ortools.sat.python import cp_model

    forced, right = getattr(cp_model, status), cp_model.CpSolver.solve

    def without_answer(self: Any, model: Any, *given: Any) -> Any:
        right(self, model)
        return forced

    monkeypatch.setattr(cp_model.CpSolver, "solve", without_answer)
    ended: Counter[Any] = Counter()
    for seed, case in taken("stable_case", range(20 * block, 20 * block + 20)):
        best = solve(case)
        try:
            plan = match(case)
        except CAUGHT as error:
            assert error.code == "RM901"  # noqa: PT017 - either is fine, a wrong plan is not
            assert status != "UNKNOWN"
            ended[error.code] += 1
            continue
        ended[plan.status] += 1
        assert rm.verify(plan).ok, seed
        if plan.status in (rm.Status.OPTIMAL, rm.Status.INFEASIBLE) and plan.proof != "engine":
            assert values(plan) == (best.values if best.feasible else None)
        elif plan.status == rm.Status.INFEASIBLE:  # taken on the word of what was forced
            assert status == "INFEASIBLE"
        elif plan.status == rm.Status.OPTIMAL:  # so is that a known plan cannot be beaten where people are compared
            assert status == "INFEASIBLE"
            assert any(goal.compares for goal in plan.programme.policy.goals)
            assert reached(case, plan) <= best.reached
        elif plan.status == rm.Status.FEASIBLE:
            assert plan.stopped_by == "time"
            assert reached(case, plan) <= best.reached
        else:
            assert (plan.status, plan.objective, plan.bound) == (rm.Status.NOT_FOUND, None, None)
            assert all(goal.value is None and goal.bound is None for goal in plan.goals)
    assert ended[{"UNKNOWN": rm.Status.NOT_FOUND, "MODEL_INVALID": "RM901"}.get(status, rm.Status.INFEASIBLE)]
