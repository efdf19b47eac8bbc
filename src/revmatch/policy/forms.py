"""The shapes that score terms take, so that n x m scores never need an n x m array.

A term states itself as one *form*: a product of two thin whole-number matrices, a comparison of two vectors, or a list
of (mentor, mentee, value) triples; only a caller's own dense table stays what it is. Every form can answer for a tile
(two slices) and for a list of pairs (two position arrays).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np

from revmatch.policy.planes import PlanesOfTwo, in_planes
from revmatch.policy.sides import Bools, Ints
from revmatch.policy.sparse import SparseRows as SparseRows
from revmatch.policy.sparse import expand as expand
from revmatch.policy.sparse import found, numbered, products, running, sizes

#: Columns of a product that are written out at once.
WIDEST = 4096


class Form(Protocol):
    """What every form can do."""

    @property
    def ceiling(self) -> int:
        """No pair's absolute value is above this."""
        ...

    def tile(self, rows: slice, cols: slice) -> Ints:
        """Values of all pairs of some consecutive mentors and mentees."""
        ...

    def pairs(self, i: Ints, j: Ints) -> Ints:
        """Values of listed pairs."""
        ...


@dataclass(frozen=True, slots=True)
class Product:
    """Value of a pair = sum over columns of (mentor's entry x mentee's entry).

    Parameters
    ----------
    mentors, mentees : SparseRows
        Thin matrices of n and m rows with the same columns.
    """

    mentors: SparseRows
    mentees: SparseRows
    #: How many pairs were asked for, and both sides as bits once that is worth it (None: it never is). Two threads at
    #: once work them out twice, and get the same.
    _asked: list[int] = field(default_factory=lambda: [0], init=False, repr=False, compare=False)
    _kept: list[PlanesOfTwo | None] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def ceiling(self) -> int:
        if not len(self.mentors.value) or not len(self.mentees.value):
            return 0
        most = np.zeros(self.mentees.width, dtype=np.int64)
        np.maximum.at(most, self.mentees.column, np.abs(self.mentees.value))
        worth = most[self.mentors.column]
        worth *= np.abs(self.mentors.value)
        # of a running total that may wrap round, the differences are right all the same
        return int(sizes(running(worth)[self.mentors.indptr]).max())

    def tile(self, rows: slice, cols: slice) -> Ints:
        a, b = self.mentors.narrowed(rows), self.mentees.narrowed(cols)
        used = np.flatnonzero(a.used() & b.used())
        total = np.zeros((len(a), len(b)), dtype=np.float64)
        # float64 products are exact here: the policy refuses scores whose sums could reach 2**53
        for at in range(0, len(used), WIDEST):
            some = np.zeros(a.width, dtype=bool)
            some[used[at : at + WIDEST]] = True
            thin = [part.renumbered(numbered(some)).dense(slice(None), np.float64) for part in (a, b)]
            total += thin[0] @ thin[1].T
        return np.asarray(total, dtype=np.int64)

    def pairs(self, i: Ints, j: Ints) -> Ints:
        self._asked[0] += len(i)
        if not self._kept and 4 * self._asked[0] > len(self.mentors) + len(self.mentees):
            self._kept.append(in_planes(self.mentors, self.mentees))
        planes = self._kept[0] if self._kept else None
        return products(self.mentors, self.mentees, i, j) if planes is None else planes.pairs(i, j)

    def __reduce__(self) -> tuple[Any, ...]:
        return Product, (self.mentors, self.mentees)


