"""One witness for each goal: what a pair is worth to it, what a partner is worth, or how it compares people."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, Literal

import numpy as np

from revmatch.certify.sides import Ints, Side
from revmatch.certify.world import World
from revmatch.policy import goals


@dataclass(frozen=True, slots=True)
class Aim:
    """A goal, as a sum over pairs and people.

    Parameters
    ----------
    pair : {"nothing", "one", "score", "previous"}
        What each pair is worth; ``"previous"``: 1 if the plan before held it.
    sides : frozenset of str
        Sides whose people are worth 1 each if they have a partner.
    previous : frozenset of (int, int)
        Positions of the pairs that the plan before held, where they count.
    listed : int
        How many pairs the plan before held, those of people who left included.
    """

    pair: Literal["nothing", "one", "score", "previous"]
    sides: frozenset[str]
    previous: frozenset[tuple[int, int]] = frozenset()
    listed: int = 0

    @property
    def in_points(self) -> bool:
        """The goal counts units of the score."""
        return self.pair == "score"

    def value(self, pairs: Iterable[tuple[int, int]], scores: Iterable[int]) -> int:
        """Value of a plan with these pairs and scores, in whole units."""
        held = list(pairs)
        total = 0
        if self.pair == "one":
            total = len(held)
        elif self.pair == "score":
            total = sum(scores)
        elif self.pair == "previous":
            total = sum(pair in self.previous for pair in held)
        if "mentor" in self.sides:
            total += len({i for i, _ in held})
        if "mentee" in self.sides:
            total += len({j for _, j in held})
        return total

    def shown(self, whole: int) -> int | float:
        """A value as it is shown: of pairs of the plan before, those lost."""
        return self.listed - whole if self.pair == "previous" else whole


@dataclass(frozen=True, slots=True)
class Worst:
    """The lowest sum of scores over mentees who have a mentor; 0 if there are none."""

    in_points = True

    def value(self, pairs: Iterable[tuple[int, int]], scores: Iterable[int]) -> int:
        """Value of a plan with these pairs and scores, in whole units."""
        totals: dict[int, int] = {}
        for (_, j), score in zip(pairs, scores, strict=True):
            totals[j] = totals.get(j, 0) + score
        return min(totals.values(), default=0)

    def shown(self, whole: int) -> int | float:
        """A value as it is shown."""
        return whole


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """Largest less smallest part of a group's people who have a partner, below 0, in parts of the group sizes.

    Parameters
    ----------
    mentor_group, mentee_group : ndarray of int64
        Group of each person in the order of the texts; -1 for none.
    sizes : list of int
        How many people each group has.
    """

    mentor_group: Ints
    mentee_group: Ints
    sizes: list[int]

    in_points = False

    @property
    def unit(self) -> int:
        """In whose parts all rates are whole."""
        return lcm(*self.sizes)

    def value(self, pairs: Iterable[tuple[int, int]], scores: Iterable[int]) -> int:
        """Value of a plan with these pairs, in whole units."""
        held = list(pairs)
        matched = [0] * len(self.sizes)
        for people, group in (({i for i, _ in held}, self.mentor_group), ({j for _, j in held}, self.mentee_group)):
            for k in group[sorted(people)].tolist():
                if k >= 0:
                    matched[k] += 1
        rates = [Fraction(part, size) for part, size in zip(matched, self.sizes, strict=True)]
        return int((min(rates) - max(rates)) * self.unit) if len(rates) > 1 else 0

    def shown(self, whole: int) -> int | float:
        """A value as it is shown: the gap."""
        return float(Fraction(-whole, self.unit))


#: A goal as the checker sees it.
Seen = Aim | Worst | Gap


def coverage(goal: goals.Coverage, world: World) -> Aim:
    """How many people have a partner, on both sides or on one."""
    return Aim("nothing", frozenset(("mentor", "mentee") if goal.side is None else (goal.side,)))


def pairs(goal: goals.Pairs, world: World) -> Aim:
    """Most pairs."""
    return Aim("one", frozenset())


def total_score(goal: goals.TotalScore, world: World) -> Aim:
    """The sum of the scores of all pairs."""
    return Aim("score", frozenset())


def worst_off(goal: goals.WorstOff, world: World) -> Worst:
    """The lowest total over mentees who have a mentor."""
    return Worst()


def balance(goal: goals.Balance, world: World) -> Gap:
    """Groups are equal texts of a column, of people of one side or both who take part and state it."""
    texts = [
        _texts(side, most, goal.column) if goal.side in (None, name) else [""] * len(side)
        for name, side, most in (
            ("mentor", world.mentors, world.mentor_bounds[1]),
            ("mentee", world.mentees, world.mentee_bounds[1]),
        )
    ]
    words = sorted({*texts[0], *texts[1]} - {""})
    place = {word: k for k, word in enumerate(words)} | {"": -1}
    found = [np.array([place[text] for text in own], dtype=np.int64) for own in texts]
    return Gap(found[0], found[1], [texts[0].count(word) + texts[1].count(word) for word in words])


def _texts(side: Side, most: Ints, column: str) -> list[str]:
    return [side.cell(row, column) if capacity > 0 else "" for row, capacity in enumerate(most.tolist())]


def least_change(goal: goals.LeastChange, world: World) -> Aim:
    """Pairs of the plan before that are kept."""
    return Aim("previous", frozenset(), frozenset(world.previous), len(set(world.programme.previous)))


#: What a record is about that proves that no plan exists: nothing is worth anything.
FEASIBLE = Aim("nothing", frozenset())

#: Type of goal -> its witness.
GOALS: dict[type[Any], Callable[[Any, World], Seen]] = {
    goals.Coverage: coverage,
    goals.Pairs: pairs,
    goals.TotalScore: total_score,
    goals.WorstOff: worst_off,
    goals.Balance: balance,
    goals.LeastChange: least_change,
}


def seen_goals(world: World) -> list[Seen]:
    """The goals of a programme, in their order."""
    return [GOALS[type(goal)](goal, world) for goal in world.policy.goals]
