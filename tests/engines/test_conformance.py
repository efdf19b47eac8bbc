"""One suite that every engine passes, each case as it is, transposed, and with its rows permuted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine_models import best_value, model_of
from grids import daily
from revmatch.engines import ENGINES, Assignment, CpSat, MinCostFlow, thin
from revmatch.engines.engine import Answer, Engine, Outcome
from revmatch.model import Model, ceiling
from revmatch.solve.face import narrowed

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
    "one each": {"scores": [[3, 1, 2], [2, 5, 1], [4, 4, 4]], "mentor_min_load": 1, "mentee_min_load": 1},
    "one each, all negative": {"scores": [[-1, -2], [-3, -1]], "mentor_min_load": 1, "mentee_min_load": 1},
    "one each, all the same": {"scores": np.full((4, 4), 5), "mentor_min_load": 1, "mentee_min_load": 1},
    "one each, and two of no capacity": {
        "scores": [[9, 9, 9], [9, 1, 2], [9, 2, 1]],
        "mentor_capacity": [0, 1, 1],
        "mentor_min_load": [0, 1, 1],
        "mentee_capacity": [0, 1, 1],
        "mentee_min_load": [0, 1, 1],
    },
    "one each, first partners": {
        "scores": [[1, 2], [2, 1]],
        "mentor_min_load": 1,
        "mentee_min_load": 1,
        "goals": ("Coverage",),
    },
    "one each, few pairs": {
        "scores": [[9, 1, 9], [1, 2, 9], [9, 3, 1]],
        "forbidden": [[True, False, False], [False, True, True], [False, False, True]],
        "mentor_min_load": 1,
        "mentee_min_load": 1,
    },
    "one each, two for one": {
        "scores": np.ones((3, 3), dtype=int),
        "forbidden": [[False, True, True], [False, True, True], [False, False, False]],
        "mentor_min_load": 1,
        "mentee_min_load": 1,
    },
    "one each, one without a pair": {
        "scores": np.ones((2, 2), dtype=int),
        "forbidden": [[True, True], [False, False]],
        "mentor_min_load": 1,
        "mentee_min_load": 1,
    },
}

#: The end that prices are moved to, and how a flow is told of its pairs; a third of all combinations every day.
WAYS = daily(
    2,
    [
        ("low", 1),
        ("middle", thin.PAIRS_A_PLACE),
        ("high", 1),
        ("low", thin.PAIRS_A_PLACE),
        ("middle", 1),
        ("high", thin.PAIRS_A_PLACE),
    ],
)

FLOW = MinCostFlow()
#: Engines and the cases that they take: only some are for one partner each.
TAKEN = [
    (engine, name)
    for engine in ENGINES
    for name in CASES
    if engine.name != "assignment" or name in ("nobody", "everybody forbidden") or name.startswith("one each")
]


def _id(value: Any) -> str:
    return value if isinstance(value, str) else str(value.name)


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


@pytest.mark.parametrize(("engine", "name"), TAKEN, ids=_id)
@pytest.mark.parametrize("variant", VARIANTS)
def test_finds_the_optimum(engine: Engine, variant: str, name: str) -> None:
    model = model_of(**VARIANTS[variant](CASES[name]))
    assert engine.refuses(model, 0) is None
    _is_best(engine, model, engine.solve(model, 0))


def _is_best(engine: Engine, model: Model, answer: Answer, goal: int = 0) -> None:
    expected = best_value(model, goal)
    if expected is None:
        # that nothing is possible is said with prices that prove it, or left to an engine that has them
        assert answer.outcome is (Outcome.UNKNOWN if engine.name == "assignment" else Outcome.INFEASIBLE)
        assert answer.pairs is None
        return
    assert answer.outcome is Outcome.OPTIMAL
    assert answer.pairs is not None
    chosen = model.with_switches(answer.pairs)
    assert model.holds(chosen)
    assert model.value(chosen, goal) == expected
    if answer.prices is None:
        assert engine.name == "CP-SAT"
    else:
        assert ceiling(model, goal, answer.prices) == expected


@pytest.mark.parametrize(
    ("engine", "name"), [taken for taken in TAKEN if taken[0].name in ("assignment", "min-cost flow")], ids=_id
)
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_prices_to_start_from_change_nothing(
    engine: Engine, name: str, way: tuple[Any, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Good prices, bad ones, ones far too large: the optimum is the same, and so are the proof and the answer twice."""
    end, pairs_a_place = way
    monkeypatch.setattr(thin, "PAIRS_A_PLACE", pairs_a_place)
    model = model_of(**CASES[name])
    people, rng = sum(model.shape), np.random.default_rng(len(name))
    cold = FLOW.solve(model, 0)
    assert cold.prices is not None
    for start in (None, cold.prices.person, *(rng.integers(-k, k + 1, people) for k in (1, 9, 2**62))):
        for hint in (None, cold.pairs, np.zeros(model.columns.pairs, dtype=bool)):
            answer, again = (engine.solve(model, 0, hint=hint, start=start, end=end) for _ in range(2))
            _is_best(engine, model, answer)
            assert (answer.pairs is None) == (again.pairs is None)
            assert answer.pairs is None or np.array_equal(answer.pairs, again.pairs)  # type: ignore[arg-type]
            assert (answer.prices is None) == (again.prices is None)
            assert answer.prices is None or np.array_equal(answer.prices.person, again.prices.person)  # type: ignore[union-attr]


