"""One tile, looked at: which of its pairs score above a threshold, at most so many a row, the best first.

A strip is some people of the columns' side, written out for the look; a tile is a strip by some rows. Both functions
here take arrays alone and know nobody, so they can run in any process. What they list is not yet tested against all
rules: only against those that go by kinds of people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revmatch.graph import words
from revmatch.graph.kinds import Allowed
from revmatch.graph.words import Words
from revmatch.policy.forms import expand
from revmatch.policy.sides import Bools, Ints
from revmatch.policy.term import WholeScore

#: Words of a plane of a batch of rows: some ten of them fit the cache of a core.
BATCH = 1 << 14


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the rows of a tile weigh: see `revmatch.graph.thin.Thin`."""

    begin: Ints
    plane: Ints
    weight: Ints
    flip: Bools

    @classmethod
    def of(cls, begin: Ints, plane: Ints, weight: Ints, flip: Bools, rows: Ints) -> Weighed:
        """Some rows of all."""
        counts = begin[rows + 1] - begin[rows]
        at = expand(begin[rows], counts)
        return cls(np.concatenate([[0], np.cumsum(counts)]), plane[at], weight[at], flip[at])

    def rows(self, some: slice) -> tuple[Ints, Ints, Ints, Bools]:
        """Where each of some rows begins, and its planes."""
        begin = self.begin[some.start : some.stop + 1]
        part = slice(int(begin[0]), int(begin[-1]))
        return begin - begin[0], self.plane[part], self.weight[part], self.flip[part]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a tile holds.

    Parameters
    ----------
    row, place : ndarray of int64
        Pairs, by row, then place.
    beyond : ndarray of int64
        Rows that have more pairs than are listed.
    beyond_count, beyond_sum : ndarray of int64
        How many pairs above the level each of these has, and what they come to (in units of the row).
    beyond_cut : ndarray of int64
        None of its pairs that are not listed scores more (in units of the row).
    """

    row: Ints
    place: Ints
    beyond: Ints
    beyond_count: Ints
    beyond_sum: Ints
    beyond_cut: Ints


def seen_in_bits(
    planes: Words, allowed: Allowed, weighed: Weighed, low: Ints, level: Ints | None, most: int, spin: Ints
) -> Seen:
    """Look at a tile 64 pairs at a time.

    Parameters
    ----------
    planes : ndarray of uint64, shape (planes + 1, words)
    allowed : Allowed
    weighed : Weighed
        Of R rows.
    low : ndarray of int64, shape (R,)
        Pairs above it are listed; below 0, all.
    level : ndarray of int64, shape (R,), optional
        Pairs above it are counted, where not all are listed.
    most : int
        Pairs listed for each row, about.
    spin : ndarray of int64, shape (R,)
        See `revmatch.graph.words.best`.
    """
    step = max(1, BATCH // planes.shape[1])
    parts = []
    for start in range(0, len(low), step):
        some = slice(start, min(start + step, len(low)))
        digits = words.added(planes, *weighed.rows(some)) or [np.zeros((some.stop - start, planes.shape[1]), np.uint64)]
        mask = words.above(digits, low[some])
        mask &= allowed.rows(some)
        many = np.flatnonzero(words.total(mask) > most)
        counts, sums, cut = np.zeros((3, len(many)), dtype=np.int64)
        if len(many):
            digits, too_many = [digit[many] for digit in digits], mask[many]
            if level is not None:
                counted = words.above(digits, level[some][many]) & too_many
                counts = words.total(counted)
                for d, digit in enumerate(digits):
                    sums += words.total(counted & digit) << d
            mask[many], cut = words.best(too_many, digits, most, spin[some][many])
        row, place = words.places(mask)
        parts.append((row + start, place, many + start, counts, sums, cut))
    return Seen(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def seen_in_numbers(
    score: WholeScore, places: int, allowed: Allowed, low: Ints, level: Ints | None, most: int, spin: Ints
) -> Seen:
    """Look at a tile number by number: for tables, and for products that take too many bits.

    Parameters
    ----------
    score : WholeScore
        Of the strip's people (as mentors) and R rows (as mentees).
    places : int
        How many people the strip has.
    allowed, low, level, most, spin
        As in `seen_in_bits`, with `low` and `level` in units of the score.
    """
    rows = len(low)
    step = max(1, (BATCH * 16) // max(1, places))
    parts = []
    for start in range(0, rows, step):
        some = slice(start, min(start + step, rows))
        values = score.tile(slice(0, places), some).T
        bits = np.unpackbits(np.ascontiguousarray(allowed.rows(some)).view(np.uint8), axis=1, bitorder="little")
        mask = (values > low[some][:, None]) & bits[:, :places].astype(bool)
        many = np.flatnonzero(np.count_nonzero(mask, axis=1) > most)
        counted = mask[many] & (values[many] > (low if level is None else level)[some][many][:, None])
        counts, sums = np.count_nonzero(counted, axis=1), np.where(counted, values[many], 0).sum(axis=1)
        cut = np.zeros(len(many), dtype=np.int64)
        for at, k in enumerate(many.tolist()):
            mask[k], cut[at] = _best(mask[k], values[k], most, int(spin[start + k]) * 64)
        row, place = np.nonzero(mask)
        parts.append((row + start, place, many + start, counts, sums, cut))
    return Seen(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _best(mask: Bools, values: Ints, most: int, spin: int) -> tuple[Bools, int]:
    """The largest values, equals from a place onwards; and the least of them."""
    able = np.flatnonzero(mask)
    able = np.roll(able, -int(np.searchsorted(able, spin % max(1, len(mask)))))
    cut = np.partition(values[able], len(able) - most)[len(able) - most]
    more, equal = able[values[able] > cut], able[values[able] == cut]
    found = np.zeros_like(mask)
    found[more] = True
    found[equal[: most - len(more)]] = True
    return found, int(cut)
