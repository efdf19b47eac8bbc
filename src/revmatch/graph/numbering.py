"""The lot: people are numbered by it before anything is computed.

On each side people are ranked by ``blake2b(id, key=seed, person=side)``: who has the same id on both sides draws twice.
Everything after is a function of the numbered programme,
so the order of rows means nothing, ties fall by a lot that can be repeated, and `seed` changes who wins them and
nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from revmatch.policy.sides import Ints, Side, Sides
from revmatch.programme import Programme


@dataclass(frozen=True, slots=True)
class Numbered:
    """A programme whose people are numbered by lot.

    Parameters
    ----------
    programme : Programme
    sides : Sides
        Both sides in the order of their numbers.
    mentor_rows, mentee_rows : ndarray of int64
        Row in the programme of each number.
    """

    programme: Programme
    sides: Sides
    mentor_rows: Ints
    mentee_rows: Ints


def number(programme: Programme, seed: int) -> Numbered:
    """Number both sides of a programme by lot."""
    mentor_rows, mentee_rows = lot(programme.mentors.ids, seed, "mentor"), lot(programme.mentees.ids, seed, "mentee")
    return Numbered(programme, programme.sides(mentor_rows, mentee_rows), mentor_rows, mentee_rows)


def lot(ids: npt.NDArray[np.object_], seed: int, side: Side) -> Ints:
    """Rows in the order in which they are drawn.

    >>> ids = np.array(["ann", "bo", "cy"], dtype=object)
    >>> sorted(lot(ids, 0, "mentor").tolist())
    [0, 1, 2]
    """
    key, person = str(seed).encode(), side.encode()
    drawn = [blake2b(str(name).encode(), key=key, person=person).digest() for name in ids.tolist()]
    return np.array(sorted(range(len(drawn)), key=drawn.__getitem__), dtype=np.int64)
