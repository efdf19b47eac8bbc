"""One witness for each rule: a plain function over two people's raw cells.

Written from the sentences of the documentation, with plain ``min``, ``max`` and comparisons. A witness never calls the
rule it speaks of; it only reads its fields. What is not stated forbids the pair.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from revmatch.certify import cells
from revmatch.certify.lines import NEVER
from revmatch.certify.sides import Reading, Side
from revmatch.certify.weeks import weeks_of
from revmatch.certify.witness import Witness
from revmatch.certify.world import World
from revmatch.policy import rules


@dataclass(frozen=True, slots=True)
class OfWorth:
    """A plain function of what a pair is worth, in whole units."""

    says: Callable[[int], bool]


def different_department(rule: rules.DifferentDepartment, world: World) -> Witness:
    """The two work in different departments."""
    return Witness(*world.readings("department"), lambda a, b: a != "" and b != "" and a != b)


def same(rule: rules.Same, world: World) -> Witness:
    """Both have the same value in a column."""
    return Witness(*world.readings(rule.column), lambda a, b: a != "" and a == b)


def different(rule: rules.Different, world: World) -> Witness:
    """The two have different values in a column."""
    return Witness(*world.readings(rule.column), lambda a, b: a != "" and b != "" and a != b)


class InLine(NamedTuple):
    """Somebody in their reporting lines.

    Their id, their manager's, who stands over them by how many steps, and whether that is stated.
    """

    key: str
    manager: str | None
    over: dict[str, int]
    stated: bool


def outside_reporting_line(rule: rules.OutsideReportingLine, world: World) -> Witness:
    """Neither stands in the other's reporting line, solid or dotted, and they do not share a manager."""
    lines = world.lines
    head = lines.head if rule.head_levels is not None else ""
    within = NEVER - 1 if rule.levels is None else rule.levels

    def read(key: str) -> InLine:
        line = lines.over(key)
        return InLine(key, lines.manager.get(key), line.steps, line.stated > within)

    def too_close(steps: int, a: str, b: str) -> bool:
        levels = rule.head_levels if head and head in (a, b) else rule.levels
        return steps == 0 or levels is None or steps <= levels

    def says(one: InLine, other: InLine) -> bool:
        a, manager_a, over_a, stated_a = one
        b, manager_b, over_b, stated_b = other
        if not (stated_a and stated_b) or (manager_a and manager_a == manager_b):
            return False
        if b in over_a and too_close(over_a[b], a, b):
            return False
        return not (a in over_b and too_close(over_b[a], a, b))

    def reading(side: Side) -> Reading:
        return side.reading_each(lambda row: read(side.keys[row]))

    return Witness(reading(world.mentors), reading(world.mentees), says)


def grade_gap(rule: rules.GradeGap, world: World) -> Witness:
    """The mentee's grade is above the mentor's by at least, and at most, so much."""

    def says(junior: int | None, senior: int | None) -> bool:
        if junior is None or senior is None:
            return False
        gap = senior - junior
        return gap >= rule.at_least and (rule.at_most is None or gap <= rule.at_most)

    return Witness(*world.number_readings("grade"), says)


def shared_language(rule: rules.SharedLanguage, world: World) -> Witness:
    """The two share a language."""
    mentors, mentees = (side.reading(cells.items, "languages") for side in world.sides)
    return Witness(mentors, mentees, lambda a, b: not a.isdisjoint(b))


def common_hours(rule: rules.CommonHours, world: World) -> Witness:
    """Some minute of the week begins a slot that suits both; hours that are not stated have none."""
    columns = "available", "time_zone", "away"
    plan = weeks_of(rule)
    if plan is not None:
        of_mentors, of_mentees = (side.reading_all(_all_cells, *columns) for side in world.sides)
        return Witness(of_mentors, of_mentees, _meetings(world.slots(plan)))

    def mentor_starts(available: str, zone: str) -> int:
        return cells.mentor_starts(available, zone, rule.minutes) or 0

    def mentee_starts(available: str, zone: str) -> int:
        return cells.mentee_starts(available, zone, rule.minutes, rule.grid) or 0

    mentors = world.mentors.reading_all(mentor_starts, *columns[:2])
    mentees = world.mentees.reading_all(mentee_starts, *columns[:2])
    return Witness(mentors, mentees, lambda a, b: a & b != 0)


def _all_cells(available: str, zone: str, away: str) -> tuple[str, str, str]:
    return available, zone, away


def _meetings(slots_of: Callable[[str, str, str, str], int]) -> Callable[[Any, Any], bool]:
    """Whether some weekly time on the mentee's clock suits both in all weeks."""

    def says(mentor: tuple[str, str, str], mentee: tuple[str, str, str]) -> bool:
        clock = mentee[1]
        if not (mentor[0] and mentor[1] and mentee[0] and clock):
            return False
        return slots_of(*mentor, clock) & slots_of(*mentee, clock) != 0

    return says


def time_zone_gap(rule: rules.TimeZoneGap, world: World) -> Witness:
    """The clocks are at most so many hours apart."""

    def says(a: int | None, b: int | None) -> bool:
        return a is not None and b is not None and max(a - b, b - a) <= 60 * rule.at_most_hours

    mentors, mentees = (
        side.reading(lambda zone: cells.minutes_ahead(zone) if zone else None, "time_zone") for side in world.sides
    )
    return Witness(mentors, mentees, says)


def not_paired_before(rule: rules.NotPairedBefore, world: World) -> Witness:
    """The two are not among the pairs of the history."""
    return Witness(*world.key_readings(), lambda a, b: (a, b) not in world.history)


def min_score(rule: rules.MinScore, world: World) -> OfWorth:
    """The pair is worth at least so much."""
    exact = Fraction(rule.value) * world.scale
    least = exact if world.scale == 1 else round(exact)
    return OfWorth(lambda points: points >= least)


#: Type of rule -> its witness.
RULES: dict[type[Any], Callable[[Any, World], Witness | OfWorth]] = {
    rules.DifferentDepartment: different_department,
    rules.Same: same,
    rules.Different: different,
    rules.OutsideReportingLine: outside_reporting_line,
    rules.GradeGap: grade_gap,
    rules.SharedLanguage: shared_language,
    rules.CommonHours: common_hours,
    rules.TimeZoneGap: time_zone_gap,
    rules.NotPairedBefore: not_paired_before,
    rules.MinScore: min_score,
}

#: What forbids a pair and is no rule: no pin may break it.
ABSENT = "an absent entry in the table of scores"
SELF = "being one person"
BAN = "a ban"
PRIVATE = "ruled out for a reason that is kept private"
ABOVE_RULES = (ABSENT, SELF, BAN, PRIVATE)


def above_rules(world: World) -> list[tuple[str, Witness]]:
    """Witnesses of what stands above rules, where there is any such thing."""
    found = []
    if world.same_people:
        found.append((SELF, Witness(*world.key_readings(), lambda a, b: a != b)))
    if world.bans:
        found.append((BAN, Witness(*world.key_readings(), lambda a, b: (a, b) not in world.bans)))
    if any(any(side.column("avoid").texts) for side in world.sides):

        def reading(side: Side) -> Reading:
            return side.reading_each(lambda row: (side.keys[row], cells.ids(side.cell(row, "avoid"))))

        mentors, mentees = map(reading, world.sides)
        found.append((PRIVATE, Witness(mentors, mentees, lambda a, b: b[0] not in a[1] and a[0] not in b[1])))
    return found
