"""Plans: every row of the status table (docs/plan.md), and what each accessor says or raises in it."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import numpy as np
import pytest

import revmatch as rm
from revmatch.certificate import Certificate, GoalCertificate
from revmatch.errors import InfeasibleError, NoPlanError
from revmatch.plan import GoalValue, Pair, Plan
from revmatch.solve import begin

S, Status, L = rm.score, rm.Status, rm.limits
SMALL = rm.Programme.from_scores([[7, 5], [6, 1]])
ONE_GOAL = SMALL.replace(policy=SMALL.policy.replace(goals=["Pairs"]))
THREE = [{"id": "ann"}, {"id": "bo"}, {"id": "cem"}]
#: One person may not mentor another who mentors them: a limit that no flow can hold.
DUO = rm.Programme(THREE[:2], THREE[:2], dual_role=True)
#: Any two of three mentors may not have the same mentee: halves of all three would be best.
APART = rm.Programme(
    THREE, [{"id": "zoe", "capacity": 3}],
    rm.Policy(
        score=S.Table([[3], [3], [3]]), goals=["TotalScore"],
        limits=[L.Apart(["ann", "bo"]), L.Apart(["bo", "cem"]), L.Apart(["ann", "cem"])],
    ),
)  # fmt: skip
#: Two mentors of three hours, and three mentees who take two each: halves would do.
HALVES = rm.Programme(
    [{"id": "a", "capacity": 3}, {"id": "b", "capacity": 3}], [{"id": k, "hours": 2} for k in "xyz"],
    rm.Policy(limits=[L.Load("hours", at_most=3), L.EveryoneMatched("mentee")]),
)  # fmt: skip
#: The two who like each other best keep everybody from the best total.
STABLE = rm.Programme(
    [{"id": "a"}, {"id": "b"}], [{"id": "x"}, {"id": "y"}],
    rm.Policy(score=S.Table([[9, 8], [8, 0]]), goals=["TotalScore"], limits=[L.Stable()]),
)  # fmt: skip
ONE_PAIR = STABLE.replace(policy=STABLE.policy.replace(limits=[L.Stable(), L.TotalPairs(1)]))
#: Each of 13 must meet exactly 3 of 4 who are possible: a quick first try does not find it.
CROWD = rm.Programme.from_scores(
    np.ones((13, 13), dtype=int),
    forbidden=~np.isin(np.subtract.outer(np.arange(13), np.arange(13)) % 13, [0, 1, 3, 9]),
    mentor_capacity=3, mentor_min_load=3, mentee_capacity=3, mentee_min_load=3,
)  # fmt: skip
#: Greedy is not best here, and a quick ceiling is not met.
HARD = rm.Programme.from_scores(np.random.default_rng(0).integers(1, 99, (12, 10)))


def last_goal_only(news: dict[str, Any]) -> bool:
    return news["goal"] != "TotalScore"


def at_once(news: dict[str, Any]) -> bool:
    return False


def interrupted(news: dict[str, Any]) -> None:
    if news["goal"] == "TotalScore":
        raise KeyboardInterrupt


def lent_to_both() -> rm.Programme:
    """One leader, and two juniors who must both have a partner."""
    return rm.Programme([{"id": "a"}, {"id": "b"}], [{"id": "z"}], rm.Policy(limits=[L.EveryoneMatched("mentor")]))


#: What happened: the programme, options of match; then status, stopped_by, proof, held, verified and proven.
ROWS: dict[str, tuple[Any, dict[str, Any], tuple[Any, ...], bool, bool]] = {
    "proved by prices": (SMALL, {}, (Status.OPTIMAL, None, "prices"), True, True),
    "proved by cases": (APART, {}, (Status.OPTIMAL, None, "cases"), True, True),
    "proved by an engine": (STABLE, {}, (Status.OPTIMAL, None, "engine"), True, False),
    "time ran out, a plan": (HARD, {"time_limit": 0}, (Status.FEASIBLE, "time", None), True, False),
    "time ran out, proved": (ONE_GOAL, {"time_limit": 0}, (Status.OPTIMAL, None, "prices"), True, True),
    "time ran out, no plan": (CROWD, {"time_limit": 0}, (Status.NOT_FOUND, "time", None), False, False),
    "done at the gap": (APART, {"gap": 0.5}, (Status.FEASIBLE, "gap", None), True, False),
    "a gap that a proof does not need": (HARD, {"gap": 0.5}, (Status.OPTIMAL, None, "prices"), True, True),
    "interrupted": (HARD, {"on_progress": interrupted}, (Status.FEASIBLE, "interrupt", None), True, False),
    "called back, a plan": (HARD, {"on_progress": last_goal_only}, (Status.FEASIBLE, "callback", None), True, False),
    "called back, no plan": (CROWD, {"on_progress": at_once}, (Status.NOT_FOUND, "callback", None), False, False),
    "refuted by prices": (lent_to_both(), {}, (Status.INFEASIBLE, None, "prices"), False, True),
    "refuted by cases": (HALVES, {}, (Status.INFEASIBLE, None, "cases"), False, True),
    "refuted by an engine": (ONE_PAIR, {}, (Status.INFEASIBLE, None, "engine"), False, False),
    "nobody there": (rm.Programme([], []), {}, (Status.OPTIMAL, None, "prices"), True, True),
}  # fmt: skip


@pytest.fixture(params=ROWS, scope="module")
def row(request: pytest.FixtureRequest) -> tuple[Plan, tuple[Any, ...], bool, bool]:
    programme, options, said, held, proven = ROWS[request.param]
    return rm.match(programme, **options), said, held, proven


def test_every_status_and_proof_has_a_row() -> None:
    said = [row[2] for row in ROWS.values()]
    assert {status for status, _, _ in said} == set(Status)
    assert {stopped for _, stopped, _ in said} == {None, "time", "gap", "interrupt", "callback"}
    assert {proof for _, _, proof in said} == {None, "prices", "cases", "engine"}


def test_two_questions_two_fields(row: Any) -> None:
    plan, said, held, proven = row
    assert (plan.status, plan.stopped_by, plan.proof) == said
    assert plan.found is held
    verified = rm.verify(plan)
    assert verified.ok, verified.problems
    assert verified.proven is proven


def test_accessors_without_an_answer_raise(row: Any) -> None:
    plan, _, held, _ = row
    kind, code = (InfeasibleError, "RM160") if plan.status == Status.INFEASIBLE else (NoPlanError, "RM300")
    for ask in (
        lambda: plan.pairs,
        lambda: plan.unmatched_mentors,
        lambda: plan.unmatched_mentees,
        plan.to_frame,
        plan.to_networkx,
    ):
        if held:
            ask()
        else:
            with pytest.raises(kind, match=code) as caught:
                ask()
            assert caught.value.problems[0].hint


def test_goals_bounds_and_gap_never_raise(row: Any) -> None:
    plan, (status, _, proof), held, _ = row
    assert [goal.name for goal in plan.goals] == [str(goal) for goal in plan.programme.policy.goals]
    assert (plan.objective, plan.bound) == (plan.goals[-1].value, plan.goals[-1].bound)
    if not held:
        assert all((goal.value, goal.bound, goal.proven) == (None, None, False) for goal in plan.goals)
        assert plan.gap is None
    elif status == Status.OPTIMAL:
        assert all(goal.value == goal.bound and goal.proven for goal in plan.goals)
        assert plan.gap == 0.0
    else:
        first = next(goal for goal in plan.goals if not goal.proven)
        assert first.bound > first.value
        assert plan.gap == (first.bound - first.value) / max(1, abs(first.value)) > 0
        assert proof is None
    if plan.stopped_by == "gap":
        assert plan.gap <= plan.gap_allowed == 0.5
    records = plan.certificate.records
    assert [record.goal for record in records] in ([goal.name for goal in plan.goals], ["Feasible"], [])
    assert plan.certificate.bound == (records[-1].bound if records else None)
    if status == Status.INFEASIBLE:
        assert all(record.goal == "Feasible" and record.bound < 0 for record in records)
        assert bool(records) is (proof in ("prices", "cases"))


def test_every_plan_can_be_shown_written_and_read_back(row: Any) -> None:
    plan, (status, _, _), held, _ = row
    assert str(status) in repr(plan)
    assert str(status) in plan._repr_html_()
    back = Plan.from_json(plan.to_json(), plan.programme)
    assert back.to_json() == plan.to_json()
    assert back.goals == plan.goals
    assert not held or back.pairs == plan.pairs
    assert rm.verify(back) == rm.verify(plan)
    for twin in (copy.deepcopy(plan), pickle.loads(pickle.dumps(plan))):
        assert twin.to_json() == plan.to_json()
        assert (twin.route, twin.seconds) == (plan.route, plan.seconds)


def test_interrupted_before_there_is_a_plan() -> None:
    def stop(news: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rm.match(SMALL, on_progress=stop)


def test_the_route_says_which_engines_ran_and_why() -> None:
    assert all("min-cost flow" in step or "without a solver" in step for step in rm.match(HARD).route)
    assert any("linear programme" in step for step in rm.match(DUO).route)
    assert any("by 2 cases" in step for step in rm.match(APART).route)
    assert any("CP-SAT" in step for step in rm.match(STABLE).route)


def test_the_route_says_what_else_was_asked() -> None:
    """Prices of a flow know numbers of partners alone; where more is asked, the route says what became of that."""
    numbers = "only pairs and numbers of partners are asked"
    more = "what is asked beyond pairs and numbers of partners is"
    cap = {"capacity": 2}

    def route(*limits: Any, table: Any = ((4, 3, 2), (5, 1, 1)), **capacity: int) -> tuple[str, ...]:
        mentors, mentees = [
            [{"id": f"{side}{k}"} | capacity for k in range(n)] for side, n in (("m", 2), ("s", len(table[0])))
        ]
        policy = rm.Policy(score=rm.score.Table(table), limits=limits, goals=["TotalScore"])
        return rm.match(rm.Programme(mentors, mentees, policy)).route

    assert route(**cap) == (f"TotalScore by min-cost flow: {numbers}",)
    assert route(L.TotalPairs(5), **cap) == (f"TotalScore by min-cost flow: {more} kept all the same",)
    assert route(L.TotalPairs(2), **cap) == (
        f"prices of TotalScore by min-cost flow: {more} left aside",
        "TotalScore by linear programme: every pair that may exist is a column",
    )
    assert route(L.Stable(), table=((9, 8), (8, 0))) == (
        f"prices of TotalScore by min-cost flow: {more} left aside",
        "TotalScore by CP-SAT: stability must be kept besides the numbers of partners",
    )
    assert rm.match(HARD).seconds > 0


# --- what is held -----------------------------------------------------------------------------------------------------


def test_pairs_goals_and_who_is_left() -> None:
    mentors = [{"id": name, "capacity": c} for name, c in (("c", 1), ("a", 2), ("b", 0), ("d", 1))]
    mentees = [{"id": name, "capacity": c} for name, c in (("z", 1), ("y", 1), ("x", 0))]
    policy = rm.Policy(score=S.Table([[4, 1, 9], [3, 3, 9], [9, 9, 9], [1, 0, 9]]), goals=["Pairs", "TotalScore"])
    plan = rm.match(rm.Programme(mentors, mentees, policy))
    assert plan.pairs == (Pair("a", "y", 3), Pair("c", "z", 4))
    assert plan.goals == (GoalValue("Pairs", 2, 2), GoalValue("TotalScore", 7, 7))
    assert (plan.objective, plan.bound, plan.gap) == (7, 7, 0.0)
    assert plan.unmatched_mentors == ("d",)  # b takes no part
    assert plan.unmatched_mentees == ()
    assert plan.scale == 1
    assert plan.rounding_error == 0.0
    assert [len(record.mentor_prices) for record in plan.certificate] == [4, 4]


def test_order_of_goals_is_strict() -> None:
    scores = [[9, 0], [8, -5]]
    best = {}
    for goals in (["TotalScore"], ["Pairs", "TotalScore"], ["TotalScore", "Pairs"], ["Coverage(mentee)", "TotalScore"]):
        plan = rm.match(rm.Programme.from_scores(scores, policy=rm.Policy(goals=goals)))
        best[tuple(goals)] = [goal.value for goal in plan.goals]
    assert list(best.values()) == [[9], [2, 8], [9, 1], [2, 8]]


def test_ties_are_told() -> None:
    assert rm.match(rm.Programme.from_scores([[1, 1], [1, 1]])).ties is True
    assert rm.match(rm.Programme.from_scores([[2, 1], [1, 2]])).ties is False
    assert rm.match(DUO).ties is None
    assert rm.match(lent_to_both()).ties is None


def test_the_seed_decides_ties_and_nothing_else() -> None:
    programme = rm.Programme.from_scores(np.ones((9, 3), dtype=int))
    plans = [rm.match(programme, seed=seed) for seed in range(8)]
    assert len({plan.goals for plan in plans}) == 1
    assert len({plan.unmatched_mentors for plan in plans}) > 4
    assert rm.match(programme, seed=3).to_json() == plans[3].to_json()
    assert [plan.seed for plan in plans] == list(range(8))


def test_a_plan_is_frozen() -> None:
    plan = rm.match(SMALL)
    for name in ("status", "mentor_rows", "seconds"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(plan, name, None)
    record = plan.certificate[0]
    for array in (plan.mentor_rows, plan.mentee_rows, plan.scores, record.mentor_prices, record.mentee_prices):
        assert not array.flags.writeable
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.bound = 5
    with pytest.raises(TypeError):
        plan.pairs[0] = None


def test_a_plan_measures_itself_from_its_pairs() -> None:
    plan = rm.match(HARD)
    fewer = dataclasses.replace(
        plan, mentor_rows=plan.mentor_rows[1:], mentee_rows=plan.mentee_rows[1:], scores=plan.scores[1:], _cache={}
    )
    assert fewer.goals[1].value == plan.goals[1].value - 1
    assert fewer.objective == plan.objective - plan.pairs[0].score
    assert fewer.gap == 2 / fewer.goals[0].value


def test_values_bounds_and_gap_around_zero() -> None:
    """The gap of a plan that is worth nothing, or less, is told against 1."""
    plan = rm.match(rm.Programme.from_scores([[0]], policy=rm.Policy(goals=["TotalScore"])))
    for value, bound, gap in ((0, 3, 3.0), (-4, -2, 0.5), (-1, 0, 1.0), (0, 0, 0.0)):
        told = dataclasses.replace(
            plan,
            scores=np.array([value]),
            mentor_rows=np.array([0]),
            mentee_rows=np.array([0]),
            bounds=(bound,),
            _cache={},
        )
        assert told.gap == gap
    assert dataclasses.replace(plan, bounds=(None,)).gap is None


@pytest.mark.parametrize("small", [0, 1 << 14])
def test_goals_that_are_made_small_have_a_floor(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(begin, "SMALL", small)
    juniors = [{"id": f"j{k:02}", "capacity": 1 + k % 2} for k in range(20)]
    leaders = [{"id": f"m{k}", "capacity": 3} for k in range(8)]
    before = [(f"j{k:02}", f"m{k % 8}") for k in range(20)]
    policy = rm.Policy(limits=["TotalPairs(12)"], goals=["LeastChange"])
    plan = rm.match(rm.Programme(juniors, leaders, policy, previous=[*before, ("gone", "m0")]), time_limit=0)
    (goal,) = plan.goals
    # nothing can keep the pair of somebody who has left, and there were 20 others
    assert (goal.bound, plan.stopped_by) == (1, "time")
    assert goal.value >= 9
    assert rm.verify(plan).ok


def test_the_gap_is_that_of_the_first_goal_that_is_open() -> None:
    plan = rm.match(HARD)
    coverage, pairs, total = (goal.value for goal in plan.goals)
    assert dataclasses.replace(plan, bounds=(coverage, pairs + 1, total + 500)).gap == 1 / pairs
    assert dataclasses.replace(plan, bounds=(coverage, pairs, total + 500)).gap == 500 / total


# --- why there is none ------------------------------------------------------------------------------------------------


def test_infeasible_says_who_needs_more_than_there_is() -> None:
    """Three who must have a partner and one leader with two places; nobody's id is told, rows are."""
    mentors = [{"id": f"junior {k}", "name": "Canary", "site": "A" if k else "B"} for k in range(4)]
    mentees = [{"id": "x", "capacity": 2, "site": "A"}, {"id": "y", "site": "B"}]
    policy = rm.Policy(["Same(site)"], limits=[L.EveryoneMatched("mentor")])
    plan = rm.match(rm.Programme(mentors, mentees, policy))
    with pytest.raises(InfeasibleError) as caught:
        plan.pairs  # noqa: B018
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("RM160", "plan")
    assert problem.expected == (
        "3 mentors (mentors:2, mentors:3, mentors:4) must have 3 partners in all, but may only be paired with"
        " 1 mentee (mentees:1), with 2 places in all"
    )
    fewer = plan.programme.replace(mentors=plan.programme.mentors[:3])
    assert rm.match(fewer).found


