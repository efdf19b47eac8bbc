"""A second checker of certificates: the formula of the design's "The certificate", in plain Python.

It goes over the oracle's facts and reads rows, cases and goals that compare people by itself. It shares no code with
``revmatch.certify``.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import revmatch as rm
from oracle import MEETS, SIDES, Case, Facts
from oracle_cells import items
from oracle_limits import all_hours, series

Pair = tuple[str, str]
Person = tuple[str, str]  # side, id


@dataclass
class Row:
    """``sum of pairs' and of matched people's coefficients <= bound``; who is not listed counts 0."""

    bound: int
    pairs: dict[Pair, int] = field(default_factory=dict)
    people: dict[Person, int] = field(default_factory=dict)


@dataclass
class Face:
    """What is still open: pairs that may be in, pairs that are in, numbers of partners."""

    free: set[Pair]
    into: set[Pair]
    room: dict[Person, set[int]]

    def without(self, pairs: Iterable[Pair]) -> Face:
        return Face(self.free - set(pairs), self.into, self.room)


def share_of(bound: Any) -> Fraction | None:
    """A share of all pairs; None for a number of pairs."""
    if isinstance(bound, str):
        return Fraction(bound[:-1]) / 100 if bound.endswith("%") else Fraction(bound)
    return bound if isinstance(bound, Fraction) else None


class Second:
    """One case: who may meet whom, and what every name of a row means."""

    def __init__(self, case: Case, scale: Fraction = Fraction(1)) -> None:
        self.case, self.facts = case, Facts(case)
        self.worth = {pair: Fraction(worth) * scale for pair, worth in self.facts.open_pairs().items()}
        assert all(worth == int(worth) for worth in self.worth.values())
        self.ids = {side: sorted(self.facts.people[side]) for side in SIDES}
        self.into = {(mentor, mentee) for mentor, mentee, _ in case.pins}
        self.room = {(side, key): self.allowed(side, key) for side in SIDES for key in self.ids[side]}
        self.previous = set(getattr(case, "previous", ()))

    def allowed(self, side: str, key: str) -> set[int]:
        """Numbers of partners that a person may have."""
        most, least = self.facts.capacity(side, key), int(self.facts.cell(side, key, "min_load") or 0)
        if most == 0:
            return {0}
        found = set(range(least, most + 1))
        for name, params in self.case.limits:
            if name == "EveryoneMatched" and params["side"] == side:
                found -= {0}
            if name == "Circles" and side == "mentee":
                found &= {0, *range(params["smallest"], params["largest"] + 1)}
        return found

    def face(self) -> Face:
        return Face(set(self.worth) - self.into, set(self.into), dict(self.room))

    def cell(self, who: Person, column: str) -> str:
        return self.facts.cell(*who, column)

    # --- goals

    def pair_worth(self, k: int, pair: Pair) -> int:
        name = self.case.goals[k][0]
        return {"Pairs": 1, "TotalScore": int(self.worth[pair]), "LeastChange": int(pair in self.previous)}.get(name, 0)

    def counts(self, k: int, who: Person) -> int:
        name, params = self.case.goals[k]
        return int(name == "Coverage" and params.get("side") in (None, who[0]))

    def groups(self, k: int) -> dict[str, list[Person]]:
        """Groups of a goal Balance, in the order of their texts."""
        params, found = self.case.goals[k][1], dict[str, list[Person]]()
        for side in SIDES:
            for key in self.ids[side]:
                text = self.cell((side, key), params["column"]) if params.get("side") in (None, side) else ""
                if text and self.facts.capacity(side, key):
                    found.setdefault(text, []).append((side, key))
        return dict(sorted(found.items()))

    def compares(self, k: int) -> bool:
        return self.case.goals[k][0] in ("WorstOff", "Balance")

    def value(self, k: int, held: Iterable[Pair]) -> int:
        held = list(held)
        name = self.case.goals[k][0]
        matched = {("mentor", i) for i, _ in held} | {("mentee", j) for _, j in held}
        if name == "WorstOff":
            totals = [sum(int(self.worth[p]) for p in held if p[1] == j) for j in {j for _, j in held}]
            return min(totals, default=0)
        if name == "Balance":
            groups = list(self.groups(k).values())
            rates = [Fraction(sum(who in matched for who in group), len(group)) for group in groups]
            unit = math.lcm(*map(len, groups))
            return int((min(rates) - max(rates)) * unit) if len(rates) > 1 else 0
        return sum(self.pair_worth(k, pair) for pair in held) + sum(self.counts(k, who) for who in matched)

    # --- rows

    def row(self, name: str, own: int, values: dict[int, int]) -> Row:
        """The row of a name in the record of goal `own`, where the goals have these values."""
        if name.startswith("one_direction:"):
            both = [(a, b) for a, b in self.worth if f"one_direction:{min(a, b)}|{max(a, b)}" == name]
            assert both
            return Row(1, dict.fromkeys(both, 1))
        kind, *parts = name.split(":")
        at, *rest = map(int, parts)
        if kind == "circle":
            return self.circle_row(at, rest)
        if kind == "limit":
            return self.limit_row(*self.case.limits[at], *rest)
        assert kind == "goal"
        assert at <= own
        value = values[at]
        if not rest:
            assert not self.compares(at)
            assert at < own
            people = {who: -self.counts(at, who) for who in self.room}
            return Row(-value, {pair: -self.pair_worth(at, pair) for pair in self.worth}, people)
        if self.case.goals[at][0] == "WorstOff":
            (b,) = rest
            mentee = self.ids["mentee"][b]
            pairs = {pair: -int(self.worth[pair]) for pair in self.worth if pair[1] == mentee}
            return Row(0, pairs, {("mentee", mentee): value + (at == own)})
        a, b = rest
        groups = list(self.groups(at).values())
        unit, one, other = math.lcm(*map(len, groups)), groups[a], groups[b]
        bound = math.floor(Fraction(-(value + (at == own)) * len(one) * len(other), unit))
        return Row(bound, {}, dict.fromkeys(one, len(other)) | dict.fromkeys(other, -len(one)))

    # --- weekly times

    @property
    def meetings(self) -> dict[str, Any]:
        """What the limit asks."""
        return next(MEETS | params for name, params in self.case.limits if name == "Meetings")

    def meeting_at_once(self, name: str) -> int:
        """Pairs of a row that may meet at its moment."""
        rooms = self.meetings["rooms"]
        assert rooms or not name.startswith("slot:rooms")
        return rooms if name.startswith("slot:rooms") else 1

    def cheapest(self, pair: Pair, moments: list[tuple[str, int]]) -> int:
        """What a pair pays at least for the moments at which it meets, whichever of its times it has."""
        params = self.meetings
        length, zero = dt.timedelta(minutes=params["minutes"]), dt.datetime.fromisoformat(params["start"] + "T00Z")
        who = (all_hours(self.facts, side, key) for side, key in zip(SIDES, pair, strict=True))
        costs = []
        for starts in series(*who, *(params[key] for key in ("minutes", "start", "every", "weeks", "grid"))):
            cost = 0
            for name, price in moments:
                _, whose, *rank, minute = name.split(":")
                assert price > 0
                moment = zero + dt.timedelta(minutes=int(minute))
                theirs = whose == "rooms" or self.ids[whose][int(rank[0])] in pair
                cost += price * (theirs and any(start <= moment < start + length for start in starts))
            costs.append(cost)
        return min(costs, default=0)

    def circle_row(self, at: int, rest: list[int]) -> Row:
        """Whom a mentee has of some mentors, of whom it has one at most, is one of so many: a pair, or a group."""
        mentee = self.ids["mentee"][rest[-1]]
        if len(rest) == 1:
            group = {(self.ids["mentor"][at], mentee): 1}
        else:
            assert self.case.limits[at][0] == "CoMentorsDifferent"
            group = self.limit_row(*self.case.limits[at], 0, *rest).pairs
        size = min(self.room["mentee", mentee] - {0})
        return Row(0, {pair: size * group.get(pair, 0) - 1 for pair in self.worth if pair[1] == mentee})

    def limit_row(self, name: str, params: dict[str, Any], f: int, a: int, b: int) -> Row:
        mentor, mentee = self.ids["mentor"], self.ids["mentee"]

        def stated(side: str, column: str) -> list[str]:
            return sorted({self.cell((side, key), column) for key in self.ids[side]} - {""})

        assert f == 0 or name in ("Quota", "Together")
        if name == "DepartmentPair":
            one, other = (stated(side, "department") for side in SIDES)
            chosen = [
                (i, j)
                for i, j in self.worth
                if self.cell(("mentor", i), "department") == one[a]
                and self.cell(("mentee", j), "department") == other[b]
            ]
            return Row(params["at_most"], dict.fromkeys(chosen, 1))
        if name == "TotalPairs":
            assert (a, b) == (0, 0)
            return Row(params["at_most"], dict.fromkeys(self.worth, 1))
        if name == "Quota":
            assert (a, b) == (0, 0)
            return self.quota(params, [key for key in ("at_least", "at_most") if params.get(key) is not None][f])
        if name == "CoMentorsDifferent":
            values = stated("mentor", params["column"])
            counted = [i for i in mentor if self.cell(("mentor", i), params["column"]) in ("", *values[a : a + 1])]
            assert a < max(1, len(values))
            return Row(1, {(i, j): 1 for i, j in self.worth if i in counted and j == mentee[b]})
        if name == "Load":
            return self.load(params, a, b)
        if name == "Together":
            assert a == 0
            people = params["people"]
            plus, minus = people[f], people[(f + 1) % len(people)]
            pairs = {(i, j): (i == plus) - (i == minus) for i, j in self.worth if j == mentee[b]}
            return Row(0, pairs)
        assert name == "Apart"
        assert a == 0
        return Row(1, {(i, j): 1 for i, j in self.worth if j == mentee[b] and i in params["people"]})

    def quota(self, params: dict[str, Any], which: str) -> Row:
        bound, place = params[which], SIDES.index(params["side"])
        share, sign = share_of(bound), -1 if which == "at_least" else 1
        p, q = (share.numerator, share.denominator) if share is not None else (0, 1)
        member = {
            key: self.cell((params["side"], key), params["column"]) == str(params["value"])
            for key in self.ids[params["side"]]
        }
        pairs = {pair: sign * (q * member[pair[place]] - p) for pair in self.worth}
        return Row(0 if share is not None else sign * int(bound), pairs)

    def load(self, params: dict[str, Any], a: int, b: int) -> Row:
        side = params.get("side", "mentor")
        place = SIDES.index(side)
        assert (a, b)[1 - place] == 0
        person, most = self.ids[side][(a, b)[place]], params["at_most"]
        hours = {p: int(self.cell((SIDES[1 - place], p[1 - place]), params["hours"])) for p in self.worth}
        bound = most if isinstance(most, int) else int(self.cell((side, person), most))
        return Row(bound, {pair: number for pair, number in hours.items() if pair[place] == person})

    # --- sums

    def add_up(self, face: Face, record: Any, d: int, k: int | None, values: dict[int, int]) -> Sum:
        """The sum of a record, or of a case, for goal k; for no goal at all if that is None."""
        y = {}
        for side, prices in zip(SIDES, (record.mentor_prices, record.mentee_prices), strict=True):
            y |= {(side, key): int(p) for key, p in zip(self.ids[side], prices, strict=True)}
        total, goal = 0, None if k is None or self.compares(k) else k
        bracket = {
            (i, j): d * (0 if goal is None else self.pair_worth(goal, (i, j))) - y["mentor", i] - y["mentee", j]
            for i, j in face.free | face.into
        }
        steps = {who: 0 if goal is None else d * self.counts(goal, who) for who in face.room}
        moments = [(priced.row, priced.price) for priced in record.rows if priced.row.startswith("slot:")]
        for pair in bracket if moments else ():
            bracket[pair] -= self.cheapest(pair, moments)
        total += sum(price * self.meeting_at_once(name) for name, price in moments)
        for priced in record.rows:
            if priced.row.startswith("slot:"):
                continue
            row = self.row(priced.row, k or 0, values)
            total += priced.price * row.bound
            for pair in bracket:
                bracket[pair] -= priced.price * row.pairs.get(pair, 0)
            for who in steps:
                steps[who] -= priced.price * row.people.get(who, 0)
        at = {who: {x: steps[who] * (x >= 1) + y[who] * x for x in some} for who, some in face.room.items()}
        if not all(at.values()):
            return Sum(None, bracket, at)
        total += sum(max(some.values()) for some in at.values())
        total += sum(bracket[p] for p in face.into) + sum(max(0, bracket[p]) for p in face.free)
        return Sum(total, bracket, at)

    def decided(self, face: Face, decisions: Any) -> Face | None:
        """The face narrowed by a case's decisions; None if they cannot all be."""
        free, into, out, room = set(face.free), set(face.into), set[Pair](), dict(face.room)
        for kind, one, other, which in decisions:
            if kind == 0:
                pair = self.ids["mentor"][one], self.ids["mentee"][other]
                if which:
                    if pair not in free | into:
                        return None
                    into.add(pair)
                else:
                    out.add(pair)
            elif kind > 2:
                who = SIDES[kind - 3], self.ids[SIDES[kind - 3]][one]
                assert max(room[who], default=0) <= 1
                row = self.row(other, 0, {}).pairs
                own = {pair for pair in free | into if pair[kind - 3] == who[1]}
                out |= {pair for pair in own if bool(row.get(pair)) != bool(which)}
            else:
                who = SIDES[kind - 1], self.ids[SIDES[kind - 1]][one]
                room[who] = {x for x in room[who] if (x > other) == bool(which)}
        if into & out or not all(room.values()):
            return None
        return Face(free - into - out, into, room)

    def too_low(self, face: Face, least: int) -> set[Pair]:
        """Pairs of mentees of one mentor at most that are worth less."""
        single = {key for key in self.ids["mentee"] if max(self.room["mentee", key], default=0) <= 1}
        return {pair for pair in face.free | face.into if pair[1] in single and self.worth[pair] < least}

    def kept(self, face: Face, k: int, value: int) -> Face:
        """The face of a goal that compares people: what its rows do not say."""
        return face.without(self.too_low(face, value)) if self.case.goals[k][0] == "WorstOff" else face


