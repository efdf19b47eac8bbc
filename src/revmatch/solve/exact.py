"""What prices leave open: a good plan on few pairs, then cases, then CP-SAT on the pairs that can still matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revmatch.engines import ENGINES
from revmatch.engines.basis import Basis
from revmatch.engines.engine import Answer, Engine, Feature, Outcome
from revmatch.engines.linear import WHOLE, Linear
from revmatch.errors import EngineError, Problem, ScaleError
from revmatch.model import Model, Prices, brackets, total
from revmatch.policy.declaration import join_words
from revmatch.policy.sides import Bools
from revmatch.solve.aside import ask
from revmatch.solve.cases import MOST_CASES, split
from revmatch.solve.first import first_plan, first_prices
from revmatch.solve.look import grow_by_prices
from revmatch.solve.pricing import Priced, Refuted, check, price, slots_of
from revmatch.solve.prune import pruned
from revmatch.solve.search import CaseProof, Search, Stage, Stopped
from revmatch.solve.stable import decided

#: The keyhole: so many pairs for each place, of those nearest to their prices.
KEYHOLE = 3
#: Work that CP-SAT may do at the keyhole, in its own deterministic seconds.
KEYHOLE_WORK = 60.0
#: Work that it may do to find any plan that keeps what is asked.
LITTLE_WORK = 4.0


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a goal.

    Parameters
    ----------
    prices : Prices
    total : int
        What they prove, in parts of a unit.
    ceiling : int or None
        What is proven, by prices or by cases; None: nothing.
    bound : int
        That, or what an engine says.
    cases : tuple of CaseProof
    """

    prices: Prices
    total: int
    ceiling: int | None
    bound: int
    cases: tuple[CaseProof, ...] = ()


@dataclass(frozen=True, slots=True)
class NoPlan:
    """No plan keeps everything: as prices prove, or cases, or, without either, as an engine says."""

    prices: Prices
    total: int
    cases: tuple[CaseProof, ...] = ()


def decide(search: Search, goal: int | None, stages: list[Stage], name: str) -> Settled | NoPlan:
    """Find and prove the best plan of a goal by whatever it takes; goal None: any plan.

    Raises
    ------
    Stopped
        If time is up, or the caller says so; what was found is held.
    """
    found = by_prices(search, goal, stages, name)
    return settle(search, goal, stages, found, name) if found is None or isinstance(found, Priced) else found


def by_prices(search: Search, goal: int | None, stages: list[Stage], name: str) -> Settled | NoPlan | Priced | None:
    """What prices prove alone; the best of them if they leave something open, None if there are none.

    Raises
    ------
    Stopped
        If time is up, or the caller says so; what was found is held.
    """
    priced = None
    for linear in (False, True):
        if search.options.engine == "CP-SAT" or (linear and (search.options.engine or _only_numbers(search, stages))):
            break
        found = price(search, goal, stages, linear=linear)
        if isinstance(found, Refuted):
            search.route.append(f"{name} by {found.engine}: no plan keeps everything")
            return NoPlan(found.prices, found.total)
        if found is None:
            continue
        if found.holds:
            search.route.append(f"{name} by {found.engine}: {found.how}")
            return Settled(found.prices, found.total, found.ceiling, found.ceiling)
        search.route.append(f"prices of {name} by {found.engine}: {found.how}")
        if not linear:  # the linear programme begins with the pairs that are near them
            search.basis = Basis.of_prices(found.prices).packed()
        priced = found
        if linear or search.model(stages).slots is None:  # a time for everybody by trying takes longer, and may fail
            _know_a_plan(search, goal, stages)
        if goal is not None and search.reaches(goal, stages, found.ceiling):
            search.route.append(f"{name} by a plan that was known: it meets the ceiling of the prices")
            return Settled(found.prices, found.total, found.ceiling, found.ceiling)
    return priced


def look_for_a_plan(search: Search, goal: int, stages: list[Stage]) -> None:
    """Let CP-SAT look a little for any plan that keeps these goals; what it says without a plan counts for nothing."""
    model = decided(search.model(stages)).worthless()
    engine = _engine(search, model, goal, search.names[goal])
    chosen = search.chosen()
    hint = None if chosen is None else chosen[: model.columns.pairs]
    search.enter("solve")
    answer = ask(search, engine, model, 0, hint=hint, work=LITTLE_WORK, keeps=model)
    _take_plan(search, None, model, answer)


def _only_numbers(search: Search, stages: list[Stage]) -> bool:
    """Whether a linear programme would have nothing to add to a flow: no row, no hole and no weekly time."""
    model = search.model(stages)
    return not len(model.rows) and not model.has_holes and model.slots is None


