"""Answers by class of mentee: exactly those that the rule gives pair by pair."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import revmatch as rm
from company import company
from revmatch.policy import masks
from revmatch.policy.masks import Kinds, Mask, distinct, patterns
from revmatch.policy.rules import Rule

R = rm.rules
#: Rules that read one fact of a mentee.
BY_KIND: dict[str, list[Rule]] = {
    "DifferentDepartment": [R.DifferentDepartment()],
    "Different": [R.Different("site"), R.Different("id"), R.Different("hired")],
    "Same": [R.Same("site"), R.Same("department"), R.Same("urgency")],
    "GradeGap": [R.GradeGap(*bounds) for bounds in ((), (2,), (0, 1), (-2, 0), (10**17,), (-(10**17),))],
    "SharedLanguage": [R.SharedLanguage()],
    "TimeZoneGap": [R.TimeZoneGap(0), R.TimeZoneGap(6), R.TimeZoneGap(10**18 - 1)],
    "CommonHours": [
        R.CommonHours(),
        R.CommonHours(90),
        R.CommonHours(45, grid=5),
        R.CommonHours(start="2026-03-02", weeks=4),
    ],
}
#: Rules that read more of a mentee, or of a pair.
PAIR_BY_PAIR: dict[str, Rule] = {
    "OutsideReportingLine": R.OutsideReportingLine(),
    "NotPairedBefore": R.NotPairedBefore(),
    "MinScore": R.MinScore(1),
}


def test_every_rule_has_kinds_or_has_none_on_purpose() -> None:
    assert BY_KIND.keys() | PAIR_BY_PAIR.keys() == Rule.registry.keys()
    sides = company(0, 5, 5).programme([R.OutsideReportingLine()]).sides()
    assert all(rule.mask(sides).by_kind is None for rule in PAIR_BY_PAIR.values())


def whole(mask: Mask, shape: tuple[int, int]) -> np.ndarray[Any, Any]:
    """Every pair, asked one by one."""
    n, m = shape
    asked = mask(np.arange(n)[:, None], np.arange(m)[None, :], np.zeros(shape, dtype=np.int64))
    return np.broadcast_to(asked, shape)


def check(mask: Mask, shape: tuple[int, int]) -> Kinds:
    assert mask.by_kind is not None
    kinds = mask.by_kind()
    for of, count, people in zip(
        (kinds.of_mentor, kinds.of_mentee), (kinds.mentor_kinds, kinds.mentee_kinds), shape, strict=True
    ):
        assert of.shape == (people,)
        assert of.dtype == np.int64
        assert not people or 0 <= of.min() <= of.max() < count
    answers = kinds.allows(np.arange(kinds.mentor_kinds), np.arange(kinds.mentee_kinds))
    assert answers.shape == (kinds.mentee_kinds, kinds.mentor_kinds)
    assert answers.dtype == bool
    assert np.array_equal(answers[kinds.of_mentee[None, :], kinds.of_mentor[:, None]], whole(mask, shape))
    some = np.arange(0, kinds.mentor_kinds, 2), np.arange(0, kinds.mentee_kinds, 3)
    assert np.array_equal(kinds.allows(*some), answers[::3, ::2])
    return kinds


@pytest.mark.parametrize("name", BY_KIND)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), n=st.integers(0, 40), m=st.integers(0, 40))
def test_answers_by_kind_are_those_pair_by_pair(name: str, seed: int, n: int, m: int) -> None:
    made = company(seed, n + 1, m + 1).programme()
    draw = random.Random(seed)
    sides = made.replace(
        mentors=made.mentors.take(draw.sample(range(n + 1), n)), mentees=made.mentees.take(draw.sample(range(m + 1), m))
    ).sides()
    for rule in BY_KIND[name]:
        check(rule.mask(sides), sides.shape)


@pytest.mark.parametrize("name", BY_KIND)
def test_some_pairs_may_and_some_may_not(name: str) -> None:
    sides = company(3, 90, 80).programme().sides()
    told_apart = [len(np.unique(whole(mask, sides.shape))) for mask in (rule.mask(sides) for rule in BY_KIND[name])]
    assert max(told_apart) == 2
    assert check(BY_KIND[name][0].mask(sides), sides.shape).mentee_kinds < 80


def test_grades_that_lie_far_apart() -> None:
    grades = [-(10**18) + 1, 0, 10**18 - 1, None]
    programme = rm.Programme(
        [{"id": f"a{k}", "grade": g} for k, g in enumerate(grades)],
        [{"id": f"z{k}", "grade": g} for k, g in enumerate(grades)],
        rm.Policy([R.GradeGap()]),
    )
    mask = programme.policy.rules[0].mask(programme.sides())
    assert check(mask, (4, 4)).mentee_kinds == 4


def test_many_kinds_are_worked_out_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masks, "MOST_ANSWERS", 0)
    sides = company(0, 30, 60).programme().sides()
    check(R.CommonHours().mask(sides), sides.shape)


def test_too_many_different_hours_have_no_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    sides = company(0, 30, 60).programme().sides()
    count = check(R.CommonHours().mask(sides), sides.shape).mentee_kinds
    assert count > 2
    monkeypatch.setattr(masks, "MOST_KINDS", count - 1)
    assert R.CommonHours().mask(sides).by_kind is None
    monkeypatch.setattr(masks, "MOST_KINDS", count)
    assert R.CommonHours().mask(sides).by_kind is not None


values = st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-4, 9), max_size=30)


@given(values)
def test_distinct_values_are_numbered_in_their_order(listed: list[int]) -> None:
    array = np.array(listed, dtype=np.int64)
    known, number = distinct(array)
    assert known.tolist() == sorted(set(listed))
    assert known[number].tolist() == listed
    assert known.dtype == number.dtype == np.int64


@given(st.lists(st.tuples(*[st.sampled_from([0, 1, 2**63, 2**64 - 1])] * 3), max_size=20))
def test_patterns_are_numbered(columns: list[tuple[int, ...]]) -> None:
    bits = np.array(columns, dtype=np.uint64).reshape(-1, 3).T
    number, first = patterns(bits)
    assert len(first) == len(set(columns))
    assert [columns[k] for k in first[number].tolist()] == columns
