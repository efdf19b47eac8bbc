"""Why no plan exists, in words: the certificate of an infeasible plan, read out.

The prices of the record ``"Feasible"`` name people who need more partners than those they may be paired with have
places for (P. Hall, On representatives of subsets, 1935), and the limits that stand against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from revmatch.errors import Problem
from revmatch.policy.sides import Ints, Side

if TYPE_CHECKING:
    from revmatch.certificate import GoalCertificate
    from revmatch.plan import Plan

SIDES: tuple[Side, Side] = ("mentor", "mentee")
#: So many people are listed by their rows.
MOST_LISTED = 8


def infeasible_in_words(plan: Plan) -> Problem:
    """Say which demands cannot all be met."""
    hint = "lower a min_load or a limit, raise a capacity, or allow more pairs"
    record = plan.certificate[0] if len(plan.certificate) else None
    limits = [] if record is None else _limits(plan, record)
    if limits:
        return Problem("RM160", "plan", _against_limits(plan, limits), hint)
    needs, needed, places, offered = [], 0, [], 0
    # cases, and directions of one pair of people, say less than prices of people alone
    for side in SIDES if record is not None and not record.rows and not record.cases else ():
        least, most = plan.programme.bounds(side)
        prices = _prices(plan, side)
        asking, giving = np.flatnonzero((prices < 0) & (least > 0)), np.flatnonzero((prices > 0) & (most > 0))
        needed += int((least * np.maximum(-prices, 0))[asking].sum())
        offered += int((most * np.maximum(prices, 0))[giving].sum())
        needs += _people(plan, side, asking)
        places += _people(plan, side, giving)
    if not needs:
        return Problem("RM160", "plan", "no plan keeps every limit", f"see plan.route; {hint}")
    who = " and ".join(needs)
    if places:
        free = "1 place" if offered == 1 else f"{offered:,} places"
        rest = f"but may only be paired with {' and '.join(places)}, with {free} in all"
    else:
        rest = "but may be paired with nobody who has a free place"
    return Problem("RM160", "plan", f"{who} must have {_partners(needed)}, {rest}", hint)


def _against_limits(plan: Plan, limits: list[str]) -> str:
    """Who needs partners and what stands against it, where prices name limits: their size says nothing then."""
    needs, needed = [], 0
    for side in SIDES:
        least = plan.programme.bounds(side)[0]
        asking = np.flatnonzero((_prices(plan, side) < 0) & (least > 0))
        needed += int(least[asking].sum())
        needs += _people(plan, side, asking)
    demands = " and ".join(limits)
    if not needs:
        return f"with these people and pairs no plan keeps {demands}"
    return f"{' and '.join(needs)} must have {_partners(needed)}, which no plan keeps together with {demands}"


def _limits(plan: Plan, record: GoalCertificate) -> list[str]:
    """Limits that have a price, in words; of columns that are kept private, their place in the policy."""
    policy = plan.programme.policy
    rows = [record.rows, *(case.rows for case in record.cases)]
    named = {row.row for some in rows for row in some}
    used = {int(name.split(":")[1]) for name in named if name.startswith("limit:")}
    if any(name.startswith("circle:") for name in named):
        used |= {k for k, limit in enumerate(policy.limits) if limit.partners("mentee")}
    found = []
    for k in sorted(used):
        columns = {column for some in policy.limits[k].columns().values() for column in some}
        private = columns & set(policy.sensitive)
        found.append(f"policy.limits[{k}]" if private else f'"{policy.limits[k].words()}"')
    return found


def _partners(needed: int) -> str:
    return "1 partner" if needed == 1 else f"{needed:,} partners in all"


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
