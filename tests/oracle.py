"""The oracle: what is best, found by trying every set of pairs.

It shares no code with ``src/revmatch`` and needs nothing but the standard library. It reads raw records (see
``oracle_cells``) and a plain description of the policy straight from the sentences of the contract: own lines, rules
and scores here, limits and goals in ``oracle_limits``. It is slow and meant to be obvious; keep it to some sixteen
eligible pairs.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from oracle_cells import Record, have_common_hours, have_common_series, items, skill_key, skills, text, utc_offset
from oracle_limits import SIDES, Number, Pairs, Shown, goal_shown, goal_value, limit_test

Named = tuple[str, dict[str, Any]]  # a rule, limit or goal: its name and parameters
Weighted = tuple[int, str, dict[str, Any]]  # a score term: its weight, name and parameters


#: What is meant where `Meetings` does not say.
MEETS = {"minutes": 60, "every": 4, "weeks": 24, "grid": 30}


@dataclass(frozen=True)
class Case:
    """One small programme, in nothing but plain data."""

    mentors: tuple[Record, ...]
    mentees: tuple[Record, ...]
    rules: tuple[Named, ...] = ()
    score: tuple[Weighted, ...] = ()
    limits: tuple[Named, ...] = ()
    goals: tuple[Named, ...] = (("Coverage", {}), ("Pairs", {}), ("TotalScore", {}))
    order: tuple[tuple[str, tuple[str, ...]], ...] = ()
    organisation: tuple[Record, ...] | None = None
    pins: tuple[tuple[str, str, tuple[str, ...]], ...] = ()  # mentor, mentee, despite
    bans: tuple[tuple[str, str], ...] = ()
    history: tuple[tuple[str, str], ...] = ()
    previous: tuple[tuple[str, str], ...] = ()  # pairs of the plan before this one
    dual_role: bool = False
    unknown_manager: str = "refuse"
    from_scores: bool = False  # made by Programme.from_scores: equal ids on both sides are different people


@dataclass(frozen=True)
class Answer:
    """The verdict: can it be done, how well (each goal in order), and by which sets of pairs.

    `values` are as people read them: of a gap and of lost pairs, less is better. `reached` says the same such that more
    is better in every goal: this is what is compared.
    """

    feasible: bool
    values: tuple[Shown, ...] = ()
    reached: tuple[Number, ...] = ()
    optima: tuple[frozenset[tuple[str, str]], ...] = ()


def solve(case: Case, most: int = 16) -> Answer:
    """Try every set of eligible pairs; keep all that are best in the first goal, then the second, and so on."""
    facts = Facts(case)
    pairs = facts.open_pairs()
    if len(pairs) > most:
        raise ValueError(f"{len(pairs)} eligible pairs are too many to try every set of them")
    best: tuple[Number, ...] | None = None
    optima: list[frozenset[tuple[str, str]]] = []
    tests = [limit_test(name, params, facts, pairs) for name, params in case.limits]
    for chosen in legal_sets(facts, pairs):
        if not all(keeps(chosen) for keeps in tests):
            continue
        reached = tuple(goal_value(goal, facts, chosen, pairs) for goal in case.goals)
        if best is None or reached > best:
            best, optima = reached, []
        if reached == best:
            optima.append(frozenset(chosen))
    if best is None:
        return Answer(feasible=False)
    values = tuple(goal_shown(goal, facts, value) for goal, value in zip(case.goals, best, strict=True))
    return Answer(True, values, best, tuple(optima))


def legal_sets(facts: Facts, pairs: Pairs) -> Iterator[list[tuple[str, str]]]:
    """Every set of these pairs that holds the pins and is within everybody's bounds."""
    case, order = facts.case, list(pairs)
    pinned = {(mentor, mentee) for mentor, mentee, _ in case.pins}
    everybody = [(side, key) for side in SIDES for key in facts.people[side]]
    least = {end: facts.least(*end) for end in everybody}
    most = {end: facts.capacity(*end) for end in everybody}
    load = dict.fromkeys(everybody, 0)
    chosen: list[tuple[str, str]] = []

    def grow(k: int) -> Iterator[list[tuple[str, str]]]:
        if k == len(order):
            if all(least[end] <= load[end] for end in everybody):
                yield list(chosen)
            return
        mentor, mentee = order[k]
        if (mentor, mentee) not in pinned:
            yield from grow(k + 1)
        ends = ("mentor", mentor), ("mentee", mentee)
        one_way_only = case.dual_role and (mentee, mentor) in chosen
        if one_way_only or any(load[end] == most[end] for end in ends):
            return
        chosen.append((mentor, mentee))
        for end in ends:
            load[end] += 1
        yield from grow(k + 1)
        chosen.pop()
        for end in ends:
            load[end] -= 1

    return grow(0)


