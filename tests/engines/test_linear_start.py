"""A linear programme that begins where a similar one ended gives the same ceiling, and really begins there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine_models import model_of
from revmatch.engines import glop, linear, programme
from revmatch.engines.basis import Basis
from revmatch.engines.engine import Answer, Outcome
from revmatch.engines.linear import WHOLE, Linear
from revmatch.model import Model, Prices, total

SCORES = np.random.default_rng(11).integers(1, 60, (12, 10))


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each call of the solver, whether it was given a basis."""
    seen: list[bool] = []
    plain = glop.Part._begin

    def begin(self: glop.Part, start: glop.Status, proto: Any) -> None:
        plain(self, start, proto)
        seen.append(len(proto.variable_status.ids) > 0)

    monkeypatch.setattr(glop.Part, "_begin", begin)
    return seen


def knapsacks(seed: int) -> Model:
    """A model whose relaxation has fractions: weights that fill some rows, each of which counts many pairs."""
    model, rng = model_of(SCORES, mentor_capacity=2, mentee_capacity=2), np.random.default_rng(seed)
    rows = model.rows
    for k in range(3):
        columns = np.sort(rng.permutation(model.columns.pairs)[:60])
        rows = rows.with_row(k, 0, columns, rng.integers(1, 9, 60), int(rng.integers(15, 30)))
    return model.replace(rows=rows)


def ceiling_of(model: Model, answer: Answer) -> float:
    assert answer.outcome in (Outcome.RELAXED, Outcome.OPTIMAL)
    assert answer.prices is not None
    return total(model, 0, answer.prices) / answer.prices.unit


@pytest.mark.parametrize("way", ["in", "out"])
@pytest.mark.parametrize("seed", range(4))
def test_a_column_that_is_decided(seed: int, way: str, begun: list[bool]) -> None:
    model = knapsacks(seed)
    root = Linear().solve(model, 0)
    assert root.part is not None
    undecided = np.minimum(root.part, WHOLE - root.part)
    decided = np.zeros(len(model.columns), dtype=bool)
    decided[undecided.argmax()] = True
    assert undecided.max() > 0
    part = model.replace(**{f"fixed_{way}": decided})
    warm = Linear().solve(part, 0, start=root.basis)
    assert begun == [True]
    assert ceiling_of(part, warm) == pytest.approx(ceiling_of(part, Linear().solve(part, 0)), abs=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_columns_that_are_new(seed: int, begun: list[bool]) -> None:
    model = knapsacks(seed)
    few = model.replace(fixed_out=np.random.default_rng(seed).random(len(model.columns)) < 0.5)
    warm = Linear().solve(model, 0, start=Linear().solve(few, 0).basis)
    assert begun == [True]
    assert ceiling_of(model, warm) == pytest.approx(ceiling_of(model, Linear().solve(model, 0)), abs=1e-4)


@pytest.mark.parametrize("wrong", [False, True])
def test_prices_alone(wrong: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pairs near them are asked first; those that they hide come in."""
    monkeypatch.setattr(linear, "FEW", 10)
    monkeypatch.setattr(linear, "FEW_EACH", 1)
    model = knapsacks(0)
    cold = Linear().solve(model, 0)
    assert cold.prices is not None
    person = np.random.default_rng(1).integers(0, 60, sum(model.shape)) if wrong else cold.prices.person
    start = Basis.of_prices(Prices(person, unit=1 if wrong else cold.prices.unit)).packed()
    assert ceiling_of(model, Linear().solve(model, 0, start=start)) == pytest.approx(ceiling_of(model, cold), abs=1e-4)


def test_what_is_out_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    plain = programme.Programme.__init__
    monkeypatch.setattr(
        programme.Programme,
        "__init__",
        lambda self, model, *given, **more: (seen.append(len(model.columns)), plain(self, model, *given, **more))[1],
    )
    model = knapsacks(1)
    out = np.random.default_rng(2).random(len(model.columns)) < 0.5
    answer = Linear().solve(model.replace(fixed_out=out), 0)
    assert seen == [int((~out).sum())]
    assert answer.part is not None
    assert len(answer.part) == len(model.columns)
    assert not answer.part[out].any()


def test_a_start_with_which_the_solver_fails_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends "ABNORMAL" then, and raises: the same is solved again without a start."""
    from pybind11_abseil.status import BuildStatusNotOk, StatusCode

    model, plain, starts = knapsacks(0), glop.Part.called, []
    root = Linear().solve(model, 0)

    def called(self: glop.Part, how: Any, start: glop.Status | None) -> Any:
        starts.append(start is not None)
        if start is not None:
            raise BuildStatusNotOk(StatusCode.INTERNAL, "Unexpected GLOP termination reason: ABNORMAL")
        return plain(self, how, start)

    monkeypatch.setattr(glop.Part, "called", called)
    answer = Linear().solve(model, 0, start=root.basis)
    assert starts == [True, False]
    assert ceiling_of(model, answer) == ceiling_of(model, root)
