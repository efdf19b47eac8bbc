"""Pairs drawn at random, on which the fast reading is held against the plain witnesses."""

from __future__ import annotations

import numpy as np

from revmatch.certify.bulk import Bulk
from revmatch.certify.listed import Listed, different
from revmatch.certify.plain import Plain
from revmatch.certify.prices import Prices
from revmatch.certify.sides import Bools, Ints, spread
from revmatch.certify.thin import Numbers
from revmatch.certify.verification import Findings
from revmatch.certify.world import World

#: Pairs that the witnesses read again, beside those that the plan holds.
DRAWN = 10**5
#: Pairs that are looked at where not all pairs are.
LOOKED_AT = 10**6
#: Makes the draw of this room its own.
_SALT = 0x5EED
#: Numbers that are worked on at a time.
_PIECE = 1 << 16


def draw(rows: Ints, cols: Ints, count: int, seed: int) -> tuple[Ints, Ints]:
    """So many of the pairs of some mentors and mentees, each once; all of them if there are not so many."""
    wide = int(cols.max(initial=0)) + 1
    i, j = np.divmod(draw_keys(rows, cols, count, seed, wide), wide)
    return i, j


def draw_keys(rows: Ints, cols: Ints, count: int, seed: int, wide: int) -> Ints:
    """As `draw`, one number ``i * wide + j`` a pair, without room for more than these."""
    pairs = len(rows) * len(cols)
    if pairs <= count:
        drawn = np.arange(pairs)
    else:
        drawn = different(np.random.default_rng([_SALT, abs(int(seed))]).integers(0, pairs, size=count))
    for begin in range(0, len(drawn), _PIECE):
        at_row, at_col = np.divmod(drawn[begin : begin + _PIECE], len(cols))
        drawn[begin : begin + _PIECE] = rows[at_row] * wide + cols[at_col]
    return drawn


class Sample:
    """Some pairs, and what was found about them on the way.

    Parameters
    ----------
    wanted : Listed
        The pairs.
    shape : tuple of int
        Number of mentors and of mentees.
    """

    def __init__(self, wanted: Listed, shape: tuple[int, int]) -> None:
        self.i, self.j = wanted.positions()
        self._shape = shape
        self._begin = np.searchsorted(self.i, np.arange(shape[0] + 1))
        self._given_out = np.zeros(len(self.i), dtype=bool)
        self._assumed: list[bool] = []
        self._wrong = np.zeros(len(self.i), dtype=bool)

    def start(self, assumed: list[bool]) -> None:
        """A look over all pairs begins."""
        self._assumed = list(assumed)
        self._given_out[:] = False

    def see(self, expected: Ints, rows: Ints, cols: Ints, numbers: Numbers) -> None:
        """Compare the numbers of a tile with those of the sample's single pairs."""
        r, at = spread(self._begin[rows], self._begin[rows + 1] - self._begin[rows])
        place = np.full(self._shape[1], -1, dtype=np.int64)
        place[cols] = np.arange(len(cols))
        c = place[self.j[at]]
        inside = c >= 0
        at = at[inside]
        self._wrong[at[numbers[r[inside], c[inside]] != expected[at]]] = True

    def give_out(self, i: Ints, j: Ints) -> None:
        """Pairs are given out, to be added up one by one."""
        wide = max(1, self._shape[1])
        keys, wanted = self.i * wide + self.j, i * wide + j
        if len(keys):
            near = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            self._given_out[near[keys[near] == wanted]] = True

    def compare(
        self, world: World, plain: Plain, bulk: Bulk, prices: Prices, held: Bools, open_: Bools, findings: Findings
    ) -> None:
        """Read every pair again, plainly; say where the two readings differ.

        `held` are the pairs that the plan holds, `open_` those that count only if they may meet.
        """
        i, j = self.i, self.j
        eligible, worth = plain.eligible(i, j), bulk.worth(i, j)
        found = bulk.eligible(i, j, worth)
        for p in np.flatnonzero(found != eligible).tolist():
            said = "eligible" if found[p] else "not eligible"
            findings.add("pairs", f"{world.pair(i[p], j[p])}: the bulk reading says {said}, the witnesses do not")
        read = np.flatnonzero(eligible | held)
        plainly = np.zeros(len(i), dtype=np.int64)
        plainly[read] = plain.worth(i[read], j[read])[0]
        for p in read[(plainly != worth)[read] & (found == eligible)[read]].tolist():
            findings.add("pairs", f"{world.pair(i[p], j[p])}: bulk reading and witnesses find different scores")
        for p in np.flatnonzero(self._wrong).tolist():
            findings.add(
                "pairs", f"{world.pair(i[p], j[p])}: the bulk sum finds another number than the pair by itself"
            )
        if self._assumed:
            asked = np.flatnonzero(eligible & open_)
            counts = prices.counting(i[asked], j[asked], plainly[asked], self._assumed)
            for p in asked[counts & ~self._given_out[asked]].tolist():
                findings.add("pairs", f"{world.pair(i[p], j[p])}: the bulk sum leaves the pair out, and it counts")
