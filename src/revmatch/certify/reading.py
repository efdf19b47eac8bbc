"""The certificate's records, read with suspicion: nothing in them is taken for granted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from revmatch.certify.cover import Decisions, uncovered
from revmatch.certify.decisions import case_of, nonsense
from revmatch.certify.grids import Grid
from revmatch.certify.moments import MomentRow, Times
from revmatch.certify.records import (
    Case,
    CircleRow,
    Direction,
    GapRow,
    GroupCircleRow,
    OtherRow,
    PairRow,
    Record,
    WorstRow,
)
from revmatch.certify.sides import Bools, Ints
from revmatch.certify.verification import Findings
from revmatch.certify.witness_goals import FEASIBLE, Aim, Gap, Seen, Worst
from revmatch.certify.witness_rows import ROWS
from revmatch.certify.world import World
from revmatch.plan import Plan, Status
from revmatch.policy.limits import CoMentorsDifferent, Meetings

#: So many cases a record at most.
MOST_CASES = 1_000
TOO_LARGE = "numbers this large cannot be added up exactly in 64 bits"

_ROW = re.compile(r"(limit|goal|circle)((?::(?:0|[1-9][0-9]{0,8}))+)")
_MOMENT = re.compile(r"slot:(?:rooms|(mentor|mentee):(0|[1-9][0-9]{0,8})):(0|-?[1-9][0-9]{0,8})")
_DIRECTION = "one_direction:"

#: What a row's name means: an earlier goal, the two pairs of a direction, or a row without its price.
Meaning = int | tuple[tuple[int, int], tuple[int, int]] | OtherRow


@dataclass(frozen=True, slots=True)
class Own:
    """The goals of a plan, as the checker sees them.

    Parameters
    ----------
    goals : list of Aim, Worst and Gap
    values : list of set of int
        Values that each goal may have.
    kept : list of int or None
        Value of each goal that later goals keep.
    """

    goals: list[Seen]
    values: list[set[int]]
    kept: list[int | None]


def read_records(plan: Plan, world: World, own: Own, findings: Findings) -> list[Record] | None:
    """All records, or None where one of them makes no sense; says which and why."""
    records = getattr(plan.certificate, "records", None)
    if not isinstance(records, tuple):
        findings.add("certificate.records", "expected a tuple of records, one a goal in their order")
        return None
    names, goals = [str(goal) for goal in world.policy.goals], own.goals
    if plan.status == Status.INFEASIBLE:
        names, goals = ["Feasible"], [FEASIBLE]
    if len(records) > len(names):
        findings.add("certificate.records", f"holds {len(records)} records, more than there are goals ({len(names)})")
        return None
    reader = _Reader(world, findings, goals, own)
    read = [reader.record(k, record, names[k]) for k, record in enumerate(records)]
    whole = [record for record in read if record is not None]
    return whole if len(whole) == len(read) else None


@dataclass
class _Reader:
    world: World
    findings: Findings
    goals: list[Seen]
    own: Own
    #: Of the goals that compare: what each claims, and what later goals keep of it.
    compared: dict[int, tuple[int | None, int | None]] = field(default_factory=dict)

    @cached_property
    def orders(self) -> tuple[Ints, Ints]:
        return self.world.mentors.order, self.world.mentees.order

    @cached_property
    def grids(self) -> dict[int, list[Grid]]:
        """Rows of the limits that have any, by the limit's position."""
        found = {}
        for k, limit in enumerate(self.world.policy.limits):
            try:
                found[k] = ROWS[type(limit)](limit, self.world) if type(limit) in ROWS else []
            except OverflowError:
                self.findings.add(f"policy.limits[{k}]", TOO_LARGE)
        return found

    @cached_property
    def single(self) -> tuple[Bools, Bools]:
        """Mentors, and mentees, who may have no more than one partner."""
        each = [self.world.some_partners(side) for side in ("mentor", "mentee")]
        mentors, mentees = (np.asarray((low > high) | (high == 1)) for low, high in each)
        return mentors, mentees

    @cached_property
    def single_by_id(self) -> tuple[Bools, Bools]:
        """The same in the order of ids."""
        return self.single[0][self.orders[0]], self.single[1][self.orders[1]]

    def record(self, k: int, given: Any, name: str) -> Record | None:
        place, goal = f"certificate.records[{k}]", getattr(given, "goal", None)
        if not isinstance(goal, str) or goal != name:
            self.findings.add(f"{place}.goal", f"expected {name!r}, the goal in this place, not {goal!r:.80}")
            return None
        compares = None if isinstance(self.goals[k], Aim) else self.goals[k]
        denominator = self._number(f"{place}.denominator", getattr(given, "denominator", None), least=1)
        claimed = getattr(given, "bound", None)
        unproven = claimed is None and compares is not None
        if not unproven:
            claimed = self._number(f"{place}.bound", claimed)
        if compares is not None:
            self.compared[k] = claimed, claimed if claimed in self.own.values[k] else self.own.kept[k]
        parts = self._prices_and_rows(place, k, given)
        if parts is None or denominator is None or (claimed is None and not unproven):
            return None
        record = self._of_goal_at(k, place, parts, denominator, claimed)
        cases = self._cases(k, record, getattr(given, "cases", ()))
        margin = self._number(f"{place}.margin", getattr(given, "margin", None), least=0)
        if cases is None or margin is None:
            return None
        if margin and not cases:
            self.findings.add(f"{place}.margin", f"expected 0 where there are no cases, not {margin}")
            return None
        return replace(record, cases=cases, margin=margin)

    def _of_goal_at(self, k: int, place: str, parts: Any, denominator: int, claimed: int | None) -> Record:
        goal, (mentors, mentees, kept, directions, rows) = self.goals[k], parts
        if isinstance(goal, Aim):
            return Record(place, goal, mentors, mentees, denominator, kept, directions, claimed, rows)
        single = self.single[1] if isinstance(goal, Worst) else None
        record = Record(place, FEASIBLE, mentors, mentees, denominator, kept, directions, claimed, rows)
        return replace(record, compares=goal, single=single, keeps=self.compared[k][1])

    def _prices_and_rows(self, place: str, k: int, given: Any) -> Any:
        """Prices of mentors and mentees, earlier goals, directions and other rows; None if any makes no sense."""
        prices = [
            self._prices(f"{place}.{name}", getattr(given, name, None), order, name)
            for name, order in zip(("mentor_prices", "mentee_prices"), self.orders, strict=True)
        ]
        rows = self._rows(place, k, getattr(given, "rows", None))
        return None if prices[0] is None or prices[1] is None or rows is None else (*prices, *rows)

    def _prices(self, place: str, given: Any, order: Ints, name: str) -> Ints | None:
        who = name.removesuffix("_prices")
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

    # -- rows ---------------------------------------------------------------------------------------------------------

    def _rows(self, place: str, k: int, given: Any) -> Any:
        if not isinstance(given, tuple):
            self.findings.add(f"{place}.rows", "expected a tuple of rows and their prices")
            return None
        kept: list[tuple[int, int]] = []
        directions: list[Direction] = []
        others: list[OtherRow] = []
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
            elif isinstance(meaning, MomentRow) and price < 0:
                good = False
                self.findings.add(at, f"the row {name!r:.80} may not have a price below 0")
            elif isinstance(meaning, int):
                kept.append((meaning, price))
            elif isinstance(meaning, tuple):
                directions.append(Direction(str(name), meaning, price))
            else:
                others.append(replace(meaning, price=price))
            seen.add(str(name))
        return (tuple(kept), tuple(directions), tuple(others)) if good else None

    def _meaning(self, name: Any, k: int) -> Meaning | None:
        """What a row's name means in record k; None if there is no such row."""
        if not isinstance(name, str):
            return None
        if name.startswith(_DIRECTION):
            return self._direction(name.removeprefix(_DIRECTION))
        moment = _MOMENT.fullmatch(name)
        if moment is not None:
            return self._of_moment(name, moment[1], int(moment[2] or 0), int(moment[3]))
        found = _ROW.fullmatch(name)
        if found is None:
            return None
        at, *rest = map(int, found[2].split(":")[1:])
        if found[1] == "circle":
            return self._of_circle(name, at, rest)
        if found[1] == "limit":
            return self._of_limit(name, at, rest)
        if at > k or (at == k and not rest):
            return None
        return self._of_goal(name, k, at, rest) if rest or not isinstance(self.goals[at], Aim) else at

    @cached_property
    def times(self) -> Times | None:
        """Weekly times, where a limit asks for them."""
        asked = [limit for limit in self.world.policy.limits if isinstance(limit, Meetings)]
        return Times(asked[0], self.world) if asked else None

    def _of_moment(self, name: str, side: str | None, rank: int, minute: int) -> MomentRow | None:
        """All pairs at a minute, if rooms are limited, or those of one person, in both roles that they may have."""
        if self.times is None:
            return None
        if side is None:
            return MomentRow(name, 0, self.times, minute) if self.times.limit.rooms else None
        s, world = ("mentor", "mentee").index(side), self.world
        if rank >= world.shape[s]:
            return None
        row = int(self.orders[s][rank])
        key = world.sides[s].keys[row]
        both = [None if world.strangers else other.rows.get(key) for other in world.sides]
        both[s] = row
        return MomentRow(name, 0, self.times, minute, *both)

    def _of_limit(self, name: str, at: int, rest: list[int]) -> PairRow | None:
        grids = self.grids.get(at, [])
        if len(rest) != 3 or rest[0] >= len(grids):
            return None
        grid, a, b = grids[rest[0]], rest[1], rest[2]
        return PairRow(name, 0, grid, a, b) if a < grid.shape[0] and b < grid.shape[1] else None

    def _of_circle(self, name: str, a: int, rest: list[int]) -> CircleRow | GroupCircleRow | None:
        n, m = self.world.shape
        if len(rest) == 2:
            return self._of_group_circle(name, a, *rest)
        if len(rest) != 1 or a >= n or rest[0] >= m:
            return None
        mentee = int(self.orders[1][rest[0]])
        return CircleRow(name, 0, int(self.orders[0][a]), mentee, int(self.world.some_partners("mentee")[0][mentee]))

    def _of_group_circle(self, name: str, at: int, a: int, b: int) -> GroupCircleRow | None:
        """By a limit whose rows hold one pair of a mentee at most."""
        if at >= len(self.world.policy.limits) or not isinstance(self.world.policy.limits[at], CoMentorsDifferent):
            return None
        grid = self.grids[at][0]
        if a >= grid.shape[0] or b >= self.world.shape[1]:
            return None
        mentee = int(self.orders[1][b])
        return GroupCircleRow(name, 0, grid, a, b, mentee, int(self.world.some_partners("mentee")[0][mentee]))

    def _of_goal(self, name: str, k: int, at: int, rest: list[int]) -> WorstRow | GapRow | None:
        """A row of a goal that compares: an earlier one is kept, one's own is beaten."""
        goal, (claimed, keeps) = self.goals[at], self.compared.get(at, (None, None))
        value = claimed if at == k else keeps
        if value is None:
            return None
        least = value + 1 if at == k else value
        if isinstance(goal, Worst) and len(rest) == 1 and rest[0] < self.world.shape[1]:
            return WorstRow(name, 0, int(self.orders[1][rest[0]]), least)
        if not isinstance(goal, Gap) or len(rest) != 2 or rest[0] == rest[1] or max(rest) >= len(goal.sizes):
            return None
        a, b = rest
        # the gap, times both sizes, rounded down
        return GapRow(name, 0, goal, a, b, -least * goal.sizes[a] * goal.sizes[b] // goal.unit)

    def _direction(self, rest: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """The two pairs of a direction row."""
        if self.world.strangers:
            return None
        mentor, mentee = self.world.mentors.rows, self.world.mentees.rows
        for cut in range(len(rest)):  # an id may hold the separator itself
            a, b = rest[:cut], rest[cut + 1 :]
            if rest[cut] == "|" and a < b and all(key in side for key in (a, b) for side in (mentor, mentee)):
                return (mentor[a], mentee[b]), (mentor[b], mentee[a])
        return None

    # -- cases --------------------------------------------------------------------------------------------------------

    def _cases(self, k: int, record: Record, given: Any) -> tuple[Case, ...] | None:
        place = f"{record.place}.cases"
        if not isinstance(given, tuple) or len(given) > MOST_CASES:
            self.findings.add(place, f"expected a tuple of at most {MOST_CASES:,} cases")
            return None
        decided = [self._decisions(f"{place}[{c}]", getattr(case, "decisions", None)) for c, case in enumerate(given)]
        if any(one is None for one in decided):
            return None
        paths = [one for one in decided if one is not None]
        said = uncovered(paths)
        if said:
            self.findings.add(place, f"do not cover everything once: {said}")
            return None
        found = []
        for c, (case, path) in enumerate(zip(given, paths, strict=True)):
            at = f"{place}[{c}]"
            denominator = self._number(f"{at}.denominator", getattr(case, "denominator", None), least=1)
            claimed = self._number(f"{at}.bound", getattr(case, "bound", None))
            parts = self._prices_and_rows(at, k, case)
            if denominator is None or claimed is None or parts is None:
                return None
            mentors, mentees, kept, directions, rows = parts
            own = Record(at, record.aim, mentors, mentees, denominator, kept, directions, claimed, rows)
            found.append(case_of(own, path, self.orders, self._row_named))
        return tuple(found)

    def _decisions(self, place: str, given: Any) -> Decisions | None:
        """Decisions of a case, where each makes sense."""
        said = nonsense(given, self.single_by_id, self._row_named)
        if said:
            self.findings.add(f"{place}.decisions", said)
        return None if said else given

    def _row_named(self, name: Any) -> PairRow | None:
        """The row of a limit that has this name; None if there is none."""
        found = self._meaning(name, 0)
        return found if isinstance(found, PairRow) else None
