"""Prune: leave out every pair that provably cannot matter, before any slower engine sees it.

Let some prices prove that no plan is worth more than U, and let a plan worth L be known. In a plan that holds a pair
whose bracket (worth minus prices) is b < 0, something of -b is lost against U, so a pair below L - U is in no plan
worth L or more; and by the same reasoning a pair above U - L is in every one (reduced-cost fixing: G. Dantzig, R.
Fulkerson and S. Johnson, 1954). Pairs on the edge stay: later goals may need them.
"""

from __future__ import annotations

from revmatch.model import Model, Prices, brackets


def pruned(model: Model, goal: int, prices: Prices, gap: int, *, both: bool = True) -> Model:
    """The model without the pairs that no plan within the gap of these prices' ceiling holds.

    Parameters
    ----------
    model : Model
    goal : int
    prices : Prices
    gap : int
        The sum that these prices prove (no other) less what a known plan is worth, in parts of a unit; 0 or more.
    both : bool
        Pairs that every such plan holds are decided too.
    """
    bracket = brackets(model, goal, prices)
    free = model.free[: len(bracket)]
    fixed_in, fixed_out = model.fixed_in.copy(), model.fixed_out.copy()
    if both:
        fixed_in[: len(bracket)] |= free & (bracket > gap)
    fixed_out[: len(bracket)] |= free & (bracket < -gap)
    return model.replace(fixed_in=fixed_in, fixed_out=fixed_out)
