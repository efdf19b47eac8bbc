"""What every engine is: a name, what it can hold, and one method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from revmatch.engines.prices import End
from revmatch.model import Model, Prices
from revmatch.policy.sides import Bools, Ints


class Feature(StrEnum):
    """What a model may ask of an engine, beyond pairs and degree bounds."""

    ROWS = "rows"
    #: Somebody may have nobody or several partners, and no number between.
    HOLES = "holes"
    #: Nobody who is not paired blocks the plan.
    STABLE = "stable"
    #: Pairs have weekly times that may be in each other's way.
    SLOTS = "slots"
    #: It solves the relaxation: whole numbers are not asked for.
    RELAXES = "relaxes"


class Outcome(StrEnum):
    """How an engine ended."""

    #: The columns are best.
    OPTIMAL = "optimal"
    #: The columns keep everything; better ones may exist.
    FEASIBLE = "feasible"
    #: The prices prove a ceiling; no plan goes with them.
    RELAXED = "relaxed"
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
    prices : Prices, optional
        Where the engine can give them; of an infeasible model, prices that prove it.
    bound : int, optional
        The engine's own ceiling.
    part : ndarray of int64, shape (columns,), optional
        Of a relaxation: how much of each column it holds, in millionths.
    basis : ndarray of int64, optional
        A start for a model that is nearly the same.
    slot : ndarray of int64, shape (pair columns,), optional
        Slot of each chosen pair that is not easy, -1 of all others.
    """

    outcome: Outcome
    pairs: Bools | None = None
    prices: Prices | None = None
    bound: int | None = None
    part: Ints | None = None
    basis: Ints | None = None
    slot: Ints | None = None


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
        work: float | None = None,
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
        work : float, optional
            Work that the engine may do, by its own count, which no clock changes.
        found : callable, optional
            Told the pairs of every better plan on the way, by an engine that has such; what it raises ends the search.

        Raises
        ------
        EngineError
            RM901 if the solver fails.
        """
        ...
