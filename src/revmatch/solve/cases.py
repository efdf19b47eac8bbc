"""Cases: where prices leave a gap, split on what the relaxation is undecided about, and price every case by itself.

Branch and bound (A. Land and A. Doig, An Automatic Method of Solving Discrete Programming Problems, 1960) with linear
programmes as bounds, best bound first. What it leaves is a proof that needs no trust in it: cases that together cover
everything, each with prices of its own. The pairs that the prices of the whole rule out of any better plan are left out
of all of them.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np

from revmatch.engines.engine import Answer, Outcome
from revmatch.engines.linear import WHOLE, Linear
from revmatch.model import Kind, Model, Prices, total
from revmatch.policy.sides import Ints
from revmatch.solve.aside import ask
from revmatch.solve.search import CaseProof, Search

#: Cases that a proof may have.
MOST_CASES = 1_000
#: From so many open pairs on, a linear programme takes long; and where so many cases in a row leave the highest ceiling
#: of all where it was, so will more of them: with 253 rows over 2,389 pairs it stood still from the 100th to the 330th.
LARGE, STALLED = 1_000, 50
#: Nothing in millionths is so near a whole number that it counts as undecided.
UNDECIDED = 10
#: Kinds of decisions: a pair, a mentor's number of partners, a mentee's.
PAIR, MENTOR, MENTEE = 0, 1, 2

Decision = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Split:
    """What became of the cases.

    Parameters
    ----------
    proven : bool
        No case holds a better plan than the one that is held now.
    cases : tuple of CaseProof
    solved : int
        Linear programmes.
    """

    proven: bool
    cases: tuple[CaseProof, ...]
    solved: int


@dataclass(order=True, slots=True)
class _Open:
    """A case that is not closed, by its bound; first come, first served among equals."""

    key: tuple[float, int]
    decisions: tuple[Decision, ...] = field(compare=False)
    answer: Answer = field(compare=False)


def split(search: Search, model: Model, goal: int | None, root: Answer, prices: Prices, *, most: int) -> Split:
    """Close cases until none is left that could hold a better plan, or there are too many.

    Parameters
    ----------
    search : Search
        Its plan is replaced by better ones that are met on the way.
    model : Model
        Without the pairs that are in no better plan.
    goal : int or None
        None: any plan ends the search.
    root : Answer
        Of the linear engine for the whole model.
    prices : Prices
        Of the whole, which ruled pairs out.
    most : int
        Cases to look into.
    """
    asked, at = (model.worthless(), 0) if goal is None else (model, goal)
    engine, closed, solved = Linear(), list[CaseProof](), 0
    waiting = [_Open((0.0, 0), (), root)]
    large, front, stalled = int(model.free.sum()) > LARGE, 0.0, 0
    while waiting:
        case = heapq.heappop(waiting)
        front, stalled = case.key[0], stalled + 1 if case.key[0] == front else 0
        if large and stalled > STALLED:
            return Split(False, (), solved)
        proof = _proof(asked, at, case.decisions, case.answer, prices, _target(search, goal))
        if proof is not None:
            closed.append(proof)
            continue
        if case.answer.part is None:
            return Split(False, (), solved)
        decision = _undecided(narrowed_by(model, case.decisions), case.answer)
        if decision is None or solved + len(closed) + len(waiting) > most:
            return Split(False, (), solved)
        for way in (0, 1):
            search.enter("solve")
            decisions = (*case.decisions, (*decision, way))
            part = narrowed_by(asked, decisions)
            if part.impossible:
                closed.append(CaseProof(decisions, _nothing(model), _target(search, goal)))
                continue
            solved += 1
            answer = ask(search, engine, part, at, start=case.answer.basis)
            if answer.outcome is Outcome.UNKNOWN:
                return Split(False, (), solved)
            if _is_better(search, goal, model, answer):
                assert answer.pairs is not None
                search.hold(answer.pairs)
                if goal is None:
                    return Split(False, (), solved)
            proof = _proof(asked, at, decisions, answer, prices, _target(search, goal))
            if proof is not None:
                closed.append(proof)
                continue
            assert answer.prices is not None
            top = total(part, at, answer.prices) / answer.prices.unit
            heapq.heappush(waiting, _Open((-top, solved), decisions, answer))
    return Split(True, tuple(closed), solved)


def _target(search: Search, goal: int | None) -> int:
    """A case that is proven to hold no more than this is closed."""
    value = None if goal is None else search.value(goal)
    return -1 if value is None else value


def _proof(
    asked: Model, at: int, decisions: tuple[Decision, ...], answer: Answer, root: Prices, target: int
) -> CaseProof | None:
    """Proof that a case holds nothing better than the target."""
    part, prices = narrowed_by(asked, decisions), answer.prices
    if prices is None:
        return None
    if answer.outcome is Outcome.INFEASIBLE:
        short = total(part, None, prices)
        if short >= 0:
            return None
        # any multiple of prices that prove that nothing exists takes that much from a ceiling
        over = total(part, at, root) - target * root.unit
        prices = _plus(root, prices, max(0, -(over // short)))
    top = total(part, at, prices) // prices.unit
    return CaseProof(decisions, prices, top) if top <= target else None


def _plus(prices: Prices, others: Prices, times: int) -> Prices:
    """Prices, and so many times some others."""
    width = 1 + int(max(prices.key.max(initial=0), others.key.max(initial=0)))
    keys = np.concatenate([prices.family * width + prices.key, others.family * width + others.key])
    known, place = np.unique(keys, return_inverse=True)
    price = np.zeros(len(known), dtype=np.int64)
    np.add.at(price, place, np.concatenate([prices.price, times * others.price]))
    return Prices(prices.person + times * others.person, known // width, known % width, price, prices.unit)


def narrowed_by(model: Model, decisions: tuple[Decision, ...]) -> Model:
    """The model in which these decisions hold."""
    if not decisions:
        return model
    columns, pairs, (n, m) = model.columns, model.columns.pairs, model.shape
    fixed_in, fixed_out = model.fixed_in.copy(), model.fixed_out.copy()
    least, most, low = model.least.copy(), model.most.copy(), model.low
    key = columns.mentor[:pairs].astype(np.int64) * m + columns.mentee[:pairs]
    for kind, a, b, way in decisions:
        if kind == PAIR:
            column = int(np.searchsorted(key, a * m + b))
            (fixed_in if way else fixed_out)[column] = True
            continue
        person = a if kind == MENTOR else n + a
        if way:
            least[person] = max(int(least[person]), b + 1, int(low[person]))
        else:
            most[person] = min(int(most[person]), b)
            if least[person] == 0 and most[person] < low[person]:
                most[person] = 0
    both = fixed_in & fixed_out
    if both.any():  # a pair that must be in is out
        least = least.copy()
        least[columns.mentor[:pairs][both[:pairs]]] = most.max() + 1
    return model.replace(fixed_in=fixed_in, fixed_out=fixed_out, least=least, most=most)


def _is_better(search: Search, goal: int | None, model: Model, answer: Answer) -> bool:
    """Whether a case's answer is a plan, and better than the one that is held."""
    if answer.pairs is None:
        return False
    chosen = model.with_switches(answer.pairs)
    if not model.holds(chosen):
        return False
    known = None if goal is None else search.value(goal)
    return known is None or (goal is not None and model.value(chosen, goal) > known)


