"""Why no plan exists, in words: the certificate of an infeasible plan, read out.

Where only people have prices, these name who needs more partners than those they may be paired with have places for
(P. Hall, On representatives of subsets, 1935). Where limits have prices, or there are cases, whatever has a price in
any of them is named: together that cannot be kept, though part of it might do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from revmatch.errors import Problem
from revmatch.policy.declaration import join_words
from revmatch.policy.limits import Meetings, Stable
from revmatch.policy.sides import Bools, Ints, Side

if TYPE_CHECKING:
    from revmatch.certificate import Case, GoalCertificate
    from revmatch.plan import Plan

    Proof: TypeAlias = GoalCertificate | Case

SIDES: tuple[Side, Side] = ("mentor", "mentee")
#: So many people are listed by their rows.
MOST_LISTED = 8
#: What a case decides on: a mentee's number of partners (see `revmatch.certificate.Case`).
MENTEE = 2


def infeasible_in_words(plan: Plan) -> Problem:
    """Say which demands cannot all be met."""
    for record in plan.certificate:  # one, or none
        said = _together(plan, record) if record.rows or record.cases else _too_few(plan, record)
        if said:
            return Problem("RM160", "plan", said, _mend(plan, record, said))
    # an engine says so, and nothing has a price: stability never has one, and all but weekly times mostly would
    hint = "lower a min_load or a limit, raise a capacity, or allow more pairs"
    policy = plan.programme.policy
    suspects = {k for k, limit in enumerate(policy.limits) if isinstance(limit, Stable | Meetings)}
    if suspects:
        said = f"no plan keeps {join_words(_limits(plan, suspects))} together with everything else that is asked"
        names = join_words([policy.limits[k].name for k in sorted(suspects)], "or")
        return Problem("RM160", "plan", said, f"do without {names}, or {hint}")
    return Problem(
        "RM160", "plan", "no plan keeps every limit", f"leave out one limit after the other to see which, {hint}"
    )


def _mend(plan: Plan, record: GoalCertificate, said: str) -> str:
    """What would help, of all that is named."""
    ways = _fewer_partners(plan, record) if " must have " in said else []
    named = _priced_limits(plan, record)
    if named:
        ways.append("loosen the limit named" if len(named) == 1 else "loosen one of the limits named")
    pins, bans = said.count("pins["), said.count("bans[")
    if pins or "of which pins give" in said:
        ways.append("unpin one of those" if pins > 1 else "unpin it" if pins else "unpin a pair")
    if bans:
        ways.append("lift a ban")
    if "no plan" not in said or not ways:  # people alone: places are what is missing
        ways += ["raise a capacity", "allow more pairs"]
    return ", or ".join([", ".join(ways[:-1]), ways[-1]]) if len(ways) > 1 else "".join(ways)


def _fewer_partners(plan: Plan, record: GoalCertificate) -> list[str]:
    """How those who are named could need fewer partners: by their own minimum, or by that of a limit."""
    own = everyone = False
    for side in SIDES:
        asking = np.any([_prices(plan, proof, side) < 0 for proof in _proofs(record)], axis=0)
        asking &= plan.programme.bounds(side)[0] > 0
        own |= bool((plan.programme.of(side).min_load[asking] > 0).any())
        everyone |= bool((plan.programme.of(side).min_load[asking] < 1).any())
    ways = ["lower a min_load"] if own else []
    return [*ways, "do without EveryoneMatched"] if everyone else ways


# -- prices of people alone -------------------------------------------------------------------------------------------


def _too_few(plan: Plan, record: GoalCertificate) -> str:
    """Who needs more partners than there are. All prices that are not 0 are of one size."""
    needs, places, needed, offered = list[str](), list[str](), 0, 0
    for side in SIDES:
        prices, (least, most) = _prices(plan, record, side), plan.programme.numbers(side)
        asking, giving = (prices < 0) & (least > 0), (prices > 0) & (most > 0)
        needs += _people(plan, side, asking)
        places += _people(plan, side, giving)
        needed += int(least[asking].sum())
        offered += int(most[giving].sum())
    if not needs:
        return ""
    circles = _limits(plan, _circles(plan, record))
    under = f"under {join_words(circles)} " if circles else ""
    who = f"{under}{' and '.join(needs)} must have {_partners(needed)}"
    size = max(int(np.abs(_prices(plan, record, side)).max(initial=0)) for side in SIDES)
    pinned = _pinned_to_others(plan, record) // size
    # the bound is what is offered less what is needed, and what pairs with people without a price give
    others = (record.bound or 0) // size - offered + needed + pinned
    more = f"{others:,} partner{'s' * (others != 1)}"
    if not places and not others:
        return f"{who}, but may be paired with nobody who has a free place"
    if not places:
        return f"{who}, but the pairs that they may be in give them {more}"
    free = "1 place" if offered == 1 else f"{offered:,} places"
    rest = f", of which pins give {pinned:,} to others" if pinned else ""
    rest += f", and with others for {more}" if others else ""
    return f"{who}, but may only be paired with {' and '.join(places)}, with {free} in all{rest}"


def _pinned_to_others(plan: Plan, record: GoalCertificate) -> int:
    """Places that pins give away, by the prices of the people who have them."""
    i, j = _rows_of(plan, [(pin.mentor, pin.mentee) for pin in plan.programme.pins])
    taken = _prices(plan, record, "mentor")[i] + _prices(plan, record, "mentee")[j]
    return int(np.maximum(0, taken).sum())


# -- prices of limits, and cases --------------------------------------------------------------------------------------


def _together(plan: Plan, record: GoalCertificate) -> str:
    """Who needs partners, and what stands against it."""
    needs, needed, proofs = list[str](), 0, _proofs(record)
    for side in SIDES:
        least = plan.programme.bounds(side)[0]
        asking = (least > 0) & np.any([_prices(plan, proof, side) < 0 for proof in proofs], axis=0)
        needed += int(least[asking].sum())
        needs += _people(plan, side, asking)
    against = [*_limits(plan, _priced_limits(plan, record)), *_one_by_one(plan, record)]
    if any(row.row.startswith("one_direction:") for proof in proofs for row in proof.rows):
        against.append('"Two people meet in one direction only"')
    if not against:
        return f"{' and '.join(needs)} must have {_partners(needed)}, which no plan gives them" if needs else ""
    if not needs:
        return f"with these people and pairs no plan keeps {join_words(against)}"
    return (
        f"{' and '.join(needs)} must have {_partners(needed)}, which no plan keeps together with {join_words(against)}"
    )


def _proofs(record: GoalCertificate) -> tuple[Proof, ...]:
    """Everything that has prices."""
    return record, *record.cases


def _priced_limits(plan: Plan, record: GoalCertificate) -> set[int]:
    """Limits that have a price somewhere."""
    found = _circles(plan, record)
    for name in {row.row for proof in _proofs(record) for row in proof.rows}:
        kind, *numbers = name.split(":")
        # circle:<k>:<a>:<b> is of a group that the limit at k makes, circle:<a>:<b> of circles alone
        if kind == "limit" or (kind == "circle" and len(numbers) > 2):
            found.add(int(numbers[0]))
        if kind == "slot":
            found |= {k for k, limit in enumerate(plan.programme.policy.limits) if isinstance(limit, Meetings)}
    return found


def _circles(plan: Plan, record: GoalCertificate) -> set[int]:
    """Circles, if they change how many partners somebody with a price has."""
    programme, counts, proofs = plan.programme, False, _proofs(record)
    for side in SIDES:
        fewer, more = (a != b for a, b in zip(programme.bounds(side), programme.numbers(side), strict=True))
        for proof in proofs:
            prices = _prices(plan, proof, side)
            counts |= bool((fewer & (prices < 0)).any() or (more & (prices > 0)).any())
    counts |= any(row.row.startswith("circle:") for proof in proofs for row in proof.rows)
    # more than none is a whole circle; fewer than a circle is none
    counts |= any(case.mentee_prices[b] for case in record.cases for kind, b, *_ in case.decisions if kind == MENTEE)
    return {k for k, limit in enumerate(programme.policy.limits) if counts and any(map(limit.partners, SIDES))}


def _one_by_one(plan: Plan, record: GoalCertificate) -> list[str]:
    """Pins that cost something by some prices, and bans without which there might be more."""
    programme = plan.programme
    pins = [(pin.mentor, pin.mentee) for pin in programme.pins]
    found = []
    for name, pairs, way in (("pins", pins, -1), ("bans", list(programme.bans), 1)):
        i, j = _rows_of(plan, pairs)
        counts = np.zeros(len(pairs), dtype=bool)
        for proof in _proofs(record) if pairs else ():
            counts |= way * _worth(plan, proof, i, j) > 0
        counts &= (i >= 0) & (j >= 0) & (programme.mentors.capacity[i] > 0) & (programme.mentees.capacity[j] > 0)
        at = np.flatnonzero(counts).tolist()
        found += [f"{name}[{k}]" for k in at[:MOST_LISTED]]
        rest = len(at) - MOST_LISTED
        found += [f"{rest:,} more {name if rest > 1 else name[:-1]}"] if rest > 0 else []
    return found


def _worth(plan: Plan, proof: Proof, i: Ints, j: Ints) -> Ints:
    """What pairs add to the sum that is below 0: nothing, less the prices of their people and of their rows."""
    sides = plan.programme.sides()
    found = -_prices(plan, proof, "mentor")[i] - _prices(plan, proof, "mentee")[j]
    for row in proof.rows:
        kind, _, rest = row.row.partition(":")
        if kind == "limit":
            k, f, a, b = map(int, rest.split(":"))
            form = plan.programme.policy.limits[k].rows(sides)[f]
            at, key, counts = form.entries(i, j)
            here = key == a * form.groups[1] + b
            np.add.at(found, at[here], -row.price * counts[here])
    return found


def _rows_of(plan: Plan, pairs: list[tuple[str, str]]) -> tuple[Ints, Ints]:
    """Rows of the people of some pairs; -1 for who is on no side."""
    mentors, mentees = plan.programme.mentors, plan.programme.mentees
    return mentors.index([mentor for mentor, _ in pairs]), mentees.index([mentee for _, mentee in pairs])


# -- words ------------------------------------------------------------------------------------------------------------


def _limits(plan: Plan, some: Iterable[int]) -> list[str]:
    """Some limits in words; of columns that are kept private, their place in the policy."""
    policy = plan.programme.policy
    found = []
    for k in sorted(some):
        columns = {column for some in policy.limits[k].columns().values() for column in some}
        private = columns & set(policy.sensitive)
        found.append(f"policy.limits[{k}]" if private else f'"{policy.limits[k].words()}"')
    return found


def _partners(needed: int) -> str:
    return "1 partner" if needed == 1 else f"{needed:,} partners in all"


def _prices(plan: Plan, proof: Proof, side: Side) -> Ints:
    """Prices in the order of the programme's rows."""
    by_row = np.zeros(len(plan.programme.of(side)), dtype=np.int64)
    by_row[plan.programme.of(side).id_order()] = proof.mentor_prices if side == "mentor" else proof.mentee_prices
    return by_row


def _people(plan: Plan, side: Side, chosen: Bools) -> list[str]:
    rows = np.flatnonzero(chosen)
    if not len(rows):
        return []
    people = plan.programme.of(side)
    listed = ", ".join(people.place(int(row)) for row in rows[:MOST_LISTED])
    more = f" and {len(rows) - MOST_LISTED:,} more" if len(rows) > MOST_LISTED else ""
    return [f"{len(rows):,} {side}{'s' * (len(rows) != 1)} ({listed}{more})"]
