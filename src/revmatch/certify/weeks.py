"""Meetings over some weeks, from the sentences of the documentation alone: minute by minute, as bits of whole numbers.

Each week is looked at by itself. Its minutes are counted from two days before its Monday to two days after its Sunday,
so that none is negative, whatever clock shows it. Bit k of somebody's free minutes is minute k in UTC.
"""

from __future__ import annotations

import datetime as dt
import functools
import zoneinfo
from dataclasses import dataclass

from revmatch.certify.cells import DAY, WEEK, local_minutes, split
from revmatch.policy import rules

#: The Monday of a week, and the end, in its minutes.
MONDAY, END = 2 * DAY, 11 * DAY

#: What a clock does in a week: first minute, the one after the last, and how far it is ahead of UTC in between.
Stretches = tuple[tuple[int, int, int], ...]
Spans = tuple[tuple[int, int], ...]
#: What a clock does, when somebody is away by it and in UTC, and what another clock does.
Different = tuple[Stretches, Spans, Spans, Stretches]


@dataclass(frozen=True)
class Weeks:
    """When meetings are: in so many weeks from a Monday on, every so many weeks, on a grid of the mentee's clock.

    Parameters
    ----------
    monday : date
    weeks, every, minutes, grid : int
    """

    monday: dt.date
    weeks: int
    every: int
    minutes: int
    grid: int


def weeks_of(rule: rules.CommonHours) -> Weeks | None:
    """The weeks that a rule speaks of; None where one week stands for all."""
    if not isinstance(rule.start, dt.date):
        return None
    return Weeks(rule.start, rule.weeks, rule.every, rule.minutes, rule.grid)


def slots(available: str, zone: str, away: str, clock: str, plan: Weeks) -> int:
    """Weekly times on a clock of which every session suits somebody; each first week has bits of its own.

    Parameters
    ----------
    available, zone, away : str
        Cells.
    clock : str
        Time zone of the mentee, on whose clock the times are.
    plan : Weeks
    """
    found = 0
    for first, different in enumerate(_different_weeks(zone, away, clock, plan)):
        times = _grid_times(plan.minutes, plan.grid)
        for week in different:
            times &= _week(available, *week, plan.minutes)
        found |= times << (first * WEEK)
    return found


@functools.lru_cache(maxsize=1 << 14)
def _different_weeks(zone: str, away: str, clock: str, plan: Weeks) -> list[set[Different]]:
    """For each first week those of its weeks that differ: in what the clocks do, in the days away, and the moments."""
    found = []
    for first in range(plan.every):
        mondays = [plan.monday + dt.timedelta(weeks=k) for k in range(first, plan.weeks, plan.every)]
        found.append({(_stretches(zone, one), *_spans_away(away, one), _stretches(clock, one)) for one in mondays})
    return found


def same_clock(one: str, other: str, plan: Weeks) -> bool:
    """Whether two time zones show the same all the while."""
    mondays = [plan.monday + dt.timedelta(weeks=k) for k in range(plan.weeks)]
    return one == other or all(_stretches(one, monday) == _stretches(other, monday) for monday in mondays)


@functools.lru_cache(maxsize=1 << 16)
def _week(available: str, zone: Stretches, away: Spans, busy: Spans, clock: Stretches, minutes: int) -> int:
    """Minutes of a week on a clock from which all of a session is free."""
    weekly, local = _local_minutes(available), 0
    for k in range(-1, 3):
        at = MONDAY + k * WEEK
        local |= _shifted(weekly, at)
    for begin, end in away:
        local &= ~_span(begin, end)
    free = 0
    for begin, end, ahead in zone:
        free |= _shifted(local, -ahead) & _span(begin, end)
    for begin, end in busy:
        free &= ~_span(begin, end)
    starts = _lasting(free, minutes)
    shown = covered = 0
    for begin, end, ahead in clock:  # what it shows twice is at the first of the two moments
        there = _span(max(0, begin + ahead), max(0, end + ahead))
        shown |= _shifted(starts & _span(begin, end), ahead) & there & ~covered
        covered |= there
    return (shown >> MONDAY) & _span(0, WEEK)


_local_minutes = functools.lru_cache(maxsize=1 << 16)(local_minutes)


def _spans_away(away: str, monday: dt.date) -> tuple[Spans, Spans]:
    """When somebody is away near a week, first minute and the one after the last: as a clock shows it, and in UTC."""
    on_days, at_moments = [], []
    zero = dt.datetime.combine(monday, dt.time(), dt.UTC) - dt.timedelta(minutes=MONDAY)
    for item in split(away):
        parts = [part.strip() for part in item.split("..")]
        if "T" in item:
            seconds = [(dt.datetime.fromisoformat(part) - zero).total_seconds() for part in parts]
            begin, end = int(seconds[0] // 60), int(-(-seconds[1] // 60))
            if end > 0 and begin < END:
                at_moments.append((max(0, begin), min(end, END)))
            continue
        days = [dt.date.fromisoformat(part) for part in parts]
        begin, end = (MONDAY + (day - monday).days * DAY for day in (days[0], days[-1]))
        if end + DAY > 0 and begin < END + WEEK:
            on_days.append((max(0, begin), end + DAY))
    return tuple(on_days), tuple(at_moments)


@functools.lru_cache(maxsize=1 << 16)
def _stretches(zone: str, monday: dt.date) -> Stretches:
    """What a clock does in the week of a Monday."""
    there = zoneinfo.ZoneInfo(zone)
    zero = dt.datetime.combine(monday, dt.time(), dt.UTC) - dt.timedelta(minutes=MONDAY)

    def ahead(minute: int) -> int:
        shown = (zero + dt.timedelta(minutes=minute)).astimezone(there).replace(tzinfo=dt.UTC)
        return int((shown - zero).total_seconds()) // 60 - minute

    found: list[tuple[int, int, int]] = []
    begin, now = 0, ahead(0)
    for hour in range(0, END, 60):
        if ahead(hour + 60) != now:
            change = next(minute for minute in range(hour + 1, hour + 61) if ahead(minute) != now)
            found.append((begin, change, now))
            begin, now = change, ahead(change)
    return (*found, (begin, END, now))


@functools.lru_cache(maxsize=64)
def _grid_times(minutes: int, grid: int) -> int:
    """Minutes of a week on the grid, of which so many end on the same day."""
    return sum(1 << (day * DAY + time) for day in range(7) for time in range(0, DAY - minutes + 1, grid))


def _lasting(free: int, minutes: int) -> int:
    """Minutes from which all of the next so many are free."""
    reached = 1
    while reached < minutes:
        step = min(reached, minutes - reached)
        free &= free >> step
        reached += step
    return free


def _span(begin: int, end: int) -> int:
    return (1 << end) - (1 << begin)


def _shifted(minutes: int, later: int) -> int:
    return minutes << later if later >= 0 else minutes >> -later
