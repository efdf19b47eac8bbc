"""Small random programmes: one recipe, drawn by Hypothesis (shrinks) or from a seed (fast, for the soak).

A programme is drawn as an `oracle.Case`: plain records and a plain description of the policy; `bridge` says the same to
revmatch. Sizes are such that the oracle can try every set of pairs, unless a size is asked for.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

from oracle import SIDES, Case, Facts, Named, Record, Weighted

T = TypeVar("T")
MOST_PAIRS = 14  # 2 ** 14 sets at the very most


class Draw:
    """Everything is drawn as whole numbers; the smallest is the plainest choice, so that Hypothesis shrinks to it."""

    def __init__(self, whole: Callable[[int, int], int]) -> None:
        self.whole = whole

    def chance(self, per_cent: int) -> bool:
        return self.whole(0, 99) >= 100 - per_cent

    def pick(self, options: Sequence[T]) -> T:
        return options[self.whole(0, len(options) - 1)]

    def some(self, options: Sequence[T], most: int) -> list[T]:
        """At most so many different options, in any order."""
        if not options:
            return []
        return list(dict.fromkeys(self.pick(options) for _ in range(self.whole(0, most))))

    def shuffled(self, options: Sequence[T]) -> list[T]:
        left = list(options)
        return [left.pop(self.whole(0, len(left) - 1)) for _ in options]


def seeded(seed: int) -> Draw:
    return Draw(random.Random(seed).randint)


@st.composite
def cases(draw: st.DrawFn, recipe: Callable[[Draw], Case] | None = None) -> Case:
    """Programmes of one recipe, by default of any."""
    return (recipe or any_case)(Draw(lambda low, high: draw(st.integers(low, high))))


def any_case(draw: Draw) -> Case:
    return draw.pick((scores_case, tight_scores_case, people_case, tight_people_case, dual_case))(draw)


# --- goals, limits, bounds --------------------------------------------------------------------------------------------

GOALS: tuple[Named, ...] = (
    ("TotalScore", {}),
    ("Pairs", {}),
    ("Coverage", {}),
    ("Coverage", {"side": "mentee"}),
    ("Coverage", {"side": "mentor"}),
)


def goals(draw: Draw) -> tuple[Named, ...]:
    """One to four goals in any order."""
    names = draw.some(range(len(GOALS)), 4) or [0]
    return tuple(GOALS[k] for k in names)


def limits(draw: Draw, per_cent: int) -> tuple[Named, ...]:
    return tuple(("EveryoneMatched", {"side": side}) for side in ("mentee", "mentor") if draw.chance(per_cent))


def bounds(draw: Draw, people: Sequence[Record], tight: bool) -> None:
    """Give everybody a capacity, and perhaps a minimum."""
    style = draw.pick(("ones", "uniform", "each"))
    same = draw.whole(1, 3)
    with_least = draw.chance(75 if tight else 15)
    for person in people:
        capacity = {"ones": 1, "uniform": same, "each": draw.whole(0, 3)}[style]
        person["capacity"] = capacity
        person["min_load"] = min(capacity, draw.whole(0, 2)) if with_least and draw.chance(40) else 0


# --- scores and nothing else ------------------------------------------------------------------------------------------


def scores_case(draw: Draw, tight: bool = False, size: tuple[int, int] | None = None) -> Case:
    """As `Programme.from_scores` makes it: negative scores, zero capacities, forbidden pairs, minimum loads."""
    n, m = size or draw.pick(((2, 2), (1, 3), (3, 2), (3, 3), (4, 3), (3, 4), (2, 6), (5, 2), (4, 4), (0, 2), (6, 3)))
    value = draw.pick(
        (
            lambda: draw.whole(0, 2),  # full of ties
            lambda: draw.whole(-4, 9),
            lambda: draw.whole(0, 1 << 20),
            lambda: draw.whole(-16, 24) / 8,  # exact in binary
        )
    )
    holes = draw.pick((0, 20, 50))
    scores: list[list[Any]] = [[None if draw.chance(holes) else value() for _ in range(m)] for _ in range(n)]
    sides = tuple(tuple({"id": str(k)} for k in range(size)) for size in (n, m))
    for people in sides:
        bounds(draw, people, tight)
    present = [(i, j) for i in range(n) for j in range(m) if scores[i][j] is not None]
    while len(present) > MOST_PAIRS and not size:
        i, j = present.pop(draw.whole(0, len(present) - 1))
        scores[i][j] = None
    case = Case(
        *sides,
        score=((1, "Table", {"scores": scores}),),
        limits=limits(draw, 40 if tight else 5),
        goals=goals(draw),
        from_scores=True,
    )
    return case if size else with_pins_and_bans(draw, case)


def tight_scores_case(draw: Draw) -> Case:
    return scores_case(draw, tight=True)


# --- people -----------------------------------------------------------------------------------------------------------

ZONES = ("UTC", "UTC", "Europe/Paris", "Asia/Kolkata", "America/New_York", "Pacific/Kiritimati", "Pacific/Honolulu")
WEEKS = (
    "any",
    "any",
    "Mon 9-12",
    "Mon,Wed AM; Tue PM",
    "Fri day",
    "Sun 20:00-24:00; Mon 0:00-2:00",
    "Tue-Thu 10:10-11:40",
)
SKILLS = ("Python", "SQL", "Cloud", "Public speaking", "AI")
GRADES = ("trainee", "specialist", "manager", "director", "board")

#: Clocks change within these weeks, and not on the same day on both sides of the Atlantic.
SERIES = {"minutes": 60, "start": "2026-03-02", "every": 2, "weeks": 5, "grid": 30}

RULES: tuple[Callable[[Draw], Named], ...] = (
    lambda draw: ("DifferentDepartment", {}),
    lambda draw: ("GradeGap", draw.pick(({}, {"at_least": 2}, {"at_least": -1, "at_most": 2}, {"at_least": 0}))),
    lambda draw: (
        "OutsideReportingLine",
        draw.pick(({}, {"levels": 1}, {"head_levels": 1}, {"levels": 2, "head_levels": 0})),
    ),
    lambda draw: ("Same", {"column": "site"}),
    lambda draw: ("Different", {"column": "division"}),
    lambda draw: ("SharedLanguage", {}),
    lambda draw: (
        "CommonHours",
        draw.pick(({}, {"minutes": 90}, {"minutes": 30, "grid": 30}, {"minutes": 45, "grid": 5}, SERIES)),
    ),
    lambda draw: ("TimeZoneGap", {"at_most_hours": draw.pick((0, 1, 5))}),
    lambda draw: ("NotPairedBefore", {}),
    lambda draw: ("MinScore", {"value": draw.whole(0, 4)}),
)

TERMS: tuple[Callable[[Draw], tuple[str, dict[str, Any]]], ...] = (
    lambda draw: ("SkillGap", skill_gap(draw)),
    lambda draw: ("Different", {"column": "division"}),
    lambda draw: ("Same", {"column": "site"}),
    lambda draw: ("Shared", {"column": "languages"}),
    lambda draw: ("Distance", {"column": draw.pick(("hired", "grade")), "at_most": draw.whole(0, 6)}),
    lambda draw: ("Priority", {"column": "priority", "side": draw.pick(SIDES)}),
    lambda draw: ("RareSkill", {}),
    lambda draw: ("Choice", draw.pick(({}, {"of": "mentor"}, {"points": (5, -1)}))),
)


def skill_gap(draw: Draw) -> dict[str, Any]:
    params: dict[str, Any] = {}
    if draw.chance(40):
        params["per"] = "need"
    if draw.chance(40):
        params["direction"] = "both"
    if draw.chance(40):
        params["weights"] = {"python": draw.whole(0, 3), "CLOUD": draw.whole(0, 3)}
    return params


def skill_levels(draw: Draw) -> Any:
    """Skills as a dict or as text."""
    levels = {skill: draw.whole(1, 5) for skill in draw.some(SKILLS, 3)}
    return levels if draw.chance(50) else "; ".join(f"{skill}:{level}" for skill, level in levels.items())


def grade(draw: Draw, side: str) -> int:
    """Mentors are junior most of the time, so that a grade gap leaves somebody."""
    return draw.whole(0, 4) if draw.chance(30) else draw.whole(0, 2) + 2 * (side == "mentee")


# What a cell of each column may hold, given the ids of everybody else.
CELLS: dict[str, Callable[[Draw, Sequence[str]], Any]] = {
    "department": lambda draw, others: draw.pick(("Ops", "Law", "IT")),
    "division": lambda draw, others: draw.pick(("North", "South", "north ")),
    "site": lambda draw, others: draw.pick(("A", "A", "B")),
    "languages": lambda draw, others: ";".join(draw.some(("en", "de", "fr"), 3)),
    "hired": lambda draw, others: draw.whole(2000, 2009),
    "priority": lambda draw, others: draw.whole(-3, 5),
    "available": lambda draw, others: draw.pick(WEEKS),
    "time_zone": lambda draw, others: draw.pick(ZONES),
    "away": lambda draw, others: draw.pick(("", "2026-03-02..2026-03-11", "2026-03-17; 2026-04-01")),
    "choices": lambda draw, others: ";".join(draw.some(others, 3)),
    "avoid": lambda draw, others: ";".join(draw.some(others, 1)),
    "offers": lambda draw, others: skill_levels(draw),
    "wants": lambda draw, others: skill_levels(draw),
}


def person(draw: Draw, key: str, side: str, columns: Sequence[str], ids: Sequence[str], labels: bool) -> Record:
    """One record; about one cell in sixteen is blank."""
    record: Record = {"id": key}
    for column in columns:
        if draw.chance(6):
            record[column] = draw.pick(("", None))
        elif column == "grade":
            rank = grade(draw, side)
            record[column] = GRADES[rank] if labels else draw.pick((rank, str(rank)))
        else:
            record[column] = CELLS[column](draw, [other for other in ids if other != key])
    return record


def used_columns(rules: Sequence[Named], score: Sequence[Weighted]) -> list[str]:
    """Columns that the policy reads (an unused one is sometimes there too)."""
    by_name = {
        "DifferentDepartment": ["department"],
        "GradeGap": ["grade"],
        "SharedLanguage": ["languages"],
        "CommonHours": ["available", "time_zone", "away"],
        "TimeZoneGap": ["time_zone"],
        "SkillGap": ["offers", "wants"],
        "RareSkill": ["offers", "wants"],
        "Choice": ["choices"],
    }
    read = [(name, params) for name, params in rules] + [(name, params) for _, name, params in score]
    used = [column for name, params in read for column in by_name.get(name, [params.get("column")])]
    return [column for column in ("grade", *CELLS) if column in used]


def people_case(draw: Draw, tight: bool = False, dual: bool = False, size: tuple[int, int] | None = None) -> Case:
    """People with columns, and a policy that reads them."""
    n, m = size or draw.pick(((2, 2), (1, 3), (3, 3), (4, 3), (4, 5), (2, 7), (6, 4), (8, 2), (0, 2), (3, 0)))
    rules = tuple(RULES[k](draw) for k in draw.some(range(len(RULES)), draw.pick((1, 2) if tight else (1, 2, 4))))
    terms = tuple(TERMS[k](draw) for k in draw.some(range(len(TERMS)), 3))
    score = tuple((draw.pick((1, 2, 5, -1)), name, params) for name, params in terms)
    labels = draw.chance(25)
    columns = [*used_columns(rules, score), *draw.some(("avoid", "site"), 1)]
    columns = list(dict.fromkeys(columns))
    ids = [f"p{k}" for k in draw.shuffled(range(n + m))]
    sides = dict.fromkeys(ids[:n], "mentor") | dict.fromkeys(ids[n:], "mentee")
    people = {key: person(draw, key, side, columns, ids, labels) for key, side in sides.items()}
    bounds(draw, list(people.values()), tight)
    mentors, mentees = ids[:n], ids[n:]
    if dual:  # some of the mentors are mentees too
        mentees += draw.some(mentors, 3)
    case = Case(
        mentors=tuple(people[key] for key in mentors),
        mentees=tuple(people[key] for key in mentees),
        rules=rules,
        score=score,
        limits=limits(draw, 40 if tight else 5),
        goals=goals(draw),
        order=(("grade", GRADES),) if labels and "grade" in columns else (),
        history=tuple((draw.pick(mentors), draw.pick(mentees)) for _ in range(3 if mentors and mentees else 0)),
        dual_role=dual,
    )
    if any(name == "OutsideReportingLine" for name, _ in rules):
        case = with_lines(draw, case)
    return case if size else with_pins_and_bans(draw, case)


def tight_people_case(draw: Draw) -> Case:
    return people_case(draw, tight=True)


def dual_case(draw: Draw) -> Case:
    """The same people on both sides: nobody meets themselves, and only one direction of a pair is kept."""
    return people_case(draw, tight=draw.chance(30), dual=True)


def table_case(draw: Draw) -> Case:
    """People whose score is partly a table of the caller's, with fractions: scaled once, told in the caller's unit."""
    case = people_case(draw)
    if not case.mentors or not case.mentees:
        return case
    divisor = draw.pick((1, 4, 1024))
    scores = [
        [draw.whole(-8, 40) / divisor if divisor > 1 else draw.whole(0, 9) for _ in case.mentees] for _ in case.mentors
    ]
    rules = tuple(rule for rule in case.rules if rule[0] != "MinScore")
    case = dataclasses.replace(
        case,
        score=(*case.score, (draw.pick((1, 3)), "Table", {"scores": scores})),
        rules=(*rules, ("MinScore", {"value": draw.whole(-4, 8) / 4})) if draw.chance(40) else rules,
        pins=(),
    )
    return with_pins_and_bans(draw, dataclasses.replace(case, bans=()))


def with_lines(draw: Draw, case: Case) -> Case:
    """Give everybody a manager: among the two sides, or in an organisation that lends the column."""
    members = list(dict.fromkeys(record["id"] for record in (*case.mentors, *case.mentees)))
    lent, allow = draw.chance(50), draw.chance(25)
    line = draw.shuffled([*members, *(("x0", "x1", "x2") if lent else ())])
    rows: dict[str, Record] = {}
    for k, key in enumerate(line):
        above = draw.pick(line[:k]) if k and not draw.chance(15) else ""
        if allow and draw.chance(10):
            above = "gone"  # in no file
        dotted = draw.pick(line[:k]) if k and draw.chance(20) else ""
        rows[key] = {"id": key, "manager": above, "dotted_line": dotted}
    allowed = {"unknown_manager": "allow"} if allow else {}
    if lent:
        return dataclasses.replace(case, organisation=tuple(rows[key] for key in sorted(rows)), **allowed)
    mentors, mentees = (tuple(person | rows[person["id"]] for person in side) for side in (case.mentors, case.mentees))
    return dataclasses.replace(case, mentors=mentors, mentees=mentees, **allowed)


def with_pins_and_bans(draw: Draw, case: Case) -> Case:
    """Ban what is too much for the oracle; pin a little of what is left, or a pair that a rule forbids."""
    facts = Facts(case)
    pairs = list(facts.open_pairs())
    bans, pins = [], []
    while len(pairs) > MOST_PAIRS or (pairs and draw.chance(10)):
        bans.append(pairs.pop(draw.whole(0, len(pairs) - 1)))
    if draw.chance(25):
        room = {(side, key): facts.capacity(side, key) for side in SIDES for key in facts.people[side]}
        rules = {name for name, _ in case.rules}
        everything = [(i, j) for i in facts.people["mentor"] for j in facts.people["mentee"]]
        for mentor, mentee in draw.some(everything, 2):
            against = facts.forbidden_by(mentor, mentee)
            ends = ("mentor", mentor), ("mentee", mentee)
            both_ways = case.dual_role and (mentee, mentor) in [pin[:2] for pin in pins]
            if (
                set(against) <= rules
                and (mentor, mentee) not in bans
                and all(room[end] for end in ends)
                and not both_ways
            ):
                pins.append((mentor, mentee, tuple(sorted(against))))
                for end in ends:
                    room[end] -= 1
    return dataclasses.replace(case, bans=tuple(bans), pins=tuple(pins))
