"""Which series of meetings mentors and mentees have in common, by their weekly hours and the days they are away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from revmatch.errors import InputError, Problems
from revmatch.people.away import Away
from revmatch.people.clocks import Clock, clock
from revmatch.people.distinct import distinct
from revmatch.people.hours import WEEK, Int32, Int64, Weekly
from revmatch.people.series import Rhythm, Series
from revmatch.people.starts import Bytes, HasHours, Starts, packed_starts


class HasDates(HasHours, Protocol):
    """What is needed of `People` here."""

    def away(self) -> Away | None:
        """Days that were read, or an `InputError`; None if there is no such column."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _Kinds:
    """Bits of one side: whoever wrote the same hours, zone and days away is of one kind.

    Parameters
    ----------
    kind : ndarray of int32
        Of each person; -1 where nothing is stated.
    hours : ndarray of int64
        Kind of the weekly hours of each kind.
    bits : ndarray of uint8, shape (kinds, bytes)
    """

    kind: Int32
    hours: Int64
    bits: Bytes


def common_series(
    mentors: HasDates, mentees: HasDates, rhythm: Rhythm, *, alike: bool = False
) -> tuple[Starts, Starts, Series]:
    """Series that suit mentors and mentees, as bits of both sides; and the series.

    Parameters
    ----------
    mentors, mentees : People
        Columns ``available`` and ``time_zone``, and ``away`` if there is one.
    rhythm : Rhythm
    alike : bool
        Whether series that suit the same people on both sides are all kept; else one of them is enough.

    Raises
    ------
    InputError
        RM170, RM171, RM174, RM175: what cannot be read, on both sides at once.
    """
    read = _read(mentors, mentees)
    clocks = [[clock(zone, rhythm.start, rhythm.weeks) for zone in weekly.zones] for weekly, _ in read]
    different, number = _different(clocks[1], rhythm.weeks)
    series = Series.on(different, rhythm)
    of_mentors, of_mentees = (_kinds_of(*side, series, own, rhythm) for side, own in zip(read, clocks, strict=True))
    on_clock = np.packbits(series.of_clock, axis=1, bitorder="little")[number]
    of_mentees = replace(of_mentees, bits=of_mentees.bits & on_clock[read[1][0].zone[of_mentees.hours]])
    kept = _kept(of_mentors.bits, of_mentees.bits, len(series.moments), alike=alike)
    sides = [_starts(side, kept, len(series.moments)) for side in (of_mentors, of_mentees)]
    return sides[0], sides[1], replace(series, moments=series.moments[kept], of_clock=series.of_clock[:, kept])


def _read(mentors: HasDates, mentees: HasDates) -> list[tuple[Weekly, Away | None]]:
    problems, found = Problems(), list[tuple[Weekly, Away | None]]()
    for people in (mentors, mentees) if mentees is not mentors else (mentors,):
        try:
            found.append((people.weekly(), people.away()))
        except InputError as error:
            problems.extend(error)
    problems.raise_as(InputError)
    return [found[0], found[-1]]


def _different(clocks: list[Clock], weeks: int) -> tuple[list[Clock], Int64]:
    """Clocks that differ somewhere in the weeks, and which of them each is."""
    known: dict[bytes, int] = {}
    found, number = list[Clock](), list[int]()
    for one in clocks:
        near = (one.begin < (weeks + 1) * WEEK) & (np.append(one.begin[1:], weeks * WEEK) > -WEEK)
        key = one.begin[near][1:].tobytes() + b"|" + one.ahead[near].tobytes()
        if key not in known:
            known[key] = len(found)
            found.append(one)
        number.append(known[key])
    return found, np.array(number, dtype=np.int64)


def _kinds_of(weekly: Weekly, away: Away | None, series: Series, clocks: list[Clock], rhythm: Rhythm) -> _Kinds:
    bits = series.suit(weekly, clocks)
    if away is None or not len(away.days):
        return _Kinds(weekly.kind, np.arange(len(bits), dtype=np.int64), bits)
    free = series.free_of(away, clocks, rhythm.start)
    free = np.concatenate([free, np.full((1, free.shape[1]), 255, dtype=np.uint8)])  # -1: never away
    width, stated = len(free), weekly.kind >= 0
    pairs, which = distinct(weekly.kind[stated].astype(np.int64) * width + away.kind[stated] % width)
    hours, days = np.divmod(pairs, width)
    kind = np.full(len(weekly.kind), -1, dtype=np.int32)
    kind[stated] = which
    return _Kinds(kind, hours, bits[hours] & free[days])


def _kept(mentors: Bytes, mentees: Bytes, count: int, *, alike: bool) -> Int64:
    """Numbers of the series that suit somebody on both sides; of those that suit the same people one is enough."""
    both = np.bitwise_or.reduce(mentors, axis=0) & np.bitwise_or.reduce(mentees, axis=0)
    some = np.flatnonzero(np.unpackbits(both, count=count, bitorder="little"))
    if alike or len(some) < 2:
        return some
    columns = [np.unpackbits(bits, axis=1, count=count, bitorder="little")[:, some] for bits in (mentors, mentees)]
    people = np.packbits(np.concatenate(columns), axis=0).T
    _, first = np.unique(np.ascontiguousarray(people), axis=0, return_index=True)
    return some[np.sort(first)]


def _starts(side: _Kinds, kept: Int64, count: int) -> Starts:
    bits = np.unpackbits(side.bits, axis=1, count=count, bitorder="little")[:, kept]
    return packed_starts(side.kind, kept, np.packbits(bits, axis=1, bitorder="little"))