@dataclass
class Sum:
    """Total (None: nothing is left to add up), and its parts."""

    total: int | None
    bracket: dict[Pair, int]
    at: dict[Person, dict[int, int]]

    def narrow(self, face: Face) -> Face:
        """The face on which every maximum is attained."""
        into = face.into | {p for p in face.free if self.bracket[p] > 0}
        room = {who: {x for x, b in some.items() if b == max(some.values())} for who, some in self.at.items()}
        return Face({p for p in face.free if self.bracket[p] == 0}, into, room)


def covers(cases: list[Any]) -> bool:
    """Whether some paths of decisions are all leaves of one tree."""
    if len(cases) == 1 and not cases[0]:
        return True
    if not cases or not all(cases):
        return False
    first = cases[0][0]
    yes, no = ([c[1:] for c in cases if c[0] == (*first[:3], which)] for which in (1, 0))
    return len(yes) + len(no) == len(cases) and covers(yes) and covers(no)


def certified_bounds(case: Case, plan: rm.Plan) -> list[int | None]:
    """The ceiling that each record proves, on the face of the records before it; None where it proves nothing.

    Of the record ``"Feasible"``, a negative number where it proves that no plan exists.
    """
    second = Second(case, plan.programme.policy.score.scale)
    held = [(pair.mentor, pair.mentee) for pair in plan.pairs] if plan.found else []
    face, tight, found = second.face(), set[str](), list[int | None]()
    for k, record in enumerate(plan.certificate):
        goal = None if record.goal == "Feasible" else k
        compares = goal is not None and second.compares(k)
        values = {g: second.value(g, held) for g in range(k + 1)} if goal is not None else {}
        own = values
        here, fallen = face, False
        if compares:
            word = plan.proof == "engine" and plan.bounds[k] == values[k]
            if record.bound is None:
                found.append(None)
                if word:
                    face = second.kept(face, k, values[k])
                continue
            own = values | {k: record.bound}
            if second.case.goals[k][0] == "WorstOff":
                low = second.too_low(face, record.bound + 1)
                here, fallen = face.without(low), bool(low & face.into)
        for part in (record, *record.cases):
            assert all(row.price >= 0 or row.row in tight for row in part.rows)
        whole = second.add_up(here, record, record.denominator, goal, own)
        more = 0 if compares else record.denominator * (record.bound + 1)
        if record.cases and whole.total is not None:
            # who is better than what is claimed holds no pair further below the prices
            assert whole.total - more <= record.margin
            here = here.without(p for p in here.free if whole.bracket[p] < -record.margin)
        parts = [second.decided(here, one.decisions) for one in record.cases]
        assert not record.cases or covers([one.decisions for one in record.cases])
        totals = [
            None if part is None else second.add_up(part, one, one.denominator, goal, own).total
            for one, part in zip(record.cases, parts, strict=True)
        ]
        done = [(one, total) for one, total in zip(record.cases, totals, strict=True) if total is not None]
        floors = [total // one.denominator for one, total in done]
        assert all(floor <= one.bound for floor, (one, _) in zip(floors, done, strict=True))
        refuted = fallen or whole.total is None or whole.total < 0 or (bool(totals) and max(floors, default=-1) < 0)
        if compares:
            name = second.case.goals[k][0]
            most = [found[g] if plan.proof != "engine" else plan.bounds[g] for g in range(k)]
            barren = any(most[g] == 0 and second.case.goals[g][0] in ("Coverage", "Pairs") for g in range(k))
            barren = barren or any(not any(max(second.room[s, key], default=0) for key in second.ids[s]) for s in SIDES)
            proven = refuted or (record.bound == 0 and (name == "Balance" or barren))
            found.append(record.bound if proven else None)
            if word or (proven and record.bound == values[k]):
                face = second.kept(face, k, values[k])
            continue
        if whole.total is None:
            found.append(record.bound)
            continue
        ceiling = whole.total // record.denominator
        found.append(min(ceiling, max([*floors, record.bound])) if totals else ceiling)
        if goal is not None and values[k] * record.denominator == whole.total:
            face = whole.narrow(face)
            tight |= {row.row for row in record.rows if row.price > 0}
    return found


def blocks(case: Case, held: set[Pair], by: str, scale: Fraction = Fraction(1)) -> list[Pair]:
    """Pairs outside a plan that both would rather have."""
    second = Second(case, scale)
    facts = second.facts

    def likes(side: str, key: str, other: str) -> Any:
        if by == "score":
            return second.worth[(key, other) if side == "mentor" else (other, key)]
        wishes = items(facts.cell(side, key, "choices"))
        return -wishes.index(other) if other in wishes else -len(wishes) - 1

    def wants(side: str, key: str, other: str) -> bool:
        partners = [p[1 - SIDES.index(side)] for p in held if p[SIDES.index(side)] == key]
        return len(partners) < facts.capacity(side, key) or any(
            likes(side, key, one) < likes(side, key, other) for one in partners
        )

    return [(i, j) for i, j in second.worth if (i, j) not in held and wants("mentor", i, j) and wants("mentee", j, i)]
