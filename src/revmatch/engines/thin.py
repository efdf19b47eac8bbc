"""Solve a network on few of its pairs, where prices are known that are nearly right.

A pair whose worth is far below the prices of its two people is in no good plan. So only the others are solved; then the
prices of that answer are compared with every pair that was left aside, and those that beat them come in. When none
does, the answer and its prices are best for the whole network: column generation, as in `revmatch.solve.pricing`, but
on pairs that are at hand.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from revmatch.engines.network import COST_GUARD, Network
from revmatch.engines.prices import End, residual_prices
from revmatch.policy.sides import Bools, Ints

#: Pairs that are kept for each place that can be filled.
PAIRS_A_PLACE = 12
#: Tries, after which the whole network is solved.
TRIES = 4


def best(
    network: Network, solve: Callable[[Network], Bools | None], *, start: Ints | None, end: End, known: Bools | None
) -> tuple[Bools, Ints] | None:
    """Best flow of a network and its prices; None if the demands cannot be met.

    Parameters
    ----------
    network : Network
    solve : callable
        Which pairs the best flow of a network uses; None if its demands cannot be met.
    start : ndarray of int64, optional
        Prices that are nearly right.
    end : {"low", "middle", "high"}
        Which of all valid prices.
    known : ndarray of bool, optional
        Pairs of a flow that meets the demands.
    """
    if start is None or not _small_enough(network, start):
        chosen = solve(network)
        return None if chosen is None else (chosen, residual_prices(network, chosen, end=end))
    kept = _near(network, start)
    if known is not None:
        kept |= known
    for left in reversed(range(TRIES)):
        if not left:
            kept[:] = True
        whole = bool(kept.all())
        part = network if whole else network.only(kept)
        chosen = solve(part.shifted(start))
        if chosen is None and whole:
            return None
        if chosen is None:
            kept[:] = True
            continue
        start = residual_prices(part, chosen, start=start, end=end)
        beats = ~kept & (network.brackets(start) > 0)
        if not beats.any():
            kept[kept] = chosen
            return kept, start
        kept |= beats | _near(network, start)
    raise AssertionError("the last try is the whole network")  # pragma: no cover


def _small_enough(network: Network, start: Ints) -> bool:
    """Whether brackets with these prices stay exact in a solver."""
    most, nodes = 0, len(start) + 1
    for part, times in ((network.worth, 1), (network.bonus, 1), (start, 2)):
        most += times * max(int(part.max(initial=0)), -int(part.min(initial=0)))
    return most * (nodes + 2) ** 2 < COST_GUARD


def _near(network: Network, prices: Ints) -> Bools:
    """Pairs that come nearest to these prices; of pairs that are equally near, all or none."""
    room = network.most - network.fixed
    places = min(int(room[: network.mentors].sum()), int(room[network.mentors :].sum()))
    count = max(1, PAIRS_A_PLACE * places)
    brackets = network.brackets(prices)
    if count >= len(brackets):
        return np.ones(len(brackets), dtype=bool)
    return np.asarray(brackets >= np.partition(brackets, -count)[-count])
