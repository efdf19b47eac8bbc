"""A match beside an event loop: the same plan, while the loop goes on; and cancelled, nothing of it is left."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Awaitable
from itertools import pairwise
from typing import Any

import pytest

import revmatch as rm
from children import children, endless, grace, small, soon
from grids import daily
from revmatch.engines import worker
from revmatch.solve import exact

#: A loop that stands still for longer than this would drop what it serves; a busy machine takes 0.05 s now and then.
STILL = 0.25


@pytest.fixture
def straight_to_cp_sat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "MOST_CASES", 0)


async def ticking(work: Awaitable[Any]) -> tuple[Any, float, int]:
    """What something awaits to, the longest time that the loop stood still meanwhile, and how often it went round."""
    ticks = [time.monotonic()]

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.005)
            ticks.append(time.monotonic())

    task = asyncio.create_task(tick())
    try:
        found = await work
    finally:
        task.cancel()
    ticks.append(time.monotonic())
    return found, max(after - before for before, after in pairwise(ticks)), len(ticks)


@pytest.mark.parametrize("programme", [small(0), rm.datasets.programme(60, 40), rm.Programme.from_scores([[1]])])
def test_the_same_plan(programme: rm.Programme) -> None:
    threads = threading.enumerate()
    plan = asyncio.run(rm.match_async(programme, seed=3))
    assert plan.to_json() == rm.match(programme, seed=3).to_json()
    assert threading.enumerate() == threads


def test_the_loop_goes_on_while_an_engine_works(straight_to_cp_sat: None) -> None:
    plan, still, ticks = asyncio.run(ticking(rm.match_async(endless(), time_limit=2)))
    assert (plan.status, plan.stopped_by) == (rm.Status.FEASIBLE, "time")
    assert still < STILL
    assert ticks > 100


def test_the_loop_goes_on_beside_a_flow_that_is_quick_elsewhere() -> None:
    # in this process its solver would hold Python's lock for a while
    programme = rm.datasets.programme(1_000, 600)
    rm.match(rm.datasets.programme(60, 40))  # whatever loads only once
    plan, still, _ = asyncio.run(ticking(rm.match_async(programme)))
    assert plan.status is rm.Status.OPTIMAL
    assert still < STILL


def test_several_at_once() -> None:
    async def all_of_them() -> list[rm.Plan]:
        return await asyncio.gather(*(rm.match_async(small(seed)) for seed in range(4)))

    assert [plan.to_json() for plan in asyncio.run(all_of_them())] == [rm.match(small(k)).to_json() for k in range(4)]
    if sys.platform == "linux":
        assert soon(lambda: len(children()) <= 1)


def test_the_caller_is_told_and_may_stop() -> None:
    news: list[dict[str, Any]] = []

    def enough(one: dict[str, Any]) -> bool:
        news.append(one)
        return one["seconds"] < 1

    plan = asyncio.run(rm.match_async(endless(), on_progress=enough))
    assert plan.stopped_by == "callback"
    assert len(news) > 3


def test_a_bad_option_is_the_same_error() -> None:
    for options in ({"gap": 2}, {"on_progress": 7}, {"time_limit": "soon"}):
        with pytest.raises(rm.errors.ConfigError):
            asyncio.run(rm.match_async(small(0), **options))  # type: ignore[arg-type]


def test_what_the_caller_raises_passes_through() -> None:
    def fail(news: dict[str, Any]) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(rm.match_async(small(0), on_progress=fail))


@pytest.mark.parametrize("after", daily(2, [0.0, 0.1, 0.8]))
def test_a_cancelled_match_ends(after: float, straight_to_cp_sat: None) -> None:
    async def cancelled() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(after):
                await rm.match_async(endless())
        return time.monotonic()

    threads, began = threading.enumerate(), time.monotonic()
    asyncio.run(cancelled())
    assert time.monotonic() - began < after + grace(1.5)
    assert soon(lambda: threading.enumerate() == threads)
    if sys.platform == "linux":
        assert soon(lambda: list(children().values()) in ([], ["S"]))
    assert rm.match(small(0)).status is rm.Status.OPTIMAL


def test_a_match_beside_a_loop_has_its_flows_done_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    quick = worker.quick

    def noted(*given: Any, beside_a_loop: bool = False) -> bool:
        asked.append(beside_a_loop)
        return quick(*given, beside_a_loop=beside_a_loop)

    monkeypatch.setattr(worker, "quick", noted)
    asyncio.run(rm.match_async(small(0)))
    assert set(asked) == {True}
    asked.clear()
    rm.match(small(0))
    assert set(asked) == {False}
