"""Prices of moments: a pair pays what the cheapest of its weekly times costs.

At any moment as many pairs meet as there are rooms at most, and of one person one pair. If such a row has a price, a
pair whose session is then pays it; and as its time may be any that suits both, it pays at least for the cheapest.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from revmatch.certify.bulk_hours import Dates
from revmatch.certify.cells import WEEK
from revmatch.certify.sides import Ints
from revmatch.certify.weeks import MINUTE, Weeks, sessions
from revmatch.certify.world import World
from revmatch.policy import limits

#: More than any price.
NEVER = 1 << 62
#: Numbers of times of pairs that are held at once.
_AT_ONCE = 1 << 22


class Times:
    """Weekly times of a programme's pairs, and when their sessions are in UTC.

    Parameters
    ----------
    limit : Meetings
    world : World
    """

    def __init__(self, limit: limits.Meetings, world: World) -> None:
        self.limit, self.world = limit, world
        assert isinstance(limit.start, dt.date)
        self._plan = Weeks(limit.start, limit.weeks, limit.every, limit.minutes, limit.grid)

    @cached_property
    def dates(self) -> Dates:
        """Which times suit whom."""
        return Dates.of(self._plan, self.world)

    @cached_property
    def sessions(self) -> list[Ints]:
        """Of each time the starts of its sessions: minutes from the first Monday, 00:00 UTC."""
        found, plan = [], self._plan
        zero = dt.datetime.combine(plan.monday, dt.time(), dt.UTC)
        for time in self.dates.wanted.tolist():
            clock, start = divmod(time, plan.every * WEEK)
            moments = sessions(self.dates.clocks[clock], start, plan)
            found.append(np.array([(moment - zero) // MINUTE for moment in moments], dtype=np.int64))
        return found

    def at(self, minute: int) -> npt.NDArray[np.bool_]:
        """Times of which a session is on at a minute."""
        length = self.limit.minutes
        on = [bool(((starts <= minute) & (minute < starts + length)).any()) for starts in self.sessions]
        return np.array(on, dtype=bool)


@dataclass(frozen=True, slots=True)
class MomentRow:
    """Pairs that meet at a minute: all of them, or one person's.

    Parameters
    ----------
    row : str
        Its name.
    price : int
    times : Times
    minute : int
        From the first Monday, 00:00 UTC.
    mentor, mentee : int or None
        Positions of the one person, on the sides that they are on; both None: everybody.
    """

    row: str
    price: int
    times: Times
    minute: int
    mentor: int | None = None
    mentee: int | None = None

    most = 1

    @property
    def bound(self) -> int:
        """So many pairs at most."""
        return (self.times.limit.rooms or 0) if self.mentor is None and self.mentee is None else 1


class Moments:
    """All rows of moments of a record.

    Parameters
    ----------
    rows : list of MomentRow
        At least one.
    """

    def __init__(self, rows: list[MomentRow]) -> None:
        self._dates = rows[0].times.dates
        on = {minute: rows[0].times.at(minute) for minute in {row.minute for row in rows}}
        count = len(self._dates.wanted)
        #: What each time costs everybody, and each mentor and each mentee besides.
        self._all = np.zeros(count, dtype=np.int64)
        self._own: tuple[dict[int, Ints], dict[int, Ints]] = ({}, {})
        for row in rows:
            cost = row.price * on[row.minute]
            if row.mentor is None and row.mentee is None:
                self._all = self._all + cost
            for own, who in zip(self._own, (row.mentor, row.mentee), strict=True):
                if who is not None:
                    own[who] = own.get(who, 0) + cost

    def pairs(self, i: Ints, j: Ints) -> Ints:
        """What each of some pairs pays."""
        found = np.zeros(len(i), dtype=np.int64)
        step = max(1, _AT_ONCE // max(1, len(self._all)))
        plain = ~(np.isin(i, list(self._own[0])) | np.isin(j, list(self._own[1])))
        kinds = np.stack([self._dates.common.kinds[0][i], self._dates.common.kinds[1][j]])
        # pairs of people without prices of their own pay the same if they have the same hours
        different, which = np.unique(kinds[:, plain], axis=1, return_inverse=True)
        some = np.zeros(different.shape[1], dtype=np.int64)
        for begin in range(0, len(some), step):
            suits = self._dates.suiting(*different[:, begin : begin + step])
            some[begin : begin + step] = _cheapest(suits, self._all[None, :])
        found[plain] = some[which.reshape(-1)]
        others = np.flatnonzero(~plain)
        for begin in range(0, len(others), step):
            block = others[begin : begin + step]
            cost = np.tile(self._all, (len(block), 1))
            for own, people in zip(self._own, (i[block], j[block]), strict=True):
                for at in np.flatnonzero(np.isin(people, list(own))).tolist():
                    cost[at] += own[int(people[at])]
            found[block] = _cheapest(self._dates.suiting(*kinds[:, block]), cost)
        return found


def _cheapest(suits: npt.NDArray[np.bool_], cost: Ints) -> Ints:
    """Lowest cost of the times that suit; 0 where none does."""
    if not suits.shape[1]:
        return np.zeros(len(suits), dtype=np.int64)
    least = np.where(suits, cost, NEVER).min(axis=1)
    return np.where(least == NEVER, 0, least)
