"""Goals in strict order: each is solved, proved, and kept while the next is pursued.

A goal whose ceiling is reached leaves the face of best plans (`revmatch.solve.face`). A goal that only an engine's word
closes is kept as a row instead: at least this value.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from revmatch.engines import ENGINES
from revmatch.engines.engine import Answer, Engine, Feature, Outcome
from revmatch.errors import EngineError, Problem, ScaleError
from revmatch.model import Model, Rows
from revmatch.plan import Proof, StoppedBy
from revmatch.policy.sides import Bools, Ints
from revmatch.solve.face import ceiling, narrowed
from revmatch.solve.first import first_plan, first_prices

#: Told before each goal and at the end: (goal's position, value so far or None). False stops the search.
Watch = Callable[[int, int | None], bool | None]


@dataclass(slots=True)
class Pursuit:
    """How far the goals were pursued; filled goal by goal.

    Parameters
    ----------
    pairs : ndarray of bool, optional
        The best plan so far.
    prices : list of ndarray
        Prices of each goal so far; of an infeasible model, one entry that proves it.
    ceilings : list of int
        What these prices prove.
    bounds : list of int
        Ceiling of each goal, as proven or as an engine said.
    infeasible : bool
        No plan exists.
    face : Model, optional
        All plans that are best in every goal, once every goal is proven by prices.
    proof, stopped_by, route
        As in `Plan`.
    """

    pairs: Bools | None = None
    prices: list[Ints] = field(default_factory=list)
    ceilings: list[int] = field(default_factory=list)
    bounds: list[int] = field(default_factory=list)
    infeasible: bool = False
    face: Model | None = None
    proof: Proof | None = "prices"
    stopped_by: StoppedBy | None = None
    route: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Options:
    """How to pursue.

    Parameters
    ----------
    deadline : float or None
        On the clock of `time.monotonic`.
    gap : float
    engine : str or None
        Use this engine alone (tests compare them).
    watch : callable, optional
    """

    deadline: float | None = None
    gap: float = 0.0
    engine: str | None = None
    watch: Watch | None = None

    @property
    def seconds(self) -> float | None:
        """Time that is left."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())


def pursue(model: Model, names: tuple[str, ...], options: Options) -> Pursuit:
    """Pursue all goals of a model, in order.

    Raises
    ------
    ScaleError
        RM110 if no engine can hold the numbers.
    EngineError
        RM901 if a solver fails.
    """
    found = Pursuit()
    original = model
    for goal in range(len(names)):
        try:
            if not _go_on(found, model, goal, options):
                break
            model = _one_goal(found, model, goal, names[goal], options)
        except KeyboardInterrupt:
            if found.pairs is None:
                raise
            found.stopped_by = "interrupt"
        if found.infeasible or found.stopped_by:
            break
    if not found.infeasible and found.stopped_by:
        _fill_up(found, original, len(names))
    elif found.proof == "prices" and not found.infeasible:
        found.face = model
    return found


def _go_on(found: Pursuit, model: Model, goal: int, options: Options) -> bool:
    value = None if found.pairs is None else model.value(model.with_switches(found.pairs), goal)
    if options.seconds == 0.0:
        found.stopped_by = "time"
    elif options.watch is not None and options.watch(goal, value) is False:
        found.stopped_by = "callback"
    return found.stopped_by is None


def _one_goal(found: Pursuit, model: Model, goal: int, name: str, options: Options) -> Model:
    """Solve and prove one goal; the model on which the next one is pursued."""
    relaxed = model.replace(rows=Rows.empty())
    prices: Ints | None = None
    why = ""
    for engine in _chosen(options):
        why = engine.refuses(model, goal) or ""
        if why:
            found.route.append(f"{name}: not {engine.name}, as {why}")
            continue
        if Feature.ROWS not in engine.features and len(model.rows):
            answer = engine.solve(relaxed, goal, seconds=options.seconds)
            if answer.outcome is Outcome.OPTIMAL and not _keeps_rows(model, answer):
                prices = answer.prices
                found.route.append(f"{name}: {engine.name} gave prices; {len(model.rows)} rows need more")
                continue
        else:
            hint, bound = found.pairs, None if prices is None else ceiling(model, goal, prices)
            answer = engine.solve(model, goal, hint=hint, bound=bound, seconds=options.seconds)
        found.route.append(f"{name}: {engine.name}")
        return _settle(found, model, goal, answer, prices)
    raise ScaleError(Problem("RM110", f"goal {name}", f"no engine can hold these numbers: {why}", "divide the scores"))


def _settle(found: Pursuit, model: Model, goal: int, answer: Answer, prices: Ints | None) -> Model:
    """Take an engine's answer, as far as prices or a second look bear it out."""
    if answer.outcome is Outcome.INFEASIBLE:
        found.infeasible = True
        if answer.prices is None:
            found.proof = "engine"
        else:
            found.prices.append(answer.prices)
            found.ceilings.append(ceiling(_without_worth(model), goal, answer.prices))
        return model
    if answer.pairs is None:
        found.stopped_by = "time"
        return model
    chosen = model.with_switches(answer.pairs)
    if not model.holds(chosen):
        raise EngineError(Problem("RM900", "engine", "the answer breaks a bound, a row or a decision"))
    found.pairs = answer.pairs
    value = model.value(chosen, goal)
    prices = answer.prices if answer.prices is not None else prices
    prices = first_prices(model, goal) if prices is None else prices
    top = ceiling(model, goal, prices)
    found.prices.append(prices)
    found.ceilings.append(top)
    if value == top:
        found.bounds.append(top)
        return narrowed(model, goal, prices)
    if answer.outcome is Outcome.OPTIMAL:
        found.bounds.append(value)
        found.proof = "engine"
    else:
        found.bounds.append(top if answer.bound is None else min(top, answer.bound))
        found.stopped_by = "time"
    return model.replace(rows=_with_goal(model, goal, value))


def _fill_up(found: Pursuit, model: Model, goals: int) -> None:
    """Give a plan to who ran out of time before there was one, and a ceiling to every goal that has none."""
    if found.pairs is None:
        found.pairs = first_plan(model, goals - 1)
    if found.pairs is None:
        return
    prices, ceilings, bounds = found.prices, found.ceilings, found.bounds
    chosen = model.with_switches(found.pairs)
    for goal in range(goals):
        if goal == len(bounds):
            prices.append(first_prices(model, goal))
            ceilings.append(ceiling(model, goal, prices[goal]))
            bounds.append(ceilings[goal])
        if model.value(chosen, goal) == ceilings[goal]:
            model = narrowed(model, goal, prices[goal])
    if all(model.value(chosen, goal) == ceilings[goal] for goal in range(goals)):
        found.stopped_by, found.proof = None, "prices"  # stopped, and proven all the same


def _chosen(options: Options) -> tuple[Engine, ...]:
    return tuple(engine for engine in ENGINES if options.engine in (None, engine.name))


def _keeps_rows(model: Model, answer: Answer) -> bool:
    assert answer.pairs is not None
    return model.rows.kept_by(model.with_switches(answer.pairs))


def _with_goal(model: Model, goal: int, value: int) -> Rows:
    """Rows, and one more that keeps a goal's value: minus its worth is at most minus its value."""
    worth = model.columns.worth[goal]
    used = np.flatnonzero(worth)
    return model.rows.with_row(f"goal:{goal}", used, -worth[used], -value)


def _without_worth(model: Model) -> Model:
    columns = model.columns
    from dataclasses import replace

    return model.replace(columns=replace(columns, worth=np.zeros_like(columns.worth)))
