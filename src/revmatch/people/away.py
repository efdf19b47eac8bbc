"""When people are away: what their `away` says, in days on their own calendar, or in moments."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from revmatch.errors import InputError, Problem, Problems
from revmatch.people.distinct import distinct
from revmatch.people.hours import Coded, Int32, Int64, Place, used_codes

_DAY = r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
_ITEM = re.compile(rf"{_DAY}(?:\s*\.\.\s*{_DAY})?", re.ASCII)
_MOMENT = r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(Z|[+-][0-9]{2}:[0-9]{2})?"
_TIMES = re.compile(rf"{_MOMENT}\s*\.\.\s*{_MOMENT}", re.ASCII)
_HINT = 'write such as "2026-07-01..2026-07-14; 2026-08-03", with ; between items'
_MINUTE = timedelta(minutes=1)

#: Column that says of which days somebody's calendar was read: such as ``2026-03-02..2026-08-16``.
CALENDAR_READ = "calendar_read"
#: First and last day; or a moment, and the one at which it is over, both in UTC.
Days = tuple[date, date]


def parse_away(cell: str, place: str = "away") -> tuple[Days, ...]:
    """Read when somebody is away.

    Items stand between ``;``. An item is a day, or a first and a last day with ``..`` between them; or two moments of
    whole minutes with ``..`` between them, each with ``Z`` or how far its clock is ahead of UTC.

    Raises
    ------
    InputError
        RM170: a moment that does not say on which clock. RM174: an end before the start. RM175: an item that cannot be
        read, or no day of the calendar.

    Examples
    --------
    >>> parse_away("2026-07-01..2026-07-14; 2026-08-03")[1]
    (datetime.date(2026, 8, 3), datetime.date(2026, 8, 3))
    >>> print(*parse_away("2026-03-03T14:00+01:00..2026-03-03T14:30Z")[0])
    2026-03-03 13:00:00+00:00 2026-03-03 14:30:00+00:00
    """
    found, problems = [], Problems()
    for number, item in enumerate(filter(None, map(str.strip, cell.split(";"))), start=1):
        days = read_days(item)
        if isinstance(days, Problem):
            problems.add(days.code, place, f"item {number}: {days.expected}", days.hint)
        else:
            found.append(days)
    problems.raise_as(InputError)
    return tuple(found)


@functools.lru_cache(maxsize=1 << 16)
def read_days(item: str) -> Days | Problem:
    """First and last day of an item, or its two moments, or what is wrong with it."""
    if "T" in item:
        return _read_moments(item)
    match = _ITEM.fullmatch(item)
    if match is None:
        return Problem("RM175", "", "expected days", _HINT)
    try:
        first = date.fromisoformat(match[1])
        last = date.fromisoformat(match[2] or match[1])
    except ValueError:
        return Problem("RM175", "", "there is no such day in the calendar", _HINT)
    if last < first:
        return Problem("RM174", "", "the days end before they start", "write the first day first")
    return first, last


def _read_moments(item: str) -> Days | Problem:
    match = _TIMES.fullmatch(item)
    if match is None:
        return Problem("RM175", "", "expected two moments", 'write such as "2026-03-03T14:00Z..2026-03-03T15:00Z"')
    if match[2] is None or match[4] is None:
        return Problem("RM170", "", "a moment says on which clock it is", "put Z or such as +01:00 after it")
    try:
        first, last = (datetime.fromisoformat(match[k] + match[k + 1]).astimezone(UTC) for k in (1, 3))
    except (ValueError, OverflowError):
        return Problem("RM175", "", "there is no such moment", _HINT)
    if last <= first:
        return Problem("RM174", "", "the end is not after the start", "write the earlier moment first")
    return _whole_minutes(first, last)


def written(days: Days) -> str:
    """An item that says so; a minute that has begun is away altogether.

    >>> written(parse_away("2026-03-03T14:00:30+01:00..2026-03-03T15:00Z")[0])
    '2026-03-03T13:00Z..2026-03-03T15:00Z'
    >>> written((date(2026, 8, 3), date(2026, 8, 3)))
    '2026-08-03'
    """
    first, last = days
    if isinstance(first, datetime) and isinstance(last, datetime):
        first, last = _whole_minutes(first, last)
        return f"{first:%Y-%m-%dT%H:%MZ}..{last:%Y-%m-%dT%H:%MZ}"
    return f"{first}" if first == last else f"{first}..{last}"


def _whole_minutes(first: datetime, last: datetime) -> tuple[datetime, datetime]:
    begun = timedelta(seconds=first.second, microseconds=first.microsecond)
    left = -timedelta(seconds=last.second, microseconds=last.microsecond) % _MINUTE
    return first - begun, last + left


# -- many people ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Away:
    """When n people are away, held once for each distinct (days, time zone).

    Parameters
    ----------
    kind : int32 array of n
        Which distinct days a person has; -1 where there are none, or the time zone is not stated.
    days : tuple of tuple of (date, date)
        Of each kind: days, or moments in UTC.
    zone : int64 array, one for each kind
        Number of the time zone in which they are days.
    """

    kind: Int32
    days: tuple[tuple[Days, ...], ...]
    zone: Int64

    @classmethod
    def read(cls, away: Coded, time_zone: Coded, *, place: Place) -> Away:
        """Days from two coded columns; every distinct text is read once.

        Raises
        ------
        InputError
            RM174 and RM175, each with the first row where it stands.
        """
        (codes, words), zones = away, time_zone[0]
        problems, read = Problems(), dict[int, tuple[Days, ...]]()
        for code in used_codes(codes, len(words)):
            try:
                read[code] = parse_away(words[code], place(int(np.flatnonzero(codes == code)[0]), "away"))
            except InputError as error:
                problems.extend(error)
        problems.raise_as(InputError)
        empty = [code for code, days in read.items() if not days]
        some = (codes >= 0) & (zones >= 0) & ~np.isin(codes, empty)
        width = max(1, len(time_zone[1]))
        pairs, which = distinct(codes[some].astype(np.int64) * width + zones[some])
        kind = np.full(len(codes), -1, dtype=np.int32)
        kind[some] = which
        text, zone = np.divmod(pairs, width)
        return cls(kind, tuple(read[code] for code in text.tolist()), zone)
