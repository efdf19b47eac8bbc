"""Policies as people write them: two spellings in TOML and JSON, and a small parser that evaluates nothing."""

from __future__ import annotations

import builtins
import contextlib
import json
import os
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

import revmatch as rm
from revmatch.errors import MOST_PROBLEMS, PolicyError

Policy, R, S, L, G = rm.Policy, rm.rules, rm.score, rm.limits, rm.goals

SENTENCES = """
goals = ["Pairs", "TotalScore"]
rules = ["DifferentDepartment", "GradeGap(at_least=2)"]
score = "5 * SkillGap + 2 * Different(division)"
"""
TABLES = """
goals = ["Pairs", "TotalScore"]
[[rules]]
type = "DifferentDepartment"
[[rules]]
type = "GradeGap"
at_least = 2
[[score]]
type = "SkillGap"
weight = 5
[[score]]
type = "Different"
column = "division"
weight = 2
"""
MADE = Policy(
    rules=[R.DifferentDepartment(), R.GradeGap(at_least=2)],
    score=5 * S.SkillGap() + 2 * S.Different("division"),
    goals=[G.Pairs(), G.TotalScore()],
)


def test_both_spellings_of_the_contract_are_the_same_policy() -> None:
    import tomllib

    for text in (SENTENCES, TABLES):
        assert Policy.from_toml(text) == MADE
        assert Policy.from_json(json.dumps(tomllib.loads(text))) == MADE
    assert (
        Policy(["DifferentDepartment", "GradeGap(2)"], "SkillGap * 5 + Different(division) * 2", goals=MADE.goals)
        == MADE
    )


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("0", None),
        ("SkillGap", S.SkillGap()),
        ("SkillGap()", S.SkillGap()),
        (" 2*SkillGap ( per = need , ) ", 2 * S.SkillGap("need")),
        ("-SkillGap", -1 * S.SkillGap()),
        ("- 3 * SkillGap - SkillGap * -2", -3 * S.SkillGap() + 2 * S.SkillGap()),
        ("2 * SkillGap * 3", 6 * S.SkillGap()),
        ("007 * RareSkill", 7 * S.RareSkill()),
        ("Same('it''s')", S.Same("it's")),
        ('Same("say ""hi""")', S.Same('say "hi"')),
        ("Same(`Cost centre`)", S.Same("Cost centre")),
        ("Same(\"true\") + Same('None')", S.Same("true") + S.Same("None")),
        ("Choice([5, -1], mentor)", S.Choice((5, -1), "mentor")),
        ("Choice(points=(1,))", S.Choice((1,))),
        ("SkillGap(weights={sql: 2, 'a: b': 0, `c d`=1})", S.SkillGap(weights={"sql": 2, "a: b": 0, "c d": 1})),
        ("Distance(grade, at_most=3)", S.Distance("grade", 3)),
        ("Same(日本語) + Same(größe)", S.Same("日本語") + S.Same("größe")),
        ([{"type": "SkillGap", "weight": 5, "weights": {"sql": 2}}], 5 * S.SkillGap(weights={"sql": 2})),
        ({"type": "Choice", "points": [2, 1]}, S.Choice((2, 1))),
        (["SkillGap", {"type": "RareSkill"}], S.SkillGap() + S.RareSkill()),
        ([], None),
    ],
)
def test_scores_as_written(text: Any, score: Any) -> None:
    assert Policy(score=text) == Policy(score=score)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("GradeGap(-1, 2)", R.GradeGap(-1, 2)),
        ("GradeGap(1, none)", R.GradeGap()),
        ("GradeGap(1, at_most=NONE)", R.GradeGap()),
        ("MinScore(-2.5)", R.MinScore(-2.5)),
        ("MinScore(1e-3)", R.MinScore(0.001)),
        ("CommonHours(45, grid=5)", R.CommonHours(45, grid=5)),
        ('CommonHours(start="2026-03-02", every=4, weeks=24)', R.CommonHours(start="2026-03-02", every=4, weeks=24)),
        ("OutsideReportingLine(head_levels=0)", R.OutsideReportingLine(head_levels=0)),
        ({"type": "Same", "column": "a; b"}, R.Same("a; b")),
    ],
)
def test_rules_as_written(text: Any, rule: Any) -> None:
    assert Policy([text]).rules == (rule,)


# --- what is not understood -------------------------------------------------------------------------------------------


