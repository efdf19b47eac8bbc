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


def test_what_limits_and_goals_make_of_blanks() -> None:
    blank = {"team": ""}
    mentors = [{"id": "a", "team": "x", "choices": "z"}, {"id": "b"} | blank, {"id": "c", "capacity": 0} | blank]
    mentees = [{"id": "z", "choices": ""} | blank]

    def said(sensitive: dict[str, str] | None = None, **policy: Any) -> dict[str, tuple[int | None, int | None]]:
        policy = {"goals": ["Pairs"]} | policy
        made = rm.Programme(mentors, mentees, rm.Policy(sensitive=sensitive, **policy))
        found = {one.words: (one.counts.mentors, one.counts.mentees) for one in rm.check(made).assumed}
        return {words: counts for words, counts in found.items() if "taken as" not in words}

    assert said() == {}
    assert said(limits=["CoMentorsDifferent(team)"]) == {"team not stated, so sharing a mentee with nobody": (1, 0)}
    assert said(limits=["Quota(team, x, mentor, 1)"]) == {"team not stated, in no group of a Quota": (1, 0)}
    assert said(limits=["Stable(choices)"]) == {"choices not stated, so liking everybody the same": (1, 1)}
    assert said(goals=["Balance(team)"]) == {"team not stated, in no group of Balance": (1, 1)}
    assert said(goals=["Balance(team, side=mentee)"]) == {"team not stated, in no group of Balance": (0, 1)}
    both = ["Pairs", "Balance(team, mentor)", "Balance(team, mentee)"]
    assert said(goals=both) == {"team not stated, in no group of Balance": (1, 1)}
    # fewer than five are withheld where they are private
    assert said({"team": "agreed"}, goals=["Balance(team)"]) == {}
    mentors[0]["department"], mentees[0]["department"] = "IT", ""
    assert said(limits=["DepartmentPair(1)"]) == {"department not stated, counted by no DepartmentPair": (1, 1)}


def test_what_is_worth_no_points() -> None:
    assert assumed("Different(team) + 2 * Same(team)") == ALWAYS | {"team not stated, worth no points": (1, 0)}
