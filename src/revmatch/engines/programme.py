"""A model's relaxation as arrays, and as the solvers hold it: OR-Tools' GLOP, or PDLP where columns are very many.

The model goes over as arrays, never as an object a pair.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from revmatch.engines.basis import BASIC, Basis, column_keys, row_keys, slot_keys
from revmatch.engines.sessions import Sessions
from revmatch.model import Kind, Model, brackets
from revmatch.model.slots import ROOMS
from revmatch.policy.sides import Bools, Ints

Floats = npt.NDArray[np.float64]

#: From so many columns on, the first-order method: its prices are not exact, and sooner there.
MANY = 600_000
#: A pair that is above its prices by less than this part of a unit is so by rounding.
MOST_NOISE = 1 << 17
#: What a row may be missed by.
MISSED = 1e-6
#: Family of the rows by which slots add up to a pair that is in.
IN_PLAN = -3


@dataclass(frozen=True, slots=True)
class Solved:
    """What the solver says: values of columns, duals of rows, and its basis."""

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
            in_plan = column_keys(self.model, sessions.hard[self.model.fixed_in[sessions.hard]])
            family += [np.full(len(in_plan), IN_PLAN), sessions.family]
            key += [in_plan, sessions.key]
        return row_keys(sum(self.model.shape), np.concatenate(family), np.concatenate(key))

    def _add_sessions(self, sessions: Sessions, place: Ints) -> None:
        """Slots in the place of their pairs, after all other columns; rows of crowds after all other rows.

        A pair that is in has a row as well: its slots add up to it.
        """
        first, fixed = len(self.used), np.flatnonzero(self.model.fixed_in[sessions.hard])
        pair = place[sessions.hard][sessions.owner]  # of each slot
        slots, crowds = len(sessions.slot), len(sessions.bound)
        entries = np.argsort(self.column, kind="stable")
        begin = np.searchsorted(self.column[entries], [pair, pair + 1])
        each = begin[1] - begin[0]
        same = entries[np.repeat(begin[0] - np.cumsum(each) + each, each) + np.arange(int(each.sum()))]
        kept = ~np.isin(self.column, place[sessions.hard])
        inside = np.isin(sessions.owner, fixed)
        rows, of_fixed = len(self.at_most), np.searchsorted(fixed, sessions.owner[inside])
        slot = first + np.arange(slots)
        self.row = np.concatenate([self.row[kept], self.row[same], rows + of_fixed, rows + len(fixed) + sessions.row])
        self.column = np.concatenate([self.column[kept], np.repeat(slot, each), slot[inside], first + sessions.column])
        ones = np.ones(len(of_fixed) + len(sessions.row))
        self.count = np.concatenate([self.count[kept], self.count[same], ones])
        self.worth = np.concatenate([self.worth, self.worth[pair]])
        self.lower = np.concatenate([self.lower, np.zeros(slots)])
        self.upper = np.concatenate([self.upper, np.ones(slots)])
        for of_pairs in (self.worth, self.lower, self.upper):
            of_pairs[place[sessions.hard]] = 0
        self.at_least = np.concatenate([self.at_least, np.ones(len(fixed)), np.full(crowds, -np.inf)])
        self.at_most = np.concatenate([self.at_most, np.ones(len(fixed)), sessions.bound.astype(np.float64)])

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

    def solve(self, start: Basis | None, seconds: float | None) -> Solved | None:
        """Solve; None if the solver came to no end.

        Most rows of crowds are kept without being asked for: they are left out, until an answer breaks them.
        """
        if not len(self.worth):
            missed = bool((self.at_least > 0).any() or (self.at_most < 0).any())
            return Solved(missed, np.zeros(0), np.zeros(len(self.at_most)), None)
        deadline = None if seconds is None else time.monotonic() + seconds
        asked = np.ones(len(self.at_most), dtype=bool)
        if self.sessions is not None:
            asked[len(asked) - self.crowds :] = self.sessions.family == ROOMS
            if start is not None:  # rows that were tight
                asked |= start.of_rows(self.row_keys) != BASIC
        raw = None
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            solved, raw = self._solved(asked, start, raw, left)
            if solved is None or solved.infeasible or asked.all():
                return solved
            broken = ~asked
            broken[broken] = self._sums(solved.value)[broken] > self.at_most[broken] + MISSED
            if not broken.any():
                return solved
            asked |= broken
            if raw is None:  # of a method that has none
                continue
            raw.constraint_status.ids.extend(np.flatnonzero(broken).tolist())
            raw.constraint_status.values.extend([BASIC] * int(broken.sum()))

    def _sums(self, value: Floats) -> Floats:
        """What columns add up to in each row."""
        return np.bincount(self.row, self.count * value[self.column], len(self.at_most)).astype(np.float64)

    def _solved(self, asked: Bools, start: Basis | None, raw: Any, seconds: float | None) -> tuple[Solved | None, Any]:
        """What the solver says of some of the rows, None if it came to no end; and its basis as it gives it."""
        from ortools.math_opt import parameters_pb2 as parameters
        from ortools.math_opt import result_pb2
        from ortools.math_opt.core.python import solver

        many = len(self.worth) > MANY
        how = parameters.SolveParametersProto()
        if raw is not None or (start is not None and not self._tempts(start)):
            # what was best is still priced right, and only breaks what has been decided since
            how.lp_algorithm = parameters.LP_ALGORITHM_DUAL_SIMPLEX
        if seconds is not None:
            how.time_limit.FromNanoseconds(max(1, int(seconds * 1e9)))
        try:
            result = self._called(solver.solve, asked, many=many, how=how, start=None if many else start, raw=raw)
        except Exception as error:
            from ortools.math_opt.python.solve import StatusNotOk  # takes long to load, and is hardly ever needed

            if not isinstance(error, StatusNotOk):
                raise
            return None, None  # "ABNORMAL": a start can lead there
        reason = result.termination.reason
        if reason in (result_pb2.TERMINATION_REASON_INFEASIBLE, result_pb2.TERMINATION_REASON_INFEASIBLE_OR_UNBOUNDED):
            return Solved(True, np.zeros(0), np.zeros(0), None), None
        for found in result.solutions:
            if found.HasField("primal_solution") and found.HasField("dual_solution"):
                return self._read(found), found.basis if found.HasField("basis") else None
        return None, None

    def _read(self, found: Any) -> Solved:
        """Numbers of a solution."""
        value, dual = np.zeros(len(self.worth)), np.zeros(len(self.at_most))
        values, duals = found.primal_solution.variable_values, found.dual_solution.dual_values
        value[np.array(values.ids, dtype=np.int64)] = values.values
        dual[np.array(duals.ids, dtype=np.int64)] = duals.values
        first = 2 * sum(self.model.shape)
        dual[first : first + len(self.scale)] /= self.scale
        known = found.HasField("basis")
        return Solved(False, value, dual, Basis.of(self.column_keys, self.row_keys, found.basis) if known else None)

    def _tempts(self, start: Basis) -> bool:
        """Whether a column that is new since the start beats its prices."""
        new = ~start.knows(self.column_keys[: self.model.columns.pairs])
        prices = start.prices_on(self.model)
        return bool((brackets(self.model, self.goal, prices)[new] > prices.unit // MOST_NOISE).any())

    def _called(self, call: Any, asked: Bools, *, many: bool, how: Any, start: Basis | None, raw: Any) -> Any:
        from ortools.math_opt import callback_pb2, model_parameters_pb2, parameters_pb2

        with_basis = model_parameters_pb2.ModelSolveParametersProto()
        if raw is not None:
            _sorted_onto(raw, with_basis.initial_basis)
        elif start is not None and len(self.worth) == len(self.column_keys):
            start.onto(self.column_keys, self.row_keys, np.flatnonzero(asked), with_basis.initial_basis)
        kind = parameters_pb2.SOLVER_TYPE_PDLP if many else parameters_pb2.SOLVER_TYPE_GLOP
        others = (None, callback_pb2.CallbackRegistrationProto(), None, None)
        return call(self._proto(asked), kind, parameters_pb2.SolverInitializerProto(), how, with_basis, *others)

    def _proto(self, asked: Bools) -> Any:
        from ortools.math_opt import model_pb2

        proto = model_pb2.ModelProto()
        count = len(self.worth)
        proto.variables.ids.extend(range(count))
        proto.variables.lower_bounds.extend(self.lower.tolist())
        proto.variables.upper_bounds.extend(self.upper.tolist())
        proto.variables.integers.extend([False] * count)
        proto.objective.maximize = True
        worth = np.flatnonzero(self.worth)
        proto.objective.linear_coefficients.ids.extend(worth.tolist())
        proto.objective.linear_coefficients.values.extend(self.worth[worth].tolist())
        proto.linear_constraints.ids.extend(np.flatnonzero(asked).tolist())
        proto.linear_constraints.lower_bounds.extend(self.at_least[asked].tolist())
        proto.linear_constraints.upper_bounds.extend(self.at_most[asked].tolist())
        order = np.lexsort((self.column, self.row))
        order = order[asked[self.row[order]]]
        matrix = proto.linear_constraint_matrix
        matrix.row_ids.extend(self.row[order].tolist())
        matrix.column_ids.extend(self.column[order].tolist())
        matrix.coefficients.extend(self.count[order].tolist())
        return proto


def _sorted_onto(raw: Any, proto: Any) -> None:
    """A basis of which rows have been added, in the order of their numbers."""
    for some, onto in (
        (raw.variable_status, proto.variable_status),
        (raw.constraint_status, proto.constraint_status),
    ):
        ids, values = np.array(some.ids, dtype=np.int64), np.array(some.values, dtype=np.int64)
        order = np.argsort(ids)
        onto.ids.extend(ids[order].tolist())
        onto.values.extend(values[order].tolist())
