"""A whole answer beside one with fractions: few columns are in the way, and the rest may stay as it is.

Of the answers that are worth as much, a simplex method ends at one where some people's pairs are halves. Those of their
columns that cost nothing by the prices are solved again in whole numbers, by OR-Tools' SCIP (T. Achterberg, SCIP:
Solving Constraint Integer Programs, 2009). What comes of it is a plan if it is checked to be one; nothing is proved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from revmatch.engines.glop import Floats, Found, Part

if TYPE_CHECKING:
    from revmatch.engines.programme import Programme

#: A value, or what a column is left over, is whole, or 0, up to this.
EXACT = 1e-6
#: Columns beyond which that is no small matter.
MOST_MENDED = 30_000


def mended(programme: Programme, found: Found, seconds: float | None) -> Floats | None:
    """Whole values that are worth what the answer is worth, rounded down; None if none are found soon."""
    value = found.value
    broken = np.abs(value - np.rint(value)) > EXACT
    if not broken.any():
        return None
    row, column = programme.row, programme.column
    people = 2 * sum(programme.model.shape)
    theirs = np.zeros(len(programme.at_most), dtype=bool)
    theirs[row[broken[column] & (row < people)]] = True
    near = np.zeros(len(value), dtype=bool)
    near[column[theirs[row]]] = True
    near &= (np.abs(programme.left_over(found.dual)) <= EXACT) & (programme.lower < programme.upper)
    near |= broken
    if int(near.sum()) > MOST_MENDED:
        return None
    asked = np.zeros_like(theirs)
    asked[row[near[column]]] = True
    part = Part(programme, near, asked, np.where(near, 0, np.rint(value)))
    whole = part.in_whole_numbers(seconds)
    wanted = np.floor(float(programme.worth @ value) + EXACT)
    return None if whole is None or float(programme.worth @ whole) < wanted - EXACT else whole
