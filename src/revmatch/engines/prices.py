"""Prices from a flow: shortest paths in its residual network.

For a best flow there are whole numbers y, one a person, such that every pair that is not chosen is worth at most
``y_i + y_j``, every chosen pair at least that, and nobody gains by one partner more or fewer. These are difference
constraints; the shortest distances from a root that reaches everybody satisfy them (R. Bellman, On a routing problem,
1958; L. R. Ford, 1956). Of all that do and start no higher they are the largest, and all best flows have the same
constraints in effect: so the prices are canonical.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from revmatch.engines.network import Network
from revmatch.errors import EngineError, Problem
from revmatch.policy.sides import Bools, Ints
from revmatch.policy.sparse import expand

#: Which of all valid prices: those next to the start where mentors get cheaper and mentees dearer, the other way round,
#: or halfway; the outside, against which all are measured, moves like a mentor.
End = Literal["low", "middle", "high"]

#: Longer than any path: the arc of a chosen pair, which cannot be chosen again.
_NEVER = 1 << 61


def residual_prices(network: Network, chosen: Bools, *, start: Ints | None = None, end: End = "low") -> Ints:
    """Price of each person: mentors, then mentees.

    Parameters
    ----------
    network : Network
    chosen : ndarray of bool
        Which of its pairs the best flow uses.
    start : ndarray of int64, shape (n + m,), optional
        Prices of a network like this one: the nearer they are, the less there is to do. What is found depends on them
        and lies next to them; valid ones stay as they are. By default 0 for everybody.
    end : {"low", "middle", "high"}
        Which of the valid prices; that matters where pairs outside the network are compared with them. Fewest beat the
        low ones where mentors are left over, the high ones where mentees are, else those halfway.

    Raises
    ------
    EngineError
        RM901 if the flow is not best: then no prices exist.
    """
    if start is None:
        start = np.zeros_like(network.least)
    if end == "low":
        return _low(network, chosen, start)
    other, order = network.transposed()
    high = np.roll(_low(other, chosen[order], np.roll(start, -network.mentors)), network.mentors)
    if end == "high":
        return high
    # halfway between two valid ones, and rounded one way as a distance, is valid too
    total = _low(network, chosen, start) + high
    return np.asarray(np.where(network.is_mentor, total // 2, -(-total // 2)))


def _low(network: Network, chosen: Bools, start: Ints) -> Ints:
    """Largest distances below the start that keep every constraint, as prices.

    The distance of a mentor is its price, of a mentee minus its price; the outside has one too.
    """
    mentor, people = network.is_mentor, len(network.least)
    sign = np.where(mentor, 1, -1)
    distance, outside = start * sign, 0
    unused = _unused(network, chosen)
    used = _used(network, chosen)
    enter, enter_length, leave, leave_length = _through_outside(network, chosen)
    told = np.full(people, np.iinfo(np.int64).max)  # the distance that everybody has last passed on
    told_outside: int | None = None
    for _ in range(people + 4):  # a shortest path visits nobody twice
        unused.pass_on(distance, told)
        used.pass_on(distance, told)
        outside = int((distance[leave] + leave_length).min(initial=outside))
        if outside != told_outside:
            distance[enter] = np.minimum(distance[enter], outside + enter_length)
            told_outside = outside
        if np.array_equal(distance, told):
            return np.asarray((distance - outside) * sign)
    raise EngineError(Problem("RM901", "engine", "the flow is not best: it has no prices"))


def _through_outside(network: Network, chosen: Bools) -> tuple[Ints, Ints, Ints, Ints]:
    """Whom the outside reaches and at which length; who reaches the outside and at which length."""
    people, mentor = len(network.least), network.is_mentor
    degree = network.fixed + np.bincount(np.concatenate([network.i[chosen], network.j[chosen]]), minlength=people)
    # what one partner more is worth, and what the last partner is worth
    gain = network.each + np.where(degree < network.until, network.bonus, 0)
    last = network.each + np.where((degree > 0) & (degree <= network.until), network.bonus, 0)
    can_add, can_drop = degree < network.most, degree > network.least
    enter = np.flatnonzero(np.where(mentor, can_add, can_drop))
    leave = np.flatnonzero(np.where(mentor, can_drop, can_add))
    return enter, np.where(mentor, -gain, last)[enter], leave, np.where(mentor, last, -gain)[leave]


class _Arcs:
    """Arcs by tail: those of the k-th person from `first` on are ``begin[k]..begin[k+1]``."""

    def __init__(self, first: int, begin: Ints, head: Ints, length: Ints) -> None:
        self._own = slice(first, first + len(begin) - 1)
        self._begin, self._counts, self._head, self._length = begin, np.diff(begin), head, length

    def pass_on(self, distance: Ints, told: Ints) -> None:
        """Let everybody who came closer shorten the distances of those whom their arcs reach."""
        own, counts = self._own, self._counts
        closer = np.flatnonzero(distance[own] < told[own])
        told[own] = distance[own]
        if 2 * len(closer) > len(counts):  # most of them: quicker without picking arcs
            np.minimum.at(distance, self._head, np.repeat(distance[own], counts) + self._length)
        elif len(closer):
            counts = counts[closer]
            arcs = expand(self._begin[closer], counts)
            reached = np.repeat(distance[own][closer], counts) + self._length[arcs]
            np.minimum.at(distance, self._head[arcs], reached)


def _unused(network: Network, chosen: Bools) -> _Arcs:
    """From mentors to mentees, along pairs that could be chosen."""
    begin = np.zeros(network.mentors + 1, dtype=np.int64)
    np.cumsum(np.bincount(network.i, minlength=network.mentors), out=begin[1:])
    length = -network.worth
    length[chosen] = _NEVER
    return _Arcs(0, begin, network.j, length)


def _used(network: Network, chosen: Bools) -> _Arcs:
    """From mentees back to mentors, along chosen pairs."""
    i, j, worth = network.i[chosen], network.j[chosen] - network.mentors, network.worth[chosen]
    begin = np.zeros(len(network.least) - network.mentors + 1, dtype=np.int64)
    np.cumsum(np.bincount(j, minlength=len(begin) - 1), out=begin[1:])
    order = np.argsort(j, kind="stable")
    return _Arcs(network.mentors, begin, i[order], worth[order])
