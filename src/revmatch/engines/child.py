"""The child process in which engines run: ``python -m revmatch.engines.child``; `revmatch.engines.worker` starts it.

It reads a job, solves it, writes the answer, and forgets both. It ends when its parent does, even in the middle of a
solver that holds Python's lock; when it has been idle for long; and when it would take more memory than there is.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, get_args

import numpy as np

from revmatch.engines import ENGINES
from revmatch.engines.memory import OUT_OF_MEMORY, cap_memory, present_cap
from revmatch.engines.prices import End
from revmatch.engines.wire import MAGIC, Said, fingerprint, packed, read
from revmatch.errors import EngineError
from revmatch.policy.sides import Bools

#: Exit code where nobody is left to tell.
ORPHANED = 34
#: Seconds between two looks at the parent, where the system cannot be asked to end this process with it.
BETWEEN = 0.5


def main(idle: float, memory: int) -> None:
    """Serve jobs until the parent is gone, or asks for nothing during `idle` seconds.

    Parameters
    ----------
    idle : float
    memory : int
        Cap in bytes; 0 caps at a share of what is left when a job begins.
    """
    _be_a_good_child()
    jobs, answers = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)  # what a solver prints must not get between the messages
    _write(answers, [memoryview(MAGIC + fingerprint().to_bytes(8, sys.byteorder))])
    kept = present_cap()
    while _wait(jobs, idle):
        cap_memory(memory, kept)
        _serve(jobs, answers)
    _write(answers, packed(Said.BYE, None))


def _be_a_good_child() -> None:
    """Leave signals as a solver needs them, no core files, and be the first to go where memory runs out."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the parent's: it decides what becomes of the job
    for number in (signal.SIGIO, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def _wait(jobs: int, idle: float) -> bool:
    """Whether there is a job, or the end of the parent, before so many seconds have passed."""
    poll = select.poll()
    poll.register(jobs, select.POLLIN)
    return bool(poll.poll(idle * 1000))


def _serve(jobs: int, answers: int) -> None:
    """One job, of which nothing is left afterwards."""
    said, job = read(lambda view: _read(jobs, view))
    assert said is Said.JOB
    with _End(jobs):
        answer = _solved(job, lambda pairs: _write(answers, packed(Said.FOUND, np.packbits(pairs))))
    _write(answers, answer)  # only now: what the parent sends next must not look like its end


def _solved(job: tuple[Any, ...], found: Callable[[Bools], None]) -> list[memoryview]:
    """What the engine says, as a message."""
    which, model, goal, hint, bound, left, start, end, work, streams = job
    options: dict[str, Any] = {"found": found} if streams else {}
    try:
        answer = ENGINES[which].solve(
            model,
            goal,
            hint=hint,
            bound=bound,
            seconds=None if left is None else left / 1e6,
            start=start,
            end=get_args(End)[end],
            work=None if work is None else work / 1e6,
            **options,
        )
    except (MemoryError, SystemError):  # the second is what is left behind by code in C that found no room
        os._exit(OUT_OF_MEMORY)
    except ImportError as error:
        if "cannot allocate" in str(error) or "failed to map" in str(error):  # a solver that does not fit in
            os._exit(OUT_OF_MEMORY)
        return _failed(error, ENGINES[which].name)
    except EngineError as error:
        problem = error.problems[0]
        return packed(Said.FAILED, _text(problem.code, problem.place, problem.expected, problem.hint))
    except Exception as error:  # a fault of ours: the parent says so
        return _failed(error, ENGINES[which].name)
    return packed(Said.ANSWER, answer)


def _failed(error: Exception, engine: str) -> list[memoryview]:
    return packed(Said.FAILED, _text("RM901", engine, f"{type(error).__name__}: {error}", "please report this"))


def _text(*parts: str) -> tuple[np.ndarray[Any, Any], ...]:
    return tuple(np.frombuffer(part.encode(), dtype=np.uint8) for part in parts)


# -- the pipe ----------------------------------------------------------------------------------------------------------


def _read(jobs: int, view: memoryview) -> None:
    done = 0
    while done < len(view):
        more = os.readv(jobs, [view[done:]])
        if not more:
            os._exit(ORPHANED)
        done += more


def _write(answers: int, buffers: list[memoryview]) -> None:
    for buffer in buffers:
        while buffer:
            try:
                buffer = buffer[os.write(answers, buffer) :]
            except OSError:  # nobody reads any more
                os._exit(ORPHANED)


class _End:
    """While a job is done: the end of the parent ends this process.

    On Linux the system sends a signal when the other end of the pipe is closed, and that signal ends a process even if
    a solver holds Python's lock and no line of Python runs (measured: 20 ms after the parent was killed). Where there
    is no such signal, a thread looks now and then, and can only when the lock is free.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.done = threading.Event()

    def __enter__(self) -> None:
        if sys.platform != "linux" or not self._signalled(True):
            threading.Thread(target=self._watch, daemon=True).start()
        if self._gone():  # before the signal was asked for
            os._exit(ORPHANED)

    def __exit__(self, *error: object) -> None:
        self.done.set()
        if sys.platform == "linux":
            self._signalled(False)

    def _signalled(self, on: bool) -> bool:
        import fcntl

        try:
            fcntl.fcntl(self.jobs, fcntl.F_SETOWN, os.getpid())
            flags = fcntl.fcntl(self.jobs, fcntl.F_GETFL)
            fcntl.fcntl(self.jobs, fcntl.F_SETFL, flags | os.O_ASYNC if on else flags & ~os.O_ASYNC)
        except OSError:
            return False
        return True

    def _gone(self) -> bool:
        poll = select.poll()
        poll.register(self.jobs, 0)  # a closed end is told without being asked for
        return bool(poll.poll(0))

    def _watch(self) -> None:
        while not self.done.wait(BETWEEN):
            if self._gone():
                os._exit(ORPHANED)


if __name__ == "__main__":
    try:
        main(float(sys.argv[1]), int(sys.argv[2]))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    os._exit(0)  # nothing is to be tidied up
