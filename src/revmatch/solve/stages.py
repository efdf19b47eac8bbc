"""Goals in strict order: each is solved, proved, and kept while the next is pursued.

A goal whose ceiling is reached leaves the face of best plans (`revmatch.solve.face`). A goal that only an engine's word
closes is kept as a row instead: at least this value.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from revmatch.engines import ENGINES
from revmatch.engines.engine import Answer, Feature, Outcome
from revmatch.errors import EngineError, Problem, ScaleError, VerificationError
from revmatch.model import Model, Rows
from revmatch.plan import Proof, StoppedBy
from revmatch.policy.sides import Bools, Ints
from revmatch.solve.face import ceiling, narrowed
from revmatch.solve.first import first_plan, first_prices

#: Told before each goal and at the end: (goal's position, value so far or None). False stops the search.
Watch = Callable[[int, int | None], bool | None]


@dataclass(frozen=True, slots=True)
class Stage:
    """What is known of one goal.

    Parameters
    ----------
    prices : ndarray of int64, shape (n + m,)
    ceiling : int
        What the prices prove.
    bound : int
        The ceiling, as the prices prove it or as an engine said.
    """

    prices: Ints
    ceiling: int
    bound: int


@dataclass(slots=True)
class Pursuit:
    """How far the goals were pursued; filled goal by goal.

    Parameters
    ----------
    pairs : ndarray of bool, optional
        The best plan so far.
    stages : list of Stage
        One a goal so far; of an infeasible model, the one that proves it.
    infeasible : bool
        No plan exists.
    face : Model, optional
        All plans that are best in every goal, once every goal is proven by prices.
    proof, stopped_by, route
        As in `Plan`.
    """

    pairs: Bools | None = None
    stages: list[Stage] = field(default_factory=list)
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
    VerificationError
        RM900 if a solver's answer does not hold.
    """
    found = Pursuit()
    original = model
    for goal, name in enumerate(names):
        try:
            if not _go_on(found, model, goal, options):
                break
            model = _one_goal(found, model, goal, name, options)
        except KeyboardInterrupt:
            if found.pairs is None:
                raise
            found.stopped_by = "interrupt"
        if found.infeasible or found.stopped_by in ("time", "interrupt"):
            break
    if not found.infeasible and found.stopped_by:
        _fill_up(found, original, len(names))
    elif found.proof == "prices" and not found.infeasible:
        found.face = model
    return found


def _go_on(found: Pursuit, model: Model, goal: int, options: Options) -> bool:
    """Ask the clock and the caller before a goal is begun."""
    value = None if found.pairs is None else model.value(model.with_switches(found.pairs), goal)
    if options.seconds == 0.0:
        found.stopped_by = "time"
    elif options.watch is not None and _is_false(options.watch(goal, value)):
        found.stopped_by = "callback"
    else:
        return True
    return False


def _is_false(answer: object) -> bool:
    return isinstance(answer, bool | np.bool_) and not answer


def _one_goal(found: Pursuit, model: Model, goal: int, name: str, options: Options) -> Model:
    """Solve and prove one goal, by the cheapest engine that can; the model on which the next one is pursued."""
    prices = None if options.engine else _quickly(found, model, goal)
    if prices is not None:
        found.route.append(f"{name} without a solver: a quick plan meets a quick ceiling")
        return _keep(found, model, goal, prices, None)
    refused = ""
    for engine in ENGINES:
        if options.engine not in (None, engine.name):
            continue
        if refused := engine.refuses(model, goal) or "":
            found.route.append(f"{name} not by {engine.name}: {refused}")
            continue
        if len(model.rows) and Feature.ROWS not in engine.features:
            answer = engine.solve(model.replace(rows=Rows.empty()), goal, seconds=options.seconds)
            if answer.pairs is not None and not model.rows.kept_by(model.with_switches(answer.pairs)):
                found.route.append(f"prices of {name} by {engine.name}: it cannot hold rows")
                prices = answer.prices
                continue
        elif prices is not None and _close_enough(found, model, goal, prices, options.gap):
            found.route.append(f"{name} not by {engine.name}: the plan is within the gap that was asked for")
            assert found.pairs is not None
            if model.value(model.with_switches(found.pairs), goal) < ceiling(model, goal, prices):
                found.stopped_by = "gap"
            return _keep(found, model, goal, prices, None)
        else:
            bound: int | None = None if prices is None else ceiling(model, goal, prices)
            answer = engine.solve(model, goal, hint=found.pairs, bound=bound, seconds=options.seconds)
        found.route.append(f"{name} by {engine.name}: {_asked(model)}")
        return _settle(found, model, goal, answer, prices)
    raise ScaleError(Problem("RM110", f"goal {name}", f"no engine can hold these numbers: {refused}", "divide them"))


