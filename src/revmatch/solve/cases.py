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
from revmatch.engines.linear import Linear
from revmatch.model import Model, Prices, total
from revmatch.solve.aside import ask
from revmatch.solve.decisions import Decision, narrowed_by, undecided
from revmatch.solve.pricing import slots_of
from revmatch.solve.search import CaseProof, Search

#: Cases that a proof may have.
MOST_CASES = 1_000
#: From so many open pairs on, a linear programme takes long; and where so many cases in a row leave the highest ceiling
#: of all where it was, so will more of them.
LARGE, STALLED = 1_000, 50


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
    asked = (model.worthless(), 0) if goal is None else (model, goal)
    tree = _Tree(search, model, goal, asked, prices, most, [_Open((0.0, 0), (), root)])
    proven = tree.all_closed()
    return Split(proven, tuple(tree.closed) if proven else (), tree.solved)


@dataclass(order=True, slots=True)
class _Open:
    """A case that is not closed, by its bound; first come, first served among equals."""

    key: tuple[float, int]
    decisions: tuple[Decision, ...] = field(compare=False)
    answer: Answer = field(compare=False)


@dataclass(slots=True)
class _Tree:
    """The cases, as they are split and closed; see `split`.

    Parameters
    ----------
    asked : tuple of Model and int
        What the engine is asked: the model, and a goal in it.
    """

    search: Search
    model: Model
    goal: int | None
    asked: tuple[Model, int]
    prices: Prices
    most: int
    waiting: list[_Open]
    engine: Linear = field(default_factory=Linear)
    closed: list[CaseProof] = field(default_factory=list)
    solved: int = 0

    def all_closed(self) -> bool:
        """Split and close; False if a plan ends the search, or no end is in sight."""
        front = _Front(int(self.model.free.sum()) > LARGE)
        while self.waiting:
            case = heapq.heappop(self.waiting)
            if front.stands_still(case.key[0]):
                return False
            if self._close(case.decisions, case.answer):
                continue
            decision = self._next_decision(case)
            if decision is None:
                return False
            for way in (0, 1):
                if not self._look_into((*case.decisions, decision._replace(way=way)), case.answer):
                    return False
        return True

    def _next_decision(self, case: _Open) -> Decision | None:
        if case.answer.part is None or self.solved + len(self.closed) + len(self.waiting) > self.most:
            return None
        return undecided(narrowed_by(self.model, case.decisions), case.answer, self.search.families)

    def _look_into(self, decisions: tuple[Decision, ...], parent: Answer) -> bool:
        """Close a case, or let it wait; False if that ends the search."""
        self.search.enter("solve")
        asked, at = self.asked
        part = narrowed_by(asked, decisions)
        if part.impossible:
            self.closed.append(CaseProof(decisions, _nothing(self.model), _target(self.search, self.goal)))
            return True
        self.solved += 1
        answer = ask(self.search, self.engine, part, at, start=parent.basis)
        if answer.outcome is Outcome.UNKNOWN:
            return False
        if _is_better(self.search, self.goal, self.model, answer):
            assert answer.pairs is not None
            self.search.hold(answer.pairs, slots_of(self.model, answer))
            if self.goal is None:
                return False
        if not self._close(decisions, answer):
            assert answer.prices is not None
            top = total(part, at, answer.prices) / answer.prices.unit
            heapq.heappush(self.waiting, _Open((-top, self.solved), decisions, answer))
        return True

    def _close(self, decisions: tuple[Decision, ...], answer: Answer) -> bool:
        """Whether a case is proven to hold nothing better than what is held now."""
        proof = _proof(*self.asked, decisions, answer, self.prices, _target(self.search, self.goal))
        if proof is not None:
            self.closed.append(proof)
        return proof is not None


@dataclass(slots=True)
class _Front:
    """The highest ceiling of all open cases, and for how many of them it has stayed where it is."""

    large: bool
    ceiling: float = 0.0
    stalled: int = 0

    def stands_still(self, ceiling: float) -> bool:
        """Whether cases take long here, and many have led nowhere."""
        self.stalled = self.stalled + 1 if ceiling == self.ceiling else 0
        self.ceiling = ceiling
        return self.large and self.stalled > STALLED


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


def _is_better(search: Search, goal: int | None, model: Model, answer: Answer) -> bool:
    """Whether a case's answer is a plan, and better than the one that is held."""
    if answer.pairs is None:
        return False
    chosen, slot = model.with_switches(answer.pairs), slots_of(model, answer)
    if slot is None or not model.holds(chosen, slot):
        return False
    known = None if goal is None else search.value(goal)
    return known is None or (goal is not None and model.value(chosen, goal) > known)


def _nothing(model: Model) -> Prices:
    return Prices(np.zeros(sum(model.shape), dtype=np.int64))
