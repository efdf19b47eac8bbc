"""The pairs worth keeping, as flat arrays: the engines are given these alone.

A small programme keeps every pair. A large one keeps some of everybody's best pairs, and grows by those that beat their
prices (`revmatch.solve.pricing`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from revmatch.graph.field import Field, Found
from revmatch.graph.numbering import Numbered
from revmatch.graph.tiles import Looker, look, refuse_beyond
from revmatch.policy.forms import Triples
from revmatch.policy.sides import Bools, Ints

#: Best pairs that are kept for each place of the scarce side, and at least for each person of it.
EACH_PLACE, EACH_ROW = 6, 12
#: Candidates that each person of the other side should have, where their places are needed.
EACH_COLUMN = 6
#: Looks for those who have too few.
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs by number, in order of mentor, then mentee.

    Parameters
    ----------
    mentor, mentee, score : ndarray of int64
        Scores in whole units.
    mentees : int
        Number of mentees in all.
    """

    mentor: Ints
    mentee: Ints
    score: Ints
    mentees: int

    def __len__(self) -> int:
        return len(self.mentor)

    @property
    def key(self) -> Ints:
        """One rising number for each pair."""
        return self.mentor * self.mentees + self.mentee

    def has(self, key: Ints) -> Bools:
        """Which pairs are candidates."""
        own = self.key
        if not len(own):
            return np.zeros(len(key), dtype=bool)
        return np.asarray(own[np.minimum(np.searchsorted(own, key), len(own) - 1)] == key)

    def grown(self, mentor: Ints, mentee: Ints, score: Ints) -> Candidates:
        """These and more; who is there already stays as they are."""
        key, first = np.unique(np.concatenate([self.key, mentor * self.mentees + mentee]), return_index=True)
        both = np.concatenate([self.score, score])[first]
        return Candidates(key // self.mentees, key % self.mentees, both, self.mentees) if len(key) else self


def every_pair(numbered: Numbered, at: Looker, *, workers: int = 1) -> Candidates:
    """Every pair that may exist, and the pins (which may break a rule with a reason).

    Raises
    ------
    LimitError
        RM190 if they would not fit.
    """
    table = next((table for table in at.score.partial if isinstance(table, Triples)), None)
    if table is None:
        found = Candidates(*look(at, workers=workers), at.shape[1])
    else:  # whatever else is asked, no other pair exists
        refuse_beyond(len(table.mentors), at.shape)
        score, allowed = at.pairs(table.mentors, table.mentees)
        found = Candidates(table.mentors[allowed], table.mentees[allowed], score[allowed], at.shape[1])
    return with_pins(numbered, at, found)


def with_pins(numbered: Numbered, at: Looker, found: Candidates) -> Candidates:
    """The same candidates and the pins."""
    pins = numbered.programme.pins
    if not pins:
        return found
    i = numbered.sides.mentors.index([pin.mentor for pin in pins])
    j = numbered.sides.mentees.index([pin.mentee for pin in pins])
    return found.grown(i, j, at.score.pairs(i, j))


def first_candidates(field: Field, places: int, *, both: bool) -> Found:
    """Everybody's best pairs: of the rows' side, and of the other side too where it is scarce as well.

    Who is on too few lists is looked at apart, again and again, among ever fewer people.

    Parameters
    ----------
    field : Field
    places : int
        Of the people of the rows' side.
    both : bool
        Most places of the other side are needed too.

    Raises
    ------
    LimitError
        RM190 if the candidates would not fit.
    """
    rows, columns = int(field.row_in.sum()), np.flatnonzero(field.column_in)
    each = max(EACH_ROW, ceil(EACH_PLACE * places / max(1, rows)))
    refuse_beyond(rows * min(each, len(columns)) + len(columns) * EACH_COLUMN * both, field.at.shape)
    found = more = field.best(each)
    lists = np.zeros(len(field.column_in), dtype=np.int64)
    for _ in range(ROUNDS if both else 0):
        lists += np.bincount(more.mentee if field.rows == "mentor" else more.mentor, minlength=len(lists))
        lonely = columns[lists[columns] < EACH_COLUMN]
        if not len(lonely):
            break
        more = field.best(ceil(len(lonely) * EACH_COLUMN / max(1, rows)), lonely)
        found = found.with_more(more)
    return found
