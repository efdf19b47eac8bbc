"""The child processes of the engines, as the system sees them; and programmes that keep them busy."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse

import revmatch as rm
from engine_models import model_of
from revmatch.graph.hands import Hands
from revmatch.graph.numbering import number
from revmatch.model import Model
from revmatch.solve.begin import begin
from revmatch.solve.search import Options

ROOT = Path(__file__).resolve().parents[1]
#: Where a script of its own finds the library, and the helpers of the tests.
PATHS = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])

#: Three mentors and three mentees, of whom everybody must have a partner.
MODEL = model_of([[3, 1, 4], [1, 5, 9], [2, 6, 5]], mentor_min_load=1, mentee_min_load=1)


def grace(seconds: float) -> float:
    """So long after a limit at most; longer where other programs want the cores."""
    return seconds * max(1.0, 2 * os.getloadavg()[0] / (os.cpu_count() or 1))


def children(parent: int | None = None) -> dict[int, str]:
    """Children of a process, and the state that each is in: "Z" is a zombie.

    Not the one that Python itself starts with its first pool of processes, and keeps until the end.
    """
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
            tracker = b"multiprocessing.resource_tracker" in path.with_name("cmdline").read_bytes()
        except OSError:  # gone in the meantime
            continue
        if int(fields[1]) == (parent or os.getpid()) and not tracker:
            found[int(path.parent.name)] = fields[0]
    return found


def alive(pid: int) -> bool:
    """Whether a process is there, as more than a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def soon(condition: Callable[[], object], seconds: float = 5.0) -> bool:
    """Whether something comes true before so many seconds have passed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return bool(condition())


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
    return subprocess.run(
        [sys.executable, "-c", text],
        env={**os.environ, "PYTHONPATH": PATHS} | options.pop("env", {}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )


def endless(seed: int = 0, mentors: int = 12, mentees: int = 100) -> rm.Programme:
    """A programme that CP-SAT finds plan after plan for, and no end: hours that fit into days, like parcels."""
    rng = np.random.default_rng(seed)
    juniors = [{"id": f"junior-{k}", "capacity": mentees, "x": int(rng.integers(100))} for k in range(mentors)]
    leaders = [
        {"id": f"leader-{k}", "hours": int(rng.integers(11, 40)), "x": int(rng.integers(100))} for k in range(mentees)
    ]
    policy = rm.Policy(
        score=rm.score.Distance("x", at_most=100), limits=[rm.limits.Load("hours", 120)], goals=["TotalScore"]
    )
    return rm.Programme(
        rm.People.from_records(juniors, place="juniors"), rm.People.from_records(leaders, place="leaders"), policy
    )


def chain(length: int) -> rm.Programme:
    """A programme that takes the flow long: everybody knows two, and each pair is worth more than the one before."""
    i = np.arange(length)
    row, column = np.concatenate([i, i[1:]]), np.concatenate([i, i[:-1]])
    scores = scipy.sparse.coo_array((np.concatenate([2 * i + 1, 2 * i[1:]]) * 10, (row, column)))
    return rm.Programme.from_scores(scores, policy=rm.Policy(goals=["TotalScore"]))


def small(seed: int) -> rm.Programme:
    """A small programme of people who are on both sides, so that rows must be kept."""
    rng = np.random.default_rng(seed)
    people = rm.People.from_records(
        [{"id": f"p{k}", "x": int(rng.integers(50)), "capacity": int(rng.integers(1, 3))} for k in range(9)]
    )
    return rm.Programme(people, people, rm.Policy(score=rm.score.Distance("x", at_most=50)), dual_role=True)


def whole_model(programme: rm.Programme) -> Model:
    """The model of every pair of a programme."""
    search = begin(number(programme, 0), Options(), Hands(1, None))
    search.fetch_all()
    return search.whole_model()
