"""Every score term and every rule, held against a plain reading of the raw cells, pair by pair.

The readings below are written from the sentences of the contract, over dicts of text, and use nothing of the package.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import revmatch as rm
from company import Cells, Company, company, fold, items, levels, number, split, stated, up
from grids import daily
from oracle_cells import have_common_hours, utc_offset
from revmatch.policy.rules import Rule
from revmatch.policy.term import Score, Term

R, S = rm.rules, rm.score

# --- what a pair is worth, read plainly -------------------------------------------------------------------------------


def gap(term: Any, teacher: Cells, learner: Cells) -> int:
    weight = {fold(skill): w for skill, w in dict(term.weights or ()).items()}
    taught, own = levels(teacher["offers"]), levels(learner["offers"])
    closed = lacking = 0
    for skill, wanted in levels(learner["wants"]).items():
        w, has = weight.get(skill, 1), own.get(skill, 0)
        closed += w * max(0, min(taught.get(skill, 0), wanted) - has)
        lacking += w * max(0, wanted - has)
    return closed if term.per == "level" else closed * (1000 // lacking) if lacking else 0


def skill_gap(term: Any, a: Cells, z: Cells, given: Company) -> int:
    return gap(term, a, z) + (gap(term, z, a) if term.direction == "both" else 0)


def same_or_different(term: Any, a: Cells, z: Cells, given: Company) -> int:
    x, y = stated(a[term.column]), stated(z[term.column])
    return int(x is not None and y is not None and (x == y) == (term.name == "Same"))


def distance(term: Any, a: Cells, z: Cells, given: Company) -> int:
    x, y = number(given, a, term.column), number(given, z, term.column)
    return 0 if x is None or y is None else min(abs(x - y), term.at_most)


def rare(term: Any, a: Cells, z: Cells, given: Company) -> int:
    wanted = levels(a["offers"]).keys() & levels(z["wants"]).keys()
    offer = [levels(cells["offers"]) for cells in given.mentors]
    return sum(min(20, len(offer) // sum(skill in own for own in offer)) for skill in wanted)


def choice(term: Any, a: Cells, z: Cells, given: Company) -> int:
    chooser, other = (a, z) if term.of == "mentor" else (z, a)
    ranks = dict(zip(split(chooser["choices"], ";"), term.points, strict=False))
    return ranks.get(other["id"], 0)


#: Type of term -> (terms to try, what a pair is worth by the plain reading). Tables have a chapter of their own below.
WORTH: dict[str, tuple[list[Any], Callable[..., int]]] = {
    "SkillGap": (
        [
            S.SkillGap(),
            S.SkillGap("need"),
            S.SkillGap(direction="both"),
            S.SkillGap("need", "both", {"SQL": 3, "straße": 0, "skill 3": 7, "nobody has it": 5}),
            S.SkillGap(weights={"C:drive": 1001, "zo\u00cb": 2, "sql": 0}),
        ],
        skill_gap,
    ),
    "Different": ([S.Different("site"), S.Different("hired")], same_or_different),
    "Same": ([S.Same("department"), S.Same("grade")], same_or_different),
    "Shared": (
        [S.Shared("languages"), S.Shared("site")],
        lambda term, a, z, given: len(items(a[term.column]) & items(z[term.column])),
    ),
    "Distance": ([S.Distance("grade", 2), S.Distance("hired", 1_000), S.Distance("urgency", 0)], distance),
    "Priority": (
        [S.Priority("urgency", "mentee"), S.Priority("grade", "mentor")],
        lambda term, a, z, given: number(given, a if term.side == "mentor" else z, term.column) or 0,
    ),
    "RareSkill": ([S.RareSkill()], rare),
    "Choice": ([S.Choice(), S.Choice((9, -4), of="mentor"), S.Choice((0, 5))], choice),
}


def test_every_score_term_has_a_case() -> None:
    assert WORTH.keys() | {"Table"} == Term.registry.keys()


@pytest.mark.parametrize("seed", daily(1, range(3)))
@pytest.mark.parametrize("name", WORTH)
def test_tile_pairs_and_plain_reading_give_the_same_worth(name: str, seed: int) -> None:
    terms, reading = WORTH[name]
    given = company(seed, 150, 110)
    for term in terms:
        sides = given.programme(score=term).sides()
        form = term.form(sides)
        check_form(form, sides.shape, seed)
        i, j = some_pairs(given, seed, 900)
        plainly = [reading(term, given.mentors[a], given.mentees[z], given) for a, z in zip(i, j, strict=True)]
        assert form.pairs(i, j).tolist() == plainly
        assert len(set(plainly)) > 1 or "at_most=0" in str(term), "nothing was told apart"


def check_form(form: Any, shape: tuple[int, int], seed: int) -> None:
    """Pairs and tiles of any cut agree; values are whole and none is above the ceiling."""
    n, m = shape
    whole = form.tile(slice(0, n), slice(0, m))
    assert whole.dtype == np.int64
    assert int(np.abs(whole).max(initial=0)) <= form.ceiling
    i, j = np.indices(shape).reshape(2, -1)
    by_pair = form.pairs(i, j)
    assert by_pair.dtype == np.int64
    assert np.array_equal(by_pair, whole.ravel())
    cuts = random.Random(seed)
    for _ in range(4):
        rows, cols = (slice(*sorted(cuts.choices(range(size + 1), k=2))) for size in shape)
        assert np.array_equal(form.tile(rows, cols), whole[rows, cols])


def some_pairs(given: Company, seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs drawn at random, and all that have to do with each other."""
    draw = random.Random(seed)
    at = {cells["id"]: k for side in (given.mentors, given.mentees) for k, cells in enumerate(side)}
    mentors = {cells["id"] for cells in given.mentors}
    near = [(name, other) for name, other in given.history]
    near += [(cells["id"], other) for cells in given.everybody for other in (cells["manager"], cells["dotted_line"])]
    near += [(cells["id"], other) for cells in given.mentors + given.mentees for other in split(cells["choices"], ";")]
    near = [pair if pair[0] in mentors else pair[::-1] for pair in near if at.keys() >= set(pair)]
    found = [(at[a], at[z]) for a, z in near if a in mentors and z not in mentors]
    found += [(draw.randrange(len(given.mentors)), draw.randrange(len(given.mentees))) for _ in range(count)]
    i, j = zip(*found, strict=True)
    return np.array(i, dtype=np.int64), np.array(j, dtype=np.int64)


