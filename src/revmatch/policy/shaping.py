"""People's columns and skills as forms."""

from __future__ import annotations

import numpy as np

from revmatch.people.skills import SkillTable, split_items
from revmatch.policy.forms import Product, SparseRows, Triples, expand, sparse_rows
from revmatch.policy.sides import Ints, Side, Sides


def on_shared_columns(mentors: SparseRows, mentees: SparseRows) -> Product:
    """Product on the columns that both sides use: the others add nothing and cost time."""
    used = np.intersect1d(mentors.column, mentees.column)
    table = np.full(max(mentors.width, mentees.width) + 1, -1, dtype=np.int64)
    table[used] = np.arange(len(used))

    def narrow(rows: SparseRows) -> SparseRows:
        keep = table[rows.column] >= 0
        return sparse_rows(rows.row[keep], table[rows.column[keep]], rows.value[keep], (len(rows), len(used)))

    return Product(narrow(mentors), narrow(mentees))


def shared_items(sides: Sides, column: str) -> Product:
    """1 for each item that two ``;`` lists of a column share, compared after trimming and case folding."""
    known: dict[str, int] = {}
    parsed = []
    for people in (sides.mentors, sides.mentees):
        codes, words = people.codes(column)
        lists = [{item.casefold() for item in split_items(word)} for word in words]
        items = [sorted(known.setdefault(item, len(known)) for item in sorted(own)) for own in lists]
        parsed.append((codes, items))
    rows = []
    for codes, items in parsed:
        counts = np.array([*(len(item) for item in items), 0], dtype=np.int64)
        flat = np.array([code for item in items for code in item], dtype=np.int64)
        begin = np.concatenate([[0], np.cumsum(counts[:-1])]).astype(np.int64)
        per_person = counts[codes]
        indptr = np.concatenate([[0], np.cumsum(per_person)]).astype(np.int64)
        entry = flat[expand(begin[codes], per_person)] if len(flat) else np.empty(0, dtype=np.int64)
        rows.append(SparseRows(indptr, entry, np.ones(len(entry), dtype=np.int64), len(known)))
    return Product(*rows)


def levels_offered(table: SkillTable, width: int) -> SparseRows:
    """1 in column ``skill * 5 + l - 1`` for each level l that a person has: ``[own >= l]``."""
    counts = table.level.astype(np.int64)
    row = np.repeat(np.repeat(np.arange(len(table.indptr) - 1), np.diff(table.indptr)), counts)
    level = expand(np.zeros(len(counts), dtype=np.int64), counts)
    column = np.repeat(table.skill.astype(np.int64), counts) * 5 + level
    return sparse_rows(row, column, np.ones(len(column), dtype=np.int64), (len(table.indptr) - 1, width * 5))


def levels_lacking(wants: SkillTable, offers: SkillTable, worth: Ints, *, need: bool) -> SparseRows:
    """Worth of each level between what a person has and what they want: ``[own < l <= wanted]``.

    Parameters
    ----------
    wants, offers : SkillTable
        Of the same people, with the same skill codes.
    worth : ndarray of int64
        Worth of a level of each skill.
    need : bool
        Scale each person's levels to 1,000 in all: a level is worth ``floor(1000 / weighted levels lacking)``.
    """
    people, width = len(wants.indptr) - 1, len(worth)
    wanted_row = np.repeat(np.arange(people, dtype=np.int64), np.diff(wants.indptr))
    own = _level_of(offers, wanted_row, wants.skill.astype(np.int64), width)
    lacking = np.maximum(wants.level.astype(np.int64) - own, 0)
    value = worth[wants.skill]
    if need:
        in_all = np.zeros(people, dtype=np.int64)
        np.add.at(in_all, wanted_row, lacking * value)
        value = value * (1000 // np.maximum(in_all, 1))[wanted_row]
    row = np.repeat(wanted_row, lacking)
    column = np.repeat(wants.skill.astype(np.int64) * 5, lacking) + expand(own, lacking)
    return sparse_rows(row, column, np.repeat(value, lacking), (people, width * 5))


def _level_of(table: SkillTable, row: Ints, skill: Ints, width: int) -> Ints:
    """Level of a person in a skill; 0 where they do not list it."""
    keys = np.repeat(np.arange(len(table.indptr) - 1), np.diff(table.indptr)) * width + table.skill
    if not len(keys):
        return np.zeros(len(row), dtype=np.int64)
    wanted = row * width + skill
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, table.level[at].astype(np.int64), 0)


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
    people = len(table.indptr) - 1
    row = np.repeat(np.arange(people, dtype=np.int64), np.diff(table.indptr))
    return sparse_rows(row, table.skill.astype(np.int64), worth[table.skill], (people, len(worth)))


def one_column(values: Ints) -> SparseRows:
    """One number a person."""
    row = np.arange(len(values), dtype=np.int64)
    return sparse_rows(row, np.zeros_like(row), values, (len(values), 1))


def side_by_side(*products: Product) -> Product:
    """One product whose value is the sum of several."""

    def beside(parts: list[SparseRows]) -> SparseRows:
        begin = np.cumsum([0, *(part.width for part in parts)])
        return sparse_rows(
            np.concatenate([part.row for part in parts]),
            np.concatenate([part.column + at for part, at in zip(parts, begin[:-1], strict=True)]),
            np.concatenate([part.value for part in parts]),
            (len(parts[0]), int(begin[-1])),
        )

    return Product(beside([p.mentors for p in products]), beside([p.mentees for p in products]))
