"""The independent checker: whether a plan holds what it claims.

The story, from top to bottom: read the people's cells; derive every held pair, degree, limit and value again; add up
the certificate over all pairs; hold the fast readings against the plain witnesses; compare with what the plan claims.
No code is shared with the rooms that made the plan.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from revmatch.certify.ceilings import check_bound
from revmatch.certify.claims import FOUND, Held, all_have_witnesses, check_face_value, check_limits, held_pairs
from revmatch.certify.plain import Plain
from revmatch.certify.sides import Ints
from revmatch.certify.verification import Findings, Verification
from revmatch.certify.world import World
from revmatch.errors import ConfigError, Problem
from revmatch.plan import Plan, Status

PROOFS = ("prices", "cases", "engine")
STOPPED_BY = ("time", "gap", "interrupt", "callback", "engine_lost")


def verify(plan: Plan, *, pairs: Literal["all", "candidates"] = "all") -> Verification:
    """Check a plan without any solver.

    Every held pair, degree, limit and value is derived again from the people's own cells, and the certificate is added
    up: for each goal, on the face of the goals before it, over all pairs of mentors and mentees.

    Parameters
    ----------
    plan : Plan
        From `match`, or read from a file.
    pairs : {"all", "candidates"}
        ``"candidates"`` takes the certificate's sum over the held pairs and looks at 10**6 further pairs drawn at
        random: quick for very large programmes, but no proof of its own.

    Returns
    -------
    Verification
        ``ok``, ``problems``, ``bound``, ``proven``, ``raise_if_wrong()``.

    Raises
    ------
    ConfigError
        RM180 for another value of `pairs`.

    Notes
    -----
    The sum is weak duality of linear programming, with whole numbers: whatever the prices, it is a ceiling.

    Examples
    --------
    >>> import revmatch as rm
    >>> plan = rm.match(rm.Programme.from_scores([[3, 1], [2, 5]]))
    >>> rm.verify(plan).proven
    True
    """
    return _verify(plan, pairs, None)


def verify_found(plan: Plan, mentor_rows: Ints, mentee_rows: Ints) -> Verification:
    """Check a plan over the candidates that it was found with: as ``pairs="candidates"``, and over these pairs too.

    Parameters
    ----------
    plan : Plan
    mentor_rows, mentee_rows : ndarray of whole numbers
        Positions of the candidates in ``programme.mentors`` and ``programme.mentees``, in any order; one that is given
        twice counts once.

    Returns
    -------
    Verification

    Raises
    ------
    ConfigError
        RM182 for a plan or for candidates of another kind.
    """
    return _verify(plan, "candidates", (mentor_rows, mentee_rows))


def _verify(plan: Plan, pairs: Literal["all", "candidates"], candidates: tuple[Ints, Ints] | None) -> Verification:
    if not isinstance(plan, Plan):
        raise ConfigError(Problem("RM182", "verify(plan=)", "expected a Plan", "Plan.from_json reads a file's text"))
    if not (isinstance(pairs, str) and pairs in ("all", "candidates")):
        raise ConfigError(Problem("RM180", "pairs", 'expected "all" or "candidates"'))
    findings = Findings()
    world = World(plan.programme)
    if candidates is not None:
        candidates = _as_positions(candidates, world.shape)
    bound, closed = None, False
    if all_have_witnesses(world, findings) and _readable(plan, world, findings):
        plain = Plain(world)
        held = held_pairs(plan, world, plain, findings)
        if held is not None and world.policy.limits:
            check_limits(plan, held, world, plain, findings, everything=pairs == "all", candidates=candidates)
        if held is not None or plan.status not in FOUND:
            bound, closed = check_bound(
                plan, world, plain, held, findings, everything=pairs == "all", candidates=candidates
            )
            _check_status(plan, held, findings)
            if not findings.found:
                check_face_value(plan, world, held, findings)
    proven = closed and pairs == "all" and plan.proof in ("prices", "cases") and not findings.found
    return Verification(tuple(findings.found), bound, proven, pairs, findings.more)


def _as_positions(candidates: tuple[Ints, Ints], shape: tuple[int, int]) -> tuple[Ints, Ints]:
    """Candidates as positions of mentors and mentees whom there are."""
    arrays = all(isinstance(some, np.ndarray) and some.ndim == 1 and some.dtype.kind in "iu" for some in candidates)
    if not arrays or len(candidates[0]) != len(candidates[1]):
        problem = "expected two arrays of whole numbers of one length"
    elif any(
        len(some) and not 0 <= some.min() <= some.max() < count for some, count in zip(candidates, shape, strict=True)
    ):
        problem = "there is no such person: expected positions in programme.mentors and programme.mentees"
    else:
        return candidates[0].astype(np.int64), candidates[1].astype(np.int64)
    raise ConfigError(Problem("RM182", "verify_found(mentor_rows=, mentee_rows=)", problem, "one position a pair"))


def _readable(plan: Plan, world: World, findings: Findings) -> bool:
    """Whether the plan's plain fields can be read at all."""
    before = len(findings.found)
    if not isinstance(plan.status, Status):
        findings.add("status", f"there is no status {plan.status!r:.40}")
    if plan.proof is not None and not (isinstance(plan.proof, str) and plan.proof in PROOFS):
        findings.add("proof", f"there is no proof {plan.proof!r:.40}")
    if plan.stopped_by is not None and not (isinstance(plan.stopped_by, str) and plan.stopped_by in STOPPED_BY):
        findings.add("stopped_by", f"there is no reason {plan.stopped_by!r:.40}")
    if isinstance(plan.seed, bool) or not isinstance(plan.seed, int):
        findings.add("seed", f"expected a whole number, not {plan.seed!r:.40}")
    allowed = plan.gap_allowed
    if isinstance(allowed, bool) or not isinstance(allowed, int | float) or not 0 <= allowed <= 1:
        findings.add("options.gap", f"expected a number from 0 to 1, not {allowed!r:.40}")
    goals = len(world.policy.goals)
    if not isinstance(plan.bounds, tuple) or len(plan.bounds) != goals:
        findings.add("bounds", f"expected {goals} bounds, one a goal")
    else:
        for k, bound in enumerate(plan.bounds):
            if bound is not None and (isinstance(bound, bool) or not isinstance(bound, int)):
                findings.add(f"goals[{k}].bound", f"expected a whole number of units or None, not {bound!r:.40}")
    return len(findings.found) == before


