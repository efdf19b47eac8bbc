"""A score as a weighted sum of bits: what lets 64 pairs be looked at in one step.

Each person of one side, the *columns'* side, is a handful of bits ("offers data analysis at level 3 or higher"); each
person of the other side, the *rows*, weighs a handful of these. The score of a pair is a constant of the row plus the
weights of the bits that are set. Only the bits that a row weighs are ever touched: with thousands of skills, of which
everybody wants a few, this is the inverted index of information retrieval, held as bitmaps (P. O'Neil, Model 204
Architecture and Performance, 1987).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from revmatch.graph.words import Words, carried
from revmatch.policy.forms import Compare, Form, Product, SparseRows, Triples, expand
from revmatch.policy.sides import Bools, Ints, Side
from revmatch.policy.term import WholeScore

#: Numbers of one column of a product are split into at most so many bits.
MOST_BITS = 12
#: A distance is written in bits if the columns' side has at most so many different numbers.
MOST_NUMBERS = 32
_POWERS = 2.0 ** np.arange(32)


@dataclass(frozen=True, slots=True)
class Runs:
    """Bits that rows weigh together, most often the levels of a skill: they are counted once for all rows.

    Parameters
    ----------
    first, length : ndarray of int64
        Each run is some consecutive bits.
    plane : ndarray of int64
        Number of the plane of each run's least digit; the others follow.
    planes : int
        How many planes there are in all.
    """

    first: Ints
    length: Ints
    plane: Ints
    planes: int


@dataclass(frozen=True, slots=True)
class Bits:
    """Some consecutive bits of the columns' side.

    Parameters
    ----------
    begin, bit : ndarray of int64
        Which bits are set for each person (CSR, shape (people + 1,) and (entries,)).
    first, stop : int
        They are numbered from `first` up to but not including `stop`.
    """

    begin: Ints
    bit: Ints
    first: int
    stop: int

    def nested(self) -> Bools:
        """Whether each bit is set only where the one before is, as levels are."""
        beside = np.zeros(len(self.bit), dtype=bool)
        beside[1:] = self.bit[1:] == self.bit[:-1] + 1
        beside[self.begin[:-1][self.begin[:-1] < len(self.bit)]] = False
        count = self.stop - self.first
        both = np.bincount(self.bit[beside] - self.first, minlength=count)
        return np.asarray(both == np.bincount(self.bit - self.first, minlength=count))

    def of(self, people: Ints) -> tuple[Ints, Ints]:
        """Place among these people and bit of every bit of theirs."""
        counts = self.begin[people + 1] - self.begin[people]
        bit = self.bit[expand(self.begin[people], counts)]
        return np.repeat(np.arange(len(people), dtype=np.int64), counts), bit


@dataclass(frozen=True, slots=True)
class Thin:
    """A score as sums of bits, ready to be packed.

    Parameters
    ----------
    people : int
        Size of the columns' side.
    parts : tuple of Bits
        Which bits are set for each of them.
    bits : int
        How many different bits there are.
    nested : ndarray of bool, shape (bits,)
        Each bit is set only where the one before is.
    runs : Runs
        Which of them are counted together.
    row_begin, row_plane, row_weight : ndarray of int64
        Which planes each row weighs (CSR), and how much; weights are above 0, in units of `unit`.
    row_flip : ndarray of bool
        The plane counts where it is *not* set.
    base, unit, reach : ndarray of int64, shape (rows,)
        The score of a pair is at most ``base + unit * (weights of the planes that count)``, and hardly ever less;
        `reach` is the most that these weights can come to.
    """

    people: int
    parts: tuple[Bits, ...]
    bits: int
    nested: Bools
    runs: Runs
    row_begin: Ints
    row_plane: Ints
    row_weight: Ints
    row_flip: Bools
    base: Ints
    unit: Ints
    reach: Ints

    @property
    def work(self) -> float:
        """Operations on whole words that an average row takes."""
        # each binary digit of a weight is one more plane to add: two operations to fetch it and five to add it
        digits = sum(int(((self.row_weight >> b) & 1).sum()) for b in range(width(self.row_weight)))
        return 7.0 * digits / max(1, len(self.base)) + 5.0 * width(self.reach)


def thin(score: WholeScore, shape: tuple[int, int], rows: Side) -> Thin | None:
    """The score with one side as rows; None if it is a caller's own table, or takes too many bits.

    Parameters
    ----------
    score : WholeScore
    shape : tuple of int
        Number of mentors and of mentees.
    rows : {"mentor", "mentee"}
        Which side weighs the other's bits.
    """
    people, count = shape if rows == "mentee" else shape[::-1]
    parts = _Parts(people, count, rows)
    fine = all(parts.add(weight, form) for weight, form in score.parts if weight)
    return parts.made() if fine else None


@dataclass(frozen=True, slots=True)
class Keys:
    """The bits that tell most about who scores high: people are sorted by them, so that whole strips lack some.

    Parameters
    ----------
    has : ndarray of bool, shape (people, keys)
        Who of the columns' side has anything of each key.
    weight : ndarray of int64, shape (rows, keys)
        How much of a row's reach comes from each key.
    """

    has: Bools
    weight: Ints


def keys(bits: Thin, most: int) -> Keys:
    """So many of the skills, or whatever else goes together, that rows weigh most and that part people best."""
    chain = np.cumsum(~bits.nested) - 1
    chains = int(chain[-1]) + 1 if len(chain) else 0
    rows = len(bits.base)
    # of each chain its first bit is set wherever any of it is
    head = np.flatnonzero(~bits.nested)
    counts = np.zeros(bits.bits, dtype=np.int64)
    for part in bits.parts:
        counts += np.bincount(part.bit, minlength=bits.bits)
    share = counts[head] / max(1, bits.people)
    # each run's whole weight stands at its least digit
    run_chain = chain[bits.runs.first]
    which = np.full(bits.runs.planes, -1, dtype=np.int64)
    which[bits.runs.plane] = np.arange(len(bits.runs.plane))
    run = which[bits.row_plane]
    there = (run >= 0) & ~bits.row_flip
    row = np.repeat(np.arange(rows), np.diff(bits.row_begin))[there]
    run, weight = run[there], bits.row_weight[there] * bits.runs.length[run[there]]
    asked = np.bincount(run_chain[run], weights=weight, minlength=chains)
    best = np.argsort(-asked * share * (1 - share), kind="stable")[:most]
    number = np.full(chains, -1, dtype=np.int64)
    number[best] = np.arange(len(best))
    has = np.zeros((bits.people, len(best)), dtype=bool)
    of_bit = np.where(bits.nested, -1, number[chain]) if len(chain) else number
    for part in bits.parts:
        key = of_bit[part.bit]
        person = np.repeat(np.arange(bits.people), np.diff(part.begin))
        has[person[key >= 0], key[key >= 0]] = True
    of_row = np.zeros((rows, len(best)), dtype=np.int64)
    some = number[run_chain[run]] >= 0
    np.add.at(of_row, (row[some], number[run_chain[run[some]]]), weight[some])
    return Keys(has, of_row)


def width(values: Ints) -> int:
    """How many binary digits the largest number has."""
    return int(values.max(initial=0)).bit_length()


class _Parts:
    """Collects bits and weights, form by form."""

    def __init__(self, people: int, rows: int, side: Side) -> None:
        self.people, self.rows, self.side = people, rows, side
        self.base = np.zeros(rows, dtype=np.int64)
        self.slack = 0
        self.bits = 0
        self.set: list[Bits] = []
        self.weighed: list[tuple[Ints, ...]] = []  # row, bit, weight

    def add(self, weight: int, form: Form) -> bool:
        """Add a form; False if it cannot be written in bits."""
        if isinstance(form, Product):
            own, other = (form.mentors, form.mentees) if self.side == "mentee" else (form.mentees, form.mentors)
            return self._product(weight, own, other)
        if isinstance(form, Compare):
            self._compare(weight, form)
            return True
        # listed pairs that score more are looked at one by one; a table is not thin
        return isinstance(form, Triples) and not form.only

    def _product(self, weight: int, own: SparseRows, other: SparseRows) -> bool:
        """Numbers of the columns' side in binary: one bit for each power of two, negative ones apart."""
        person, row = own.row, other.row
        for sign in (1, -1):
            value = np.maximum(sign * own.value, 0)
            if width(value) > MOST_BITS:
                return False
            for b in range(width(value)):
                there = (value >> b & 1).astype(bool)
                weights = (sign * weight) * other.value << b
                self._bits(person[there], own.column[there], row, other.column, weights, own.width)
        return True

    def _compare(self, weight: int, form: Compare) -> None:
        a, b, knows_a, knows_b = form.mentors, form.mentees, form.mentors_stated, form.mentees_stated
        if self.side == "mentor":
            a, b, knows_a, knows_b = b, a, knows_b, knows_a
        numbers, at = np.unique(a[knows_a], return_inverse=True)
        person, row = np.flatnonzero(knows_a), np.flatnonzero(knows_b)
        if not len(numbers):
            return
        if form.how == "distance":
            if len(numbers) > MOST_NUMBERS:
                self.slack += max(0, weight) * form.at_most
                return
            apart = np.minimum(np.abs(numbers[None, :] - b[row][:, None]), form.at_most)
            r, k = np.nonzero(apart)
            self._bits(person, at, row[r], k, weight * apart[r, k], len(numbers))
            return
        if form.how == "different":  # whoever stated it is different, but for those who are the same
            if knows_a.all():
                self.base[row] += weight
            else:
                self._bits(person, np.zeros_like(person), row, np.zeros_like(row), np.full(len(row), weight), 1)
            weight = -weight
        same = np.minimum(np.searchsorted(numbers, b[row]), len(numbers) - 1)
        some = numbers[same] == b[row]
        self._bits(person, at, row[some], same[some], np.full(int(some.sum()), weight), len(numbers))

    def _bits(self, person: Ints, column: Ints, row: Ints, row_column: Ints, weight: Ints, columns: int) -> None:
        used = np.zeros(columns, dtype=bool)
        used[column] = True
        number = np.cumsum(used) - 1 + self.bits
        self.set.append(Bits(_begin(person, self.people), number[column], self.bits, self.bits + int(used.sum())))
        self.bits += int(used.sum())
        keep = used[row_column] & (weight != 0)
        self.weighed.append((row[keep], number[row_column[keep]], weight[keep]))

    def made(self) -> Thin:
        row, row_bit, weight = _joined(self.weighed, 3)
        nested = np.concatenate([np.zeros(0, dtype=bool), *(part.nested() for part in self.set)])
        runs, row, plane, weight, most = _in_runs(nested, row, row_bit, weight)
        unit = np.zeros(self.rows, dtype=np.int64)
        np.gcd.at(unit, row, np.maximum(weight, 0))
        # a loss that is less than a step of all gains is left to the test of the few pairs that are listed: without
        # it the steps are fewer by far
        keep = -weight >= unit[row]
        keep |= weight > 0
        row, plane, weight, most = row[keep], plane[keep], weight[keep], most[keep]
        np.gcd.at(unit, row, np.abs(weight))
        unit = np.maximum(unit, 1)
        reach, base = np.zeros(self.rows, dtype=np.int64), self.base + self.slack
        # what is below 0 counts where it is not set, and is taken off beforehand
        np.add.at(base, row, np.minimum(weight, 0))
        np.add.at(reach, row, np.where(weight > 0, most, -weight))
        return Thin(
            self.people, tuple(self.set), self.bits, nested, runs,
            _begin(row, self.rows), plane, np.abs(weight) // unit[row], weight < 0,
            base, unit, reach // unit,
        )  # fmt: skip


