"""Limits that name nobody, and limits that cannot hold together or for these people: what is known without solving.

Nothing that has a plan is refused here, but for one slip: circles larger than every capacity, which only the empty plan
keeps.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from revmatch.errors import InputError, Problems, did_you_mean
from revmatch.people.content import heading_key
from revmatch.people.people import People
from revmatch.pin_checks import check_pins, named
from revmatch.policy.limits import Apart, Circles, Limit, Load, Quota, Together, TotalPairs
from revmatch.policy.shares import share_text
from revmatch.policy.sides import Bools, Ints, Side, Sides

if TYPE_CHECKING:
    from revmatch.programme import Programme

SIDES: tuple[Side, Side] = ("mentor", "mentee")
#: Hours of one pair, and of one person; sums of them stay exact.
MOST_HOURS = 1_000_000_000
#: So many values are named at most.
_FEW = 2
#: Among more ids no nearest one is looked for: that would take seconds.
_MOST_COMPARED = 10_000


def check_named(programme: Programme, problems: Problems) -> None:
    """Groups and people that limits name must exist: RM164."""
    for k, limit in enumerate(programme.policy.limits):
        place = f"policy.limits[{k}]"
        if isinstance(limit, Quota) and len(programme.of(limit.side)):
            counts = _values(programme, limit.side, limit.column)
            if limit.value not in counts:
                expected = f"no {limit.side} has this value in the column {limit.column}"
                problems.add("RM164", f"{place}.value", expected, _nearest(programme, limit, counts))
        if isinstance(limit, Together | Apart):
            known = programme.mentors.index(limit.people)
            other = programme.mentees.index(limit.people)
            for n in np.flatnonzero(known < 0).tolist():
                what = "this is the id of a mentee, not of a mentor" if other[n] >= 0 else "no mentor has this id"
                hint = "" if other[n] >= 0 else _nearest_id(programme, limit.people[n])
                problems.add("RM164", f"{place}.people[{n}]", what, hint or "give ids of mentors, byte for byte")


def check_hours(programme: Programme, problems: Problems) -> None:
    """Hours are whole numbers, and whoever takes part states them: RM102."""
    read: set[tuple[Side, str]] = set()
    for limit in programme.policy.limits:
        if isinstance(limit, Load):
            read |= {(side, column) for side, columns in limit.columns().items() for column in columns}
    for side, column in sorted(read):
        people = programme.of(side)
        hint = "write a whole number such as 2; hours are never guessed"
        if column in programme.policy.order:
            what = "Load adds up whole numbers, not labels"
            problems.add("RM102", f"policy.order.{column}", what, "take this column out of order")
            continue
        try:
            hours, stated = people.numbers(column)
        except InputError as error:
            for problem in error.problems:
                problems.add(problem.code, problem.place, problem.expected, hint)
            continue
        expected = f"expected a whole number from 0 to {MOST_HOURS:,}"
        for row in np.flatnonzero((hours < 0) | (hours > MOST_HOURS)).tolist():
            problems.add("RM102", people.place(row, column), expected, hint)
        for row in np.flatnonzero(~stated & (people.capacity > 0)).tolist():
            problems.add("RM102", people.place(row, column), f"{expected}, found a blank cell", hint)


def check_limits(programme: Programme, problems: Problems) -> None:
    """Limits must hold together, with the pins, and for these people, as far as numbers tell: RM165."""
    if not programme.policy.limits:
        return
    asked = Asked.of(programme)
    check_pins(programme, asked.sides, asked.pinned, problems)
    _check_circles(programme, asked, problems)
    _check_loads(programme, problems)
    _check_totals(programme, asked, problems)
    _check_quotas(programme, asked, problems)


@dataclass(frozen=True, slots=True)
class Asked:
    """What capacities, minimum loads, circles and pins say of numbers of partners and of pairs.

    Parameters
    ----------
    sides : Sides
    pinned : pair of ndarray of int64
        Pins by position.
    least, most : dict of str to ndarray of int64
        Fewest partners of each person of a side, pins counted; and most.
    """

    sides: Sides
    pinned: tuple[Ints, Ints]
    least: dict[Side, Ints]
    most: dict[Side, Ints]

    @classmethod
    def of(cls, programme: Programme) -> Asked:
        """Read them off a programme whose pins are between people of its sides."""
        sides = programme.sides()
        i = sides.mentors.index([pin.mentor for pin in programme.pins])
        j = sides.mentees.index([pin.mentee for pin in programme.pins])
        least, most = {}, {}
        taking_part = {side: int(np.count_nonzero(programme.of(side).capacity > 0)) for side in SIDES}
        for side, other, who in zip(SIDES, SIDES[::-1], (i, j), strict=True):
            low, high = programme.bounds(side)
            low = np.maximum(low, np.bincount(who, minlength=len(low)))
            high = np.minimum(high, taking_part[other])
            for limit in programme.policy.limits:
                if room := limit.partners(side):
                    low = np.where(low > 0, np.maximum(low, room[0]), 0)
                    high = np.where(high < room[0], 0, np.minimum(high, room[1]))
            least[side], most[side] = low, high
        return cls(sides, (i, j), least, most)

    @property
    def fewest_pairs(self) -> int:
        """No plan has fewer, whatever the quotas."""
        return max(int(low.sum()) for low in self.least.values())

    @property
    def most_pairs(self) -> int:
        """No plan has more."""
        return min(int(high.sum()) for high in self.most.values())

    def places(self, side: Side, members: Ints) -> int:
        """Pairs that some people of a side can be in at most."""
        other: Side = "mentee" if side == "mentor" else "mentor"
        own = self.most[side][members > 0]
        theirs = np.minimum(self.most[other], int(np.count_nonzero(own)))
        return min(int(own.sum()), int(theirs.sum()))

    def pins(self, side: Side, members: Ints) -> int:
        """Pins of some people of a side."""
        return int(members[self.pinned[0 if side == "mentor" else 1]].sum())


def left_out_by(programme: Programme, limit: Limit) -> dict[Side, Bools]:
    """People who take part, and whom a limit allows no partner, whatever else is in the plan."""
    mentors, mentees = (programme.of(side).capacity > 0 for side in SIDES)
    if not mentors.any() or not mentees.any():
        return {}
    if isinstance(limit, Circles):
        return {"mentee": mentees & (programme.mentees.capacity < limit.smallest)}
    return _out_of_time(programme, limit) if isinstance(limit, Load) else {}


def _out_of_time(programme: Programme, limit: Load) -> dict[Side, Bools]:
    """Who needs more hours than anybody has, and who has fewer than anybody needs."""
    own, other = programme.of(limit.side), programme.of(limit.other)
    hours = other.numbers(limit.hours)[0]
    most = np.full(len(own), limit.at_most) if isinstance(limit.at_most, int) else own.numbers(limit.at_most)[0]
    has, needs = own.capacity > 0, other.capacity > 0
    return {limit.other: needs & (hours > most[has].max()), limit.side: has & (most < hours[needs].min())}


# -- groups -----------------------------------------------------------------------------------------------------------


def _values(programme: Programme, side: Side, column: str) -> dict[str, int]:
    """Values that the people of a side state, and how many state each."""
    codes, words = programme.of(side).codes(column)
    used, times = np.unique(codes[codes >= 0], return_counts=True)
    return {words[code]: count for code, count in zip(used.tolist(), times.tolist(), strict=True)}


def _nearest_id(programme: Programme, given: str) -> str:
    """The nearest id of a mentor, if one is near and not too many are to be compared."""
    ids = programme.mentors.ids.tolist()
    hint = did_you_mean(given, ids) if len(ids) <= _MOST_COMPARED else ""
    return hint if hint.startswith("did you mean") else ""


def _nearest(programme: Programme, limit: Quota, counts: dict[str, int]) -> str:
    """The nearest value, or those that several people share; nothing out of columns that are kept private."""
    private = {heading_key(name) for name in programme.policy.sensitive} | {"name"}
    if heading_key(limit.column) not in private:
        for known in (counts, [value for value, count in counts.items() if count >= _FEW]):
            hint = did_you_mean(limit.value, known)
            if hint.startswith("did you mean") or (known is not counts and known):
                return hint
    return "write it as the people do, byte for byte"


# -- numbers ----------------------------------------------------------------------------------------------------------


def _check_circles(programme: Programme, asked: Asked, problems: Problems) -> None:
    """Every mentee must be able to have as many mentors as are asked for, and one of them a whole circle."""
    mentees = programme.mentees
    capacity, (asking, _) = mentees.capacity, programme.bounds("mentee")
    pins = np.bincount(asked.pinned[1], minlength=len(asking))
    least = np.maximum(asking, pins)
    meetings = bool((capacity > 0).any() and (programme.mentors.capacity > 0).any())
    for k, limit in enumerate(programme.policy.limits):
        if not isinstance(limit, Circles):
            continue
        if meetings and int(capacity.max()) < limit.smallest:
            what = f"{limit} asks for circles of at least {limit.smallest}, but no mentee has that capacity"
            largest = int(capacity.max())
            hint = f"the largest capacity is {largest:,}: raise it, or ask for smaller circles"
            if "capacity" not in mentees:  # then everybody has one place
                hint = "circles need capacities: give the mentees a column capacity (1 where blank)"
            problems.add("RM165", f"policy.limits[{k}]", what, hint)
            continue
        needed, room = np.maximum(least, limit.smallest), np.minimum(capacity, limit.largest)
        for row in np.flatnonzero((least > 0) & (least <= capacity) & (needed > room)).tolist():
            if pins[row] > asking[row]:
                _pins_fit_no_circle(mentees, row, limit, np.flatnonzero(asked.pinned[1] == row), problems)
                continue
            column = "capacity" if capacity[row] < limit.smallest else "min_load"
            what = f"must have {int(least[row])} to {int(capacity[row])} mentors, which fits no circle of {limit}"
            hint = "raise capacity, lower min_load, or change the circles"
            problems.add("RM165", mentees.place(row, column), what, hint)


def _pins_fit_no_circle(mentees: People, row: int, limit: Circles, pins: Ints, problems: Problems) -> None:
    """A mentee who must have somebody because of pins, and not because of what stands in their row."""
    what = f"{_count(len(pins), 'mentor')} pinned to one mentee ({mentees.place(row)}), which fits no circle of {limit}"
    hint = "unpin one, or change the circles"
    if len(pins) <= limit.largest:
        what += f" with a capacity of {int(mentees.capacity[row]):,}"
        hint = "unpin, raise capacity, or change the circles"
    problems.add("RM165", named(pins), what, hint)


def _check_loads(programme: Programme, problems: Problems) -> None:
    """Whoever must have a partner must need no more hours than somebody has. Of pins it is said elsewhere."""
    for k, limit in enumerate(programme.policy.limits):
        if not isinstance(limit, Load):
            continue
        for side, alone in left_out_by(programme, limit).items():
            people, (least, _) = programme.of(side), programme.bounds(side)
            needs = side == limit.other
            said = f"no {limit.side} has" if needs else f"every {limit.other} needs more {limit.hours} than they have"
            what = f"must have a partner, but {said}{f' so many {limit.hours}' if needs else ''} under {limit}"
            column = limit.hours if needs else limit.at_most
            for row in np.flatnonzero(alone & (least > 0)).tolist():
                place = people.place(row, column) if isinstance(column, str) else people.place(row)
                hint = f"change the hours, raise at_most of policy.limits[{k}], or ask no partner for them"
                problems.add("RM165", place, what, hint)


def _check_totals(programme: Programme, asked: Asked, problems: Problems) -> None:
    """Whoever must have partners needs pairs."""
    for k, limit in enumerate(programme.policy.limits):
        if not isinstance(limit, TotalPairs) or len(programme.pins) > limit.at_most:  # of pins it is said elsewhere
            continue
        place = f"policy.limits[{k}].at_most"
        for side in SIDES:
            needed = int(asked.least[side].sum())
            if needed > limit.at_most:
                who = int(np.count_nonzero(asked.least[side]))
                what = f"expected at least {needed:,}: {_count(who, side)} must be in so many pairs"
                what += _in_circles(programme, side, who)
                hint = "raise it, lower min_load, unpin pairs, or do without EveryoneMatched"
                problems.add("RM165", place, what, hint)
                break


def _in_circles(programme: Programme, side: Side, count: int) -> str:
    """Whole circles, where these are what makes the pairs so many."""
    for limit in programme.policy.limits:
        if isinstance(limit, Circles) and side == "mentee" and limit.smallest > 1:
            return f" ({_count(count, 'circle')} of at least {limit.smallest:,})"
    return ""


def _check_quotas(programme: Programme, asked: Asked, problems: Problems) -> None:
    """What quotas ask for must be there, be allowed by the others, and not be more than all pairs."""
    limits = programme.policy.limits
    quotas = [(k, limit) for k, limit in enumerate(limits) if isinstance(limit, Quota)]
    totals = [limit.at_most for limit in limits if isinstance(limit, TotalPairs)]
    fewest = max([asked.fewest_pairs, *(q.at_least for _, q in quotas if type(q.at_least) is int)])
    most = min([asked.most_pairs, *totals])
    for k, quota in quotas:
        place = f"policy.limits[{k}]"
        needed, members = _needed(quota.at_least, fewest), quota.members(asked.sides)
        places = asked.places(quota.side, members)
        group = f"{quota.side}s whose {quota.column} is {quota.value}"
        if needed > places:
            what = f"{_count(needed, 'pair')} asked of {group}, who can be in {places:,} at most"
            problems.add("RM165", f"{place}.at_least", what, "lower it, or raise capacities")
        elif needed > most:
            what = f"{_count(needed, 'pair')} asked of {group}, but there are {most:,} at most in all"
            problems.add("RM165", f"{place}.at_least", what, "lower it, or allow more pairs")
        pins = asked.pins(quota.side, members)
        if pins > _allowed(quota.at_most, most):
            what = f"{_count(pins, 'pin')} of {group} against at most {share_text(quota.at_most or 0)}"
            problems.add("RM165", f"{place}.at_most", what, "unpin one, or raise it")
        for other, against in quotas:
            if _same_group(quota, against) and _contradict(quota, against, fewest, most):
                where = place if k == other else f"{place} and policy.limits[{other}]"
                low, high = (share_text(bound) for bound in (quota.at_least or 0, against.at_most or 0))
                what = f"at least {low} and at most {high} of one group cannot both be kept"
                problems.add("RM165", where, what, "lower the one, or raise the other")
    for together in _groups([quota for _, quota in quotas]):
        _check_sum(together, fewest, most, problems)


def _check_sum(group: list[Quota], fewest: int, most: int, problems: Problems) -> None:
    """Quotas on different values of one column: a pair counts for one of them only."""
    needed: dict[str, int | Fraction] = {}
    for quota in group:
        least = quota.at_least
        share = least * fewest if isinstance(least, Fraction) else least or 0
        needed[quota.value] = max(needed.get(quota.value, 0), share)
    shares: dict[str, Fraction] = {}
    for quota in group:
        if isinstance(quota.at_least, Fraction):
            shares[quota.value] = max(shares.get(quota.value, Fraction(0)), quota.at_least)
    what = ""
    if sum(shares.values()) > 1 and fewest > 0:
        what = f"the shares that the quotas on {group[0].column} ask for add up to more than 100%"
    elif len(needed) > 1 and max(needed.values()) <= most < sum(needed.values()):
        what = f"the quotas on {group[0].column} ask for more pairs than the {most:,} that there are at most"
    if what:
        problems.add("RM165", "policy.limits", what, "lower one of them")


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _groups(quotas: Iterable[Quota]) -> Iterator[list[Quota]]:
    """Quotas of one column and side."""
    found: dict[tuple[str, Side], list[Quota]] = {}
    for quota in quotas:
        found.setdefault((quota.column, quota.side), []).append(quota)
    return iter(found.values())


def _same_group(one: Quota, other: Quota) -> bool:
    return (one.column, one.value, one.side) == (other.column, other.value, other.side)


def _contradict(one: Quota, other: Quota, fewest: int, most: int) -> bool:
    """Whether no plan has as much of a group as the one asks for, and no more than the other allows."""
    low, high = one.at_least, other.at_most
    if low is None or high is None:
        return False
    if isinstance(low, Fraction) and isinstance(high, Fraction):
        return low > high and fewest > 0  # a plan without pairs keeps every share
    return _needed(low, fewest) > _allowed(high, most)


def _needed(bound: int | Fraction | None, fewest: int) -> int:
    """Pairs that a group is in at the least, if there are so many in all."""
    return math.ceil(bound * fewest) if isinstance(bound, Fraction) else bound or 0


def _allowed(bound: int | Fraction | None, most: int) -> int | float:
    """Pairs that a group is in at most, if there are so many in all."""
    if bound is None:
        return math.inf
    return math.floor(bound * most) if isinstance(bound, Fraction) else bound
