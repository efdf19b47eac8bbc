"""Why people have no partner."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest

import revmatch as rm
from revmatch.report import unmatched
from revmatch.report.room import Room
from revmatch.report.unmatched import Cause, unmatched_people

MENTORS = [
    {"id": "j1", "department": "IT", "grade": 2},
    {"id": "j2", "department": "HR", "grade": 3},
    {"id": "j3", "department": "IT", "grade": 1},
]
MENTEES = [{"id": "s1", "department": "HR", "grade": 8}]


def words(mentors: Any, mentees: Any, policy: rm.Policy, **more: Any) -> dict[str, str]:
    plan = rm.match(rm.Programme(mentors, mentees, policy, **more))
    found = unmatched_people(plan)
    assert [p.person for p in found if p.side == "mentor"] == list(plan.unmatched_mentors)
    assert [p.person for p in found if p.side == "mentee"] == list(plan.unmatched_mentees)
    return {person.person: person.words for person in found}


def test_taken_and_ruled_out() -> None:
    policy = rm.Policy(["DifferentDepartment", "GradeGap(at_least=6)"], rm.score.Distance("grade", 9))
    assert words(MENTORS, MENTEES, policy) == {
        "j1": "the one eligible partner is taken: another pair serves the goals better",
        "j2": "no eligible partner: DifferentDepartment and GradeGap(at_least=6) each rule out all 1",
    }


def test_several_rules_together_and_the_plural() -> None:
    mentees = [*MENTEES, {"id": "s2", "department": "IT", "grade": 4}, {"id": "s3", "department": "IT", "grade": 9}]
    policy = rm.Policy(["DifferentDepartment", "GradeGap(at_least=6)"])
    mentors = [{"id": "a", "department": "IT", "grade": 3}, {"id": "b", "department": "HR", "grade": 3}]
    found = words(mentors, mentees, policy)
    assert found["a"] == "no eligible partner: of 3 people, GradeGap(at_least=6) rules out 2 and DifferentDepartment 2"
    mentors += [{"id": "c", "department": "HR", "grade": 2}, {"id": "d", "department": "HR", "grade": 1}]
    many = [*mentees, {"id": "s4", "department": "IT", "grade": 9}]
    found = words(mentors, many, policy)
    (taken,) = (found[name] for name in "bcd" if name in found)
    assert taken == "all 2 eligible partners are taken: other pairs serve the goals better"


def test_what_is_not_stated_is_said() -> None:
    mentors = [*MENTORS, {"id": "j4", "department": "", "grade": 1}]
    policy = rm.Policy(["DifferentDepartment"])
    assert words(mentors, MENTEES, policy)["j4"] == (
        "no eligible partner: DifferentDepartment needs department, which is not stated"
    )


def test_a_manager_in_no_file_is_a_line_not_stated() -> None:
    mentors = [{"id": "j", "manager": "who"}, {"id": "k", "manager": "s1"}]
    mentees = [{"id": "s1", "manager": ""}]
    found = words(mentors, mentees, rm.Policy(["OutsideReportingLine"]), unknown_manager="allow")
    assert (
        found["j"]
        == "no eligible partner: OutsideReportingLine needs a reporting line up to the top, which is not stated"
    )
    assert found["k"] == "no eligible partner: OutsideReportingLine rules out all 1"


def test_bans_and_whom_people_avoid_are_not_told_apart_nor_counted() -> None:
    mentors = [{"id": "j1", "avoid": "s1"}, {"id": "j2", "avoid": ""}]
    found = words(mentors, [{"id": "s1"}], rm.Policy(), bans=[("j2", "s1")])
    assert found["j1"] == found["j2"] == "no eligible partner: other reasons"


def test_sensitive_rules_are_not_named() -> None:
    people = [{"id": "j", "ethnicity": "P"}], [{"id": "s", "ethnicity": "P"}]
    policy = rm.Policy(["Different(ethnicity)"], sensitive={"ethnicity": "agreed"})
    assert words(*people, policy)["j"] == "no eligible partner: other reasons"


def test_nobody_on_the_other_side() -> None:
    assert words(MENTORS[:1], [], rm.Policy())["j1"] == "no eligible partner: nobody takes part on the other side"
    idle = [{"id": "s", "capacity": 0}]
    assert words(MENTORS[:1], idle, rm.Policy()) == {"j1": "no eligible partner: nobody takes part on the other side"}


def test_free_people_whom_no_goal_wants() -> None:
    plan = rm.match(rm.Programme.from_scores([[-3, -1], [2, -5]], policy=rm.Policy(goals=[rm.goals.TotalScore()])))
    (mentee, mentor) = unmatched_people(plan)
    assert (mentee.cause, mentor.cause) == (Cause.NO_GAIN, Cause.NO_GAIN)
    assert mentee.words == "1 of 2 eligible partners is free, but a pair would not add to the goals"


def test_rules_on_the_score_and_tables_with_gaps() -> None:
    mentors = [{"id": "j1", "offers": "a:1"}, {"id": "j2", "offers": "a:5"}]
    policy = rm.Policy(["MinScore(3)"], "SkillGap")
    assert words(mentors, [{"id": "s", "wants": "a:5"}], policy)["j1"] == (
        "no eligible partner: MinScore(3) rules out all 1"
    )
    plan = rm.match(rm.Programme.from_scores([[1, 2], [3, 4]], forbidden=[[True, True], [False, False]]))
    by_id = {(p.person, p.side): p.words for p in unmatched_people(plan)}
    assert by_id["0", "mentor"] == "no eligible partner: other reasons"


def test_one_person_in_two_roles_is_no_partner_of_theirs() -> None:
    assert words([{"id": "a"}], [{"id": "a"}], rm.Policy(), dual_role=True) == {
        "a": "no eligible partner: other reasons"
    }


def test_so_many_that_nobody_would_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unmatched, "MOST_PAIRS", 0)
    assert set(words(MENTORS, MENTEES, rm.Policy()).values()) == {"not looked into: too many people have no partner"}


def test_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = rm.match(rm.datasets.demo())
    whole = unmatched_people(plan)
    monkeypatch.setattr(unmatched, "_TILE", 100)
    assert unmatched_people(plan) == whole


def test_counts_agree_with_the_check() -> None:
    programme = rm.datasets.demo()
    found = unmatched_people(rm.match(programme))
    check = rm.check(programme).without_partner
    alone = {person.person for person in found if person.cause is Cause.NOBODY}
    assert alone == {one.person for one in (*check.mentors, *check.mentees)}


# -- limits -----------------------------------------------------------------------------------------------------------

PEOPLE = [{"id": x, "hours": k} for k, x in enumerate("abc", start=1)]
LEADERS = [{"id": x, "capacity": 2, "department": d, "hours": 9} for x, d in (("x", "HR"), ("y", "IT"), ("z", "IT"))]


def limited(*limits: str, juniors: Any = PEOPLE, leaders: Any = LEADERS, **more: Any) -> dict[str, str]:
    return words(juniors, leaders, rm.Policy(limits=limits, **more))


def test_the_limit_that_alone_stands_against_one_more_pair_is_named() -> None:
    found = limited("TotalPairs(2)")
    assert found
    assert all(text.endswith("free, but no further pair fits the limits: TotalPairs(2)") for text in found.values())
    plan = rm.match(rm.Programme(PEOPLE, LEADERS, rm.Policy(limits=["TotalPairs(2)"])))
    assert {person.cause for person in unmatched_people(plan)} == {Cause.LIMITS}


def test_where_several_limits_stand_against_every_pair_none_is_named() -> None:
    found = limited("TotalPairs(2)", "Circles(2, 2)")
    assert found.pop("c", "") or found
    assert all(text.endswith("but no further pair fits the limits") for text in found.values() if "3 of 3" in text)


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("Apart([a, b, c])", "1 of 1 eligible partners is free, but no further pair fits the limits: Apart([a, b, c])"),
        ("CoMentorsDifferent(team)", "CoMentorsDifferent(team)"),
        ("Circles(1, 1)", "Circles(1, largest=1)"),
        ("Load(hours, at_most=1, side=mentee)", "Load(hours, at_most=1, side=mentee)"),
    ],
)
def test_limits_of_one_leader(limit: str, said: str) -> None:
    juniors = [{"id": x, "hours": 1, "team": "A"} for x in "abc"]
    found = limited(limit, juniors=juniors, leaders=[{"id": "x", "capacity": 3, "hours": 9}])
    assert len(found) == 2
    assert all(text.startswith("1 of 1 eligible partners is free") and text.endswith(said) for text in found.values())


def test_a_capacity_below_the_smallest_circle_is_said() -> None:
    leaders = [{"id": "x", "capacity": 1}, {"id": "y", "capacity": 2}]
    found = limited("Circles(2, 3)", juniors=PEOPLE[:2], leaders=leaders)
    assert found == {"x": "a capacity of 1 is below the smallest circle of Circles(2, largest=3)"}
    found = words(PEOPLE, leaders, rm.Policy(limits=["Circles(2, 3)"]), bans=[("c", "y")])
    assert found["c"] == "Circles(2, largest=3) rules out the one eligible partner"


def test_who_can_never_have_a_partner_is_not_told_that_others_are_better() -> None:
    juniors = [{"id": "a", "hours": 1}, {"id": "b", "hours": 1}, {"id": "long", "hours": 5}]
    leaders = [{"id": "x"}, {"id": "y"}]
    found = limited("Load(hours, at_most=2, side=mentee)", juniors=juniors, leaders=leaders)
    assert found == {"long": "Load(hours, at_most=2, side=mentee) rules out all 2 eligible partners"}
    both = "Load(hours, at_most=2, side=mentee)", "Load(hours, at_most=3, side=mentee)"
    found = limited(*both, juniors=juniors, leaders=leaders)
    assert found == {"long": f"{both[0]} and {both[1]} each rule out all 2 eligible partners"}


def test_where_limits_may_be_why_partners_are_taken_goals_are_not_blamed() -> None:
    found = limited("TotalPairs(3)", leaders=[{"id": "x"}])
    said = "the one eligible partner is taken, and no plan that keeps everything that is asked serves the goals better"
    assert set(found.values()) == {said}


def test_two_people_meet_in_one_direction_only() -> None:
    both = [{"id": "a"}, {"id": "b"}]
    found = words(both, both, rm.Policy(), dual_role=True)
    assert set(found.values()) == {
        '1 of 1 eligible partners is free, but no further pair fits the limits: "Two people meet in one direction only"'
    }


def test_a_stopped_plan_blames_neither_goals_nor_limits() -> None:
    best = rm.match(rm.Programme([{"id": "a"}, {"id": "b"}], [{"id": "x"}, {"id": "y"}, {"id": "z"}]))
    some = {name: getattr(best, name)[:1] for name in ("mentor_rows", "mentee_rows", "scores")}
    plan = dataclasses.replace(best, _cache={}, status=rm.Status.FEASIBLE, proof=None, stopped_by="time", **some)
    said = {person.words for person in unmatched_people(plan)}
    assert said == {
        "1 of 2 eligible partners is free, and the search was stopped before more was tried",
        "2 of 3 eligible partners are free, and the search was stopped before more was tried",
    }


def test_a_limit_on_what_is_sensitive_is_not_named() -> None:
    juniors = [{"id": x, "ethnicity": "P"} for x in "ab"]
    limits, sensitive = "Quota(ethnicity, P, mentor, at_most=1)", {"ethnicity": "agreed"}
    found = limited(limits, juniors=juniors, leaders=LEADERS[:1], sensitive=sensitive)
    assert list(found.values()) == ["1 of 1 eligible partners is free, but no further pair fits the limits"]
    found = limited(limits.replace("1)", "0)"), juniors=juniors, leaders=LEADERS[:1], sensitive=sensitive)
    assert found["a"] == "the limits together rule out the one eligible partner"


def test_one_more_pair_is_judged_as_the_checker_does() -> None:
    juniors = [{"id": x, "hours": k % 3 + 1, "team": "AAB"[k % 3]} for k, x in enumerate("abcdef")]
    leaders = [{"id": x, "capacity": 6, "hours": 2, "team": x} for x in "xyz"]
    limits = [
        "TotalPairs(5)", "Quota(team, A, mentor, at_most='60%')", "Circles(2, 3)", "CoMentorsDifferent(team)",
        "Load(hours, at_most=4, side=mentee)", "Together([a, c])", "Apart([b, c])",
        "Quota(team, B, mentor, at_least=1)",
    ]  # fmt: skip
    policy = rm.Policy(limits=limits, goals=["Pairs"])
    plan = rm.match(rm.Programme(juniors, leaders, policy))
    assert plan.pairs
    room, held = Room(plan, plan.programme.sides()), {(pair.mentor, pair.mentee) for pair in plan.pairs}
    for i, j in itertools.product(range(len(juniors)), range(len(leaders))):
        if (juniors[i]["id"], leaders[j]["id"]) not in held:
            rows = sorted([*zip(plan.mentor_rows.tolist(), plan.mentee_rows.tolist(), strict=True), (i, j)])
            mentors, mentees = np.array(rows).T
            scores = np.zeros(len(rows), dtype=np.int64)
            more = dataclasses.replace(plan, _cache={}, mentor_rows=mentors, mentee_rows=mentees, scores=scores)
            places = {problem.place for problem in rm.verify(more).problems}
            broken = room.broken(np.array([i]), np.array([j]))[:-1, 0].tolist()
            assert broken == [f"policy.limits[{k}]" in places for k in range(len(limits))]
