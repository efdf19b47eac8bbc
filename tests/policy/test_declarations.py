"""Rules, score terms, limits and goals as values: what they refuse, how they print, what they say in words."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle
from typing import Any

import numpy as np
import pytest

import revmatch as rm
from revmatch.errors import PolicyError
from revmatch.policy.goals import Goal
from revmatch.policy.limits import Limit
from revmatch.policy.rules import Rule
from revmatch.policy.term import Score, Term

R, S, L, G = rm.rules, rm.score, rm.limits, rm.goals

#: One of each type, with every field away from its default where it has one.
EVERYTHING: tuple[Any, ...] = (
    R.DifferentDepartment(),
    R.Same("site"),
    R.Different("Cost centre"),
    R.OutsideReportingLine(3, 2),
    R.GradeGap(2, 5),
    R.SharedLanguage(),
    R.CommonHours(45, grid=5),
    R.NotPairedBefore(),
    R.MinScore(2.5),
    S.SkillGap("need", "both", {"sql": 2, "public speaking": 0}),
    S.Different("site"),
    S.Same("true"),
    S.Shared("languages"),
    S.Distance("grade", 3),
    S.Priority("urgency", "mentor"),
    S.RareSkill(),
    S.Choice((5, -1), of="mentor"),
    L.EveryoneMatched("mentee"),
    G.Coverage("mentor"),
    G.Pairs(),
    G.TotalScore(),
)
FAMILIES = (Rule, Term, Limit, Goal)


def test_there_is_one_of_each() -> None:
    registered = {name for family in FAMILIES for name in family.registry} - {"Table"}
    assert {one.name for one in EVERYTHING} == registered
    for family in FAMILIES:
        assert all(issubclass(kind, family) for kind in family.registry.values())


@pytest.mark.parametrize("module", [R, S, L, G])
def test_all_names_of_a_module_are_there_and_documented(module: Any) -> None:
    for name in module.__all__:
        assert getattr(module, name).__doc__.splitlines()[0].endswith(".")
    public = {
        name for family in FAMILIES for name, kind in family.registry.items() if kind.__module__ == module.__name__
    }
    assert public <= set(module.__all__)


@pytest.mark.parametrize("one", EVERYTHING, ids=str)
def test_each_is_a_frozen_value(one: Any) -> None:
    for twin in (copy.deepcopy(one), pickle.loads(pickle.dumps(one)), dataclasses.replace(one)):
        assert twin == one
        assert hash(twin) == hash(one)
    with pytest.raises((dataclasses.FrozenInstanceError, TypeError, AttributeError)):
        one.anything = 1
    for field in dataclasses.fields(one):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(one, field.name, None)
    assert one != type(one).__name__


@pytest.mark.parametrize("one", EVERYTHING, ids=str)
def test_each_says_itself_in_words(one: Any) -> None:
    words = one.words()
    assert words == words.strip()
    assert not words.endswith(".")
    assert type(one).__name__ not in words


@pytest.mark.parametrize(
    ("one", "text", "table"),
    [
        (R.GradeGap(), "GradeGap", {"type": "GradeGap"}),
        (R.GradeGap(2), "GradeGap(at_least=2)", {"type": "GradeGap", "at_least": 2}),
        (R.GradeGap(1, 3), "GradeGap(at_most=3)", {"type": "GradeGap", "at_most": 3}),
        (R.Same("cost centre"), 'Same("cost centre")', {"type": "Same", "column": "cost centre"}),
        (R.Same("None"), 'Same("None")', {"type": "Same", "column": "None"}),
        (R.MinScore(-0.5), "MinScore(-0.5)", {"type": "MinScore", "value": -0.5}),
        (S.Choice((2, 1)), "Choice(points=[2, 1])", {"type": "Choice", "points": [2, 1]}),
        (
            S.SkillGap(weights={"SQL": 2, "a b": 0}),
            'SkillGap(weights={SQL: 2, "a b": 0})',
            {"type": "SkillGap", "weights": {"SQL": 2, "a b": 0}},
        ),
        (G.Coverage("mentee"), "Coverage(side=mentee)", {"type": "Coverage", "side": "mentee"}),
    ],
)
def test_notation_and_table(one: Any, text: str, table: dict[str, Any]) -> None:
    assert str(one) == text
    assert one.to_dict() == table


BEYOND = 10**18


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: R.GradeGap("2"), "GradeGap.at_least"),
        (lambda: R.GradeGap(1.0), "GradeGap.at_least"),
        (lambda: R.GradeGap(True), "GradeGap.at_least"),
        (lambda: R.GradeGap(None), "GradeGap.at_least"),
        (lambda: R.GradeGap(BEYOND), "GradeGap.at_least"),
        (lambda: R.GradeGap(1, -BEYOND), "GradeGap.at_most"),
        (lambda: R.GradeGap(3, 2), "GradeGap.at_most"),
        (lambda: R.OutsideReportingLine(0), "OutsideReportingLine.levels"),
        (lambda: R.OutsideReportingLine([1]), "OutsideReportingLine.levels"),
        (lambda: R.OutsideReportingLine(None, -1), "OutsideReportingLine.head_levels"),
        (lambda: R.Same(""), "Same.column"),
        (lambda: R.Same("  "), "Same.column"),
        (lambda: R.Different(3), "Different.column"),
        (lambda: R.Different(["a"]), "Different.column"),
        (lambda: R.CommonHours(0), "CommonHours.minutes"),
        (lambda: R.CommonHours(1441), "CommonHours.minutes"),
        (lambda: R.CommonHours(60, grid=7), "CommonHours.grid"),
        (lambda: R.CommonHours(60, grid=0), "CommonHours.grid"),
        (lambda: R.CommonHours(60, grid=2880), "CommonHours.grid"),
        (lambda: R.MinScore(math.nan), "MinScore.value"),
        (lambda: R.MinScore(-math.inf), "MinScore.value"),
        (lambda: R.MinScore("1"), "MinScore.value"),
        (lambda: R.MinScore(True), "MinScore.value"),
        (lambda: R.MinScore(10**400), "MinScore.value"),
        (lambda: S.SkillGap("levels"), "SkillGap.per"),
        (lambda: S.SkillGap(direction="mentor"), "SkillGap.direction"),
        (lambda: S.SkillGap(weights={"sql": -1}), "SkillGap.weights"),
        (lambda: S.SkillGap(weights={"sql": 1.5}), "SkillGap.weights"),
        (lambda: S.SkillGap(weights={"sql": True}), "SkillGap.weights"),
        (lambda: S.SkillGap(weights={"sql": BEYOND}), "SkillGap.weights"),
        (lambda: S.SkillGap(weights={"SQL": 1, " sql": 2}), "SkillGap.weights"),
        (lambda: S.SkillGap(weights={5: 1}), "SkillGap.weights"),
        (lambda: S.SkillGap(weights=5), "SkillGap.weights"),
        (lambda: S.SkillGap(weights="sql"), "SkillGap.weights"),
        (lambda: S.SkillGap(weights=[("a", 1, 2)]), "SkillGap.weights"),
        (lambda: S.Same(None), "Same.column"),
        (lambda: S.Shared(" "), "Shared.column"),
        (lambda: S.Distance("grade", -1), "Distance.at_most"),
        (lambda: S.Distance("grade", BEYOND), "Distance.at_most"),
        (lambda: S.Distance("", 1), "Distance.column"),
        (lambda: S.Priority("urgency", "both"), "Priority.side"),
        (lambda: S.Choice(()), "Choice.points"),
        (lambda: S.Choice((1, 0.5)), "Choice.points"),
        (lambda: S.Choice((1, True)), "Choice.points"),
        (lambda: S.Choice("321"), "Choice.points"),
        (lambda: S.Choice(3), "Choice.points"),
        (lambda: S.Choice((BEYOND,)), "Choice.points"),
        (lambda: S.Choice(of="leader"), "Choice.of"),
        (lambda: L.EveryoneMatched("everyone"), "EveryoneMatched.side"),
        (lambda: L.EveryoneMatched(None), "EveryoneMatched.side"),
        (lambda: G.Coverage("people"), "Coverage.side"),
    ],
)
def test_what_is_out_of_range_is_refused_when_it_is_made(make: Any, field: str) -> None:
    with pytest.raises(PolicyError) as caught:
        make()
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("RM180", field)
    assert problem.expected.startswith("expected ")


def test_the_callers_weights_are_not_kept() -> None:
    weights = {"sql": 1}
    term = S.SkillGap(weights=weights)
    weights["sql"] = 9
    assert dict(term.weights) == {"sql": 1}
    assert S.SkillGap(weights={}) == S.SkillGap() == S.SkillGap(weights=None)
    assert S.SkillGap(weights={"b": 1, "a": 2}) == S.SkillGap(weights={"a": 2, "b": 1})


# --- sums -------------------------------------------------------------------------------------------------------------


def test_terms_add_and_are_multiplied() -> None:
    a, b = S.SkillGap(), S.Same("site")
    assert (a + b).terms == ((1, a), (1, b))
    assert (5 * a + 2 * b).terms == ((5, a), (2, b))
    assert (a * 5 + b * 2) == 5 * a + 2 * b
    assert (3 * (2 * a + b)).terms == ((6, a), (3, b))
    assert ((a + b) + (b + a)).terms == ((1, a), (1, b), (1, b), (1, a))
    assert (a * np.int64(7)).terms == ((7, a),)
    assert str(-1 * a + -3 * b + 0 * a) == "-SkillGap - 3 * Same(site) + 0 * SkillGap"
    assert str(Score()) == "0"


@pytest.mark.parametrize("weight", [1.5, 2.0, "2", None, True, [1], BEYOND])
def test_weights_are_whole_numbers(weight: Any) -> None:
    for make in (lambda: weight * S.SkillGap(), lambda: S.SkillGap() * weight, lambda: (2 * S.RareSkill()) * weight):
        with pytest.raises(PolicyError, match="RM180 score: weights are whole numbers"):
            make()


@pytest.mark.parametrize("other", [1, "SkillGap", None, R.GradeGap()])
def test_only_terms_can_be_added(other: Any) -> None:
    for make in (lambda: S.SkillGap() + other, lambda: 2 * S.SkillGap() + other):
        with pytest.raises(TypeError):
            make()


# --- policies as values -----------------------------------------------------------------------------------------------


def test_a_policy_is_a_frozen_value() -> None:
    policy = rm.Policy(
        ["GradeGap", R.Same("site")], 2 * S.SkillGap(), ["EveryoneMatched(mentee)"], ["Pairs"], {"grade": ["a", "b"]},
        {"gender": "agreed with the works council"}, ["location"], ["CommonHours"],
    )  # fmt: skip
    for twin in (copy.deepcopy(policy), pickle.loads(pickle.dumps(policy)), policy.replace()):
        assert twin == policy
        assert str(twin) == str(policy)
    assert policy != policy.replace(show=[])
    with pytest.raises(dataclasses.FrozenInstanceError):
        policy.rules = ()
    with pytest.raises(TypeError):
        policy.order["grade"] = ("b",)
    with pytest.raises(TypeError):
        policy.sensitive["gender"] = ""


def test_a_policy_reads_like_a_page() -> None:
    policy = rm.Policy(
        [R.DifferentDepartment(), R.GradeGap(2)], 5 * S.SkillGap() + S.Same("site"), [L.EveryoneMatched("mentee")]
    )
    assert str(policy).splitlines() == [
        "Two people may meet only if they work in different departments and the mentee is at least 2 grades above the"
        " mentor.",
        "Every mentee must have a partner.",
        "A pair is worth 5 points for each level the mentor can close between what the mentee has and wants and 1 point"
        " for the same site.",
        "Pursued in this order: as many people as possible have a partner; then as many pairs as possible; then the"
        " highest total score.",
    ]


def test_defaults() -> None:
    policy = rm.Policy()
    assert (policy.rules, policy.limits, policy.score) == ((), (), Score())
    assert policy.goals == (G.Coverage(), G.Pairs(), G.TotalScore())


def test_the_recommended_start_never_loses_a_protection_silently() -> None:
    policy = rm.Policy.reverse_mentoring()
    assert policy.rules == (
        R.DifferentDepartment(), R.OutsideReportingLine(head_levels=2), R.GradeGap(1), R.CommonHours(60),
    )  # fmt: skip
    assert policy.score.terms == ((1, S.SkillGap(per="need")),)
    assert policy.goals == rm.Policy().goals
    assert {rule.name for rule in policy.rules} == {name for name, kind in Rule.registry.items() if kind.protects}
    without = rm.Policy.reverse_mentoring(without=["CommonHours"])
    assert without.rules == policy.rules[:3]
    assert "Left out on purpose: CommonHours." in str(without)
    assert rm.Policy.from_toml(without.to_toml()) == without
    with pytest.raises(PolicyError, match=r'RM135 without: .* \(did you mean "GradeGap"\?\)'):
        rm.Policy.reverse_mentoring(without=["GradGap"])


def test_columns_that_each_side_must_have() -> None:
    score = S.SkillGap() + S.Priority("urgency", "mentor") + S.Choice()
    columns = rm.Policy([R.DifferentDepartment(), R.CommonHours()], score).columns()
    used = {side: {column: str(user) for column, user in own.items()} for side, own in columns.items()}
    both = {"department": "DifferentDepartment", "available": "CommonHours", "time_zone": "CommonHours"}
    assert used["mentor"] == both | {"offers": "SkillGap", "urgency": "Priority(urgency, side=mentor)"}
    assert used["mentee"] == both | {"wants": "SkillGap", "choices": "Choice"}
