"""Seconds to give every pair of the shared workforce a time, proven: 24 weeks, a meeting every 4, on half hours.

    python benchmarks/meet_workforce.py [rooms]

No peer holds this: 2.7 million pairs, each with up to some hundred times. So seconds are what is said, of the whole of
`match`, proof over all pairs and check included.
"""

from __future__ import annotations

import sys
import time

from workforce import FILE

import revmatch as rm


def main() -> None:
    everybody = rm.read_csv(FILE)
    rooms = int(sys.argv[1]) if len(sys.argv) > 1 else None
    policy = rm.Policy(
        rules=[rm.rules.DifferentDepartment(), rm.rules.OutsideReportingLine(), rm.rules.GradeGap(at_least=2)],
        score=rm.score.SkillGap(),
        limits=[rm.limits.Meetings("2026-03-02", minutes=60, every=4, weeks=24, grid=30, rooms=rooms)],
        goals=["Pairs", "TotalScore"],
    )
    juniors = everybody[(everybody["grade"] <= 4) & (everybody["hired"] >= 2008)]
    programme = rm.Programme(juniors, everybody[everybody["grade"] >= 7], policy)
    for _ in range(3):
        began = time.monotonic()
        plan = rm.match(programme, verify="all")
        print(f"{time.monotonic() - began:.1f} s: {plan!r}, proof {plan.proof}", flush=True)


if __name__ == "__main__":
    main()
