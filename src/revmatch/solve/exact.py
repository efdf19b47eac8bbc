"""What prices leave open: CP-SAT gets the pairs that can still matter, with every row."""

from __future__ import annotations

from revmatch.engines import ENGINES
from revmatch.engines.engine import Answer, Engine, Feature, Outcome
from revmatch.errors import EngineError, Problem, ScaleError
from revmatch.model import Model
from revmatch.policy.sides import Ints
from revmatch.solve.aside import ask
from revmatch.solve.face import ceiling
from revmatch.solve.first import first_plan, first_prices
from revmatch.solve.look import grow_by_prices
from revmatch.solve.pricing import Priced, check
from revmatch.solve.prune import pruned
from revmatch.solve.search import Search, Stage, Stopped


def settle(search: Search, goal: int, priced: Priced | None) -> None:
    """Find and prove the best plan of a goal with every row, by an engine that holds rows."""
    name = search.names[goal]
    prices = first_prices(search.model(search.stages), goal) if priced is None else priced.prices
    if priced is not None:
        _know_a_plan(search, goal)
    if search.options.gap and priced is not None and _within_gap(search, goal, priced.ceiling):
        search.route.append(f"{name} by {priced.engine}: the plan is within the gap that was asked for")
        search.stopped_by = "gap"
        _keep(search, goal, prices, None)
        return
    model = _what_matters(search, goal, priced)
    engine = _engine(search, model, goal, name)
    search.enter("solve")
    top = ceiling(search.model(search.stages), goal, prices)
    chosen = search.chosen()
    hint = None if chosen is None else chosen[: model.columns.pairs]
    answer = ask(search, engine, model, goal, hint=hint, bound=None if priced is None else top, holds=True)
    if priced is not None:
        search.route.append(f"prices of {name} by {priced.engine}: it cannot hold rows")
    search.route.append(f"{name} by {engine.name}: {_asked(model)}")
    _take(search, goal, model, answer, prices if answer.prices is None else answer.prices)


def _know_a_plan(search: Search, goal: int) -> None:
    """A quick plan, if there is none yet: what is known to be reached prunes more."""
    if search.held is None:
        pairs = first_plan(search.model(search.stages), goal)
        if pairs is not None:
            search.hold(pairs)


def _within_gap(search: Search, goal: int, top: int) -> bool:
    value = search.value(goal)
    return value is not None and top - value <= search.options.gap * max(1, abs(value))


def _what_matters(search: Search, goal: int, priced: Priced | None) -> Model:
    """The model without pairs that are in no better plan; with all others, whether they were candidates or not."""
    value = search.value(goal)
    if priced is None or value is None:
        search.fetch_all()
        return search.model(search.stages)
    gap = priced.ceiling - value
    search.enter("look")
    grow_by_prices(search, goal, priced.prices, search.stages, slack=gap + 1)
    return pruned(search.model(search.stages), goal, priced.prices, gap)


def _engine(search: Search, model: Model, goal: int, name: str) -> Engine:
    refused = ""
    for engine in ENGINES:
        if Feature.ROWS not in engine.features or search.options.engine not in (None, engine.name):
            continue
        refused = engine.refuses(model, goal) or ""
        if not refused:
            return engine
        search.route.append(f"{name} not by {engine.name}: {refused}")
    raise ScaleError(Problem("RM110", f"goal {name}", f"no engine can hold these numbers: {refused}", "divide them"))


def _asked(model: Model) -> str:
    if not len(model.rows):
        return "only pairs and numbers of partners are asked"
    return f"{len(model.rows):,} rows must be kept besides the numbers of partners"


def _take(search: Search, goal: int, model: Model, answer: Answer, prices: Ints) -> None:
    """Take an engine's answer, as far as prices or a second look bear it out."""
    if answer.outcome is Outcome.INFEASIBLE:
        if search.held is not None:
            raise EngineError(Problem("RM901", "engine", "it says that no plan exists, and one is known"))
        search.infeasible, search.proof = True, "engine"
        return
    if answer.pairs is not None:
        check(model, goal, answer)
        worth = model.value(model.with_switches(answer.pairs), goal)
        known = search.value(goal)
        # an engine that ran out of time may come back with less than it was given
        if known is None or worth >= known:
            search.hold(answer.pairs)
    value = search.value(goal)
    if value is not None:
        _keep(search, goal, prices, value if answer.outcome is Outcome.OPTIMAL else answer.bound)
    if answer.outcome is not Outcome.OPTIMAL:
        raise Stopped("time")


def _keep(search: Search, goal: int, prices: Ints, claimed: int | None) -> None:
    """Note a goal's stage; what is not proven by prices rests on an engine."""
    top, value = ceiling(search.model(search.stages), goal, prices), search.value(goal)
    assert value is not None
    search.stages.append(Stage(prices, top, top if claimed is None else min(top, claimed), value))
    if value < top:
        search.proof = "engine"
