"""Goals that compare people: ask for more until it is proven that there is no more.

Whether a value can be reached is a question about rows and pairs like any other; its answer is a plan, or prices that
prove that there is none. Between the value of the plan and the lowest value that was refuted, halves are taken.
"""

from __future__ import annotations

import numpy as np

from revmatch.model import Prices
from revmatch.policy.goals import Balance, Coverage, Pairs
from revmatch.solve.exact import NoPlan, Settled, decide
from revmatch.solve.search import Search, Stage


def climb(search: Search, goal: int) -> Settled | NoPlan:
    """The highest value of a goal that compares, and the proof that there is no higher one.

    Raises
    ------
    Stopped
        If time is up, or the caller says so.
    """
    stages, name = search.stages, search.names[goal]
    if search.held is None:
        found = decide(search, None, stages, f"some plan for {name}")
        if isinstance(found, NoPlan):
            return found
    nothing = Prices(np.zeros(sum(search.numbered.sides.shape), dtype=np.int64))
    low, high, step, asked = _value(search, goal), _most(search, goal), 1, 0
    ceiling, refuted, route = high, NoPlan(nothing, 0), len(search.route)
    while high is None or low < high:
        if reaches_all(search, goal, low):
            # that nobody can be matched is as sure as the goals before
            high, ceiling = low, low if all(stage.proven for stage in stages) else None
            break
        if search.held is not None and not len(search.held):
            break  # somebody could be matched, and nobody is: a goal before was done at a gap
        wanted = low + step if high is None else (low + high + 1) // 2
        asked += 1
        found = decide(search, None, [*stages, Stage(nothing, 0, None, None, wanted, compares=True)], name)
        if isinstance(found, NoPlan):
            high = wanted - 1
            if found.total < 0 or found.cases:
                ceiling, refuted = high, found
        else:
            low, step = _value(search, goal), 2 * step
    del search.route[route:]
    search.route.append(f"{name} by asking for more {asked} time{'s' * (asked != 1)}")
    return Settled(refuted.prices, refuted.total, ceiling, low, refuted.cases)


def reaches_all(search: Search, goal: int, value: int) -> bool:
    """Whether nothing at all is better: there is no gap, or nobody can be matched."""
    if isinstance(search.goals[goal], Balance):
        return value == 0
    if search.held is None or len(search.held):
        return False
    programme = search.numbered.programme
    if not (programme.mentors.capacity.any() and programme.mentees.capacity.any()):
        return True
    before = zip(search.goals[:goal], search.stages, strict=False)
    return any(stage.bound == 0 and isinstance(one, Coverage | Pairs) for one, stage in before)


def _value(search: Search, goal: int) -> int:
    value = search.value(goal)
    assert value is not None
    return value


def _most(search: Search, goal: int) -> int | None:
    """Nothing is better than no gap; of scores nothing is known."""
    return 0 if isinstance(search.goals[goal], Balance) else None
