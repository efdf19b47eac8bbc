"""Plans under limits with certificates computed by hand, and what is needed to write and to forge them."""

from __future__ import annotations

from typing import Any

import numpy as np

import revmatch as rm
from certify.test_corruption import change, forged
from revmatch.certificate import Case, Certificate, GoalCertificate, RowPrice
from revmatch.certify.verify import verify
from revmatch.plan import Plan, Status
from revmatch.programme import Programme

L = rm.limits


def ints(*numbers: int) -> Any:
    return np.array(numbers, dtype=np.int64)


def record(goal: str, mentors: tuple[int, ...], mentees: tuple[int, ...], bound: int | None, unit: int = 1,
           cases: tuple[Case, ...] = (), **rows: int) -> GoalCertificate:  # fmt: skip
    """A record; rows by name, with ``_`` for ``:``."""
    priced = tuple(RowPrice(name.replace("_", ":"), price) for name, price in rows.items())
    return GoalCertificate(goal, ints(*mentors), ints(*mentees), priced, unit, bound, cases)


def case(decisions: Any, mentors: tuple[int, ...], mentees: tuple[int, ...], bound: int, unit: int = 1,
         **rows: int) -> Case:  # fmt: skip
    priced = tuple(RowPrice(name.replace("_", ":"), price) for name, price in rows.items())
    return Case(decisions, ints(*mentors), ints(*mentees), priced, unit, bound)


def plan_of(programme: Programme, pairs: list[tuple[int, int]], *records: GoalCertificate, **more: Any) -> Plan:
    """A plan that claims to be proven by these records."""
    i, j = ints(*(a for a, _ in pairs)), ints(*(b for _, b in pairs))
    sides = programme.sides()
    scores = programme.policy.score.form(sides).pairs(i, j)
    given: dict[str, Any] = {"status": Status.OPTIMAL, "proof": "prices", "stopped_by": None}
    given |= {"bounds": tuple(one.bound for one in records)} | more
    return Plan(
        programme=programme,
        mentor_rows=i,
        mentee_rows=j,
        scores=scores,
        certificate=Certificate(tuple(records)),
        **given,
    )


def scores(table: Any, *limits: Any, goals: Any = ("TotalScore",), **more: Any) -> Programme:
    return Programme.from_scores(table, policy=rm.Policy(limits=limits, goals=goals), **more)


def people(mentors: Any, mentees: Any, *limits: Any, goals: Any = ("Pairs",), **more: Any) -> Programme:
    mentors = [{"id": f"j{k}", **one} for k, one in enumerate(mentors)]
    mentees = [{"id": f"s{k}", **one} for k, one in enumerate(mentees)]
    return Programme(mentors, mentees, rm.Policy(limits=limits, goals=goals), **more)


def said(plan: Plan, **options: Any) -> list[str]:
    found = verify(plan, **options)
    assert not found.proven
    return [f"{problem.place}: {problem.expected}" for problem in found.problems]


def with_record(plan: Plan, k: int, given: Any = None, **changes: Any) -> Plan:
    records = list(plan.certificate.records)
    records[k] = forged(records[k], **changes) if given is None else given
    return change(plan, certificate=Certificate(tuple(records)))


# --- by hand ----------------------------------------------------------------------------------------------------------

TOTAL = plan_of(
    scores([[3, 1], [2, 5]], L.TotalPairs(1)), [(1, 1)], record("TotalScore", (0, 0), (0, 0), 5, limit_0_0_0_0=3)
)

#: Two mentors or none: 4 - 1 = 3. Prices alone give 4, that is half a circle.
CIRCLE = plan_of(
    scores([[4], [-1], [-1]], L.Circles(2, 3), mentee_capacity=3),
    [(0, 0), (1, 0)],
    record(
        "TotalScore",
        (0, 0, 0),
        (0,),
        3,
        cases=(
            case(((2, 0, 0, 0),), (0, 0, 0), (4,), 0),
            case(((2, 0, 0, 1),), (0, 0, 0), (-1,), 3),
        ),
    ),
    proof="cases",
)

#: Everybody is matched, and not by two pairs of 4 or more.
BOTTLENECK = plan_of(
    scores([[5, 1], [2, 3]], goals=("Pairs", "WorstOff")),
    [(0, 0), (1, 1)],
    record("Pairs", (1, 1), (0, 0), 2),
    record("WorstOff", (0, -1), (0, 0), 3),
)

#: Mentee 0 has both mentors, 7 together; 8 cannot be.
MAX_MIN = plan_of(
    scores([[5, 1], [2, 3]], goals=("Pairs", "WorstOff", "TotalScore"), mentee_capacity=2),
    [(0, 0), (1, 0)],
    record("Pairs", (1, 1), (0, 0), 2),
    record("WorstOff", (2, -4), (8, 16), 7, goal_1_0=2, goal_1_1=4),
    record("TotalScore", (5, 3), (0, 0), 8),
    status=Status.FEASIBLE,
    proof=None,
)

BALANCE = str(rm.goals.Balance("site", side="mentor"))
X_OR_Y = people(
    [{"site": "x"}, {"site": "y"}], [{}], goals=("Pairs", rm.goals.Balance("site", side="mentor"))
)  # fmt: skip
#: One of two is matched: a gap of 1. Half of each would be no gap, so there are cases.
GAP = plan_of(
    X_OR_Y,
    [(0, 0)],
    record("Pairs", (0, 0), (1,), 1),
    record(
        BALANCE,
        (0, 0),
        (0,),
        -1,
        cases=(
            case(((1, 0, 0, 0),), (1, 1), (-1,), -1, goal_1_1_0=1),
            case(((1, 0, 0, 1),), (-1, -1), (1,), -1, goal_1_0_1=1),
        ),
    ),
    proof="cases",
)

LEAST = plan_of(
    scores([[0, 0], [0, 0]], goals=("LeastChange",)).replace(previous=[("0", "1"), ("1", "1"), ("9", "0")]),
    [(0, 1)],
    record("LeastChange", (0, 0), (0, 1), 1),
)

#: Both mentors must have a partner, and only one pair may be between these departments.
NONE = plan_of(
    people(
        [{"department": "A"}] * 2,
        [{"department": "B"}] * 2,
        L.EveryoneMatched("mentor"),
        L.DepartmentPair(1),
    ),
    [],
    record("Feasible", (-1, -1), (0, 0), -1, limit_1_0_0_0=1),
    status=Status.INFEASIBLE,
    bounds=(None,),
)

#: One pair with department B and one with C: 2. The prices of the whole say 6; the first mentor is asked for their row.
BY_ROW = plan_of(
    people(
        [{"department": "A"}] * 2,
        [{"department": "B"}, {"department": "B"}, {"department": "C"}],
        L.DepartmentPair(1),
    ),
    [(0, 0), (1, 2)],
    forged(
        record(
            "Pairs",
            (0, 0),
            (0, 0, 0),
            2,
            cases=(
                case(((3, 0, "limit:0:0:0:0", 0),), (0, 1), (0, 0, 0), 2),  # with the one of C, and 1 for the other
                case(((3, 0, "limit:0:0:0:0", 1),), (0, 0), (0, 0, 1), 2, limit_0_0_0_0=1),
            ),
        ),
        margin=3,
    ),
    proof="cases",
)

PLANS = {
    "total": TOTAL, "circle": CIRCLE, "bottleneck": BOTTLENECK, "gap": GAP, "least": LEAST, "none": NONE, "row": BY_ROW
}  # fmt: skip
