"""Who looks at pairs changes nothing: threads, processes and a cluster give the same plan, byte for byte.

What an executor loses is done here, and an executor that takes nothing is no reason to stop.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

import revmatch as rm
from revmatch.graph import field
from revmatch.graph.hands import Hands

POLICY = rm.Policy(
    rules=[rm.rules.DifferentDepartment(), rm.rules.OutsideReportingLine(), rm.rules.GradeGap()],
    score=5 * rm.score.SkillGap() + 2 * rm.score.Different("division"),
)


@pytest.fixture(scope="module")
def programme() -> rm.Programme:
    return rm.datasets.programme(500, 140, policy=POLICY)


@pytest.fixture(scope="module")
def alone(programme: rm.Programme) -> str:
    return rm.match(programme, workers=1).to_json()


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles of 20 rows, so that there is something to share out."""
    monkeypatch.setattr(field, "TILE", 10_000)


@contextmanager
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(3) as pool:
        yield pool


@contextmanager
def processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@contextmanager
def dask() -> Iterator[Executor]:
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, distributed.Client(cluster) as client:
        yield client.get_executor(pure=False)


@pytest.mark.parametrize("kind", [threads, processes, dask])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::UserWarning")
def test_every_executor_gives_the_same_plan(kind: Any, programme: rm.Programme, alone: str) -> None:
    with kind() as executor:
        plan = rm.match(programme, executor=executor)
        # it is the caller's: it was not shut down
        assert executor.submit(abs, -1).result(30) == 1
    assert plan.to_json() == alone
    assert not any("lost" in line for line in plan.route)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_the_number_of_threads_changes_nothing(workers: int, programme: rm.Programme, alone: str) -> None:
    assert rm.match(programme, workers=workers).to_json() == alone


def test_a_worker_that_is_killed_loses_nothing(programme: rm.Programme, alone: str) -> None:
    with processes() as pool:

        class Deadly(Executor):
            submitted = 0

            def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
                type(self).submitted += 1
                future = pool.submit(fn, *args, **kwargs)
                if self.submitted == 4:
                    for process in pool._processes:
                        os.kill(process, signal.SIGKILL)
                return future

        plan = rm.match(programme, executor=Deadly())
    assert plan.to_json() == alone
    assert any("lost" in line for line in plan.route)


def test_an_executor_that_is_shut_down_already(programme: rm.Programme, alone: str) -> None:
    pool = ThreadPoolExecutor(2)
    pool.shutdown()
    plan = rm.match(programme, executor=pool)
    assert plan.to_json() == alone
    assert any("lost" in line for line in plan.route)


class Strange(Executor):
    """Gives back futures that were cancelled, that fail, or that never begin."""

    def __init__(self, how: str) -> None:
        self.how = how

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self.how == "cancelled":
            future.cancel()
            future.set_running_or_notify_cancel()
        elif self.how == "fails":
            future.set_exception(ConnectionError("no route to the cluster"))
        elif self.how == "times out":
            future.set_exception(TimeoutError())
        return future


@pytest.mark.parametrize("how", ["cancelled", "fails", "times out"])
def test_a_strange_executor(how: str, programme: rm.Programme, alone: str) -> None:
    assert rm.match(programme, executor=Strange(how)).to_json() == alone


def test_an_executor_that_never_answers_is_ended_by_the_time_limit(programme: rm.Programme) -> None:
    plan = rm.match(programme, executor=Strange("never begins"), time_limit=0.5)
    assert plan.status is rm.Status.FEASIBLE
    assert plan.stopped_by == "time"
    assert rm.verify(plan).ok


def test_no_executor_is_an_error_with_a_name() -> None:
    with pytest.raises(rm.errors.ConfigError, match="executor"):
        rm.match(rm.Programme.from_scores([[1]]), executor="threads")  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt()])
def test_what_ends_a_worker_does_not_end_the_caller(error: BaseException) -> None:
    class Ending(Executor):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_exception(error)
            return future

    hands = Hands(executor=Ending())
    assert list(hands.map(abs, [(-1,), (2,)], lambda: None)) == [1, 2]
    assert hands.lost == 2


def test_a_class_is_no_executor() -> None:
    with pytest.raises(rm.errors.ConfigError, match="RM182"):
        rm.match(rm.datasets.demo(), executor=ThreadPoolExecutor)  # type: ignore[arg-type]
    with pytest.raises(rm.errors.ConfigError, match="RM182"):
        rm.match(rm.datasets.demo(), on_progress=3)  # type: ignore[arg-type]
