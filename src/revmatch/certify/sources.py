"""Where the certificate's sum gets its pairs from: the witnesses, one look over all pairs, or some pairs only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from revmatch.certify.bound import Patch
from revmatch.certify.bulk import Bulk, by_id
from revmatch.certify.claims import Held
from revmatch.certify.listed import Listed, different
from revmatch.certify.look import Look
from revmatch.certify.plain import Plain
from revmatch.certify.prices import Prices
from revmatch.certify.sample import DRAWN, LOOKED_AT, Sample, draw, draw_keys
from revmatch.certify.sides import Bools, Ints
from revmatch.certify.verification import Findings
from revmatch.certify.world import World

#: Up to so many pairs, the witnesses themselves read every pair, and there is no fast reading that could be wrong.
PLAINLY = DRAWN
#: Pairs that are read at a time.
PIECE = 1 << 16

#: Positions of mentors and of mentees, one a pair.
Pairs = tuple[Ints, Ints]


@dataclass(frozen=True, slots=True)
class Question:
    """What every source needs to know.

    Parameters
    ----------
    world : World
    plain : Plain
    prices : Prices
    pinned, holds : Listed
        Pairs that must be in the plan; pairs that it holds.
    rows, cols : ndarray of int64
        Positions of the mentors and mentees who take part.
    seed : int
        For what is drawn at random.
    """

    world: World
    plain: Plain
    prices: Prices
    pinned: Listed
    holds: Listed
    rows: Ints
    cols: Ints
    seed: int

    @classmethod
    def of(cls, world: World, plain: Plain, prices: Prices, held: Held | None, seed: int) -> Question:
        """About one plan."""
        none = np.zeros(0, dtype=np.int64)
        i, j = (none, none) if held is None else (held.i, held.j)
        rows, cols = (np.flatnonzero(most > 0) for _, most in (world.mentor_bounds, world.mentee_bounds))
        pinned = by_id(world, [(pin.mentor, pin.mentee) for pin in world.programme.pins])
        return cls(world, plain, prices, pinned, Listed(i, j, world.shape), rows, cols, seed)

    def read_plainly(self, i: Ints, j: Ints) -> Patch:
        """Some pairs, as the witnesses find them; those that may not meet are left out."""
        fixed, eligible = self.pinned.holds(i, j), self.plain.eligible(i, j)
        some = np.flatnonzero(fixed | eligible)
        i, j, fixed = i[some], j[some], fixed[some]
        return Patch(i, j, ~fixed, fixed, self.holds.holds(i, j), self.plain.worth(i, j)[0])

    def read_in_bulk(self, bulk: Bulk, i: Ints, j: Ints, assumed: list[bool]) -> Patch:
        """Those of some pairs that count, by the fast reading."""
        worth, fixed = bulk.worth(i, j), self.pinned.holds(i, j)
        decided = self.prices.decided.holds(i, j)
        some = np.flatnonzero(fixed | decided | self.prices.counting(i, j, worth, assumed))
        i, j, worth, fixed = i[some], j[some], worth[some], fixed[some]
        free = bulk.eligible(i, j, worth) & ~fixed
        return Patch(i, j, free, fixed, self.holds.holds(i, j), worth)

    def compare(self, sample: Sample, bulk: Bulk, findings: Findings) -> None:
        """Hold the fast reading of the sample against the witnesses."""
        i, j = sample.i, sample.j
        open_ = self.take_part(i, j) & ~self.pinned.holds(i, j)
        sample.compare(self.world, self.plain, bulk, self.prices, self.holds.holds(i, j), open_, findings)

    def take_part(self, i: Ints, j: Ints) -> Bools:
        """Pairs of two people who take part."""
        return _mask(self.rows, self.world.shape[0])[i] & _mask(self.cols, self.world.shape[1])[j]


class Source(Protocol):
    """Gives the pairs that the sum is taken over."""

    #: No absolute score is above this.
    most: int

    def patches(self, assumed: list[bool]) -> Iterator[Patch]:
        """Pairs, patch by patch; `assumed` says which records close."""
        ...

    def compare(self, findings: Findings) -> None:
        """Say where the fast reading is not what the witnesses say."""
        ...


class Plainly:
    """All pairs, each read by the witnesses."""

    def __init__(self, question: Question) -> None:
        i, j = draw(question.rows, question.cols, PLAINLY, question.seed)
        self._patch = question.read_plainly(i, j)
        worth = self._patch.worth
        self.most = max(int(worth.max(initial=0)), -int(worth.min(initial=0)))

    def patches(self, assumed: list[bool]) -> Iterator[Patch]:
        yield self._patch

    def compare(self, findings: Findings) -> None:
        """There is nothing to compare."""


class Everything:
    """All pairs that count, found by one look over all pairs."""

    def __init__(self, question: Question) -> None:
        self._question, self._bulk = question, Bulk(question.world)
        self.most = self._bulk.most
        self._look: Look | None = None

    def patches(self, assumed: list[bool]) -> Iterator[Patch]:
        question, bulk = self._question, self._bulk
        if self._look is None:
            i, j = draw(question.rows, question.cols, DRAWN, question.seed)
            held_i, held_j = question.holds.positions()
            shape = question.world.shape
            self._sample = Sample(Listed(np.concatenate([held_i, i]), np.concatenate([held_j, j]), shape), shape)
            self._look = Look(bulk, question.prices, question.rows, question.cols, self._apart(), self._sample)
        self._sample.start(assumed)
        for i, j in _pieces(self._look.pairs(assumed)):
            self._sample.give_out(i, j)
            yield question.read_in_bulk(bulk, i, j, assumed)

    def _apart(self) -> Listed:
        """Pairs that are added up one by one whatever a tile says: what counts for them is not in its numbers."""
        listed = [self._question.pinned, *self._question.prices.apart]
        listed += [points.listed for _, points in self._bulk.terms if points.listed is not None]
        i, j = (np.concatenate(part) for part in zip(*(some.positions() for some in listed), strict=True))
        some = self._question.take_part(i, j)
        return Listed(i[some], j[some], self._question.world.shape)

    def compare(self, findings: Findings) -> None:
        self._question.compare(self._sample, self._bulk, findings)


class Some:
    """The held and the pinned pairs, as the witnesses find them; then others drawn at random, and the candidates."""

    def __init__(self, question: Question, candidates: Pairs | None) -> None:
        self._question, self._bulk = question, Bulk(question.world)
        self.most = self._bulk.most
        shape = question.world.shape
        listed = (question.holds, question.pinned, question.prices.decided)
        i, j = (np.concatenate(part) for part in zip(*(some.positions() for some in listed), strict=True))
        some = question.take_part(i, j)
        self._first = Listed(i[some], j[some], shape)
        #: One number a pair: the positions of a million pairs, and what is made of them, would take most of the memory.
        self._keys = draw_keys(question.rows, question.cols, LOOKED_AT, question.seed, shape[1])
        if candidates is not None:
            some = question.take_part(*candidates)
            own = candidates[0][some] * shape[1] + candidates[1][some]
            self._keys = different(np.concatenate([self._keys, own]))
        # those of the first that are drawn too do not count
        count = DRAWN + len(self._first)
        chosen = draw(np.arange(len(self._keys)), np.zeros(1, dtype=np.int64), count, question.seed + 1)[0]
        self._sample = Sample(Listed(*self._others(self._keys[chosen]), shape), shape)

    def patches(self, assumed: list[bool]) -> Iterator[Patch]:
        yield self._question.read_plainly(*self._first.positions())
        for begin in range(0, len(self._keys), PIECE):
            yield self._question.read_in_bulk(self._bulk, *self._others(self._keys[begin : begin + PIECE]), assumed)

    def _others(self, keys: Ints) -> Pairs:
        """Positions of those pairs that are not among the first."""
        i, j = np.divmod(keys, max(1, self._question.world.shape[1]))
        others = ~self._first.holds(i, j)
        return i[others], j[others]

    def compare(self, findings: Findings) -> None:
        self._question.compare(self._sample, self._bulk, findings)


def _pieces(found: Iterator[Pairs]) -> Iterator[Pairs]:
    """The same pairs, as many at a time as are read at a time."""
    waiting: list[Pairs] = []
    count = 0
    for some in found:
        waiting.append(some)
        count += len(some[0])
        if count < PIECE:
            continue
        i, j = (np.concatenate(part) for part in zip(*waiting, strict=True))
        whole = count - count % PIECE
        for begin in range(0, whole, PIECE):
            yield i[begin : begin + PIECE], j[begin : begin + PIECE]
        waiting, count = [(i[whole:], j[whole:])], count - whole
    if waiting:
        yield np.concatenate([i for i, _ in waiting]), np.concatenate([j for _, j in waiting])


def _mask(rows: Ints, count: int) -> Bools:
    """Mask of some of so many people."""
    found = np.zeros(count, dtype=bool)
    found[rows] = True
    return found


def source_of(question: Question, *, everything: bool, candidates: Pairs | None) -> Source:
    """Where the pairs of a sum come from."""
    if len(question.rows) * len(question.cols) <= PLAINLY:
        return Plainly(question)
    return Everything(question) if everything else Some(question, candidates)
