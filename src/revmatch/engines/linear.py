"""The linear relaxation: prices and a ceiling where rows are asked besides numbers of partners.

Solved by OR-Tools' GLOP (revised simplex) or, where columns are very many, PDLP (D. Applegate and others, Practical
Large-Scale Linear Programming using Primal-Dual Hybrid Gradient, 2021). The model goes over as arrays, never as an
object a pair. What comes back are numbers with fractions: they are rounded to whole parts of a unit, and what the
rounded ones prove is added up exactly. So nothing rests on the solver's own tolerance.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from revmatch.engines.basis import Basis
from revmatch.engines.engine import Answer, Feature, Outcome
from revmatch.engines.glop import Floats
from revmatch.engines.prices import End
from revmatch.engines.programme import MOST_NOISE, Programme, Solved
from revmatch.model import Model, Prices, brackets, total
from revmatch.model.slots import NONE
from revmatch.policy.sides import Bools, Ints

#: Parts of a unit that are tried: prices of such programmes are mostly fractions with small denominators.
UNITS = (1, 2, 3, 4, 6, 12, 60, 840)
#: Then so many parts, as far as sums stay in 64 bits.
MOST_PARTS, MOST = 1 << 24, 1 << 60
#: From so many pairs on, those nearest to known prices are asked first: so many a person, and more in so many tries.
FEW, FEW_EACH, TRIES = 8_000, 6, 12
#: Parts of a column that `Answer.part` counts; a column is whole up to the solver's tolerance.
WHOLE, TOLERANCE = 1_000_000, 1e-6
#: Worths beyond this are not exact in the solver.
WORTH_GUARD = 1 << 50


class Linear:
    """Engine for the relaxation of whatever is linear; gives prices, and a plan where its answer is whole."""

    name = "linear programme"
    features: frozenset[Feature] = frozenset({Feature.ROWS, Feature.HOLES, Feature.SLOTS, Feature.RELAXES})

    def refuses(self, model: Model, goal: int) -> str | None:
        """See `Engine`."""
        if int(np.abs(model.columns.worth[goal]).max(initial=0)) >= WORTH_GUARD:
            return "worths of 2**50 or more"
        return None

    def solve(
        self,
        model: Model,
        goal: int,
        *,
        hint: Bools | None = None,
        bound: int | None = None,
        seconds: float | None = None,
        start: Ints | None = None,
        end: End = "low",
        work: float | None = None,
        found: Callable[[Bools], None] | None = None,
    ) -> Answer:
        """See `Engine`; `start` is what an answer of this engine calls its basis."""
        deadline = None if seconds is None else time.monotonic() + seconds
        basis = None if start is None else Basis.unpacked(start)
        if basis is not None and model.columns.pairs > FEW:
            answer = _on_few(model, goal, basis, deadline)
            if answer is not None:
                return answer
        mend = basis is None or not len(basis.rows)
        answer = None if basis is None else _solved(model, goal, basis, deadline, mend=mend)
        if answer is None:  # a start that leads nowhere is left
            answer = _solved(model, goal, None, deadline, mend=mend)
        if answer is None:
            return Answer(Outcome.UNKNOWN)
        return _refuted(model, deadline) if answer.outcome is Outcome.INFEASIBLE else answer


def _solved(model: Model, goal: int, start: Basis | None, deadline: float | None, *, mend: bool) -> Answer | None:
    """Solve on the columns that may be in; None if the solver came to no end."""
    part = _Part.of(model, start)
    programme = Programme(part.model, goal)
    solved = programme.solve(start, _left(deadline), mend=mend)
    if solved is None:
        return None
    return Answer(Outcome.INFEASIBLE) if solved.infeasible else part.answer(goal, programme, solved)


def _refuted(model: Model, deadline: float | None) -> Answer:
    """Prices that prove that no plan exists: those of the smallest sum by which bounds can be missed."""
    part = _Part.of(model, None)
    elastic = Programme(part.model, None, elastic=True)
    solved = elastic.solve(None, _left(deadline))
    if solved is None or solved.infeasible:
        return Answer(Outcome.UNKNOWN)
    prices = _rounded(part.model, None, elastic, solved)
    refuted = total(part.model, None, prices) < 0
    return Answer(Outcome.INFEASIBLE, prices=prices) if refuted else Answer(Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Part:
    """The columns of a model that the solver sees: those that are not out, and those that are basic in its start.

    Parameters
    ----------
    whole, model : Model
    columns : ndarray of int64
        Those of the whole that the model has.
    """

    whole: Model
    model: Model
    columns: Ints

    @classmethod
    def of(cls, whole: Model, start: Basis | None) -> _Part:
        seen = ~whole.fixed_out
        if start is not None:  # else the start would not fit where a decision has put one out
            seen |= start.basic(whole)
        columns = np.flatnonzero(seen)
        return cls(whole, whole.of_columns(columns), columns)

    def answer(self, goal: int | None, programme: Programme, solved: Solved) -> Answer:
        """What the solver's numbers say of the whole."""
        prices = _rounded(self.model, goal, programme, solved)
        basis = None if solved.basis is None else solved.basis.with_prices(prices).packed()
        pairs = self.whole.columns.pairs
        part = np.zeros(len(self.whole.columns), dtype=np.int64)
        part[self.columns[programme.used]] = np.rint(programme.held(solved.value) * WHOLE)
        if (np.minimum(np.abs(part), np.abs(part - WHOLE))[:pairs] <= WHOLE * TOLERANCE).all():
            chosen = part[:pairs] > WHOLE // 2
            held = self.whole.with_switches(chosen)
            value = 0 if goal is None else self.whole.value(held, goal)
            slot = self._slot(programme, solved, held)
            holds = slot is not None and self.whole.holds(held, slot)
            if holds and value == total(self.model, goal, prices) // prices.unit:
                return Answer(Outcome.OPTIMAL, chosen, prices=prices, part=part, basis=basis, slot=slot)
        return Answer(Outcome.RELAXED, prices=prices, part=part, basis=basis)

    def _slot(self, programme: Programme, solved: Solved, held: Bools) -> Ints | None:
        """Slots of the chosen pairs: those that are held mostly, and for the rest some that are found."""
        sessions = programme.sessions
        if sessions is None:
            return self.whole.meeting(held)
        value = solved.value[len(programme.used) : len(programme.used) + len(sessions.slot)]
        own = sessions.chosen(self.model.columns.pairs, value > 0.5)
        near = np.full(self.whole.columns.pairs, NONE, dtype=np.int64)
        near[self.columns[: len(own)]] = own
        return self.whole.meeting(held, near=near)


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def _on_few(model: Model, goal: int, start: Basis, deadline: float | None) -> Answer | None:
    """Solve on the pairs that are nearest to the prices of the start; more, until no other pair beats the prices.

    None if nothing comes of it: then all are asked.
    """
    bracket = brackets(model, goal, start.prices_on(model))
    count = FEW_EACH * sum(model.shape)
    free = model.free[: len(bracket)]
    if int(free.sum()) <= 2 * count:
        return None
    near = ~free | (bracket >= np.partition(bracket[free], -count)[-count])
    basis: Basis | None = start
    for _ in range(TRIES):
        out = model.fixed_out.copy()
        out[: len(near)] |= ~near
        answer = _solved(model.replace(fixed_out=out), goal, basis, deadline, mend=True)
        if answer is None or answer.prices is None:
            return None
        # rounding puts pairs that are at their prices a part or two above them
        beats = brackets(model, goal, answer.prices) > answer.prices.unit // MOST_NOISE
        if not (beats & ~near).any():
            return answer
        near |= beats
        basis = None if answer.basis is None else Basis.unpacked(answer.basis)
    return None


