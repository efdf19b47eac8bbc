"""What a plan must satisfy, beyond each person's ``capacity`` and ``min_load``.

A limit states itself as data: numbers of partners that people may have, and linear rows over pairs. Two are neither:
with `Stable` who blocks depends on who else is held, and with `Meetings` when a pair can meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from revmatch.given import as_list
from revmatch.people.people import People
from revmatch.policy.declaration import as_whole, join_words
from revmatch.policy.limit import Limit as Limit
from revmatch.policy.meetings import Meetings
from revmatch.policy.rows import (
    EVERYWHERE,
    NOWHERE,
    RowForm,
    in_order_of_ids,
    one_row,
    unweighed,
    values_in_order,
)
from revmatch.policy.shares import Share, read_share, share_text
from revmatch.policy.sides import Ints, Side, Sides

__all__ = [
    "Apart",
    "Circles",
    "CoMentorsDifferent",
    "DepartmentPair",
    "EveryoneMatched",
    "Load",
    "Meetings",
    "Quota",
    "Stable",
    "Together",
    "TotalPairs",
]


@dataclass(frozen=True, slots=True)
class EveryoneMatched(Limit):
    """Everybody on a side has a partner (people of capacity 0 take no part and need none).

    Parameters
    ----------
    side : {"mentor", "mentee"}

    Examples
    --------
    >>> print(EveryoneMatched("mentee").words())
    Every mentee must have a partner
    """

    side: Side

    def __post_init__(self) -> None:
        self._one_of("side", "mentor", "mentee")

    def least_partners(self, side: Side) -> int:
        return 1 if side == self.side else 0

    def words(self) -> str:
        return f"Every {self.side} must have a partner"


@dataclass(frozen=True, slots=True)
class DepartmentPair(Limit):
    """At most so many pairs from any department of mentors to any department of mentees, their own too.

    Who states no department is not counted.

    Parameters
    ----------
    at_most : int

    Examples
    --------
    >>> print(DepartmentPair(at_most=12).words())
    From any department to any department, its own too, there are at most 12 pairs
    """

    at_most: int

    def __post_init__(self) -> None:
        self._whole("at_most", least=0)

    def columns(self) -> dict[Side, tuple[str, ...]]:
        return {"mentor": ("department",), "mentee": ("department",)}

    def rows(self, sides: Sides) -> tuple[RowForm, ...]:
        mentors, of_mentors = values_in_order(*_codes(sides, "mentor", "department"))
        mentees, of_mentees = values_in_order(*_codes(sides, "mentee", "department"))
        return (unweighed(mentors, mentees, (of_mentors, of_mentees), self.at_most),)

    def words(self) -> str:
        there = "there is at most 1 pair" if self.at_most == 1 else f"there are at most {self.at_most} pairs"
        return f"From any department to any department, its own too, {there}"


@dataclass(frozen=True, slots=True)
class Quota(Limit):
    """Fewest and most pairs that involve a group of one side, as a count or as a share of all pairs.

    Parameters
    ----------
    column, value : str
        The group: everybody with exactly this value in this column, outer spaces and case included. A whole number
        stands for its digits.
    side : {"mentor", "mentee"}
    at_least, at_most : int, Fraction or text such as ``"40%"``, optional
        A whole number counts pairs; a fraction is a share of all pairs. A plan without pairs keeps every share.

    Examples
    --------
    >>> print(Quota("location", "Lyon", "mentor", at_least="40%").words())
    At least 40% of all pairs have a mentor whose location is Lyon
    """

    column: str
    value: str
    side: Side
    at_least: int | Share | None = None
    at_most: int | Share | None = None

    def __post_init__(self) -> None:
        self._text("column")
        digits = as_whole(self.value)
        if digits is not None:
            object.__setattr__(self, "value", str(digits))
        if not isinstance(self.value, str) or not self.value.strip():
            self._refuse("value", "a value of the column")
        self._one_of("side", "mentor", "mentee")
        for field in ("at_least", "at_most"):
            object.__setattr__(self, field, self._bound(field))
        if self.at_least is None and self.at_most is None:
            self._refuse("at_least", "a bound: at_least or at_most")
        low, high = self.at_least, self.at_most
        if low is not None and high is not None and isinstance(low, Share) == isinstance(high, Share) and low > high:
            self._refuse("at_least", f"at most at_most, which is {share_text(high)}")

    def _bound(self, field: str) -> int | Share | None:
        given = getattr(self, field)
        count = as_whole(given)
        if given is None or (count is not None and count >= 0):
            return count
        share = read_share(given)
        if share is None:
            self._refuse(field, 'a number of pairs, or a share of all pairs such as Fraction(2, 5) or "40%"')
        return share

    def columns(self) -> dict[Side, tuple[str, ...]]:
        return {self.side: (self.column,)}

    def members(self, sides: Sides) -> Ints:
        """1 for everybody of the side who is in the group, 0 for others."""
        codes, words = _codes(sides, self.side, self.column)
        here = [k for k, word in enumerate(words) if word == self.value]
        return np.isin(codes, here).astype(np.int64)

    def rows(self, sides: Sides) -> tuple[RowForm, ...]:
        member, (n, m) = self.members(sides), sides.shape
        found = []
        for bound, sign in ((self.at_least, -1), (self.at_most, 1)):
            if bound is None:
                continue
            if isinstance(bound, Share):  # of 5 pairs 2: 5 for each pair of the group against 2 for each pair
                weight, at_most = sign * (bound.denominator * member - bound.numerator), 0
            else:
                weight, at_most = sign * member, sign * bound
            found.append(one_row(n, m, at_most, **{f"{self.side}_weight": weight}))
        return tuple(found)

    def words(self) -> str:
        bounds = [
            f"{how} {share_text(bound)}"
            for how, bound in (("at least", self.at_least), ("at most", self.at_most))
            if bound is not None
        ]
        shares = any(isinstance(bound, Share) for bound in (self.at_least, self.at_most))
        said = f"{join_words(bounds)} {'of all ' if shares else ''}pairs have a {self.side}"
        return f"{said[0].upper()}{said[1:]} whose {self.column} is {self.value}"


@dataclass(frozen=True, slots=True)
class TotalPairs(Limit):
    """At most so many pairs in all.

    Parameters
    ----------
    at_most : int

    Examples
    --------
    >>> print(TotalPairs(at_most=40).words())
    There are at most 40 pairs in all
    """

    at_most: int

    def __post_init__(self) -> None:
        self._whole("at_most", least=0)

    def rows(self, sides: Sides) -> tuple[RowForm, ...]:
        return (one_row(*sides.shape, self.at_most),)

    def words(self) -> str:
        return f"There are at most {self.at_most} pairs in all"


@dataclass(frozen=True, slots=True)
class Circles(Limit):
    """A mentee has no mentor, or at least `smallest` and at most `largest` of them.

    Each mentee's ``capacity`` and ``min_load`` hold as well.

    Parameters
    ----------
    smallest, largest : int

    Examples
    --------
    >>> print(Circles(2, 4).words())
    A mentee has no mentor, or from 2 to 4 of them
    """

    smallest: int
    largest: int

    def __post_init__(self) -> None:
        self._whole("smallest", least=1)
        self._whole("largest", least=1)
        if self.smallest > self.largest:
            self._refuse("smallest", f"at most largest, which is {self.largest}")

    def partners(self, side: Side) -> tuple[int, int] | None:
        return (self.smallest, self.largest) if side == "mentee" else None

    def words(self) -> str:
        return f"A mentee has no mentor, or from {self.smallest} to {self.largest} of them"


@dataclass(frozen=True, slots=True)
class CoMentorsDifferent(Limit):
    """No two mentors of one mentee have the same value in a column.

    A mentor who states no value cannot be said to differ, and shares a mentee with nobody.

    Parameters
    ----------
    column : str

    Examples
    --------
    >>> print(CoMentorsDifferent("department").words())
    The mentors of one mentee differ in department
    """

    column: str

    def __post_init__(self) -> None:
        self._text("column")

    def columns(self) -> dict[Side, tuple[str, ...]]:
        return {"mentor": (self.column,)}

    def rows(self, sides: Sides) -> tuple[RowForm, ...]:
        values, count = values_in_order(*_codes(sides, "mentor", self.column))
        # whoever states nothing is in the row of every value: with anybody else it would hold two
        groups = np.where(values == NOWHERE, EVERYWHERE, values) if count else np.zeros_like(values)
        mentees = in_order_of_ids(sides.mentees.id_order())
        return (unweighed(groups, mentees, (max(1, count), len(mentees)), 1),)

    def words(self) -> str:
        return f"The mentors of one mentee differ in {self.column}"


@dataclass(frozen=True, slots=True)
class Load(Limit):
    """The hours that a person's pairs take, which the partners state, add up to no more than the person has.

    So a place can be used by halves: a leader who needs one hour takes half of a junior's two.

    Parameters
    ----------
    hours : str
        Column of whole numbers of the partners: what a pair with them takes.
    at_most : int or str
        Hours that everybody of the side has, or the column in which they state it.
    side : {"mentor", "mentee"}
        Who has so much time.

    Examples
    --------
    >>> print(Load("hours", at_most=4).words())
    The hours of all mentees of one mentor add up to at most 4
    """

    hours: str
    at_most: int | str
    side: Side = "mentor"

    def __post_init__(self) -> None:
        self._text("hours")
        if not (isinstance(self.at_most, str) and self.at_most.strip()):
            hours = as_whole(self.at_most)
            if hours is None or hours < 0:
                self._refuse("at_most", "a whole number, or the heading of a column")
            object.__setattr__(self, "at_most", hours)
        self._one_of("side", "mentor", "mentee")

    @property
    def other(self) -> Side:
        """The side whose hours add up."""
        return "mentee" if self.side == "mentor" else "mentor"

    def columns(self) -> dict[Side, tuple[str, ...]]:
        return {self.other: (self.hours,), self.side: (self.at_most,) if isinstance(self.at_most, str) else ()}

    def rows(self, sides: Sides) -> tuple[RowForm, ...]:
        own, other = sides.of(self.side), sides.of(self.other)
        hours = sides.numbers(self.other, self.hours)[0]
        most = (
            np.full(len(own), self.at_most)
            if isinstance(self.at_most, int)
            else sides.numbers(self.side, self.at_most)[0]
        )
        rank = in_order_of_ids(own.id_order())
        at_most = np.empty(len(own), dtype=np.int64)
        at_most[rank] = most
        one, ones = np.zeros(len(other), dtype=np.int64), np.ones(len(own), dtype=np.int64)
        if self.side == "mentor":
            return (RowForm(rank, one, (len(own), 1), ones, hours, at_most),)
        return (RowForm(one, rank, (1, len(own)), hours, ones, at_most),)

    def words(self) -> str:
        most = self.at_most if isinstance(self.at_most, int) else f"what they state in {self.at_most}"
        return f"The {self.hours} of all {self.other}s of one {self.side} add up to at most {most}"


class _OfMentors(Limit, abstract=True):
    """A limit on some mentors as co-mentors."""

    __slots__ = ()

    def _read_people(self) -> None:
        given: Any = getattr(self, "people")  # noqa: B009 - a field of the subclasses
        listed = as_list(given) or []
        # an id may be written as a whole number
        people = tuple(str(one) for one in listed if isinstance(one, str) or as_whole(one) is not None)
        if len(people) < len(listed) or len(people) < 2 or len(set(people)) < len(people):
            self._refuse("people", "the ids of at least two mentors, each once")
        object.__setattr__(self, "people", people)


@dataclass(frozen=True, slots=True)
class Together(_OfMentors):
    """These mentors have the same mentees: who has one of them has all of them.

    Parameters
    ----------
    people : iterable of str
        Ids of mentors.

    Examples
    --------
    >>> print(Together(["E1", "E2"]).words())
    The mentors E1 and E2 have the same mentees
    """

    people: tuple[str, ...]

    def __post_init__(self) -> None:
        self._read_people()

    def rows(self, sides: Sides) -> tuple[RowForm, ...]:
        mentors = sides.mentors.index(self.people)
        mentees = in_order_of_ids(sides.mentees.id_order())
        found = []
        for one, other in zip(mentors.tolist(), np.roll(mentors, -1).tolist(), strict=True):
            group, weight = np.full(len(sides.mentors), NOWHERE), np.zeros(len(sides.mentors), dtype=np.int64)
            group[[one, other]], weight[one], weight[other] = 0, 1, -1
            ones = np.ones(len(mentees), dtype=np.int64)
            none = np.zeros(1, dtype=np.int64)
            found.append(RowForm(group, mentees, (1, len(mentees)), weight, ones, none))
        return tuple(found)

    def words(self) -> str:
        return f"The mentors {join_words(list(self.people))} have the same mentees"


@dataclass(frozen=True, slots=True)
class Apart(_OfMentors):
    """No two of these mentors have the same mentee.

    Parameters
    ----------
    people : iterable of str
        Ids of mentors.

    Examples
    --------
    >>> print(Apart(["E1", "E2"]).words())
    No two of the mentors E1 and E2 have the same mentee
    """

    people: tuple[str, ...]

    def __post_init__(self) -> None:
        self._read_people()

    def rows(self, sides: Sides) -> tuple[RowForm, ...]:
        group = np.full(len(sides.mentors), NOWHERE, dtype=np.int64)
        group[sides.mentors.index(self.people)] = 0
        mentees = in_order_of_ids(sides.mentees.id_order())
        return (unweighed(group, mentees, (1, len(mentees)), 1),)

    def words(self) -> str:
        return f"No two of the mentors {join_words(list(self.people))} have the same mentee"


@dataclass(frozen=True, slots=True)
class Stable(Limit):
    """No mentor and mentee who are not paired may both prefer each other to somebody they have.

    An eligible pair outside the plan blocks it if each of the two has a free place, or holds a partner whom they like
    strictly less. Ties do not block. What others ask for is not looked at: with further limits or minimum loads there
    may be no stable plan.

    Parameters
    ----------
    by : {"score", "choices"}
        Whom people like: by the score of the pair, or by their column ``choices``, in which the best comes first; who
        is not listed there comes after all who are.

    Notes
    -----
    D. Gale and L. Shapley, College Admissions and the Stability of Marriage, 1962; with ties: weak stability, R.
    Irving, Stable marriage and indifference, 1994.

    Examples
    --------
    >>> print(Stable(by="choices").words())
    No mentor and mentee who are not paired may both prefer each other to somebody they have, by their own choices
    """

    by: Literal["score", "choices"] = "score"

    def __post_init__(self) -> None:
        self._one_of("by", "score", "choices")

    def columns(self) -> dict[Side, tuple[str, ...]]:
        return {"mentor": ("choices",), "mentee": ("choices",)} if self.by == "choices" else {}

    def likes(self, sides: Sides, i: Ints, j: Ints, score: Ints) -> tuple[Ints, Ints]:
        """How much the mentors and the mentees of some pairs like each other: higher is better, equal is a tie."""
        if self.by == "score":
            return score, score
        m = max(1, sides.shape[1])
        of_mentors = _places_in_choices(sides.mentors, sides.mentees)
        of_mentees = _places_in_choices(sides.mentees, sides.mentors)
        return (
            -np.array([of_mentors.get(pair, m) for pair in zip(i.tolist(), j.tolist(), strict=True)], dtype=np.int64),
            -np.array(
                [of_mentees.get(pair, sides.shape[0]) for pair in zip(j.tolist(), i.tolist(), strict=True)],
                dtype=np.int64,
            ),
        )

    def words(self) -> str:
        how = "the score of the pair" if self.by == "score" else "their own choices"
        return f"No mentor and mentee who are not paired may both prefer each other to somebody they have, by {how}"


def _places_in_choices(own: People, others: People) -> dict[tuple[int, int], int]:
    """Place of others in each person's choices, the best 0; the first one counts where somebody is listed twice."""
    found: dict[tuple[int, int], int] = {}
    listed = own.listed_ids("choices")
    who, whom = own.index([one for one, _ in listed]).tolist(), others.index([other for _, other in listed]).tolist()
    place, last = 0, -1
    for person, other in zip(who, whom, strict=True):
        place, last = (place + 1 if person == last else 0), person
        if other >= 0:
            found.setdefault((person, other), place)
    return found


def _codes(sides: Sides, side: Side, column: str) -> tuple[Ints, tuple[str, ...]]:
    codes, words = sides.of(side).codes(column)
    return codes.astype(np.int64), words
