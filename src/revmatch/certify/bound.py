"""The certificate's sum: a ceiling for each goal, on the face of the goals before it.

For whole numbers y (one a person), r >= 0 (one a row ``sum a x <= b``) and a denominator D, no plan is worth
more than::

    floor((sum over people of max over d of (D f(d) + y d) + sum over rows of r b
           + sum over pairs of max(0, D w - y_i - y_j - sum r a)) / D)

where d runs over the numbers of partners that a person may have. A pair that must be in counts without the ``max``, a
pair that must be out not at all. If a goal's value times D equals the sum, every plan that keeps the value attains each
maximum: pairs above 0 are in, pairs below 0 are out, numbers of partners that are not best are out, rows with a price
are tight. The next goal is summed on that face. Otherwise the goal becomes the row ``goal >= value``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from revmatch.certify.listed import Listed
from revmatch.certify.records import MOST, Direction, Record
from revmatch.certify.sides import Bools, Ints

#: Pairs that are named when a sum does not come out.
MOST_NAMED = 3
#: So few numbers are added up one by one.
FEW = 512


@dataclass(frozen=True, slots=True)
class Patch:
    """Some pairs, each given once.

    Parameters
    ----------
    i, j : ndarray of int64
        Positions of mentors and mentees.
    free, fixed, held : ndarray of bool
        Pairs that may be in or out; pairs that must be in; pairs that the plan holds.
    worth : ndarray of int64
        Score in whole units.
    """

    i: Ints
    j: Ints
    free: Bools
    fixed: Bools
    held: Bools
    worth: Ints


class Prices:
    """What the records say of a pair: how far it is above its prices, for each record.

    Parameters
    ----------
    records : list of Record
    shape : tuple of int
        Number of mentors and of mentees.
    """

    __slots__ = ("directions", "factors", "records", "shape")

    def __init__(self, records: list[Record], shape: tuple[int, int]) -> None:
        self.records, self.shape = records, shape
        #: For each record the pairs that meet a limit row in one direction only, with the row's price.
        self.directions = [_listed(record.directions, shape) for record in records]
        #: What a unit of score and what any pair at all is worth to each record, in its denominator.
        self.factors = [self._factors(record) for record in records]

    def _factors(self, record: Record) -> tuple[int, int]:
        aims = [(record.denominator, record.aim), *((r, self.records[g].aim) for g, r in record.kept)]
        each = {kind: sum(factor for factor, aim in aims if aim.pair == kind) for kind in ("score", "one")}
        return each["score"], each["one"]

    def brackets(self, k: int, i: Ints, j: Ints, worth: Ints) -> Ints:
        """By how much some pairs are above their prices."""
        record, listed = self.records[k], self.directions[k]
        by_score, by_pair = self.factors[k]
        found = by_score * worth + by_pair - record.mentor_prices[i] - record.mentee_prices[j]
        return found if listed is None else found - listed.numbers(i, j)

    def counting(self, i: Ints, j: Ints, worth: Ints, assumed: list[bool]) -> Bools:
        """Which of some pairs would add to a sum if they may meet; `assumed` says which records close."""
        found = np.zeros(len(i), dtype=bool)
        free = np.ones(len(i), dtype=bool)
        for k, closes in enumerate(assumed):
            bracket = self.brackets(k, i, j, worth)
            found |= free & (bracket > 0)
            if closes:
                free &= bracket == 0
        return found

    def unsafe(self, most: int, most_partners: int) -> str:
        """Place of the first record whose sums might pass 2**62, with scores up to `most`; "" if there is none."""
        for record in self.records:
            price = max(_largest(record.mentor_prices), _largest(record.mentee_prices))
            rows = sum(abs(r) for _, r in record.kept) + sum(abs(row.price) for row in record.directions)
            pair = record.denominator * max(1, most) + 2 * price + rows * max(1, most)
            if max(pair, record.denominator + rows + price * max(1, most_partners)) >= MOST:
                return record.place
        return ""


@dataclass(frozen=True, slots=True)
class Degrees:
    """Numbers of partners that each person of one side may have: perhaps 0, and low..high (none if low > high).

    Parameters
    ----------
    zero : ndarray of bool
    low, high : ndarray of int64
        1 <= low where low <= high.
    """

    zero: Bools
    low: Ints
    high: Ints

    @classmethod
    def between(cls, least: Ints, most: Ints) -> Degrees:
        """From the fewest to the most partners."""
        return cls(least <= 0, np.maximum(least, 1), most)

    def best(self, step: int, price: Ints) -> tuple[Ints, Degrees]:
        """Largest ``step * [d >= 1] + price * d`` of each person, and where it is attained."""
        some = self.low <= self.high
        paired = step + price * np.where(price > 0, self.high, self.low)
        best = np.where(some & self.zero, np.maximum(paired, 0), np.where(some, paired, 0))
        stays = some & (paired == best)
        low = np.where(price > 0, self.high, self.low)
        high = np.where(price < 0, self.low, self.high)
        return best, Degrees(self.zero & (best == 0), np.where(stays, low, 1), np.where(stays, high, 0))

    @property
    def empty(self) -> Bools:
        """People for whom no number is left."""
        return ~self.zero & (self.low > self.high)


@dataclass(slots=True)
class Sum:
    """What one record adds up to.

    Parameters
    ----------
    total : int
        Denominator times the ceiling, before rounding down.
    bound : int
        The ceiling.
    closed : bool
        Whether the goal's value is on it exactly.
    above : list of (int, int, int)
        Some pairs that are not held and whose bracket is above 0 although the goal was said to close, with the bracket.
    """

    total: int
    bound: int
    closed: bool
    above: list[tuple[int, int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Replay:
    """Everything that the sum is taken of.

    Parameters
    ----------
    prices : Prices
    values : list of set of int
        For each record, the values of its goal at which the sum may close (the plan's own; empty if it has none).
    kept : list of int or None
        For each record, the value of its goal that later goals keep if it does not close.
    mentors, mentees : Degrees
        Numbers of partners allowed.
    patches : callable
        Gives the pairs, patch by patch, each pair once; pairs that add nothing may be left out. It is told which
        records are assumed to close, and is called once or more.
    partial : bool
        The patches leave pairs out that may count: the sums are too small then, and a goal closes only where its
        record says so.
    """

    prices: Prices
    values: list[set[int]]
    kept: list[int | None]
    mentors: Degrees
    mentees: Degrees
    patches: Callable[[list[bool]], Iterable[Patch]]
    partial: bool

    def sums(self) -> list[Sum]:
        """Sum of each record.

        Which pairs a goal leaves open depends on whether the goals before it close, and that is known only after their
        sums. So it is assumed that they close where they claim to; where that turns out wrong, the sum is taken again.
        """
        records = self.prices.records
        assumed = [record.claimed in values for record, values in zip(records, self.values, strict=True)]
        named: dict[int, list[tuple[int, int, int]]] = {}
        while True:
            found = self._once(assumed)
            for k, one in enumerate(found):
                if one.above:
                    named.setdefault(k, one.above)
            wrong = [k for k, one in enumerate(found) if one.closed != assumed[k]]
            if not wrong:
                for k, one in enumerate(found):
                    one.above = named.get(k, [])
                return found
            assumed[wrong[0]] = found[wrong[0]].closed

    def _once(self, assumed: list[bool]) -> list[Sum]:
        records = self.prices.records
        totals = self._people_and_rows(assumed)
        above: list[list[tuple[int, int, int]]] = [[] for _ in records]
        for patch in self.patches(assumed):
            free, fixed = patch.free, patch.fixed
            for k in range(len(records)):
                bracket = self.prices.brackets(k, patch.i, patch.j, patch.worth)
                gain = free & (bracket > 0)
                totals[k] += exact_sum(bracket[gain]) + exact_sum(bracket[fixed])
                if assumed[k]:
                    _name(above[k], gain & ~patch.held, bracket, patch)
                    fixed, free = fixed | gain, free & (bracket == 0)
        sums = []
        for k, (record, total, pairs) in enumerate(zip(records, totals, above, strict=True)):
            closed = any(total == record.denominator * value for value in self.values[k])
            closed = closed and (assumed[k] or not self.partial)
            sums.append(Sum(total, total // record.denominator, closed, pairs))
        return sums

    def _people_and_rows(self, assumed: list[bool]) -> list[int]:
        sides = [(self.mentors, "mentor"), (self.mentees, "mentee")]
        records, totals = self.prices.records, []
        for k, record in enumerate(records):
            total = sum(row.price for row in record.directions) - sum(r * (self.kept[g] or 0) for g, r in record.kept)
            for s, (degrees, side) in enumerate(sides):
                step = record.denominator * (side in record.aim.sides)
                step += sum(r for g, r in record.kept if side in records[g].aim.sides)
                prices = record.mentor_prices if side == "mentor" else record.mentee_prices
                best, left = degrees.best(step, prices)
                total += exact_sum(best)
                if assumed[k]:
                    sides[s] = (left, side)
            totals.append(total)
        return totals

    def tight(self, sums: list[Sum], k: int) -> set[str]:
        """Direction rows that hold with equality on the face of the goals before record k."""
        return {
            row.row
            for record, one in zip(self.prices.records[:k], sums, strict=False)
            if one.closed
            for row in record.directions
            if row.price > 0
        }

    def tight_goals(self, sums: list[Sum], k: int) -> set[int]:
        """Goals whose row holds with equality on the face of the goals before record k."""
        return {
            goal
            for record, one in zip(self.prices.records[:k], sums, strict=False)
            if one.closed
            for goal, price in record.kept
            if price > 0
        }


def exact_sum(values: Ints) -> int:
    """Sum of int64 numbers below 2**62, however many.

    >>> exact_sum(np.array([2**61, 2**61, 2**61, 2**61])) == 2**63
    True
    """
    if len(values) < FEW:
        return sum(values.tolist())
    if len(values) * _largest(values) < MOST:
        return int(values.sum())
    return (int((values >> 31).sum()) << 31) + int((values & ((1 << 31) - 1)).sum())


def _largest(values: Ints) -> int:
    return max(int(values.max(initial=0)), -int(values.min(initial=0)))


def _listed(directions: tuple[Direction, ...], shape: tuple[int, int]) -> Listed | None:
    if not directions:
        return None
    pairs = np.array([pair for row in directions for pair in row.pairs], dtype=np.int64)
    prices = np.repeat(np.array([row.price for row in directions], dtype=np.int64), 2)
    return Listed(pairs[:, 0], pairs[:, 1], shape, prices)


def _name(found: list[tuple[int, int, int]], where: Bools, bracket: Ints, patch: Patch) -> None:
    """Note the first few of these pairs."""
    if len(found) < MOST_NAMED:
        some = np.flatnonzero(where)[: MOST_NAMED - len(found)]
        found.extend(zip(patch.i[some].tolist(), patch.j[some].tolist(), bracket[some].tolist(), strict=True))
