"""Price: solve on the candidates, look at all pairs for any that beat their prices, add them, and again.

This is column generation (L. Ford and D. Fulkerson, A Suggested Computation for Maximal Multi-Commodity Network Flows,
1958): when no pair is left that beats its prices, the prices prove the ceiling over all pairs, though few were stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from revmatch.engines import ENGINES
from revmatch.engines.engine import Answer, Engine, Feature, Outcome
from revmatch.errors import Problem, VerificationError
from revmatch.model import Model, Rows
from revmatch.policy.sides import Ints
from revmatch.solve.aside import ask
from revmatch.solve.face import ceiling
from revmatch.solve.look import grow_by_prices
from revmatch.solve.search import Search, Stage


@dataclass(frozen=True, slots=True)
class Priced:
    """Prices that no pair beats.

    Parameters
    ----------
    prices : ndarray of int64, shape (n + m,)
    ceiling : int
        What they prove over all pairs.
    holds : bool
        The plan that goes with them, and is held now, keeps every row too; else rows are yet to be kept.
    engine, how : str
        For `Plan.route`.
    """

    prices: Ints
    ceiling: int
    holds: bool
    engine: str
    how: str


@dataclass(frozen=True, slots=True)
class Refuted:
    """Prices that prove that no plan exists."""

    prices: Ints
    ceiling: int
    engine: str


def price(search: Search, goal: int, stages: list[Stage]) -> Priced | Refuted | None:
    """Pursue one goal by prices, with rows left aside; None if no engine that gives prices can hold the numbers.

    Raises
    ------
    VerificationError
        RM900 if an engine's answer does not hold.
    Stopped
        If time is up, or the caller says so.
    """
    prices: Ints | None = None
    rounds = 0
    while True:
        rounds += 1
        model = search.model(stages)
        relaxed = model.replace(rows=Rows.empty())
        search.enter("solve")
        engine, answer = _solved(search, relaxed, goal, prices)
        if engine is None or answer is None:
            return None
        assert answer.prices is not None
        prices = answer.prices
        if answer.outcome is Outcome.INFEASIBLE:
            top = ceiling(_worthless(relaxed), goal, prices)
            search.enter("look")
            if grow_by_prices(search, None, prices, stages).grew:
                prices = None
                continue
            return Refuted(prices, top, engine.name)
        assert answer.pairs is not None
        check(relaxed, goal, answer)
        holds = model.rows.kept_by(model.with_switches(answer.pairs))
        if holds:
            search.hold(answer.pairs)
            search.stages = stages  # this plan reaches them all, if that was only taken for granted so far
        search.enter("look")
        above = grow_by_prices(search, goal, prices, stages)
        lifted, top = above.ceiling(relaxed, goal, prices)
        search.note(goal, lifted, top)
        if not above.grew:
            return Priced(prices, top, holds, engine.name, _how(search, rounds))
        if holds and _close_enough(search, goal, top):
            return Priced(lifted, top, True, engine.name, _how(search, rounds))


def check(model: Model, goal: int, answer: Answer) -> None:
    """Believe nothing: an answer must keep the model, and be worth what its prices and its engine say."""
    wrong = ""
    assert answer.pairs is not None
    chosen = model.with_switches(answer.pairs)
    if not model.holds(chosen):
        wrong = "the answer breaks a bound, a row or a decision"
    elif answer.outcome is Outcome.OPTIMAL:
        value = model.value(chosen, goal)
        if answer.prices is not None and ceiling(model, goal, answer.prices) != value:
            wrong = f"the answer is worth {value}, its prices prove {ceiling(model, goal, answer.prices)}"
        elif answer.bound is not None and answer.bound != value:
            wrong = f"the answer is worth {value}, the engine says {answer.bound}"
    if wrong:
        raise VerificationError(Problem("RM900", "engine", wrong, "please report this"))


def _solved(search: Search, model: Model, goal: int, start: Ints | None) -> tuple[Engine | None, Answer | None]:
    """The first engine that gives prices and can hold the numbers, and what it says."""
    chosen = search.chosen()
    hint = None if chosen is None else chosen[: model.columns.pairs]
    for engine in ENGINES:
        if Feature.ROWS in engine.features or search.options.engine not in (None, engine.name):
            continue
        refused = engine.refuses(model, goal)
        if refused:
            continue
        answer = ask(search, engine, model, goal, hint=hint, start=start, end=search.end)
        if answer.outcome is not Outcome.UNKNOWN:
            return engine, answer
    return None, None


def _worthless(model: Model) -> Model:
    """The model in which nothing is worth anything, as in the proof that no plan exists."""
    return model.replace(columns=replace(model.columns, worth=np.zeros_like(model.columns.worth)))


def _close_enough(search: Search, goal: int, top: int) -> bool:
    """Whether the plan of the last goal is within the gap that was asked for; those before it are cheap to close."""
    value, gap = search.value(goal), search.options.gap
    if value is None or not gap or goal < len(search.names) - 1:
        return False
    return top - value <= gap * max(1, abs(value))


def _how(search: Search, rounds: int) -> str:
    """Say in a few words what was looked at and solved."""
    if search.all_pairs is None:
        return "only pairs and numbers of partners are asked"
    n, m = search.numbered.sides.shape
    times = f"{rounds} round{'s' * (rounds != 1)}"
    lost = search.all_pairs.hands.lost
    said = f"{len(search.candidates):,} of {n * m:,} pairs were candidates, {times}, {search.all_pairs.way}"
    return said + (f"; {lost:,} tiles that the executor lost were looked at here" if lost else "")
