"""Limits and goals as data, held against the oracle: rows, numbers of partners and values mean the same.

Any set of pairs that is within everybody's bounds will do, good or bad.
"""

from __future__ import annotations

import functools
import random
from typing import Any, NamedTuple

import numpy as np
import pytest

import revmatch as rm
import strategies_limits
from bridge import programme_of
from oracle import Case, Facts, Pairs, legal_sets
from oracle_limits import goal_shown, goal_value, limit_test

RECIPES = ("limits_case", "tight_limits_case", "goals_case")


def some_sets(facts: Facts, pairs: Pairs, seed: int) -> list[list[tuple[str, str]]]:
    """Some sets of pairs that are within everybody's bounds."""
    found = list(legal_sets(facts, pairs))
    return random.Random(seed).sample(found, min(len(found), 25))


class Drawn(NamedTuple):
    """A programme, the oracle's reading of it, and some sets of pairs by id and by position."""

    note: str
    case: Case
    facts: Facts
    pairs: Pairs
    programme: rm.Programme
    sides: Any
    sets: list[tuple[list[tuple[str, str]], Any, Any]]


@functools.cache
def drawn(recipe: str) -> list[Drawn]:
    """The programmes that are taken; all tests look at the same ones."""
    found = []
    for seed, case in strategies_limits.taken(recipe, range(60)):
        facts, programme = Facts(case), programme_of(case)
        pairs = facts.open_pairs()
        sets = [(chosen, *positions(programme, chosen)) for chosen in some_sets(facts, pairs, seed)]
        found.append(Drawn(f"{recipe} {seed}", case, facts, pairs, programme, programme.sides(), sets))
    return found


def positions(programme: rm.Programme, chosen: list[tuple[str, str]]) -> tuple[Any, Any]:
    mentors, mentees = [mentor for mentor, _ in chosen], [mentee for _, mentee in chosen]
    return programme.mentors.index(mentors), programme.mentees.index(mentees)


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
    for at in drawn(recipe):
        for (name, params), limit in zip(at.case.limits, at.programme.policy.limits, strict=True):
            if name == "Stable":  # neither rows nor numbers
                continue
            keeps = limit_test(name, params, at.facts, at.pairs)
            for chosen, i, j in at.sets:
                kept = keeps_rows(limit, at.sides, i, j) and keeps_numbers(limit, at.sides, i, j)
                assert kept == keeps(chosen), (at.note, chosen, str(limit))
                seen.add((name, kept))
    assert len(seen) >= (15 if recipe != "goals_case" else 0)


@pytest.mark.parametrize("recipe", RECIPES)
def test_goals_mean_what_the_oracle_says(recipe: str) -> None:
    for at in drawn(recipe):
        scale = at.programme.policy.score.scale
        for goal, said in zip(at.programme.policy.goals, at.case.goals, strict=True):
            for chosen, i, j in at.sets:
                score = np.array([int(at.pairs[pair] * scale) for pair in chosen], dtype=np.int64)
                reached = goal_value(said, at.facts, chosen, at.pairs)
                value = goal.value(at.sides, i, j, score)
                if goal.in_score_units:
                    assert value == reached * scale, (at.note, chosen, str(goal))
                else:
                    assert goal.shown(value, at.sides) == goal_shown(said, at.facts, reached), (at.note, chosen)


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_rows_of_a_balance_hold_just_where_the_gap_is_no_larger(recipe: str) -> None:
    for at in drawn(recipe):
        for goal in at.programme.policy.goals:
            if goal.name != "Balance":
                continue
            for chosen, i, j in at.sets:
                value = goal.value(at.sides, i, j, np.zeros(len(i), dtype=np.int64))
                for asked in (value, value + 1, value - 1):
                    gaps = goal.at_least(at.sides, asked)
                    holds = gaps is not None and keeps_gaps(gaps, i, j)
                    assert holds == (asked <= value), (at.note, chosen, str(goal), asked)


def keeps_gaps(gaps: Any, i: Any, j: Any) -> bool:
    everybody = [*gaps.mentor_group[np.unique(i)].tolist(), *gaps.mentee_group[np.unique(j)].tolist()]
    rows = zip(gaps.first, gaps.second, gaps.plus, gaps.minus, gaps.at_most, strict=True)
    return all(plus * everybody.count(a) - minus * everybody.count(b) <= most for a, b, plus, minus, most in rows)
