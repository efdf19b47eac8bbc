"""Zones that an iCalendar file brings along (``VTIMEZONE``), by names that mean the same in every file.

The library keeps a zone by its name for as long as it runs, and two files may call two zones by one name. So a zone
that is none of the IANA's is renamed to the digest of what it says.
"""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256
from typing import Any

from revmatch.errors import InputError, Problem
from revmatch.io.calendars.lines import Component
from revmatch.io.calendars.window import Window
from revmatch.io.calendars.zones import iana_name, nearest, quoted

#: What libraries raise over properties that make no sense together.
STRANGE = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError)
_ZONE = re.compile(r';TZID=(?:"([^"]*)"|([^";:,]*))', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
#: Rules by which clocks change: once a year. Others may never end, or stop the library for ever.
_YEARLY = re.compile(
    r"RRULE[^:]*:(?:(?:FREQ=YEARLY|INTERVAL=1|BYMONTH=(?:0?[1-9]|1[0-2])|BYDAY=(?:[+-]?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)|"
    r"BYMONTHDAY=-?(?:[1-9]|[12][0-9]|3[01])(?:,-?(?:[1-9]|[12][0-9]|3[01]))*|UNTIL=[0-9TZ]+|COUNT=[1-9][0-9]*|"
    r"WKST=[A-Z]{2});?)+",
    re.IGNORECASE,
)
#: Lines of a zone, at most: some hundred changes of its clock.
MOST_LINES = 2_000
_AGAIN = "export the calendar anew"


class OwnZones:
    """Zones of one file.

    Parameters
    ----------
    own : list of Component
        Its ``VTIMEZONE``, each for the calendar that it stands in.
    window : Window
        Where their clocks are tried.
    """

    def __init__(self, own: list[Component], window: Window) -> None:
        self._own = {(one.calendar, one.value("TZID")): one for one in own}
        self._window = window
        self._names: dict[tuple[int, str], str] = {}

    def known(self, line: str, calendar: int) -> str:
        """A line, its zone called by a name that the library knows.

        Raises
        ------
        InputError
            RM171 for a zone that nobody knows, or that cannot be read.
        """
        match = _ZONE.search(line)
        if match is None or ":" in _QUOTED.sub("", line[: match.start()]):
            return line
        name = match[1] if match[1] is not None else match[2]
        if (calendar, name) not in self._names:
            self._names[calendar, name] = self._named(name, calendar)
        return f"{line[: match.start()]};TZID={self._names[calendar, name]}{line[match.end() :]}"

    def _named(self, name: str, calendar: int) -> str:
        iana = iana_name(name)
        if iana is not None:
            return iana
        if (calendar, name) not in self._own:
            raise InputError(Problem("RM171", "", f"its time zone {quoted(name)} is not known", nearest(name)))
        return self._kept(self._own[calendar, name])

    def _kept(self, zone: Component) -> str:
        """Hand a zone over to the library, and say what it is called there."""
        from icalendar import Timezone

        rules = (line for line in zone.lines if line.upper().startswith("RRULE"))
        if len(zone.lines) > MOST_LINES or not all(map(_YEARLY.fullmatch, rules)):
            raise InputError(Problem("RM171", "", "its time zone has rules that are not yearly, or too many", _AGAIN))
        name = "revmatch-" + sha256("\n".join(zone.lines).encode()).hexdigest()[:20]
        lines = [f"TZID:{name}" if line.upper().startswith("TZID") else line for line in zone.lines]
        try:
            # a clock of its own is tried: one that fails in the library is never free again
            read: Any = Timezone.from_ical("\r\n".join(lines))
            clock = read.to_tz(lookup_tzid=False)
            for moment in (self._window.first, self._window.last):
                if not isinstance(clock.utcoffset(moment.replace(tzinfo=None)), timedelta):
                    raise TypeError
        except STRANGE:
            raise InputError(Problem("RM171", "", "the rules of its time zone cannot be read", _AGAIN)) from None
        return name
