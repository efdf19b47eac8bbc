"""Our side of the cases: the public interface, as a user calls it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.registry import Answer, Contestant

NAME = "revmatch"


def loaded(folder: Path) -> Any:
    """The programme, with everything imported that a first call of `match` would import."""
    import made

    import revmatch as rm

    rm.match(rm.Programme.from_scores([[3, 1], [2, 5]]))
    return made.load(folder)


def answer(plan: Any) -> Answer:
    """Values of all goals, and whether every one is proven."""
    value = tuple(-1 if goal.value is None else int(goal.value) for goal in plan.goals)
    gap = plan.gap
    proven = str(plan.status) == "OPTIMAL"
    return Answer(value, proven, "" if proven else f"gap {100 * gap:.2g} %" if gap is not None else "no plan")


def matched(programme: Any) -> Answer:
    import revmatch as rm

    return answer(rm.match(programme))


US = Contestant(NAME, loaded, matched)
