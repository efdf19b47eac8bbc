"""Part of a linear programme as OR-Tools holds it: GLOP, or PDLP where columns are very many.

The model goes over as arrays, never as an object a pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from revmatch.engines.basis import AT_LOWER, BASIC
from revmatch.policy.sides import Bools, Ints

if TYPE_CHECKING:
    from revmatch.engines.programme import Programme

Floats = npt.NDArray[np.float64]
#: How columns and rows stand.
Status = tuple[Ints, Ints]

#: From so many columns on, the first-order method: its prices are not exact, and sooner there.
MANY = 600_000
#: Branches that a search for whole numbers may look at.
NODES = 100


@dataclass(frozen=True, slots=True)
class Found:
    """What the solver says, of the whole programme: what it has not seen is 0, what it was not asked is slack.

    Parameters
    ----------
    infeasible : bool
    value, dual : ndarray of float64
    status : tuple of two ndarray of int64, optional
        How columns and rows ended, where the method knows.
    """

    infeasible: bool
    value: Floats
    dual: Floats
    status: Status | None


@dataclass(frozen=True, slots=True)
class Part:
    """Some columns and some rows of a programme.

    Parameters
    ----------
    whole : Programme
    seen, asked : ndarray of bool
        Columns and rows.
    others : ndarray of float64, optional
        Values at which the other columns stay; 0 by default.
    unit : float
        What counts as 1 in worths; a power of two.
    """

    whole: Programme
    seen: Bools
    asked: Bools
    others: Floats | None = None
    unit: float = 1.0

    def solve(self, start: Status | None, seconds: float | None, *, dual: bool) -> Found | None:
        """What the solver says; None if it came to no end.

        Parameters
        ----------
        start : tuple of two ndarray of int64, optional
            How columns and rows of the programme stand at first. Left, if it does not fit.
        seconds : float, optional
        dual : bool
            By the dual simplex method: the start is priced right.
        """
        from ortools.math_opt import parameters_pb2 as parameters
        from ortools.math_opt import result_pb2

        how = parameters.SolveParametersProto()
        if dual:
            how.lp_algorithm = parameters.LP_ALGORITHM_DUAL_SIMPLEX
            # times of a pair are worth the same: most steps gain nothing, and are very many (measured: 100 s, now 2)
            how.glop.perturb_costs_in_dual_simplex = self.whole.sessions is not None
        if seconds is not None:
            how.time_limit.FromNanoseconds(max(1, int(seconds * 1e9)))
        try:
            result = self.called(how, start)
        except Exception as error:
            if not _is_refusal(error):
                raise
            return None  # "ABNORMAL": a start can lead there
        reason = result.termination.reason
        if reason in (result_pb2.TERMINATION_REASON_INFEASIBLE, result_pb2.TERMINATION_REASON_INFEASIBLE_OR_UNBOUNDED):
            return Found(True, np.zeros(0), np.zeros(0), None)
        for found in result.solutions:
            if found.HasField("primal_solution") and found.HasField("dual_solution"):
                return self._read(found)
        return None

    def called(self, how: Any, start: Status | None) -> Any:
        """The solver's own answer."""
        from ortools.math_opt import callback_pb2, model_parameters_pb2, parameters_pb2
        from ortools.math_opt.core.python import solver

        many = int(self.seen.sum()) > MANY
        begin = model_parameters_pb2.ModelSolveParametersProto()
        if start is not None and not many:
            self._begin(start, begin.initial_basis)
        kind = parameters_pb2.SOLVER_TYPE_PDLP if many else parameters_pb2.SOLVER_TYPE_GLOP
        others = (None, callback_pb2.CallbackRegistrationProto(), None, None)
        return solver.solve(self._proto(), kind, parameters_pb2.SolverInitializerProto(), how, begin, *others)

    def in_whole_numbers(self, seconds: float | None) -> Floats | None:
        """Values of all columns, whole where they are seen; None if none are found with little work."""
        from ortools.math_opt import callback_pb2, model_parameters_pb2, parameters_pb2
        from ortools.math_opt.core.python import solver

        proto, how = self._proto(), parameters_pb2.SolveParametersProto()
        del proto.variables.integers[:]
        proto.variables.integers.extend([True] * len(proto.variables.ids))
        how.node_limit = NODES
        if seconds is not None:
            how.time_limit.FromNanoseconds(max(1, int(seconds * 1e9)))
        begin, others = model_parameters_pb2.ModelSolveParametersProto(), (None, None)
        call = (proto, parameters_pb2.SOLVER_TYPE_GSCIP, parameters_pb2.SolverInitializerProto(), how, begin, None)
        try:
            result = solver.solve(*call, callback_pb2.CallbackRegistrationProto(), *others)
        except Exception as error:
            if not _is_refusal(error):
                raise
            return None
        for found in result.solutions:
            if found.HasField("primal_solution"):
                value = np.zeros(len(self.whole.worth)) if self.others is None else self.others.copy()
                values = found.primal_solution.variable_values
                value[np.array(values.ids, dtype=np.int64)] = np.rint(values.values)
                return value
        return None

    def _begin(self, start: Status, proto: Any) -> None:
        """Begin here, if as many are basic as there are rows."""
        columns, rows = np.flatnonzero(self.seen), np.flatnonzero(self.asked)
        if np.count_nonzero(start[0][columns] == BASIC) + np.count_nonzero(start[1][rows] == BASIC) != len(rows):
            return
        for some, status, onto in (
            (columns, start[0], proto.variable_status),
            (rows, start[1], proto.constraint_status),
        ):
            onto.ids.extend(some.tolist())
            onto.values.extend(status[some].tolist())

    def _proto(self) -> Any:
        from ortools.math_opt import model_pb2

        whole, asked, columns, proto = self.whole, self.asked, np.flatnonzero(self.seen), model_pb2.ModelProto()
        proto.variables.ids.extend(columns.tolist())
        proto.variables.lower_bounds.extend(whole.lower[columns].tolist())
        proto.variables.upper_bounds.extend(whole.upper[columns].tolist())
        proto.variables.integers.extend([False] * len(columns))
        proto.objective.maximize = True
        worth = columns[whole.worth[columns] != 0]
        proto.objective.linear_coefficients.ids.extend(worth.tolist())
        proto.objective.linear_coefficients.values.extend((whole.worth[worth] / self.unit).tolist())
        proto.linear_constraints.ids.extend(np.flatnonzero(asked).tolist())
        held = 0.0 if self.others is None else whole.sums(self.others)[asked]
        proto.linear_constraints.lower_bounds.extend((whole.at_least[asked] - held).tolist())
        proto.linear_constraints.upper_bounds.extend((whole.at_most[asked] - held).tolist())
        order = np.flatnonzero(asked[whole.row] & self.seen[whole.column])
        order = order[np.lexsort((whole.column[order], whole.row[order]))]
        matrix = proto.linear_constraint_matrix
        matrix.row_ids.extend(whole.row[order].tolist())
        matrix.column_ids.extend(whole.column[order].tolist())
        matrix.coefficients.extend(whole.count[order].tolist())
        return proto

    def _read(self, found: Any) -> Found:
        """Numbers of a solution."""
        whole = self.whole
        value, dual = np.zeros(len(whole.worth)), np.zeros(len(whole.at_most))
        values, duals = found.primal_solution.variable_values, found.dual_solution.dual_values
        value[np.array(values.ids, dtype=np.int64)] = values.values
        dual[np.array(duals.ids, dtype=np.int64)] = np.array(duals.values) * self.unit
        if not found.HasField("basis"):
            return Found(False, value, dual, None)
        columns, rows = np.full(len(value), AT_LOWER), np.full(len(dual), BASIC)
        for status, said in ((columns, found.basis.variable_status), (rows, found.basis.constraint_status)):
            status[np.array(said.ids, dtype=np.int64)] = said.values
        return Found(False, value, dual, (columns, rows))


def _is_refusal(error: Exception) -> bool:
    """Whether it is the solver that says no."""
    from ortools.math_opt.python.solve import StatusNotOk  # takes long to load, and is hardly ever needed

    return isinstance(error, StatusNotOk)