def _undecided(model: Model, answer: Answer) -> tuple[int, int, int] | None:
    """What the relaxation is most undecided about: a mentee's number of partners, a mentor's, or else a pair."""
    assert answer.part is not None
    columns, pairs, (n, m) = model.columns, model.columns.pairs, model.shape
    mentor, mentee = columns.mentor[:pairs].astype(np.int64), columns.mentee[:pairs].astype(np.int64)
    degrees, part_of = np.zeros(n + m, dtype=np.int64), answer.part[:pairs]
    np.add.at(degrees, mentor, part_of)
    np.add.at(degrees, n + mentee, part_of)
    low = np.where(model.least == 0, model.low, 0)
    in_hole = np.minimum(degrees, low * WHOLE - degrees) / np.maximum(low, 1)
    off = np.where((low > 1) & (degrees < low * WHOLE), in_hole, np.minimum(degrees % WHOLE, -degrees % WHOLE))
    for begin, kind in ((n, MENTEE), (0, MENTOR)):
        part = off[begin : begin + (m if kind == MENTEE else n)]
        if len(part) and part.max() > WHOLE // 10:
            person = int(part.argmax())
            d = int(degrees[begin + person] // WHOLE)
            return kind, person, 0 if low[begin + person] > d else d
    free = np.minimum(part_of, WHOLE - part_of)
    if not len(free) or free.max() <= UNDECIDED:
        return _any_degree(off, degrees, low, n) or _any_switch(model, answer.part)
    column = int(free.argmax())
    return PAIR, int(mentor[column]), int(mentee[column])


def _any_degree(off: Ints, degrees: Ints, low: Ints, n: int) -> tuple[int, int, int] | None:
    if not len(off) or off.max() <= UNDECIDED:
        return None
    person = int(off.argmax())
    d = int(degrees[person] // WHOLE)
    kind, own = (MENTOR, person) if person < n else (MENTEE, person - n)
    return kind, own, 0 if low[person] > d else d


def _any_switch(model: Model, part: Ints) -> tuple[int, int, int] | None:
    """Somebody of whom it is undecided whether they have a partner at all."""
    columns, pairs, n = model.columns, model.columns.pairs, model.shape[0]
    for kind, who, switch in (
        (MENTEE, columns.mentee, Kind.MENTEE_SWITCH),
        (MENTOR, columns.mentor, Kind.MENTOR_SWITCH),
    ):
        here = pairs + np.flatnonzero(columns.kind[pairs:] == switch)
        person = who[here] + (0 if kind == MENTOR else n)
        off = np.where(model.least[person] == 0, np.minimum(part[here], WHOLE - part[here]), 0)
        if len(off) and off.max() > UNDECIDED:
            return kind, int(who[here[int(off.argmax())]]), 0
    return None


def _nothing(model: Model) -> Prices:
    return Prices(np.zeros(sum(model.shape), dtype=np.int64))
