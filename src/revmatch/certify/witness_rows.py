"""One witness for each limit that a certificate may price: its rows, from the raw cells.

Written from the names of rows in the documentation ("How a plan is proved"), in whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from revmatch.certify.grids import EVERY_ROW, NO_ROW, Grid
from revmatch.certify.sides import Ints, Side
from revmatch.certify.world import World
from revmatch.policy import limits

#: Numbers of cells stay below this, or the rows cannot be added up.
MOST_HOURS = 1 << 53


def _texts_in_order(side: Side, column: str) -> tuple[Ints, int]:
    """Place of each person's text among the different ones that are stated, sorted; `NO_ROW` where none is."""
    cells = side.column(column)
    used = np.unique(cells.codes).tolist()
    words = sorted({cells.texts[code] for code in used} - {""})
    place = {word: k for k, word in enumerate(words)}
    table = np.array([place.get(text, NO_ROW) for text in cells.texts], dtype=np.int64)
    return table[cells.codes], len(words)


def _by_id(side: Side) -> Ints:
    """Place of each person in the order of ids."""
    place = np.empty(len(side), dtype=np.int64)
    place[side.order] = np.arange(len(side))
    return place


def _nothing(world: World) -> tuple[Ints, Ints]:
    n, m = world.shape
    return np.zeros(n, dtype=np.int64), np.zeros(m, dtype=np.int64)


def _one_each(world: World) -> tuple[Ints, Ints]:
    n, m = world.shape
    return np.ones(n, dtype=np.int64), np.ones(m, dtype=np.int64)


def _always(most: int, a: int, b: int) -> int:
    return most


def department_pair(limit: limits.DepartmentPair, world: World) -> list[Grid]:
    """One row for each department of mentors and each of mentees."""
    (a, count_a), (b, count_b) = (_texts_in_order(side, "department") for side in world.sides)
    return [Grid(a, b, (count_a, count_b), *_one_each(world), partial(_always, limit.at_most))]


def quota(limit: limits.Quota, world: World) -> list[Grid]:
    """At least: of q pairs p, so p for every pair less q for each of the group; at most the other way round."""
    side = world.mentors if limit.side == "mentor" else world.mentees
    column = side.column(limit.column)
    member = np.array([text == limit.value for text in column.texts], dtype=np.int64)[column.codes]
    found = []
    for bound, sign in ((limit.at_least, -1), (limit.at_most, 1)):
        if bound is None:
            continue
        p, q = (bound.numerator, bound.denominator) if isinstance(bound, Fraction) else (0, 1)
        most = 0 if isinstance(bound, Fraction) else sign * bound
        own, (ones, others) = sign * (q * member - p), _one_each(world)
        weights = (own, others) if limit.side == "mentor" else (ones, own)
        found.append(Grid(*_nothing(world), (1, 1), *weights, partial(_always, most)))
    return found


def total_pairs(limit: limits.TotalPairs, world: World) -> list[Grid]:
    """Every pair counts 1."""
    return [Grid(*_nothing(world), (1, 1), *_one_each(world), partial(_always, limit.at_most))]


def co_mentors_different(limit: limits.CoMentorsDifferent, world: World) -> list[Grid]:
    """Mentee by mentee at most one mentor of a value, those without one counted with each."""
    a, count = _texts_in_order(world.mentors, limit.column)
    groups = np.where(a == NO_ROW, EVERY_ROW if count else 0, a)
    shape = (max(1, count), len(world.mentees))
    return [Grid(groups, _by_id(world.mentees), shape, *_one_each(world), partial(_always, 1))]


def load(limit: limits.Load, world: World) -> list[Grid]:
    """Person by person, what their partners state."""
    mentor = limit.side == "mentor"
    own, others = world.sides if mentor else world.sides[::-1]
    hours = _numbers(world, others, limit.hours)
    stated = [limit.at_most] * len(own) if isinstance(limit.at_most, int) else _numbers(world, own, limit.at_most)
    order, place = own.order.tolist(), _by_id(own)
    none, one = _nothing(world), _one_each(world)
    weight = np.array(hours, dtype=np.int64)
    if mentor:
        return [Grid(place, none[1], (len(own), 1), one[0], weight, lambda a, b: stated[order[a]])]
    return [Grid(none[0], place, (1, len(own)), weight, one[1], lambda a, b: stated[order[b]])]


def _numbers(world: World, side: Side, column: str) -> list[int]:
    cells = side.column(column)
    read = [world.number(column, text) or 0 for text in cells.texts]
    if any(abs(number) >= MOST_HOURS for number in read):
        raise OverflowError(column)
    return [read[code] for code in cells.codes.tolist()]


def together(limit: limits.Together, world: World) -> list[Grid]:
    """Whoever follows in the list is held as well; the last is followed by the first."""
    place, found = _by_id(world.mentees), []
    for t, key in enumerate(limit.people):
        one, other = world.mentors.rows[key], world.mentors.rows[limit.people[(t + 1) % len(limit.people)]]
        group, weight = np.full(world.shape[0], NO_ROW, dtype=np.int64), np.zeros(world.shape[0], dtype=np.int64)
        group[[one, other]] = 0
        weight[one], weight[other] = 1, -1
        shape = (1, len(world.mentees))
        found.append(Grid(group, place, shape, weight, _one_each(world)[1], partial(_always, 0)))
    return found


def apart(limit: limits.Apart, world: World) -> list[Grid]:
    """Mentee by mentee at most one of them."""
    group = np.full(world.shape[0], NO_ROW, dtype=np.int64)
    group[[world.mentors.rows[key] for key in limit.people]] = 0
    return [Grid(group, _by_id(world.mentees), (1, len(world.mentees)), *_one_each(world), partial(_always, 1))]


#: Type of limit -> its rows; the other limits bound numbers of partners, or are no sum at all.
ROWS: dict[type[Any], Callable[[Any, World], list[Grid]]] = {
    limits.DepartmentPair: department_pair,
    limits.Quota: quota,
    limits.TotalPairs: total_pairs,
    limits.CoMentorsDifferent: co_mentors_different,
    limits.Load: load,
    limits.Together: together,
    limits.Apart: apart,
}
