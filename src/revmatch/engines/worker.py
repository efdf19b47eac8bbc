"""Engines in a child process: asked, watched and stopped from here, and lost without harm.

A solver can abort the process that it runs in, take all its memory, ignore its time limit, and hold Python's lock until
it is done. So it runs in a child that this process can end at any moment (`revmatch.engines.child`), over a pipe that
carries whole numbers only (`revmatch.engines.wire`). One child is kept for the next job; it leaves when it has been
idle for a minute, and dies with this process.
"""

from __future__ import annotations

import atexit
import os
import sys
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any, get_args

import numpy as np

from revmatch.engines import ENGINES
from revmatch.engines.engine import Answer, Engine
from revmatch.engines.life import Child, EngineLost, Left, NoChild
from revmatch.engines.prices import End
from revmatch.engines.wire import Said, packed
from revmatch.errors import EngineError, Problem
from revmatch.model import Model
from revmatch.policy.sides import Bools, Ints

__all__ = ["EngineLost", "NoChild", "heeds_time", "knows", "quick", "solve"]

#: Seconds after which an idle child leaves.
IDLE = 60.0
#: Cap on a child's memory in bytes; 0 for a share of what is left when a job begins.
MEMORY = 0
#: Seconds to wait for the child that another thread is using; then a second one is started, which takes about as long.
TURN = 0.4

#: Engines that are quick on small models, and so need no child there: pairs times people up to which that is so.
#:
#: Measured on dense tables up to 300 x 300 (5.4e7): 0.05 s. The slowest known, a chain of 3,000 mentors and as many
#: mentees who each know two (3.6e7): 0.6 s; of 10,000 (4e8): 4 s, which no time limit could wait for. A warm child
#: costs 2 to 8 ms more than none on such models, and a cold one 0.3 s.
QUICK = {"assignment": 50_000_000, "min-cost flow": 50_000_000}
#: The same where an event loop waits for the thread: up to so much the solver holds Python's lock for 10 ms at most.
QUICK_BESIDE_A_LOOP = {"assignment": 5_000_000, "min-cost flow": 5_000_000}


def knows(engine: Engine) -> bool:
    """Whether the child has this engine."""
    return any(type(engine) is type(known) for known in ENGINES)


def heeds_time(engine: Engine) -> bool:
    """Whether an engine ends by itself when its time is up, or soon after; a flow does not."""
    return engine.name not in QUICK


def quick(engine: Engine, model: Model, *, beside_a_loop: bool = False) -> bool:
    """Whether an engine is done with a model so soon that a child is not worth its while."""
    most = (QUICK_BESIDE_A_LOOP if beside_a_loop else QUICK).get(engine.name, -1)
    return model.columns.pairs * sum(model.shape) <= most


def solve(
    engine: Engine,
    model: Model,
    goal: int,
    *,
    hint: Bools | None = None,
    bound: int | None = None,
    deadline: float | None = None,
    start: Ints | None = None,
    end: End = "low",
    work: float | None = None,
    found: Callable[[Bools], None] | None = None,
    tick: Callable[[], None] = lambda: None,
) -> Answer:
    """Best columns of a model in one goal, as `Engine.solve`, from a child process.

    Parameters
    ----------
    engine, model, goal, hint, bound, start, end, work
        As in `Engine.solve`; an engine that the child has.
    deadline : float, optional
        On the clock of `time.monotonic`. The engine is told; who wants it kept must raise in `tick`.
    found : callable, optional
        Told the pairs of every better plan as soon as the engine has found it, or of the last of several.
    tick : callable
        Called again and again meanwhile. What it raises ends the child and passes through, as does anything else that
        is raised here, such as an interrupt.

    Raises
    ------
    EngineLost
        If the child ended before it had answered. What it had found until then has been told.
    NoChild
        If no child can be started.
    EngineError
        RM901 if the engine fails.
    """
    which = [known.name for known in ENGINES].index(engine.name)
    while True:
        child = _taken(tick)
        left = None if deadline is None else max(0, int((deadline - time.monotonic()) * 1e6))
        how = (get_args(End).index(end), None if work is None else round(work * 1e6), found is not None)
        job = (which, model, goal, hint, bound, left, start, *how)
        try:
            said, value = _answer(child, packed(Said.JOB, job), model.columns.pairs, found, tick)
        except Left:
            _discard(child)
            continue
        except BaseException:
            _discard(child)
            raise
        _given_back(child)
        if said is Said.FAILED:
            raise EngineError(Problem(*(part.tobytes().decode() for part in value)))
        assert isinstance(value, Answer)
        return value


def _answer(
    child: Child,
    job: list[memoryview],
    pairs: int,
    found: Callable[[Bools], None] | None,
    tick: Callable[[], None],
) -> tuple[Said, Any]:
    """The last message of a job. On the way, the latest plan found is told whenever there is nothing else to do."""
    latest: Any = None

    def tell() -> None:
        nonlocal latest
        if latest is not None and found is not None:
            bits, latest = latest, None
            found(np.unpackbits(bits, count=pairs).astype(bool))

    def tell_and_tick() -> None:
        tell()
        tick()

    try:
        child.send(job, tick)
        while True:
            said, value = child.hear(tell_and_tick)
            if said is not Said.FOUND:
                return said, value
            latest = value
    finally:
        tell()


# -- the one that is kept ----------------------------------------------------------------------------------------------

#: Children that wait for a job: one, or for a moment more.
_waiting: list[Child] = []
#: All that live.
_living: weakref.WeakSet[Child] = weakref.WeakSet()
#: Why no child can be started, by the program that was to be started.
_useless: dict[str | None, str] = {}
_settled = False


def _taken(tick: Callable[[], None]) -> Child:
    """A child that nobody else uses."""
    _settle()
    until = time.monotonic() + TURN
    while True:
        with suppress(IndexError):
            child = _waiting.pop()
            if child.waits:
                return child
            _discard(child)  # it has left, or was killed: nothing is lost
            continue
        if not _living or time.monotonic() >= until:
            return _started(tick)
        tick()
        time.sleep(0.005)


def _started(tick: Callable[[], None]) -> Child:
    if sys.executable in _useless:
        raise NoChild(_useless[sys.executable])
    try:
        child = Child((str(IDLE), str(MEMORY)), tick)
    except NoChild as error:
        if error.lasting:
            _useless[sys.executable] = str(error)
        raise
    _living.add(child)
    return child


def _given_back(child: Child) -> None:
    if _waiting:
        _discard(child)
    else:
        _waiting.append(child)


def _discard(child: Child) -> None:
    _living.discard(child)
    child.kill()


def _settle() -> None:
    """See to it, once, that no child outlives this process, and that a fork of it has none."""
    global _settled
    if not _settled:
        _settled = True
        atexit.register(_end_all)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_forget_all)


def _end_all() -> None:
    for child in list(_living):
        child.kill()


def _forget_all() -> None:
    """In a fork: the children are those of the other process. What closes here are copies of its ends of the pipe."""
    for child in list(_living):
        child.leave()
    _living.clear()
    _waiting.clear()
