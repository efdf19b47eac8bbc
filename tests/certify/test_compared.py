"""Goals that compare people: nothing above their value exists, and later goals keep it."""

from __future__ import annotations

import revmatch as rm
from certify.by_hand import BALANCE, BOTTLENECK, MAX_MIN, ints, people, plan_of, record, said, scores, with_record
from certify.test_corruption import change
from revmatch.certify.verify import verify
from revmatch.plan import Status


def test_max_min_is_kept_by_rows() -> None:
    """5 and 3 leave somebody at 3. The row of mentee 1 at 7, which 3 and 1 do not reach, proves that 7 is all."""
    assert verify(MAX_MIN).problems == ()
    assert not verify(MAX_MIN).proven  # 5 + 3 is not reached
    kept = record("TotalScore", (5, 2), (0, 7), 7, goal_1_1=2)
    last = change(with_record(MAX_MIN, 2, kept), bounds=(2, 7, 7), status=Status.OPTIMAL, proof="prices")
    assert verify(last).problems == ()
    assert verify(last).proven


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
