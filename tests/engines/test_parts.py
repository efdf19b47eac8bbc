"""CP-SAT on each part of a model by itself says what it says of the whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine_models import best_value, model_of
from revmatch.engines import parts as room
from revmatch.engines.cpsat import CpSat, _solved
from revmatch.engines.engine import Outcome
from revmatch.engines.parts import parts
from revmatch.model import Model


@pytest.fixture(autouse=True)
def _however_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SMALL", 1)


def sites(seed: int, *, needed: bool = False, rows: int = 3) -> Model:
    """Three sites, and nobody meets anybody elsewhere; rows that join some people; now and then one cannot be kept."""
    rng = np.random.default_rng(seed)
    scores, forbidden = rng.integers(1, 20, (6, 6)), np.ones((6, 6), dtype=bool)
    for site in range(3):
        here = slice(2 * site, 2 * site + 2)
        forbidden[here, here] = rng.random((2, 2)) < 0.2
    model = model_of(scores, forbidden=forbidden, mentor_capacity=2, mentee_min_load=int(needed))
    found = model.rows
    for k in range(rows):
        some = np.flatnonzero((model.columns.mentor[: model.columns.pairs] % 3) == k)
        some = some[rng.random(len(some)) < 0.5]
        found = found.with_row(k, 0, some, rng.choice([-1, 1, 2], len(some)), int(rng.integers(-1, 3)))
    return model.replace(rows=found)


def whole(model: Model) -> Any:
    return _solved(model, 0, hint=None, bound=None, deadline=None, work=None, found=None)


@pytest.mark.parametrize("needed", [False, True])
def test_the_parts_add_up(needed: bool) -> None:
    counts, outcomes = set(), set()
    for seed in range(60):
        model = sites(seed, needed=needed)
        counts.add(len(parts(model)))
        answer, value = CpSat().solve(model, 0), best_value(model)
        outcomes.add(answer.outcome)
        if value is None:
            assert answer.outcome is Outcome.INFEASIBLE
            continue
        assert answer.outcome is Outcome.OPTIMAL
        assert answer.bound == value
        assert answer.pairs is not None
        assert model.holds(model.with_switches(answer.pairs))
        assert model.value(model.with_switches(answer.pairs), 0) == value
    assert counts >= {1, 2, 3}
    assert outcomes == {Outcome.OPTIMAL, Outcome.INFEASIBLE}


@pytest.mark.parametrize("seed", range(20))
def test_parts_share_nothing(seed: int) -> None:
    model = sites(seed)
    each = parts(model)
    columns = np.concatenate([part.columns for part in each])
    assert len(np.unique(columns)) == len(columns)
    met: list[set[tuple[str, int]]] = []
    for part in each:
        here = model.columns
        row = np.isin(model.rows.column, part.columns)
        met.append(
            {("mentor", int(i)) for i in here.mentor[part.columns]}
            | {("mentee", int(j)) for j in here.mentee[part.columns]}
            | {("row", int(k)) for k in model.rows.row[row]}
        )
    assert sum(map(len, met)) == len(set().union(*met))


@pytest.mark.parametrize("seed", range(20))
def test_pairs_that_are_out_still_block(seed: int) -> None:
    plain, rng = sites(seed, rows=0), np.random.default_rng(seed)
    out = (rng.random(len(plain.columns)) < 0.2) & ~plain.fixed_in
    likes = rng.integers(1, 4, (1, 2, plain.columns.pairs))
    model = plain.replace(fixed_out=out, likes=likes, places=plain.most)
    assert len(parts(model)) == len(parts(plain)) > 1
    answer, other = CpSat().solve(model, 0), whole(model)
    assert (answer.outcome, answer.bound) == (other.outcome, other.bound)
    if answer.pairs is not None:
        assert model.holds(model.with_switches(answer.pairs))


def test_better_plans_of_parts_are_told_whole() -> None:
    model = sites(4)
    told: list[Any] = []
    answer = CpSat().solve(model, 0, found=told.append)
    assert answer.pairs is not None
    assert told
    assert all(model.holds(model.with_switches(pairs)) for pairs in told)
    values = [model.value(model.with_switches(pairs), 0) for pairs in told]
    assert values == sorted(values)
    assert values[-1] == answer.bound


def test_out_of_time_in_the_middle_keeps_what_was_known(monkeypatch: pytest.MonkeyPatch) -> None:
    from revmatch.engines import cpsat
    from revmatch.engines.engine import Answer

    model = sites(4)
    hint = CpSat().solve(model, 0).pairs
    assert hint is not None
    monkeypatch.setattr(cpsat, "_solved", lambda *given, **more: Answer(Outcome.UNKNOWN))
    late = CpSat().solve(model, 0, hint=hint, bound=99)
    assert late.outcome is Outcome.FEASIBLE
    assert np.array_equal(late.pairs, hint)
    assert late.bound == 99
    assert CpSat().solve(model, 0).outcome is Outcome.UNKNOWN
