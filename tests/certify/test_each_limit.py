"""Each limit by itself: a plan that breaks it is refused in words that name nobody, a plan that keeps it passes."""

from __future__ import annotations

from typing import Any

import pytest

from certify.by_hand import L, people, plan_of, said
from revmatch.certify import witness_limits, witness_rows
from revmatch.certify.verify import verify
from revmatch.plan import Status
from revmatch.policy.limits import Limit

IN, THERE = "the mentor in row", "the mentee in row"
LIMITS = [
    (L.EveryoneMatched("mentee"), [(0, 0), (1, 1)], [(0, 0), (1, 1), (2, 2)], f"{THERE} 3 has no partner"),
    (
        L.DepartmentPair(1),
        [(0, 0), (1, 1)],
        [(0, 0), (1, 2)],
        f"there are 2 pairs between the departments of {IN} 1 and {THERE} 1, more than 1",
    ),
    (
        L.Quota("site", "x", "mentor", at_least="50%"),
        [(0, 0), (1, 1), (2, 2)],
        [(0, 0), (1, 1)],
        "1 of 3 pairs have a mentor of the group, fewer than 50% of all",
    ),
    (
        L.Quota("site", 7, "mentee", at_most=0),
        [(0, 1)],
        [(0, 0)],
        "1 of 1 pairs have a mentee of the group, more than 0",
    ),
    (
        L.Quota("site", "x", "mentor", at_least=1),
        [(1, 1)],
        [(0, 0)],
        "0 of 1 pairs have a mentor of the group, fewer than 1",
    ),
    (L.TotalPairs(1), [(0, 0), (1, 1)], [(1, 1)], "there are 2 pairs, more than 1"),
    (L.Circles(2, 2), [(0, 0)], [(0, 0), (1, 0)], f"{THERE} 1 has 1 mentor, not 2"),
    (
        L.CoMentorsDifferent("department"),
        [(0, 0), (1, 0)],
        [(0, 0), (1, 1), (2, 2)],
        f"{IN} 1 and {IN} 2 share {THERE} 1 and have the same value",
    ),
    (
        L.CoMentorsDifferent("site"),
        [(0, 0), (2, 0)],
        [(0, 0), (1, 0), (2, 1)],
        f"{IN} 1 and {IN} 3 share {THERE} 1 and cannot be said to differ",
    ),
    (L.Load("hours", 3), [(0, 0), (0, 1)], [(0, 0), (1, 1)], f"{IN} 1 has partners of 4 hours, more than 3"),
    (
        L.Load("hours", "most", side="mentee"),
        [(0, 1), (1, 1)],
        [(0, 0), (1, 1)],
        f"{THERE} 2 has partners of 4 hours, more than 2",
    ),
    (L.Together(["j0", "j1"]), [(0, 0)], [(0, 0), (1, 0)], f"{IN} 1 and {THERE} 1 are held without {IN} 2"),
    (
        L.Apart(["j0", "j1", "j2"]),
        [(0, 0), (2, 0)],
        [(0, 0), (1, 1), (2, 2)],
        f"{IN} 1 and {THERE} 1 are held together with {IN} 3",
    ),
    (L.Stable("choices"), [(0, 0), (1, 1)], [(0, 1), (1, 0)], f"{IN} 1 and {THERE} 2 are not paired, and both would"),
]


@pytest.mark.parametrize(("limit", "broken", "kept", "words"), LIMITS, ids=lambda value: str(value)[:20])
def test_each_limit(limit: Any, broken: Any, kept: Any, words: str) -> None:
    """One plan that breaks it, with the place in words that name nobody; one that keeps it."""
    mentors = [
        {"department": "A", "site": "x", "hours": 2, "capacity": 2, "choices": "s1;s0"},
        {"department": "A", "site": "7", "hours": 2, "capacity": 1, "choices": ""},
        {"department": "", "site": "", "hours": 1, "capacity": 1, "choices": ""},
    ]
    mentees = [
        {"department": "B", "site": "8", "hours": 2, "most": 9, "capacity": 2, "choices": ""},
        {"department": "B", "site": "7", "hours": 2, "most": 2, "capacity": 2, "choices": "j0;j1"},
        {"department": "", "site": "", "hours": 0, "most": 9, "capacity": 1, "choices": ""},
    ]
    if isinstance(limit, L.Stable):
        mentors, mentees = ([one | {"capacity": 1} for one in own[:2]] for own in (mentors, mentees))
    programme = people(mentors, mentees, limit)
    options: Any = {"status": Status.FEASIBLE, "proof": None, "bounds": (None,)}
    for pairs in ("all", "candidates"):
        found = said(plan_of(programme, broken, **options), pairs=pairs)
        assert found[0].startswith(f"policy.limits[0]: {type(limit).__name__} is broken: {words}")
        assert not any(name in found[0] for name in ("j0", "j1", "j2", "s0", "s1", "s2"))
        assert verify(plan_of(programme, kept, **options), pairs=pairs).problems == ()


def test_every_limit_has_a_witness_of_its_rows_its_degrees_or_both() -> None:
    known = [set(witness_rows.ROWS), set(witness_limits.LEAST), set(witness_limits.PARTNERS), {L.Stable, L.Meetings}]
    assert sum(map(len, known)) == len(set().union(*known))
    assert set().union(*known) == set(Limit.registry.values()) == {type(one) for one, *_ in LIMITS} | {L.Meetings}
