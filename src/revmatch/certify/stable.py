"""Pairs that block a plan: two people who may meet, are not paired, and would both rather be.

Somebody would rather be paired with another who has a free place, or holds a partner whom they like strictly less.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from revmatch.certify import cells
from revmatch.certify.bulk import Bulk
from revmatch.certify.listed import Listed, different
from revmatch.certify.look import Part
from revmatch.certify.plain import Plain
from revmatch.certify.sample import DRAWN, LOOKED_AT, draw_keys
from revmatch.certify.sides import Bools, Ints, Side
from revmatch.certify.thin import Numbers
from revmatch.certify.world import World
from revmatch.policy.limits import Stable

#: Up to so many pairs, the witnesses themselves read every pair.
PLAINLY = DRAWN
#: Pairs that are looked at together.
TILE = 1 << 20
#: Somebody with a free place would rather be paired with anybody.
ANYBODY = -(1 << 62)


class Blocking:
    """Finds the pairs that block a plan.

    Parameters
    ----------
    world : World
    plain : Plain
    pairs : list of (int, int)
        The plan's pairs, each once.
    everything : bool
        Look at all pairs; else, where they are many, at the candidates and at some drawn at random.
    candidates : pair of ndarray of int64 or None
    seed : int
        Of what is drawn at random.
    """

    def __init__(
        self,
        world: World,
        plain: Plain,
        pairs: list[tuple[int, int]],
        *,
        everything: bool,
        candidates: tuple[Ints, Ints] | None,
        seed: int,
    ) -> None:
        self.world, self.plain, self._held = world, plain, Listed.of(pairs, world.shape)
        #: Positions of the plan's pairs.
        self.i, self.j = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        self._everything, self._candidates, self._seed = everything, candidates, seed
        most = (world.mentor_bounds[1], world.mentee_bounds[1])
        self._rows, self._cols = (np.flatnonzero(own > 0) for own in most)
        #: Who has a free place: mentors, and mentees.
        self.free = [
            np.bincount(place, minlength=len(own)) < own for place, own in zip((self.i, self.j), most, strict=True)
        ]

    def of(self, limit: Stable) -> Iterator[tuple[int, int]]:
        """Pairs that block the plan, as the witnesses confirm them."""
        likes = _ByScore(self) if limit.by == "score" else _ByChoices(self)
        for i, j in self._suspects(likes):
            some = likes.both(i, j, self.plain.worth(i, j)[0]) & self.plain.eligible(i, j)
            yield from zip(i[some].tolist(), j[some].tolist(), strict=True)

    # -- pairs that may block -----------------------------------------------------------------------------------------

    def _suspects(self, likes: _ByScore | _ByChoices) -> Iterator[tuple[Ints, Ints]]:
        rows, cols = self._rows, self._cols
        if len(rows) * len(cols) <= PLAINLY:
            yield self._beside(np.repeat(rows, len(cols)), np.tile(cols, len(rows)))
            return
        bulk = Bulk(self.world)
        for i, j in self._all(bulk, likes) if self._everything else self._some():
            i, j = self._beside(i, j)
            worth = bulk.worth(i, j)
            some = np.flatnonzero(likes.both(i, j, worth))
            some = some[bulk.eligible(i[some], j[some], worth[some])]
            yield i[some], j[some]

    def _beside(self, i: Ints, j: Ints) -> tuple[Ints, Ints]:
        """Those of some pairs that the plan does not hold."""
        others = ~self._held.holds(i, j)
        return i[others], j[others]

    def _some(self) -> Iterator[tuple[Ints, Ints]]:
        wide = max(1, self.world.shape[1])
        keys = draw_keys(self._rows, self._cols, LOOKED_AT, self._seed, wide)
        if self._candidates is not None:
            keys = different(np.concatenate([keys, self._candidates[0] * wide + self._candidates[1]]))
        for begin in range(0, len(keys), TILE):
            i, j = np.divmod(keys[begin : begin + TILE], wide)
            takes_part = np.isin(i, self._rows) & np.isin(j, self._cols)
            yield i[takes_part], j[takes_part]

    def _all(self, bulk: Bulk, likes: _ByScore | _ByChoices) -> Iterator[tuple[Ints, Ints]]:
        """All pairs that may block, tile by tile."""
        listed = [points.listed for _, points in bulk.terms if points.listed is not None]
        for some in listed:  # a tile's scores leave these out
            yield some.positions()
        if any(points.only is not None for _, points in bulk.terms):
            return
        rows, cols = bulk.may_meet(self._rows, self._cols)
        nothing = [np.zeros(size, dtype=np.int64) for size in self.world.shape]
        scores = Part(bulk, nothing[0], nothing[1], 1, []) if likes.scored else None
        high = max(1, TILE // max(1, len(cols)))
        for begin in range(0, len(rows), high):
            part = rows[begin : begin + high]
            worth = None if scores is None else scores.tile(part, cols) + scores.slack
            mask = likes.tile(part, cols, worth)
            if mask.any():
                mask &= bulk.may_exist(part[:, None], cols[None, :])
            r, c = np.nonzero(mask)
            yield part[r], cols[c]


class _ByScore:
    """Both like a pair by its score."""

    scored = True

    def __init__(self, plan: Blocking) -> None:
        scores = plan.plain.worth(plan.i, plan.j)[0].tolist()  # perhaps beyond 64 bits, in a policy that is refused
        worth = np.array([min(max(score, ANYBODY + 1), -ANYBODY - 1) for score in scores], dtype=np.int64)
        #: Somebody would rather have a pair of a larger score than this.
        self._least = []
        for place, free in zip((plan.i, plan.j), plan.free, strict=True):
            least = np.full(len(free), 1 << 62)
            np.minimum.at(least, place, worth)
            least[free] = ANYBODY
            self._least.append(least)

    def both(self, i: Ints, j: Ints, worth: Ints) -> Bools:
        """Which pairs both would rather have."""
        return np.asarray(worth > np.maximum(self._least[0][i], self._least[1][j]))

    def tile(self, rows: Ints, cols: Ints, worth: Numbers | None) -> Bools:
        """Which of all pairs of some people both may rather have."""
        least = np.maximum(self._least[0][rows][:, None], self._least[1][cols])
        return np.asarray(worth > least)


class _ByChoices:
    """Each likes those on their own list, best first; then everybody else alike."""

    scored = False

    def __init__(self, plan: Blocking) -> None:
        mentors, mentees = plan.world.sides
        self._free, self._shape = plan.free, plan.world.shape
        better = _listed_better(mentors, mentees, plan.i, plan.j)
        turned = [(i, j) for j, i in _listed_better(mentees, mentors, plan.j, plan.i)]
        #: Pairs that the mentor, and that the mentee, has listed before somebody they hold.
        self._better = [Listed.of(pairs, self._shape) for pairs in (better, turned)]

    def both(self, i: Ints, j: Ints, worth: Ints) -> Bools:
        """Which pairs both would rather have."""
        mentor = self._free[0][i] | self._better[0].holds(i, j)
        return np.asarray(mentor & (self._free[1][j] | self._better[1].holds(i, j)))

    def tile(self, rows: Ints, cols: Ints, worth: Numbers | None) -> Bools:
        """Which of all pairs of some people both would rather have."""
        n, m = self._shape
        row, col = np.full(n, -1), np.full(m, -1)
        row[rows], col[cols] = np.arange(len(rows)), np.arange(len(cols))
        wanted = [
            np.repeat(self._free[0][rows][:, None], len(cols), axis=1),
            np.repeat(self._free[1][cols][None, :], len(rows), axis=0),
        ]
        for mask, better in zip(wanted, self._better, strict=True):
            i, j = better.positions()
            some = (row[i] >= 0) & (col[j] >= 0)
            mask[row[i[some]], col[j[some]]] = True
        return np.asarray(wanted[0] & wanted[1])


def _listed_better(own: Side, others: Side, place: Ints, partner: Ints) -> list[tuple[int, int]]:
    """Everybody whom somebody has listed before the last of those they hold."""
    partners: dict[int, list[str]] = {}
    for row, other in zip(place.tolist(), partner.tolist(), strict=True):
        partners.setdefault(row, []).append(others.keys[other])
    found = []
    for row, held in partners.items():
        wishes = cells.ids(own.cell(row, "choices"))
        last = max(wishes.index(key) if key in wishes else len(wishes) for key in held)
        found += [(row, others.rows[key]) for key in wishes[:last] if key in others.rows]
    return found
