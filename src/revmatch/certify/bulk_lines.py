"""Reporting lines of everybody at once: all people of all files take one step up at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from revmatch.certify import cells
from revmatch.certify.lines import MOST_STEPS, NEVER, Lines
from revmatch.certify.listed import Listed
from revmatch.certify.sides import Bools, Column, Ints, Side, spread
from revmatch.certify.world import World
from revmatch.policy.rules import OutsideReportingLine

#: Instead of a manager's number: nobody is above; not stated, or somebody in no file.
NOBODY, UNKNOWN = -1, -2


class Upward:
    """Everybody in any file, numbered, and their managers by number.

    Parameters
    ----------
    lines : Lines
        Whose files are read.
    """

    def __init__(self, lines: Lines) -> None:
        number: dict[str, int] = {}
        places = []
        for file in lines.files:
            number |= dict(
                zip((key for key in file.keys if key not in number), range(len(number), 1 << 40), strict=False)
            )
            places.append(np.array(list(map(number.__getitem__, file.keys)), dtype=np.int64))
        self.number = number
        self.manager = np.full(len(number), UNKNOWN, dtype=np.int64)
        for column, rows, who in _told("manager", lines, places, len(number)):
            above = column.each(lambda text: number.get(cells.one_id(text), UNKNOWN) if text else NOBODY)
            self.manager[who] = np.array(above, dtype=np.int64)[column.codes[rows]]
        under, boss = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for column, rows, who in _told("dotted_line", lines, places, len(number)):
            named = column.each(lambda text: [number.get(key, UNKNOWN) for key in cells.ids(text)])
            counts = np.array([len(some) for some in named], dtype=np.int64)
            flat = np.array([key for some in named for key in some], dtype=np.int64)
            code = column.codes[rows]
            each, at = spread((np.cumsum(counts) - counts)[code], counts[code])
            under.append(who[each])
            boss.append(flat[at])
        #: Somebody and their dotted-line manager, one entry for each dotted line.
        self.under, self.boss = np.concatenate(under), np.concatenate(boss)

    def of(self, side: Side) -> Ints:
        """Numbers of the people of a side."""
        return np.array(list(map(self.number.__getitem__, side.keys)), dtype=np.int64)

    def steps_up(self, start: Ints) -> Iterator[tuple[int, Ints, Ints]]:
        """For each step up from some people: how many steps, who has somebody there, and whom."""
        who, at, step = np.arange(len(start)), self.manager[start], 1
        while len(who) and step <= MOST_STEPS:
            there = at >= 0
            who, at = who[there], at[there]
            yield step, who, at
            at, step = self.manager[at], step + 1

    def unstated_from(self) -> Ints:
        """Step at which each person's solid line is not stated; `NEVER` if it is stated up to the top."""
        everybody = np.arange(len(self.manager))
        found = np.where(self.manager == UNKNOWN, 1, NEVER)
        for step, who, at in self.steps_up(everybody):
            ends = self.manager[at] == UNKNOWN
            found[who[ends]] = step + 1
        return found

    def stated(self, levels: int | None) -> Bools:
        """Whose lines, solid and dotted, are stated within so many levels."""
        within = NEVER - 1 if levels is None else levels
        ends = self.unstated_from()
        found = ends > within
        lost = (self.boss == UNKNOWN) | (ends[np.maximum(self.boss, 0)] <= within)
        found[self.under[lost]] = False
        return np.asarray(found, dtype=bool)

    def over(self, own: Ints, rule: OutsideReportingLine, head: int) -> Iterator[tuple[Ints, Ints]]:
        """Places in a list of people by number, and numbers of those who stand over them too closely to meet them."""

        def close(step: int, who: Ints, other: Ints) -> Bools:
            near = rule.levels is None or step <= rule.levels
            if rule.head_levels is None:
                return np.full(len(who), near)
            return np.where((other == head) | (own[who] == head), step <= rule.head_levels, near)

        for step, who, at in self.steps_up(own):
            some = close(step, who, at)
            yield who[some], at[some]
        # a dotted-line manager stands 0 steps over: no number of levels lets that pair meet
        order = np.argsort(self.under, kind="stable")
        under, boss = self.under[order], self.boss[order]
        first = np.searchsorted(under, own)
        rows, at = spread(first, np.searchsorted(under, own, side="right") - first)
        known = boss[at] >= 0
        rows, bosses = rows[known], boss[at][known]
        yield rows, bosses
        for step, who, at in self.steps_up(bosses):
            some = close(step, rows[who], at)
            yield rows[who][some], at[some]


def _told(column: str, lines: Lines, places: list[Ints], count: int) -> Iterator[tuple[Column, Ints, Ints]]:
    """For each file that has the column: its cells, and rows and numbers of those for whom it speaks first."""
    silent = np.ones(count, dtype=bool)
    for file, place in zip(lines.files, places, strict=True):
        if file.has(column):
            rows = np.flatnonzero(silent[place])
            yield file.column(column), rows, place[rows]
            silent[place] = False


@dataclass(frozen=True, slots=True)
class Related:
    """What a rule about reporting lines asks, person by person and pair by pair.

    Parameters
    ----------
    managers : tuple of ndarray
        Number of each mentor's and each mentee's direct manager; below 0 for none.
    stated : tuple of ndarray of bool
        Whose lines are stated, of mentors and of mentees.
    listed : Listed
        Pairs of which one stands over the other.
    """

    managers: tuple[Ints, Ints]
    stated: tuple[Bools, Bools]
    listed: Listed


def related(rule: OutsideReportingLine, world: World) -> Related:
    """Read all reporting lines."""
    up = Upward(world.lines)
    head = up.number.get(world.lines.head, NOBODY) if rule.head_levels is not None else NOBODY
    stated = up.stated(rule.levels)
    numbers = [up.of(side) for side in world.sides]
    none = np.zeros(0, dtype=np.int64)
    pairs = [(none, none)]
    for side, other, turned in ((0, 1, False), (1, 0, True)):
        place = np.full(len(up.number), -1, dtype=np.int64)
        place[numbers[other]] = np.arange(len(numbers[other]))
        for rows, above in up.over(numbers[side], rule, head):
            there = place[above] >= 0
            below, over = rows[there], place[above[there]]
            pairs.append((over, below) if turned else (below, over))
    i, j = (np.concatenate(part) for part in zip(*pairs, strict=True))
    return Related(
        (up.manager[numbers[0]], up.manager[numbers[1]]),
        (stated[numbers[0]], stated[numbers[1]]),
        Listed(i, j, world.shape),
    )
