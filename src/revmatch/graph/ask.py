"""What a look asks for: which pairs, in numbers of their two people and their score."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from revmatch.policy.sides import Bools, Ints, Side


@dataclass(frozen=True, slots=True)
class Sum:
    """One number for each person; a pair has the sum of its two.

    Parameters
    ----------
    mentor, mentee : ndarray of int64, shapes (n,) and (m,)
    """

    mentor: Ints
    mentee: Ints

    def of(self, i: Ints, j: Ints) -> Ints:
        """Sums of some pairs."""
        return np.asarray(self.mentor[i] + self.mentee[j])

    def turned(self, rows: Side) -> tuple[Ints, Ints]:
        """Numbers of the rows, and of the other side."""
        return (self.mentee, self.mentor) if rows == "mentee" else (self.mentor, self.mentee)


@dataclass(frozen=True, slots=True)
class Flat:
    """A condition that does not look at scores: ``worth > sum``, or ``worth == sum``."""

    sum: Sum
    worth: int
    equal: bool

    def holds(self, total: Ints) -> Bools:
        """Where sums keep the condition."""
        return np.asarray(total == self.worth if self.equal else total < self.worth)


@dataclass(frozen=True, slots=True)
class Ask:
    """Pairs that keep every condition.

    Parameters
    ----------
    low : Sum, optional
        The score is above this.
    flats : tuple of Flat
    ties : tuple of Sum
        The score is equal to each of these.
    goal_is_score : bool
        What lies above is counted of the score; else of the flat condition that is no equality.
    near : int
        `low` is so much below what the score must be above to count.
    whole : bool
        Pairs that are only near are wanted whether any pair counts or not.
    counts : bool
        What is not listed is counted.
    """

    low: Sum | None = None
    flats: tuple[Flat, ...] = ()
    ties: tuple[Sum, ...] = field(default=())
    goal_is_score: bool = True
    near: int = 0
    whole: bool = True
    counts: bool = True

    def holds(self, i: Ints, j: Ints, score: Ints) -> Bools:
        """Which of some pairs are asked for."""
        found = np.ones(len(i), dtype=bool)
        if self.low is not None:
            found &= score > self.low.of(i, j)
        for flat in self.flats:
            found &= flat.holds(flat.sum.of(i, j))
        for tie in self.ties:
            found &= score == tie.of(i, j)
        return found
