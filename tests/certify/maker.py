"""Proven plans made without any engine of revmatch: prices from a linear programme of SciPy, pairs from its duals.

The linear programme is the certificate's own formula, minimised over the prices. The sums are taken again in plain
Python, over the oracle's facts.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from bridge import programme_of
from oracle import SIDES, Case, Facts, solve
from revmatch.certificate import Certificate, GoalCertificate, RowPrice
from revmatch.plan import Plan, Status
from tiny_checker import sides_of, worth_of

MINUS_INFINITY = float("-inf")


class Maker:
    """One case: its face, and the records made so far."""

    def __init__(self, case: Case, unit: int = 1) -> None:
        self.case, self.unit, self.facts = case, unit, Facts(case)
        self.programme = programme_of(case)
        scale = self.programme.policy.score.scale
        self.pairs = {pair: int(Fraction(worth) * scale) for pair, worth in self.facts.open_pairs().items()}
        self.into = {(mentor, mentee) for mentor, mentee, _ in case.pins}
        self.free = set(self.pairs) - self.into
        self.room = {
            (side, key): set(range(self.facts.least(side, key), self.facts.capacity(side, key) + 1))
            for side in SIDES
            for key in self.facts.people[side]
        }
        self.directions = {
            f"one_direction:{a}|{b}": ((a, b), (b, a))
            for a, b in self.pairs
            if a < b and (b, a) in self.pairs and not case.from_scores
        }
        self.kept: dict[str, tuple[str, tuple[str, ...], int]] = {}
        self.records: list[GoalCertificate] = []

    # -- prices -------------------------------------------------------------------------------------------------------

    def prices(self, goal: str, sides: tuple[str, ...]) -> tuple[dict[Any, int], dict[str, int], dict[Any, float]]:
        """Best prices of people and rows, times the unit and rounded; and the pairs' duals."""
        people, rows = list(self.room), [*self.directions, *self.kept]
        pairs = sorted(self.free | self.into)
        y = {who: k for k, who in enumerate(people)}
        u = {who: len(y) + k for k, who in enumerate(people)}
        v = {pair: 2 * len(y) + k for k, pair in enumerate(pairs)}
        r = {row: 2 * len(y) + len(v) + k for k, row in enumerate(rows)}
        lines: list[tuple[dict[int, float], float]] = []  # sum a x >= b
        for who, some in self.room.items():
            for d in some:
                line = {u[who]: 1.0, y[who]: -float(d)}
                for row, (_, their_sides, _) in self.kept.items():
                    line[r[row]] = -float(who[0] in their_sides and d >= 1)
                lines.append((line, float(who[0] in sides and d >= 1)))
        for mentor, mentee in pairs:
            line = {v[mentor, mentee]: 1.0, y["mentor", mentor]: 1.0, y["mentee", mentee]: 1.0}
            for row, both in self.directions.items():
                line[r[row]] = float((mentor, mentee) in both)
            for row, (their_goal, _, _) in self.kept.items():
                line[r[row]] = -float(worth_of(their_goal)(self.pairs[mentor, mentee]))
            lines.append((line, float(worth_of(goal)(self.pairs[mentor, mentee]))))
        cost = np.zeros(2 * len(y) + len(v) + len(r))
        for where in (*u.values(), *v.values(), *(r[row] for row in self.directions)):
            cost[where] = 1.0
        for row, (_, _, value) in self.kept.items():
            cost[r[row]] = -float(value)
        widest = 1.0 if goal == "Feasible" else None  # without a limit an infeasible programme has no best prices
        bounds = [(None if widest is None else -widest, widest)] * len(y) + [(None, None)] * len(u)
        bounds += [(None if pair in self.into else 0, None) for pair in pairs] + [(0, widest)] * len(r)
        at = [(k, column, -a) for k, (line, _) in enumerate(lines) for column, a in line.items()]
        matrix = coo_array(
            ([a for *_, a in at], ([k for k, *_ in at], [c for _, c, _ in at])), shape=(len(lines), len(cost))
        )
        found = linprog(cost, A_ub=matrix, b_ub=[-b for _, b in lines], bounds=bounds, method="highs-ds")
        if found.status in (3, 4):  # unbounded: nothing on this face is feasible
            raise ValueError("no plan")
        assert found.status == 0, found.message
        x = dict(zip(pairs, (-found.ineqlin.marginals[len(lines) - len(pairs) :]).tolist(), strict=True))
        whole = [round(value * self.unit) for value in found.x]
        return {who: whole[k] for who, k in y.items()}, {row: max(0, whole[k]) for row, k in r.items()}, x

    # -- sums ---------------------------------------------------------------------------------------------------------

    def total(self, goal: str, sides: tuple[str, ...], y: dict[Any, int], r: dict[str, int]) -> int:
        """The certificate's sum; afterwards `bracket` and `at` hold its parts."""
        worths = [(self.unit, goal, sides), *((r[row], name, theirs) for row, (name, theirs, _) in self.kept.items())]
        self.bracket = {
            (i, j): sum(factor * worth_of(name)(self.pairs[i, j]) for factor, name, _ in worths)
            - y["mentor", i]
            - y["mentee", j]
            - sum(r[row] for row, both in self.directions.items() if (i, j) in both)
            for i, j in self.free | self.into
        }
        self.at = {
            who: {d: sum(f * (who[0] in s and d >= 1) for f, _, s in worths) + y[who] * d for d in some}
            for who, some in self.room.items()
        }
        total = sum(r[row] for row in self.directions) - sum(r[row] * value for row, (*_, value) in self.kept.items())
        total += sum(max(some.values()) for some in self.at.values())
        return total + sum(max(0, self.bracket[p]) if p in self.free else self.bracket[p] for p in self.bracket)

    def narrow(self) -> None:
        """Keep the face on which the goal has its value."""
        self.into |= {p for p in self.free if self.bracket[p] > 0}
        self.free = {p for p in self.free if self.bracket[p] == 0}
        self.room = {who: {d for d, b in some.items() if b == max(some.values())} for who, some in self.at.items()}

    def record(self, goal: str, y: dict[Any, int], r: dict[str, int], bound: int) -> None:
        prices = [np.array([y[s, key] for key in sorted(self.facts.people[s])], dtype=np.int64) for s in SIDES]
        rows = tuple(RowPrice(row, price) for row, price in r.items() if price)
        self.records.append(GoalCertificate(goal, *prices, rows, self.unit, bound))


