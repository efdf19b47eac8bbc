"""The pairs worth keeping, as flat arrays: the engines are given these alone.

A small programme keeps every pair. A large one keeps some of everybody's best pairs, and grows by those that beat their
prices (`revmatch.solve.pricing`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np

from revmatch.graph.field import Field
from revmatch.graph.found import Found
from revmatch.graph.numbering import Numbered
from revmatch.graph.tiles import Looker, look, refuse_beyond
from revmatch.policy.forms import Triples
from revmatch.policy.sides import Bools, Ints

#: Best pairs that are kept for each place of the scarce side, and at least for each person of it.
EACH_PLACE, EACH_ROW = 6, 12
#: Candidates that each person of the other side should have, where their places are needed.
EACH_COLUMN = 8
#: People among whom those who have too few are given some.
AMONG = 1 << 14
#: Pairs that are drawn for each person where both sides are scarce, and how many are tried to have so many that may be.
DRAWN, TRIED = 3, 8


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


def with_listed(numbered: Numbered, at: Looker, found: Candidates) -> Candidates:
    """The same candidates and the pairs that a goal lists, those of them that may exist."""
    for goal in numbered.programme.policy.goals:
        listed = goal.listed(numbered.sides)
        if listed is not None and len(listed[0]):
            key = np.unique(listed[0] * max(1, found.mentees) + listed[1])
            i, j = np.divmod(key[~found.has(key)], max(1, found.mentees))
            score, allowed = at.pairs(i, j)
            found = found.grown(i[allowed], j[allowed], score[allowed])
    return found


def first_candidates(field: Field, places: int, *, both: bool) -> Iterator[Found]:
    """Everybody's best pairs: of the rows' side, and of the other side too where it is scarce as well.

    People of the other side who are on too few lists are looked from as well. Where both sides are scarce some pairs
    are drawn at random besides: with two for each person there nearly always is a plan that matches everybody, if there
    is one at all (D. Walkup, Matchings in Random Regular Bipartite Digraphs, 1980), and best pairs often leave none.

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
    more = DRAWN * rows + (EACH_COLUMN + DRAWN) * len(columns)
    refuse_beyond(rows * min(each, len(columns)) + more * both, field.at.shape)
    found = field.best(each)
    yield found
    if both:
        yield from _of_the_lonely(field, found)
        yield drawn(field, both=True)


def _of_the_lonely(field: Field, found: Found) -> Iterator[Found]:
    """Best pairs of people of the other side who are on too few lists, each among some people.

    Among all it would take as long again as the first look, and lists of the best few of many are hardly better. Others
    are looked at for each part of them: else all would be listed with the same few.
    """
    other = field.turned()
    lists = np.bincount(other.row_of(found), minlength=len(other.row_in))
    lonely = np.flatnonzero(other.row_in & (lists < EACH_COLUMN))
    everybody = np.flatnonzero(other.column_in)
    parts = max(1, len(everybody) // AMONG)
    for some, among in zip(np.array_split(lonely, parts), np.array_split(everybody, parts), strict=True):
        rows = np.zeros(len(other.row_in), dtype=bool)
        rows[some] = True
        listed = other.best(EACH_COLUMN, among, rows)
        yield Found.listing(listed.mentor, listed.mentee, listed.score, len(field.row_in))


def drawn(field: Field, *, both: bool) -> Found:
    """Some pairs at random for each person of the rows' side, or of both."""
    sides = field.row_in, field.column_in
    mentors, mentees = map(np.flatnonzero, sides if field.rows == "mentor" else sides[::-1])
    rng = np.random.default_rng(0)
    parts = []
    for side, own, other in (("mentor", mentors, mentees), ("mentee", mentees, mentors)):
        if not both and side != field.rows:
            continue
        person = np.repeat(own if len(other) else own[:0], TRIED)
        partner = other[rng.integers(0, max(1, len(other)), len(person))]
        i, j = (person, partner) if side == "mentor" else (partner, person)
        score, may = field.at.pairs(i, j)
        # the first few of each person's that may exist
        before: Ints = np.cumsum(may) - may
        keep = may & (before - np.repeat(before[::TRIED], TRIED) < DRAWN)
        parts.append((i[keep], j[keep], score[keep]))
    i, j, score = map(np.concatenate, zip(*parts, strict=True))
    return Found.listing(i, j, score, len(field.row_in))
