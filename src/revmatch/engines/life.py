"""The life of a child process: started, spoken to, ended, and never left behind.

A thread of its own starts the process and then waits for its end, so no interrupt can come between the two: whatever
happens to the caller, the process is known, can be ended, and leaves no zombie, not even if it ends by itself long
after the call. That thread does nothing else and ends with the process.
"""

from __future__ import annotations

import _thread
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from io import FileIO

from revmatch.engines.memory import OUT_OF_MEMORY
from revmatch.engines.wire import MAGIC, Said, fingerprint, read

#: Seconds between two looks at the clock and at the caller while a child is waited for.
PATIENCE = 0.1
#: Seconds after which a child that says nothing is taken for something else (a start takes 0.2 to 0.4).
READY = 30.0
#: Seconds that a killed process has to be gone.
DYING = 2.0
#: Bytes of a child's output, from what is loaded at every start of Python on this machine, before its first word.
NOISE = 1 << 16

#: Variables of Python that a child needs; all others could change what it prints, or keep it from ending.
_KEPT = {"PYTHONHOME", "PYTHONPLATLIBDIR", "PYTHONUSERBASE", "PYTHONNOUSERSITE", "PYTHONEXECUTABLE"}
#: One thread for everything, little address space, no file written.
_SET = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONSAFEPATH": "1",
    "PYTHONWARNINGS": "ignore",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}


class EngineLost(Exception):  # noqa: N818 (no error: the search ends here with what it has)
    """The child ended in the middle of a job, and says no more."""


class NoChild(Exception):  # noqa: N818 (no error: engines run in this process then)
    """No child can be started here.

    Parameters
    ----------
    reason : str
    lasting : bool
        It will be so next time too.
    """

    def __init__(self, reason: str, *, lasting: bool = True) -> None:
        super().__init__(reason)
        self.lasting = lasting


class Left(Exception):  # noqa: N818 (no error: another child is asked)
    """The child had left before the job reached it, since nobody had asked it anything for long."""


class Child:
    """A child process that is ready for jobs.

    Parameters
    ----------
    arguments : tuple of str
        For `revmatch.engines.child`.
    tick : callable
        Called again and again meanwhile; what it raises ends the child.

    Raises
    ------
    NoChild
        If none can be started.
    EngineLost
        If it was killed while it started.
    """

    def __init__(self, arguments: tuple[str, ...], tick: Callable[[], None]) -> None:
        self._life = life = _Life()
        self._jobs: FileIO | None = None
        self._answers: FileIO | None = None
        command = [*_command(), *arguments]
        try:
            life.begin(command, _environment())
            while not life.started.wait(PATIENCE):
                tick()
            if life.ends is None:
                raise NoChild(life.failure, lasting=False)
            (self._jobs, self._answers), life.ends = life.ends, None
            self._greet(tick)
        except BaseException:
            self.kill()
            raise

    # -- what it says ------------------------------------------------------------------------------------------------

    def _greet(self, tick: Callable[[], None]) -> None:
        """Wait for the first word. Before it, there may be noise."""
        assert self._answers is not None
        heard, end = b"", time.monotonic() + READY

        def tick_until_late() -> None:
            tick()
            if time.monotonic() > end:
                raise NoChild("the child did not say that it is ready")

        greeting = MAGIC + fingerprint().to_bytes(8, sys.byteorder)
        while not heard.endswith(greeting):
            if MAGIC in heard[: -len(greeting) + len(MAGIC)]:
                raise NoChild("another version is installed now than runs here")
            if len(heard) > NOISE:
                raise NoChild("something else was started")
            more = self._answers.read(4096)
            if more:
                heard += more
            elif more is None:
                self._await(self._answers, select.POLLIN, tick_until_late)
            else:
                self._life.ended.wait(DYING)
                code = self._life.code
                raise EngineLost(self.fate()) if code is not None and code < 0 else NoChild(self.fate())

    def send(self, message: list[memoryview], tick: Callable[[], None]) -> None:
        """Write a message; if the child is gone, what it said last tells why."""
        assert self._jobs is not None
        for buffer in message:
            while buffer:
                # told before the write, so that a process whose SIGPIPE is deadly is not sent one
                if self._await(self._jobs, select.POLLOUT, tick) & (select.POLLERR | select.POLLNVAL):
                    return
                try:
                    buffer = buffer[self._jobs.write(buffer) or 0 :]
                except OSError:
                    return

    def hear(self, tick: Callable[[], None]) -> tuple[Said, object]:
        """The next message."""
        try:
            said, value = read(lambda view: self._fill(view, tick))
        except EOFError as error:
            self._life.ended.wait(DYING)
            raise EngineLost(self.fate()) from error
        if said is Said.BYE:
            raise Left
        return said, value

    def _fill(self, view: memoryview, tick: Callable[[], None]) -> None:
        assert self._answers is not None
        done = 0
        while done < len(view):
            more = self._answers.readinto(view[done:])
            if more is None:
                self._await(self._answers, select.POLLIN, tick)
            elif more:
                done += more
            else:
                raise EOFError

    def _await(self, end: FileIO, event: int, tick: Callable[[], None]) -> int:
        """Wait until something happens at one end of the pipe; the caller is heard meanwhile."""
        poll = select.poll()
        poll.register(end, event)
        while True:
            tick()
            for _, happened in poll.poll(PATIENCE * 1000):
                return happened

    # -- how it is --------------------------------------------------------------------------------------------------

    @property
    def waits(self) -> bool:
        """Whether it lives and has nothing to say, as one that waits for a job."""
        if self._answers is None or self._life.ended.is_set():
            return False
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        return not poll.poll(0)

    def fate(self) -> str:
        """How it ended, in words."""
        code = self._life.code
        if code is None:
            return "it is no longer heard of"
        if code >= 0:
            return "out of memory" if code == OUT_OF_MEMORY else f"it ended with exit code {code}"
        with suppress(ValueError):
            return f"it was ended by {signal.Signals(-code).name}"
        return f"it was ended by signal {-code}"

    def kill(self) -> None:
        """End it now, whatever it does, and wait until it is gone."""
        self._life.kill()
        self.leave()
        if self._life.owner == os.getpid():
            self._life.ended.wait(DYING)

    def leave(self) -> None:
        """Close this process's ends of the pipe. A child whose parent's ends are all closed ends by itself."""
        for end in (self._jobs, self._answers, *(self._life.ends or ())):
            if end is not None:
                end.close()
        self._jobs = self._answers = self._life.ends = None

    def __del__(self) -> None:
        self.leave()


