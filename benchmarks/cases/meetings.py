"""Meetings: a time for every pair, where rooms are scarce."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import ours
import whole_peers
from harness.registry import Size, case

CPSAT, HIGHS, _ = whole_peers.of("meetings")


@case(
    "meetings",
    timed=(
        "the whole of match with hours, proof, times and check, for us; for peers making their model and solving, "
        "every pair at every hour that both have being made before; three rounds, one for CP-SAT, which says what "
        f"it has after {whole_peers.SECONDS:g} s"
    ),
    us=dataclasses.replace(ours.US, limit=3600),
    peers=(CPSAT, dataclasses.replace(HIGHS, repeats=None)),
    sizes=(Size(1000, 500), Size(4000, 2000, full=True)),
)
def meetings(size: Size, folder: Path) -> None:
    """Juniors with 4 of 40 hours, leaders with 12 and two places, one week, rooms for 15 % more pairs than can be."""
    import made
    import meetings as of_meetings

    programme = of_meetings.programme(size.mentors, size.mentees)
    made.save(programme, folder)
    of_meetings.whole(programme).save(folder)