def _joined(parts: list[tuple[Ints, ...]], count: int) -> Iterator[Ints]:
    for k in range(count):
        yield np.concatenate([np.zeros(0, dtype=np.int64), *(part[k] for part in parts)])


def _begin(row: Ints, rows: int) -> Ints:
    """Where each row's entries begin, once they are in order."""
    begin = np.zeros(rows + 1, dtype=np.int64)
    np.cumsum(np.bincount(row, minlength=rows), out=begin[1:])
    return begin


def _in_runs(nested: Bools, row: Ints, bit: Ints, weight: Ints) -> tuple[Runs, Ints, Ints, Ints, Ints]:
    """Consecutive nested bits of the same weight in a row as one number: its runs, and the rows' planes.

    Returns
    -------
    runs : Runs
    row, plane, weight, most : ndarray of int64
        Of each plane that a row weighs, by row. The `most` of a run's planes add up to what the whole run can add.
    """
    order = np.lexsort((bit, row))
    row, bit, weight = row[order], bit[order], weight[order]
    goes_on = np.zeros(len(row), dtype=bool)
    goes_on[1:] = (row[1:] == row[:-1]) & (bit[1:] == bit[:-1] + 1) & (weight[1:] == weight[:-1])
    goes_on &= nested[bit]
    start = np.flatnonzero(~goes_on)
    length = np.diff(np.append(start, len(row)))
    key, which = np.unique(bit[start] * (1 << 32) + length, return_inverse=True)
    first, lengths = key >> 32, key & ((1 << 32) - 1)
    digits = np.ceil(np.log2(lengths + 1)).astype(np.int64)
    plane = np.cumsum(digits) - digits
    runs = Runs(first, lengths, plane, int(digits.sum()))
    each = digits[which]
    digit = expand(np.zeros_like(each), each)
    own_weight = np.repeat(weight[start], each) << digit
    most = np.where(digit == 0, np.repeat(weight[start] * length, each), 0)
    return runs, np.repeat(row[start], each), np.repeat(plane[which], each) + digit, own_weight, most


def packed(bits: Thin, people: Ints) -> Words:
    """Every plane of the runs: who of these people has the digit set, 64 to a word. The plane after the last is empty.

    Parameters
    ----------
    bits : Thin
    people : ndarray of int64
        People of the columns' side, in the order of their places in the planes.
    """
    halves = 2 * -(-len(people) // 64)
    single = np.zeros((bits.bits, halves // 2), dtype=np.uint64)
    for part in bits.parts:
        place, bit = part.of(people)
        # a sum of different powers of two below 2**32 is exact in float64, and is their union
        at = (bit - part.first) * halves + (place >> 5)
        sums = np.bincount(at, weights=_POWERS[place & 31], minlength=(part.stop - part.first) * halves)
        single[part.first : part.stop] = sums.astype(np.uint32).reshape(-1, halves).view(np.uint64)
    runs = bits.runs
    planes: npt.NDArray[np.uint64] = np.zeros((runs.planes + 1, halves // 2), dtype=np.uint64)
    for length in np.unique(runs.length).tolist():
        here = runs.length == length
        digits = carried([[single[runs.first[here] + k] for k in range(length)]])
        for digit, plane in enumerate(digits):
            planes[runs.plane[here] + digit] = plane
    return planes
