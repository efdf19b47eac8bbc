"""Whatever stands in a plan or its certificate, the checker answers; it never raises. And it doubts itself."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import revmatch as rm
from certify.maker import prove
from certify.test_corruption import CASE, PLAN, change, forged, problems, with_record
from certify.test_verify import best_plan
from revmatch.certificate import Certificate, GoalCertificate, RowPrice
from revmatch.certify import bulk, bulk_scores, sources, witness_rules
from revmatch.certify.bulk import Allowed
from revmatch.certify.bulk_scores import Points
from revmatch.certify.verify import verify
from revmatch.plan import Plan, Status

GARBAGE = (None, "x", -1, 1.5, float("nan"), [], {}, object(), (1, "a"), np.zeros(3), np.array(["a"]), 1 << 80)


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Plan) if field.name != "programme"])
def test_a_plan(field: str) -> None:
    read = field not in ("seconds", "route", "ties", "_cache")
    for garbage in GARBAGE:
        plan = forged(PLAN, **{field: garbage, "_cache": {}})
        fine = (field in ("stopped_by", "slots") and garbage is None) or (field == "seed" and isinstance(garbage, int))
        for pairs in ("all", "candidates"):
            assert verify(plan, pairs=pairs).ok == (fine or not read)


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(GoalCertificate)])
@pytest.mark.parametrize("k", range(3))
def test_a_record(field: str, k: int) -> None:
    for garbage in GARBAGE:
        records = list(PLAN.certificate.records)
        records[k] = forged(records[k], **{field: garbage})
        for pairs in ("all", "candidates"):
            assert not verify(change(PLAN, certificate=Certificate(tuple(records))), pairs=pairs).ok


def test_records() -> None:
    for garbage in GARBAGE:
        assert not verify(change(PLAN, certificate=Certificate((garbage,) * 3))).ok


# --- the checker against itself ---------------------------------------------------------------------------------------


def test_a_declaration_without_a_witness(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(witness_rules.RULES, rm.rules.GradeGap)
    assert problems(PLAN) == ["policy.rules[1]: GradeGap has no witness, so nothing can be checked"]


@pytest.fixture
def read_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a few pairs are read by the witnesses alone."""
    monkeypatch.setattr(sources, "PLAINLY", -1)
    assert verify(PLAN).proven


def test_a_fast_reading_that_allows_too_much(read_fast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = Allowed(lambda i, j, worth: np.ones(np.broadcast_shapes(i.shape, j.shape), dtype=bool))
    monkeypatch.setitem(bulk.RULES, rm.rules.GradeGap, lambda rule, world: everything)
    assert any("the bulk reading says eligible, the witnesses do not" in problem for problem in problems(PLAN))


def test_a_fast_reading_that_allows_too_little(read_fast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = Allowed(lambda i, j, worth: np.zeros(np.broadcast_shapes(i.shape, j.shape), dtype=bool))
    monkeypatch.setitem(bulk.RULES, rm.rules.GradeGap, lambda rule, world: nothing)
    assert any("the bulk reading says not eligible, the witnesses do not" in problem for problem in problems(PLAN))


def test_a_fast_reading_that_finds_other_scores(read_fast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def one_more(term: Any, world: Any) -> Points:
        right = bulk_scores._skill_gap(term, world)
        return dataclasses.replace(right, pairs=lambda i, j: right.pairs(i, j) + 1)

    monkeypatch.setitem(bulk_scores.SCORES, rm.score.SkillGap, one_more)
    assert any("bulk reading and witnesses find different scores" in problem for problem in problems(PLAN))


# --- rows and words ---------------------------------------------------------------------------------------------------


def test_a_row_may_be_priced_below_zero_only_where_it_is_tight() -> None:
    people = ({"id": "a|x", "site": "A"}, {"id": "b", "site": "B"})
    case = dataclasses.replace(
        CASE, mentors=people, mentees=people, rules=(), limits=(), pins=(), bans=(), dual_role=True
    )
    case = dataclasses.replace(
        case, score=((1, "Same", {"column": "site"}),), goals=(("Pairs", {}), ("TotalScore", {}))
    )
    plan = prove(case, 2, values=(1, 0), chosen=[("a|x", "b")])
    name = "one_direction:a|x|b"
    loose = with_record(0, plan, rows=(RowPrice(name, -2),))
    assert any(f"the row '{name}' may not have a price below 0" in problem for problem in problems(loose))
    zero = np.zeros(2, dtype=np.int64)
    tight = (
        GoalCertificate("Pairs", zero, zero, (RowPrice(name, 1),), 1, 1),  # 1 + two brackets of 1 - 1
        GoalCertificate("TotalScore", zero, zero, (RowPrice(name, 0),), 1, 0),
    )
    assert verify(change(plan, certificate=Certificate(tight))).proven
    ones = np.ones(2, dtype=np.int64)
    lower = GoalCertificate(
        "TotalScore", ones, zero, (RowPrice(name, -1),), 1, 1
    )  # -1 + two people of 1 + brackets of 0
    bounds = (plan.bounds[0], 1)
    priced = change(plan, certificate=Certificate((tight[0], lower)), bounds=bounds, status=Status.FEASIBLE, proof=None)
    assert verify(priced).ok


def test_a_row_that_keeps_a_value_which_there_is_not() -> None:
    _, plan = best_plan((4, 3), goals=(("Pairs", {}), ("TotalScore", {})))
    none = np.zeros(0, dtype=np.int64)
    empty = {"mentor_rows": none, "mentee_rows": none, "scores": none, "proof": None, "bounds": (plan.bounds[0], 0)}
    lost = with_record(1, change(plan, status=Status.NOT_FOUND, **empty), rows=(RowPrice("goal:0", 1),))
    assert any("keeps a value that the plan does not have" in problem for problem in problems(lost))


def test_an_engine_may_not_claim_more_than_the_prices() -> None:
    _, plan = best_plan((4, 3), goals=(("TotalScore", {}),))
    assert plan.bounds[0] is not None
    more = change(plan, proof="engine", bounds=(plan.bounds[0] + 1,))
    assert (
        problems(more)[0]
        == f"goals[0].bound: claims {more.bounds[0]}, above the {plan.bounds[0]} that the certificate gives"
    )


def test_a_hundred_problems_are_enough() -> None:
    n = 150
    wrong = change(
        PLAN, mentor_rows=np.full(n, 99), mentee_rows=np.zeros(n, dtype=np.int64), scores=np.zeros(n, dtype=np.int64)
    )
    found = verify(wrong)
    assert len(found.problems) == 100
    assert found.more
    assert str(found).startswith("the first 100 problems")


def test_the_gap_of_a_plan_without_bounds() -> None:
    _, plan = best_plan((4, 3), goals=(("TotalScore", {}),))
    bare = change(
        plan, status=Status.FEASIBLE, proof=None, stopped_by="time", bounds=(None,), certificate=Certificate(())
    )
    assert verify(bare).ok
    assert bare.gap is None
