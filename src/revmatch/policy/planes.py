"""Products of thin rows for millions of pairs: 64 columns in one step.

A row of small whole numbers is a few rows of bits, one for each binary digit and sign (bit slicing); what two rows of
bits have in common is counted in whole words. A row whose numbers have a common factor, such as the worth of each level
that one person lacks, is that factor times a row of ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from revmatch.policy.sides import Ints
from revmatch.policy.sparse import SparseRows, numbered, sizes

Words = npt.NDArray[np.uint64]
#: Pairs that are looked at together.
BLOCK = 1 << 16
#: Words that may be counted for a pair; where there are more, the few entries that are not zero take less time.
MOST_WORDS = 48
#: Bytes that the words of both sides may take.
MOST_BYTES = 1 << 27
_BYTE_COUNTS = np.array([k.bit_count() for k in range(1 << 16)], dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Planes:
    """Thin rows as bits: row p is ``unit[p]`` times the sum of its planes, each times its weight.

    Parameters
    ----------
    unit : ndarray of int64, shape (people,), or None
        None where all are 1.
    planes : tuple of (int, ndarray of uint64 of shape (words, people))
        Weights, powers of two of either sign, and bits.
    """

    unit: Ints | None
    planes: tuple[tuple[int, Words], ...]


@dataclass(frozen=True, slots=True)
class PlanesOfTwo:
    """Products of two sides as bits, some columns at a time.

    Parameters
    ----------
    parts : tuple of (Planes, Planes)
        The sides on the columns where the first one holds only ones, and on the others.
    """

    parts: tuple[tuple[Planes, Planes], ...]

    def pairs(self, i: Ints, j: Ints) -> Ints:
        """Products of listed pairs of rows."""
        values = np.zeros(len(i), dtype=np.int64)
        for at in range(0, len(i), BLOCK):
            here = slice(at, at + BLOCK)
            for a, b in self.parts:
                values[here] += _multiplied(a, b, i[here], j[here])
        return values


def in_planes(a: SparseRows, b: SparseRows) -> PlanesOfTwo | None:
    """Both sides as bits; None if that takes more time or memory than it is worth."""
    if -(-a.width // 64) * (len(a) + len(b)) * 8 > MOST_BYTES:
        return None
    parts, words, size = [], 0, 0
    for columns in _alike(a):
        sides = [_Divided.of(side, columns) for side in (a, b)]
        words += len(sides[0].digits) * len(sides[1].digits) * sides[0].words
        size += sum(side.nbytes for side in sides)
        parts.append(sides)
    if words > MOST_WORDS or size > MOST_BYTES:
        return None
    return PlanesOfTwo(tuple((x.packed(), y.packed()) for x, y in parts))


def _alike(rows: SparseRows) -> list[Ints | None]:
    """Columns of ones and other columns, as they are numbered apart; None for all columns as they are."""
    plain = np.ones(rows.width, dtype=bool)
    if len(rows.value) and (rows.value.min() != 1 or rows.value.max() != 1):
        plain[rows.column[rows.value != 1]] = False
    return [numbered(plain), numbered(~plain)] if plain.any() and not plain.all() else [None]


def _multiplied(a: Planes, b: Planes, i: Ints, j: Ints) -> Ints:
    total = np.zeros(len(i), dtype=np.int64)
    picked = [(weight, [word[j] for word in plane]) for weight, plane in b.planes]
    for weight_a, plane in a.planes:
        for k, word in enumerate(plane):
            bits = word[i]
            for weight_b, others in picked:
                common = count_bits(bits & others[k])
                total += common if weight_a * weight_b == 1 else common * np.int64(weight_a * weight_b)
    for unit, at in ((a.unit, i), (b.unit, j)):
        if unit is not None:
            total *= unit[at]
    return total


def count_bits(words: Words) -> npt.NDArray[np.uint8]:
    """How many bits are set in each word.

    >>> count_bits(np.array([0, 7, 2**64 - 1], dtype=np.uint64))
    array([ 0,  3, 64], dtype=uint8)
    """
    if hasattr(np, "bitwise_count"):
        return np.asarray(np.bitwise_count(words))
    quarters = _BYTE_COUNTS[words.view(np.uint16)]  # NumPy before 2.0
    return np.asarray(quarters.reshape(*words.shape, 4).sum(axis=-1, dtype=np.uint8))


@dataclass(frozen=True, slots=True)
class _Divided:
    """Rows whose entries were divided by the common factor of their row."""

    rows: SparseRows
    unit: Ints | None
    #: Powers of two, of either sign, that add up to any entry.
    digits: list[int]

    @classmethod
    def of(cls, rows: SparseRows, columns: Ints | None) -> _Divided:
        rows = rows if columns is None else rows.renumbered(columns)
        unit = None
        some = np.flatnonzero(sizes(rows.indptr))
        if len(some) and (rows.value.min() != 1 or rows.value.max() != 1):
            unit = np.ones(len(rows), dtype=np.int64)
            unit[some] = np.gcd.reduceat(rows.value, rows.indptr[some])
            value = rows.value // np.repeat(unit, sizes(rows.indptr))
            rows = SparseRows(rows.indptr, rows.column, value, rows.width)
        most = (int(rows.value.max(initial=0)), int(-rows.value.min(initial=0)))
        digits = [sign * 2**b for sign, size in zip((1, -1), most, strict=True) for b in range(size.bit_length())]
        return cls(rows, unit, digits)

    @property
    def words(self) -> int:
        return -(-self.rows.width // 64)

    @property
    def nbytes(self) -> int:
        return len(self.digits) * self.words * len(self.rows) * 8

    def packed(self) -> Planes:
        return Planes(self.unit, tuple((digit, self._bits(digit)) for digit in self.digits))

    def _bits(self, digit: int) -> Words:
        """Entries that have a digit: each word of a row is the sum of different powers of two."""
        row, column, value = self.rows.row, self.rows.column, self.rows.value
        if len(self.digits) > 1:
            there = (np.abs(value) & abs(digit) != 0) & ((value > 0) == (digit > 0))
            row, column = row[there], column[there]
        packed: Words = np.zeros((self.words, len(self.rows)), dtype=np.uint64)
        key = row * self.words + (column >> 6)
        first = np.flatnonzero(np.diff(key, prepend=-1))
        if len(first):
            sums = np.add.reduceat(np.uint64(1) << (column & 63).astype(np.uint64), first)
            packed[column[first] >> 6, row[first]] = sums
        return packed
