"""Times of events: what a clock shows, in UTC, and how long an event takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from revmatch.errors import InputError, Problem
from revmatch.people.away import Days

_AGAIN = "export the calendar anew"
_DAY = timedelta(days=1)
#: Property of events whose duration is said in hours or less: 24 hours are no day when clocks change.
IN_HOURS = "X-REVMATCH-IN-HOURS"
#: Clocks are never put forward by more.
_GAP = timedelta(hours=25)


def moment(shown: datetime) -> datetime:
    """A time in UTC. Of two it is the first, and one that a clock is put forward over counts as before (3.3.5).

    Raises
    ------
    InputError
        RM170 for a time without a zone.
    """
    if shown.tzinfo is None:
        raise InputError(Problem("RM170", "", "a time says on which clock it is", "export it with time zones"))
    there = shown.replace(fold=0)
    found = there.astimezone(UTC)
    if found.astimezone(shown.tzinfo).replace(tzinfo=None, fold=0) == there.replace(tzinfo=None):
        return found
    before = (there - _GAP).utcoffset()
    return there.replace(tzinfo=UTC) - (timedelta() if before is None else before)


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long an event takes.

    Parameters
    ----------
    nominal : timedelta
        Days of the calendar: of whole days, and of durations in days. They may have 23 or 25 hours.
    exact : timedelta
        Hours, and the like, besides.
    """

    nominal: timedelta
    exact: timedelta

    @classmethod
    def of(cls, event: Any) -> Lasting:
        """How long an event says that it takes; whole days at least one.

        Raises
        ------
        InputError
            RM170 for times without a zone, RM174 for an end before the start, RM175 for a day that ends at a time.
        """
        start = event["DTSTART"].dt
        if "DTEND" in event:
            return cls.between(start, event["DTEND"].dt)
        whole = not isinstance(start, datetime)
        lasts = event["DURATION"].dt if "DURATION" in event else timedelta(days=whole)
        if whole and lasts.seconds:
            raise InputError(Problem("RM175", "", "it starts on a day and ends at a time", _AGAIN))
        if lasts < timedelta():
            raise _ends_early()
        nominal = timedelta() if IN_HOURS in event else timedelta(days=lasts.days)
        return cls(nominal, lasts - nominal)

    @classmethod
    def between(cls, start: date, end: Any) -> Lasting:
        """From a start to an end, or for so long."""
        if isinstance(end, timedelta) and isinstance(start, datetime):
            end = moment(start) + end
        if isinstance(start, datetime) is not isinstance(end, datetime):
            raise InputError(Problem("RM175", "", "it starts on a day and ends at a time, or so", _AGAIN))
        if isinstance(start, datetime):
            nominal, exact = timedelta(), moment(end) - moment(start)
            if exact < timedelta() and start.tzinfo is end.tzinfo:  # from a time that a clock is put forward over
                exact = end.replace(tzinfo=None) - start.replace(tzinfo=None)
        else:
            nominal, exact = end - start, timedelta()
        if min(nominal, exact) < timedelta():
            raise _ends_early()
        return cls(nominal, exact)

    @property
    def most(self) -> timedelta:
        """It is over by then, whatever clocks do."""
        return self.nominal + self.exact + _GAP if self.nominal + self.exact else timedelta()

    def from_start(self, start: date) -> Days | None:
        """From a start on; None if it takes no time. Whole days are one at least."""
        if not isinstance(start, datetime):
            return start, start + max(self.nominal - _DAY, timedelta())
        begin = moment(start)
        end = (moment(start + self.nominal) if self.nominal else begin) + self.exact
        return None if end <= begin else (begin, end)


def _ends_early() -> InputError:
    return InputError(Problem("RM174", "", "it ends before it starts", _AGAIN))
