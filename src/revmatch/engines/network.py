"""A model's free pairs as a flow network, for the flow engine and for the prices of its answer."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from revmatch.policy.sides import Ints


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
        Nodes of their mentors and mentees, by mentor, then mentee.
    worth : ndarray of int64
        Of each free pair.
    fixed : ndarray of int64, shape (n + m,)
        Partners that each person has in pairs that are decided.
    least, most : ndarray of int64, shape (n + m,)
        Degree bounds, decided pairs included.
    bonus, until : ndarray of int64, shape (n + m,)
        Each of a person's first `until` partners is worth `bonus` more, decided pairs included.
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

    @property
    def demand(self) -> Ints:
        """Partners that each person still needs."""
        return np.asarray(np.maximum(self.least - self.fixed, 0))

    def demands_as_worth(self) -> Network:
        """The same pairs, where meeting a demand is worth 1 and nothing is demanded.

        If its best flow is worth less than all demands, its prices prove that they cannot all be met.
        """
        zero = np.zeros_like(self.least)
        return replace(self, worth=np.zeros_like(self.worth), least=zero, bonus=zero + 1, until=self.least)
