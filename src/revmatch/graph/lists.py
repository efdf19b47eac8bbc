"""The best pairs of each row, while strip after strip is looked at."""

from __future__ import annotations

import numpy as np

from revmatch.graph.found import FAR, Found
from revmatch.policy.sides import Ints


class Lists:
    """The best pairs of each row so far, and above which score more of them would count.

    Parameters
    ----------
    rows : int
        How many rows there are.
    most : int
        Pairs of each that are kept; more while few were looked at.
    """

    def __init__(self, rows: int, most: int) -> None:
        self._most = most
        #: What comes later must score more than this to be among the best of a row.
        self.low: Ints = np.full(rows, -FAR, dtype=np.int64)
        #: No pair of a row that was looked at and not listed scores more than this, or than `low`.
        self.covered: Ints = self.low.copy()
        self._parts: list[tuple[Ints, Ints, Ints, Ints]] = []
        self._looked_at = self._settled_at = 0

    def add(self, row: Ints, found: Found, people: int, *, settle: bool) -> None:
        """Pairs of so many more people of the other side, with the row of each; now and then the best are chosen."""
        np.maximum(self.covered, found.beyond_most, out=self.covered)
        self._parts.append((row, found.mentor, found.mentee, found.score))
        self._looked_at += people
        if settle and self._looked_at >= 2 * self._settled_at:
            self.settle()
            self._settled_at = self._looked_at

    def settle(self) -> None:
        """Keep the best of each row only."""
        row, mentor, mentee, score = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        order = np.lexsort((-score, row))
        row, score = row[order], score[order]
        rank = np.arange(len(row)) - np.searchsorted(row, row)
        keep, last = rank < self._most, rank == self._most - 1
        self.low[row[last]] = score[last]
        self._parts = [(row[keep], mentor[order][keep], mentee[order][keep], score[keep])]

    def found(self) -> Found:
        """All that is kept."""
        none = np.zeros(0, dtype=np.int64)
        _, mentor, mentee, score = (np.concatenate(column) for column in zip((none,) * 4, *self._parts, strict=True))
        return Found.listing(mentor, mentee, score, len(self.low))
