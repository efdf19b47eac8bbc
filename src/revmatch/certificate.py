"""The certificate of a plan: the prices with which a stranger can check its ceilings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np

from revmatch.policy.sides import Ints


@dataclass(frozen=True, slots=True)
class RowPrice:
    """Price of a row that is no degree bound, by the row's name (see "How a plan is proved")."""

    row: str
    price: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Case:
    """One part of a proof by cases, with prices of its own.

    Parameters
    ----------
    decisions : tuple of (int, int, int or str, int)
        What sets it apart: ``(0, a, b, 1)``, mentor a and mentee b are paired, or ``0`` at the end: they are not;
        ``(1, a, k, 0)``, mentor a has at most k partners, or ``1`` at the end: more than k; ``(2, b, k, 0)`` and
        ``(2, b, k, 1)`` the same of mentee b; ``(3, a, row, 0)``, mentor a, who has one partner at most, has none of
        those that count in the row of a limit, or ``1`` at the end: none of the others; ``(4, b, row, 0)`` and
        ``(4, b, row, 1)`` the same of mentee b. People are counted from 0 in the order of ids.
    mentor_prices, mentee_prices : ndarray of int64, shapes (n,) and (m,)
        In the order of sorted ids.
    rows : tuple of RowPrice
    denominator : int
        What its prices and worths are multiplied by.
    bound : int
        The ceiling over all plans of this part, in whole units.
    """

    decisions: tuple[tuple[int, int, int | str, int], ...]
    mentor_prices: Ints
    mentee_prices: Ints
    rows: tuple[RowPrice, ...]
    denominator: int
    bound: int

    def __repr__(self) -> str:
        return f"Case({len(self.decisions)} decisions: bound {self.bound})"

    def __post_init__(self) -> None:
        for prices in (self.mentor_prices, self.mentee_prices):
            prices.setflags(write=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain shape, for files."""
        return {
            "decisions": [list(decision) for decision in self.decisions],
            "mentor_prices": self.mentor_prices.tolist(),
            "mentee_prices": self.mentee_prices.tolist(),
            "rows": [[row.row, row.price] for row in self.rows],
            "denominator": self.denominator,
            "bound": self.bound,
        }

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Case from its plain shape."""
        from revmatch.plan_file import whole

        decisions: list[tuple[int, int, int | str, int]] = []
        for kind, one, other, which in data["decisions"]:
            what = other if isinstance(other, str) else whole(other)
            decisions.append((whole(kind), whole(one), what, whole(which)))
        return cls(tuple(decisions), *_read_prices(data), whole(data["denominator"]), whole(data["bound"]))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GoalCertificate:
    """Whole numbers with which a stranger can check the ceiling of one goal (see "How a plan is proved").

    Parameters
    ----------
    goal : str
        The goal; ``"Feasible"`` where the record proves that no plan exists.
    mentor_prices, mentee_prices : ndarray of int64, shapes (n,) and (m,)
        In the order of sorted ids.
    rows : tuple of RowPrice
        Rows with a price other than 0.
    denominator : int
        What prices and worths are multiplied by.
    bound : int or None
        The ceiling, in whole units (points x scale for goals of scores); None where a goal that compares people has
        none.
    cases : tuple of Case
        Parts that together are everything, where the ceiling was found by cases.
    margin : int
        The cases speak of plans above the ceiling only, and none of those holds a pair that is further than this below
        the record's own prices: such pairs are left out of them.
    """

    goal: str
    mentor_prices: Ints
    mentee_prices: Ints
    rows: tuple[RowPrice, ...]
    denominator: int
    bound: int | None
    cases: tuple[Case, ...] = ()
    margin: int = 0

    def __repr__(self) -> str:
        people = len(self.mentor_prices) + len(self.mentee_prices)
        return f"GoalCertificate({self.goal}: bound {self.bound}, prices of {people:,} people)"

    def __post_init__(self) -> None:
        for prices in (self.mentor_prices, self.mentee_prices):
            prices.setflags(write=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain shape, for files."""
        found: dict[str, Any] = {
            "goal": self.goal,
            "mentor_prices": self.mentor_prices.tolist(),
            "mentee_prices": self.mentee_prices.tolist(),
            "rows": [[row.row, row.price] for row in self.rows],
            "denominator": self.denominator,
            "bound": self.bound,
        }
        return found | ({"cases": [case.to_dict() for case in self.cases], "margin": self.margin} if self.cases else {})

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Record from its plain shape."""
        from revmatch.plan_file import whole

        mentor_prices, mentee_prices, rows = _read_prices(data)
        bound = None if data["bound"] is None else whole(data["bound"])
        cases = tuple(Case.from_dict(case) for case in data.get("cases", ()))
        whole_numbers = whole(data["denominator"]), bound, cases, whole(data.get("margin", 0))
        return cls(str(data["goal"]), mentor_prices, mentee_prices, rows, *whole_numbers)


def _read_prices(data: Any) -> tuple[Ints, Ints, tuple[RowPrice, ...]]:
    """Prices of mentors, of mentees and of rows, from their plain shape."""
    from revmatch.plan_file import whole

    mentors, mentees = (
        np.array([whole(price) for price in data[key]], dtype=np.int64) for key in ("mentor_prices", "mentee_prices")
    )
    return mentors, mentees, tuple(RowPrice(str(row), whole(price)) for row, price in data["rows"])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Certificate:
    """A record for each goal, in order; a single record ``"Feasible"`` where no plan exists.

    Parameters
    ----------
    records : tuple of GoalCertificate
    checked : {"all", "candidates"} or None
        Over which pairs `match` has checked the sums.
    """

    records: tuple[GoalCertificate, ...]
    checked: Literal["all", "candidates"] | None = None

    def __repr__(self) -> str:
        return f"Certificate({', '.join(f'{record.goal}: {record.bound}' for record in self)}; checked {self.checked})"

    def __iter__(self) -> Iterator[GoalCertificate]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, k: int) -> GoalCertificate:
        return self.records[k]

    @property
    def bound(self) -> int | None:
        """Ceiling of the last goal that has one, in whole units."""
        return self.records[-1].bound if self.records else None