def _quickly(found: Pursuit, model: Model, goal: int) -> Ints | None:
    """Prices that prove a quick plan best, where it is worth trying: all pairs are worth the same."""
    count = model.columns.pairs
    worth = model.columns.worth[goal, :count][model.free[:count]]
    if len(worth) and int(worth.min()) != int(worth.max()):
        return None
    prices = first_prices(model, goal)
    top = ceiling(model, goal, prices)
    # one that looks at the last goal is worth more if time runs out before that goal is reached
    for by in dict.fromkeys((len(model.columns.worth) - 1, goal)):
        pairs = first_plan(model, by)
        if pairs is not None and model.value(model.with_switches(pairs), goal) == top:
            found.pairs = pairs
            return prices
    return None


def _asked(model: Model) -> str:
    if not len(model.rows):
        return "only pairs and numbers of partners are asked"
    return f"{len(model.rows):,} rows must be kept besides the numbers of partners"


def _close_enough(found: Pursuit, model: Model, goal: int, prices: Ints, gap: float) -> bool:
    """Whether the plan so far is within the gap that was asked for; the first plan of all is a quick one."""
    if not gap:
        return False
    if found.pairs is None:
        found.pairs = first_plan(model, goal)
    if found.pairs is None:
        return False
    value = model.value(model.with_switches(found.pairs), goal)
    return ceiling(model, goal, prices) - value <= gap * max(1, abs(value))


def _settle(found: Pursuit, model: Model, goal: int, answer: Answer, prices: Ints | None) -> Model:
    """Take an engine's answer, as far as prices or a second look bear it out."""
    if answer.outcome is Outcome.INFEASIBLE:
        return _refuted(found, model, goal, answer)
    if answer.pairs is not None:
        chosen = model.with_switches(answer.pairs)
        _check(model, goal, answer, chosen)
        # an engine that ran out of time may come back with less than it was given
        if found.pairs is None or model.value(chosen, goal) >= model.value(model.with_switches(found.pairs), goal):
            found.pairs = answer.pairs
    if answer.outcome is not Outcome.OPTIMAL:
        found.stopped_by = "time"
    if found.pairs is None:
        return model
    best = answer.prices if answer.prices is not None else prices
    claimed = model.value(model.with_switches(found.pairs), goal) if answer.outcome is Outcome.OPTIMAL else answer.bound
    return _keep(found, model, goal, first_prices(model, goal) if best is None else best, claimed)


def _check(model: Model, goal: int, answer: Answer, chosen: Bools) -> None:
    """Believe nothing: an answer must keep the model, and be worth what its prices and its engine say."""
    wrong = ""
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


def _keep(found: Pursuit, model: Model, goal: int, prices: Ints, claimed: int | None) -> Model:
    """Note a goal's stage; the face that its prices leave, or else a row that keeps its value."""
    assert found.pairs is not None
    value, top = model.value(model.with_switches(found.pairs), goal), ceiling(model, goal, prices)
    found.stages.append(Stage(prices, top, top if claimed is None else min(top, claimed)))
    if value == top:
        return narrowed(model, goal, prices)
    found.proof = "engine"
    worth = model.columns.worth[goal]
    used = np.flatnonzero(worth)
    return model.replace(rows=model.rows.with_row(f"goal:{goal}", used, -worth[used], -value))


def _refuted(found: Pursuit, model: Model, goal: int, answer: Answer) -> Model:
    """No plan exists; with prices, anybody can check that."""
    if found.pairs is not None:
        raise EngineError(Problem("RM901", "engine", "it says that no plan exists, and one is known"))
    found.infeasible = True
    if answer.prices is None:
        found.proof = "engine"
    else:
        columns = replace(model.columns, worth=np.zeros_like(model.columns.worth))
        top = ceiling(model.replace(columns=columns), goal, answer.prices)
        found.stages.append(Stage(answer.prices, top, top))
    return model


def _fill_up(found: Pursuit, model: Model, goals: int) -> None:
    """Give a plan to who ran out of time before there was one, and a ceiling to every goal that has none."""
    if found.pairs is None:
        found.pairs = first_plan(model, goals - 1)
    if found.pairs is None:
        return
    chosen = model.with_switches(found.pairs)
    for goal in range(goals):
        if goal == len(found.stages):
            prices = first_prices(model, goal)
            top = ceiling(model, goal, prices)
            found.stages.append(Stage(prices, top, top))
        # without a proof of the whole, an engine's word for one goal is no bound
        found.stages[goal] = replace(found.stages[goal], bound=found.stages[goal].ceiling)
        if model.value(chosen, goal) == found.stages[goal].ceiling:
            model = narrowed(model, goal, found.stages[goal].prices)
    if all(model.value(chosen, goal) == stage.ceiling for goal, stage in enumerate(found.stages)):
        found.stopped_by, found.proof = None, "prices"  # stopped, and proven all the same
