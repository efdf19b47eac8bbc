"""A child that is killed, out of memory or not there at all: the best plan so far is never lost."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import revmatch as rm
from children import MODEL, children, endless, only, small, soon, when
from engine_models import model_of
from revmatch.engines import CpSat, MinCostFlow, child, life, worker
from revmatch.engines.engine import Answer, Outcome
from revmatch.engines.worker import EngineLost, NoChild
from revmatch.solve import aside, exact


@pytest.mark.parametrize(
    ("how", "moment"),
    [
        (signal.SIGKILL, "start"),
        (signal.SIGSEGV, "start"),
        (signal.SIGKILL, "middle"),
        (signal.SIGABRT, "middle"),
        (signal.SIGSEGV, "end"),
    ],
)
def test_the_plan_so_far_outlives_the_child(
    cold: None, how: signal.Signals, moment: str, straight_to_cp_sat: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(exact, "through_keyhole", lambda *_: None)  # so that CP-SAT has something to find
    take = aside._Found.__call__

    def found(self: Any, pairs: Any) -> None:
        take(self, pairs)
        seen.append(self.search.value(0))

    monkeypatch.setattr(aside._Found, "__call__", found)
    moments: dict[str, Callable[[], object]] = {"start": children, "middle": lambda: seen, "end": lambda: seen[3:]}
    killer = when(moments[moment], lambda: os.kill(only(), how))
    began = time.monotonic()
    plan = rm.match(endless(), time_limit=20)
    killer.join()
    assert time.monotonic() - began < 15
    assert (plan.status, plan.stopped_by, plan.proof) == (rm.Status.FEASIBLE, "engine_lost", None)
    assert any(f"was lost: it was ended by {how.name}" in said for said in plan.route)
    assert children() == {}
    assert rm.verify(plan).ok
    assert seen == sorted(seen)
    assert not seen or plan.objective >= seen[-1]
    assert plan.objective > 3000


def test_lost_before_there_is_a_plan(cold: None, monkeypatch: pytest.MonkeyPatch, everything_aside: None) -> None:
    """Nobody can be matched quickly here, so nothing is held when the child dies."""
    hard = rm.Programme.from_scores(
        np.ones((8, 8)), forbidden=~np.tri(8, dtype=bool), mentor_min_load=1, mentee_min_load=1
    )
    monkeypatch.setattr("revmatch.solve.stages.first_plan", lambda *_: None)
    monkeypatch.setattr("revmatch.solve.exact.first_plan", lambda *_: None)
    killer = when(children, lambda: os.kill(only(), signal.SIGKILL))
    plan = rm.match(hard)
    killer.join()
    assert (plan.status, plan.stopped_by, plan.found) == (rm.Status.NOT_FOUND, "engine_lost", False)
    with pytest.raises(rm.errors.NoPlanError):
        _ = plan.pairs


def test_an_answer_that_is_cut_short_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    read_some = life.Child._fill

    def cut(self: Any, view: memoryview, tick: Any) -> None:
        if len(view) == MODEL.columns.pairs:  # the chosen ones
            os.kill(only(), signal.SIGKILL)
            self._answers.read(5)
        read_some(self, view, tick)

    worker.solve(MinCostFlow(), MODEL, 0)
    monkeypatch.setattr(life.Child, "_fill", cut)
    with pytest.raises(EngineLost, match="SIGKILL"):
        worker.solve(MinCostFlow(), MODEL, 0)


def test_a_child_that_was_killed_while_idle_is_replaced() -> None:
    worker.solve(MinCostFlow(), MODEL, 0)
    os.kill(pid := only(), signal.SIGKILL)
    assert soon(lambda: not children())
    assert worker.solve(MinCostFlow(), MODEL, 0).outcome is Outcome.OPTIMAL
    assert only() != pid


def test_out_of_memory(cold: None, monkeypatch: pytest.MonkeyPatch) -> None:
    large = model_of(np.ones((900, 900)))
    for cap in (330 << 20, 520 << 20):  # before the solver is loaded, and when it is
        monkeypatch.setattr(worker, "MEMORY", cap)
        with pytest.raises(EngineLost, match=r"out of memory|SIGABRT|SIGSEGV"):
            worker.solve(CpSat(), large, 0)
    assert children() == {}


@pytest.mark.parametrize("error", [MemoryError, SystemError, ImportError("cannot allocate memory")])
def test_no_room_in_whatever_words_it_is_said(error: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as "error return without exception set", from code in C that found none."""

    class Full:
        name = "full"

        def solve(self, *given: Any, **more: Any) -> Answer:
            raise error

    class Ended(Exception):  # noqa: N818
        pass

    def end(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr(child, "ENGINES", [Full()])
    monkeypatch.setattr(child.os, "_exit", end)
    with pytest.raises(Ended, match=str(child.OUT_OF_MEMORY)):
        child._solved((0, MODEL, 0, None, None, None, None, 0, None, False), lambda pairs: None)


# -- where there is none ----------------------------------------------------------------------------------------------


def test_without_a_child_engines_run_here(cold: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    best = rm.match(small(0))
    other = tmp_path / "python-not"
    other.write_text("#!/bin/sh\necho hello\n")
    other.chmod(0o700)
    for executable, why in (
        (None, "sys.executable is not set"),
        ("", "sys.executable is not set"),
        ("/nowhere/python", "No such file or directory"),
        (str(tmp_path / "server"), "the program that runs is not Python itself"),
        (str(other), "it ended with exit code 0"),
    ):
        monkeypatch.setattr(sys, "executable", executable)
        worker._end_all()
        for _ in range(2):
            plan = rm.match(small(0))
            assert plan.to_json() == best.to_json()
            assert [said for said in plan.route if said not in best.route] == [
                f"engines in this process: no child could be started ({why})"
            ]
        assert children() == {}


def test_a_frozen_program_is_not_started_again(cold: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(NoChild, match="not Python itself"):
        worker.solve(MinCostFlow(), MODEL, 0)


def test_another_version_is_not_spoken_to(cold: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life, "fingerprint", lambda: 7)
    with pytest.raises(NoChild, match="another version"):
        worker.solve(MinCostFlow(), MODEL, 0)


def test_a_child_that_says_nothing_is_not_waited_for(
    cold: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    silent = tmp_path / "python-silent"
    silent.write_text("#!/bin/sh\nexec sleep 60\n")
    silent.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(silent))
    monkeypatch.setattr(life, "READY", 0.3)
    with pytest.raises(NoChild, match="did not say that it is ready"):
        worker.solve(MinCostFlow(), MODEL, 0)
    assert children() == {}


def test_no_thread_can_be_started(cold: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(life._thread, "start_new_thread", refuse)
    with pytest.raises(NoChild, match="no thread"):
        worker.solve(MinCostFlow(), MODEL, 0)


def test_threads_that_are_none(cold: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some servers replace threads by something that must not block; then whoever ends the child waits for it."""
    monkeypatch.setattr(life._thread, "start_new_thread", lambda function, given: function(*given))
    assert worker.solve(MinCostFlow(), MODEL, 0).outcome is Outcome.OPTIMAL
    pid = only()
    assert worker.solve(MinCostFlow(), MODEL, 0).outcome is Outcome.OPTIMAL
    assert only() == pid
    worker._end_all()
    assert children() == {}
