"""A quick plan and quick prices: what there is before anything is solved, and without time all there is."""

from __future__ import annotations

import numpy as np

from revmatch.model import Model, Prices, total
from revmatch.policy.sides import Bools, Ints

#: Rounds of offers of the greedy plan.
ROUNDS = 200
#: How often pairs without a time give their places to others.
MEETINGS = 6


def first_plan(model: Model, goal: int) -> Bools | None:
    """Greedy plan; None if it misses a demand or breaks a row.

    Again and again every pair that is the best open pair of both its people is taken (a locally dominant matching:
    R. Preis, Linear Time 1/2-Approximation Algorithm for Maximum Weighted Matching, 1999). Worth in the goal decides,
    then who has nobody yet, then the fewest open pairs. Where nobody may block the plan, how much the two like each
    other comes before all that: if they do so equally, nobody blocks this plan.
    """
    chosen = model.fixed_in[: model.columns.pairs].copy()
    out = np.zeros(len(chosen), dtype=bool)
    for _ in range(MEETINGS):
        chosen = _filled(model, goal, chosen, out)
        kept = model.that_can_meet(chosen)
        if kept.sum() == chosen.sum():
            break
        out |= chosen & ~kept  # there is no time for them beside the others: their places are for others
        chosen = kept
    return chosen if model.holds(model.with_switches(chosen)) else None


def _filled(model: Model, goal: int, chosen: Bools, out: Bools) -> Bools:
    """These pairs, and as many others as there is room for."""
    columns, count, (n, m) = model.columns, model.columns.pairs, model.shape
    chosen, worth = chosen.copy(), columns.worth[goal, :count]
    liked = model.likes[0].sum(axis=0) if len(model.likes) else np.zeros(count, dtype=np.int64)
    free = np.flatnonzero(model.free[:count] & ~out & ((worth >= 0) | bool(len(model.likes))))
    rows = _Room(model)
    for _ in range(ROUNDS):
        degree = model.degrees(model.with_switches(chosen))
        i, j = columns.mentor[free].astype(np.int64), n + columns.mentee[free].astype(np.int64)
        open_pairs = (degree[i] < model.most[i]) & (degree[j] < model.most[j]) & rows.open(chosen)[free] & ~chosen[free]
        free, i, j = free[open_pairs], i[open_pairs], j[open_pairs]
        if not len(free):
            break
        choices = np.bincount(i, minlength=n + m) + np.bincount(j, minlength=n + m)
        has = (degree[i] > 0).astype(np.int64) + (degree[j] > 0)
        order = np.lexsort((choices[i] + choices[j], has, -worth[free], -liked[free]))
        rank = np.full(count, count, dtype=np.int64)
        rank[free[order]] = np.arange(len(free))
        best = np.full(n + m, count, dtype=np.int64)
        np.minimum.at(best, i, rank[free])
        np.minimum.at(best, j, rank[free])
        taken = (best[i] == rank[free]) & (best[j] == rank[free]) & rows.first(rank)[free]
        chosen[free[taken]] = True
    return chosen


class _Room:
    """What rows leave open: those that pairs use up, one after another."""

    def __init__(self, model: Model) -> None:
        rows, self._pairs = model.rows, model.columns.pairs
        row = np.repeat(np.arange(len(rows)), np.diff(rows.indptr))
        here = (rows.coefficient > 0) & (rows.column < self._pairs)
        self._row, self._pair, self._takes = row[here], rows.column[here], rows.coefficient[here]
        self._bound = rows.bound

    def open(self, chosen: Bools) -> Bools:
        """Pairs for which every row still has room."""
        used = np.zeros(len(self._bound), dtype=np.int64)
        np.add.at(used, self._row, np.where(chosen[self._pair], self._takes, 0))
        found = np.ones(self._pairs, dtype=bool)
        # rows that ask for more, not for less, have a bound below 0: they are seen to in the end
        tight = (self._bound >= 0)[self._row] & (used[self._row] + self._takes > self._bound[self._row])
        found[self._pair[tight]] = False
        return found

    def first(self, rank: Ints) -> Bools:
        """Pairs that are the best of every row of theirs, so that a row is never used twice at once."""
        best = np.full(len(self._bound), len(rank), dtype=np.int64)
        np.minimum.at(best, self._row, rank[self._pair])
        found = np.ones(self._pairs, dtype=bool)
        found[self._pair[rank[self._pair] > best[self._row]]] = False
        return found


def first_prices(model: Model, goal: int) -> Prices:
    """Prices that prove some ceiling over the model's pairs without solving; the best of a few.

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
            tries.append(Prices(prices))
    return min(tries, key=lambda prices: total(model, goal, prices))


def safe_prices(model: Model, goal: int, most: Ints) -> Prices:
    """Prices that no pair at all can beat, whether it is in the model or not; the best of a few.

    Parameters
    ----------
    model : Model
    goal : int
    most : ndarray of int64, shape (n + m,)
        No pair of a person is worth more than this in the goal.
    """
    n, m = model.shape
    first, mentors = model.switch_worth(goal), np.arange(n + m) < n
    tries = []
    for payers in (mentors, ~mentors):
        for everybody in (False, True):
            prices = np.where(payers | everybody, -first, 0)
            least = int(prices[~payers].min(initial=0))
            prices[payers] = np.maximum(prices[payers], most[payers] - least)
            tries.append(Prices(prices))
    return min(tries, key=lambda prices: total(model, goal, prices))
