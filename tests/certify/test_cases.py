"""Proofs by cases: they must cover everything, and each must claim what its prices give."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from certify.by_hand import BY_ROW, CIRCLE, TOTAL, case, ints, plan_of, record, said, scores, with_record
from certify.test_corruption import change, forged
from certify.test_garbage import GARBAGE
from revmatch.certificate import Case, Certificate, RowPrice
from revmatch.certify import reading, sources
from revmatch.certify.cover import uncovered
from revmatch.certify.verify import verify
from revmatch.programme import Programme


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
            for decision in ((2, 1, 0, 1), (5, 0, 0, 1), (3, 3, "", 1), (2, 0, -1, 1), (2, 0, 0, 2),
                             (1, 0, 1 << 62, 1), (2, 0, 2**63 - 1, 1),
                             (2, 0, 0), [2, 0, 0, 1], (2, 0, 0, True), (0, 0, 1, 1), (0, 3, 0, 1),
                             (0, -1, 0, 1), (1, 3, 0, 1), (2, 0, "0", 1))
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


ROW_OF_B = "limit:0:0:0:0"


def test_a_partner_in_a_row_or_elsewhere() -> None:
    """For each answer the other pairs of the one person are out, and no pair of anybody else."""
    cases = BY_ROW.certificate[0].cases
    swapped = tuple(
        forged(case_, decisions=(((3, 0, ROW_OF_B, 1 - way)),)) for way, case_ in enumerate(cases)
    )  # fmt: skip
    found = said(with_record(BY_ROW, 0, cases=swapped))
    assert "cases[0].bound: claims 2, but its prices add up to at least 3" in found[0]
    # the mentee of C, who has one place, has a mentor of A or none
    other = (
        case(((4, 2, "limit:0:0:0:1", 0),), (0, 0), (1, 1, 0), 2),
        case(((4, 2, "limit:0:0:0:1", 1),), (1, 1), (0, 0, 0), 2),
    )
    assert verify(with_record(BY_ROW, 0, cases=other)).proven
    # who is pinned to somebody of C has nobody of B, and nobody else of C
    pinned = BY_ROW.programme.replace(pins=[("j0", "s2")])
    impossible = (forged(cases[0], bound=2), forged(cases[1], bound=-99))
    plan = change(with_record(BY_ROW, 0, cases=impossible), programme=pinned)
    assert not [one for one in said(plan) if "cases[1]" in one]


def test_only_who_has_one_partner_is_asked_for_a_row() -> None:
    """Who may have two could have one in the row and one elsewhere."""
    refused = "expected decisions of kinds 3 and 4 to name the row of a limit, and somebody who has one partner at most"
    two = Programme(
        [{"id": "j0", "department": "A", "capacity": 2}, {"id": "j1", "department": "A"}],
        BY_ROW.programme.mentees,
        BY_ROW.programme.policy,
    )
    assert refused in said(change(BY_ROW, programme=two))[0]
    low, high = BY_ROW.certificate[0].cases
    one_at_most, more = (1, 0, 1, 0), case(((1, 0, 1, 1),), (0, 1), (0, 0, 0), 4)
    tree = (
        *(forged(part, decisions=(one_at_most, *part.decisions)) for part in (low, high)),
        more,
    )
    found = said(change(with_record(BY_ROW, 0, cases=tree), programme=two))
    assert not any(refused in one for one in found), found
    after = tuple(forged(part, decisions=(*part.decisions, one_at_most)) for part in (low, high))
    assert refused in said(change(with_record(BY_ROW, 0, cases=after), programme=two))[0]
    for decision in ((3, 0, "limit:0:0:0:9", 0), (3, 0, "goal:0", 0), (3, 0, 0, 0), (4, 0, None, 0)):
        forged_cases = (forged(low, decisions=(decision,)), high)
        assert refused in said(with_record(BY_ROW, 0, cases=forged_cases))[0]


def test_types_of_somebodys_own_are_refused() -> None:
    """They could be equal to anything when the tree of cases is looked at, and another row when it is added up."""

    class Same(str):
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            return True

        def __ne__(self, other: object) -> bool:
            return False

    class Own(tuple):  # type: ignore[type-arg]
        pass

    low, high = BY_ROW.certificate[0].cases
    for way, decision in (
        (0, (3, 0, Same(ROW_OF_B), 0)),
        (1, (3, 0, Same("limit:0:0:0:1"), 1)),
        (0, Own(low.decisions[0])),
    ):
        cases = [low, high]
        cases[way] = forged(cases[way], decisions=(decision,))
        assert "expected" in said(with_record(BY_ROW, 0, cases=tuple(cases)))[0]
    own = (forged(low, decisions=Own(low.decisions)), high)
    assert "expected a tuple of decisions" in said(with_record(BY_ROW, 0, cases=own))[0]


def test_pairs_that_the_whole_rules_out_count_in_no_case() -> None:
    """One that is further below than the gap is in no better plan."""
    whole = record("TotalScore", (0, 0), (3, 5), 7, cases=(case((), (0, 0), (0, 0), 7),))
    plan = plan_of(scores([[3, 1], [2, 4]]), [(0, 0), (1, 1)], whole, proof="cases")
    # 8 in all: who reaches 8 holds no pair that is below. That leaves 3 of 3, 1, 2 and 4
    assert verify(plan).proven
    assert "cases[0].bound: claims 7, but its prices add up to at least 9" in said(with_record(plan, 0, margin=3))[0]


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
