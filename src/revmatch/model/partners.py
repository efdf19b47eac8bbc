"""How many partners people may have."""

from __future__ import annotations

import numpy as np

from revmatch.policy.sides import Ints, Side
from revmatch.programme import Programme


def partners(programme: Programme, side: Side) -> tuple[Ints, Ints, Ints]:
    """Fewest partners of each person of a side, fewest if they have any, and most; limits included."""
    least, most = programme.bounds(side)
    low = np.ones_like(least)
    for limit in programme.policy.limits:
        asked = limit.partners(side)
        if asked is not None:
            low, most = np.maximum(low, asked[0]), np.minimum(most, asked[1])
    nobody = (least == 0) & (low > most)
    least = np.where(least > 0, np.maximum(least, low), 0)
    return least, np.where(nobody, 1, low), np.where(nobody, 0, most)
