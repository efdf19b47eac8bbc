"""A weekly time for every pair: the limit that makes a plan a timetable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from revmatch.people.series import Rhythm
from revmatch.policy.limit import Limit
from revmatch.policy.rhythm import check_rhythm, rhythm_of, rhythm_words
from revmatch.policy.rules import CommonHours, Rule
from revmatch.policy.sides import Side


class _OfMeetings(CommonHours, abstract=True):
    """The rule that a limit `Meetings` implies, by whose name people know it."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return "Meetings"

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Meetings(Limit):
    """Every pair has a weekly time of its own at which its sessions are, and nobody is in two sessions at once.

    The time is fixed on the mentee's clock: a weekday, a start on a multiple of `grid` minutes, and the week of the
    first session. Every session lies on one day of the mentee's, within the hours of both, each read in their own time
    zone on that date, daylight saving included, and on no day on which either is away. That such a time exists is the
    rule `CommonHours`, which is implied.

    Parameters
    ----------
    start : date or str
        The Monday on which the first week begins.
    minutes : int
        Length of a session.
    every : int
        Weeks from one session to the next; the first session is in any of the first so many weeks.
    weeks : int
        All sessions are within so many weeks. If it is no multiple of `every`, those who begin early have one more.
    grid : int
        Minutes between possible starts; divides a day.
    rooms : int, optional
        At no moment do more pairs meet than this.

    Examples
    --------
    >>> print(Meetings("2026-03-02", rooms=3).words())
    Every pair meets for 60 minutes every 4 weeks, in the 24 weeks from 2026-03-02; nobody is in two sessions at once, \
and at most 3 pairs meet at any moment
    """

    start: date | str
    minutes: int = 60
    every: int = 4
    weeks: int = 24
    grid: int = 30
    rooms: int | None = None

    def __post_init__(self) -> None:
        if self.start is None:
            self._refuse("start", 'a date such as "2026-03-02"')
        check_rhythm(self)
        self._whole("rooms", least=1, optional=True)

    def columns(self) -> dict[Side, tuple[str, ...]]:
        read = ("available", "time_zone")
        return {"mentor": read, "mentee": read}

    @property
    def rhythm(self) -> Rhythm:
        """How the sessions come."""
        found = rhythm_of(self.start, self.minutes, self.every, self.weeks, self.grid)
        assert found is not None
        return found

    def rules(self) -> tuple[Rule, ...]:
        return (_OfMeetings(self.minutes, start=self.start, every=self.every, weeks=self.weeks, grid=self.grid),)

    def words(self) -> str:
        alone = "nobody is in two sessions at once"
        pairs = "pair meets" if self.rooms == 1 else "pairs meet"
        rooms = "" if self.rooms is None else f", and at most {self.rooms} {pairs} at any moment"
        return f"Every pair meets for {self.minutes} minutes {rhythm_words(self.rhythm)}; {alone}{rooms}"
