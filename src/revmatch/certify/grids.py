"""Rows over pairs: people fall into groups, and a sum over the pairs between two groups is bounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from revmatch.certify.listed import Listed
from revmatch.certify.sides import Ints, spread

#: Group of people who are in no row, and of mentors who are in the rows of every group.
NO_ROW, EVERY_ROW = -1, -2


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """For groups a of mentors and b of mentees: sum over their pairs of mentor's x mentee's weight <= at_most(a, b).

    Parameters
    ----------
    a, b : ndarray of int64
        Group of each mentor and of each mentee; `NO_ROW`; of mentors also `EVERY_ROW`.
    shape : tuple of int
        How many groups there are.
    weight_a, weight_b : ndarray of int64
        What each mentor and each mentee counts.
    at_most : callable
        Bound of the row of two groups.
    """

    a: Ints
    b: Ints
    shape: tuple[int, int]
    weight_a: Ints
    weight_b: Ints
    at_most: Callable[[int, int], int]

    @property
    def most(self) -> int:
        """No pair counts more in one row."""
        return _largest(self.weight_a) * _largest(self.weight_b)


class Priced:
    """Prices of some rows of a grid: what they take from each pair.

    Parameters
    ----------
    grid : Grid
    rows : list of (int, int, int)
        Groups a and b and the price of each row.
    """

    def __init__(self, grid: Grid, rows: list[tuple[int, int, int]]) -> None:
        self.grid = grid
        a, b, price = np.array(rows, dtype=np.int64).reshape(-1, 3).T
        #: Whoever is in every row is in one more group, whose price is that of all others together.
        self._a, groups = grid.a, grid.shape[0]
        if (grid.a == EVERY_ROW).any():
            self._a, groups = np.where(grid.a == EVERY_ROW, groups, grid.a), groups + 1
            used, place = np.unique(b, return_inverse=True)
            together = np.zeros(len(used), dtype=np.int64)
            np.add.at(together, place, price)
            a = np.concatenate([a, np.full(len(used), groups - 1)])
            b, price = np.concatenate([b, used]), np.concatenate([price, together])
        self._groups = groups
        self._weight_a = np.where(self._a >= 0, grid.weight_a, 0)
        self._listed = Listed(a, b, (groups, grid.shape[1]), price)
        order = np.lexsort((a, b))
        self._of, self._price = a[order], price[order]
        self._begin = np.searchsorted(b[order], np.arange(grid.shape[1] + 1))
        self._low, self._high = (np.zeros(grid.shape[1], dtype=np.int64) for _ in range(2))
        np.minimum.at(self._low, b, price)
        np.maximum.at(self._high, b, price)
        #: No pair is taken or given more.
        self.most = _largest(price) * grid.most

    def of_people(self) -> tuple[Ints, Ints] | None:
        """What it takes, as a number of the mentor and one of the mentee; None where two people do not say it alone."""
        grid = self.grid
        if grid.shape[1] == 1 and not grid.b.any() and (grid.weight_b == 1).all():
            some = self._a >= 0
            at = np.where(some, self._a, 0)
            taken = self._listed.numbers(at, np.zeros_like(at)) * self._weight_a
            return taken, np.zeros_like(grid.b)
        if grid.shape[0] == 1 and not grid.a.any() and (grid.weight_a == 1).all():
            some = grid.b >= 0
            at = np.where(some, grid.b, 0)
            return np.zeros_like(grid.a), np.where(some, self._listed.numbers(np.zeros_like(at), at), 0) * grid.weight_b
        return None

    def pairs(self, i: Ints, j: Ints) -> Ints:
        """What is taken from single pairs."""
        a, b = self._a[i], self.grid.b[j]
        some = (a >= 0) & (b >= 0)
        taken = self._listed.numbers(np.where(some, a, 0), np.where(some, b, 0))
        return np.where(some, taken * (self._weight_a[i] * self.grid.weight_b[j]), 0)

    def tile(self, rows: Ints, cols: Ints) -> Ints:
        """What is taken from all pairs of some mentors and some mentees."""
        groups, place = np.unique(self._a[rows], return_inverse=True)
        at = np.full(self._groups + 1, -1)
        inside = groups >= 0
        at[groups[inside]] = np.flatnonzero(inside)
        b = self.grid.b[cols]
        begin = np.where(b >= 0, self._begin[b], 0)
        each, entry = spread(begin, np.where(b >= 0, self._begin[b + 1], 0) - begin)
        group = at[self._of[entry]]
        some = group >= 0
        block = np.zeros((len(groups), len(cols)), dtype=np.int64)
        block[group[some], each[some]] = self._price[entry[some]]
        block *= self.grid.weight_b[cols]
        return np.asarray(block[place.reshape(-1)] * self._weight_a[rows][:, None])

    def gives(self, rows: Ints, cols: Ints) -> Ints:
        """For each of some mentees: no pair with any of these mentors gets more by it."""
        weight = self._weight_a[rows]
        low, high = int(weight.min(initial=0)), int(weight.max(initial=0))
        b, of_b = self.grid.b[cols], self.grid.weight_b[cols]
        least, most = (np.where(b >= 0, bound[b], 0) for bound in (self._low, self._high))
        corners = [-price * (of_a * of_b) for price in (least, most) for of_a in (low, high)]
        return np.asarray(np.maximum.reduce(corners))


def _largest(values: Ints) -> int:
    return max(int(values.max(initial=0)), -int(values.min(initial=0)))