@dataclass(frozen=True, slots=True)
class Compare:
    """Value of a pair from one number of each person: 1 if same, 1 if different, or the capped distance.

    Parameters
    ----------
    mentors, mentees : ndarray of int64, shapes (n,) and (m,)
    mentors_stated, mentees_stated : ndarray of bool
        A pair where one has not stated the number is worth 0.
    how : {"same", "different", "distance"}
    at_most : int
        Largest distance that counts.
    """

    mentors: Ints
    mentees: Ints
    mentors_stated: Bools
    mentees_stated: Bools
    how: Literal["same", "different", "distance"]
    at_most: int = 1

    @property
    def ceiling(self) -> int:
        return self.at_most

    def tile(self, rows: slice, cols: slice) -> Ints:
        return self._values(
            self.mentors[rows, None], self.mentees[cols], self.mentors_stated[rows, None] & self.mentees_stated[cols]
        )

    def pairs(self, i: Ints, j: Ints) -> Ints:
        return self._values(self.mentors[i], self.mentees[j], self.mentors_stated[i] & self.mentees_stated[j])

    def _values(self, a: Ints, b: Ints, stated: Bools) -> Ints:
        if self.how == "distance":
            return np.where(stated, np.minimum(np.abs(a - b), self.at_most), 0)
        return np.asarray(((a == b) if self.how == "same" else (a != b)) & stated, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Triples:
    """Values of listed pairs; every other pair is worth 0 (and does not exist, where `only` says so).

    Parameters
    ----------
    mentors, mentees, values : ndarray of int64
        Sorted by mentor, then mentee; no pair twice.
    shape : tuple of int
    only : bool
        Pairs that are not listed do not exist.
    """

    mentors: Ints
    mentees: Ints
    values: Ints
    shape: tuple[int, int]
    only: bool = False

    @property
    def ceiling(self) -> int:
        return int(np.abs(self.values).max(initial=0))

    def tile(self, rows: slice, cols: slice) -> Ints:
        block, _ = self._tile(rows, cols)
        return block

    @property
    def is_partial(self) -> bool:
        """True if a pair that is not listed does not exist."""
        return self.only

    def exists(self, rows: slice, cols: slice) -> Bools:
        """Which pairs of a tile are listed."""
        _, listed = self._tile(rows, cols)
        return listed

    def pairs(self, i: Ints, j: Ints) -> Ints:
        at, listed = self._find(i, j)
        values = np.zeros(len(i), dtype=np.int64)
        values[listed] = self.values[at[listed]]
        return values

    def exist(self, i: Ints, j: Ints) -> Bools:
        """Which of some pairs are listed."""
        return self._find(i, j)[1]

    def _find(self, i: Ints, j: Ints) -> tuple[Ints, Bools]:
        if 4 * len(i) > self.shape[0]:
            begin = running(np.bincount(self.mentors, minlength=self.shape[0]))
            return found(self.mentees, begin[i], begin[i + 1], j)
        return found(self.mentees, np.searchsorted(self.mentors, i), np.searchsorted(self.mentors, i, side="right"), j)

    def _tile(self, rows: slice, cols: slice) -> tuple[Ints, Bools]:
        first, last = np.searchsorted(self.mentors, [rows.start, rows.stop])
        here = slice(int(first), int(last))
        inside = (self.mentees[here] >= cols.start) & (self.mentees[here] < cols.stop)
        at = (self.mentors[here][inside] - rows.start, self.mentees[here][inside] - cols.start)
        block = np.zeros((rows.stop - rows.start, cols.stop - cols.start), dtype=np.int64)
        block[at] = self.values[here][inside]
        listed = np.zeros(block.shape, dtype=bool)
        listed[at] = True
        return block, listed


@dataclass(frozen=True, slots=True)
class Grid:
    """A caller's dense table, as it is.

    Parameters
    ----------
    values : ndarray of int64, shape (n, m)
    rows, cols : ndarray of int64
        Where each mentor and mentee stands in the table.
    forbidden : ndarray of bool, shape (n, m), optional
        Pairs that do not exist.
    """

    values: Ints
    rows: Ints
    cols: Ints
    forbidden: Bools | None = None

    @property
    def ceiling(self) -> int:
        return int(max(self.values.max(initial=0), -self.values.min(initial=0)))

    def tile(self, rows: slice, cols: slice) -> Ints:
        return self.values[np.ix_(self.rows[rows], self.cols[cols])]

    def pairs(self, i: Ints, j: Ints) -> Ints:
        return self.values[self.rows[i], self.cols[j]]

    @property
    def is_partial(self) -> bool:
        """True if some pairs do not exist."""
        return self.forbidden is not None

    def exists(self, rows: slice, cols: slice) -> Bools:
        """Which pairs of a tile exist."""
        assert self.forbidden is not None
        return ~self.forbidden[np.ix_(self.rows[rows], self.cols[cols])]

    def exist(self, i: Ints, j: Ints) -> Bools:
        """Which of some pairs exist."""
        assert self.forbidden is not None
        return ~self.forbidden[self.rows[i], self.cols[j]]
