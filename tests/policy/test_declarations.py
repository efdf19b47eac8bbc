"""Rules, score terms, limits and goals as values: what they refuse, how they print, what they say in words."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle
from datetime import date, datetime
from fractions import Fraction
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
    R.TimeZoneGap(3),
    R.CommonHours(45, grid=5),
    R.CommonHours(start=date(2026, 3, 2), every=4, weeks=24),
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
    L.DepartmentPair(12),
    L.Quota("Cost centre", "true", "mentor", Fraction(2, 5), 7),
    L.TotalPairs(40),
    L.Circles(2, 4),
    L.CoMentorsDifferent("site"),
    L.Load("hours a week", "none", "mentee"),
    L.Together(["E1", "E 2", "true"]),
    L.Apart(["E1", "7"]),
    L.Stable("choices"),
    L.Meetings("2026-03-02", 45, 2, 12, 15, 3),
    G.Coverage("mentor"),
    G.Pairs(),
    G.TotalScore(),
    G.WorstOff(),
    G.Balance("site", "mentee"),
    G.LeastChange(),
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
        (G.Balance("site"), "Balance(site)", {"type": "Balance", "column": "site"}),
        (L.TotalPairs(3), "TotalPairs(3)", {"type": "TotalPairs", "at_most": 3}),
        (L.Circles(2, 4), "Circles(2, largest=4)", {"type": "Circles", "smallest": 2, "largest": 4}),
        (L.Stable(), "Stable", {"type": "Stable"}),
        (
            L.Quota("site", 7, "mentee", at_least="40%", at_most=Fraction(2, 3)),
            'Quota(site, value="7", side=mentee, at_least="40%", at_most="2/3")',
            {"type": "Quota", "column": "site", "value": "7", "side": "mentee", "at_least": "40%", "at_most": "2/3"},
        ),
        (
            L.Quota("site", "Lyon", "mentor", at_least=0),
            "Quota(site, value=Lyon, side=mentor, at_least=0)",
            {"type": "Quota", "column": "site", "value": "Lyon", "side": "mentor", "at_least": 0},
        ),
        (L.Load("hours", 4), "Load(hours, at_most=4)", {"type": "Load", "hours": "hours", "at_most": 4}),
        (
            L.Load("hours", "has hours", "mentee"),
            'Load(hours, at_most="has hours", side=mentee)',
            {"type": "Load", "hours": "hours", "at_most": "has hours", "side": "mentee"},
        ),
        (L.Apart(["E1", 7]), 'Apart([E1, "7"])', {"type": "Apart", "people": ["E1", "7"]}),
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
        (lambda: R.TimeZoneGap(-1), "TimeZoneGap.at_most_hours"),
        (lambda: R.TimeZoneGap(5.5), "TimeZoneGap.at_most_hours"),
        (lambda: R.CommonHours(0), "CommonHours.minutes"),
        *(
            (lambda start=start: R.CommonHours(start=start), "CommonHours.start")
            for start in (
                "2026-03-03",
                "March",
                "2026-02-30",
                20260302,
                datetime(2026, 3, 2),
                date(2026, 3, 3),
                date(1, 1, 1),
            )
        ),
        (lambda: R.CommonHours(every=2, weeks=2), "CommonHours.start"),
        (lambda: R.CommonHours(start="2026-03-02", every=4, weeks=3), "CommonHours.weeks"),
        (lambda: R.CommonHours(start="2026-03-02", weeks=521), "CommonHours.weeks"),
        (lambda: R.CommonHours(start="2026-03-02", every=0), "CommonHours.every"),
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
        (lambda: L.DepartmentPair(-1), "DepartmentPair.at_most"),
        (lambda: L.DepartmentPair(None), "DepartmentPair.at_most"),
        (lambda: L.DepartmentPair("2"), "DepartmentPair.at_most"),
        (lambda: L.TotalPairs(-1), "TotalPairs.at_most"),
        (lambda: L.TotalPairs(2.0), "TotalPairs.at_most"),
        (lambda: L.TotalPairs(BEYOND), "TotalPairs.at_most"),
        (lambda: L.Circles(0, 3), "Circles.smallest"),
        (lambda: L.Circles(4, 3), "Circles.smallest"),
        (lambda: L.Circles(2, "3"), "Circles.largest"),
        (lambda: L.Circles(True, 3), "Circles.smallest"),
        (lambda: L.CoMentorsDifferent(""), "CoMentorsDifferent.column"),
        (lambda: L.CoMentorsDifferent(["site"]), "CoMentorsDifferent.column"),
        (lambda: L.Quota("", "Lyon", "mentor", 1), "Quota.column"),
        (lambda: L.Quota("site", "", "mentor", 1), "Quota.value"),
        (lambda: L.Quota("site", None, "mentor", 1), "Quota.value"),
        (lambda: L.Quota("site", 1.5, "mentor", 1), "Quota.value"),
        (lambda: L.Quota("site", True, "mentor", 1), "Quota.value"),
        (lambda: L.Quota("site", "Lyon", "both", 1), "Quota.side"),
        (lambda: L.Quota("site", "Lyon", None, 1), "Quota.side"),
        (lambda: L.Quota("site", "Lyon", "mentor"), "Quota.at_least"),
        *(
            (lambda field=field, bound=bound: L.Quota("site", "Lyon", "mentor", **{field: bound}), f"Quota.{field}")
            for field in ("at_least", "at_most")
            for bound in (
                -1,
                2.5,
                0.4,
                True,
                "40",
                "140%",
                "-5%",
                "40 percent",
                "4/3",
                "1/0",
                "",
                "%",
                "1e1%",
                Fraction(3, 2),
                Fraction(-1, 3),
                Fraction(1, 10**9),
                BEYOND,
                [1],
                math.nan,
                "1.1234567%",
            )
        ),
        (lambda: L.Quota("site", "Lyon", "mentor", 3, 2), "Quota.at_least"),
        (lambda: L.Quota("site", "Lyon", "mentor", "50%", "1/3"), "Quota.at_least"),
        (lambda: L.Load("", 3), "Load.hours"),
        (lambda: L.Load(3, 3), "Load.hours"),
        (lambda: L.Load("hours", -1), "Load.at_most"),
        (lambda: L.Load("hours", " "), "Load.at_most"),
        (lambda: L.Load("hours", 2.5), "Load.at_most"),
        (lambda: L.Load("hours", 3, "both"), "Load.side"),
        *(
            (lambda kind=kind, people=people: kind(people), f"{kind.__name__}.people")
            for kind in (L.Together, L.Apart)
            for people in ((), ["E1"], "E1;E2", ["E1", "E1"], ["1", 1], None, 5, ["E1", 1.5], ["E1", True], b"E1")
        ),
        (lambda: L.Stable("wishes"), "Stable.by"),
        (lambda: L.Stable(np.array(["score", "choices"])), "Stable.by"),
        (lambda: L.EveryoneMatched(np.array(["mentor", "mentee"])), "EveryoneMatched.side"),
        (lambda: G.Coverage(np.array(["mentor", "mentee"])), "Coverage.side"),
        (lambda: L.Stable(None), "Stable.by"),
        (lambda: G.Coverage("people"), "Coverage.side"),
        (lambda: G.Balance(""), "Balance.column"),
        (lambda: G.Balance(None), "Balance.column"),
        (lambda: G.Balance("site", "both"), "Balance.side"),
    ],
)
def test_what_is_out_of_range_is_refused_when_it_is_made(make: Any, field: str) -> None:
    with pytest.raises(PolicyError) as caught:
        make()
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("RM180", field)
    assert problem.expected.startswith("expected ")


@pytest.mark.parametrize(
    ("given", "exact", "said"),
    [
        ("40%", Fraction(2, 5), "40%"),
        (" 12.5 % ", Fraction(1, 8), "1/8"),
        ("0%", Fraction(0), "0%"),
        ("100%", Fraction(1), "100%"),
        ("0.000001%", Fraction(1, 10**8), "1/100000000"),
        ("2 / 6", Fraction(1, 3), "1/3"),
        (Fraction(1, 3), Fraction(1, 3), "1/3"),
        (Fraction(1), Fraction(1), "100%"),  # all pairs, not one of them
        (1, 1, "1"),
        (0, 0, "0"),
    ],
)
def test_shares_are_read_exactly(given: Any, exact: Any, said: str) -> None:
    quota = L.Quota("site", "Lyon", "mentor", at_least=given)
    assert quota.at_least == exact
    assert isinstance(quota.at_least, Fraction) == isinstance(exact, Fraction)
    assert str(quota.at_least) == said
    assert said in quota.words()
    again = dataclasses.replace(quota)
    assert type(again.at_least) is type(quota.at_least)


def test_all_pairs_and_one_pair_are_two_limits() -> None:
    share, count = (L.Quota("site", "Lyon", "mentor", at_least=bound) for bound in (Fraction(1), 1))
    assert share != count
    assert len({share, count, L.Quota("site", "Lyon", "mentor", at_least="100%")}) == 2
    policy = rm.Policy(limits=[share])
    assert rm.Policy.from_toml(policy.to_toml()).limits[0].words() == share.words()


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


def test_limits_and_goals_read_like_a_page() -> None:
    policy = rm.Policy(
        limits=[one for one in EVERYTHING if isinstance(one, Limit)],
        goals=[one for one in EVERYTHING if isinstance(one, Goal)],
    )
    assert str(policy).splitlines() == [
        "Every mentee must have a partner.",
        "From any department to any department, its own too, there are at most 12 pairs.",
        "At least 40% and at most 7 of all pairs have a mentor whose Cost centre is true.",
        "There are at most 40 pairs in all.",
        "A mentee has no mentor, or from 2 to 4 of them.",
        "The mentors of one mentee differ in site.",
        "The hours a week of all mentors of one mentee add up to at most what they state in none.",
        "The mentors E1, E 2 and true have the same mentees.",
        "No two of the mentors E1 and 7 have the same mentee.",
        "No mentor and mentee who are not paired may both prefer each other to somebody they have, by their own "
        "choices.",
        "Every pair meets for 45 minutes every 2 weeks, in the 12 weeks from 2026-03-02; nobody is in two sessions at "
        "once, and at most 3 pairs meet at any moment.",
        "Pursued in this order: as many mentors as possible have a partner; then as many pairs as possible; then the "
        "highest total score; then the highest total for the mentee who is worst off; then the smallest gap between "
        "groups of mentees by site in the part that has a partner; then as few pairs of the plan before as possible "
        "are lost.",
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
    limits = [L.DepartmentPair(1), L.Quota("site", "A", "mentee", 1), L.CoMentorsDifferent("team"), L.Stable("choices")]
    goals = ["Pairs", G.Balance("home"), G.Balance("level", "mentor")]
    further = rm.Policy(limits=[*limits, L.Load("hours", "own")], goals=goals).columns()
    assert set(further["mentor"]) == {"department", "team", "choices", "own", "home", "level"}
    assert set(further["mentee"]) == {"department", "site", "choices", "hours", "home"}
    assert used["mentee"] == both | {"wants": "SkillGap", "choices": "Choice"}


def test_ids_may_be_whole_numbers_and_numbers_have_18_digits() -> None:
    assert L.Together([1001, 1002]) == L.Together(["1001", "1002"]) == L.Together(np.array([1001, 1002]))
    with pytest.raises(PolicyError, match="a whole number of at least 0 and of at most 18 digits"):
        L.TotalPairs(BEYOND)
