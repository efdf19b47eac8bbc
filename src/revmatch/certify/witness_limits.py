"""One witness for each limit: a plain function over the pairs of a plan and the raw cells of their people.

Written from the sentences of the documentation. A witness never asks the limit for its rows; it only reads its fields.
It says what is broken, and where, in words that name nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

from revmatch.certify.witness_meetings import meetings
from revmatch.policy import limits

if TYPE_CHECKING:
    from revmatch.certify.world import World


@dataclass(frozen=True)
class Made:
    """The pairs of a plan, as limits look at them.

    Parameters
    ----------
    world : World
    pairs : list of (int, int)
        Positions of mentor and mentee, each pair once.
    blocking : callable
        Pairs outside the plan that block it, by a limit `Stable`.
    starts : dict
        When pairs meet first: minutes on the mentee's clock from the first Monday; empty where nothing is said.
    """

    world: World
    pairs: list[tuple[int, int]]
    blocking: Callable[[limits.Stable], Iterator[tuple[int, int]]]
    starts: dict[tuple[int, int], int]

    @cached_property
    def mentees_of(self) -> dict[int, list[int]]:
        """Mentees of each mentor who has any."""
        found: dict[int, list[int]] = {}
        for i, j in self.pairs:
            found.setdefault(i, []).append(j)
        return found

    @cached_property
    def mentors_of(self) -> dict[int, list[int]]:
        """Mentors of each mentee who has any."""
        found: dict[int, list[int]] = {}
        for i, j in self.pairs:
            found.setdefault(j, []).append(i)
        return found


def everyone_matched(limit: limits.EveryoneMatched, made: Made) -> Iterator[str]:
    """Everybody of the side who takes part has a partner."""
    world = made.world
    most = (world.mentor_bounds if limit.side == "mentor" else world.mentee_bounds)[1]
    matched = made.mentees_of if limit.side == "mentor" else made.mentors_of
    for row, capacity in enumerate(most.tolist()):
        if capacity > 0 and row not in matched:
            yield f"{world.where(limit.side, row)} has no partner"


def department_pair(limit: limits.DepartmentPair, made: Made) -> Iterator[str]:
    """Pairs between two departments; who states none is not counted."""
    world = made.world
    between: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for i, j in made.pairs:
        a, b = world.mentors.cell(i, "department"), world.mentees.cell(j, "department")
        if a and b:
            between.setdefault((a, b), []).append((i, j))
    for pairs in between.values():
        if len(pairs) > limit.at_most:
            who = world.pair(*pairs[0])
            yield f"there are {len(pairs)} pairs between the departments of {who}, more than {limit.at_most}"


def quota(limit: limits.Quota, made: Made) -> Iterator[str]:
    """Pairs whose person of the side has exactly this text in the column: a count, or a share of all pairs."""
    side, total = made.world.mentors if limit.side == "mentor" else made.world.mentees, len(made.pairs)
    of_group = 0
    for i, j in made.pairs:
        if side.cell(i if limit.side == "mentor" else j, limit.column) == limit.value:
            of_group += 1
    said = f"{of_group} of {total} pairs have a {limit.side} of the group"
    for bound, way in ((limit.at_least, "fewer"), (limit.at_most, "more")):
        if bound is None:
            continue
        share = isinstance(bound, Fraction)
        asked = bound * total if share else bound
        if (of_group < asked) if way == "fewer" else (of_group > asked):
            yield f"{said}, {way} than {bound}{' of all' if share else ''}"


def total_pairs(limit: limits.TotalPairs, made: Made) -> Iterator[str]:
    """All pairs together."""
    if len(made.pairs) > limit.at_most:
        yield f"there are {len(made.pairs)} pairs, more than {limit.at_most}"


def circles(limit: limits.Circles, made: Made) -> Iterator[str]:
    """No mentor, or from smallest to largest of them."""
    for j, mentors in made.mentors_of.items():
        if not limit.smallest <= len(mentors) <= limit.largest:
            count = f"{len(mentors)} mentor{'s' * (len(mentors) != 1)}"
            wanted = f"from {limit.smallest} to {limit.largest}" if limit.smallest < limit.largest else limit.smallest
            yield f"{made.world.where('mentee', j)} has {count}, not {wanted}"


def co_mentors_different(limit: limits.CoMentorsDifferent, made: Made) -> Iterator[str]:
    """Any two mentors of one mentee both state a value, and the values differ."""
    mentors = made.world.mentors
    for j, own in made.mentors_of.items():
        for a, b in combinations(own, 2):
            one, other = mentors.cell(a, limit.column), mentors.cell(b, limit.column)
            if not one or not other or one == other:
                why = "have the same value" if one and other else "cannot be said to differ"
                who = f"{made.world.where('mentor', a)} and {made.world.where('mentor', b)}"
                yield f"{who} share {made.world.where('mentee', j)} and {why}"
                break


def load(limit: limits.Load, made: Made) -> Iterator[str]:
    """The partners' whole numbers add up to at most the one given, or to the person's own."""
    world, mentor = made.world, limit.side == "mentor"
    own, others = world.sides if mentor else world.sides[::-1]
    for row, partners in (made.mentees_of if mentor else made.mentors_of).items():
        hours = [world.number(limit.hours, others.cell(partner, limit.hours)) for partner in partners]
        most = limit.at_most
        if isinstance(most, str):
            stated = world.number(most, own.cell(row, most))
            most = -1 if stated is None else stated
        if any(each is None for each in hours):
            yield f"{world.where(limit.side, row)} has a partner who states no {limit.hours}"
        elif sum(each or 0 for each in hours) > most:
            much = f"{sum(each or 0 for each in hours)} {limit.hours}"
            yield f"{world.where(limit.side, row)} has partners of {much}, more than {max(most, 0)}"


def together(limit: limits.Together, made: Made) -> Iterator[str]:
    """A mentee has all of these mentors, or none."""
    world = made.world
    listed = [world.mentors.rows[key] for key in limit.people if key in world.mentors.rows]
    for j, own in made.mentors_of.items():
        has, lacks = [i for i in listed if i in own], [i for i in listed if i not in own]
        if has and lacks:
            yield f"{world.pair(has[0], j)} are held without {world.where('mentor', lacks[0])}"


def apart(limit: limits.Apart, made: Made) -> Iterator[str]:
    """A mentee has at most one of these mentors."""
    world = made.world
    listed = {world.mentors.rows[key] for key in limit.people if key in world.mentors.rows}
    for j, own in made.mentors_of.items():
        has = [i for i in own if i in listed]
        if len(has) > 1:
            yield f"{world.pair(has[0], j)} are held together with {world.where('mentor', has[1])}"


def stable(limit: limits.Stable, made: Made) -> Iterator[str]:
    """No eligible pair outside the plan that both would rather have (see `revmatch.certify.stable`)."""
    for i, j in made.blocking(limit):
        yield f"{made.world.pair(i, j)} are not paired, and both would rather be"


#: Type of limit -> its witness: what a plan breaks.
LIMITS: dict[type[Any], Callable[[Any, Made], Iterator[str]]] = {
    limits.EveryoneMatched: everyone_matched,
    limits.DepartmentPair: department_pair,
    limits.Quota: quota,
    limits.TotalPairs: total_pairs,
    limits.Circles: circles,
    limits.CoMentorsDifferent: co_mentors_different,
    limits.Load: load,
    limits.Together: together,
    limits.Apart: apart,
    limits.Stable: stable,
    limits.Meetings: lambda limit, made: meetings(limit, made.world, made.pairs, made.starts),
}


def at_least_one(limit: limits.EveryoneMatched, side: str) -> int:
    """Everybody of the side needs a partner."""
    return 1 if limit.side == side else 0


def in_circles(limit: limits.Circles, side: str) -> tuple[int, int] | None:
    """A mentee who has any mentor has from smallest to largest of them."""
    return (limit.smallest, limit.largest) if side == "mentee" else None


#: Type of limit -> the fewest partners that it asks of each person of a side who takes part.
LEAST: dict[type[Any], Callable[[Any, str], int]] = {limits.EveryoneMatched: at_least_one}
#: Type of limit -> fewest and most partners that it allows to each person of a side who has any; None: any number.
PARTNERS: dict[type[Any], Callable[[Any, str], tuple[int, int] | None]] = {limits.Circles: in_circles}
