"""How the oracle judges a set of pairs: every limit and every goal, each from its own sentence.

Its own reading of what limits and goals mean; standard library only, nothing of ``src/revmatch``. A limit becomes a
question that is asked of a whole set of pairs; a goal becomes a number of which more is better.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from oracle_cells import Cells, common_series, items

if TYPE_CHECKING:
    from oracle import Facts, Named

Pair = tuple[str, str]
Number = int | Fraction
Shown = int | float | Fraction
Pairs = dict[Pair, Number]  # who may meet, and what it is worth
Test = Callable[[list[Pair]], bool]

SIDES = ("mentor", "mentee")


def limit_test(name: str, params: dict[str, Any], facts: Facts, pairs: Pairs) -> Test:
    """The question whether a set of pairs keeps one limit."""
    return LIMITS[name](facts, pairs, **params)


def partners(chosen: Iterable[Pair], side: str) -> dict[str, list[str]]:
    """The partners of everybody of a side who has any."""
    found: dict[str, list[str]] = {}
    for mentor, mentee in chosen:
        own, other = (mentor, mentee) if side == "mentor" else (mentee, mentor)
        found.setdefault(own, []).append(other)
    return found


def cells(facts: Facts, side: str, column: str) -> dict[str, str]:
    """Everybody's cell of a column; "" where nothing is stated."""
    return {key: facts.cell(side, key, column) for key in facts.people[side]}


# --- limits -----------------------------------------------------------------------------------------------------------


def everyone_matched(facts: Facts, pairs: Pairs, side: str) -> Test:
    """Everybody of the side who takes part has a partner."""
    taking_part = {key for key in facts.people[side] if facts.capacity(side, key) > 0}
    return lambda chosen: taking_part <= set(partners(chosen, side))


def department_pair(facts: Facts, pairs: Pairs, at_most: int) -> Test:
    """At most so many pairs between one department of mentors and one of mentees; who states none is not counted."""
    junior, senior = cells(facts, "mentor", "department"), cells(facts, "mentee", "department")

    def keeps(chosen: list[Pair]) -> bool:
        between = Counter((junior[i], senior[j]) for i, j in chosen if junior[i] and senior[j])
        return all(count <= at_most for count in between.values())

    return keeps


def quota(
    facts: Facts, pairs: Pairs, column: str, value: Any, side: str, at_least: Any = None, at_most: Any = None
) -> Test:
    """Fewest and most pairs whose person of the side has this value: as a count, or as a share of all pairs."""
    group = {key for key, cell in cells(facts, side, column).items() if cell == str(value)}
    low, high, end = share_or_count(at_least), share_or_count(at_most), SIDES.index(side)

    def keeps(chosen: list[Pair]) -> bool:
        inside = sum(pair[end] in group for pair in chosen)
        least, most = (bound * len(chosen) if isinstance(bound, Fraction) else bound for bound in (low, high))
        return (least is None or least <= inside) and (most is None or inside <= most)

    return keeps


def share_or_count(bound: Any) -> int | Fraction | None:
    """``"40%"``, ``"1/3"`` and fractions are shares; whole numbers are counts."""
    if isinstance(bound, str):
        return Fraction(bound.rstrip("% ")) / 100 if "%" in bound else Fraction(bound)
    return bound


def total_pairs(facts: Facts, pairs: Pairs, at_most: int) -> Test:
    return lambda chosen: len(chosen) <= at_most


def circles(facts: Facts, pairs: Pairs, smallest: int, largest: int) -> Test:
    """A mentee has no mentor, or between the smallest and the largest number of them."""
    return lambda chosen: all(smallest <= len(group) <= largest for group in partners(chosen, "mentee").values())


