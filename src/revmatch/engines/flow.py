"""Min-cost flow: exact and fast where pairs, degree bounds and first partners are all that is asked.

The network: mentors and mentees are nodes, a pair is an arc of capacity 1 from its mentor to its mentee, and one node
outside feeds the mentors and is fed by the mentees. A degree bound is a supply (what must flow) and the capacity of an
arc (what may). A worth of a person's first partner is an arc of capacity 1 beside the others: worth more, so used
first. Solved by OR-Tools' cost-scaling `SimpleMinCostFlow` (A. Goldberg, An Efficient Implementation of a Scaling
Minimum-Cost Flow Algorithm, J. Algorithms 22, 1997).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from revmatch.engines.engine import Answer, Feature, Outcome
from revmatch.engines.network import Network, network_of, too_large
from revmatch.engines.prices import End, residual_prices
from revmatch.engines.thin import best
from revmatch.errors import EngineError, Problem
from revmatch.model import Model, Prices
from revmatch.policy.sides import Bools, Ints


class MinCostFlow:
    """Exact engine for pairs and degree bounds; gives prices."""

    name = "min-cost flow"
    features: frozenset[Feature] = frozenset()

    def refuses(self, model: Model, goal: int) -> str | None:
        """See `Engine`."""
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
        """See `Engine`; a flow cannot be stopped, so `seconds` is not heeded."""
        network = network_of(model, goal)
        solved = best(network, _flow, start=start, end=end, known=None if hint is None else hint[network.free])
        if solved is None:
            demands = network.demands_as_worth()
            unmet = _flow(demands)
            assert unmet is not None  # nothing is demanded of this flow
            return Answer(Outcome.INFEASIBLE, prices=Prices(residual_prices(demands, unmet)))
        pairs = model.fixed_in[: model.columns.pairs].copy()
        pairs[network.free] = solved[0]
        return Answer(Outcome.OPTIMAL, pairs, prices=Prices(solved[1]))


def _flow(network: Network) -> Bools | None:
    """Which free pairs carry the best flow; None if the demands cannot be met."""
    solver, arcs = _built(network)
    status = solver.solve()
    if status == solver.INFEASIBLE:
        return None
    if status != solver.OPTIMAL:  # flows must not be read then: the solver would crash
        raise EngineError(Problem("RM901", "min-cost flow", f"the solver ended with {status}"))
    return np.asarray(solver.flows(arcs[: len(network.i)]) == 1)


def _built(network: Network) -> tuple[Any, Any]:
    """The solver, and the numbers of its arcs, first those of the pairs."""
    from ortools.graph.python import min_cost_flow

    demand = network.demand
    room = network.most - network.fixed - demand
    with_bonus = np.clip(network.until - network.fixed - demand, 0, room)
    without = room - with_bonus
    # nodes are those who have a pair, or need one; the solver's time grows with the others too
    here = demand > 0
    here[network.i] = here[network.j] = True
    node = (np.cumsum(here) - 1).astype(np.int32)
    outside = np.int32(here.sum())
    first, rest = np.flatnonzero(here & (with_bonus > 0)), np.flatnonzero(here & (without > 0))
    person = np.concatenate([first, rest])
    into = network.is_mentor[person]
    # the bulk calls take any dtype and truncate in silence: nodes are int32 and the rest int64 by construction
    tail = np.concatenate([node[network.i], np.where(into, outside, node[person])])
    head = np.concatenate([node[network.j], np.where(into, node[person], outside)])
    capacity = np.concatenate([np.ones_like(network.i), with_bonus[first], without[rest]])
    worth = np.concatenate([network.worth, (network.bonus + network.each)[first], network.each[rest]])
    supply = np.where(network.is_mentor, demand, -demand)[here]
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, -worth)
    solver.set_nodes_supplies(np.arange(outside + 1, dtype=np.int32), np.append(supply, -supply.sum()))
    return solver, arcs
