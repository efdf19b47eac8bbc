"""A model's relaxation as arrays, and how it is solved: on the rows and columns that matter."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from revmatch.engines.basis import BASIC, Basis, column_keys, row_keys, slot_keys
from revmatch.engines.glop import Floats, Found, Part, Status
from revmatch.engines.mend import mended
from revmatch.engines.sessions import Sessions
from revmatch.engines.start import start_of
from revmatch.model import Kind, Model, brackets
from revmatch.model.slots import ROOMS
from revmatch.policy.sides import Bools, Ints

#: A pair that is above its prices by less than this part of a unit is so by rounding.
MOST_NOISE = 1 << 17
#: What a row may be missed by.
MISSED = 1e-6
#: Family of the rows by which slots add up to a pair that is in.
IN_PLAN = -3


@dataclass(frozen=True, slots=True)
class Solved:
    """What comes of a programme: values of columns, duals of rows, and the basis."""

    infeasible: bool
    value: Floats
    dual: Floats
    basis: Basis | None


def _scale(model: Model) -> Floats:
    """Power of two next to the largest number in each row."""
    most = np.ones(len(model.rows), dtype=np.int64)
    np.maximum.at(most, model.rows.row, np.abs(model.rows.coefficient))
    return np.asarray(2.0 ** np.floor(np.log2(most)))


class Programme:
    """A model's relaxation as arrays: pairs and switches as columns; people, then the model's rows, as rows.

    Somebody who may have nobody and whose having a partner counts has two rows: partners <= most x switch, and
    partners >= low x switch. Everybody else has one: least <= partners <= most.
    """

    def __init__(self, model: Model, goal: int | None, *, elastic: bool = False) -> None:
        self.model, self.goal = model, goal
        columns, n = model.columns, model.shape[0]
        people = sum(model.shape)
        self.used = np.flatnonzero((columns.kind == Kind.PAIR) | self._counting(goal))
        kind = columns.kind[self.used]
        place = np.full(len(columns), -1, dtype=np.int64)
        place[self.used] = np.arange(len(self.used))
        pair = np.flatnonzero(kind == Kind.PAIR)
        of = self.used[pair]
        person = np.concatenate([columns.mentor[of], columns.mentee[of] + n]).astype(np.int64)
        switch = np.flatnonzero(kind != Kind.PAIR)
        own = self.used[switch]
        who = np.where(kind[switch] == Kind.MENTOR_SWITCH, columns.mentor[own], columns.mentee[own] + n).astype(
            np.int64
        )
        self.lower, self.upper = np.zeros(len(self.used)), np.ones(len(self.used))
        self.lower[model.fixed_in[self.used]] = 1
        self.upper[model.fixed_out[self.used]] = 0
        self.lower[switch[model.least[who] > 0]] = 1
        self.upper[switch[model.most[who] == 0]] = 0
        self.worth = np.zeros(len(self.used)) if goal is None else columns.worth[goal][self.used].astype(np.float64)
        open_switch = model.least[who] == 0
        switched = np.zeros(people, dtype=bool)
        switched[who[open_switch]] = True
        theirs = np.flatnonzero(switched[person])
        #: Rows are divided by powers of two, so that what they count is near 1: solvers have tolerances.
        self.scale = _scale(model)
        low, most = np.maximum(model.low, 1), model.most
        rows, inf = model.rows, np.inf
        here = place[rows.column] >= 0
        parts = [
            (person, np.tile(pair, 2), np.ones(len(person))),  # partners against most
            (who[open_switch], switch[open_switch], -most[who[open_switch]].astype(np.float64)),
            (people + person[theirs], np.tile(pair, 2)[theirs], np.ones(len(theirs))),
            (people + who[open_switch], switch[open_switch], -low[who[open_switch]].astype(np.float64)),
            (
                2 * people + rows.row[here],
                place[rows.column[here]],
                rows.coefficient[here] / self.scale[rows.row[here]],
            ),
        ]
        self.row, self.column, self.count = (np.concatenate(part) for part in zip(*parts, strict=True))
        self.at_least = np.concatenate(
            [
                np.where(switched | (model.least == 0), -inf, model.least),
                np.where(switched, 0.0, -inf),
                np.where(rows.equal, rows.bound / self.scale, -inf),
            ]
        )
        self.at_most = np.concatenate([np.where(switched, 0.0, most), np.full(people, inf), rows.bound / self.scale])
        self.sessions = None if model.slots is None else Sessions.of(model, model.slots)
        if self.sessions is not None:
            self._add_sessions(self.sessions, place)
        if elastic:
            self._loosen(switched)

    def _counting(self, goal: int | None) -> Bools:
        """Switches that count in the goal or in a row."""
        columns, rows = self.model.columns, self.model.rows
        found = np.zeros(len(columns), dtype=bool) if goal is None else columns.worth[goal] != 0
        found[rows.column] = True
        return np.asarray(found & (columns.kind != Kind.PAIR))

    def switched(self) -> Ints:
        """Whose the switches are, mentors, then mentees; these columns come after those of pairs."""
        columns, own = self.model.columns, self.used[self.model.columns.pairs :]
        mentor = columns.kind[own] == Kind.MENTOR_SWITCH
        return np.where(mentor, columns.mentor[own], self.model.shape[0] + columns.mentee[own]).astype(np.int64)

    @cached_property
    def column_keys(self) -> Ints:
        """What each column stands for, whatever the others are; what was loosened has none."""
        keys = column_keys(self.model, self.used)
        if self.sessions is None or self.model.slots is None:
            return keys
        pair = keys[np.searchsorted(self.used, self.sessions.hard)][self.sessions.owner]
        return np.concatenate([keys, slot_keys(pair, self.sessions.slot, self.model.slots.count)])

    @cached_property
    def row_keys(self) -> Ints:
        """What each row stands for."""
        rows, sessions = self.model.rows, self.sessions
        family, key = [rows.family], [rows.key]
        if sessions is not None:
            in_plan = column_keys(self.model, sessions.hard[sessions.once])
            family += [np.full(len(in_plan), IN_PLAN), sessions.family]
            key += [in_plan, sessions.key]
        return row_keys(sum(self.model.shape), np.concatenate(family), np.concatenate(key))

    def _add_sessions(self, sessions: Sessions, place: Ints) -> None:
        """Slots in the place of their pairs, after all other columns; rows of crowds after all other rows.

        A pair that is in has a row as well: its slots add up to it. So has a pair that could be held twice.
        """
        first, once = len(self.used), sessions.once
        fixed = self.model.fixed_in[sessions.hard[once]]
        pair = place[sessions.hard][sessions.owner]  # of each slot
        slots, crowds = len(sessions.slot), len(sessions.bound)
        entries = np.argsort(self.column, kind="stable")
        begin = np.searchsorted(self.column[entries], [pair, pair + 1])
        each = begin[1] - begin[0]
        same = entries[np.repeat(begin[0] - np.cumsum(each) + each, each) + np.arange(int(each.sum()))]
        kept = ~np.isin(self.column, place[sessions.hard])
        inside = np.isin(sessions.owner, once)
        rows, of_pair = len(self.at_most), np.searchsorted(once, sessions.owner[inside])
        slot = first + np.arange(slots)
        self.row = np.concatenate([self.row[kept], self.row[same], rows + of_pair, rows + len(once) + sessions.row])
        self.column = np.concatenate([self.column[kept], np.repeat(slot, each), slot[inside], first + sessions.column])
        ones = np.ones(len(of_pair) + len(sessions.row))
        self.count = np.concatenate([self.count[kept], self.count[same], ones])
        self.worth = np.concatenate([self.worth, self.worth[pair]])
        self.lower = np.concatenate([self.lower, np.zeros(slots)])
        self.upper = np.concatenate([self.upper, np.ones(slots)])
        for of_pairs in (self.worth, self.lower, self.upper):
            of_pairs[place[sessions.hard]] = 0
        self.at_least = np.concatenate([self.at_least, np.where(fixed, 1, -np.inf), np.full(crowds, -np.inf)])
        self.at_most = np.concatenate([self.at_most, np.ones(len(once)), sessions.bound.astype(np.float64)])

    def _loosen(self, switched: Bools) -> None:
        """Let every bound of a row be missed, at a price of 1 for each unit."""
        people = len(switched)
        firm = np.zeros(len(self.at_most), dtype=bool)
        firm[:people], firm[people : 2 * people] = switched, True
        firm[2 * people + len(self.model.rows) : len(firm) - self.crowds] = True
        over = np.flatnonzero(~firm & np.isfinite(self.at_most))
        under = np.flatnonzero(~firm & np.isfinite(self.at_least))
        extra = len(over) + len(under)
        columns = len(self.worth) + np.arange(extra)
        self.row = np.concatenate([self.row, over, under])
        self.column = np.concatenate([self.column, columns])
        self.count = np.concatenate([self.count, -np.ones(len(over)), np.ones(len(under))])
        self.worth = np.concatenate([self.worth, -np.ones(extra)])
        self.lower = np.concatenate([self.lower, np.zeros(extra)])
        self.upper = np.concatenate([self.upper, np.full(extra, np.inf)])

    def held(self, value: Floats) -> Floats:
        """How much of each used column of the model is in; pairs by their slots."""
        found = value[: len(self.used)].copy()
        if self.sessions is not None:
            slots = value[len(self.used) : len(self.used) + len(self.sessions.slot)]
            found[self.sessions.hard] = np.bincount(self.sessions.owner, slots, minlength=len(self.sessions.hard))
        return found

    @property
    def crowds(self) -> int:
        """How many rows of crowds there are; they are the last."""
        return 0 if self.sessions is None else len(self.sessions.bound)

    def solve(self, start: Basis | None, seconds: float | None, *, mend: bool = False) -> Solved | None:
        """Solve; None if the solver came to no end.

        Most rows of crowds are kept without being asked for: they are left out, until an answer breaks them. And where
        a flow is a start, most columns are left out, until one is worth more than the prices of an answer.

        Parameters
        ----------
        start : Basis, optional
        seconds : float, optional
        mend : bool
            Of answers with weekly times that are worth as much, look for one without fractions.
        """
        if not len(self.worth):
            missed = bool((self.at_least > 0).any() or (self.at_most < 0).any())
            return Solved(missed, np.zeros(0), np.zeros(len(self.at_most)), None)
        deadline = None if seconds is None else time.monotonic() + seconds
        found = self._from_flow(deadline) if start is None or not len(start.rows) else None
        if found is None or found.infeasible:
            found = self._from(start, deadline)
        if found is None and self.sessions is not None:  # GLOP may give up on worths near 2**40, and not on small ones
            found = self._from(start, deadline, self._large())
        if found is None or found.infeasible:
            return None if found is None else Solved(True, found.value, found.dual, None)
        if mend and self.sessions is not None:
            value = mended(self, found, _left(deadline))
            found = found if value is None else replace(found, value=value)
        return self._whole(found)

    def _from_flow(self, deadline: float | None) -> Found | None:
        """Begin with a flow; None if there is none, or if it leads nowhere."""
        flow = None if self.goal is None else start_of(self)
        if flow is None:
            return None
        # where first partners count, most columns are worth the same: dual steps are very many then (80 s; primal 1)
        dual = not len(self.switched())
        return self._rounds(flow.seen, self._first_rows() | flow.asked, (flow.columns, flow.rows), dual, deadline)

    def _large(self) -> float:
        """The power of two in which worths are about a thousand, or 1."""
        most = float(np.abs(self.worth).max(initial=1))
        return float(2.0 ** max(0.0, np.floor(np.log2(most)) - 10))

    def _from(self, start: Basis | None, deadline: float | None, unit: float = 1.0) -> Found | None:
        """Begin where a programme like this one ended."""
        asked, dual = self._first_rows(), False
        status: Status | None = None
        if start is not None:
            rows = start.of_rows(self.row_keys)
            asked |= rows != BASIC  # rows that were tight
            # what was best is still priced right, and only breaks what has been decided since
            dual = not self._tempts(start)
            if len(self.worth) == len(self.column_keys):
                status = start.of_columns(self.column_keys), rows
        return self._rounds(np.ones(len(self.worth), dtype=bool), asked, status, dual, deadline, unit)

    def _first_rows(self) -> Bools:
        """All rows that ask for anything, but those of people's crowds, and of pairs that could be held twice."""
        asked: Bools = np.isfinite(self.at_least) | np.isfinite(self.at_most)
        if self.sessions is not None:
            first = len(asked) - self.crowds
            asked[first:] = self.sessions.family == ROOMS
            asked[first - len(self.sessions.once) : first] = self.model.fixed_in[self.sessions.hard[self.sessions.once]]
        return asked

    def _rounds(
        self, seen: Bools, asked: Bools, status: Status | None, dual: bool, deadline: float | None, unit: float = 1.0
    ) -> Found | None:
        """Solve on the columns that are seen and the rows that are asked; more, until nothing else matters."""
        while True:
            found = Part(self, seen, asked, unit=unit).solve(status, _left(deadline), dual=dual)
            if found is None or found.infeasible:
                return found
            broken = ~asked
            broken[broken] = self.sums(found.value)[broken] > self.at_most[broken] + MISSED
            tempting = ~seen & (self.upper > 0)
            tempting[tempting] = self.left_over(found.dual)[tempting] > MISSED
            if not broken.any() and not tempting.any():
                return found
            seen, asked, status = seen | tempting, asked | broken, found.status
            dual = not tempting.any()

    def _whole(self, found: Found) -> Solved:
        """An answer with its basis; rows in their own size."""
        dual = found.dual.copy()
        first = 2 * sum(self.model.shape)
        dual[first : first + len(self.scale)] /= self.scale
        basis = None
        if found.status is not None:
            columns, rows = found.status
            basis = Basis.of(self.column_keys, columns[: len(self.column_keys)], self.row_keys, rows)
        return Solved(False, found.value, dual, basis)

    def sums(self, value: Floats) -> Floats:
        """What columns add up to in each row."""
        return np.bincount(self.row, self.count * value[self.column], len(self.at_most)).astype(np.float64)

    def left_over(self, dual: Floats) -> Floats:
        """Worth of each column, less what it pays in its rows."""
        return self.worth - np.bincount(self.column, self.count * dual[self.row], len(self.worth))

    def _tempts(self, start: Basis) -> bool:
        """Whether a column that is new since the start beats its prices."""
        new = ~start.knows(self.column_keys[: self.model.columns.pairs])
        prices = start.prices_on(self.model)
        return bool((brackets(self.model, self.goal, prices)[new] > prices.unit // MOST_NOISE).any())


def _left(deadline: float | None) -> float | None:
    """Seconds until then."""
    return None if deadline is None else max(0.0, deadline - time.monotonic())