def co_mentors_different(facts: Facts, pairs: Pairs, column: str) -> Test:
    """Any two mentors of one mentee both state a value, and not the same."""
    value = cells(facts, "mentor", column)

    def keeps(chosen: list[Pair]) -> bool:
        for group in partners(chosen, "mentee").values():
            values = [value[i] for i in group]
            if len(values) > 1 and ("" in values or len(set(values)) < len(values)):
                return False
        return True

    return keeps


def load(facts: Facts, pairs: Pairs, hours: str, at_most: int | str, side: str = "mentor") -> Test:
    """What the partners of one person take adds up to no more than that person has."""
    other = SIDES[side == "mentor"]
    takes = {key: facts.number(other, key, hours) or 0 for key in facts.people[other]}
    has = {
        key: at_most if isinstance(at_most, int) else facts.number(side, key, at_most) or 0
        for key in facts.people[side]
    }
    return lambda chosen: all(sum(takes[p] for p in held) <= has[key] for key, held in partners(chosen, side).items())


def together(facts: Facts, pairs: Pairs, people: Iterable[str]) -> Test:
    """Each mentee has all of these mentors or none."""
    wanted = set(people)

    def keeps(chosen: list[Pair]) -> bool:
        return all(wanted.isdisjoint(held) or wanted <= set(held) for held in partners(chosen, "mentee").values())

    return keeps


def apart(facts: Facts, pairs: Pairs, people: Iterable[str]) -> Test:
    """Each mentee has at most one of these mentors."""
    named = set(people)
    return lambda chosen: all(len(named.intersection(held)) <= 1 for held in partners(chosen, "mentee").values())


def stable(facts: Facts, pairs: Pairs, by: str = "score") -> Test:
    """No eligible pair outside the plan of which each has a free place, or holds somebody whom they like less."""
    places = {(side, key): facts.capacity(side, key) for side in SIDES for key in facts.people[side]}

    def liking(side: str, own: str, other: str) -> Number:
        """How much one person likes another: more is better."""
        if by == "score":
            return pairs[(own, other) if side == "mentor" else (other, own)]
        listed = items(facts.cell(side, own, "choices"))
        return -listed.index(other) if other in listed else -len(listed)

    likes = {
        (side, *ends): liking(side, *ends)
        for mentor, mentee in pairs
        for side, ends in (("mentor", (mentor, mentee)), ("mentee", (mentee, mentor)))
    }

    def keeps(chosen: list[Pair]) -> bool:
        held = {side: partners(chosen, side) for side in SIDES}

        def would(side: str, own: str, other: str) -> bool:
            mine = held[side].get(own, [])
            wanted = likes[side, own, other]
            return len(mine) < places[side, own] or any(likes[side, own, who] < wanted for who in mine)

        return not any(
            would("mentor", mentor, mentee) and would("mentee", mentee, mentor)
            for mentor, mentee in pairs.keys() - set(chosen)
        )

    return keeps


def meetings(
    facts: Facts,
    pairs: Pairs,
    start: str,
    minutes: int = 60,
    every: int = 4,
    weeks: int = 24,
    grid: int = 30,
    rooms: int | None = None,
) -> Test:
    """A weekly time for each pair, so that nobody is in two sessions at once, and rooms suffice at every moment."""
    length, trials = dt.timedelta(minutes=minutes), Trials(rooms)

    def keeps(chosen: list[Pair]) -> bool:
        options = []
        for mentor, mentee in chosen:
            who = all_hours(facts, "mentor", mentor), all_hours(facts, "mentee", mentee)
            if not all(own[0] and own[1] for own in who):
                return False
            options.append((mentor, mentee, series(*who, minutes, start, every, weeks, grid)))
        return trials.can(sorted(options, key=lambda option: len(option[2])), length)

    return keeps


def all_hours(facts: Facts, side: str, key: str) -> Cells:
    """What somebody says of their hours."""
    available, zone, away = (facts.cell(side, key, column) for column in ("available", "time_zone", "away"))
    return available, zone, away


@functools.cache
def series(*args: Any) -> list[tuple[dt.datetime, ...]]:
    """Weekly times of a pair."""
    return list(common_series(*args))


