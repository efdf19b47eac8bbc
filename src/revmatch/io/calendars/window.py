"""The weeks of which calendars are asked, and what one calendar tells of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from revmatch.people.away import Days

#: Busy times of one calendar in the weeks asked of: far more than a person has.
MOST_BUSY = 20_000
#: No clock of the world is further from UTC.
_AROUND = timedelta(days=2)


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

    def holds(self, taken: Days) -> bool:
        """Whether some of it may be in these weeks.

        >>> Window(date(2026, 3, 2), 1).holds((date(2026, 2, 1), date(2026, 2, 3)))
        False
        """
        begin, end = taken
        if isinstance(begin, datetime) and isinstance(end, datetime):
            return begin < self.last and end > self.first
        return begin < self.days[1] and end > self.days[0]


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
    known : tuple of (datetime, datetime), or None
        The stretches that it tells of; None if it tells of all time.
    """

    owner: str
    place: str
    taken: tuple[Days, ...]
    known: tuple[tuple[datetime, datetime], ...] | None = None
