"""A first plan and first prices, for when there is no time to solve."""

from __future__ import annotations

import numpy as np

from revmatch.model import Model
from revmatch.policy.sides import Bools, Ints


def first_plan(model: Model, goal: int) -> Bools | None:
    """Greedy plan: each mentor in turn takes the best free mentees; None if it misses a demand or breaks a row."""
    columns, pairs, n = model.columns, model.columns.pairs, model.shape[0]
    chosen = model.fixed_in[:pairs].copy()
    room = model.most - model.degrees(model.fixed_in)
    free = np.flatnonzero(model.free[:pairs])
    worth = columns.worth[goal, free]
    free = free[worth >= 0]
    mentor, mentee, worth = columns.mentor[free], columns.mentee[free], columns.worth[goal, free]
    begin = np.searchsorted(mentor, np.arange(n + 1))
    for i in range(n):
        own = slice(int(begin[i]), int(begin[i + 1]))
        open_pairs = np.flatnonzero(room[n + mentee[own]] > 0)
        take = open_pairs[np.argsort(-worth[own][open_pairs], kind="stable")[: max(0, int(room[i]))]]
        chosen[free[own][take]] = True
        room[n + mentee[own][take]] -= 1
    return chosen if model.holds(model.with_switches(chosen)) else None


def first_prices(model: Model, goal: int) -> Ints:
    """Prices that prove some ceiling without solving: each person of one side pays for their best pair."""
    columns, pairs, (n, m) = model.columns, model.columns.pairs, model.shape
    free = np.flatnonzero(model.free[:pairs])
    worth = np.maximum(columns.worth[goal, free], 0)
    by_mentor, by_mentee = np.zeros(n + m, dtype=np.int64), np.zeros(n + m, dtype=np.int64)
    np.maximum.at(by_mentor, columns.mentor[free], worth)
    np.maximum.at(by_mentee, n + columns.mentee[free], worth)
    return by_mentor if (by_mentor * model.most).sum() < (by_mentee * model.most).sum() else by_mentee