class Trials:
    """Tries times for pairs, one after another, back and forth."""

    def __init__(self, rooms: int | None) -> None:
        self.rooms, self.known = rooms, dict[frozenset[Pair], bool]()

    def can(self, options: list[tuple[str, str, list[tuple[dt.datetime, ...]]]], length: dt.timedelta) -> bool:
        """Whether there is a time for each."""
        key = frozenset((mentor, mentee) for mentor, mentee, _ in options)
        if key not in self.known:
            self.known[key] = self._can(options, length, [])
        return self.known[key]

    def _can(self, options: Any, length: dt.timedelta, given: list[tuple[str, str, tuple[dt.datetime, ...]]]) -> bool:
        if not options:
            return True
        mentor, mentee, times = options[0]
        for moments in times:
            at_once = [[other for other in given if meet(moment, other[2], length)] for moment in moments]
            theirs = any(other[0] == mentor or other[1] == mentee for some in at_once for other in some)
            both_roles = any({mentor, mentee} & {other[0], other[1]} for some in at_once for other in some)
            more = [*given, (mentor, mentee, moments)]
            if not (theirs or both_roles or self._too_many(more, length)) and self._can(options[1:], length, more):
                return True
        return False

    def _too_many(self, given: list[tuple[str, str, tuple[dt.datetime, ...]]], length: dt.timedelta) -> bool:
        starts = {moment for _, _, moments in given for moment in moments}
        if self.rooms is None:
            return False
        return any(
            sum(any(one <= moment < one + length for one in moments) for _, _, moments in given) > self.rooms
            for moment in starts
        )


def meet(moment: dt.datetime, others: tuple[dt.datetime, ...], length: dt.timedelta) -> bool:
    """Whether a session at a moment is at the same time as one of the others."""
    return any(abs(moment - other) < length for other in others)


LIMITS: dict[str, Callable[..., Test]] = {
    "Apart": apart,
    "Circles": circles,
    "CoMentorsDifferent": co_mentors_different,
    "DepartmentPair": department_pair,
    "EveryoneMatched": everyone_matched,
    "Load": load,
    "Meetings": meetings,
    "Quota": quota,
    "Stable": stable,
    "Together": together,
    "TotalPairs": total_pairs,
}


# --- goals ------------------------------------------------------------------------------------------------------------


def goal_value(goal: Named, facts: Facts, chosen: list[Pair], pairs: Pairs) -> Number:
    """How much of one goal this set of pairs reaches; more is better."""
    name, params = goal
    if name == "Coverage":
        return sum(len(partners(chosen, side)) for side in SIDES if params.get("side") in (None, side))
    if name == "Pairs":
        return len(chosen)
    if name == "TotalScore":
        return sum(pairs[pair] for pair in chosen)
    if name == "WorstOff":
        matched = partners(chosen, "mentee")
        return min((sum(pairs[i, j] for i in held) for j, held in matched.items()), default=0)
    if name == "Balance":
        return -gap(facts, chosen, **params)
    if name == "LeastChange":
        return len(set(facts.case.previous) & set(chosen))
    raise ValueError(name)


def gap(facts: Facts, chosen: list[Pair], column: str, side: str | None = None) -> Number:
    """The largest less the smallest part, over all groups, of a group's people who have a partner."""
    groups = facts.groups(column, side)
    matched = {(where, key) for where in SIDES for key in partners(chosen, where)}
    rates = [Fraction(len(group & matched), len(group)) for group in groups]
    return max(rates) - min(rates) if len(rates) > 1 else 0


def goal_shown(goal: Named, facts: Facts, value: Number) -> Shown:
    """A goal's value as a plan tells it: the gap as it is, and of the pairs before how many are lost."""
    if goal[0] == "Balance":
        return float(-value)
    if goal[0] == "LeastChange":
        return len(set(facts.case.previous)) - value
    return value
