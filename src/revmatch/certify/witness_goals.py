"""One witness for each goal: what a pair is worth to it, and what having a partner at all is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from revmatch.policy import goals


@dataclass(frozen=True, slots=True)
class Aim:
    """A goal, as a sum over pairs and people.

    Parameters
    ----------
    pair : {"nothing", "one", "score"}
        What each pair is worth.
    sides : frozenset of str
        Sides whose people are worth 1 each if they have a partner.
    """

    pair: Literal["nothing", "one", "score"]
    sides: frozenset[str]

    def value(self, pairs: Iterable[tuple[int, int]], scores: Iterable[int]) -> int:
        """Value of a plan with these pairs and scores, in whole units."""
        held = list(pairs)
        total = {"nothing": 0, "one": len(held), "score": sum(scores) if self.pair == "score" else 0}[self.pair]
        if "mentor" in self.sides:
            total += len({i for i, _ in held})
        if "mentee" in self.sides:
            total += len({j for _, j in held})
        return total


def coverage(goal: goals.Coverage) -> Aim:
    """How many people have a partner, on both sides or on one."""
    return Aim("nothing", frozenset(("mentor", "mentee") if goal.side is None else (goal.side,)))


def pairs(goal: goals.Pairs) -> Aim:
    """Most pairs."""
    return Aim("one", frozenset())


def total_score(goal: goals.TotalScore) -> Aim:
    """The sum of the scores of all pairs."""
    return Aim("score", frozenset())


#: What a record is about that proves that no plan exists: nothing is worth anything.
FEASIBLE = Aim("nothing", frozenset())

#: Type of goal -> its witness.
GOALS: dict[type[Any], Callable[[Any], Aim]] = {
    goals.Coverage: coverage,
    goals.Pairs: pairs,
    goals.TotalScore: total_score,
}
