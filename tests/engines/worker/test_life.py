"""When a child ends, and from where it can be started."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from children import MODEL, PATHS, alive, children, endless, only, script, soon, whole_model
from grids import daily
from revmatch.engines import CpSat, MinCostFlow, child, life, worker
from revmatch.engines.engine import Answer, Outcome


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
        env={**os.environ, "PYTHONPATH": PATHS},
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


# -- wherever it is used ----------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("before", daily(1, [ODD, ""]), ids=["odd", "plain"])
def test_a_script(before: str, tmp_path: Path) -> None:
    done = script("import sys\n" + before + ANYWHERE + SAYS + "sys.exit()\n", cwd=tmp_path, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout, done.stderr) == (0, "OPTIMAL [] 1\n", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("method", daily(1, ["spawn", "fork"]))
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
    paths = os.pathsep.join([str(tmp_path), PATHS])
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
