"""CP-SAT: for whatever is not a flow.

Set up against its known faults: one worker and a fixed seed, no signal handler, no gap limits, and the parameter
without which presolve can overflow and call a worse plan optimal. An OPTIMAL or INFEASIBLE is reported only if a
second solve without presolve agrees. Nothing is read that the status does not allow, and values are recomputed from
the columns in whole numbers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from revmatch.engines.engine import Answer, Feature, Outcome
from revmatch.engines.parts import Whole, parts
from revmatch.engines.prices import End
from revmatch.errors import EngineError, Problem
from revmatch.model import Kind, Model
from revmatch.model.slots import NONE, Slots
from revmatch.policy.sides import Bools, Ints

#: Coefficients of a row that add up to this can overflow in presolve (google/or-tools issue 5293).
PRESOLVE_GUARD = 1 << 28
#: Totals beyond this are not exact in the solver's response.
TOTAL_GUARD = 1 << 53


class CpSat:
    """Exact engine for everything a model can hold; slow where pairs are many."""

    name = "CP-SAT"
    features: frozenset[Feature] = frozenset({Feature.ROWS, Feature.HOLES, Feature.STABLE, Feature.SLOTS})

    def refuses(self, model: Model, goal: int) -> str | None:
        """See `Engine`."""
        if sum(map(int, np.abs(model.columns.worth[goal]))) >= TOTAL_GUARD:
            return "totals could reach 2**53"
        if max(_row_totals(model), default=0) >= TOTAL_GUARD:
            return "the coefficients of a row add up to 2**53 or more"
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
        """See `Engine`; `bound` and `hint` guide the search and are never taken for proof. No prices: no `start`."""
        deadline = None if seconds is None else time.monotonic() + seconds
        each = parts(model)
        if len(each) == 1:
            return _solved(model, goal, hint=hint, bound=bound, deadline=deadline, work=work, found=found)
        whole = Whole(model, each, hint, found)
        share = None if work is None else work / sum(len(part.columns) for part in each)
        return whole.answer(
            (
                _solved(
                    part.model,
                    goal,
                    hint=None if hint is None else whole.hint_of(part, hint),
                    bound=None,
                    deadline=deadline,
                    work=None if share is None else share * len(part.columns),
                    found=whole.telling(k),
                )
                for k, part in enumerate(each)
            ),
            bound,
        )


def _solved(
    model: Model,
    goal: int,
    *,
    hint: Bools | None,
    bound: int | None,
    deadline: float | None,
    work: float | None,
    found: Callable[[Bools], None] | None,
) -> Answer:
    """Solve once, and, where that is said to be the end of it, a second time to make sure."""
    built = _Built(model, goal)
    safe = max(_row_totals(model), default=0) < PRESOLVE_GUARD
    first = built.solve(presolve=safe, hint=hint, bound=bound, deadline=deadline, work=work, found=found)
    if work is not None or first.outcome not in (Outcome.OPTIMAL, Outcome.INFEASIBLE):
        return first
    second = built.solve(presolve=False, hint=first.pairs, bound=None, deadline=deadline, found=found)
    return _agreed(model, goal, first, second)


def _agreed(model: Model, goal: int, first: Answer, second: Answer) -> Answer:
    """What two solves of the same model say together."""
    if second.outcome is first.outcome and second.bound == first.bound:
        return first
    best = max(
        (answer for answer in (first, second) if answer.pairs is not None), key=_value(model, goal), default=None
    )
    if second.outcome in (Outcome.OPTIMAL, Outcome.INFEASIBLE):
        raise EngineError(
            Problem("RM901", "CP-SAT", f"two solves contradict each other: {first.outcome}, {second.outcome}")
        )
    if best is None:
        return Answer(Outcome.UNKNOWN)
    return Answer(Outcome.FEASIBLE, best.pairs, bound=second.bound, slot=best.slot)


def _value(model: Model, goal: int) -> Any:
    return lambda answer: model.value(model.with_switches(answer.pairs), goal)


class _Built:
    """A model as CP-SAT holds it. Variables have no names: nobody's id leaves the process in a dump."""

    def __init__(self, model: Model, goal: int) -> None:
        from ortools.sat.python import cp_model

        self.model, self.goal = model, goal
        self.cp = cp_model.CpModel()
        columns = model.columns
        self.used = np.flatnonzero(~model.fixed_out)
        self.variables = dict(zip(self.used.tolist(), (self.cp.new_bool_var("") for _ in self.used), strict=True))
        for column in np.flatnonzero(model.fixed_in).tolist():
            self.cp.add(self.variables[column] == 1)
        self._add_degrees()
        self._add_rows()
        for likes in model.likes:
            self._add_stable(likes)
        #: Of each slot of a pair: column, slot, variable.
        self.meetings: list[tuple[int, int, Any]] = []
        if model.slots is not None:
            self._add_meetings(model.slots)
        worth = columns.worth[goal]
        here = [column for column in self.variables if worth[column]]
        self.cp.maximize(
            cp_model.LinearExpr.weighted_sum([self.variables[c] for c in here], [int(worth[c]) for c in here])
        )

    def _add_degrees(self) -> None:
        model, columns, n = self.model, self.model.columns, self.model.shape[0]
        partners: list[list[Any]] = [[] for _ in range(sum(model.shape))]
        for column in np.flatnonzero((columns.kind == Kind.PAIR) & ~model.fixed_out).tolist():
            partners[columns.mentor[column]].append(self.variables[column])
            partners[n + columns.mentee[column]].append(self.variables[column])
        switches = self._switches()
        for person, own in enumerate(partners):
            least, most, low = int(model.least[person]), int(model.most[person]), int(model.low[person])
            if not least and low > 1 and own:
                switch = switches.setdefault(person, self.cp.new_bool_var(""))
                if most < low:
                    self.cp.add(switch == 0)
                self.cp.add(sum(own) >= low * switch)
                self.cp.add(sum(own) <= most * switch)
                for pair in own:
                    self.cp.add_implication(pair, switch)
            elif len(own) > most or least > 0:
                self.cp.add_linear_constraint(sum(own), least, most)
        for kind, who, begin in ((Kind.MENTOR_SWITCH, columns.mentor, 0), (Kind.MENTEE_SWITCH, columns.mentee, n)):
            for column in np.flatnonzero(columns.kind == kind).tolist():
                own = partners[int(who[column]) + begin]
                switch = self.variables[column]
                # a switch is on exactly where there is a partner
                self.cp.add_bool_or([*own, switch.negated()])
                for pair in own:
                    self.cp.add_implication(pair, switch)

    def _switches(self) -> dict[int, Any]:
        """Switches that are columns, by person."""
        columns, n = self.model.columns, self.model.shape[0]
        found = {}
        for kind, who, begin in ((Kind.MENTOR_SWITCH, columns.mentor, 0), (Kind.MENTEE_SWITCH, columns.mentee, n)):
            for column in np.flatnonzero(columns.kind == kind).tolist():
                found[int(who[column]) + begin] = self.variables[column]
        return found

    def _add_rows(self) -> None:
        rows = self.model.rows
        for k in range(len(rows)):
            part = slice(int(rows.indptr[k]), int(rows.indptr[k + 1]))
            terms = [
                int(a) * self.variables[c]
                for c, a in zip(rows.column[part].tolist(), rows.coefficient[part].tolist(), strict=True)
                if c in self.variables
            ]
            bound = int(rows.bound[k])
            if terms:
                self.cp.add(sum(terms) == bound if rows.equal[k] else sum(terms) <= bound)
            elif bound < 0 or (bound and rows.equal[k]):
                self.cp.add_bool_or([])

    def _add_stable(self, likes: Ints) -> None:
        """Whoever is not in a pair: one of its two holds as many partners, all liked as much, as they have places."""
        model, n = self.model, self.model.shape[0]
        pairs = model.columns.pairs
        satisfied: list[dict[int, Any]] = []
        for person, like in (
            (model.columns.mentor[:pairs].astype(np.int64), likes[0]),
            (n + model.columns.mentee[:pairs].astype(np.int64), likes[1]),
        ):
            satisfied.append(self._satisfied(person, like))
        for column in np.flatnonzero(~model.fixed_in[:pairs]).tolist():
            own = [self.variables[column]] if column in self.variables else []
            either = [some[column] for some in satisfied if column in some]
            if all(literal is not None for literal in either):
                self.cp.add_bool_or([*own, *either])

    def _satisfied(self, person: Ints, like: Ints) -> dict[int, Any]:
        """For each pair a literal: its person has every place taken by somebody liked at least as much.

        None where decided pairs alone take them, and nothing is to be asked.
        """
        found: dict[int, Any] = {}
        order = np.lexsort((-like, person))
        begins = np.flatnonzero(np.diff(person[order], prepend=-1))
        for own in np.split(order, begins[1:]) if len(order) else []:
            places = int(self.model.places[person[own[0]]])
            better: list[Any] = []
            taken = 0
            for level in np.split(own, np.flatnonzero(np.diff(like[own])) + 1):
                taken += int(self.model.fixed_in[level].sum())
                if taken >= places:
                    found |= dict.fromkeys(level.tolist())
                    continue
                better += [self.variables[column] for column in level.tolist() if column in self.variables]
                if len(better) >= places:
                    literal = self.cp.new_bool_var("")
                    self.cp.add(sum(better) >= places).only_enforce_if(literal)
                    found |= dict.fromkeys(level.tolist(), literal)
        return found

    def _add_meetings(self, slots: Slots) -> None:
        """A slot for every pair that is not easy; one pair of a person in a crowd, and as many pairs as rooms."""
        columns, pairs = self.model.columns, self.model.columns.pairs
        hard = np.flatnonzero(~slots.easy & ~self.model.fixed_out[:pairs])
        i, j = columns.mentor[hard].astype(np.int64), columns.mentee[hard].astype(np.int64)
        indptr, found = slots.of_pairs(i, j)
        one_of: dict[tuple[int, int], list[Any]] = {}
        rooms: dict[int, list[Any]] = {}
        for k, column in enumerate(hard.tolist()):
            own = [(slot, self.cp.new_bool_var("")) for slot in found[indptr[k] : indptr[k + 1]].tolist()]
            self.cp.add_exactly_one([*(literal for _, literal in own), self.variables[column].negated()])
            for slot, literal in own:
                self.meetings.append((column, slot, literal))
                for crowd in slots.crowd[slots.indptr[slot] : slots.indptr[slot + 1]].tolist():
                    for person in (int(slots.mentor_person[i[k]]), int(slots.mentee_person[j[k]])):
                        one_of.setdefault((person, crowd), []).append(literal)
                    rooms.setdefault(crowd, []).append(literal)
        for literals in one_of.values():
            if len(literals) > 1:
                self.cp.add_at_most_one(literals)
        for literals in rooms.values():
            if slots.rooms and len(literals) > slots.rooms:
                self.cp.add(sum(literals) <= slots.rooms)

    def solve(
        self,
        *,
        presolve: bool,
        hint: Bools | None,
        bound: int | None,
        deadline: float | None,
        work: float | None = None,
        found: Callable[[Bools], None] | None = None,
    ) -> Answer:
        from ortools.sat.python import cp_model

        self.cp.clear_hints()  # type: ignore[no-untyped-call]
        if hint is not None:
            chosen = self.model.with_switches(hint)
            for column, variable in self.variables.items():
                self.cp.add_hint(variable, bool(chosen[column]))
            slot = self.model.meeting(chosen) if self.meetings else None
            if slot is not None:
                for column, one, variable in self.meetings:
                    self.cp.add_hint(variable, bool(slot[column] == one))
        solver = cp_model.CpSolver()
        parameters = solver.parameters
        parameters.num_workers = 1
        parameters.random_seed = 0
        parameters.linearization_level = 2
        parameters.presolve_inclusion_work_limit = 0
        parameters.cp_model_presolve = presolve
        parameters.catch_sigint_signal = False
        if work is not None:
            parameters.max_deterministic_time = work
        if deadline is not None:
            parameters.max_time_in_seconds = max(0.0, deadline - time.monotonic())
        if found is None:
            return self._read(solver, solver.solve(self.cp), bound)
        teller = _teller(lambda solution: found(self._pairs(solution)))
        status = solver.solve(self.cp, teller)
        if teller.error is not None:
            raise teller.error
        return self._read(solver, status, bound)

    def _pairs(self, solution: Ints) -> Bools:
        """Chosen pairs of a solution, which holds a value of each variable."""
        chosen = np.zeros(len(self.model.columns), dtype=bool)
        chosen[self.used] = solution[: len(self.used)] == 1
        return chosen[: self.model.columns.pairs]

    def _slot(self, solution: Ints) -> Ints | None:
        """Slot of each pair that is not easy."""
        if self.model.slots is None:
            return None
        found = np.full(self.model.columns.pairs, NONE, dtype=np.int64)
        for column, slot, variable in self.meetings:
            if solution[variable.index]:
                found[column] = slot
        return found

    def _read(self, solver: Any, status: Any, ceiling: int | None) -> Answer:
        from ortools.sat.python import cp_model

        if status == cp_model.INFEASIBLE:
            return Answer(Outcome.INFEASIBLE)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            if status == cp_model.UNKNOWN:
                return Answer(Outcome.UNKNOWN)
            raise EngineError(Problem("RM901", "CP-SAT", "the solver refused its model"))
        solution: Ints = np.array(solver.response_proto.solution, dtype=np.int64)
        if len(solution) < len(self.used):
            raise EngineError(Problem("RM901", "CP-SAT", "the solver claims a solution and gives none"))
        pairs = self._pairs(solution)
        value = self.model.value(self.model.with_switches(pairs), self.goal)
        if status == cp_model.OPTIMAL:
            if round(solver.objective_value) != value:
                raise EngineError(Problem("RM901", "CP-SAT", "the solver's own value is not that of its solution"))
            return Answer(Outcome.OPTIMAL, pairs, bound=value, slot=self._slot(solution))
        return Answer(Outcome.FEASIBLE, pairs, bound=ceiling, slot=self._slot(solution))


def _teller(tell: Callable[[Ints], None]) -> Any:
    """What CP-SAT calls with every better solution; an error in it ends the search and is raised after it."""
    from ortools.sat.python import cp_model

    class Teller(cp_model.CpSolverSolutionCallback):
        error: BaseException | None = None

        def on_solution_callback(self) -> None:
            try:
                if self.error is None:
                    tell(np.array(self.response_proto.solution, dtype=np.int64))
            except BaseException as error:  # of another language's stack: it cannot pass through there
                self.error = error
                self.stop_search()

    return Teller()


def _row_totals(model: Model) -> list[int]:
    rows = model.rows
    parts = np.split(np.abs(rows.coefficient), rows.indptr[1:-1])
    return [sum(part.tolist()) for part in parts] if len(rows) else []
