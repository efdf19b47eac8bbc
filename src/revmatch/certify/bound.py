"""The certificate's sum: a ceiling for each goal, on the face of the goals before it.

For whole numbers y (one a person), r >= 0 (one a row ``sum a x <= b``) and a denominator D, no plan is worth
more than::

    floor((sum over people of max over d of (D f(d) + y d) + sum over rows of r b
           + sum over pairs of max(0, D w - y_i - y_j - sum r a)) / D)

where d runs over the numbers of partners that a person may have. A pair that must be in counts without the ``max``, a
pair that must be out not at all. If a goal's value times D equals the sum, every plan that keeps the value attains each
maximum: pairs above 0 are in, pairs below 0 are out, numbers of partners that are not best are out, rows with a price
are tight. The next goal is summed on that face. Otherwise the goal becomes the row ``goal >= value``.

A goal that compares people is proven the other way round: with w = f = 0, over the plans that would be better than its
bound, the sum is below 0, so there are none. A record with cases has such a sum for each of them, and the largest
counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from revmatch.certify.degrees import Degrees
from revmatch.certify.prices import Prices, View
from revmatch.certify.records import MOST, ByPerson, Case
from revmatch.certify.sides import Bools, Ints
from revmatch.certify.witness_goals import Gap

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


@dataclass(slots=True)
class Sum:
    """What one record adds up to.

    Parameters
    ----------
    total : int
        Denominator times the ceiling, before rounding down.
    bound : int or None
        The ceiling; None if the record proves none.
    closed : bool
        Whether later goals are summed on the face of this one: its value is on the ceiling exactly, or the goal
        compares people and nothing above its value exists.
    none : bool
        No plan at all is left to add up: everything is true of none.
    cases : list of int or None
        Ceiling of each case; None where a case leaves no plan.
    ruled_out : bool
        The pairs that are left out of the cases are in no better plan.
    above : list of (int, int, int)
        Some pairs that are not held and whose bracket is above 0 although the goal was said to close, with the bracket.
    """

    total: int
    bound: int | None = None
    closed: bool = False
    none: bool = False
    cases: list[int | None] = field(default_factory=list)
    ruled_out: bool = True
    above: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def refuted(self) -> bool:
        """Nothing is left: the sum, or that of each case, is below 0."""
        by_cases = bool(self.cases) and self.ruled_out and all(case is None or case < 0 for case in self.cases)
        return self.none or self.total < 0 or by_cases


@dataclass(slots=True)
class Part:
    """What is known of one case while pairs are added up."""

    case: Case
    view: View
    total: int = 0
    none: bool = False
    into: set[tuple[int, int]] = field(default_factory=set)

    def add(self, patch: Patch, pairs: ByPerson, bracket: Ints, free: Bools, fixed: Bools, decided: Bools) -> None:
        """Add some pairs."""
        if self.case.rows:
            barred = self.case.barred(pairs)
            self.none |= bool((fixed & barred).any())
            free, fixed = free & ~barred, fixed & ~barred
        open_ = ~decided
        self.total += exact_sum(bracket[free & open_ & (bracket > 0)]) + exact_sum(bracket[fixed & open_])
        for p in np.flatnonzero(decided & (free | fixed)).tolist():
            pair, above = (int(patch.i[p]), int(patch.j[p])), int(bracket[p])
            if pair in self.case.out:
                self.none |= bool(fixed[p])
            elif pair in self.case.into:
                self.into.add(pair)
                self.total += above
            else:
                self.total += above if fixed[p] else max(0, above)

    @property
    def possible(self) -> bool:
        """Whether the decisions leave any plan."""
        return not self.none and self.into == self.case.into and not self.case.into & self.case.out


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
    word : list of int or None
        For each record, the ceiling that there is on an engine's word.
    """

    prices: Prices
    values: list[set[int]]
    kept: list[int | None]
    mentors: Degrees
    mentees: Degrees
    patches: Callable[[list[bool]], Iterable[Patch]]
    partial: bool
    word: list[int | None] = field(default_factory=list)

    def sums(self) -> list[Sum]:
        """Sum of each record.

        Which pairs a goal leaves open depends on whether the goals before it close, and that is known only after their
        sums. So it is assumed that they close where they claim to; where that turns out wrong, the sum is taken again.
        """
        records = self.prices.records
        assumed = [  # a record with cases mostly leaves its goal open
            self._kept_on_word(k) or (record.claimed in values and (record.compares is not None or not record.cases))
            for k, (record, values) in enumerate(zip(records, self.values, strict=True))
        ]
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

    def _kept_on_word(self, k: int) -> bool:
        """Whether a goal that compares people has its best value on an engine's word."""
        said = self.word[k] if self.word else None
        return self.prices.records[k].compares is not None and said is not None and said in self.values[k]

    def _once(self, assumed: list[bool]) -> list[Sum]:
        prices, records = self.prices, self.prices.records
        sums, parts = self._people_and_rows(assumed)
        some_decided = len(prices.decided) > 0
        for patch in self.patches(assumed):
            free, fixed, by_person = patch.free, patch.fixed, ByPerson(patch.i, patch.j)
            decided = prices.decided.holds(patch.i, patch.j) if some_decided else None
            for k, one in enumerate(sums):
                low = prices.too_low(k, patch.j, patch.worth)
                here = free if low is None else free & ~low
                if low is not None and (fixed & low).any():
                    one.none = True
                bracket = prices.brackets(k, patch.i, patch.j, patch.worth)
                gain = here & (bracket > 0)
                one.total += exact_sum(bracket[gain]) + exact_sum(bracket[fixed])
                for part in parts[k]:
                    own = part.view.brackets(patch.i, patch.j, patch.worth)
                    near = here & prices.near(k, bracket)
                    part.add(patch, by_person, own, near, fixed, np.zeros_like(free) if decided is None else decided)
                if assumed[k] and records[k].compares is not None:
                    lost = prices.lost(k, patch.j, patch.worth)
                    free = free if lost is None else free & ~lost
                elif assumed[k]:
                    _name(one.above, gain & ~patch.held, bracket, patch)
                    fixed, free = fixed | gain, free & (bracket == 0)
        for k in range(len(sums)):
            self._conclude(k, sums, parts[k], assumed[k])
        return sums

    def _conclude(self, k: int, sums: list[Sum], parts: list[Part], assumed: bool) -> None:
        """What the sum of a record proves."""
        record, one = self.prices.records[k], sums[k]
        one.cases = [part.total // part.view.record.denominator if part.possible else None for part in parts]
        # a plan that is better than what is claimed holds no pair further below the prices than this
        beaten = 0 if record.compares is not None else record.denominator * ((record.claimed or 0) + 1)
        one.ruled_out = one.total - beaten <= record.margin
        if record.compares is not None:
            proven = record.claimed is not None and (one.refuted or self._nothing_better(k, sums))
            one.bound = record.claimed if proven else None
            one.closed = (proven and record.claimed in self.values[k]) or self._kept_on_word(k)
        else:
            one.bound = one.total // record.denominator
            if one.cases and one.ruled_out and record.claimed is not None:
                left = [case for case in one.cases if case is not None]
                one.bound = min(one.bound, max([*left, record.claimed]))
            if one.none:
                one.bound = record.claimed
            closed = any(one.total == record.denominator * value for value in self.values[k])
            one.closed = closed and not one.none
        one.closed = one.closed and (assumed or not self.partial)

    def _nothing_better(self, k: int, sums: list[Sum]) -> bool:
        """Whether nothing can be better than 0: than no gap, or than no pair where goals before allow none."""
        record = self.prices.records[k]
        if record.claimed != 0 or isinstance(record.compares, Gap):
            return record.claimed == 0
        if any(not side.largest.any() for side in (self.mentors, self.mentees)):
            return True
        for g, other in enumerate(self.prices.records[:k]):
            ceilings = (other.claimed if self.partial else sums[g].bound, self.word[g] if self.word else None)
            if (other.aim.pair == "one" or other.aim.sides) and 0 in ceilings:
                return True
        return False

    def _people_and_rows(self, assumed: list[bool]) -> tuple[list[Sum], list[list[Part]]]:
        """Sums without their pairs, of records and of their cases."""
        prices, sides = self.prices, [self.mentors, self.mentees]
        sums, parts = [], []
        for k, record in enumerate(prices.records):
            total, left = self._of_people(prices.views[k], sides)
            sums.append(Sum(total, none=any(side.empty.any() for side in sides)))
            parts.append([Part(case, view) for case, view in prices.cases[k]])
            for part in parts[k]:
                case = part.case
                some = [side.narrowed(case.upper[s], case.lower[s]) for s, side in enumerate(sides)]
                part.total, _ = self._of_people(part.view, some)
                part.none = any(side.empty.any() for side in some)
            if assumed[k] and record.compares is None:
                sides = left
        return sums, parts

    def _of_people(self, view: View, sides: list[Degrees]) -> tuple[int, list[Degrees]]:
        total, left = view.constant(self.kept), []
        for s, (side, prices) in enumerate(
            zip(sides, (view.record.mentor_prices, view.record.mentee_prices), strict=True)
        ):
            best, attained = side.best(view.steps[s], prices)
            total += exact_sum(best)
            left.append(attained)
        return total, left

    def tight(self, sums: list[Sum], k: int) -> set[str]:
        """Rows that hold with equality on the face of the goals before record k."""
        return {
            row
            for record, one in zip(self.prices.records[:k], sums, strict=False)
            if one.closed and record.compares is None
            for row, price in record.named.items()
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


def _name(found: list[tuple[int, int, int]], where: Bools, bracket: Ints, patch: Patch) -> None:
    """Note the first few of these pairs."""
    if len(found) < MOST_NAMED:
        some = np.flatnonzero(where)[: MOST_NAMED - len(found)]
        found.extend(zip(patch.i[some].tolist(), patch.j[some].tolist(), bracket[some].tolist(), strict=True))
