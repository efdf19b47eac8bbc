"""A programme as the checker sees it: people read cell by cell, and what joins them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from revmatch.certify import cells
from revmatch.certify.lines import Lines
from revmatch.certify.witness_limits import LIMITS
from revmatch.people.people import People
from revmatch.policy.score import SkillGap, Table
from revmatch.programme import Programme

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Read = TypeVar("Read")


class Roster(dict[str, list[str]]):
    """People as columns of raw text, each decoded when its first cell is asked for.

    A cell that holds nothing is ``""``, and so are all cells of a column that is not there.
    """

    def __init__(self, people: People) -> None:
        super().__init__()
        self.people = people

    def __missing__(self, column: str) -> list[str]:
        people = self.people
        if self.has(column):
            found = [cells.stated(cell) for cell in people.text(column).decode(people.roster_rows)]
        else:
            found = [""] * len(people)
        self[column] = found
        return found

    def has(self, column: str) -> bool:
        """Whether the file has this column."""
        return column in self.people


class Person:
    """One person of one side, read cell by cell; what was understood once is remembered.

    Parameters
    ----------
    side : Roster
        The side.
    row : int
        Position on the side.
    key : str
        Id.
    """

    __slots__ = ("_known", "_side", "key", "row")

    def __init__(self, side: Roster, row: int, key: str) -> None:
        self._side, self.row, self.key = side, row, key
        self._known: dict[object, Any] = {}

    def cell(self, column: str) -> str:
        """Raw text of a cell; "" if not stated."""
        return self._side[column][self.row]

    def read(self, reading: Callable[[str], Read], column: str) -> Read:
        """A cell, understood."""
        known = self._known
        try:
            found: Read = known[reading, column]
        except KeyError:
            found = known[reading, column] = reading(self._side[column][self.row])
        return found

    def free(self, starts: Callable[..., int | None], *how: int) -> int | None:
        """Minutes of the week at which a slot may begin, by this person's hours and zone."""
        known = self._known
        try:
            found: int | None = known[starts, how]
        except KeyError:
            found = known[starts, how] = starts(self.cell("available"), self.cell("time_zone"), *how)
        return found

    def bound(self, column: str, default: int) -> int:
        """Capacity or min_load: the cell, or what is assumed where nothing is said."""
        found = cells.whole(self.cell(column))
        return default if found is None else found


class World:
    """Everything that witnesses may ask.

    Parameters
    ----------
    programme : Programme
    """

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.policy = programme.policy
        self.mentors = _everybody(programme.mentors)
        self.mentees = _everybody(programme.mentees)
        self.history = frozenset((a, b) for a, b in programme.history)
        self.bans = frozenset((a, b) for a, b in programme.bans)
        self._weights: dict[int, dict[str, int]] = {}
        self._entries: dict[int, tuple[Ints, Ints]] = {}
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
    def partial(self) -> bool:
        """Whether a table leaves pairs out."""
        tables = [term for _, term in self.terms if isinstance(term, Table)]
        return any(table.entries is not None or table.forbidden is not None for table in tables)

    def weights(self, term: SkillGap) -> dict[str, int]:
        """Worth of a level, by skill."""
        found = self._weights.get(id(term))
        if found is None:
            given = dict(term.weights or ())
            found = self._weights[id(term)] = {cells.skill_key(skill): weight for skill, weight in given.items()}
        return found

    def entry(self, term: Table, i: int, j: int) -> Any:
        """The caller's own number for a pair, or None where the table leaves the pair out."""
        if term.entries is None:
            absent = term.forbidden is not None and term.forbidden[i, j]
            return None if absent else term.values[i, j].item()
        keys = self._entries.get(id(term))
        if keys is None:
            whole = term.entries[0] * len(self.mentees) + term.entries[1]
            keys = self._entries[id(term)] = (np.sort(whole), np.argsort(whole))
        wanted = i * len(self.mentees) + j
        at = int(np.searchsorted(keys[0], wanted))
        return term.values[keys[1][at]].item() if at < len(keys[0]) and keys[0][at] == wanted else None

    @cached_property
    def rows(self) -> tuple[dict[str, int], dict[str, int]]:
        """Id -> position, of mentors and of mentees."""
        return {person.key: person.row for person in self.mentors}, {person.key: person.row for person in self.mentees}

    @property
    def strangers(self) -> bool:
        """The two sides are different people, whatever their ids."""
        return self.programme.by_position

    def number(self, person: Person, column: str) -> int | None:
        """Whole number in a cell, or the rank of its label where the policy orders labels; None if not stated."""
        ranks = self.ranks.get(column)
        return person.read(cells.whole, column) if ranks is None else ranks.get(person.cell(column))

    @cached_property
    def lines(self) -> Lines:
        """Reporting lines of all files together."""
        files: list[Roster] = []
        for people in (self.programme.organisation, self.programme.mentors, self.programme.mentees):
            # selections of one file share its column of ids
            if people is not None and not any(people.text("id") is file.people.text("id") for file in files):
                files.append(Roster(people.roster))
        return Lines(files)

    @cached_property
    def offering(self) -> dict[str, int]:
        """Skill -> how many mentors offer it."""
        counts: dict[str, int] = {}
        for mentor in self.mentors:
            for skill in mentor.read(cells.levels, "offers"):
                counts[skill] = counts.get(skill, 0) + 1
        return counts

    @cached_property
    def mentor_bounds(self) -> tuple[Ints, Ints]:
        """Fewest and most partners of each mentor; limits included."""
        return self._bounds(self.mentors, "mentor")

    @cached_property
    def mentee_bounds(self) -> tuple[Ints, Ints]:
        """Fewest and most partners of each mentee; limits included."""
        return self._bounds(self.mentees, "mentee")

    def _bounds(self, people: list[Person], side: str) -> tuple[Ints, Ints]:
        least_of_all = max((LIMITS[type(limit)](limit, side) for limit in self.policy.limits), default=0)
        most = np.array([person.bound("capacity", 1) for person in people], dtype=np.int64)
        least = np.array([max(least_of_all, person.bound("min_load", 0)) for person in people], dtype=np.int64)
        return np.where(most > 0, least, 0), most

    def where(self, side: str, row: int) -> str:
        """A person in words that name nobody: side, row and file."""
        people = self.programme.mentors if side == "mentor" else self.programme.mentees
        path = people.source.path
        return f"the {side} in row {int(people.rows[row])}{f' of {path}' if path else ''}"

    def pair(self, i: int, j: int) -> str:
        """A pair in words that name nobody."""
        return f"{self.where('mentor', i)} and {self.where('mentee', j)}"


def _everybody(people: People) -> list[Person]:
    side = Roster(people)
    return [Person(side, k, key) for k, key in enumerate(people.ids.tolist())]
