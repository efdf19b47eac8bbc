"""Products of two thin matrices, one row a person each: for single pairs, for tiles, and bounds on them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from revmatch.certify.sides import Bools, Ints, spread

Numbers = npt.NDArray[Any]

#: A matrix of at most so many bytes is also held with its zeros, so that single pairs are quick to find.
MOST_BYTES = 1 << 28
#: Pairs that are multiplied at a time.
STEP = 1 << 12
#: Entries are taken one by one where not more than one in so many is other than zero.
SPARSE = 8


#: BLAS multiplies so small matrices without dealing them out to threads, which would wait for each other: on a busy
#: machine that makes large products many times slower. Many small products lose little.
SMALL_PRODUCT = 1 << 18


def exact_in(most: int) -> Any:
    """Cheapest numbers in which every sum up to this is exact."""
    return np.float32 if most < 1 << 24 else np.float64 if most < 1 << 53 else np.int64


def multiplied(a: Numbers, b: Numbers) -> Numbers:
    """Product of a matrix and the transposed of another one, by many small products."""
    width, high, wide = a.shape[1], 64, 128
    while high * wide * width > SMALL_PRODUCT and wide > 8:
        high, wide = (high, wide // 2) if wide > 16 or high <= 16 else (high // 2, wide)
    wide = min(wide, -(-len(b) // 8) * 8 or 8)
    rows, cols = -(-len(a) // high), -(-len(b) // wide)
    padded_a, padded_b = (np.zeros((size, width), dtype=a.dtype) for size in (rows * high, cols * wide))
    padded_a[: len(a)], padded_b[: len(b)] = a, b
    found = np.empty((rows * high, cols * wide), dtype=a.dtype)
    np.matmul(
        padded_a.reshape(rows, 1, high, width),
        padded_b.reshape(1, cols, wide, width).swapaxes(2, 3),
        out=found.reshape(rows, high, cols, wide).swapaxes(1, 2),
    )
    return found[: len(a), : len(b)]


class Thin:
    """A thin matrix, held by its entries that are not zero; people with the same cells share a row.

    Parameters
    ----------
    codes : ndarray of int64
        Row of each person.
    rows, width : int
        Size of the matrix.
    row, column, value : ndarray of int64
        Entries, by row and in a row by column.
    family : ndarray of int64, optional
        Number of the family of each column, rising: whoever has an entry in a column has one in every column before it
        of the same family. By default each column is a family of its own.
    """

    __slots__ = ("__dict__", "begin", "codes", "column", "family", "rows", "value", "width")

    def __init__(
        self, codes: Ints, rows: int, width: int, row: Ints, column: Ints, value: Ints, family: Ints | None = None
    ) -> None:
        self.codes, self.rows, self.width = codes, rows, width
        self.begin = np.searchsorted(row, np.arange(rows + 1))
        self.column, self.value = column, value
        self.family = np.arange(width) if family is None else family

    def only(self, columns: Bools) -> Thin:
        """Matrix of these columns."""
        keep = columns[self.column]
        place = np.cumsum(columns) - 1
        row = np.repeat(np.arange(self.rows), np.diff(self.begin))[keep]
        column, value = place[self.column[keep]], self.value[keep]
        return Thin(self.codes, self.rows, int(columns.sum()), row, column, value, self.family[columns])

    def used(self) -> Bools:
        """Columns that hold anything."""
        found = np.zeros(self.width, dtype=bool)
        found[self.column] = True
        return found

    @cached_property
    def most(self) -> int:
        """Largest absolute entry."""
        return max(int(self.value.max(initial=0)), -int(self.value.min(initial=0)))

    @cached_property
    def longest(self) -> int:
        """Most entries of a row."""
        return int(np.diff(self.begin).max(initial=0))

    @cached_property
    def whole(self) -> Numbers | None:
        """Matrix with its zeros, in the smallest whole numbers; None if it would be too large."""
        least, most = int(self.value.min(initial=0)), int(self.value.max(initial=0))
        dtype = np.result_type(np.min_scalar_type(least), np.min_scalar_type(most))
        if self.rows * self.width * dtype.itemsize > MOST_BYTES:
            return None
        found = np.zeros((self.rows, self.width), dtype=dtype)
        found[np.repeat(np.arange(self.rows), np.diff(self.begin)), self.column] = self.value
        return found

    @cached_property
    def keys(self) -> Ints:
        """Row and column of each entry in one number, rising."""
        return np.repeat(np.arange(self.rows), np.diff(self.begin)) * self.width + self.column

    def entries(self, people: Ints) -> tuple[Ints, Ints]:
        """Which of these people, and which entry, for each entry of theirs."""
        row = self.codes[people]
        return spread(self.begin[row], self.begin[row + 1] - self.begin[row])

    def block(self, people: Ints, columns: Bools, dtype: Any) -> Numbers:
        """Rows of some people, in these columns."""
        if self.whole is not None:
            return self.whole[self.codes[people]][:, columns].astype(dtype)
        place = np.where(columns, np.cumsum(columns) - 1, -1)
        found = np.zeros((len(people), int(columns.sum())), dtype=dtype)
        who, at = self.entries(people)
        column = place[self.column[at]]
        keep = column >= 0
        found[who[keep], column[keep]] = self.value[at[keep]]
        return found

    def used_by(self, people: Ints) -> Bools:
        """Columns in which some of these people have an entry."""
        if self.whole is not None:
            return np.asarray((self.whole[self.codes[people]] != 0).any(axis=0))
        found = np.zeros(self.width, dtype=bool)
        found[self.column[self.entries(people)[1]]] = True
        return found

    def has(self, people: Ints, columns: Ints) -> Bools:
        """Whether people have an entry in a column each."""
        row = self.codes[people]
        if self.whole is not None:
            return np.asarray(self.whole[row, columns] != 0)
        wanted = row * self.width + columns
        near = np.minimum(np.searchsorted(self.keys, wanted), max(0, len(self.keys) - 1))
        return np.asarray(self.keys[near] == wanted) if len(self.keys) else np.zeros(len(wanted), dtype=bool)

    @cached_property
    def span(self) -> tuple[Ints, Ints]:
        """Least and largest entry of each column, 0 included."""
        least, most = np.zeros(self.width, dtype=np.int64), np.zeros(self.width, dtype=np.int64)
        np.maximum.at(most, self.column, self.value)
        np.minimum.at(least, self.column, self.value)
        return least, most


class Product:
    """Sum over columns of (mentor's entry x mentee's entry), for every pair.

    Parameters
    ----------
    a, b : Thin
        Of mentors and of mentees; columns that one of the two does not use are dropped.
    """

    __slots__ = ("a", "b", "most")

    def __init__(self, a: Thin, b: Thin) -> None:
        both = a.used() & b.used()
        self.a, self.b = a.only(both), b.only(both)
        #: No absolute product is above this.
        self.most = min(self.a.longest, self.b.longest) * self.a.most * self.b.most

    def pairs(self, i: Ints, j: Ints) -> Ints:
        """Products of single pairs."""
        found = np.zeros(len(i), dtype=np.int64)
        if not self.a.width:
            return found
        whole_a, whole_b = self.a.whole, self.b.whole
        few = len(self.b.value) * SPARSE < self.b.rows * self.b.width
        dtype = exact_in(self.most)
        for begin in range(0, len(i), STEP):
            part = slice(begin, begin + STEP)
            if whole_a is not None and few:
                found[part] = self._picked(whole_a, i[part], j[part])
            elif whole_a is None or whole_b is None:
                found[part] = self._searched(i[part], j[part])
            else:
                x = whole_a[self.a.codes[i[part]]].astype(dtype)
                x *= whole_b[self.b.codes[j[part]]].astype(dtype)
                found[part] = x.sum(axis=1)
        return found

    def _picked(self, whole_a: Numbers, i: Ints, j: Ints) -> Ints:
        """Each entry of the mentee's is multiplied with that of the mentor in its column."""
        who, at = self.b.entries(j)
        each = whole_a[self.a.codes[i[who]], self.b.column[at]] * self.b.value[at]
        ends = np.cumsum(np.append(0, each))
        row = self.b.codes[j]
        last = np.cumsum(self.b.begin[row + 1] - self.b.begin[row])
        return np.asarray(np.diff(ends[np.append(0, last)]))

    def _searched(self, i: Ints, j: Ints) -> Ints:
        """Each entry of the mentee's is looked for in the mentor's row."""
        found = np.zeros(len(i), dtype=np.int64)
        who, at = self.b.entries(j)
        keys = self.a.keys
        wanted = self.a.codes[i[who]] * self.a.width + self.b.column[at]
        near = np.minimum(np.searchsorted(keys, wanted), max(0, len(keys) - 1))
        hit = keys[near] == wanted if len(keys) else np.zeros(len(wanted), dtype=bool)
        np.add.at(found, who[hit], self.a.value[near[hit]] * self.b.value[at[hit]])
        return found