def settle(search: Search, goal: int | None, stages: list[Stage], priced: Priced | None, name: str) -> Settled | NoPlan:
    """Find and prove the best plan of a goal with everything that is asked; goal None: any plan.

    Raises
    ------
    Stopped
        If time is up, or the caller says so; what was found is held.
    """
    if priced is None:
        search.fetch_all()
    start = first_prices(search.model(stages), 0) if priced is None or goal is None else priced.prices
    top = total(search.model(stages), goal, start) if priced is None else priced.total
    prices = start if priced is None else priced.prices
    _know_a_plan(search, goal, stages)
    if goal is not None and search.within_gap(goal, stages, top // prices.unit):
        search.stopped_by = "gap"
        return Settled(prices, top, top // prices.unit, top // prices.unit)
    if priced is not None and search.options.engine is None:
        how = "a plan that was known"
        if goal is not None and not search.reaches(goal, stages, top // prices.unit):
            through_keyhole(search, goal, stages, priced)
            how = "CP-SAT"
        if goal is not None and search.reaches(goal, stages, top // prices.unit):
            search.route.append(f"{name} by {how}: it meets the ceiling of the prices")
            return Settled(prices, top, top // prices.unit, top // prices.unit)
    if goal is not None and search.within_gap(goal, stages, top // prices.unit) and search.keeps(stages):
        search.stopped_by = "gap"
        return Settled(prices, top, top // prices.unit, top // prices.unit)
    if goal is not None and search.options.engine is None and not search.keeps(stages):
        some = decide(search, None, stages, f"some plan for {name}")
        if isinstance(some, NoPlan):
            return some
    model = _what_matters(search, goal, stages, priced, better=True)
    if priced is not None and search.options.engine is None and priced.part is not None:
        found = _by_cases(search, goal, stages, model, prices, top, name)
        if found is not None:
            return found
        if goal is None and search.held is not None and search.keeps(stages):
            return Settled(prices, top, 0, 0)
    model = _what_matters(search, goal, stages, priced, better=False)
    return _by_word(search, goal, stages, model, prices, top, name)


def _know_a_plan(search: Search, goal: int | None, stages: list[Stage]) -> None:
    """A quick plan, if there is none yet: what is known to be reached prunes more."""
    if search.held is None:
        pairs = first_plan(search.model(stages), len(search.names) - 1 if goal is None else goal)
        if pairs is not None:
            search.hold(pairs)


def through_keyhole(search: Search, goal: int, stages: list[Stage], priced: Priced) -> None:
    """A very good plan, from the pairs that are nearest to their prices alone.

    First with those taken for granted that the relaxation holds whole: that takes little, and mostly misses little.
    """
    for granted in (True, False):
        if search.reaches(goal, stages, priced.ceiling):
            return
        model, chosen = decided(search.model(stages)), search.chosen()
        held = chosen is not None and model.holds(chosen, search.slot())
        part = _keyhole(model, goal, priced, chosen if held else None, granted=granted)
        if part is None:
            continue
        engine = _engine(search, model, goal, search.names[goal])
        search.enter("solve")
        kept = chosen is not None and part.holds(chosen, search.slot())
        hint = chosen[: model.columns.pairs] if kept and chosen is not None else None
        work = KEYHOLE_WORK / 10 if granted else KEYHOLE_WORK
        answer = ask(search, engine, part, goal, hint=hint, bound=priced.ceiling, work=work, keeps=model)
        _take_plan(search, goal, model, answer)


def _keyhole(model: Model, goal: int, priced: Priced, chosen: Bools | None, *, granted: bool) -> Model | None:
    """The model of the pairs nearest to their prices; None if that is all of them, or nothing is granted.

    The pairs of a plan that keeps everything are left in, if there is one.
    """
    bracket = brackets(model, goal, priced.prices)
    free, n = model.free[: len(bracket)], model.shape[0]
    count = KEYHOLE * int(min(model.most[:n].sum(), model.most[n:].sum()))
    if int(free.sum()) <= count:
        return None
    out = free & (bracket < np.partition(bracket[free], -count)[-count])
    whole = np.zeros(len(bracket), dtype=bool)
    if granted:
        if priced.part is None or len(priced.part) < len(bracket):
            return None
        whole = free & (priced.part[: len(bracket)] >= WHOLE)
    elif chosen is not None:
        out &= ~chosen[: len(bracket)]
    fixed_in, fixed_out = model.fixed_in.copy(), model.fixed_out.copy()
    fixed_in[: len(bracket)] |= whole
    fixed_out[: len(bracket)] |= out & ~whole
    return model.replace(fixed_in=fixed_in, fixed_out=fixed_out)


def _what_matters(
    search: Search, goal: int | None, stages: list[Stage], priced: Priced | None, *, better: bool
) -> Model:
    """The model without pairs that are in no plan as good as what is held, or in no better one; with all others."""
    value = None if goal is None else search.value(goal)
    if priced is None or value is None or goal is None or not search.keeps(stages):
        search.fetch_all()
        return search.model(stages)
    gap = priced.total - (value + better) * priced.prices.unit
    search.enter("look")
    grow_by_prices(search, goal, priced.prices, stages, slack=gap + 1)
    return pruned(search.model(stages), goal, priced.prices, gap, both=not better)


def _by_cases(
    search: Search, goal: int | None, stages: list[Stage], model: Model, prices: Prices, top: int, name: str
) -> Settled | NoPlan | None:
    """By cases; None if they are too many."""
    asked, at = (model.worthless(), 0) if goal is None else (model, goal)
    search.enter("solve")
    root = ask(search, Linear(), asked, at, start=search.basis)
    if root.part is None and root.outcome is not Outcome.INFEASIBLE:
        return None
    found = split(search, model, goal, root, prices, most=MOST_CASES)
    if goal is not None and search.value(goal) == top // prices.unit:
        search.route.append(f"{name} by linear programmes: a plan that meets the ceiling of the prices")
        return Settled(prices, top, top // prices.unit, top // prices.unit)
    if not found.proven:
        search.route.append(f"{name} not by cases: open after {found.solved:,} linear programmes")
        return None
    search.route.append(f"{name} by {len(found.cases):,} cases: {found.solved:,} linear programmes")
    value = None if goal is None else search.value(goal)
    if value is None:
        return NoPlan(prices, top, found.cases)
    return Settled(prices, top, value, value, found.cases)


def _by_word(
    search: Search, goal: int | None, stages: list[Stage], model: Model, prices: Prices, top: int, name: str
) -> Settled | NoPlan:
    """By CP-SAT, which nobody can check."""
    model = decided(model)
    asked, at = (model.worthless(), 0) if goal is None else (model, goal)
    engine = _engine(search, asked, at, name)
    search.enter("solve")
    chosen = search.chosen()
    hint = None if chosen is None else chosen[: model.columns.pairs]
    bound = None if goal is None else top // prices.unit
    answer = ask(search, engine, asked, at, hint=hint, bound=bound, keeps=asked)
    search.route.append(f"{name} by {engine.name}: {_asked(model)}")
    if answer.outcome is Outcome.INFEASIBLE:
        if search.keeps(stages):
            raise EngineError(Problem("RM901", "engine", "it says that no plan exists, and one is known"))
        return NoPlan(prices, top)
    _take_plan(search, goal, model, answer)
    if answer.outcome is not Outcome.OPTIMAL:
        raise Stopped("time")
    value = 0 if goal is None else search.value(goal)
    assert value is not None
    return Settled(prices, top, top // prices.unit, value)


def _take_plan(search: Search, goal: int | None, model: Model, answer: Answer) -> None:
    """Take an engine's plan, if it is one and not worse than what is known."""
    if answer.pairs is None:
        return
    check(model, goal, answer)
    chosen = search.chosen()
    known = None
    if goal is not None and chosen is not None and model.holds(chosen, search.slot()):
        known = model.value(chosen, goal)
    # an engine that ran out of time may come back with less than it was given
    if goal is None or known is None or model.value(model.with_switches(answer.pairs), goal) >= known:
        search.hold(answer.pairs, slots_of(model, answer))


def _engine(search: Search, model: Model, goal: int, name: str) -> Engine:
    refused = ""
    for engine in ENGINES:
        wanted = Feature.ROWS in engine.features and Feature.RELAXES not in engine.features
        if not wanted or search.options.engine not in (None, engine.name):
            continue
        refused = engine.refuses(model, goal) or ""
        if not refused:
            return engine
        search.route.append(f"{name} not by {engine.name}: {refused}")
    raise ScaleError(Problem("RM110", f"goal {name}", f"no engine can hold these numbers: {refused}", "divide them"))


def _asked(model: Model) -> str:
    if model.only_numbers:
        return "only pairs and numbers of partners are asked"
    rows = len(model.rows)
    asked = [f"{rows:,} row{'s' * (rows != 1)}"] if rows else []
    asked += ["circles"] * model.has_holes + ["stability"] * bool(len(model.likes))
    asked += ["weekly times"] * (model.slots is not None)
    return f"{join_words(asked)} must be kept besides the numbers of partners"
