"""One to one, as many juniors as leaders, about half of the pairs eligible: what assignment solvers are made for."""

from __future__ import annotations

from pathlib import Path

import ours
import peers
from harness.registry import Bar, Size, case

#: The two must differ in these; half of all pairs do.
COLUMNS = ("department", "location")
TIMED = (
    "scoring all pairs and solving, for peers; the whole of match with proof and check, for us; the people, the "
    "programme and the peers' thin matrices are made before; a process each, with everything imported before"
)


def make(size: Size, folder: Path, columns: tuple[str, ...] = COLUMNS) -> None:
    import made

    import revmatch as rm

    rules = [rm.rules.Different(column) for column in columns]
    goals = [rm.goals.Pairs(), rm.goals.TotalScore()]
    policy = rm.Policy(rules, rm.score.SkillGap(), goals=goals)
    programme = made.programme(size.mentors, size.mentees, policy, capacity=1, departments=3)
    made.save(programme, folder)
    made.thin(programme, columns).save(folder)


@case(
    "balanced",
    timed=TIMED + "; three rounds",
    us=ours.US,
    peers=(peers.LAPJV, peers.LAPJVS, peers.SCIPY),
    sizes=(Size(2000, 2000), Size(5000, 5000), Size(10_000, 10_000, full=True)),
    bars=(
        Bar("speed", 1.5, peers.LAPJV.name, pairs=10**8),
        Bar("speed", 2, peers.LAPJV.name, pairs=10**8),
        Bar("speed", 1.5, peers.LAPJVS.name, pairs=10**8),
        Bar("speed", 4, peers.SCIPY.name, pairs=10**8),
        Bar("share", 0.25, peers.LAPJV.name, pairs=10**8),
    ),
)
def balanced(size: Size, folder: Path) -> None:
    """As many juniors as leaders, one each, half of the pairs eligible: most pairs, then the highest total."""
    make(size, folder)


@case(
    "flow",
    timed=TIMED + "; three rounds",
    us=ours.US,
    peers=(peers.FLOW,),
    sizes=(Size(1000, 1000), Size(2000, 2000)),
)
def flow(size: Size, folder: Path) -> None:
    """The balanced work against a min-cost flow on all eligible pairs."""
    make(size, folder)
