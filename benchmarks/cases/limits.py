"""Limits that no flow can hold, on the shared workforce: departments, a share, circles, co-mentors who differ."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import ours
import whole_peers
from harness.registry import Contestant, Size, case

TIMED = (
    "the whole of match with scoring, proof and check, for us; for peers making their model and solving, every "
    "eligible pair with its score being made before; three rounds for us, one for a peer, which says what it has after "
    f"{whole_peers.SECONDS:g} s"
)
SIZES = (Size(300, 90), Size(1000, 300, full=True), Size(3000, 900, full=True))
US = dataclasses.replace(ours.US, limit=7200)
PEERS = (whole_peers.CPSAT, whole_peers.HIGHS)


def make(size: Size, folder: Path, limits: tuple[str, ...]) -> None:
    import made
    import workforce

    programme = workforce.programme(size.mentors, size.mentees, limits)
    made.save(programme, folder)
    workforce.whole(programme, limits).save(folder)


def _case(name: str, peers: tuple[Contestant, ...] = PEERS):  # type: ignore[no-untyped-def]
    return case(name, timed=TIMED, us=US, peers=peers, sizes=SIZES)


@_case("limits", (*PEERS, whole_peers.CPSAT_ALONE))
def limits(size: Size, folder: Path) -> None:
    """The workforce with all four limits: pairs of departments, a share, circles, co-mentors who differ."""
    import workforce

    make(size, folder, workforce.LIMITS)


@_case("limits-department-pair")
def department_pair(size: Size, folder: Path) -> None:
    """The workforce with at most 12 pairs between any two departments."""
    make(size, folder, ("department-pair",))


@_case("limits-quota")
def quota(size: Size, folder: Path) -> None:
    """The workforce with mentors hired lately in at least 40 % of all pairs."""
    make(size, folder, ("quota",))


@_case("limits-circles")
def circles(size: Size, folder: Path) -> None:
    """The workforce with no mentor or 2 to 4 of them for each mentee."""
    make(size, folder, ("circles",))


@_case("limits-co-mentors")
def co_mentors(size: Size, folder: Path) -> None:
    """The workforce with mentors of one mentee from different departments."""
    make(size, folder, ("co-mentors",))
