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
MINUTE = dt.timedelta(minutes=1)

#: What a clock does in a week: first minute, the one after the last, and how far it is ahead of UTC in between.
Stretches = tuple[tuple[int, int, int], ...]
Spans = tuple[tuple[int, int], ...]


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
    shows = _clock(clock, plan)
    for first in range(plan.every):
        times = _grid_times(plan.minutes, plan.grid)
        # most weeks are alike, and then they are the same objects
        weeks = ((free, shows[week]) for week, free in _begins(available, zone, away, plan, first))
        for begins, stretches in {(id(free), id(clock)): (free, clock) for free, clock in weeks}.values():
            times &= _shown(begins, stretches)
        found |= times << (first * WEEK)
    return found


@functools.lru_cache(maxsize=1 << 12)
def _begins(available: str, zone: str, away: str, plan: Weeks, first: int) -> list[tuple[int, int]]:
    """Weeks of meetings that begin in one of the first, and the minutes from which all of a session is free then."""
    there, absent = _clock(zone, plan), _absent(away, plan)
    weeks = range(first, plan.weeks, plan.every)
    return [(week, _free_from(available, there[week], *absent[week], plan.minutes)) for week in weeks]


def sessions(zone: str, start: int, plan: Weeks) -> tuple[dt.datetime, ...]:
    """Start of each session in UTC, of a weekly time: a minute of the first weeks on a clock."""
    there = zoneinfo.ZoneInfo(zone)
    first, minute = divmod(start, WEEK)
    found = []
    for week in range(first, plan.weeks, plan.every):
        day = plan.monday + dt.timedelta(days=7 * week + minute // DAY)
        shown = dt.datetime.combine(day, dt.time(minute % DAY // 60, minute % 60), there)
        found.append(shown.astimezone(dt.UTC))
    return tuple(found)


def same_clock(one: str, other: str, plan: Weeks) -> bool:
    """Whether two time zones show the same all the while."""
    return one == other or _clock(one, plan) == _clock(other, plan)


@functools.lru_cache(maxsize=1 << 14)
def _free_from(available: str, zone: Stretches, away: Spans, busy: Spans, minutes: int) -> int:
    """Minutes of a week from which all of a session is free."""
    weekly, local = _local_minutes(available), 0
    for k in range(-1, 3):
        at = MONDAY + k * WEEK
        local |= _shifted(weekly, at)
    for begin, end in away:
        local &= ~_span(begin, end)
    free = 0
    for begin, end, ahead in zone:
        free |= _shifted(local, -ahead) & _span(begin, end)
    taken = 0
    for begin, end in busy:
        taken |= _span(begin, end)
    return _lasting(free & ~taken, minutes)


@functools.lru_cache(maxsize=1 << 12)
def _shown(starts: int, clock: Stretches) -> int:
    """Minutes of a week as a clock shows them."""
    shown = covered = 0
    for begin, end, ahead in clock:  # what it shows twice is at the first of the two moments
        there = _span(max(0, begin + ahead), max(0, end + ahead))
        shown |= _shifted(starts & _span(begin, end), ahead) & there & ~covered
        covered |= there
    return (shown >> MONDAY) & _span(0, WEEK)


_local_minutes = functools.lru_cache(maxsize=1 << 16)(local_minutes)


@functools.lru_cache(maxsize=1 << 12)
def _absent(away: str, plan: Weeks) -> list[tuple[Spans, Spans]]:
    """When somebody is away near each week, from a minute to before another: as a clock shows it, and in UTC."""
    on_days: list[list[tuple[int, int]]] = [[] for _ in range(plan.weeks)]
    at_moments: list[list[tuple[int, int]]] = [[] for _ in range(plan.weeks)]
    zero = dt.datetime.combine(plan.monday, dt.time(), dt.UTC)
    for item in split(away):
        parts = [part.strip() for part in item.split("..")]
        if "T" in item:
            since, until = (dt.datetime.fromisoformat(part) - zero for part in parts)
            into, begin, end = at_moments, since // MINUTE, -(-until // MINUTE)
        else:
            days = [dt.date.fromisoformat(part) for part in parts]
            first, last = ((day - plan.monday).days * DAY for day in (days[0], days[-1]))
            into, begin, end = on_days, first, last + DAY
        # the weeks whose minutes, or whose local minutes, it touches
        for week in range(max(0, (begin - END) // WEEK), min(plan.weeks, (end + END) // WEEK + 1)):
            at = MONDAY - week * WEEK
            if end + at > 0 and begin + at < END + WEEK:
                into[week].append((max(0, begin + at), min(end + at, END + WEEK)))
    return [(tuple(days), tuple(moments)) for days, moments in zip(on_days, at_moments, strict=True)]


@functools.lru_cache(maxsize=1 << 10)
def _clock(zone: str, plan: Weeks) -> list[Stretches]:
    """What a clock does in each week; the same object where it does the same."""
    known: dict[Stretches, Stretches] = {}
    weeks = (_stretches(zone, plan.monday + dt.timedelta(weeks=k)) for k in range(plan.weeks))
    return [known.setdefault(week, week) for week in weeks]


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
    return ((1 << (end - begin)) - 1) << begin


def _shifted(minutes: int, later: int) -> int:
    return minutes << later if later >= 0 else minutes >> -later
