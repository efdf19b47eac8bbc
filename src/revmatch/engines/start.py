"""A start for a linear programme of weekly times: the best flow in which rooms, and whatever else is no flow, wait.

What that flow proves is a ceiling on the programme, and the tree of shortest paths in its residual network is a basis
of the programme in which all rows that are not in the flow are slack. Few of them are broken: a dual simplex method has
little left to do, and columns that are far below the prices of the flow are seldom missed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from revmatch.engines.basis import AT_LOWER, AT_UPPER, BASIC
from revmatch.engines.moments import FAR, Moments, distances
from revmatch.policy.sides import Bools, Ints

if TYPE_CHECKING:
    from revmatch.engines.programme import Programme

#: Columns that are seen at first: so many a place, of those that are nearest to the prices of the flow.
NEAR = 3


@dataclass(frozen=True, slots=True)
class Start:
    """Where a simplex method begins.

    Parameters
    ----------
    columns, rows : ndarray of int64
        How each column and each row of a programme stands: see `revmatch.engines.basis`.
    seen, asked : ndarray of bool
        Columns and rows with which to begin.
    """

    columns: Ints
    rows: Ints
    seen: Bools
    asked: Bools


def start_of(programme: Programme) -> Start | None:
    """Start of a programme with weekly times; None if it is not nearly a flow, or its demands cannot be met."""
    network = Moments.of(programme)
    if network is None:
        return None
    used = network.flow()
    if used is None:
        return None
    prices = _Prices.of(network, used)
    return None if prices is None else _start(programme, network, used, prices)


@dataclass(frozen=True, slots=True)
class _Prices:
    """Prices that go with a best flow.

    Parameters
    ----------
    node : ndarray of int64
        Of people, and of moments what they cost besides.
    bracket : ndarray of int64
        Worth of each column less its prices.
    """

    node: Ints
    bracket: Ints

    @classmethod
    def of(cls, network: Moments, used: Bools) -> Self | None:
        """Shortest paths from the outside, in which what can be free is free."""
        distance = distances(network, used)
        if distance is None:
            return None
        people, n = network.people, network.mentors
        price = np.where(np.arange(people) < n, distance[:people], -distance[:people])
        price = np.where(distance[:people] < FAR, price, -network.bonus)  # who is on no path stays alone
        price = np.where(network.least == 0, np.maximum(price, -network.bonus), price)
        node = np.concatenate([price, np.zeros(network.rows, dtype=np.int64)])
        for side, own, sign in ((network.mentor, network.tail, 1), (network.mentee, network.head, -1)):
            row, owner = network.through(side, own)
            node[row] = np.where(distance[row] < FAR, np.maximum(0, sign * distance[row] - node[owner]), 0)
        # who has no room for more is on no path: they cost what their best column has left over
        full = network.most == 0
        closed = full[network.mentor]
        np.maximum.at(node, network.mentor[closed], network.worth[closed] - _paid(network, node)[closed])
        bracket = network.worth - _paid(network, node)
        holds = (bracket[used] >= 0).all() and (bracket[~used] <= 0).all()
        return cls(node, bracket) if holds else None


def _paid(network: Moments, node: Ints) -> Ints:
    """What columns pay: to both people, and for the moments that they pass."""
    people = network.people
    found = node[network.mentor] + node[network.mentee]
    for own in (network.tail, network.head):
        found += np.where(own >= people, node[own], 0)
    return np.asarray(found)


def _start(programme: Programme, network: Moments, used: Bools, prices: _Prices) -> Start | None:
    """The tree of shortest paths as a basis; None if there is none."""
    node, bracket, people = prices.node, prices.bracket, network.people
    columns = np.full(len(programme.worth), AT_LOWER)
    columns[programme.lower > 0] = AT_UPPER
    columns[network.column[used]] = AT_UPPER
    columns[network.column[_tree(network, node, np.flatnonzero(bracket == 0))]] = BASIC
    rows = np.full(len(programme.at_most), BASIC)
    for begin, own in ((0, node[:people]), (len(rows) - network.rows, node[people:])):
        rows[begin : begin + len(own)][own > 0] = AT_UPPER
        rows[begin : begin + len(own)][own < 0] = AT_LOWER
    _switch(programme, network, used, node, columns, rows)
    if np.count_nonzero(columns == BASIC) + np.count_nonzero(rows == BASIC) != len(rows):
        return None
    seen = programme.upper > 0
    seen[network.column] = _near(network, bracket)
    seen |= columns != AT_LOWER
    # moments that the columns that are seen could break
    inside = seen[network.column]
    passed = np.bincount(np.concatenate([network.tail[inside], network.head[inside]]), minlength=people + network.rows)
    asked = rows != BASIC
    asked[len(rows) - network.rows :] |= passed[people:] > 1
    return Start(columns, rows, seen, asked)


def _switch(programme: Programme, network: Moments, used: Bools, node: Ints, columns: Ints, rows: Ints) -> None:
    """How switches stand, and the two rows of each: a price below 0 is that of a first partner.

    Between nobody and the first partner a switch is basic, and the row that keeps it below the partners is tight.
    """
    model, people = programme.model, network.people
    switch = np.arange(model.columns.pairs, len(programme.used))
    who = programme.switched()
    open_ = model.least[who] == 0  # others have one row, and their switch is on
    who, switch = who[open_], switch[open_]
    price, bonus = node[who], network.bonus[who]
    nobody = (network.degrees(used) + model.degrees(model.fixed_in))[who] == 0
    between = (price == -bonus) & ((bonus > 0) | nobody)
    columns[switch] = np.where(between, BASIC, np.where(programme.upper[switch] > 0, AT_UPPER, AT_LOWER))
    rows[who] = np.where(price > 0, AT_UPPER, BASIC)
    rows[people + who] = np.where((price < 0) | between, AT_LOWER, BASIC)


def _near(network: Moments, bracket: Ints) -> Bools:
    """Columns that are nearest to the prices, so many a place; of those that are equally near, some of everybody's."""
    n = network.mentors
    count = NEAR * int(min(network.most[:n].sum(), network.most[n:].sum()))
    if count >= len(bracket):
        return np.ones(len(bracket), dtype=bool)
    least = -1 if not count else int(np.partition(bracket, -count)[-count])
    found = bracket > least
    equal, left = np.flatnonzero(bracket == least), count - int(found.sum())
    found[equal[np.arange(left) * len(equal) // max(1, left)]] = True
    return np.asarray(found)


def _tree(network: Moments, node: Ints, tight: Ints) -> list[int]:
    """Columns that join everything to the outside that no slack does, each of them once."""
    outside = network.people + network.rows
    parent = list(range(outside + 1))
    price = node[: network.people]
    for k in np.flatnonzero((price == 0) | (price == -network.bonus)).tolist():
        parent[k] = outside
    for side, own in ((network.mentor, network.tail), (network.mentee, network.head)):
        row, owner = network.through(side, own)
        free = node[row] == 0
        for k, person in zip(row[free].tolist(), owner[free].tolist(), strict=True):
            parent[k] = person

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = k = parent[parent[k]]
        return k

    found = []
    for p, tail, head in zip(tight.tolist(), network.tail[tight].tolist(), network.head[tight].tolist(), strict=True):
        one, other = root(tail), root(head)
        if one != other:
            parent[one] = other
            found.append(p)
    return found
