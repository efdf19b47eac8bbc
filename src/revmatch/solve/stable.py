"""What every stable plan holds, and what none does, where the two of each pair like each other equally, as by score.

The best pair of all blocks every plan that does not hold it; once it is taken, so does the best of what is left (the
greedy plan: D. Gale and L. Shapley's stable marriage has one solution where both sides share one ranking). Pairs that
are liked the same and compete for a place stay open, and so does what hangs on them.
"""

from __future__ import annotations

import numpy as np

from revmatch.model import Model
from revmatch.policy.sides import Bools, Ints


def decided(model: Model) -> Model:
    """The model in which these pairs are decided. No prices know of it: it is for engines that hold likes."""
    fixed_in, fixed_out = model.fixed_in.copy(), model.fixed_out.copy()
    for likes in model.likes:
        if np.array_equal(likes[0], likes[1]):
            held, out = _by_levels(model, likes[0])
            # where this contradicts what is decided no plan exists: the engine sees it by the likes
            fixed_in[: len(held)] |= held & ~model.fixed_out[: len(held)]
            fixed_out[: len(out)] |= out & ~model.fixed_in[: len(out)]
    fixed_out &= ~fixed_in
    return model.replace(fixed_in=fixed_in, fixed_out=fixed_out)


def _by_levels(model: Model, like: Ints) -> tuple[Bools, Bools]:
    """Pairs that every stable plan holds, and pairs that none does, from the best liked on."""
    pairs, places = model.columns.pairs, model.places.tolist()
    mentor = model.columns.mentor[:pairs].tolist()
    mentee = (model.shape[0] + model.columns.mentee[:pairs]).tolist()
    #: Places that are taken by pairs liked at least as much as the present ones: so many surely, and so many at most.
    surely, at_most = [0] * len(places), [0] * len(places)
    held, out = np.zeros((2, pairs), dtype=bool)
    order = np.argsort(-like, kind="stable")
    for level in np.split(order, np.flatnonzero(np.diff(like[order])) + 1):
        people = [(k, mentor[k], mentee[k]) for k in level.tolist()]
        left = [(k, i, j) for k, i, j in people if surely[i] < places[i] and surely[j] < places[j]]
        out[level] = True
        for k, i, j in left:
            out[k] = False
            at_most[i] += 1
            at_most[j] += 1
        for k, i, j in left:
            # without it both have a free place, or somebody they like less
            if at_most[i] <= places[i] and at_most[j] <= places[j]:
                held[k] = True
                surely[i] += 1
                surely[j] += 1
    return held, out
