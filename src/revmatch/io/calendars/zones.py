"""Times as calendars write them: names of zones that are none of the IANA's, and what a clock shows, in UTC."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime

from revmatch.errors import InputError, MissingExtraError, Problem, Problems
from revmatch.people.hours import zone_offset

#: How Microsoft 365 writes UTC where a mailbox has no zone of its own.
_MICROSOFT_UTC = "tzone://Microsoft/Utc"


def need_icalendar(what: str) -> None:
    """Refuse to go on without the package icalendar.

    Raises
    ------
    MissingExtraError
        RM902.
    """
    try:
        import icalendar  # noqa: F401
    except ImportError:
        hint = "pip install icalendar, or revmatch with the extra calendar"
        raise MissingExtraError(Problem("RM902", what, "the package icalendar is not installed", hint)) from None


def iana_name(name: str) -> str | None:
    """The IANA name that a calendar means; None if it means none that is known.

    Calendars write IANA names, Windows names (``Romance Standard Time``), and IANA names behind the name of a program
    (``/freeassociation.sourceforge.net/Europe/Berlin``).

    Raises
    ------
    MissingExtraError
        RM902 for what may be a Windows name, without the package icalendar, which knows them.
    """
    plain = name.strip()
    if plain == _MICROSOFT_UTC:
        return "UTC"
    parts = plain.strip("/").split("/")
    tails = ["/".join(parts[k:]) for k in range(len(parts))] if plain.startswith("/") else [plain]
    for tail in tails:
        if _is_known(tail):
            return tail
    need_icalendar("a Windows time zone")
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    windows: str | None = WINDOWS_TO_OLSON.get(plain)
    return windows


def quoted(name: str) -> str:
    """A name as messages show it; not what may be an address.

    >>> quoted("Mars/Olympus")
    '"Mars/Olympus"'
    """
    return "" if "@" in name else f'"{"".join(filter(str.isprintable, name))[:60]}"'


def nearest(name: str) -> str:
    """Hint for a name that no zone has."""
    try:
        zone_offset(name)
    except InputError as error:
        return error.problems[0].hint
    return ""


def moment_of(shown: datetime, zone: str, place: str, problems: Problems) -> datetime | None:
    """The moment at which the clock of an IANA zone shows a local time; None, once a problem is noted, if not just one.

    Problems: RM172 for a time that the clock is put forward over, RM173 for one that it shows twice.
    """
    tz = zoneinfo.ZoneInfo(zone)
    first, second = (shown.replace(tzinfo=tz, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    hint = "ask for the answer in UTC"
    if first.astimezone(tz).replace(tzinfo=None) != shown:
        problems.add("RM172", place, "there is no such time there: the clock is put forward over it", hint)
    else:
        problems.add("RM173", place, "the clock there shows this time twice", hint)
    return None


def _is_known(name: str) -> bool:
    try:
        zone_offset(name)
    except InputError:
        return False
    return True
