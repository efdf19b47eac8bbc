"""A start for a linear programme of weekly times: the best flow in which rooms, and whatever else is no flow, wait.

Of one person, one pair meets at a moment. That is a node between the person and the times of their pairs, through which
one pair fits. So pairs, numbers of partners, and people's moments are a min-cost flow, if each time passes one of its
moments; and what the flow proves is a ceiling on the programme. The tree of shortest paths in its residual network is a
basis of the programme in which all rows that are not in the flow are slack. Few of them are broken: a dual simplex
method has little left to do, and pairs that are far below the prices of the flow are seldom missed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from revmatch.engines.basis import AT_LOWER, AT_UPPER, BASIC
from revmatch.engines.network import COST_GUARD
from revmatch.model import Kind
from revmatch.model.slots import ALONE, Slots
from revmatch.policy.sides import Bools, Ints
from revmatch.policy.sparse import expand

if TYPE_CHECKING:
    from revmatch.engines.programme import Programme

#: Columns that are seen at first: so many a place, of those that are nearest to the prices of the flow.
NEAR = 3
#: Further than any path.
_FAR = 1 << 61


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
    network = _Moments.of(programme)
    if network is None:
        return None
    used = network.flow()
    if used is None:
        return None
    prices = _Prices.of(network, used)
    return None if prices is None else _start(programme, network, used, prices)


@dataclass(frozen=True, slots=True)
class _Moments:
    """The network: the outside, mentors, their moments, mentees' moments, mentees, the outside.

    Parameters
    ----------
    people, mentors, rows : int
        Nodes are mentors, then mentees, then so many rows of moments, then the outside.
    column, worth : ndarray of int64
        Columns that may be in or out, and what they are worth.
    mentor, mentee : ndarray of int64
        Nodes of their people.
    tail, head : ndarray of int64
        Between which nodes they are: moments of their people, where these have a row, or else the people.
    least, most : ndarray of int64, shape (people,)
        What may flow through people beside what is decided.
    """

    people: int
    mentors: int
    rows: int
    column: Ints
    worth: Ints
    mentor: Ints
    mentee: Ints
    tail: Ints
    head: Ints
    least: Ints
    most: Ints

    @classmethod
    def of(cls, programme: Programme) -> Self | None:
        """Network of a programme in one goal."""
        model, sessions, slots = programme.model, programme.sessions, programme.model.slots
        n, people = model.shape[0], sum(model.shape)
        pairs = model.columns.pairs
        if sessions is None or slots is None or (model.columns.kind[programme.used] != Kind.PAIR).any():
            return None
        fixed = model.degrees(model.fixed_in)
        least, most = np.maximum(model.least - fixed, 0), model.most - fixed
        if (least > most).any():
            return None
        pair = np.concatenate([np.arange(pairs), sessions.hard[sessions.owner]])
        slot = np.concatenate([np.full(pairs, -1), sessions.slot])
        column = np.flatnonzero((programme.upper > 0) & ~model.fixed_in[pair])
        pair, slot = pair[column], slot[column]
        mentor, mentee = model.columns.mentor[pair].astype(np.int64), model.columns.mentee[pair].astype(np.int64)
        tail, head = mentor.copy(), n + mentee
        first, keys = int(np.searchsorted(sessions.family, ALONE)), sessions.key[sessions.family == ALONE]
        both = np.intersect1d(slots.mentor_person, slots.mentee_person)
        crowd = np.append(_one_crowd_each(slots), 0)[slot]
        for node, person in ((tail, slots.mentor_person[mentor]), (head, slots.mentee_person[mentee])):
            wanted = person * slots.crowds + crowd
            at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            # whose pairs flow in both directions has moments that are no nodes
            there = (slot >= 0) & (keys[at] == wanted) & ~np.isin(person, both) if len(keys) else slot < -1
            node[there] = people + first + at[there]
        worth = programme.worth[column].astype(np.int64)
        rows = len(sessions.bound)
        if int(np.abs(worth).max(initial=0)) * (people + rows + 3) ** 2 >= COST_GUARD:
            return None
        return cls(people, n, rows, column, worth, mentor, n + mentee, tail, head, least, most)

    def through(self, side: Ints, node: Ints) -> tuple[Ints, Ints]:
        """Moments through which columns pass, and whose they are."""
        row, first = np.unique(node[node >= self.people], return_index=True)
        return row, side[node >= self.people][first]

    def arcs(self) -> tuple[Ints, Ints, Ints]:
        """Tails, heads and capacities: of columns, of moments of mentors and of mentees, of people."""
        outside, people = self.people + self.rows, np.arange(self.people)
        into, owner = self.through(self.mentor, self.tail)
        out, other = self.through(self.mentee, self.head)
        is_mentor = people < self.mentors
        tail = np.concatenate([self.tail, owner, out, np.where(is_mentor, outside, people)])
        head = np.concatenate([self.head, into, other, np.where(is_mentor, people, outside)])
        ones = np.ones(len(tail) - self.people, dtype=np.int64)
        return tail, head, np.concatenate([ones, self.most - self.least])

    def flow(self) -> Bools | None:
        """Which columns the best flow uses; None if it cannot meet the demands."""
        from ortools.graph.python import min_cost_flow

        tail, head, capacity = self.arcs()
        cost = np.zeros_like(tail)
        cost[: len(self.worth)] = -self.worth
        solver = min_cost_flow.SimpleMinCostFlow()
        arcs = solver.add_arcs_with_capacity_and_unit_cost(tail.astype(np.int32), head.astype(np.int32), capacity, cost)
        supply = np.zeros(self.people + self.rows + 1, dtype=np.int64)
        supply[: self.people] = np.where(np.arange(self.people) < self.mentors, self.least, -self.least)
        supply[-1] = -supply.sum()
        solver.set_nodes_supplies(np.arange(len(supply), dtype=np.int32), supply)
        if solver.solve() != solver.OPTIMAL:
            return None
        return np.asarray(solver.flows(arcs[: len(self.worth)]) == 1)


def _one_crowd_each(slots: Slots) -> Ints:
    """One of the crowds of each slot, such that many slots have the same."""
    sizes = np.diff(slots.indptr)
    if (sizes == 1).all():
        return slots.crowd
    order = np.argsort(slots.crowd, kind="stable")
    members = np.split(np.repeat(np.arange(slots.count), sizes)[order], np.cumsum(np.bincount(slots.crowd))[:-1])
    found = np.full(slots.count, -1, dtype=np.int64)
    for whole in (True, False):  # crowds of which all are left, and then for the rest whatever there is
        for crowd, own in enumerate(members):
            left = own[found[own] < 0]
            if len(left) == len(own) or not whole:
                found[left] = crowd
    return found


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
    def of(cls, network: _Moments, used: Bools) -> Self | None:
        """Shortest paths from the outside, in which what can be free is free."""
        distance = _distances(network, used)
        if distance is None:
            return None
        people, n = network.people, network.mentors
        price = np.where(np.arange(people) < n, distance[:people], -distance[:people])
        price[distance[:people] >= _FAR] = 0
        price = np.where(network.least == 0, np.maximum(price, 0), price)
        node = np.concatenate([price, np.zeros(network.rows, dtype=np.int64)])
        for side, own, sign in ((network.mentor, network.tail, 1), (network.mentee, network.head, -1)):
            row, owner = network.through(side, own)
            node[row] = np.where(distance[row] < _FAR, np.maximum(0, sign * distance[row] - node[owner]), 0)
        # who has no room for more is on no path: they cost what their best column has left over
        full = network.most == 0
        closed = full[network.mentor]
        np.maximum.at(node, network.mentor[closed], network.worth[closed] - _paid(network, node)[closed])
        bracket = network.worth - _paid(network, node)
        holds = (bracket[used] >= 0).all() and (bracket[~used] <= 0).all()
        return cls(node, bracket) if holds else None


def _paid(network: _Moments, node: Ints) -> Ints:
    """What columns pay: to both people, and for the moments that they pass."""
    people = network.people
    found = node[network.mentor] + node[network.mentee]
    for own in (network.tail, network.head):
        found += np.where(own >= people, node[own], 0)
    return np.asarray(found)


def _distances(network: _Moments, used: Bools) -> Ints | None:
    """Shortest distances from the outside in the residual network (R. Bellman, 1958); None if there are none."""
    tail, head, _ = network.arcs()
    columns, outside = len(used), network.people + network.rows
    flow = np.zeros(len(tail), dtype=np.int64)
    flow[:columns] = used
    passed = np.bincount(np.concatenate([network.tail[used], network.head[used]]), minlength=outside)
    degree = np.bincount(np.concatenate([network.mentor[used], network.mentee[used]]), minlength=network.people)
    people = len(tail) - network.people
    flow[columns:people] = np.where(head[columns:people] >= network.people, passed[head[columns:people]], 0)
    flow[columns:people] += np.where(tail[columns:people] >= network.people, passed[tail[columns:people]], 0)
    flow[people:] = degree
    low, high = np.zeros_like(flow), np.ones_like(flow)
    low[people:], high[people:] = network.least, network.most
    length = np.zeros_like(flow)
    length[:columns] = -network.worth
    more, less = flow < high, flow > low
    tail, head = np.concatenate([tail[more], head[less]]), np.concatenate([head[more], tail[less]])
    length = np.concatenate([length[more], -length[less]])
    order = np.argsort(tail, kind="stable")
    head, length = head[order], length[order]
    begin = np.searchsorted(tail[order], np.arange(outside + 2))
    distance = np.full(outside + 1, _FAR)
    distance[outside] = 0
    closer = np.array([outside])
    for _ in range(outside + 2):  # a shortest path visits nobody twice
        counts = begin[closer + 1] - begin[closer]
        some = expand(begin[closer], counts)
        before = distance.copy()
        np.minimum.at(distance, head[some], np.repeat(distance[closer], counts) + length[some])
        closer = np.flatnonzero(distance < before)
        if not len(closer):
            return distance
    return None


def _start(programme: Programme, network: _Moments, used: Bools, prices: _Prices) -> Start | None:
    """The tree of shortest paths as a basis; None if there is none."""
    node, bracket, people = prices.node, prices.bracket, network.people
    columns = np.full(len(programme.worth), AT_LOWER)
    columns[programme.lower > 0] = AT_UPPER
    columns[network.column[used]] = AT_UPPER
    tree = _tree(network, node, np.flatnonzero(bracket == 0))
    columns[network.column[tree]] = BASIC
    rows = np.full(len(programme.at_most), BASIC)
    for begin, own in ((0, node[:people]), (len(rows) - network.rows, node[people:])):
        rows[begin : begin + len(own)][own > 0] = AT_UPPER
        rows[begin : begin + len(own)][own < 0] = AT_LOWER
    if np.count_nonzero(columns == BASIC) + np.count_nonzero(rows == BASIC) != len(rows):
        return None
    seen = np.ones(len(columns), dtype=bool)
    n = network.mentors
    count = NEAR * int(min(network.most[:n].sum(), network.most[n:].sum()))
    if 0 < count < len(bracket):
        seen[network.column] = bracket >= np.partition(bracket, -count)[-count]
        seen |= columns != AT_LOWER
    # moments that the columns that are seen could break
    inside = seen[network.column]
    passed = np.bincount(np.concatenate([network.tail[inside], network.head[inside]]), minlength=people + network.rows)
    asked = rows != BASIC
    asked[len(rows) - network.rows :] |= passed[people:] > 1
    return Start(columns, rows, seen, asked)


def _tree(network: _Moments, node: Ints, tight: Ints) -> list[int]:
    """Columns that join everything to the outside that no slack does, each of them once."""
    outside = network.people + network.rows
    parent = list(range(outside + 1))
    for k in np.flatnonzero(node[: network.people] == 0).tolist():
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
