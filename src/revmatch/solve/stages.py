"""Goals in strict order: each is priced, proven, and kept while the next is pursued.

A goal whose ceiling is reached leaves the face of best plans (`revmatch.solve.face`). A goal that only an engine's word
closes is kept as a row instead: at least this value.
"""

from __future__ import annotations

import numpy as np

from revmatch.errors import EngineError, Problem
from revmatch.graph.candidates import drawn
from revmatch.model import Model
from revmatch.policy.sides import Ints
from revmatch.solve.begin import fetch_first
from revmatch.solve.exact import settle
from revmatch.solve.face import ceiling
from revmatch.solve.first import first_plan, first_prices, safe_prices
from revmatch.solve.look import grow_by_prices
from revmatch.solve.pricing import Priced, Refuted, price
from revmatch.solve.search import Search, Stage, Stopped


def pursue(search: Search) -> None:
    """Pursue all goals, in order, until they are proven or the search is stopped.

    Raises
    ------
    ScaleError
        RM110 if no engine can hold the numbers.
    EngineError
        RM901 if a solver fails.
    VerificationError
        RM900 if a solver's answer does not hold.
    """
    try:
        fetch_first(search)
        _leap(search)
        while len(search.stages) < len(search.names) and not search.infeasible:
            _one_goal(search, len(search.stages))
    except Stopped as stop:
        search.stopped_by = stop.reason
    except KeyboardInterrupt:
        if search.held is None:
            raise
        search.stopped_by = "interrupt"
    if search.stopped_by and not search.infeasible:
        _fill_up(search)


def _leap(search: Search) -> None:
    """Take it that the goals before the last one reach what quick prices prove, and pursue the last one at once.

    Most programmes can fill every place of the scarce side, or match everybody who has somebody: then one engine's
    answer proves all goals. If no plan reaches them all, nothing is lost but that try.
    """
    last = len(search.names) - 1
    if not last or search.options.engine or any(search.flat(goal) is None for goal in range(last)):
        return
    search.enter("look")
    while True:
        if len(search.whole_model().rows):
            return
        stages: list[Stage] = []
        for goal in range(last):
            model = search.model(stages)
            prices = first_prices(model, goal)
            if grow_by_prices(search, goal, prices, stages).grew:
                break  # the quick prices were too low for pairs that nobody had looked at
            top = ceiling(model, goal, prices)
            stages.append(Stage(prices, top, top, top))
        else:
            break
    face = search.model(stages)
    if (face.least > face.most).any() or (face.degrees(face.fixed_in) > face.most).any():
        return
    priced = price(search, last, stages)
    if isinstance(priced, Priced) and priced.holds:
        how = "a quick ceiling that the plan meets"
        search.route += [f"{name} without a solver: {how}" for name in search.names[:last]]
        _close(search, last, priced)


def _one_goal(search: Search, goal: int) -> None:
    """Price, prune and prove one goal."""
    search.enter("solve")
    priced = None if search.options.engine == "CP-SAT" else price(search, goal, search.stages)
    if isinstance(priced, Refuted):
        _refuted(search, priced)
    elif priced is not None and priced.holds:
        _close(search, goal, priced)
    else:
        settle(search, goal, priced)


def _close(search: Search, goal: int, priced: Priced) -> None:
    search.route.append(f"{search.names[goal]} by {priced.engine}: {priced.how}")
    value = search.value(goal)
    assert value is not None
    if value < priced.ceiling:
        search.stopped_by = "gap"
    search.stages.append(Stage(priced.prices, priced.ceiling, priced.ceiling, value))


def _refuted(search: Search, refuted: Refuted) -> None:
    """No plan exists; anybody can check that by the prices."""
    if search.held is not None:
        raise EngineError(Problem("RM901", "engine", "it says that no plan exists, and one is known"))
    search.infeasible = True
    search.route.append(f"{search.names[0]} by {refuted.engine}: no plan keeps every number of partners")
    search.stages = [Stage(refuted.prices, refuted.ceiling, refuted.ceiling, 0)]


def _fill_up(search: Search) -> None:
    """Give a plan to who was stopped before there was one, and a ceiling to every goal that has none."""
    if search.held is None:
        if search.all_pairs is not None:  # nobody shall wait for a look now, and any pairs are better than none
            search.grow(drawn(search.all_pairs, both=search.both_scarce))
        pairs = first_plan(search.whole_model(), len(search.names) - 1)
        if pairs is None:
            return
        search.hold(pairs)
    n, m = search.numbered.sides.shape
    search.route.append(f"stopped with {len(search.candidates):,} of {n * m:,} pairs as candidates")
    done, search.stages = search.stages, []
    for goal in range(len(search.names)):
        model = search.model([stage if stage.closed else None for stage in search.stages])
        value = search.value(goal)
        assert value is not None
        prices, top = _best_known(search, model, goal)
        if goal < len(done):
            # without a proof of the whole, an engine's word for one goal is no bound
            prices, top = done[goal].prices, done[goal].ceiling
        search.stages.append(Stage(prices, top, top, value))
    if all(stage.closed for stage in search.stages):
        search.stopped_by, search.proof = None, "prices"  # stopped, and proven all the same


def _best_known(search: Search, model: Model, goal: int) -> tuple[Ints, int]:
    """The lowest ceiling over all pairs that is known without looking at them."""
    if search.all_pairs is None:
        prices = first_prices(model, goal)
        tries = [(prices, ceiling(model, goal, prices))]
    else:
        prices = safe_prices(model, goal, _most(search, goal))
        tries = [(prices, ceiling(model, goal, prices))]
    if search.noted is not None and goal == search.noted.goal:
        tries.append((search.noted.prices, search.noted.ceiling))
    return min(tries, key=lambda known: known[1])


def _most(search: Search, goal: int) -> Ints:
    """What a pair of each person can be worth at most in a goal."""
    n, m = search.numbered.sides.shape
    flat, field = search.flat(goal), search.all_pairs
    assert field is not None
    if flat is not None:
        return np.full(n + m, flat, dtype=np.int64)
    rows = field.most_of_row
    others = np.full(n + m - len(rows), int(rows.max(initial=0)), dtype=np.int64)
    return np.concatenate([rows, others] if field.rows == "mentor" else [others, rows])
