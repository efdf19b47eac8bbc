"""Who does the looking: this thread, threads of our own, or any executor of the caller.

Tasks are a function and arrays, answers come back in the order of the tasks, so who did which changes nothing. A task
that an executor loses, or can no longer take, is done here: nothing is lost and nothing waits for ever.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, TypeVar

Answer = TypeVar("Answer")

#: Tasks that are under way at once for each worker, so that none waits for the next.
AHEAD = 3
#: Workers that an executor of the caller is taken to have.
SOMEWHERE = 8
#: Seconds between looks at the clock while an executor works.
PATIENCE = 0.1


class Hands:
    """Does tasks, in order of asking.

    Parameters
    ----------
    workers : int
        Threads of our own.
    executor : Executor, optional
        The caller's; it is never shut down.
    """

    def __init__(self, workers: int = 1, executor: Executor | None = None) -> None:
        self.workers, self.executor = workers, executor
        #: Tasks that the executor did not bring back.
        self.lost = 0

    def map(
        self, function: Callable[..., Answer], tasks: Iterable[tuple[Any, ...]], wait: Callable[[], None]
    ) -> Iterator[Answer]:
        """Answers of ``function(*task)``, in the order of the tasks.

        Parameters
        ----------
        function : callable
            At the top level of a module, so that other processes find it.
        tasks : iterable of tuple
            Arguments, by position.
        wait : callable
            Called again and again meanwhile; what it raises ends the work.
        """
        if self.executor is not None:
            yield from self._under_way(self.executor, AHEAD * SOMEWHERE, function, tasks, wait)
        elif self.workers > 1:
            with ThreadPoolExecutor(self.workers) as threads:
                yield from self._under_way(threads, AHEAD * self.workers, function, tasks, wait)
        else:
            for task in tasks:
                wait()
                yield function(*task)

    def _under_way(
        self,
        executor: Executor,
        ahead: int,
        function: Callable[..., Answer],
        tasks: Iterable[tuple[Any, ...]],
        wait: Callable[[], None],
    ) -> Iterator[Answer]:
        under_way: deque[tuple[Future[Answer] | None, tuple[Any, ...]]] = deque()
        try:
            for task in tasks:
                under_way.append((self._submitted(executor, function, task), task))
                if len(under_way) >= ahead:
                    yield self._brought(*under_way.popleft(), function, wait)
            while under_way:
                yield self._brought(*under_way.popleft(), function, wait)
        finally:
            for future, _ in under_way:
                if future is not None:
                    future.cancel()

    def _submitted(
        self, executor: Executor, function: Callable[..., Answer], task: tuple[Any, ...]
    ) -> Future[Answer] | None:
        try:
            return executor.submit(function, *task)
        except Exception:  # broken, or shut down: whatever an executor raises here, the work is done all the same
            return None

    def _brought(
        self,
        future: Future[Answer] | None,
        task: tuple[Any, ...],
        function: Callable[..., Answer],
        wait: Callable[[], None],
    ) -> Answer:
        wait()
        while future is not None:
            try:
                return future.result(timeout=PATIENCE)
            except TimeoutError:
                if future.done():  # the task's own error, or the executor's
                    break
                wait()
            except BaseException as error:  # a worker that died, a future that was cancelled, or the task's own error
                if isinstance(error, KeyboardInterrupt | SystemExit) and not _is_own(future, error):
                    raise
                break
        self.lost += 1
        return function(*task)


def _is_own(future: Future[Any], error: BaseException) -> bool:
    """Whether an error is what a task ended with, and none of this thread."""
    return future.done() and not future.cancelled() and future.exception() is error
