"""Every pair of a tile at once: eligible or not, and its worth.

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
import numpy.typing as npt

from revmatch.certify import cells
from revmatch.certify.bulk_scores import SCORES, codes, numbers, shared
from revmatch.certify.listed import Listed
from revmatch.certify.world import Bools, Ints, World
from revmatch.policy import rules

#: Which pairs of a tile a rule lets exist: positions of mentors, of mentees, worth of the tile's pairs.
Mask = Callable[[Ints, Ints, Ints], Bools]


def _compare(world: World, column: str, *, equal: bool) -> Mask:
    a, b = codes(world, column)

    def mask(rows: Ints, cols: Ints, worth: Ints) -> Bools:
        x, y = a[rows][:, None], b[cols][None, :]
        found: Bools = (x == y) if equal else (x != y)
        found &= x >= 0
        found &= y >= 0
        return found

    return mask


def _department(rule: rules.DifferentDepartment, world: World) -> Mask:
    return _compare(world, "department", equal=False)


def _same(rule: rules.Same, world: World) -> Mask:
    return _compare(world, rule.column, equal=True)


def _different(rule: rules.Different, world: World) -> Mask:
    return _compare(world, rule.column, equal=False)


def _grade_gap(rule: rules.GradeGap, world: World) -> Mask:
    (a, knows_a), (b, knows_b) = (numbers(world, side, "grade") for side in (world.mentors, world.mentees))

    def mask(rows: Ints, cols: Ints, worth: Ints) -> Bools:
        gap = b[cols][None, :] - a[rows][:, None]
        found: Bools = gap >= rule.at_least
        if rule.at_most is not None:
            found &= gap <= rule.at_most
        found &= knows_a[rows][:, None]
        found &= knows_b[cols][None, :]
        return found

    return mask


def _outside_reporting_line(rule: rules.OutsideReportingLine, world: World) -> Mask:
    """Whoever stands over somebody is listed, person by person; sharing a manager is a comparison."""
    lines = world.lines
    head = lines.head if rule.head_levels is not None else ""
    related: list[tuple[int, int]] = []
    for mentors_below, side in ((True, world.mentors), (False, world.mentees)):
        others = world.rows[1 if mentors_below else 0]
        for person in side:
            for key, steps in lines.over(person.key):
                levels = rule.head_levels if head and head in (key, person.key) else rule.levels
                if key in others and (steps == 0 or levels is None or steps <= levels):
                    related.append((person.row, others[key]) if mentors_below else (others[key], person.row))
    listed = Listed.of(related, world.shape)
    named: dict[str, int] = {"": -1}
    a, b = (
        np.array([named.setdefault(lines.manager(p.key) or "", len(named)) for p in side], dtype=np.int64)
        for side in (world.mentors, world.mentees)
    )
    knows_a, knows_b = (
        np.array([lines.stated(p.key, rule.levels) for p in side], dtype=bool)
        for side in (world.mentors, world.mentees)
    )

    def mask(rows: Ints, cols: Ints, worth: Ints) -> Bools:
        x, y = a[rows][:, None], b[cols][None, :]
        found: Bools = (x != y) | (x < 0)
        found &= knows_a[rows][:, None]
        found &= knows_b[cols][None, :]
        found[listed.in_tile(rows, cols)[0]] = False
        return found

    return mask


def _shared_language(rule: rules.SharedLanguage, world: World) -> Mask:
    common = shared("languages", world)
    return lambda rows, cols, worth: np.asarray(common.values(rows, cols) > 0)


def _common_hours(rule: rules.CommonHours, world: World) -> Mask:
    """Bit sets over those minutes of the week at which a slot of some mentee may start."""
    a = [mentor.free(cells.mentor_starts, rule.minutes) for mentor in world.mentors]
    b = [mentee.free(cells.mentee_starts, rule.minutes, rule.grid) for mentee in world.mentees]
    any_start = 0
    for starts in b:
        any_start |= starts or 0
    wanted = np.array([k for k in range(cells.WEEK) if any_start >> k & 1], dtype=np.int64)
    words_a, words_b = _packed(a, wanted), _packed(b, wanted)

    def mask(rows: Ints, cols: Ints, worth: Ints) -> Bools:
        found = np.zeros((len(rows), len(cols)), dtype=bool)
        for k in range(words_a.shape[1]):
            found |= (words_a[rows, k][:, None] & words_b[cols, k][None, :]) != 0
        return found

    return mask


def _packed(minutes: list[int | None], wanted: Ints) -> npt.NDArray[np.uint64]:
    """One row a person: the wanted minutes only, 64 to a word."""
    width = -(-len(wanted) // 64)
    words = np.zeros((len(minutes), width * 8), dtype=np.uint8)
    for begin in range(0, len(minutes), 1024):
        some = minutes[begin : begin + 1024]
        raw = b"".join((starts or 0).to_bytes(cells.WEEK // 8, "little") for starts in some)
        bits = np.unpackbits(np.frombuffer(raw, dtype=np.uint8).reshape(len(some), -1), axis=1, bitorder="little")
        packed = np.packbits(bits[:, wanted], axis=1, bitorder="little")
        words[begin : begin + len(some), : packed.shape[1]] = packed
    return words.view(np.uint64)


def _not_paired_before(rule: rules.NotPairedBefore, world: World) -> Mask:
    listed = by_id(world, world.history)

    def mask(rows: Ints, cols: Ints, worth: Ints) -> Bools:
        found = np.ones((len(rows), len(cols)), dtype=bool)
        found[listed.in_tile(rows, cols)[0]] = False
        return found

    return mask


def _min_score(rule: rules.MinScore, world: World) -> Mask:
    exact = Fraction(rule.value) * world.scale
    least = ceil(exact) if world.scale == 1 else round(exact)
    return lambda rows, cols, worth: np.asarray(worth >= least)


#: Type of rule -> its reading in bulk.
RULES: dict[type[Any], Callable[[Any, World], Mask]] = {
    rules.DifferentDepartment: _department,
    rules.Same: _same,
    rules.Different: _different,
    rules.OutsideReportingLine: _outside_reporting_line,
    rules.GradeGap: _grade_gap,
    rules.SharedLanguage: _shared_language,
    rules.CommonHours: _common_hours,
    rules.NotPairedBefore: _not_paired_before,
    rules.MinScore: _min_score,
}


def by_id(world: World, pairs: Iterable[tuple[str, str]]) -> Listed:
    """Pairs of ids as pairs of positions; those of which one takes no part are left out."""
    rows, cols = world.rows
    return Listed.of(((rows[a], cols[b]) for a, b in pairs if a in rows and b in cols), world.shape)


def forbidden_one_by_one(world: World) -> Listed:
    """Bans, wishes to avoid somebody, and everybody with themselves."""
    found = set(world.bans)
    for person in world.mentors:
        found |= {(person.key, other) for other in person.read(cells.ids, "avoid")}
    for person in world.mentees:
        found |= {(other, person.key) for other in person.read(cells.ids, "avoid")}
    if not world.strangers:
        found |= {(person.key, person.key) for person in world.mentors}
    return by_id(world, found)


@dataclass(frozen=True, slots=True)
class Tile:
    """All pairs of some mentors and some mentees.

    Parameters
    ----------
    rows, cols : ndarray of int64
        Positions of R mentors and C mentees, each at most once.
    eligible : ndarray of bool, shape (R, C)
    worth : ndarray of int64, shape (R, C)
        Score in whole units.
    """

    rows: Ints
    cols: Ints
    eligible: Bools
    worth: Ints


class Bulk:
    """The programme's pairs, tile by tile.

    Parameters
    ----------
    world : World
    """

    def __init__(self, world: World) -> None:
        self._terms = [(weight, SCORES[type(term)](term, world)) for weight, term in world.terms]
        self._rules = [RULES[type(rule)](rule, world) for rule in world.policy.rules]
        self._forbidden = forbidden_one_by_one(world)
        #: No absolute score is above this.
        self.most = sum(abs(weight) * points.most for weight, points in self._terms)

    def tile(self, rows: Ints, cols: Ints) -> Tile:
        """Eligible pairs and scores of some mentors and mentees."""
        worth = np.zeros((len(rows), len(cols)), dtype=np.int64)
        eligible = np.ones(worth.shape, dtype=bool)
        for weight, points in self._terms:
            worth += weight * points.values(rows, cols)
            if points.absent is not None:
                eligible &= ~points.absent(rows, cols)
        for mask in self._rules:
            eligible &= mask(rows, cols, worth)
        eligible[self._forbidden.in_tile(rows, cols)[0]] = False
        return Tile(rows, cols, eligible, worth)
