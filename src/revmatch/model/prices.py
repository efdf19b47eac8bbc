"""Prices of people and rows, and the ceiling that they prove.

For any whole prices y of people and r of rows (0 or more where a row is no equality), over a unit D, no plan of the
model is worth more than D-th part of::

    sum over people of  max over their numbers of partners d of (D * first partner's worth [d > 0] - what rows count of
    their having a partner + y*d)  + sum over rows of r*b  + sum over decided pairs of (D*worth - y_i - y_j - sum r*a)
    + sum over free pairs of max(0, D*worth - y_i - y_j - sum r*a)

rounded down. Where pairs have weekly times, a pair pays what the cheapest of its slots costs as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from revmatch.model.columns import Kind, Model
from revmatch.model.slots import ROOMS
from revmatch.policy.sides import Ints


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices, in parts of a whole unit of worth.

    Parameters
    ----------
    person : ndarray of int64, shape (n + m,)
    family, key, price : ndarray of int64
        Rows with a price other than 0, in order of family and key.
    unit : int
        So many of a price are one unit of worth.
    """

    person: Ints
    family: Ints = field(default_factory=_none)
    key: Ints = field(default_factory=_none)
    price: Ints = field(default_factory=_none)
    unit: int = 1

    @classmethod
    def with_rows(
        cls, model: Model, person: Ints, row: Ints, unit: int, crowds: tuple[Ints, Ints, Ints] | None = None
    ) -> Prices:
        """Prices of people and of a model's rows; and of crowds: families, keys and prices."""
        family, key, price = model.rows.family, model.rows.key, row
        if crowds is not None:
            family, key, price = map(np.concatenate, zip(crowds, (family, key, price), strict=True))
        some = np.flatnonzero(price)
        some = some[np.lexsort((key[some], family[some]))]
        return cls(person, family[some], key[some], price[some], unit)

    @property
    def slotted(self) -> bool:
        """Whether moments have prices."""
        return bool((self.family < 0).any())

    @property
    def plain(self) -> bool:
        """Whether only people have prices, in whole units."""
        return self.unit == 1 and not len(self.price)

    def on(self, model: Model) -> Ints:
        """Price of each row of a model; it has every row that has a price, crowds left aside."""
        found = np.zeros(len(model.rows), dtype=np.int64)
        own = self.family >= 0
        if not own.any():
            return found
        rows = model.rows
        order = np.lexsort((rows.key, rows.family))
        family, key = rows.family[order], rows.key[order]
        width = 1 + max(int(key.max(initial=0)), int(self.key[own].max()))
        at = np.searchsorted(family * width + key, self.family[own] * width + self.key[own])
        found[order[at]] = self.price[own]
        return found


def brackets(model: Model, goal: int | None, prices: Prices) -> Ints:
    """Worth of each pair in a goal, in parts, less the prices of its people and rows; goal None: worth nothing."""
    columns, pairs = model.columns, model.columns.pairs
    i, j = columns.mentor[:pairs], columns.mentee[:pairs]
    found = -prices.person[i] - prices.person[model.shape[0] + j]
    if goal is not None:
        found += prices.unit * columns.worth[goal, :pairs]
    if len(prices.price):
        found -= model.rows.weighed(prices.on(model), len(columns))[:pairs]
    if prices.slotted and model.slots is not None:
        found -= model.slots.least(i.astype(np.int64), j.astype(np.int64), prices)
    return np.asarray(found)


def steps(model: Model, goal: int | None, prices: Prices) -> Ints:
    """What each person's having a partner is worth, in parts, less what rows count of it."""
    n, m = model.shape
    found = np.zeros(n + m, dtype=np.int64) if goal is None else prices.unit * model.switch_worth(goal)
    if len(prices.price) and len(model.columns) > model.columns.pairs:
        columns = model.columns
        counts = model.rows.weighed(prices.on(model), len(columns))
        for kind, who, begin in ((Kind.MENTOR_SWITCH, columns.mentor, 0), (Kind.MENTEE_SWITCH, columns.mentee, n)):
            here = columns.kind == kind
            found[who[here] + begin] -= counts[here]
    return np.asarray(found)


def total(model: Model, goal: int | None, prices: Prices) -> int:
    """Most that any plan of the model can be worth in a goal by these prices, in parts of a unit.

    Goal None: the sum with which a proof that no plan exists comes out below 0.
    """
    step, least, most = steps(model, goal, prices), model.least, model.most
    # linear from the first partner on, so the maximum is at the ends or at 0
    top = _person(step, prices.person, np.where(least > 0, np.maximum(least, 1), 0))
    top = np.maximum(top, _person(step, prices.person, most))
    some = (least == 0) & (most > 0)
    top = np.where(some, np.maximum(top, _person(step, prices.person, np.minimum(model.low, most))), top)
    bracket = brackets(model, goal, prices)
    free, decided = model.free[: len(bracket)], model.fixed_in[: len(bracket)]
    rows = prices.on(model) * model.rows.bound
    parts = (top, bracket[decided], np.maximum(bracket[free], 0), rows, _crowds(model, prices))
    return sum(int(part.sum()) for part in parts)


def _crowds(model: Model, prices: Prices) -> Ints:
    """What the crowds with a price add."""
    if model.slots is None:
        return _none()
    bound = np.where(prices.family == ROOMS, model.slots.rooms, 1)
    return np.where(prices.family < 0, prices.price * bound, 0)


def ceiling(model: Model, goal: int | None, prices: Prices) -> int:
    """Most that any plan of the model can be worth in a goal, by these prices, in whole units."""
    return total(model, goal, prices) // prices.unit


def _person(step: Ints, price: Ints, degree: Ints) -> Ints:
    return np.asarray(np.where(degree > 0, step, 0) + price * degree)
