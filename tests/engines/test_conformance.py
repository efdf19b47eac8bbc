"""One suite that every engine passes, each case as it is, transposed, and with its rows permuted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine_models import best_value, model_of
from revmatch.engines import ENGINES
from revmatch.engines.engine import Engine, Outcome
from revmatch.solve.face import ceiling, narrowed

SIDES = {"mentor_capacity": "mentee_capacity", "mentor_min_load": "mentee_min_load"}
SIDES |= {other: one for one, other in SIDES.items()}

CASES: dict[str, dict[str, Any]] = {
    "one pair": {"scores": [[7]]},
    "no mentor": {"scores": np.zeros((0, 3), dtype=int)},
    "nobody": {"scores": np.zeros((0, 0), dtype=int)},
    "square": {"scores": [[3, 1, 2], [2, 5, 1], [4, 4, 4]]},
    "wide": {"scores": [[3, 1, 2, 9, 9]]},
    "all the same": {"scores": np.full((3, 4), 5)},
    "all nothing": {"scores": np.zeros((3, 3), dtype=int)},
    "all negative": {"scores": [[-1, -2], [-3, -4]]},
    "negative, but asked for": {"scores": [[-1, -2], [-3, -4]], "mentor_min_load": 1},
    "capacities": {"scores": [[3, 1, 2], [2, 5, 1]], "mentor_capacity": [2, 1], "mentee_capacity": [1, 2, 0]},
    "no capacity": {"scores": [[3, 1], [2, 5]], "mentor_capacity": 0},
    "forbidden": {"scores": [[9, 1], [9, 1]], "forbidden": [[False, True], [False, True]]},
    "everything forbidden": {"scores": [[9, 1]], "forbidden": [[True, True]]},
    "least and most": {
        "scores": [[5, -9, 1], [4, 2, -3]],
        "mentor_capacity": 3,
        "mentee_capacity": 2,
        "mentee_min_load": [0, 2, 1],
    },
    "too much asked": {"scores": [[1, 1], [1, 1]], "mentor_min_load": 1, "forbidden": [[False, True], [False, True]]},
    "asked of nobody": {"scores": [[1, 1]], "mentor_min_load": 1, "forbidden": [[True, True]]},
    "two for one": {"scores": [[2], [3]], "mentor_min_load": 1, "mentee_capacity": 1},
    "first partners": {"scores": [[9, 0], [9, 9]], "goals": ("Coverage",), "mentor_capacity": 2, "mentee_capacity": 2},
    "first mentees": {"scores": [[1, 1, 1]], "goals": ("Coverage(mentee)",), "mentor_capacity": 2},
    "most pairs": {"scores": [[-1, -1], [-1, -1]], "goals": ("Pairs",), "mentor_capacity": 2},
    "large scores": {"scores": [[2**40, 2**40 - 1], [2**40 - 1, 1]]},
}


def _transposed(case: dict[str, Any]) -> dict[str, Any]:
    flipped = {SIDES.get(key, key): value for key, value in case.items()}
    for key in ("scores", "forbidden"):
        if key in flipped:
            flipped[key] = np.asarray(flipped[key]).T
    flipped["goals"] = tuple(goal.replace("(mentee)", "(mentor)") for goal in case.get("goals", ("TotalScore",)))
    return flipped


def _permuted(case: dict[str, Any]) -> dict[str, Any]:
    n = len(np.asarray(case["scores"]))
    order = np.random.default_rng(n).permutation(n)
    return {
        key: np.asarray(value)[order]
        if key in ("scores", "forbidden", "mentor_capacity", "mentor_min_load") and np.ndim(value)
        else value
        for key, value in case.items()
    }


VARIANTS = {"as it is": lambda case: case, "transposed": _transposed, "permuted": _permuted}


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", CASES)
def test_finds_the_optimum(engine: Engine, variant: str, name: str) -> None:
    model = model_of(**VARIANTS[variant](CASES[name]))
    assert engine.refuses(model, 0) is None
    answer = engine.solve(model, 0)
    expected = best_value(model)
    if expected is None:
        assert answer.outcome is Outcome.INFEASIBLE
        assert answer.pairs is None
        return
    assert answer.outcome is Outcome.OPTIMAL
    assert answer.pairs is not None
    chosen = model.with_switches(answer.pairs)
    assert model.holds(chosen)
    assert model.value(chosen, 0) == expected


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if np.size(case["scores"])])
def test_keeps_what_is_decided(engine: Engine, name: str) -> None:
    """On the face that another goal left, the answer is the best of that face."""
    case = {**CASES[name], "goals": ("Pairs", "TotalScore")}
    model = model_of(**case)
    flow = ENGINES[0].solve(model, 0)
    if flow.outcome is Outcome.INFEASIBLE:
        return
    assert flow.prices is not None
    face = narrowed(model, 0, flow.prices)
    answer = engine.solve(face, 1)
    assert answer.pairs is not None
    chosen = face.with_switches(answer.pairs)
    assert face.holds(chosen)
    assert face.value(chosen, 1) == best_value(face, 1)
    # the face holds exactly the plans with the most pairs
    assert face.value(chosen, 0) == best_value(model, 0)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_who_may_have_nobody_is_no_first_partner(engine: Engine) -> None:
    """An earlier goal may have left somebody without room for anybody, and still worth a first partner."""
    forbidden = [[False, False, False], [True, False, True], [False, False, False]]
    model = model_of([[1, 1, 0], [0, 0, 0], [0, 0, -1]], forbidden=forbidden, goals=("TotalScore", "Coverage"))
    flow = ENGINES[0].solve(model, 0)
    assert flow.prices is not None
    face = narrowed(model, 0, flow.prices)
    shut = face.replace(
        most=np.where(np.arange(6) == 5, 0, face.most), least=np.where(np.arange(6) == 5, 0, face.least)
    )
    answer = engine.solve(shut, 1)
    assert answer.pairs is not None
    chosen = shut.with_switches(answer.pairs)
    assert shut.holds(chosen)
    assert shut.value(chosen, 1) == best_value(shut, 1)


@pytest.mark.parametrize("name", CASES)
def test_prices_prove_the_flow(name: str) -> None:
    model = model_of(**CASES[name])
    answer = ENGINES[0].solve(model, 0)
    assert answer.prices is not None
    if answer.pairs is None:
        assert best_value(model) is None
        return
    assert ceiling(model, 0, answer.prices) == best_value(model)
