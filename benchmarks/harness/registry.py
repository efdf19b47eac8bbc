"""What a case is, and the list of all of them: a file in `cases/` registers its own with the decorator `case`.

A case names one kind of work, us, and the peers that a user could pick instead. Its docstring says in a sentence what
the work is; `timed` says in another what is timed, what runs before the clock starts, and how often.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from harness.results import Row

#: Writes the inputs of a size into a folder, in a process of its own, before anything is timed.
Make = Callable[["Size", Path], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How big the work is; `full` if it is left to `make bench-full`, `what` if it is not about two sides."""

    mentors: int
    mentees: int = 0
    full: bool = False
    what: str = ""

    @property
    def pairs(self) -> int:
        return self.mentors * self.mentees

    def __str__(self) -> str:
        return f"{self.mentors:,} {self.what or f'x {self.mentees:,}'}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a contestant found.

    Parameters
    ----------
    value : tuple of int, optional
        What must be the same for all; None if there is nothing to compare.
    proven : bool
        False if it stopped without saying that nothing is better.
    note : str
        Shown at the end of the line.
    seconds, mib : float, optional
        For work that measures itself, in a process that it starts.
    """

    value: tuple[int, ...] | None = None
    proven: bool = True
    note: str = ""
    seconds: float | None = None
    mib: float | None = None


@dataclass(frozen=True, slots=True)
class Contestant:
    """Who does the work: us, or a peer as a user would install it.

    Parameters
    ----------
    name : str
    load : callable
        Reads the inputs from the folder and imports what it needs; not timed.
    run : callable
        Does the work; timed.
    needs : tuple of str
        Distributions; without them the peer is skipped.
    apart : str
        Folder below ``peers`` of the environment where they are installed, for one that would overwrite another.
    repeats : int, optional
        Fewer than the case has, for one that is slow.
    limit : float
        Seconds after which its process is ended. What is known then is "at least".
    same : {"equal", "at most"}
        "at most" for a peer that has another aim: it may not find more than we do.
    unit : str
        Measure our time in this ("plain looks") instead of saying how many times as fast we are.
    environment : mapping
        Variables that its process is given.
    """

    name: str
    load: Callable[[Path], Any]
    run: Callable[[Any], Answer]
    needs: tuple[str, ...] = ()
    apart: str = ""
    repeats: int | None = None
    limit: float = 1800.0
    same: Literal["equal", "at most"] = "equal"
    unit: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bar:
    """What is asked of a case.

    Parameters
    ----------
    of : {"speed", "units", "share", "mib", "seconds"}
        Times as fast as the peer; our time in the peer's unit; our peak memory as a share of the peer's; our peak
        memory; our seconds.
    limit : float
        At least this for "speed", at most this for everything else.
    peer : str
    pairs : int
        Asked of sizes with at least so many pairs.
    """

    of: Literal["speed", "units", "share", "mib", "seconds"]
    limit: float
    peer: str = ""
    pairs: int = 0

    def asked_of(self, row: Row) -> bool:
        """Whether this row is held against the bar."""
        return row.pairs >= self.pairs and self.peer in ("", row.peer)

    def measured(self, row: Row) -> float | None:
        """What was measured, or None if this row does not say."""
        if self.of == "speed":
            return row.ratio_median
        if self.of == "units":
            return 1 / row.ratio_median if row.ratio_median else None
        if self.of == "share":
            return row.our_mib / row.peer_mib if row.our_mib and row.peer_mib else None
        return row.our_mib if self.of == "mib" else row.our_seconds

    def met(self, value: float) -> bool:
        return value >= self.limit if self.of == "speed" else value <= self.limit


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of work, at one or more sizes; see the module."""

    name: str
    work: str
    timed: str
    make: Make
    us: Contestant
    peers: tuple[Contestant, ...]
    sizes: tuple[Size, ...]
    bars: tuple[Bar, ...]
    repeats: int
    warm_up: int
    fresh: bool
    summary: Callable[[Sequence[Row]], list[str]] | None

    def chosen(self, *, full: bool) -> list[Size]:
        return [size for size in self.sizes if full or not size.full]

    def contestant(self, name: str) -> Contestant:
        return next(one for one in (self.us, *self.peers) if one.name == name)


CASES: dict[str, Case] = {}


def case(
    name: str,
    *,
    timed: str,
    us: Contestant,
    sizes: Sequence[Size],
    peers: Sequence[Contestant] = (),
    bars: Sequence[Bar] = (),
    repeats: int = 3,
    warm_up: int = 0,
    fresh: bool = False,
    summary: Callable[[Sequence[Row]], list[str]] | None = None,
) -> Callable[[Make], Make]:
    """Register a case; what is decorated makes the inputs, and its docstring says what the work is.

    Parameters
    ----------
    repeats : int
        Rounds; in each, us and then every peer, so that a busy minute falls on all alike.
    warm_up : int
        Runs before the clock starts, in each process.
    fresh : bool
        Each run in a new process, instead of one process for each contestant.
    summary : callable, optional
        Lines to print after all sizes, from the rows.
    """

    def register(make: Make) -> Make:
        if name in CASES:
            raise ValueError(f"two cases are called {name}")
        work = " ".join((make.__doc__ or "").split())
        CASES[name] = Case(
            name, work, timed, make, us, tuple(peers), tuple(sizes), tuple(bars), repeats, warm_up, fresh, summary
        )
        return make

    return register
