"""What stability costs: the highest total with it and without."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Any

import ours
import stable
from harness.registry import Answer, Contestant, Size, case

#: Seconds for the plan that must be stable.
SECONDS = 120.0
TIMED = (
    f"match with Stable, with proof and check and at most {SECONDS:g} s, for us, and match without it, untimed; "
    "their method, for peers, which are given the table of scores; three rounds"
)
SIZES = (Size(50, 50), Size(300, 300, full=True))


def _priced(programmes: tuple[Any, Any]) -> Answer:
    import revmatch as rm

    free, bound_ = programmes
    start = time.perf_counter()
    found = ours.answer(rm.match(bound_, time_limit=SECONDS))
    seconds = time.perf_counter() - start
    top = rm.match(free)
    value, best = (found.value or (-1,))[0], int(top.goals[0].value or 0)
    price = f"without Stable {best:,}, with it {value:,}: stability costs {100 * (best - value) / max(1, best):.2g} %"
    return dataclasses.replace(found, note="; ".join(filter(None, (price, found.note))), seconds=seconds)


def make(size: Size, folder: Path, top: int) -> None:
    """Scores from 0 to top, each as likely as any other."""
    import made
    import numpy as np

    import revmatch as rm

    scores = np.random.default_rng(1).integers(0, top, size=(size.mentors, size.mentees), endpoint=True)
    np.savez(folder / stable.SCORES, scores=scores)
    policies = (rm.Policy(limits=limits, goals=[rm.goals.TotalScore()]) for limits in ((), (rm.limits.Stable(),)))
    made.save(tuple(rm.Programme.from_scores(scores, policy=policy) for policy in policies), folder)


US = Contestant(ours.NAME, ours.loaded, _priced)
PEERS = (stable.GREEDY, stable.TOOL)


@case("stability", timed=TIMED, us=US, peers=PEERS, sizes=SIZES)
def stability(size: Size, folder: Path) -> None:
    """The highest total of a stable plan; scores from 0 to 999, of which few are equal."""
    make(size, folder, 999)


@case("stability-ties", timed=TIMED, us=US, peers=PEERS, sizes=SIZES)
def ties(size: Size, folder: Path) -> None:
    """The highest total of a stable plan; scores from 0 to 19, of which many are equal."""
    make(size, folder, 19)
