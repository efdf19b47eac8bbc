"""Busy times out of iCalendar files (RFC 5545): events, and published busy times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from revmatch.errors import InputError, LimitError, MissingExtraError, Problem, Problems, RevmatchError
from revmatch.io.calendars.lines import Component, components
from revmatch.io.calendars.recurring import occurrences, recurs
from revmatch.io.calendars.window import MOST_BUSY, Busy, Window
from revmatch.io.calendars.zones import iana_name, nearest, need_icalendar, quoted
from revmatch.people.away import Days

#: What Microsoft's calendars say of events at which one can be met.
_FREE = ("FREE", "WORKINGELSEWHERE")
_ZONE = re.compile(r';TZID=(?:"([^"]*)"|([^";:,]*))', re.IGNORECASE)
#: Parts of a rule by which clocks change: once or twice a year.
_OF_CLOCKS = {"FREQ", "INTERVAL", "BYMONTH", "BYDAY", "BYMONTHDAY", "UNTIL", "COUNT", "WKST"}
#: What libraries raise over properties that make no sense together.
_STRANGE = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError)
_AGAIN = "export the calendar anew"
_CLIPPED = ("X-CLIPSTART", "X-CLIPEND")

_Event = tuple[str, Any]


def busy_of_ics(text: str, owner: str, place: str, window: Window) -> Busy:
    """Busy times of one calendar.

    Busy is who has an event that is neither cancelled nor marked as free (``TRANSP``, or Microsoft's own mark), and who
    has published busy times of any kind. An event without a time of day takes whole days on the owner's calendar.

    Parameters
    ----------
    text : str
        An iCalendar file.
    owner, place : str
        See `Busy`.
    window : Window
        What is outside is left out.

    Raises
    ------
    InputError
        RM170 for a time without a zone, RM171 for an unknown one, RM174 for an end before its start, RM175 for what
        cannot be read, RM176 for what is no calendar, RM190 for a rule of too many dates; all of them at once.
    LimitError
        RM190 for more busy times than a person has.
    MissingExtraError
        RM902 without icalendar, or for an event that recurs without recurring-ical-events.
    """
    need_icalendar("busy times from iCalendar files")
    problems = Problems()
    found = components(text, place)
    zones = _Zones([one for one in found if one.name == "VTIMEZONE"])
    events: list[_Event] = []
    published: list[_Event] = []
    for one in found:
        if one.name in ("VEVENT", "VFREEBUSY"):
            with _noting(problems, f"{place}:{one.line}"):
                read = _read(one, zones)
                (events if one.name == "VEVENT" else published).append((f"{place}:{one.line}", read))
    taken: list[Days] = []
    for group in _by_uid(events):
        taken += [days for days in _of_group(group, window, problems) if window.holds(days)]
        if len(taken) > MOST_BUSY:
            what = f"more than {MOST_BUSY:,} busy times in the weeks asked of"
            raise LimitError(Problem("RM190", place, what, "is this the calendar of one person?"))
    for at, times in published:
        with _noting(problems, at):
            taken += [days for days in _of_published(times) if window.holds(days)]
    known = _known(published) if published and not events else None
    if known is None:
        with _noting(problems, place):
            known = _clipped([one for one in found if one.name == "VCALENDAR"])
    problems.raise_as(InputError)
    return Busy(owner, place, tuple(taken), known)


@contextmanager
def _noting(problems: Problems, place: str) -> Iterator[None]:
    """Note what is wrong with one component, and go on with the next."""
    try:
        yield
    except MissingExtraError:
        raise
    except RevmatchError as error:
        for problem in error.problems:
            problems.add(problem.code, place, problem.expected, problem.hint)
    except _STRANGE:
        problems.add("RM175", place, "its times cannot be read", _AGAIN)


def _read(component: Component, zones: _Zones) -> Any:
    """A component as the library has it.

    Raises
    ------
    InputError
        RM171 and RM175.
    """
    from icalendar import Event, FreeBusy

    lines = [zones.known(line) for line in component.lines]
    kind = Event if component.name == "VEVENT" else FreeBusy
    found = kind.from_ical("\r\n".join(lines))
    for name, _ in found.errors:
        raise InputError(Problem("RM175", "", f"{name} cannot be read", _AGAIN))
    return found


# -- events -----------------------------------------------------------------------------------------------------------


def _by_uid(events: list[_Event]) -> list[list[_Event]]:
    """Events that belong together: one series with its changed dates, or versions of one event."""
    groups: dict[str, list[_Event]] = {}
    for place, event in events:
        groups.setdefault(str(event.get("UID", place)), []).append((place, event))
    return list(groups.values())


def _of_group(group: list[_Event], window: Window, problems: Problems) -> list[Days]:
    """When an event takes place, on all its dates."""
    taken = []
    with _noting(problems, group[0][0]):
        series = [event for _, event in group]
        for event in occurrences(series, window) if any(map(recurs, series)) else _latest(series):
            days = None if _is_free(event) else _days(event)
            if days is not None:
                taken.append(days)
    return taken


def _latest(events: list[Any]) -> list[Any]:
    """Of each date the version that counts: that of the highest number."""
    found: dict[str, Any] = {}
    for event in events:
        moved = event.get("RECURRENCE-ID")
        date = "" if moved is None else moved.to_ical().decode()
        if date not in found or int(event.get("SEQUENCE", 0)) >= int(found[date].get("SEQUENCE", 0)):
            found[date] = event
    return list(found.values())


def _is_free(event: Any) -> bool:
    def said(key: str) -> str:
        return str(event.get(key, "")).strip().upper()

    cancelled, free = said("STATUS") == "CANCELLED", said("TRANSP") == "TRANSPARENT"
    return cancelled or free or said("X-MICROSOFT-CDO-BUSYSTATUS") in _FREE


def _days(event: Any) -> Days | None:
    """When an event is; None for one that takes no time."""
    start = event["DTSTART"].dt
    if not isinstance(start, datetime):
        return _whole_days(event, start)
    if "DTEND" in event:
        end = event["DTEND"].dt
    else:
        lasts = event["DURATION"].dt if "DURATION" in event else timedelta()
        # days are days of the calendar, and may have 23 or 25 hours; hours are hours (RFC 5545, 3.8.2.5)
        end = _moment(start + timedelta(days=lasts.days)) + timedelta(seconds=lasts.seconds)
    return _stretch(_moment(start), _moment(end))


def _whole_days(event: Any, first: date) -> Days:
    """Days on the owner's calendar; the end of an event is the day after the last."""
    if "DTEND" in event:
        after = event["DTEND"].dt
        if isinstance(after, datetime):
            raise InputError(Problem("RM175", "", "it starts on a day and ends at a time", _AGAIN))
    else:
        after = first + (event["DURATION"].dt if "DURATION" in event else timedelta(days=1))
    if after < first:
        raise _ends_early()
    return first, max(first, after - timedelta(days=1))


def _moment(shown: datetime) -> datetime:
    """A time in UTC. Of two it is the first, and one that a clock is put forward over counts as before (3.3.5)."""
    if shown.tzinfo is None:
        raise InputError(Problem("RM170", "", "a time says on which clock it is", "export it with time zones"))
    return shown.astimezone(UTC)


def _stretch(start: datetime, end: datetime) -> Days | None:
    if end < start:
        raise _ends_early()
    return None if end == start else (start, end)


def _ends_early() -> InputError:
    return InputError(Problem("RM174", "", "it ends before it starts", _AGAIN))


# -- published busy times ---------------------------------------------------------------------------------------------


def _of_published(times: Any) -> list[Days]:
    """Stretches of a ``VFREEBUSY``; kinds that are not known are busy (RFC 5545, 3.2.9)."""
    listed = times.get("FREEBUSY", [])
    taken = []
    for period in listed if isinstance(listed, list) else [listed]:
        if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE":
            days = _stretch(_moment(period.start), _moment(period.end))
            if days is not None:
                taken.append(days)
    return taken


def _known(published: list[_Event]) -> tuple[tuple[datetime, datetime], ...] | None:
    """The stretches that published times tell of; None if one of them has no bounds."""
    if any(key not in times for _, times in published for key in ("DTSTART", "DTEND")):
        return None
    return tuple((_moment(times["DTSTART"].dt), _moment(times["DTEND"].dt)) for _, times in published)


def _clipped(calendars: list[Component]) -> tuple[tuple[datetime, datetime], ...] | None:
    """The stretches that were exported, where a calendar says that it is not whole (MS-OXCICAL, 2.1.3.1.1)."""
    from icalendar import vDDDTypes

    bounds = [[_value(calendar, key) for key in _CLIPPED] for calendar in calendars]
    if not all(all(both) for both in bounds):
        return None
    read: Any = vDDDTypes
    return tuple(
        (_moment(read.from_ical(first.strip())), _moment(read.from_ical(last.strip()))) for first, last in bounds
    )


# -- zones ------------------------------------------------------------------------------------------------------------


class _Zones:
    """Zones of one file, by names that mean the same in every file.

    The library keeps a zone by its name for as long as it runs, and two files may call two zones by one name. So a zone
    that is none of the IANA's is renamed to the digest of what it says.
    """

    def __init__(self, own: list[Component]) -> None:
        self._own = {_value(one, "TZID"): one for one in own}
        self._names: dict[str, str] = {}

    def known(self, line: str) -> str:
        """A line, its zone called by a name that the library knows."""
        match = _ZONE.search(line)
        if match is None or ":" in line[: match.start()]:
            return line
        name = match[1] if match[1] is not None else match[2]
        if name not in self._names:
            self._names[name] = self._named(name)
        return f"{line[: match.start()]};TZID={self._names[name]}{line[match.end() :]}"

    def _named(self, name: str) -> str:
        iana = iana_name(name)
        if iana is not None:
            return iana
        if name not in self._own:
            raise InputError(Problem("RM171", "", f"its time zone {quoted(name)} is not known", nearest(name)))
        return _kept(self._own[name])


def _value(component: Component, key: str) -> str:
    return next((line.partition(":")[2] for line in component.lines if line.upper().startswith(key)), "")


def _kept(zone: Component) -> str:
    """Hand a zone of a file over to the library, and say what it is called there."""
    from icalendar import Timezone

    for line in zone.lines:
        rule = dict(part.partition("=")[::2] for part in line.upper().partition(":")[2].split(";"))
        yearly = rule.get("FREQ") == "YEARLY" and set(rule) <= _OF_CLOCKS and rule.get("INTERVAL", "1") == "1"
        if line.upper().startswith("RRULE") and not yearly:
            raise InputError(Problem("RM171", "", "the rule of its time zone is not yearly", _AGAIN))
    name = "revmatch-" + sha256("\n".join(zone.lines).encode()).hexdigest()[:20]
    lines = [f"TZID:{name}" if line.upper().startswith("TZID") else line for line in zone.lines]
    try:
        Timezone.from_ical("\r\n".join(lines))
    except _STRANGE:
        raise InputError(Problem("RM171", "", "the rules of its time zone cannot be read", _AGAIN)) from None
    return name
