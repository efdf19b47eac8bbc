"""Certificates with prices of rows: those computed by hand close, and what is forged in them is seen."""

from __future__ import annotations

from typing import Any

import pytest

from certify.by_hand import (
    BOTTLENECK,
    CIRCLE,
    GAP,
    LEAST,
    MAX_MIN,
    NONE,
    PLANS,
    TOTAL,
    L,
    ints,
    people,
    plan_of,
    record,
    said,
    scores,
    with_record,
)
from certify.test_corruption import change, forged
from revmatch.certificate import Case, Certificate, GoalCertificate, RowPrice
from revmatch.certify import witness_rows
from revmatch.certify.verify import verify
from revmatch.certify.world import World
from revmatch.diagnosis import infeasible_in_words
from revmatch.errors import InfeasibleError
from revmatch.plan import Plan


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


# --- goals that compare ----------------------------------------------------------------------------------------------


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
        '"From any department to any department, its own too, there is at most 1 pair"'
    )
    # in cases too; and without anybody who must have a partner
    record_ = NONE.certificate[0]
    silent = forged(record_, mentor_prices=ints(0, 0), rows=())
    nobody = forged(silent, cases=(Case((), ints(0, 0), record_.mentee_prices, record_.rows, 1, -1),))
    assert (
        'with these people and pairs no plan keeps "From any department'
        in infeasible_in_words(change(NONE, certificate=Certificate((nobody,)))).expected
    )
    assert infeasible_in_words(change(NONE, certificate=Certificate((silent,)))).expected == "no plan keeps every limit"


def test_the_diagnosis_says_nothing_of_private_columns() -> None:
    policy = NONE.programme.policy.replace(sensitive={"department": "a survey, by consent"})
    said_ = infeasible_in_words(change(NONE, programme=NONE.programme.replace(policy=policy))).expected
    assert said_.endswith("which no plan keeps together with policy.limits[1]")
