"""The certificate's records as the sums need them: prices in the order of rows, and what rows and cases mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revmatch.certify.grids import EVERY_ROW, Grid
from revmatch.certify.moments import MomentRow
from revmatch.certify.sides import Bools, Ints
from revmatch.certify.witness_goals import Aim, Gap, Worst

#: Sums stay below this, or are refused.
MOST = 1 << 62


@dataclass(frozen=True, slots=True)
class Direction:
    """The limit that one pair of people meets in one direction only: x[a -> b] + x[b -> a] <= 1.

    Parameters
    ----------
    row : str
        Its name.
    pairs : tuple
        The two pairs, by position.
    price : int
    """

    row: str
    pairs: tuple[tuple[int, int], tuple[int, int]]
    price: int


@dataclass(frozen=True, slots=True)
class PairRow:
    """A row of a limit: the pairs between group a of mentors and group b of mentees.

    Parameters
    ----------
    row : str
        Its name.
    price : int
    grid : Grid
    a, b : int
    """

    row: str
    price: int
    grid: Grid
    a: int
    b: int

    @property
    def bound(self) -> int:
        """The sum is at most this."""
        return self.grid.at_most(self.a, self.b)

    @property
    def most(self) -> int:
        """No pair and no bound counts more."""
        return max(self.grid.most, abs(self.bound))

    def counts(self, i: Ints, j: Ints) -> Bools:
        """Which of some pairs count in it."""
        grid = self.grid
        a, b = grid.a[i], grid.b[j]
        weighed = (grid.weight_a[i] != 0) & (grid.weight_b[j] != 0)
        return np.asarray(((a == self.a) | (a == EVERY_ROW)) & (b == self.b) & weighed)


@dataclass(frozen=True, slots=True)
class WorstRow:
    """A mentee who has a mentor has a total of at least so much: ``least [has one] - sum of scores <= 0``.

    Parameters
    ----------
    row : str
        Its name.
    price : int
    mentee : int
        Position.
    least : int
    """

    row: str
    price: int
    mentee: int
    least: int

    bound = 0

    @property
    def most(self) -> int:
        """No person counts more."""
        return abs(self.least)


@dataclass(frozen=True, slots=True)
class CircleRow:
    """Who is paired with a mentee is one of at least so many: ``size x pair - the mentee's pairs <= 0``.

    Parameters
    ----------
    row : str
        Its name.
    price : int
    mentor, mentee : int
        Positions.
    size : int
        Fewest partners of the mentee, if there are any.
    """

    row: str
    price: int
    mentor: int
    mentee: int
    size: int

    bound = 0

    @property
    def most(self) -> int:
        """No pair counts more."""
        return self.size


@dataclass(frozen=True, slots=True)
class GroupCircleRow:
    """The same of a group of mentors of whom a mentee has one at most: ``size x the group's pairs - all pairs <= 0``.

    Parameters
    ----------
    row : str
        Its name.
    price : int
    grid : Grid
        Rows of the limit that says so.
    a, b : int
        Group of mentors, and of the one mentee, there.
    mentee : int
        Position.
    size : int
        Fewest partners of the mentee, if there are any.
    """

    row: str
    price: int
    grid: Grid
    a: int
    b: int
    mentee: int
    size: int

    bound = 0

    @property
    def most(self) -> int:
        """No pair counts more."""
        return self.size


@dataclass(frozen=True, slots=True)
class GapRow:
    """The part of group a that has a partner less that of group b, times both sizes, is at most so much.

    Parameters
    ----------
    row : str
        Its name.
    price : int
    gap : Gap
    a, b : int
    bound : int
    """

    row: str
    price: int
    gap: Gap
    a: int
    b: int
    bound: int

    @property
    def most(self) -> int:
        """No person and no bound counts more."""
        return max(self.gap.sizes[self.a], self.gap.sizes[self.b], abs(self.bound))


#: Rows that are neither directions nor earlier sums.
OtherRow = PairRow | WorstRow | CircleRow | GroupCircleRow | GapRow | MomentRow


@dataclass(frozen=True, slots=True)
class Record:
    """One record that makes sense: prices in the order of rows, and what they are prices of.

    Parameters
    ----------
    place : str
        Where it stands, for messages.
    aim : Aim
        What the goal counts; nothing, where it compares people.
    mentor_prices, mentee_prices : ndarray of int64
    denominator : int
    kept : tuple of (int, int)
        Earlier goals kept as rows ``goal_k >= value_k``, and their prices.
    directions : tuple of Direction
    claimed : int or None
        The bound that it claims; None: none.
    rows : tuple of OtherRow
    cases : tuple of Case
    margin : int
        Pairs that are further than this below the record's own prices are in no plan that its cases speak of.
    compares : Worst or Gap, optional
        The goal, where it compares people.
    single : ndarray of bool, optional
        Mentees who may have one mentor at most, where the goal is about the lowest total.
    keeps : int, optional
        Of a goal that compares: the value that later goals keep.
    """

    place: str
    aim: Aim
    mentor_prices: Ints
    mentee_prices: Ints
    denominator: int
    kept: tuple[tuple[int, int], ...]
    directions: tuple[Direction, ...]
    claimed: int | None
    rows: tuple[OtherRow, ...] = ()
    cases: tuple[Case, ...] = ()
    margin: int = 0
    compares: Worst | Gap | None = None
    single: Bools | None = None
    keeps: int | None = None

    @property
    def named(self) -> dict[str, int]:
        """Price of each row, by its name."""
        rows = {row.row: row.price for row in (*self.directions, *self.rows)}
        return rows | {f"goal:{goal}": price for goal, price in self.kept}


class ByPerson:
    """Some pairs, and which of them are a mentor's or a mentee's: cases ask that of person after person.

    Parameters
    ----------
    i, j : ndarray of int64
        Positions of mentors and mentees.
    """

    def __init__(self, i: Ints, j: Ints) -> None:
        self.i, self.j = i, j
        self._sorted: dict[int, tuple[Ints, Ints]] = {}

    def of(self, side: int, person: int) -> Ints:
        """The pairs of one mentor (side 0) or mentee (1), as places among these pairs."""
        if side not in self._sorted:
            people = (self.i, self.j)[side]
            order = np.argsort(people, kind="stable")
            self._sorted[side] = people[order], order
        people, order = self._sorted[side]
        first, end = np.searchsorted(people, [person, person + 1]).tolist()
        return order[first:end]


@dataclass(frozen=True, slots=True)
class RowDecision:
    """Somebody who has one partner at most has none in a row, or none but there.

    Parameters
    ----------
    side : int
        0: a mentor, 1: a mentee.
    person : int
        Position.
    row : PairRow
    inside : bool
    """

    side: int
    person: int
    row: PairRow
    inside: bool

    def bars(self, pairs: ByPerson) -> Ints:
        """Which of some pairs are out by it."""
        theirs = pairs.of(self.side, self.person)
        return np.asarray(theirs[self.row.counts(pairs.i[theirs], pairs.j[theirs]) != self.inside])


@dataclass(frozen=True, slots=True)
class Case:
    """One part of everything: the plans that some decisions leave.

    Parameters
    ----------
    record : Record
        Prices for this part.
    into, out : frozenset of (int, int)
        Pairs that are in, and pairs that are out.
    upper, lower : tuple of two dict
        Most and fewest partners of some mentors, and of some mentees.
    rows : tuple of RowDecision
    """

    record: Record
    into: frozenset[tuple[int, int]]
    out: frozenset[tuple[int, int]]
    upper: tuple[dict[int, int], dict[int, int]]
    lower: tuple[dict[int, int], dict[int, int]]
    rows: tuple[RowDecision, ...] = ()

    def barred(self, pairs: ByPerson) -> Bools:
        """Which of some pairs are out because of a row."""
        found = np.zeros(len(pairs.i), dtype=bool)
        for decision in self.rows:
            found[decision.bars(pairs)] = True
        return found

    @property
    def pairs(self) -> frozenset[tuple[int, int]]:
        """Pairs that are decided one by one."""
        return self.into | self.out
