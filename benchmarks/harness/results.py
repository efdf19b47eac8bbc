"""One row of `results.csv`: what was measured, of what, with which versions. No names of machines, no paths."""

from __future__ import annotations

import csv
import dataclasses
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parents[1] / "results.csv"


@dataclass(frozen=True, slots=True)
class Row:
    """A case at a size against one peer (or none).

    Parameters
    ----------
    ratio_median, ratio_min, ratio_max : float, optional
        The peer's time divided by ours, round by round.
    our_end, peer_end : str
        "proven", "no proof" (an answer, without one), "limit" (ended after `peer_seconds`; the ratio is "at least"),
        "failed".
    """

    date: str
    commit: str
    case: str
    size: str
    pairs: int
    peer: str
    ratio_median: float | None
    ratio_min: float | None
    ratio_max: float | None
    rounds: int
    our_seconds: float | None
    peer_seconds: float | None
    our_mib: float | None
    peer_mib: float | None
    our_end: str
    peer_end: str
    note: str
    python: str
    numpy: str
    ortools: str
    scipy: str
    peer_version: str
    cores: int


_FIELDS = dataclasses.fields(Row)
COLUMNS = tuple(field.name for field in _FIELDS)


def circumstances(peer: Iterable[str], apart: str = "") -> dict[str, Any]:
    """Date, commit, versions and cores, as a row has them."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "ortools", "scipy")},
        "peer_version": " ".join(f"{name} {version(name, apart)}" for name in peer),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
    }


def version(name: str, apart: str = "") -> str:
    """Version of an installed distribution, "" if it is not there."""
    path = [str(folder_of(apart))] if apart else sys.path
    found = next(iter(metadata.distributions(name=name, path=path)), None)
    return found.version if found else ""


def folder_of(apart: str) -> Path:
    """Where a peer is installed that would overwrite another one."""
    return Path(sys.prefix, "peers", apart)


def commit() -> str:
    """Short name of the commit, with a + if the code has been changed since; "" without git."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=RESULTS.parent, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    try:
        return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain", "--", "../src") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def append(row: Row, path: Path = RESULTS) -> None:
    """Add a row at the end of the file; it gets its heading if it is new."""
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(COLUMNS)
        writer.writerow([_written(getattr(row, name)) for name in COLUMNS])


def read(path: Path = RESULTS) -> list[Row]:
    """All rows, oldest first."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [_row(cells) for cells in csv.DictReader(file)]


def _row(cells: dict[str, str]) -> Row:
    values: dict[str, Any] = {}
    for field in _FIELDS:
        cell = cells[field.name]
        kind = str(field.type)
        if kind == "int":
            values[field.name] = int(cell)
        elif "float" in kind:
            values[field.name] = float(cell) if cell else None
        else:
            values[field.name] = cell
    return Row(**values)


def _written(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
