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

from revmatch.people.skills import SkillTable, split_items
from revmatch.policy.sides import Bools, Ints, Side, Sides

#: Entries of a dense block of thin rows that are held at once while pairs are listed.
BLOCK = 1 << 22


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
    return np.arange(total, dtype=np.int64) + np.repeat(start - (ends - counts), counts)


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
        # float64 products are exact here: the policy refuses scores whose sums could reach 2**53
        product = self.mentors.dense(rows, np.float64) @ self.mentees.dense(cols, np.float64).T
        return np.asarray(product, dtype=np.int64)

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


def on_shared_columns(mentors: SparseRows, mentees: SparseRows) -> Product:
    """Product on the columns that both sides use: the others add nothing and cost time."""
    used = np.intersect1d(mentors.column, mentees.column)
    table = np.full(max(mentors.width, mentees.width) + 1, -1, dtype=np.int64)
    table[used] = np.arange(len(used))

    def narrow(rows: SparseRows) -> SparseRows:
        keep = table[rows.column] >= 0
        return sparse_rows(rows.row[keep], table[rows.column[keep]], rows.value[keep], (len(rows), len(used)))

    return Product(narrow(mentors), narrow(mentees))


def shared_items(sides: Sides, column: str) -> Product:
    """1 for each item that two ``;`` lists of a column share, compared after trimming and case folding."""
    known: dict[str, int] = {}
    parsed = []
    for people in (sides.mentors, sides.mentees):
        codes, words = people.codes(column)
        lists = [{item.casefold() for item in split_items(word)} for word in words]
        items = [sorted(known.setdefault(item, len(known)) for item in sorted(own)) for own in lists]
        parsed.append((codes, items))
    rows = []
    for codes, items in parsed:
        counts = np.array([*(len(item) for item in items), 0], dtype=np.int64)
        flat = np.array([code for item in items for code in item], dtype=np.int64)
        begin = np.concatenate([[0], np.cumsum(counts[:-1])]).astype(np.int64)
        per_person = counts[codes]
        indptr = np.concatenate([[0], np.cumsum(per_person)]).astype(np.int64)
        entry = flat[expand(begin[codes], per_person)] if len(flat) else np.empty(0, dtype=np.int64)
        rows.append(SparseRows(indptr, entry, np.ones(len(entry), dtype=np.int64), len(known)))
    return Product(*rows)


def levels_offered(table: SkillTable, width: int) -> SparseRows:
    """1 in column ``skill * 5 + l - 1`` for each level l that a person has: ``[own >= l]``."""
    counts = table.level.astype(np.int64)
    row = np.repeat(np.repeat(np.arange(len(table.indptr) - 1), np.diff(table.indptr)), counts)
    level = expand(np.zeros(len(counts), dtype=np.int64), counts)
    column = np.repeat(table.skill.astype(np.int64), counts) * 5 + level
    return sparse_rows(row, column, np.ones(len(column), dtype=np.int64), (len(table.indptr) - 1, width * 5))


def levels_lacking(wants: SkillTable, offers: SkillTable, worth: Ints, *, need: bool) -> SparseRows:
    """Worth of each level between what a person has and what they want: ``[own < l <= wanted]``.

    Parameters
    ----------
    wants, offers : SkillTable
        Of the same people, with the same skill codes.
    worth : ndarray of int64
        Worth of a level of each skill.
    need : bool
        Scale each person's levels to 1,000 in all: a level is worth ``floor(1000 / weighted levels lacking)``.
    """
    people, width = len(wants.indptr) - 1, len(worth)
    wanted_row = np.repeat(np.arange(people, dtype=np.int64), np.diff(wants.indptr))
    own = _level_of(offers, wanted_row, wants.skill.astype(np.int64), width)
    lacking = np.maximum(wants.level.astype(np.int64) - own, 0)
    value = worth[wants.skill]
    if need:
        in_all = np.zeros(people, dtype=np.int64)
        np.add.at(in_all, wanted_row, lacking * value)
        value = value * (1000 // np.maximum(in_all, 1))[wanted_row]
    row = np.repeat(wanted_row, lacking)
    column = np.repeat(wants.skill.astype(np.int64) * 5, lacking) + expand(own, lacking)
    return sparse_rows(row, column, np.repeat(value, lacking), (people, width * 5))


def _level_of(table: SkillTable, row: Ints, skill: Ints, width: int) -> Ints:
    """Level of a person in a skill; 0 where they do not list it."""
    keys = np.repeat(np.arange(len(table.indptr) - 1), np.diff(table.indptr)) * width + table.skill
    if not len(keys):
        return np.zeros(len(row), dtype=np.int64)
    wanted = row * width + skill
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, table.level[at].astype(np.int64), 0)


def choice_triples(sides: Sides, of: Side, points: tuple[int, ...]) -> Triples:
    """Points of the pairs that one side listed in ``choices``, best first."""
    chooser, other = (sides.mentors, sides.mentees) if of == "mentor" else (sides.mentees, sides.mentors)
    codes, words = chooser.codes("choices")
    lists = [split_items(word)[: len(points)] for word in words]
    who, whom, value = [], [], []
    for person, code in enumerate(codes.tolist()):
        for rank, chosen in enumerate(lists[code] if code >= 0 else ()):
            who.append(person)
            whom.append(chosen)
            value.append(points[rank])
    at = other.index(whom)
    known = at >= 0  # chosen people who do not take part on the other side are no pair
    a, b, v = np.array(who, dtype=np.int64)[known], at[known], np.array(value, dtype=np.int64)[known]
    mentors, mentees = (a, b) if of == "mentor" else (b, a)
    order = np.lexsort((mentees, mentors))
    return Triples(mentors[order], mentees[order], v[order], sides.shape)


def listed(table: SkillTable, worth: Ints) -> SparseRows:
    """Worth of each skill that a person lists, whatever the level."""
    people = len(table.indptr) - 1
    row = np.repeat(np.arange(people, dtype=np.int64), np.diff(table.indptr))
    return sparse_rows(row, table.skill.astype(np.int64), worth[table.skill], (people, len(worth)))


def one_column(values: Ints) -> SparseRows:
    """One number a person."""
    row = np.arange(len(values), dtype=np.int64)
    return sparse_rows(row, np.zeros_like(row), values, (len(values), 1))


def side_by_side(*products: Product) -> Product:
    """One product whose value is the sum of several."""

    def beside(parts: list[SparseRows]) -> SparseRows:
        begin = np.cumsum([0, *(part.width for part in parts)])
        return sparse_rows(
            np.concatenate([part.row for part in parts]),
            np.concatenate([part.column + at for part, at in zip(parts, begin[:-1], strict=True)]),
            np.concatenate([part.value for part in parts]),
            (len(parts[0]), int(begin[-1])),
        )

    return Product(beside([p.mentors for p in products]), beside([p.mentees for p in products]))
