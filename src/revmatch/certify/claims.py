"""The plan's own claims: every held pair, degree, limit and value, derived again from the people's cells."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from revmatch.certify.cells import WEEK
from revmatch.certify.plain import Plain
from revmatch.certify.sides import Ints, Side
from revmatch.certify.stable import Blocking
from revmatch.certify.verification import Findings
from revmatch.certify.witness_goals import GOALS, Seen, seen_goals
from revmatch.certify.witness_limits import LIMITS, Made
from revmatch.certify.witness_meetings import check_shown_slots
from revmatch.certify.witness_rules import ABOVE_RULES, RULES
from revmatch.certify.witness_scores import SCORES
from revmatch.certify.world import World
from revmatch.plan import GoalValue, Plan, Status
from revmatch.policy.limits import Meetings

FOUND = (Status.OPTIMAL, Status.FEASIBLE)
#: Places that are named where a limit is broken.
MOST_SAID = 10


@dataclass(frozen=True, slots=True)
class Held:
    """The pairs of a plan, by position, and their worth as the witnesses find it.

    Parameters
    ----------
    i, j : ndarray of int64
    values : list of int
        Value of each goal, derived again, in whole units.
    claimed : list of int
        Value of each goal by the scores that the plan states.
    starts : dict
        When pairs meet first, where a limit asks for that: minutes on the mentee's clock from the first Monday.
    """

    i: Ints
    j: Ints
    values: list[int]
    claimed: list[int]
    starts: dict[tuple[int, int], int]


def all_have_witnesses(world: World, findings: Findings) -> bool:
    """Whether every rule, term, limit and goal can be checked; says which cannot."""
    policy, before = world.policy, len(findings.found)
    families: list[tuple[str, list[Any], Any]] = [
        ("rules", world.rules, RULES),
        ("score", [term for _, term in world.terms], SCORES),
        ("limits", list(policy.limits), LIMITS),
        ("goals", list(policy.goals), GOALS),
    ]
    for family, declared, witnesses in families:
        for k, one in enumerate(declared):
            if type(one) not in witnesses:
                findings.add(f"policy.{family}[{k}]", f"{type(one).__name__} has no witness, so nothing can be checked")
    return len(findings.found) == before


def held_pairs(plan: Plan, world: World, plain: Plain, findings: Findings) -> Held | None:
    """Pairs of the plan; None if they cannot be read, or if there should be none."""
    if plan.status not in FOUND:
        for name in ("mentor_rows", "mentee_rows", "scores"):
            if np.size(getattr(plan, name)):
                findings.add(name, f"the plan is {plan.status}, and yet holds pairs")
        return None
    sizes = (len(world.mentors), len(world.mentees), None)
    arrays = [
        _whole_array(getattr(plan, name), size, name, findings)
        for name, size in zip(("mentor_rows", "mentee_rows", "scores"), sizes, strict=True)
    ]
    i, j, stated = arrays
    if i is None or j is None or stated is None:
        return None
    if not len(i) == len(j) == len(stated):
        findings.add("pairs", f"{len(i)} mentors, {len(j)} mentees and {len(stated)} scores do not make pairs")
        return None
    pairs = list(zip(i.tolist(), j.tolist(), strict=True))
    starts = _starts(plan, pairs, world, findings)
    if starts is None:
        return None
    scores = _check_pairs(i, j, stated.tolist(), world, plain, findings)
    _check_together(pairs, world, findings)
    _check_degrees(i, j, world, findings)
    aims = seen_goals(world)
    own, said = dict(zip(pairs, scores, strict=True)), dict(zip(pairs, stated.tolist(), strict=True))  # each pair once
    values = [aim.value(own, own.values()) for aim in aims]
    return Held(i, j, values, [aim.value(said, said.values()) for aim in aims], starts)


def _starts(
    plan: Plan, pairs: list[tuple[int, int]], world: World, findings: Findings
) -> dict[tuple[int, int], int] | None:
    """When each pair meets first; None if that cannot be read."""
    limit = next((one for one in world.policy.limits if isinstance(one, Meetings)), None)
    if limit is None:
        if plan.slots is not None:
            findings.add("slots", "no limit asks for weekly times, and the plan has some")
        return {} if plan.slots is None else None
    slots = _whole_array(plan.slots, None, "slots", findings)
    if slots is None:
        return None
    if len(slots) != len(pairs) or bool(((slots < 0) | (slots >= limit.every * WEEK)).any()):
        findings.add("slots", f"expected for each pair a minute of the first {limit.every} weeks")
        return None
    return dict(zip(pairs, slots.tolist(), strict=True))


def _whole_array(given: Any, size: int | None, name: str, findings: Findings) -> Ints | None:
    if not isinstance(given, np.ndarray) or given.ndim != 1 or given.dtype.kind not in "iu":
        findings.add(name, "expected an array of whole numbers, one a pair")
        return None
    bad = np.flatnonzero((given < 0) | (given >= size)) if size is not None else np.zeros(0, dtype=np.int64)
    side = name.removesuffix("_rows")
    for p in bad.tolist():
        findings.add(f"pairs[{p}]", f"there is no {side} at position {int(given[p])}: the programme has {size}")
    return None if len(bad) else given.astype(np.int64)


def _check_pairs(i: Ints, j: Ints, stated: list[int], world: World, plain: Plain, findings: Findings) -> list[int]:
    """Each pair by itself: is it allowed, and is it worth what the plan says."""
    scores: list[int] = plain.worth(i, j)[0].tolist()
    eligible = plain.eligible(i, j).tolist()
    despite = {(pin.mentor, pin.mentee): pin.despite for pin in world.programme.pins}
    for p, (a, b) in enumerate(zip(i.tolist(), j.tolist(), strict=True)):
        if not eligible[p]:
            allowed = despite.get((world.mentors.keys[a], world.mentees.keys[b]), ())
            for name in plain.against(a, b):
                if name in ABOVE_RULES:
                    findings.add(f"pairs[{p}]", f"{world.pair(a, b)} may not meet: {name}")
                elif name not in allowed:
                    findings.add(f"pairs[{p}]", f"{world.pair(a, b)} may not meet: forbidden by {name}")
        if scores[p] != stated[p]:
            expected = f"{world.pair(a, b)} are worth {in_points(scores[p], world)}, not {in_points(stated[p], world)}"
            findings.add(f"pairs[{p}].score", expected)
    return scores


def _check_together(pairs: list[tuple[int, int]], world: World, findings: Findings) -> None:
    """All pairs together: each once, in order, every pin, nobody in both directions."""
    for (i, j), count in Counter(pairs).items():
        if count > 1:
            findings.add("pairs", f"{world.pair(i, j)} are held {count} times")
    by_id = [(world.mentors.keys[i], world.mentees.keys[j]) for i, j in pairs]
    for p in range(1, len(by_id)):
        if by_id[p] < by_id[p - 1]:
            findings.add(f"pairs[{p}]", "pairs are not in the order of ids: this one belongs before the one above it")
            break
    held = set(by_id)
    for k, pin in enumerate(world.programme.pins):
        if (pin.mentor, pin.mentee) not in held:
            rows, cols = world.mentors.rows, world.mentees.rows
            known = pin.mentor in rows and pin.mentee in cols
            who = world.pair(rows[pin.mentor], cols[pin.mentee]) if known else "two people of whom one takes no part"
            findings.add("pairs", f"pins[{k}], {who}, must be in the plan and is not")
    if world.same_people:
        for (i, j), (a, b) in zip(pairs, by_id, strict=True):
            if a < b and (b, a) in held:
                findings.add("pairs", f"{world.pair(i, j)} are held in both directions")


def check_limits(
    plan: Plan,
    held: Held,
    world: World,
    plain: Plain,
    findings: Findings,
    *,
    everything: bool,
    candidates: tuple[Ints, Ints] | None,
) -> None:
    """Every limit, by its witness; the first few places where it is broken."""
    pairs = sorted(set(zip(held.i.tolist(), held.j.tolist(), strict=True)))
    blocking = Blocking(world, plain, pairs, everything=everything, candidates=candidates, seed=int(plan.seed))
    made = Made(world, pairs, blocking.of, held.starts)
    for k, limit in enumerate(world.policy.limits):
        for words in islice(LIMITS[type(limit)](limit, made), MOST_SAID):
            findings.add(f"policy.limits[{k}]", f"{type(limit).__name__} is broken: {words}")


def _check_degrees(i: Ints, j: Ints, world: World, findings: Findings) -> None:
    """What people state themselves: capacity and min_load."""
    for side, rows, people in (("mentor", i, world.mentors), ("mentee", j, world.mentees)):
        least, most = world.stated_bounds(people)
        partners = np.bincount(rows, minlength=len(least))
        if ((least <= partners) & (partners <= most)).all():
            continue
        for row in np.flatnonzero(partners > most).tolist():
            count = _counted(int(partners[row]))
            findings.add("pairs", f"{world.where(side, row)} has {count}, more than their capacity of {int(most[row])}")
        for row in np.flatnonzero(partners < least).tolist():
            count = _counted(int(partners[row]))
            findings.add("pairs", f"{world.where(side, row)} has {count}, fewer than the {int(least[row])} asked for")


def _counted(partners: int) -> str:
    return f"{partners} partner{'s' * (partners != 1)}"


def in_points(whole: int, world: World) -> int | float:
    """Whole units in the caller's unit."""
    return whole if world.scale == 1 else float(whole / world.scale)


