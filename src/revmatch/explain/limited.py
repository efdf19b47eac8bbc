"""What check says of limits: whom they leave nobody, and where hardly a plan but the empty one keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import TypeVar

import numpy as np

from revmatch.explain.private import Private
from revmatch.limit_checks import SIDES, left_out_by
from revmatch.people.people import People
from revmatch.policy.declaration import join_words
from revmatch.policy.limits import (
    Apart,
    Circles,
    CoMentorsDifferent,
    DepartmentPair,
    Limit,
    Load,
    Quota,
    Together,
    TotalPairs,
)
from revmatch.policy.sides import Bools, Side
from revmatch.programme import Programme

#: At most so many ids are named in one warning.
MOST_NAMED = 20
_Some = TypeVar("_Some", bound=Limit)


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


def never_together(programme: Programme, private: Private) -> Iterator[str]:
    """Mentors who must share their mentees and may not: so they have none."""
    limits = programme.policy.limits
    for together, apart in product(_of(limits, Together), _of(limits, Apart)):
        both = [person for person in together.people if person in apart.people]
        if len(both) > 1:
            yield _nobody_has(together, f"{apart} forbids that of {join_words(both)}")
    for together, different in product(_of(limits, Together), _of(limits, CoMentorsDifferent)):
        codes = programme.mentors.codes(different.column)[0][programme.mentors.index(together.people)]
        if not private.column(different.column) and ((codes < 0).any() or len(np.unique(codes)) < len(codes)):
            yield _nobody_has(together, f"{different} forbids that of these")


def _nobody_has(together: Together, why: str) -> str:
    named = join_words(list(together.people[:MOST_NAMED]))
    return f"{together} leaves {named} nobody: they must have the same mentees, and {why}."


def without_pairs(programme: Programme, private: Private, eligible: Bools) -> Iterator[str]:
    """Limits that only a plan without pairs keeps; `eligible` says which mentors have an eligible partner."""
    limits = programme.policy.limits
    for limit in limits:
        if isinstance(limit, TotalPairs | DepartmentPair) and limit.at_most == 0:
            among = " between people who state a department" if isinstance(limit, DepartmentPair) else ""
            yield f"{limit} allows no pair at all{among}."
    yield from _shares(_of(limits, Quota))
    for circles, different in product(_of(limits, Circles), _of(limits, CoMentorsDifferent)):
        codes = programme.mentors.codes(different.column)[0][eligible]
        values = len(np.unique(codes[codes >= 0]))
        if not private.column(different.column) and values < circles.smallest and circles.smallest > 1:
            has = f"{values:,} value{'s' * (values != 1)} of {different.column}"
            yield (
                f"Only a plan without pairs keeps {circles} and {different}: a circle needs {circles.smallest:,} "
                f"different ones, and the mentors who have an eligible partner state {has}."
            )


def _shares(quotas: list[Quota]) -> Iterator[str]:
    """Shares of all pairs that only no pairs at all keep."""
    least: dict[tuple[str, Side], dict[str, Fraction]] = {}
    for quota in quotas:
        if isinstance(quota.at_least, Fraction):
            group = least.setdefault((quota.column, quota.side), {})
            group[quota.value] = max(quota.at_least, group.get(quota.value, Fraction(0)))
    for (column, side), group in least.items():
        if sum(group.values()) > 1:
            yield (
                f"Only a plan without pairs keeps the quotas on {column} of {side}s: the shares that they ask for add "
                f"up to more than 100%."
            )
    for quota in quotas:
        asked = least.get((quota.column, quota.side), {}).get(quota.value, Fraction(0))
        if isinstance(quota.at_most, Fraction) and asked > quota.at_most:
            yield f"Only a plan without pairs keeps {quota}: another quota asks for a larger share of this group."


def _of(limits: tuple[Limit, ...], kind: type[_Some]) -> list[_Some]:
    return [limit for limit in limits if isinstance(limit, kind)]


def counted(count: int, side: Side) -> str:
    """``3 mentors``."""
    return f"{count:,} {side}{'s' * (count != 1)}"


def listed(people: People, chosen: Bools) -> str:
    """Ids of some people, in order; not too many."""
    order = people.id_order()
    rows = order[np.asarray(chosen)[order]]
    named = ", ".join(people.ids[rows[:MOST_NAMED]].tolist())
    return f"{named} and {len(rows) - MOST_NAMED:,} more" if len(rows) > MOST_NAMED else named
