"""Skills and lists of all people, as thin matrices: each item that anybody wrote is understood once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from revmatch.certify import cells
from revmatch.certify.listed import different
from revmatch.certify.sides import Column, Ints, Side, spread
from revmatch.certify.thin import Product, Thin
from revmatch.certify.world import World

#: Levels are 1 to this.
LEVELS = 5
#: Stands between the items of two cells.
_END = "\0"


class _Understood(dict[str, int]):
    """A number for each item as it is written; -1 for nothing at all."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        super().__init__()
        self._read = read
        self.meanings: list[Any] = []

    def __missing__(self, written: str) -> int:
        item = written.strip()
        self[written] = number = len(self.meanings) if item else -1
        if item:
            self.meanings.append(self._read(item))
        return number


def _items(texts: list[str], read: Callable[[str], Any]) -> tuple[Ints, Ints, list[Any]]:
    """Text and number of each item of some ``;`` lists, and what each number means."""
    known = _Understood(read)
    known[_END] = -2
    joined = f";{_END};".join(texts)
    if "\\" in joined or joined.count(_END) != len(texts) - 1:
        pieces = [piece for text in texts for piece in (*cells.split(text), _END)]
    else:  # all cells cut at once
        pieces = joined.split(";")
    item = np.fromiter(map(known.__getitem__, pieces), np.int64, len(pieces))
    text_of = np.cumsum(item == -2)
    return text_of[item >= 0], item[item >= 0], known.meanings


class Numbered(dict[Hashable, int]):
    """Gives each new thing the next number."""

    def __missing__(self, thing: Hashable) -> int:
        self[thing] = number = len(self)
        return number


@dataclass(frozen=True, slots=True)
class Skills:
    """Skills in the different cells of one column, by cell and in a cell by skill.

    Parameters
    ----------
    cell, skill, level : ndarray of int64
        One entry for each skill of a cell.
    """

    cell: Ints
    skill: Ints
    level: Ints

    @classmethod
    def of(cls, column: Column, known: Numbered) -> Skills:
        """Read a column."""
        cell, item, meanings = _items(column.texts, cells.level)
        skill = np.array([known[key] for key, _ in meanings], dtype=np.int64)[item]
        level = np.array([level for _, level in meanings], dtype=np.int64)[item]
        order = np.argsort(cell * max(1, len(known)) + skill)  # people state a skill once
        return cls(cell[order], skill[order], level[order])

    def levels_of(self, cell: Ints, skill: Ints, skills: int) -> Ints:
        """Level of a skill in a cell; 0 where it is not named."""
        keys = self.cell * skills + self.skill
        if not len(keys):
            return np.zeros(len(cell), dtype=np.int64)
        wanted = cell * skills + skill
        near = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[near] == wanted, self.level[near], 0)


def closable(teachers: Side, learners: Side, weights: Mapping[str, int], *, need: bool) -> Product:
    """Levels that one side has and the other side lacks: a column for each level of each skill."""
    known = Numbered()
    taught = teachers.column("offers")
    has = Skills.of(taught, known)
    own_column, wanted_column = learners.column("offers"), learners.column("wants")
    own, wants = Skills.of(own_column, known), Skills.of(wanted_column, known)
    worth = np.array([weights.get(str(skill), 1) for skill in known], dtype=np.int64)
    width = len(known) * LEVELS
    entries = _levels(has.cell, has.skill, np.zeros_like(has.cell), has.level, np.ones_like(has.cell))
    # whoever has reached a level has reached those below it
    levels_had = Thin(taught.codes, len(taught.texts), width, *entries, family=np.arange(width) // LEVELS)
    return Product(levels_had, _lacking(own_column, wanted_column, own, wants, worth, need=need))


def _lacking(own_column: Column, wanted_column: Column, own: Skills, wants: Skills, worth: Ints, *, need: bool) -> Thin:
    """Worth of each level between what learners have and what they want: a row for each two cells that go together."""
    wide = len(wanted_column.texts)
    both, codes = np.unique(own_column.codes * wide + wanted_column.codes, return_inverse=True)
    begin = np.searchsorted(wants.cell, np.arange(wide + 1))
    row, at = spread(begin[both % wide], np.diff(begin)[both % wide])
    skill, wanted = wants.skill[at], wants.level[at]
    has = own.levels_of(both[row] // wide, skill, len(worth))
    value = worth[skill]
    if need:
        lacking = np.zeros(len(both), dtype=np.int64)
        np.add.at(lacking, row, value * np.maximum(0, wanted - has))
        value = value * (1000 // np.maximum(1, lacking))[row]
    return Thin(codes.reshape(-1), len(both), len(worth) * LEVELS, *_levels(row, skill, has, wanted, value))


def _levels(row: Ints, skill: Ints, above: Ints, upto: Ints, value: Ints) -> tuple[Ints, Ints, Ints]:
    """Row, column and value of entries for the levels above one number, up to another."""
    each, column = spread(skill * LEVELS + above, np.maximum(0, upto - above))
    return row[each], column, value[each]


def items(world: World, column: str) -> Product:
    """How many items two lists share."""
    known = Numbered()

    def listed(side: Side) -> Thin:
        found = side.column(column)
        cell, item, meanings = _items(found.texts, lambda written: cells.plain(written).casefold())
        number = np.array([known[meaning] for meaning in meanings], dtype=np.int64)[item]
        # an item that is named twice counts once
        wide = max(1, len(known))
        keys = different(cell * wide + number)
        return Thin(found.codes, len(found.texts), wide, keys // wide, keys % wide, np.ones_like(keys))

    return _product(listed(world.mentors), listed(world.mentees))


def rare(world: World) -> Product:
    """Wanted skills that mentors offer, each worth the more the fewer offer it."""
    known = Numbered()
    offers, wants = world.mentors.column("offers"), world.mentees.column("wants")
    has, lacks = Skills.of(offers, known), Skills.of(wants, known)
    people = np.bincount(offers.codes, minlength=len(offers.texts))
    offering = np.zeros(len(known), dtype=np.int64)
    np.add.at(offering, has.skill, people[has.cell])
    worth = np.minimum(20, len(world.mentors) // np.maximum(1, offering))
    return _product(
        Thin(offers.codes, len(offers.texts), len(known), has.cell, has.skill, worth[has.skill]),
        Thin(wants.codes, len(wants.texts), len(known), lacks.cell, lacks.skill, np.ones_like(lacks.cell)),
    )


def _product(a: Thin, b: Thin) -> Product:
    """Product of two matrices of which the second may know more columns."""
    width = max(a.width, b.width)
    for thin in (a, b):
        thin.width, thin.family = width, np.arange(width)
    return Product(a, b)