def problems_of(make: Any) -> list[tuple[str, str]]:
    with pytest.raises(PolicyError) as caught:
        make()
    assert type(caught.value) is PolicyError
    return [(problem.code, problem.place) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("toml", "code", "place", "hint"),
    [
        ('rule = ["GradeGap"]', "RM135", "policy.rule", '"rules"'),
        ('rules = ["GradGap"]', "RM135", "policy.rules[0]", '"GradeGap"'),
        ('rules = ["gradegap"]', "RM135", "policy.rules[0]", '"GradeGap"'),
        ('rules = ["SkillGap"]', "RM135", "policy.rules[0]", "SkillGap is a score term"),
        ('rules = ["GradeGap(atleast=2)"]', "RM135", "policy.rules[0]", '"at_least"'),
        ('[[rules]]\ntype = "GradeGap"\nat_lest = 2', "RM135", "policy.rules[0]", '"at_least"'),
        ('[[rules]]\ntype = "Grade"', "RM135", "policy.rules[0]", '"GradeGap"'),
        ("[[rules]]\nat_least = 2", "RM135", "policy.rules[0]", ""),
        ("[[rules]]\ntype = 5", "RM135", "policy.rules[0]", ""),
        ('rules = ["GradeGap(1, 2, 3)"]', "RM135", "policy.rules[0]", ""),
        ('rules = ["GradeGap(2, at_least=2)"]', "RM123", "policy.rules[0]", ""),
        ('rules = ["Same"]', "RM135", "policy.rules[0]", "needs column"),
        ('rules = ["GradeGap(two)"]', "RM180", "policy.rules[0].at_least", ""),
        ('[[rules]]\ntype = "GradeGap"\nat_least = 2.5', "RM180", "policy.rules[0].at_least", ""),
        ('[[rules]]\ntype = "MinScore"\nvalue = nan', "RM180", "policy.rules[0].value", ""),
        ('rules = ["GradeGap", "GradeGap"]', "RM135", "policy.rules", "remove one"),
        ('rules = "GradeGap"', "RM135", "policy.rules", ""),
        ("rules = [5]", "RM135", "policy.rules[0]", ""),
        ('score = "SkilGap"', "RM135", "policy.score", '"SkillGap"'),
        ("score = 5", "RM135", "policy.score", "5 * SkillGap"),
        ('[[score]]\ntype = "SkillGap"\nweigth = 5', "RM135", "policy.score[0]", '"weights"'),
        ('[[score]]\ntype = "SkillGap"\nweight = 1.5', "RM180", "policy.score[0].weight", ""),
        ('[[score]]\ntype = "SkillGap"\nweight = true', "RM180", "policy.score[0].weight", ""),
        ('score = "SkillGap(weights=sql)"', "RM180", "policy.score.weights", ""),
        ('score = "Table([[1]])"', "RM180", "policy.score", "in Python"),
        ('[[score]]\ntype = "Table"\nscores = [[1]]', "RM180", "policy.score[0]", "in Python"),
        ('limits = ["EveryoneMatched(leader)"]', "RM180", "policy.limits[0].side", ""),
        ('limits = ["EveryoneMatched"]', "RM135", "policy.limits[0]", "needs side"),
        ('limits = ["Quote(site, Lyon, mentor, 1)"]', "RM135", "policy.limits[0]", '"Quota"'),
        ('limits = ["Quota(site, Lyon, mentor)"]', "RM180", "policy.limits[0].at_least", ""),
        ('limits = ["Quota(site, Lyon, mentor, at_most=40%)"]', "RM136", "policy.limits[0], position 37", ""),
        ('limits = ["Circles(2)"]', "RM135", "policy.limits[0]", "needs largest"),
        ('limits = ["Circles(1, 2)", "Circles(2, 3)"]', "RM165", "policy.limits[0] and policy.limits[1]", "keep one"),
        ('[[limits]]\ntype = "Together"\npeople = "E1"', "RM180", "policy.limits[0].people", ""),
        ('limits = ["Stable(by=choice)"]', "RM180", "policy.limits[0].by", ""),
        ('goals = ["WorstOff"]', "RM220", "policy.goals[0]", "Coverage or Pairs"),
        ('goals = ["Balance"]', "RM135", "policy.goals[0]", "needs column"),
        ('goals = ["Pairs", "Balance(gender)"]', "RM200", "policy, Balance(gender)", "sensitive="),
        (
            'limits = ["Quota(gender, f, mentor, 1)"]',
            "RM200",
            "policy, Quota(gender, value=f, side=mentor, at_least=1)",
            "s",
        ),
        ("goals = []", "RM220", "policy.goals", '"Pairs"'),
        ('goals = ["Pairs", "Pairs"]', "RM220", "policy.goals", "once"),
        ('goals = ["Pair"]', "RM135", "policy.goals[0]", '"Pairs"'),
        ('show = "location"', "RM135", "policy.show", ""),
        ("show = [5]", "RM135", "policy.show", ""),
        ("order = [1]", "RM137", "policy.order.", ""),
        ('[order]\ngrade = ["a", "a"]', "RM137", "policy.order.grade", ""),
        ('[order]\ngrade = "ab"', "RM137", "policy.order.grade", ""),
        ("[order]\ngrade = [1, 2]", "RM137", "policy.order.grade", ""),
        ('[sensitive]\ngender = " "', "RM200", "policy.sensitive.gender", ""),
        ('show = ["Date of birth"]', "RM200", "policy.show", "show="),
        ('show = ["blood"]\n[sensitive]\nblood = "agreed"', "RM200", "policy.show", "show="),
        ('score = "Different(gender)"', "RM200", "policy, Different(gender)", "sensitive="),
        (
            "rules = ['Different(\"Sexual-Orientation\")']",
            "RM200",
            'policy, Different("Sexual-Orientation")',
            "s",
        ),
    ],
)
def test_unknown_words_name_the_nearest_known_one(toml: str, code: str, place: str, hint: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.from_toml(toml)
    assert (code, place) in [(problem.code, problem.place) for problem in caught.value.problems]
    found = next(problem for problem in caught.value.problems if (problem.code, problem.place) == (code, place))
    assert hint in found.hint


@pytest.mark.parametrize(
    ("score", "position", "words"),
    [
        ("", 1, "the name of a score term"),
        ("5", 2, 'expected "*"'),
        ("5 SkillGap", 3, 'expected "*"'),
        ("1.5 * SkillGap", 1, "a whole number as weight"),
        ("SkillGap +", 11, "the name of a score term"),
        ("SkillGap SkillGap", 10, "was not expected here"),
        ("SkillGap)", 9, "was not expected here"),
        ("SkillGap(", 10, "expected a value"),
        ("SkillGap(per=", 14, "expected a value"),
        ("Same(a b)", 8, 'expected ")"'),
        ("Same(column=a, column=b)", 23, "is given twice"),
        ("SkillGap(weights={a: 1, a: 2})", 28, "is given twice"),
        ("Same(column=a, b)", 16, "field = value"),
        ("SkillGap(weights={a})", 20, 'expected ":"'),
        ("Same('open", 6, "means nothing here"),
        ("Same(a); import os", 8, "means nothing here"),
        ("２ * SkillGap", 1, "not a plain number"),
        ("1_000 * SkillGap", 1, "not a plain number"),
        ("SkillGap + \0", 12, "means nothing here"),
    ],
)
def test_a_score_that_cannot_be_read_says_where(score: str, position: int, words: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Policy(score=score)
    (problem,) = caught.value.problems
    code = "RM123" if "twice" in words else "RM136"
    assert (problem.code, problem.place) == (code, f"policy.score, position {position}")
    assert words in problem.expected


def test_everything_wrong_is_reported_at_once() -> None:
    toml = 'rules = ["GradGap", "Same"]\nlimits = ["Quta"]\nscore = "5"\ngoals = ["Pair"]\nshow = [1]\n[order]\na = []'
    found = [place for _, place in problems_of(lambda: Policy.from_toml(toml))]
    assert found == [
        "policy.rules[0]", "policy.rules[1]", "policy.limits[0]", "policy.goals[0]", "policy.score, position 2",
        "policy.order.a", "policy.show",
    ]  # fmt: skip
    assert problems_of(lambda: Policy.from_toml("a = 1\nb = 2")) == [("RM135", "policy.a"), ("RM135", "policy.b")]
    assert len(problems_of(lambda: Policy(["x"] * 300))) == MOST_PROBLEMS


@pytest.mark.parametrize("data", ["[]", "5", "null", '"rules"'])
def test_json_that_is_no_table(data: str) -> None:
    assert problems_of(lambda: Policy.from_json(data)) == [("RM211", "policy")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "RM211"),
        ("", "RM211"),
        ('{"rules": ["GradeGap"', "RM211"),
        ('{"rules": [], "rules": []}', "RM123"),
        ('{"rules": [{"type": "GradeGap", "at_least": NaN}]}', "RM101"),
        ('{"rules": [{"type": "MinScore", "value": Infinity}]}', "RM101"),
        ('{"rules": [{"type": "MinScore", "value": 1e999}]}', "RM101"),
        ('{"rules": [{"type": "MinScore", "value": %s}]}' % ("9" * 5000), "RM127"),
        ("[" * 100_000, "RM127"),
        ('{"rules": ["GradeGap(at_least=%s)"]}' % ("9" * 5000), "RM127"),
        ('{"score": "%s"}' % ("Choice(" + "[" * 100_000), "RM127"),
        ('{"score": "%s"}' % ("SkillGap(weights=" + "{a:" * 100_000), "RM127"),
    ],
)
def test_bad_json(text: str, code: str) -> None:
    assert [found for found, _ in problems_of(lambda: Policy.from_json(text))] == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("rules = [", "RM211"),
        ("rules", "RM211"),
        ("a = 1\na = 2", "RM211"),
        ("x = " + "[" * 100_000, "RM127"),
        ("x = " + "9" * 5000, "RM127"),
    ],
)
def test_bad_toml(text: str, code: str) -> None:
    assert [found for found, _ in problems_of(lambda: Policy.from_toml(text))] == [code]


