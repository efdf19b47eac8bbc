"""What a look at all pairs brings back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from revmatch.policy.sides import Bools, Ints

#: Beyond any score.
FAR = 1 << 61


@dataclass(frozen=True, slots=True)
class Found:
    """Pairs that may exist and are asked for.

    Parameters
    ----------
    mentor, mentee, score : ndarray of int64
    beyond : ndarray of int64, shape (rows,)
        At most so much of a row, beside what is listed, lies above what is asked; and
    beyond_rise : ndarray of int64, shape (rows,)
        of a single pair at most so much.
    beyond_most : ndarray of int64, shape (rows,)
        None of a row's pairs that are asked for and not listed scores more; `-FAR` if there is none.
    """

    mentor: Ints
    mentee: Ints
    score: Ints
    beyond: Ints
    beyond_rise: Ints
    beyond_most: Ints

    @classmethod
    def listing(cls, mentor: Ints, mentee: Ints, score: Ints, rows: int) -> Found:
        """Pairs beside which there is nothing."""
        beyond, rise = np.zeros((2, rows), dtype=np.int64)
        return cls(mentor, mentee, score, beyond, rise, np.full(rows, -FAR, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.mentor)

    @property
    def rows_beyond(self) -> Bools:
        """Rows of which not all that is asked for is listed."""
        return np.asarray(self.beyond_most > -FAR)

    @classmethod
    def joined(cls, parts: Iterable[Found], rows: int) -> Found:
        """All that some parts found."""
        none = np.zeros(0, dtype=np.int64)
        found, listed = cls.listing(none, none, none, rows), [(none, none, none)]
        for part in parts:
            listed.append((part.mentor, part.mentee, part.score))
            found.beyond[:] += part.beyond
            np.maximum(found.beyond_rise, part.beyond_rise, out=found.beyond_rise)
            np.maximum(found.beyond_most, part.beyond_most, out=found.beyond_most)
        i, j, score = map(np.concatenate, zip(*listed, strict=True))
        return replace(found, mentor=i, mentee=j, score=score)

    def only(self, keep: Bools) -> Found:
        """Some of the listed pairs."""
        return replace(self, mentor=self.mentor[keep], mentee=self.mentee[keep], score=self.score[keep])
