"""People, and their moments, as a flow network: what of a programme of weekly times is a min-cost flow.

Of one person, one pair meets at a moment. That is a node between the person and the times of their pairs, through which
one pair fits; each time passes one of its moments on either side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from revmatch.engines.network import COST_GUARD
from revmatch.model.slots import ALONE, Slots
from revmatch.policy.sides import Bools, Ints
from revmatch.policy.sparse import expand

if TYPE_CHECKING:
    from revmatch.engines.programme import Programme

#: Parts of the network that no path joins to the outside, at most.
ISLANDS = 20
#: Further than any path.
FAR = 1 << 61


@dataclass(frozen=True, slots=True)
class Moments:
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
    bonus : ndarray of int64, shape (people,)
        What the first partner of somebody is worth who has nobody yet.
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
    bonus: Ints

    @classmethod
    def of(cls, programme: Programme) -> Self | None:
        """Network of a programme in one goal."""
        model, sessions, slots = programme.model, programme.sessions, programme.model.slots
        n, people = model.shape[0], sum(model.shape)
        if sessions is None or slots is None:
            return None
        fixed = model.degrees(model.fixed_in)
        least, most = np.maximum(model.least - fixed, 0), model.most - fixed
        bonus = _bonus(programme, np.maximum(fixed, model.least))
        if bonus is None or (least > most).any():
            return None
        # columns of pairs come first, those of slots last, and switches, if there are any, between them
        used, pairs = len(programme.used), model.columns.pairs
        column = np.concatenate([np.arange(pairs), used + np.arange(len(sessions.slot))])
        pair = np.concatenate([np.arange(pairs), sessions.hard[sessions.owner]])
        slot = np.concatenate([np.full(pairs, -1), sessions.slot])
        some = (programme.upper[column] > 0) & ~model.fixed_in[pair]
        column, pair, slot = column[some], pair[some], slot[some]
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
        largest = max(int(np.abs(worth).max(initial=0)), int(bonus.max(initial=0)))
        if largest * (people + rows + 3) ** 2 >= COST_GUARD:
            return None
        bonus = np.where(most > 0, bonus, 0)
        return cls(people, n, rows, column, worth, mentor, n + mentee, tail, head, least, most, bonus)

    def through(self, side: Ints, node: Ints) -> tuple[Ints, Ints]:
        """Moments through which columns pass, and whose they are."""
        row, first = np.unique(node[node >= self.people], return_index=True)
        return row, side[node >= self.people][first]

    def arcs(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Tails, heads, capacities and costs: columns, moments of both sides, people, and people's first partners."""
        outside, people = self.people + self.rows, np.arange(self.people)
        into, owner = self.through(self.mentor, self.tail)
        out, other = self.through(self.mentee, self.head)
        is_mentor, first = people < self.mentors, np.flatnonzero(self.bonus)
        side = np.where(is_mentor, outside, people), np.where(is_mentor, people, outside)
        tail = np.concatenate([self.tail, owner, out, side[0], side[0][first]])
        head = np.concatenate([self.head, into, other, side[1], side[1][first]])
        ones = np.ones(len(self.column) + len(into) + len(out), dtype=np.int64)
        capacity = np.concatenate([ones, self.most - self.least - (self.bonus > 0), np.ones_like(first)])
        cost = np.zeros_like(tail)
        cost[: len(self.worth)] = -self.worth
        cost[len(cost) - len(first) :] = -self.bonus[first]
        return tail, head, capacity, cost

    def flow(self) -> Bools | None:
        """Which columns the best flow uses; None if it cannot meet the demands."""
        from ortools.graph.python import min_cost_flow

        tail, head, capacity, cost = self.arcs()
        solver = min_cost_flow.SimpleMinCostFlow()
        arcs = solver.add_arcs_with_capacity_and_unit_cost(tail.astype(np.int32), head.astype(np.int32), capacity, cost)
        supply = np.zeros(self.people + self.rows + 1, dtype=np.int64)
        supply[: self.people] = np.where(np.arange(self.people) < self.mentors, self.least, -self.least)
        supply[-1] = -supply.sum()
        solver.set_nodes_supplies(np.arange(len(supply), dtype=np.int32), supply)
        if solver.solve() != solver.OPTIMAL:
            return None
        return np.asarray(solver.flows(arcs[: len(self.worth)]) == 1)

    def degrees(self, used: Bools) -> Ints:
        """Partners of everybody beside what is decided."""
        return np.bincount(np.concatenate([self.mentor[used], self.mentee[used]]), minlength=self.people)


