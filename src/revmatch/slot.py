"""When a pair meets: a weekly time on the mentee's clock, and what it is in UTC and where the mentor is."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from revmatch.people.clocks import NEVER, clock
from revmatch.people.hours import DAY, WEEK
from revmatch.people.series import Rhythm
from revmatch.policy.limits import Meetings
from revmatch.policy.sides import Ints

if TYPE_CHECKING:
    from revmatch.programme import Programme

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Slot:
    """The weekly time of a pair.

    Parameters
    ----------
    weekday : str
        Of the mentee: ``"Mon"`` to ``"Sun"``.
    start : str
        On the mentee's clock, such as ``"14:00"``.
    time_zone, mentor_time_zone : str
        Of the mentee, and of the mentor.
    minutes : int
        Length of a session.
    utc_starts : tuple of datetime
        When each session starts, in UTC.

    Examples
    --------
    >>> starts = (datetime(2026, 3, 3, 14, tzinfo=UTC), datetime(2026, 3, 31, 13, tzinfo=UTC))
    >>> slot = Slot("Tue", "14:00", "Europe/London", "Asia/Kolkata", 60, starts)
    >>> print(slot)
    Tuesdays 14:00 in London, 19:30 in Kolkata (18:30 from 2026-03-31)
    >>> slot.dates
    '2 sessions, every 4 weeks from 2026-03-03'
    """

    weekday: str
    start: str
    time_zone: str
    mentor_time_zone: str
    minutes: int
    utc_starts: tuple[datetime, ...]

    @property
    def first(self) -> date:
        """Day of the first session, where the mentee is."""
        return self._days()[0]

    @property
    def weeks(self) -> int:
        """Weeks from one session to the next; 0 if there is one alone."""
        days = self._days()
        return (days[1] - days[0]).days // 7 if len(days) > 1 else 0

    @property
    def dates(self) -> str:
        """How many sessions there are, how often, and from which day of the mentee's on."""
        if not self.utc_starts:
            return "no session"
        if not self.weeks:
            return f"1 session, on {self.first}"
        often = "every week" if self.weeks == 1 else f"every {self.weeks} weeks"
        return f"{len(self.utc_starts)} sessions, {often} from {self.first}"

    def _days(self) -> list[date]:
        there = zoneinfo.ZoneInfo(self.time_zone)
        return [moment.astimezone(there).date() for moment in self.utc_starts]

    def __str__(self) -> str:
        day = next(name for name in WEEKDAYS if name.startswith(self.weekday))
        said = f"{day}s {self.start} in {place_name(self.time_zone)}"
        if self.mentor_time_zone == self.time_zone or not self.utc_starts:
            return said
        there = [moment.astimezone(zoneinfo.ZoneInfo(self.mentor_time_zone)) for moment in self.utc_starts]
        shown: list[tuple[str, datetime]] = []
        for moment in there:
            name = WEEKDAYS[moment.weekday()]
            text = f"{moment:%H:%M}" if name == day else f"{name}s {moment:%H:%M}"
            if not shown or shown[-1][0] != text:
                shown.append((text, moment))
        later = ", ".join(f"{text} from {moment:%Y-%m-%d}" for text, moment in shown[1:])
        return f"{said}, {shown[0][0]} in {place_name(self.mentor_time_zone)}{f' ({later})' if later else ''}"


def place_name(zone: str) -> str:
    """Last part of the name of a time zone.

    >>> place_name("America/Argentina/Buenos_Aires")
    'Buenos Aires'
    """
    return zone.rpartition("/")[2].replace("_", " ")


def meetings_of(programme: Programme) -> Meetings | None:
    """The limit that asks for weekly times, if there is one."""
    return next((limit for limit in programme.policy.limits if isinstance(limit, Meetings)), None)


def slots_of(programme: Programme, limit: Meetings, mentor_rows: Ints, mentee_rows: Ints, first: Ints) -> list[Slot]:
    """Slots of some pairs.

    Parameters
    ----------
    programme : Programme
    limit : Meetings
    mentor_rows, mentee_rows : ndarray of int64
    first : ndarray of int64
        When the first session of each pair begins: minutes on the mentee's clock from the first Monday, 00:00.
    """
    zones = [programme.of(side).decoded("time_zone") for side in ("mentor", "mentee")]
    theirs, own = (
        [name.strip() for name in z[rows].tolist()] for z, rows in zip(zones, (mentor_rows, mentee_rows), strict=True)
    )
    moments = utc_minutes(limit.rhythm, own, first)
    monday = _midnight(limit)
    known: dict[tuple[int, str, str], Slot] = {}  # many pairs have the same
    found = []
    for shown, zone, mentor_zone, some in zip(first.tolist(), own, theirs, moments, strict=True):
        slot = known.get((shown, zone, mentor_zone))
        if slot is None:
            minute = shown % DAY
            slot = known[shown, zone, mentor_zone] = Slot(
                WEEKDAYS[shown % WEEK // DAY][:3],
                f"{minute // 60:02}:{minute % 60:02}",
                zone,
                mentor_zone,
                limit.minutes,
                tuple(monday + timedelta(minutes=moment) for moment in some),
            )
        found.append(slot)
    return found


def local_starts(limit: Meetings, first: Ints) -> list[str]:
    """First sessions as texts: date and time on the mentee's clock.

    >>> local_starts(Meetings("2026-03-02"), np.array([DAY + 14 * 60]))
    ['2026-03-03T14:00']
    """
    monday = _midnight(limit)
    return [f"{monday + timedelta(minutes=shown):%Y-%m-%dT%H:%M}" for shown in first.tolist()]


def read_local_starts(limit: Meetings, texts: list[str]) -> Ints:
    """What `local_starts` wrote.

    Raises
    ------
    ValueError
        For anything else.
    """
    monday = _midnight(limit)
    moments = [datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=UTC) for text in texts]
    return np.array([(moment - monday) // timedelta(minutes=1) for moment in moments], dtype=np.int64)


def _midnight(limit: Meetings) -> datetime:
    start = limit.rhythm.start
    return datetime(start.year, start.month, start.day, tzinfo=UTC)


def utc_minutes(rhythm: Rhythm, zones: list[str], first: Ints) -> list[list[int]]:
    """When sessions begin, in UTC: minutes from the first Monday, 00:00.

    Parameters
    ----------
    rhythm : Rhythm
    zones : list of str
        Whose clock shows it.
    first : ndarray of int64
        What it shows at the first session.
    """
    clocks = {zone: clock(zone, rhythm.start, rhythm.weeks) for zone in dict.fromkeys(zones) if zone}
    known: dict[tuple[str, int], list[int]] = {}
    times = list(zip(zones, first.tolist(), strict=True))
    for zone, shown in dict.fromkeys(times):
        sessions = np.arange(shown, rhythm.weeks * WEEK, rhythm.every * WEEK, dtype=np.int64)
        moments = clocks[zone].moments(sessions) if zone else sessions[:0]
        # a forged plan may hold a time that a clock never shows: there is nothing to be shown then
        known[zone, shown] = moments[moments != NEVER].tolist()
    return [known[time] for time in times]
