"""Invariant 20: other people's solvers agree, on programmes too large for the oracle.

Goals in strict order are told to networkx as one cost in Python's own whole numbers, and to HiGHS one after another;
`linear_sum_assignment` joins where everybody has one place. They agree on every value, or all say that nothing can be
done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp

import revmatch as rm

Values = tuple[int, ...] | None  # of each goal in order; None if nothing satisfies the bounds
GOALS = {"Coverage": rm.goals.Coverage, "Pairs": rm.goals.Pairs, "TotalScore": rm.goals.TotalScore}
ORDERS = (("TotalScore",), ("Pairs", "TotalScore"), ("Coverage", "Pairs", "TotalScore"), ("TotalScore", "Coverage"))


@dataclass(frozen=True)
class Grid:
    """Scores, which pairs exist, and (least, most) partners of everybody: mentors, then mentees."""

    scores: npt.NDArray[np.int64]
    exists: npt.NDArray[np.bool_]
    least: npt.NDArray[np.int64]
    most: npt.NDArray[np.int64]
    goals: tuple[str, ...]

    def programme(self) -> rm.Programme:
        n = len(self.scores)
        return rm.Programme.from_scores(
            self.scores,
            forbidden=~self.exists,
            mentor_capacity=self.most[:n],
            mentee_capacity=self.most[n:],
            mentor_min_load=self.least[:n],
            mentee_min_load=self.least[n:],
            policy=rm.Policy(goals=[GOALS[goal]() for goal in self.goals]),
        )

    def pairs(self) -> list[tuple[int, int, int]]:
        """Every pair that exists and whose two people take part: positions, and what it is worth."""
        n = len(self.scores)
        room = (self.most[:n, None] > 0) & (self.most[n:] > 0)
        return [(int(i), n + int(j), int(self.scores[i, j])) for i, j in np.argwhere(self.exists & room)]


def grid(seed: int, *, ones: bool = False) -> Grid:
    """30 x 15 to 60 x 40; about one in three cannot be done."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(30, 61)), int(rng.integers(15, 41))
    low, high = [(0, 10), (-50, 100), (0, 1 << 20)][seed % 3]
    most = np.ones(n + m, dtype=np.int64) if ones else rng.integers(0, 4, n + m)
    least = np.zeros(n + m, dtype=np.int64)
    if not ones and rng.random() < 0.6:
        least = np.minimum(most, rng.integers(0, 3, n + m) * (rng.random(n + m) < rng.choice([0.1, 0.4, 0.8])))
    return Grid(
        rng.integers(low, high, (n, m)),
        rng.random((n, m)) < rng.choice([0.1, 0.5, 1.0]),
        least,
        most,
        ORDERS[seed // 3 % len(ORDERS)],
    )


def by_revmatch(g: Grid) -> Values:
    plan = rm.match(g.programme())
    if plan.status == rm.Status.INFEASIBLE:
        return None
    assert plan.status == rm.Status.OPTIMAL
    assert plan.proof == "prices"
    return tuple(int(goal.value) for goal in plan.goals)


def by_networkx(g: Grid) -> Values:
    """One flow; the goals are digits of one number, exact in Python's whole numbers."""
    pairs, n = g.pairs(), len(g.scores)
    most = {"Coverage": len(g.most), "Pairs": len(pairs), "TotalScore": sum(abs(w) for *_, w in pairs)}
    digit, weight = 1, {}
    for goal in reversed(g.goals):
        weight[goal] = digit
        digit *= 2 * most[goal] + 1
    graph = nx.DiGraph()
    graph.add_nodes_from(["s", "t", *range(len(g.most))], demand=0)

    def arc(tail: Any, head: Any, capacity: int, worth: int = 0, least: int = 0) -> None:
        middle = (tail, head, graph.number_of_nodes())  # an own node for each arc keeps parallel arcs apart
        graph.add_edge(tail, middle, capacity=capacity, weight=-worth)
        graph.add_edge(middle, head, capacity=capacity - least, weight=0)
        graph.nodes[middle]["demand"] = least  # what must arrive here is sent on from the head
        graph.nodes[head]["demand"] = graph.nodes[head].get("demand", 0) - least

    for person in range(len(g.most)):
        low, high = int(g.least[person]), int(g.most[person])
        if high:
            ends = ("s", person) if person < n else (person, "t")
            arc(*ends, 1, weight.get("Coverage", 0), min(low, 1))
            arc(*ends, high - 1, 0, max(low - 1, 0))
    for i, j, worth in pairs:
        graph.add_edge(i, j, capacity=1, weight=-(weight.get("Pairs", 0) + weight.get("TotalScore", 0) * worth))
    graph.add_edge("t", "s", weight=0)
    try:
        flow = nx.min_cost_flow(graph)
    except nx.NetworkXUnfeasible:
        return None
    return measured(g, [flow[i][j] for i, j, _ in pairs])


def by_highs(g: Grid) -> Values:
    """One whole-number programme for each goal; a goal's optimum is kept as a row while the next is pursued."""
    pairs, people = g.pairs(), len(g.most)
    size = len(pairs) + people  # a switch for each pair, then for each person
    at = np.arange(len(pairs))
    degree = np.zeros((people, size))
    for end in (0, 1):
        degree[[pair[end] for pair in pairs], at] = 1
    matched = degree.copy()
    matched[np.arange(people), len(pairs) + np.arange(people)] = -1  # a person counts only with a partner
    rows = [LinearConstraint(degree, g.least, g.most), LinearConstraint(matched, 0, np.inf)]
    worth = {
        "Coverage": np.r_[np.zeros(len(pairs)), np.ones(people)],
        "Pairs": np.r_[np.ones(len(pairs)), np.zeros(people)],
        "TotalScore": np.r_[[float(w) for *_, w in pairs], np.zeros(people)],
    }
    for goal in g.goals:
        found = milp(-worth[goal], constraints=rows, integrality=np.ones(size), bounds=Bounds(0, 1))
        if found.status == 2:
            return None
        assert found.status == 0, found.message
        rows.append(LinearConstraint(worth[goal], round(-found.fun), np.inf))
    return measured(g, np.rint(found.x[: len(pairs)]).astype(int).tolist())


def measured(g: Grid, taken: list[int]) -> tuple[int, ...]:
    held = [pair for pair, x in zip(g.pairs(), taken, strict=True) if x]
    values = {
        "Coverage": len({i for i, _, _ in held} | {j for _, j, _ in held}),
        "Pairs": len(held),
        "TotalScore": sum(w for *_, w in held),
    }
    return tuple(values[goal] for goal in g.goals)


def agree(seed: int) -> Values:
    g = grid(seed)
    ours = by_revmatch(g)
    assert ours == by_networkx(g), f"networkx, seed {seed}"
    assert ours == by_highs(g), f"HiGHS, seed {seed}"
    return ours


@pytest.mark.parametrize("seed", range(12))
def test_20_all_solvers_agree(seed: int) -> None:
    agree(seed)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("block", range(8))
def test_20_all_solvers_agree_soak(block: int) -> None:
    verdicts = [agree(seed) for seed in range(100 + 50 * block, 150 + 50 * block)]
    assert 5 < verdicts.count(None) < 45


@pytest.mark.parametrize("seed", range(6))
def test_20_assignment_agrees(seed: int) -> None:
    """Most pairs first, then the total, where everybody has one place: SciPy's dense assignment with a heavy offset."""
    g = grid(1000 + seed, ones=True)
    heavy = 1 + 2 * int(np.abs(g.scores).max()) * min(g.scores.shape)
    worth = np.where(g.exists, g.scores + heavy, 0)
    i, j = linear_sum_assignment(worth, maximize=True)
    real = g.exists[i, j]
    g = Grid(g.scores, g.exists, g.least, g.most, ("Pairs", "TotalScore"))
    assert by_revmatch(g) == (int(real.sum()), int(g.scores[i, j][real].sum()))
