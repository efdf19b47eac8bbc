"""Shares of all pairs in a large organisation: how near to the best plan is proven, and how soon."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ours
from harness.registry import Answer, Contestant, Size, case
from plain_look import LOOK

SECONDS = 1800.0
SKILLS = 70


def _matched(programme: Any) -> Answer:
    import revmatch as rm

    plan = rm.match(programme, time_limit=SECONDS)
    found = ours.answer(plan)
    gaps = [
        f"{goal.name} {goal.value:,} of {goal.bound:,}" if goal.bound is not None else f"{goal.name} {goal.value:,}"
        for goal in plan.goals
        if goal.value is not None
    ]
    note = "; ".join([*gaps, *filter(None, (found.note,))])
    return Answer(found.value, found.proven, note)


@case(
    "quotas-large",
    timed=(
        f"the whole of match with proof and check and at most {SECONDS:g} s, for us; product, compare and eligibility "
        "of the survivors, for the look; the people are made before; a new process for each run, in turns, three rounds"
    ),
    us=Contestant(ours.NAME, ours.loaded, _matched, limit=2 * SECONDS),
    peers=(LOOK,),
    sizes=(Size(2000, 500), Size(20_000, 5000, full=True)),
    fresh=True,
)
def quotas_large(size: Size, folder: Path) -> None:
    """Leaders of capacity 2: most pairs, then the highest total, with three shares of all pairs that must be kept."""
    import made

    import revmatch as rm

    policy = rm.Policy(
        [rm.rules.DifferentDepartment(), rm.rules.GradeGap()],
        rm.score.SkillGap(),
        goals=[rm.goals.Pairs(), rm.goals.TotalScore()],
        limits=[
            rm.limits.Quota("location", "San Francisco", "mentor", at_least="10%"),
            rm.limits.Quota("title", "Apprentice", "mentor", at_least="30%"),
            rm.limits.Quota("hired", "2025", "mentor", at_most="10%"),
        ],
    )
    made.save(made.programme(size.mentors, size.mentees, policy, capacity=2, skills=SKILLS), folder)
