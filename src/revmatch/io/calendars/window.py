"""The weeks of which calendars are asked, and what one calendar tells of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from revmatch.people.away import Days

#: Busy times of one calendar in the weeks asked of: far more than a person has.
MOST_BUSY = 20_000
#: No clock of the world is further ahead of UTC, and none further behind.
_EAST, _WEST = timedelta(hours=14), timedelta(hours=12)
#: More than either.
_AROUND = timedelta(days=2)
#: Stretches of time, in UTC.
Stretches = tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class Window:
    """Some weeks, wherever on earth.

    Parameters
    ----------
    start : date
        The first day.
    weeks : int
    """

    start: date
    weeks: int

    @property
    def end(self) -> date:
        """The day after the last."""
        return self.start + timedelta(weeks=self.weeks)

    @property
    def first(self) -> datetime:
        """A moment before these weeks begin anywhere."""
        return datetime.combine(self.start, time(), UTC) - _AROUND

    @property
    def last(self) -> datetime:
        """A moment after they have ended everywhere."""
        return datetime.combine(self.end, time(), UTC) + _AROUND

    @property
    def days(self) -> tuple[date, date]:
        """A day before them, and one after them, wherever on earth."""
        return self.first.date(), self.last.date()

    def __str__(self) -> str:
        return f"{self.start}..{self.end - timedelta(days=1)}"

    @property
    def needed(self) -> tuple[datetime, datetime]:
        """From when to when somebody may meet: from the first Monday where it is first, to the last Sunday's end."""
        first, last = (datetime.combine(day, time(), UTC) for day in (self.start, self.end))
        return first - _EAST, last + _WEST

    def clipped(self, taken: Days) -> Days | None:
        """What of it may be in these weeks; None if nothing.

        >>> Window(date(2026, 3, 2), 1).clipped((date(2026, 2, 1), date(2026, 3, 2)))
        (datetime.date(2026, 2, 28), datetime.date(2026, 3, 2))
        """
        begin, end = taken
        if isinstance(begin, datetime) and isinstance(end, datetime):
            begin, end = max(begin, self.first), min(end, self.last)
            return (begin, end) if begin < end else None
        begin, end = max(begin, self.days[0]), min(end, self.days[1])
        return (begin, end) if begin <= end else None


@dataclass(frozen=True, slots=True)
class Busy:
    """What one calendar tells.

    Parameters
    ----------
    owner : str
        Whose it is, as its file or its service has it.
    place : str
        Where it stands, for messages.
    taken : tuple of Days
        When somebody is busy; in no order, and some of it maybe twice.
    known : tuple of tuple of datetime, or None
        The stretches that it tells of; None if it tells of all time.
    """

    owner: str
    place: str
    taken: tuple[Days, ...]
    known: Stretches | None = None
