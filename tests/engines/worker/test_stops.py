"""A time limit, the host or an interrupt ends a search while a child works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

import revmatch as rm
from children import MODEL, PATHS, chain, children, endless, grace, only, soon
from grids import daily
from revmatch.engines import MinCostFlow, worker
from revmatch.engines.engine import Outcome


def test_a_time_limit_ends_a_flow() -> None:
    programme = chain(6_000)  # takes more than a second
    began = time.monotonic()
    plan = rm.match(programme, time_limit=0.3)
    assert time.monotonic() - began < 0.3 + grace(2)
    assert (plan.status, plan.stopped_by) == (rm.Status.FEASIBLE, "time")
    assert children() == {}


def test_a_time_limit_leaves_an_engine_that_heeds_it(straight_to_cp_sat: None) -> None:
    worker.solve(MinCostFlow(), MODEL, 0)
    pid = only()
    plan = rm.match(endless(), time_limit=1)
    assert plan.stopped_by == "time"
    assert only() == pid


def test_the_caller_is_heard_while_an_engine_works(straight_to_cp_sat: None) -> None:
    news: list[dict[str, Any]] = []

    def enough(one: dict[str, Any]) -> bool:
        news.append(one)
        return one["seconds"] < 1.5

    plan = rm.match(endless(), on_progress=enough)
    assert (plan.status, plan.stopped_by) == (rm.Status.FEASIBLE, "callback")
    assert plan.seconds < 4
    values = [one["value"] for one in news if one["value"] is not None]
    assert values == sorted(values)
    assert len({one["seconds"] for one in news}) > 5


class Elsewhere(BaseException):
    """What a queue of tasks raises where a task takes too long."""


def test_what_the_host_raises_passes_through() -> None:
    def too_long(*_: object) -> None:
        raise Elsewhere

    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    try:
        with pytest.raises(Elsewhere):
            rm.match(endless())
    finally:
        signal.signal(signal.SIGALRM, before)


def test_what_the_caller_raises_passes_through() -> None:
    def fail(news: dict[str, Any]) -> None:
        if news["seconds"] > 0.7:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rm.match(endless(), on_progress=fail)


# -- interrupts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delay", daily(2, [0.0, 0.1, 1.0]))
def test_an_interrupt_in_the_main_thread(delay: float) -> None:
    before = signal.getsignal(signal.SIGINT)
    timer = threading.Timer(delay, signal.raise_signal, (signal.SIGINT,))
    try:
        timer.start()  # at once it may come before there is anything to interrupt
        plan = rm.match(endless(), time_limit=20)
    except KeyboardInterrupt:  # before there was a plan
        assert delay < 1.0
    else:
        assert (plan.status, plan.stopped_by) == (rm.Status.FEASIBLE, "interrupt")
        assert plan.seconds < delay + 3
    timer.join()
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_leaves_a_match_in_another_thread_alone(cold: None) -> None:
    before = signal.getsignal(signal.SIGINT)
    plans: list[rm.Plan] = []
    thread = threading.Thread(target=lambda: plans.append(rm.match(endless(), time_limit=2)))
    thread.start()
    assert soon(children)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    thread.join()
    assert plans[0].stopped_by == "time"
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_after_a_match() -> None:
    worker.solve(MinCostFlow(), MODEL, 0)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    pid = only()
    os.kill(pid, signal.SIGINT)  # it takes no notice
    assert worker.solve(MinCostFlow(), MODEL, 0).outcome is Outcome.OPTIMAL
    assert only() == pid


def test_ctrl_c_in_a_terminal_keeps_the_plan() -> None:
    text = (
        "import revmatch as rm; from children import *\n"
        "print('begun', flush=True)\n"
        "plan = rm.match(endless(), time_limit=30)\n"
        "print(plan.stopped_by, plan.found)\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", text],
        env={**os.environ, "PYTHONPATH": PATHS},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    with running:
        assert running.stdout is not None
        running.stdout.readline()
        assert soon(lambda: children(running.pid), 20)
        time.sleep(1)
        os.killpg(running.pid, signal.SIGINT)
        assert running.stdout.read() == "interrupt True\n"
    assert running.returncode == 0
