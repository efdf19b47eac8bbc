"""What check says of limits: whom they leave nobody, and where hardly a plan but the empty one keeps them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from revmatch.explain.private import Private
from revmatch.limit_checks import SIDES, left_out_by
from revmatch.people.people import People
from revmatch.policy.limits import Circles, Limit, Load
from revmatch.policy.sides import Bools, Side
from revmatch.programme import Programme

#: At most so many ids are named in one warning.
MOST_NAMED = 20


def with_nobody(programme: Programme, private: Private) -> Iterator[str]:
    """People whom one limit allows no partner."""
    for limit in programme.policy.limits:
        if any(private.column(column) for columns in limit.columns().values() for column in columns):
            continue
        alone = left_out_by(programme, limit)
        for side in SIDES:
            if side in alone and alone[side].any():
                count = counted(int(alone[side].sum()), side)
                who = listed(programme.of(side), alone[side])
                yield f"{count} can be paired with nobody under {limit}: {_why(limit, side)}: {who}."


def _why(limit: Limit, side: Side) -> str:
    if isinstance(limit, Circles):
        return f"a capacity below {limit.smallest} fits no circle"
    assert isinstance(limit, Load)
    if side == limit.other:
        return f"no {limit.side} has so many {limit.hours}"
    return f"every {limit.other} needs more {limit.hours}"


def counted(count: int, side: Side) -> str:
    """``3 mentors``."""
    return f"{count:,} {side}{'s' * (count != 1)}"


def listed(people: People, chosen: Bools) -> str:
    """Ids of some people, in order; not too many."""
    order = people.id_order()
    rows = order[np.asarray(chosen)[order]]
    named = ", ".join(people.ids[rows[:MOST_NAMED]].tolist())
    return f"{named} and {len(rows) - MOST_NAMED:,} more" if len(rows) > MOST_NAMED else named