def test_long_scores_are_no_problem() -> None:
    score = " + ".join(["SkillGap"] * 5_000)
    assert len(Policy(score=score).score.terms) == 5_000


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('touch owned')",
        "SkillGap.__class__",
        "Same(__import__('os'))",
        "Same(lambda: 0)",
        "[x for x in ()]",
        "SkillGap(**{})",
        "Same({}.__class__)",
        "f'{1}'",
        "SkillGap if 1 else SkillGap",
        "type('x', (), {})",
        "Score",
        "Term",
        "Declaration",
        "object",
    ],
)
def test_nothing_is_evaluated(text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    def never(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("something was evaluated")

    monkeypatch.chdir(tmp_path)
    for name in ("eval", "exec", "compile"):
        monkeypatch.setattr(builtins, name, never)
    monkeypatch.setattr(os, "system", never)
    for make in (
        lambda: Policy(score=text),
        lambda: Policy([text]),
        lambda: Policy.from_json(json.dumps({"score": text})),
    ):
        with pytest.raises(PolicyError):
            make()
    assert not list(tmp_path.iterdir())


# --- round trips ------------------------------------------------------------------------------------------------------

WORDS = st.one_of(
    st.sampled_from(
        ["site", "Cost centre", "it's", 'a "b"', "'\"", "true", "None", "FALSE", "and", "0", "-1", "`x`", "日本"]
    ),
    st.text(min_size=1, max_size=8).filter(str.strip),
).filter(lambda word: word.strip().casefold() not in ("age", "sex", "race", "dob"))
WHOLE = st.integers(-(10**18) + 1, 10**18 - 1)
LEAST = st.integers(0, 10**18 - 1)
SIDE = st.sampled_from(["mentor", "mentee"])
NUMBER = st.one_of(WHOLE, st.floats(allow_nan=False, allow_infinity=False))


def unique_by_key(weights: dict[str, int]) -> dict[str, int]:
    from revmatch.people.skills import skill_key

    return {skill: w for skill, w in weights.items() if [skill_key(s) for s in weights].count(skill_key(skill)) == 1}


RULES = st.one_of(
    st.just(R.DifferentDepartment()),
    st.builds(R.Same, WORDS),
    st.builds(R.Different, WORDS),
    st.builds(R.OutsideReportingLine, st.none() | st.integers(1, 99), st.none() | st.integers(0, 99)),
    st.builds(lambda a, b: R.GradeGap(min(a, b), max(a, b)), WHOLE, WHOLE),
    st.builds(R.GradeGap, WHOLE),
    st.just(R.SharedLanguage()),
    st.builds(R.TimeZoneGap, st.integers(0, 26)),
    st.builds(R.CommonHours, st.integers(1, 1440), grid=st.sampled_from([5, 15, 60])),
    st.just(R.NotPairedBefore()),
    st.builds(R.MinScore, NUMBER),
)
TERMS = st.one_of(
    st.builds(
        S.SkillGap,
        st.sampled_from(["level", "need"]),
        st.sampled_from(["mentee", "both"]),
        st.none() | st.dictionaries(st.text(max_size=6), LEAST, max_size=4).map(unique_by_key),
    ),
    st.builds(S.Different, WORDS),
    st.builds(S.Same, WORDS),
    st.builds(S.Shared, WORDS),
    st.builds(S.Distance, WORDS, LEAST),
    st.builds(S.Priority, WORDS, SIDE),
    st.just(S.RareSkill()),
    st.builds(S.Choice, st.lists(WHOLE, min_size=1, max_size=4).map(tuple), SIDE),
)
SHARE = st.one_of(
    LEAST,
    st.fractions(0, 1, max_denominator=10**9 - 1),
    st.integers(0, 100).map(lambda percent: f"{percent}%"),
)
BOUNDS = st.one_of(st.tuples(SHARE, st.none()), st.tuples(st.none(), SHARE), st.tuples(LEAST, LEAST).map(sorted))
IDS = st.lists(WORDS, min_size=2, max_size=4, unique=True)
LIMITS = st.one_of(
    st.builds(L.EveryoneMatched, SIDE),
    st.builds(L.DepartmentPair, LEAST),
    st.builds(
        lambda column, value, side, low_high: L.Quota(column, value, side, *low_high), WORDS, WORDS, SIDE, BOUNDS
    ),
    st.builds(L.TotalPairs, LEAST),
    st.builds(lambda a, b: L.Circles(min(a, b) + 1, max(a, b) + 1), st.integers(0, 99), st.integers(0, 99)),
    st.builds(L.CoMentorsDifferent, WORDS),
    st.builds(L.Load, WORDS, LEAST | WORDS, SIDE),
    st.builds(L.Together, IDS),
    st.builds(L.Apart, IDS),
    st.builds(L.Stable, st.sampled_from(["score", "choices"])),
    st.builds(
        L.Meetings, st.just("2026-03-02"), st.integers(1, 90), st.integers(1, 4), rooms=st.none() | st.integers(1, 9)
    ),
)
GOALS = st.one_of(
    st.just(G.Coverage()),
    st.just(G.Coverage("mentor")),
    st.just(G.Pairs()),
    st.just(G.TotalScore()),
    st.just(G.WorstOff()),
    st.builds(G.Balance, WORDS, st.none() | SIDE),
    st.just(G.LeastChange()),
)
POLICIES = st.builds(
    Policy,
    st.lists(RULES, max_size=4, unique=True),
    st.lists(st.tuples(WHOLE, TERMS), max_size=4).map(lambda terms: S.Score(tuple(terms))),
    st.lists(LIMITS, max_size=5, unique_by=lambda one: one.name if one.name in ("Circles", "Meetings") else one),
    st.lists(GOALS, max_size=5, unique=True).map(lambda goals: [G.Coverage("mentee"), *goals]),
    st.dictionaries(WORDS, st.lists(st.text(max_size=5), min_size=1, max_size=4, unique=True), max_size=2),
    st.dictionaries(st.sampled_from(["gender", "offers:LGBT+ experience"]), WORDS, max_size=2),
    st.lists(WORDS, max_size=2),
    st.lists(st.sampled_from(["CommonHours", "GradeGap"]), max_size=2, unique=True),
)  # fmt: skip


@given(POLICIES)
def test_every_policy_round_trips_in_both_spellings(policy: Any) -> None:
    assert Policy.from_toml(policy.to_toml()) == policy
    assert Policy.from_json(policy.to_json()) == policy
    assert Policy.from_toml(policy.to_toml()).to_toml() == policy.to_toml()
    tables = policy.to_dict() | {
        "rules": [rule.to_dict() for rule in policy.rules],
        "score": [{"weight": weight, **term.to_dict()} for weight, term in policy.score.terms],
        "limits": [limit.to_dict() for limit in policy.limits],
        "goals": [goal.to_dict() for goal in policy.goals],
    }
    assert Policy.from_toml(tomli_w.dumps(tables)) == policy
    assert Policy.from_json(json.dumps(tables)) == policy


@pytest.mark.parametrize(("family", "drawn"), [(R, RULES), (S, TERMS), (L, LIMITS), (G, GOALS)])
def test_each_type_is_written_and_read(family: Any, drawn: Any) -> None:
    """The strategies above leave out no type that can be written down."""
    kinds = {name for name in family.__all__ if name not in ("Score", "Table")}
    seen: set[str] = set()

    @settings(max_examples=150)
    @given(drawn)
    def draw(one: Any) -> None:
        seen.add(one.name)

    draw()
    assert seen == kinds


@given(st.text(max_size=40), st.sampled_from(["score", "rules", "goals", "limits"]))
def test_any_text_is_a_policy_or_an_error_of_ours(text: str, part: str) -> None:
    for make in (lambda: Policy.from_dict({part: text if part == "score" else [text]}), lambda: Policy.from_toml(text)):
        with contextlib.suppress(PolicyError):
            make()
