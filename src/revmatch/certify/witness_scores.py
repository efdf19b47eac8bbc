"""One witness for each score term: a plain function over two people's raw cells.

Written from the sentences of the documentation, with plain ``min``, ``max`` and sums. A witness never calls the term it
speaks of; it only reads its fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from revmatch.certify import cells
from revmatch.certify.world import Person, World
from revmatch.policy import score

Witness = Callable[[Any, Person, Person, World], int]


def skill_gap(term: score.SkillGap, mentor: Person, mentee: Person, world: World) -> int:
    """Levels of the mentee's wishes that the mentor can close; the other way round too if asked."""
    weights = world.weights(term)
    points = _closed(term, weights, mentor, mentee)
    return points + _closed(term, weights, mentee, mentor) if term.direction == "both" else points


def _closed(term: score.SkillGap, weights: Mapping[str, int], teacher: Person, learner: Person) -> int:
    taught, own = teacher.read(cells.levels, "offers"), learner.read(cells.levels, "offers")
    wants = learner.read(cells.levels, "wants")
    closed = 0
    for skill, wanted in wants.items():
        if skill in taught:
            closed += weights.get(skill, 1) * max(0, min(taught[skill], wanted) - own.get(skill, 0))
    if term.per == "level" or not closed:
        return closed
    return closed * (1000 // sum(weights.get(skill, 1) * max(0, wants[skill] - own.get(skill, 0)) for skill in wants))


def different(term: score.Different, mentor: Person, mentee: Person, world: World) -> int:
    """1 if both have stated the column and the values differ."""
    a, b = mentor.cell(term.column), mentee.cell(term.column)
    return 1 if a != "" and b != "" and a != b else 0


def same(term: score.Same, mentor: Person, mentee: Person, world: World) -> int:
    """1 if both have stated the column and the values are the same."""
    a, b = mentor.cell(term.column), mentee.cell(term.column)
    return 1 if a != "" and a == b else 0


def shared(term: score.Shared, mentor: Person, mentee: Person, world: World) -> int:
    """How many items the two lists share."""
    return len(mentor.read(cells.items, term.column) & mentee.read(cells.items, term.column))


def distance(term: score.Distance, mentor: Person, mentee: Person, world: World) -> int:
    """The difference of two whole numbers or grades, at most so much."""
    a, b = world.number(mentor, term.column), world.number(mentee, term.column)
    return 0 if a is None or b is None else min(abs(a - b), term.at_most)


def priority(term: score.Priority, mentor: Person, mentee: Person, world: World) -> int:
    """The person's own whole number."""
    return world.number(mentor if term.side == "mentor" else mentee, term.column) or 0


def rare_skill(term: score.RareSkill, mentor: Person, mentee: Person, world: World) -> int:
    """For each wanted skill that the mentor offers: mentors to one who offers it, at most 20."""
    offered = mentor.read(cells.levels, "offers")
    wanted = mentee.read(cells.levels, "wants")
    return sum(min(20, len(world.mentors) // world.offering[skill]) for skill in wanted if skill in offered)


def choice(term: score.Choice, mentor: Person, mentee: Person, world: World) -> int:
    """Points for a partner whom one side listed among its choices."""
    chooser, other = (mentor, mentee) if term.of == "mentor" else (mentee, mentor)
    wishes = chooser.read(cells.ids, "choices")[: len(term.points)]
    return term.points[wishes.index(other.key)] if other.key in wishes else 0


def table(term: score.Table, mentor: Person, mentee: Person, world: World) -> int | None:
    """The caller's own number, multiplied by the scale and rounded once, half to even; None if the pair is absent."""
    number = world.entry(term, mentor.row, mentee.row)
    if number is None:
        return None
    return round(number) if term.scale == 1 else round(Fraction(number) * term.scale)


#: Type of term -> its witness. A table's points are whole units already (score x scale), every other term's are not.
SCORES: dict[type[Any], Callable[[Any, Person, Person, World], int | None]] = {
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


def worth(mentor: Person, mentee: Person, world: World) -> int | None:
    """Score of a pair in whole units (score x scale); None if a table has no entry for it."""
    total = 0
    for weight, term in world.terms:
        points = SCORES[type(term)](term, mentor, mentee, world)
        if points is None:
            return None
        total += weight * points
    return total