@pytest.mark.parametrize("name", WORTH)
@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0), (1, 1)])
def test_forms_of_nobody(name: str, shape: tuple[int, int]) -> None:
    given = company(1, 4, 4)
    programme = given.programme(score=WORTH[name][0][0])
    sides = programme.replace(mentors=programme.mentors[: shape[0]], mentees=programme.mentees[: shape[1]]).sides()
    check_form(programme.policy.score.form(sides), shape, 0)


@pytest.mark.parametrize("wants", ["", "sql:2"])
@pytest.mark.parametrize("offers", ["", "sql:3"])
def test_forms_of_people_without_skills(offers: str, wants: str) -> None:
    people = [{"id": k, "offers": offers, "wants": wants, "languages": ""} for k in range(3)]
    others = [{"id": k, "offers": offers, "wants": "", "languages": " ; "} for k in range(5, 7)]
    for term in (S.SkillGap(), S.SkillGap("need", "both"), S.RareSkill(), S.Shared("languages")):
        form = term.form(rm.Programme(people, others, rm.Policy(score=term)).sides())
        check_form(form, (3, 2), 0)
        back = "both" in str(term) and wants and offers
        assert form.tile(slice(0, 3), slice(0, 2)).tolist() == [[0, 0]] * 3, back


def test_ceilings_are_reached_where_one_number_says_all() -> None:
    given = company(0, 60, 60)
    for term, most in ((S.Same("site"), 1), (S.Distance("hired", 3), 3), (S.Choice((3, -7)), 7)):
        assert term.form(given.programme(score=term).sides()).ceiling == most


