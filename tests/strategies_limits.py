"""Small random programmes with limits, and with goals that compare people or plans, drawn as in ``strategies``."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from oracle import SIDES, Case, Named
from strategies import CELLS, Draw, seeded, with_pins_and_bans

#: All six, some with a side.
ALL_GOALS: tuple[Named, ...] = (
    ("TotalScore", {}),
    ("Pairs", {}),
    ("WorstOff", {}),
    ("Balance", {"column": "department"}),
    ("LeastChange", {}),
    ("Coverage", {}),
    ("Balance", {"column": "site", "side": "mentee"}),
    ("Coverage", {"side": "mentee"}),
    ("Balance", {"column": "site", "side": "mentor"}),
    ("Coverage", {"side": "mentor"}),
)
CROWDS = (
    *2 * ((2, 2), (3, 2), (2, 3), (3, 3), (4, 2), (2, 4), (4, 3), (3, 4), (5, 2), (2, 5), (6, 2), (3, 3)),
    *((2, 6), (5, 3), (3, 5), (4, 4), (0, 2), (3, 0)),
)
CIRCLES = ((2, 3), (2, 2), (1, 2), (2, 4), (3, 4), (1, 1))
SHARES: tuple[Any, ...] = ("50%", "1/3", Fraction(2, 3), "40%", Fraction(1, 4), "12.5 %", 0, 1, 2, 3)


def limits_case(draw: Draw) -> Case:
    """One to three limits of any type, with numbers that often bind; any goals."""
    return with_limits(draw, crowd(draw), draw.whole(1, 3))


def tight_limits_case(draw: Draw) -> Case:
    """The same with minimum loads, people who must be matched and small numbers: about half cannot be kept."""
    return with_limits(draw, crowd(draw, tight=True), draw.whole(1, 3), tight=True)


def stable_case(draw: Draw) -> Case:
    """A stable plan, of scores and choices full of ties; alone, or with one other limit or minimum loads."""
    case = crowd(draw, tight=draw.chance(15))
    by = ("Stable", {"by": draw.pick(("score", "choices"))})
    return with_limits(draw, case, draw.pick((0, 0, 1)), first=(by,))


def goals_case(draw: Draw) -> Case:
    """Goals in any order, mostly those that compare people or plans; few limits or none."""
    return with_limits(draw, crowd(draw), draw.pick((0, 0, 0, 1)), goals=draw.whole(2, 4))


def meetings_case(draw: Draw) -> Case:
    """A weekly time for every pair, of people who have few hours, in weeks in which clocks change."""
    case = crowd(draw, tight=draw.chance(15))
    return with_limits(draw, case, draw.pick((0, 0, 1)), first=(meetings(draw),))


def meetings(draw: Draw) -> Named:
    """On the last Sunday of March clocks are put forward in Europe; in New York they were before."""
    weeks = draw.whole(1, 4)
    params = {
        "start": draw.pick(("2026-03-23", "2026-03-02", "2026-10-19")),
        "minutes": draw.pick((60, 60, 30, 45)),
        "every": draw.whole(1, min(2, weeks)),
        "weeks": weeks,
        "grid": draw.pick((30, 30, 15, 60)),
    }
    return "Meetings", params | {"rooms": draw.pick((None, None, 1, 2, 3))}


def with_hours(draw: Draw, people: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """The same people, with few hours of about the same time of the week in three time zones."""
    found = []
    for record in people:
        zone, hours = draw.pick(HOURS)
        away = draw.pick(AWAY)
        found.append(record | {"time_zone": zone, "available": draw.pick(hours), "away": away})
    return tuple(found)


AWAY = (
    *4 * ("",),
    "2026-03-23",
    "2026-03-02..2026-03-04;2026-10-26",
    "2026-03-30T08:30Z..2026-03-30T09:15Z; 2026-03-09T04:00-05:00..2026-03-09T04:30-05:00",
    "2026-10-27;2026-10-26T10:00+01:00..2026-10-26T10:20+01:00",
)
LONDON = ("Europe/London", ("Mon 9-10", "Mon 9-11", "Mon 9-10;Tue 9-10", "Mon-Tue 9-11", "Mon 9:30-10:30", ""))
KOLKATA = ("Asia/Kolkata", ("Mon 14:30-16:30", "Mon 13:30-16:30", "Mon-Tue 14-16"))
NEW_YORK = ("America/New_York", ("Mon 4-7", "Mon 4-6;Tue 5-6"))
HOURS = (LONDON, LONDON, LONDON, KOLKATA, NEW_YORK)


def limits_of(draw: Draw, names: Sequence[str]) -> Case | None:
    """One limit of each of these types and no other; None if nobody is there whom one of them could be about."""
    case = crowd(draw, tight=draw.chance(25))
    found = [EACH_LIMIT[name](draw, case) for name in names]
    chosen = tuple(limit for limit in found if limit)
    return with_limits(draw, case, 0, first=chosen) if len(set(map(str, chosen))) == len(names) else None


def crowd(draw: Draw, tight: bool = False) -> Case:
    """People with all columns that limits and goals read, and a table of scores."""
    n, m = draw.pick(CROWDS)
    ids = [f"p{k}" for k in draw.shuffled(range(n + m))]
    sides = ids[:n], ids[n:]
    each = draw.chance(60)
    same = draw.whole(1, 3)
    people = []
    for own, others in (sides, sides[::-1]):
        for key in own:
            capacity = draw.pick((1, 2, 3, 2, 4, 0)) if each else same
            record = {"id": key, "capacity": capacity, "min_load": 0}
            if draw.chance(35 if tight else 4):
                record["min_load"] = min(capacity, draw.whole(1, 2))
            for column in ("department", "site"):
                record[column] = "" if draw.chance(8) else CELLS[column](draw, ())
            record |= {"hours": draw.whole(1, 4), "budget": draw.whole(2, 7)}
            record["choices"] = ";".join(draw.some(others, 3))
            people.append(record)
    rules: tuple[Named, ...] = (("DifferentDepartment", {}),) if draw.chance(15) else ()
    case = Case(tuple(people[:n]), tuple(people[n:]), rules=rules)
    if not n or not m:
        return case
    # few different numbers, or quarters
    low, high, divisor = draw.pick(((0, 2, 1), (0, 9, 1), (-3, 9, 1), (-4, 24, 4)))
    scores = [
        [draw.whole(low, high) if divisor == 1 else draw.whole(low, high) / divisor for _ in range(m)] for _ in range(n)
    ]
    return dataclasses.replace(case, score=((1, "Table", {"scores": scores}),))


def with_limits(
    draw: Draw, case: Case, count: int, tight: bool = False, first: tuple[Named, ...] = (), goals: int = 0
) -> Case:
    """So many limits, goals in any order, a plan before this one, pins and bans."""
    found = list(first)
    kinds = TIGHT if tight else LIMITS
    for _ in range(count):
        limit = kinds[draw.whole(0, len(kinds) - 1)](draw, case)
        known = {name for name, _ in found}
        if limit and limit not in found and not (limit[0] in ("Circles", "Meetings") and limit[0] in known):
            found.append(limit)
    if any(name == "Meetings" for name, _ in found):
        hours = (with_hours(draw, people) for people in (case.mentors, case.mentees))
        case = dataclasses.replace(case, **dict(zip(("mentors", "mentees"), hours, strict=True)))
    case = dataclasses.replace(case, limits=tuple(found), goals=goals_in_order(draw, found, goals))
    if any(name == "LeastChange" for name, _ in case.goals):
        case = dataclasses.replace(case, previous=plan_before(draw, case))
    return with_pins_and_bans(draw, case)


def goals_in_order(draw: Draw, limits: Sequence[Named], least: int) -> tuple[Named, ...]:
    """One to four different goals; before `WorstOff` there is one that leaves nobody out, unless a limit does that."""
    chosen = [ALL_GOALS[k] for k in draw.some(range(len(ALL_GOALS)), 4)]
    while len(chosen) < max(1, least):
        chosen += [goal for goal in (ALL_GOALS[draw.whole(0, len(ALL_GOALS) - 1)],) if goal not in chosen]
    if ("WorstOff", {}) in chosen and all(name != "EveryoneMatched" for name, _ in limits):
        place = chosen.index(("WorstOff", {}))
        if all(name not in ("Coverage", "Pairs") for name, _ in chosen[:place]):
            guard = draw.pick((("Pairs", {}), ("Coverage", {}), ("Coverage", {"side": "mentee"})))
            chosen = [goal for goal in chosen[:place] if goal != guard] + [
                guard, *(goal for goal in chosen[place:] if goal != guard)
            ]  # fmt: skip
    return tuple(chosen)


def plan_before(draw: Draw, case: Case) -> tuple[tuple[str, str], ...]:
    """Pairs of the plan before this one: some of people who have left since, now and then the same one twice."""
    mentors = [*(record["id"] for record in case.mentors), "left"]
    mentees = [*(record["id"] for record in case.mentees), "left too"]
    found = [(draw.pick(mentors), draw.pick(mentees)) for _ in range(draw.whole(0, 4))]
    return (*found, *found[:1]) if draw.chance(20) else tuple(found)


def some_value(draw: Draw, case: Case, column: str, side: str) -> str | None:
    """A value that somebody of a side states."""
    people = case.mentors if side == "mentor" else case.mentees
    values = sorted({record[column] for record in people} - {""})
    return draw.pick(values) if values else None


def quota(draw: Draw, case: Case, bounds: Sequence[str]) -> Named | None:
    """A group that there is, and a count or a share."""
    side, column = draw.pick(SIDES), draw.pick(("department", "site"))
    value = some_value(draw, case, column, side)
    if value is None:
        return None
    which = draw.pick(bounds)
    params: dict[str, Any] = {"column": column, "value": value, "side": side}
    if which == "both":
        low, high = sorted(draw.pick(((0, 1), (1, 2), (1, 3), (2, 2), (2, 4))))
        return "Quota", params | {"at_least": low, "at_most": high}
    choices = SHARES[:-1] if which == "at_least" else SHARES
    return "Quota", params | {which: draw.pick(choices)}


def co_mentors(draw: Draw, case: Case) -> list[str]:
    return sorted(draw.some([record["id"] for record in case.mentors], 4))


def of_mentors(draw: Draw, case: Case, name: str) -> Named | None:
    people = co_mentors(draw, case)[:3]
    return (name, {"people": tuple(people)}) if len(people) > 1 else None


def load(draw: Draw, most: int) -> Named:
    side = draw.pick(({}, {"side": "mentee"}))
    return "Load", {"hours": "hours", "at_most": draw.pick((draw.whole(2, most), "budget"))} | side


def circles(draw: Draw, case: Case) -> Named:
    """Sizes that some mentee has places for, if there is one."""
    most = max((record["capacity"] for record in case.mentees), default=0)
    smallest, largest = draw.pick([sizes for sizes in CIRCLES if sizes[0] <= most] or CIRCLES)
    return "Circles", {"smallest": smallest, "largest": largest}


LimitRecipe = Callable[[Draw, Case], Named | None]
#: One recipe for each type.
EACH_LIMIT: dict[str, LimitRecipe] = {
    "TotalPairs": lambda draw, case: ("TotalPairs", {"at_most": draw.whole(1, 4)}),
    "DepartmentPair": lambda draw, case: ("DepartmentPair", {"at_most": draw.pick((1, 1, 2, 0))}),
    "Quota": lambda draw, case: quota(draw, case, ("at_least", "at_most", "both")),
    "Circles": lambda draw, case: circles(draw, case),
    "CoMentorsDifferent": lambda draw, case: (
        "CoMentorsDifferent",
        {"column": draw.pick(("department", "site"))},
    ),
    "Load": lambda draw, case: load(draw, 6),
    "Together": lambda draw, case: of_mentors(draw, case, "Together"),
    "Apart": lambda draw, case: of_mentors(draw, case, "Apart"),
    "Stable": lambda draw, case: ("Stable", {"by": draw.pick(("score", "choices"))}),
    "EveryoneMatched": lambda draw, case: ("EveryoneMatched", {"side": draw.pick(SIDES)}),
    "Meetings": lambda draw, case: meetings(draw),
}
#: All but `Meetings`, which has a recipe of its own: it needs hours.
LIMITS: tuple[LimitRecipe, ...] = (
    *(recipe for name, recipe in EACH_LIMIT.items() if name != "Meetings"),
    lambda draw, case: quota(draw, case, ("at_least", "at_most")),
)
TIGHT: tuple[LimitRecipe, ...] = (
    lambda draw, case: ("EveryoneMatched", {"side": draw.pick(SIDES)}),
    lambda draw, case: quota(draw, case, ("at_least", "both")),
    *LIMITS,
    lambda draw, case: of_mentors(draw, case, "Together"),
    lambda draw, case: load(draw, 3),
)


def refused(case: Case) -> str:
    """Code with which `Programme` refuses what cannot be kept; "" if it takes the case."""
    from bridge import programme_of
    from revmatch.errors import RevmatchError

    try:
        programme_of(case)
    except RevmatchError as error:
        return error.code
    return ""


def limited(draw: Draw) -> Case:
    """A programme of any of these recipes."""
    return draw.pick(tuple(RECIPES.values()))(draw)


def taken(recipe: str, seeds: range) -> Iterator[tuple[int, Case]]:
    """The programmes of a recipe that are not refused before anything is solved."""
    for seed in seeds:
        case = RECIPES[recipe](seeded(seed))
        if not refused(case):
            yield seed, case


#: The recipes.
RECIPES: dict[str, Callable[[Draw], Case]] = {
    "limits_case": limits_case,
    "tight_limits_case": tight_limits_case,
    "stable_case": stable_case,
    "goals_case": goals_case,
    "meetings_case": meetings_case,
}
LIMITED = tuple(RECIPES)
