"""Plans as graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from revmatch.plan import Pair, Plan
    from revmatch.policy.sides import Side


def plan_graph(plan: Plan) -> Any:
    """Plan as a `networkx.Graph`.

    Parameters
    ----------
    plan : Plan
        One that holds pairs.

    Returns
    -------
    networkx.Graph
        Nodes ``("mentor", id)`` with ``bipartite=0`` and ``("mentee", id)`` with ``bipartite=1`` for everybody who
        takes part, partner or not, in the order of ids; an edge with ``score`` for each pair, in the order of pairs,
        and with ``slot`` where pairs have one.
    """
    import networkx as nx

    graph = nx.Graph()
    sides: tuple[Side, Side] = ("mentor", "mentee")
    for part, side in enumerate(sides):
        people = plan.programme.of(side)
        order = people.id_order()
        takes_part = order[np.asarray(people.capacity)[order] > 0]
        graph.add_nodes_from(((side, name) for name in people.ids[takes_part].tolist()), bipartite=part)
    graph.add_edges_from(
        (("mentor", pair.mentor), ("mentee", pair.mentee), {"score": pair.score} | _slot(pair)) for pair in plan.pairs
    )
    return graph


def _slot(pair: Pair) -> dict[str, Any]:
    return {} if pair.slot is None else {"slot": pair.slot}
