"""The model: candidates and limits as columns and linear rows, for every engine alike.

A column is a pair, or a person's switch ("has a partner"). Columns are flat arrays. Degree bounds are two numbers a
person; everything else that is linear is a sparse row ``sum a*x <= b``. A goal is a worth for each column. The engines
read this and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Self

import numpy as np
import numpy.typing as npt

from revmatch.model.slots import NONE, Slots
from revmatch.model.timetable import placed, timetable
from revmatch.policy.sides import Bools, Ints


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
    mentor, mentee : ndarray of int32
        Numbers; -1 where the column has none.
    worth : ndarray of int64, shape (goals, columns)
        Worth of each column in each goal.
    score : ndarray of int64, shape (pairs,)
        Score of each pair.
    """

    kind: npt.NDArray[np.int8]
    mentor: npt.NDArray[np.int32]
    mentee: npt.NDArray[np.int32]
    worth: Ints
    score: Ints

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
    family, key : ndarray of int64, shape (rows,)
        What a row is, while columns come and go: see `revmatch.model.families`. In order.
    indptr : ndarray of int64, shape (rows + 1,)
    column, coefficient : ndarray of int64
    bound : ndarray of int64, shape (rows,)
    equal : ndarray of bool, shape (rows,)
        Rows that hold with equality.
    """

    family: Ints
    key: Ints
    indptr: Ints
    column: Ints
    coefficient: Ints
    bound: Ints
    equal: Bools

    def __len__(self) -> int:
        return len(self.bound)

    @classmethod
    def empty(cls) -> Self:
        """No row."""
        none = np.zeros(0, dtype=np.int64)
        return cls(none, none, np.zeros(1, dtype=np.int64), none, none, none, np.zeros(0, dtype=bool))

    @property
    def row(self) -> Ints:
        """Row of each entry."""
        return np.repeat(np.arange(len(self)), np.diff(self.indptr))

    def with_row(self, family: int, key: int, column: Ints, coefficient: Ints, bound: int) -> Self:
        """Return these rows and one more."""
        return type(self)(
            np.append(self.family, family),
            np.append(self.key, key),
            np.append(self.indptr, self.indptr[-1] + len(column)),
            np.concatenate([self.column, column]),
            np.concatenate([self.coefficient, coefficient]),
            np.append(self.bound, bound),
            np.append(self.equal, False),
        )

    def with_bounds(self, bound: Ints, equal: Bools) -> Self:
        """Return the same rows with other bounds."""
        return replace(self, bound=bound, equal=equal)

    def sums(self, values: Ints) -> Ints:
        """What the columns' values add up to in each row."""
        found = np.zeros(len(self), dtype=np.int64)
        np.add.at(found, self.row, self.coefficient * values[self.column])
        return found

    def weighed(self, price: Ints, columns: int) -> Ints:
        """For each column, the sum of its coefficients times the rows' prices."""
        found = np.zeros(columns, dtype=np.int64)
        np.add.at(found, self.column, self.coefficient * price[self.row])
        return found

    def on(self, columns: Ints, count: int) -> Self:
        """Return the same rows on some of so many columns, by their new numbers."""
        place = np.full(count, -1, dtype=np.int64)
        place[columns] = np.arange(len(columns))
        here = place[self.column] >= 0
        before = np.concatenate([[0], np.cumsum(here)])
        return replace(
            self,
            indptr=before[self.indptr],
            column=place[self.column[here]],
            coefficient=self.coefficient[here],
        )

    def kept_by(self, chosen: Bools) -> bool:
        """Whether these columns keep every row."""
        sums = self.sums(chosen.astype(np.int64))
        return bool((np.where(self.equal, sums == self.bound, sums <= self.bound)).all())


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
    low : ndarray of int64, shape (n + m,)
        Who may have nobody has else at least so many partners; 1 or more.
    rows : Rows
    likes : ndarray of int64, shape (stable limits, 2, pairs)
        How much the mentor and the mentee of each pair like each other, where nobody may block the plan.
    places : ndarray of int64, shape (n + m,)
        Places by which that is judged.
    slots : Slots, optional
        Where some pair could be left without a weekly time.
    """

    shape: tuple[int, int]
    columns: Columns
    fixed_in: Bools
    fixed_out: Bools
    least: Ints
    most: Ints
    low: Ints
    rows: Rows
    likes: Ints
    places: Ints
    slots: Slots | None = None

    @property
    def impossible(self) -> bool:
        """Whether somebody cannot have any number of partners."""
        return bool((self.least > self.most).any())

    @property
    def has_holes(self) -> bool:
        """Whether somebody may have nobody or several, and no number between."""
        return bool(((self.least == 0) & (self.low > 1) & (self.most > 0)).any())

    @property
    def only_numbers(self) -> bool:
        """Whether nothing is asked but pairs and numbers of partners: no row, hole, stability, or weekly time."""
        return not len(self.rows) and not self.has_holes and not len(self.likes) and self.slots is None

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

    def holds(self, chosen: Bools, slot: Ints | None = None) -> bool:
        """Whether the chosen columns keep every bound, row and decision, with these slots if there are any.

        Where no slots are given, some are looked for; a plan for which none are found in short time does not hold.
        """
        degrees = self.degrees(chosen)
        return (
            bool((degrees >= self.least).all() and (degrees <= self.most).all())
            and bool(((degrees == 0) | (degrees >= self.low)).all())
            and bool(chosen[self.fixed_in].all() and not chosen[self.fixed_out].any())
            and self.rows.kept_by(chosen)
            and not (len(self.likes) and self.blocking(chosen).any())
            and self.meeting(chosen, slot) is not None
        )

    def meeting(self, chosen: Bools, slot: Ints | None = None, near: Ints | None = None) -> Ints | None:
        """Slot of each pair column that is chosen and not easy, -1 of all others; None if none are found.

        Parameters
        ----------
        chosen : ndarray of bool, shape (columns,)
        slot : ndarray of int64, shape (pairs,), optional
            The slots that are known: nothing else is looked for.
        near : ndarray of int64, shape (pairs,), optional
            Slots that are tried first.
        """
        pairs, slots = self.columns.pairs, self.slots
        found = np.full(pairs, NONE, dtype=np.int64)
        if slots is None:
            return found
        hard = np.flatnonzero(chosen[:pairs] & ~slots.easy)
        i, j = self.columns.mentor[hard].astype(np.int64), self.columns.mentee[hard].astype(np.int64)
        if slot is not None:
            found[hard] = slot[hard]
            return found if slots.fit(i, j, slot[hard]) else None
        if near is not None and slots.fit(i, j, near[hard]):
            made: Ints | None = near[hard]
        else:
            made = timetable(slots, i, j, np.zeros(len(hard), dtype=bool), None if near is None else near[hard])
        if made is None:
            return None
        found[hard] = made
        return found

    def that_can_meet(self, pairs: Bools) -> Bools:
        """Some of these pairs, as many as find a slot that is open: pins first, then those with the fewest slots."""
        if self.slots is None:
            return pairs
        hard = np.flatnonzero(pairs & ~self.slots.easy)
        i, j = self.columns.mentor[hard].astype(np.int64), self.columns.mentee[hard].astype(np.int64)
        found = pairs.copy()
        found[hard] = placed(self.slots, i, j, self.fixed_in[hard])
        return found

    def blocking(self, chosen: Bools) -> Bools:
        """Pairs that are not chosen and that both people would rather have than what they hold."""
        pairs, n = self.columns.pairs, self.shape[0]
        held = chosen[:pairs]
        people = (self.columns.mentor[:pairs].astype(np.int64), n + self.columns.mentee[:pairs].astype(np.int64))
        has_room = self.degrees(chosen) < self.places
        found = np.zeros(pairs, dtype=bool)
        for likes in self.likes:
            wanted = ~held
            for person, like in zip(people, likes, strict=True):
                worst = np.full(sum(self.shape), np.iinfo(np.int64).max)
                np.minimum.at(worst, person[held], like[held])
                wanted &= has_room[person] | (worst[person] < like)
            found |= wanted
        return found

    def of_columns(self, kept: Ints) -> Model:
        """The same model of these columns alone, in order; pairs that are left out block nothing."""
        columns = self.columns
        return replace(
            self,
            columns=Columns(
                columns.kind[kept],
                columns.mentor[kept],
                columns.mentee[kept],
                columns.worth[:, kept],
                columns.score[kept[kept < columns.pairs]],
            ),
            fixed_in=self.fixed_in[kept],
            fixed_out=self.fixed_out[kept],
            rows=self.rows.on(kept, len(columns)),
            likes=self.likes[:, :, kept[kept < columns.pairs]],
            slots=None if self.slots is None else self.slots.of_columns(kept[kept < columns.pairs]),
        )

    def worthless(self) -> Model:
        """The same model, in which nothing is worth anything in any goal."""
        return replace(self, columns=replace(self.columns, worth=np.zeros_like(self.columns.worth)))

    def replace(self, **changes: object) -> Model:
        """Return the same model with some parts changed."""
        return replace(self, **changes)  # type: ignore[arg-type]
