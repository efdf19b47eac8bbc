"""The linear relaxation: prices and a ceiling where rows are asked besides numbers of partners.

Solved by OR-Tools' GLOP (revised simplex) or, where columns are very many, PDLP (D. Applegate and others, Practical
Large-Scale Linear Programming using Primal-Dual Hybrid Gradient, 2021). The model goes over as arrays, never as an
object a pair. What comes back are numbers with fractions: they are rounded to whole parts of a unit, and what the
rounded ones prove is added up exactly. So nothing rests on the solver's own tolerance.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from revmatch.engines.basis import Basis
from revmatch.engines.engine import Answer, Feature, Outcome
from revmatch.engines.prices import End
from revmatch.model import Kind, Model, Prices, brackets, total
from revmatch.policy.sides import Bools, Ints

Floats = npt.NDArray[np.float64]

#: Parts of a unit that are tried: prices of such programmes are mostly fractions with small denominators.
UNITS = (1, 2, 3, 4, 6, 12, 60, 840)
#: Then so many parts, as far as sums stay in 64 bits.
MOST_PARTS, MOST = 1 << 24, 1 << 60
#: From so many columns on, the first-order method: its prices are not exact, and sooner there.
MANY = 600_000
#: From so many pairs on, those nearest to known prices are asked first: so many a person, and more in so many tries.
FEW, FEW_EACH, TRIES = 8_000, 6, 12
#: A pair that is above its prices by less than this part of a unit is so by rounding.
MOST_NOISE = 1 << 17
#: Parts of a column that `Answer.part` counts; a column is whole up to the solver's tolerance.
WHOLE, TOLERANCE = 1_000_000, 1e-6
#: Worths beyond this are not exact in the solver.
WORTH_GUARD = 1 << 50


class Linear:
    """Engine for the relaxation of whatever is linear; gives prices, and a plan where its answer is whole."""

    name = "linear programme"
    features: frozenset[Feature] = frozenset({Feature.ROWS, Feature.HOLES, Feature.RELAXES})

    def refuses(self, model: Model, goal: int) -> str | None:
        """See `Engine`."""
        if int(np.abs(model.columns.worth[goal]).max(initial=0)) >= WORTH_GUARD:
            return "worths of 2**50 or more"
        return None

    def solve(
        self,
        model: Model,
        goal: int,
        *,
        hint: Bools | None = None,
        bound: int | None = None,
        seconds: float | None = None,
        start: Ints | None = None,
        end: End = "low",
        work: float | None = None,
        found: Callable[[Bools], None] | None = None,
    ) -> Answer:
        """See `Engine`; `start` is what an answer of this engine calls its basis."""
        deadline = None if seconds is None else time.monotonic() + seconds
        basis = None if start is None else Basis.unpacked(start)
        if basis is not None and model.columns.pairs > FEW:
            answer = _on_few(model, goal, basis, deadline)
            if answer is not None:
                return answer
        answer = None if basis is None else _solved(model, goal, basis, deadline)
        if answer is None:  # a start that leads nowhere is left
            answer = _solved(model, goal, None, deadline)
        if answer is None:
            return Answer(Outcome.UNKNOWN)
        return _refuted(model, deadline) if answer.outcome is Outcome.INFEASIBLE else answer


def _solved(model: Model, goal: int, start: Basis | None, deadline: float | None) -> Answer | None:
    """Solve on the columns that may be in; None if the solver came to no end."""
    part = _Part.of(model, start)
    programme = _Programme(part.model, goal)
    solved = programme.solve(start, _left(deadline))
    if solved is None:
        return None
    return Answer(Outcome.INFEASIBLE) if solved.infeasible else part.answer(goal, programme, solved)


def _refuted(model: Model, deadline: float | None) -> Answer:
    """Prices that prove that no plan exists: those of the smallest sum by which bounds can be missed."""
    part = _Part.of(model, None)
    elastic = _Programme(part.model, None, elastic=True)
    solved = elastic.solve(None, _left(deadline))
    if solved is None or solved.infeasible:
        return Answer(Outcome.UNKNOWN)
    prices = _rounded(part.model, None, elastic, solved)
    refuted = total(part.model, None, prices) < 0
    return Answer(Outcome.INFEASIBLE, prices=prices) if refuted else Answer(Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Part:
    """The columns of a model that the solver sees: those that are not out, and those that are basic in its start.

    Parameters
    ----------
    whole, model : Model
    columns : ndarray of int64
        Those of the whole that the model has.
    """

    whole: Model
    model: Model
    columns: Ints

    @classmethod
    def of(cls, whole: Model, start: Basis | None) -> _Part:
        seen = ~whole.fixed_out
        if start is not None:  # else the start would not fit where a decision has put one out
            seen |= start.basic(whole)
        columns = np.flatnonzero(seen)
        return cls(whole, whole.of_columns(columns), columns)

    def answer(self, goal: int | None, programme: _Programme, solved: _Solved) -> Answer:
        """What the solver's numbers say of the whole."""
        prices = _rounded(self.model, goal, programme, solved)
        basis = None if solved.basis is None else solved.basis.with_prices(prices).packed()
        pairs = self.whole.columns.pairs
        part = np.zeros(len(self.whole.columns), dtype=np.int64)
        part[self.columns[programme.used]] = np.rint(solved.value[: len(programme.used)] * WHOLE)
        if (np.minimum(np.abs(part), np.abs(part - WHOLE))[:pairs] <= WHOLE * TOLERANCE).all():
            chosen = part[:pairs] > WHOLE // 2
            held = self.whole.with_switches(chosen)
            value = 0 if goal is None else self.whole.value(held, goal)
            if self.whole.holds(held) and value == total(self.model, goal, prices) // prices.unit:
                return Answer(Outcome.OPTIMAL, chosen, prices=prices, part=part, basis=basis)
        return Answer(Outcome.RELAXED, prices=prices, part=part, basis=basis)