def _rounded(model: Model, goal: int | None, programme: Programme, solved: Solved) -> Prices:
    """The duals in whole parts of a unit: of several units the one that proves most, and of equals the smallest."""
    people = sum(model.shape)
    person = solved.dual[:people] + solved.dual[people : 2 * people]
    row = solved.dual[2 * people : 2 * people + len(model.rows)]
    row = np.where(model.rows.equal, row, np.maximum(row, 0))
    worthy = bool(programme.worth.any()) and goal is not None
    crowd = np.maximum(solved.dual[len(solved.dual) - programme.crowds :], 0)
    finest = max(1, int(MOST / max(1.0, _size(model, programme, person, row, crowd, worthy=worthy))))
    best: tuple[Prices, int] | None = None
    for unit in (*(unit for unit in UNITS if unit <= finest), min(MOST_PARTS, finest), finest):
        whole = tuple(np.rint(part * unit).astype(np.int64) for part in (person, row, crowd))
        # where nothing is worth anything, prices are prices in any unit
        crowds = None if programme.sessions is None else (programme.sessions.family, programme.sessions.key, whole[2])
        prices = Prices.with_rows(model, whole[0], whole[1], unit if worthy else 1, crowds)
        found = total(model, goal, prices)
        if best is None or _proves_more(found, prices.unit, best):
            best = prices, found
        parts = zip(whole, (person, row, crowd), strict=True)
        nearest = max(float(np.abs(own - part * unit).max(initial=0)) for own, part in parts)
        if nearest < TOLERANCE:  # these are the duals themselves: no finer unit proves more
            break
    assert best is not None
    return best[0]


def _size(model: Model, programme: Programme, person: Floats, row: Floats, crowd: Floats, *, worthy: bool) -> float:
    """No sum that is made of these prices, over everything or over a pair, is larger, before they are multiplied."""
    rows = np.maximum(programme.scale * 2, np.abs(model.rows.bound))
    largest = float(max(np.abs(model.columns.worth).max(initial=1), np.abs(model.columns.score).max(initial=1)))
    unit = largest if worthy else 0.0
    size = float(np.abs(person).sum()) * float(max(1, model.most.max(initial=1)))
    size += float((np.abs(row) * rows).sum()) + unit + largest * float(np.abs(row).sum())
    each = 2 * float(np.abs(person).max(initial=0)) + float((np.abs(row) * rows).max(initial=0))
    if programme.sessions is not None:
        size += float((crowd * programme.sessions.bound).sum())
        each += float(crowd.sum())
    return 4 * (size + worthy * float(np.abs(programme.worth).sum()) + model.columns.pairs * each)


def _proves_more(found: int, unit: int, best: tuple[Prices, int]) -> bool:
    """Whether a sum is lower than the best so far; in a very fine unit only if that shows in whole units."""
    if unit > MOST_PARTS:
        return found // unit < best[1] // best[0].unit
    return found * best[0].unit < best[1] * unit