def _check_status(plan: Plan, held: Held | None, findings: Findings) -> None:
    """Whether the status follows from values, bounds and proof."""
    if plan.status in (Status.OPTIMAL, Status.INFEASIBLE):
        if plan.proof is None:
            findings.add("proof", f"{plan.status} needs a proof, and none is claimed")
        if plan.stopped_by is not None:
            findings.add("stopped_by", f"{plan.status} is the end of the search, and yet it was stopped")
    elif plan.proof is not None:
        findings.add("proof", f"{plan.status} is no proof, and yet one is claimed: {plan.proof!r}")
    if plan.status == Status.INFEASIBLE:
        for k, bound in enumerate(plan.bounds):
            if bound is not None:
                findings.add(f"goals[{k}].bound", "no plan exists, and yet a bound is claimed")
    if held is None:
        return
    open_goals = []
    for k, (value, claimed, bound) in enumerate(zip(held.values, held.claimed, plan.bounds, strict=True)):
        if bound is not None and bound < min(value, claimed):
            findings.add(f"goals[{k}].bound", f"the bound, {bound}, is below the value, {value}")
        if bound not in (value, claimed):
            open_goals.append(f"goals[{k}] has value {value} and bound {bound}")
    if plan.status == Status.OPTIMAL and open_goals:
        findings.add("status", f"OPTIMAL, though {open_goals[0]}")
    if plan.status == Status.FEASIBLE and not open_goals:
        findings.add("status", "FEASIBLE, though every goal's value is its bound, which is OPTIMAL")
