"""Slips of the pen in limits and goals: what is said fits what was written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import revmatch as rm
from revmatch.errors import InputError, PolicyError

L = rm.limits


def refused(**policy: Any) -> str:
    with pytest.raises(PolicyError) as caught:
        rm.Policy(**policy)
    (problem,) = caught.value.problems
    return f"{problem.code} {problem.expected} ({problem.hint})"


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("Quota(location, New York, mentor, at_most=1)", "write a text with a blank in quotes: 'New York'"),
        ("Quota(location, New York City, mentor, at_most=1)", "write a text with a blank in quotes: 'New York City'"),
        ("Quota(location, value=New York, side=mentor)", "write a text with a blank in quotes: 'New York'"),
        ("Quota(location, Lyon, mentor, at_most=40%)", "a share stands in quotes: '40%'"),
        ("Quota(location, Lyon, mentor, at_most=12.5 %)", "text stands in quotes"),
        ("Quota(location, Lyon, side=mentees, at_most=1)", 'did you mean "mentee"?'),
        ("Together(ada, cem)", "Together takes at most 1 value (put the ids in a list: Together([ada, cem]))"),
        ("Stable(score, 2)", "Stable takes at most 1 value ()"),
        ("Circles[2,4]", "fields stand in round brackets: Circles(...)"),
        ("Coverage", "there is no limit 'Coverage' (Coverage is a goal)"),
        (L.Stable, "expected a limit, found the class Stable (write Stable())"),
        (L.TotalPairs, "expected a limit, found the class TotalPairs (write TotalPairs(at_most=...))"),
        (rm.goals.Pairs(), "expected a limit, found the goal Pairs (put it with the goals)"),
        (5, "expected a limit: a text, or a table with its type ()"),
    ],
)
def test_what_is_said_of_a_limit(limit: Any, said: str) -> None:
    assert said in refused(limits=[limit])


def test_a_goal_that_cannot_be_read_is_not_also_missed() -> None:
    assert refused(goals=["Pars"]).startswith("RM135")
    assert refused(goals=["Coverag", "WorstOff"]).startswith("RM135")
    assert refused(goals=["WorstOff"], limits=["EveryoneMached(mentee)"]).startswith("RM135")
    assert refused(goals=[]).startswith("RM220")


@pytest.mark.parametrize(
    ("limit", "same"),
    [
        (lambda k: L.TotalPairs(k(4)), "TotalPairs(4)"),
        (lambda k: L.DepartmentPair(k(4)), "DepartmentPair(4)"),
        (lambda k: L.Circles(k(2), k(4)), "Circles(2, largest=4)"),
        (lambda k: L.Load("hours", k(4)), "Load(hours, at_most=4)"),
        (
            lambda k: L.Quota("grade", k(7), "mentor", at_least=k(1)),
            'Quota(grade, value="7", side=mentor, at_least=1)',
        ),
    ],
)
def test_whole_numbers_of_numpy_are_whole_numbers(limit: Any, same: str) -> None:
    for kind in (np.int64, np.uint8, int):
        made = limit(kind)
        assert (str(made), made) == (same, limit(int))
        assert rm.Policy.from_json(rm.Policy(limits=[made]).to_json()).limits == (made,)
    for value in (np.bool_(True), True, np.float64(4), 10**18, -1):
        with pytest.raises(PolicyError):
            L.TotalPairs(value)


def test_the_nearest_id_is_told() -> None:
    with pytest.raises(InputError) as caught:
        rm.Programme([{"id": "E101"}, {"id": "F200"}], [{"id": "yan"}], rm.Policy(limits=[L.Apart(["F200", "E1O1"])]))
    assert caught.value.problems[0].hint == 'did you mean "E101"?'
