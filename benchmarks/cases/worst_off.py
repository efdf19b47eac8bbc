"""The mentee who is worst off: an exact answer against heuristics, which are quick and miss it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ours
import worst_off
from harness.registry import Answer, Contestant, Size, case

PROGRAMMES = 10
#: Seconds for each programme.
SECONDS = 30.0
TIMED = (
    "match of each of ten programmes one after the other, with scoring, proof and check and at most "
    f"{SECONDS:g} s for each, for us; for peers, which are given tables of scores, their method; three rounds"
)


def _load(folder: Path) -> tuple[Path, Any]:
    return folder, ours.loaded(folder)


def _matched(loaded: tuple[Path, list[Any]]) -> Answer:
    import revmatch as rm

    folder, programmes = loaded
    answers = [ours.answer(rm.match(programme, time_limit=SECONDS)) for programme in programmes]
    found = tuple(answer.value[1] if answer.value else -1 for answer in answers)
    (folder / worst_off.BEST).write_text(json.dumps(found), encoding="utf-8")
    proven = sum(answer.proven for answer in answers)
    return Answer(found, proven == len(answers), "" if proven == len(answers) else f"{proven} proven")


def make(size: Size, folder: Path, capacity: int) -> None:
    import made

    import revmatch as rm

    goals = [rm.goals.Pairs(), rm.goals.WorstOff()]
    policy = rm.Policy([rm.rules.DifferentDepartment()], rm.score.SkillGap(), goals=goals)
    programmes = [
        made.programme(size.mentors, size.mentees, policy, capacity=capacity, seed=1 + seed)
        for seed in range(PROGRAMMES)
    ]
    made.save(programmes, folder)
    worst_off.save(programmes, folder)


US = Contestant(ours.NAME, _load, _matched)
PEERS = (worst_off.FAIR_FLOW, worst_off.TWO_PASSES)


@case("worst-off", timed=TIMED, us=US, peers=PEERS, sizes=(Size(60, 60), Size(200, 200), Size(300, 200)))
def one_place(size: Size, folder: Path) -> None:
    """Ten programmes: most pairs, then the best for the mentee who is worst off; mentees have one place."""
    make(size, folder, 1)


@case("worst-off-two-places", timed=TIMED, us=US, peers=PEERS, sizes=(Size(60, 30), Size(200, 100, full=True)))
def two_places(size: Size, folder: Path) -> None:
    """Ten programmes: most pairs, then the best for the mentee who is worst off; mentees have two places."""
    make(size, folder, 2)
