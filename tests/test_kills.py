"""Faults at random moments: whatever is killed, starved, interrupted or late, nothing is lost, hangs or is left behind.

`make soak` runs a thousand of them, and prints what became of each kind.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

import revmatch as rm
from children import chain, children, endless, small, soon
from grids import daily
from revmatch.engines import worker
from revmatch.solve import exact

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux shows them")

#: Seconds that each match is given; and how much later it may come back, the check of its plan included.
LIMIT, LATE = 1.5, 2.0

#: A flow of every size, linear programmes, cases and CP-SAT.
PROGRAMMES = {
    "flow": chain(2_500),
    "hours": endless(),
    "few hours": endless(1, mentors=4, mentees=20),
    "two roles": small(0),
    "two roles, too": small(5),
    "departments": rm.datasets.programme(120, 80).replace(
        policy=rm.Policy(score=rm.score.SkillGap(), limits=["DepartmentPair(at_most=2)"])
    ),
}


class Elsewhere(BaseException):
    """What a queue of tasks raises where a task takes too long."""


@pytest.fixture(autouse=True)
def _busy_child(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every engine in the child, and CP-SAT sooner than elsewhere."""
    monkeypatch.setattr(worker, "QUICK", {})
    monkeypatch.setattr(exact, "MOST_CASES", 20)
    worker._end_all()
    yield
    worker._end_all()


@pytest.fixture(scope="module")
def first() -> dict[str, list[Any]]:
    """What each programme's plan is worth that takes no time at all."""
    plans = {name: rm.match(programme, time_limit=0) for name, programme in PROGRAMMES.items()}
    return {name: [goal.value for goal in plan.goals] for name, plan in plans.items() if plan.found}


# -- the faults --------------------------------------------------------------------------------------------------------


@contextmanager
def killed(draw: random.Random, options: dict[str, Any]) -> Iterator[None]:
    """Any signal, at any moment after the child has begun; or to one that idles from the match before."""
    how = draw.choice([signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM, signal.SIGBUS])
    delay, over = draw.choice([0.0, draw.uniform(0, 0.1), draw.uniform(0, LIMIT)]), threading.Event()

    def kill() -> None:
        soon(lambda: children() or over.is_set(), LIMIT)
        over.wait(delay)
        for pid in children():
            with suppress(ProcessLookupError):
                os.kill(pid, how)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def starved(draw: random.Random, options: dict[str, Any]) -> Iterator[None]:
    """So little memory that the solver cannot be loaded, or hardly."""
    worker._end_all()
    before, worker.MEMORY = worker.MEMORY, draw.randrange(60 << 20, 600 << 20)
    try:
        yield
    finally:
        worker.MEMORY = before
        worker._end_all()


@contextmanager
def interrupted(draw: random.Random, options: dict[str, Any]) -> Iterator[None]:
    """Ctrl-C."""
    timer = threading.Timer(draw.uniform(0, LIMIT), signal.raise_signal, (signal.SIGINT,))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


@contextmanager
def told(draw: random.Random, options: dict[str, Any]) -> Iterator[None]:
    """The host raises something in the middle."""

    def too_long(*_: object) -> None:
        raise Elsewhere

    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, draw.uniform(0.001, LIMIT))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def late(draw: random.Random, options: dict[str, Any]) -> Iterator[None]:
    """Hardly any time."""
    options["time_limit"] = draw.choice([0.0, 1e-9, draw.uniform(0, 0.3), draw.uniform(0, LIMIT)])
    yield


@contextmanager
def stopped(draw: random.Random, options: dict[str, Any]) -> Iterator[None]:
    """The caller has enough."""
    enough = draw.uniform(0, LIMIT)
    options["on_progress"] = lambda news: bool(news["seconds"] < enough)
    yield


FAULTS: list[Callable[[random.Random, dict[str, Any]], Any]] = [
    killed, killed, killed, starved, interrupted, interrupted, told, late, stopped,
]  # fmt: skip


# -- what must hold ----------------------------------------------------------------------------------------------------


def injected(seed: int, first: dict[str, list[Any]]) -> str:
    """Put one fault into one match; say what came of it."""
    draw = random.Random(seed)
    name, fault = draw.choice(list(PROGRAMMES)), draw.choice(FAULTS)
    options: dict[str, Any] = {"time_limit": LIMIT}
    handler, began, plan = signal.getsignal(signal.SIGINT), time.monotonic(), None
    try:
        with fault(draw, options):
            plan = rm.match(PROGRAMMES[name], **options)
            took = time.monotonic() - began
    except (KeyboardInterrupt, Elsewhere) as error:  # perhaps just after the plan was there
        assert fault in (interrupted, told)
        took, outcome = time.monotonic() - began, type(error).__name__
    assert took < options["time_limit"] + LATE, f"{seed}: {took:.1f} s"
    assert signal.getsignal(signal.SIGINT) is handler
    assert soon(lambda: list(children().values()) in ([], ["S"])), f"{seed}: {children()}"
    if plan is not None:
        outcome = f"{plan.status}, stopped by {plan.stopped_by}"
        rm.verify(plan).raise_if_wrong()
        values = [goal.value for goal in plan.goals] if plan.found else []
        assert name not in first or values >= first[name], f"{seed}: {values} < {first[name]}"
        if plan.stopped_by == "engine_lost":
            assert plan.status in (rm.Status.FEASIBLE, rm.Status.NOT_FOUND)
    return f"{fault.__name__}: {outcome}"


def inject(seeds: range, first: dict[str, list[Any]]) -> Counter[str]:
    threads = threading.enumerate()
    found = Counter(injected(seed, first) for seed in seeds)
    assert threading.enumerate() == threads
    return found


@pytest.mark.parametrize("block", daily(1, range(2)))
def test_some_faults(block: int, first: dict[str, list[Any]]) -> None:
    inject(range(8 * block, 8 * block + 8), first)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("block", range(10))
def test_a_thousand_faults(block: int, first: dict[str, list[Any]], capsys: pytest.CaptureFixture[str]) -> None:
    found = inject(range(1_000 + 100 * block, 1_100 + 100 * block), first)
    with capsys.disabled():
        print(f"\nfaults {100 * block} to {100 * block + 99}:")
        for outcome, count in sorted(found.items()):
            print(f"  {count:4}  {outcome}")
