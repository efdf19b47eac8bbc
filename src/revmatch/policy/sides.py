"""The two sides of a programme, as rules and score terms read them.

Rules and terms are compiled against a `Sides`: mentors and mentees in some order, with what joins them (reporting
lines, history, choices). Everything is addressed by position on its side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:  # who only needs the names of types, such as an engine, loads no room of people
    from revmatch.people.org import ReportingLines
    from revmatch.people.people import People

Side = Literal["mentor", "mentee"]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sides:
    """Mentors and mentees by position, and what joins them.

    Parameters
    ----------
    mentors, mentees : People
        n mentors (junior) and m mentees (senior).
    lines : ReportingLines
        Of the whole organisation.
    mentor_lines, mentee_lines : ndarray of int64
        Where each mentor and mentee stands in `lines`.
    order : mapping
        Column -> its labels, most junior first.
    history : pair of ndarray of int64
        Positions of mentors and mentees that were paired before.
    previous : pair of ndarray of int64
        Positions of the pairs of the plan before this one, those of which both are here.
    previous_pairs : int
        How many pairs that plan had.
    positions : pair of ndarray of int64
        Where each mentor and mentee stood in the caller's own order (tables of scores go by that).
    """

    mentors: People
    mentees: People
    lines: ReportingLines
    mentor_lines: Ints
    mentee_lines: Ints
    order: Mapping[str, Sequence[str]]
    history: tuple[Ints, Ints]
    previous: tuple[Ints, Ints]
    previous_pairs: int
    positions: tuple[Ints, Ints]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of mentors, number of mentees."""
        return len(self.mentors), len(self.mentees)

    @property
    def most_pairs(self) -> int:
        """No plan has more pairs: each person at most as many as places, and as people on the other side."""
        n, m = self.shape
        return min(int(np.minimum(self.mentors.capacity, m).sum()), int(np.minimum(self.mentees.capacity, n).sum()))

    def of(self, side: Side) -> People:
        """The people of one side."""
        return self.mentors if side == "mentor" else self.mentees

    def shared_codes(self, column: str) -> tuple[Ints, Ints]:
        """Codes of a text column that mean the same on both sides; -1 = not stated."""
        mentor_codes, mentor_words = self.mentors.codes(column)
        mentee_codes, mentee_words = self.mentees.codes(column)
        if mentor_words is mentee_words:
            return mentor_codes.astype(np.int64), mentee_codes.astype(np.int64)
        known = {word: code for code, word in enumerate(mentor_words)}
        recode = [known.setdefault(word, len(known)) for word in mentee_words]
        table = np.array([*recode, -1], dtype=np.int64)  # code -1 picks the last entry
        return mentor_codes.astype(np.int64), table[mentee_codes]

    def numbers(self, side: Side, column: str) -> tuple[Ints, Bools]:
        """Whole numbers of a column, or ranks where the policy orders its labels; and who stated them."""
        people = self.of(side)
        labels = self.order.get(column)
        if labels is None:
            values, stated = people.numbers(column)
            return values, stated
        rank = {label: k for k, label in enumerate(labels)}
        codes, words = people.codes(column)
        # the words of a roster may be more than those of the people who take part, which were checked
        table = np.array([*(rank.get(word, 0) for word in words), 0], dtype=np.int64)
        return table[codes], codes >= 0
