"""What is pursued, in strict order: each goal's optimum is kept while the next is pursued.

Most goals are a sum: a worth for each pair and a worth for each person's first partner. The others compare people with
each other; they say what any plan keeps that reaches a given value, as rows and as pairs that it does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any, ClassVar

import numpy as np

from revmatch.policy.declaration import Declaration
from revmatch.policy.sides import Ints, Side, Sides

__all__ = ["Balance", "Coverage", "LeastChange", "Pairs", "TotalScore", "WorstOff"]


@dataclass(frozen=True, slots=True)
class Gaps:
    """Rows over people: those of group a who have a partner, times one number, less those of group b, times another.

    Parameters
    ----------
    mentor_group, mentee_group : ndarray of int64, shapes (n,) and (m,)
        0..groups-1, or -1: in no group.
    first, second : ndarray of int64
        Groups a and b of each row.
    plus, minus : ndarray of object
        What each person of group a, and of group b, who has a partner counts.
    at_most : ndarray of object
        Bounds.
    """

    mentor_group: Ints
    mentee_group: Ints
    first: Ints
    second: Ints
    plus: Any
    minus: Any
    at_most: Any


class Goal(Declaration, abstract=True):
    """Base of all goals."""

    __slots__ = ()
    family = "goal"
    registry: ClassVar[dict[str, type[Any]]] = {}
    #: The goal's value is in units of the score.
    in_score_units: ClassVar[bool] = False
    #: The goal is no sum over pairs and people: it is pursued by asking whether more can be reached.
    compares: ClassVar[bool] = False
    #: What people read is the better the smaller, and never below 0; the whole units are turned round.
    made_small: ClassVar[bool] = False

    def columns(self) -> dict[Side, tuple[str, ...]]:
        """Columns that the goal reads, by side."""
        return {}

    def worth(self, score: Ints) -> Ints:
        """Worth of each pair, from the whole-number scores of the pairs."""
        return np.zeros_like(score)

    def first_partner(self, side: Side) -> int:
        """Worth of a person of a side having a partner at all."""
        return 0

    def listed(self, sides: Sides) -> tuple[Ints, Ints] | None:
        """Pairs that are worth 1 more than others, by position; None: `worth` says it all."""
        return None

    def value(self, sides: Sides, i: Ints, j: Ints, score: Ints) -> int:
        """What a plan with these pairs reaches, in whole units of which more is better."""
        total = int(self.worth(score).sum())
        listed = self.listed(sides)
        if listed is not None:
            width = max(1, sides.shape[1])
            total += int(np.isin(i * width + j, listed[0] * width + listed[1]).sum())
        total += self.first_partner("mentor") * len(np.unique(i))
        return total + self.first_partner("mentee") * len(np.unique(j))

    def shown(self, whole: int, sides: Sides) -> int | float:
        """A value as people read it; whole units of score are turned into points elsewhere."""
        return whole

    def words(self) -> str:
        """The goal, as it follows "First, " or "then "."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Coverage(Goal):
    """How many people have a partner.

    Parameters
    ----------
    side : {"mentor", "mentee"}, optional
        Count one side only; by default both are added.
    """

    side: Side | None = None

    def __post_init__(self) -> None:
        self._one_of("side", "mentor", "mentee", None)

    def first_partner(self, side: Side) -> int:
        return 1 if self.side in (None, side) else 0

    def words(self) -> str:
        return f"as many {'people' if self.side is None else self.side + 's'} as possible have a partner"


@dataclass(frozen=True, slots=True)
class Pairs(Goal):
    """How many pairs there are."""

    def worth(self, score: Ints) -> Ints:
        return np.ones_like(score)

    def words(self) -> str:
        return "as many pairs as possible"


@dataclass(frozen=True, slots=True)
class TotalScore(Goal):
    """The sum of the scores of all pairs."""

    in_score_units: ClassVar[bool] = True

    def worth(self, score: Ints) -> Ints:
        return score

    def words(self) -> str:
        return "the highest total score"


@dataclass(frozen=True, slots=True)
class WorstOff(Goal):
    """The lowest total score over mentees who have a mentor; 0 if nobody is matched.

    It must follow `Coverage` or `Pairs`, or stand beside the limit `EveryoneMatched`: else leaving somebody out would
    help.

    Notes
    -----
    The first step of max-min fairness. Where mentees have one place each it is the bottleneck assignment problem (R.
    Burkard, M. Dell'Amico, S. Martello, Assignment Problems, 2009, chapter 6).
    """

    in_score_units: ClassVar[bool] = True
    compares: ClassVar[bool] = True

    def value(self, sides: Sides, i: Ints, j: Ints, score: Ints) -> int:
        if not len(j):
            return 0
        matched, place = np.unique(j, return_inverse=True)
        totals = np.zeros(len(matched), dtype=np.int64)
        np.add.at(totals, place, score)
        return int(totals.min())

    def words(self) -> str:
        return "the highest total for the mentee who is worst off"


