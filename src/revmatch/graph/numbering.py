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

#: Names that are drawn at a time, so that their digests never stand in memory as objects all at once.
BLOCK = 16_384


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
    mentor_rows = _drawn(programme.mentors.id_bytes().tolist(), seed, "mentor")
    mentee_rows = _drawn(programme.mentees.id_bytes().tolist(), seed, "mentee")
    return Numbered(programme, programme.sides(mentor_rows, mentee_rows), mentor_rows, mentee_rows)


def lot(ids: npt.NDArray[np.object_], seed: int, side: Side) -> Ints:
    """Rows in the order in which they are drawn.

    >>> ids = np.array(["ann", "bo", "cy"], dtype=object)
    >>> sorted(lot(ids, 0, "mentor").tolist())
    [0, 1, 2]
    """
    return _drawn([str(name).encode() for name in ids.tolist()], seed, side)


def _drawn(names: list[bytes], seed: int, side: Side) -> Ints:
    begun = blake2b(key=str(seed).encode(), person=side.encode())
    digests = np.zeros((len(names), begun.digest_size), dtype=np.uint8)
    for at in range(0, len(names), BLOCK):
        drawn = []
        for name in names[at : at + BLOCK]:
            one = begun.copy()
            one.update(name)
            drawn.append(one.digest())
        digests[at : at + BLOCK] = np.frombuffer(b"".join(drawn), dtype=np.uint8).reshape(len(drawn), -1)
    return in_order(digests)


def in_order(digests: npt.NDArray[np.uint8]) -> Ints:
    """Rows of a table of bytes, 8 or a multiple of it wide, in the order of their bytes; equal ones as they stand.

    >>> in_order(np.array([[7, 9], [7, 1], [2, 5]], dtype=np.uint8).repeat(8, axis=1))
    array([2, 1, 0])
    """
    words = digests.view(">u8")
    first = words[:, 0].astype(np.uint64)
    order = np.argsort(first, kind="stable")
    drawn = first[order]
    if (drawn[1:] == drawn[:-1]).any():  # once in an age: 64 bits alike
        order = np.lexsort(words.T[::-1])
    return order.astype(np.int64)
