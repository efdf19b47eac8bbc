"""Match: from a programme to a proven plan, on one page."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from typing import Any, Literal, TypeVar

import numpy as np

from revmatch.certificate import Case, Certificate, GoalCertificate, RowPrice
from revmatch.certify.verification import Verification
from revmatch.errors import ConfigError, Problem
from revmatch.given import is_one_of
from revmatch.graph.hands import Hands
from revmatch.graph.numbering import number
from revmatch.model import Prices
from revmatch.model.slots import NONE
from revmatch.plan import Plan, Status
from revmatch.policy.rows import in_order_of_ids
from revmatch.policy.sides import Ints, Side
from revmatch.programme import Programme
from revmatch.solve.begin import begin
from revmatch.solve.decisions import MENTOR, MENTOR_ROW, PAIR, Decision
from revmatch.solve.search import Options, Search, Stage, Stopped
from revmatch.solve.stages import pursue
from revmatch.solve.ties import ties

#: Up to so many pairs, `match` checks the certificate's sum over all of them before it returns.
CHECK_ALL = 10**7
#: Seconds; about thirty years.
LONGEST = 1e9

Done = TypeVar("Done")


def match(
    programme: Programme,
    *,
    time_limit: float | None = None,
    gap: float = 0.0,
    seed: int = 0,
    workers: int | None = None,
    executor: Executor | None = None,
    on_progress: Callable[[dict[str, Any]], bool | None] | None = None,
    verify: Literal["auto", "all"] = "auto",
) -> Plan:
    """Find the best plan of a programme, and prove it.

    Parameters
    ----------
    programme : Programme
    time_limit : float, optional
        Seconds after which the best plan so far is returned, with proven bounds. A solver that goes on is ended; the
        plan is checked before it is returned, and an interrupt comes too late for that check.
    gap : float
        Each goal is done at this relative gap.
    seed : int
        Of the lot that decides ties, and of nothing else.
    workers : int, optional
        Threads for looking at pairs; all cores that the process may use by default. Does not change the plan.
    executor : concurrent.futures.Executor, optional
        Looks at pairs instead of threads: of this machine or of a cluster. It is not shut down, and what it loses is
        done here. Does not change the plan.
    on_progress : callable, optional
        Called now and then with a dict: ``phase`` ("look", "solve" or "check"), ``goal``, ``seconds``, ``value`` of
        the best plan so far and ``bound`` in the goal that is pursued (None while unknown), ``gap`` between them,
        ``tiles_done`` of ``tiles`` of the present look. Returning False stops the search; what it raises passes
        through.
    verify : {"auto", "all"}
        Check the certificate's sum over all pairs always, or only where there are at most 10,000,000.

    Returns
    -------
    Plan

    Raises
    ------
    ConfigError
        RM180, RM181: an option out of range.
    LimitError
        RM190: more pairs than fit.
    ScaleError
        RM110: scores that cannot be added exactly.
    EngineError, VerificationError
        RM901, RM900: a solver failed, or gave an answer that does not hold.

    Notes
    -----
    Each goal is a min-cost flow on some of everybody's best pairs, or a CP-SAT model where it is no flow; the prices
    of the flow prove that no plan is better (linear programming duality for b-matchings: J. Edmonds and E. Johnson,
    1970) once a look at all pairs finds none that beats its prices. The independent checker `revmatch.verify` has the
    last word before the plan is returned.

    Examples
    --------
    >>> import revmatch as rm
    >>> plan = rm.match(rm.Programme.from_scores([[3, 1], [2, 5]]))
    >>> plan.status, plan.objective, plan.bound
    (<Status.OPTIMAL: 'OPTIMAL'>, 8, 8)
    """
    return solve(
        programme,
        time_limit=time_limit,
        gap=gap,
        seed=seed,
        workers=workers,
        executor=executor,
        on_progress=on_progress,
        verify=verify,
    )


def solve(
    programme: Programme,
    *,
    time_limit: float | None = None,
    gap: float = 0.0,
    seed: int = 0,
    workers: int | None = None,
    executor: Executor | None = None,
    on_progress: Callable[[dict[str, Any]], bool | None] | None = None,
    verify: Literal["auto", "all"] = "auto",
    engine: str | None = None,
) -> Plan:
    """Match with one engine alone, if asked: the conformance suite compares them."""
    from revmatch.certify.verify import verify as verify_all
    from revmatch.certify.verify import verify_found

    started = time.monotonic()
    _check_options(programme, time_limit, gap, seed, workers, executor, on_progress, verify)
    seed = int(seed)  # of NumPy's whole numbers too: a plan holds Python's
    options = Options(
        started=started,
        deadline=None if time_limit is None else started + time_limit,
        gap=gap,
        engine=engine,
        watch=on_progress,
    )
    search = begin(number(programme, seed), options, Hands(workers or _cores(), executor))
    pursue(search)
    whole = verify == "all" or len(programme.mentors) * len(programme.mentees) <= CHECK_ALL
    scope: Literal["all", "candidates"] = "all" if whole else "candidates"
    made = _anew(lambda: _plan(search, scope, seed=seed, gap=gap))
    _check(search, lambda: verify_all(made) if whole else verify_found(made, *_candidates(search)))
    return replace(made, seconds=time.monotonic() - started)


def _check(search: Search, check: Callable[[], Verification]) -> None:
    """Let the checker have the last word."""
    with suppress(Stopped, KeyboardInterrupt):  # the search is over: there is nothing to stop
        search.enter("check")
    _anew(check).raise_if_wrong()


def _anew(work: Callable[[], Done]) -> Done:
    """Do what is left once there is a plan. An interrupt begins it anew, once: then nothing is lost."""
    try:
        return work()
    except KeyboardInterrupt:
        return work()


def _plan(search: Search, checked: Literal["all", "candidates"], *, seed: int, gap: float) -> Plan:
    numbered, some = search.numbered, search.candidates
    programme = numbered.programme
    status = _status(search)
    chosen = None if search.infeasible else search.chosen()
    held = np.zeros(0, dtype=np.int64) if chosen is None else np.flatnonzero(chosen[: len(some)])
    rows, cols = numbered.mentor_rows[some.mentor[held]], numbered.mentee_rows[some.mentee[held]]
    rank = [_ranks(programme, side) for side in ("mentor", "mentee")]
    order = np.lexsort((rank[1][cols], rank[0][rows]))
    bounds = [] if search.infeasible else [stage.bound for stage in search.stages]
    bounds += [None] * (len(programme.policy.goals) - len(bounds))
    return Plan(
        programme=programme,
        status=status,
        stopped_by=search.stopped_by,
        proof=search.proof if status in (Status.OPTIMAL, Status.INFEASIBLE) else None,
        mentor_rows=rows[order],
        mentee_rows=cols[order],
        scores=some.score[held][order],
        slots=_slots(search, held, order),
        bounds=tuple(bounds),
        certificate=_certificate(search, checked),
        ties=ties(search),
        route=tuple(search.route),
        seed=seed,
        gap_allowed=gap,
    )


def _slots(search: Search, held: Ints, order: Ints) -> Ints | None:
    """When the first sessions of the plan's pairs begin; those that are easy are given a slot now."""
    meetings, some = search.families.meetings, search.candidates
    if meetings is None or search.held is None:
        return None
    known = search.slot()
    i, j = some.mentor[held].astype(np.int64), some.mentee[held].astype(np.int64)
    given = meetings.given(i, j, np.full(len(held), NONE) if known is None else known[held])
    assert given is not None
    return meetings.first_sessions(j, given)[order]


