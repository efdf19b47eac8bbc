"""How much memory the child process may take: a share of what is left on this machine, or in this container."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

#: Part of the memory that is left when a job begins.
SHARE = 0.75
#: Bytes that a job may ask for in any case: the solvers' libraries alone take half of that.
LEAST = 512 << 20
#: Exit code of a child that could get no more.
OUT_OF_MEMORY = 33
#: Where limits stand; tests have others.
SYSTEM = Path("/")


def cap_memory(cap: int, kept: int) -> None:
    """Let this process have no more memory than a cap; what asks for more gets an error.

    Parameters
    ----------
    cap : int
        In bytes; 0 for a share of what is left.
    kept : int
        A cap that this process was started with and never goes beyond; negative if there was none.
    """
    try:
        import resource
    except ImportError:  # no such caps here
        return
    asked = cap or own_size() + max(LEAST, int(SHARE * left()))
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    least = min(limit for limit in (asked, kept, hard) if limit >= 0)  # RLIM_INFINITY is -1
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (least, hard))


def present_cap() -> int:
    """The cap of this process; negative if it has none."""
    try:
        import resource
    except ImportError:
        return -1
    return resource.getrlimit(resource.RLIMIT_AS)[0]


def own_size() -> int:
    """Bytes of this process's address space."""
    pages = _words(SYSTEM / "proc/self/statm")
    return int(pages[0]) * os.sysconf("SC_PAGE_SIZE") if pages else 0


def left() -> int:
    """Bytes that are left on this machine and in every control group that this process is in; no limit known: 2**50."""
    return max(0, min([1 << 50, *_machine(), *_groups()]))


def _machine() -> Iterator[int]:
    for line in _lines(SYSTEM / "proc/meminfo"):
        if line.startswith("MemAvailable:"):
            yield int(line.split()[1]) << 10


def _groups() -> Iterator[int]:
    """What is left in each control group, from the own one up. A container often sees only its own, as the root."""
    for line in _lines(SYSTEM / "proc/self/cgroup"):
        _, kinds, path = line.split(":", 2)
        if kinds == "":
            root, limit, used, idle = "sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"
        elif "memory" in kinds.split(","):
            root, limit, used = "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
            idle = "total_inactive_file"
        else:
            continue
        for group in ((SYSTEM / root / path.strip("/")), *(SYSTEM / root / path.strip("/")).parents):
            most, taken = _words(group / limit), _words(group / used)
            if most and taken and most[0].isdigit():
                # files that the system keeps only as long as nobody needs the memory
                spare = [int(text.split()[1]) for text in _lines(group / "memory.stat") if text.startswith(f"{idle} ")]
                yield int(most[0]) - int(taken[0]) + sum(spare)
            if group == SYSTEM / root:
                break


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []


def _words(path: Path) -> list[str]:
    return [word for line in _lines(path)[:1] for word in line.split()]
