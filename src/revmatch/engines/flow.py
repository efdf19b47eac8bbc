"""Min-cost flow: exact and fast where pairs, degree bounds and first partners are all that is asked.

The network: mentors and mentees are nodes, a pair is an arc of capacity 1 from its mentor to its mentee, and one node
outside feeds the mentors and is fed by the mentees. A degree bound is a supply (what must flow) and the capacity of an
arc (what may). A worth of a person's first partner is an arc of capacity 1 beside the others: worth more, so used
first. Solved by OR-Tools' cost-scaling `SimpleMinCostFlow` (A. Goldberg, An Efficient Implementation of a Scaling
Minimum-Cost Flow Algorithm, J. Algorithms 22, 1997).
"""

from __future__ import annotations

import numpy as np

from revmatch.engines.engine import Answer, Feature, Outcome
from revmatch.engines.network import Network
from revmatch.engines.prices import residual_prices
from revmatch.errors import EngineError, Problem
from revmatch.model import Model
from revmatch.policy.sides import Bools

#: Costs x (nodes + 2)**2 beyond this overflow inside the solver (measured: first failure at 2**58 for 20 nodes).
COST_GUARD = 1 << 62


class MinCostFlow:
    """Exact engine for pairs and degree bounds; gives prices."""

    name = "min-cost flow"
    features: frozenset[Feature] = frozenset()

    def refuses(self, model: Model, goal: int) -> str | None:
        """See `Engine`."""
        nodes = sum(model.shape) + 1
        largest = int(np.abs(model.columns.worth[goal]).max(initial=0))
        if largest * (nodes + 2) ** 2 >= COST_GUARD:
            return f"scores up to {largest:,} could overflow a flow of {nodes:,} nodes"
        return None

    def solve(
        self,
        model: Model,
        goal: int,
        *,
        hint: Bools | None = None,
        bound: int | None = None,
        seconds: float | None = None,
    ) -> Answer:
        """See `Engine`; a flow cannot be stopped, so `seconds` is not heeded."""
        network = network_of(model, goal)
        chosen = _flow(network)
        if chosen is None:
            demands = network.demands_as_worth()
            unmet = _flow(demands)
            assert unmet is not None  # nothing is demanded of this flow
            return Answer(Outcome.INFEASIBLE, prices=residual_prices(demands, unmet))
        pairs = model.fixed_in[: model.columns.pairs].copy()
        pairs[network.free] = chosen
        return Answer(Outcome.OPTIMAL, pairs, prices=residual_prices(network, chosen))


def network_of(model: Model, goal: int) -> Network:
    """Network of a model in one goal: its free pairs, and what each person may take."""
    free = np.flatnonzero(model.free)
    bonus = model.switch_worth(goal)
    return Network(
        mentors=model.shape[0],
        free=free,
        i=model.columns.mentor[free].astype(np.int64),
        j=model.columns.mentee[free].astype(np.int64) + model.shape[0],
        worth=model.columns.worth[goal][free],
        fixed=model.degrees(model.fixed_in),
        least=model.least,
        most=model.most,
        bonus=bonus,
        until=(bonus > 0).astype(np.int64),
    )


def _flow(network: Network) -> Bools | None:
    """Which free pairs carry the best flow; None if the demands cannot be met."""
    from ortools.graph.python import min_cost_flow

    outside = len(network.least)
    is_mentor = np.arange(outside) < network.mentors
    demand = network.demand
    room = network.most - network.fixed - demand
    with_bonus = np.clip(network.until - network.fixed - demand, 0, room)
    without = room - with_bonus
    first, rest = np.flatnonzero(with_bonus > 0), np.flatnonzero(without > 0)
    person = np.concatenate([first, rest])
    into = is_mentor[person]
    tail = np.concatenate([network.i, np.where(into, outside, person)])
    head = np.concatenate([network.j, np.where(into, person, outside)])
    capacity = np.concatenate([np.ones_like(network.i), with_bonus[first], without[rest]])
    worth = np.concatenate([network.worth, network.bonus[first], np.zeros_like(rest)])
    supply = np.where(is_mentor, demand, -demand)
    solver = min_cost_flow.SimpleMinCostFlow()
    # the bulk calls take any dtype and truncate in silence: everything here is int64 by construction
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, -worth)
    solver.set_nodes_supplies(np.arange(outside + 1), np.append(supply, -supply.sum()))
    status = solver.solve()
    if status == solver.INFEASIBLE:
        return None
    if status != solver.OPTIMAL:  # flows must not be read then: the solver would crash
        raise EngineError(Problem("RM901", "min-cost flow", f"the solver ended with {status}"))
    return np.asarray(solver.flows(arcs[: len(network.i)]) == 1)
