"""`plan.ties` against counting the best plans one by one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import revmatch as rm


def best_plans(scores: np.ndarray, forbidden: np.ndarray, capacity: tuple[int, int], least: int) -> int:
    """How many plans have the most pairs and, among those, the highest total."""
    places = [tuple(at) for at in np.argwhere(~forbidden)]
    found: list[tuple[int, int]] = []
    for choice in product((0, 1), repeat=len(places)):
        held = np.zeros(scores.shape, dtype=int)
        for at, taken in zip(places, choice, strict=True):
            held[at] = taken
        if (held.sum(1) <= capacity[0]).all() and (held.sum(0) <= capacity[1]).all() and (held.sum(0) >= least).all():
            found.append((int(held.sum()), int((held * scores).sum())))
    return found.count(max(found)) if found else 0


@pytest.mark.parametrize("seed", range(60))
def test_ties_as_counted(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 5), rng.integers(1, 4)
    scores = rng.integers(0, 6, (n, m))
    forbidden = rng.random((n, m)) < 0.3
    capacity, least = (int(rng.integers(1, 3)), int(rng.integers(1, 3))), int(rng.integers(0, 2))
    programme = rm.Programme.from_scores(
        scores,
        forbidden=forbidden,
        mentor_capacity=capacity[0],
        mentee_capacity=capacity[1],
        mentee_min_load=least,
        policy=rm.Policy(goals=["Pairs", "TotalScore"]),
    )
    plan = rm.match(programme)
    count = best_plans(scores, forbidden, capacity, least)
    assert plan.found == (count > 0)
    assert plan.ties is (None if not count else count > 1)


def test_everybody_identical_is_a_tie() -> None:
    plan = rm.match(rm.Programme.from_scores(np.ones((3, 3), dtype=int)))
    assert plan.ties is True
    assert rm.match(rm.Programme.from_scores([[2]])).ties is False
