"""The model: candidates and limits as columns and linear rows, for every engine alike.

A column is a pair, or a person's switch ("has a partner"); later a pair at a slot. Columns are flat arrays. Degree
bounds are two numbers a person; everything else that is linear is a sparse row ``sum a*x <= b``. A goal is a worth for
each column. The engines read this and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from revmatch.policy.sides import Bools, Ints

if TYPE_CHECKING:  # the child process of the engines reads models, and needs nothing of people and policies
    from revmatch.graph.numbering import Numbered


class Kind(IntEnum):
    """What a column stands for."""

    PAIR = 0
    MENTOR_SWITCH = 1
    MENTEE_SWITCH = 2


@dataclass(frozen=True, slots=True)
class Columns:
    """Zero-one columns, as flat arrays: first all pairs (by mentor, then mentee), then the switches.

    Parameters
    ----------
    kind : ndarray of int8
    mentor, mentee, slot : ndarray of int32
        Numbers; -1 where the column has none.
    worth : ndarray of int64, shape (goals, columns)
        Worth of each column in each goal.
    """

    kind: npt.NDArray[np.int8]
    mentor: npt.NDArray[np.int32]
    mentee: npt.NDArray[np.int32]
    slot: npt.NDArray[np.int32]
    worth: Ints

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def pairs(self) -> int:
        """How many columns are pairs."""
        return int((self.kind == Kind.PAIR).sum())


@dataclass(frozen=True, slots=True)
class Rows:
    """Linear rows ``sum a*x <= b`` in compressed form.

    Parameters
    ----------
    names : tuple of str
    indptr, column, coefficient : ndarray of int64
    bound : ndarray of int64
    """

    names: tuple[str, ...]
    indptr: Ints
    column: Ints
    coefficient: Ints
    bound: Ints

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def empty(cls) -> Self:
        """No row."""
        none = np.zeros(0, dtype=np.int64)
        return cls((), np.zeros(1, dtype=np.int64), none, none, none)

    def with_row(self, name: str, column: Ints, coefficient: Ints, bound: int) -> Self:
        """Return these rows and one more."""
        return type(self)(
            (*self.names, name),
            np.append(self.indptr, self.indptr[-1] + len(column)),
            np.concatenate([self.column, column]),
            np.concatenate([self.coefficient, coefficient]),
            np.append(self.bound, bound),
        )

    def kept_by(self, chosen: Bools) -> bool:
        """Whether these columns keep every row."""
        if not len(self):
            return True
        values = np.where(chosen[self.column], self.coefficient, 0)
        sums = np.add.reduceat(np.append(values, 0), self.indptr[:-1])
        sums[self.indptr[:-1] == self.indptr[1:]] = 0
        return bool((sums <= self.bound).all())


@dataclass(frozen=True, slots=True)
class Model:
    """What an engine is given.

    Parameters
    ----------
    shape : tuple of int
        Number of mentors n and of mentees m.
    columns : Columns
    fixed_in, fixed_out : ndarray of bool, shape (columns,)
        Columns that are decided: pins, and what the goals before have decided. Switches are never fixed.
    least, most : ndarray of int64, shape (n + m,)
        Degree bounds: mentors by number, then mentees.
    rows : Rows
    """

    shape: tuple[int, int]
    columns: Columns
    fixed_in: Bools
    fixed_out: Bools
    least: Ints
    most: Ints
    rows: Rows

    @property
    def free(self) -> Bools:
        """Pair columns that are not decided."""
        return np.asarray(~(self.fixed_in | self.fixed_out) & (self.columns.kind == Kind.PAIR))

    def switch_worth(self, goal: int) -> Ints:
        """Worth of each person having a partner at all: mentors, then mentees."""
        n, m = self.shape
        found = np.zeros(n + m, dtype=np.int64)
        columns = self.columns
        for kind, who, begin in ((Kind.MENTOR_SWITCH, columns.mentor, 0), (Kind.MENTEE_SWITCH, columns.mentee, n)):
            here = columns.kind == kind
            found[who[here] + begin] = columns.worth[goal][here]
        return found

    def degrees(self, chosen: Bools) -> Ints:
        """How many of the chosen pairs each person has: mentors, then mentees."""
        n, m = self.shape
        pair = chosen & (self.columns.kind == Kind.PAIR)
        mentors = np.bincount(self.columns.mentor[pair], minlength=n)
        return np.concatenate([mentors, np.bincount(self.columns.mentee[pair], minlength=m)]).astype(np.int64)

    def with_switches(self, pairs: Bools) -> Bools:
        """The same pairs, and the switch of everybody who has one."""
        chosen = np.zeros(len(self.columns), dtype=bool)
        chosen[: len(pairs)] = pairs
        matched = self.degrees(chosen) > 0
        for kind, who, begin in (
            (Kind.MENTOR_SWITCH, self.columns.mentor, 0),
            (Kind.MENTEE_SWITCH, self.columns.mentee, self.shape[0]),
        ):
            here = self.columns.kind == kind
            chosen[here] = matched[who[here] + begin]
        return chosen

    def value(self, chosen: Bools, goal: int) -> int:
        """Worth of the chosen columns in a goal."""
        return int(self.columns.worth[goal][chosen].sum())

    def holds(self, chosen: Bools) -> bool:
        """Whether the chosen columns keep every bound, row and decision."""
        degrees = self.degrees(chosen)
        return (
            bool((degrees >= self.least).all() and (degrees <= self.most).all())
            and bool(chosen[self.fixed_in].all() and not chosen[self.fixed_out].any())
            and self.rows.kept_by(chosen)
        )

    def replace(self, **changes: object) -> Model:
        """Return the same model with some parts changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def build(numbered: Numbered, i: Ints, j: Ints, score: Ints) -> Model:
    """Model of a numbered programme over these pairs (its candidates, by mentor, then mentee)."""
    programme, (n, m) = numbered.programme, numbered.sides.shape
    goals = programme.policy.goals
    all_switches = (
        (Kind.MENTOR_SWITCH, n, [goal.first_partner("mentor") for goal in goals]),
        (Kind.MENTEE_SWITCH, m, [goal.first_partner("mentee") for goal in goals]),
    )
    switches = [switch for switch in all_switches if any(switch[2])]
    total = len(i) + sum(count for _, count, _ in switches)
    kind = np.zeros(total, dtype=np.int8)
    mentor, mentee, slot = (np.full(total, -1, dtype=np.int32) for _ in range(3))
    mentor[: len(i)], mentee[: len(i)] = i, j
    worth = np.zeros((len(goals), total), dtype=np.int64)
    for k, goal in enumerate(goals):
        worth[k, : len(i)] = goal.worth(score)
    at = len(i)
    for switch, count, worths in switches:
        here = slice(at, at + count)
        kind[here] = switch
        (mentor if switch is Kind.MENTOR_SWITCH else mentee)[here] = np.arange(count)
        worth[:, here] = np.array(worths)[:, None]
        at += count
    bounds = [programme.bounds("mentor"), programme.bounds("mentee")]
    least = np.concatenate([bounds[0][0][numbered.mentor_rows], bounds[1][0][numbered.mentee_rows]])
    most = np.concatenate([bounds[0][1][numbered.mentor_rows], bounds[1][1][numbered.mentee_rows]])
    columns = Columns(kind, mentor, mentee, slot, worth)
    fixed_in = np.zeros(total, dtype=bool)
    fixed_in[_pinned(numbered, i, j)] = True
    none = np.zeros(total, dtype=bool)
    return Model((n, m), columns, fixed_in, none, least, most, _one_direction(numbered, i, j))


