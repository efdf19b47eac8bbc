"""Why no plan exists, in words: the certificate of an infeasible plan, read out.

The prices of the record ``"Feasible"`` name people who need more partners than those they may be paired with have
places for (P. Hall, On representatives of subsets, 1935).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from revmatch.errors import Problem
from revmatch.policy.sides import Ints, Side

if TYPE_CHECKING:
    from revmatch.plan import Plan

#: So many people are listed by their rows.
MOST_LISTED = 8


def infeasible_in_words(plan: Plan) -> Problem:
    """Say which demands cannot all be met."""
    if not len(plan.certificate):
        said = "no plan keeps every limit"
        return Problem("RM160", "plan", said, "see plan.route; lower a min_load, raise a capacity, or allow more pairs")
    needs, needed, places, offered = [], 0, [], 0
    sides: tuple[Side, Side] = ("mentor", "mentee")
    for side in sides:
        least, most = plan.programme.bounds(side)
        prices = _prices(plan, side)
        asking, giving = np.flatnonzero((prices < 0) & (least > 0)), np.flatnonzero((prices > 0) & (most > 0))
        needed += int((least * np.maximum(-prices, 0))[asking].sum())
        offered += int((most * np.maximum(prices, 0))[giving].sum())
        needs += _people(plan, side, asking)
        places += _people(plan, side, giving)
    who = " and ".join(needs)
    if places:
        free = "1 place" if offered == 1 else f"{offered:,} places"
        rest = f"but may only be paired with {' and '.join(places)}, with {free} in all"
    else:
        rest = "but may be paired with nobody who has a free place"
    hint = "lower a min_load or a limit, raise a capacity, or allow more pairs"
    partners = "1 partner" if needed == 1 else f"{needed:,} partners in all"
    return Problem("RM160", "plan", f"{who} must have {partners}, {rest}", hint)


def _prices(plan: Plan, side: Side) -> Ints:
    """Prices in the order of the programme's rows."""
    record = plan.certificate[0]
    by_row = np.zeros(len(plan.programme.of(side)), dtype=np.int64)
    by_row[plan.programme.of(side).id_order()] = record.mentor_prices if side == "mentor" else record.mentee_prices
    return by_row


def _people(plan: Plan, side: Side, rows: Ints) -> list[str]:
    if not len(rows):
        return []
    people = plan.programme.of(side)
    listed = ", ".join(people.place(int(row)) for row in rows[:MOST_LISTED])
    more = f" and {len(rows) - MOST_LISTED:,} more" if len(rows) > MOST_LISTED else ""
    return [f"{len(rows):,} {side}{'s' * (len(rows) != 1)} ({listed}{more})"]
