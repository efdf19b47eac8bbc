"""Which places of a strip each row may be paired with, as far as the rules go by kinds of people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from revmatch.graph import words
from revmatch.graph.words import Words
from revmatch.people.distinct import distinct
from revmatch.policy.masks import Kinds
from revmatch.policy.sides import Bools, Ints, Side

#: Answers that are written out at once.
BLOCK = 1 << 23


@dataclass(frozen=True, slots=True)
class Allowed:
    """Allowed places of a strip, 64 to a word.

    Parameters
    ----------
    anybody : ndarray of uint64, shape (words,)
        Who is there at all.
    by_kind : tuple of ndarray of uint64, shape (kinds, words)
        For each rule that goes by kinds: whom each kind of row may meet.
    of_row : tuple of ndarray of int64
        For each of these rules: the kind of each row of the tile.
    """

    anybody: Words
    by_kind: tuple[Words, ...]
    of_row: tuple[Ints, ...]

    def rows(self, some: slice) -> Words:
        """Allowed places of some rows."""
        mask = self.anybody[None, :]
        for planes, kind in zip(self.by_kind, self.of_row, strict=True):
            mask = planes[kind[some]] & mask
        return mask


@dataclass(frozen=True, slots=True)
class StripKinds:
    """All that rules by kind say about a strip.

    Parameters
    ----------
    anybody : ndarray of uint64, shape (words,)
    rules : tuple of (ndarray of uint64, ndarray of int64)
        For each rule, the allowed places of each kind of row that is asked for, and the kind of every row.
    """

    anybody: Words
    rules: tuple[tuple[Words, Ints], ...]

    @classmethod
    def of(cls, kinds: list[Kinds], strip: Ints, rows: Ints, side: Side) -> StripKinds:
        """What some rules say of a strip's people and some rows, which are on a side."""
        return cls(
            words.packed(np.ones(len(strip), dtype=bool)), tuple(_answers(own, strip, rows, side) for own in kinds)
        )

    def tile(self, rows: Ints) -> Allowed:
        """For some of the rows."""
        return Allowed(
            self.anybody, tuple(planes for planes, _ in self.rules), tuple(of_row[rows] for _, of_row in self.rules)
        )


def _answers(kinds: Kinds, strip: Ints, rows: Ints, side: Side) -> tuple[Words, Ints]:
    of_row, of_column = kinds.of_mentor, kinds.of_mentee
    if side == "mentee":
        of_row, of_column = of_column, of_row
    wanted = distinct(of_row[rows])[0]
    number = np.zeros(int(of_row.max(initial=0)) + 1, dtype=np.int64)
    number[wanted] = np.arange(len(wanted))
    here, place = distinct(of_column[strip])

    def asked(some: Ints) -> Bools:
        return kinds.allows(here, some) if side == "mentee" else kinds.allows(some, here).T

    parts = [words.packed(np.take(asked(some), place, axis=1)) for some in _blocks(wanted, len(strip))]
    return np.concatenate(parts) if parts else np.zeros((0, -(-len(strip) // 64)), dtype=np.uint64), number[of_row]


def _blocks(wanted: Ints, width: int) -> Iterator[Ints]:
    step = max(1, BLOCK // max(1, width))
    for start in range(0, len(wanted), step):
        yield wanted[start : start + step]
