"""A model's free pairs as a flow network, for the engines that need no rows and for the prices of their answers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from revmatch.model import Model
from revmatch.policy.sides import Bools, Ints

#: Costs x (nodes + 2)**2 beyond this overflow inside the solvers (measured: the flow's first failure at 2**58 for 20
#: nodes; the assignment's own bound on its prices is three quarters of this product).
COST_GUARD = 1 << 62


@dataclass(frozen=True, slots=True)
class Network:
    """Free pairs, and what each person may still take.

    Parameters
    ----------
    mentors : int
        Number of mentors: nodes 0..n-1; mentees follow.
    free : ndarray of int64
        Columns of the free pairs.
    i, j : ndarray of int64
        Nodes of their mentors and mentees, by mentor.
    worth : ndarray of int64
        Of each free pair.
    fixed : ndarray of int64, shape (n + m,)
        Partners that each person has in pairs that are decided.
    least, most : ndarray of int64, shape (n + m,)
        Degree bounds, decided pairs included.
    bonus, until : ndarray of int64, shape (n + m,)
        Each of a person's first `until` partners is worth `bonus` more, decided pairs included.
    each : ndarray of int64, shape (n + m,)
        Worth of every free partner of a person.
    """

    mentors: int
    free: Ints
    i: Ints
    j: Ints
    worth: Ints
    fixed: Ints
    least: Ints
    most: Ints
    bonus: Ints
    until: Ints
    each: Ints

    @property
    def demand(self) -> Ints:
        """Partners that each person still needs."""
        return np.asarray(np.maximum(self.least - self.fixed, 0))

    @property
    def is_mentor(self) -> Bools:
        """Which nodes are mentors."""
        return np.arange(len(self.least)) < self.mentors

    def brackets(self, prices: Ints) -> Ints:
        """Worth of each pair less the prices of its two people."""
        found = self.worth - prices[self.i]
        found -= prices[self.j]
        return found

    def shifted(self, prices: Ints) -> Network:
        """The same flows, worth the same but for a constant, where most pairs of a good plan are worth about 0.

        Everybody's price goes from their pairs to the person. A solver that scales its costs has less to do.
        """
        return replace(self, worth=self.brackets(prices), each=self.each + prices)

    def only(self, kept: Bools) -> Network:
        """Some of the pairs, and everybody."""
        free, i, j, worth = (part[kept] for part in (self.free, self.i, self.j, self.worth))
        return replace(self, free=free, i=i, j=j, worth=worth)

    def transposed(self) -> tuple[Network, Ints]:
        """Mentees as mentors and the other way round; and which pair stands where."""
        n, people = self.mentors, len(self.least)
        order = np.argsort(self.j, kind="stable")
        persons = [np.roll(part, -n) for part in (self.fixed, self.least, self.most, self.bonus, self.until, self.each)]
        pairs = (self.free[order], self.j[order] - n, self.i[order] + people - n, self.worth[order])
        return Network(people - n, *pairs, *persons), order

    def demands_as_worth(self) -> Network:
        """The same pairs, where meeting a demand is worth 1 and nothing is demanded.

        If its best flow is worth less than all demands, its prices prove that they cannot all be met.
        """
        zero = np.zeros_like(self.least)
        worth = np.zeros_like(self.worth)
        return replace(self, worth=worth, least=zero, bonus=zero + 1, until=self.least, each=zero)


def network_of(model: Model, goal: int) -> Network:
    """Network of a model in one goal: its free pairs, and what each person may take."""
    free = np.flatnonzero(model.free)
    bonus = model.switch_worth(goal)
    return Network(
        mentors=model.shape[0],
        free=free,
        i=model.columns.mentor[free].astype(np.int64),
        j=model.columns.mentee[free].astype(np.int64) + model.shape[0],
        worth=model.columns.worth[goal][free],
        fixed=model.degrees(model.fixed_in),
        least=model.least,
        most=model.most,
        bonus=bonus,
        until=(bonus > 0).astype(np.int64),
        each=np.zeros_like(bonus),
    )


def too_large(model: Model, goal: int) -> str | None:
    """Why a solver cannot hold these numbers; None if it can."""
    nodes = sum(model.shape) + 1
    largest = int(np.abs(model.columns.worth[goal]).max(initial=0))
    if largest * (nodes + 2) ** 2 >= COST_GUARD:
        return f"scores up to {largest:,} could overflow a flow of {nodes:,} nodes"
    return None
