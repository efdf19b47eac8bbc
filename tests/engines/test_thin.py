"""Solving on few pairs finds what solving on all of them finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from engine_models import model_of
from revmatch.engines import Assignment, MinCostFlow, assignment, flow, thin
from revmatch.engines.engine import Answer, Outcome
from revmatch.model import ceiling

SIZE = 40
SCORES = np.random.default_rng(7).integers(0, 200, (SIZE, SIZE))
ONE_EACH = {"mentor_min_load": 1, "mentee_min_load": 1}
BEST = int(SCORES[linear_sum_assignment(SCORES, maximize=True)].sum())


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs each solver was given, call by call."""
    sizes: list[int] = []
    for room, name in ((flow, "_flow"), (assignment, "_assigned")):
        plain = getattr(room, name)
        monkeypatch.setattr(room, name, lambda network, plain=plain: (sizes.append(len(network.i)), plain(network))[1])
    monkeypatch.setattr(thin, "PAIRS_A_PLACE", 4)
    return sizes


def is_best(model: Any, answer: Answer) -> None:
    assert answer.outcome is Outcome.OPTIMAL
    assert answer.pairs is not None
    assert answer.prices is not None
    chosen = model.with_switches(answer.pairs)
    assert model.holds(chosen)
    assert model.value(chosen, 0) == BEST == ceiling(model, 0, answer.prices)


@pytest.mark.parametrize("engine", [Assignment(), MinCostFlow()], ids=lambda engine: engine.name)
def test_good_prices_leave_few_pairs(engine: Any, solved: list[int]) -> None:
    model = model_of(SCORES, **ONE_EACH)
    cold = engine.solve(model, 0)
    is_best(model, cold)
    assert solved == [SIZE * SIZE]
    warm = engine.solve(model, 0, start=cold.prices.person, hint=cold.pairs)
    is_best(model, warm)
    assert len(solved) == 2
    assert solved[1] < SIZE * SIZE // 5
    assert np.array_equal(warm.prices.person, cold.prices.person)


@pytest.mark.parametrize("engine", [Assignment(), MinCostFlow()], ids=lambda engine: engine.name)
@pytest.mark.parametrize("seed", range(5))
def test_pairs_that_beat_the_prices_come_in(engine: Any, seed: int, solved: list[int]) -> None:
    """Prices of other scores leave out pairs that matter; they are found, at the latest with all pairs."""
    model, rng = model_of(SCORES, **ONE_EACH), np.random.default_rng(seed)
    start = rng.integers(0, 150, 2 * SIZE)
    answer = engine.solve(model, 0, start=start)
    is_best(model, answer)
    assert 1 < len(solved) <= thin.TRIES
    assert solved == sorted(solved)


def test_demands_that_few_pairs_cannot_meet_are_met_by_all(solved: list[int]) -> None:
    """The pairs next to these prices are those of four mentors alone, and everybody must be matched."""
    model = model_of(SCORES, **ONE_EACH)
    start = np.where(np.arange(2 * SIZE) < 4, -1000, 0)
    is_best(model, MinCostFlow().solve(model, 0, start=start))
    assert solved[:2] == [4 * SIZE, SIZE * SIZE]


def test_prices_that_could_overflow_are_left_aside(solved: list[int]) -> None:
    model = model_of(SCORES, **ONE_EACH)
    for huge in (2**50, 2**63 - 1, -(2**63)):
        is_best(model, MinCostFlow().solve(model, 0, start=np.full(2 * SIZE, huge)))
    assert solved == [SIZE * SIZE] * 3
