"""Stable plans by simpler means than ours: by a tool for stable matching, and by taking the best pair left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.registry import Answer, Contestant

SCORES = "scores.npz"


def load(folder: Path) -> Any:
    import numpy as np

    with np.load(folder / SCORES) as file:
        return file["scores"]


def _greedy(scores: Any) -> Answer:
    """The best pair that is left, again and again: stable, as both of it like nobody who is left more."""
    import numpy as np

    i, j = np.unravel_index(np.argsort(-scores, axis=None, kind="stable"), scores.shape)
    taken_i, taken_j = (np.zeros(size, dtype=bool) for size in scores.shape)
    total = 0
    for a, b in zip(i.tolist(), j.tolist(), strict=True):
        if not taken_i[a] and not taken_j[b]:
            taken_i[a] = taken_j[b] = True
            total += int(scores[a, b])
    return Answer((total,), proven=False)


def _tool_loaded(folder: Path) -> Any:
    from importlib import import_module

    import_module("matching.games")
    return load(folder)


def _tool(scores: Any) -> Answer:
    import sys

    from matching.games import HospitalResident

    sys.setrecursionlimit(10**7)  # it copies people who know people who know people
    n, m = scores.shape
    mentors = {f"a{a}": [f"b{b}" for b in (-scores[a]).argsort(kind="stable").tolist()] for a in range(n)}
    mentees = {f"b{b}": [f"a{a}" for a in (-scores[:, b]).argsort(kind="stable").tolist()] for b in range(m)}
    plan = HospitalResident.create_from_dictionaries(mentors, mentees, dict.fromkeys(mentees, 1)).solve()
    total = sum(int(scores[int(a.name[1:]), int(b.name[1:])]) for b, some in plan.items() for a in some)
    return Answer((total,), proven=False)


GREEDY = Contestant("best pair that is left", load, _greedy, same="at most")
TOOL = Contestant("matching HospitalResident", _tool_loaded, _tool, ("matching",), repeats=1, limit=150, same="at most")
