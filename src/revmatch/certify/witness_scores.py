"""One witness for each score term: a plain function over two people's raw cells.

Written from the sentences of the documentation, with plain ``min``, ``max`` and sums. A witness never calls the term it
speaks of; it only reads its fields.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from revmatch.certify import cells
from revmatch.certify.witness import Witness
from revmatch.certify.world import World
from revmatch.policy import score


class Learner(NamedTuple):
    """What somebody has, and what they want.

    ``wishes`` holds skill, wanted level, own level and worth of a level; ``unit`` is what closing one is worth.
    """

    offers: dict[str, int]
    wishes: list[tuple[str, int, int, int]]
    unit: int


def skill_gap(term: score.SkillGap, world: World) -> Witness:
    """Levels of the mentee's wishes that the mentor can close; the other way round too if asked."""
    weights = world.weights(term)

    def read(offers: str, wants: str) -> Learner:
        own = cells.levels(offers)
        wishes = [
            (skill, level, own.get(skill, 0), weights.get(skill, 1)) for skill, level in cells.levels(wants).items()
        ]
        lacking = sum(weight * max(0, wanted - has) for _, wanted, has, weight in wishes)
        return Learner(own, wishes, 1 if term.per == "level" or not lacking else 1000 // lacking)

    def closed(taught: dict[str, int], learner: Learner) -> int:
        total = 0
        for skill, wanted, has, weight in learner.wishes:
            level = taught.get(skill)
            if level is not None:
                total += weight * max(0, min(level, wanted) - has)
        return total * learner.unit

    mentees = world.mentees.reading_all(read, "offers", "wants")
    if term.direction == "mentee":
        return Witness(world.mentors.reading(cells.levels, "offers"), mentees, closed)
    mentors = world.mentors.reading_all(read, "offers", "wants")
    return Witness(mentors, mentees, lambda a, b: closed(a.offers, b) + closed(b.offers, a))


def different(term: score.Different, world: World) -> Witness:
    """1 if both have stated the column and the values differ."""
    return Witness(*world.readings(term.column), lambda a, b: 1 if a != "" and b != "" and a != b else 0)


def same(term: score.Same, world: World) -> Witness:
    """1 if both have stated the column and the values are the same."""
    return Witness(*world.readings(term.column), lambda a, b: 1 if a != "" and a == b else 0)


def shared(term: score.Shared, world: World) -> Witness:
    """How many items the two lists share."""
    mentors, mentees = (side.reading(cells.items, term.column) for side in world.sides)
    return Witness(mentors, mentees, lambda a, b: len(a & b))


def distance(term: score.Distance, world: World) -> Witness:
    """The difference of two whole numbers or grades, at most so much."""

    def says(a: int | None, b: int | None) -> int:
        return 0 if a is None or b is None else min(abs(a - b), term.at_most)

    return Witness(*world.number_readings(term.column), says)


def priority(term: score.Priority, world: World) -> Witness:
    """The person's own whole number."""
    if term.side == "mentor":
        return Witness(*world.number_readings(term.column), lambda a, b: a or 0)
    return Witness(*world.number_readings(term.column), lambda a, b: b or 0)


def rare_skill(term: score.RareSkill, world: World) -> Witness:
    """For each wanted skill that the mentor offers: mentors to one who offers it, at most 20."""
    mentors = world.mentors.reading(cells.levels, "offers")
    mentees = world.mentees.reading(cells.levels, "wants")

    def says(offered: dict[str, int], wanted: dict[str, int]) -> int:
        return sum(min(20, len(world.mentors) // world.offering[skill]) for skill in wanted if skill in offered)

    return Witness(mentors, mentees, says)


def choice(term: score.Choice, world: World) -> Witness:
    """Points for a partner whom one side listed among its choices."""
    most = len(term.points)

    def points(wishes: list[str], other: str) -> int:
        return term.points[wishes.index(other)] if other in wishes else 0

    def read(cell: str) -> list[str]:
        return cells.ids(cell)[:most]

    keys = world.key_readings()
    if term.of == "mentor":
        return Witness(world.mentors.reading(read, "choices"), keys[1], points)
    return Witness(keys[0], world.mentees.reading(read, "choices"), lambda other, wishes: points(wishes, other))


def table(term: score.Table, world: World) -> Witness:
    """The caller's own number, multiplied by the scale and rounded once, half to even; None if the pair is absent."""

    def read(number: Any) -> int:
        return round(number) if term.scale == 1 else round(Fraction(number) * term.scale)

    mentees = world.mentees.reading_each(int)
    if term.entries is not None:
        return Witness(world.mentors.reading_lately(world.listed(term, read)), mentees, dict.get)

    def says(i: int, j: int) -> int | None:
        absent = term.forbidden is not None and term.forbidden[i, j]
        return None if absent else read(term.values[i, j].item())

    return Witness(world.mentors.reading_each(int), mentees, says)


#: Type of term -> its witness. A table's points are whole units already (score x scale), every other term's are not.
SCORES: dict[type[Any], Callable[[Any, World], Witness]] = {
    score.SkillGap: skill_gap,
    score.Different: different,
    score.Same: same,
    score.Shared: shared,
    score.Distance: distance,
    score.Priority: priority,
    score.RareSkill: rare_skill,
    score.Choice: choice,
    score.Table: table,
}
