"""Stopped at any moment: the best plan so far, and a ceiling that is proven."""

from __future__ import annotations

import sys
from typing import Any

import pytest

import revmatch as rm
from grids import daily
from revmatch.certify import verify as verifying
from revmatch.graph import candidates, field
from revmatch.solve import look, search, ties
from revmatch.solve.search import Stopped

POLICY = rm.Policy(
    rules=[rm.rules.DifferentDepartment(), rm.rules.GradeGap()],
    score=5 * rm.score.SkillGap() + 2 * rm.score.Different("division"),
)


@pytest.fixture(autouse=True)
def many_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small tiles, few candidates at first, few new ones, and the caller is told of everything."""
    for module, name, value in (
        (field, "TILE", 10_000),
        (search, "BETWEEN", 0.0),
        (look, "NEAR", 0),
        (look, "NEW_ALL", 0),
        (look, "NEW_EACH", 1),
        (candidates, "EACH_ROW", 2),
        (candidates, "EACH_PLACE", 2),
        (candidates, "EACH_COLUMN", 1),
    ):
        monkeypatch.setattr(module, name, value)


@pytest.fixture(scope="module")
def programme() -> rm.Programme:
    return rm.datasets.programme(300, 200, policy=POLICY)


@pytest.fixture(scope="module")
def best(programme: rm.Programme) -> list[Any]:
    plan = rm.match(programme)
    assert plan.proof == "prices"
    return [goal.value for goal in plan.goals]


def news_of(programme: rm.Programme, **options: Any) -> list[dict[str, Any]]:
    news: list[dict[str, Any]] = []
    rm.match(programme, on_progress=news.append, **options)
    return news


def test_what_is_told(programme: rm.Programme, best: list[Any]) -> None:
    news = news_of(programme)
    assert {one["phase"] for one in news} >= {"look", "solve"}
    assert {one["goal"] for one in news} >= {"TotalScore"}
    seconds = [one["seconds"] for one in news]
    assert seconds == sorted(seconds)
    assert seconds[0] >= 0
    assert all(0 <= one["tiles_done"] <= one["tiles"] for one in news)
    assert any(0 < one["tiles_done"] < one["tiles"] for one in news)
    last = [one for one in news if one["goal"] == "TotalScore" and one["gap"] is not None]
    assert last, "the gap is never told"
    for one in last:
        assert one["value"] <= best[2] <= one["bound"]
        assert one["gap"] == (one["bound"] - one["value"]) / max(1, abs(one["value"]))
    values = [one["value"] for one in last]
    bounds = [one["bound"] for one in last]
    assert values == sorted(values)
    assert bounds == sorted(bounds, reverse=True)


def test_goals_that_are_made_small_are_told_as_people_read_them(programme: rm.Programme) -> None:
    before = rm.match(programme, seed=1).pairs
    policy = rm.Policy(score=POLICY.score, goals=["LeastChange", "Balance(department)"])
    asked = programme.replace(policy=policy, previous=[(pair.mentor, pair.mentee) for pair in before])
    news = [one for one in news_of(asked) if one["value"] is not None]
    assert {one["goal"] for one in news} == {"LeastChange", "Balance(department)"}
    for one in news:
        most = len(before) if one["goal"] == "LeastChange" else 1
        assert 0 <= (one["bound"] or 0) <= one["value"] <= most


def holds(plan: rm.Plan, best: list[Any], reason: str) -> None:
    checked = rm.verify(plan)
    assert checked.ok, checked.problems
    if plan.found:
        for k, goal in enumerate(plan.goals):
            assert goal.value <= goal.bound
            if all(earlier.value == value for earlier, value in zip(plan.goals[:k], best[:k], strict=True)):
                assert goal.value <= best[k] <= goal.bound
    if plan.status is not rm.Status.OPTIMAL:
        assert plan.stopped_by == reason


@pytest.mark.parametrize("part", daily(1, range(8)))
def test_stopped_by_the_caller_at_every_moment(part: int, programme: rm.Programme, best: list[Any]) -> None:
    moments = len(news_of(programme))
    gaps = []
    for moment in range(part, moments, max(8, moments // 40 * 8)):
        told = 0

        def stop(news: dict[str, Any]) -> bool:
            nonlocal told
            told += 1
            return told <= moment  # noqa: B023

        plan = rm.match(programme, on_progress=stop)
        holds(plan, best, "callback")
        gaps.append(plan.gap)
    assert any(gap == 0.0 or (gap is not None and gap < 0.1) for gap in gaps)


@pytest.mark.parametrize("part", daily(1, range(4)))
def test_interrupted_at_every_moment(part: int, programme: rm.Programme, best: list[Any]) -> None:
    moments = len(news_of(programme))
    plans = 0
    for moment in range(part, moments, max(4, moments // 30 * 4)):
        told = 0

        def interrupt(news: dict[str, Any]) -> None:
            nonlocal told
            told += 1
            if told > moment:  # noqa: B023
                raise KeyboardInterrupt

        try:
            plan = rm.match(programme, on_progress=interrupt)
        except KeyboardInterrupt:
            continue  # there was no plan yet
        plans += 1
        holds(plan, best, "interrupt")
    assert plans > 5


@pytest.mark.parametrize("seconds", [0, 1e-4, 0.005, 0.02, 0.05, 0.1])
def test_out_of_time(seconds: float, programme: rm.Programme, best: list[Any]) -> None:
    holds(rm.match(programme, time_limit=seconds), best, "time")


@pytest.mark.parametrize("gap", [0.5, 0.1, 0.01, 0.001])
def test_within_the_gap(gap: float, programme: rm.Programme, best: list[Any]) -> None:
    plan = rm.match(programme, gap=gap)
    holds(plan, best, "gap")
    assert plan.gap is not None
    assert plan.gap <= gap
    assert [goal.value for goal in plan.goals[:2]] == best[:2]


def test_what_the_callback_raises_passes_through(programme: rm.Programme) -> None:
    """The caller's own exception, such as a task queue's time limit, with a note on where it came from."""

    class SoftTimeLimit(Exception):  # noqa: N818
        pass

    def raises(news: dict[str, Any]) -> None:
        raise SoftTimeLimit("enough")

    with pytest.raises(SoftTimeLimit, match="enough") as caught:
        rm.match(programme, on_progress=raises)
    assert "on_progress" in caught.value.__notes__[0]


def test_an_interrupt_during_the_check_does_not_lose_the_plan(
    programme: rm.Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: list[int] = []
    real = verifying.verify

    def interrupted_once(plan: rm.Plan, **options: Any) -> Any:
        checks.append(1)
        if len(checks) == 1:
            raise KeyboardInterrupt
        return real(plan, **options)

    monkeypatch.setattr(verifying, "verify", interrupted_once)
    plan = rm.match(programme)
    assert str(plan.status) == "OPTIMAL"
    assert len(checks) == 2


def test_an_interrupt_while_the_plan_is_put_together_does_not_lose_it(
    monkeypatch: pytest.MonkeyPatch, programme: rm.Programme
) -> None:
    module = sys.modules["revmatch.solve.match"]
    right, calls = module._certificate, []

    def interrupted_once(*given: Any) -> Any:
        calls.append(given)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return right(*given)

    monkeypatch.setattr(module, "_certificate", interrupted_once)
    assert rm.match(programme).status == rm.Status.OPTIMAL
    assert len(calls) == 2


def test_the_check_is_told_and_cannot_be_stopped(programme: rm.Programme) -> None:
    told: list[str] = []

    def stop_in_the_check(news: dict[str, Any]) -> bool:
        told.append(news["phase"])
        return news["phase"] != "check"

    plan = rm.match(programme, on_progress=stop_in_the_check)
    assert told[-1] == "check"
    assert (str(plan.status), plan.stopped_by) == ("OPTIMAL", None)


def test_tiles_are_counted_over_the_whole_look(programme: rm.Programme) -> None:
    told: list[tuple[int, int]] = []

    def note(news: dict[str, Any]) -> None:
        if news["phase"] == "look" and news["tiles"]:
            told.append((news["tiles_done"], news["tiles"]))

    rm.match(programme, on_progress=note)
    first = [done for done, of in told if of == told[0][1]]
    assert max(first) == told[0][1] > 1
    assert first[: first.index(max(first))] == sorted(first[: first.index(max(first))])


def test_an_open_goal_before_a_closed_one_bounds_nothing_that_follows() -> None:
    """A goal that is not proven leaves no face, and those after it keep their own places."""
    scores, goals = [[3, 2], [2, 0]], [rm.goals.TotalScore(), rm.goals.Pairs(), rm.goals.Coverage()]
    plan = rm.match(rm.Programme.from_scores(scores, policy=rm.Policy(goals=goals)), time_limit=0)
    assert [(goal.value, goal.bound) for goal in plan.goals] == [(4, 5), (2, 2), (4, 4)]
    assert rm.verify(plan).ok


@pytest.mark.parametrize("error", [Stopped("time"), KeyboardInterrupt()])
def test_a_stop_while_ties_are_looked_for_does_not_lose_the_plan(
    programme: rm.Programme, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: Any) -> None:
        raise error

    monkeypatch.setattr(ties, "free_pairs", stopped)
    monkeypatch.setattr(ties, "tied", lambda *_: False)
    plan = rm.match(programme)
    assert (str(plan.status), plan.ties) == ("OPTIMAL", None)


@pytest.mark.parametrize("part", daily(1, range(5)))
@pytest.mark.parametrize("shape", [(600, 60), (300, 290)])
def test_what_was_seen_before_a_stop_is_not_lost(
    shape: tuple[int, int], part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first tile on, each stop leaves a plan with pairs."""
    monkeypatch.setattr(field, "FIRST", (64, 128))
    crowd = rm.datasets.programme(*shape, policy=POLICY)
    news = news_of(crowd, workers=1)
    for moment in range(part, min(40, len(news)), 5):
        told = 0

        def stop(_: dict[str, Any]) -> bool:
            nonlocal told
            told += 1
            return told <= moment  # noqa: B023

        plan = rm.match(crowd, on_progress=stop, workers=1)
        assert len(plan.pairs) > min(shape) // 4
        assert rm.verify(plan).ok
