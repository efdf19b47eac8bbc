"""The child process of the engines: the same answers, and whatever happens to it, nothing is lost or left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import revmatch as rm
from children import alive, chain, children, endless, small, soon, whole_model
from engine_models import model_of
from grids import daily
from revmatch.engines import ENGINES, Assignment, CpSat, Linear, MinCostFlow, child, life, worker
from revmatch.engines.engine import Answer, Outcome
from revmatch.engines.worker import EngineLost, NoChild
from revmatch.solve import aside, exact

ROOT = Path(__file__).resolve().parents[2]
MODEL = model_of([[3, 1, 4], [1, 5, 9], [2, 6, 5]], mentor_min_load=1, mentee_min_load=1)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux shows them")


@pytest.fixture(autouse=True, scope="module")
def _nobody_is_left() -> Iterator[None]:
    worker._end_all()
    before = children()
    yield
    worker._end_all()
    assert soon(lambda: children() == before), children()


@pytest.fixture(autouse=True)
def _one_waits_at_most() -> Iterator[None]:
    yield
    worker._useless.clear()
    assert soon(lambda: list(children().values()) in ([], ["S"])), children()  # above all no zombie


@pytest.fixture
def cold() -> Iterator[None]:
    """No child before, and none of this test's making after it."""
    worker._end_all()
    yield
    worker._end_all()


@pytest.fixture
def everything_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "QUICK", {})


@pytest.fixture
def straight_to_cp_sat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "MOST_CASES", 0)


def only() -> int:
    """The one child that there is."""
    (pid,) = children()
    return pid


def when(condition: Callable[[], object], then: Callable[[], object]) -> threading.Thread:
    """Do something as soon as something is true."""
    thread = threading.Thread(target=lambda: soon(condition, 20) and then())
    thread.start()
    return thread


