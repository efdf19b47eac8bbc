"""The pairs that the engines are given, as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revmatch.graph.numbering import Numbered
from revmatch.graph.tiles import Looker, look
from revmatch.policy.sides import Ints


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs by number, in order of mentor, then mentee.

    Parameters
    ----------
    mentor, mentee, score : ndarray of int64
        Scores in whole units.
    """

    mentor: Ints
    mentee: Ints
    score: Ints

    def __len__(self) -> int:
        return len(self.mentor)


def candidates(numbered: Numbered, at: Looker, *, workers: int = 1) -> Candidates:
    """Every pair that may exist, and the pins (which may break a rule with a reason)."""
    found = Candidates(*look(at, workers=workers))
    pins = numbered.programme.pins
    if not pins:
        return found
    sides = numbered.sides
    m = sides.shape[1]
    pinned = np.unique(
        sides.mentors.index([p.mentor for p in pins]) * m + sides.mentees.index([p.mentee for p in pins])
    )
    missing = np.setdiff1d(pinned, found.mentor * m + found.mentee)
    if not len(missing):
        return found
    i, j = np.divmod(missing, m)
    mentor, mentee = np.append(found.mentor, i), np.append(found.mentee, j)
    score = np.append(found.score, at.score.pairs(i, j))
    order = np.lexsort((mentee, mentor))
    return Candidates(mentor[order], mentee[order], score[order])
