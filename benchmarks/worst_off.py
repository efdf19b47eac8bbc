"""The mentee who is worst off, by hand: two heuristics as they are written where no exact method is at hand.

Each is given the table of scores and who may be paired, and must make as many pairs as the best total does. Neither
proves anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.registry import Answer, Contestant

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

TABLES, BEST = "tables.npz", "best.json"
#: Times that FairFlow may move pairs for one threshold without doing better.
PATIENCE = 5


@dataclass(frozen=True, slots=True)
class Table:
    """Scores and eligibility of all pairs; mentors have one place each, mentees so many."""

    score: Ints
    eligible: Any
    capacity: Ints


def save(programmes: list[Any], folder: Path) -> None:
    """Write the tables of programmes whose rule is `DifferentDepartment` and whose score is `SkillGap`."""
    import made
    import numpy as np

    found = {}
    for k, one in enumerate(programmes):
        thin = made.thin(one, ("department",))
        found[f"score{k}"] = (thin.mentors @ thin.mentees.T).astype(np.int64)
        found[f"eligible{k}"] = thin.mentor_codes[0][:, None] != thin.mentee_codes[0][None, :]
        found[f"capacity{k}"] = thin.capacity
    np.savez(folder / TABLES, **found)


def load(folder: Path) -> tuple[Path, list[Table]]:
    from importlib import import_module

    import numpy as np

    for module in ("scipy.optimize", "ortools.graph.python.min_cost_flow"):
        import_module(module)
    with np.load(folder / TABLES) as file:
        count = len(file.files) // 3
        names = ("score", "eligible", "capacity")
        return folder, [Table(*(file[f"{name}{k}"] for name in names)) for k in range(count)]


def best_total(at: Table) -> Ints:
    """Mentee of each mentor, -1: none, in the plan with most pairs and then the highest total."""
    import numpy as np

    return _filled(at, np.full(len(at.score), -1))


def _filled(at: Table, mentee: Ints) -> Ints:
    """The plan, with free mentors in free places: as many as possible, then the highest total."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    held = np.bincount(mentee[mentee >= 0], minlength=len(at.capacity))
    free, places = np.flatnonzero(mentee < 0), np.repeat(np.arange(len(held)), at.capacity - held)
    a_pair = 1 + len(at.score) * int(at.score.max(initial=0))
    allowed = at.eligible[np.ix_(free, places)]
    worth = np.where(allowed, a_pair + at.score[np.ix_(free, places)], 0)
    row, column = linear_sum_assignment(worth, maximize=True)
    kept = allowed[row, column]
    found = mentee.copy()
    found[free[row[kept]]] = places[column[kept]]
    return found


def totals(at: Table, mentee: Ints) -> Ints:
    """Total of each mentee's scores; who has no mentor is not counted as badly off."""
    import numpy as np

    i = np.flatnonzero(mentee >= 0)
    found = np.zeros(len(at.capacity), dtype=np.int64)
    np.add.at(found, mentee[i], at.score[i, mentee[i]])
    found[np.bincount(mentee[i], minlength=len(found)) == 0] = np.iinfo(np.int64).max
    return found


def worst(at: Table, mentee: Ints) -> int:
    return int(totals(at, mentee).min()) if (mentee >= 0).any() else 0


def two_passes(at: Table) -> Ints:
    """The best total; then, again and again, the best swap for the mentee who is worst off, until there is none."""
    mentee = best_total(at)
    while True:
        swap = _best_swap(at, mentee)
        if swap is None:
            return mentee
        one, other = swap
        mentee[one], mentee[other] = mentee[other], mentee[one]


def _best_swap(at: Table, mentee: Ints) -> tuple[int, int] | None:
    """Two mentors who change places, so that neither of their mentees is as badly off as the worst was."""
    import numpy as np

    total = totals(at, mentee)
    low = int(total.argmin())
    found, best = None, int(total[low])
    for one in np.flatnonzero(mentee == low).tolist():
        others = np.flatnonzero((mentee != low) & at.eligible[:, low])
        to = mentee[others]
        allowed = (to < 0) | at.eligible[one, to]
        others, to = others[allowed], to[allowed]
        here = total[low] - at.score[one, low] + at.score[others, low]
        there = np.where(to < 0, here, total[to] - at.score[others, to] + at.score[one, to])
        least = np.minimum(here, there)
        if len(least) and least.max() > best:
            best, found = int(least.max()), (one, int(others[least.argmax()]))
    return found


