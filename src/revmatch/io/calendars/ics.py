"""Busy times out of iCalendar files (RFC 5545): events, and published busy times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from revmatch.errors import InputError, LimitError, MissingExtraError, Problem, Problems, RevmatchError
from revmatch.io.calendars.lines import Component, components
from revmatch.io.calendars.own_zones import STRANGE, OwnZones
from revmatch.io.calendars.recurring import Effort, dates, recurs
from revmatch.io.calendars.times import IN_HOURS, Lasting, moment
from revmatch.io.calendars.window import MOST_BUSY, Busy, Stretches, Window
from revmatch.io.calendars.zones import need_icalendar
from revmatch.people.away import Days

#: What Microsoft's calendars say of events at which one can be met.
_FREE = ("FREE", "WORKINGELSEWHERE")
_AGAIN, _ONE = "export the calendar anew", "is this the calendar of one person?"
#: A calendar has at most so many events, and an event so many dates of its own: what takes half a minute to read.
MOST_EVENTS, MOST_LINES = 50_000, 20_000

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
    problems, effort = Problems(), Effort()
    found = components(text, place)
    if len(found) > MOST_EVENTS or any(len(one.lines) > MOST_LINES for one in found):
        what = f"more than {MOST_EVENTS:,} events, or one of more than {MOST_LINES:,} lines"
        raise LimitError(Problem("RM190", place, what, _ONE))
    zones = OwnZones([one for one in found if one.name == "VTIMEZONE"], window)
    events: list[_Event] = []
    taken: list[Days] = []
    known: list[Stretches | None] = []
    for one in found:
        at = f"{place}:{one.line}"
        with _noting(problems, at):
            if one.name == "VEVENT":
                events.append((at, _read(one, zones)))
            elif one.name == "VFREEBUSY":
                times = _read(one, zones)
                taken += _inside(_of_published(times), window)
                known.append(_known(times))
            elif one.name == "VCALENDAR":
                known.append(_clipped(one))
    for group in _by_uid(events):
        with _noting(problems, group[0][0]):
            taken += _inside(_of_group(group, window, effort, problems), window)
        if len(taken) > MOST_BUSY:
            what = f"more than {MOST_BUSY:,} busy times in the weeks asked of"
            raise LimitError(Problem("RM190", place, what, _ONE))
    problems.raise_as(InputError)
    told = [stretches for stretches in known if stretches is not None]
    return Busy(owner, place, tuple(taken), sum(told, ()) if told else None)


def _inside(taken: Iterator[Days], window: Window) -> list[Days]:
    return [days for days in map(window.clipped, taken) if days is not None]


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
    except STRANGE:
        problems.add("RM175", place, "its times cannot be read", _AGAIN)


def _read(component: Component, zones: OwnZones) -> Any:
    """A component as the library has it.

    Raises
    ------
    InputError
        RM171 and RM175.
    """
    from icalendar import Event, FreeBusy

    lines = [zones.known(line, component.calendar) for line in component.lines]
    kind = Event if component.name == "VEVENT" else FreeBusy
    found = kind.from_ical("\r\n".join(lines))
    for name, _ in found.errors:
        raise InputError(Problem("RM175", "", f"{name} cannot be read", _AGAIN))
    if component.value("DURATION").upper().lstrip("+-").startswith("PT"):  # the library reads PT24H and P1D as one
        found.add(IN_HOURS, "TRUE")
    return found


# -- events -----------------------------------------------------------------------------------------------------------


def _by_uid(events: list[_Event]) -> list[list[_Event]]:
    """Events that belong together: one series with its changed dates, or versions of one event."""
    groups: dict[str, list[_Event]] = {}
    for place, event in events:
        groups.setdefault(str(event.get("UID", "")).strip() or place, []).append((place, event))
    return list(groups.values())


def _of_group(group: list[_Event], window: Window, effort: Effort, problems: Problems) -> Iterator[Days]:
    """When an event takes place, on all its dates."""
    versions: dict[str, list[Any]] = defaultdict(list)  # of the event itself, and of each changed date
    for place, event in group:
        with _noting(problems, place):
            Lasting.of(event)
            versions[_which(event)].append(event)
    latest = {of: _latest(some) for of, some in versions.items()}
    masters, changed = latest.pop("", []), [event for some in latest.values() for event in some]
    # of several that change one date the one that changes those after it too
    firsts = [max(some, key=lambda event: "RANGE" in event["RECURRENCE-ID"].params) for some in latest.values()]
    found: list[tuple[Any, Days | None]] = []
    for master in filter(recurs, masters):
        found += dates(master, firsts, window, effort)
        firsts = []
    alone = [event for event in masters if not recurs(event)] + changed
    found += [(event, Lasting.of(event).from_start(event["DTSTART"].dt)) for event in alone]
    for event, days in found:
        if days is not None and not _is_free(event):
            yield days


def _which(event: Any) -> str:
    """Which date of a series an event is about; "" for the series itself."""
    if "RECURRENCE-ID" not in event:
        return ""
    when = event["RECURRENCE-ID"].dt
    aware = isinstance(when, datetime) and when.tzinfo is not None
    return str(moment(when) if aware else when)


def _latest(versions: list[Any]) -> list[Any]:
    """The versions that count: those of the highest number."""
    numbers = [int(event.get("SEQUENCE", 0)) for event in versions]
    return [event for event, number in zip(versions, numbers, strict=True) if number == max(numbers)]


def _is_free(event: Any) -> bool:
    def said(key: str) -> str:
        return str(event.get(key, "")).strip().upper()

    cancelled, free = said("STATUS") == "CANCELLED", said("TRANSP") == "TRANSPARENT"
    return cancelled or free or said("X-MICROSOFT-CDO-BUSYSTATUS") in _FREE


# -- published busy times ---------------------------------------------------------------------------------------------


def _of_published(times: Any) -> Iterator[Days]:
    """Stretches of a ``VFREEBUSY``; kinds that are not known are busy (RFC 5545, 3.2.9)."""
    listed = times.get("FREEBUSY", [])
    for period in listed if isinstance(listed, list) else [listed]:
        if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE":
            days = Lasting.between(period.start, period.end).from_start(period.start)
            if days is not None:
                yield days


def _known(times: Any) -> Stretches | None:
    """The stretch that published times tell of; None if they have no bounds."""
    if "DTSTART" not in times or "DTEND" not in times:
        return None
    first, last = times["DTSTART"].dt, times["DTEND"].dt
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        raise InputError(Problem("RM175", "", "published times are from a time to a time", _AGAIN))
    return ((moment(first), moment(last)),)


def _clipped(calendar: Component) -> Stretches | None:
    """The stretch that was exported, where a calendar says that it is not whole (MS-OXCICAL, 2.1.3.1.1)."""
    from icalendar import vDDDTypes

    first, last = (calendar.value(key) for key in ("X-CLIPSTART", "X-CLIPEND"))
    if not first or not last:
        return None
    read: Any = vDDDTypes
    return ((moment(read.from_ical(first)), moment(read.from_ical(last))),)
