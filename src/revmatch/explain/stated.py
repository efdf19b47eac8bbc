"""What people did not state, what was taken for it, and what nobody can give."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from revmatch.explain.asked import blank, taken_for
from revmatch.explain.losses import Wishes
from revmatch.explain.private import Private
from revmatch.people.away import CALENDAR_READ
from revmatch.people.people import People
from revmatch.people.skills import SkillTable, shared_vocabulary, split_items
from revmatch.policy.rules import Mask, Rule
from revmatch.policy.score import SkillGap
from revmatch.policy.sides import Bools, Ints, Side, Sides
from revmatch.programme import Programme

_LEVEL = re.compile(r"(?<!\\):")
_SIDES: tuple[Side, Side] = ("mentor", "mentee")


@dataclass(frozen=True, slots=True)
class PerSide:
    """A count for each side; None where fewer than 5 are withheld.

    Parameters
    ----------
    mentors, mentees : int or None
    """

    mentors: int | None
    mentees: int | None

    def __bool__(self) -> bool:
        return bool(self.mentors or self.mentees)


@dataclass(frozen=True, slots=True)
class Assumption:
    """What was assumed where nothing was stated.

    Parameters
    ----------
    column : str
        Heading.
    words : str
        What was not stated and what it was taken for.
    counts : PerSide
        How often, among people who take part.
    """

    column: str
    words: str
    counts: PerSide


@dataclass(frozen=True, slots=True)
class SkillNotOffered:
    """A skill that mentees want and no mentor offers who is eligible for one of them.

    Parameters
    ----------
    skill : str
    wanted_by : int
        Mentees who want it.
    offered_by : int
        Mentors who offer it, but may meet none of these mentees.
    """

    skill: str
    wanted_by: int
    offered_by: int


def blanks(rule: Rule, mask: Mask, sides: Sides, side: Side) -> list[tuple[str, Bools]]:
    """Columns that a rule needs, each with who of a side has not stated it."""
    people = sides.of(side)
    missing = ~(mask.mentors_stated if side == "mentor" else mask.mentees_stated)
    if len(rule.columns) < 2:
        return [(column, missing) for column in rule.columns]
    cells = [people.missing(column) for column in rule.columns]
    # Filled, yet without meaning (such as hours of nothing but ";"): counted under the rule's first column.
    cells[0] = cells[0] | (missing & ~np.logical_or.reduce(cells))
    return list(zip(rule.columns, cells, strict=True))


def not_stated(
    rule: Rule, mask: Mask, sides: Sides, private: Private
) -> tuple[PerSide, tuple[tuple[str, PerSide], ...]]:
    """How many people who take part have not stated what a rule needs: in all, and for each column."""
    hide = private.rule(rule)

    def count(missing: Bools, side: Side) -> int | None:
        return private.told(int(np.count_nonzero(missing & (sides.of(side).capacity > 0))), hide=hide)

    total = PerSide(count(~mask.mentors_stated, "mentor"), count(~mask.mentees_stated, "mentee"))
    there, back = (blanks(rule, mask, sides, side) for side in _SIDES)
    return total, tuple(
        (column, PerSide(count(a, "mentor"), count(b, "mentee")))
        for (column, a), (_, b) in zip(there, back, strict=True)
    )


def assumptions(programme: Programme, private: Private) -> tuple[Assumption, ...]:
    """What was assumed where nothing was stated; what was never needed is not named."""
    found: list[Assumption] = []
    for column, value in (("capacity", 1), ("min_load", 0)):
        counts = PerSide(*(_blank(programme.of(side), column) for side in _SIDES))
        found.append(Assumption(column, f"{column} not stated, taken as {value}", counts))
    found += _about_days_away(programme)
    found += _about_skills(programme, private)
    found += _about_scores(programme, private)
    found += _about_limits(programme, private)
    return tuple(assumption for assumption in found if assumption.counts)


def _about_days_away(programme: Programme) -> Iterator[Assumption]:
    """Who says nothing of days away, where meetings have dates."""
    if programme.policy.rhythms():
        counts = PerSide(*(_never_away(programme.of(side)) for side in _SIDES))
        yield Assumption("away", "away not stated, taken as never away", counts)


def _never_away(people: People) -> int:
    """People who say nothing of days away, and whose calendar was not read either."""
    nothing = blank(people, "away")
    if CALENDAR_READ in people:
        nothing &= blank(people, CALENDAR_READ)
    return int(np.count_nonzero(nothing))


def _blank(people: People, column: str) -> int:
    """People who take part and have not stated a column."""
    return int(np.count_nonzero(blank(people, column)))


def _about_skills(programme: Programme, private: Private) -> Iterator[Assumption]:
    """Levels that were not written, and wanted skills whose own level was not."""
    gaps = [term for _, term in programme.policy.score.terms if isinstance(term, SkillGap)]
    if not gaps:
        return
    both = any(term.direction == "both" for term in gaps)
    for column, sides in (("offers", _SIDES), ("wants", _SIDES if both else _SIDES[1:])):
        counts = [_without_level(programme.of(side), column) if side in sides else 0 for side in _SIDES]
        words = f"skills under {column} without a level, taken as 5"
        yield Assumption(column, words, _told(counts, private, column))
    learners = _SIDES if both else _SIDES[1:]
    counts = [_wanted_and_not_listed(programme.of(side)) if side in learners else 0 for side in _SIDES]
    words = "wanted skills whose own level is not stated under offers, taken as 0"
    yield Assumption("offers", words, _told(counts, private, "offers"))


def _told(counts: list[int], private: Private, column: str) -> PerSide:
    return PerSide(*(private.told(count, hide=private.column(column)) for count in counts))


def _without_level(people: People, column: str) -> int:
    if column not in people:
        return 0
    codes, words = people.codes(column)
    used, times = np.unique(codes[(codes >= 0) & (people.capacity > 0)], return_counts=True)
    return sum(
        count * sum(1 for item in split_items(words[code]) if not _LEVEL.search(item))
        for code, count in zip(used.tolist(), times.tolist(), strict=True)
    )


def _wanted_and_not_listed(people: People) -> int:
    vocabulary, (wants, offers) = shared_vocabulary(people.wants, people.offers)

    def keys(table: SkillTable) -> Ints:
        person = np.repeat(np.arange(len(people)), np.diff(table.indptr))
        key = person * max(1, len(vocabulary)) + table.skill
        return np.asarray(key[people.capacity[person] > 0], dtype=np.int64)

    return int(np.count_nonzero(~np.isin(keys(wants), keys(offers))))


def _about_scores(programme: Programme, private: Private) -> Iterator[Assumption]:
    """Columns of score terms: what is not stated is worth nothing."""
    read: dict[str, set[Side]] = {}
    for _, term in programme.policy.score.terms:
        for side, columns in term.columns().items():
            for column in columns:
                read.setdefault(column, set()).add(side)
    for column, sides in read.items():
        counts = [_blank(programme.of(side), column) if side in sides else 0 for side in _SIDES]
        yield Assumption(column, f"{column} not stated, worth no points", _told(counts, private, column))


def _about_limits(programme: Programme, private: Private) -> Iterator[Assumption]:
    """Columns of limits and goals: who states nothing is in no group."""
    for column, words, sides in taken_for(programme):
        counts = [_blank(programme.of(side), column) if side in sides else 0 for side in _SIDES]
        yield Assumption(column, words, _told(counts, private, column))


def skills_not_offered(wishes: Wishes | None, private: Private) -> tuple[SkillNotOffered, ...]:
    """Skills that mentees want and no eligible mentor offers, the most wanted first."""
    if wishes is None:
        return ()
    found = [
        SkillNotOffered(skill, len(wanted), len(offered))
        for skill, wanted, offered, joined in zip(
            wishes.vocabulary, wishes.wanted, wishes.offered, wishes.joined.tolist(), strict=True
        )
        if len(wanted) and not joined and not private.skill(skill)
    ]
    return tuple(sorted(found, key=lambda one: (-one.wanted_by, one.skill)))