@pytest.mark.parametrize("seed", range(4))
def test_tables_follow_their_people_into_any_order(seed: int) -> None:
    random_numbers = np.random.default_rng(seed)
    scores = random_numbers.integers(-9, 9, (30, 20))
    absent = random_numbers.random(scores.shape) < 0.4
    from scipy.sparse import csr_array

    listed = np.nonzero(~absent)
    for table in (S.Table(scores, forbidden=absent), S.Table(csr_array((scores[listed], listed), shape=scores.shape))):
        programme = rm.Programme(
            [{"id": k} for k in range(30)], [{"id": k} for k in range(50, 70)], rm.Policy(score=table)
        )
        rows, cols = random_numbers.permutation(30), random_numbers.permutation(20)
        form = table.form(programme.sides(rows, cols))
        assert form.is_partial
        i, j = np.indices((30, 20)).reshape(2, -1)
        exist = ~absent[rows][:, cols]
        assert np.array_equal(form.exists(slice(0, 30), slice(0, 20)), exist)
        assert np.array_equal(form.exists(slice(7, 19), slice(3, 4)), exist[7:19, 3:4])
        assert np.array_equal(form.exist(i, j), exist.ravel())
        permuted = scores[rows][:, cols]
        assert np.array_equal(form.pairs(i, j)[exist.ravel()], permuted[exist])
        assert np.array_equal(form.tile(slice(2, 30), slice(0, 9))[exist[2:, :9]], permuted[2:, :9][exist[2:, :9]])
        check_form(form, (30, 20), seed)


def test_weights_multiply_and_terms_add() -> None:
    given = company(0, 40, 30)
    score = 5 * S.SkillGap() + -2 * S.Different("site") + S.Priority("urgency", "mentee") * 3
    sides = given.programme(score=score).sides()
    form = score.form(sides)
    parts = [(5, S.SkillGap()), (-2, S.Different("site")), (3, S.Priority("urgency", "mentee"))]
    rows, cols = slice(3, 33), slice(1, 30)
    assert np.array_equal(form.tile(rows, cols), sum(w * term.form(sides).tile(rows, cols) for w, term in parts))
    check_form(form, sides.shape, 0)
    assert not Score().form(sides).tile(rows, cols).any()


# --- which pairs may exist, read plainly ------------------------------------------------------------------------------


def outside_line(rule: Any, a: Cells, z: Cells, given: Company) -> bool:
    rows = {cells["id"]: cells for cells in given.everybody}
    steps = 99 if rule.levels is None else rule.levels
    if rule.head_levels is not None and given.head in (a["id"], z["id"]):
        steps = rule.head_levels
    forbidden: set[str] = set()
    for one, other in ((a["id"], z["id"]), (z["id"], a["id"])):
        lines = [up(rows, one, 1), up(rows, one, steps)]
        for dotted in split(rows[one]["dotted_line"], ";"):
            lines += [[dotted], up(rows, dotted, steps)]
        if any(None in line for line in lines):
            return False
        forbidden |= {other for line in lines[1:] if other in line}
    managers = rows[a["id"]]["manager"], rows[z["id"]]["manager"]
    return not forbidden and not (managers[0] and managers[0] == managers[1])


def grade_gap(rule: Any, a: Cells, z: Cells, given: Company) -> bool:
    junior, senior = number(given, a, "grade"), number(given, z, "grade")
    if junior is None or senior is None:
        return False
    return senior - junior >= rule.at_least and (rule.at_most is None or senior - junior <= rule.at_most)


def common_hours(rule: Any, a: Cells, z: Cells, given: Company) -> bool:
    hours = [(stated(cells["available"]), stated(cells["time_zone"])) for cells in (a, z)]
    if not all(map(all, hours)):
        return False
    return have_common_hours(*[(own[0].strip(), own[1]) for own in hours], rule.minutes, rule.grid)


def zone_gap(rule: Any, a: Cells, z: Cells, given: Company) -> bool:
    zones = [stated(cells["time_zone"]) for cells in (a, z)]
    return all(zones) and abs(utc_offset(zones[0]) - utc_offset(zones[1])) <= 60 * rule.at_most_hours


def same(column: str, wanted: bool) -> Callable[..., bool]:
    def reading(rule: Any, a: Cells, z: Cells, given: Company) -> bool:
        x, y = stated(a[column]), stated(z[column])
        return x is not None and y is not None and (x == y) is wanted

    return reading


