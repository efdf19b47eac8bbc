"""Goals in strict order: each is priced, proven, and kept while the next is pursued.

A goal whose ceiling is reached leaves the face of best plans (`revmatch.solve.face`). A goal that only an engine's word
closes is kept as a row instead: at least this value.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from revmatch.errors import EngineError, Problem
from revmatch.graph.candidates import drawn
from revmatch.model import Model, Prices, total
from revmatch.policy.sides import Ints
from revmatch.solve.begin import fetch_first
from revmatch.solve.climb import climb, reaches_all
from revmatch.solve.exact import NoPlan, decide
from revmatch.solve.first import first_plan, first_prices, safe_prices
from revmatch.solve.look import grow_by_prices
from revmatch.solve.pricing import Priced, price
from revmatch.solve.search import Search, Stage, Stopped

#: Candidates for which a quick plan takes a fraction of a second at worst.
QUICKLY = 200_000


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
    if not last or search.options.engine or not all(_is_flat(search, goal) for goal in range(last)):
        return
    if search.goals[last].compares:
        return
    search.enter("look")
    while True:
        if not search.whole_model().only_numbers:
            return
        stages: list[Stage] = []
        for goal in range(last):
            model = search.model(stages)
            prices = first_prices(model, goal)
            if grow_by_prices(search, goal, prices, stages).grew:
                break  # the quick prices were too low for pairs that nobody had looked at
            top = total(model, goal, prices)
            stages.append(Stage(prices, top, top, top, top))
        else:
            break
    face = search.model(stages)
    if (face.least > face.most).any() or (face.degrees(face.fixed_in) > face.most).any():
        return
    priced = price(search, last, stages)
    if isinstance(priced, Priced) and priced.holds:
        how = "a quick ceiling that the plan meets"
        search.route += [f"{name} without a solver: {how}" for name in search.names[:last]]
        search.route.append(f"{search.names[last]} by {priced.engine}: {priced.how}")
        value = search.value(last)
        assert value is not None
        search.stopped_by = "gap" if value < priced.ceiling else None
        top = priced.ceiling
        search.stages = [*stages, Stage(priced.prices, priced.total, top, top, value)]


def _is_flat(search: Search, goal: int) -> bool:
    """Whether every pair is worth the same in a goal that is a sum."""
    declared = search.goals[goal]
    listed = declared.listed(search.numbered.sides) is not None
    return search.flat(goal) is not None and not declared.compares and not listed


def _one_goal(search: Search, goal: int) -> None:
    """Price, prune and prove one goal."""
    search.enter("solve")
    name = search.names[goal]
    if search.goals[goal].compares:
        found = climb(search, goal)
    else:
        found = decide(search, goal, search.stages, name)
    if isinstance(found, NoPlan):
        _refuted(search, found)
        return
    value = search.value(goal)
    assert value is not None
    if value < found.bound:
        search.stopped_by = "gap"
    compares = search.goals[goal].compares
    stage = Stage(found.prices, found.total, found.ceiling, found.bound, value, compares, found.cases)
    search.stages, search.refuted = [*search.stages, stage], None
    if not stage.proven and value == found.bound:
        search.proof = "engine"
    elif found.cases and search.proof == "prices":
        search.proof = "cases"


def _refuted(search: Search, found: NoPlan) -> None:
    """No plan exists; anybody can check that by the prices, if they prove it."""
    if search.held is not None:
        raise EngineError(Problem("RM901", "engine", "it says that no plan exists, and one is known"))
    search.infeasible = True
    search.proof = "prices" if found.total < 0 else "cases" if found.cases else "engine"
    top = found.total // found.prices.unit if found.total < 0 else max((one.ceiling for one in found.cases), default=0)
    stage = Stage(found.prices, found.total, top, None, 0, cases=found.cases)
    search.stages = [] if search.proof == "engine" else [stage]


def _fill_up(search: Search) -> None:
    """Give a plan to who was stopped before there was one, and a ceiling to every goal that has none."""
    if search.held is None:
        if search.all_pairs is not None:  # nobody shall wait for a look now, and any pairs are better than none
            search.grow(drawn(search.all_pairs, both=search.both_scarce))
        pairs = first_plan(search.whole_model(), len(search.names) - 1)
        if pairs is None:
            return
        search.hold(pairs)
    elif len(search.candidates) <= QUICKLY:
        # a plan that is best in one goal may be poor in those that nobody has pursued yet
        pairs = first_plan(search.whole_model(), len(search.names) - 1)
        if pairs is not None:
            search.hold(pairs)
    search.hold_the_best()
    n, m = search.numbered.sides.shape
    search.route.append(f"stopped with {len(search.candidates):,} of {n * m:,} pairs as candidates")
    done, search.stages = [*search.stages, *([search.refuted] if search.refuted else [])], []
    for goal in range(len(search.names)):
        search.stages.append(_known(search, goal, done[goal] if goal < len(done) else None))
    if all(stage.proven for stage in search.stages):
        # stopped, and proven all the same
        search.stopped_by, search.proof = None, "cases" if any(stage.cases for stage in search.stages) else "prices"
    else:
        search.proof = None


def _known(search: Search, goal: int, done: Stage | None) -> Stage:
    """What is known of a goal where the search was stopped; an engine's word for one goal is no bound of the whole."""
    value = search.value(goal)
    assert value is not None
    if done is not None:
        return replace(done, bound=done.ceiling, value=value)
    if search.goals[goal].compares:
        return _unknown(search, goal, value)
    model = search.model([stage if stage.closed else None for stage in search.stages])
    prices, top = _best_known(search, model, goal)
    return Stage(prices, top, top // prices.unit, top // prices.unit, value)


def _best_known(search: Search, model: Model, goal: int) -> tuple[Prices, int]:
    """The lowest sum over all pairs that is known without looking at them."""
    if search.all_pairs is None:
        prices = first_prices(model, goal)
    else:
        prices = safe_prices(model, goal, _most(search, goal))
    tries = [(prices, total(model, goal, prices))]
    if search.noted is not None and goal == search.noted.goal:
        tries.append((search.noted.prices, search.noted.total))
    listed = search.goals[goal].listed(search.numbered.sides)
    if listed is not None and not search.flat(goal):
        # only the listed pairs are worth anything, and all of them are candidates: without any price the sum is theirs
        nothing = Prices(np.zeros_like(prices.person))
        tries.append((nothing, total(model, goal, nothing)))
    return min(tries, key=lambda known: known[1] / known[0].unit)


def _unknown(search: Search, goal: int, value: int) -> Stage:
    """A goal that compares and has no ceiling, unless nothing at all is better."""
    nothing = Prices(np.zeros(sum(search.numbered.sides.shape), dtype=np.int64))
    top = 0 if reaches_all(search, goal, value) else None
    return Stage(nothing, 0, top, top, value, compares=True)


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
