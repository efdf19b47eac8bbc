"""Clocks of time zones over some weeks: what they show at a moment, and at which moment they show something.

Moments are minutes in UTC, counted from the Monday on which the weeks begin, 00:00; what a clock shows is in minutes
from the same Monday, 00:00 on that clock. Daylight saving is all in the clock: where it is put forward, some of what it
shows is at no moment, and where it is put back, some is at two.
"""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from revmatch.people.hours import DAY, WEEK, Int64

#: No moment at all.
NEVER = -(1 << 40)
#: A clock is known from so long before the weeks to so long after them: no clock of the world is further from UTC.
_AROUND = 2 * DAY


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """The clock of a time zone.

    Parameters
    ----------
    begin : ndarray of int64
        Moments from which on it is ahead of UTC by so much; the first is long before the weeks.
    ahead : ndarray of int64
        Minutes; less than 0 where it is behind.
    """

    begin: Int64
    ahead: Int64

    def shows(self, moment: Int64) -> Int64:
        """What it shows at some moments."""
        return moment + self.ahead[np.searchsorted(self.begin, moment, side="right") - 1]

    def moments(self, shown: Int64) -> Int64:
        """The first moment at which it shows something; `NEVER` where it is put forward over it."""
        found = np.full(np.shape(shown), NEVER, dtype=np.int64)
        ends = np.append(self.begin[1:], -NEVER)
        for begin, end, ahead in zip(self.begin[::-1], ends[::-1], self.ahead[::-1], strict=True):
            moment = shown - ahead
            found = np.where((moment >= begin) & (moment < end), moment, found)
        return found

    def changes(self, first: Int64, last: Int64) -> Int64:
        """How often it changes after some moments and before others."""
        return np.searchsorted(self.begin, last, side="left") - np.searchsorted(self.begin, first, side="right")


def clock(zone: str, start: date, weeks: int) -> Clock:
    """The clock of an IANA time zone over so many weeks.

    Parameters
    ----------
    zone : str
        One that the tz database has.
    start : date
        A Monday.
    weeks : int

    Examples
    --------
    >>> london = clock("Europe/London", date(2026, 3, 23), 1)  # put forward on Sunday at 01:00
    >>> sunday = 6 * DAY
    >>> london.moments(np.array([sunday + 30, sunday + 150])) - sunday  # 00:30 and 02:30 there
    array([30, 90])
    >>> london.moments(np.array([sunday + 90])) == NEVER  # it never shows 01:30
    array([ True])
    """
    tz = zoneinfo.ZoneInfo(zone)
    monday = datetime(start.year, start.month, start.day, tzinfo=UTC)

    def ahead(moment: int) -> int:
        offset = (monday + timedelta(minutes=moment)).astimezone(tz).utcoffset()
        return 0 if offset is None else int(offset.total_seconds()) // 60

    begin, offsets = [NEVER], [ahead(-_AROUND)]
    for day in range(-_AROUND, weeks * WEEK + _AROUND, DAY):
        if ahead(day + DAY) != offsets[-1]:
            low, high = day, day + DAY  # no zone changes twice within a day
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if ahead(middle) == offsets[-1] else (low, middle)
            begin.append(high)
            offsets.append(ahead(high))
    return Clock(np.array(begin, dtype=np.int64), np.array(offsets, dtype=np.int64))