def _pinned(numbered: Numbered, i: Ints, j: Ints) -> Ints:
    """Columns of the pins."""
    sides = numbered.sides
    pins = numbered.programme.pins
    mentors, mentees = sides.mentors.index([p.mentor for p in pins]), sides.mentees.index([p.mentee for p in pins])
    return np.searchsorted(i * sides.shape[1] + j, mentors * sides.shape[1] + mentees)


def _one_direction(numbered: Numbered, i: Ints, j: Ints) -> Rows:
    """Where both directions of a pair may exist, a row that keeps one."""
    if not numbered.programme.dual_role or numbered.programme.by_position:
        return Rows.empty()
    sides = numbered.sides
    m = sides.shape[1]
    as_mentee = sides.mentees.index(sides.mentors.ids.tolist())  # of each mentor, -1 if not on both sides
    as_mentor = sides.mentors.index(sides.mentees.ids.tolist())
    both = (as_mentee[i] >= 0) & (as_mentor[j] >= 0)
    keys = i * m + j
    there = np.flatnonzero(both)
    back = as_mentor[j[there]] * m + as_mentee[i[there]]
    at = np.minimum(np.searchsorted(keys, back), max(0, len(keys) - 1))
    exists = keys[at] == back if len(keys) else np.zeros(0, dtype=bool)
    ids = sides.mentors.ids
    one, other = there[exists], at[exists]
    once = ids[i[one]] < ids[i[other]]  # each two people once
    one, other = one[once], other[once]
    names = tuple(f"one_direction:{first}|{second}" for first, second in zip(ids[i[one]], ids[i[other]], strict=True))
    return Rows(
        names,
        np.arange(len(one) + 1, dtype=np.int64) * 2,
        np.stack([one, other], axis=1).ravel(),
        np.ones(2 * len(one), dtype=np.int64),
        np.ones(len(one), dtype=np.int64),
    )
