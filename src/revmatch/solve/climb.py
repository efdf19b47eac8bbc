"""Goals that compare people: ask for more until it is proven that there is no more.

Whether a value can be reached is a question about rows and pairs like any other; its answer is a plan, or prices or
cases that prove that there is none. A plan is mostly found soon, and so are prices; cases take long. So the value is
first driven up by halves with what takes little; then proof is asked once for what is left: that there is no more.
"""

from __future__ import annotations

import numpy as np

from revmatch.model import Prices
from revmatch.policy.goals import Balance, Coverage, Pairs
from revmatch.solve.exact import NoPlan, Settled, by_prices, decide, look_for_a_plan
from revmatch.solve.pricing import Priced
from revmatch.solve.search import Search, Stage


def climb(search: Search, goal: int) -> Settled | NoPlan:
    """The highest value of a goal that compares, and the proof that there is no higher one.

    Raises
    ------
    Stopped
        If time is up, or the caller says so.
    """
    if search.held is None:
        found = decide(search, None, search.stages, f"some plan for {search.names[goal]}")
        if isinstance(found, NoPlan):
            return found
    return _Climb(search, goal).to_the_top()


def reaches_all(search: Search, goal: int, value: int) -> bool:
    """Whether nothing at all is better: there is no gap, or nobody can be matched."""
    if isinstance(search.goals[goal], Balance):
        return value == 0
    if search.held is None or len(search.held):
        return False
    programme = search.numbered.programme
    if not (programme.mentors.capacity.any() and programme.mentees.capacity.any()):
        return True
    before = zip(search.goals[:goal], search.stages, strict=False)
    return any(stage.bound == 0 and isinstance(one, Coverage | Pairs) for one, stage in before)


class _Climb:
    """The state of a climb.

    Parameters
    ----------
    search : Search
    goal : int
    """

    def __init__(self, search: Search, goal: int) -> None:
        self.search, self.goal, self.name = search, goal, search.names[goal]
        self.before, self.asked = search.stages, 0
        #: Nothing is better than no gap; of scores nothing is known at first.
        self.high: int | None = 0 if isinstance(search.goals[goal], Balance) else None
        self.ceiling, self.refuted = self.high, NoPlan(self.nothing, 0)

    @property
    def nothing(self) -> Prices:
        """No prices."""
        return Prices(np.zeros(sum(self.search.numbered.sides.shape), dtype=np.int64))

    @property
    def low(self) -> int:
        """What the plan reaches that is held."""
        value = self.search.value(self.goal)
        assert value is not None
        return value

    def to_the_top(self) -> Settled:
        """Ask for more until there is no more."""
        search, step, route = self.search, 1, len(self.search.route)
        while self.high is None or self.low < self.high:
            if reaches_all(search, self.goal, self.low):
                # that nobody can be matched is as sure as the goals before
                self.high, self.ceiling = self.low, self.low if all(one.proven for one in self.before) else None
                break
            if search.held is not None and not len(search.held):
                break  # somebody could be matched, and nobody is: a goal before was done at a gap
            if search.options.engine is None:
                self._with_little_work()
            low, high = self.low, self.high
            if high is not None and low >= high:
                break
            wanted = low + step if high is None else min(low + step, (low + high + 1) // 2)
            found = decide(search, None, self._stages(wanted), self.name)
            step = 1 if self._said_no(found, wanted) else 2 * step
        del search.route[route:]
        search.route.append(f"{self.name} by asking for more {self.asked} time{'s' * (self.asked != 1)}")
        return Settled(self.refuted.prices, self.refuted.total, self.ceiling, self.low, self.refuted.cases)

    def _with_little_work(self) -> None:
        """Take halves between what the plan reaches and what did not show to be possible.

        What did not show may be possible all the same. So the smallest step is tried next: if that does not show
        either, this is probably the top, and halves would only confirm it.
        """
        top, doubted = self.high, False
        if top is None:
            top = self._most()
            self._by_prices(top + 1)  # so a ceiling is known from the start
        while self.low < top:
            low = self.low
            wanted = low + 1 if doubted else (low + top + 1) // 2
            refuted = self._by_prices(wanted)
            if not refuted and self.low < wanted:
                look_for_a_plan(self.search, self.goal, self._stages(wanted))
            if self.low < wanted:
                top, doubted = wanted - 1, doubted or not refuted
            else:
                doubted = False

    def _by_prices(self, wanted: int) -> bool:
        """Whether prices prove that so much cannot be reached."""
        return self._said_no(by_prices(self.search, None, self._stages(wanted), self.name), wanted)

    def _stages(self, wanted: int) -> list[Stage]:
        """The goals before, and so much of this one."""
        return [*self.before, Stage(self.nothing, 0, None, None, wanted, compares=True)]

    def _said_no(self, found: Settled | NoPlan | Priced | None, wanted: int) -> bool:
        """Take down the answer to the question whether so much can be reached."""
        self.asked += 1
        if not isinstance(found, NoPlan):
            return False
        self.high = wanted - 1
        if found.total < 0 or found.cases:
            self.ceiling, self.refuted = self.high, found
            # whoever stops the search is told
            self.search.refuted = Stage(found.prices, found.total, self.high, self.high, self.low, True, found.cases)
        return True

    def _most(self) -> int:
        """No plan of the candidates can have more: each mentee's best scores, as many as fit, added up."""
        model = self.search.model(self.before)
        columns, pairs, n = model.columns, model.columns.pairs, model.shape[0]
        inside = np.flatnonzero(~model.fixed_out[:pairs])
        score, mentee = columns.score[inside], columns.mentee[inside]
        order = np.lexsort((-score, mentee))
        score, mentee = score[order], mentee[order]
        fits = np.arange(len(mentee)) - np.searchsorted(mentee, mentee) < model.most[n + mentee]
        most = np.zeros(model.shape[1], dtype=np.int64)
        np.add.at(most, mentee[fits], np.maximum(score[fits], 0))
        must = model.least[n:] > 0
        return int(most[must].min() if must.any() else most.max(initial=0))
