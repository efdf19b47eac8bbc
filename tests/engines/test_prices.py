"""Prices against their definition: all valid ones of small networks, and a plain search in Python."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import revmatch as rm
from engine_models import best_value, model_of
from revmatch.engines import MinCostFlow
from revmatch.engines.network import Network, network_of
from revmatch.engines.prices import End, residual_prices
from revmatch.model import Prices, ceiling
from revmatch.policy.sides import Ints

ENDS: tuple[End, ...] = ("low", "middle", "high")


@st.composite
def models(draw: st.DrawFn) -> Any:
    n, m = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    scores = draw(st.lists(st.integers(-3, 6), min_size=n * m, max_size=n * m))
    forbidden = draw(st.lists(st.booleans(), min_size=n * m, max_size=n * m))
    most = draw(st.lists(st.integers(0, 2), min_size=n + m, max_size=n + m))
    least = [min(high, draw(st.integers(0, 1))) for high in most]
    return model_of(
        np.reshape(scores, (n, m)),
        forbidden=np.reshape(forbidden, (n, m)),
        mentor_capacity=most[:n],
        mentee_capacity=most[n:],
        mentor_min_load=least[:n],
        mentee_min_load=least[n:],
        goals=(draw(st.sampled_from(["TotalScore", "Coverage", "Coverage(mentee)"])),),
    )


def constraints(network: Network, chosen: Any) -> list[tuple[int, int, int]]:
    """Every (u, v, c) with "v's distance is at most u's and c more"; the outside is the last node."""
    outside, found = len(network.least), []
    for i, j, worth, is_in in zip(network.i, network.j, network.worth, chosen, strict=True):
        found.append((j, i, worth) if is_in else (i, j, -worth))
    for person in range(outside):
        degree = int(network.fixed[person] + (chosen & ((network.i == person) | (network.j == person))).sum())
        bonus, until = int(network.bonus[person]), int(network.until[person])
        more = (outside, person) if person < network.mentors else (person, outside)
        if degree < network.most[person]:
            found.append((*more, -(bonus if degree < until else 0)))
        if degree > network.least[person]:
            found.append((*more[::-1], bonus if degree <= until else 0))
    return [(int(u), int(v), int(c)) for u, v, c in found]


def largest_below(arcs: list[tuple[int, int, int]], distance: list[int]) -> list[int]:
    """Bellman and Ford, word for word."""
    changed = True
    while changed:
        changed = False
        for u, v, c in arcs:
            if distance[u] + c < distance[v]:
                distance[v], changed = distance[u] + c, True
    return distance


def expected(network: Network, chosen: Any, start: list[int], end: End) -> list[int]:
    sign = [1 if person < network.mentors else -1 for person in range(len(start))]
    root = [s * y for s, y in zip(sign, start, strict=True)] + [0]
    arcs = constraints(network, chosen)
    low = largest_below(arcs, list(root))
    high = [-d for d in largest_below([(v, u, c) for u, v, c in arcs], [-d for d in root])]
    low, high = ([d - found[-1] for d in found[:-1]] for found in (low, high))
    halfway = [(a + b) // 2 for a, b in zip(low, high, strict=True)]
    return [s * d for s, d in zip(sign, {"low": low, "middle": halfway, "high": high}[end], strict=True)]


@given(models(), st.sampled_from(ENDS), st.lists(st.integers(-9, 9), min_size=6, max_size=6), st.booleans())
def test_prices_are_the_valid_ones_next_to_the_start(model: Any, end: End, start: list[int], cold: bool) -> None:
    answer = MinCostFlow().solve(model, 0)
    if answer.pairs is None:
        assert best_value(model) is None
        return
    network = network_of(model, 0)
    chosen, people = answer.pairs[network.free], sum(model.shape)
    first = np.zeros(people, dtype=np.int64) if cold else np.array(start[:people], dtype=np.int64)
    prices = residual_prices(network, chosen, start=None if cold else first, end=end)
    assert prices.tolist() == expected(network, chosen, first.tolist(), end)
    assert ceiling(model, 0, Prices(prices)) == best_value(model)
    again = residual_prices(network, chosen, start=prices, end=end)
    assert np.array_equal(again, prices)  # valid ones stay as they are


@given(models(), st.sampled_from(ENDS))
def test_all_best_flows_have_the_same_prices(model: Any, end: End) -> None:
    network, best = network_of(model, 0), best_value(model)
    found: list[Ints] = []
    for pairs in product([False, True], repeat=len(network.i)):
        chosen = np.array(pairs, dtype=bool)
        columns = model.with_switches(chosen)
        if model.holds(columns) and model.value(columns, 0) == best:
            found.append(residual_prices(network, chosen, end=end))
    assert all(np.array_equal(prices, found[0]) for prices in found)


@pytest.mark.parametrize("end", ENDS)
def test_a_flow_that_is_not_best_has_no_prices(end: End) -> None:
    network = network_of(model_of([[3, 1], [1, 3]]), 0)
    worst = np.array([1, 1, 1, 1]) == network.worth
    with pytest.raises(rm.errors.EngineError, match="RM901"):
        residual_prices(network, worst, end=end)


def both_ends(model: Any) -> tuple[Any, list[Ints]]:
    network, answer = network_of(model, 0), MinCostFlow().solve(model, 0)
    assert answer.pairs is not None
    chosen = answer.pairs[network.free]
    degree = np.bincount(np.concatenate([network.i[chosen], network.j[chosen]]), minlength=sum(model.shape))
    return degree, [residual_prices(network, chosen, end=end) for end in ENDS]


def test_mentors_are_cheapest_at_the_low_end_and_dearest_at_the_high_one() -> None:
    """Of a programme in which nobody is left over; for mentees it is the other way round."""
    scores = np.random.default_rng(3).integers(1, 100, (30, 30))
    _, (low, middle, high) = both_ends(model_of(scores, mentor_min_load=1, mentee_min_load=1))
    for side, order in ((slice(0, 30), (low, middle, high)), (slice(30, 60), (high, middle, low))):
        assert all((one[side] <= other[side]).all() for one, other in pairwise(order))
        assert (low[side] != high[side]).any()


def test_who_is_left_over_costs_nothing() -> None:
    """At the low end where mentors are, at the high one where mentees are: so nobody new beats the prices of all."""
    scores = np.random.default_rng(3).integers(1, 100, (40, 15))
    for table, end in ((scores, "low"), (scores.T, "high")):
        degree, prices = both_ends(model_of(table))
        assert (degree == 0).sum() == 25
        assert not prices[ENDS.index(end)][degree == 0].any()  # type: ignore[arg-type]
