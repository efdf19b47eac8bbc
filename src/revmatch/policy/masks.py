"""What a rule compiles to: a question to be asked about pairs and, for most rules, its answers by kind of person.

A rule that reads one short fact of a person (a department, a grade, a set of languages) gives the same answers about
all who share that fact. They are of one *kind*, and one answer for two kinds serves all pairs of their people.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from revmatch.people.distinct import distinct
from revmatch.people.starts import Starts, have_common
from revmatch.policy.sides import Bools, Ints

Words = npt.NDArray[np.uint64]
Allows = Callable[[Ints, Ints, Ints], Bools]
#: More kinds of mentees than this are not worth a row of answers each.
MOST_KINDS = 4096
#: Answers that are held for all kinds at once.
MOST_ANSWERS = 1 << 26


@dataclass(frozen=True, slots=True)
class Kinds:
    """A rule's answers by kind of mentor and kind of mentee.

    Parameters
    ----------
    of_mentor, of_mentee : ndarray of int64, shapes (n,) and (m,)
        Kind of each person, numbered from 0 on each side.
    mentor_kinds, mentee_kinds : int
        How many kinds there are.
    allows : callable
        ``allows(a, b)``: whether people of these kinds of mentors and of mentees may meet, shape (len(b), len(a)).
    """

    of_mentor: Ints
    of_mentee: Ints
    mentor_kinds: int
    mentee_kinds: int
    allows: Callable[[Ints, Ints], Bools]


@dataclass(frozen=True, slots=True)
class Mask:
    """A rule, ready to be asked.

    Parameters
    ----------
    mentors_stated, mentees_stated : ndarray of bool, shapes (n,) and (m,)
        Who stated what the rule needs.
    allows : callable
        ``allows(i, j, score)``: positions of mentors and mentees and the whole-number scores of these pairs, all
        broadcast together, to a Boolean array. Called for people who stated what is needed and for others alike.
    by_kind : callable, optional
        ``by_kind()``: the same answers by kind of person. None where there are no kinds, or too many.
    """

    mentors_stated: Bools
    mentees_stated: Bools
    allows: Allows
    by_kind: Callable[[], Kinds] | None = None

    def __call__(self, i: Ints, j: Ints, score: Ints) -> Bools:
        """Which of these pairs the rule lets exist."""
        return self.allows(i, j, score) & self.mentors_stated[i] & self.mentees_stated[j]


def by_number(
    a: npt.NDArray[Any], b: npt.NDArray[Any], a_stated: Bools, b_stated: Bools, allows: Callable[[Any, Any], Bools]
) -> Kinds:
    """Kinds by a whole number each; whoever stated none is of the last kind, which may meet nobody.

    Parameters
    ----------
    a, b : ndarray, shapes (n,) and (m,)
        The number of each mentor and mentee.
    a_stated, b_stated : ndarray of bool, shapes (n,) and (m,)
        Who stated one.
    allows : callable
        ``allows(x, y)``: whether a mentor and a mentee of these numbers may meet; broadcast together.
    """
    of_mentor, numbers_a, knows_a = _numbers(a, a_stated)
    of_mentee, numbers_b, knows_b = _numbers(b, b_stated)

    def both(x: Ints, y: Ints) -> Bools:
        y = y[:, None]
        return np.asarray(allows(numbers_a[x], numbers_b[y]) & knows_a[x] & knows_b[y])

    return Kinds(of_mentor, of_mentee, len(numbers_a), len(numbers_b), both)


def _numbers(values: npt.NDArray[Any], stated: Bools) -> tuple[Ints, npt.NDArray[Any], Bools]:
    """Kind of each person, the number of each kind, and whether it is one."""
    known, number = distinct(values[stated])
    kind = np.full(len(values), len(known), dtype=np.int64)
    kind[stated] = number
    return kind, np.append(known, np.zeros(1, dtype=known.dtype)), np.arange(len(known) + 1) < len(known)


class _InCommon:
    """Whether kinds have a bit in common: worked out once for all kinds, where they are not too many."""

    def __init__(self, mentors: Words, mentees: Words) -> None:
        self._bits = mentors, mentees

    @cached_property
    def _table(self) -> Bools | None:
        a, b = (bits.shape[1] for bits in self._bits)
        return self._worked_out(np.arange(a), np.arange(b)) if a * b <= MOST_ANSWERS else None

    def _worked_out(self, a: Ints, b: Ints) -> Bools:
        return have_common(self._bits[0], a, self._bits[1], b[:, None])

    def __call__(self, a: Ints, b: Ints) -> Bools:
        table = self._table
        return self._worked_out(a, b) if table is None else np.take(table[b], a, axis=1)


def by_bits(mentors: Words, mentees: Words, mentor: npt.NDArray[Any], mentee: npt.NDArray[Any]) -> Kinds:
    """Kinds by bits, of rules that ask for a bit in common.

    Parameters
    ----------
    mentors, mentees : ndarray of uint64, shapes (words, texts)
        Bits of what mentors and mentees wrote; no bit is set where nothing is stated.
    mentor, mentee : ndarray of int, shapes (n,) and (m,)
        Which of these each mentor and mentee wrote.
    """
    (number_a, first_a), (number_b, first_b) = patterns(mentors), patterns(mentees)
    a, b = mentors[:, first_a], mentees[:, first_b]
    return Kinds(number_a[mentor], number_b[mentee], len(first_a), len(first_b), _InCommon(a, b))


def by_starts(mentors: Starts, mentees: Starts) -> Callable[[], Kinds] | None:
    """Kinds by hours; None if mentees have too many different ones."""
    few = mentees.kinds.shape[1] <= MOST_KINDS or len(patterns(mentees.kinds)[1]) <= MOST_KINDS
    return (lambda: by_bits(mentors.kinds, mentees.kinds, mentors.kind, mentees.kind)) if few else None


def patterns(bits: Words) -> tuple[Ints, Ints]:
    """Number of each column's pattern of bits, equal where the bits are equal; and one column of each pattern."""
    number = np.zeros(bits.shape[1], dtype=np.int64)
    for word in bits:
        known, own = distinct(word)
        number = distinct(number * len(known) + own)[1]
    first = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.int64)
    first[number] = np.arange(len(number))
    return number, first
