"""Score terms for every pair of a tile at once, by this room's own products and comparisons."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from revmatch.certify import cells
from revmatch.certify.listed import Listed
from revmatch.certify.world import Bools, Ints, Person, World
from revmatch.policy import score

#: Levels of one skill lie this far apart in a thin matrix.
STRIDE = 8


@dataclass(frozen=True, slots=True)
class Points:
    """What a term is worth.

    Parameters
    ----------
    values : callable
        Positions of R mentors and of C mentees -> whole numbers, shape (R, C).
    most : int
        No absolute value is above this.
    absent : callable, optional
        Positions -> which pairs do not exist.
    """

    values: Callable[[Ints, Ints], Ints]
    most: int
    absent: Callable[[Ints, Ints], Bools] | None = None


class Thin:
    """A thin matrix, one row a person, held by its entries that are not zero."""

    __slots__ = ("begin", "column", "value")

    def __init__(self, rows: list[dict[int, int]]) -> None:
        counts = np.array([len(row) for row in rows], dtype=np.int64)
        self.begin = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])
        total = int(self.begin[-1])
        self.column = np.fromiter((key for row in rows for key in row), dtype=np.int64, count=total)
        self.value = np.fromiter((value for row in rows for value in row.values()), dtype=np.int64, count=total)

    def entries(self, people: Ints) -> tuple[Ints, Ints]:
        """Which of these people, and which entry, for each entry of theirs."""
        counts = self.begin[people + 1] - self.begin[people]
        who = np.repeat(np.arange(len(people)), counts)
        return who, np.arange(len(who)) + np.repeat(self.begin[people] - (np.cumsum(counts) - counts), counts)

    @property
    def most(self) -> int:
        """Largest absolute entry."""
        return int(np.abs(self.value).max(initial=0))

    @property
    def longest(self) -> int:
        """Most entries of one person."""
        return int(np.diff(self.begin).max(initial=0))


def _product(a: Thin, b: Thin) -> Points:
    """Sum over columns of (mentor's entry x mentee's entry), in the cheapest numbers that hold every sum exactly."""
    most = min(a.longest, b.longest) * a.most * b.most
    dtype: Any = np.float32 if most < 1 << 24 else np.float64 if most < 1 << 53 else np.int64

    def values(rows: Ints, cols: Ints) -> Ints:
        (who_a, at_a), (who_b, at_b) = a.entries(rows), b.entries(cols)
        used = np.intersect1d(a.column[at_a], b.column[at_b])
        thin_a = _dense(len(rows), who_a, a.column[at_a], a.value[at_a], used, dtype)
        thin_b = _dense(len(cols), who_b, b.column[at_b], b.value[at_b], used, dtype)
        return np.asarray(thin_a @ thin_b.T, dtype=np.int64)

    return Points(values, most)


def _dense(count: int, who: Ints, column: Ints, value: Ints, used: Ints, dtype: Any) -> npt.NDArray[Any]:
    block = np.zeros((count, len(used)), dtype=dtype)
    if len(used):
        at = np.minimum(np.searchsorted(used, column), len(used) - 1)
        keep = used[at] == column
        block[who[keep], at[keep]] = value[keep]
    return block


def _sum(parts: Iterable[Points]) -> Points:
    some = list(parts)

    def values(rows: Ints, cols: Ints) -> Ints:
        total = some[0].values(rows, cols)
        for part in some[1:]:
            total = total + part.values(rows, cols)
        return total

    return Points(values, sum(part.most for part in some))


def _skill_gap(term: score.SkillGap, world: World) -> Points:
    known: dict[str, int] = {}
    weights = world.weights(term)
    has = [_has(person, known) for person in world.mentors]
    lacks = [_lacks(person, known, weights, term.per) for person in world.mentees]
    there = _product(Thin(has), Thin(lacks))
    if term.direction == "mentee":
        return there
    lacks_too = [_lacks(person, known, weights, term.per) for person in world.mentors]
    has_too = [_has(person, known) for person in world.mentees]
    return _sum([there, _product(Thin(lacks_too), Thin(has_too))])


def _has(person: Person, known: dict[str, int]) -> dict[int, int]:
    """1 for each level of each skill that a person has reached."""
    return {
        known.setdefault(skill, len(known)) * STRIDE + step: 1
        for skill, level in person.read(cells.levels, "offers").items()
        for step in range(level)
    }


def _lacks(person: Person, known: dict[str, int], weights: dict[str, int], per: str) -> dict[int, int]:
    """Worth of each level between what a person has and what they want."""
    own = person.read(cells.levels, "offers")
    found = {
        known.setdefault(skill, len(known)) * STRIDE + step: weights.get(skill, 1)
        for skill, wanted in person.read(cells.levels, "wants").items()
        for step in range(own.get(skill, 0), wanted)
    }
    in_all = sum(found.values())
    if per == "level" or not in_all:
        return found
    return {key: weight * (1000 // in_all) for key, weight in found.items()}


def codes(world: World, column: str) -> tuple[Ints, Ints]:
    """Equal numbers for equal cells of both sides; -1 where not stated."""
    known: dict[str, int] = {"": -1}
    a, b = (
        np.array([known.setdefault(person.cell(column), len(known)) for person in side], dtype=np.int64)
        for side in (world.mentors, world.mentees)
    )
    return a, b


def numbers(world: World, side: list[Person], column: str) -> tuple[Ints, Bools]:
    """Whole numbers or ranks of a column (0 where not stated), and who stated one."""
    found = [world.number(person, column) for person in side]
    known = np.array([number is not None for number in found], dtype=bool)
    return np.array([number or 0 for number in found], dtype=np.int64), known


def _different(term: score.Different, world: World) -> Points:
    a, b = codes(world, term.column)

    def values(rows: Ints, cols: Ints) -> Ints:
        x, y = a[rows][:, None], b[cols][None, :]
        return np.asarray((x != y) & (x >= 0) & (y >= 0), dtype=np.int64)

    return Points(values, 1)


def _same(term: score.Same, world: World) -> Points:
    a, b = codes(world, term.column)

    def values(rows: Ints, cols: Ints) -> Ints:
        x, y = a[rows][:, None], b[cols][None, :]
        return np.asarray((x == y) & (x >= 0), dtype=np.int64)

    return Points(values, 1)


def shared(column: str, world: World) -> Points:
    """How many items two lists share."""
    known: dict[str, int] = {}
    a, b = (
        Thin([{known.setdefault(i, len(known)): 1 for i in person.read(cells.items, column)} for person in side])
        for side in (world.mentors, world.mentees)
    )
    return _product(a, b)


def _shared(term: score.Shared, world: World) -> Points:
    return shared(term.column, world)


def _distance(term: score.Distance, world: World) -> Points:
    (a, knows_a), (b, knows_b) = (numbers(world, side, term.column) for side in (world.mentors, world.mentees))

    def values(rows: Ints, cols: Ints) -> Ints:
        apart = np.minimum(np.abs(a[rows][:, None] - b[cols][None, :]), term.at_most)
        return np.asarray(np.where(knows_a[rows][:, None] & knows_b[cols][None, :], apart, 0), dtype=np.int64)

    return Points(values, term.at_most)


def _priority(term: score.Priority, world: World) -> Points:
    own, _ = numbers(world, world.mentors if term.side == "mentor" else world.mentees, term.column)

    def values(rows: Ints, cols: Ints) -> Ints:
        one = own[rows][:, None] if term.side == "mentor" else own[cols][None, :]
        return np.broadcast_to(one, (len(rows), len(cols)))

    return Points(values, int(np.abs(own).max(initial=0)))


def _rare_skill(term: score.RareSkill, world: World) -> Points:
    known: dict[str, int] = {}
    rare = {skill: min(20, len(world.mentors) // count) for skill, count in world.offering.items()}
    offered = [
        {known.setdefault(skill, len(known)): rare[skill] for skill in person.read(cells.levels, "offers")}
        for person in world.mentors
    ]
    wanted = [
        {known.setdefault(skill, len(known)): 1 for skill in person.read(cells.levels, "wants")}
        for person in world.mentees
    ]
    return _product(Thin(offered), Thin(wanted))


def _choice(term: score.Choice, world: World) -> Points:
    choosers, others = (world.mentors, world.mentees) if term.of == "mentor" else (world.mentees, world.mentors)
    rows = {person.key: person.row for person in others}
    i, j, points = [], [], []
    for person in choosers:
        wishes = person.read(cells.ids, "choices")
        for wish, worth in zip(wishes, term.points, strict=False):
            if wish in rows:
                i.append(person.row if term.of == "mentor" else rows[wish])
                j.append(rows[wish] if term.of == "mentor" else person.row)
                points.append(worth)
    listed = Listed(_ints(i), _ints(j), world.shape, _ints(points))
    return Points(_from_list(listed), max(map(abs, term.points)))


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _from_list(listed: Listed) -> Callable[[Ints, Ints], Ints]:
    def values(rows: Ints, cols: Ints) -> Ints:
        block = np.zeros((len(rows), len(cols)), dtype=np.int64)
        at, found = listed.in_tile(rows, cols)
        block[at] = found
        return block

    return values


def _table(term: score.Table, world: World) -> Points:
    given, forbidden = term.values, term.forbidden
    largest = max(given.max(initial=0), -given.min(initial=0)).item()
    most = ceil(Fraction(largest) * term.scale)
    if term.entries is None:
        return Points(
            lambda rows, cols: _whole(given[np.ix_(rows, cols)], term.scale),
            most,
            None if forbidden is None else lambda rows, cols: forbidden[np.ix_(rows, cols)],
        )
    listed = Listed(*term.entries, world.shape, _whole(given, term.scale))

    def absent(rows: Ints, cols: Ints) -> Bools:
        block = np.ones((len(rows), len(cols)), dtype=bool)
        block[listed.in_tile(rows, cols)[0]] = False
        return block

    return Points(_from_list(listed), most, absent)


def _whole(given: npt.NDArray[Any], scale: Fraction) -> Ints:
    """The caller's numbers times the scale, rounded once, half to even."""
    if given.dtype.kind in "iu":
        return np.asarray(given, dtype=np.int64) * int(scale)
    power = scale.numerator.bit_length() - scale.denominator.bit_length()
    is_power = Fraction(2) ** power == scale
    scaled = np.ldexp(given, power) if is_power else given * float(scale)
    found = np.asarray(np.rint(scaled), dtype=np.int64)
    # times a power of two is exact; any other product was itself rounded, and may lie on the wrong side of a half
    if not is_power:
        close = np.abs(np.abs(scaled - found) - 0.5) <= np.abs(scaled) * 2.0**-50
        for at in zip(*np.nonzero(close), strict=True):
            found[at] = round(Fraction(float(given[at])) * scale)
    return found


#: Type of term -> its reading in bulk.
SCORES: dict[type[Any], Callable[[Any, World], Points]] = {
    score.SkillGap: _skill_gap,
    score.Different: _different,
    score.Same: _same,
    score.Shared: _shared,
    score.Distance: _distance,
    score.Priority: _priority,
    score.RareSkill: _rare_skill,
    score.Choice: _choice,
    score.Table: _table,
}
