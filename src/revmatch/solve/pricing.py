"""Price: solve on the candidates, look at all pairs for any that beat their prices, add them, and again.

This is column generation (L. Ford and D. Fulkerson, A Suggested Computation for Maximal Multi-Commodity Network Flows,
1958): when no pair is left that beats its prices, the prices prove the ceiling over all pairs, though few were stored.
Where only numbers of partners are asked, the solver is a flow; where rows are asked as well, a linear programme.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revmatch.engines import ENGINES
from revmatch.engines.engine import Answer, Engine, Feature, Outcome
from revmatch.errors import Problem, VerificationError
from revmatch.model import Model, Prices, Rows, total
from revmatch.policy.sides import Ints
from revmatch.solve.aside import ask
from revmatch.solve.look import grow_by_prices
from revmatch.solve.search import Search, Stage

#: Rounds in which rows of circles are added, at most.
CIRCLE_ROUNDS = 12
#: A pair is alone with a mentee by more than this part, in millionths.
ALONE = 1_000


@dataclass(frozen=True, slots=True)
class Priced:
    """Prices that no pair beats.

    Parameters
    ----------
    prices : Prices
    total : int
        What they prove over all pairs, in parts of a unit.
    holds : bool
        The plan that goes with them, and is held now, keeps everything; else something is yet to be kept.
    engine, how : str
        For `Plan.route`.
    part : ndarray of int64, optional
        What the relaxation holds of each column, in millionths.
    """

    prices: Prices
    total: int
    holds: bool
    engine: str
    how: str
    part: Ints | None = None

    @property
    def ceiling(self) -> int:
        """In whole units."""
        return self.total // self.prices.unit


@dataclass(frozen=True, slots=True)
class Refuted:
    """Prices that prove that no plan exists."""

    prices: Prices
    total: int
    engine: str


def price(search: Search, goal: int | None, stages: list[Stage], *, linear: bool = False) -> Priced | Refuted | None:
    """Pursue one goal by prices; None if no engine that gives prices can hold the numbers.

    Parameters
    ----------
    search : Search
    goal : int or None
        None: any plan will do.
    stages : list of Stage
        The goals that are kept.
    linear : bool
        With every row; else rows, and holes in numbers of partners, are left aside.

    Raises
    ------
    VerificationError
        RM900 if an engine's answer does not hold.
    Stopped
        If time is up, or the caller says so.
    """
    start: Ints | None = search.basis if linear else None
    rounds = circles = 0
    while True:
        rounds += 1
        model = search.model(stages)
        if model.impossible:
            return Refuted(Prices(np.zeros(sum(model.shape), dtype=np.int64)), -1, "no solver")
        relaxed = model if linear else _without_rows(model)
        search.enter("solve")
        engine, answer = _solved(search, relaxed, goal, start, linear=linear)
        if engine is None or answer is None:
            return None
        assert answer.prices is not None
        prices, start = answer.prices, answer.basis if linear else answer.prices.person
        search.basis = answer.basis if linear else search.basis
        if answer.outcome is Outcome.INFEASIBLE:
            search.enter("look")
            if grow_by_prices(search, None, prices, stages).grew:
                start = None
                continue
            top = total(relaxed, None, prices)
            if top >= 0:
                raise _wrong("the engine says that no plan exists, and its prices do not prove it")
            return Refuted(prices, top, engine.name)
        slot = None if answer.pairs is None else slots_of(model, answer)
        holds = answer.pairs is not None and slot is not None and model.holds(model.with_switches(answer.pairs), slot)
        if answer.pairs is not None:
            check(relaxed, goal, answer)
        if holds and answer.pairs is not None:
            search.hold(answer.pairs, slot)
            if goal is not None:
                search.stages = stages  # this plan reaches them all, if that was only taken for granted so far
        search.enter("look")
        above = grow_by_prices(search, goal, prices, stages)
        lifted, top = above.total(relaxed, goal, prices)
        if goal is not None:
            search.note(goal, lifted, top)
            if search.reaches(goal, stages, top // prices.unit):  # the plan that is held, from wherever it is
                how = _how(search, model, rounds, linear=linear, kept=True)
                return Priced(lifted, top, True, engine.name, how, answer.part)
        family, alone = _alone(search, model, answer.part)
        if not above.grew and len(alone) and circles < CIRCLE_ROUNDS:
            circles += 1
            search.add_circles(family, alone)
            continue
        if not above.grew:
            how = _how(search, model, rounds, linear=linear, kept=holds)
            return Priced(prices, top, holds, engine.name, how, answer.part)
        if holds and _close_enough(search, goal, stages, top // prices.unit):
            return Priced(lifted, top, True, engine.name, _how(search, model, rounds, linear=linear, kept=True))


def _without_rows(model: Model) -> Model:
    """The model of numbers of partners alone, from the fewest to the most of each person."""
    if model.only_numbers:
        return model
    return model.replace(rows=Rows.empty(), low=np.ones_like(model.low), likes=model.likes[:0], slots=None)


def _alone(search: Search, model: Model, part: Ints | None) -> tuple[int, Ints]:
    """Pairs, or groups, of whom the relaxation holds more than of the circle around them: family and keys of rows."""
    columns, pairs, (n, m) = model.columns, model.columns.pairs, model.shape
    families, none = search.families, np.zeros(0, dtype=np.int64)
    if part is None or not model.has_holes:
        return families.circle, none
    i, j = columns.mentor[:pairs].astype(np.int64), columns.mentee[:pairs].astype(np.int64)
    part = part[:pairs]
    of_mentee = np.zeros(m, dtype=np.int64)
    np.add.at(of_mentee, j, part)
    low = np.where(model.least[n:] == 0, families.smallest_circle, 1)
    if families.one_of_each is None:
        return families.circle, (i * m + j)[(low[j] > 1) & (part * low[j] > of_mentee[j] + ALONE)]
    form = families.forms[families.one_of_each]
    at, row, _ = form.entries(i, j)
    key, place = np.unique(row, return_inverse=True)
    of_group = np.zeros(len(key), dtype=np.int64)
    np.add.at(of_group, place, part[at])
    mentee = families.mentee_of[key % form.groups[1]]
    alone = (low[mentee] > 1) & (of_group * low[mentee] > of_mentee[mentee] + ALONE)
    return families.circle_by(families.one_of_each), key[alone]


def slots_of(model: Model, answer: Answer) -> Ints | None:
    """Slots of an answer's pairs: its own, or some that are found; None if none are."""
    assert answer.pairs is not None
    return model.meeting(model.with_switches(answer.pairs)) if answer.slot is None else answer.slot


