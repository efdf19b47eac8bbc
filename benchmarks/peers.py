"""The peers, as a user would install and call them. Each is given thin matrices, and scores all pairs itself.

All solve the same problem: as many pairs as possible, then the highest total score. What a tool cannot say directly is
said with a large number, as its users do. Answers are ``(pairs, total score)``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.registry import Answer, Contestant

if TYPE_CHECKING:
    from made import Thin

#: Mentors whose scores are computed at once.
BLOCK = 512


def loaded(*modules: str) -> Callable[[Path], Any]:
    """Reads the thin matrices, and imports what the peer needs."""

    def load(folder: Path) -> Thin:
        from importlib import import_module

        from made import Thin

        for module in modules:
            import_module(module)
        return Thin.load(folder)

    return load


def costs(thin: Thin, dtype: str) -> Any:
    """Minus the score of every pair; the forbidden ones cost more than any plan is worth."""
    import numpy as np

    n, m = len(thin.mentors), len(thin.mentees)
    forbidden = 1.0 + min(n, m) * float(thin.mentees.sum(axis=1).max(initial=0))
    negative = np.ascontiguousarray(-thin.mentees.T)
    found = np.empty((n, m), dtype=dtype)
    for start in range(0, n, BLOCK):
        rows = slice(start, start + BLOCK)
        block = thin.mentors[rows] @ negative
        for a, b in zip(thin.mentor_codes, thin.mentee_codes, strict=True):
            block[a[rows, None] == b] = forbidden
        found[rows] = block
    return found


def listed(thin: Thin) -> tuple[Any, Any, Any]:
    """Mentor, mentee and score of every eligible pair."""
    import numpy as np

    cost = costs(thin, "float32")
    i, j = np.nonzero(cost <= 0)
    return i, j, -cost[i, j].astype(np.int64)


def _held(cost: Any, i: Any, j: Any) -> Answer:
    worth = cost[i, j].astype("int64")
    held = worth <= 0
    return Answer((int(held.sum()), -int(worth[held].sum())))


def _scipy(thin: Thin) -> Answer:
    from scipy.optimize import linear_sum_assignment

    cost = costs(thin, "float64")
    return _held(cost, *linear_sum_assignment(cost))


def _lapjv(thin: Thin) -> Answer:
    import lap
    import numpy as np

    cost = costs(thin, "float64")  # as it would be turned into, so that there is one table and not two
    _, mentee, _ = lap.lapjv(cost)
    return _held(cost, np.arange(len(cost)), mentee)


def _lapjvs(thin: Thin) -> Answer:
    import lap

    cost = costs(thin, "float32")
    _, i, j = lap.lapjvs(cost)
    return _held(cost, i, j)


def _flow(thin: Thin) -> Answer:
    import numpy as np
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    i, j, score = listed(thin)
    n, m = len(thin.mentors), len(thin.mentees)
    mentors, mentees = np.arange(n), n + np.arange(m)
    source, sink = np.full(n, n + m), np.full(m, n + m + 1)
    flow = SimpleMinCostFlow()
    pairs = flow.add_arcs_with_capacity_and_unit_cost(i, n + j, np.ones(len(i), dtype=np.int64), -score)
    flow.add_arcs_with_capacity_and_unit_cost(source, mentors, np.ones(n, dtype=np.int64), np.zeros(n, dtype=np.int64))
    flow.add_arcs_with_capacity_and_unit_cost(mentees, sink, thin.capacity, np.zeros(m, dtype=np.int64))
    flow.set_node_supply(n + m, min(n, int(thin.capacity.sum())))
    flow.set_node_supply(n + m + 1, -min(n, int(thin.capacity.sum())))
    status = flow.solve_max_flow_with_min_cost()
    held = flow.flows(pairs) > 0
    return Answer((int(held.sum()), int(score[held].sum())), proven=status == flow.OPTIMAL)


def _networkx(thin: Thin) -> Answer:
    import networkx as nx

    i, j, score = listed(thin)
    graph = nx.Graph()
    worth = dict(zip(zip(i.tolist(), j.tolist(), strict=True), score.tolist(), strict=True))
    graph.add_weighted_edges_from((("a", a), ("b", b), w) for (a, b), w in worth.items())
    held = [dict(pair) for pair in nx.max_weight_matching(graph, maxcardinality=True)]
    return Answer((len(held), sum(worth[pair["a"], pair["b"]] for pair in held)))


#: Seconds for CP-SAT, of which its own part is a little less: it says what it has when its time is over.
CPSAT_LIMIT = 90.0


def _cpsat(thin: Thin) -> Answer:
    from ortools.sat.python import cp_model

    i, j, score = listed(thin)
    model = cp_model.CpModel()
    rows: list[list[Any]] = [[] for _ in thin.mentors]
    cols: list[list[Any]] = [[] for _ in thin.mentees]
    chosen = []
    for a, b in zip(i.tolist(), j.tolist(), strict=True):
        pair = model.new_bool_var("")
        chosen.append(pair)
        rows[a].append(pair)
        cols[b].append(pair)
    for some in rows:
        model.add_at_most_one(some)
    for some, capacity in zip(cols, thin.capacity.tolist(), strict=True):
        model.add(sum(some) <= capacity)
    a_pair = 1 + len(thin.mentors) * int(score.max(initial=0))
    model.maximize(cp_model.LinearExpr.weighted_sum(chosen, (a_pair + score).tolist()))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = CPSAT_LIMIT - 30
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Answer(proven=False, note="no plan")
    held = [k for k, pair in enumerate(chosen) if solver.value(pair)]
    return Answer((len(held), int(score[held].sum())), proven=status == cp_model.OPTIMAL)


def _mentor_match(thin: Thin) -> Answer:
    from matching import process
    from matching.mentee import Mentee
    from matching.mentor import Mentor
    from matching.rules import rule

    n, m = len(thin.mentors), len(thin.mentees)
    tops = float(thin.mentees.sum(axis=1).max(initial=0))
    mentors = [Mentor(grade=1, email=f"a{k}", role=k) for k in range(n)]
    mentees = [Mentee(grade=9, email=f"b{k}", role=k) for k in range(m)]
    score = (thin.mentors @ thin.mentees.T).astype(int).tolist()
    a_pair = 1 + min(n, m) * int(tops)

    class Worth(rule.Rule):  # type: ignore[misc, unused-ignore]
        def evaluate(self, match: Any) -> bool:
            return True

        def apply(self, match: Any) -> int:
            return int(a_pair + score[match.mentor.role][match.mentee.role])

    def forbidden(match: Any) -> bool:
        codes = zip(thin.mentor_codes, thin.mentee_codes, strict=True)
        return any(a[match.mentor.role] == b[match.mentee.role] for a, b in codes)

    process.process_data(mentors, mentees, [[Worth(), rule.Disqualify(forbidden)]])
    held = [(mentor.role, mentee.role) for mentor in mentors for mentee in mentor.mentees]
    return Answer((len(held), sum(score[i][j] for i, j in held)))


def _stable(thin: Thin) -> Answer:
    import sys

    from matching.games import HospitalResident

    sys.setrecursionlimit(10**7)  # it copies people who know people who know people
    i, j, score = listed(thin)
    worth = dict(zip(zip(i.tolist(), j.tolist(), strict=True), score.tolist(), strict=True))
    mentors: dict[str, list[str]] = {}
    mentees: dict[str, list[str]] = {}
    for a, b in sorted(worth, key=lambda pair: -worth[pair]):
        mentors.setdefault(f"a{a}", []).append(f"b{b}")
        mentees.setdefault(f"b{b}", []).append(f"a{a}")
    capacity = {name: int(thin.capacity[int(name[1:])]) for name in mentees}
    plan = HospitalResident.create_from_dictionaries(mentors, mentees, capacity).solve(optimal="resident")
    held = [(int(a.name[1:]), int(b.name[1:])) for b, some in plan.items() for a in some]
    return Answer((len(held), sum(worth[pair] for pair in held)), note="another aim: stable by scores")


SCIPY = Contestant("SciPy linear_sum_assignment", loaded("scipy.optimize"), _scipy, ("scipy",))
LAPJV = Contestant("lapx lapjv", loaded("lap"), _lapjv, ("lapx",))
LAPJVS = Contestant("lapx lapjvs (float32)", loaded("lap"), _lapjvs, ("lapx",))
FLOW = Contestant("OR-Tools min-cost flow", loaded("ortools.graph.python.min_cost_flow"), _flow, ("ortools",))
NETWORKX = Contestant(
    "networkx max_weight_matching", loaded("networkx"), _networkx, ("networkx",), repeats=1, limit=150
)
CPSAT = Contestant(
    "plain CP-SAT", loaded("ortools.sat.python.cp_model"), _cpsat, ("ortools",), repeats=1, limit=CPSAT_LIMIT
)
MENTOR_MATCH = Contestant(
    "mentor-match",
    loaded("matching.process"),
    _mentor_match,
    ("mentor-match",),
    apart="mentor-match",
    repeats=1,
    limit=150,
)
STABLE = Contestant(
    "matching HospitalResident", loaded("matching.games"), _stable, ("matching",), repeats=1, limit=150, same="at most"
)
