"""Whatever is changed in a proven plan, the checker says exactly what is wrong."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import revmatch as rm
import strategies
from certify.maker import Maker, exact, plan_of, prove
from certify.test_verify import best_plan, tiny
from grids import daily
from oracle import Case, solve
from revmatch.certificate import Certificate, GoalCertificate, RowPrice
from revmatch.certify.verify import verify
from revmatch.plan import GoalValue, Plan, Status

# --- one plan with everything in it -----------------------------------------------------------------------------------


def person(key: str, department: str, grade: int, skills: str = "", **more: Any) -> dict[str, Any]:
    column = "offers" if key[0] == "j" else "wants"
    return {"id": key, "department": department, "grade": grade, column: skills, "capacity": 1, **more}


CASE = Case(
    mentors=(
        person("j1", "IT", 1, "sql:5;ai:3", capacity=2, min_load=1),
        person("j2", "IT", 2, "ai:5"),
        person("j3", "HR", 1, "sql:2", avoid="s3"),
        person("j4", "HR", 3, "law:4"),
        person("j5", "Ops", 1, "law:5;sql:4"),
        person("j6", "Ops", 1, "", capacity=0),
    ),
    mentees=(
        person("s1", "HR", 6, "sql:4;ai:2", capacity=2, min_load=1),
        person("s2", "IT", 7, "law:5"),
        person("s3", "Ops", 8, "ai:5;sql:1"),
        person("s4", "Law", 3, "law:3;sql:3"),
    ),
    rules=(("DifferentDepartment", {}), ("GradeGap", {"at_least": 2})),
    score=((5, "SkillGap", {}), (-1, "Distance", {"column": "grade", "at_most": 9})),
    limits=(("EveryoneMatched", {"side": "mentee"}),),
    goals=(("Coverage", {}), ("Pairs", {}), ("TotalScore", {})),
    pins=(("j3", "s1", ("DifferentDepartment",)),),
    bans=(("j5", "s1"),),
)
PLAN = prove(CASE)


HELD = [(0, 0), (1, 2), (2, 0), (3, 1), (4, 3)]


def test_the_plan_itself_holds() -> None:
    assert [(pair.mentor, pair.mentee) for pair in PLAN.pairs] == [(f"j{i + 1}", f"s{j + 1}") for i, j in HELD]
    assert verify(PLAN).proven
    assert list(tiny(CASE, PLAN)) == list(PLAN.bounds)


def change(plan: Plan, **changes: Any) -> Plan:
    return dataclasses.replace(plan, **changes, _cache={})


def forged(real: Any, **changes: Any) -> Any:
    """The same with some fields changed: not even its own constructor would take some of these."""
    made = object.__new__(type(real))
    for field in dataclasses.fields(real):
        object.__setattr__(made, field.name, changes.get(field.name, getattr(real, field.name)))
    return made


def with_pairs(*pairs: tuple[int, int]) -> Plan:
    """The plan with these pairs (by number) and the scores that they have."""
    i, j = (np.array(part, dtype=np.int64) for part in zip(*pairs, strict=True))
    facts = Maker(CASE).facts
    scores = [int(facts.worth(f"j{a + 1}", f"s{b + 1}") or 0) for a, b in pairs]
    return change(PLAN, mentor_rows=i, mentee_rows=j, scores=np.array(scores, dtype=np.int64))


def with_record(k: int, plan: Plan = PLAN, **changes: Any) -> Plan:
    records = list(plan.certificate.records)
    records[k] = dataclasses.replace(records[k], **changes)
    return change(plan, certificate=Certificate(tuple(records)))


def problems(plan: Any, **options: Any) -> list[str]:
    found = verify(plan, **options)
    assert not found.proven
    assert all(problem.code == "RM900" for problem in found.problems)
    return [f"{problem.place}: {problem.expected}" for problem in found.problems]


MENTOR, MENTEE = "the mentor in row", "the mentee in row"


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        # a pair swapped for one that a rule, a ban, a wish forbids
        ([(0, 0), (1, 1), (2, 0), (3, 2), (4, 3)], [f"pairs[1]: {MENTOR} 2 and {MENTEE} 2 may not meet: forbidden by"]),
        ([(0, 0), (1, 2), (2, 0), (3, 3), (4, 1)], [f"pairs[3]: {MENTOR} 4 and {MENTEE} 4 may not meet: forbidden by"]),
        ([(0, 3), (1, 2), (2, 0), (3, 1), (4, 0)], [f"pairs[4]: {MENTOR} 5 and {MENTEE} 1 may not meet: a ban"]),
        ([(0, 0), (1, 0), (2, 2), (3, 1), (4, 3)], [f"pairs[2]: {MENTOR} 3 and {MENTEE} 3 may not meet: ruled out"]),
        # too many, too few
        ([(0, 0), (0, 2), (0, 3), (2, 0), (3, 1)], [f"pairs: {MENTOR} 1 has 3 partners, more than their capacity"]),
        ([(0, 0), (1, 2), (2, 0), (4, 3), (5, 1)], [f"pairs: {MENTOR} 6 has 1 partner, more than their capacity"]),
        ([(1, 2), (2, 0), (3, 1), (4, 3)], [f"pairs: {MENTOR} 1 has 0 partners, fewer than the 1 asked for"]),
        ([(0, 0), (1, 2), (2, 0), (4, 3)], [f"policy.limits[0]: EveryoneMatched is broken: {MENTEE} 2 has no partner"]),
        # the pin is not held
        ([(0, 0), (1, 2), (3, 1), (4, 3)], [f"pairs: pins[0], {MENTOR} 3 and {MENTEE} 1, must be in the plan and is"]),
        # twice, out of order
        ([(0, 0), (1, 2), (1, 2), (2, 0), (3, 1), (4, 3)], [f"pairs: {MENTOR} 2 and {MENTEE} 3 are held 2 times"]),
        ([(1, 2), (0, 0), (2, 0), (3, 1), (4, 3)], ["pairs[1]: pairs are not in the order of ids"]),
        # legal, but not the best
        ([(0, 0), (0, 2), (2, 0), (3, 1), (4, 3)], ["status: OPTIMAL, though goals[0] has value 8 and bound 9"]),
        ([(0, 2), (1, 0), (2, 0), (3, 1), (4, 3)], ["status: OPTIMAL, though goals[2] has value 68 and bound 93"]),
    ],
)  # fmt: skip
def test_pairs(pairs: list[tuple[int, int]], expected: list[str]) -> None:
    found = problems(with_pairs(*pairs))
    for words in expected:
        assert any(words in problem for problem in found), found


def test_only_the_named_rule_may_be_broken_by_a_pin() -> None:
    pin = dataclasses.replace(PLAN.programme.pins[0], despite=())
    programme = object.__new__(type(PLAN.programme))
    for name in type(PLAN.programme).__slots__:
        object.__setattr__(programme, name, getattr(PLAN.programme, name))
    object.__setattr__(programme, "pins", (pin,))
    found = problems(change(PLAN, programme=programme))
    assert found == [f"pairs[2]: {MENTOR} 3 and {MENTEE} 1 may not meet: forbidden by DifferentDepartment"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"mentor_rows": np.array([0, 0, 1, 2, 9])}, "pairs[4]: there is no mentor at position 9: the programme has 6"),
        (
            {"mentee_rows": np.array([0, 3, 2, 0, -1])},
            "pairs[4]: there is no mentee at position -1: the programme has 4",
        ),
        ({"mentor_rows": np.array([0, 0, 1, 2])}, "pairs: 4 mentors, 5 mentees and 5 scores do not make pairs"),
        ({"mentor_rows": np.array([0.0, 0, 1, 2, 4])}, "mentor_rows: expected an array of whole numbers"),
        ({"scores": np.zeros((5, 1), dtype=np.int64)}, "scores: expected an array of whole numbers"),
        ({"bounds": PLAN.bounds[:2]}, "bounds: expected 3 bounds, one a goal"),
        ({"bounds": (*PLAN.bounds[:2], 7.5)}, "goals[2].bound: expected a whole number of units or None, not 7.5"),
        ({"bounds": (True, *PLAN.bounds[1:])}, "goals[0].bound: expected a whole number of units or None, not True"),
        ({"status": "BEST"}, "status: there is no status 'BEST'"),
        ({"proof": "magic"}, "proof: there is no proof 'magic'"),
        ({"proof": None}, "proof: OPTIMAL needs a proof, and none is claimed"),
        ({"stopped_by": "time"}, "stopped_by: OPTIMAL is the end of the search, and yet it was stopped"),
        ({"certificate": Certificate([])}, "certificate.records: expected a tuple of records"),  # type: ignore[arg-type]
        (
            {"certificate": Certificate(PLAN.certificate.records * 2)},
            "certificate.records: holds 6 records, more than there are goals (3)",
        ),
        (
            {"certificate": Certificate(PLAN.certificate.records[:2])},
            f"goals[2].bound: claims {PLAN.bounds[2]}, but the certificate has no record of this goal",
        ),
        (
            {"certificate": Certificate(PLAN.certificate.records[::-1])},
            "certificate.records[0].goal: expected 'Coverage', the goal in this place, not 'TotalScore'",
        ),
        ({"certificate": None}, "certificate.records: expected a tuple of records"),
    ],
)
def test_fields(changes: dict[str, Any], expected: str) -> None:
    for found in (problems(change(PLAN, **changes)), problems(change(PLAN, **changes), pairs="candidates")):
        assert found[0].startswith(expected)
        assert len(found) == 1 + (expected.startswith("certificate.records[0].goal"))


@pytest.mark.parametrize("status", [Status.FEASIBLE, Status.INFEASIBLE, Status.NOT_FOUND])
def test_status(status: Status) -> None:
    found = problems(change(PLAN, status=status))
    words = {
        Status.FEASIBLE: "status: FEASIBLE, though every goal's value is its bound, which is OPTIMAL",
        Status.INFEASIBLE: "mentor_rows: the plan is INFEASIBLE, and yet holds pairs",
        Status.NOT_FOUND: "mentor_rows: the plan is NOT_FOUND, and yet holds pairs",
    }
    assert words[status] in found


@pytest.mark.parametrize("k", range(5))
@pytest.mark.parametrize("by", [-1, 1])
def test_a_score(k: int, by: int) -> None:
    scores = PLAN.scores.copy()
    scores[k] += by
    i, j = HELD[k]
    said = f"{MENTOR} {i + 1} and {MENTEE} {j + 1} are worth {scores[k] - by}, not {scores[k]}"
    assert problems(change(PLAN, scores=scores)) == [f"pairs[{k}].score: {said}"]


@pytest.mark.parametrize("k", range(3))
@pytest.mark.parametrize("by", [-1, 1, 1000])
def test_a_bound(k: int, by: int) -> None:
    bounds = list(PLAN.bounds)
    true, bounds[k] = bounds[k], bounds[k] + by  # type: ignore[operator]
    found = problems(change(PLAN, bounds=tuple(bounds)))
    assert found[0] == f"goals[{k}].bound: claims {bounds[k]}, but the certificate gives {true}"
    assert any(f"goals[{k}] has value {true} and bound {bounds[k]}" in problem for problem in found)
    claimed = problems(with_record(k, bound=bounds[k]))
    assert claimed == [f"certificate.records[{k}].bound: claims {bounds[k]}, but its prices add up to {true}"]


@pytest.mark.parametrize("k", range(3))
@pytest.mark.parametrize("side", ["mentor_prices", "mentee_prices"])
@pytest.mark.parametrize("by", [-3, -1, 1, 1 << 40])
def test_any_price(k: int, side: str, by: int) -> None:
    """A changed price is another price: what counts is what the sum comes to, and that is said."""
    prices = getattr(PLAN.certificate[k], side)
    for person_ in range(len(prices)):
        other = prices.copy()
        other[person_] += by
        plan = with_record(k, **{side: other})
        ceilings = list(tiny(CASE, plan))
        found = verify(plan)
        if ceilings == list(PLAN.bounds):
            assert found.ok  # prices as good as the others
            continue
        assert not found.proven
        wrong = len(ceilings) - 1
        bound = PLAN.bounds[wrong]
        words = f"certificate.records[{wrong}].bound: claims {bound}, but its prices add up to {ceilings[wrong]}"
        assert words in str(found)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"denominator": 0}, "denominator: expected a whole number of at least 1, not 0"),
        ({"denominator": -1}, "denominator: expected a whole number of at least 1, not -1"),
        ({"denominator": 1.0}, "denominator: expected a whole number of at least 1, not 1.0"),
        ({"denominator": True}, "denominator: expected a whole number of at least 1, not True"),
        ({"bound": None}, "bound: expected a whole number, not None"),
        ({"bound": "12"}, "bound: expected a whole number, not '12'"),
        ({"goal": "Coverage(side=mentor)"}, "goal: expected 'Pairs', the goal in this place, not 'Cov"),
        ({"mentor_prices": np.zeros(5, np.int64)}, "mentor_prices: expected 6 prices, one a mentor, not an array of"),
        ({"mentee_prices": np.zeros((2, 2), np.int64)}, "mentee_prices: expected 4 prices, one a mentee, not an arr"),
        ({"mentor_prices": np.zeros(6)}, "mentor_prices: expected an array of int64, one price a"),
        ({"mentor_prices": np.zeros(6, object)}, "mentor_prices: expected an array of int64, one price a"),
        ({"rows": None}, "rows: expected a tuple of rows and their prices"),
        ({"rows": (RowPrice("goal:1", 1),)}, "rows[0]: there is no row 'goal:1' here"),
        ({"rows": (RowPrice("goal:x", 1),)}, "rows[0]: there is no row 'goal:x' here"),
        ({"rows": (RowPrice("one_direction:j1|s1", 1),)}, "rows[0]: there is no row 'one_direction:j1|s1' here"),
        ({"rows": (RowPrice("goal:0", 0), RowPrice("goal:0", 1))}, "rows[1]: this row was named before"),
        ({"rows": (RowPrice("goal:0", -1),)}, "rows: the row 'goal:0' may not have a price below 0"),
        ({"rows": (RowPrice("goal:0", 0.5),)}, "rows[0].price: expected a whole number, not 0.5"),  # type: ignore[arg-type]
        ({"rows": ("goal:0",)}, "rows[0].price: expected a whole number, not None"),
    ],
)  # fmt: skip
def test_records_that_make_no_sense(changes: dict[str, Any], expected: str) -> None:
    records = (PLAN.certificate[0], forged(PLAN.certificate[1], **changes), PLAN.certificate[2])
    for pairs in ("all", "candidates"):
        found = problems(change(PLAN, certificate=Certificate(records)), pairs=pairs)
        assert found[0].startswith(f"certificate.records[1].{expected}"), found


@pytest.mark.parametrize("large", [1 << 61, (1 << 63) - 1, -(1 << 63)])
def test_numbers_too_large_are_refused_not_wrapped(large: int) -> None:
    prices = PLAN.certificate[0].mentor_prices.copy()
    prices[2] = large
    said = "numbers this large cannot be added up exactly in 64 bits"
    assert problems(with_record(0, mentor_prices=prices)) == [f"certificate.records[0]: {said}"]
    assert problems(with_record(2, denominator=1 << 70)) == [f"certificate.records[2]: {said}"]


@pytest.mark.parametrize("term", [2**53 * rm.score.Same("a"), forged(rm.score.SkillGap(), weights=(("x", 10**21),))])
def test_weights_too_large_are_refused_not_wrapped(term: Any) -> None:
    programme = rm.Programme([{"id": "j", "a": "", "offers": "x"}], [{"id": "s", "a": "", "wants": "x"}])
    large = forged(programme, policy=rm.Policy(score=term))
    zero = np.zeros(1, dtype=np.int64)
    record = GoalCertificate("Coverage", zero, zero, (), 1, 0)
    empty = dict.fromkeys(("mentor_rows", "mentee_rows", "scores"), zero[:0])
    plan = change(
        PLAN,
        programme=large,
        status=Status.NOT_FOUND,
        proof=None,
        bounds=(0, None, None),
        certificate=Certificate((record,)),
        **empty,
    )
    assert problems(plan) == ["policy.score: numbers this large cannot be added up exactly in 64 bits"]


# --- what a plan shows of itself --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown", "expected"),
    [
        ("goals", lambda p: (GoalValue("Coverage", 1, 9), *p.goals[1:]), "goals[0]: expected Coverage with value 9"),
        ("goals", lambda p: (GoalValue("Pairs", 9, 9), *p.goals[1:]), "goals[0]: expected Coverage with value 9"),
        ("objective", lambda p: p.objective + 1, "objective: objective and bound are not those of the last goal"),
        ("bound", lambda p: None, "objective: objective and bound are not those of the last goal"),
        ("gap", lambda p: 0.5, "gap: expected 0.0, not 0.5"),
        ("pairs", lambda p: p.pairs[:-1], "pairs: shows 4 pairs, but the plan's arrays hold 5"),
        ("pairs", lambda p: (p.pairs[1], p.pairs[0], *p.pairs[2:]), "pairs[0]: shows other ids or another score"),
        ("unmatched_mentors", lambda p: ("j6",), "unmatched_mentors: expected 0 ids in order; the plan shows 1"),
        ("unmatched_mentees", lambda p: ("s1",), "unmatched_mentees: expected 0 ids in order; the plan shows 1"),
    ],
)  # fmt: skip
def test_what_is_shown(name: str, shown: Callable[[Plan], Any], expected: str) -> None:
    liar = type("Liar", (Plan,), {name: property(lambda self: shown(PLAN))})
    fields = {field.name: getattr(PLAN, field.name) for field in dataclasses.fields(PLAN)}
    found = problems(liar(**fields | {"_cache": {}}))
    assert found[0].startswith(expected)


# --- other kinds of plan ----------------------------------------------------------------------------------------------


def test_nobody_is_held_in_both_directions() -> None:
    people = ({"id": "a", "site": "A"}, {"id": "b", "site": "B"})
    both = (("Same", {"column": "site"}), ("Different", {"column": "site"}))
    case = Case(people, people, score=tuple((w, *term) for w, term in zip((1, 3), both, strict=True)), dual_role=True)
    good = exact(case, 2)
    assert verify(good).proven
    assert any(record.rows for record in good.certificate)
    plan = plan_of(Maker(case), Status.OPTIMAL, "prices", [("a", "b"), ("b", "a")], good.bounds)
    found = problems(change(plan, certificate=good.certificate))
    assert f"pairs: {MENTOR} 1 and {MENTEE} 2 are held in both directions" in found
    rows = tuple(RowPrice(row.row, row.price + 2) for row in good.certificate[-1].rows)
    record = len(good.certificate) - 1
    assert f"certificate.records[{record}].bound: claims" in str(verify(with_record(record, good, rows=rows)))


def test_infeasible() -> None:
    """Three mentees must be matched and one mentor has two places: the prices prove it."""
    people = tuple({"id": str(k), "capacity": 1, "min_load": 0} for k in range(3))
    mentor = ({"id": "0", "capacity": 2, "min_load": 0},)
    case = Case(
        mentor,
        people,
        score=((1, "Table", {"scores": [[1, 1, 1]]}),),
        limits=(("EveryoneMatched", {"side": "mentee"}),),
        from_scores=True,
    )
    plan = prove(case)
    assert plan.status == Status.INFEASIBLE
    assert verify(plan).proven
    zero = with_record(0, plan, mentor_prices=np.zeros(1, np.int64), mentee_prices=np.zeros(3, np.int64), bound=0)
    assert problems(zero) == ["status: INFEASIBLE needs a ceiling below 0; the certificate's prices give 0"]
    assert problems(change(plan, bounds=(3, None, None))) == [
        "goals[0].bound: no plan exists, and yet a bound is claimed"
    ]
    empty = change(plan, certificate=Certificate(()))
    assert problems(empty) == ["certificate.records: INFEASIBLE by prices needs the record 'Feasible'"]
    assert verify(change(empty, proof="engine")).ok


def test_candidates_find_a_pair_above_its_prices() -> None:
    """A forged bound: prices of 0 and the plan's own value, over programmes large and small."""
    for size in ((4, 3), (40, 20)):
        _, plan = best_plan(size, goals=(("Pairs", {}), ("TotalScore", {})))
        record = plan.certificate[0]
        forged = with_record(
            0,
            plan,
            mentor_prices=np.zeros_like(record.mentor_prices),
            mentee_prices=np.zeros_like(record.mentee_prices),
        )
        for pairs, words in (("all", "add up to"), ("candidates", "add up to at least")):
            found = problems(forged, pairs=pairs)
            assert any(
                f"certificate.records[0].bound: claims {record.bound}, but its prices {words}" in p for p in found
            )
            assert "not held, are above their prices by" in str(found)


@pytest.mark.parametrize("seed", daily(20, range(60)))
def test_a_set_of_pairs_passes_if_and_only_if_it_is_best(seed: int) -> None:
    """The certificate of a small programme accepts each of its optima, and no other set of pairs."""
    draw = random.Random(seed)
    case = strategies.any_case(strategies.seeded(seed))
    maker = Maker(case)
    plan, answer = exact(case, 60) if maker.directions else prove(case), solve(case)
    if plan.status != Status.OPTIMAL:
        return
    pairs = sorted(maker.pairs)
    for held in answer.optima[:5]:
        swapped = set(held)
        if pairs:
            swapped ^= set(draw.sample(pairs, min(len(pairs), draw.randint(1, 3))))
        for chosen in (held, frozenset(swapped)):
            other = plan_of(maker, Status.OPTIMAL, "prices", chosen, plan.bounds)
            other = change(other, certificate=plan.certificate)
            assert verify(other).proven == verify(other).ok == (chosen in answer.optima)
            assert verify(other, pairs="candidates").ok == (chosen in answer.optima)
