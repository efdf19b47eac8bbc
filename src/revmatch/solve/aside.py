"""Ask an engine: in the child process, or here where that is quick, or where no child can be started.

While the child works the clock and the caller are heard. Better plans that it finds on the way are held at once, so
nothing is lost when it is stopped, or ends by itself.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import Any

from revmatch.engines import worker
from revmatch.engines.engine import Answer, Engine
from revmatch.engines.prices import End
from revmatch.model import Model
from revmatch.policy.sides import Bools, Ints
from revmatch.solve.search import Search, Stopped

#: Seconds that an engine is given to end by itself when time is up, before it is killed. An engine that heeds its time
#: limit takes a few milliseconds, and stays warm. What it has found is held already.
GRACE = 0.25

#: An event loop waits for this thread: Python's lock must not be held for long.
beside_a_loop: ContextVar[bool] = ContextVar("beside_a_loop", default=False)


def ask(
    search: Search,
    engine: Engine,
    model: Model,
    goal: int,
    *,
    hint: Bools | None = None,
    bound: int | None = None,
    start: Ints | None = None,
    end: End = "low",
    work: float | None = None,
    keeps: Model | None = None,
) -> Answer:
    """What an engine says of a model in one goal.

    Parameters
    ----------
    search : Search
    engine, model, goal, hint, bound, start, end, work
        As in `Engine.solve`.
    keeps : Model, optional
        Hold every plan that is found on the way, if it keeps this model, and is worth no less than the plan that is
        held now, or that does not keep it.

    Raises
    ------
    Stopped
        If time is up, the caller says so, or the engine is lost.
    EngineError
        RM901 if the engine fails.
    """
    options: dict[str, Any] = {"hint": hint, "bound": bound, "start": start, "end": end, "work": work}
    if keeps is not None and search.options.engine is None:
        options["found"] = _Found(search, keeps, goal)
    if _goes_aside(search, engine, model):
        try:
            deadline, grace = search.options.deadline, GRACE if worker.heeds_time(engine) else 0.0

            def tick() -> None:
                _tick(search, grace)

            return worker.solve(engine, model, goal, deadline=deadline, tick=tick, **options)
        except worker.NoChild as error:
            _say_once(search, f"engines in this process: no child could be started ({error})")
        except worker.EngineLost as error:
            search.route.append(f"{search.names[goal]}: {engine.name} was lost: {error}")
            raise Stopped("engine_lost") from error
    return engine.solve(model, goal, seconds=search.seconds, **options)


def _goes_aside(search: Search, engine: Engine, model: Model) -> bool:
    """Whether a child is to be asked. A test that asks for one engine alone has it here."""
    if search.options.engine is not None or not worker.knows(engine):
        return False
    return not worker.quick(engine, model, beside_a_loop=beside_a_loop.get())


def _tick(search: Search, grace: float) -> None:
    """Hear the caller, and the clock a moment later than elsewhere."""
    try:
        search.tick(0, 0)
    except Stopped as stop:
        deadline = search.options.deadline
        if stop.reason != "time" or deadline is None or time.monotonic() > deadline + grace:
            raise


def _say_once(search: Search, text: str) -> None:
    if text not in search.route:
        search.route.append(text)


class _Found:
    """Holds each plan that an engine finds, if it is one, and worth no less than what is held."""

    def __init__(self, search: Search, model: Model, goal: int) -> None:
        self.search, self.model, self.goal = search, model, goal

    def __call__(self, pairs: Bools) -> None:
        chosen, held, model = self.model.with_switches(pairs), self.search.chosen(), self.model
        slot = model.meeting(chosen, near=self.search.slot())
        if slot is None or not model.holds(chosen, slot):
            return
        known = None if held is None or not model.holds(held, self.search.slot()) else model.value(held, self.goal)
        if known is None or model.value(chosen, self.goal) >= known:
            self.search.hold(pairs, slot)
