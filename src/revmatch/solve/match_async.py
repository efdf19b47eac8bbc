"""Match beside an event loop: the same as `revmatch.match`, in a thread, while the loop goes on.

The looking at pairs is NumPy's work, which lets other threads run; solvers that would not are asked in the child
process from a smaller size on than elsewhere.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from contextvars import copy_context
from typing import Any, Literal

from revmatch.plan import Plan
from revmatch.programme import Programme
from revmatch.solve.aside import beside_a_loop
from revmatch.solve.match import match

#: Seconds that a search is given to end when its task is cancelled; a check of very many pairs takes longer, and then
#: ends by itself.
PATIENCE = 2.0

Watch = Callable[[dict[str, Any]], bool | None]


async def match_async(
    programme: Programme,
    *,
    time_limit: float | None = None,
    gap: float = 0.0,
    seed: int = 0,
    workers: int | None = None,
    executor: Executor | None = None,
    on_progress: Watch | None = None,
    verify: Literal["auto", "all"] = "auto",
) -> Plan:
    """Find the best plan of a programme, and prove it, without holding up the event loop.

    Parameters
    ----------
    programme : Programme
    time_limit, gap, seed, workers, executor, verify
        As in `match`.
    on_progress : callable, optional
        As in `match`; called in the thread that does the work, not in that of the loop.

    Returns
    -------
    Plan
        The same as that of `match`.

    Raises
    ------
    asyncio.CancelledError
        If the task is cancelled, such as by `asyncio.timeout`. The search is ended first; its plan is lost. For the
        best plan so far, give a `time_limit`, or let `on_progress` return False.
    RevmatchError
        As `match`.

    Examples
    --------
    >>> import asyncio
    >>> import revmatch as rm
    >>> plan = asyncio.run(rm.match_async(rm.Programme.from_scores([[3, 1], [2, 5]])))
    >>> plan.status, plan.objective
    (<Status.OPTIMAL: 'OPTIMAL'>, 8)
    """
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    cancelled = threading.Event()
    result: list[Plan] = []
    failure: list[BaseException] = []

    def work() -> None:
        beside_a_loop.set(True)
        try:
            result.append(
                match(
                    programme,
                    time_limit=time_limit,
                    gap=gap,
                    seed=seed,
                    workers=workers,
                    executor=executor,
                    on_progress=_watch(on_progress, cancelled),
                    verify=verify,
                )
            )
        except BaseException as error:
            failure.append(error)
        with suppress(RuntimeError):  # the loop was closed in the meantime
            loop.call_soon_threadsafe(over.set)

    # a thread of its own, since those of the loop may all be taken; a daemon, so that an exit need not wait for it
    thread = threading.Thread(target=copy_context().run, args=(work,), name="revmatch", daemon=True)
    thread.start()
    try:
        await over.wait()
    except BaseException:
        cancelled.set()
        loop.call_later(PATIENCE, over.set)
        await _end_of(over)
        raise
    thread.join()
    if failure:
        raise failure[0]
    return result[0]


class _Cancelled(Exception):  # noqa: N818 (no error: nobody waits for the plan any more)
    """Ends the search at once, without a plan."""


def _watch(on_progress: Watch | None, cancelled: threading.Event) -> Any:
    """The caller's function, which also ends the search when the task was cancelled."""
    if on_progress is not None and not callable(on_progress):
        return on_progress  # match says what is wrong with it

    def watch(news: dict[str, Any]) -> bool | None:
        if cancelled.is_set():
            raise _Cancelled
        return None if on_progress is None else on_progress(news)

    return watch


async def _end_of(over: asyncio.Event) -> None:
    """Wait for the thread, however often the task is cancelled meanwhile: it ends at its next look at the clock."""
    while not over.is_set():
        with suppress(asyncio.CancelledError):
            await over.wait()
