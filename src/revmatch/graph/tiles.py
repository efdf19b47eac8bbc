"""Looks at every pair once, tile by tile.

A tile is a block of consecutive mentors by consecutive mentees, of a constant size, so that what is computed depends on
no machine. Its scores come from the thin forms of the score; the rules are asked about the whole tile; what is left is
listed. Nothing of the size of all pairs is ever held.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from revmatch.errors import LimitError, Problem
from revmatch.graph.hands import Hands
from revmatch.graph.numbering import Numbered
from revmatch.policy.rules import Mask, Rule
from revmatch.policy.sides import Bools, Ints, Sides
from revmatch.policy.term import WholeScore
from revmatch.programme import Programme, positions

TILE_ROWS, TILE_COLS = 512, 2048
#: Bytes that a stored pair, and a person, take at the peak of a match, as measured.
BYTES_A_PAIR, BYTES_A_PERSON = 300, 2_700
#: Most bytes that a match may take.
MOST_BYTES = 16 << 30


@dataclass(frozen=True, slots=True)
class Tile:
    """Some consecutive mentors by some consecutive mentees."""

    rows: slice
    cols: slice


@dataclass(frozen=True, slots=True)
class Looker:
    """Everything that is needed to look at a tile.

    Parameters
    ----------
    shape : tuple of int
        Number of mentors and of mentees.
    score : WholeScore
    rules : tuple of (Rule, Mask)
    forbidden : ndarray of int64
        Sorted keys ``i * m + j`` of pairs ruled out one by one.
    mentors_in, mentees_in : ndarray of bool
        Who takes part: people of capacity 0 do not.
    """

    shape: tuple[int, int]
    score: WholeScore
    rules: tuple[tuple[Rule, Mask], ...]
    forbidden: Ints
    mentors_in: Bools
    mentees_in: Bools

    def eligible(self, tile: Tile) -> tuple[Ints, Bools]:
        """Scores of a tile, and which of its pairs may exist."""
        i = np.arange(tile.rows.start, tile.rows.stop)[:, None]
        j = np.arange(tile.cols.start, tile.cols.stop)[None, :]
        score = self.score.tile(tile.rows, tile.cols)
        allowed = self.mentors_in[i] & self.mentees_in[j]
        for table in self.score.partial:
            allowed &= table.exists(tile.rows, tile.cols)
        for _, mask in self.rules:
            allowed &= mask(i, j, score)
        self._strike_out(allowed, tile)
        return score, allowed

    def listed(self, tile: Tile) -> tuple[Ints, Ints, Ints]:
        """Mentor, mentee and score of each pair of a tile that may exist."""
        score, allowed = self.eligible(tile)
        i, j = np.nonzero(allowed)
        return i + tile.rows.start, j + tile.cols.start, score[i, j]

    def pairs(self, i: Ints, j: Ints) -> tuple[Ints, Bools]:
        """Scores of listed pairs, and which of them may exist."""
        score = self.score.pairs(i, j)
        allowed = self.mentors_in[i] & self.mentees_in[j]
        for table in self.score.partial:
            allowed &= table.exist(i, j)
        for _, mask in self.rules:
            allowed &= mask(i, j, score)
        if len(self.forbidden):
            key = i * self.shape[1] + j
            at = np.minimum(np.searchsorted(self.forbidden, key), len(self.forbidden) - 1)
            allowed &= self.forbidden[at] != key
        return score, allowed

    def taking_part(self) -> tuple[Bools, Bools]:
        """Mentors and mentees who have a place and stated all that the rules need."""
        mentors, mentees = self.mentors_in.copy(), self.mentees_in.copy()
        for _, mask in self.rules:
            mentors &= mask.mentors_stated
            mentees &= mask.mentees_stated
        return mentors, mentees

    def _strike_out(self, allowed: Bools, tile: Tile) -> None:
        m = self.shape[1]
        first, last = np.searchsorted(self.forbidden, [tile.rows.start * m, tile.rows.stop * m])
        i, j = np.divmod(self.forbidden[first:last], max(1, m))
        here = (j >= tile.cols.start) & (j < tile.cols.stop)
        allowed[i[here] - tile.rows.start, j[here] - tile.cols.start] = False


def looker(numbered: Numbered) -> Looker:
    """Compile score and rules of a numbered programme."""
    programme, sides = numbered.programme, numbered.sides
    n, m = sides.shape
    policy = programme.policy
    score = policy.score.form(sides)
    scale = policy.score.scale
    rules = tuple((rule, rule.mask(sides, scale=scale)) for rule in policy.all_rules())
    return Looker(
        shape=(n, m),
        score=score,
        rules=rules,
        forbidden=np.unique(np.concatenate([_forbidden(numbered), same_person(numbered.programme, numbered.sides)])),
        mentors_in=sides.mentors.capacity > 0,
        mentees_in=sides.mentees.capacity > 0,
    )


def tiles(shape: tuple[int, int]) -> Iterator[Tile]:
    """All tiles, mentors first."""
    for row in range(0, shape[0], TILE_ROWS):
        for col in range(0, shape[1], TILE_COLS):
            yield Tile(slice(row, min(row + TILE_ROWS, shape[0])), slice(col, min(col + TILE_COLS, shape[1])))


def look(at: Looker, *, workers: int = 1) -> tuple[Ints, Ints, Ints]:
    """Mentor, mentee and score of every pair that may exist, by mentor, then mentee.

    Raises
    ------
    LimitError
        RM190 if the pairs would not fit.
    """
    found: list[Any] = []
    held = 0
    work = [(tile,) for tile in tiles(at.shape)]
    for part in Hands(min(workers, len(work))).map(at.listed, work, lambda: None):
        held += len(part[0])
        refuse_beyond(held, at.shape)
        found.append(part)
    if not found:
        return tuple(np.zeros(0, dtype=np.int64) for _ in range(3))  # type: ignore[return-value]
    i, j, score = (np.concatenate(column) for column in zip(*found, strict=True))
    if at.shape[1] > TILE_COLS:  # several tiles side by side: bring each mentor's pairs together
        order = np.argsort(i, kind="stable")
        i, j, score = i[order], j[order], score[order]
    return i, j, score


def refuse_beyond(pairs: int, shape: tuple[int, int]) -> None:
    """Refuse a programme of which so many pairs would be held at once, before they are.

    Raises
    ------
    LimitError
        RM190, with the estimate.
    """
    needed = pairs * BYTES_A_PAIR + sum(shape) * BYTES_A_PERSON
    if needed > MOST_BYTES:
        expected = f"{pairs:,} pairs of {sum(shape):,} people would need about {needed >> 20:,} MB"
        expected += f", more than the {MOST_BYTES >> 20:,} MB that a match may take"
        hint = "lower capacities, add rules that forbid pairs, or split the programme"
        raise LimitError(Problem("RM190", "programme", expected, hint))


def _forbidden(numbered: Numbered) -> Ints:
    sides = numbered.sides
    i, j = positions(sides.mentors, sides.mentees, numbered.programme.forbidden_pairs())
    return i * sides.shape[1] + j


def same_person(programme: Programme, sides: Sides) -> Ints:
    """Keys ``i * m + j`` of the pairs of a person with themselves, in order of i."""
    if not programme.dual_role or programme.by_position:
        return np.zeros(0, dtype=np.int64)
    j = sides.mentees.index(sides.mentors.ids.tolist())
    i = np.flatnonzero(j >= 0)
    return np.asarray(i * sides.shape[1] + j[i], dtype=np.int64)
