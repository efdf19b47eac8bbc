"""Whether the lot decided: another plan exists that is as good in every goal.

On the last face every plan is best. Another one exists exactly if the pairs of this one can be exchanged in a circle:
a directed cycle of the residual network that goes over a pair. People who could as well have one partner more as one
fewer are as good as the outside itself, and are merged with it; then any cycle is one of pairs.
"""

from __future__ import annotations

import numpy as np

from revmatch.model import Model
from revmatch.policy.sides import Bools, Ints
from revmatch.solve.look import free_pairs
from revmatch.solve.search import Search, Stopped

#: Undecided pairs that are fetched for each row and strip, to say whether the lot decided.
FETCHED = 64


def ties(search: Search) -> bool | None:
    """Whether the lot decided; None where that is not known."""
    goals = len(search.names)
    if search.infeasible or len(search.stages) < goals or not all(stage.closed for stage in search.stages):
        return None
    face, chosen = search.model(search.stages), search.chosen()
    assert chosen is not None
    if len(face.rows) or face.has_holes or len(face.likes) or face.slots is not None:
        return None
    if tied(face, chosen[: face.columns.pairs]):
        return True
    try:
        more = free_pairs(search, FETCHED)
    except (Stopped, KeyboardInterrupt):  # the plan is there: whoever wants to stop has what there is
        return None
    if not more:
        return None if more is None else False
    chosen = search.chosen()
    assert chosen is not None
    return tied(search.model(search.stages), chosen[: len(search.candidates)])


def tied(face: Model, pairs: Bools) -> bool:
    """Whether the face of best plans holds another plan than this one.

    Parameters
    ----------
    face : Model
        What the last goal left free (without rows).
    pairs : ndarray of bool
        The plan.
    """
    n, m = face.shape
    free = np.flatnonzero(face.free[: len(pairs)])
    if not len(free):
        return False
    degree = face.degrees(face.with_switches(pairs))
    can_add, can_drop = degree < face.most, degree > face.least
    outside = n + m
    node = np.append(np.where(can_add & can_drop, outside, np.arange(outside)), outside)
    mentor, mentee = face.columns.mentor[free].astype(np.int64), face.columns.mentee[free].astype(np.int64) + n
    used = pairs[free]
    tail, head = np.where(used, mentee, mentor), np.where(used, mentor, mentee)
    person = np.arange(outside)
    is_mentor = person < n
    enters = np.where(is_mentor, can_add, can_drop) & ~(can_add & can_drop)
    leaves = np.where(is_mentor, can_drop, can_add) & ~(can_add & can_drop)
    out_to = np.full(int(enters.sum()), outside), np.full(int(leaves.sum()), outside)
    return _has_cycle(
        node[np.concatenate([tail, out_to[0], person[leaves]])],
        node[np.concatenate([head, person[enters], out_to[1]])],
        outside + 1,
    )


def _has_cycle(tail: Ints, head: Ints, nodes: int) -> bool:
    """Whether a directed graph has a cycle: take nodes that nothing leads to away, until there are none."""
    if (tail == head).any():
        return True
    order = np.argsort(tail, kind="stable")
    tail, head = tail[order], head[order]
    begin = np.searchsorted(tail, np.arange(nodes + 1))
    leading_to = np.bincount(head, minlength=nodes)
    gone = np.zeros(nodes, dtype=bool)
    now = np.flatnonzero(leading_to == 0)
    while len(now):
        gone[now] = True
        arcs = np.concatenate([np.arange(begin[k], begin[k + 1]) for k in now.tolist()])
        np.subtract.at(leading_to, head[arcs], 1)
        reached = np.unique(head[arcs])
        now = reached[(leading_to[reached] == 0) & ~gone[reached]]
    return not bool(gone.all())
