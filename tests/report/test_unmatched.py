"""Why people have no partner."""

from __future__ import annotations

from typing import Any

import pytest

import revmatch as rm
from revmatch.report import unmatched
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
