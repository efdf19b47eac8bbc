"""People's columns and skills as forms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from revmatch.people.skills import SkillTable, split_items
from revmatch.policy.forms import Product, Triples
from revmatch.policy.sides import Bools, Ints, Side, Sides
from revmatch.policy.sparse import SparseRows, expand, filled, numbered, ones, running, sizes


def on_shared_columns(mentors: SparseRows, mentees: SparseRows) -> Product:
    """Product on the columns that both sides use: the others add nothing and cost time."""
    number = numbered(mentors.used() & mentees.used())
    return Product(mentors.renumbered(number), mentees.renumbered(number))


def item_lists(sides: Sides, column: str) -> tuple[int, list[ItemLists]]:
    """``;`` lists of a column on both sides, compared after trimming and case folding; and how many items there are."""
    known: dict[str, int] = {}
    found: list[ItemLists] = []
    for people in (sides.mentors, sides.mentees):
        codes, words = people.codes(column)
        if found and words is found[0].words:
            found.append(ItemLists(codes, words, found[0].items))
            continue
        lists = [{item.casefold() for item in split_items(word)} for word in words]
        items = [sorted(known.setdefault(item, len(known)) for item in sorted(own)) for own in lists]
        found.append(ItemLists(codes, words, items))
    return len(known), found


@dataclass(frozen=True, slots=True)
class ItemLists:
    """``;`` lists of n people.

    Parameters
    ----------
    codes : ndarray of int32, shape (n,)
        Which text a person wrote; -1 where not stated.
    words : tuple of str
        The different texts.
    items : list of list of int
        Numbers of the items of each text, rising.
    """

    codes: npt.NDArray[np.int32]
    words: tuple[str, ...]
    items: list[list[int]]

    @property
    def rows(self) -> tuple[Ints, Ints]:
        """Item numbers of each text, and of a last one without any: where each begins, and all in one."""
        begin = np.zeros(len(self.items) + 2, dtype=np.int64)
        np.cumsum([*map(len, self.items), 0], out=begin[1:])
        return begin, np.array([item for own in self.items for item in own], dtype=np.int64)


def shared_items(sides: Sides, column: str) -> Product:
    """1 for each item that two ``;`` lists of a column share, compared after trimming and case folding."""
    width, both = item_lists(sides, column)
    rows = []
    for side in both:
        begin, flat = side.rows
        starts = begin[side.codes]  # code -1 picks the last text, the one without items; so it does in what follows
        counts = sizes(begin)[side.codes]
        indptr = running(counts)
        column_of = flat[expand(starts, counts)]
        rows.append(SparseRows(indptr, column_of, ones(len(column_of)), width))
    return Product(*rows)


def item_bits(sides: Sides, column: str) -> list[tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]]:
    """For each side, the items of each text of a column as bits, shape (words, texts + 1), and each person's text."""
    width, both = item_lists(sides, column)
    found = []
    for side in both:
        begin, flat = side.rows
        bits = np.zeros((len(begin) - 1, max(1, -(-width // 64)) * 64), dtype=np.bool_)
        bits[np.repeat(np.arange(len(begin) - 1), sizes(begin)), flat] = True
        packed = np.packbits(bits, axis=1, bitorder="little").view("<u8").astype(np.uint64)
        found.append((np.ascontiguousarray(packed.T), side.codes))
    return found


def skill_levels(
    offers: SkillTable, own: SkillTable, wants: SkillTable, worth: Ints, *, need: bool
) -> tuple[SparseRows, SparseRows]:
    """Levels that some people have, and what each level is worth that others lack, on the columns that both use.

    A column is one level of a skill. Whoever offers level 3 has 1 in the columns of levels 1, 2 and 3: ``[own >= l]``.

    Parameters
    ----------
    offers : SkillTable
        What the ones have.
    own, wants : SkillTable
        What the others have and want.
    worth : ndarray of int64
        Worth of a level of each skill.
    need : bool
        Scale each person's levels to 1,000 in all: a level is worth ``floor(1000 / weighted levels lacking)``.
    """
    lacking = levels_lacking(wants, own, worth, need=need)
    seen = np.bincount(offers.skill * np.int64(8) + offers.level, minlength=8 * len(worth)).reshape(-1, 8)
    offered = np.logical_or.accumulate(seen[:, 5:0:-1] > 0, axis=1)[:, ::-1].ravel()
    used = lacking.used() & offered
    return levels_offered(offers, used), lacking.renumbered(numbered(used))


def levels_offered(table: SkillTable, used: Bools) -> SparseRows:
    """1 in each used column ``skill * 5 + l - 1`` of a level l that a person has, the used columns numbered anew."""
    before = running(used)
    first = table.skill * np.int64(5)
    start = before[first]
    first += table.level
    counts = before[first] - start
    ends = running(counts)
    column = expand(start, counts)
    return SparseRows(ends[table.indptr], column, ones(len(column)), int(before[-1]))


def levels_lacking(wants: SkillTable, offers: SkillTable, worth: Ints, *, need: bool) -> SparseRows:
    """Worth of each level between what a person has and what they want: ``[own < l <= wanted]``."""
    row = np.repeat(np.arange(len(wants), dtype=np.int64), sizes(wants.indptr))
    skill = wants.skill.astype(np.int64)
    own = _level_of(offers, row, skill, len(worth))
    lacking = np.maximum(wants.level - own, 0)
    value = worth[skill]
    if need:
        in_all = running(lacking * value)
        value = value * (1000 // np.maximum(sizes(in_all[wants.indptr]), 1))[row]
    lacking[value == 0] = 0
    ends = running(lacking)
    column = expand(skill * 5 + own, lacking)
    return SparseRows(ends[wants.indptr], column, np.repeat(value, lacking), 5 * len(worth))


def _level_of(table: SkillTable, row: Ints, skill: Ints, width: int) -> Ints:
    """Level of a person in a skill; 0 where they do not list it."""
    keys = np.repeat(np.arange(len(table)) * width, sizes(table.indptr)) + table.skill
    if not len(keys):
        return np.zeros(len(row), dtype=np.int64)
    wanted = row * width + skill
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, table.level[at], 0).astype(np.int64)


def choice_triples(sides: Sides, of: Side, points: tuple[int, ...]) -> Triples:
    """Points of the pairs that one side listed in ``choices``, best first."""
    chooser, other = (sides.mentors, sides.mentees) if of == "mentor" else (sides.mentees, sides.mentors)
    codes, words = chooser.codes("choices")
    lists = [split_items(word)[: len(points)] for word in words]
    who, whom, value = [], [], []
    for person, code in enumerate(codes.tolist()):
        for rank, chosen in enumerate(lists[code] if code >= 0 else ()):
            who.append(person)
            whom.append(chosen)
            value.append(points[rank])
    at = other.index(whom)
    known = at >= 0  # chosen people who do not take part on the other side are no pair
    a, b, v = np.array(who, dtype=np.int64)[known], at[known], np.array(value, dtype=np.int64)[known]
    mentors, mentees = (a, b) if of == "mentor" else (b, a)
    order = np.lexsort((mentees, mentors))
    return Triples(mentors[order], mentees[order], v[order], sides.shape)


def listed(table: SkillTable, worth: Ints) -> SparseRows:
    """Worth of each skill that a person lists, whatever the level."""
    return filled(table.indptr, table.skill.astype(np.int64), worth[table.skill], len(worth))


def one_column(values: Ints) -> SparseRows:
    """One number a person."""
    return filled(np.arange(len(values) + 1), np.zeros(len(values), dtype=np.int64), values, 1)


def side_by_side(*products: Product) -> Product:
    """One product whose value is the sum of several."""

    def beside(parts: list[SparseRows]) -> SparseRows:
        begin = np.cumsum([0, *(part.width for part in parts)])
        indptr = np.zeros_like(parts[0].indptr)
        for part in parts:
            indptr += part.indptr
        column, value = np.zeros((2, int(indptr[-1])), dtype=np.int64)
        start = indptr[:-1].copy()
        for part, first in zip(parts, begin[:-1].tolist(), strict=True):
            counts = sizes(part.indptr)
            at = expand(start, counts)
            column[at], value[at] = part.column + first, part.value
            start += counts
        return SparseRows(indptr, column, value, int(begin[-1]))

    return Product(beside([p.mentors for p in products]), beside([p.mentees for p in products]))
