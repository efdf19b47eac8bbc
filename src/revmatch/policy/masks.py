"""What a rule compiles to: a question to be asked about pairs and, for most rules, its answers by class of mentee.

A rule that reads one short fact of a mentee (a department, a grade, a set of languages) gives the same answer about all
mentees who share that fact. They are a *class*, and one row of answers serves them all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from revmatch.people.distinct import distinct
from revmatch.people.starts import Starts
from revmatch.policy.sides import Bools, Ints

Words = npt.NDArray[np.uint64]
Allows = Callable[[Ints, Ints, Ints], Bools]
#: More classes than this are not worth a row of answers each.
MOST_CLASSES = 4096


@dataclass(frozen=True, slots=True)
class Classes:
    """A rule's answers, one row for each class of mentees.

    Parameters
    ----------
    of_mentee : ndarray of int64, shape (m,)
        Class of each mentee, from 0 to ``count - 1``.
    count : int
        Number of classes.
    allowed : callable
        ``allowed(k)``: which of all n mentors may meet the mentees of class k.
    """

    of_mentee: Ints
    count: int
    allowed: Callable[[int], Bools]


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
    classify : callable, optional
        ``classify()``: the same answers by class of mentee. None where there are no classes, or too many.
    """

    mentors_stated: Bools
    mentees_stated: Bools
    allows: Allows
    classify: Callable[[], Classes] | None = None

    def __call__(self, i: Ints, j: Ints, score: Ints) -> Bools:
        """Which of these pairs the rule lets exist."""
        return self.allows(i, j, score) & self.mentors_stated[i] & self.mentees_stated[j]


def by_number(values: npt.NDArray[Any], stated: Bools, mentors_stated: Bools, of: Callable[[Any], Bools]) -> Classes:
    """Classes of mentees by a whole number each; whoever stated none is in the last class, which may meet nobody.

    Parameters
    ----------
    values, stated : ndarray, shape (m,)
        The number of each mentee, and who stated one.
    mentors_stated : ndarray of bool, shape (n,)
    of : callable
        ``of(value)``: which mentors a mentee of this number may meet, as far as the mentors stated what is needed.
    """
    everybody = bool(stated.all())
    known, number = distinct(values if everybody else values[stated])
    of_mentee = number
    if not everybody:
        of_mentee = np.full(len(values), len(known), dtype=np.int64)
        of_mentee[stated] = number

    def allowed(k: int) -> Bools:
        return of(known[k]) & mentors_stated if k < len(known) else np.zeros(len(mentors_stated), dtype=bool)

    return Classes(of_mentee, len(known) + (not everybody), allowed)


def by_bits(
    mentors: Words, mentees: Words, *, mentor: npt.NDArray[Any] | None = None, mentee: npt.NDArray[Any] | None = None
) -> Classes:
    """Classes of mentees by their bits, of rules that ask for a bit in common.

    Parameters
    ----------
    mentors, mentees : ndarray of uint64, shapes (words, kinds)
        Bits of each kind of mentor and of mentee; no bit is set where nothing is stated.
    mentor, mentee : ndarray of int, shapes (n,) and (m,), optional
        Kind of each mentor and mentee; by default people are their own kinds.
    """
    of_mentee, first = patterns(mentees)

    def allowed(k: int) -> Bools:
        found = np.zeros(mentors.shape[1], dtype=bool)
        for word, bits in zip(mentors, mentees[:, first[k]], strict=True):
            if bits:
                found |= (word & bits) != 0
        return found if mentor is None else found[mentor]

    return Classes(of_mentee if mentee is None else of_mentee[mentee], len(first), allowed)


def by_starts(mentors: Starts, mentees: Starts) -> Callable[[], Classes] | None:
    """Classes of mentees by their hours; None if there are too many different ones."""
    few = mentees.kinds.shape[1] <= MOST_CLASSES or len(patterns(mentees.kinds)[1]) <= MOST_CLASSES
    return (lambda: by_bits(mentors.kinds, mentees.kinds, mentor=mentors.kind, mentee=mentees.kind)) if few else None


def patterns(bits: Words) -> tuple[Ints, Ints]:
    """Number of each column's pattern of bits, equal where the bits are equal; and one column of each pattern."""
    number = np.zeros(bits.shape[1], dtype=np.int64)
    for word in bits:
        known, own = distinct(word)
        number = distinct(number * len(known) + own)[1]
    first = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.int64)
    first[number] = np.arange(len(number))
    return number, first
