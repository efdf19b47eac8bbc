"""The certificate's records, read with suspicion: nothing in them is taken for granted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from revmatch.certify.verification import Findings
from revmatch.certify.witness_goals import FEASIBLE, GOALS, Aim
from revmatch.certify.world import Ints, World
from revmatch.plan import Plan, Status

#: Sums stay below this, or are refused.
MOST = 1 << 62

_GOAL_ROW = re.compile(r"goal:([0-9]{1,9})")
_DIRECTION = "one_direction:"


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
class Record:
    """One record that makes sense: prices in the order of rows, and what they are prices of.

    Parameters
    ----------
    place : str
        Where it stands, for messages.
    aim : Aim
        What the goal counts.
    mentor_prices, mentee_prices : ndarray of int64
    denominator : int
    kept : tuple of (int, int)
        Earlier goals kept as rows ``goal_k >= value_k``, and their prices.
    directions : tuple of Direction
    claimed : int
        The bound that it claims.
    """

    place: str
    aim: Aim
    mentor_prices: Ints
    mentee_prices: Ints
    denominator: int
    kept: tuple[tuple[int, int], ...]
    directions: tuple[Direction, ...]
    claimed: int


def read_records(plan: Plan, world: World, findings: Findings) -> list[Record] | None:
    """All records, or None where one of them makes no sense; says which and why."""
    records = getattr(plan.certificate, "records", None)
    if not isinstance(records, tuple):
        findings.add("certificate.records", "expected a tuple of records, one a goal in their order")
        return None
    aims = [(str(goal), GOALS[type(goal)](goal)) for goal in world.policy.goals]
    if plan.status == Status.INFEASIBLE:
        aims = [("Feasible", FEASIBLE)]
    if len(records) > len(aims):
        findings.add("certificate.records", f"holds {len(records)} records, more than there are goals ({len(aims)})")
        return None
    reader = _Reader(world, findings, (world.mentors.order, world.mentees.order))
    read = [reader.record(k, record, *aims[k]) for k, record in enumerate(records)]
    whole = [record for record in read if record is not None]
    return whole if len(whole) == len(read) else None


@dataclass(slots=True)
class _Reader:
    world: World
    findings: Findings
    orders: tuple[Ints, ...]

    def record(self, k: int, given: Any, name: str, aim: Aim) -> Record | None:
        place = f"certificate.records[{k}]"
        goal = getattr(given, "goal", None)
        if not isinstance(goal, str) or goal != name:
            self.findings.add(f"{place}.goal", f"expected {name!r}, the goal in this place, not {goal!r:.80}")
            return None
        prices = [
            self._prices(f"{place}.{field}", getattr(given, field, None), order, field)
            for field, order in zip(("mentor_prices", "mentee_prices"), self.orders, strict=True)
        ]
        denominator = self._number(f"{place}.denominator", getattr(given, "denominator", None), least=1)
        claimed = self._number(f"{place}.bound", getattr(given, "bound", None))
        rows = self._rows(place, k, getattr(given, "rows", None))
        mentors, mentees = prices
        if mentors is None or mentees is None or denominator is None or claimed is None or rows is None:
            return None
        return Record(place, aim, mentors, mentees, denominator, *rows, claimed)

    def _prices(self, place: str, given: Any, order: Ints, field: str) -> Ints | None:
        who = field.removesuffix("_prices")
        if not isinstance(given, np.ndarray) or given.dtype != np.int64:
            found = f"{given.dtype} numbers" if isinstance(given, np.ndarray) else type(given).__name__
            self.findings.add(place, f"expected an array of int64, one price a {who}, not {found}")
            return None
        if given.shape != order.shape:
            self.findings.add(place, f"expected {len(order)} prices, one a {who}, not an array of shape {given.shape}")
            return None
        prices = np.empty_like(given)
        prices[order] = given
        return prices

    def _number(self, place: str, given: Any, least: int | None = None) -> int | None:
        whole = isinstance(given, int | np.integer) and not isinstance(given, bool)
        if not whole or (least is not None and given < least):
            wanted = "a whole number" if least is None else f"a whole number of at least {least}"
            self.findings.add(place, f"expected {wanted}, not {given!r:.40}")
            return None
        return int(given)

    def _rows(self, place: str, k: int, given: Any) -> tuple[tuple[tuple[int, int], ...], tuple[Direction, ...]] | None:
        if not isinstance(given, tuple):
            self.findings.add(f"{place}.rows", "expected a tuple of rows and their prices")
            return None
        kept: list[tuple[int, int]] = []
        directions: list[Direction] = []
        seen: set[str] = set()
        good = True
        for r, row in enumerate(given):
            name, at = getattr(row, "row", None), f"{place}.rows[{r}]"
            price = self._number(f"{at}.price", getattr(row, "price", None))
            meaning = self._meaning(name, k)
            if price is None:
                good = False
            elif meaning is None or name in seen:
                good = False
                said = "this row was named before" if name in seen else f"there is no row {name!r:.80} here"
                self.findings.add(at, said)
            elif isinstance(meaning, int):
                kept.append((meaning, price))
            else:
                directions.append(Direction(str(name), meaning, price))
            seen.add(str(name))
        return (tuple(kept), tuple(directions)) if good else None

    def _meaning(self, name: Any, k: int) -> int | tuple[tuple[int, int], tuple[int, int]] | None:
        """Position of an earlier goal, or the two pairs of a direction row; None for anything else."""
        if not isinstance(name, str):
            return None
        goal = _GOAL_ROW.fullmatch(name)
        if goal is not None:
            return int(goal[1]) if int(goal[1]) < k else None
        if not name.startswith(_DIRECTION) or self.world.strangers:
            return None
        mentor, mentee = self.world.mentors.rows, self.world.mentees.rows
        rest = name.removeprefix(_DIRECTION)
        for cut in range(len(rest)):  # an id may hold the separator itself
            a, b = rest[:cut], rest[cut + 1 :]
            if rest[cut] == "|" and a < b and all(key in side for key in (a, b) for side in (mentor, mentee)):
                return (mentor[a], mentee[b]), (mentor[b], mentee[a])
        return None
