"""Which series of meetings mentors and mentees have in common, by their weekly hours and the days they are away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

import numpy as np

from revmatch.errors import InputError, Problems
from revmatch.people.away import Away
from revmatch.people.clocks import Clock, clock
from revmatch.people.distinct import distinct
from revmatch.people.hours import WEEK, Int32, Int64, Mask, Weekly
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
    both = _Both.of(mentors, mentees, rhythm)
    of_mentors, of_mentees = (both.kinds(side, rhythm.start) for side in (0, 1))
    series = both.series
    kept = _kept(of_mentors.bits, of_mentees.bits, len(series.moments), alike=alike)
    sides = [_starts(side, kept, len(series.moments)) for side in (of_mentors, of_mentees)]
    return sides[0], sides[1], replace(series, moments=series.moments[kept], of_clock=series.of_clock[:, kept])


def always_away(mentors: HasDates, mentees: HasDates, rhythm: Rhythm) -> tuple[Mask, Mask]:
    """Mentors, and mentees, who are away on a date of each series that suits their weekly hours, and there are some."""
    both = _Both.of(mentors, mentees, rhythm)
    found = []
    for side, (weekly, away) in enumerate(both.read):
        gone = np.zeros(len(weekly.kind), dtype=bool)
        if away is not None:
            hours = np.append(both.suits(side).any(axis=1), False)[weekly.kind]
            own = both.kinds(side, rhythm.start)
            gone = hours & ~np.append(own.bits.any(axis=1), True)[own.kind]
        found.append(gone)
    return found[0], found[1]


@dataclass(frozen=True, slots=True, eq=False)
class _Both:
    """Both sides, and all series on the clocks of the mentees.

    Parameters
    ----------
    read : list of (Weekly, Away or None)
        Mentors, then mentees.
    clocks : list of list of Clock
        Of the zones that each side knows by number.
    series : Series
    on_clock : ndarray of uint8, shape (zones of mentees, bytes)
        Which series are on a clock.
    """

    read: list[tuple[Weekly, Away | None]]
    clocks: list[list[Clock]]
    series: Series
    on_clock: Bytes

    @classmethod
    def of(cls, mentors: HasDates, mentees: HasDates, rhythm: Rhythm) -> _Both:
        read = _read(mentors, mentees)
        clocks = [[clock(zone, rhythm.start, rhythm.weeks) for zone in weekly.zones] for weekly, _ in read]
        different, number = _different(clocks[1], rhythm.weeks)
        series = Series.on(different, rhythm)
        return cls(read, clocks, series, np.packbits(series.of_clock, axis=1, bitorder="little")[number])

    def suits(self, side: int) -> Bytes:
        """Which series suit each kind of weekly hours of a side: mentees on their own clocks alone."""
        weekly = self.read[side][0]
        bits = self.series.suit(weekly, self.clocks[side])
        return bits if side == 0 else bits & self.on_clock[weekly.zone]

    def kinds(self, side: int, start: date) -> _Kinds:
        """The same, days away included."""
        (weekly, away), bits = self.read[side], self.suits(side)
        if away is None or not len(away.days):
            return _Kinds(weekly.kind, np.arange(len(bits), dtype=np.int64), bits)
        free = self.series.free_of(away, self.clocks[side], start)
        free = np.concatenate([free, np.full((1, free.shape[1]), 255, dtype=np.uint8)])  # -1: never away
        width, stated = len(free), weekly.kind >= 0
        pairs, which = distinct(weekly.kind[stated].astype(np.int64) * width + away.kind[stated] % width)
        hours, days = np.divmod(pairs, width)
        kind = np.full(len(weekly.kind), -1, dtype=np.int32)
        kind[stated] = which
        return _Kinds(kind, hours, bits[hours] & free[days])


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
