"""Made-up people who have few of 40 hours of a week, and their meetings given whole, for solvers.

The programme is written to a file for us. For the peers, every pair at every hour that both have comes from the
people's cells by code of their own, so an agreement of answers says something about hours too.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from workforce import Rows

WHOLE, ARRAYS = "meetings.npz", ("i", "j", "hour", "score", "capacity", "rooms")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
#: Hours of a week, from 9 to 17; those that a junior has, and a leader; places of a leader.
HOURS, OF_JUNIORS, OF_LEADERS, PLACES = 40, 4, 12, 2
#: Leaders of whom a junior can have one.
CHOICES = 9
#: Rooms are above what is needed by this part.
ROOM = 0.15

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Whole:
    """A programme as a list of all its pairs at all hours that both have.

    Parameters
    ----------
    i, j, hour, score : ndarray of int64, shape (columns,)
    capacity : ndarray of int64, shape (m,)
        Of mentees; mentors have one each.
    rooms : ndarray of int64, shape (1,)
    """

    i: Ints
    j: Ints
    hour: Ints
    score: Ints
    capacity: Ints
    rooms: Ints

    def save(self, folder: Path) -> None:
        np.savez(folder / WHOLE, **{name: getattr(self, name) for name in ARRAYS})

    @classmethod
    def load(cls, folder: Path) -> Whole:
        with np.load(folder / WHOLE) as file:
            return cls(*(file[name] for name in ARRAYS))

    def rows(self) -> Rows:
        """One pair of a mentor, as many of a mentee as places, one of a mentee at an hour, and rooms for all at one."""
        every = np.arange(len(self.i))
        parts = [
            (self.i, np.ones(int(self.i.max()) + 1)),
            (self.j, self.capacity),
            (self.j * HOURS + self.hour, np.ones(len(self.capacity) * HOURS)),
            (self.hour, np.full(HOURS, self.rooms[0])),
        ]
        begins = np.cumsum([0, *(len(high) for _, high in parts)])
        row = np.concatenate([group + begin for (group, _), begin in zip(parts, begins, strict=False)])
        high = np.concatenate([high for _, high in parts]).astype(np.float64)
        order = np.argsort(row, kind="stable")
        used, row = np.unique(row[order], return_inverse=True)
        column = np.tile(every, len(parts))[order]
        return Rows(row, column, np.ones_like(column), np.full(len(used), -np.inf), high[used], 0)


def programme(mentors: int, mentees: int, seed: int = 0) -> Any:
    """Juniors and leaders with few hours of one week, some pairs with a score, and rooms that are nearly all taken."""
    from scipy.sparse import coo_array

    import revmatch as rm

    rng = np.random.default_rng(seed)

    def person(name: str, count: int, places: int) -> dict[str, Any]:
        own = np.sort(rng.choice(HOURS, count, replace=False)).tolist()
        cells = "; ".join(f"{DAYS[hour // 8]} {9 + hour % 8}-{10 + hour % 8}" for hour in own)
        return {"id": name, "available": cells, "time_zone": "Europe/London", "capacity": places}

    juniors = [person(f"j{k}", OF_JUNIORS, 1) for k in range(mentors)]
    leaders = [person(f"s{k}", OF_LEADERS, PLACES) for k in range(mentees)]
    i = np.repeat(np.arange(mentors), CHOICES)
    j = np.concatenate([rng.choice(mentees, CHOICES, replace=False) for _ in range(mentors)])
    table = rm.score.Table(coo_array((rng.integers(1, 100, len(i)), (i, j)), shape=(mentors, mentees)))
    rooms = int(np.ceil((1 + ROOM) * min(mentors, mentees * PLACES) / HOURS))
    limit = rm.limits.Meetings("2026-03-02", minutes=60, every=1, weeks=1, grid=60, rooms=rooms)
    return rm.Programme(juniors, leaders, rm.Policy(score=table, limits=[limit], goals=["TotalScore"]))


def whole(made: Any) -> Whole:
    """The same problem, from the people's cells."""
    ((_, table),) = made.policy.score.terms
    hours = [[_hours(cells) for cells in side.decoded("available").tolist()] for side in (made.mentors, made.mentees)]
    columns = [
        (i, j, hour, score)
        for i, j, score in zip(*(part.tolist() for part in table.entries), table.values.tolist(), strict=True)
        for hour in sorted(hours[0][i] & hours[1][j])
    ]
    (limit,) = made.policy.limits
    capacity = np.asarray(made.mentees.capacity).astype(np.int64)
    return Whole(*np.array(columns, dtype=np.int64).T, capacity, np.array([limit.rooms]))


def _hours(cells: str) -> set[int]:
    found = set()
    for item in cells.split("; "):
        day, part = item.split(" ")
        found.add(DAYS.index(day) * 8 + int(part.split("-")[0]) - 9)
    return found