def _bonus(programme: Programme, held: Ints) -> Ints | None:
    """What people's first partners are worth, where they are sure of nobody; None where that is no flow."""
    model, who = programme.model, programme.switched()
    bonus = np.zeros(sum(model.shape), dtype=np.int64)
    bonus[who] = programme.worth[model.columns.pairs : len(programme.used)]
    # a half circle is worth half a switch
    return None if (bonus < 0).any() or (model.low[who] > 1).any() else np.where(held > 0, 0, bonus)


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


def distances(network: Moments, used: Bools) -> Ints | None:
    """Shortest distances from the outside in the residual network (R. Bellman, 1958); None if there are none."""
    tail, head, high, length = network.arcs()
    columns, outside = len(used), network.people + network.rows
    first = np.flatnonzero(network.bonus)
    moments, people = slice(columns, len(tail) - network.people - len(first)), len(tail) - network.people - len(first)
    low, flow = np.zeros((2, len(tail)), dtype=np.int64)
    flow[:columns] = used
    passed = np.bincount(np.concatenate([network.tail[used], network.head[used]]), minlength=outside)
    passed[: network.people] = 0  # one of the two ends of these arcs is a moment
    flow[moments] = passed[head[moments]] + passed[tail[moments]]
    degree = network.degrees(used)
    flow[people + network.people :] = degree[first] > 0
    low[people : people + network.people] = network.least
    flow[people : people + network.people] = degree - (network.bonus > 0) * (degree > 0)
    high[people : people + network.people] += network.least
    more, less = flow < high, flow > low
    tail, head = np.concatenate([tail[more], head[less]]), np.concatenate([head[more], tail[less]])
    length = np.concatenate([length[more], -length[less]])
    order = np.argsort(tail, kind="stable")
    residual = _Residual(np.searchsorted(tail[order], np.arange(outside + 2)), head[order], length[order])
    distance = np.full(outside + 1, FAR)
    if not residual.spread(distance, outside):
        return None
    somebody = np.zeros(outside + 1, dtype=bool)
    somebody[network.mentor] = somebody[network.mentee] = True
    somebody[: network.people] &= network.most > 0
    for _ in range(ISLANDS):  # those whose numbers of partners are given may be on no path from the outside
        left = np.flatnonzero(somebody[: network.people] & (distance[: network.people] == FAR))
        if not len(left):
            return distance
        if not residual.spread(distance, int(left[0])):
            return None
    return None


@dataclass(frozen=True, slots=True)
class _Residual:
    """A residual network: arcs by tail.

    Parameters
    ----------
    begin, head, length : ndarray of int64
    """

    begin: Ints
    head: Ints
    length: Ints

    def spread(self, distance: Ints, root: int) -> bool:
        """Give those whom a root reaches, and who have no distance yet, the least that fit those of all others.

        False if there are none: a cycle is shorter than nothing.
        """
        known = distance < FAR
        far = distance.copy()
        far[root] = 0
        closer = np.array([root])
        for _ in range(len(distance) + 1):  # a shortest path visits nobody twice
            tail, some = self._arcs(closer)
            inside = ~known[self.head[some]]
            tail, some = tail[inside], some[inside]
            before = far.copy()
            np.minimum.at(far, self.head[some], far[tail] + self.length[some])
            closer = np.flatnonzero(far < before)
            if not len(closer):
                break
        else:
            return False
        new = np.flatnonzero((far < FAR) & ~known)
        tail, some = self._arcs(new)
        out = known[self.head[some]]
        lift = distance[self.head[some][out]] - self.length[some][out] - far[tail[out]]
        distance[new] = far[new] + (int(lift.max()) if len(lift) else 0)
        return True

    def _arcs(self, tails: Ints) -> tuple[Ints, Ints]:
        """Arcs of some nodes: of which node each is, and its number."""
        counts = self.begin[tails + 1] - self.begin[tails]
        return np.repeat(tails, counts), expand(self.begin[tails], counts)
