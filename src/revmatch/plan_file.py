"""Plans read back from files, for the programme that they were made for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from revmatch.errors import InputError, Problem, Problems, did_you_mean
from revmatch.people.hours import WEEK
from revmatch.policy.goals import Balance, Goal, LeastChange, common_unit
from revmatch.policy.sides import Ints, Sides
from revmatch.slot import meetings_of, read_local_starts

if TYPE_CHECKING:
    from revmatch.plan import Plan
    from revmatch.programme import Programme

KEYS = (
    "format", "versions", "status", "stopped_by", "proof", "seed", "options", "goals", "mentors", "mentees", "pairs",
    "slots", "certificate", "ties", "policy", "pins", "bans", "history", "previous", "dual_role", "unknown_manager",
    "inputs",
)  # fmt: skip
#: Parts that a file may lack, since files were written before there were any.
LATER = frozenset({"previous", "slots"})
#: Gaps in parts of this are told apart by floats.
_EXACT = 2**50


def read_plan(data: Any, programme: Programme, place: str) -> dict[str, Any]:
    """Arguments of a `Plan` from the plain shape that `Plan.to_dict` writes.

    Raises
    ------
    InputError
        RM210 if the programme is another one than the plan was made for, RM211 for a file of another shape.
    """
    from revmatch.certificate import Certificate, GoalCertificate
    from revmatch.plan import Proof, Status, StoppedBy

    check_shape(data, place)
    _check_programme(data, programme, place)
    try:
        status = Status(data["status"])
        if (data["pairs"] is None) is (status in (Status.OPTIMAL, Status.FEASIBLE)):
            raise ValueError
        rows, cols, scores = _read_pairs(data["pairs"] or [], programme, place)
        records = tuple(GoalCertificate.from_dict(record) for record in data["certificate"]["records"])
        known = [
            [goal.value(programme.sides(), rows, cols, scores), *(r.bound for r in records if r.goal == str(goal))]
            for goal in programme.policy.goals
        ]
        return {
            "programme": programme,
            "status": status,
            "stopped_by": _one_of(data["stopped_by"], None, *get_args(StoppedBy)),
            "proof": _one_of(data["proof"], None, *get_args(Proof)),
            "mentor_rows": rows,
            "mentee_rows": cols,
            "scores": scores,
            "bounds": _read_bounds(data["goals"], programme, known, place),
            "slots": _read_slots(data.get("slots"), len(rows), programme),
            "certificate": Certificate(records, _one_of(data["certificate"]["checked"], None, "all", "candidates")),
            "ties": _one_of(data["ties"], None, True, False),
            "seed": whole(data["seed"]),
            "gap_allowed": _number(data["options"]["gap"]),
        }
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        what = f"a part is not what to_json writes ({type(error).__name__})"
        raise InputError(Problem("RM211", place, what, "make the plan again")) from None


def check_shape(data: Any, place: str) -> None:
    """Refuse what is no plan file, or one with unknown or missing parts."""
    from revmatch.plan import FORMAT

    if not isinstance(data, Mapping) or data.get("format") != FORMAT:
        raise InputError(Problem("RM211", place, f"expected a plan of format {FORMAT}", "make it with plan.to_json()"))
    problems = Problems()
    for key in sorted(data.keys() - set(KEYS)):
        problems.add("RM211", f"{place}.{key}", "unknown part", did_you_mean(str(key), KEYS))
    for key in KEYS:
        if key not in data and key not in LATER:
            problems.add("RM211", f"{place}.{key}", "this part is missing", "make the plan again")
    problems.raise_as(InputError)


def check_values(data: Mapping[str, Any], plan: Plan, place: str) -> None:
    """What the file says that the goals reach must be what its pairs give."""
    problems = Problems()
    for k, (said, goal) in enumerate(zip(data["goals"], plan.goals, strict=True)):
        if said.get("value") != goal.value:
            expected = f"the file says {said.get('value')!r:.40}, its pairs give {goal.value}"
            problems.add("RM211", f"{place}.goals[{k}].value", expected, "make the plan again")
    problems.raise_as(InputError)


def _check_programme(data: Mapping[str, Any], programme: Programme, place: str) -> None:
    """The people, the policy and what was decided by hand must be those of the plan."""
    from revmatch.plan import policy_record

    problems = Problems()
    mine: dict[str, Any] = {
        "mentors": sorted(programme.mentors.ids.tolist()),
        "mentees": sorted(programme.mentees.ids.tolist()),
        "policy": policy_record(programme),
        "pins": [pin.to_dict() for pin in sorted(programme.pins, key=lambda pin: (pin.mentor, pin.mentee))],
        "bans": sorted([mentor, mentee] for mentor, mentee in programme.bans),
        "history": sorted([mentor, mentee] for mentor, mentee in programme.history),
        "previous": sorted([mentor, mentee] for mentor, mentee in programme.previous),
        "dual_role": programme.dual_role,
        "unknown_manager": programme.unknown_manager,
    }
    mine["inputs"] = {record["role"]: record["sha256"] for record in programme.inputs()}
    theirs: dict[str, Any] = {"previous": [], **data}
    try:
        theirs["inputs"] = {record["role"]: record["sha256"] for record in data["inputs"]}
    except (TypeError, KeyError):
        raise InputError(Problem("RM211", f"{place}.inputs", "expected a record an input")) from None
    for key, value in mine.items():
        # as JSON holds it, so that tuples and lists are the same
        if json.loads(json.dumps(value)) != theirs[key]:
            what = "other content than the plan was made for" if key == "inputs" else "not those of the plan"
            problems.add("RM210", f"{place}.{key}", what, "give the same people and policy, or make the plan again")
    problems.raise_as(InputError)


def _read_pairs(pairs: Sequence[Any], programme: Programme, place: str) -> tuple[Ints, Ints, Ints]:
    scale = programme.policy.score.scale
    rows = programme.mentors.index([str(mentor) for mentor, _, _ in pairs])
    cols = programme.mentees.index([str(mentee) for _, mentee, _ in pairs])
    problems = Problems()
    for side, found in (("mentor", rows), ("mentee", cols)):
        for k in np.flatnonzero(found < 0).tolist():
            problems.add("RM130", f"{place}.pairs[{k}].{side}", "unknown id", "make the plan again")
    problems.raise_as(InputError)
    scores = [_whole(score, scale, f"{place}.pairs[{k}]") for k, (_, _, score) in enumerate(pairs)]
    return rows, cols, np.array(scores, dtype=np.int64)


def _read_slots(texts: Any, pairs: int, programme: Programme) -> Ints | None:
    """When first sessions begin; the checker says whether they should."""
    limit = meetings_of(programme)
    if limit is None or texts is None:
        if texts is not None:
            raise ValueError
        return None
    if not isinstance(texts, list) or len(texts) != pairs:
        raise ValueError
    starts = read_local_starts(limit, texts)
    if ((starts < 0) | (starts >= limit.every * WEEK)).any():
        raise ValueError
    return starts


def _read_bounds(
    goals: Sequence[Any], programme: Programme, known: Sequence[Sequence[int | None]], place: str
) -> tuple[int | None, ...]:
    """Bounds in whole units; `known` are those that the plan and its certificate give, of which most are one."""
    mine = programme.policy.goals
    if [goal["name"] for goal in goals] != [str(goal) for goal in mine]:
        raise InputError(Problem("RM210", f"{place}.goals", "not those of the policy", "make the plan again"))
    found: list[int | None] = []
    for k, (said, goal) in enumerate(zip(goals, mine, strict=True)):
        where, bound = f"{place}.goals[{k}].bound", said["bound"]
        if bound is None:
            found.append(None)
        elif goal.in_score_units:
            found.append(_whole(bound, programme.policy.score.scale, where))
        else:
            found.append(_units(goal, _number(bound), programme.sides(), known[k], where))
    return tuple(found)


def _units(goal: Goal, shown: int | float, sides: Sides, known: Sequence[int | None], place: str) -> int:
    """The whole number that a goal shows like this."""
    for units in known:
        if units is not None and goal.shown(units, sides) == shown:
            return units
    if isinstance(goal, Balance):
        sizes = goal.groups(sides)[2].tolist()
        gap, unit = Fraction(shown), common_unit(tuple(sizes))
        if unit > _EXACT:  # a float is near many then: the one meant is a difference of parts of two groups
            gap = gap.limit_denominator(max(sizes) ** 2)
        units = -round(gap * unit)
    else:
        units = sides.previous_pairs - round(shown) if isinstance(goal, LeastChange) else round(shown)
    if goal.shown(units, sides) != shown or (isinstance(goal, Balance) and units > 0):  # no gap is below 0
        raise InputError(Problem("RM211", place, "no plan can have this value", "make the plan again"))
    return units


def _whole(points: Any, scale: Fraction, place: str) -> int:
    """Points in whole units."""
    # a float holds the quotient only as well as it can: the nearest whole number is the one that was divided
    units = round(Fraction(_number(points)) * scale)
    if points != (units if scale == 1 else float(Fraction(units) / scale)):
        raise InputError(Problem("RM211", place, "this is no multiple of the scale", "make the plan again"))
    return units


def whole(value: Any) -> int:
    """A whole number as it stands in a file; nothing else is rounded or read as one."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return value


def _one_of(value: Any, *allowed: Any) -> Any:
    if not any(value is one or (isinstance(value, str) and value == one) for one in allowed):
        raise ValueError
    return value
