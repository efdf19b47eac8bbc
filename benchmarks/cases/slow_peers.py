"""Tools that many programmes start with, on programmes that they can still do."""

from __future__ import annotations

from pathlib import Path

import ours
import peers
from harness.registry import Bar, Size, case

from cases import balanced

TIMED = balanced.TIMED + "; nine rounds for us, one for the peer"


@case(
    "constraints",
    timed=TIMED + f", whose process is ended after {peers.CPSAT_LIMIT:g} s",
    us=ours.US,
    peers=(peers.CPSAT,),
    sizes=(Size(1000, 1000),),
    bars=(Bar("speed", 1000, peers.CPSAT.name, pairs=10**6),),
    repeats=9,
)
def constraints(size: Size, folder: Path) -> None:
    """The balanced work against CP-SAT as it comes: a switch for each pair, one row for each person."""
    balanced.make(size, folder)


SMALL = (peers.NETWORKX, peers.MENTOR_MATCH, peers.STABLE)


@case(
    "python-tools",
    timed=TIMED + ", whose process is ended after 150 s",
    us=ours.US,
    peers=SMALL,
    sizes=(Size(500, 500),),
    bars=tuple(Bar("speed", 1000, peer.name, pairs=250_000) for peer in SMALL),
    repeats=9,
)
def python_tools(size: Size, folder: Path) -> None:
    """The balanced work against tools for Python; `matching` has another aim, stability, and may find a lower total."""
    balanced.make(size, folder)