@dataclass(frozen=True, slots=True)
class Balance(Goal):
    """The smallest gap between groups in the part of their people who have a partner.

    People of capacity 0, and who state no value, are in no group.

    Parameters
    ----------
    column : str
        People with the same value are a group.
    side : {"mentor", "mentee"}, optional
        Compare the people of one side only; by default those of both together.
    """

    column: str
    side: Side | None = None
    compares: ClassVar[bool] = True
    made_small: ClassVar[bool] = True

    def __post_init__(self) -> None:
        self._text("column")
        self._one_of("side", "mentor", "mentee", None)

    def columns(self) -> dict[Side, tuple[str, ...]]:
        both: tuple[Side, Side] = ("mentor", "mentee")
        return {side: (self.column,) for side in both if self.side in (None, side)}

    def groups(self, sides: Sides) -> tuple[Ints, Ints, Ints]:
        """Group of each mentor and mentee, by the order of the texts, -1: none; and how many people each has."""
        words: list[list[str]] = []
        both: tuple[Side, Side] = ("mentor", "mentee")
        for side in both:
            people = sides.of(side)
            texts = people.decoded(self.column).tolist() if self.side in (None, side) else [""] * len(people)
            taking_part = (people.capacity > 0).tolist()
            words.append([text if there else "" for text, there in zip(texts, taking_part, strict=True)])
        rank = {word: k for k, word in enumerate(sorted({*words[0], *words[1]} - {""}))}
        found = [np.array([rank.get(word, -1) for word in own], dtype=np.int64) for own in words]
        everybody = np.concatenate(found)
        return found[0], found[1], np.bincount(everybody[everybody >= 0], minlength=len(rank)).astype(np.int64)

    def value(self, sides: Sides, i: Ints, j: Ints, score: Ints) -> int:
        mentors, mentees, sizes = self.groups(sides)
        if len(sizes) < 2:
            return 0
        everybody = np.concatenate([mentors[np.unique(i)], mentees[np.unique(j)]])
        matched = np.bincount(everybody[everybody >= 0], minlength=len(sizes)).tolist()
        unit = common_unit(tuple(sizes.tolist()))
        parts = [count * (unit // size) for count, size in zip(matched, sizes.tolist(), strict=True)]
        return int(min(parts) - max(parts))

    def at_least(self, sides: Sides, value: int) -> Gaps | None:
        """Rows that exactly the plans of at least this value keep; None if no plan can have it."""
        if value > 0:
            return None
        mentors, mentees, sizes = self.groups(sides)
        unit = common_unit(tuple(sizes.tolist()))
        count = len(sizes)
        first, second = np.divmod(np.arange(count * count, dtype=np.int64), max(1, count))
        first, second = first[first != second], second[first != second]
        size = sizes.astype(object)
        # part of a - part of b <= gap, times the sizes of both
        plus, minus = size[second], size[first]
        most = np.array([int(a) * int(b) * -value // unit for a, b in zip(plus, minus, strict=True)], dtype=object)
        return Gaps(mentors, mentees, first, second, plus, minus, most)

    def shown(self, whole: int, sides: Sides) -> int | float:
        unit = common_unit(tuple(self.groups(sides)[2].tolist()))
        return float(Fraction(-whole, unit))

    def words(self) -> str:
        of = "people" if self.side is None else f"{self.side}s"
        return f"the smallest gap between groups of {of} by {self.column} in the part that has a partner"


@dataclass(frozen=True, slots=True)
class LeastChange(Goal):
    """Fewest pairs of the plan before this one lost: those that the programme is given as ``previous=``."""

    made_small: ClassVar[bool] = True

    def listed(self, sides: Sides) -> tuple[Ints, Ints] | None:
        return sides.previous

    def shown(self, whole: int, sides: Sides) -> int | float:
        return sides.previous_pairs - whole

    def words(self) -> str:
        return "as few pairs of the plan before as possible are lost"


@lru_cache(maxsize=64)
def common_unit(sizes: tuple[int, ...]) -> int:
    """Number in whose parts the rates of groups of these sizes are whole.

    >>> common_unit((4, 6))
    12
    """
    return lcm(*sizes) if sizes else 1