def _scale(model: Model) -> Floats:
    """Power of two next to the largest number in each row."""
    most = np.ones(len(model.rows), dtype=np.int64)
    np.maximum.at(most, model.rows.row, np.abs(model.rows.coefficient))
    return np.asarray(2.0 ** np.floor(np.log2(most)))


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def _on_few(model: Model, goal: int, start: Basis, deadline: float | None) -> Answer | None:
    """Solve on the pairs that are nearest to the prices of the start; more, until no other pair beats the prices.

    None if nothing comes of it: then all are asked.
    """
    bracket = brackets(model, goal, start.prices_on(model))
    count = FEW_EACH * sum(model.shape)
    free = model.free[: len(bracket)]
    if int(free.sum()) <= 2 * count:
        return None
    near = ~free | (bracket >= np.partition(bracket[free], -count)[-count])
    basis: Basis | None = start
    for _ in range(TRIES):
        out = model.fixed_out.copy()
        out[: len(near)] |= ~near
        answer = _solved(model.replace(fixed_out=out), goal, basis, deadline)
        if answer is None or answer.prices is None:
            return None
        # rounding puts pairs that are at their prices a part or two above them
        beats = brackets(model, goal, answer.prices) > answer.prices.unit // MOST_NOISE
        if not (beats & ~near).any():
            return answer
        near |= beats
        basis = None if answer.basis is None else Basis.unpacked(answer.basis)
    return None


@dataclass(frozen=True, slots=True)
class _Solved:
    """What the solver says: values of columns, duals of rows, and its basis."""

    infeasible: bool
    value: Floats
    dual: Floats
    basis: Basis | None


