"""Linear rows over pairs, as limits and goals state them.

Most limits are of one shape: mentors and mentees fall into groups, and for each two groups a sum over the pairs between
them is bounded from above. A pair counts the product of two whole numbers, one of its mentor and one of its mentee:
mostly 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revmatch.policy.sides import Ints

#: Group of people who are in no row; and of mentors who are in the rows of every group.
NOWHERE, EVERYWHERE = -1, -2


@dataclass(frozen=True, slots=True)
class RowForm:
    """For groups a of mentors and b of mentees: sum over their pairs of (mentor's x mentee's weight) <= at_most.

    Parameters
    ----------
    mentor_group, mentee_group : ndarray of int64, shapes (n,) and (m,)
        0..groups-1, or `NOWHERE`; of mentors also `EVERYWHERE`. Groups are numbered in an order that does not depend on
        how people are: of values by their text, of people by their id.
    groups : tuple of int
        How many groups of mentors and of mentees there are.
    mentor_weight, mentee_weight : ndarray of int64, shapes (n,) and (m,)
    at_most : ndarray of int64
        A bound for each row (a, b), at position a x mentee groups + b; or a single one for all.
    """

    mentor_group: Ints
    mentee_group: Ints
    groups: tuple[int, int]
    mentor_weight: Ints
    mentee_weight: Ints
    at_most: Ints

    @property
    def rows(self) -> int:
        """How many rows there could be."""
        return self.groups[0] * self.groups[1]

    @property
    def flat(self) -> bool:
        """Whether one row holds every pair, with the weight of one of its people: its price is part of theirs."""
        everybody = self.groups == (1, 1) and not self.mentor_group.any() and not self.mentee_group.any()
        return bool(everybody and ((self.mentor_weight == 1).all() or (self.mentee_weight == 1).all()))

    def bound(self, row: Ints) -> Ints:
        """Bounds of some rows."""
        return np.asarray(self.at_most[row if len(self.at_most) > 1 else np.zeros_like(row)])

    def entries(self, i: Ints, j: Ints) -> tuple[Ints, Ints, Ints]:
        """Which of some pairs are in which rows, and what they count there: positions, rows, coefficients."""
        b, width = self.mentee_group[j], self.groups[1]
        counts = self.mentor_weight[i] * self.mentee_weight[j]
        here = np.flatnonzero((b >= 0) & (counts != 0))
        a = self.mentor_group[i[here]]
        once = here[a >= 0]
        everywhere = np.repeat(here[a == EVERYWHERE], self.groups[0])
        every = np.tile(np.arange(self.groups[0]), len(everywhere) // max(1, self.groups[0]))
        at = np.concatenate([once, everywhere])
        row = np.concatenate([a[a >= 0], every]) * width + b[at]
        return at, row, counts[at]


def one_row(
    n: int, m: int, at_most: int, mentor_weight: Ints | None = None, mentee_weight: Ints | None = None
) -> RowForm:
    """A single row over all pairs."""
    ones = [np.ones(count, dtype=np.int64) for count in (n, m)]
    zeros = [np.zeros(count, dtype=np.int64) for count in (n, m)]
    return RowForm(
        zeros[0],
        zeros[1],
        (1, 1),
        ones[0] if mentor_weight is None else mentor_weight,
        ones[1] if mentee_weight is None else mentee_weight,
        np.array([at_most], dtype=np.int64),
    )


def unweighed(mentor_group: Ints, mentee_group: Ints, groups: tuple[int, int], at_most: int) -> RowForm:
    """Rows in which every pair counts 1, all of one bound."""
    ones = [np.ones_like(group) for group in (mentor_group, mentee_group)]
    return RowForm(mentor_group, mentee_group, groups, ones[0], ones[1], np.array([at_most], dtype=np.int64))


def values_in_order(codes: Ints, words: tuple[str, ...]) -> tuple[Ints, int]:
    """Number of each person's value among all that are stated, in the order of their texts; and how many there are.

    >>> values_in_order(np.array([2, 0, -1, 2]), ("b", "c", "a"))
    (array([ 0,  1, -1,  0]), 2)
    """
    used = np.unique(codes[codes >= 0])
    rank = {word: k for k, word in enumerate(sorted(words[code] for code in used.tolist()))}
    table = np.array([*(rank.get(word, NOWHERE) for word in words), NOWHERE], dtype=np.int64)
    return table[codes], len(rank)


def in_order_of_ids(order: Ints) -> Ints:
    """Rank of each person by id, from the order of ids."""
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank
