"""Whether a plan still keeps every limit with one more pair, read from what the limits state as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from revmatch.explain.private import Private
from revmatch.graph.numbering import Numbered
from revmatch.model.meetings import MeetingTimes
from revmatch.plan import Plan
from revmatch.policy.limits import Meetings
from revmatch.policy.rows import RowForm
from revmatch.policy.sides import Bools, Ints, Side, Sides

_SIDES: tuple[Side, Side] = ("mentor", "mentee")
_DIRECTION = '"Two people meet in one direction only"'


@dataclass(frozen=True, slots=True)
class _Used:
    """A form of rows, and what the plan's pairs count in those rows in which they count anything."""

    form: RowForm
    row: Ints
    count: Ints

    @classmethod
    def of(cls, form: RowForm, i: Ints, j: Ints) -> Self:
        _, rows, counts = form.entries(i, j)
        row, place = np.unique(rows, return_inverse=True)
        total = np.zeros(len(row), dtype=np.int64)
        np.add.at(total, place, counts)
        return cls(form, row, total)

    def broken(self, i: Ints, j: Ints) -> Bools:
        """Whether each pair, added to the plan, breaks a row."""
        at, row, counts = self.form.entries(i, j)
        place = np.minimum(np.searchsorted(self.row, row), max(0, len(self.row) - 1))
        used = np.zeros_like(row) if not len(self.row) else np.where(self.row[place] == row, self.count[place], 0)
        return _some(at[used + counts > self.form.bound(row)], len(i))

    def never(self, i: Ints, j: Ints) -> Bools:
        """Whether each pair breaks a row in any plan: by itself, where no pair counts below 0."""
        if min(self.form.mentor_weight.min(initial=0), self.form.mentee_weight.min(initial=0)) < 0:
            return np.zeros(len(i), dtype=np.bool_)
        at, row, counts = self.form.entries(i, j)
        return _some(at[counts > self.form.bound(row)], len(i))


class Room:
    """The limits of a plan, ready to be asked about pairs that it does not hold.

    Parameters
    ----------
    plan : Plan
        One that holds pairs.
    sides : Sides
        Of its programme.
    """

    def __init__(self, plan: Plan, sides: Sides) -> None:
        self._plan, self._shape = plan, sides.shape
        self._limits = plan.programme.policy.limits
        held = plan.mentor_rows, plan.mentee_rows
        self._used = [[_Used.of(form, *held) for form in limit.rows(sides)] for limit in self._limits]
        self._partners = {
            side: np.bincount(rows, minlength=size) for side, rows, size in zip(_SIDES, held, sides.shape, strict=True)
        }
        self._against = _other_way_round(plan, sides)
        self._meetings = [_times(plan, sides, limit) if isinstance(limit, Meetings) else None for limit in self._limits]
        private = Private.of(plan.programme)
        columns = [{column for some in limit.columns().values() for column in some} for limit in self._limits]
        names = [
            "" if any(map(private.column, some)) else str(limit)
            for limit, some in zip(self._limits, columns, strict=True)
        ]
        #: What is asked of all pairs together; "" where that reads something private.
        self.names = (*names, _DIRECTION)

    def broken(self, i: Ints, j: Ints) -> Bools:
        """Which limits the plan breaks with each pair: one row for each name, one column for each pair."""
        found = np.zeros((len(self.names), len(i)), dtype=np.bool_)
        for k, limit in enumerate(self._limits):
            for used in self._used[k]:
                found[k] |= used.broken(i, j)
            times = self._meetings[k]
            if times is not None and self._plan.slots is not None:
                held = self._plan.mentor_rows, self._plan.mentee_rows, self._plan.slots
                found[k] |= times.without_slot(held, i, j)
            for side, who in zip(_SIDES, (i, j), strict=True):
                if some := limit.partners(side):
                    count = self._partners[side][who] + 1
                    found[k] |= (count < some[0]) | (count > some[1])
        found[-1] = np.isin(i * self._shape[1] + j, self._against)
        return found

    def never(self, i: Ints, j: Ints) -> Bools:
        """Which limits forbid each pair whatever else a plan holds; in the shape of `broken`."""
        found = np.zeros((len(self.names), len(i)), dtype=np.bool_)
        for k in range(len(self._limits)):
            for used in self._used[k]:
                found[k] |= used.never(i, j)
            for side, who in zip(_SIDES, (i, j), strict=True):
                found[k] |= self.too_small(k, side)[who]
        return found

    def too_small(self, k: int, side: Side) -> Bools:
        """Who of a side takes part, and has fewer places than a limit asks of whoever has any partner."""
        capacity, some = np.asarray(self._plan.programme.of(side).capacity), self._limits[k].partners(side)
        return (capacity > 0) & (capacity < (some[0] if some else 0))

    def below_circle(self, side: Side, row: int) -> str:
        """Why a person can have no partner by their own capacity; "" if they can."""
        for k, limit in enumerate(self._limits):
            if self.too_small(k, side)[row]:
                capacity = int(self._plan.programme.of(side).capacity[row])
                return f"a capacity of {capacity} is below the smallest circle of {limit}"
        return ""


def _times(plan: Plan, sides: Sides, limit: Meetings) -> MeetingTimes:
    """When pairs could meet, by rows of the programme."""
    rows = (np.arange(size, dtype=np.int64) for size in sides.shape)
    return MeetingTimes(Numbered(plan.programme, sides, *rows), limit)


def _some(at: Ints, count: int) -> Bools:
    found = np.zeros(count, dtype=np.bool_)
    found[at] = True
    return found


def _other_way_round(plan: Plan, sides: Sides) -> Ints:
    """Keys of the plan's pairs with mentor and mentee exchanged, where people are on both sides."""
    if not plan.programme.dual_role or plan.programme.by_position:
        return np.zeros(0, dtype=np.int64)
    i = sides.mentors.index(sides.mentees.ids[plan.mentee_rows].tolist())
    j = sides.mentees.index(sides.mentors.ids[plan.mentor_rows].tolist())
    both = (i >= 0) & (j >= 0)
    return i[both] * sides.shape[1] + j[both]
