"""Why a pair is worth what it is worth."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

import revmatch as rm
from revmatch.report.reasons import PairReasons, pair_reasons, term_names
from revmatch.report.shown import shown_columns

MENTOR = {
    "id": "j",
    "grade": 2,
    "division": "A",
    "languages": "en;de;fr",
    "offers": "python:4;data:3;rust:5",
    "wants": "strategy:3;budgets:5",
    "choices": "x;s",
}
MENTEE = {
    "id": "s",
    "grade": 8,
    "division": "B",
    "languages": "DE;fr;it",
    "offers": "strategy:5;Python:2",
    "wants": "python:5;data:2;law:3",
    "urgency": 7,
}
OTHERS = [{"id": "x", "capacity": 0}]


def reasons(score: Any, **more: Any) -> PairReasons:
    policy = rm.Policy(score=score, **{key: value for key, value in more.items() if key == "sensitive"})
    pins = more.get("pins", ())
    plan = rm.match(rm.Programme([MENTOR], [MENTEE, *OTHERS], policy, pins=pins))
    (found,) = pair_reasons(plan)
    return found


def test_gaps_by_skill_in_points_and_words() -> None:
    found = reasons("5 * SkillGap")
    (reason,) = found.reasons
    assert (found.score, reason.points) == (20, 20)
    assert [(step.skill, step.own, step.to, step.points) for step in reason.steps] == [
        ("Python", 2, 4, 10),
        ("data", None, 2, 10),
    ]
    assert str(found) == "closes Python 2 -> 4; brings data to 2 (own level not stated)"
    assert found.short() == "Python 2 -> 4, data ? -> 2"


def test_points_by_need_add_up() -> None:
    (reason,) = reasons("SkillGap(per=need)").reasons
    # 3 + 2 + 3 levels are lacking, each worth 1000 // 8
    assert [step.points for step in reason.steps] == [250, 250]


def test_weights_and_the_other_direction() -> None:
    found = reasons("SkillGap(direction=both, weights={data: 0, strategy: 3})")
    assert str(found) == "closes Python 2 -> 4; in return brings strategy to 3 (own level not stated)"
    assert [step.points for step in found.reasons[0].steps] == [2, 9]


@pytest.mark.parametrize(
    ("score", "points", "words"),
    [
        ("2 * Different(division)", 2, "different division"),
        ("2 * Same(division)", 0, "no points; it is one more pair"),
        ("Shared(languages)", 2, "languages in common: 2"),
        ("Distance(grade, at_most=4)", 4, "grade: 4 steps apart"),
        ("Distance(grade, at_most=1)", 1, "grade: 1 step apart"),
        ("3 * Priority(urgency, mentee)", 21, "urgency of the mentee: 7"),
        ("Choice(of=mentor)", 2, "2nd choice of the mentor"),
        ("RareSkill", 2, "offers data and python, which is wanted"),
        (
            "10 * Different(division) - Distance(grade, at_most=4)",
            6,
            "different division; grade: 4 steps apart (costs 4)",
        ),
        (None, 0, "no points; it is one more pair"),
    ],
)
def test_every_term_has_words(score: str | None, points: int, words: str) -> None:
    found = reasons(score)
    assert found.score == points == sum(reason.points for reason in found.reasons)
    assert str(found) == words


def test_a_table_in_the_unit_of_the_caller() -> None:
    plan = rm.match(rm.Programme.from_scores([[0.5, 0.1], [0.1, 0.25]]))
    assert [[reason.points for reason in pair.reasons] for pair in pair_reasons(plan)] == [[0.5], [0.25]]
    assert str(pair_reasons(plan, [1])[0]) == "the table of scores"


def test_a_pin_is_said() -> None:
    assert str(reasons("Different(division)", pins=[("j", "s")])) == "pinned; different division"


def test_long_lists_are_cut_in_narrow_places_only() -> None:
    many = ";".join(f"skill {k}:3" for k in range(9))
    plan = rm.match(
        rm.Programme([{"id": "j", "offers": many}], [{"id": "s", "wants": many}], rm.Policy(score="SkillGap"))
    )
    (found,) = pair_reasons(plan)
    assert found.short() == "skill 0 ? -> 3, skill 1 ? -> 3, skill 2 ? -> 3 and 6 more"
    assert "skill 8 to 3" in str(found)


def test_every_term_on_the_demo_adds_up() -> None:
    programme = rm.datasets.demo()
    score = (
        3 * rm.score.SkillGap(direction="both")
        + rm.score.SkillGap(per="need", weights={"data analysis": 3, "inclusion": 0})
        + 2 * rm.score.Different("division")
        + -1 * rm.score.Same("location")
        + rm.score.Shared("languages")
        + rm.score.Distance("grade", at_most=5)
        + rm.score.RareSkill()
    )
    plan = rm.match(programme.replace(policy=programme.policy.replace(score=score)))
    for pair in pair_reasons(plan):
        assert sum(reason.points for reason in pair.reasons) == pair.score
        for reason in pair.reasons:
            assert not reason.steps or sum(step.points for step in reason.steps) == reason.points
    assert term_names(plan) == [
        "SkillGap",
        "SkillGap 2",
        "Different_division",
        "Same_location",
        "Shared_languages",
        "Distance_grade",
        "RareSkill",
    ]


@given(...)
def test_positions_are_those_asked_for(first: bool) -> None:
    plan = rm.match(rm.Programme.from_scores([[3, 1], [2, 5]]))
    at = 0 if first else 1
    (found,) = pair_reasons(plan, [at])
    assert (found.mentor, found.mentee, found.score) == (
        plan.pairs[at].mentor,
        plan.pairs[at].mentee,
        plan.pairs[at].score,
    )


# -- what is sensitive ------------------------------------------------------------------------------------------------


def test_a_sensitive_column_is_never_named_and_points_are_withheld() -> None:
    mentor, mentee = {**MENTOR, "ethnicity": "P"}, {**MENTEE, "ethnicity": "Q"}
    policy = rm.Policy(score="SkillGap + 4 * Different(ethnicity)", sensitive={"ethnicity": "agreed in writing"})
    plan = rm.match(rm.Programme([mentor], [mentee], policy))
    (found,) = pair_reasons(plan)
    assert found.score == 8
    assert str(found) == "closes Python 2 -> 4; brings data to 2 (own level not stated)"
    assert term_names(plan) == []


def test_a_sensitive_skill_is_never_named() -> None:
    policy = rm.Policy(score="SkillGap", sensitive={"offers: PYTHON ": "agreed in writing"})
    plan = rm.match(rm.Programme([MENTOR], [MENTEE], policy))
    (found,) = pair_reasons(plan)
    assert "ython" not in repr(found)
    assert str(found) == "brings data to 2 (own level not stated)"
    assert term_names(plan) == []


@pytest.mark.parametrize("column", ["ethnicity", "Ethnicity", "avoid", "health", "offers", "nowhere"])
def test_what_is_never_shown(column: str) -> None:
    policy = rm.Policy(sensitive={"ethnicity": "agreed", "offers:python": "agreed"})
    programme = rm.Programme([{**MENTOR, "ethnicity": "P", "avoid": ""}], [MENTEE], policy)
    with pytest.raises(rm.errors.PolicyError) as caught:
        shown_columns(programme, [column])
    assert caught.value.code == ("RM134" if column == "nowhere" else "RM200")


def test_columns_are_shown_once_and_in_order() -> None:
    programme = rm.Programme([MENTOR], [MENTEE], rm.Policy(show=["division", "urgency"]))
    assert shown_columns(programme, ["grade", "Division"]) == ("division", "urgency", "grade")