def prove(case: Case, unit: int = 1, values: tuple[int, ...] | None = None, chosen: Any = None) -> Plan:
    """The plan of a case with its certificate; `values` and `chosen` where the linear programmes are not whole."""
    maker = Maker(case, unit)
    y, r, _ = maker.prices("Feasible", ())
    total = maker.total("Feasible", (), y, r)
    if total < 0:
        maker.record("Feasible", y, r, total // unit)
        return plan_of(maker, Status.INFEASIBLE, "prices", [], (None,) * len(case.goals))
    bounds: list[int] = []
    held: set[tuple[str, str]] = set()
    for k, (goal, params) in enumerate(case.goals):
        sides = sides_of(goal, params)
        y, r, x = maker.prices(goal, sides)
        total = maker.total(goal, sides, y, r)
        bounds.append(total // unit)
        maker.record(str(maker.programme.policy.goals[k]), y, r, total // unit)
        value = total // unit if values is None else values[k]
        if value * unit == total:
            maker.narrow()
        else:
            maker.kept[f"goal:{k}"] = (goal, sides, value)
        held = {pair for pair, share in x.items() if share > 0.5}
    held = held if chosen is None else set(chosen)
    best = values is None or list(values) == bounds
    return plan_of(maker, Status.OPTIMAL if best else Status.FEASIBLE, "prices" if best else None, held, tuple(bounds))


def plan_of(maker: Maker, status: Status, proof: Any, held: Any, bounds: tuple[int | None, ...]) -> Plan:
    rows = [{key: k for k, key in enumerate(maker.facts.people[side])} for side in SIDES]
    pairs = sorted(held)
    return Plan(
        programme=maker.programme,
        status=status,
        stopped_by=None if status != Status.FEASIBLE else "time",
        proof=proof,
        mentor_rows=np.array([rows[0][i] for i, _ in pairs], dtype=np.int64),
        mentee_rows=np.array([rows[1][j] for _, j in pairs], dtype=np.int64),
        scores=np.array([maker.pairs[pair] for pair in pairs], dtype=np.int64),
        bounds=bounds,
        certificate=Certificate(tuple(maker.records)),
        route=("made by a test",),
    )


def exact(case: Case, unit: int) -> Plan:
    """The plan of a small case whose linear programmes need not be whole: values from the oracle."""
    answer = solve(case)
    if not answer.feasible:
        return prove(case, unit)
    scale = Maker(case).programme.policy.score.scale
    values = [
        int(Fraction(value) * (scale if name == "TotalScore" else 1))
        for value, (name, _) in zip(answer.values, case.goals, strict=True)
    ]
    return prove(case, unit, tuple(values), min(answer.optima, key=sorted))
