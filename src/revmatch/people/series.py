"""Series of meetings over some weeks, as bit sets: each session falls into the hours of both, on its own date.

A series is a weekly time on the mentee's clock, and a first week; its sessions are a list of moments. Where two clocks
change together, a time on either is the same series, so there are few. A person's weekly hours say of each series
whether all of its sessions suit: that is a bit, and two people have a series in common if and only if their bits meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from revmatch.errors import LimitError, Problem
from revmatch.people.away import Away, Days
from revmatch.people.clocks import NEVER, Clock
from revmatch.people.hours import DAY, WEEK, Int64, Mask, Weekly
from revmatch.people.starts import Bytes, within

#: Sessions of all weekly times on all clocks, at most: some seconds, and some hundred megabytes.
MOST_SESSIONS = 1 << 22
#: Ten years of meetings.
MOST_WEEKS = 520
#: Bytes of a block of (moments, hours) that are worked on at once.
_BLOCK = 1 << 26
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How meetings come.

    Parameters
    ----------
    start : date
        The Monday on which the first week begins.
    minutes : int
        Length of a session.
    grid : int
        Minutes between possible starts; divides a day.
    every : int
        Weeks from one session to the next; the first is in any of the first so many weeks.
    weeks : int
        At least `every`.
    """

    start: date
    minutes: int
    grid: int
    every: int
    weeks: int


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """All series that are on the clock of some mentee.

    Parameters
    ----------
    moments : ndarray of int64, shape (series, sessions)
        When each session begins; `NEVER` where there are fewer.
    of_clock : ndarray of bool, shape (clocks, series)
        Which of them are a weekly time on a clock.
    minutes : int
        Length of a session.
    """

    moments: Int64
    of_clock: Mask
    minutes: int

    @classmethod
    def on(cls, clocks: list[Clock], rhythm: Rhythm) -> Series:
        """The series on some clocks: on multiples of the grid, and on one day."""
        week = np.arange(0, WEEK, rhythm.grid, dtype=np.int64)
        week = week[week % DAY + rhythm.minutes <= DAY]
        sessions = -(-rhythm.weeks // rhythm.every)
        size = len(clocks) * rhythm.every * len(week) * sessions
        if size > MOST_SESSIONS:
            what = f"{size:,} possible sessions on {len(clocks):,} clocks are more than {MOST_SESSIONS:,}"
            raise LimitError(Problem("RM190", "grid", what, "take a coarser grid, or fewer weeks"))
        found = np.full((len(clocks), rhythm.every, len(week), sessions), NEVER, dtype=np.int64)
        for c, clock in enumerate(clocks):
            shown = WEEK * np.arange(rhythm.weeks, dtype=np.int64)[:, None] + week
            moments = clock.moments(shown)
            for first in range(rhythm.every):
                own = moments[first :: rhythm.every].T
                # a time that a clock is put forward over is none
                found[c, first, :, : own.shape[1]] = np.where((own == NEVER).any(axis=1)[:, None], NEVER, own)
        flat = found.reshape(-1, sessions)
        different, which = np.unique(flat, axis=0, return_inverse=True)
        of_clock = np.zeros((len(clocks), len(different)), dtype=bool)
        of_clock[np.repeat(np.arange(len(clocks)), rhythm.every * len(week)), which.reshape(-1)] = True
        some = different[:, 0] != NEVER if sessions else np.zeros(len(different), dtype=bool)
        return cls(different[some], of_clock[:, some], rhythm.minutes)

    def at_once(self) -> list[tuple[int, Int64]]:
        """Moments, and which series are in session then; sets of series that are part of the next one left out.

        Two series are in each other's way if and only if both are in one of these sets.
        """
        which, session = np.nonzero(self.moments != NEVER)
        begins = self.moments[which, session]
        order = np.argsort(begins, kind="stable")
        begins, which = begins[order], which[order]
        moments = np.unique(begins)
        first = np.searchsorted(begins, moments - self.minutes, side="right")
        last = np.searchsorted(begins, moments, side="right")
        whole = np.append(first[1:] > first[:-1], np.ones(min(1, len(first)), dtype=bool))
        found: dict[bytes, tuple[int, Int64]] = {}
        for moment, begin, end in zip(
            moments[whole].tolist(), first[whole].tolist(), last[whole].tolist(), strict=True
        ):
            some = np.sort(which[begin:end]).astype(np.int64)
            found.setdefault(some.tobytes(), (moment, some))
        return list(found.values())

    def suit(self, weekly: Weekly, clocks: list[Clock]) -> Bytes:
        """Which series suit which kind of hours: all of their sessions lie within them; 8 to a byte, by kind.

        Parameters
        ----------
        weekly : Weekly
        clocks : list of Clock
            Of the zones by whose numbers `weekly` knows them.
        """
        moments, where = np.unique(np.append(self.moments, NEVER), return_inverse=True)
        place = where[:-1].reshape(self.moments.shape)
        found = np.zeros((len(weekly.zone), -(-len(self.moments) // 8)), dtype=np.uint8)
        for zone in np.unique(weekly.zone).tolist():
            own = np.flatnonzero(weekly.zone == zone)
            rows = max(8, 8 * (_BLOCK // max(1, len(moments) + len(self.moments))))
            for begin in range(0, len(own), rows):
                block = own[begin : begin + rows]
                fits = self._moments_that_suit(weekly, block, clocks[zone], moments)
                suits = np.full((len(self.moments), fits.shape[1]), 255, dtype=np.uint8)
                for session in place.T:
                    suits &= fits[session]
                by_kind = np.unpackbits(suits, axis=1, count=len(block), bitorder="little").T
                found[block] = np.packbits(by_kind, axis=1, bitorder="little")
        return found

    def _moments_that_suit(self, weekly: Weekly, kinds: Int64, clock: Clock, moments: Int64) -> Bytes:
        """Whether a session from each moment on lies within the hours of some kinds of a zone: 8 kinds to a byte.

        The first moment is none, and suits everybody. A clock that changes during a session shows it in two pieces.
        """
        ends = moments + self.minutes
        fits = np.full((len(moments), -(-len(kinds) // 8)), 255, dtype=np.uint8)
        whole = np.flatnonzero((moments != NEVER) & (clock.changes(moments, ends) == 0))
        fits[whole] = _inside(weekly, kinds, clock.shows(moments[whole]) % WEEK, self.minutes)
        for at in np.flatnonzero((moments != NEVER) & (clock.changes(moments, ends) > 0)).tolist():
            between = clock.begin[(clock.begin > moments[at]) & (clock.begin < ends[at])]
            cuts = np.concatenate([[moments[at]], between, [ends[at]]])
            for first, last in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
                shown = clock.shows(np.array([first])) % WEEK
                fits[at] &= _inside(weekly, kinds, shown, last - first)[0]
        return fits

    def free_of(self, away: Away, clocks: list[Clock], start: date) -> Bytes:
        """Which series have no session while a kind of people is away; 8 to a byte, by kind."""
        moments, where = np.unique(self.moments, return_inverse=True)
        place = where.reshape(self.moments.shape)
        ends = moments + self.minutes
        found = np.zeros((len(away.days), -(-len(self.moments) // 8)), dtype=np.uint8)
        for kind, (days, zone) in enumerate(zip(away.days, away.zone.tolist(), strict=True)):
            on_days, at_moments = _absences(days, start)
            first, last = clocks[zone].shows(moments), clocks[zone].shows(ends - 1) + 1
            taken = _meets(on_days, first, last) | _meets(at_moments, moments, ends)
            taken &= moments != NEVER
            found[kind] = np.packbits(~taken[place].any(axis=1), bitorder="little")
        return found


def _absences(days: tuple[Days, ...], start: date) -> tuple[Int64, Int64]:
    """First minute and the one after the last, of days on somebody's calendar, and of moments in UTC."""
    zero = datetime(start.year, start.month, start.day, tzinfo=UTC)
    on_days, at_moments = [], []
    for begin, end in days:
        if isinstance(begin, datetime) and isinstance(end, datetime):
            at_moments.append(((begin - zero) // _MINUTE, (end - zero) // _MINUTE))
        else:
            on_days.append(((begin - start).days * DAY, ((end - start).days + 1) * DAY))
    return np.array(on_days, dtype=np.int64).reshape(-1, 2), np.array(at_moments, dtype=np.int64).reshape(-1, 2)


def _meets(absences: Int64, first: Int64, last: Int64) -> Mask:
    """Which stretches from `first` to before `last` have something of any of these."""
    if not len(absences):
        return np.zeros(len(first), dtype=bool)
    begins, ends = absences[np.argsort(absences[:, 0], kind="stable")].T
    # of all that begin before a stretch is over the one that ends last
    before = np.searchsorted(begins, last, side="left")
    latest = np.append(NEVER, np.maximum.accumulate(ends))
    return np.asarray(latest[before] > first)


def _inside(weekly: Weekly, kinds: Int64, shown: Int64, minutes: int) -> Bytes:
    """Whether so many minutes from each time of the week on lie within the hours of some kinds: 8 kinds to a byte."""
    times, which = np.unique(shown, return_inverse=True)
    block = slice(0, len(kinds))
    inside = within(weekly.of_kinds(kinds), block, times, minutes, np.zeros(len(kinds), dtype=np.int64))
    return np.packbits(inside.T, axis=1, bitorder="little")[which]
