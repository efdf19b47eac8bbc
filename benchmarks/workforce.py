"""People of the shared `workforce.csv` for the cases with limits, and their problem given whole, for solvers.

The programme is written to a file for us. For the peers, every eligible pair with its score comes from the people's
cells by code of their own, so an agreement of answers says something about rules, scores and limits too.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FILE = Path(__file__).resolve().parents[2] / "shared" / "data" / "workforce.csv"
WHOLE = "whole.npz"
ARRAYS = ("i", "j", "score", "capacity", "mentor_department", "mentee_department", "recent", "limits")

#: The limits by name, in the order in which a programme has them.
LIMITS = ("department-pair", "quota", "circles", "co-mentors")
PLACES, AT_MOST, SMALLEST, LARGEST = 4, 12, 2, 4
#: Of 5 pairs at least 2 have a mentor hired in this year or later: 40 %.
OF, SHARE, RECENT = 5, 2, 2013

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Whole:
    """A programme as a list of all its eligible pairs.

    Parameters
    ----------
    i, j, score : ndarray of int64, shape (pairs,)
    capacity : ndarray of int64, shape (m,)
        Of mentees; mentors have one each.
    mentor_department, mentee_department : ndarray of int64, shapes (n,) and (m,)
    recent : ndarray of int64, shape (n,)
        1 for mentors of the group that has a share.
    limits : ndarray of str
        Names of the limits that are asked for.
    """

    i: Ints
    j: Ints
    score: Ints
    capacity: Ints
    mentor_department: Ints
    mentee_department: Ints
    recent: Ints
    limits: Any

    def save(self, folder: Path) -> None:
        np.savez(folder / WHOLE, **{name: getattr(self, name) for name in ARRAYS})

    @classmethod
    def load(cls, folder: Path) -> Whole:
        with np.load(folder / WHOLE) as file:
            return cls(*(file[name] for name in ARRAYS))

    def rows(self) -> Rows:
        """All rows of the problem."""
        return rows(self)


def programme(mentors: int, mentees: int, limits: tuple[str, ...], goals: Any = None) -> Any:
    """Make the programme: the first so many juniors and leaders of the file, leaders with four places each."""
    import revmatch as rm

    cells = rm.read_csv(FILE).to_columns()
    cells["recent"] = ["yes" if int(year) >= RECENT else "no" for year in cells["hired"]]
    cells["capacity"] = [str(PLACES) if int(grade) >= 7 else "1" for grade in cells["grade"]]
    everybody = rm.People.from_columns(cells)
    juniors = everybody[(everybody["grade"] <= 4) & (everybody["hired"] >= 2008)][:mentors]
    leaders = everybody[everybody["grade"] >= 7][:mentees]
    asked = {
        "department-pair": rm.limits.DepartmentPair(AT_MOST),
        "quota": rm.limits.Quota("recent", "yes", "mentor", at_least=f"{100 * SHARE // OF}%"),
        "circles": rm.limits.Circles(SMALLEST, LARGEST),
        "co-mentors": rm.limits.CoMentorsDifferent("department"),
    }
    policy = rm.Policy(
        rules=[rm.rules.DifferentDepartment(), rm.rules.OutsideReportingLine(), rm.rules.GradeGap(at_least=2)],
        score=rm.score.SkillGap(),
        limits=[asked[name] for name in limits],
        goals=goals or [rm.goals.TotalScore()],
    )
    return rm.Programme(juniors, leaders, policy)


def whole(made: Any, limits: tuple[str, ...]) -> Whole:
    """The same problem, from the people's cells."""
    from made import factors

    mentors, mentees = factors(made)
    score = (mentors @ mentees.T).astype(np.int64)
    departments = [np.asarray(side["department"]).astype(str) for side in (made.mentors, made.mentees)]
    _, code = np.unique(np.concatenate(departments), return_inverse=True)
    of_mentors, of_mentees = code[: len(score)], code[len(score) :]
    grades = [np.asarray(side["grade"]).astype(np.int64) for side in (made.mentors, made.mentees)]
    eligible = of_mentors[:, None] != of_mentees[None, :]
    eligible &= grades[1][None, :] - grades[0][:, None] >= 2
    eligible &= _outside(made)
    i, j = np.nonzero(eligible)
    recent = (np.asarray(made.mentors["hired"]).astype(np.int64) >= RECENT).astype(np.int64)
    capacity = np.asarray(made.mentees.capacity).astype(np.int64)
    return Whole(i, j, score[i, j], capacity, of_mentors, of_mentees, recent, np.array(limits, dtype=str))


