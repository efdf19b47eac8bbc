"""Possible starts of meetings, as bit sets.

Read in their time zone, a person's weekly hours become a set of minutes of the week in UTC; the minutes at which a
meeting of so many minutes could begin become bits. Two people have an hour in common if and only if their bit sets
meet, so a tile of pairs is looked at by a few operations on words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from revmatch.errors import InputError, Problems
from revmatch.people.hours import DAY, WEEK, HasHours, Int64, Mask, Weekly

Words = npt.NDArray[np.uint64]
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
        Minutes of the week in UTC, Monday 00:00 = 0, in order. Only moments that suit somebody on both sides.
    """

    bits: Words
    stated: Mask
    moments: Int64


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
            sides.append(Weekly.read(people.codes("available"), people.codes("time_zone"), place=people.place))
        except InputError as error:
            problems.extend(error)
    problems.raise_as(InputError)
    return starts_in_common(sides[0], sides[-1], minutes=minutes, grid=grid)


def starts_in_common(mentors: Weekly, mentees: Weekly, *, minutes: int, grid: int) -> tuple[Starts, Starts]:
    """Possible starts, as `common_starts`, of hours that have been read."""
    # Every start is a multiple of the grid on some mentee's clock, so these moments are enough.
    step = math.gcd(grid, *np.unique(mentees.offset).tolist())
    moments = np.arange(0, WEEK, step, dtype=np.int64)
    for weekly, on_grid in ((mentees, grid), (mentors, None)):
        used = np.zeros(len(moments), dtype=np.bool_)
        for _, fits in _fitting(weekly, moments, minutes, on_grid):
            used |= fits.any(axis=0)
        moments = moments[used]
    moments.setflags(write=False)
    return _packed(mentors, moments, minutes, None), _packed(mentees, moments, minutes, grid)


def _fitting(weekly: Weekly, moments: Int64, minutes: int, grid: int | None) -> Iterator[tuple[slice, Mask]]:
    """Which moments suit which kind of hours, block by block; with `grid`, on the mentee's clock and within a day."""
    kinds = len(weekly.offset)
    rows = max(1, _BLOCK // max(1, len(moments)))
    for at in range(0, kinds, rows):
        block = slice(at, min(at + rows, kinds))
        fits = _within(weekly, block, moments, minutes)
        if grid is not None:
            offsets, inverse = np.unique(weekly.offset[block], return_inverse=True)
            clock = (moments[None, :] + offsets[:, None]) % DAY
            fits &= ((clock % grid == 0) & (clock + minutes <= DAY))[inverse.reshape(-1)]
        yield block, fits


def _within(weekly: Weekly, block: slice, moments: Int64, minutes: int) -> Mask:
    """Which moments start `minutes` minutes inside a stretch: +1 where starts begin, -1 after they end, summed up."""
    size = block.stop - block.start
    inside = slice(int(weekly.indptr[block.start]), int(weekly.indptr[block.stop]))
    row = np.repeat(np.arange(size), np.diff(weekly.indptr[block.start : block.stop + 1]))
    offset = weekly.offset[block][row]
    first = weekly.begin[inside] - offset
    span = weekly.end[inside] - minutes - weekly.begin[inside]  # from the first start to the last
    long_enough = span >= 0
    row, first, span = row[long_enough], first[long_enough] % WEEK, span[long_enough]
    change = np.zeros((size, len(moments) + 1), dtype=np.int32)
    # The second time for starts that lie past the end of the week in UTC: they come round again at its beginning.
    for shift in (0, WEEK):
        low = np.searchsorted(moments, first - shift, side="left")
        high = np.searchsorted(moments, first - shift + span, side="right")
        np.add.at(change, (row, low), 1)
        np.add.at(change, (row, high), -1)
    return np.asarray(np.cumsum(change[:, :-1], axis=1) > 0)


def _packed(weekly: Weekly, moments: Int64, minutes: int, grid: int | None) -> Starts:
    words = -(-len(moments) // 64)
    # One kind more, with no bit set: index -1 finds it, for whom nothing is stated.
    by_kind = np.zeros((len(weekly.offset) + 1, words * 8), dtype=np.uint8)
    for block, fits in _fitting(weekly, moments, minutes, grid):
        packed = np.packbits(fits, axis=1, bitorder="little")
        by_kind[block, : packed.shape[1]] = packed
    columns = by_kind.view("<u8").astype(np.uint64).T
    bits = np.ascontiguousarray(columns[:, weekly.kind])
    bits.setflags(write=False)
    stated = weekly.stated
    stated.setflags(write=False)
    return Starts(bits, stated, moments)


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