def test_infeasible_with_nobody_to_meet() -> None:
    policy = rm.Policy(["Different(site)"], limits=[L.EveryoneMatched("mentee")])
    plan = rm.match(rm.Programme([{"id": "a", "site": "A"}], [{"id": "z", "site": "A"}], policy))
    with pytest.raises(InfeasibleError, match=r"1 mentee \(mentees:1\) must have 1 .* paired with nobody"):
        plan.to_frame()


def test_infeasible_on_the_engines_word_says_so() -> None:
    plan = rm.match(ONE_PAIR)
    assert plan.proof == "engine"
    with pytest.raises(InfeasibleError, match="RM160 plan: no plan keeps every limit"):
        dataclasses.replace(plan, programme=SMALL).pairs  # noqa: B018


# --- parts ------------------------------------------------------------------------------------------------------------


def test_a_certificate_is_a_sequence_of_records() -> None:
    certificate = rm.match(SMALL).certificate
    assert certificate.checked == "all"
    assert len(certificate) == 3
    assert [record.goal for record in certificate] == ["Coverage", "Pairs", "TotalScore"]
    assert certificate[-1] is certificate.records[-1]
    assert Certificate(()).bound is None


def test_a_record_round_trips() -> None:
    for record in rm.match(HARD).certificate:
        back = GoalCertificate.from_dict(record.to_dict())
        assert back.to_dict() == record.to_dict()


def test_statuses_are_words() -> None:
    assert [str(status) for status in Status] == ["OPTIMAL", "FEASIBLE", "INFEASIBLE", "NOT_FOUND"]
    assert rm.match(SMALL).status == "OPTIMAL"
