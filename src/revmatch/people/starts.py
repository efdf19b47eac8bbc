"""Possible starts of meetings, as bit sets.

Read in their time zone, a person's weekly hours become a set of minutes of the week in UTC; the minutes at which a
meeting of so many minutes could begin become bits. Two people have an hour in common if and only if their bit sets
meet, so a tile of pairs is looked at by a few operations on words.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from revmatch.errors import InputError, Problems
from revmatch.people.distinct import distinct
from revmatch.people.hours import DAY, WEEK, Int32, Int64, Mask, Weekly

Words = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
#: Entries of a block of (hours, starts) that are worked on at once.
_BLOCK = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class Starts:
    """At which moments of the week a meeting of each of n people can start.

    Parameters
    ----------
    bits : uint64 array of (words, n)
        Bit b of word w of a person: whether moment ``64 * w + b`` suits them. No bit is set where nothing is stated.
    stated : bool array of n
        Who stated both hours and zone.
    moments : int64 array
        Minutes of the week in UTC, Monday 00:00 = 0, in order; of series (see `revmatch.people.series`) their numbers.
        Only moments that suit somebody on both sides.
    kinds : uint64 array of (words, kinds)
        Bits of each kind of hours, the last kind with none; people who wrote the same are of one kind.
    kind : int32 array of n
        Kind of each person; -1, the last one, where nothing is stated.
    """

    bits: Words
    stated: Mask
    moments: Int64
    kinds: Words
    kind: Int32


class HasHours(Protocol):
    """What is needed of `People` here."""

    def weekly(self) -> Weekly:
        """Hours that were read, or an `InputError`."""
        ...


def common_starts(mentors: HasHours, mentees: HasHours, *, minutes: int, grid: int) -> tuple[Starts, Starts]:
    """Possible starts of mentors and of mentees, on the same moments.

    A start is a multiple of `grid` minutes on the mentee's clock; the meeting lies within one day of the mentee's, and
    within the hours of both. A mentor's hours may go on over midnight.

    Parameters
    ----------
    mentors, mentees : People
        n and m people; columns ``available`` and ``time_zone``.
    minutes : int
        Length of the meeting, up to a day.
    grid : int
        Minutes between possible starts; divides a day.

    Raises
    ------
    InputError
        RM171, RM174, RM175: hours or zones that cannot be read, on both sides at once.
    """
    problems = Problems()
    sides: list[Weekly] = []
    for people in (mentors, mentees) if mentees is not mentors else (mentors,):
        try:
            sides.append(people.weekly())
        except InputError as error:
            problems.extend(error)
    problems.raise_as(InputError)
    return starts_in_common(sides[0], sides[-1], minutes=minutes, grid=grid)


def starts_in_common(mentors: Weekly, mentees: Weekly, *, minutes: int, grid: int) -> tuple[Starts, Starts]:
    """Possible starts, as `common_starts`, of hours that have been read."""
    # Every start is a multiple of the grid on some mentee's clock, so these moments are enough.
    step = math.gcd(grid, *set(mentees.offset.tolist()))
    moments = np.arange(0, WEEK, step, dtype=np.int64)
    of_mentees = _packed(mentees, moments, minutes, grid)
    moments, of_mentees = _used(moments, of_mentees, of_mentees)
    of_mentors = _packed(mentors, moments, minutes, None)
    both, of_mentees = _used(moments, of_mentors, of_mentees)
    both, of_mentors = _used(moments, of_mentors, of_mentors)
    both.setflags(write=False)
    return packed_starts(mentors.kind, both, of_mentors), packed_starts(mentees.kind, both, of_mentees)


def _packed(weekly: Weekly, moments: Int64, minutes: int, grid: int | None) -> Bytes:
    """Which moments suit which kind of hours, 8 to a byte; with `grid`, on the mentee's clock and within a day."""
    kinds = len(weekly.offset)
    packed = np.zeros((kinds, -(-len(moments) // 8)), dtype=np.uint8)
    offsets, which = distinct(weekly.offset)
    rows = max(1, _BLOCK // max(1, len(moments)))
    for at in range(0, kinds, rows):
        block = slice(at, min(at + rows, kinds))
        fits = within(weekly, block, moments, minutes, weekly.offset)
        if grid is not None:
            clock = (moments + offsets[:, None]) % DAY
            fits &= ((clock % grid == 0) & (clock + minutes <= DAY))[which[block]]
        packed[block] = np.packbits(fits, axis=1, bitorder="little")
    return packed


def _used(moments: Int64, by: Bytes, packed: Bytes) -> tuple[Int64, Bytes]:
    """The moments that suit somebody of the one side, and the bits of either at these moments."""
    count = len(moments)
    somebody = np.bitwise_or.reduce(by, axis=0)
    used = np.unpackbits(somebody, count=count, bitorder="little").view(np.bool_)
    if used.all():
        return moments, packed
    kept = np.zeros((len(packed), -(-int(used.sum()) // 8)), dtype=np.uint8)
    rows = max(1, _BLOCK // max(1, count))
    for at in range(0, len(packed), rows):
        bits = np.unpackbits(packed[at : at + rows], axis=1, count=count, bitorder="little")
        kept[at : at + rows] = np.packbits(bits[:, used], axis=1, bitorder="little")
    return moments[used], kept


def within(weekly: Weekly, block: slice, moments: Int64, minutes: int, ahead: Int64) -> Mask:
    """Which moments of the week start `minutes` minutes inside a stretch of some kinds of hours.

    +1 where starts begin, -1 after they end, summed up.

    Parameters
    ----------
    weekly : Weekly
    block : slice
        Kinds.
    moments : ndarray of int64
        In order.
    minutes : int
    ahead : ndarray of int64, one for each kind
        Minutes by which the clock of the hours is ahead of that of the moments.
    """
    size, width = block.stop - block.start, len(moments) + 1
    indptr = weekly.indptr[block.start : block.stop + 1]
    inside = slice(int(indptr[0]), int(indptr[-1]))
    row = np.repeat(np.arange(size), indptr[1:] - indptr[:-1])
    span = weekly.end[inside] - minutes - weekly.begin[inside]  # from the first start to the last
    first = (weekly.begin[inside] - ahead[block][row]) % WEEK
    again = np.flatnonzero(first + span >= WEEK)
    if len(again):  # starts that lie past the end of the week in UTC come round again at its beginning
        row, span = np.concatenate([row, row[again]]), np.concatenate([span, span[again]])
        first = np.concatenate([first, first[again] - WEEK])
    short = span < 0
    if short.any():
        row, first, span = row[~short], first[~short], span[~short]
    row *= width
    change = np.zeros(size * width, dtype=np.int8)  # small: a moment lies in one stretch, or in two over a week's end
    np.add.at(change, row + np.searchsorted(moments, first, side="left"), np.int8(1))
    np.add.at(change, row + np.searchsorted(moments, first + span, side="right"), np.int8(-1))
    return np.asarray(np.cumsum(change.reshape(size, width), axis=1, dtype=np.int8)[:, :-1] > 0)


def packed_starts(kind: Int32, moments: Int64, packed: Bytes) -> Starts:
    """Starts of people by the bits of their kinds, 8 to a byte; kind -1 has none."""
    words = -(-len(moments) // 64)
    # One kind more, with no bit set: index -1 finds it, for whom nothing is stated.
    by_kind = np.zeros((len(packed) + 1, words * 8), dtype=np.uint8)
    by_kind[:-1, : packed.shape[1]] = packed
    kinds = np.ascontiguousarray(by_kind.view("<u8").astype(np.uint64).T)
    found = Starts(kinds[:, kind], kind >= 0, moments, kinds, kind)
    for array in (found.bits, found.stated, kinds):
        array.setflags(write=False)
    return found


def have_common(mentors: Words, i: npt.NDArray[Any], mentees: Words, j: npt.NDArray[Any]) -> Mask:
    """Whether mentors i and mentees j have a start in common; index arrays broadcast.

    Parameters
    ----------
    mentors, mentees : uint64 arrays of (words, n) and (words, m)
        `Starts.bits` of both sides.
    i, j : integer arrays
        Positions; ``i[:, None]`` and ``j[None, :]`` for a tile.
    """
    shape = np.broadcast_shapes(np.shape(i), np.shape(j))
    found = np.zeros(shape, dtype=np.bool_)
    for a, b in zip(mentors, mentees, strict=True):
        found |= (a[i] & b[j]) != 0
    return found
