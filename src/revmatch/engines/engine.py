"""What every engine is: a name, what it can hold, and one method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from revmatch.engines.prices import End
from revmatch.model import Model
from revmatch.policy.sides import Bools, Ints


class Feature(StrEnum):
    """What a model may ask of an engine, beyond pairs and degree bounds."""

    ROWS = "rows"


class Outcome(StrEnum):
    """How an engine ended."""

    #: The columns are best.
    OPTIMAL = "optimal"
    #: The columns keep everything; better ones may exist.
    FEASIBLE = "feasible"
    #: Nothing keeps everything.
    INFEASIBLE = "infeasible"
    #: Neither found nor refuted: in time, or at all by this engine.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine says; nothing is believed before it is checked.

    Parameters
    ----------
    outcome : Outcome
    pairs : ndarray of bool, shape (pair columns,), optional
        The chosen pairs, where there are any.
    prices : ndarray of int64, shape (n + m,), optional
        Price of each person, where the engine can give them; of an infeasible model, prices that prove it.
    bound : int, optional
        The engine's own ceiling.
    """

    outcome: Outcome
    pairs: Bools | None = None
    prices: Ints | None = None
    bound: int | None = None


class Engine(Protocol):
    """Solves one goal of a model."""

    @property
    def name(self) -> str:
        """The word for the engine in `Plan.route`."""
        ...

    @property
    def features(self) -> frozenset[Feature]:
        """What it can hold beyond pairs and degree bounds."""
        ...

    def refuses(self, model: Model, goal: int) -> str | None:
        """Why the engine cannot be used for these numbers; None if it can."""
        ...

    def solve(
        self,
        model: Model,
        goal: int,
        *,
        hint: Bools | None = None,
        bound: int | None = None,
        seconds: float | None = None,
        start: Ints | None = None,
        end: End = "low",
        found: Callable[[Bools], None] | None = None,
    ) -> Answer:
        """Best columns of a model in one goal.

        Parameters
        ----------
        model : Model
        goal : int
            Position of the goal.
        hint : ndarray of bool, optional
            Pairs of a plan that is known.
        bound : int, optional
            A proven ceiling.
        seconds : float, optional
            Time that is left; not every engine can be stopped.
        start : ndarray of int64, shape (n + m,), optional
            Prices that are nearly right, such as those of nearly the same model: they save time and never change what
            is best, but the prices that are given depend on them.
        end : {"low", "middle", "high"}
            Which of all valid prices are given: see `revmatch.engines.prices.residual_prices`.
        found : callable, optional
            Told the pairs of every better plan on the way, by an engine that has such; what it raises ends the search.

        Raises
        ------
        EngineError
            RM901 if the solver fails.
        """
        ...