def check_face_value(plan: Plan, world: World, held: Held | None, findings: Findings) -> None:
    """What the plan shows of itself: pairs, goals, gap and who is unmatched."""
    goals, seen = plan.goals, seen_goals(world)
    values = held.claimed if held is not None else [None] * len(goals)
    for k, (goal, shown, value) in enumerate(zip(world.policy.goals, goals, values, strict=True)):
        wanted = [None if number is None else _shown(seen[k], number, world) for number in (value, plan.bounds[k])]
        if [shown.value, shown.bound] != wanted or shown.name != str(goal):
            said = f"{shown.name} with value {shown.value} and bound {shown.bound}"
            findings.add(f"goals[{k}]", f"expected {goal} with value {wanted[0]} and bound {wanted[1]}, not {said}")
    if (plan.objective, plan.bound) != (goals[-1].value, goals[-1].bound):
        findings.add("objective", "objective and bound are not those of the last goal")
    if held is None:
        return
    gap = _gap(goals)
    if plan.gap != gap:
        findings.add("gap", f"expected {gap}, not {plan.gap}")
    if plan.stopped_by == "gap" and not _within(plan, held):
        findings.add("stopped_by", f"a goal is further from its bound than the gap of {plan.gap_allowed} asked for")
    check_shown_slots(plan, world, findings)
    shown_pairs = [(pair.mentor, pair.mentee, pair.score) for pair in plan.pairs]
    keys_a, keys_b = world.mentors.keys, world.mentees.keys
    own = [
        (keys_a[i], keys_b[j], in_points(score, world))
        for i, j, score in zip(held.i.tolist(), held.j.tolist(), plan.scores.tolist(), strict=True)
    ]
    for p, (shown_pair, pair) in enumerate(zip(shown_pairs, own, strict=False)):
        if shown_pair != pair:
            findings.add(f"pairs[{p}]", "shows other ids or another score than the plan's arrays hold")
    if len(shown_pairs) != len(own):
        findings.add("pairs", f"shows {len(shown_pairs)} pairs, but the plan's arrays hold {len(own)}")
    _check_unmatched("mentor", world.mentors, world.mentor_bounds[1], held.i, plan.unmatched_mentors, findings)
    _check_unmatched("mentee", world.mentees, world.mentee_bounds[1], held.j, plan.unmatched_mentees, findings)


def _shown(goal: Seen, whole: int, world: World) -> int | float:
    return in_points(whole, world) if goal.in_points else goal.shown(whole)


def _check_unmatched(name: str, side: Side, most: Ints, rows: Ints, shown: tuple[str, ...], findings: Findings) -> None:
    alone = most > 0
    alone[rows] = False
    expected = [side.keys[row] for row in side.order[alone[side.order]].tolist()]
    if list(shown) != expected:
        findings.add(f"unmatched_{name}s", f"expected {len(expected)} ids in order; the plan shows {len(shown)}")


def _within(plan: Plan, held: Held) -> bool:
    """Whether every goal is as near to its bound as was asked for, in whole units."""
    pairs = zip(held.claimed, plan.bounds, strict=True)
    return all(bound is not None and bound - value <= plan.gap_allowed * max(1, abs(value)) for value, bound in pairs)


def _gap(goals: tuple[GoalValue, ...]) -> float | None:
    for goal in goals:
        if goal.value is None or goal.bound is None:
            return None
        if goal.value != goal.bound:
            return float(abs(goal.bound - goal.value) / max(1, abs(goal.value)))
    return 0.0
