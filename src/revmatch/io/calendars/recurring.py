"""Events that recur, and which of their dates fall into some weeks: the one thing that recurring-ical-events is for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import prod
from typing import Any

from revmatch.errors import InputError, LimitError, MissingExtraError, Problem
from revmatch.io.calendars.window import MOST_BUSY, Window

#: Days from one date of a rule to the next, about.
_DAYS = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 28, "YEARLY": 365}
#: Dates that are tried for the rules of one event, at most: some seconds.
_MOST_DATES = 4_000_000
#: Where the library gives up on a rule that has no date at all.
_LAST_DAY = date.max


def recurs(event: Any) -> bool:
    """Whether an event has more dates than its own."""
    return any(key in event for key in ("RRULE", "RDATE", "EXRULE"))


def occurrences(events: list[Any], window: Window) -> list[Any]:
    """The events that a series comes to in some weeks: moved dates moved, and dates taken out left out.

    Parameters
    ----------
    events : list of icalendar.Event
        All that have the same UID; their rules are cut off where the weeks end.
    window : Window

    Raises
    ------
    InputError
        RM175 for a rule that cannot be read.
    LimitError
        RM190 for a rule of too many dates.
    MissingExtraError
        RM902 without the package recurring-ical-events.
    """
    try:
        from recurring_ical_events import of
    except ImportError:
        hint = "pip install recurring-ical-events, or revmatch with the extra recurring"
        what = "an event recurs, and the package recurring-ical-events is not installed"
        raise MissingExtraError(Problem("RM902", "busy times from iCalendar files", what, hint)) from None
    from icalendar import Calendar

    calendar = Calendar()
    for event in events:
        if "EXRULE" in event:
            raise InputError(Problem("RM175", "", "EXRULE is no longer part of iCalendar", "export the calendar anew"))
        rules = event.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            _cut(rule, event["DTSTART"].dt, window)
        calendar.add_component(event)
    found: list[Any] = of(calendar).between(window.first, window.last)
    return found


def _cut(rule: Any, start: date, window: Window) -> None:
    """Let a rule end with the weeks."""
    _check(rule, start.date() if isinstance(start, datetime) else start, window)
    end = window.last if isinstance(start, datetime) else window.last.date()
    if "COUNT" not in rule and _moment(rule.get("UNTIL", [end])[0]) >= _moment(end):
        rule["UNTIL"] = [end]


def _check(rule: Any, first: date, window: Window) -> None:
    """Refuse a rule that would take for ever."""
    (often,), (every,) = rule.get("FREQ", [""]), rule.get("INTERVAL", [1])
    days = _DAYS.get(str(often).upper())
    if days is None:
        raise LimitError(Problem("RM190", "", "it recurs more often than daily", "is this an event of a person?"))
    if every < 1 or min(rule.get("COUNT", [1])) < 1:
        raise InputError(Problem("RM175", "", "INTERVAL and COUNT are at least 1", "export the calendar anew"))
    # a rule that never has a date, such as 30 February, is followed to the end of the calendar
    never = ("BYMONTH" in rule and "BYMONTHDAY" in rule) or ("BYDAY" in rule and every % 7 == 0)
    last = _LAST_DAY if never and days == 1 else window.days[1]
    times = prod(max(1, len(rule.get(part, ()))) for part in ("BYHOUR", "BYMINUTE", "BYSECOND"))
    tried, asked = (times * (to - since).days // (days * every) for since, to in ((first, last), window.days))
    if tried > _MOST_DATES or asked > MOST_BUSY:
        raise LimitError(Problem("RM190", "", "its rule has too many dates", "is this an event of a person?"))


def _moment(day: date) -> datetime:
    """A day or a time without a zone as a moment, for a comparison that is not about hours."""
    if not isinstance(day, datetime):
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    return day if day.tzinfo is not None else day.replace(tzinfo=UTC)
