"""Events that recur, and which of their dates fall into some weeks: the one thing that recurring-ical-events is for.

All times of a series are handed over as its own clock shows them, without a zone, and come back so: what they are in
UTC, and how long each lasts, is worked out here. With zones, the library (3.8) mixes up times of two zones that read
alike, drops dates that a clock is put forward over, and lets them last an hour more or less when it changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from math import prod
from typing import Any

from revmatch.errors import InputError, LimitError, MissingExtraError, Problem
from revmatch.io.calendars.times import Lasting, moment
from revmatch.io.calendars.window import MOST_BUSY, Window
from revmatch.people.away import Days

#: Days of a period of a rule, about, and how much work one is.
_PERIODS = {"DAILY": (1, 1), "WEEKLY": (7, 1), "MONTHLY": (28, 2), "YEARLY": (365, 16)}
#: Days of the months, of a leap year.
_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
#: What parts of rules may be.
_RANGES = {
    "BYMONTH": 12, "BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYSETPOS": 366,
    "BYHOUR": 23, "BYMINUTE": 59, "BYSECOND": 60,
}  # fmt: skip
#: Work for the rules of one file, at most: some seconds.
MOST_WORK = 4_000_000
#: Tells which event of a group a date comes from.
_WHICH = "X-REVMATCH-EVENT"
_AGAIN = "export the calendar anew"


@dataclass(slots=True)
class Effort:
    """What the rules of one file may still cost."""

    left: int = MOST_WORK


def recurs(event: Any) -> bool:
    """Whether an event has more dates than its own."""
    return any(key in event for key in ("RRULE", "RDATE", "EXRULE"))


def dates(master: Any, changed: list[Any], window: Window, effort: Effort) -> list[tuple[Any, Days | None]]:
    """When a series takes place: of each date the event that says so, and when it is (None if it takes no time).

    Parameters
    ----------
    master : icalendar.Event
        One that recurs.
    changed : list of icalendar.Event
        Single dates of it, moved or changed.
    window : Window
        Where it ends, even if it never does.
    effort : Effort
        Becomes less.

    Raises
    ------
    InputError
        RM174 and RM175 for what cannot be read.
    LimitError
        RM190 for rules of too many dates.
    MissingExtraError
        RM902 without the package recurring-ical-events.
    """
    of = _library()
    series = _Series.of(master, changed, window, effort)
    return [series.when(found) for found in of(series.calendar()).between(*series.asked)]


def _library() -> Any:
    try:
        from recurring_ical_events import of
    except ImportError:
        hint = "pip install recurring-ical-events, or revmatch with the extra recurring"
        what = "an event recurs, and the package recurring-ical-events is not installed"
        raise MissingExtraError(Problem("RM902", "busy times from iCalendar files", what, hint)) from None
    return of


@dataclass(frozen=True, slots=True)
class _Series:
    """A series on its own clock.

    Parameters
    ----------
    events : list of icalendar.Event
        The one that recurs, then single dates.
    lasting : list of Lasting
        How long each of them takes.
    clock : tzinfo or None
        None where dates are whole days.
    listed : dict
        Dates of their own, by what the clock shows: when they are, and how long they take.
    rules : list
        Rules, which end with the weeks.
    asked : tuple of datetime
        From when to when the library is asked, on the series' own clock.
    """

    events: list[Any]
    lasting: list[Lasting]
    clock: tzinfo | None
    listed: dict[Any, tuple[Any, Lasting]]
    rules: list[Any]
    asked: tuple[datetime, datetime]

    @classmethod
    def of(cls, master: Any, changed: list[Any], window: Window, effort: Effort) -> _Series:
        start = master["DTSTART"].dt
        for event in changed:
            if "RANGE" in event["RECURRENCE-ID"].params and _is_day(event["DTSTART"].dt) is not _is_day(start):
                raise InputError(Problem("RM175", "", "a series changes between days and times", _AGAIN))
        if "EXRULE" in master:
            raise InputError(Problem("RM175", "", "EXRULE is no longer part of iCalendar", _AGAIN))
        if isinstance(start, datetime):
            moment(start)  # refused without a zone
        events = [master, *changed]
        lasting = [Lasting.of(event) for event in events]
        clock = start.tzinfo if isinstance(start, datetime) else None
        own = {}
        for one in _dates(master, "RDATE"):
            begin, lasts = (one[0], Lasting.between(*one)) if isinstance(one, tuple) else (one, lasting[0])
            own[_shown(begin, clock)] = begin, lasts
        longest = max([timedelta(), *(lasts.most for lasts in (*lasting, *(lasts for _, lasts in own.values())))])
        # what follows a moved date is moved with it
        earlier = max([timedelta(), *(_moved(event, clock) for event in changed)])
        asked = (window.first - longest).replace(tzinfo=None), (window.last + earlier).replace(tzinfo=None)
        listed = master.get("RRULE", [])
        rules = listed if isinstance(listed, list) else [listed]
        for rule in rules:
            _cut(rule, start, clock, asked, effort)
        return cls(events, lasting, clock, own, rules, asked)

    def calendar(self) -> Any:
        """What the library gets: times without zones, and nothing else of the events."""
        from icalendar import Calendar, Event

        found = Calendar()
        for k, event in enumerate(self.events):
            plain = Event()
            plain.add("uid", "series")
            plain.add(_WHICH, str(k))
            plain.add("sequence", int(event.get("SEQUENCE", 0)))
            start = self._alike(_shown(event["DTSTART"].dt, self.clock))
            plain.add("dtstart", start)
            plain.add("dtend", start + max(self.lasting[k].most, timedelta(days=0 if self.clock else 1)))
            if k:
                moved = event["RECURRENCE-ID"]
                following = str(moved.params.get("RANGE", "")).upper() == "THISANDFUTURE"
                parameters = {"RANGE": "THISANDFUTURE"} if following else {}
                plain.add("recurrence-id", _shown(moved.dt, self.clock), parameters=parameters)
            else:
                for rule in self.rules:
                    plain.add("rrule", rule)
                for key in ("RDATE", "EXDATE"):
                    listed = [one[0] if isinstance(one, tuple) else one for one in _dates(event, key)]
                    if listed:
                        plain.add(key, [_shown(one, self.clock) for one in listed])
            found.add_component(plain)
        return found

    def _alike(self, when: Any) -> Any:
        """A time where the series has times, and a day where it has days: the library compares them."""
        if self.clock is None:
            return when.date() if isinstance(when, datetime) else when
        return when if isinstance(when, datetime) else datetime.combine(when, time())

    def when(self, found: Any) -> tuple[Any, Days | None]:
        """The event of a date that was found, and when it is."""
        k = int(str(found[_WHICH]))
        event, lasting, start = self.events[k], self.lasting[k], found["DTSTART"].dt
        if k and "RANGE" not in event["RECURRENCE-ID"].params:
            return event, lasting.from_start(event["DTSTART"].dt)
        if self.clock is None:
            return event, lasting.from_start(start)
        begin, lasting = self.listed.get(start, (start.replace(tzinfo=self.clock), lasting))
        return event, lasting.from_start(begin)


def _dates(event: Any, key: str) -> list[Any]:
    """Dates, times and periods that an event lists."""
    listed = event.get(key, [])
    return [one.dt for part in (listed if isinstance(listed, list) else [listed]) for one in part.dts]


def _is_day(when: Any) -> bool:
    return not isinstance(when, datetime)


def _shown(when: Any, clock: tzinfo | None) -> Any:
    """What the clock of a series shows then; days stay days."""
    if not isinstance(when, datetime) or when.tzinfo is None:
        return when
    return when if clock is None else when.astimezone(clock).replace(tzinfo=None)


def _moved(event: Any, clock: tzinfo | None) -> timedelta:
    """How much earlier a date is than it was, if those after it are moved with it."""
    was = event["RECURRENCE-ID"]
    if "RANGE" not in was.params:
        return timedelta()
    first, second = (_shown(one, clock) for one in (was.dt, event["DTSTART"].dt))
    same = isinstance(first, datetime) is isinstance(second, datetime)
    return max(timedelta(), first - second) if same else timedelta()


# -- rules ------------------------------------------------------------------------------------------------------------


def _cut(rule: Any, start: date, clock: tzinfo | None, asked: tuple[datetime, datetime], effort: Effort) -> None:
    """Let a rule end with the weeks, and on the series' own clock."""
    first = start.date() if isinstance(start, datetime) else start
    _check(rule, first, asked, effort)
    if "COUNT" in rule:
        if "UNTIL" in rule:
            raise InputError(Problem("RM175", "", "a rule has COUNT or UNTIL, not both", _AGAIN))
        return
    (until,) = rule.get("UNTIL", [asked[1]])
    if isinstance(until, datetime) and until.tzinfo is not None:
        # of what a clock shows twice the second, and of days the last that it may be
        there = until.astimezone(clock) if clock is not None else until + timedelta(hours=14)
        until = there.replace(tzinfo=None) + timedelta(hours=there.fold)
    if _is_day(until):  # all of that day
        until = datetime.combine(until, time(23, 59, 59))
    until = min(until.replace(tzinfo=None), asked[1])
    rule["UNTIL"] = [until if isinstance(start, datetime) else until.date()]


