"""The shapes that score terms take, so that n x m scores never need an n x m array.

A term states itself as one *form*: a product of two thin whole-number matrices, a comparison of two vectors, or a list
of (mentor, mentee, value) triples; only a caller's own dense table stays what it is. Every form can answer for a tile
(two slices) and for a list of pairs (two position arrays).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from revmatch.policy.sides import Bools, Ints

#: Entries of a dense block of thin rows that are held at once while pairs are listed.
BLOCK = 1 << 22
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

    def only(self, columns: Ints) -> SparseRows:
        """These columns alone (sorted), numbered anew."""
        at = np.minimum(np.searchsorted(columns, self.column), max(0, len(columns) - 1))
        keep = columns[at] == self.column if len(columns) else np.zeros(len(self.column), dtype=bool)
        return sparse_rows(self.row[keep], at[keep], self.value[keep], (len(self), len(columns)))

    @property
    def row(self) -> Ints:
        """Row of each entry."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.indptr))

    def dense(self, rows: Ints | slice, dtype: npt.DTypeLike = np.int64) -> npt.NDArray[Any]:
        """Some rows written out."""
        index = np.arange(len(self), dtype=np.int64)[rows] if isinstance(rows, slice) else rows
        counts = self.indptr[index + 1] - self.indptr[index]
        at = expand(self.indptr[index], counts)
        block: npt.NDArray[Any] = np.zeros((len(index), self.width), dtype=dtype)
        block[np.repeat(np.arange(len(index)), counts), self.column[at]] = self.value[at]
        return block

    def packed(self) -> list[npt.NDArray[np.uint64]]:
        """Which entries are not zero, as one array of 64-bit words for each 64 columns."""
        words = [np.zeros(len(self), dtype=np.uint64) for _ in range(max(1, -(-self.width // 64)))]
        row = self.row
        for k, word in enumerate(words):
            here = (self.column // 64 == k) & (self.value != 0)
            np.bitwise_or.at(word, row[here], np.uint64(1) << (self.column[here] % 64).astype(np.uint64))
        return words


def expand(start: Ints, counts: Ints) -> Ints:
    """Concatenation of the ranges ``start[k] .. start[k] + counts[k]``.

    >>> expand(np.array([5, 0]), np.array([2, 3]))
    array([5, 6, 0, 1, 2])
    """
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total, dtype=np.int64) + np.repeat(start - (ends - counts), counts))


def sparse_rows(row: Ints, column: Ints, value: Ints, shape: tuple[int, int]) -> SparseRows:
    """Rows from entries in any order; entries of value 0 are dropped."""
    keep = value != 0
    row, column, value = row[keep], column[keep], value[keep]
    order = np.lexsort((column, row))
    indptr = np.zeros(shape[0] + 1, dtype=np.int64)
    np.cumsum(np.bincount(row, minlength=shape[0]), out=indptr[1:])
    return SparseRows(indptr, column[order], value[order], shape[1])


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

    @property
    def ceiling(self) -> int:
        if not len(self.mentors.value) or not len(self.mentees.value):
            return 0
        most = np.zeros(self.mentees.width, dtype=np.int64)
        np.maximum.at(most, self.mentees.column, np.abs(self.mentees.value))
        sums = np.zeros(len(self.mentors), dtype=np.float64)
        np.add.at(sums, self.mentors.row, np.abs(self.mentors.value) * most[self.mentors.column].astype(np.float64))
        return int(sums.max())

    def tile(self, rows: slice, cols: slice) -> Ints:
        a, b = self.mentors.narrowed(rows), self.mentees.narrowed(cols)
        used = np.intersect1d(a.column, b.column)
        total = np.zeros((len(a), len(b)), dtype=np.float64)
        # float64 products are exact here: the policy refuses scores whose sums could reach 2**53
        for at in range(0, len(used), WIDEST):
            some = used[at : at + WIDEST]
            total += a.only(some).dense(slice(None), np.float64) @ b.only(some).dense(slice(None), np.float64).T
        return np.asarray(total, dtype=np.int64)

    def pairs(self, i: Ints, j: Ints) -> Ints:
        values = np.zeros(len(i), dtype=np.int64)
        step = max(1, BLOCK // max(1, self.mentors.width))
        for at in range(0, len(i), step):
            part = slice(at, at + step)
            a, b = self.mentors.dense(i[part]), self.mentees.dense(j[part])
            values[part] = np.einsum("pk,pk->p", a, b)
        return values


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
        return np.where(listed, self.values[at], 0) if len(self.values) else np.zeros(len(i), dtype=np.int64)

    def exist(self, i: Ints, j: Ints) -> Bools:
        """Which of some pairs are listed."""
        return self._find(i, j)[1]

    def _find(self, i: Ints, j: Ints) -> tuple[Ints, Bools]:
        if not len(self.values):
            return np.zeros(len(i), dtype=np.int64), np.zeros(len(i), dtype=bool)
        keys = self.mentors * self.shape[1] + self.mentees
        wanted = i * self.shape[1] + j
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return at, keys[at] == wanted

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
