"""A quick plan and quick prices: often they meet, and a goal needs no solver; without time, they are what there is."""

from __future__ import annotations

import numpy as np

from revmatch.model import Model
from revmatch.policy.sides import Bools, Ints
from revmatch.solve.face import ceiling

#: In each round everybody takes one partner; in the last as many as there is room for.
ROUNDS = 4


def first_plan(model: Model, goal: int) -> Bools | None:
    """Greedy plan; None if it misses a demand or breaks a row.

    Mentors with the fewest possible partners choose first: the mentee of most worth, among these one who has nobody
    yet, among these the one with the fewest possible partners.
    """
    columns, count, (n, m) = model.columns, model.columns.pairs, model.shape
    chosen = model.fixed_in[:count].copy()
    free = np.flatnonzero(model.free[:count] & (columns.worth[goal, :count] >= 0))
    mentee, worth = columns.mentee[free], columns.worth[goal, free]
    begin = np.searchsorted(columns.mentor[free], np.arange(n + 1))
    decided = model.degrees(model.fixed_in)
    room = model.most - decided
    # what makes a mentee come later: how many could still take them, and above all whether they have somebody
    later = np.bincount(mentee, minlength=m) + np.where(decided[n:] > 0, len(free) + 1, 0)
    order = np.argsort(np.diff(begin), kind="stable")
    for turn in range(ROUNDS):
        most = 1 if turn < ROUNDS - 1 else len(free)
        for i in order[room[order] > 0].tolist():
            own = slice(int(begin[i]), int(begin[i + 1]))
            able = (room[n + mentee[own]] > 0) & ~chosen[free[own]]
            for _ in range(min(most, int(room[i]), int(able.sum()))):
                best = able & (worth[own] == worth[own][able].max())
                at = int(np.where(best, later[mentee[own]], np.iinfo(np.int64).max).argmin())
                able[at] = False
                chosen[free[own][at]] = True
                j = int(mentee[own][at])
                later[j] += len(free) + 1
                room[[i, n + j]] -= 1
    return chosen if model.holds(model.with_switches(chosen)) else None


def first_prices(model: Model, goal: int) -> Ints:
    """Prices that prove some ceiling without solving; the best of a few.

    One side pays for the best pair of each of its people, and, if that is better, for the first partners of the other
    side too.
    """
    columns, count, (n, m) = model.columns, model.columns.pairs, model.shape
    free = np.flatnonzero(model.free[:count])
    i, j, worth = columns.mentor[free], n + columns.mentee[free], columns.worth[goal, free]
    first, mentors = model.switch_worth(goal), np.arange(n + m) < n
    tries = []
    for payers, payer, other in ((mentors, i, j), (~mentors, j, i)):
        for everybody in (False, True):
            # who is priced at minus their first partner's worth gains nothing by one
            prices = np.where(payers | everybody, -first, 0)
            np.maximum.at(prices, payer, worth - prices[other])
            tries.append(prices)
    return min(tries, key=lambda prices: ceiling(model, goal, prices))
