"""A certificate checked in ten lines of plain Python: what a stranger needs, and nothing else.

``pairs`` is ``{(mentor, mentee): score}`` for every pair that may be held, ``fixed`` the pinned ones among them,
``degrees`` is ``{("mentor" or "mentee", id): set of allowed numbers of partners}``. A goal is ``(worth of a pair from
its score, sides whose people count once they have a partner, the plan's value)``; a record is ``(prices by person,
denominator)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Person = tuple[str, str]
Goal = tuple[Callable[[int], int], tuple[str, ...], int | None]


def ceilings(
    pairs: dict[tuple[str, str], int],
    fixed: set[tuple[str, str]],
    degrees: dict[Person, set[int]],
    goals: list[Goal],
    records: list[tuple[dict[Person, int], int]],
) -> Iterator[int]:
    """Yield the ceiling of each goal, on the face of the goals before it; stop at a goal that does not close."""
    free, into, room = set(pairs) - fixed, set(fixed), degrees
    for (worth, sides, value), (y, unit) in zip(goals, records, strict=False):
        bracket = {p: unit * worth(pairs[p]) - y["mentor", p[0]] - y["mentee", p[1]] for p in free | into}
        at = {who: {d: unit * (who[0] in sides and d >= 1) + y[who] * d for d in some} for who, some in room.items()}
        total = sum(max(some.values()) for some in at.values())
        total += sum(bracket[p] for p in into) + sum(max(0, bracket[p]) for p in free)
        yield total // unit
        if value is None or value * unit != total:
            return
        into, free = into | {p for p in free if bracket[p] > 0}, {p for p in free if bracket[p] == 0}
        room = {who: {d for d, best in some.items() if best == max(some.values())} for who, some in at.items()}


def worth_of(goal: str) -> Callable[[int], int]:
    """What a pair is worth to a goal, from its score."""
    return {"Pairs": lambda score: 1, "TotalScore": lambda score: score}.get(goal, lambda score: 0)


def sides_of(goal: str, params: dict[str, Any]) -> tuple[str, ...]:
    """Sides whose people count once they have a partner."""
    return () if goal != "Coverage" else ("mentor", "mentee") if not params.get("side") else (params["side"],)