def script(text: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a script of its own, without a main guard."""
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
    return subprocess.run(
        [sys.executable, "-c", text],
        env={**os.environ, "PYTHONPATH": paths} | options.pop("env", {}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )


# -- the same answers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_an_engine_says_the_same_in_the_child(engine: Any) -> None:
    here, there = engine.solve(MODEL, 0), worker.solve(engine, MODEL, 0)
    assert here.outcome is there.outcome is Outcome.OPTIMAL
    assert here.bound == there.bound
    assert np.array_equal(here.pairs, there.pairs)
    if here.prices is not None:
        assert np.array_equal(here.prices.person, there.prices.person)


PROGRAMMES = [
    *(small(seed) for seed in range(4)),
    rm.Programme.from_scores(np.arange(30).reshape(5, 6) % 7, policy=rm.Policy(limits=[rm.limits.Apart(["0", "2"])])),
    rm.Programme.from_scores(np.arange(42).reshape(6, 7) % 10, mentor_capacity=2, mentee_min_load=1),
    rm.Programme.from_scores([[1, 2], [3, 4]], mentor_min_load=1, mentee_capacity=[1, 0]),
    rm.Programme.from_scores([[1, 2], [3, 4]], mentor_min_load=2, mentor_capacity=2),
    rm.Programme.from_scores([[-1, 2.5], [3, 0.25]], policy=rm.Policy(goals=["TotalScore"])),
    rm.datasets.programme(60, 40),
    rm.Programme.from_scores(np.ones((5, 5)), policy=rm.Policy(limits=["TotalPairs(at_most=3)"])),
    rm.Programme.from_scores(np.eye(6), policy=rm.Policy(goals=["Pairs", "WorstOff", "TotalScore"])),
]


@pytest.mark.parametrize("k", range(len(PROGRAMMES)))
def test_a_plan_is_the_same_byte_for_byte(k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    plans = []
    for quick in ({}, {engine.name: 1 << 60 for engine in ENGINES}):
        monkeypatch.setattr(worker, "QUICK", quick)
        plans.append(rm.match(PROGRAMMES[k]))
    aside, here = plans
    assert aside.to_json() == here.to_json()
    assert aside.route == here.route


def test_one_child_serves_all(cold: None, everything_aside: None) -> None:
    rm.match(PROGRAMMES[0])
    pid = only()
    for programme in PROGRAMMES[:6]:
        rm.match(programme)
    assert only() == pid


def test_small_flows_need_no_child(cold: None) -> None:
    rm.match(rm.Programme.from_scores(np.random.default_rng(0).integers(0, 9, (60, 60))))
    assert children() == {}


def test_an_error_of_an_engine_is_that_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(rm.errors.EngineError) as caught:
        # neither text nor a number of this model: the child's own fault, which it tells
        worker.solve(CpSat(), MODEL, 7)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("RM901", "CP-SAT")
    assert problem.expected.startswith("IndexError")
    assert worker.solve(CpSat(), MODEL, 0).outcome is Outcome.OPTIMAL  # it goes on


# -- killed ------------------------------------------------------------------------------------------------------------


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


# -- when time is up, or somebody says so ------------------------------------------------------------------------------


def test_a_time_limit_ends_a_flow() -> None:
    programme = chain(6_000)  # takes more than a second
    began = time.monotonic()
    plan = rm.match(programme, time_limit=0.3)
    assert time.monotonic() - began < 2.3
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


# -- interrupts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delay", [0.0, 0.1, 1.0])
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
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])},
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


# -- the end of a child ------------------------------------------------------------------------------------------------


def test_an_idle_child_leaves_and_nobody_has_to_ask(cold: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "IDLE", 0.2)
    threads = threading.enumerate()
    worker.solve(MinCostFlow(), MODEL, 0)
    assert only()
    assert soon(lambda: not children(), 3)  # not even as a zombie
    assert threading.enumerate() == threads
    assert worker.solve(MinCostFlow(), MODEL, 0).outcome is Outcome.OPTIMAL


def test_a_job_that_comes_too_late_goes_to_the_next(cold: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "IDLE", 0.1)
    worker.solve(MinCostFlow(), MODEL, 0)
    assert soon(lambda: not children(), 3)
    monkeypatch.setattr(worker, "IDLE", 60.0)
    monkeypatch.setattr(life.Child, "waits", True)  # as it is in the last moment before it leaves
    assert worker.solve(MinCostFlow(), MODEL, 0).outcome is Outcome.OPTIMAL


PARENT = """
import os, signal, sys
import revmatch as rm
from children import chain, children, endless
from revmatch.engines import worker
def tell(news):
    if children(): print(*children(), flush=True)
rm.match({programme}, on_progress=tell)
"""


@pytest.mark.parametrize("programme", daily(1, ["endless()", "chain(20_000)"]))
def test_a_child_dies_with_its_parent(programme: str) -> None:
    """Even while the flow holds Python's lock; and a child that is idle, too."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT.format(programme=programme)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])},
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        time.sleep(1.0)
        assert alive(pid)
        parent.kill()
        assert soon(lambda: not alive(pid), 1.0)


def test_where_no_signal_tells_of_the_parents_end_a_thread_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(child._End, "_signalled", lambda self, on: False)
    monkeypatch.setattr(child, "BETWEEN", 0.01)
    monkeypatch.setattr(child.os, "_exit", ended.append)
    jobs, parent = os.pipe()
    with child._End(jobs):
        time.sleep(0.1)
        assert ended == []
        os.close(parent)
        assert soon(lambda: ended)
    os.close(jobs)
    assert ended[0] == child.ORPHANED


def test_a_script_ends_at_once_and_so_does_the_child() -> None:
    text = (
        "import time, revmatch as rm; from children import *; from revmatch.engines import worker\n"
        "worker.QUICK = {}\n"
        "print(rm.match(small(0)).status, *children(), time.time())\n"
    )
    done = script(text)
    status, pid, ended = done.stdout.split()
    assert (done.returncode, done.stderr, status) == (0, "", "OPTIMAL")
    assert not alive(int(pid))
    assert time.time() - float(ended) < 1.0


# -- wherever it is used -----------------------------------------------------------------------------------------------

ANYWHERE = "import revmatch as rm; from children import children, small\nplan = rm.match(small(0))\n"
SAYS = "print(plan.status, [said for said in plan.route if 'this process' in said], len(children()))\n"


ODD = """
import os, resource, signal, tempfile
here = tempfile.mkdtemp()
os.chdir(here)
os.rmdir(here)
os.environ.update(TMPDIR="/nowhere", HOME="/nowhere", PYTHONINSPECT="1", PYTHONSTARTUP="/nowhere", PYTHONVERBOSE="1")
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
signal.signal(signal.SIGIO, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
sys.path.append(None)
sys.path.insert(0, "a:b")
"""


@pytest.mark.parametrize("before", ["", ODD], ids=["plain", "odd"])
def test_a_script(before: str, tmp_path: Path) -> None:
    done = script("import sys\n" + before + ANYWHERE + SAYS + "sys.exit()\n", cwd=tmp_path, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout, done.stderr) == (0, "OPTIMAL [] 1\n", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_daemonic_process(method: str, tmp_path: Path) -> None:
    path = tmp_path / "daemonic.py"
    path.write_text(
        "import multiprocessing\n"
        "def work(queue):\n"
        f"    {ANYWHERE.strip().replace(chr(10), chr(10) + '    ')}\n"
        "    queue.put((str(plan.status), [said for said in plan.route if 'this process' in said], len(children())))\n"
        "if __name__ == '__main__':\n"
        f"    context = multiprocessing.get_context({method!r})\n"
        "    queue = context.SimpleQueue()\n"
        "    process = context.Process(target=work, args=(queue,), daemon=True)\n"
        "    process.start(); print(*queue.get()); process.join()\n"
    )
    done = script(f"import runpy; runpy.run_path({str(path)!r}, run_name='__main__')")
    assert (done.returncode, done.stdout, done.stderr) == (0, "OPTIMAL [] 1\n", "")


def test_no_file_is_written(tmp_path: Path) -> None:
    nowhere = tmp_path / "temporary"
    nowhere.mkdir(mode=0o500)
    done = script(ANYWHERE + SAYS, cwd=nowhere, env={"TMPDIR": str(nowhere), "HOME": str(nowhere)})
    assert (done.returncode, done.stdout, done.stderr) == (0, "OPTIMAL [] 1\n", "")
    assert list(nowhere.iterdir()) == []


def test_what_python_prints_at_its_start_is_no_answer(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('welcome' * 1000, flush=True)\n")
    paths = os.pathsep.join([str(tmp_path), str(ROOT / "src"), str(ROOT / "tests")])
    done = script(ANYWHERE + SAYS, env={"PYTHONPATH": paths})
    assert done.stdout.endswith("\nOPTIMAL [] 1\n")


def test_a_fork_has_children_of_its_own() -> None:
    worker.solve(MinCostFlow(), MODEL, 0)
    pid = only()
    reading, writing = os.pipe()
    fork = os.fork()
    if not fork:
        try:
            answer = worker.solve(MinCostFlow(), MODEL, 0)
            own = set(children()) - {pid}
            worker._end_all()
            os.write(writing, b"fine" if answer.outcome is Outcome.OPTIMAL and len(own) == 1 else b"wrong")
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as said:
        assert said.read() == b"fine"
    os.waitpid(fork, 0)
    assert worker.solve(MinCostFlow(), MODEL, 0).outcome is Outcome.OPTIMAL
    assert only() == pid


def test_threads_share(cold: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finds the child busy waits a moment, and then has another; one is left in the end."""
    monkeypatch.setattr(worker, "TURN", 0.05)
    model = whole_model(endless())
    answers: list[Answer] = []

    def solve() -> None:
        answers.append(worker.solve(CpSat(), model, 0, deadline=time.monotonic() + 1.5))

    threads = [threading.Thread(target=solve) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert soon(lambda: len(children()) == 3)
    for thread in threads:
        thread.join()
    assert {answer.outcome for answer in answers} <= {Outcome.FEASIBLE, Outcome.UNKNOWN}
    assert soon(lambda: len(children()) == 1)


def test_limits_of_a_child() -> None:
    worker.solve(MinCostFlow(), MODEL, 0)
    pid = only()
    limits = Path(f"/proc/{pid}/limits").read_text()
    (space,) = [line.split()[3] for line in limits.splitlines() if line.startswith("Max address space")]
    assert space.isdigit()
    assert Path(f"/proc/{pid}/oom_score_adj").read_text().strip() == "1000"
    assert os.getsid(pid) == pid
    shown = Path(f"/proc/{pid}/cmdline").read_text() + Path(f"/proc/{pid}/environ").read_text()
    assert "junior" not in shown


# -- where there is none -----------------------------------------------------------------------------------------------


def test_without_a_child_engines_run_here(cold: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    best = rm.match(PROGRAMMES[0])
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
            plan = rm.match(PROGRAMMES[0])
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


# -- what an engine tells on the way -----------------------------------------------------------------------------------


def test_better_plans_are_told_as_they_are_found() -> None:
    model = whole_model(endless())
    told: list[Any] = []
    answer = worker.solve(CpSat(), model, 0, work=0.2, found=told.append)
    assert all(model.holds(model.with_switches(pairs)) for pairs in told)
    values = [model.value(model.with_switches(pairs), 0) for pairs in told]
    assert len(values) > 1
    assert values == sorted(values)
    assert answer.pairs is not None
    assert model.value(model.with_switches(answer.pairs), 0) == values[-1]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_an_error_of_who_is_told_ends_the_search(error: type[BaseException]) -> None:
    def fail(pairs: Any) -> None:
        raise error

    for solve in (CpSat().solve, lambda *given, **options: worker.solve(CpSat(), *given, **options)):
        with pytest.raises(error):
            solve(whole_model(endless()), 0, found=fail)
    assert children() == {}


@pytest.mark.parametrize(
    ("engine", "goes"), [(Assignment(), False), (MinCostFlow(), False), (Linear(), True), (CpSat(), True)]
)
def test_which_engines_are_quick(engine: Any, goes: bool) -> None:
    assert worker.quick(engine, MODEL) is not goes
    assert not worker.quick(engine, whole_model(chain(6_000)))
