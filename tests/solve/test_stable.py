"""What is decided of stable plans by score holds in every one of them; the greedy plan is one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import revmatch as rm
from revmatch.graph.hands import Hands
from revmatch.graph.numbering import number
from revmatch.model import Model
from revmatch.solve.begin import begin
from revmatch.solve.first import first_plan
from revmatch.solve.search import Options
from revmatch.solve.stable import decided


def drawn(seed: int) -> rm.Programme:
    """Up to 12 pairs, with ties and several places."""
    lot = np.random.default_rng(seed)
    n, m = ((2, 5), (3, 4), (4, 3), (3, 3))[seed % 4]
    policy = rm.Policy(limits=["Stable"], goals=["TotalScore"])
    return rm.Programme.from_scores(
        lot.integers(-2, lot.integers(1, 14), (n, m)),
        policy=policy,
        mentor_capacity=lot.integers(0, 4, n),
        mentee_capacity=lot.integers(0, 4, m),
        forbidden=lot.random((n, m)) < 0.2,
    )


def model_of(programme: rm.Programme) -> Model:
    return begin(number(programme, 0), Options(), Hands(1, None)).whole_model()


def stable_plans(model: Model) -> list[np.ndarray]:
    plans = (np.array(plan, dtype=bool) for plan in product((False, True), repeat=model.columns.pairs))
    return [plan for plan in plans if model.holds(model.with_switches(plan))]


@pytest.mark.parametrize("seed", range(60))
def test_every_stable_plan_keeps_what_is_decided(seed: int) -> None:
    model = model_of(drawn(seed))
    plans, some = stable_plans(model), decided(model)
    pairs = model.columns.pairs
    assert plans
    for plan in plans:
        assert plan[some.fixed_in[:pairs]].all()
        assert not plan[some.fixed_out[:pairs]].any()
    if not some.free.any():
        assert len(plans) == 1


@pytest.mark.parametrize("seed", range(60))
def test_the_greedy_plan_is_stable(seed: int) -> None:
    model = model_of(drawn(seed))
    plan = first_plan(model, 0)
    assert plan is not None
    assert model.holds(model.with_switches(plan))


def test_without_ties_everything_is_decided() -> None:
    scores = np.random.default_rng(1).permutation(400).reshape(20, 20)
    plan = rm.match(
        rm.Programme.from_scores(scores, policy=rm.Policy(limits=["Stable"], goals=["Pairs", "TotalScore"]))
    )
    model = decided(model_of(plan.programme))
    assert not model.free.any()
    assert sorted(pair.score for pair in plan.pairs) == sorted(model.columns.score[model.fixed_in[:400]])
    assert plan.status is rm.Status.OPTIMAL
    assert rm.verify(plan).ok
