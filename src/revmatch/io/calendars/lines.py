"""Lines of iCalendar files: those that say when somebody is busy, and no other.

What an event is about, where it is and who is there is dropped here, before anything reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from revmatch.errors import InputError, Problem

#: Properties that are read.
READ = frozenset(
    (
        "BEGIN", "END", "UID", "SEQUENCE", "RECURRENCE-ID", "STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS",
        "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "FREEBUSY",
        "TZID", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME", "X-CLIPSTART", "X-CLIPEND",
    )
)  # fmt: skip
#: Components that are read, and those inside of which they stand.
_INSIDE = {
    "VCALENDAR": "", "VEVENT": "VCALENDAR", "VFREEBUSY": "VCALENDAR",
    "VTIMEZONE": "VCALENDAR", "STANDARD": "VTIMEZONE", "DAYLIGHT": "VTIMEZONE",
}  # fmt: skip
_WHOLE_FILE = "give the whole file, as the calendar exports it"


@dataclass(frozen=True, slots=True)
class Component:
    """A ``VEVENT``, ``VFREEBUSY`` or ``VTIMEZONE``; or a ``VCALENDAR``, without those.

    Parameters
    ----------
    name : str
    line : int
        Where it begins, counted from 1.
    lines : list of str
        Unfolded, from ``BEGIN`` to ``END``.
    """

    name: str
    line: int
    lines: list[str] = field(default_factory=list)


def components(text: str, place: str) -> list[Component]:
    """Components of a file that say when somebody is busy, and on which clock.

    Raises
    ------
    InputError
        RM176 if it is no iCalendar file, or if it is cut off.
    """
    found: list[Component] = []
    inside: list[str] = []
    whole = Component("", 0)
    number = 0
    for number, name, line in _properties(text):
        value = line.partition(":")[2].strip().upper()
        if not inside and (name, value) != ("BEGIN", "VCALENDAR"):
            raise InputError(Problem("RM176", f"{place}:{number}", "expected BEGIN:VCALENDAR", _WHOLE_FILE))
        if name == "BEGIN":
            inside.append(value)
            if len(inside) == 1:
                whole = Component(value, number)
                found.append(whole)
            elif len(inside) == 2:
                found.append(Component(value, number))
        if _is_read(inside):
            (whole if len(inside) == 1 else found[-1]).lines.append(line)
        if name == "END" and inside.pop() != value:
            raise InputError(Problem("RM176", f"{place}:{number}", "this ends what has not begun", _WHOLE_FILE))
    if not number:
        raise InputError(Problem("RM176", place, "expected a calendar, the file is empty", _WHOLE_FILE))
    if inside:
        raise InputError(Problem("RM176", place, f"the file is cut off: {inside[-1][:20]} has no end", _WHOLE_FILE))
    return [component for component in found if component.name in _INSIDE]


def _is_read(inside: list[str]) -> bool:
    """Whether all that a line is inside of is read; alarms of an event are not, for one."""
    return all(_INSIDE.get(name) == outer for outer, name in zip(["", *inside], inside, strict=False))


def _properties(text: str) -> Iterator[tuple[int, str, str]]:
    """Number, name and text of each property that is read, unfolded (RFC 5545, 3.1); blank lines are none."""
    held: list[str] = []
    begun, name = 0, ""
    for number, line in enumerate(re.split(r"\r?\n", text), start=1):
        if line[:1] in (" ", "\t") and begun:
            if held:
                held.append(line[1:])
            continue
        if held:
            yield begun, name, "".join(held)
        if not line.strip():
            held = []
            continue
        name = line.partition(":")[0].partition(";")[0].strip().upper()
        # the first line is looked at whatever it is: it says whether this is a calendar at all
        held = [line] if name in READ or not begun else []
        begun = number
    if held:
        yield begun, name, "".join(held)