class _Programme:
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
        if elastic:
            self._loosen(switched)

    def _counting(self, goal: int | None) -> Bools:
        """Switches that count in the goal or in a row."""
        columns, rows = self.model.columns, self.model.rows
        found = np.zeros(len(columns), dtype=bool) if goal is None else columns.worth[goal] != 0
        found[rows.column] = True
        return np.asarray(found & (columns.kind != Kind.PAIR))

    def _loosen(self, switched: Bools) -> None:
        """Let every bound of a row be missed, at a price of 1 for each unit."""
        people = len(switched)
        firm = np.concatenate([switched, np.ones(people, dtype=bool), np.zeros(len(self.model.rows), dtype=bool)])
        over = np.flatnonzero(~firm & np.isfinite(self.at_most))
        under = np.flatnonzero(~firm & np.isfinite(self.at_least))
        extra = len(over) + len(under)
        columns = len(self.used) + np.arange(extra)
        self.row = np.concatenate([self.row, over, under])
        self.column = np.concatenate([self.column, columns])
        self.count = np.concatenate([self.count, -np.ones(len(over)), np.ones(len(under))])
        self.worth = np.concatenate([self.worth, -np.ones(extra)])
        self.lower = np.concatenate([self.lower, np.zeros(extra)])
        self.upper = np.concatenate([self.upper, np.full(extra, np.inf)])

    def solve(self, start: Basis | None, seconds: float | None) -> _Solved | None:
        """Solve; None if the solver came to no end."""
        from ortools.math_opt import parameters_pb2 as parameters
        from ortools.math_opt import result_pb2
        from ortools.math_opt.core.python import solver

        if not len(self.worth):
            missed = bool((self.at_least > 0).any() or (self.at_most < 0).any())
            return _Solved(missed, np.zeros(0), np.zeros(len(self.at_most)), None)
        many = len(self.worth) > MANY
        how = parameters.SolveParametersProto()
        if start is not None and not self._tempts(start):
            # what was best is still priced right, and only breaks what has been decided since
            how.lp_algorithm = parameters.LP_ALGORITHM_DUAL_SIMPLEX
        if seconds is not None:
            how.time_limit.FromNanoseconds(max(1, int(seconds * 1e9)))
        try:
            result = self._called(solver.solve, many=many, how=how, start=None if many else start)
        except Exception as error:
            from ortools.math_opt.python.solve import StatusNotOk  # takes long to load, and is hardly ever needed

            if not isinstance(error, StatusNotOk):
                raise
            return None  # "ABNORMAL": a start can lead there
        reason = result.termination.reason
        if reason in (result_pb2.TERMINATION_REASON_INFEASIBLE, result_pb2.TERMINATION_REASON_INFEASIBLE_OR_UNBOUNDED):
            return _Solved(True, np.zeros(0), np.zeros(0), None)
        for found in result.solutions:
            if found.HasField("primal_solution") and found.HasField("dual_solution"):
                value, dual = np.zeros(len(self.worth)), np.zeros(len(self.at_most))
                values, duals = found.primal_solution.variable_values, found.dual_solution.dual_values
                value[np.array(values.ids, dtype=np.int64)] = values.values
                dual[np.array(duals.ids, dtype=np.int64)] = duals.values
                dual[2 * sum(self.model.shape) :] /= self.scale
                basis = Basis.of(self.model, self.used, found.basis) if found.HasField("basis") else None
                return _Solved(False, value, dual, basis)
        return None

    def _tempts(self, start: Basis) -> bool:
        """Whether a column that is new since the start beats its prices."""
        new = ~start.knows(self.model, self.used)[: self.model.columns.pairs]
        prices = start.prices_on(self.model)
        return bool((brackets(self.model, self.goal, prices)[new] > prices.unit // MOST_NOISE).any())

    def _called(self, call: Any, *, many: bool, how: Any, start: Basis | None) -> Any:
        from ortools.math_opt import callback_pb2, model_parameters_pb2, parameters_pb2

        with_basis = model_parameters_pb2.ModelSolveParametersProto()
        if start is not None and len(self.worth) == len(self.used):
            start.onto(self.model, self.used, with_basis.initial_basis)
        kind = parameters_pb2.SOLVER_TYPE_PDLP if many else parameters_pb2.SOLVER_TYPE_GLOP
        others = (None, callback_pb2.CallbackRegistrationProto(), None, None)
        return call(self._proto(), kind, parameters_pb2.SolverInitializerProto(), how, with_basis, *others)

    def _proto(self) -> Any:
        from ortools.math_opt import model_pb2

        proto = model_pb2.ModelProto()
        count, rows = len(self.worth), len(self.at_most)
        proto.variables.ids.extend(range(count))
        proto.variables.lower_bounds.extend(self.lower.tolist())
        proto.variables.upper_bounds.extend(self.upper.tolist())
        proto.variables.integers.extend([False] * count)
        proto.objective.maximize = True
        worth = np.flatnonzero(self.worth)
        proto.objective.linear_coefficients.ids.extend(worth.tolist())
        proto.objective.linear_coefficients.values.extend(self.worth[worth].tolist())
        proto.linear_constraints.ids.extend(range(rows))
        proto.linear_constraints.lower_bounds.extend(self.at_least.tolist())
        proto.linear_constraints.upper_bounds.extend(self.at_most.tolist())
        order = np.lexsort((self.column, self.row))
        matrix = proto.linear_constraint_matrix
        matrix.row_ids.extend(self.row[order].tolist())
        matrix.column_ids.extend(self.column[order].tolist())
        matrix.coefficients.extend(self.count[order].tolist())
        return proto


def _rounded(model: Model, goal: int | None, programme: _Programme, solved: _Solved) -> Prices:
    """The duals in whole parts of a unit: of several units the one that proves most, and of equals the smallest."""
    people = sum(model.shape)
    person, row = solved.dual[:people] + solved.dual[people : 2 * people], solved.dual[2 * people :]
    row = np.where(model.rows.equal, row, np.maximum(row, 0))
    worthy = bool(programme.worth.any()) and goal is not None
    finest = max(1, int(MOST / max(1.0, _size(model, programme, person, row, worthy=worthy))))
    best: tuple[Prices, int] | None = None
    for unit in (*(unit for unit in UNITS if unit <= finest), min(MOST_PARTS, finest), finest):
        whole = np.rint(person * unit).astype(np.int64), np.rint(row * unit).astype(np.int64)
        # where nothing is worth anything, prices are prices in any unit
        prices = Prices.with_rows(model, *whole, unit if worthy else 1)
        found = total(model, goal, prices)
        if best is None or _proves_more(found, prices.unit, best):
            best = prices, found
        nearest = max(np.abs(whole[0] - person * unit).max(initial=0), np.abs(whole[1] - row * unit).max(initial=0))
        if nearest < TOLERANCE:  # these are the duals themselves: no finer unit proves more
            break
    assert best is not None
    return best[0]


def _size(model: Model, programme: _Programme, person: Floats, row: Floats, *, worthy: bool) -> float:
    """No sum that is made of these prices, over everything or over a pair, is larger, before they are multiplied."""
    rows = np.maximum(programme.scale * 2, np.abs(model.rows.bound))
    largest = float(max(np.abs(model.columns.worth).max(initial=1), np.abs(model.columns.score).max(initial=1)))
    unit = largest if worthy else 0.0
    size = float(np.abs(person).sum()) * float(max(1, model.most.max(initial=1)))
    size += float((np.abs(row) * rows).sum()) + unit + largest * float(np.abs(row).sum())
    each = 2 * float(np.abs(person).max(initial=0)) + float((np.abs(row) * rows).max(initial=0))
    return 4 * (size + worthy * float(np.abs(programme.worth).sum()) + model.columns.pairs * each)


def _proves_more(found: int, unit: int, best: tuple[Prices, int]) -> bool:
    """Whether a sum is lower than the best so far; in a very fine unit only if that shows in whole units."""
    if unit > MOST_PARTS:
        return found // unit < best[1] // best[0].unit
    return found * best[0].unit < best[1] * unit
