"""What check says of limits and goals: what they make of cells that are not stated, and which of them do nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from revmatch.explain.private import Private
from revmatch.people.people import People
from revmatch.policy.goals import Balance, Coverage, Goal, LeastChange, Pairs, WorstOff
from revmatch.policy.limits import CoMentorsDifferent, DepartmentPair, EveryoneMatched, Limit, Quota, Stable
from revmatch.policy.sides import Bools, Side
from revmatch.programme import Programme, positions

SIDES: tuple[Side, Side] = ("mentor", "mentee")


def taken_for(programme: Programme) -> Iterator[tuple[str, str, set[Side]]]:
    """Columns that limits and goals read, what a blank cell is taken for, and whose cells are read."""
    words: dict[tuple[str, str], set[Side]] = {}
    asked: tuple[Limit | Goal, ...] = (*programme.policy.limits, *programme.policy.goals)
    for one in asked:
        said = {
            DepartmentPair: "counted by no DepartmentPair",
            Quota: "in no group of a Quota",
            CoMentorsDifferent: "so sharing a mentee with nobody",
            Balance: "in no group of Balance",
        }.get(type(one))
        if isinstance(one, Stable) and one.by == "choices":
            said = "so liking everybody the same"
        for side, columns in one.columns().items() if said else ():
            for column in columns:
                words.setdefault((column, f"{column} not stated, {said}"), set()).add(side)
    for (column, text), sides in words.items():
        yield column, text, sides


def without_effect(programme: Programme, private: Private) -> Iterator[str]:
    """Goals that have nothing to compare, and a plan before this one of which nothing can be kept."""
    keeps = any(isinstance(goal, LeastChange) for goal in programme.policy.goals)
    before = len(programme.previous)
    if keeps and not before:
        yield "The goal LeastChange has no plan to keep to: give previous=, the plan before this one."
    if before and not keeps:
        yield "previous= is given, but no goal looks at it: LeastChange does."
    if keeps and before:
        gone = before - len(positions(programme.mentors, programme.mentees, programme.previous)[0])
        if gone:
            lost = f"{gone:,} of {before:,} pairs of the plan before {'is' if gone == 1 else 'are'} lost already"
            hint = " Are its pairs written as (mentor, mentee)?" if gone == before else ""
            yield f"{lost}: not both people are here.{hint}"
    for goal in programme.policy.goals:
        if not isinstance(goal, Balance) or private.column(goal.column):
            continue
        if len(goal.groups(programme.sides())[2]) < 2:
            yield f"{goal} compares nothing: there are not two groups."


def leaving_out(programme: Programme) -> Iterator[str]:
    """`WorstOff` where nothing before it counts mentees: whoever would be worst off need not be matched."""
    policy = programme.policy
    if WorstOff() not in policy.goals or EveryoneMatched("mentee") in policy.limits:
        return
    before = policy.goals[: policy.goals.index(WorstOff())]
    if any(isinstance(goal, Coverage) and goal.side != "mentor" for goal in before):
        return
    (_, of_mentors), (least, most) = (programme.numbers(side) for side in SIDES)
    # where mentees have one place each, pairs are mentees; and so are mentors where these have one too
    single = most.max(initial=0) <= 1 and (Pairs() in before or of_mentors.max(initial=0) <= 1)
    if not single and ((least == 0) & (most > 0)).any():
        yield (
            "Nothing before WorstOff counts mentees: whoever would be worst off can be left out, and others have their "
            "mentors. Put Coverage(mentee) before it, or the limit EveryoneMatched(mentee) beside it."
        )


def blank(people: People, column: str) -> Bools:
    """Who takes part and has not stated a column."""
    missing = people.missing(column) if column in people else np.ones(len(people), dtype=np.bool_)
    return np.asarray(missing & (people.capacity > 0))
