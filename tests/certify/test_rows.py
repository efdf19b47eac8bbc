"""Certificates with rows, holes, goals that compare and cases, computed by hand; and what is forged in them."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import revmatch as rm
from certify.test_corruption import change, forged
from certify.test_garbage import GARBAGE
from revmatch.certificate import Case, Certificate, GoalCertificate, RowPrice
from revmatch.certify import reading, sources, witness_limits, witness_rows
from revmatch.certify.cover import uncovered
from revmatch.certify.verify import verify
from revmatch.certify.world import World
from revmatch.diagnosis import infeasible_in_words
from revmatch.errors import InfeasibleError
from revmatch.plan import Plan, Status
from revmatch.policy.limits import Limit
from revmatch.programme import Programme

L = rm.limits


def ints(*numbers: int) -> Any:
    return np.array(numbers, dtype=np.int64)


def record(goal: str, mentors: tuple[int, ...], mentees: tuple[int, ...], bound: int | None, unit: int = 1,
           cases: tuple[Case, ...] = (), **rows: int) -> GoalCertificate:  # fmt: skip
    """A record; rows by name, with ``_`` for ``:``."""
    priced = tuple(RowPrice(name.replace("_", ":"), price) for name, price in rows.items())
    return GoalCertificate(goal, ints(*mentors), ints(*mentees), priced, unit, bound, cases)


def case(decisions: Any, mentors: tuple[int, ...], mentees: tuple[int, ...], bound: int, unit: int = 1,
         **rows: int) -> Case:  # fmt: skip
    priced = tuple(RowPrice(name.replace("_", ":"), price) for name, price in rows.items())
    return Case(decisions, ints(*mentors), ints(*mentees), priced, unit, bound)


def plan_of(programme: Programme, pairs: list[tuple[int, int]], *records: GoalCertificate, **more: Any) -> Plan:
    """A plan that claims to be proven by these records."""
    i, j = ints(*(a for a, _ in pairs)), ints(*(b for _, b in pairs))
    sides = programme.sides()
    scores = programme.policy.score.form(sides).pairs(i, j)
    given: dict[str, Any] = {"status": Status.OPTIMAL, "proof": "prices", "stopped_by": None}
    given |= {"bounds": tuple(one.bound for one in records)} | more
    return Plan(
        programme=programme,
        mentor_rows=i,
        mentee_rows=j,
        scores=scores,
        certificate=Certificate(tuple(records)),
        **given,
    )


def scores(table: Any, *limits: Any, goals: Any = ("TotalScore",), **more: Any) -> Programme:
    return Programme.from_scores(table, policy=rm.Policy(limits=limits, goals=goals), **more)


def people(mentors: Any, mentees: Any, *limits: Any, goals: Any = ("Pairs",), **more: Any) -> Programme:
    mentors = [{"id": f"j{k}", **one} for k, one in enumerate(mentors)]
    mentees = [{"id": f"s{k}", **one} for k, one in enumerate(mentees)]
    return Programme(mentors, mentees, rm.Policy(limits=limits, goals=goals), **more)


def said(plan: Plan, **options: Any) -> list[str]:
    found = verify(plan, **options)
    assert not found.proven
    return [f"{problem.place}: {problem.expected}" for problem in found.problems]


# --- by hand ----------------------------------------------------------------------------------------------------------

TOTAL = plan_of(
    scores([[3, 1], [2, 5]], L.TotalPairs(1)), [(1, 1)], record("TotalScore", (0, 0), (0, 0), 5, limit_0_0_0_0=3)
)

#: Two mentors or none: 4 - 1 = 3. Prices alone give 4, that is half a circle.
CIRCLE = plan_of(
    scores([[4], [-1], [-1]], L.Circles(2, 3), mentee_capacity=3),
    [(0, 0), (1, 0)],
    record(
        "TotalScore",
        (0, 0, 0),
        (0,),
        3,
        cases=(
            case(((2, 0, 0, 0),), (0, 0, 0), (4,), 0),
            case(((2, 0, 0, 1),), (0, 0, 0), (-1,), 3),
        ),
    ),
    proof="cases",
)

#: Everybody is matched, and not by two pairs of 4 or more.
BOTTLENECK = plan_of(
    scores([[5, 1], [2, 3]], goals=("Pairs", "WorstOff")),
    [(0, 0), (1, 1)],
    record("Pairs", (1, 1), (0, 0), 2),
    record("WorstOff", (0, -1), (0, 0), 3),
)

#: Mentee 0 has both mentors, 7 together; 8 cannot be.
MAX_MIN = plan_of(
    scores([[5, 1], [2, 3]], goals=("Pairs", "WorstOff", "TotalScore"), mentee_capacity=2),
    [(0, 0), (1, 0)],
    record("Pairs", (1, 1), (0, 0), 2),
    record("WorstOff", (2, -4), (8, 16), 7, goal_1_0=2, goal_1_1=4),
    record("TotalScore", (5, 3), (0, 0), 8),
    status=Status.FEASIBLE,
    proof=None,
)

BALANCE = str(rm.goals.Balance("site", side="mentor"))
X_OR_Y = people(
    [{"site": "x"}, {"site": "y"}], [{}], goals=("Pairs", rm.goals.Balance("site", side="mentor"))
)  # fmt: skip
#: One of two is matched: a gap of 1. Half of each would be no gap, so there are cases.
GAP = plan_of(
    X_OR_Y,
    [(0, 0)],
    record("Pairs", (0, 0), (1,), 1),
    record(
        BALANCE,
        (0, 0),
        (0,),
        -1,
        cases=(
            case(((1, 0, 0, 0),), (1, 1), (-1,), -1, goal_1_1_0=1),
            case(((1, 0, 0, 1),), (-1, -1), (1,), -1, goal_1_0_1=1),
        ),
    ),
    proof="cases",
)

LEAST = plan_of(
    scores([[0, 0], [0, 0]], goals=("LeastChange",)).replace(previous=[("0", "1"), ("1", "1"), ("9", "0")]),
    [(0, 1)],
    record("LeastChange", (0, 0), (0, 1), 1),
)

#: Both mentors must have a partner, and only one pair may be between these departments.
NONE = plan_of(
    people(
        [{"department": "A"}] * 2,
        [{"department": "B"}] * 2,
        L.EveryoneMatched("mentor"),
        L.DepartmentPair(1),
    ),
    [],
    record("Feasible", (-1, -1), (0, 0), -1, limit_1_0_0_0=1),
    status=Status.INFEASIBLE,
    bounds=(None,),
)

PLANS = {"total": TOTAL, "circle": CIRCLE, "bottleneck": BOTTLENECK, "gap": GAP, "least": LEAST, "none": NONE}


@pytest.mark.parametrize("name", PLANS)
def test_closes(name: str) -> None:
    found = verify(PLANS[name])
    assert found.problems == ()
    assert found.proven
    assert found.bound == (None if name == "none" else PLANS[name].bound)


def test_what_is_shown() -> None:
    assert [(goal.value, goal.bound) for goal in GAP.goals] == [(1, 1), (1.0, 1.0)]
    assert [(goal.value, goal.bound) for goal in LEAST.goals] == [(2, 2)]
    assert MAX_MIN.goals[1].value == MAX_MIN.goals[1].bound == 7


def test_max_min_is_kept_by_rows() -> None:
    """5 and 3 leave somebody at 3. The row of mentee 1 at 7, which 3 and 1 do not reach, proves that 7 is all."""
    assert verify(MAX_MIN).problems == ()
    assert not verify(MAX_MIN).proven  # 5 + 3 is not reached
    kept = record("TotalScore", (5, 2), (0, 7), 7, goal_1_1=2)
    last = change(with_record(MAX_MIN, 2, kept), bounds=(2, 7, 7), status=Status.OPTIMAL, proof="prices")
    assert verify(last).problems == ()
    assert verify(last).proven


def with_record(plan: Plan, k: int, given: Any = None, **changes: Any) -> Plan:
    records = list(plan.certificate.records)
    records[k] = forged(records[k], **changes) if given is None else given
    return change(plan, certificate=Certificate(tuple(records)))


# --- forged -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((RowPrice("limit:0:0:0:0", 2),), "records[0].bound: claims 5, but its prices add up to 6"),
        ((RowPrice("limit:0:0:0:0", -1),), "records[0].rows: the row 'limit:0:0:0:0' may not have a price below 0"),
        ((RowPrice("limit:0:0:0:0", 3),) * 2, "records[0].rows[1]: this row was named before"),
        *(
            ((RowPrice(name, 3),), f"records[0].rows[0]: there is no row {name!r} here")
            for name in ("limit:1:0:0:0", "limit:0:1:0:0", "limit:0:0:1:0", "limit:0:0:0:1", "limit:0:0:0", "limit:0",
                         "limit:00:0:0:0", "limit:0:0:0:0:0", "limit:-0:0:0:0", "limit:0:0:0:0 ", "goal:0", "goal:0:0",
                         "goal:1:0", "limit:0:0:0:99999999999")
        ),
    ],
)  # fmt: skip
def test_forged_rows(rows: Any, expected: str) -> None:
    assert said(with_record(TOTAL, 0, rows=rows))[0].startswith(f"certificate.{expected}")


def test_a_row_that_holds_with_equality_may_have_any_price() -> None:
    """On the face of the total score both 3 and 5 are open, and one pair must be held: the row is tight."""
    goals = ("TotalScore", "Pairs")
    programme = scores([[3, 1], [2, 3]], L.TotalPairs(1), goals=goals)
    first = record("TotalScore", (0, 0), (0, 0), 3, limit_0_0_0_0=3)
    for price, bound in ((1, 1), (-1, 3), (0, 2)):
        second = record("Pairs", (0, 0), (0, 0), bound, limit_0_0_0_0=price)
        plan = plan_of(programme, [(0, 0)], first, second)
        if price == 1:
            assert verify(plan).proven
        assert not [one for one in verify(plan).problems if "below 0" in one.expected]
    # 2 pairs that may be in, each at 1 - r, and r for the row; not tight: a price below 0 is refused
    loose = record("TotalScore", (0, 0), (3, 3), 7, limit_0_0_0_0=1)
    plan = plan_of(programme, [(0, 0)], loose, record("Pairs", (0, 0), (0, 0), 7, limit_0_0_0_0=-1))
    assert any("records[1].rows: the row 'limit:0:0:0:0' may not have a price below 0" in one for one in said(plan))


@pytest.mark.parametrize(
    ("plan", "k", "changes", "expected"),
    [
        # nothing above 3 is proven, but nothing above 2 is not
        (BOTTLENECK, 1, {"bound": 2}, "claims 2, but its prices add up to 0 over what is better, not below 0"),
        (BOTTLENECK, 1, {"mentor_prices": ints(0, 0)}, "claims 3, but its prices add up to 0 over what is better"),
        (GAP, 1, {"bound": 0}, "goals[1].bound: claims -1, but the certificate gives 0"),
        (GAP, 1, {"cases": ()}, "claims -1, but its prices add up to 0 over what is better, not below 0"),
        (LEAST, 0, {"bound": 2}, "claims 2, but its prices add up to 1"),
        (LEAST, 0, {"mentee_prices": ints(0, 0)}, "claims 1, but its prices add up to 2"),
        (NONE, 0, {"rows": ()}, "claims -1, but its prices add up to 2"),
        (NONE, 0, {"rows": ()}, "status: INFEASIBLE needs a ceiling below 0; the certificate's prices give 2"),
        (CIRCLE, 0, {"cases": ()}, "claims 3, but its prices add up to 4"),
        (CIRCLE, 0, {"cases": CIRCLE.certificate[0].cases[:1]}, "do not cover everything once: of one decision"),
        (CIRCLE, 0, {"cases": CIRCLE.certificate[0].cases * 2}, "do not cover everything once: two cases have"),
        (CIRCLE, 0, {"cases": list(CIRCLE.certificate[0].cases)}, "expected a tuple of at most 1,000 cases"),
        (CIRCLE, 0, {"cases": (1,)}, "cases[0].decisions: expected a tuple of decisions"),
        (TOTAL, 0, {"bound": None}, "bound: expected a whole number, not None"),
    ],
)  # fmt: skip
def test_forged_records(plan: Plan, k: int, changes: dict[str, Any], expected: str) -> None:
    found = said(with_record(plan, k, **changes))
    assert any(expected in one for one in found), found


@pytest.mark.parametrize(
    ("k", "changes", "expected"),
    [
        (0, {"bound": -1}, "cases[0].bound: claims -1, but its prices add up to at least 0"),
        (1, {"bound": 2}, "cases[1].bound: claims 2, but its prices add up to at least 3"),
        (1, {"mentee_prices": ints(0)}, "cases[1].bound: claims 3, but its prices add up to at least 4"),
        (1, {"denominator": 0}, "cases[1].denominator: expected a whole number of at least 1"),
        (1, {"mentee_prices": ints(0, 0)}, "cases[1].mentee_prices: expected 1 prices"),
        (1, {"rows": (RowPrice("limit:0:0:0:0", 1),)}, "cases[1].rows[0]: there is no row 'limit:0:0:0:0' here"),
        (1, {"decisions": ((2, 0, 1, 1),)}, "do not cover everything once: cases that begin alike"),
        *(
            (1, {"decisions": (decision,)}, "cases[1].decisions: expected a tuple of decisions")
            for decision in ((2, 1, 0, 1), (3, 0, 0, 1), (2, 0, -1, 1), (2, 0, 0, 2), (2, 0, 0), [2, 0, 0, 1],
                             (2, 0, 0, True), (0, 0, 1, 1), (0, 3, 0, 1), (0, -1, 0, 1), (1, 3, 0, 1))
        ),
        (1, {"decisions": None}, "cases[1].decisions: expected a tuple of decisions"),
    ],
)  # fmt: skip
def test_forged_cases(k: int, changes: dict[str, Any], expected: str) -> None:
    cases = list(CIRCLE.certificate[0].cases)
    cases[k] = forged(cases[k], **changes)
    found = said(with_record(CIRCLE, 0, cases=tuple(cases)))
    assert any(expected in one for one in found), found


def test_a_decision_that_cannot_be_leaves_nothing() -> None:
    """A pair that is out and in, no number of mentors, a banned pair: such a case proves anything."""
    cases = CIRCLE.certificate[0].cases
    for path in (((0, 0, 0, 0), (0, 0, 0, 1)), ((2, 0, 0, 0), (2, 0, 0, 1))):
        first, second = path
        tree = (
            dataclasses.replace(cases[0], decisions=path, bound=-99),
            dataclasses.replace(cases[0], decisions=(first, (*second[:3], 0)), mentor_prices=ints(9, 9, 9), bound=27),
            dataclasses.replace(cases[1], decisions=((*first[:3], 1),)),
        )
        said_ = said(with_record(CIRCLE, 0, cases=tree))
        assert not [one for one in said_ if "cases[0]" in one]
    fourth = dataclasses.replace(CIRCLE.certificate[0], cases=(
        case(((0, 0, 0, 1),), (0, 0, 0), (0,), -5), case(((0, 0, 0, 0),), (0, 0, 0), (0,), 0),
    ))  # fmt: skip
    banned = CIRCLE.programme.replace(bans=[("0", "0")])
    assert not [
        one for one in said(change(CIRCLE, programme=banned, certificate=Certificate((fourth,)))) if "cases" in one
    ]
    assert any("cases[0].bound" in one for one in said(change(CIRCLE, certificate=Certificate((fourth,)))))


def test_a_pin_that_is_decided_out_leaves_nothing() -> None:
    programme = TOTAL.programme.replace(pins=[("1", "1")])
    cases = (
        case(((0, 1, 1, 0),), (0, 0), (0, 0), -99),
        case(((0, 1, 1, 1),), (0, 0), (0, 0), 5, limit_0_0_0_0=3),  # 5 - 3 for the pin, 3 for the row
    )
    whole = forged(record("TotalScore", (0, 0), (0, 0), 5, cases=cases, limit_0_0_0_0=0), margin=5)
    plan = change(with_record(TOTAL, 0, whole), programme=programme, proof="cases")
    assert verify(plan).proven
    assert "cases[0].bound" in str(verify(change(plan, programme=TOTAL.programme)))


def test_cases_of_pairs() -> None:
    """A pair that is in counts whatever its prices, one that is out does not count."""
    # without prices 3 + 1 + 2 + 5 = 11: who is better than 5 may hold a pair that is up to 5 below
    free = forged(record("TotalScore", (0, 0), (0, 0), 5, limit_0_0_0_0=0), margin=5)
    loose = (
        case(((0, 0, 0, 1),), (0, 0), (0, 0), 10, limit_0_0_0_0=0),  # 11
        case(((0, 0, 0, 0),), (0, 0), (0, 0), 8, limit_0_0_0_0=0),
    )
    found = said(change(with_record(TOTAL, 0, forged(free, cases=loose)), proof="cases"))
    assert found[0] == "certificate.records[0].cases[0].bound: claims 10, but its prices add up to at least 11"
    tight = (
        case(((0, 0, 0, 1),), (0, 0), (0, 0), 3, limit_0_0_0_0=5),  # 3 - 5 + 5
        case(((0, 0, 0, 0),), (0, 0), (0, 0), 5, limit_0_0_0_0=5),
    )
    plan = change(with_record(TOTAL, 0, forged(free, cases=tight)), proof="cases")
    assert verify(plan).problems == ()
    assert verify(plan).proven
    assert verify(plan, pairs="candidates").problems == ()
    assert said(change(plan, proof="prices")) == ["proof: claims prices alone, but the certificate goes through cases"]
    assert said(change(TOTAL, proof="cases")) == ["proof: claims cases, but the certificate has none"]
    # a pair is left out of the cases that a better plan might hold
    few = said(with_record(plan, 0, margin=4))
    assert few[0].startswith("certificate.records[0].bound: claims 5, but its prices add up to 11")
    for margin in (-1, None, 0.5):
        assert "records[0].margin: expected a whole number" in said(with_record(plan, 0, margin=margin))[0]


def test_pairs_that_the_whole_rules_out_count_in_no_case() -> None:
    """One that is further below than the gap is in no better plan."""
    whole = record("TotalScore", (0, 0), (3, 5), 7, cases=(case((), (0, 0), (0, 0), 7),))
    plan = plan_of(scores([[3, 1], [2, 4]]), [(0, 0), (1, 1)], whole, proof="cases")
    # 8 in all: who reaches 8 holds no pair that is below. That leaves 3 of 3, 1, 2 and 4
    assert verify(plan).proven
    assert "cases[0].bound: claims 7, but its prices add up to at least 9" in said(with_record(plan, 0, margin=3))[0]


def test_circles_by_rows() -> None:
    """Who has the mentee is one of two: 2 x - (x + y + z) <= 0 for the pair of 4, so 4 is worth 3."""
    row = {"circle_0_0": 1}
    one = record("TotalScore", (3, 0, 0), (0,), 3, **row)  # 4 - 2 + 1 - 3 = 0, -1 + 1 = 0 twice
    plan = change(with_record(CIRCLE, 0, one), proof="prices")
    assert verify(plan).proven
    for name in ("circle:0:1", "circle:3:0", "circle:0", "circle:0:0:0", "circle:00:0"):
        found = said(with_record(plan, 0, rows=(RowPrice(name, 1),)))
        assert found == [f"certificate.records[0].rows[0]: there is no row {name!r} here"]
    assert "below 0" in said(with_record(plan, 0, rows=(RowPrice("circle:0:0", -1),)))[0]


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Case)])
def test_whatever_stands_in_a_case_is_answered(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for garbage in GARBAGE:
        case_ = forged(CIRCLE.certificate[0].cases[1], **{field: garbage})
        plan = with_record(CIRCLE, 0, cases=(CIRCLE.certificate[0].cases[0], case_))
        for plainly in (10**5, -1):
            monkeypatch.setattr(sources, "PLAINLY", plainly)
            for pairs in ("all", "candidates"):
                # a case may claim more than it gives: that is no problem if the whole still closes
                assert not verify(plan, pairs=pairs).ok or field == "bound"


def test_margins_too_large_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for plainly in (10**5, -1):
        monkeypatch.setattr(sources, "PLAINLY", plainly)
        large = said(with_record(CIRCLE, 0, margin=1 << 80))
        assert large == ["certificate.records[0]: numbers this large cannot be added up exactly in 64 bits"]
        assert said(with_record(TOTAL, 0, margin=1))[0].endswith("expected 0 where there are no cases, not 1")


@pytest.mark.parametrize(
    ("paths", "fine"),
    [
        ([], True),
        ([()], True),
        ([(), ()], False),
        ([((0, 0, 0, 0),), ((0, 0, 0, 1),)], True),
        ([((0, 0, 0, 0),), ((0, 0, 1, 1),)], False),
        ([((0, 0, 0, 0),), ((0, 0, 0, 1),), ((0, 0, 0, 1),)], False),
        ([((0, 0, 0, 0),), ((0, 0, 0, 1), (1, 0, 1, 0)), ((0, 0, 0, 1), (1, 0, 1, 1))], True),
        ([((0, 0, 0, 0),), ((0, 0, 0, 1), (1, 0, 1, 0)), ((0, 0, 0, 1), (1, 0, 2, 1))], False),
        ([((0, 0, 0, 0),), ((0, 0, 0, 1), (1, 0, 1, 0)), ((0, 0, 0, 1),)], False),
        ([((0, 0, 0, 0), (1, 0, 1, 0)), ((0, 0, 0, 0), (1, 0, 1, 1))], False),
    ],
)
def test_cover(paths: Any, fine: bool) -> None:
    assert (uncovered(paths) == "") is fine


def test_a_thousand_cases_one_after_the_other() -> None:
    """As deep as they are many."""
    chain = [(*((0, 0, k, 1) for k in range(d)), (0, 0, d, 0)) for d in range(999)]
    assert uncovered([*chain, tuple((0, 0, k, 1) for k in range(999))]) == ""
    assert reading.MOST_CASES == 1_000
    many = dataclasses.replace(CIRCLE.certificate[0], cases=(CIRCLE.certificate[0].cases[0],) * 1001)
    assert "expected a tuple of at most 1,000 cases" in said(with_record(CIRCLE, 0, many))[0]


# --- goals that compare ----------------------------------------------------------------------------------------------


def test_a_record_that_proves_nothing() -> None:
    """It has no bound; one that claims a bound must prove it, and a plan may not claim what it does not prove."""
    nothing = with_record(BOTTLENECK, 1, mentor_prices=ints(0, 0), bound=None)
    stopped = change(nothing, status=Status.FEASIBLE, proof=None, stopped_by="time", bounds=(2, None))
    assert verify(stopped).problems == ()
    assert not verify(stopped).proven
    claims = change(stopped, bounds=(2, 3))
    assert "goals[1].bound: claims 3, but the certificate gives None" in said(claims)
    word = change(nothing, proof="engine")
    assert verify(word).problems == ()
    assert not verify(word).proven
    assert any("claims None, above" in one for one in said(change(word, bounds=(2, None))))


def test_no_gap_is_the_least_gap() -> None:
    plan = plan_of(
        people([{"site": "x"}, {"site": "y"}], [{}, {}], goals=("Pairs", rm.goals.Balance("site", side="mentor"))),
        [(0, 0), (1, 1)],
        record("Pairs", (1, 1), (0, 0), 2),
        record(BALANCE, (0, 0), (0, 0), 0),
    )
    assert verify(plan).proven
    stopped = change(plan, status=Status.FEASIBLE, proof=None, stopped_by="time", bounds=(2, None))
    assert verify(stopped).problems == ()


def test_nobody_is_worst_off_where_nobody_can_be_paired() -> None:
    """Nothing is better than 0 if no pair can be held, and only then."""
    nobody = scores([[-1]], goals=("Pairs", "WorstOff")).replace(bans=[("0", "0")])
    plan = plan_of(nobody, [], record("Pairs", (0,), (0,), 0), record("WorstOff", (0,), (0,), 0))
    assert verify(plan).proven
    paired = change(plan, programme=nobody.replace(bans=[]), bounds=(1, 0), status=Status.FEASIBLE, proof=None)
    paired = with_record(paired, 0, bound=1)
    assert any("claims 0, but its prices add up to 0 over what is better" in one for one in said(paired))


def test_a_pin_of_a_low_score_is_the_worst() -> None:
    """No better plan leaves out a pair that must be in, whatever the prices."""
    programme = BOTTLENECK.programme.replace(pins=[("0", "1")])
    plan = plan_of(programme, [(0, 1), (1, 0)], BOTTLENECK.certificate[0], record("WorstOff", (0, 0), (0, 0), 1))
    assert verify(plan).proven
    assert any("claims 0" in one for one in said(with_record(change(plan, bounds=(2, 0)), 1, bound=0)))


def test_the_worst_off_stay_so() -> None:
    """The goal after is summed without the pairs that would leave somebody worse off."""
    programme = scores([[5, 4], [9, 3]], goals=("Pairs", "WorstOff", "TotalScore"))
    # {5, 3} leaves somebody at 3, {4, 9} at 4. Without pairs below 5 both mentors are left with mentee 0 alone
    plan = plan_of(
        programme,
        [(0, 1), (1, 0)],
        record("Pairs", (1, 1), (0, 0), 2),
        record("WorstOff", (-1, -1), (1, 0), 4),
        record("TotalScore", (4, 8), (1, 0), 13),
    )
    assert verify(plan).proven
    # a price of -50 adds 50 for the pair worth 4; that of 3 stays out, as a worst of 4 is kept
    cheap = record("TotalScore", (4, 8), (1, -50), 13)
    assert "add up to 63" in said(with_record(plan, 2, cheap))[0]
    worse = with_record(with_record(plan, 2, cheap), 1, mentor_prices=ints(0, 0))
    assert "add up to 108" in said(worse)[1]
    kept = with_record(plan, 2, record("TotalScore", (4, 8), (1, 0), 13, goal_1_0=1, goal_1_1=1))
    assert "add up to" in said(kept)[0]  # rows of mentees with one mentor are true as well; these prices are no use


# --- each limit -------------------------------------------------------------------------------------------------------

IN, THERE = "the mentor in row", "the mentee in row"
LIMITS = [
    (L.EveryoneMatched("mentee"), [(0, 0), (1, 1)], [(0, 0), (1, 1), (2, 2)], f"{THERE} 3 has no partner"),
    (
        L.DepartmentPair(1),
        [(0, 0), (1, 1)],
        [(0, 0), (1, 2)],
        f"there are 2 pairs between the departments of {IN} 1 and {THERE} 1, more than 1",
    ),
    (
        L.Quota("site", "x", "mentor", at_least="50%"),
        [(0, 0), (1, 1), (2, 2)],
        [(0, 0), (1, 1)],
        "1 of 3 pairs have a mentor of the group, fewer than 50% of all",
    ),
    (
        L.Quota("site", 7, "mentee", at_most=0),
        [(0, 1)],
        [(0, 0)],
        "1 of 1 pairs have a mentee of the group, more than 0",
    ),
    (
        L.Quota("site", "x", "mentor", at_least=1),
        [(1, 1)],
        [(0, 0)],
        "0 of 1 pairs have a mentor of the group, fewer than 1",
    ),
    (L.TotalPairs(1), [(0, 0), (1, 1)], [(1, 1)], "there are 2 pairs, more than 1"),
    (L.Circles(2, 2), [(0, 0)], [(0, 0), (1, 0)], f"{THERE} 1 has 1 mentor, not from 2 to 2"),
    (
        L.CoMentorsDifferent("department"),
        [(0, 0), (1, 0)],
        [(0, 0), (1, 1), (2, 2)],
        f"{IN} 1 and {IN} 2 share {THERE} 1 and have the same value",
    ),
    (
        L.CoMentorsDifferent("site"),
        [(0, 0), (2, 0)],
        [(0, 0), (1, 0), (2, 1)],
        f"{IN} 1 and {IN} 3 share {THERE} 1 and cannot be said to differ",
    ),
    (L.Load("hours", 3), [(0, 0), (0, 1)], [(0, 0), (1, 1)], f"{IN} 1 has partners of 4 hours, more than 3"),
    (
        L.Load("hours", "most", side="mentee"),
        [(0, 1), (1, 1)],
        [(0, 0), (1, 1)],
        f"{THERE} 2 has partners of 4 hours, more than 2",
    ),
    (L.Together(["j0", "j1"]), [(0, 0)], [(0, 0), (1, 0)], f"{IN} 1 and {THERE} 1 are held without {IN} 2"),
    (
        L.Apart(["j0", "j1", "j2"]),
        [(0, 0), (2, 0)],
        [(0, 0), (1, 1), (2, 2)],
        f"{IN} 1 and {THERE} 1 are held together with {IN} 3",
    ),
    (L.Stable("choices"), [(0, 0), (1, 1)], [(0, 1), (1, 0)], f"{IN} 1 and {THERE} 2 are not paired, and both would"),
]


@pytest.mark.parametrize(("limit", "broken", "kept", "words"), LIMITS, ids=lambda value: str(value)[:20])
def test_each_limit(limit: Any, broken: Any, kept: Any, words: str) -> None:
    """One plan that breaks it, with the place in words that name nobody; one that keeps it."""
    mentors = [
        {"department": "A", "site": "x", "hours": 2, "capacity": 2, "choices": "s1;s0"},
        {"department": "A", "site": "7", "hours": 2, "capacity": 1, "choices": ""},
        {"department": "", "site": "", "hours": 1, "capacity": 1, "choices": ""},
    ]
    mentees = [
        {"department": "B", "site": "8", "hours": 2, "most": 9, "capacity": 2, "choices": ""},
        {"department": "B", "site": "7", "hours": 2, "most": 2, "capacity": 2, "choices": "j0;j1"},
        {"department": "", "site": "", "hours": 0, "most": 9, "capacity": 1, "choices": ""},
    ]
    if isinstance(limit, L.Stable):
        mentors, mentees = ([one | {"capacity": 1} for one in own[:2]] for own in (mentors, mentees))
    programme = people(mentors, mentees, limit)
    options: Any = {"status": Status.FEASIBLE, "proof": None, "bounds": (None,)}
    for pairs in ("all", "candidates"):
        found = said(plan_of(programme, broken, **options), pairs=pairs)
        assert found[0].startswith(f"policy.limits[0]: {type(limit).__name__} is broken: {words}")
        assert not any(name in found[0] for name in ("j0", "j1", "j2", "s0", "s1", "s2"))
        assert verify(plan_of(programme, kept, **options), pairs=pairs).problems == ()


def test_every_limit_has_a_witness_of_its_rows_its_degrees_or_both() -> None:
    known = [set(witness_rows.ROWS), set(witness_limits.LEAST), set(witness_limits.PARTNERS), {L.Stable}]
    assert sum(map(len, known)) == len(set().union(*known))
    assert set().union(*known) == set(Limit.registry.values()) == {type(one) for one, *_ in LIMITS}


def test_numbers_of_rows_that_are_too_large_are_refused() -> None:
    programme = people([{}], [{"hours": 1 << 20}], L.Load("hours", 1 << 21))
    plan = plan_of(programme, [(0, 0)], record("Pairs", (1,), (0,), 1))
    assert verify(plan).proven
    said_ = ["certificate.records[0]: numbers this large cannot be added up exactly in 64 bits"]
    assert said(with_record(plan, 0, rows=(RowPrice("limit:0:0:0:0", 1 << 42),))) == said_
    for price in (1 << 62, 1 << 80, -(1 << 80)):
        assert said(with_record(TOTAL, 0, rows=(RowPrice("limit:0:0:0:0", price),))) == said_
    for column in (1 << 53, -(1 << 70)):
        world = World(forged(programme, mentees=people([{}], [{"hours": str(column)}]).mentees))
        with pytest.raises(OverflowError):
            witness_rows.ROWS[L.Load](programme.policy.limits[0], world)


@pytest.mark.parametrize("name", PLANS)
def test_files_hold_rows_and_cases(name: str) -> None:
    plan = PLANS[name]
    again = Certificate(tuple(GoalCertificate.from_dict(one.to_dict()) for one in plan.certificate))
    assert [one.to_dict() for one in again] == [one.to_dict() for one in plan.certificate]
    assert verify(change(plan, certificate=again)).proven


def test_the_diagnosis_names_the_limit() -> None:
    with pytest.raises(InfeasibleError) as raised:
        _ = NONE.pairs
    assert str(raised.value).startswith(
        "RM160 plan: 2 mentors (mentors:1, mentors:2) must have 2 partners in all, which no plan keeps together with "
        '"Any one department mentors any other in at most 1 pair"'
    )
    # in cases too; and without anybody who must have a partner
    record_ = NONE.certificate[0]
    nobody = forged(
        record_, mentor_prices=ints(0, 0), rows=(), cases=(forged(CIRCLE.certificate[0].cases[0], rows=record_.rows),)
    )
    assert (
        'with these people and pairs no plan keeps "Any one department'
        in infeasible_in_words(change(NONE, certificate=Certificate((nobody,)))).expected
    )
    silent = forged(record_, mentor_prices=ints(0, 0), rows=())
    assert infeasible_in_words(change(NONE, certificate=Certificate((silent,)))).expected == "no plan keeps every limit"


def test_the_diagnosis_says_nothing_of_private_columns() -> None:
    policy = NONE.programme.policy.replace(sensitive={"department": "a survey, by consent"})
    said_ = infeasible_in_words(change(NONE, programme=NONE.programme.replace(policy=policy))).expected
    assert said_.endswith("which no plan keeps together with policy.limits[1]")