def _outside(made: Any) -> Any:
    """Who is not above the other, nor has the same manager."""
    import csv

    with FILE.open(encoding="utf-8", newline="") as file:
        manager = {row["id"]: row["manager"] for row in csv.DictReader(file)}

    def above(person: str) -> set[str]:
        found = set()
        while manager[person]:
            person = manager[person]
            found.add(person)
        return found

    mentors, mentees = made.mentors.ids.tolist(), made.mentees.ids.tolist()
    place = {person: k for k, person in enumerate(mentees)}
    found = np.ones((len(mentors), len(mentees)), dtype=bool)
    for i, person in enumerate(mentors):
        found[i, [place[one] for one in above(person) if one in place]] = False
    place = {person: k for k, person in enumerate(mentors)}
    for j, person in enumerate(mentees):
        found[[place[one] for one in above(person) if one in place], j] = False
    own, other = (np.array([manager[person] for person in side]) for side in (mentors, mentees))
    return found & ((own[:, None] != other[None, :]) | (own[:, None] == ""))


@dataclass(frozen=True, slots=True)
class Rows:
    """``low <= sum of coefficient * column <= high``; columns are the pairs, then a switch for each mentee.

    Parameters
    ----------
    row, column, coefficient : ndarray of int64
        Entries, by row.
    low, high : ndarray of float64, shape (rows,)
    switches : int
        How many switches there are: none without circles.
    """

    row: Ints
    column: Ints
    coefficient: Ints
    low: Any
    high: Any
    switches: int


def rows(at: Whole) -> Rows:
    """All rows of a problem."""
    m, pairs = len(at.capacity), len(at.i)
    every, ones = np.arange(pairs), np.ones(pairs, dtype=np.int64)
    parts: list[tuple[Ints, Ints, Ints, Any, Any]] = []

    def add(group: Ints, column: Ints, coefficient: Ints, low: Any, high: Any) -> None:
        _, row = np.unique(group, return_inverse=True)
        count = int(row.max(initial=-1)) + 1
        parts.append((row, column, coefficient, np.broadcast_to(low, count), np.broadcast_to(high, count)))

    limits, open_ = set(at.limits.tolist()), -np.inf
    add(at.i, every, ones, open_, 1)
    add(at.j, every, ones, open_, at.capacity[np.unique(at.j)])
    if "department-pair" in limits:
        width = 1 + int(at.mentee_department.max(initial=0))
        add(at.mentor_department[at.i] * width + at.mentee_department[at.j], every, ones, open_, AT_MOST)
    if "quota" in limits:
        add(np.zeros_like(every), every, SHARE - OF * at.recent[at.i], open_, 0)
    if "co-mentors" in limits:
        add(at.mentor_department[at.i] * m + at.j, every, ones, open_, 1)
    switches = m if "circles" in limits else 0
    if switches:
        group, column = np.concatenate([at.j, np.arange(m)]), np.arange(pairs + m)
        add(group, column, np.concatenate([ones, np.full(m, -SMALLEST)]), 0, np.inf)
        add(group, column, np.concatenate([ones, np.full(m, -LARGEST)]), open_, 0)
    begins = np.cumsum([0, *(len(part[3]) for part in parts)])
    row = np.concatenate([part[0] + begin for part, begin in zip(parts, begins, strict=False)])
    order = np.argsort(row, kind="stable")
    column, coefficient = (np.concatenate([part[k] for part in parts])[order] for k in (1, 2))
    low, high = (np.concatenate([part[k] for part in parts]).astype(np.float64) for k in (3, 4))
    return Rows(row[order], column, coefficient, low, high, switches)
