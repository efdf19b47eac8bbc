"""Lines of iCalendar files: those that say when somebody is busy, and no other.

What an event is about, where it is and who is there is dropped here, before anything reads it.
"""

from __future__ import annotations

import io
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
    calendar : int
        The how manieth calendar of the file it is in.
    lines : list of str
        Unfolded, from ``BEGIN`` to ``END``.
    """

    name: str
    line: int
    calendar: int
    lines: list[str] = field(default_factory=list)

    def value(self, key: str) -> str:
        """Text of its first property of a name, as it reads (RFC 5545, 3.3.11); ``""`` if there is none."""
        found = next((line for line in self.lines if line.upper().startswith((f"{key}:", f"{key};"))), "")
        return _plain(found.partition(":")[2].strip())


def components(text: str, place: str) -> list[Component]:
    """Components of a file that say when somebody is busy, and on which clock.

    Raises
    ------
    InputError
        RM176 if it is no iCalendar file, or if it is cut off.
    """
    found: list[Component] = []
    inside: list[tuple[str, Component | None]] = []  # what is open, and into what its lines go, if they are read
    number = calendars = 0
    for number, name, line in _properties(text):
        value = line.partition(":")[2].strip().upper()
        if not inside and (name, value) != ("BEGIN", "VCALENDAR"):
            raise InputError(Problem("RM176", f"{place}:{number}", "expected BEGIN:VCALENDAR", _WHOLE_FILE))
        if name == "BEGIN":
            outer, into = inside[-1] if inside else ("", None)
            if _INSIDE.get(value) != outer or (inside and into is None):
                into = None
            elif outer in ("", "VCALENDAR"):
                calendars += not outer
                into = Component(value, number, calendars)
                found.append(into)
            inside.append((value, into))
        if inside[-1][1] is not None:
            inside[-1][1].lines.append(line)
        if name == "END" and inside.pop()[0] != value:
            raise InputError(Problem("RM176", f"{place}:{number}", "this ends what has not begun", _WHOLE_FILE))
    if not number:
        raise InputError(Problem("RM176", place, "expected a calendar, the file is empty", _WHOLE_FILE))
    if inside:
        raise InputError(Problem("RM176", place, f"the file is cut off: {inside[-1][0][:20]} has no end", _WHOLE_FILE))
    return found


def _properties(text: str) -> Iterator[tuple[int, str, str]]:
    """Number, name and text of each property that is read, unfolded (RFC 5545, 3.1); blank lines are none."""
    held, begun, name = list[str](), 0, ""
    for number, line in enumerate(io.StringIO(text.removeprefix("\ufeff"), newline="\n"), start=1):
        line = line.rstrip("\r\n")
        if line[:1] in (" ", "\t") and begun:
            if held:
                held.append(line[1:])
        elif line.strip():
            if held:
                yield begun, name, "".join(held)
            # the first line is looked at whatever it is: it says whether this is a calendar at all
            held, name, first, begun = [line], "", not begun, number
        if held and not name and (":" in line or ";" in line):
            name = "".join(held).partition(":")[0].partition(";")[0].strip().upper()
            held = held if name in READ or first else []
    if held:
        yield begun, name, "".join(held)


def _plain(text: str) -> str:
    r"""A text without its backslashes: ``\,`` and the like stand for the marks themselves."""
    parts = text.split("\\\\")
    return "\\".join(part.replace("\\,", ",").replace("\\;", ";") for part in parts)
