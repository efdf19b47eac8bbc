"""What is left for the child of the engines, as machines and containers say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from revmatch.engines import memory

resource = pytest.importorskip("resource")
GB = 1 << 30


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with 8 GB available."""
    monkeypatch.setattr(memory, "SYSTEM", tmp_path)
    write(tmp_path, "proc/meminfo", "MemTotal: 16777216 kB\nMemAvailable: 8388608 kB\n")
    return tmp_path


def write(system: Path, name: str, text: str) -> None:
    path = system / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_machine_without_groups(system: Path) -> None:
    assert memory.left() == 8 * GB


def test_the_narrowest_group_counts(system: Path) -> None:
    write(system, "proc/self/cgroup", "0::/site/job\n")
    groups = "sys/fs/cgroup"
    write(system, f"{groups}/memory.max", "max\n")
    write(system, f"{groups}/site/memory.max", f"{4 * GB}\n")
    write(system, f"{groups}/site/memory.current", f"{3 * GB}\n")
    write(system, f"{groups}/site/memory.stat", f"anon 1\ninactive_file {GB // 2}\n")
    write(system, f"{groups}/site/job/memory.max", f"{2 * GB}\n")
    write(system, f"{groups}/site/job/memory.current", "0\n")
    assert memory.left() == GB + GB // 2


def test_a_container_that_sees_only_its_own_group(system: Path) -> None:
    write(system, "proc/self/cgroup", "0::/somewhere/else\n")
    write(system, "sys/fs/cgroup/memory.max", f"{GB}\n")
    write(system, "sys/fs/cgroup/memory.current", f"{GB // 4}\n")
    assert memory.left() == GB - GB // 4


def test_groups_of_the_first_version(system: Path) -> None:
    write(system, "proc/self/cgroup", "4:cpu,memory:/job\n0::/\n")
    write(system, "sys/fs/cgroup/memory/job/memory.limit_in_bytes", f"{GB}\n")
    write(system, "sys/fs/cgroup/memory/job/memory.usage_in_bytes", f"{GB // 2}\n")
    write(system, "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
    write(system, "sys/fs/cgroup/memory/memory.usage_in_bytes", f"{GB}\n")
    assert memory.left() == GB // 2


def test_more_is_used_than_allowed(system: Path) -> None:
    write(system, "proc/self/cgroup", "0::/\n")
    write(system, "sys/fs/cgroup/memory.max", f"{GB}\n")
    write(system, "sys/fs/cgroup/memory.current", f"{2 * GB}\n")
    assert memory.left() == 0


def test_a_system_that_says_nothing(system: Path) -> None:
    (system / "proc/meminfo").unlink()
    assert memory.left() == 1 << 50
    assert memory.own_size() == 0


@pytest.mark.parametrize(
    ("cap", "kept", "hard", "set_to"),
    [
        (0, -1, -1, GB + 6 * GB),
        (0, 2 * GB, -1, 2 * GB),
        (0, 4 * GB, 3 * GB, 3 * GB),
        (5 * GB, -1, -1, 5 * GB),
        (5 * GB, 2 * GB, -1, 2 * GB),
    ],
)
def test_the_cap(cap: int, kept: int, hard: int, set_to: int, system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(memory, "own_size", lambda: GB)
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (kept, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda kind, limits: said.append((kind, limits)))
    memory.cap_memory(cap, kept)
    assert said == [(resource.RLIMIT_AS, (set_to, hard))]


def test_a_job_may_always_load_its_solver(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(system, "proc/meminfo", "MemAvailable: 1 kB\n")
    said: list[int] = []
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (-1, -1))
    monkeypatch.setattr(resource, "setrlimit", lambda kind, limits: said.append(limits[0]))
    memory.cap_memory(0, -1)
    assert said == [memory.LEAST]
