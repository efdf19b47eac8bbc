"""CP-SAT on parts that share nobody and nothing, each by itself, against all of them in one model."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from harness.registry import Answer, Contestant, Size, case

JOB, SECONDS, A_SITE = "job.pickle", 300.0, 18


def _load(folder: Path) -> Any:
    from importlib import import_module

    import_module("ortools.sat.python.cp_model")
    with (folder / JOB).open("rb") as file:
        return pickle.load(file)


def _answer(found: Any) -> Answer:
    from revmatch.engines.engine import Outcome

    return Answer((found.bound,), found.outcome is Outcome.OPTIMAL)


def _apart(model: Any) -> Answer:
    from revmatch.engines.cpsat import CpSat

    return _answer(CpSat().solve(model, 0, seconds=SECONDS))


def _together(model: Any) -> Answer:
    from revmatch.engines import cpsat

    cpsat.parts = lambda model: [model]
    return _answer(cpsat.CpSat().solve(model, 0, seconds=SECONDS))


def programme(sites: int, mentors: int, mentees: int) -> Any:
    """Sites where mentors have so many hours, and mentees take some; nobody meets anybody at another site."""
    import numpy as np

    import revmatch as rm

    rng = np.random.default_rng(0)
    juniors = [
        {"id": f"j{k}", "site": f"s{k % sites}", "capacity": mentees, "x": int(rng.integers(100))}
        for k in range(sites * mentors)
    ]
    leaders = [
        {"id": f"l{k}", "site": f"s{k % sites}", "hours": int(rng.integers(11, 40)), "x": int(rng.integers(100))}
        for k in range(sites * mentees)
    ]
    policy = rm.Policy(
        rules=[rm.rules.Same("site")],
        score=rm.score.Distance("x", at_most=100),
        limits=[rm.limits.Load("hours", 110)],
        goals=["TotalScore"],
    )
    return rm.Programme(rm.People.from_records(juniors), rm.People.from_records(leaders), policy)


@case(
    "cp-sat-parts",
    timed=f"two solves that agree, of one model, made before; at most {SECONDS:g} s; a process each, three rounds",
    us=Contestant("each part by itself", _load, _apart, limit=2 * SECONDS),
    peers=(Contestant("all in one model", _load, _together, ("ortools",), limit=2 * SECONDS),),
    sizes=(Size(16, 72), Size(32, 144)),
)
def parts(size: Size, folder: Path) -> None:
    """Hours that fill the mentors' time, like parcels, at sites of 4 mentors and 18 mentees that meet nobody else."""
    from revmatch.graph.candidates import every_pair
    from revmatch.graph.numbering import number
    from revmatch.graph.tiles import looker
    from revmatch.model.build import build

    numbered = number(programme(size.mentees // A_SITE, size.mentors * A_SITE // size.mentees, A_SITE), 0)
    pairs = every_pair(numbered, looker(numbered))
    (folder / JOB).write_bytes(pickle.dumps(build(numbered, pairs.mentor, pairs.mentee, pairs.score)))