def test_cp_sat_takes_prices_to_start_from_and_ignores_them() -> None:
    model = model_of(**CASES["square"])
    _is_best(CpSat(), model, CpSat().solve(model, 0, start=np.full(6, 9), end="high"))


def _face(name: str) -> Model | None:
    """The model that the goal of most pairs leaves; None if there is no plan."""
    model = model_of(**{**CASES[name], "goals": ("Pairs", "TotalScore")})
    flow = FLOW.solve(model, 0)
    if flow.outcome is Outcome.INFEASIBLE:
        return None
    assert flow.prices is not None
    return narrowed(model, 0, flow.prices)


POSSIBLE = [name for name, case in CASES.items() if np.size(case["scores"]) and _face(name) is not None]


@pytest.mark.parametrize("engine", ENGINES, ids=_id)
@pytest.mark.parametrize("name", POSSIBLE)
def test_keeps_what_is_decided(engine: Engine, name: str) -> None:
    """On the face that another goal left, the answer is the best of that face."""
    face = _face(name)
    assert face is not None
    if engine.refuses(face, 1):
        assert engine.name == "assignment"
        assert face.least.tolist() != face.most.tolist()
        return
    model = model_of(**{**CASES[name], "goals": ("Pairs", "TotalScore")})
    answer = engine.solve(face, 1)
    assert answer.pairs is not None
    chosen = face.with_switches(answer.pairs)
    assert face.holds(chosen)
    assert face.value(chosen, 1) == best_value(face, 1)
    # the face holds exactly the plans with the most pairs
    assert face.value(chosen, 0) == best_value(model, 0)


@pytest.mark.parametrize("engine", ENGINES[1:], ids=_id)
def test_who_may_have_nobody_is_no_first_partner(engine: Engine) -> None:
    """An earlier goal may have left somebody without room for anybody, and still worth a first partner."""
    forbidden = [[False, False, False], [True, False, True], [False, False, False]]
    model = model_of([[1, 1, 0], [0, 0, 0], [0, 0, -1]], forbidden=forbidden, goals=("TotalScore", "Coverage"))
    flow = FLOW.solve(model, 0)
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


@pytest.mark.parametrize("name", [name for name in CASES if best_value(model_of(**CASES[name])) is None])
def test_prices_prove_that_nothing_is_possible(name: str) -> None:
    model = model_of(**CASES[name])
    worthless = model.replace(columns=replace(model.columns, worth=np.zeros_like(model.columns.worth)))
    answer = FLOW.solve(model, 0)
    assert answer.prices is not None
    assert ceiling(worthless, 0, answer.prices) < 0


@pytest.mark.parametrize(
    ("why", "case"),
    [
        ("neither side", CASES["square"]),
        ("neither side", {**CASES["one each"], "mentor_min_load": [1, 1, 0], "mentee_min_load": [1, 0, 1]}),
        ("one each", {"scores": np.ones((2, 1)), "mentor_min_load": 1, "mentee_capacity": 2, "mentee_min_load": 2}),
        ("as many on both sides", {"scores": np.ones((2, 3)), "mentor_min_load": 1, "mentee_min_load": 1}),
    ],
)
def test_an_assignment_is_refused_where_it_is_none(why: str, case: dict[str, Any]) -> None:
    assert why in str(Assignment().refuses(model_of(**case), 0))


def test_an_assignment_where_one_side_must_and_the_other_may() -> None:
    """Who may take one partner takes one, if the others need them all; a price below 0 would not hold for them."""
    for side in ("mentor", "mentee"):
        model = model_of([[5, 1, 0], [1, 1, 1], [9, 0, 8]], **{f"{side}_min_load": 1})
        assert Assignment().refuses(model, 0) is None
        answer = Assignment().solve(model, 0)
        assert answer.outcome is Outcome.OPTIMAL
        assert answer.pairs is not None
        assert answer.prices is not None
        assert model.holds(model.with_switches(answer.pairs))
        assert model.value(model.with_switches(answer.pairs), 0) == ceiling(model, 0, answer.prices) == 14


def test_an_assignment_holds_no_rows() -> None:
    model = model_of(**CASES["one each"])
    one = np.ones(1, dtype=np.int64)
    assert "rows" in str(Assignment().refuses(model.replace(rows=model.rows.with_row(0, 0, one, one, 1)), 0))


def test_who_is_decided_needs_nobody_more() -> None:
    """What one partner each is left after pins and bans of an earlier goal; a pair of two who are done stays out."""
    model = model_of([[5, 9, 9], [9, 1, 2], [9, 2, 1]], mentor_min_load=1, mentee_min_load=1)
    columns = model.columns
    pinned = (columns.mentor == columns.mentor[0]) & (columns.mentee == columns.mentee[0])
    decided = model.replace(fixed_in=pinned)
    assert Assignment().refuses(decided, 0) is None
    _is_best(Assignment(), decided, Assignment().solve(decided, 0))
