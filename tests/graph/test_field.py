"""Looks at all pairs, in both directions and both ways, against every pair written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import revmatch as rm
from company import company
from grids import daily
from revmatch.graph import field
from revmatch.graph.ask import Ask, Flat, Sum
from revmatch.graph.field import Field
from revmatch.graph.found import FAR
from revmatch.graph.hands import Hands
from revmatch.graph.numbering import number
from revmatch.graph.tiles import Looker, Tile, looker
from revmatch.policy.sides import Side

SCORES = [
    "5 * SkillGap + 2 * Different(department)",
    "SkillGap(per=need) + 300 * Same(site)",
    "3 * SkillGap(direction=both) - 4 * Same(department) + 2 * RareSkill",
    "7 * Distance(grade, 3) - 2 * SkillGap + Shared(languages)",
    "2 * Different(site) - 5 * Different(department)",
    "SkillGap + 9 * Choice + Priority(level, mentor)",
]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("SHORTEST", 8), ("BY_NUMBER", 16), ("TILE", 256), ("FIRST", (8, 32)), ("LACKING", 16)):
        monkeypatch.setattr(field, name, value)


def programme(score: str) -> rm.Programme:
    given = company(3, 90, 40)
    for k, cells in enumerate((*given.mentors, *given.mentees)):
        cells["capacity"] = str(0 if k % 11 == 0 else 1)
        cells["level"] = str(k % 9 - 3)
        cells["choices"] = given.mentors[k % 90]["id"] if k >= 90 else ""
    made = given.programme(["DifferentDepartment", "OutsideReportingLine", "GradeGap", "SharedLanguage"], score)
    ids = made.mentors.ids.tolist(), made.mentees.ids.tolist()
    return made.replace(bans=[(ids[0][k], ids[1][(3 * k) % 40]) for k in range(30)])


def fields(score: str) -> list[tuple[Field, Any, Any]]:
    """The same programme looked at in all ways, with every score and who may meet."""
    at = looker(number(programme(score), 0))
    scores, may = Looker.eligible(at, Tile(slice(0, at.shape[0]), slice(0, at.shape[1])))
    return [(Field(at, Hands(), rows, lambda done, of: None), scores, may) for rows in ("mentee", "mentor")]


@pytest.mark.parametrize("seed", daily(1, range(3)))
@pytest.mark.parametrize("dearer", [0.0, 1e9])
@pytest.mark.parametrize("score", SCORES)
def test_a_look_lists_what_is_asked_for(score: str, dearer: float, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(field, "DEARER", dearer)
    rng = np.random.default_rng(seed)
    for at, scores, may in fields(score):
        n, m = scores.shape
        assert (at.bits is None) == (dearer == 0.0)
        for _ in range(2):
            spread = max(1, int(np.abs(scores).max()))
            low = Sum(rng.integers(-spread, spread + 1, n), rng.integers(-2, spread // 2 + 2, m))
            flat = Flat(Sum(rng.integers(0, 2, n), rng.integers(0, 2, m)), 1, equal=bool(rng.integers(0, 2)))
            for ask in (Ask(low), Ask(low, (flat,)), Ask(None, (flat,), goal_is_score=False)):
                found = at.look(ask, 10**6)
                i, j = np.divmod(np.arange(n * m), m)
                expected = may.ravel() & ask.holds(i, j, scores.ravel())
                assert np.array_equal(np.sort(found.mentor * m + found.mentee), np.flatnonzero(expected))
                assert (found.score == scores[found.mentor, found.mentee]).all()
                assert not found.rows_beyond.any()


@pytest.mark.parametrize("score", SCORES)
def test_what_is_not_listed_is_counted(score: str) -> None:
    """Where a look lists a few pairs of a row only, it says at most how much all of them come to."""
    for at, scores, _ in fields(score):
        n, m = scores.shape
        low = Sum(np.zeros(n, dtype=np.int64), np.zeros(m, dtype=np.int64))
        for near in (0, 3):
            ask = Ask(Sum(low.mentor - near, low.mentee), near=near)
            few, every = at.look(ask, 1), at.look(ask, 10**6)
            row = every.mentee if at.rows == "mentee" else every.mentor
            beyond = few.rows_beyond[row]
            listed_sum = np.maximum(few.score, 0).sum()
            assert few.beyond.sum() + listed_sum >= np.maximum(every.score, 0).sum()
            listed = set((few.mentor * m + few.mentee).tolist())
            rest = set((every.mentor * m + every.mentee)[~beyond].tolist())
            assert rest <= listed


@pytest.mark.parametrize("dearer", [0.0, 1e9])
@pytest.mark.parametrize("most", [1, 5, 100])
@pytest.mark.parametrize("score", SCORES[:2])
def test_the_best_of_everybody(score: str, most: int, dearer: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """With rules that all go by kind the best are found; lists of others may be shorter, never wrong."""
    monkeypatch.setattr(field, "DEARER", dearer)
    for at, scores, may in fields(score):
        found = at.best(most)
        assert may[found.mentor, found.mentee].all()
        assert (found.score == scores[found.mentor, found.mentee]).all()
        row = found.mentee if at.rows == "mentee" else found.mentor
        key = found.mentor * scores.shape[1] + found.mentee
        assert len(np.unique(key)) == len(key)
        possible = may.sum(axis=0 if at.rows == "mentee" else 1)
        assert (np.bincount(row, minlength=len(possible)) > 0)[possible > 0].mean() > 0.9


@pytest.mark.parametrize("dearer", [0.0, 1e9])
@pytest.mark.parametrize("most", [1, 5, 100])
@pytest.mark.parametrize("score", SCORES)
def test_what_the_best_leave_out_is_covered(
    score: str, most: int, dearer: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No pair that was not found scores more than is said, and a later look owes such rows nothing."""
    monkeypatch.setattr(field, "DEARER", dearer)
    for at, scores, may in fields(score):
        n, m = scores.shape
        found = at.best(most)
        left = np.where(may, scores, -FAR)
        left[found.mentor, found.mentee] = -FAR
        if at.rows == "mentor":
            left = left.T
        assert (left.max(axis=0) <= at.covered).all()
        assert (at.covered < FAR).all()
        low = Sum(np.zeros(n, dtype=np.int64), np.zeros(m, dtype=np.int64))
        row, _ = low.turned(at.rows)
        row += at.covered - 1
        again = at.look(Ask(low), 10**6)
        expected = (left > row) & (left > -FAR)
        listed = np.zeros_like(expected)
        listed[(again.mentor, again.mentee) if at.rows == "mentee" else (again.mentee, again.mentor)] = True
        assert (listed | ~expected).all()
        row += 1
        seen = at.seen
        assert not len(at.look(Ask(low), 10**6)) or at._listed_pairs is not None
        assert at.seen == seen


