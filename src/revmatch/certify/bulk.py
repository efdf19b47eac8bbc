"""Many pairs at once: eligible or not, and their worth.

These are products and comparisons of this room's own, over cells that it read itself. They are fast where the witnesses
are plain; `revmatch.certify.verify` holds the two against each other on 10**5 random pairs and every held pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np

from revmatch.certify import cells
from revmatch.certify.bulk_hours import common_hours
from revmatch.certify.bulk_lines import related
from revmatch.certify.bulk_scores import SCORES, codes, numbers
from revmatch.certify.bulk_skills import items
from revmatch.certify.listed import Listed
from revmatch.certify.sides import Bools, Ints, Side
from revmatch.certify.world import World
from revmatch.policy import rules


@dataclass(frozen=True, slots=True)
class Allowed:
    """Which pairs a rule lets exist.

    Parameters
    ----------
    pairs : callable
        Positions of mentors and of mentees, and the worth of each pair -> bool.
    mentors, mentees : ndarray of bool, optional
        Who may meet anybody at all: people who did not state what the rule needs may not.
    tiles : bool
        `pairs` takes positions of any shapes that go together, and no worth.
    """

    pairs: Callable[[Ints, Ints, Ints], Bools]
    mentors: Bools | None = None
    mentees: Bools | None = None
    tiles: bool = True


def _compare(world: World, column: str, *, equal: bool) -> Allowed:
    a, b = codes(world, column)
    knows_a, knows_b = a >= 0, b >= 0

    def pairs(i: Ints, j: Ints, worth: Ints) -> Bools:
        found: Bools = (a[i] == b[j]) if equal else (a[i] != b[j])
        return found & knows_a[i] & knows_b[j]

    return Allowed(pairs, knows_a, knows_b)


def _department(rule: rules.DifferentDepartment, world: World) -> Allowed:
    return _compare(world, "department", equal=False)


def _same(rule: rules.Same, world: World) -> Allowed:
    return _compare(world, rule.column, equal=True)


def _different(rule: rules.Different, world: World) -> Allowed:
    return _compare(world, rule.column, equal=False)


def _grade_gap(rule: rules.GradeGap, world: World) -> Allowed:
    (a, knows_a), (b, knows_b) = (numbers(world, side, "grade") for side in world.sides)

    def pairs(i: Ints, j: Ints, worth: Ints) -> Bools:
        gap = b[j] - a[i]
        found: Bools = (gap >= rule.at_least) & knows_a[i] & knows_b[j]
        return found if rule.at_most is None else found & (gap <= rule.at_most)

    return Allowed(pairs, knows_a, knows_b)


def _outside_reporting_line(rule: rules.OutsideReportingLine, world: World) -> Allowed:
    """Whoever stands over somebody is listed, person by person; sharing a manager is a comparison."""
    found = related(rule, world)
    (a, b), (knows_a, knows_b) = found.managers, found.stated

    def pairs(i: Ints, j: Ints, worth: Ints) -> Bools:
        x = a[i]
        apart: Bools = (x != b[j]) | (x < 0)
        return apart & knows_a[i] & knows_b[j] & ~found.listed.holds(i, j)

    return Allowed(pairs, knows_a, knows_b)


def _shared_language(rule: rules.SharedLanguage, world: World) -> Allowed:
    common = items(world, "languages")
    return Allowed(lambda i, j, worth: np.asarray(common.pairs(i, j) > 0), tiles=False)


def _common_hours(rule: rules.CommonHours, world: World) -> Allowed:
    """Bit sets over the times at which a slot may be."""
    common = common_hours(rule, world)
    return Allowed(lambda i, j, worth: common.pairs(i, j), *common.somebody)


def _time_zone_gap(rule: rules.TimeZoneGap, world: World) -> Allowed:
    def read(side: Side) -> tuple[Ints, Bools]:
        zones = side.column("time_zone")
        ahead = np.array(zones.each(lambda zone: cells.minutes_ahead(zone) if zone else 0), dtype=np.int64)
        return ahead[zones.codes], np.array(zones.each(bool), dtype=bool)[zones.codes]

    (a, knows_a), (b, knows_b) = map(read, world.sides)

    def pairs(i: Ints, j: Ints, worth: Ints) -> Bools:
        gap = a[i] - b[j]
        return (-60 * rule.at_most_hours <= gap) & (gap <= 60 * rule.at_most_hours) & knows_a[i] & knows_b[j]

    return Allowed(pairs, knows_a, knows_b)


def _not_paired_before(rule: rules.NotPairedBefore, world: World) -> Allowed:
    listed = by_id(world, world.history)
    return Allowed(lambda i, j, worth: ~listed.holds(i, j))


def _min_score(rule: rules.MinScore, world: World) -> Allowed:
    exact = Fraction(rule.value) * world.scale
    least = ceil(exact) if world.scale == 1 else round(exact)
    return Allowed(lambda i, j, worth: np.asarray(worth >= least), tiles=False)


#: Type of rule -> its reading in bulk.
RULES: dict[type[Any], Callable[[Any, World], Allowed]] = {
    rules.DifferentDepartment: _department,
    rules.Same: _same,
    rules.Different: _different,
    rules.OutsideReportingLine: _outside_reporting_line,
    rules.GradeGap: _grade_gap,
    rules.SharedLanguage: _shared_language,
    rules.CommonHours: _common_hours,
    rules.TimeZoneGap: _time_zone_gap,
    rules.NotPairedBefore: _not_paired_before,
    rules.MinScore: _min_score,
}


def by_id(world: World, pairs: Iterable[tuple[str, str]]) -> Listed:
    """Pairs of ids as pairs of positions; those of which one takes no part are left out."""
    some = list(pairs)
    if not some:
        return Listed.of([], world.shape)
    rows, cols = world.mentors.rows, world.mentees.rows
    return Listed.of(((rows[a], cols[b]) for a, b in some if a in rows and b in cols), world.shape)


def _avoided(side: Side) -> list[tuple[str, str]]:
    """Own id, and the id of somebody to avoid."""
    column = side.column("avoid")
    some = {code: cells.ids(text) for code, text in enumerate(column.texts) if text}
    rows = np.flatnonzero(np.isin(column.codes, list(some))).tolist() if some else []
    return [(side.keys[row], other) for row in rows for other in some[int(column.codes[row])]]


def forbidden_one_by_one(world: World) -> Listed:
    """Bans, wishes to avoid somebody, and everybody with themselves."""
    found = [*world.bans, *_avoided(world.mentors), *((a, b) for b, a in _avoided(world.mentees))]
    return by_id(world, [*found, *((world.mentors.keys[i], world.mentees.keys[j]) for i, j in world.same_people)])


class Bulk:
    """The programme's pairs, many at a time.

    Parameters
    ----------
    world : World
    """

    def __init__(self, world: World) -> None:
        #: Weight and points of each term of the score.
        self.terms = [(weight, SCORES[type(term)](term, world)) for weight, term in world.terms]
        self._rules = [RULES[type(rule)](rule, world) for rule in world.rules]
        self._forbidden = forbidden_one_by_one(world)
        #: No absolute score is above this.
        self.most = sum(abs(weight) * max(-points.least, points.most) for weight, points in self.terms)

    def worth(self, i: Ints, j: Ints) -> Ints:
        """Score of each pair in whole units; 0 for pairs that a table leaves out."""
        found = np.zeros(len(i), dtype=np.int64)
        for weight, points in self.terms:
            found += weight * points.pairs(i, j)
        for _, points in self.terms:
            if points.absent is not None:
                found[points.absent(i, j)] = 0
        return found

    def eligible(self, i: Ints, j: Ints, worth: Ints) -> Bools:
        """Which pairs may exist."""
        left = np.flatnonzero(~self._forbidden.holds(i, j))
        for rule in self._rules:
            left = left[rule.pairs(i[left], j[left], worth[left])]
        for _, points in self.terms:
            if points.absent is not None:
                left = left[~points.absent(i[left], j[left])]
        found = np.zeros(len(i), dtype=bool)
        found[left] = True
        return found

    def may_exist(self, i: Ints, j: Ints) -> Bools:
        """No pair is eligible where this is false; for positions of any shapes that go together, such as a tile's."""
        found = np.ones(np.broadcast_shapes(i.shape, j.shape), dtype=bool)
        for rule in self._rules:
            if rule.tiles:
                found &= rule.pairs(i, j, i)
        for _, points in self.terms:
            if points.absent is not None:
                found &= ~points.absent(i, j)
        return found

    def may_meet(self, rows: Ints, cols: Ints) -> tuple[Ints, Ints]:
        """Of some mentors and mentees, those who may meet anybody at all."""
        for rule in self._rules:
            rows = rows if rule.mentors is None else rows[rule.mentors[rows]]
            cols = cols if rule.mentees is None else cols[rule.mentees[cols]]
        return rows, cols
