"""What `check` says was assumed, by hand."""

from __future__ import annotations

from typing import Any

import revmatch as rm

MENTORS = [
    {"id": "a0", "offers": "python; sql:3", "wants": "strategy; python:2", "capacity": "", "min_load": 1, "team": "x"},
    {"id": "a1", "offers": r"c\:d; e\;f:2", "wants": "", "capacity": 2, "min_load": "", "team": ""},
    {"id": "a2", "offers": "go; java", "wants": "x; y", "capacity": 0, "min_load": "", "team": ""},
]
MENTEES = [
    {"id": "b0", "offers": "Strategy", "wants": "strategy:2; python; SQL", "capacity": 1, "team": "x"},
    {"id": "b1", "offers": "sql:1", "wants": " sql :5", "capacity": "", "team": "y"},
    {"id": "b2", "offers": "z", "wants": "q", "capacity": 0, "team": ""},
]


def assumed(score: Any = None) -> dict[str, tuple[int | None, int | None]]:
    found = rm.check(rm.Programme(MENTORS, MENTEES, rm.Policy(score=score))).assumed
    return {one.words: (one.counts.mentors, one.counts.mentees) for one in found}


ALWAYS = {"capacity not stated, taken as 1": (1, 1), "min_load not stated, taken as 0": (1, 2)}


def test_bounds() -> None:
    assert assumed() == ALWAYS
    assert rm.check(rm.Programme.from_scores([[1, 2]])).assumed == ()


def test_skills_that_mentees_want() -> None:
    # people of capacity 0 take no part, and nobody asks what mentors want
    assert assumed("SkillGap") == ALWAYS | {
        "skills under offers without a level, taken as 5": (2, 1),
        "skills under wants without a level, taken as 5": (0, 2),
        "wanted skills whose own level is not stated under offers, taken as 0": (0, 2),
    }


def test_skills_that_both_want() -> None:
    assert assumed("SkillGap(direction=both)") == ALWAYS | {
        "skills under offers without a level, taken as 5": (2, 1),
        "skills under wants without a level, taken as 5": (1, 2),
        "wanted skills whose own level is not stated under offers, taken as 0": (1, 2),
        "wants not stated, worth no points": (1, 0),
    }


def test_levels_do_not_matter_where_no_term_asks_for_them() -> None:
    assert assumed("RareSkill") == ALWAYS


def test_what_is_worth_no_points() -> None:
    assert assumed("Different(team) + 2 * Same(team)") == ALWAYS | {"team not stated, worth no points": (1, 0)}