def _candidates(search: Search) -> tuple[Ints, Ints]:
    """Positions in the programme of the candidates' people."""
    numbered, some = search.numbered, search.candidates
    return numbered.mentor_rows[some.mentor], numbered.mentee_rows[some.mentee]


def _status(search: Search) -> Status:
    if search.infeasible:
        return Status.INFEASIBLE
    if search.held is None:
        return Status.NOT_FOUND
    best = all(stage.value == stage.bound for stage in search.stages)
    return Status.OPTIMAL if best and not search.stopped_by else Status.FEASIBLE


def _certificate(search: Search, checked: Literal["all", "candidates"]) -> Certificate:
    names = ["Feasible"] if search.infeasible else [str(goal) for goal in search.goals]
    records = []
    for name, stage in zip(names, search.stages, strict=False):
        prices = stage.prices
        records.append(
            GoalCertificate(
                name,
                *_by_id(search, prices),
                _rows(search, prices),
                prices.unit,
                stage.ceiling,
                _cases(search, stage),
                _margin(stage) if stage.cases else 0,
            )
        )
    return Certificate(tuple(records), checked)


def _by_id(search: Search, prices: Prices) -> tuple[Ints, Ints]:
    """Prices of mentors and mentees in the order of ids."""
    numbered, n = search.numbered, len(search.numbered.mentor_rows)
    sides = (numbered.programme.mentors, numbered.mentor_rows), (numbered.programme.mentees, numbered.mentee_rows)
    found = []
    for (people, rows), own in zip(sides, (prices.person[:n], prices.person[n:]), strict=True):
        by_row = np.zeros(len(rows), dtype=np.int64)
        by_row[rows] = own
        found.append(by_row[people.id_order()])
    return found[0], found[1]


