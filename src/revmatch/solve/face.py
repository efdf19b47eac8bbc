"""The face of best plans that prices leave.

If a plan reaches the ceiling that prices prove (`revmatch.model.prices`) exactly, every plan that does lies on its
face: a free pair whose bracket is above 0 is in, below 0 is out; a person's number of partners is one of those where
the maximum is reached; a row with a price holds with equality. The next goal is pursued on that smaller model, so no
goals are ever mixed by weights.
"""

from __future__ import annotations

import numpy as np

from revmatch.model import Model, Prices, brackets, steps
from revmatch.policy.sides import Ints


def narrowed(model: Model, goal: int, prices: Prices) -> Model:
    """The model of all plans that reach the ceiling of these prices (one of which does)."""
    bracket = brackets(model, goal, prices)
    free = model.free[: len(bracket)]
    fixed_in, fixed_out = model.fixed_in.copy(), model.fixed_out.copy()
    fixed_in[: len(bracket)] |= free & (bracket > 0)
    fixed_out[: len(bracket)] |= free & (bracket < 0)
    least, low, most = best_degrees(model, steps(model, goal, prices), prices.person)
    rows = model.rows
    if len(prices.price):
        rows = rows.with_bounds(rows.bound, rows.equal | (prices.on(model) > 0))
    return model.replace(fixed_in=fixed_in, fixed_out=fixed_out, least=least, low=low, most=most, rows=rows)


def best_degrees(model: Model, step: Ints, price: Ints) -> tuple[Ints, Ints, Ints]:
    """Where step x [d > 0] + price x d is largest: fewest partners, fewest if there are any, and most."""
    least, most = model.least, model.most
    some = most > 0
    start = np.where(least > 0, least, np.minimum(model.low, most))  # of those who have any
    low, high = np.where(price > 0, most, start), np.where(price < 0, start, most)
    top = step + price * high
    nobody = (least == 0) & ((top <= 0) | ~some)  # 0 partners are as good, or better
    paired = some & ((top >= 0) | (least > 0))
    found_low = np.where(paired, np.maximum(low, 1), 1)
    return np.where(nobody | ~paired, 0, found_low), found_low, np.where(paired, high, 0)
