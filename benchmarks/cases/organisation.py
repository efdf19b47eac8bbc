"""Whole organisations: a few thousand leaders, every junior a possible mentor. Times are said in plain looks."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from math import log
from pathlib import Path
from typing import Any

import ours
from harness.registry import Answer, Bar, Contestant, Size, case
from harness.results import Row
from plain_look import LOOK

#: As many skills as in a developers' survey.
SKILLS = 70
GB = 1e9 / 2**20
#: Most that the exponent of time against pairs may be, over the sizes with 40 juniors a leader.
GROWTH = 1.05
BILLION = 10**9


def make(size: Size, folder: Path, skills: int = SKILLS) -> Any:
    import made

    import revmatch as rm

    policy = rm.Policy.reverse_mentoring()
    programme = made.programme(size.mentors, size.mentees, policy, capacity=2, skills=skills)
    made.save(programme, folder)
    return programme


def growth(rows: Sequence[Row]) -> list[str]:
    """The exponent of time against pairs, by least squares on logarithms."""
    points = {row.pairs: row.our_seconds for row in rows if row.our_seconds and row.our_end == "proven"}
    points = {pairs: value for pairs, value in points.items() if pairs <= BILLION}
    if len(points) < 2:
        return []
    x, y = [log(pairs) for pairs in points], [log(value) for value in points.values()]
    middle, height = sum(x) / len(x), sum(y) / len(y)
    slope = sum((a - middle) * (b - height) for a, b in zip(x, y, strict=True)) / sum((a - middle) ** 2 for a in x)
    met = "met" if slope <= GROWTH else "MISSED"
    return [
        f"  growth from {min(points):,} to {max(points):,} pairs: time as pairs to the power of {slope:.3f}; "
        f"bar at most {GROWTH}: {met}"
    ]


@case(
    "organisation",
    timed=(
        "the whole of match with proof and check, for us; product, compare and eligibility of the survivors, for the "
        "look; the people are made before; a new process for each run, in turns, three rounds"
    ),
    us=ours.US,
    peers=(LOOK,),
    sizes=(
        Size(20_000, 500),
        Size(63_240, 1581),
        Size(200_000, 5000),
        Size(500_000, 10_000, full=True),
    ),
    bars=(
        Bar("units", 2, LOOK.name, pairs=BILLION),
        Bar("units", 1, LOOK.name, pairs=BILLION),
        Bar("mib", 4 * GB, pairs=5 * BILLION),
    ),
    fresh=True,
    summary=growth,
)
def organisation(size: Size, folder: Path) -> None:
    """All juniors x leaders of capacity 2, under the recommended policy with its three goals."""
    make(size, folder)


def _balanced(size: Size, folder: Path) -> None:
    from cases import balanced

    balanced.make(size, folder)


def _within(programme: Any) -> Answer:
    import revmatch as rm

    found = ours.answer(rm.match(programme, gap=0.001))
    return dataclasses.replace(found, value=None)


HARD = (Size(100_000, 100_000, full=True),)


@case(
    "hard-within-0.1%",
    timed="match until every goal is within 0.1 % of its bound, for us; one look; a new process each, one round",
    us=Contestant(ours.NAME, ours.loaded, _within, limit=7200),
    bars=(Bar("units", 4, LOOK.name, pairs=10 * BILLION), Bar("mib", 6 * GB, pairs=10 * BILLION)),
    peers=(LOOK,),
    sizes=HARD,
    repeats=1,
    fresh=True,
)
def hard_within(size: Size, folder: Path) -> None:
    """The balanced work at 10,000,000,000 pairs, until the gap is at most 0.1 %."""
    _balanced(size, folder)


@case(
    "hard-proven",
    timed="match until the proof, for us; one look; a new process each, one round",
    us=dataclasses.replace(ours.US, limit=7200),
    bars=(Bar("mib", 6 * GB, pairs=10 * BILLION),),
    peers=(LOOK,),
    sizes=HARD,
    repeats=1,
    fresh=True,
)
def hard_proven(size: Size, folder: Path) -> None:
    """The balanced work at 10,000,000,000 pairs, until nothing is left to prove."""
    _balanced(size, folder)


PLAN = "plan.pickle"


def _plan(folder: Path) -> Any:
    import pickle

    import revmatch as rm

    rm.verify(rm.match(rm.Programme.from_scores([[3, 1], [2, 5]])))
    with (folder / PLAN).open("rb") as file:
        return pickle.load(file)


def _verified(plan: Any) -> Answer:
    import revmatch as rm

    found = rm.verify(plan, pairs="all")
    return Answer(proven=found.ok and found.proven is not None, note="" if found.ok else "REFUSED")


@case(
    "verify",
    timed="verify of a plan over all pairs, for us; one look; the plan is made before; one process each, three rounds",
    us=Contestant(ours.NAME, _plan, _verified),
    peers=(LOOK,),
    sizes=(Size(20_000, 500), Size(200_000, 5000, full=True)),
    bars=(Bar("units", 2, LOOK.name, pairs=BILLION),),
)
def verify(size: Size, folder: Path) -> None:
    """The independent check of a whole organisation's plan and proof, over every pair."""
    import pickle

    import revmatch as rm

    plan = rm.match(make(size, folder))
    with (folder / PLAN).open("wb") as file:
        pickle.dump(plan, file)
