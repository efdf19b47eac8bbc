"""Limits and goals as data, held against the oracle: rows, numbers of partners and values mean the same.

Any set of pairs that is within everybody's bounds will do, good or bad.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import strategies_limits
from bridge import programme_of
from oracle import Case, Facts, legal_sets
from oracle_limits import goal_shown, goal_value, limit_test
from strategies import seeded

RECIPES = ("limits_case", "tight_limits_case", "goals_case")


def some_sets(case: Case, seed: int) -> list[list[tuple[str, str]]]:
    """Some sets of pairs that are within everybody's bounds."""
    facts = Facts(case)
    found = list(legal_sets(facts, facts.open_pairs()))
    return random.Random(seed).sample(found, min(len(found), 25))


def drawn(recipe: str) -> Any:
    """Programmes that are taken, each with some sets of pairs by position."""
    for seed in range(60):
        case = getattr(strategies_limits, recipe)(seeded(seed))
        if strategies_limits.refused(case):
            continue
        programme = programme_of(case)
        for chosen in some_sets(case, seed):
            i = programme.mentors.index([mentor for mentor, _ in chosen])
            j = programme.mentees.index([mentee for _, mentee in chosen])
            yield f"{recipe} {seed} {chosen}", case, programme, chosen, i, j


def keeps_rows(limit: Any, sides: Any, i: Any, j: Any) -> bool:
    for form in limit.rows(sides):
        _, row, counts = form.entries(i, j)
        at = np.searchsorted(np.arange(form.rows), row)
        total = np.zeros(form.rows, dtype=np.int64)
        np.add.at(total, at, counts)
        if (total > form.bound(np.arange(form.rows))).any():
            return False
    return True


def keeps_numbers(limit: Any, sides: Any, i: Any, j: Any) -> bool:
    for side, who in (("mentor", i), ("mentee", j)):
        people = sides.of(side)
        count = np.bincount(who, minlength=len(people))
        if (count < limit.least_partners(side))[people.capacity > 0].any():
            return False
        low, high = limit.partners(side) or (0, len(i))
        if ((count > 0) & ((count < low) | (count > high))).any():
            return False
    return True


@pytest.mark.parametrize("recipe", RECIPES)
def test_limits_mean_what_the_oracle_says(recipe: str) -> None:
    seen = set()
    for note, case, programme, chosen, i, j in drawn(recipe):
        facts, sides = Facts(case), programme.sides()
        pairs = facts.open_pairs()
        for (name, params), limit in zip(case.limits, programme.policy.limits, strict=True):
            if name != "Stable":  # neither rows nor numbers
                kept = keeps_rows(limit, sides, i, j) and keeps_numbers(limit, sides, i, j)
                assert kept == limit_test(name, params, facts, pairs)(chosen), (note, str(limit))
                seen.add((name, kept))
    assert len(seen) >= (15 if recipe != "goals_case" else 0)


@pytest.mark.parametrize("recipe", RECIPES)
def test_goals_mean_what_the_oracle_says(recipe: str) -> None:
    for note, case, programme, chosen, i, j in drawn(recipe):
        facts, sides = Facts(case), programme.sides()
        pairs, scale = facts.open_pairs(), programme.policy.score.scale
        score = np.array([int(pairs[pair] * scale) for pair in chosen], dtype=np.int64)
        for goal, said in zip(programme.policy.goals, case.goals, strict=True):
            reached = goal_value(said, facts, chosen, pairs)
            value = goal.value(sides, i, j, score)
            if goal.in_score_units:
                assert value == reached * scale, (note, str(goal))
            else:
                assert goal.shown(value, sides) == goal_shown(said, facts, reached), (note, str(goal))


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_rows_of_a_balance_hold_just_where_the_gap_is_no_larger(recipe: str) -> None:
    for note, _case, programme, _chosen, i, j in drawn(recipe):
        sides = programme.sides()
        for goal in programme.policy.goals:
            if goal.name != "Balance":
                continue
            value = goal.value(sides, i, j, np.zeros(len(i), dtype=np.int64))
            for asked in (value, value + 1, value - 1):
                gaps = goal.at_least(sides, asked)
                holds = gaps is not None and keeps_gaps(gaps, i, j)
                assert holds == (asked <= value), (note, str(goal), asked)


def keeps_gaps(gaps: Any, i: Any, j: Any) -> bool:
    everybody = [*gaps.mentor_group[np.unique(i)].tolist(), *gaps.mentee_group[np.unique(j)].tolist()]
    rows = zip(gaps.first, gaps.second, gaps.plus, gaps.minus, gaps.at_most, strict=True)
    return all(plus * everybody.count(a) - minus * everybody.count(b) <= most for a, b, plus, minus, most in rows)
