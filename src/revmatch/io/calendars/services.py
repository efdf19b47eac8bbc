"""Busy times out of what calendar services answer: Microsoft Graph's getSchedule and Google's freeBusy, as JSON.

Both say whose each schedule is by an e-mail address, and when somebody is busy. Subjects and places, which Graph may
add, are not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from revmatch.errors import Problems
from revmatch.io.calendars.window import Busy, Stretches, Window
from revmatch.io.calendars.zones import iana_name, moment_of, nearest, quoted
from revmatch.people.away import Days

#: Words of Graph for time in which somebody can be met, and digits of its `availabilityView`.
_FREE, _FREE_DIGITS = ("free", "workingelsewhere"), "04"
_WHOLE = "give the whole answer of getSchedule (a list `value`) or of freeBusy (an object `calendars`)"
_REQUEST = "put startTime, endTime and availabilityViewInterval of your request beside `value`"
#: A reason is words run together, such as ErrorMailRecipientNotFound; anything else may say whose calendar it is.
_REASON = re.compile(r"(?:[A-Z]?[a-z]{2,20}){1,6}")
_Who = Callable[[str], str]
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)


def is_answer(value: object) -> bool:
    """Whether a value looks like what a calendar service answers."""
    return isinstance(value, Mapping) and (
        isinstance(value.get("value"), list) or isinstance(value.get("calendars"), Mapping)
    )


def busy_of_answers(
    answers: object, place: str, window: Window, problems: Problems, who: Callable[[str], str]
) -> list[Busy]:
    """Schedules of one answer, or of a list of them.

    Parameters
    ----------
    answers : object
        JSON, as Python has it.
    place : str
        Where they stand, for messages.
    window : Window
        What is outside is left out.
    problems : Problems
        Takes RM170 to RM175, RM176 for what is no answer, RM177 for one that does not say of which time it tells, and
        RM178 for a schedule that the service did not give.
    who : callable
        What to say of an owner in messages, who has an address: where in the roster they are.
    """
    if isinstance(answers, list):
        listed = [(answer, f"{place}[{k}]") for k, answer in enumerate(answers)]
    else:
        listed = [(answers, place)]
    found = []
    for answer, at in listed:
        if not is_answer(answer):
            problems.add("RM176", at, "this is no answer of a calendar service", _WHOLE)
            continue
        read = _of_graph if isinstance(answer.get("value"), list) else _of_google
        found += [_inside(busy, window) for busy in read(answer, at, problems, who)]
    return found


def _inside(busy: Busy, window: Window) -> Busy:
    inside = (days for days in map(window.clipped, busy.taken) if days is not None)
    return Busy(busy.owner, busy.place, tuple(inside), busy.known)


# -- Google -----------------------------------------------------------------------------------------------------------


def _of_google(answer: Mapping[str, Any], place: str, problems: Problems, who: _Who) -> Iterator[Busy]:
    known = _stated(answer, place, ("timeMin", "timeMax"), problems)
    for k, (owner, schedule) in enumerate(answer["calendars"].items(), start=1):
        at = f"{place}.calendars, entry {k}{who(str(owner))}"
        if isinstance(schedule, Mapping) and schedule.get("errors"):
            _refused(_first(schedule["errors"], "reason"), at, problems)
            continue
        if not isinstance(schedule, Mapping) or not isinstance(schedule.get("busy"), list):
            problems.add("RM176", at, "expected an object with a list `busy`", _WHOLE)
            continue
        taken = _stretches(schedule["busy"], f"{at}.busy", problems)
        yield Busy(str(owner), at, tuple(taken), known)


def _first(errors: object, key: str) -> object:
    return errors[0].get(key) if isinstance(errors, list) and isinstance(errors[0], Mapping) else None


# -- Microsoft --------------------------------------------------------------------------------------------------------


def _of_graph(answer: Mapping[str, Any], place: str, problems: Problems, who: _Who) -> Iterator[Busy]:
    known = _stated(answer, place, ("startTime", "endTime"), problems, _REQUEST) if answer["value"] else ()
    for k, schedule in enumerate(answer["value"]):
        owner = schedule.get("scheduleId") if isinstance(schedule, Mapping) else None
        at = f"{place}.value[{k}]{who(owner) if isinstance(owner, str) else ''}"
        if not isinstance(owner, str):
            problems.add("RM176", at, "expected an object with a `scheduleId`", _WHOLE)
            continue
        if schedule.get("error"):
            error = schedule["error"]
            _refused(error.get("responseCode") if isinstance(error, Mapping) else None, at, problems)
            continue
        minutes = answer.get("availabilityViewInterval")
        yield Busy(owner, at, tuple(_of_schedule(schedule, minutes, known, at, problems)), known)


def _of_schedule(
    schedule: Mapping[str, Any], minutes: object, known: Stretches, place: str, problems: Problems
) -> list[Days]:
    """Its items; where the service shows none, its view."""
    items, view = schedule.get("scheduleItems") or [], schedule.get("availabilityView") or ""
    if not isinstance(items, list) or not isinstance(view, str) or (not view and "scheduleItems" not in schedule):
        problems.add("RM176", place, "expected a list `scheduleItems` and a text `availabilityView`", _WHOLE)
        return []
    if items or not view.strip(_FREE_DIGITS):
        busy = [item for item in items if not (isinstance(item, Mapping) and _is_free(item))]
        return _stretches(busy, f"{place}.scheduleItems", problems)
    return _of_view(view, minutes, known, f"{place}.availabilityView", problems)


def _is_free(item: Mapping[str, Any]) -> bool:
    return str(item.get("status", "")).lower() in _FREE


def _of_view(view: str, minutes: object, known: Stretches, place: str, problems: Problems) -> list[Days]:
    """Stretches of a view: a digit for each so many minutes of the time that was asked for."""
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not 5 <= minutes <= 1440:
        problems.add("RM176", place, "a view alone does not say how long each digit lasts", _REQUEST)
        return []
    step = timedelta(minutes=minutes)
    taken: list[Days] = []
    for start, end in known:
        asked = -((start - end) // step)
        busy = [start + k * step for k, digit in enumerate(view[:asked]) if digit not in _FREE_DIGITS]
        taken = [(begin, end if end - begin < step else begin + step) for begin in busy]
        if len(view) < asked:
            problems.add("RM176", place, "the view ends before the time that was asked for", _WHOLE)
    return taken


# -- both -------------------------------------------------------------------------------------------------------------


def _refused(reason: object, place: str, problems: Problems) -> None:
    said = f": {reason}" if isinstance(reason, str) and _REASON.fullmatch(reason) else ""
    hint = "ask again, or leave this calendar out"
    problems.add("RM178", place, f"the service did not give this calendar{said}", hint)


def _stated(
    answer: Mapping[str, Any], place: str, keys: tuple[str, str], problems: Problems, hint: str = _WHOLE
) -> Stretches:
    """The stretch that an answer tells of; none, once a problem is noted, if it does not say."""
    missing = [key for key in keys if key not in answer]
    if missing:
        what = f"it does not say of which time it tells: {' and '.join(missing)} not given"
        problems.add("RM177", place, what, hint)
        return ()
    first, last = (_moment(answer[key], f"{place}.{key}", problems) for key in keys)
    return () if first is None or last is None else ((first, last),)


def _stretches(items: list[Any], place: str, problems: Problems) -> list[Days]:
    taken: list[Days] = []
    for k, item in enumerate(items):
        at = f"{place}[{k}]"
        if not isinstance(item, Mapping):
            problems.add("RM176", at, "expected an object with `start` and `end`", _WHOLE)
            continue
        start, end = (_moment(item.get(key), f"{at}.{key}", problems) for key in ("start", "end"))
        if start is None or end is None:
            continue
        if end < start:
            problems.add("RM174", at, "it ends before it starts", "ask again")
        elif end > start:
            taken.append((start, end))
    return taken


def _moment(value: object, place: str, problems: Problems) -> datetime | None:
    """A time as text with its offset (Google), or a local time and its zone (Graph), in UTC."""
    zone = value.get("timeZone") if isinstance(value, Mapping) else None
    text = value.get("dateTime") if isinstance(value, Mapping) else value
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        problems.add("RM175", place, "expected a time", 'such as "2026-03-03T14:00:00Z"')
        return None
    try:
        shown = datetime.fromisoformat(text)
        if shown.tzinfo is not None:
            return shown.astimezone(UTC)
        if not isinstance(zone, str):
            problems.add("RM170", place, "a time says on which clock it is", "ask for the answer in UTC")
            return None
        name = iana_name(zone)
        if name is None:
            problems.add("RM171", place, f"its time zone {quoted(zone)} is not known", nearest(zone))
            return None
        return moment_of(shown, name, place, problems)
    except (ValueError, OverflowError):
        problems.add("RM175", place, "there is no such time", 'such as "2026-03-03T14:00:00Z"')
        return None
