"""How the oracle reads one cell: text, lists, skills, hours, time zones.

Its own reading of the contract's sentences; standard library only, nothing of ``src/revmatch``.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata
import zoneinfo
from collections.abc import Iterator
from typing import Any

Record = dict[str, Any]
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
PARTS = {"AM": (9 * 60, 12 * 60), "PM": (13 * 60, 17 * 60)}
DAY, WEEK = 24 * 60, 7 * 24 * 60


def text(record: Record, column: str) -> str:
    """One cell as text; blank means not stated."""
    value = record.get(column)
    return "" if value is None or str(value).strip() == "" else str(value)


def items(cell: str) -> list[str]:
    return [item for item in cell.split(";") if item.strip()]


def skills(value: Any) -> dict[str, int]:
    """``python:4;cloud`` or a dict or a list, as skill -> level; no level means 5."""
    if isinstance(value, dict):
        return {skill_key(name): int(level) for name, level in value.items()}
    if isinstance(value, list | tuple):
        return {skill_key(name): 5 for name in value}
    return skills_in_words("" if value is None else str(value))


@functools.cache
def skills_in_words(cell: str) -> dict[str, int]:
    found = {}
    for item in re.split(r"(?<!\\);", cell):
        if item.strip():
            name, _, level = re.sub(r"(?<!\\):", "\0", item).partition("\0")
            found[skill_key(name.replace("\\;", ";").replace("\\:", ":"))] = int(level or 5)
    return found


def skill_key(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()


@functools.cache
def hours(cell: str) -> int:
    """Weekly hours as the set of local minutes (Monday 00:00 = bit 0)."""
    free = 0
    for item in items(cell):
        head, _, tail = item.strip().partition(" ")
        head, tail = ("Mon-Fri", "day") if head == "any" else (head, tail.strip())
        for day in days(head):
            for start, end in spans(tail):
                free |= ((1 << (end - start)) - 1) << (day * DAY + start)
    return free


def days(words: str) -> list[int]:
    found: list[int] = []
    for word in words.split(","):
        first, _, last = word.partition("-")
        found += range(DAYS.index(first), DAYS.index(last or first) + 1)
    return found


def spans(words: str) -> list[tuple[int, int]]:
    if words == "day":
        return list(PARTS.values())
    if words in PARTS:
        return [PARTS[words]]
    start, end = (clock(word) for word in words.split("-"))
    return [(start, end)]


def clock(word: str) -> int:
    hour, _, minute = word.partition(":")
    return int(hour) * 60 + int(minute or 0)


@functools.cache
def utc_offset(zone: str) -> int:
    """Minutes ahead of UTC in the reference week, that of Monday 2026-01-12."""
    offset = dt.datetime(2026, 1, 12, tzinfo=zoneinfo.ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return int(offset.total_seconds()) // 60


@functools.cache
def have_common_hours(mentor: tuple[str, str], mentee: tuple[str, str], minutes: int, grid: int) -> bool:
    """Is there a weekly slot, on the grid of the mentee's clock and within one of the mentee's days, free for both."""
    ahead = (utc_offset(mentee[1]) - utc_offset(mentor[1])) % WEEK
    theirs = hours(mentor[0])
    on_mentee_clock = ((theirs << ahead) | (theirs >> (WEEK - ahead))) & ((1 << WEEK) - 1)
    both, slot = on_mentee_clock & hours(mentee[0]), (1 << minutes) - 1
    starts = (day * DAY + start for day in range(7) for start in range(0, DAY - minutes + 1, grid))
    return any((both >> start) & slot == slot for start in starts)


Cells = tuple[str, str, str]


@functools.cache
def have_common_series(
    mentor: Cells, mentee: Cells, minutes: int, start: str, every: int, weeks: int, grid: int
) -> bool:
    """Is there a weekly time on the mentee's clock that suits both in every week, or every so many weeks."""
    return any(True for _ in common_series(mentor, mentee, minutes, start, every, weeks, grid))


def common_series(
    mentor: Cells, mentee: Cells, minutes: int, start: str, every: int, weeks: int, grid: int
) -> Iterator[tuple[dt.datetime, ...]]:
    """All such times: when their sessions start, in UTC."""
    monday, zone = dt.datetime.fromisoformat(start), zoneinfo.ZoneInfo(mentee[1])
    for first in range(every):
        for time in range(0, WEEK, grid):
            if time % DAY + minutes > DAY:
                continue
            moments = []
            for week in range(first, weeks, every):
                shown = monday + dt.timedelta(weeks=week, minutes=time)
                moment = shown.replace(tzinfo=zone).astimezone(dt.UTC)
                is_shown = moment.astimezone(zone).replace(tzinfo=None) == shown
                if not is_shown or not all(free_from(moment, minutes, *who) for who in (mentee, mentor)):
                    break
                moments.append(moment)
            else:
                yield tuple(moments)


def free_from(moment: dt.datetime, minutes: int, available: str, time_zone: str, away: str) -> bool:
    """Is each minute within somebody's hours, and on no day away."""
    zone, days = zoneinfo.ZoneInfo(time_zone), [item.strip().split("..") for item in away.split(";") if item.strip()]
    for k in range(minutes):
        local = (moment + dt.timedelta(minutes=k)).astimezone(zone)
        if not hours(available) >> (local.weekday() * DAY + local.hour * 60 + local.minute) & 1:
            return False
        if any("T" not in item[0] and item[0] <= f"{local:%Y-%m-%d}" <= item[-1] for item in days):
            return False
        now = moment + dt.timedelta(minutes=k)
        busy = [[dt.datetime.fromisoformat(part) for part in item] for item in days if "T" in item[0]]
        if any(begin < now + dt.timedelta(minutes=1) and now < end for begin, end in busy):
            return False
    return True
