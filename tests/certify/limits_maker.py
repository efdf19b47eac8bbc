"""Small programmes with limits, solved by trying every set of pairs; their certificates from linear programmes.

Rows, sums and narrowed faces are those of the second checker. Where prices leave a gap, a few cases are tried.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from scipy.optimize import linprog

from bridge import programme_of
from oracle import SIDES, Case
from revmatch.certificate import Case as CasePrices
from revmatch.certificate import Certificate, GoalCertificate, RowPrice
from revmatch.plan import Plan, Status
from second_checker import Face, Pair, Row, Second, blocks


class LimitsMaker:
    """One case: its legal plans, and the records made so far."""

    def __init__(self, case: Case, unit: int = 60, most_cases: int = 12) -> None:
        self.case, self.unit, self.second, self.most_cases = case, unit, Second(case), most_cases
        self.programme = programme_of(case)

    # --- every plan

    @cached_property
    def limit_rows(self) -> dict[str, Row]:
        """Every row of every limit."""
        found = {}
        for k, (name, params) in enumerate(self.case.limits):
            if name == "Circles":
                found |= self.circle_rows()
            if name in ("EveryoneMatched", "Circles", "Stable"):
                continue
            forms = {"Quota": 2, "Together": len(params.get("people", ()))}.get(name, 1)
            for f, a, b in itertools.product(range(forms), range(12), range(12)):
                try:
                    found[f"limit:{k}:{f}:{a}:{b}"] = self.second.limit_row(name, params, f, a, b)
                except (IndexError, AssertionError):
                    continue
        return found

    def circle_rows(self) -> dict[str, Row]:
        """Whoever has a mentee is one of so many."""
        found = {}
        for i, j in self.second.worth:
            b = self.second.ids["mentee"].index(j)
            if not self.second.room["mentee", j] - {0}:
                continue
            names = [f"circle:{self.second.ids['mentor'].index(i)}:{b}"]
            names += [f"circle:{k}:{a}:{b}" for k in range(len(self.case.limits)) for a in range(12)]
            for name in names:
                try:
                    found[name] = self.second.row(name, 0, {})
                except (IndexError, AssertionError):
                    continue
        return found

    def broken(self, held: set[Pair]) -> set[int]:
        """Limits that a set of pairs breaks."""
        found = set()
        for name, row in self.limit_rows.items():
            if sum(row.pairs.get(pair, 0) for pair in held) > row.bound and name.startswith("limit:"):
                found.add(int(name.split(":")[1]))
        for k, (name, params) in enumerate(self.case.limits):
            for side in SIDES:
                for key in self.second.ids[side]:
                    count = sum(pair[SIDES.index(side)] == key for pair in held)
                    there = self.second.facts.capacity(side, key) > 0
                    if name == "EveryoneMatched" and params["side"] == side and there and not count:
                        found.add(k)
                    if name == "Circles" and side == "mentee" and count:
                        found |= {k} if not params["smallest"] <= count <= params["largest"] else set()
            if name == "Stable" and blocks(self.case, held, params.get("by", "score")):
                found.add(k)
        return found

    def within_degrees(self, held: set[Pair], stated: bool = False) -> bool:
        """Everybody has as many partners as they may; `stated`: as they say themselves."""
        for (side, key), room in self.second.room.items():
            count = sum(pair[SIDES.index(side)] == key for pair in held)
            facts = self.second.facts
            least = int(facts.cell(side, key, "min_load") or 0) if facts.capacity(side, key) else 0
            own = set(range(least, facts.capacity(side, key) + 1))
            if count not in (own if stated else room):
                return False
        return True

    def sets(self) -> Iterator[set[Pair]]:
        pairs = sorted(self.second.worth)
        for size in range(len(pairs) + 1):
            yield from map(set, itertools.combinations(pairs, size))

    @cached_property
    def legal(self) -> list[set[Pair]]:
        return [one for one in self.sets() if self.within_degrees(one) and not self.broken(one)]

    def values(self, held: set[Pair]) -> tuple[int, ...]:
        return tuple(self.second.value(k, held) for k in range(len(self.case.goals)))

    # --- prices

    def prices(self, face: Face, goal: int | None, rows: dict[str, Row], tight: set[str]) -> Any:
        """Rounded prices, as a record without its bound."""
        people, pairs, names = list(face.room), sorted(face.free | face.into), list(rows)
        y = {who: k for k, who in enumerate(people)}
        u = {who: len(y) + k for k, who in enumerate(people)}
        v = {pair: 2 * len(y) + k for k, pair in enumerate(pairs)}
        r = {row: 2 * len(y) + len(v) + k for k, row in enumerate(names)}
        count = 2 * len(y) + len(v) + len(r)
        lines: list[np.ndarray] = []
        bounds: list[float] = []
        for who, some in face.room.items():
            for d in some:
                line = np.zeros(count)
                line[u[who]], line[y[who]] = 1, -d
                for name in names:
                    line[r[name]] = rows[name].people.get(who, 0) * (d >= 1)
                lines.append(line)
                bounds.append(self.second.counts(goal, who) * (d >= 1) if goal is not None else 0)
        for i, j in pairs:
            line = np.zeros(count)
            line[v[i, j]] = line[y["mentor", i]] = line[y["mentee", j]] = 1
            for name in names:
                line[r[name]] = rows[name].pairs.get((i, j), 0)
            lines.append(line)
            bounds.append(self.second.pair_worth(goal, (i, j)) if goal is not None else 0)
        cost = np.zeros(count)
        cost[len(y) : 2 * len(y) + len(v)] = 1
        cost[[r[name] for name in names]] = [rows[name].bound for name in names]
        widest = 1 if goal is None else 50
        room: list[tuple[float | None, float | None]] = [(-widest, widest)] * len(y) + [(None, None)] * len(y)
        room += [(None if pair in face.into else 0, None) for pair in pairs]
        room += [(-widest if name in tight else 0, widest) for name in names]
        found = linprog(cost, A_ub=-np.array(lines).reshape(-1, count), b_ub=-np.array(bounds), bounds=room)
        assert found.status == 0, found.message
        whole = [round(value * self.unit) for value in found.x]
        sides = [np.array([whole[y[side, key]] for key in self.second.ids[side]], dtype=np.int64) for side in SIDES]
        priced = tuple(RowPrice(name, whole[r[name]]) for name in names if whole[r[name]])
        return CasePrices((), sides[0], sides[1], priced, self.unit, 0)

    def cases(
        self, face: Face, k: int | None, goal: int | None, rows: Any, tight: set[str], own: Any, enough: int
    ) -> list[CasePrices] | None:
        """Cases none of which gives more than enough; None if they would be too many."""
        found: list[CasePrices] = []
        todo: list[tuple[Any, ...]] = [()]
        while todo:
            path = todo.pop()
            here = self.second.decided(face, path)
            if here is None:
                zero = [np.zeros(len(self.second.ids[side]), dtype=np.int64) for side in SIDES]
                found.append(CasePrices(path, zero[0], zero[1], (), 1, 0))
                continue
            part = self.prices(here, goal, rows, tight)
            total = self.second.add_up(here, part, self.unit, k, own).total
            assert total is not None
            if total // self.unit <= enough:
                found.append(self.case_of(path, part, total // self.unit))
                continue
            free, asked = sorted(here.free), [who for who, room in here.room.items() if len(room) > 1]
            if (not free and not asked) or len(found) + len(todo) >= self.most_cases:
                return None
            by_row = self.by_row(here) if len(path) % 3 == 0 else None
            if by_row is not None:
                one = by_row
            elif asked and len(path) % 2 == 0:
                side, key = asked[0]
                one = (1 + SIDES.index(side), self.second.ids[side].index(key), sorted(here.room[side, key])[0])
            else:
                if not free:
                    return None
                i, j = free[len(free) // 2]
                one = (0, self.second.ids["mentor"].index(i), self.second.ids["mentee"].index(j))
            todo += [(*path, (*one, which)) for which in (0, 1)]
        return found

    def by_row(self, face: Face) -> Any:
        """Somebody of one partner at most, of whose pairs some count in a row of a limit and some do not."""
        for side, kind in zip(SIDES, (3, 4), strict=True):
            for k, key in enumerate(self.second.ids[side]):
                own = [pair for pair in face.free if pair[kind - 3] == key]
                for name, row in self.limit_rows.items() if max(face.room[side, key]) <= 1 else ():
                    inside = sum(bool(row.pairs.get(pair)) for pair in own)
                    if name.startswith("limit:") and 0 < inside < len(own):
                        return kind, k, name
        return None

    def case_of(self, path: Any, part: CasePrices, bound: int) -> CasePrices:
        """Half of the cases have a denominator of their own."""
        times = 1 + len(path) % 2
        rows = tuple(RowPrice(row.row, row.price * times) for row in part.rows)
        prices = part.mentor_prices * times, part.mentee_prices * times
        return CasePrices(path, *prices, rows, self.unit * times, bound)

    # --- plans

    def prove(self, held: set[Pair] | None = None) -> Plan:
        """A best plan (or a given one), with what can be proven of it."""
        if not self.legal:
            return self.infeasible()
        best = max(self.legal, key=lambda one: (self.values(one), sorted(one)))
        held = best if held is None else held
        values = dict(enumerate(self.values(held)))
        face, tight, rows = self.second.face(), set[str](), dict(self.limit_rows)
        records: list[GoalCertificate] = []
        for k in range(len(self.case.goals)):
            if self.second.compares(k):
                record, more = self.compared(k, face, rows, tight, values, [one.bound for one in records])
                if more is not None:
                    rows |= more
                    if self.case.goals[k][0] == "WorstOff":
                        face = face.without(self.second.too_low(face, values[k]))
            else:
                record, whole = self.summed(k, face, rows, tight, values)
                if whole is not None and whole.total == values[k] * self.unit and not record.cases:
                    face = whole.narrow(face)
                    tight |= {row.row for row in record.rows if row.price > 0}
                else:
                    rows[f"goal:{k}"] = self.second.row(f"goal:{k}", k + 1, values)
            records.append(record)
        bounds = tuple(record.bound for record in records)
        done = all(bound == values[k] for k, bound in enumerate(bounds))
        proof = None if not done else "cases" if any(record.cases for record in records) else "prices"
        return self.plan(Status.OPTIMAL if done else Status.FEASIBLE, proof, held, bounds, records)

    def summed(self, k: int, face: Face, rows: Any, tight: set[str], values: Any) -> tuple[GoalCertificate, Any]:
        part = self.prices(face, k, rows, tight)
        whole = self.second.add_up(face, part, self.unit, k, values)
        bound, cases = whole.total // self.unit, None  # type: ignore[operator]
        if bound > values[k]:
            cases = self.cases(face, k, k, rows, tight, values, values[k])
            bound = bound if cases is None else min(bound, values[k])
        margin = max(0, whole.total - self.unit * (bound + 1))
        return self.record(k, part, bound, cases, margin + len(cases or ()) % 2), whole

    def compared(
        self, k: int, face: Face, rows: Any, tight: set[str], values: dict[int, int], bounds: list[Any]
    ) -> tuple[Any, Any]:
        """A record of a goal that compares people, and the rows that keep it; None if it proves nothing."""
        name, value = self.case.goals[k][0], values[k]
        worst = name == "WorstOff"
        here = face.without(self.second.too_low(face, value + 1)) if worst else face
        own = {row: self.second.row(row, k, values) for row in self.names(k)}
        part = self.prices(here, None, rows | own, tight)
        total = self.second.add_up(here, part, self.unit, k, values).total
        cases = None
        kept = {row: self.second.row(row, k + 1, values) for row in self.names(k)}
        barren = self.barren(bounds)
        if total is not None and total >= 0 and not (value == 0 and (not worst or barren)):
            cases = self.cases(here, k, None, rows | own, tight, values, -1)
            if cases is None:  # it proves nothing; that no gap is the least is true of all
                part = CasePrices((), part.mentor_prices, part.mentee_prices, (), self.unit, 0)
                return self.record(k, part, None if worst else 0, None), None
        return self.record(k, part, value, cases, max(0, total or 0)), kept

    def barren(self, bounds: list[int | None]) -> bool:
        """Whether goals before, or capacities, leave no pair."""
        counting = [
            g for g, bound in enumerate(bounds) if self.case.goals[g][0] in ("Coverage", "Pairs") and bound == 0
        ]
        rooms = [[max(self.second.room[side, key], default=0) for key in self.second.ids[side]] for side in SIDES]
        return bool(counting) or not all(map(any, rooms))

    def names(self, k: int) -> list[str]:
        """Rows of a goal that compares people."""
        if self.case.goals[k][0] == "WorstOff":
            mentees = self.second.ids["mentee"]
            many = [b for b, key in enumerate(mentees) if max(self.second.room["mentee", key], default=0) > 1]
            return [f"goal:{k}:{b}" for b in many]
        return [f"goal:{k}:{a}:{b}" for a, b in itertools.permutations(range(len(self.second.groups(k))), 2)]

    def infeasible(self) -> Plan:
        face, rows = self.second.face(), dict(self.limit_rows)
        if not all(face.room.values()):
            part = CasePrices((), *(np.zeros(len(self.second.ids[s]), dtype=np.int64) for s in SIDES), (), 1, 0)
            return self.refuted(part, -1, None)
        part = self.prices(face, None, rows, set())
        total, cases = self.second.add_up(face, part, self.unit, None, {}).total, None
        assert total is not None
        if total >= 0:
            cases = self.cases(face, None, None, rows, set(), {}, -1)
            if cases is None:
                return self.refuted(part, total // self.unit, None, "engine")
        bounds = [case.bound for case in cases or ()]
        bound = min(total // self.unit, max(bounds, default=0))
        return self.refuted(part, bound, cases, margin=max(0, total - self.unit * (bound + 1)))

    def refuted(self, part: Any, bound: int, cases: Any, proof: str | None = None, margin: int = 0) -> Plan:
        given = part.mentor_prices, part.mentee_prices, part.rows, self.unit, bound, tuple(cases or ())
        record = GoalCertificate("Feasible", *given, margin if cases else 0)
        proof = proof or ("cases" if cases else "prices")
        return self.plan(Status.INFEASIBLE, proof, set(), (None,) * len(self.case.goals), [record])

    def record(
        self, k: int, part: Any, bound: int | None, cases: list[CasePrices] | None, margin: int = 0
    ) -> GoalCertificate:
        name = str(self.programme.policy.goals[k])
        given = part.mentor_prices, part.mentee_prices, part.rows, self.unit, bound, tuple(cases or ())
        return GoalCertificate(name, *given, margin if cases else 0)

    def plan(self, status: Any, proof: Any, held: set[Pair], bounds: Any, records: Any) -> Plan:
        rows = [{key: k for k, key in enumerate(self.second.facts.people[side])} for side in SIDES]
        pairs = sorted(held)
        return Plan(
            programme=self.programme,
            status=status,
            stopped_by=None,
            proof=proof,
            mentor_rows=np.array([rows[0][i] for i, _ in pairs], dtype=np.int64),
            mentee_rows=np.array([rows[1][j] for _, j in pairs], dtype=np.int64),
            scores=np.array([int(self.second.worth[pair]) for pair in pairs], dtype=np.int64),
            bounds=bounds,
            certificate=Certificate(tuple(records)),
            route=("made by a test",),
        )
