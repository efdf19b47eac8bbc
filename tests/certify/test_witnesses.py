"""Witnesses: there is one for everything, it says what the documentation says, and the declarations agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import coo_array

import revmatch as rm
import strategies
from bridge import programme_of
from oracle import Facts
from revmatch.certify import bulk, bulk_scores, witness_goals, witness_limits, witness_rules, witness_scores
from revmatch.certify.bulk import Bulk
from revmatch.certify.plain import Plain
from revmatch.certify.world import World
from revmatch.policy.goals import Goal
from revmatch.policy.limits import Limit
from revmatch.policy.rules import Rule
from revmatch.policy.term import Term

# --- one for each -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("family", "witnesses"),
    [
        (Rule, witness_rules.RULES),
        (Rule, bulk.RULES),
        (Term, witness_scores.SCORES),
        (Term, bulk_scores.SCORES),
        (Limit, witness_limits.LIMITS),
        (Goal, witness_goals.GOALS),
    ],
)
def test_every_declaration_has_a_witness(family: Any, witnesses: dict[type, Any]) -> None:
    assert set(family.registry.values()) == set(witnesses)


# --- the sentences ----------------------------------------------------------------------------------------------------


def world_of(
    mentor: dict[str, Any], mentee: dict[str, Any], *, rules: Any = (), score: Any = None, **more: Any
) -> World:
    policy = rm.Policy(rules=rules, score=score, order=more.pop("order", {}))
    mentors = [{"id": "a", **mentor}, *more.pop("mentors", [])]
    mentees = [{"id": "z", **mentee}, *more.pop("mentees", [])]
    return World(rm.Programme(mentors, mentees, policy, **more))


def allowed(rule: Any, mentor: dict[str, Any], mentee: dict[str, Any], **more: Any) -> bool:
    return not forbidden(world_of(mentor, mentee, rules=[rule], **more))


def points(term: Any, mentor: dict[str, Any], mentee: dict[str, Any], **more: Any) -> int:
    found, absent = Plain(world_of(mentor, mentee, score=term, **more)).worth(*FIRST)
    assert not absent[0]
    return int(found[0])


R, S = rm.rules, rm.score
FIRST = np.array([0]), np.array([0])


@pytest.mark.parametrize(
    ("rule", "mentor", "mentee", "may"),
    [
        (R.DifferentDepartment(), {"department": "IT"}, {"department": "HR"}, True),
        (R.DifferentDepartment(), {"department": "IT"}, {"department": "IT"}, False),
        (R.DifferentDepartment(), {"department": " "}, {"department": "IT"}, False),
        (R.Same("site"), {"site": "A"}, {"site": "A"}, True),
        (R.Same("site"), {"site": "A"}, {"site": "a"}, False),
        (R.Same("site"), {"site": ""}, {"site": ""}, False),
        (R.Different("site"), {"site": "A"}, {"site": "a"}, True),
        (R.Different("site"), {"site": "A"}, {"site": None}, False),
        (R.GradeGap(), {"grade": 3}, {"grade": 4}, True),
        (R.GradeGap(), {"grade": 4}, {"grade": 4}, False),
        (R.GradeGap(2, 3), {"grade": 1}, {"grade": 4}, True),
        (R.GradeGap(2, 3), {"grade": 1}, {"grade": 5}, False),
        (R.GradeGap(2), {"grade": None}, {"grade": 5}, False),
        (R.SharedLanguage(), {"languages": "en;de"}, {"languages": "fr; DE"}, True),
        (R.SharedLanguage(), {"languages": "en"}, {"languages": ""}, False),
        (
            R.CommonHours(60),
            {"available": "any", "time_zone": "UTC"},
            {"available": "Mon AM", "time_zone": "UTC"},
            True,
        ),
        (R.CommonHours(60), {"available": "any", "time_zone": ""}, {"available": "Mon AM", "time_zone": "UTC"}, False),
        (R.TimeZoneGap(5), {"time_zone": "America/New_York"}, {"time_zone": "UTC"}, True),
        (R.TimeZoneGap(5), {"time_zone": "Asia/Kolkata"}, {"time_zone": "UTC"}, False),
        (R.TimeZoneGap(5), {"time_zone": " "}, {"time_zone": "UTC"}, False),
        (R.MinScore(0), {}, {}, True),
        (R.MinScore(1), {}, {}, False),
    ],
)
def test_rules(rule: Any, mentor: dict[str, Any], mentee: dict[str, Any], may: bool) -> None:
    assert allowed(rule, mentor, mentee) is may


def test_grades_by_label() -> None:
    order = {"grade": ["trainee", "manager", "board"]}
    assert allowed(R.GradeGap(2), {"grade": "trainee"}, {"grade": "board"}, order=order)
    assert not allowed(R.GradeGap(2), {"grade": "manager"}, {"grade": "board"}, order=order)


def test_not_paired_before() -> None:
    assert not allowed(R.NotPairedBefore(), {}, {}, history=[("a", "z")])
    assert allowed(R.NotPairedBefore(), {}, {}, history=[("a", "y")], mentees=[{"id": "y"}])


def test_bans_wishes_and_oneself_stand_above_rules() -> None:
    assert forbidden(world_of({}, {}, bans=[("a", "z")])) == [witness_rules.BAN]
    assert forbidden(world_of({"avoid": "y; z"}, {}, mentees=[{"id": "y"}])) == [witness_rules.PRIVATE]
    assert forbidden(world_of({}, {"avoid": "a"})) == [witness_rules.PRIVATE]
    assert forbidden(world_of({}, {"id": "a"}, dual_role=True)) == [witness_rules.SELF]


def forbidden(world: World) -> list[str]:
    plain = Plain(world)
    against = plain.against(0, 0)
    assert plain.eligible(*FIRST).tolist() == [not against]
    return against


LINES = [
    {"id": "top", "manager": ""},
    {"id": "m1", "manager": "top"},
    {"id": "m2", "manager": "m1"},
    {"id": "m3", "manager": "m2"},
    {"id": "peer", "manager": "m2"},
    {"id": "side", "manager": "top"},
    {"id": "dots", "manager": "side", "dotted_line": "m2"},
    {"id": "lost", "manager": "gone"},
]


@pytest.mark.parametrize(
    ("a", "z", "rule", "may"),
    [
        ("m3", "m1", R.OutsideReportingLine(), False),
        ("m3", "m1", R.OutsideReportingLine(levels=1), True),
        ("m1", "m3", R.OutsideReportingLine(levels=2), False),  # either way round
        ("m3", "peer", R.OutsideReportingLine(levels=1), False),  # the same direct manager
        ("m3", "side", R.OutsideReportingLine(), True),
        ("dots", "m2", R.OutsideReportingLine(levels=1), False),  # the dotted line itself
        ("dots", "m1", R.OutsideReportingLine(levels=1), False),  # one solid step above the dotted-line manager
        ("dots", "m3", R.OutsideReportingLine(), True),  # below the dotted-line manager
        ("lost", "m3", R.OutsideReportingLine(), False),  # not stated
    ],
)
def test_reporting_lines(a: str, z: str, rule: Any, may: bool) -> None:
    world = world_of({"id": a}, {"id": z}, rules=[rule], organisation=LINES, unknown_manager="allow")
    assert (not forbidden(world)) is may


def test_the_head_has_levels_of_their_own() -> None:
    lines = LINES[:-1]
    for levels, may in ((None, False), (3, False), (2, True), (0, True)):
        rule = R.OutsideReportingLine(head_levels=levels)
        assert (not forbidden(world_of({"id": "m3"}, {"id": "top"}, rules=[rule], organisation=lines))) is may
        assert forbidden(world_of({"id": "m3"}, {"id": "m1"}, rules=[rule], organisation=lines))


@pytest.mark.parametrize(
    ("term", "mentor", "mentee", "worth"),
    [
        (S.SkillGap(), {"offers": "sql:4;ai:2"}, {"offers": "sql:1", "wants": "SQL:3;ai"}, 2 + 2),
        (S.SkillGap(), {"offers": "sql:1"}, {"offers": "sql:3", "wants": "sql:5"}, 0),
        (S.SkillGap(weights={"AI": 5, "sql": 0}), {"offers": "sql:4;ai:2"}, {"wants": "sql:3;ai"}, 10),
        (S.SkillGap("need"), {"offers": "sql:2"}, {"offers": "sql:1", "wants": "sql:3;ai:1"}, 333),
        (S.SkillGap("need", weights={"sql": 3}), {"offers": "sql:2"}, {"wants": "sql:2;ai:1"}, 6 * (1000 // 7)),
        (S.SkillGap(direction="both"), {"offers": "sql:2", "wants": "ai:3"}, {"offers": "ai:2", "wants": "sql:1"}, 3),
        (S.Different("site"), {"site": "A"}, {"site": "B"}, 1),
        (S.Different("site"), {"site": "A"}, {"site": ""}, 0),
        (S.Same("site"), {"site": "A"}, {"site": "A"}, 1),
        (S.Same("site"), {"site": ""}, {"site": ""}, 0),
        (S.Shared("tags"), {"tags": "a;b;c"}, {"tags": "C; a;x"}, 2),
        (S.Distance("hired", 5), {"hired": 2001}, {"hired": 2003}, 2),
        (S.Distance("hired", 5), {"hired": 2001}, {"hired": 2030}, 5),
        (S.Distance("hired", 5), {"hired": 2001}, {"hired": ""}, 0),
        (S.Priority("urgency", "mentee"), {"urgency": 9}, {"urgency": -3}, -3),
        (S.Priority("urgency", "mentor"), {"urgency": ""}, {"urgency": 4}, 0),
        (S.Choice(), {"choices": "z"}, {"choices": "b;a"}, 2),
        (S.Choice((7,), of="mentor"), {"choices": "z;b"}, {"choices": "a"}, 7),
        (S.Choice((7,), of="mentor"), {"choices": "b;z"}, {"choices": "a"}, 0),
        (-2 * S.Same("site") + 5 * S.Different("site"), {"site": "A"}, {"site": "A"}, -2),
    ],
)
def test_scores(term: Any, mentor: dict[str, Any], mentee: dict[str, Any], worth: int) -> None:
    others = {"mentors": [{"id": "b"}], "mentees": [{"id": "y"}]}
    assert points(term, mentor, mentee, **others) == worth


def test_rare_skills_are_worth_more() -> None:
    others = [{"id": f"m{k}", "offers": "sql:1"} for k in range(49)]
    assert points(S.RareSkill(), {"offers": "sql:3; ai:1"}, {"wants": "sql;ai;x"}, mentors=others) == 50 // 50 + 20


def test_tables_round_once_half_to_even() -> None:
    scores = [[0.5, 1.5, 0.0005], [2.25, -0.5, 1e-9]]
    world = World(rm.Programme.from_scores(scores, scale=1000))
    found = [500, 1500, 1, 2250, -500, 0]  # 0.0005 is a little more than one half of a thousandth
    for reading in (Plain(world).worth(*all_pairs(world))[0], Bulk(world).worth(*all_pairs(world))):
        assert reading.tolist() == found
    halves = World(rm.Programme.from_scores([[0.5, 1.5, 2.5]], scale=1))
    assert Plain(halves).worth(*all_pairs(halves))[0].tolist() == [0, 2, 2]


def test_a_pair_that_a_table_leaves_out_is_worth_nothing() -> None:
    table = rm.score.Table(coo_array(([5], ([0], [0])), shape=(1, 2)))
    people = {"a": "x"}
    world = world_of(people, people, score=table + 3 * S.Same("a"), mentees=[{"id": "y", **people}])
    worth, absent = Plain(world).worth(*all_pairs(world))
    assert worth.tolist() == Bulk(world).worth(*all_pairs(world)).tolist() == [8, 0]
    assert absent.tolist() == [False, True]


def all_pairs(world: World) -> tuple[Any, Any]:
    i, j = (part.ravel() for part in np.indices(world.shape))
    return i, j


def test_worth_beyond_64_bits_is_still_said() -> None:
    """No certificate holds such numbers; what is wrong with the plan is said all the same."""
    world = world_of({"a": "x"}, {"a": "x"}, score=2**52 * S.Same("a"))
    object.__setattr__(world.policy.score, "terms", tuple((10**30, term) for _, term in world.policy.score.terms))
    worth, _ = Plain(World(world.programme)).worth(*FIRST)
    assert worth.tolist() == [10**30]


# --- declarations, bulk and oracle agree ------------------------------------------------------------------------------


@pytest.mark.parametrize("block", range(8))
def test_witness_bulk_declaration_and_oracle_agree(block: int) -> None:
    """On every pair of random programmes: thousands of people, every rule and every term."""
    for seed in range(block * 12, block * 12 + 12):
        draw = strategies.seeded(seed)
        size = (draw.whole(1, 30), draw.whole(1, 20))
        case = strategies.people_case(draw, dual=draw.chance(30), size=size)
        programme, facts = programme_of(case), Facts(case)
        world = World(programme)
        n, m = world.shape
        i, j = all_pairs(world)
        plain, fast = Plain(world), Bulk(world)
        worth = fast.worth(i, j)
        eligible = fast.eligible(i, j, worth)
        declared = declared_masks(programme)
        whole = programme.policy.score.form(programme.sides())
        assert np.array_equal(worth.reshape(n, m), whole.tile(slice(0, n), slice(0, m)))
        assert np.array_equal(plain.worth(i, j)[0], worth)
        assert np.array_equal(plain.eligible(i, j), eligible)
        may = fast.may_exist(np.arange(n)[:, None], np.arange(m)[None, :]).ravel()
        assert not (eligible & ~may).any()
        rows, cols = fast.may_meet(np.arange(n), np.arange(m))
        assert not (eligible & ~(np.isin(i, rows) & np.isin(j, cols))).any()
        for p, (a, b) in enumerate(zip(i.tolist(), j.tolist(), strict=True)):
            against = plain.against(a, b)
            assert (not against) == eligible[p]
            mentor, mentee = world.mentors.keys[a], world.mentees.keys[b]
            assert worth[p] == facts.worth(mentor, mentee)
            names = [name for name in against if name not in witness_rules.ABOVE_RULES]
            assert names == [name for name, mask in declared if not mask[a, b]]
            others = [name for name in facts.forbidden_by(mentor, mentee) if name != "capacity"]
            assert len(against) == len(others) - (others.count("ban") > 1)


def declared_masks(programme: Any) -> list[tuple[str, Any]]:
    """Each rule's name, and which pairs its own declaration allows."""
    sides = programme.sides()
    i, j = np.arange(sides.shape[0])[:, None], np.arange(sides.shape[1])[None, :]
    score = programme.policy.score.form(sides).tile(slice(0, sides.shape[0]), slice(0, sides.shape[1]))
    masks = [(rule.name, rule.mask(sides)(i, j, score)) for rule in programme.policy.rules]
    return [(name, np.broadcast_to(mask, sides.shape)) for name, mask in masks]


