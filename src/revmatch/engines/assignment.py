"""Assignment: where everybody who is left takes exactly one partner, the quickest engine of all.

That is so where one side must, and the other has no place more than that takes.

Solved by OR-Tools' cost-scaling `SimpleLinearSumAssignment` (A. Goldberg and R. Kennedy, An Efficient Cost Scaling
Algorithm for the Assignment Problem, Mathematical Programming 71, 1995). It takes very long to see that no assignment
exists, so one must be known or found before it is asked. Without one the engine does not answer: the flow says why.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from revmatch.engines.engine import Answer, Feature, Outcome
from revmatch.engines.network import Network, network_of, too_large
from revmatch.engines.prices import End
from revmatch.engines.thin import best
from revmatch.errors import EngineError, Problem
from revmatch.model import Model, Prices
from revmatch.policy.sides import Bools, Ints


class Assignment:
    """Exact engine for one partner each; gives prices."""

    name = "assignment"
    features: frozenset[Feature] = frozenset()

    def refuses(self, model: Model, goal: int) -> str | None:
        """See `Engine`."""
        if len(model.rows):
            return "there are rows"
        fixed = model.degrees(model.fixed_in)
        demand, room = np.maximum(model.least - fixed, 0), model.most - fixed
        n = model.shape[0]
        if (room > 1).any() or int(room[:n].sum()) != int(room[n:].sum()):
            return "there are other places than one each, as many on both sides"
        if (demand != room)[:n].any() and (demand != room)[n:].any():
            return "neither side must fill all its places"
        return too_large(model, goal)

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
        """See `Engine`; UNKNOWN if nobody's plan keeps everything. It cannot be stopped: `seconds` is not heeded."""
        network = network_of(model, goal)
        if hint is not None and model.holds(model.with_switches(hint)):
            known: Bools | None = hint[network.free]
        else:
            known = _any(network)
        if known is None:
            return Answer(Outcome.UNKNOWN)
        solved = best(network, _assigned, start=start, end=end, known=known)
        assert solved is not None  # an assignment is known
        pairs = model.fixed_in[: model.columns.pairs].copy()
        pairs[network.free] = solved[0]
        return Answer(Outcome.OPTIMAL, pairs, prices=Prices(solved[1]))


def _seekers(network: Network) -> tuple[Ints, Ints, Bools, int]:
    """Both people of each pair, numbered among those of their side who need somebody; whether both do; how many do."""
    needs = network.most > network.fixed
    n = network.mentors
    number = np.concatenate([np.cumsum(needs[:n]), np.cumsum(needs[n:])]) - 1
    return number[network.i], number[network.j], needs[network.i] & needs[network.j], int(needs[:n].sum())


def _any(network: Network) -> Bools | None:
    """Some assignment, whatever it is worth; None if there is none."""
    from ortools.graph.python import max_flow

    i, j, open_pairs, count = _seekers(network)
    solver, number = max_flow.SimpleMaxFlow(), np.arange(count, dtype=np.int32)
    source, sink = 2 * count, 2 * count + 1
    i, j = i[open_pairs].astype(np.int32), (j[open_pairs] + count).astype(np.int32)
    ones = np.ones(len(i) + 2 * count, dtype=np.int64)
    tail = np.concatenate([i, np.full_like(number, source), number + np.int32(count)])
    head = np.concatenate([j, number, np.full_like(number, sink)])
    arcs = solver.add_arcs_with_capacity(tail, head, ones)
    if count and (solver.solve(source, sink) != solver.OPTIMAL or solver.optimal_flow() < count):
        return None
    chosen = np.zeros(len(network.i), dtype=bool)
    if count:
        chosen[np.flatnonzero(open_pairs)] = solver.flows(arcs[: len(i)]) == 1
    return chosen


def _assigned(network: Network) -> Bools:
    """Which pairs the best assignment uses, where one exists."""
    from ortools.graph.python import linear_sum_assignment

    i, j, open_pairs, count = _seekers(network)
    solver = linear_sum_assignment.SimpleLinearSumAssignment()
    solver.add_arcs_with_cost(
        i[open_pairs].astype(np.int32), j[open_pairs].astype(np.int32), -network.worth[open_pairs]
    )
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise EngineError(Problem("RM901", "assignment", f"the solver ended with {status}"))
    partner = np.fromiter(map(solver.right_mate, range(count)), dtype=np.int64, count=count)
    return np.asarray(open_pairs & (partner[np.where(open_pairs, i, 0)] == j)) if count else open_pairs
