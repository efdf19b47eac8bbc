"""The ceiling that prices prove, and the face of best plans that they leave.

For any whole prices y, no plan of the model is worth more than::

    sum over people of  max over d in least..most of (first partner's worth at d + y*d)
    + sum over decided pairs of (worth - y_i - y_j)  + sum over free pairs of max(0, worth - y_i - y_j)

If a plan reaches that ceiling, every plan that does lies on its face: a free pair whose bracket is above 0 is in, below
0 is out, and a person's number of partners is one of those where the maximum is reached. The next goal is pursued on
that smaller model, so no goals are ever mixed by weights.
"""

from __future__ import annotations

import numpy as np

from revmatch.model import Model
from revmatch.policy.sides import Ints


def ceiling(model: Model, goal: int, prices: Ints) -> int:
    """Most that any plan of the model can be worth in a goal, by these prices."""
    first, least, most = model.switch_worth(goal), model.least, model.most
    # linear from the first partner on, so the maximum is at the ends or at 0 and 1
    top = np.maximum(_person(first, prices, least), _person(first, prices, most))
    one = np.minimum(np.maximum(least, 1), most)
    top = np.maximum(top, _person(first, prices, one))
    bracket = brackets(model, goal, prices)
    free, decided = model.free[: len(bracket)], model.fixed_in[: len(bracket)]
    parts = (top, bracket[decided], np.maximum(bracket[free], 0))
    return sum(int(part.sum()) for part in parts)


def narrowed(model: Model, goal: int, prices: Ints) -> Model:
    """The model of all plans that reach the ceiling of these prices (one of which does)."""
    bracket = brackets(model, goal, prices)
    free = model.free[: len(bracket)]
    fixed_in, fixed_out = model.fixed_in.copy(), model.fixed_out.copy()
    fixed_in[: len(bracket)] |= free & (bracket > 0)
    fixed_out[: len(bracket)] |= free & (bracket < 0)
    least, most = _best_degrees(model.switch_worth(goal), prices, model.least, model.most)
    return model.replace(fixed_in=fixed_in, fixed_out=fixed_out, least=least, most=most)


def _best_degrees(first: Ints, prices: Ints, least: Ints, most: Ints) -> tuple[Ints, Ints]:
    """Where first partner's worth + price x degree is largest: an interval, as that is concave."""
    up, down = prices > 0, prices < 0
    open_start = (least == 0) & (most > 0)
    step = first + prices  # of the first partner
    low = np.where(up, most, np.where(open_start & (step > 0), 1, least))
    high = np.where(down, np.where(open_start & (step >= 0), 1, least), most)
    return low, high


def _person(first: Ints, prices: Ints, degree: Ints) -> Ints:
    return np.asarray(np.where(degree > 0, first, 0) + prices * degree)


def brackets(model: Model, goal: int, prices: Ints) -> Ints:
    """Worth of each pair in a goal less the prices of its two people."""
    columns, pairs = model.columns, model.columns.pairs
    i, j = columns.mentor[:pairs], columns.mentee[:pairs]
    return np.asarray(columns.worth[goal, :pairs] - prices[i] - prices[model.shape[0] + j])
