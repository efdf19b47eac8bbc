"""A linear programme of weekly times that begins with a flow: a true basis, the same ceiling, and plans in between."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bridge import programme_of
from revmatch.engines import moments, programme, start
from revmatch.engines.basis import AT_LOWER, AT_UPPER, BASIC
from revmatch.engines.glop import Part
from revmatch.engines.linear import Linear
from revmatch.engines.mend import mended
from revmatch.engines.programme import Programme
from revmatch.graph.candidates import every_pair
from revmatch.graph.numbering import number
from revmatch.graph.tiles import looker
from revmatch.model import Model, total
from revmatch.model.build import build
from revmatch.model.slots import ROOMS
from strategies_limits import taken


def drawn(seeds: range) -> list[tuple[int, Model]]:
    """Models of small programmes with weekly times that can be in each other's way."""
    found = []
    for seed, case in taken("meetings_case", seeds):
        numbered = number(programme_of(case), 0)
        pairs = every_pair(numbered, looker(numbered))
        model = build(numbered, pairs.mentor, pairs.mentee, pairs.score)
        if model.slots is not None and not model.impossible:
            found.append((seed, model.replace(likes=model.likes[:0])))
    return found


DRAWN = drawn(range(36))


def started(model: Model, goal: int) -> tuple[Programme, start.Start | None]:
    part = model.of_columns(np.flatnonzero(~model.fixed_out))
    asked = Programme(part, goal)
    return asked, start.start_of(asked)


def test_most_have_a_start() -> None:
    found = [started(model, 0)[1] is not None for _, model in DRAWN]
    assert len(found) >= 12
    assert np.mean(found) > 0.7


@pytest.mark.parametrize(("seed", "model"), DRAWN)
def test_a_start_is_priced_right_and_only_breaks_rows_that_wait(seed: int, model: Model) -> None:
    for goal in range(len(model.columns.worth)):
        asked, begin = started(model, goal)
        if begin is None:
            continue
        table = np.zeros((len(begin.rows), len(begin.columns)))
        np.add.at(table, (asked.row, asked.column), asked.count)
        basic, tight = begin.columns == BASIC, begin.rows != BASIC
        assert basic.sum() == tight.sum()
        square = table[tight][:, basic]
        assert np.linalg.matrix_rank(square) == len(square)
        value = np.where(begin.columns == AT_UPPER, asked.upper, asked.lower)
        value[basic] = 0
        most = np.where(begin.rows == AT_UPPER, asked.at_most, asked.at_least)
        if not model.fixed_in.any():  # slots of pins are looked for later
            value[basic] = np.linalg.solve(square, (most - table @ value)[tight])
            assert (value > asked.lower - 1e-9).all()
            assert (value < asked.upper + 1e-9).all()
            inside = np.arange(len(begin.rows)) < 2 * sum(model.shape)
            inside |= tight
            sums = table @ value
            assert (sums[inside] > asked.at_least[inside] - 1e-9).all()
            assert (sums[inside] < asked.at_most[inside] + 1e-9).all()
        dual = np.zeros(len(begin.rows))
        dual[tight] = np.linalg.solve(square.T, asked.worth[basic])
        free = asked.at_least < asked.at_most
        assert (dual[free & (begin.rows == AT_UPPER)] > -1e-9).all()
        assert (dual[free & (begin.rows == AT_LOWER)] < 1e-9).all()
        left, moves = asked.worth - dual @ table, asked.lower < asked.upper
        assert (left[moves & (begin.columns == AT_LOWER)] < 1e-9).all()
        assert (left[moves & (begin.columns == AT_UPPER)] > -1e-9).all()


@pytest.mark.parametrize(("seed", "model"), DRAWN)
def test_the_ceiling_is_that_without_a_start(seed: int, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    for goal in range(len(model.columns.worth)):
        warm = Linear().solve(model, goal)
        with monkeypatch.context() as patch:
            patch.setattr(programme, "start_of", lambda asked: None)
            cold = Linear().solve(model, goal)
        assert (warm.prices is None) == (cold.prices is None)
        if warm.prices is not None and cold.prices is not None:
            ceilings = [total(model, goal, one.prices) / one.prices.unit for one in (warm, cold) if one.prices]
            assert ceilings[0] == pytest.approx(ceilings[1], abs=1e-4)


@pytest.mark.parametrize("near", [0, 1])
def test_columns_that_wait_come_in_when_they_tempt(near: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "NEAR", near)
    waited = 0
    for seed, model in DRAWN:
        _, begin = started(model, 0)
        waited += begin is not None and not begin.seen.all()
        test_the_ceiling_is_that_without_a_start(seed, model, monkeypatch)
    assert waited > 10


def test_islands_are_given_up_where_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "ISLANDS", 0)
    assert not any(started(model, 0)[1] for _, model in DRAWN[:5])


def fractions(model: Model) -> list[Any]:
    """Programmes of a model whose answer is no plan, with that answer."""
    found = []
    for goal in range(len(model.columns.worth)):
        asked, begin = started(model, goal)
        if begin is None:
            continue
        everything = np.ones(len(begin.columns), dtype=bool), np.ones(len(begin.rows), dtype=bool)
        answer = Part(asked, *everything).solve(None, None, dual=False)
        if answer is not None and not answer.infeasible and np.abs(answer.value - np.rint(answer.value)).max() > 1e-6:
            found.append((asked, answer))
    return found


def test_what_is_mended_keeps_every_row_and_is_worth_as_much() -> None:
    times = 0
    for _, model in drawn(range(90)):
        for asked, answer in fractions(model):
            value = mended(asked, answer, None)
            if value is None:
                continue
            times += 1
            sums = asked.sums(value)
            assert (value == np.rint(value)).all()
            assert (sums <= asked.at_most + 1e-9).all()
            assert (sums >= asked.at_least - 1e-9).all()
            assert (value >= asked.lower).all()
            assert (value <= asked.upper).all()
            assert asked.worth @ value >= np.floor(asked.worth @ answer.value + 1e-6) - 1e-6
    assert times


def test_rooms_wait() -> None:
    """The rows of rooms are in no flow: at first they are slack."""
    seen = 0
    for _, model in DRAWN:
        asked, begin = started(model, 0)
        if begin is None or asked.sessions is None:
            continue
        rooms = np.flatnonzero(asked.sessions.family == ROOMS) + len(begin.rows) - asked.crowds
        seen += len(rooms)
        assert (begin.rows[rooms] == BASIC).all()
    assert seen