class _Life:
    """What a child and the thread that waits for it share; the thread holds nothing else, above all not the pipe."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.started, self.ended = threading.Event(), threading.Event()
        self.ends: tuple[FileIO, FileIO] | None = None
        self.failure = ""
        self.code: int | None = None
        self._pid: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._unwanted = False
        self._lock = threading.Lock()

    def begin(self, command: list[str], environment: dict[str, str]) -> None:
        """Start the thread, which starts the process."""
        try:
            _thread.start_new_thread(self._run, (command, environment, _thread.get_native_id()))
        except RuntimeError as error:
            self.ended.set()
            raise NoChild("no thread can be started", lasting=False) from error

    def kill(self) -> None:
        """End the process, or see to it that it ends as soon as it has begun. A fork of this one has no say in it."""
        if self.owner != os.getpid():
            return
        with self._lock:
            self._unwanted = True
            if self._pid is not None and self.code is None:
                with suppress(ProcessLookupError):  # somebody else has waited for it
                    os.kill(self._pid, signal.SIGKILL)
        if self._process is not None:
            self._end(self._process)

    def _run(self, command: list[str], environment: dict[str, str], starter: int) -> None:
        process = self._start(command, environment)
        if process is not None and starter == _thread.get_native_id():
            # a "thread" that is none, as some servers make them: nobody can wait here, so whoever kills must
            self._process = process
            self.started.set()
            return
        self.started.set()
        if process is not None:
            # first wait without giving the number back to the system, so that nobody is killed in its stead
            with suppress(AttributeError, ChildProcessError):
                os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            self._end(process)
        else:
            self.ended.set()

    def _start(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes] | None:
        opened: list[int] = []
        try:
            for _ in range(2):
                opened += os.pipe()
            job, jobs, answers, answer = opened
            process = subprocess.Popen(
                command,
                stdin=job,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=environment,
                start_new_session=True,  # so that Ctrl-C in a terminal does not reach it
            )
        except Exception as error:
            self.failure = error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
            for end in opened:
                os.close(end)
            return None
        os.close(job)
        os.close(answer)
        os.set_blocking(jobs, False)
        os.set_blocking(answers, False)
        with self._lock:
            self._pid = process.pid
            self.ends = FileIO(jobs, "wb"), FileIO(answers, "rb")
            unwanted = self._unwanted
        if unwanted:
            process.kill()
            for pipe in self.ends:
                pipe.close()
        return process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        if hasattr(os, "waitid"):
            with self._lock:
                self.code = process.wait()
        else:
            self.code = process.wait()
        self.ended.set()


def _command() -> list[str]:
    """How to start Python here."""
    if os.name != "posix":
        raise NoChild("it takes a system like Unix")
    if not sys.executable:
        raise NoChild("sys.executable is not set")
    name = os.path.basename(sys.executable).lower()
    if getattr(sys, "frozen", False) or not ("python" in name or "pypy" in name):
        raise NoChild("the program that runs is not Python itself")
    return [sys.executable, "-m", "revmatch.engines.child"]


def _environment() -> dict[str, str]:
    """The same place to import from as here, and nothing that changes what Python says or does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON") or name in _KEPT}
    paths = []
    for path in sys.path:
        with suppress(OSError, TypeError):  # a directory that is gone; what is no text
            paths.append(os.path.abspath(path))
    return kept | _SET | {"PYTHONPATH": os.pathsep.join(path for path in paths if os.pathsep not in path)}
