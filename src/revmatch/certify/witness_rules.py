"""One witness for each rule: a plain function over two people's raw cells.

Written from the sentences of the documentation, with plain ``min``, ``max`` and comparisons. A witness never calls the
rule it speaks of; it only reads its fields. What is not stated forbids the pair.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from revmatch.certify import cells
from revmatch.certify.witness_scores import worth
from revmatch.certify.world import Person, World
from revmatch.policy import rules

Witness = Callable[[Any, Person, Person, World], bool]


def different_department(rule: rules.DifferentDepartment, mentor: Person, mentee: Person, world: World) -> bool:
    """The two work in different departments."""
    a, b = mentor.cell("department"), mentee.cell("department")
    return a != "" and b != "" and a != b


def same(rule: rules.Same, mentor: Person, mentee: Person, world: World) -> bool:
    """Both have the same value in a column."""
    a, b = mentor.cell(rule.column), mentee.cell(rule.column)
    return a != "" and a == b


def different(rule: rules.Different, mentor: Person, mentee: Person, world: World) -> bool:
    """The two have different values in a column."""
    a, b = mentor.cell(rule.column), mentee.cell(rule.column)
    return a != "" and b != "" and a != b


def outside_reporting_line(rule: rules.OutsideReportingLine, mentor: Person, mentee: Person, world: World) -> bool:
    """Neither stands in the other's reporting line, solid or dotted, and they do not share a manager."""
    lines, a, b = world.lines, mentor.key, mentee.key
    if not (lines.stated(a, rule.levels) and lines.stated(b, rule.levels)):
        return False
    manager = lines.manager(a)
    if manager and manager == lines.manager(b):
        return False
    levels = rule.levels
    if rule.head_levels is not None and lines.head in (a, b):
        levels = rule.head_levels
    for below, other in ((a, b), (b, a)):
        if lines.above(below).holds(other, levels):
            return False
        for boss in lines.dotted(below):
            if boss == other or lines.above(boss).holds(other, levels):
                return False
    return True


def grade_gap(rule: rules.GradeGap, mentor: Person, mentee: Person, world: World) -> bool:
    """The mentee's grade is above the mentor's by at least, and at most, so much."""
    junior, senior = world.number(mentor, "grade"), world.number(mentee, "grade")
    if junior is None or senior is None:
        return False
    gap = senior - junior
    return gap >= rule.at_least and (rule.at_most is None or gap <= rule.at_most)


def shared_language(rule: rules.SharedLanguage, mentor: Person, mentee: Person, world: World) -> bool:
    """The two share a language."""
    return not mentor.read(cells.items, "languages").isdisjoint(mentee.read(cells.items, "languages"))


def common_hours(rule: rules.CommonHours, mentor: Person, mentee: Person, world: World) -> bool:
    """Some minute of the week begins a slot that suits both."""
    a = mentor.free(cells.mentor_starts, rule.minutes)
    b = mentee.free(cells.mentee_starts, rule.minutes, rule.grid)
    return a is not None and b is not None and a & b != 0


def not_paired_before(rule: rules.NotPairedBefore, mentor: Person, mentee: Person, world: World) -> bool:
    """The two are not among the pairs of the history."""
    return (mentor.key, mentee.key) not in world.history


def min_score(rule: rules.MinScore, mentor: Person, mentee: Person, world: World) -> bool:
    """The pair is worth at least so much."""
    points = worth(mentor, mentee, world)
    least = Fraction(rule.value) * world.scale
    return points is not None and points >= (least if world.scale == 1 else round(least))


#: Type of rule -> its witness.
RULES: dict[type[Any], Witness] = {
    rules.DifferentDepartment: different_department,
    rules.Same: same,
    rules.Different: different,
    rules.OutsideReportingLine: outside_reporting_line,
    rules.GradeGap: grade_gap,
    rules.SharedLanguage: shared_language,
    rules.CommonHours: common_hours,
    rules.NotPairedBefore: not_paired_before,
    rules.MinScore: min_score,
}


def forbidden_by(mentor: Person, mentee: Person, world: World) -> list[str]:
    """Everything that forbids a pair, apart from capacity: the names of rules, and what stands above rules."""
    found = [rule.name for rule in world.policy.rules if not RULES[type(rule)](rule, mentor, mentee, world)]
    if worth(mentor, mentee, world) is None:
        found.append(ABSENT)
    if not world.strangers and mentor.key == mentee.key:
        found.append(SELF)
    if (mentor.key, mentee.key) in world.bans:
        found.append(BAN)
    if mentee.key in mentor.read(cells.ids, "avoid") or mentor.key in mentee.read(cells.ids, "avoid"):
        found.append(PRIVATE)
    return found


#: What forbids a pair and is no rule: no pin may break it.
ABSENT = "an absent entry in the table of scores"
SELF = "being one person"
BAN = "a ban"
PRIVATE = "ruled out for a reason that is kept private"
ABOVE_RULES = (ABSENT, SELF, BAN, PRIVATE)


def eligible(mentor: Person, mentee: Person, world: World) -> bool:
    """Whether these two may meet, by every rule and by what stands above rules."""
    for rule in world.policy.rules:
        if not RULES[type(rule)](rule, mentor, mentee, world):
            return False
    return not (
        (mentor.key == mentee.key and not world.strangers)
        or (mentor.key, mentee.key) in world.bans
        or mentee.key in mentor.read(cells.ids, "avoid")
        or mentor.key in mentee.read(cells.ids, "avoid")
        or (world.partial and worth(mentor, mentee, world) is None)
    )