@pytest.mark.parametrize("weight", [3, 2**24 - 1, 2**24 + 1, 2**40 + 1, 2**51 + 1])
def test_products_are_exact_whatever_the_weights(weight: int) -> None:
    """In float32, float64 or int64: the sum of two levels of one skill and one of another, to the last unit."""
    term = S.SkillGap(weights={"sql": weight, "ai": 1})
    world = world_of({"offers": "sql:2;ai:1"}, {"wants": "sql:5;ai:5"}, score=term)
    assert Bulk(world).worth(*FIRST)[0] == Plain(world).worth(*FIRST)[0][0] == 2 * weight + 1


@pytest.mark.parametrize("seed", range(20))
def test_bulk_reads_any_part_of_any_table(seed: int) -> None:
    """Tables with holes, floats at any scale, and any pairs of them."""
    random = np.random.default_rng(seed)
    n, m = random.integers(1, 30, size=2)
    scores = random.normal(size=(n, m)) if seed % 2 else random.integers(-9, 9, size=(n, m))
    if seed % 4 == 3:
        scores = np.round(scores, 3)  # many products that lie next to a half
    scale = [None, 1000, 0.5, 2000][seed % 4] if seed % 2 else None
    absent = random.random((n, m)) < 0.3
    if seed % 3:
        programme = rm.Programme.from_scores(scores, scale=scale, forbidden=absent)
    else:
        i, j = np.nonzero(~absent)
        programme = rm.Programme.from_scores(coo_array((scores[i, j], (i, j)), shape=(n, m)), scale=scale)
    world = World(programme)
    plain, fast = Plain(world), Bulk(world)
    i, j = all_pairs(world)
    some = random.permutation(len(i))[: len(i) // 2 + 1]
    i, j = i[some], j[some]
    worth, left_out = plain.worth(i, j)
    assert np.array_equal(left_out, absent[i, j])
    assert np.array_equal(fast.worth(i, j), worth)
    assert np.array_equal(fast.eligible(i, j, fast.worth(i, j)), ~absent[i, j])
    assert np.array_equal(plain.eligible(i, j), ~absent[i, j])
    assert plain.against(int(i[0]), int(j[0])) == [witness_rules.ABSENT] * int(absent[i[0], j[0]])
