"""Small programmes, and many of them: what a page that somebody waits for, or a platform of tenants, asks."""

from __future__ import annotations

import time
from importlib import import_module
from pathlib import Path
from typing import Any

import ours
from harness.registry import Answer, Bar, Contestant, Size, case

MENTORS, MENTEES = 40, 20


@case(
    "demo",
    timed="one call of match in a process that has made two such calls; twenty rounds",
    us=ours.US,
    sizes=(Size(120, 60),),
    bars=(Bar("seconds", 0.05),),
    repeats=20,
    warm_up=2,
)
def demo(size: Size, folder: Path) -> None:
    """The built-in demo programme under the recommended policy."""
    import made

    import revmatch as rm

    made.save(rm.datasets.demo(), folder)


def _matched(programmes: list[Any]) -> Answer:
    import revmatch as rm

    start = time.perf_counter()
    plans = [rm.match(programme) for programme in programmes]
    seconds = time.perf_counter() - start
    answers = [ours.answer(plan) for plan in plans]
    value = tuple(map(sum, zip(*(answer.value or () for answer in answers), strict=True)))
    return Answer(value, all(answer.proven for answer in answers), "times are of one programme", seconds / len(plans))


def _records(folder: Path) -> Any:
    import json

    import_module("scipy.optimize")
    return json.loads((folder / "records.json").read_text(encoding="utf-8"))


def _by_loops(programmes: list[Any]) -> Answer:
    """Score in plain Python, each leader once for each place, and assign by SciPy: a script as many have it."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    start = time.perf_counter()
    pairs = total = 0
    for juniors, leaders in programmes:
        places = [leader for leader in leaders for _ in range(leader["capacity"])]
        forbidden = 1 + 25 * len(juniors)
        cost = np.full((len(juniors), len(places)), forbidden)
        for i, junior in enumerate(juniors):
            offers = junior["offers"]
            for j, leader in enumerate(places):
                if junior["department"] == leader["department"] or junior["grade"] >= leader["grade"]:
                    continue
                knows = leader["knows"]
                points = 0
                for skill, wanted in leader["wants"].items():
                    points += max(0, min(offers.get(skill, 0), wanted) - knows.get(skill, 0))
                cost[i, j] = -points
        worth = cost[linear_sum_assignment(cost)]
        pairs += int((worth <= 0).sum())
        total -= int(worth[worth <= 0].sum())
    seconds = time.perf_counter() - start
    return Answer((pairs, total), seconds=seconds / len(programmes))


LOOPS = Contestant("Python loops and SciPy", _records, _by_loops, ("scipy",))


@case(
    "tenants",
    timed=(
        "match of each of many programmes in one process, and for the peer scoring by plain Python loops over records "
        "and an assignment by SciPy, both for one programme; one run before the clock starts, five rounds"
    ),
    us=Contestant(ours.NAME, ours.loaded, _matched),
    peers=(LOOPS,),
    sizes=(Size(1000, what="programmes"),),
    repeats=5,
    warm_up=1,
)
def tenants(size: Size, folder: Path) -> None:
    """So many programmes of 40 juniors x 20 leaders, one after the other: most pairs, then the highest total."""
    import json

    import made

    import revmatch as rm

    rules, goals = [rm.rules.DifferentDepartment(), rm.rules.GradeGap()], [rm.goals.Pairs(), rm.goals.TotalScore()]
    policy = rm.Policy(rules, rm.score.SkillGap(), goals=goals)
    programmes = [rm.datasets.programme(MENTORS, MENTEES, seed=seed, policy=policy) for seed in range(size.mentors)]
    made.save(programmes, folder)
    records = [(_people(one.mentors), _people(one.mentees)) for one in programmes]
    (folder / "records.json").write_text(json.dumps(records), encoding="utf-8")


def _people(people: Any) -> list[dict[str, Any]]:
    capacity, grade = people.capacity.tolist(), people["grade"].tolist()
    return [
        {
            "department": department,
            "grade": grade[k],
            "capacity": capacity[k],
            "offers": people.offers.row(k),
            "knows": people.offers.row(k),
            "wants": people.wants.row(k),
        }
        for k, department in enumerate(people["department"].tolist())
    ]
