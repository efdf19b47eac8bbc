"""Pairs drawn at random, on which the fast reading is held against the plain witnesses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from revmatch.certify.bulk import Tile
from revmatch.certify.listed import Listed
from revmatch.certify.verification import Findings
from revmatch.certify.witness_rules import eligible
from revmatch.certify.witness_scores import worth
from revmatch.certify.world import Bools, Ints, World

#: Pairs that the witnesses read again, beside those that the plan holds.
DRAWN = 10**5
#: Blocks that are looked at where not all pairs are, and mentors and mentees of each: 10**6 pairs.
BLOCKS, BLOCK_SIDE = 64, 125
#: Makes the draw of this room its own.
_SALT = 0x5EED


def _generator(seed: int) -> np.random.Generator:
    return np.random.default_rng([_SALT, abs(int(seed))])


class Sample:
    """Pairs whose fast reading is noted when their tile comes by.

    Parameters
    ----------
    wanted : Listed
        The pairs.
    """

    def __init__(self, wanted: Listed) -> None:
        self._wanted = wanted
        self._noted: list[tuple[Ints, Ints, Bools, Ints]] = []

    @classmethod
    def of_all(cls, rows: Ints, cols: Ints, held: Listed, shape: tuple[int, int], seed: int) -> Sample:
        """Every held pair, and some of all the pairs of those who take part."""
        pairs = len(rows) * len(cols)
        drawn = np.arange(pairs)
        if pairs > DRAWN:
            drawn = np.unique(_generator(seed).integers(0, pairs, size=DRAWN))
        i, j = held.positions()
        at_row, at_col = np.divmod(drawn, max(1, len(cols)))
        return cls(Listed(np.concatenate([i, rows[at_row]]), np.concatenate([j, cols[at_col]]), shape))

    @classmethod
    def of_blocks(cls, looked_at: list[tuple[Ints, Ints]], shape: tuple[int, int], seed: int) -> Sample:
        """Some pairs of each block."""
        each = -(-DRAWN // max(1, len(looked_at)))
        generator = _generator(seed + 1)
        i = [np.zeros(0, dtype=np.int64)]
        j = [np.zeros(0, dtype=np.int64)]
        for rows, cols in looked_at:
            drawn = generator.integers(0, len(rows) * len(cols), size=min(each, len(rows) * len(cols)))
            i.append(rows[drawn // len(cols)])
            j.append(cols[drawn % len(cols)])
        return cls(Listed(np.concatenate(i), np.concatenate(j), shape))

    def take(self, tile: Tile) -> None:
        """Note what the fast reading says of the sample's pairs in this tile."""
        (r, c), _ = self._wanted.in_tile(tile.rows, tile.cols)
        self._noted.append((tile.rows[r], tile.cols[c], tile.eligible[r, c], tile.worth[r, c]))

    def compare(self, world: World, held: Listed, findings: Findings) -> None:
        """Read every noted pair again, plainly; say where the two readings differ."""
        for i, j, allowed, points in self._noted:
            held_here = held.of_pairs(i, j)[0]
            lists = (i.tolist(), j.tolist(), allowed.tolist(), points.tolist(), held_here.tolist())
            for a, b, may, score, is_held in zip(*lists, strict=True):
                mentor, mentee = world.mentors[a], world.mentees[b]
                plainly = eligible(mentor, mentee, world)
                if plainly != may:
                    said = "eligible" if may else "not eligible"
                    findings.add("pairs", f"{world.pair(a, b)}: the bulk reading says {said}, the witnesses do not")
                elif (plainly or is_held) and (worth(mentor, mentee, world) or 0) != score:
                    findings.add("pairs", f"{world.pair(a, b)}: bulk reading and witnesses find different scores")


def blocks(rows: Ints, cols: Ints, seed: int) -> Iterator[tuple[Ints, Ints]]:
    """Random mentors by random mentees, again and again: 10**6 pairs, or all of them if there are not so many."""
    if not len(rows) or not len(cols):
        return
    if len(rows) * len(cols) <= BLOCKS * BLOCK_SIDE**2:
        step = max(1, BLOCK_SIDE**2 // len(cols))
        for begin in range(0, len(rows), step):
            yield rows[begin : begin + step], cols
        return
    generator = _generator(seed)
    for _ in range(BLOCKS):
        some_rows = generator.choice(rows, min(len(rows), BLOCK_SIDE), replace=False)
        wide = min(len(cols), BLOCK_SIDE**2 // len(some_rows))
        yield np.sort(some_rows), np.sort(generator.choice(cols, wide, replace=False))
