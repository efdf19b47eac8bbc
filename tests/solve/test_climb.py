"""Goals that compare people, at a size at which every question counts."""

from __future__ import annotations

from typing import Any

import pytest

import revmatch as rm
from revmatch.solve import climb

GOALS = ["Coverage", "Pairs", "WorstOff", "TotalScore"]


def programme(goals: list[str]) -> rm.Programme:
    """20 leaders with two places each."""
    some = rm.datasets.programme(40, 20, seed=1)
    leaders = rm.People.from_columns(some.mentees.to_columns() | {"capacity": ["2"] * 20})
    return rm.Programme(some.mentors, leaders, some.policy.replace(goals=goals), organisation=some.organisation)


def test_proof_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def counted(*arguments: Any) -> Any:
        asked.append(arguments)
        return decide(*arguments)

    decide = climb.decide
    monkeypatch.setattr(climb, "decide", counted)
    plan = rm.match(programme(GOALS[:3]))
    assert [(goal.value, goal.bound) for goal in plan.goals[2:]] == [(220, 220)]
    assert len(asked) <= 1
    assert rm.verify(plan).ok


@pytest.mark.parametrize("moment", [6, 10, 14, 18])
def test_a_search_that_is_stopped_keeps_the_ceiling_that_was_proved(moment: int) -> None:
    told = 0

    def stop(news: dict[str, Any]) -> bool:
        nonlocal told
        told += news["goal"] == "WorstOff"
        return told <= moment

    plan = rm.match(programme(GOALS), on_progress=stop)
    worst_off = plan.goals[2]
    assert plan.stopped_by == "callback"
    assert worst_off.value <= 220 <= worst_off.bound
    assert rm.verify(plan).ok
