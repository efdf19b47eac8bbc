"""Prices from a flow: shortest paths in its residual network.

For a best flow there are whole numbers y, one a person, such that every pair that is not chosen is worth at most
``y_i + y_j``, every chosen pair at least that, and nobody gains by one partner more or fewer. These are difference
constraints; the shortest distances from a root that reaches everybody satisfy them (R. Bellman, On a routing problem,
1958; L. R. Ford, 1956). All best flows give the same distances, so the prices are canonical.
"""

from __future__ import annotations

import numpy as np

from revmatch.engines.network import Network
from revmatch.errors import EngineError, Problem
from revmatch.policy.forms import expand
from revmatch.policy.sides import Bools, Ints


def residual_prices(network: Network, chosen: Bools) -> Ints:
    """Price of each person: mentors, then mentees.

    Parameters
    ----------
    network : Network
    chosen : ndarray of bool
        Which of its pairs the best flow uses.

    Raises
    ------
    EngineError
        RM901 if the flow is not best: then no prices exist.
    """
    n, people = network.mentors, len(network.least)
    degree = network.fixed + np.bincount(np.concatenate([network.i[chosen], network.j[chosen]]), minlength=people)
    gain = np.where(degree < network.until, network.bonus, 0)  # of one partner more
    saved = np.where((degree > 0) & (degree <= network.until), network.bonus, 0)  # by the last partner
    can_add, can_drop = degree < network.most, degree > network.least
    mentor = np.arange(people) < n
    # Distances: of a mentor its price, of a mentee minus its price. The outside has distance `outside`.
    #   outside -> person, and person -> outside, with these lengths:
    enters = np.where(mentor, can_add, can_drop)
    enter_length = np.where(mentor, -gain, saved)
    leaves = np.where(mentor, can_drop, can_add)
    leave_length = np.where(mentor, saved, -gain)
    pairs = _Pairs(network, chosen)
    distance, outside = np.zeros(people, dtype=np.int64), 0
    changed, outside_changed = np.arange(people), True
    for _ in range(2 * people + 4):  # a shortest path visits nobody twice
        before = distance.copy()
        pairs.relax(distance, changed)
        nearest = int((distance + leave_length)[changed][leaves[changed]].min(initial=outside))
        outside_changed |= nearest < outside
        outside = nearest
        if outside_changed:
            distance = np.where(enters, np.minimum(distance, outside + enter_length), distance)
            outside_changed = False
        changed = np.flatnonzero(distance < before)
        if not len(changed):
            break
    else:
        raise EngineError(Problem("RM901", "min-cost flow", "the flow is not best: it has no prices"))
    price = distance - outside
    price[n:] *= -1
    return price


class _Pairs:
    """The two kinds of pair arcs of a residual network."""

    def __init__(self, network: Network, chosen: Bools) -> None:
        n, people = network.mentors, len(network.least)
        self._mentors = n
        unused = ~chosen
        self._head, self._length = network.j[unused], -network.worth[unused]
        self._begin = np.zeros(n + 1, dtype=np.int64)
        np.cumsum(np.bincount(network.i[unused], minlength=n), out=self._begin[1:])
        order = np.argsort(network.j[chosen], kind="stable")
        self._back_head, self._back_length = network.i[chosen][order], network.worth[chosen][order]
        self._back_begin = np.zeros(people + 1, dtype=np.int64)
        np.cumsum(np.bincount(network.j[chosen], minlength=people), out=self._back_begin[1:])

    def relax(self, distance: Ints, changed: Ints) -> None:
        """Shorten distances over the arcs of everybody who came closer."""
        split = int(np.searchsorted(changed, self._mentors))
        _relax(distance, changed[:split], self._begin, self._head, self._length)
        _relax(distance, changed[split:], self._back_begin, self._back_head, self._back_length)


def _relax(distance: Ints, tails: Ints, begin: Ints, head: Ints, length: Ints) -> None:
    if len(tails):
        counts = begin[tails + 1] - begin[tails]
        arcs = expand(begin[tails], counts)
        np.minimum.at(distance, head[arcs], np.repeat(distance[tails], counts) + length[arcs])
