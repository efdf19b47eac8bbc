"""What one match knows while it goes on: the candidates, the goals proven so far, the best plan, and the clock.

The candidates grow while goals are pursued. What is known is therefore held by pair and by person, never by column, and
the model of the present candidates is made from it when it is asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from revmatch.engines.prices import End
from revmatch.graph.candidates import Candidates, every_pair
from revmatch.graph.field import Field
from revmatch.graph.found import Found
from revmatch.graph.numbering import Numbered
from revmatch.graph.tiles import refuse_beyond
from revmatch.model import Model, Prices
from revmatch.model.build import build
from revmatch.model.families import Families
from revmatch.model.slots import NONE
from revmatch.plan import Proof, StoppedBy
from revmatch.policy.goals import Goal
from revmatch.policy.sides import Bools, Ints
from revmatch.solve.compare import at_least
from revmatch.solve.decisions import Decision
from revmatch.solve.face import narrowed

#: Seconds between two calls of the caller's progress function while pairs are looked at.
BETWEEN = 0.2

Progress = dict[str, Any]


class Stopped(Exception):  # noqa: N818 (no error: the search ends here with what it has)
    """The clock or the caller ends the search."""

    def __init__(self, reason: StoppedBy) -> None:
        super().__init__(reason)
        self.reason: StoppedBy = reason


@dataclass(frozen=True, slots=True)
class Stage:
    """What is known of one goal.

    Parameters
    ----------
    prices : Prices
    total : int
        What the prices prove, over all pairs, in parts of a unit; of a goal that compares: that no plan reaches more
        than the ceiling, if it is below 0.
    ceiling : int or None
        The most that is proven possible, by prices or by cases; None: nothing is known.
    bound : int or None
        The ceiling, or what an engine says it is.
    value : int
        Of the plan; later goals keep it.
    compares : bool
        The goal is no sum.
    cases : tuple of CaseProof
        Where prices alone left a gap.
    """

    prices: Prices
    total: int
    ceiling: int | None
    bound: int | None
    value: int
    compares: bool = False
    cases: tuple[CaseProof, ...] = ()

    @property
    def closed(self) -> bool:
        """Whether the prices prove the value best exactly: then they leave the face of best plans."""
        return not self.compares and self.total == self.value * self.prices.unit

    @property
    def proven(self) -> bool:
        """Whether prices or cases prove the value best."""
        return self.value == self.ceiling


@dataclass(frozen=True, slots=True)
class CaseProof:
    """One of the cases that together cover everything.

    Parameters
    ----------
    decisions : tuple of Decision
    prices : Prices
    ceiling : int
    """

    decisions: tuple[Decision, ...]
    prices: Prices
    ceiling: int


@dataclass(frozen=True, slots=True)
class Noted:
    """What the goal that is pursued now has come to.

    Parameters
    ----------
    goal : int
    prices : Prices
    total : int
        The lowest one over all pairs that some prices of it proved, and these prices.
    """

    goal: int
    prices: Prices
    total: int

    @property
    def ceiling(self) -> int:
        """In whole units."""
        return self.total // self.prices.unit


@dataclass(frozen=True, slots=True)
class Options:
    """How to search.

    Parameters
    ----------
    started, deadline : float
        On the clock of `time.monotonic`; no deadline: None.
    gap : float
    engine : str, optional
        Use this engine alone (tests compare them).
    watch : callable, optional
        Told how far things are; False stops.
    """

    started: float = 0.0
    deadline: float | None = None
    gap: float = 0.0
    engine: str | None = None
    watch: Callable[[Progress], bool | None] | None = None


@dataclass(slots=True)
class Search:
    """The state of one match.

    Parameters
    ----------
    numbered : Numbered
    names : tuple of str
        The goals, as they are written.
    options : Options
    all_pairs : Field, optional
        None where the candidates are all that may exist.
    candidates : Candidates
    stages : list of Stage
        The goals that are done.
    held : ndarray of int64, optional
        Keys of the best plan's pairs, in order.
    held_slot : ndarray of int64, optional
        Slot of each, -1 of those that are easy.
    noted : Noted, optional
    refuted : Stage, optional
        Of the goal that is pursued, if it compares: proof that no plan reaches more than so much.
    circles : dict of int to ndarray of int64
        Rows of circles that were found to help: their keys by family.
    basis : ndarray of int64, optional
        With what the linear engine ended last.
    both_scarce : bool
        Most places of both sides are needed.
    infeasible : bool
        No plan exists; the one stage proves it.
    proof, stopped_by, route
        As in `Plan`.
    """

    numbered: Numbered
    names: tuple[str, ...]
    options: Options
    candidates: Candidates
    all_pairs: Field | None = None
    stages: list[Stage] = field(default_factory=list)
    held: Ints | None = None
    held_slot: Ints | None = None
    noted: Noted | None = None
    refuted: Stage | None = None
    infeasible: bool = False
    proof: Proof | None = "prices"
    stopped_by: StoppedBy | None = None
    route: list[str] = field(default_factory=list)
    circles: dict[int, Ints] = field(default_factory=dict)
    basis: Ints | None = None
    both_scarce: bool = False
    _families: Families | None = None
    _best: tuple[list[int], Ints, Ints] | None = None
    _phase: str = "look"
    _told: float = 0.0
    _whole: Model | None = None
    _narrow: tuple[list[Stage | None], Model] | None = None

    @property
    def goals(self) -> tuple[Goal, ...]:
        """The goals."""
        return self.numbered.programme.policy.goals

    @property
    def families(self) -> Families:
        """The programme's rows."""
        if self._families is None:
            self._families = Families(self.numbered)
        return self._families

    # -- the model ---------------------------------------------------------------------------------------------------

    def whole_model(self) -> Model:
        """The model of the present candidates, before any goal."""
        if self._whole is None:
            some = self.candidates
            pairs = (some.mentor, some.mentee, some.score)
            self._whole = build(self.numbered, *pairs, families=self.families, circles=self.circles)
        return self._whole

    def model(self, stages: Sequence[Stage | None]) -> Model:
        """The model of the present candidates, in which the stages of goals are kept; None: nothing of its goal."""
        known = self._narrow
        if known is not None and len(known[0]) == len(stages) and all(map(_same, known[0], stages)):
            return known[1]
        model = self.whole_model()
        for goal, stage in enumerate(stages):
            model = model if stage is None else self._kept(model, goal, stage)
        self._narrow = (list(stages), model)
        return model

    def _kept(self, model: Model, goal: int, stage: Stage) -> Model:
        """The model in which a goal keeps its value: the face that its prices leave, or else rows."""
        if stage.closed:
            model = narrowed(model, goal, stage.prices)
            if not stage.prices.slotted:
                return model
            # that moments with a price are full is no row of the face: the value itself is asked for besides
        if stage.compares:
            return at_least(model, self.numbered, self.families, goal, stage.value)
        worth = model.columns.worth[goal]
        used = np.flatnonzero(worth)
        return model.replace(rows=model.rows.with_row(self.families.goal(goal), 0, used, -worth[used], -stage.value))

    def within_gap(self, goal: int, stages: Sequence[Stage], top: int) -> bool:
        """Whether the plan is as near to a ceiling of a goal as was asked for.

        Never where a goal before rests on an engine's word alone: a plan that is stopped claims what is proven, and
        that goal would be shown with a wider gap.
        """
        value, gap = self.value(goal), self.options.gap
        near = bool(gap) and value is not None and top - value <= gap * max(1, abs(value))
        return near and all(stage.bound == stage.ceiling for stage in stages)

    def add_circles(self, family: int, keys: Ints) -> None:
        """More rows of circles."""
        self.circles = self.circles | {family: np.union1d(self.circles.get(family, keys), keys)}
        self._whole = self._narrow = None

    def grow(self, found: Found) -> None:
        """More candidates."""
        refuse_beyond(len(self.candidates) + len(found), self.numbered.sides.shape)
        self.candidates = self.candidates.grown(found.mentor, found.mentee, found.score)
        self._whole = self._narrow = None

    def chosen(self) -> Bools | None:
        """Which columns the best plan holds, switches included."""
        if self.held is None:
            return None
        pairs = np.zeros(len(self.candidates), dtype=bool)
        pairs[np.searchsorted(self.candidates.key, self.held)] = True
        return self.whole_model().with_switches(pairs)

    def slot(self) -> Ints | None:
        """Slot of each candidate that the best plan holds and that is not easy, -1 of all others."""
        if self.held is None or self.held_slot is None:
            return None
        found = np.full(len(self.candidates), NONE, dtype=np.int64)
        found[np.searchsorted(self.candidates.key, self.held)] = self.held_slot
        return found

    def hold(self, pairs: Bools, slot: Ints | None = None) -> None:
        """Take a plan as the best so far in the goal that is pursued, and in those before it, with its slots."""
        self.held = self.candidates.key[pairs]
        if slot is None:
            model = self.whole_model()
            slot = model.meeting(model.with_switches(pairs))
            assert slot is not None
        self.held_slot = slot[pairs]
        values = [self.value(goal) or 0 for goal in range(len(self.names))]
        if self._best is None or values > self._best[0]:
            self._best = values, self.held, self.held_slot

    def hold_the_best(self) -> None:
        """Go back to the best plan of all that were held: by all goals, in order."""
        if self._best is not None:
            self.held, self.held_slot = self._best[1:]

    def note(self, goal: int, prices: Prices, total: int) -> None:
        """Prices of the goal that is pursued, and the sum that they prove over all pairs."""
        known = self.noted
        if known is None or known.goal != goal or total * known.prices.unit < known.total * prices.unit:
            self.noted = Noted(goal, prices, total)

    def value(self, goal: int) -> int | None:
        """What the best plan is worth in a goal."""
        chosen = self.chosen()
        if chosen is None:
            return None
        if not self.goals[goal].compares:
            return self.whole_model().value(chosen, goal)
        some, held = self.candidates, chosen[: len(self.candidates)]
        return self.goals[goal].value(self.numbered.sides, some.mentor[held], some.mentee[held], some.score[held])

    def keeps(self, stages: Sequence[Stage | None]) -> bool:
        """Whether the best plan so far keeps these goals."""
        chosen = self.chosen()
        return chosen is not None and self.model(stages).holds(chosen, self.slot())

    def reaches(self, goal: int, stages: Sequence[Stage | None], top: int) -> bool:
        """Whether the best plan so far keeps these goals, and is worth so much in one."""
        return self.value(goal) == top and self.keeps(stages)

    def flat(self, goal: int) -> int | None:
        """What every pair is worth in a goal, where that is the same; None if it is the score."""
        worth = self.goals[goal].worth(np.array([0, 1], dtype=np.int64))
        return int(worth[0]) if worth[0] == worth[1] else None

    # -- all pairs ----------------------------------------------------------------------------------------------------

    @property
    def end(self) -> End:
        """Which of all valid prices are beaten by the fewest pairs that are no candidates.

        Who is not scarce is cheap. Where both sides are scarce, prices halfway are beaten by fewer.
        """
        if self.all_pairs is None or self.both_scarce:
            return "low" if self.all_pairs is None else "middle"
        return "low" if self.all_pairs.rows == "mentee" else "high"

    def fetch_all(self) -> None:
        """Make every pair that may exist a candidate."""
        if self.all_pairs is not None:
            self.candidates = every_pair(self.numbered, self.all_pairs.at)
            self.all_pairs = self._whole = self._narrow = None

    # -- the clock and the caller ------------------------------------------------------------------------------------

    @property
    def seconds(self) -> float | None:
        """Time that is left."""
        deadline = self.options.deadline
        return None if deadline is None else max(0.0, deadline - time.monotonic())

    def enter(self, phase: str) -> None:
        """Begin something; the caller is told."""
        self._phase, self._told = phase, 0.0
        self.tick(0, 0)

    def tick(self, done: int, of: int) -> None:
        """Look at the clock, and tell the caller now and then.

        Raises
        ------
        Stopped
            If either ends the search.
        """
        if self.seconds == 0.0:
            raise Stopped("time")
        watch, now = self.options.watch, time.monotonic()
        if watch is None or now - self._told < BETWEEN:
            return
        self._told = now
        if is_false(_told(watch, self._progress(done, of, now))):
            raise Stopped("callback")

    def _progress(self, done: int, of: int, now: float) -> Progress:
        goal = min(len(self.stages), len(self.names) - 1)
        value = self.value(goal)
        bound = None if self.noted is None or self.noted.goal != goal else self.noted.ceiling
        gap = None if value is None or bound is None else (bound - value) / max(1, abs(value))
        shown = self._shown(goal, bound)
        return {
            "phase": self._phase,
            "goal": self.names[goal],
            "seconds": now - self.options.started,
            "value": self._shown(goal, value),
            # prices may promise fewer changes than none, or less than no gap
            "bound": shown if shown is None or not self.goals[goal].made_small else max(0, shown),
            "gap": gap,
            "tiles_done": done,
            "tiles": of,
        }

    def _shown(self, goal: int, whole: int | None) -> int | float | None:
        """A value as people read it."""
        one = self.goals[goal]
        if whole is None:
            return None
        if not one.in_score_units:
            return one.shown(whole, self.numbered.sides)
        scale = float(self.numbered.programme.policy.score.scale)
        return whole if scale == 1 else whole / scale


def is_false(answer: object) -> bool:
    """Whether a callback said no."""
    return isinstance(answer, bool | np.bool_) and not answer


def _told(watch: Callable[[Progress], bool | None], progress: Progress) -> bool | None:
    try:
        return watch(progress)
    except Exception as error:
        error.add_note("raised by the function that was given as on_progress=")
        raise


def _same(one: Stage | None, other: Stage | None) -> bool:
    return one is other
