"""The weekly times of a plan, derived again from raw cells: every session is looked at in UTC."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from revmatch.certify.cells import DAY, WEEK
from revmatch.certify.verification import Findings
from revmatch.certify.weeks import Weeks, sessions
from revmatch.plan import Plan
from revmatch.policy import limits

if TYPE_CHECKING:
    from revmatch.certify.world import World

Pair = tuple[int, int]


def meetings(limit: limits.Meetings, world: World, pairs: list[Pair], starts: dict[Pair, int]) -> Iterator[str]:
    """Every pair meets when both can, nobody is in two sessions at once, and there are rooms for all."""
    suits, zones = _Suits(limit, world), world.mentees.column("time_zone")
    sessions_of = functools.cache(functools.partial(sessions, plan=_weeks(limit)))
    held: list[tuple[dt.datetime, Pair]] = []
    for pair in pairs:
        start = starts[pair]
        if not suits(pair) >> start & 1:
            yield f"{world.pair(*pair)} cannot meet at their time in every session"
            continue
        zone = zones.texts[zones.codes[pair[1]]]
        held += [(moment, pair) for moment in sessions_of(zone, start)]
    length = dt.timedelta(minutes=limit.minutes)
    yield from _twice_at_once(held, length, world)
    yield from _too_many(limit, held, length)


class _Suits:
    """Times that suit both people of a pair: bits, one a minute of the first weeks on the mentee's clock."""

    def __init__(self, limit: limits.Meetings, world: World) -> None:
        self._of = world.slots(_weeks(limit))
        self._world = world

    def __call__(self, pair: Pair) -> int:
        cells = [
            [side.cell(row, column) for column in ("available", "time_zone", "away")]
            for side, row in zip(self._world.sides, pair, strict=True)
        ]
        if not all(hours and zone for hours, zone, _ in cells):
            return 0
        clock = cells[1][1]
        return self._of(*cells[0], clock) & self._of(*cells[1], clock)


def _weeks(limit: limits.Meetings) -> Weeks:
    assert isinstance(limit.start, dt.date)
    return Weeks(limit.start, limit.weeks, limit.every, limit.minutes, limit.grid)


def _twice_at_once(sessions: list[tuple[dt.datetime, Pair]], length: dt.timedelta, world: World) -> Iterator[str]:
    """Somebody's session that begins before one of theirs has ended."""
    theirs: dict[object, list[tuple[dt.datetime, str, int]]] = {}
    for moment, (i, j) in sessions:
        mentor, mentee = world.mentors.keys[i], world.mentees.keys[j]
        theirs.setdefault((world.strangers, mentor), []).append((moment, "mentor", i))
        theirs.setdefault((False, mentee), []).append((moment, "mentee", j))
    for own in theirs.values():
        for (begin, _, _), (following, side, row) in pairwise(sorted(own)):
            if following < begin + length:
                yield f"{world.where(side, row)} is in two sessions at once on {following:%Y-%m-%d}"
                break


def _too_many(limit: limits.Meetings, sessions: list[tuple[dt.datetime, Pair]], length: dt.timedelta) -> Iterator[str]:
    """A moment at which more pairs meet than there are rooms."""
    if limit.rooms is None:
        return
    changes = sorted([(moment, 1) for moment, _ in sessions] + [(moment + length, -1) for moment, _ in sessions])
    inside = 0  # at one moment those who end leave first: -1 stands before 1
    for moment, change in changes:
        inside += change
        if inside > limit.rooms:
            yield f"{inside} pairs meet on {moment:%Y-%m-%d at %H:%M} UTC, and there are {limit.rooms} rooms"
            return


def check_shown_slots(plan: Plan, world: World, findings: Findings) -> None:
    """What the plan shows of its times is what its array holds."""
    limit = next((one for one in world.policy.limits if isinstance(one, limits.Meetings)), None)
    if limit is None or plan.slots is None:
        return
    zones = [side.column("time_zone") for side in world.sides]
    sessions_of = functools.cache(functools.partial(sessions, plan=_weeks(limit)))
    rows = (plan.mentor_rows.tolist(), plan.mentee_rows.tolist())
    for p, (pair, start) in enumerate(zip(plan.pairs, plan.slots.tolist(), strict=True)):
        theirs, own = (column.texts[column.codes[row[p]]] for column, row in zip(zones, rows, strict=True))
        if not own:
            continue  # the pair has no hours, and that was said
        moments = sessions_of(own, start)
        day, minute = divmod(start % WEEK, DAY)
        said = (limit.minutes, own, theirs, f"{minute // 60:02}:{minute % 60:02}", _DAYS[day], moments)
        slot = pair.slot
        if slot is None or said != (
            slot.minutes, slot.time_zone, slot.mentor_time_zone, slot.start, slot.weekday, slot.utc_starts,
        ):  # fmt: skip
            findings.add(f"pairs[{p}].slot", "shows another time than the plan's array holds")


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