# --- the whole programme ----------------------------------------------------------------------------------------------


class Facts:
    """One case, asked about people and pairs."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.people = {
            "mentor": {text(record, "id"): record for record in case.mentors},
            "mentee": {text(record, "id"): record for record in case.mentees},
        }
        self.place = {side: {key: k for k, key in enumerate(self.people[side])} for side in SIDES}
        self.columns = {side: {column for record in self.people[side].values() for column in record} for side in SIDES}
        self.order = dict(case.order)
        self.lent = {text(record, "id"): record for record in case.organisation or ()}
        self.everybody: dict[str, Record] = {}
        for record in (*case.mentors, *case.mentees, *(case.organisation or ())):
            self.everybody.setdefault(text(record, "id"), {}).update(record)

    def cell(self, side: str, key: str, column: str) -> str:
        """A cell; a column that the whole side lacks is lent by the organisation."""
        if self.lent and column not in self.columns[side]:
            return text(self.lent.get(key, {}), column)
        return text(self.people[side][key], column)

    def capacity(self, side: str, key: str) -> int:
        return int(self.cell(side, key, "capacity") or 1)

    def least(self, side: str, key: str) -> int:
        """Fewest partners: nothing is asked of people who take no part."""
        if self.capacity(side, key) == 0:
            return 0
        everyone = any(name == "EveryoneMatched" and params["side"] == side for name, params in self.case.limits)
        return max(int(self.cell(side, key, "min_load") or 0), int(everyone))

    def number(self, side: str, key: str, column: str) -> int | None:
        cell = self.cell(side, key, column)
        if column in self.order and cell:
            return self.order[column].index(cell)
        return int(cell) if cell else None

    def skills(self, side: str, key: str, column: str) -> dict[str, int]:
        return skills(self.people[side][key].get(column, self.lent.get(key, {}).get(column)))

    @functools.lru_cache(maxsize=64)  # noqa: B019 - as below
    def groups(self, column: str, side: str | None) -> list[set[tuple[str, str]]]:
        """People who take part, by what they state in a column: of both sides together, or of one."""
        found: dict[str, set[tuple[str, str]]] = {}
        for where in SIDES if side is None else (side,):
            for key in self.people[where]:
                cell = self.cell(where, key, column)
                if cell and self.capacity(where, key) > 0:
                    found.setdefault(cell, set()).add((where, key))
        return list(found.values())

    def open_pairs(self) -> Pairs:
        """Every pair that may be in a plan, with its worth: eligible and not banned, or pinned."""
        pinned = {(mentor, mentee): despite for mentor, mentee, despite in self.case.pins}
        found = {}
        for pair in ((i, j) for i in self.people["mentor"] for j in self.people["mentee"]):
            against = self.forbidden_by(*pair)
            if pair in pinned:
                if set(against) - set(pinned[pair]):
                    raise ValueError(f"pin {pair} is forbidden by {against}")
            elif against:
                continue
            worth = self.worth(*pair)
            assert worth is not None
            found[pair] = worth
        return found

    def forbidden_by(self, mentor: str, mentee: str) -> list[str]:
        """Everything that forbids this pair, rules by name."""
        case, reasons = self.case, []
        if mentor == mentee and not case.from_scores:
            reasons.append("self")
        if 0 in (self.capacity("mentor", mentor), self.capacity("mentee", mentee)):
            reasons.append("capacity")
        if (mentor, mentee) in case.bans:
            reasons.append("ban")
        avoided = (mentee, self.cell("mentor", mentor, "avoid")), (mentor, self.cell("mentee", mentee, "avoid"))
        if any(who in items(cell) for who, cell in avoided):
            reasons.append("avoid")
        if self.worth(mentor, mentee) is None:
            reasons.append("absent")
        implied = [("CommonHours", MEETS | params) for name, params in case.limits if name == "Meetings"]
        rules = [*case.rules, *((name, {k: v for k, v in params.items() if k != "rooms"}) for name, params in implied)]
        return reasons + [name for name, params in rules if not self.allows(name, params, mentor, mentee)]

    # --- rules

    def allows(self, name: str, params: dict[str, Any], mentor: str, mentee: str) -> bool:
        """May these two meet under one rule; what is not stated forbids."""
        if name == "DifferentDepartment":
            name, params = "Different", {"column": "department"}
        if name in ("Same", "Different"):
            a, b = self.cell("mentor", mentor, params["column"]), self.cell("mentee", mentee, params["column"])
            return bool(a and b) and (a == b) == (name == "Same")
        if name == "GradeGap":
            junior, senior = self.number("mentor", mentor, "grade"), self.number("mentee", mentee, "grade")
            if junior is None or senior is None:
                return False
            most = params.get("at_most")
            return params.get("at_least", 1) <= senior - junior and (most is None or senior - junior <= most)
        if name == "SharedLanguage":
            spoken = items(self.cell("mentor", mentor, "languages"))
            return any(language in spoken for language in items(self.cell("mentee", mentee, "languages")))
        if name == "CommonHours":
            a = self.cell("mentor", mentor, "available"), self.cell("mentor", mentor, "time_zone")
            b = self.cell("mentee", mentee, "available"), self.cell("mentee", mentee, "time_zone")
            if "start" in params:
                away = (self.cell("mentor", mentor, "away"),), (self.cell("mentee", mentee, "away"),)
                return all(a + b) and have_common_series(a + away[0], b + away[1], **params)
            return all(a + b) and have_common_hours(a, b, params.get("minutes", 60), params.get("grid", 15))
        if name == "TimeZoneGap":
            zones = [self.cell(side, key, "time_zone") for side, key in (("mentor", mentor), ("mentee", mentee))]
            return all(zones) and abs(utc_offset(zones[0]) - utc_offset(zones[1])) <= 60 * params["at_most_hours"]
        if name == "NotPairedBefore":
            return (mentor, mentee) not in self.case.history
        if name == "MinScore":
            worth = self.worth(mentor, mentee)
            return worth is not None and worth >= params["value"]
        if name == "OutsideReportingLine":
            return self.outside_line(mentor, mentee, **params)
        raise ValueError(name)

    def manager(self, key: str) -> str | None:
        """Id of the direct manager, "" if nobody is above, None if not stated."""
        above = text(self.everybody[key], "manager")
        return above if not above or above in self.everybody else None

    def line(self, key: str, steps: int | None) -> tuple[list[str], bool]:
        """Whoever stands above, nearest first, at most so many steps; and whether all of it is stated."""
        found: list[str] = []
        while steps is None or len(found) < steps:
            above = self.manager(key)
            if above is None:
                return found, False
            if not above:
                break
            found.append(above)
            key = above
        return found, True

    @functools.cached_property
    def head(self) -> str | None:
        """Who stands above everybody else."""
        lines = {key: self.line(key, None)[0] for key in self.everybody}
        heads = [h for h in self.everybody if all(h in line for key, line in lines.items() if key != h)]
        return heads[0] if len(heads) == 1 else None

    def outside_line(self, one: str, other: str, levels: int | None = None, head_levels: int | None = None) -> bool:
        if self.manager(one) is None or self.manager(other) is None:
            return False
        if self.manager(one) and self.manager(one) == self.manager(other):
            return False
        steps = head_levels if self.head in (one, other) and head_levels is not None else levels
        for above, below in ((one, other), (other, one)):
            solid, stated = self.line(below, steps)
            if above in solid or not stated:
                return False
            for start in items(text(self.everybody[below], "dotted_line")):
                if start not in self.everybody:
                    return False
                solid, stated = self.line(start, steps)
                if above == start or above in solid or not stated:
                    return False
        return True

    # --- scores

    @functools.lru_cache(maxsize=1024)  # noqa: B019 - a few hundred tiny cases at most are kept alive
    def worth(self, mentor: str, mentee: str) -> Number | None:
        """What the pair is worth; None if the table has no entry for it."""
        total: Number = 0
        for weight, name, params in self.case.score:
            points = self.points(name, params, mentor, mentee)
            if points is None:
                return None
            total += weight * points
        return total

    def points(self, name: str, params: dict[str, Any], mentor: str, mentee: str) -> Number | None:
        if name == "SkillGap":
            return self.skill_gap(mentor, mentee, **params)
        if name in ("Same", "Different"):
            a, b = self.cell("mentor", mentor, params["column"]), self.cell("mentee", mentee, params["column"])
            return int(bool(a and b) and (a == b) == (name == "Same"))
        if name == "Shared":
            a, b = (self.cell(side, key, params["column"]) for side, key in zip(SIDES, (mentor, mentee), strict=True))
            return len(set(items(a)) & set(items(b)))
        if name == "Distance":
            x, y = self.number("mentor", mentor, params["column"]), self.number("mentee", mentee, params["column"])
            return 0 if x is None or y is None else min(abs(x - y), params["at_most"])
        if name == "Priority":
            key = mentor if params["side"] == "mentor" else mentee
            return self.number(params["side"], key, params["column"]) or 0
        if name == "RareSkill":
            wanted, offered = self.skills("mentee", mentee, "wants"), self.skills("mentor", mentor, "offers")
            everyone = [self.skills("mentor", key, "offers") for key in self.people["mentor"]]
            counts = {skill: sum(skill in offers for offers in everyone) for skill in wanted if skill in offered}
            return sum(min(20, len(everyone) // count) for count in counts.values())
        if name == "Choice":
            of = params.get("of", "mentee")
            key, other = (mentee, mentor) if of == "mentee" else (mentor, mentee)
            wishes, points = items(self.cell(of, key, "choices")), params.get("points", (3, 2, 1))
            place = wishes.index(other) if other in wishes else len(points)
            return points[place] if place < len(points) else 0
        if name == "Table":
            entry = params["scores"][self.place["mentor"][mentor]][self.place["mentee"][mentee]]
            return None if entry is None else entry if isinstance(entry, int) else Fraction(entry)
        raise ValueError(name)

    def skill_gap(
        self,
        mentor: str,
        mentee: str,
        per: str = "level",
        direction: str = "mentee",
        weights: dict[str, int] | None = None,
    ) -> int:
        """Levels that the mentor closes for the mentee; the other way round too if asked."""
        weight = {skill_key(skill): w for skill, w in (weights or {}).items()}
        total = 0
        ways = [("mentor", mentor, "mentee", mentee), ("mentee", mentee, "mentor", mentor)]
        for teacher, teacher_key, learner, learner_key in ways if direction == "both" else ways[:1]:
            known, taught = self.skills(learner, learner_key, "offers"), self.skills(teacher, teacher_key, "offers")
            closed = lacking = 0
            for skill, level in self.skills(learner, learner_key, "wants").items():
                w, own = weight.get(skill, 1), known.get(skill, 0)
                closed += w * max(0, min(taught.get(skill, 0), level) - own)
                lacking += w * max(0, level - own)
            total += closed if per == "level" else closed * (1000 // lacking) if lacking else 0
        return total
