"""Measures a case: us and each peer in processes of their own, in turns, with their answers compared."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from harness.registry import Case, Contestant, Size
from harness.results import Row, circumstances, folder_of, version

CHILD = Path(__file__).with_name("child.py")
#: Seconds for making and loading inputs.
PATIENCE = 3600.0


class FailedError(Exception):
    """A contestant's process said no, or ended."""


class OverLimitError(Exception):
    """A contestant's process was ended at its limit."""


class Child:
    """A process of one contestant, ended when the block is left."""

    def __init__(self, *words: str, apart: str = "", environment: dict[str, str] | None = None) -> None:
        settings = {**os.environ, **(environment or {})}
        if apart:
            settings["PYTHONPATH"] = str(folder_of(apart))
        self.mib = 0.0
        self._process = subprocess.Popen(
            [sys.executable, str(CHILD), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=settings, bufsize=0
        )

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        if self._process.returncode is None:
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._end()

    def go(self) -> None:
        """Ask for the work."""
        assert self._process.stdin
        try:
            self._process.stdin.write(b"go\n")
        except BrokenPipeError:
            raise FailedError("its process ended") from None

    def reply(self, limit: float) -> dict[str, Any]:
        """Wait for one line, at most so many seconds."""
        assert self._process.stdout
        deadline = time.monotonic() + limit
        line = b""
        while not line.endswith(b"\n"):
            if not select.select([self._process.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
                self._end()
                raise OverLimitError
            part = os.read(self._process.stdout.fileno(), 65536)
            if not part:
                self._end()
                raise FailedError(f"its process ended with code {self._process.returncode}")
            line += part
        said = dict(json.loads(line))
        if "error" in said:
            raise FailedError(said["error"])
        return said

    def _end(self) -> None:
        """End this process, by its own id, and keep what its memory was at the peak."""
        # not Popen.kill: it would collect a process that has ended, and with it what memory it took
        os.kill(self._process.pid, signal.SIGKILL)
        _, status, used = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self.mib = used.ru_maxrss / 1024


@dataclass(slots=True)
class Runs:
    """What one contestant did, round by round."""

    who: Contestant
    seconds: list[float] = field(default_factory=list)
    mib: float | None = None
    value: list[int] | None = None
    end: str = ""
    note: str = ""

    @property
    def over(self) -> bool:
        """Will not run again in this case."""
        rounds = self.who.repeats
        return self.end in ("limit", "failed") or (rounds is not None and len(self.seconds) >= rounds)

    def take(self, reply: dict[str, Any]) -> None:
        self.seconds.append(reply["seconds"])
        if self.mib is None:  # of the first run: later ones only find the memory already there
            self.mib = reply["mib"]
        self.value, self.note = reply["value"], reply["note"]
        self.end = "proven" if reply["proven"] else "no proof"


def missing(who: Contestant) -> list[str]:
    """Distributions that a peer needs and that are not installed."""
    return [name for name in who.needs if not version(name, who.apart)]


def make(case: Case, size: Size, folder: Path) -> None:
    """Write the inputs, in a process of its own."""
    with Child(case.name, "make", str(folder), str(size.mentors), str(size.mentees)) as child:
        child.reply(PATIENCE)


def measure(case: Case, size: Size, folder: Path, *, repeats: int | None = None) -> Iterator[Row]:
    """Run us and the peers in turns on the inputs in a folder; one row for each peer (or one, if there is none)."""
    everybody = [Runs(who) for who in (case.us, *case.peers) if not missing(who)]
    rounds = repeats or case.repeats
    if case.fresh:
        for _ in range(rounds):
            for runs in everybody:
                if not runs.over:
                    with _started(case, runs.who, folder) as child:
                        _once(runs, child, start=True)
    else:
        children = {id(runs): _started(case, runs.who, folder) for runs in everybody}
        try:
            for turn in range(rounds):
                for runs in everybody:
                    if not runs.over:
                        _once(runs, children[id(runs)], start=turn == 0)
        finally:
            for child in children.values():
                child.__exit__()
    us, *others = everybody
    peers: list[Runs | None] = [*others]
    for peer in peers or [None]:
        yield _row(case, size, us, peer)


def _started(case: Case, who: Contestant, folder: Path) -> Child:
    return Child(case.name, who.name, str(folder), apart=who.apart, environment=dict(who.environment))


def _once(runs: Runs, child: Child, *, start: bool) -> None:
    try:
        if start:
            child.reply(PATIENCE)
        child.go()
        runs.take(child.reply(runs.who.limit))
    except OverLimitError:
        runs.end, runs.mib = "limit", child.mib
        runs.seconds.append(runs.who.limit)
    except FailedError as error:
        runs.end, runs.note = "failed", str(error)


def _row(case: Case, size: Size, us: Runs, peer: Runs | None) -> Row:
    ratios = []
    if peer and peer.seconds and us.seconds:
        # a peer that runs fewer rounds is compared with each of ours
        ratios = [peer.seconds[min(k, len(peer.seconds) - 1)] / own for k, own in enumerate(us.seconds)]
    notes = [us.note] if us.note else []
    if peer:
        notes += [*([f"{peer.who.name}: {peer.note}"] if peer.note else []), *_disagreement(us, peer)]
    return Row(
        case=case.name,
        size=str(size),
        pairs=size.pairs,
        peer=peer.who.name if peer else "",
        ratio_median=median(ratios) if ratios else None,
        ratio_min=min(ratios, default=None),
        ratio_max=max(ratios, default=None),
        rounds=len(us.seconds),
        our_seconds=median(us.seconds) if us.seconds else None,
        peer_seconds=median(peer.seconds) if peer and peer.seconds else None,
        our_mib=us.mib,
        peer_mib=peer.mib if peer else None,
        our_end=us.end,
        peer_end=peer.end if peer else "",
        note="; ".join(notes),
        **circumstances(peer.who.needs if peer else (), peer.who.apart if peer else ""),
    )


#: How a note begins that says that somebody is wrong.
DIFFER = "ANSWERS DIFFER"


def _disagreement(us: Runs, peer: Runs) -> list[str]:
    if us.value is None or peer.value is None:
        return []
    ours, theirs = tuple(us.value), tuple(peer.value)
    if theirs == ours and peer.who.same == "equal":
        return ["same answer"]
    lower = theirs <= ours
    if lower and (peer.end != "proven" or peer.who.same == "at most"):
        return [f"its answer is {theirs}, ours {ours}"]
    if us.end != "proven" and not lower:
        return [f"its answer is {theirs}, ours {ours}, not proven"]
    return [f"{DIFFER}: it found {theirs}, we {ours}"]
