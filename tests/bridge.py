"""A plain case, said to revmatch: the only place where tests turn one into the other."""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np

import revmatch as rm
from oracle import SIDES, Case


def policy_of(case: Case) -> Any:
    """The policy of a case as `rm.Policy`."""
    terms = [weight * getattr(rm.score, name)(**params) for weight, name, params in case.score if not case.from_scores]
    return rm.Policy(
        rules=[getattr(rm.rules, name)(**params) for name, params in case.rules],
        score=functools.reduce(operator.add, terms) if terms else None,
        limits=[getattr(rm.limits, name)(**params) for name, params in case.limits],
        goals=[getattr(rm.goals, name)(**params) for name, params in case.goals],
        order=dict(case.order),
    )


def programme_of(case: Case, sparse: bool = False) -> Any:
    """A case as `rm.Programme`."""
    pins = [
        {"mentor": mentor, "mentee": mentee} | ({"despite": despite, "reason": "agreed"} if despite else {})
        for mentor, mentee, despite in case.pins
    ]
    if case.from_scores:
        programme = from_scores(case, sparse)
        decided = {"pins": pins, "bans": case.bans, "previous": case.previous}
        return programme.replace(**decided) if any(decided.values()) else programme
    mentors, mentees = case.mentors, case.mentees
    everybody = rm.People.from_records(list(mentors or mentees))
    return rm.Programme(
        rm.People.from_records(list(mentors)) if mentors else everybody[0:0],
        rm.People.from_records(list(mentees)) if mentees else everybody[0:0],
        policy_of(case),
        organisation=None if case.organisation is None else rm.People.from_records(list(case.organisation)),
        pins=pins,
        bans=case.bans,
        history=case.history,
        previous=case.previous,
        dual_role=case.dual_role,
        unknown_manager=case.unknown_manager,
    )


def from_scores(case: Case, sparse: bool) -> Any:
    """The table of a case given to `Programme.from_scores`, dense with a mask or as a SciPy matrix."""
    n, m = len(case.mentors), len(case.mentees)
    entries = [
        (i, j, v) for i, row in enumerate(case.score[0][2]["scores"]) for j, v in enumerate(row) if v is not None
    ]
    rows, cols, values = (list(part) for part in zip(*entries, strict=True)) if entries else ([], [], [])
    forbidden, scores = np.ones((n, m), dtype=bool), np.zeros((n, m), dtype=np.array(values or [0]).dtype)
    forbidden[rows, cols], scores[rows, cols] = False, values
    if sparse:
        from scipy.sparse import coo_array

        table = {"scores": coo_array((scores[rows, cols], (rows, cols)), shape=(n, m))}
    else:
        table = {"scores": scores, "forbidden": forbidden if forbidden.any() else None}
    people = {"mentor": case.mentors, "mentee": case.mentees}
    bounds = {
        f"{side}_{b}": np.array([r[b] for r in people[side]], dtype=np.int64)
        for side in SIDES
        for b in ("capacity", "min_load")
    }
    return rm.Programme.from_scores(**table, policy=policy_of(case), **bounds)