def fair_flow(at: Table) -> Ints:
    """The highest threshold that moving mentors to those below it reaches, by halving what is open.

    After FairFlow (A. Kobren, B. Saha, A. McCallum, Paper Matching with Local Fairness Constraints, 2019): one flow
    moves mentors from mentees at the threshold or above to mentees below it, who then give up their weakest; whoever
    is free is assigned again by score.
    """
    first = best_total(at)
    best, low, high = first, worst(at, first), int(at.score.max(initial=0)) * int(at.capacity.max(initial=0)) + 1
    while high - low > 1:
        threshold = (low + high) // 2
        found = _moved(at, first, threshold)
        if worst(at, found) > worst(at, best):
            best = found
        if worst(at, found) >= threshold:
            low = worst(at, found)
        else:
            high = threshold
    return best


def _moved(at: Table, mentee: Ints, threshold: int) -> Ints:
    pairs, best, patience = int((mentee >= 0).sum()), mentee, PATIENCE

    def rank(plan: Ints) -> tuple[int, int]:
        total = totals(at, plan)
        return -int((total < threshold).sum()), int(total.min())

    while patience and rank(best)[0]:
        mentee = _one_flow(at, mentee, threshold)
        patience -= 1
        if (mentee >= 0).sum() == pairs and rank(mentee) > rank(best):
            best, patience = mentee, PATIENCE
    return best


def _one_flow(at: Table, mentee: Ints, threshold: int) -> Ints:
    """A giver gives one mentor at most, and who is below the threshold gets one at most."""
    import numpy as np
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    n, m = at.score.shape
    below = totals(at, mentee) < threshold
    gives = (mentee < 0) | ~below[mentee]  # a free mentor is given by nobody
    i, j = np.nonzero(at.eligible & gives[:, None] & below[None, :])
    held, needy = np.flatnonzero(gives & (mentee >= 0)), np.flatnonzero(below)
    free = np.flatnonzero(mentee < 0)
    source, sink = n + 2 * m, n + 2 * m + 1
    flow = SimpleMinCostFlow()

    def arcs(tail: Any, head: Any, cost: Any) -> Any:
        tail, head, cost = np.broadcast_arrays(tail, head, cost)
        return flow.add_arcs_with_capacity_and_unit_cost(
            tail, head, np.ones(len(tail), np.int64), cost.astype(np.int64)
        )

    moves = arcs(i, n + j, -at.score[i, j])
    arcs(source, n + m + np.flatnonzero(~below), 0)
    arcs(n + m + mentee[held], held, at.score[held, mentee[held]])
    arcs(source, free, 0)
    arcs(n + needy, sink, 0)
    flow.set_node_supply(source, len(needy))
    flow.set_node_supply(sink, -len(needy))
    flow.solve_max_flow_with_min_cost()
    moved = flow.flows(moves) > 0
    found = mentee.copy()
    found[i[moved]] = j[moved]
    for one in j[moved].tolist():
        own = np.flatnonzero(found == one)
        if len(own) > at.capacity[one]:
            found[own[at.score[own, one].argmin()]] = -1
    return _filled(at, found)


def _contestant(name: str, method: Callable[[Table], Ints], needs: tuple[str, ...]) -> Contestant:
    def run(loaded: tuple[Path, list[Table]]) -> Answer:
        folder, tables = loaded
        found = tuple(worst(at, method(at)) for at in tables)
        return Answer(found, proven=False, note=missed(found, folder))

    return Contestant(name, load, run, needs, same="at most")


def missed(found: tuple[int, ...], folder: Path) -> str:
    """How far these are below ours of the same round."""
    if not (folder / BEST).exists():
        return ""
    best = json.loads((folder / BEST).read_text(encoding="utf-8"))
    short = [max(0, there - here) / max(1, there) for here, there in zip(found, best, strict=True)]
    above = sum(here > there for here, there in zip(found, best, strict=True))
    said = f"below ours in {sum(share > 0 for share in short)} of {len(short)}, by "
    said += f"{100 * sum(short) / len(short):.0f} % on average and {100 * max(short):.0f} % at most"
    return said + (f"; above ours in {above}" if above else "")


FAIR_FLOW = _contestant("FairFlow by hand", fair_flow, ("ortools", "scipy"))
TWO_PASSES = _contestant("best total, then swaps", two_passes, ("scipy",))
