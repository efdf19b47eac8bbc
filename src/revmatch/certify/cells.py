"""Cells read one at a time, from the sentences of the documentation alone.

Each function takes the raw text of one cell and says what it means. Nothing here is shared with the rooms that
read the same cells for the engines: two readings that agree are worth more than one.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata
import zoneinfo

#: Minutes of a day and of a week.
DAY = 1440
WEEK = 7 * DAY
#: The reference week of weekly hours begins here; no zone changes its clock in it.
REFERENCE_MONDAY = dt.datetime(2026, 1, 12)

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
_SEMICOLON = re.compile(r"(?<!\\);")
_FLOAT_ID = re.compile(r"([0-9]+)\.0+")
_DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_PARTS = {"am": ((540, 720),), "pm": ((780, 1020),), "day": ((540, 720), (780, 1020))}
_HOURS = re.compile(r"([A-Za-z]+(?:\s*[-,]\s*[A-Za-z]+)*)\s*(.*)", re.DOTALL)
_SPAN = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))?\s*-\s*([0-9]{1,2})(?::([0-9]{2}))?")


def stated(cell: str) -> str:
    """Cell, or ``""`` where it holds nothing but blanks: not stated."""
    return cell if cell.strip() else ""


def whole(cell: str) -> int | None:
    """Plain whole number in a cell; None if not stated.

    >>> whole("-7"), whole(""), whole("7.5")
    (-7, None, None)
    """
    return int(cell) if _WHOLE.fullmatch(cell) else None


def split(cell: str) -> list[str]:
    r"""Items of a list, trimmed, empty ones left out; a backslash before a semicolon keeps it.

    >>> split(r"a; b\;c ;; d")
    ['a', 'b\\;c', 'd']
    """
    cut = _SEMICOLON.split(cell) if "\\" in cell else cell.split(";")
    return [item for item in map(str.strip, cut) if item]


def plain(item: str) -> str:
    r"""Item without the backslashes that kept its separators.

    >>> plain(r"b\;c\:d")
    'b;c:d'
    """
    return item.replace("\\;", ";").replace("\\:", ":") if "\\" in item else item


def items(cell: str) -> frozenset[str]:
    """Items of a list, without regard to case."""
    return frozenset(plain(item).casefold() for item in split(cell))


def ids(cell: str) -> list[str]:
    """Ids of a list, in its order; a spreadsheet's ``7.0`` is ``7``."""
    return [one_id(plain(item)) for item in split(cell)]


def one_id(cell: str) -> str:
    """Id in a cell."""
    number = _FLOAT_ID.fullmatch(cell) if "." in cell else None
    return number[1] if number else cell


@functools.lru_cache(maxsize=65536)
def skill_key(name: str) -> str:
    """What two spellings of one skill have in common."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name.strip()).casefold())


def levels(cell: str) -> dict[str, int]:
    """Skill to level; a skill without a level is at 5.

    >>> levels("Python:4; cloud")
    {'python': 4, 'cloud': 5}
    """
    return dict(map(level, split(cell)))


@functools.lru_cache(maxsize=65536)
def level(item: str) -> tuple[str, int]:
    """One item of such a list."""
    if "\\" in item:
        name, _, number = re.sub(r"(?<!\\):(?=[^:]*$)", "\0", item).partition("\0")
        name = plain(name)
    else:
        name, colon, number = item.rpartition(":")
        name, number = (name, number) if colon else (item, "")
    return skill_key(name), int(number) if number.strip() else 5


def local_minutes(cell: str) -> int:
    """Weekly hours as a set of minutes: bit k of a whole number is minute k of the week, Monday 00:00 = 0.

    >>> local_minutes("Mon 0:00-0:03") == 0b111
    True
    """
    minutes = 0
    for item in split(cell):
        for day in _days(item):
            for start, end in _spans(item):
                minutes |= ((1 << (end - start)) - 1) << (day * DAY + start)
    return minutes


def _halves(item: str) -> tuple[str, str]:
    found = _HOURS.fullmatch(item)
    if found is None:
        raise ValueError("no hours")
    days, times = found[1].casefold(), found[2].casefold().strip()
    return ("mon-fri", "day") if days == "any" and not times else (days, times)


def _days(item: str) -> list[int]:
    found: list[int] = []
    for part in _halves(item)[0].split(","):
        first, _, last = (word.strip()[:3] for word in part.partition("-"))
        begin, end = _DAYS[first], _DAYS[last or first]
        found += range(begin, end + 1) if begin <= end else [*range(begin, 7), *range(end + 1)]
    return found


def _spans(item: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for part in map(str.strip, _halves(item)[1].split(",")):
        span = _SPAN.fullmatch(part)
        if span is None:
            found += _PARTS[part]
        else:
            start, end = int(span[1]) * 60 + int(span[2] or 0), int(span[3]) * 60 + int(span[4] or 0)
            if not 0 <= start < end <= DAY:
                raise ValueError(part)
            found.append((start, end))
    return found


@functools.lru_cache(maxsize=4096)
def minutes_ahead(zone: str) -> int:
    """Minutes that a zone's clocks are ahead of UTC in the reference week."""
    there = REFERENCE_MONDAY.replace(tzinfo=zoneinfo.ZoneInfo(zone))
    utc = there.astimezone(dt.UTC).replace(tzinfo=None)
    return round((REFERENCE_MONDAY - utc).total_seconds()) // 60


def turn(minutes: int, by: int) -> int:
    """Minutes of the week moved later by so many, round the end of the week."""
    by %= WEEK
    return ((minutes << by) | (minutes >> (WEEK - by))) & ((1 << WEEK) - 1)


def mentor_starts(available: str, zone: str, minutes: int) -> int | None:
    """UTC minutes of the week from which a mentor is free for so long; None if not stated.

    Hours may run over midnight, and over the end of the week.
    """
    free = _free_for(available, minutes)
    return turn(free, -minutes_ahead(zone)) if free is not None and zone else None


def mentee_starts(available: str, zone: str, minutes: int, grid: int) -> int | None:
    """UTC minutes of the week at which a slot may start for a mentee; None if not stated.

    It starts on a multiple of `grid` minutes of their clock, ends on the same day, and lies within their hours.
    """
    free = _free_for(available, minutes)
    return turn(free & _grid_starts(minutes, grid), -minutes_ahead(zone)) if free is not None and zone else None


@functools.lru_cache(maxsize=64)
def _grid_starts(minutes: int, grid: int) -> int:
    """Local minutes of the week at which a slot may start and still end on the same day."""
    starts = 0
    for day in range(7):
        for start in range(0, DAY - minutes + 1, grid):
            starts |= 1 << (day * DAY + start)
    return starts


@functools.lru_cache(maxsize=4096)
def _free_for(available: str, minutes: int) -> int | None:
    """Minutes of the local week from which all of the next so many are free; None where no hours are stated."""
    free = local_minutes(available)
    return _lasting(free, minutes) if free else None


def _lasting(free: int, minutes: int) -> int:
    """Minutes from which all of the next so many are free, round the end of the week."""
    lasting, reached = free, 1
    while reached < minutes:
        step = min(reached, minutes - reached)
        lasting &= turn(lasting, -step)
        reached += step
    return lasting
