"""Invariant 20 with limits: HiGHS finds the same values on 300 x 150, or says as well that nothing can be done.

The whole model, every pair a column, written with NumPy straight from the sentences of the policy reference; nothing of
`revmatch.model` is used.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

import revmatch as rm

Ints = npt.NDArray[np.int64]
Named = tuple[str, dict[str, Any]]
Row = tuple[Ints, npt.NDArray[Any], float, float]  # columns, what each counts, least, most

TOTAL: tuple[Named, ...] = (("TotalScore", {}),)
THREE: tuple[Named, ...] = (("Coverage", {}), ("Pairs", {}), ("TotalScore", {}))


@dataclass(frozen=True)
class Crowd:
    """People as columns of arrays, and a score for each pair. Mentors come first where one array is of both sides."""

    shape: tuple[int, int]
    scores: Ints
    most: Ints
    least: Ints
    department: npt.NDArray[Any]
    site: npt.NDArray[Any]
    hours: Ints
    budget: Ints

    def people(self, side: str) -> list[dict[str, Any]]:
        n, m = self.shape
        rows = range(n) if side == "mentor" else range(n, n + m)
        return [
            {
                "id": self.id_of(k),
                "capacity": int(self.most[k]),
                "min_load": int(self.least[k]),
                "department": str(self.department[k]),
                "site": str(self.site[k]),
                "hours": int(self.hours[k]),
                "budget": int(self.budget[k]),
            }
            for k in rows
        ]

    def id_of(self, k: int) -> str:
        return f"junior {k}" if k < self.shape[0] else f"leader {k - self.shape[0]}"

    def programme(self, limits: Sequence[Named], goals: Sequence[Named]) -> rm.Programme:
        policy = rm.Policy(
            rules=[rm.rules.Different("site")],
            score=rm.score.Table(self.scores),
            limits=[getattr(rm.limits, name)(**params) for name, params in limits],
            goals=[getattr(rm.goals, name)(**params) for name, params in goals],
        )
        return rm.Programme(self.people("mentor"), self.people("mentee"), policy)


@functools.cache
def crowd(seed: int, n: int = 300, m: int = 150) -> Crowd:
    """Juniors with one or two places, leaders with one to four; few of either must be in a pair."""
    rng = np.random.default_rng(seed)
    everybody = n + m
    most = np.concatenate([rng.integers(1, 3, n), rng.integers(1, 5, m)])
    return Crowd(
        (n, m),
        rng.integers(0, 100, (n, m)) if seed % 2 else rng.integers(-20, 60, (n, m)),
        most,
        np.where(rng.random(everybody) < 0.1, 1, 0),
        np.array([f"D{k}" for k in rng.integers(0, 12, everybody)]),
        np.array([f"S{k}" for k in rng.choice(5, everybody, p=[0.4, 0.3, 0.2, 0.05, 0.05])]),
        rng.integers(1, 5, everybody),
        rng.integers(2, 7, everybody),
    )


# --- the limits, from their sentences ---------------------------------------------------------------------------------


class Whole:
    """Every pair a column (mentor x m + mentee), then "has a partner" of each mentor and of each mentee."""

    def __init__(self, given: Crowd) -> None:
        self.given, (self.n, self.m) = given, given.shape
        self.size = self.n * self.m + self.n + self.m
        self.pair = np.arange(self.n * self.m).reshape(self.n, self.m)
        self.has = self.n * self.m + np.arange(self.n + self.m)

    def of(self, person: int) -> Ints:
        """All pairs of a person."""
        return self.pair[person] if person < self.n else self.pair[:, person - self.n]

    def rows(self, limits: Sequence[Named]) -> list[Row]:
        found = list(self.always())
        for name, params in limits:
            found += getattr(self, name)(**params)
        return found

    def always(self) -> Iterator[Row]:
        """Nobody has too many or too few, or counts as somebody with a partner without a pair."""
        for person in range(self.n + self.m):
            own, most, least = self.of(person), int(self.given.most[person]), int(self.given.least[person])
            yield own, np.ones(len(own)), least, most
            yield np.append(own, self.has[person]), np.append(np.ones(len(own)), -1), 0, np.inf

    def upper(self) -> npt.NDArray[Any]:
        """Those of one site may not meet."""
        found = np.ones(self.size)
        found[: self.n * self.m] = (self.given.site[: self.n, None] != self.given.site[None, self.n :]).ravel()
        return found

    def DepartmentPair(self, at_most: int) -> Iterator[Row]:  # noqa: N802
        mentors, mentees = self.given.department[: self.n], self.given.department[self.n :]
        for one in np.unique(mentors):
            for other in np.unique(mentees):
                own = self.pair[np.ix_(mentors == one, mentees == other)].ravel()
                yield own, np.ones(len(own)), 0, at_most

    def Quota(self, column: str, value: str, side: str, at_least: Any = None, at_most: Any = None) -> Iterator[Row]:  # noqa: N802
        cells = getattr(self.given, column)
        inside = np.zeros((self.n, self.m), dtype=bool)
        if side == "mentor":
            inside[cells[: self.n] == value] = True
        else:
            inside[:, cells[self.n :] == value] = True
        for bound, sign in ((at_least, -1), (at_most, 1)):
            if isinstance(bound, str):  # in hundredths of all pairs
                share = int(bound.removesuffix("%"))
                yield self.pair.ravel(), sign * (100 * inside.ravel() - share), -np.inf, 0
            elif bound is not None:
                yield self.pair[inside], np.full(int(inside.sum()), sign), -np.inf, sign * bound

    def TotalPairs(self, at_most: int) -> Iterator[Row]:  # noqa: N802
        yield self.pair.ravel(), np.ones(self.n * self.m), 0, at_most

    def Circles(self, smallest: int, largest: int) -> Iterator[Row]:  # noqa: N802
        for j in range(self.m):
            own = np.append(self.pair[:, j], self.has[self.n + j])
            yield own, np.append(np.ones(self.n), -smallest), 0, np.inf
            yield own, np.append(np.ones(self.n), -largest), -np.inf, 0

    def CoMentorsDifferent(self, column: str) -> Iterator[Row]:  # noqa: N802
        cells = getattr(self.given, column)[: self.n]
        for value in np.unique(cells):
            for j in range(self.m):
                own = self.pair[cells == value, j]
                yield own, np.ones(len(own)), 0, 1

    def Load(self, hours: str, at_most: int | str, side: str = "mentor") -> Iterator[Row]:  # noqa: N802
        takes = getattr(self.given, hours)
        for person in range(self.n) if side == "mentor" else range(self.n, self.n + self.m):
            others = takes[self.n :] if side == "mentor" else takes[: self.n]
            most = at_most if isinstance(at_most, int) else int(getattr(self.given, at_most)[person])
            yield self.of(person), others, 0, most

    def Together(self, people: Sequence[str]) -> Iterator[Row]:  # noqa: N802
        rows = [int(person.split()[1]) for person in people]
        for j in range(self.m):
            for other in rows[1:]:
                yield self.pair[[rows[0], other], j], np.array([1, -1]), 0, 0

    def Apart(self, people: Sequence[str]) -> Iterator[Row]:  # noqa: N802
        rows = [int(person.split()[1]) for person in people]
        for j in range(self.m):
            yield self.pair[rows, j], np.ones(len(rows)), 0, 1

    def EveryoneMatched(self, side: str) -> Iterator[Row]:  # noqa: N802
        for person in range(self.n) if side == "mentor" else range(self.n, self.n + self.m):
            yield self.of(person), np.ones(len(self.of(person))), 1, np.inf

    def worth(self, goal: str) -> npt.NDArray[Any]:
        found = np.zeros(self.size)
        if goal == "Coverage":
            found[self.has] = 1
        else:
            found[: self.n * self.m] = 1 if goal == "Pairs" else self.given.scores.ravel()
        return found


def constraint(rows: Sequence[Row], size: int) -> LinearConstraint:
    counts = np.repeat(np.arange(len(rows)), [len(columns) for columns, *_ in rows])
    columns = np.concatenate([columns for columns, *_ in rows])
    entries = np.concatenate([np.asarray(values, dtype=float) for _, values, *_ in rows])
    matrix = coo_array((entries, (counts, columns)), shape=(len(rows), size)).tocsr()
    return LinearConstraint(matrix, [row[2] for row in rows], [row[3] for row in rows])


def by_highs(given: Crowd, limits: Sequence[Named], goals: Sequence[Named]) -> tuple[int, ...] | None:
    """One goal after another; an earlier one's optimum is kept as a row."""
    whole = Whole(given)
    rows, values = whole.rows(limits), []
    for name, _ in goals:
        worth = whole.worth(name)
        found = milp(
            -worth,
            constraints=constraint(rows, whole.size),
            integrality=np.ones(whole.size),
            bounds=Bounds(0, whole.upper()),
            options={"mip_rel_gap": 0.0},
        )
        if found.status == 2:
            return None
        assert found.status == 0, found.message
        values.append(round(-found.fun))
        some = np.flatnonzero(worth)
        rows.append((some, worth[some], values[-1], np.inf))
    return tuple(values)


def by_revmatch(given: Crowd, limits: Sequence[Named], goals: Sequence[Named]) -> tuple[int, ...] | None:
    plan = rm.match(given.programme(limits, goals))
    verified = rm.verify(plan)
    assert verified.ok, verified.problems
    assert plan.stopped_by is None
    print(plan.status, plan.proof, f"{plan.seconds:.1f} s", plan.route[-1])
    return tuple(int(goal.value) for goal in plan.goals) if plan.found else None