@pytest.mark.parametrize("rows", ["mentee", "mentor"])
@pytest.mark.parametrize("dearer", [0.0, 1e9])
def test_the_best_may_all_be_ruled_out(rows: Side, dearer: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a look lists only pairs that are banned one by one, the row's other pairs are not taken for known."""
    monkeypatch.setattr(field, "DEARER", dearer)
    made = programme(SCORES[0])
    numbered = number(made.replace(bans=[]), 0)
    scores, may = looker(numbered).eligible(Tile(slice(0, 90), slice(0, 40)))
    ids = [side.ids.tolist() for side in (numbered.sides.mentors, numbered.sides.mentees)]
    value = np.where(may, scores, -1) if rows == "mentee" else np.where(may, scores, -1).T
    top = np.argsort(-value, axis=0, kind="stable")[:8]
    pairs = [(r, c) if rows == "mentee" else (c, r) for c in range(top.shape[1]) for r in top[:, c].tolist()]
    banned = made.replace(bans=[(ids[0][i], ids[1][j]) for i, j in pairs])
    at = Field(looker(number(banned, 0)), Hands(), rows, lambda done, of: None)
    monkeypatch.setattr(Field, "_allowed_share", 1.0)
    monkeypatch.setattr(field, "FIRST", (32, 64))
    found = at.best(1)
    for i, j in pairs:
        may[i, j] = False
    may[found.mentor, found.mentee] = False
    left = np.where(may, scores, -FAR)
    assert (left.max(axis=0 if rows == "mentee" else 1) <= at.covered).all()


@pytest.mark.parametrize("score", SCORES)
def test_no_pair_of_a_row_scores_more_than_is_said(score: str) -> None:
    for at, scores, _ in fields(score):
        assert (scores.max(axis=0 if at.rows == "mentee" else 1) <= at.most_of_row).all()
