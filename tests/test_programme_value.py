"""Programmes as values: made from scores, changed, pickled, written and read back."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from typing import Any

import numpy as np
import pytest

import revmatch as rm
from revmatch.errors import InputError, PolicyError, RevmatchError, ScaleError
from revmatch.pins import Pin

S, Policy, Programme = rm.score, rm.Policy, rm.Programme
A, B = {"id": "a", "department": "IT", "grade": 2}, {"id": "b", "department": "HR", "grade": 3}
Y, Z = {"id": "y", "department": "HR", "grade": 7}, {"id": "z", "department": "IT", "grade": 8}


def codes(error: type[Exception], make: Any) -> list[tuple[str, str]]:
    with pytest.raises(error) as caught:
        make()
    assert type(caught.value) is error
    return [(problem.code, problem.place) for problem in caught.value.problems]


# --- from scores ------------------------------------------------------------------------------------------------------


def test_from_scores_takes_one_number_or_one_for_each() -> None:
    programme = Programme.from_scores(
        [[3, 1], [2, 5], [0, 0]], mentor_capacity=2, mentee_capacity=np.array([1, 2], dtype=np.uint8),
        mentor_min_load=[1, 0, 0], mentee_min_load=0,
    )  # fmt: skip
    assert programme.mentors.ids.tolist() == ["0", "1", "2"]
    assert programme.mentees.ids.tolist() == ["0", "1"]
    assert [bound.tolist() for bound in programme.bounds("mentor")] == [[1, 0, 0], [2, 2, 2]]
    assert [bound.tolist() for bound in programme.bounds("mentee")] == [[0, 0], [1, 2]]
    assert len(Programme.from_scores(np.zeros((0, 3)), mentor_capacity=[]).mentees) == 3


@pytest.mark.parametrize(
    ("options", "code", "place"),
    [
        ({"mentor_capacity": -1}, "RM150", "mentor_capacity"),
        ({"mentor_capacity": 10**6 + 1}, "RM150", "mentor_capacity"),
        ({"mentee_capacity": [1, 1, 1]}, "RM150", "mentee_capacity"),
        ({"mentee_capacity": [[1, 1]]}, "RM150", "mentee_capacity"),
        ({"mentor_capacity": 1.0}, "RM150", "mentor_capacity"),
        ({"mentor_capacity": True}, "RM150", "mentor_capacity"),
        ({"mentor_capacity": "2"}, "RM150", "mentor_capacity"),
        ({"mentee_min_load": [0, 2]}, "RM151", "mentees:2:min_load"),
        ({"mentor_min_load": None}, "RM150", "mentor_min_load"),
        ({"forbidden": [[True]]}, "RM143", "forbidden"),
    ],
)
def test_bounds_that_make_no_sense(options: dict[str, Any], code: str, place: str) -> None:
    found = codes(InputError, lambda: Programme.from_scores([[1, 2], [3, 4]], **options))
    assert found[0] == (code, place)


def test_from_scores_takes_goals_and_limits_only() -> None:
    for policy in (Policy(["NotPairedBefore"]), Policy(score=S.Same("site")), "Pairs"):
        assert codes(PolicyError, lambda p=policy: Programme.from_scores([[1]], policy=p)) == [("RM180", "policy")]
    policy = Policy(limits=["EveryoneMatched(mentor)"], goals=["TotalScore"])
    plan = rm.match(Programme.from_scores([[-5, -7]], policy=policy))
    assert plan.objective == -5
    with pytest.raises(ScaleError):
        Programme.from_scores([[2**60]])


def test_in_from_scores_equal_ids_are_different_people() -> None:
    plan = rm.match(Programme.from_scores([[9, 1], [1, 9]]))
    assert [(pair.mentor, pair.mentee) for pair in plan.pairs] == [("0", "0"), ("1", "1")]


# --- as a value -------------------------------------------------------------------------------------------------------


def whole() -> Programme:
    everybody = [A, B, Y, Z, {"id": "c", "department": "x", "site": "q"}]
    policy = Policy(["DifferentDepartment"], "SkillGap", order={"grade": ["2", "3", "7", "8"]}, show=["site"])
    mentors = [A | {"offers": "sql:3"}, B | {"offers": ""}]
    mentees = [Y | {"wants": "sql:4", "name": "Canary"}, Z | {"wants": {"sql": 2}, "name": "B"}]
    pin = Pin("b", "y", ("DifferentDepartment",), "agreed")
    more: dict[str, Any] = {"bans": [("a", "y")], "history": [("b", "z")], "unknown_manager": "allow"}
    more["previous"] = [("a", "z"), ("gone", "y")]
    return Programme(mentors, mentees, policy, organisation=everybody, pins=[pin], **more)


def test_a_programme_is_a_frozen_value() -> None:
    programme = whole()
    for twin in (copy.deepcopy(programme), pickle.loads(pickle.dumps(programme)), programme.replace()):
        assert twin == programme
        assert rm.match(twin).to_json() == rm.match(programme).to_json()
    with pytest.raises(dataclasses.FrozenInstanceError):
        programme.pins = ()
    assert repr(programme) == "Programme(2 mentors, 2 mentees)"


def test_replace_changes_parts_and_checks_again() -> None:
    programme = whole()
    assert programme.replace(bans=()).bans == ()
    assert len(programme.bans) == 1
    with pytest.raises(PolicyError, match=r'RM135 replace\.ban: .* \(did you mean "bans"\?\)'):
        programme.replace(ban=())
    assert codes(InputError, lambda: programme.replace(bans=[("b", "y")])) == [("RM161", "pins[0] and bans[0]")]
    assert codes(PolicyError, lambda: programme.replace(policy="x")) == [("RM180", "policy")]
    assert codes(PolicyError, lambda: programme.replace(unknown_manager="no")) == [("RM180", "unknown_manager")]
    assert codes(PolicyError, lambda: programme.replace(dual_role="no")) == [("RM180", "dual_role")]


def test_the_organisation_lends_columns_by_id() -> None:
    policy = Policy(["DifferentDepartment"])
    mentors, mentees = [{"id": "a"}, {"id": "b"}], [{"id": "z", "department": "HR"}]
    programme = Programme(mentors, mentees, policy, organisation=[A, B, Z])
    assert programme.mentors["department"].tolist() == ["IT", "HR"]
    assert programme.mentees["department"].tolist() == ["HR"]  # a column of one's own is not replaced
    assert [(pair.mentor, pair.mentee) for pair in rm.match(programme).pairs] == [("a", "z")]
    lost = Programme(mentors, mentees, policy, organisation=[B])
    assert lost.mentors.missing("department").tolist() == [True, False]


@pytest.mark.parametrize("make", [whole, lambda: Programme.from_scores([[0.1, 2], [3, 4]], mentor_capacity=[2, 0])])
def test_json_round_trip(make: Any) -> None:
    programme = make()
    back = Programme.from_json(programme.to_json())
    assert back == programme
    assert back.to_json() == programme.to_json()
    assert rm.match(back).to_dict()["pairs"] == rm.match(programme).to_dict()["pairs"]


def test_a_selection_is_written_with_its_roster_once() -> None:
    people = rm.People.from_records([A, B, Y, Z])
    programme = Programme(people[:2], people[2:], organisation=people)
    data = json.loads(programme.to_json())
    assert len(data["rosters"]) == 1
    back = Programme.from_json(programme.to_json())
    assert back.mentors.same_roster(back.mentees)
    assert back == programme


def tampered(**parts: Any) -> str:
    return json.dumps({k: v for k, v in (json.loads(whole().to_json()) | parts).items() if v != "left out"})


def test_a_file_that_was_written_before_there_was_a_previous_plan_is_read() -> None:
    assert Programme.from_json(tampered(previous="left out")) == whole().replace(previous=())


def with_table(table: dict[str, Any]) -> str:
    return tampered(score=[{"weight": 1, "table": table}])


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "RM211", "programme, line 1"),
        ("[]", "RM211", "programme"),
        ("{}", "RM211", "programme"),
        ('{"format": "revmatch.programme/2"}', "RM211", "programme"),
        (tampered(format="revmatch.plan/1"), "RM211", "programme"),
        (tampered(pinns=[]), "RM211", "programme.pinns"),
        (tampered(history="left out"), "RM211", "programme.history"),
        (tampered(rosters=5), "RM211", "programme"),
        (tampered(rosters=[]), "RM211", "programme"),
        (tampered(mentors={"roster": 9}), "RM211", "programme"),
        (tampered(mentors={"roster": -1}), "RM211", "programme"),
        (tampered(mentors={"roster": 0, "rows": [0, 99]}), "RM143", ""),
        (tampered(mentors={"roster": 0, "rows": [0.5]}), "RM211", "programme"),
        (tampered(mentors={"roster": 0, "rows": [-1]}), "RM211", "programme"),
        (tampered(mentors=None), "RM211", "programme"),
        (tampered(pins=None), "RM143", "pins"),
        (tampered(previous=[["a"]]), "RM143", "previous[0]"),
        (tampered(pins=[["a"]]), "RM143", "pins[0]"),
        (tampered(bans=[["a", "nobody"]]), "RM130", "bans[0].mentee"),
        (tampered(dual_role="yes"), "RM180", "dual_role"),
        (tampered(policy={"rule": []}), "RM135", "programme.policy.rule"),
        (tampered(policy=[]), "RM211", "programme.policy"),
        (
            tampered(score=[{"weight": 1, "table": {"shape": [2, 2], "scale": "1", "values": [[1]]}}]),
            "RM211",
            "programme",
        ),
        (
            tampered(score=[{"weight": 1, "table": {"shape": [1, 1], "scale": "1", "values": [[1]]}}]),
            "RM143",
            "score.Table",
        ),
        (
            tampered(score=[{"weight": 1, "table": {"shape": [2, 2], "scale": "0", "values": [[0.5, 1], [1, 1]]}}]),
            "RM180",
            "scale",
        ),
        (whole().to_json().replace('"a"', "NaN", 1), "RM101", "programme"),
    ],
)
def test_files_that_are_not_what_was_written(text: str, code: str, place: str) -> None:
    with pytest.raises(RevmatchError) as caught:
        Programme.from_json(text)
    problem = caught.value.problems[0]
    assert problem.code == code
    assert problem.place == place or not place


def test_a_file_that_is_cut_off_anywhere_is_refused() -> None:
    text = whole().to_json()
    for end in range(0, len(text), 7):
        with pytest.raises(InputError):
            Programme.from_json(text[:end])


def test_a_table_among_other_terms_comes_back() -> None:
    score = 2 * S.Table([[1]]) - 3 * S.Same("department")
    programme = Programme([A], [Z], Policy(score=score))
    assert Programme.from_json(programme.to_json()).policy.score == score
    for part in ({"weight": "2", "term": "Pairs"}, {"weight": 1, "term": "Nothing"}, {"term": "RareSkill"}, 5):
        with pytest.raises(RevmatchError):
            Programme.from_json(tampered(score=[part]))


def test_a_whole_roster_in_another_order_keeps_its_order() -> None:
    """Tables of scores go by position: a file that forgot the order would pair other people."""
    mentors = rm.People.from_records([{"id": "a"}, {"id": "b"}])[[1, 0]]
    programme = Programme(mentors, [{"id": "y"}], Policy(score=S.Table([[5], [1]])))
    again = Programme.from_json(programme.to_json())
    assert again.mentors.ids.tolist() == ["b", "a"]
    assert [pair.mentor for pair in rm.match(again).pairs] == ["b"]
