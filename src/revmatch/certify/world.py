"""A programme as the checker sees it: two sides of raw cells, and what joins them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from revmatch.certify import cells
from revmatch.certify.lines import Lines
from revmatch.certify.sides import Bools, Ints, Reading, Side
from revmatch.certify.weeks import Weeks, slots
from revmatch.certify.witness_limits import LEAST, PARTNERS
from revmatch.people.people import People
from revmatch.policy.limits import Meetings
from revmatch.policy.rules import CommonHours, OutsideReportingLine
from revmatch.policy.score import SkillGap, Table
from revmatch.programme import Programme

__all__ = ["Bools", "Ints", "World"]

#: Hours over weeks that are held at once.
HOURS = 1 << 14


class World:
    """Everything that witnesses and the fast reading may ask.

    Parameters
    ----------
    programme : Programme
    """

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.policy = programme.policy
        self._files: list[Side] = []
        if any(isinstance(rule, OutsideReportingLine) for rule in self.policy.rules):
            for people in (programme.organisation, programme.mentors, programme.mentees):
                if people is not None and self._file(people) is None:
                    self._files.append(Side(people.roster))
        self.mentors, self.mentees = (Side(p, self._file(p)) for p in (programme.mentors, programme.mentees))
        self.sides = (self.mentors, self.mentees)
        self.history = frozenset((a, b) for a, b in programme.history)
        self.bans = frozenset((a, b) for a, b in programme.bans)
        #: Hours over weeks that were read already (`revmatch.certify.bulk_hours.Dates`), by the weeks.
        self.dates: dict[Any, Any] = {}
        self._slots: dict[Weeks, Callable[..., int]] = {}
        self.ranks = {name: {label: k for k, label in enumerate(labels)} for name, labels in self.policy.order.items()}

    @property
    def shape(self) -> tuple[int, int]:
        """Number of mentors, number of mentees."""
        return len(self.mentors), len(self.mentees)

    @cached_property
    def scale(self) -> Fraction:
        """Whole units in one point of score: 1 unless a table holds numbers that are not whole."""
        scales = [term.scale for _, term in self._score if isinstance(term, Table) and term.scale != 1]
        return scales[0] if scales else Fraction(1)

    @cached_property
    def terms(self) -> tuple[tuple[int, Any], ...]:
        """Whole weight of each term: what one of its points adds to the score in whole units."""
        found = []
        for weight, term in self._score:
            scaled = isinstance(term, Table) and term.scale != 1
            found.append((int(weight if scaled else weight * self.scale), term))
        return tuple(found)

    @property
    def _score(self) -> tuple[tuple[int, Any], ...]:
        return () if self.policy.score is None else self.policy.score.terms

    @cached_property
    def rules(self) -> list[Any]:
        """The rules; and who meets has hours in common, where the plan says when."""
        asked = [one for one in self.policy.limits if isinstance(one, Meetings)]
        implied = [CommonHours(m.minutes, start=m.start, every=m.every, weeks=m.weeks, grid=m.grid) for m in asked]
        return [*self.policy.rules, *(rule for rule in implied if rule not in self.policy.rules)]

    @property
    def strangers(self) -> bool:
        """The two sides are different people, whatever their ids."""
        return self.programme.by_position

    @cached_property
    def same_people(self) -> list[tuple[int, int]]:
        """Positions of everybody who is on both sides."""
        if self.strangers:
            return []
        others = self.mentees.rows
        return [(row, others[key]) for row, key in enumerate(self.mentors.keys) if key in others]

    def weights(self, term: SkillGap) -> dict[str, int]:
        """Worth of a level, by skill."""
        return {cells.skill_key(skill): weight for skill, weight in dict(term.weights or ()).items()}

    def listed(self, term: Table, read: Callable[[Any], int]) -> Callable[[int], dict[int, int]]:
        """The numbers of each mentor in a table that lists its pairs, as they are read, by mentee."""
        assert term.entries is not None
        values, (i, j) = term.values, term.entries
        order = np.lexsort((j, i))
        begin = np.searchsorted(i[order], np.arange(len(self.mentors) + 1)).tolist()

        def of(mentor: int) -> dict[int, int]:
            here = order[begin[mentor] : begin[mentor + 1]]
            return dict(zip(j[here].tolist(), map(read, values[here].tolist()), strict=True))

        return of

    def slots(self, plan: Weeks) -> Callable[..., int]:
        """`revmatch.certify.weeks.slots` over these weeks, which remembers what it was asked."""
        found: Callable[..., int] | None = self._slots.get(plan)
        if found is None:
            found = functools.lru_cache(maxsize=HOURS)(functools.partial(slots, plan=plan))
            self._slots[plan] = found
        return found

    def number(self, column: str, text: str) -> int | None:
        """Whole number in a cell, or the rank of its label where the policy orders labels; None if not stated."""
        ranks = self.ranks.get(column)
        return cells.whole(text) if ranks is None else ranks.get(text)

    def readings(self, column: str) -> tuple[Reading, Reading]:
        """Raw cells of a column, of mentors and of mentees."""
        return self.mentors.reading(str, column), self.mentees.reading(str, column)

    def number_readings(self, column: str) -> tuple[Reading, Reading]:
        """Numbers or ranks of a column, of mentors and of mentees."""
        mentors, mentees = (side.reading(lambda text: self.number(column, text), column) for side in self.sides)
        return mentors, mentees

    def key_readings(self) -> tuple[Reading, Reading]:
        """Ids, of mentors and of mentees."""
        mentors, mentees = (side.reading_each(side.keys.__getitem__) for side in self.sides)
        return mentors, mentees

    @cached_property
    def lines(self) -> Lines:
        """Reporting lines of all files together."""
        return Lines(self._files)

    def _file(self, people: People) -> Side | None:
        """The whole file that some people are of, if it was read; selections of one file share its column of ids."""
        return next((file for file in self._files if file.people.text("id") is people.text("id")), None)

    @cached_property
    def offering(self) -> dict[str, int]:
        """Skill -> how many mentors offer it."""
        offers = self.mentors.column("offers")
        counts: dict[str, int] = {}
        for text, people in zip(
            offers.texts, np.bincount(offers.codes, minlength=len(offers.texts)).tolist(), strict=True
        ):
            for skill in cells.levels(text):
                counts[skill] = counts.get(skill, 0) + people
        return counts

    @cached_property
    def mentor_bounds(self) -> tuple[Ints, Ints]:
        """Fewest and most partners of each mentor; limits included."""
        return self._bounds(self.mentors, "mentor")

    @cached_property
    def mentee_bounds(self) -> tuple[Ints, Ints]:
        """Fewest and most partners of each mentee; limits included."""
        return self._bounds(self.mentees, "mentee")

    def _bounds(self, side: Side, name: str) -> tuple[Ints, Ints]:
        least, most = self.stated_bounds(side)
        asked = [LEAST[type(limit)](limit, name) for limit in self.policy.limits if type(limit) in LEAST]
        return np.where(most > 0, np.maximum(least, max(asked, default=0)), 0), most

    def stated_bounds(self, side: Side) -> tuple[Ints, Ints]:
        """Fewest and most partners that people state themselves; both 0 for who takes no part."""
        most, least = _whole_or(side, "capacity", 1), _whole_or(side, "min_load", 0)
        return np.where(most > 0, least, 0), most

    def some_partners(self, name: str) -> tuple[Ints, Ints]:
        """Fewest and most partners of each person of a side who has any; nobody has any where fewest > most."""
        least, most = self.mentor_bounds if name == "mentor" else self.mentee_bounds
        low, high = np.maximum(least, 1), most
        for limit in self.policy.limits:
            asked = PARTNERS[type(limit)](limit, name) if type(limit) in PARTNERS else None
            if asked is not None:
                low, high = np.maximum(low, asked[0]), np.minimum(high, asked[1])
        return low, high

    @cached_property
    def previous(self) -> list[tuple[int, int]]:
        """Positions of the pairs of the plan before this one, each once; those of which both are here."""
        rows, cols = self.mentors.rows, self.mentees.rows
        here = {(a, b) for a, b in self.programme.previous if a in rows and b in cols}
        return [(rows[a], cols[b]) for a, b in sorted(here)]

    def where(self, side: str, row: int) -> str:
        """A person in words that name nobody: side, row and file."""
        people = self.programme.mentors if side == "mentor" else self.programme.mentees
        path = people.source.path
        return f"the {side} in row {int(people.rows[row])}{f' of {path}' if path else ''}"

    def pair(self, i: int, j: int) -> str:
        """A pair in words that name nobody."""
        return f"{self.where('mentor', i)} and {self.where('mentee', j)}"


def _whole_or(side: Side, name: str, default: int) -> Ints:
    """Whole number of each person, or what is assumed where nothing is said."""
    column = side.column(name)
    values = [default if number is None else number for number in column.each(cells.whole)]
    return np.array(values, dtype=np.int64)[column.codes]