def _check(rule: Any, first: date, asked: tuple[datetime, datetime], effort: Effort) -> None:
    """Refuse a rule that makes no sense, or would take for ever."""
    (often,), (every,) = rule.get("FREQ", [""]), rule.get("INTERVAL", [1])
    period = _PERIODS.get(str(often).upper())
    if period is None:
        raise LimitError(Problem("RM190", "", "it recurs more often than daily", "is this an event of a person?"))
    if every < 1 or min(rule.get("COUNT", [1])) < 1:
        raise InputError(Problem("RM175", "", "INTERVAL and COUNT are at least 1", _AGAIN))
    for part, most in _RANGES.items():
        if any(abs(int(value)) > most for value in rule.get(part, ())):
            raise InputError(Problem("RM175", "", f"{part} is out of range", _AGAIN))
    days, work = period[0] * every, period[1]
    last = date.max if _may_never(rule, whole_weeks=period[0] == 1 and every % 7 == 0) else asked[1].date()
    times = prod(max(1, len(rule.get(part, ()))) for part in ("BYHOUR", "BYMINUTE", "BYSECOND"))
    each = times * _dates_a_period(rule, period[0])
    effort.left -= max(0, work * ((last - first).days // days) + each * ((asked[1].date() - first).days // days))
    if effort.left < 0 or each * ((asked[1] - asked[0]).days // days) > MOST_BUSY:
        raise LimitError(Problem("RM190", "", "its rule has too many dates", "is this an event of a person?"))


def _dates_a_period(rule: Any, days: int) -> int:
    """On how many days of a week, a month or a year a rule may be, at most."""
    if days > 7 and "BYDAY" in rule and "BYWEEKNO" not in rule:
        return days + 1
    parts = ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH")
    return min(days, prod(max(1, len(rule.get(part, ()))) for part in parts))


def _may_never(rule: Any, *, whole_weeks: bool) -> bool:
    """Whether a rule may have no date at all, such as 30 February: then it is followed to the end of the calendar.

    One of every so many days, which are whole weeks, may never come to its weekday.
    """

    def values(part: str) -> list[int]:
        return [abs(int(value)) for value in rule.get(part, ())]

    months = [_MONTHS[month - 1] - (month == 2) for month in values("BYMONTH")]  # 29 February is not each year
    no_day = months and min(values("BYMONTHDAY"), default=0) > max(months)
    no_week = min(values("BYWEEKNO"), default=0) > 52 or min(values("BYYEARDAY"), default=0) > 365
    no_weekday = whole_weeks and "BYDAY" in rule
    return bool(no_day or no_week or no_weekday or max(values("BYSETPOS"), default=0) > 31)