#: Type of rule -> rules to try, each with its plain reading.
MAY: dict[str, list[tuple[Any, Callable[..., bool]]]] = {
    "DifferentDepartment": [(R.DifferentDepartment(), same("department", False))],
    "Different": [(R.Different("site"), same("site", False)), (R.Different("grade"), same("grade", False))],
    "Same": [(R.Same("site"), same("site", True)), (R.Same("department"), same("department", True))],
    "OutsideReportingLine": [
        (R.OutsideReportingLine(levels, head_levels), outside_line)
        for levels, head_levels in ((None, None), (1, None), (2, 0), (None, 1), (3, 3), (None, 0))
    ],
    "GradeGap": [(R.GradeGap(*bounds), grade_gap) for bounds in ((), (2,), (0, 1), (-2, 0), (1, 1))],
    "SharedLanguage": [
        (R.SharedLanguage(), lambda rule, a, z, given: bool(items(a["languages"]) & items(z["languages"])))
    ],
    "CommonHours": [(R.CommonHours(*how), common_hours) for how in ((), (30,), (90,), (45,))],
    "TimeZoneGap": [(R.TimeZoneGap(hours), zone_gap) for hours in (0, 1, 5, 9)],
    "NotPairedBefore": [(R.NotPairedBefore(), lambda rule, a, z, given: (a["id"], z["id"]) not in given.history)],
    "MinScore": [
        (R.MinScore(value), lambda rule, a, z, given: skill_gap(S.SkillGap(), a, z, given) >= Fraction(rule.value))
        for value in (1, 2.5, -1, 4.0)
    ],
}


def test_every_rule_has_a_case() -> None:
    assert MAY.keys() == Rule.registry.keys()


@pytest.mark.parametrize("seed", daily(1, range(3)))
@pytest.mark.parametrize("name", MAY)
def test_tile_pairs_and_plain_reading_allow_the_same(name: str, seed: int) -> None:
    given = company(seed, 120, 90)
    for rule, reading in MAY[name]:
        sides = given.programme([rule], S.SkillGap()).sides()
        mask, score = rule.mask(sides), S.SkillGap().form(sides)
        n, m = sides.shape
        whole = mask(np.arange(n)[:, None], np.arange(m)[None, :], score.tile(slice(0, n), slice(0, m)))
        whole = np.broadcast_to(whole, (n, m))
        assert whole.dtype == bool
        rows, cols = slice(17, 101), slice(5, 89)
        part = mask(np.arange(17, 101)[:, None], np.arange(5, 89)[None, :], score.tile(rows, cols))
        assert np.array_equal(np.broadcast_to(part, (84, 84)), whole[rows, cols])
        i, j = some_pairs(given, seed, 600)
        found = mask(i, j, score.pairs(i, j))
        assert np.array_equal(found, whole[i, j])
        plainly = [reading(rule, given.mentors[a], given.mentees[z], given) for a, z in zip(i, j, strict=True)]
        assert found.tolist() == plainly
        assert len(set(plainly)) == 2 or "MinScore(-1)" in str(rule), "nothing was told apart"


@pytest.mark.parametrize("name", MAY)
def test_masks_of_nobody(name: str) -> None:
    given = company(0, 3, 3)
    programme = given.programme([MAY[name][0][0]])
    for n, m in ((0, 3), (3, 0), (0, 0)):
        sides = programme.replace(mentors=programme.mentors[:n], mentees=programme.mentees[:m]).sides()
        mask = MAY[name][0][0].mask(sides)
        found = mask(np.arange(n)[:, None], np.arange(m)[None, :], np.zeros((n, m), dtype=np.int64))
        assert np.broadcast_to(found, (n, m)).shape == (n, m)


def test_a_least_score_is_in_points_whatever_the_scale() -> None:
    policy = rm.Policy([R.MinScore(0.29)], S.Table([[0.1, 0.3, 0.7, 0.2899999]]))
    programme = rm.Programme([{"id": "a"}], [{"id": f"z{k}"} for k in range(4)], policy)
    sides, j = programme.sides(), np.arange(4)
    mask = policy.rules[0].mask(sides, scale=policy.score.scale)
    allowed = mask(np.zeros(4, dtype=np.int64), j, policy.score.form(sides).pairs(np.zeros(4, dtype=np.int64), j))
    assert allowed.tolist() == [False, True, True, False]