def _rows(search: Search, prices: Prices) -> tuple[RowPrice, ...]:
    names = search.families.names(prices.family, prices.key)
    return tuple(RowPrice(name, price) for name, price in zip(names, prices.price.tolist(), strict=True))


def _margin(stage: Stage) -> int:
    """How far below its prices a pair of a plan can be that is better than the stage's ceiling."""
    assert stage.ceiling is not None
    return max(0, stage.total if stage.compares else stage.total - stage.prices.unit * (stage.ceiling + 1))


def _cases(search: Search, stage: Stage) -> tuple[Case, ...]:
    if not stage.cases:
        return ()
    sides = search.numbered.sides
    rank = [in_order_of_ids(people.id_order()).tolist() for people in (sides.mentors, sides.mentees)]

    def by_id(decision: Decision) -> tuple[int, int, int | str, int]:
        kind, who, what, way, family = decision
        one = rank[0 if kind in (PAIR, MENTOR, MENTOR_ROW) else 1][who]
        if family >= 0:
            return kind, one, search.families.name(family, what), way
        return kind, one, rank[1][what] if kind == PAIR else what, way

    return tuple(
        Case(
            tuple(map(by_id, case.decisions)),
            *_by_id(search, case.prices),
            _rows(search, case.prices),
            case.prices.unit,
            case.ceiling,
        )
        for case in stage.cases
    )


def _ranks(programme: Programme, side: Side) -> Ints:
    order = programme.of(side).id_order()
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check_options(
    programme: object,
    time_limit: object,
    gap: object,
    seed: object,
    workers: object,
    executor: object,
    on_progress: object,
    verify: object,
) -> None:
    checks = (
        ("RM182", "programme", "a Programme", isinstance(programme, Programme), "Programme(mentors, mentees, policy)"),
        ("RM180", "time_limit", "seconds, 0 or more", _is_time(time_limit), "such as 60; None sets no limit"),
        ("RM180", "gap", "a number from 0 to 1", _is_number(gap, 1), "such as 0.01; 0 asks for the proof"),
        ("RM180", "seed", "a whole number of at most 60 digits", _is_whole(seed, -(10**60), 10**60), "such as 0"),
        ("RM181", "workers", "a whole number from 1 to 1,024", _is_workers(workers), "None takes all cores"),
        ("RM182", "executor", "a concurrent.futures.Executor", _is_executor(executor), "None takes own threads"),
        ("RM182", "on_progress", "a function", on_progress is None or callable(on_progress), "None tells nobody"),
        ("RM182", "verify", '"auto" or "all"', is_one_of(verify, "auto", "all"), '"auto" checks all if that is quick'),
    )
    problems = [
        Problem(code, f"match({name}=)", f"expected {what}", hint)
        for code, name, what, fine, hint in checks
        if not fine
    ]
    if problems:
        raise ConfigError(*problems)


def _is_time(value: Any) -> bool:
    return value is None or _is_number(value, LONGEST)


def _is_executor(value: Any) -> bool:
    return value is None or (callable(getattr(value, "submit", None)) and not isinstance(value, type))


def _is_workers(value: Any) -> bool:
    return value is None or _is_whole(value, 1, 1024)


def _is_number(value: Any, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(least <= value <= most)
