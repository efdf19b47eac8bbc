"""Thin whole-number matrices, one row a person, and what is done with their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from revmatch.policy.sides import Bools, Ints

#: Entries that are looked at together while pairs are listed.
BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class SparseRows:
    """A thin whole-number matrix, one row a person, held by its entries that are not zero (CSR).

    Parameters
    ----------
    indptr : ndarray of int64, shape (people + 1,)
        Where each person's entries begin.
    column, value : ndarray of int64
        Column and value of each entry; a row names a column at most once.
    width : int
        Number of columns.
    """

    indptr: Ints
    column: Ints
    value: Ints
    width: int

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def narrowed(self, rows: slice) -> SparseRows:
        """Some consecutive rows."""
        indptr = self.indptr[rows.start : rows.stop + 1]
        part = slice(int(indptr[0]), int(indptr[-1]))
        return SparseRows(indptr - indptr[0], self.column[part], self.value[part], self.width)

    def used(self) -> Bools:
        """Which columns have an entry."""
        found = np.zeros(self.width, dtype=bool)
        found[self.column] = True
        return found

    def renumbered(self, number: Ints) -> SparseRows:
        """Some columns alone, under the numbers that `numbered` gave them."""
        column = number[self.column]
        keep = column >= 0
        width = int(number.max(initial=-1)) + 1
        if keep.all():
            return SparseRows(self.indptr, column, self.value, width)
        return SparseRows(running(keep)[self.indptr], column[keep], self.value[keep], width)

    @property
    def row(self) -> Ints:
        """Row of each entry."""
        return np.repeat(np.arange(len(self), dtype=np.int64), sizes(self.indptr))

    def dense(self, rows: Ints | slice, dtype: npt.DTypeLike = np.int64) -> npt.NDArray[Any]:
        """Some rows written out."""
        index = np.arange(len(self), dtype=np.int64)[rows] if isinstance(rows, slice) else rows
        counts = self.indptr[index + 1] - self.indptr[index]
        at = expand(self.indptr[index], counts)
        block: npt.NDArray[Any] = np.zeros((len(index), self.width), dtype=dtype)
        block[np.repeat(np.arange(len(index)), counts), self.column[at]] = self.value[at]
        return block


def expand(start: Ints, counts: Ints) -> Ints:
    """Concatenation of the ranges ``start[k] .. start[k] + counts[k]``.

    >>> expand(np.array([5, 0]), np.array([2, 3]))
    array([5, 6, 0, 1, 2])
    """
    ends = np.cumsum(counts, dtype=np.int64)
    found: Ints = np.repeat(start - (ends - counts), counts)
    found += np.arange(len(found))
    return found


def numbered(chosen: Bools) -> Ints:
    """Numbers of the chosen ones, from 0 on; -1 for the others.

    >>> numbered(np.array([True, False, True]))
    array([ 0, -1,  1])
    """
    return np.where(chosen, np.cumsum(chosen) - 1, -1)


def ones(count: int) -> Ints:
    """So many ones, which take no memory."""
    return np.broadcast_to(np.int64(1), (count,))


def filled(indptr: Ints, column: Ints, value: Ints, width: int) -> SparseRows:
    """Rows from entries that are in order; entries of value 0 are dropped."""
    keep = value != 0
    if keep.all():
        return SparseRows(indptr, column, value, width)
    return SparseRows(running(keep)[indptr], column[keep], value[keep], width)


def running(counts: npt.NDArray[Any]) -> Ints:
    """Running total, from 0 before the first on.

    >>> running(np.array([2, 3]))
    array([0, 2, 5])
    """
    ends = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=ends[1:])
    return ends


def sizes(ends: Ints) -> Ints:
    """Sizes of parts of which each begins where the one before ends.

    >>> sizes(np.array([0, 2, 5]))
    array([2, 3])
    """
    return ends[1:] - ends[:-1]


def products(a: SparseRows, b: SparseRows, i: Ints, j: Ints) -> Ints:
    """Sums over the columns of (entry of row i of the one x entry of row j of the other), for listed pairs of rows."""
    if len(a.column) * len(b) < len(b.column) * len(a):  # the shorter rows are gone through, the others searched
        a, b, i, j = b, a, j, i
    values = np.zeros(len(i), dtype=np.int64)
    start, counts = b.indptr[j], b.indptr[j + 1] - b.indptr[j]
    ends = np.cumsum(counts)
    at = 0
    while at < len(i):
        to = max(at + 1, int(np.searchsorted(ends, (ends[at - 1] if at else 0) + BLOCK, side="right")))
        part = slice(at, to)
        entry = expand(start[part], counts[part])
        row = np.repeat(i[part], counts[part])
        other, both = found(a.column, a.indptr[row], a.indptr[row + 1], b.column[entry])
        worth = np.zeros(len(row), dtype=np.int64)
        worth[both] = a.value[other[both]] * b.value[entry[both]]
        values[part] = sizes(running(worth)[running(counts[part])])
        at = to
    return values


def found(column: Ints, low: Ints, end: Ints, wanted: Ints) -> tuple[Ints, Bools]:
    """Where each wanted number stands in its own rising part ``column[low:end]``, by bisection; and whether it does."""
    if not len(column):
        return np.zeros(len(low), dtype=np.int64), np.zeros(len(low), dtype=bool)
    last = len(column) - 1
    step = 1 << int((end - low).max(initial=0)).bit_length() >> 1
    while step:  # `low` goes on as far as all numbers before it are smaller
        ahead = low + (step - 1)
        low = low + step * ((ahead < end) & (column[np.minimum(ahead, last)] < wanted))
        step >>= 1
    at = np.minimum(low, last)
    return at, (low < end) & (column[at] == wanted)
