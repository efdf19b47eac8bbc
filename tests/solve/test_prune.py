"""What is pruned is in no plan that could matter, whatever the prices; what is fixed is in every one."""

from __future__ import annotations

import numpy as np
import pytest

from engine_models import model_of
from revmatch.engines import MinCostFlow
from revmatch.model import Model, Prices, ceiling
from revmatch.policy.sides import Bools
from revmatch.solve.prune import pruned


def every_plan(model: Model) -> list[tuple[int, Bools]]:
    """Every set of pairs that the model allows, with its value."""
    count = model.columns.pairs
    found = []
    for bits in range(2**count):
        pairs = np.array([bits >> k & 1 for k in range(count)], dtype=bool)
        chosen = model.with_switches(pairs)
        if model.holds(chosen):
            found.append((model.value(chosen, 0), pairs))
    return found


@pytest.mark.parametrize(("goals", "least"), [(("TotalScore",), 50), (("Coverage",), 0)])
def test_no_plan_at_least_as_good_is_lost(goals: tuple[str, ...], least: int) -> None:
    decided = sum(decided_of(seed, goals) for seed in range(25))
    assert decided >= least, "hardly anything is ever pruned"


def decided_of(seed: int, goals: tuple[str, ...]) -> int:
    """Prune one small programme again and again, against all its plans; how many pairs that decided."""
    rng = np.random.default_rng(seed)
    n, m = (3, 3) if seed % 2 else (2, 4)
    model = model_of(rng.integers(-3, 9, (n, m)), goals=goals, mentee_capacity=int(rng.integers(1, 3)))
    plans, answer, decided = every_plan(model), MinCostFlow().solve(model, 0), 0
    assert answer.prices is not None
    values = sorted({value for value, _ in plans}, reverse=True)
    for noise in range(12):
        # any prices prove some ceiling, good ones and bad ones: it is their own that counts
        prices = Prices(answer.prices.person + rng.integers(-(noise // 3), noise // 3 + 1, n + m))
        known = values[int(rng.integers(min(3, len(values))))]
        left = pruned(model, 0, prices, ceiling(model, 0, prices) - known)
        count = model.columns.pairs
        for value, pairs in plans:
            if value >= known:
                assert not (pairs & left.fixed_out[:count]).any()
                assert (pairs | ~left.fixed_in[:count]).all()
        decided += int(left.fixed_out.sum() + left.fixed_in.sum())
    return decided
