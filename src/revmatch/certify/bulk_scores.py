"""Score terms for many pairs at once, by this room's own products and comparisons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from revmatch.certify import cells
from revmatch.certify.bulk_skills import closable, items, rare
from revmatch.certify.listed import Listed
from revmatch.certify.sides import Bools, Ints, Side
from revmatch.certify.thin import Product
from revmatch.certify.world import World
from revmatch.policy import score


@dataclass(frozen=True, slots=True)
class Points:
    """What a term is worth.

    Parameters
    ----------
    pairs : callable
        Positions of mentors and of mentees, one a pair -> whole numbers. Where neither `products` nor `listed` is given
        the positions may also be of any shapes that go together, such as those of a tile.
    least, most : int
        No value is below or above this.
    products : tuple of Product
        Their sum is the value of every pair.
    alone : tuple of ndarray, optional
        The value is the mentor's number and the mentee's number added up.
    listed : Listed, optional
        Only these pairs may have a value that is not 0.
    absent : callable, optional
        Positions, of any shapes -> which pairs do not exist.
    only : Listed, optional
        No other pairs exist.
    table : bool
        The values lie anywhere between `least` and `most`: such bounds say little.
    """

    pairs: Callable[[Ints, Ints], Ints]
    least: int
    most: int
    products: tuple[Product, ...] = ()
    alone: tuple[Ints, Ints] | None = None
    listed: Listed | None = None
    absent: Callable[[Ints, Ints], Bools] | None = None
    only: Listed | None = None
    table: bool = False


def of_products(*products: Product) -> Points:
    """Points that are a sum of products of thin matrices."""

    def pairs(i: Ints, j: Ints) -> Ints:
        return sum((product.pairs(i, j) for product in products), np.zeros(len(i), dtype=np.int64))

    most = sum(product.most for product in products)
    return Points(pairs, -most, most, products)


def _skill_gap(term: score.SkillGap, world: World) -> Points:
    weights, need = world.weights(term), term.per == "need"
    there = closable(world.mentors, world.mentees, weights, need=need)
    if term.direction == "mentee":
        return of_products(there)
    back = closable(world.mentees, world.mentors, weights, need=need)
    return of_products(there, Product(back.b, back.a))


def _shared(term: score.Shared, world: World) -> Points:
    return of_products(items(world, term.column))


def _rare_skill(term: score.RareSkill, world: World) -> Points:
    return of_products(rare(world))


def codes(world: World, column: str) -> tuple[Ints, Ints]:
    """Equal numbers for equal cells of both sides; -1 where not stated."""
    known: dict[str, int] = {"": -1}

    def numbered(side: Side) -> Ints:
        found = side.column(column)
        return np.array(found.each(lambda text: known.setdefault(text, len(known))), dtype=np.int64)[found.codes]

    return numbered(world.mentors), numbered(world.mentees)


def numbers(world: World, side: Side, column: str) -> tuple[Ints, Bools]:
    """Whole numbers or ranks of a column (0 where not stated), and who stated one."""
    found = side.column(column)
    read = found.each(lambda text: world.number(column, text))
    known = np.array([number is not None for number in read], dtype=bool)
    return np.array([number or 0 for number in read], dtype=np.int64)[found.codes], known[found.codes]


def _different(term: score.Different, world: World) -> Points:
    a, b = codes(world, term.column)

    def pairs(i: Ints, j: Ints) -> Ints:
        x, y = a[i], b[j]
        return np.asarray((x != y) & (x >= 0) & (y >= 0), dtype=np.int64)

    return Points(pairs, 0, 1)


def _same(term: score.Same, world: World) -> Points:
    a, b = codes(world, term.column)

    def pairs(i: Ints, j: Ints) -> Ints:
        x, y = a[i], b[j]
        return np.asarray((x == y) & (x >= 0), dtype=np.int64)

    return Points(pairs, 0, 1)


def _distance(term: score.Distance, world: World) -> Points:
    (a, knows_a), (b, knows_b) = (numbers(world, side, term.column) for side in world.sides)

    def pairs(i: Ints, j: Ints) -> Ints:
        apart = np.minimum(np.abs(a[i] - b[j]), term.at_most)
        return np.asarray(np.where(knows_a[i] & knows_b[j], apart, 0), dtype=np.int64)

    return Points(pairs, min(0, term.at_most), max(0, term.at_most))


def _priority(term: score.Priority, world: World) -> Points:
    own, _ = numbers(world, world.mentors if term.side == "mentor" else world.mentees, term.column)
    nothing = np.zeros(world.shape[1] if term.side == "mentor" else world.shape[0], dtype=np.int64)
    a, b = (own, nothing) if term.side == "mentor" else (nothing, own)
    least, most = int(own.min(initial=0)), int(own.max(initial=0))
    return Points(lambda i, j: a[i] + b[j], least, most, alone=(a, b))


def _choice(term: score.Choice, world: World) -> Points:
    chooser, other = world.sides if term.of == "mentor" else world.sides[::-1]
    wishes = chooser.column("choices")
    lists = wishes.each(cells.ids)
    some = [code for code, wished in enumerate(lists) if wished]
    who: list[int] = []
    whom: list[int] = []
    points: list[int] = []
    for row in np.flatnonzero(np.isin(wishes.codes, some)).tolist():
        for wish, worth in zip(lists[wishes.codes[row]], term.points, strict=False):
            if wish in other.rows:
                who.append(row)
                whom.append(other.rows[wish])
                points.append(worth)
    i, j = (who, whom) if term.of == "mentor" else (whom, who)
    listed = Listed(_ints(i), _ints(j), world.shape, _ints(points))
    return Points(listed.numbers, min(0, *term.points), max(0, *term.points), listed=listed)


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _table(term: score.Table, world: World) -> Points:
    given, forbidden = term.values, term.forbidden
    largest = max(given.max(initial=0), -given.min(initial=0)).item()
    most = ceil(Fraction(largest) * term.scale)
    if term.entries is not None:
        listed = Listed(*term.entries, world.shape, _whole(given, term.scale))
        return Points(listed.numbers, -most, most, listed=listed, only=listed, absent=lambda i, j: ~listed.holds(i, j))
    return Points(
        lambda i, j: _whole(given[i, j], term.scale),
        -most,
        most,
        absent=None if forbidden is None else lambda i, j: forbidden[i, j],
        table=True,
    )


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
