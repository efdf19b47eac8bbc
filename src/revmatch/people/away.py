"""Days on which people are away: what their `away` says."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import date

import numpy as np

from revmatch.errors import InputError, Problem, Problems
from revmatch.people.distinct import distinct
from revmatch.people.hours import Coded, Int32, Int64, Place, used_codes

_DAY = r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
_ITEM = re.compile(rf"{_DAY}(?:\s*\.\.\s*{_DAY})?", re.ASCII)
_HINT = 'write such as "2026-07-01..2026-07-14; 2026-08-03", with ; between items'

#: First and last day.
Days = tuple[date, date]


def parse_away(cell: str, place: str = "away") -> tuple[Days, ...]:
    """Read the days on which somebody is away.

    Items stand between ``;``. An item is a day, or a first and a last day with ``..`` between them.

    Raises
    ------
    InputError
        RM174: a last day before the first. RM175: an item that cannot be read, or no day of the calendar.

    Examples
    --------
    >>> parse_away("2026-07-01..2026-07-14; 2026-08-03")[1]
    (datetime.date(2026, 8, 3), datetime.date(2026, 8, 3))
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


@functools.lru_cache(maxsize=4096)
def read_days(item: str) -> Days | Problem:
    """First and last day of an item, or what is wrong with it."""
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


# -- many people ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Away:
    """Days on which n people are away, held once for each distinct (days, time zone).

    Parameters
    ----------
    kind : int32 array of n
        Which distinct days a person has; -1 where there are none, or the time zone is not stated.
    days : tuple of tuple of (date, date)
        Of each kind.
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
