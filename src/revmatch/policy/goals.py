"""What is pursued, in strict order: each goal's optimum is kept while the next is pursued.

A goal is the sum of a worth for each pair and a worth for each person's number of partners.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from revmatch.policy.declaration import Declaration
from revmatch.policy.sides import Ints, Side

__all__ = ["Coverage", "Pairs", "TotalScore"]


class Goal(Declaration, abstract=True):
    """Base of all goals."""

    __slots__ = ()
    family = "goal"
    registry: ClassVar[dict[str, type[Any]]] = {}
    #: The goal's value is in units of the score.
    in_score_units: ClassVar[bool] = False

    def worth(self, score: Ints) -> Ints:
        """Worth of each pair, from the whole-number scores of the pairs."""
        return np.zeros_like(score)

    def first_partner(self, side: Side) -> int:
        """Worth of a person of a side having a partner at all."""
        return 0

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