def check(model: Model, goal: int | None, answer: Answer) -> None:
    """Believe nothing: an answer must keep the model, and be worth what its prices and its engine say."""
    wrong = ""
    assert answer.pairs is not None
    chosen = model.with_switches(answer.pairs)
    if len(answer.pairs) != model.columns.pairs:
        wrong = "the answer is not about these pairs"
    elif not model.holds(chosen, answer.slot):
        wrong = "the answer breaks a bound, a row or a decision"
    elif answer.outcome is Outcome.OPTIMAL:
        value = 0 if goal is None else model.value(chosen, goal)
        if answer.prices is not None and total(model, goal, answer.prices) // answer.prices.unit != value:
            wrong = f"the answer is worth {value}, its prices prove {total(model, goal, answer.prices)}"
        elif answer.bound is not None and answer.bound != value:
            wrong = f"the answer is worth {value}, the engine says {answer.bound}"
    if wrong:
        raise _wrong(wrong)


def _wrong(what: str) -> VerificationError:
    return VerificationError(Problem("RM900", "engine", what, "please report this"))


def _solved(
    search: Search, model: Model, goal: int | None, start: Ints | None, *, linear: bool
) -> tuple[Engine | None, Answer | None]:
    """The first engine that gives prices and can hold the numbers, and what it says."""
    chosen = search.chosen()
    hint = None if chosen is None else chosen[: model.columns.pairs]
    asked, at = (model.worthless(), 0) if goal is None else (model, goal)
    for engine in ENGINES:
        if (Feature.RELAXES in engine.features) != linear or (Feature.ROWS in engine.features) != linear:
            continue
        if not linear and search.options.engine not in (None, engine.name):
            continue
        if engine.refuses(asked, at):
            continue
        answer = ask(search, engine, asked, at, hint=hint, start=start, end=search.end)
        if answer.outcome is not Outcome.UNKNOWN:
            return engine, answer
    return None, None


def _close_enough(search: Search, goal: int | None, stages: list[Stage], top: int) -> bool:
    """Whether the plan of the last goal is within the gap that was asked for; those before it are cheap to close."""
    return goal is not None and goal == len(search.names) - 1 and search.within_gap(goal, stages, top)


def _how(search: Search, model: Model, rounds: int, *, linear: bool, kept: bool) -> str:
    """Say in a few words what was looked at and solved, and whether everything is kept."""
    if search.all_pairs is None and linear:
        return "every pair that may exist is a column"
    if search.all_pairs is None and model.only_numbers:
        return "only pairs and numbers of partners are asked"
    if search.all_pairs is None:
        rest = "kept all the same" if kept else "left aside"
        return f"what is asked beyond pairs and numbers of partners is {rest}"
    n, m = search.numbered.sides.shape
    times = f"{rounds} round{'s' * (rounds != 1)}"
    lost = search.all_pairs.hands.lost
    said = f"{len(search.candidates):,} of {n * m:,} pairs were candidates, {times}, {search.all_pairs.way}"
    return said + (f"; {lost:,} tiles that the executor lost were looked at here" if lost else "")
