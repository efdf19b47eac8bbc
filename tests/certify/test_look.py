"""The fast sum is the slow sum: one look over all pairs finds what the witnesses find, whatever the programme."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array

import revmatch as rm
import strategies
from bridge import programme_of
from certify.maker import prove
from certify.test_corruption import with_record
from certify.test_verify import assert_verified, best_plan
from grids import daily, examples
from revmatch.certify import bulk, look, reach, sample, sources, thin
from revmatch.certify.bound import Replay, Sum
from revmatch.certify.degrees import Degrees
from revmatch.certify.grids import EVERY_ROW, NO_ROW, Grid
from revmatch.certify.listed import Listed
from revmatch.certify.plain import Plain
from revmatch.certify.prices import Prices
from revmatch.certify.records import Direction, PairRow, Record, WorstRow
from revmatch.certify.sources import Everything, Plainly, Question, Some
from revmatch.certify.thin import Product, Thin, multiplied
from revmatch.certify.verification import Findings
from revmatch.certify.verify import verify, verify_found
from revmatch.certify.witness_goals import Aim
from revmatch.certify.world import World
from revmatch.errors import ConfigError

Draw = random.Random
AIMS = (Aim("score", frozenset()), Aim("one", frozenset()), Aim("nothing", frozenset(("mentor", "mentee"))))


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """All pairs by the fast reading, in steps so small that even a few people make many of them."""
    make_steps_small(monkeypatch)


def make_steps_small(
    patch: pytest.MonkeyPatch, tile: int = 6, columns: int = 4, piece: int = 5, many: int = 16, sparse: float = 1
) -> None:
    patch.setattr(sources, "PLAINLY", -1)
    patch.setattr(sources, "PIECE", piece)
    patch.setattr(look, "TILE", tile)
    patch.setattr(look, "TILE_COLUMNS", columns)
    patch.setattr(reach, "SPARSE", sparse)
    patch.setattr(look, "MANY", many)
    patch.setattr(thin, "STEP", 3)


# --- the same sums ----------------------------------------------------------------------------------------------------


def any_prices(draw: Draw, world: World, scores: list[int]) -> list[Record]:
    """One to four records with prices of all kinds: nothing here was ever proven."""
    n, m = world.shape
    aims = [draw.choice(AIMS) for _ in range(draw.randint(1, 4))]
    records: list[Record] = []
    for k, aim in enumerate(aims):
        unit = draw.choice((1, 1, 1, 3, 60))
        style = draw.choice(("none", "few", "few", "scores", "large"))

        def price(style: str = style, unit: int = unit) -> int:
            if style == "scores" and scores:
                return unit * draw.choice(scores) // draw.choice((1, 2)) + draw.randint(-1, 1)
            return {"none": 0, "large": draw.randint(-(2**40), 2**40)}.get(style, draw.randint(-2, 3))

        kept = tuple((g, draw.randint(-1, 2)) for g in range(k) if draw.random() < 0.3)
        pairs = [(draw.randrange(n), draw.randrange(m)) for _ in range(4)] if n and m else []
        rows = [Direction(f"row {r}", (pairs[r], pairs[r + 2]), draw.randint(-2, 3)) for r in range(len(pairs) // 2)]
        directions = tuple(rows) if len(set(pairs)) == 4 and draw.random() < 0.3 else ()
        prices = [np.array([price() for _ in range(count)], dtype=np.int64) for count in (n, m)]
        priced = any_rows(draw, n, m) if n and m and draw.random() < 0.5 else ()
        records.append(Record("", aim, prices[0], prices[1], unit, kept, directions, 0, priced))
    return records


def any_rows(draw: Draw, n: int, m: int) -> tuple[PairRow | WorstRow, ...]:
    """Rows over any groups with any weights, with prices of both signs; and some mentees' totals."""
    shape = draw.choice(((1, 1), (draw.randint(1, 4), draw.randint(1, 3)), (n, 1), (1, m)))
    least = draw.choice((0, NO_ROW, EVERY_ROW))
    grid = Grid(
        np.array([draw.randint(least, shape[0] - 1) for _ in range(n)]),
        np.array([draw.randint(max(least, NO_ROW), shape[1] - 1) for _ in range(m)]),
        shape,
        np.array([draw.choice((1, 1, draw.randint(-2, 3))) for _ in range(n)]),
        np.array([draw.choice((1, 1, draw.randint(-2, 3))) for _ in range(m)]),
        lambda a, b: a - b,
    )
    groups = [(a, b) for a in range(shape[0]) for b in range(shape[1])]
    some = draw.sample(groups, draw.randint(0, min(4, len(groups))))
    found: list[PairRow | WorstRow] = [PairRow("", draw.randint(-2, 3), grid, a, b) for a, b in some]
    if draw.random() < 0.6:
        mentees = draw.sample(range(m), draw.randint(1, m))
        found += [WorstRow("", draw.randint(-1, 3), j, draw.randint(-2, 4)) for j in mentees]
    return tuple(found)


def assert_same_sums(programme: rm.Programme, draw: Draw) -> list[Sum]:
    """Plain sums, fast sums and sums over a list of all pairs: the same, on the faces of any goals that close."""
    world = World(programme)
    plain = Plain(world)
    n, m = world.shape
    i, j = (part.ravel() for part in np.indices((n, m)))
    scores = [int(score) for score in plain.worth(i, j)[0]] if n * m else []
    records = any_prices(draw, world, scores)
    held = [np.array([draw.randrange(size) for _ in range(3)] if n and m else [], dtype=np.int64) for size in (n, m)]
    prices = Prices(records, world.shape)
    question = Question.of(world, plain, prices, None, draw.randrange(9))
    question = dataclasses.replace(question, holds=Listed(held[0], held[1], world.shape))
    sides = [Degrees.between(*bounds) for bounds in (world.mentor_bounds, world.mentee_bounds)]
    values: list[set[int]] = [set() for _ in records]
    whole = pytest.MonkeyPatch()
    whole.setattr(sources, "PLAINLY", 1 << 30)
    slowly = Plainly(question)
    whole.undo()

    def sums(source: Any, guesses: list[int]) -> list[Sum]:
        for record, guess in zip(records, guesses, strict=True):
            object.__setattr__(record, "claimed", guess)
        replay = Replay(prices, values, [0 for _ in records], sides[0], sides[1], source.patches, partial=False)
        return replay.sums()

    for k, record in enumerate(records):  # goal by goal, let those close that can
        total = sums(slowly, [0] * len(records))[k].total
        if total % record.denominator == 0 and draw.random() < 0.7:
            values[k] = {total // record.denominator}
    right = sums(slowly, [min(some, default=0) for some in values])
    assert [one.closed for one in right] == [bool(some) for some in values]
    for source in (Everything(question), Some(question, (i, j))):
        for guesses in ([draw.randint(-3, 3) for _ in values], [min(some, default=0) for some in values]):
            found = sums(source, guesses)
            assert [(one.total, one.closed) for one in found] == [(one.total, one.closed) for one in right]
        assert [len(one.above) for one in found] == [len(one.above) for one in right]
        findings = Findings()
        source.compare(findings)
        assert findings.found == []
    return right


@pytest.mark.parametrize("block", daily(2, range(8)))
def test_any_programme_and_any_prices(block: int, small_steps: None) -> None:
    """Every rule and every term, negative scores, pins, bans, tables with holes, dual roles, one to four goals."""
    closed = 0
    for seed in range(block * 25, block * 25 + 25):
        draw = strategies.seeded(seed)
        recipe = draw.pick((strategies.any_case, strategies.people_case, strategies.table_case, strategies.dual_case))
        closed += sum(one.closed for one in assert_same_sums(programme_of(recipe(draw)), random.Random(seed)))
    assert closed > 10


@pytest.mark.parametrize("seed", daily(6, range(12)))
def test_more_people(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """30 x 20, with steps of several sizes."""
    make_steps_small(monkeypatch, 64, 7, 100, many=(1, 16, 10**9)[seed % 3], sparse=(0, 1, 2)[seed % 3])
    monkeypatch.setattr(look, "CLASSES", 1 + seed)
    draw = strategies.seeded(seed)
    case = strategies.people_case(draw, size=(30, 20), dual=seed % 4 == 0)
    assert_same_sums(programme_of(case), random.Random(seed))


@examples(20)
@given(st.data())
def test_tables_of_any_size_of_numbers(data: st.DataObject) -> None:
    """Sums in float32, in float64 and in int64; dense tables, dense ones with holes, and sparse ones."""
    n, m = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 6))
    most = data.draw(st.sampled_from((9, 2**24, 2**30, 2**52)))
    whole = st.integers(-most, most)
    scores = np.array(data.draw(st.lists(whole, min_size=n * m, max_size=n * m)), dtype=np.int64).reshape(n, m)
    there = np.array(data.draw(st.lists(st.booleans(), min_size=n * m, max_size=n * m))).reshape(n, m)
    i, j = np.nonzero(there)
    kind = data.draw(st.sampled_from(("dense", "holes", "sparse")))
    table: Any = coo_array((scores[i, j], (i, j)), shape=(n, m)) if kind == "sparse" else scores
    programme = rm.Programme.from_scores(table, forbidden=~there if kind == "holes" else None)
    with pytest.MonkeyPatch.context() as patch:
        make_steps_small(patch)
        assert_same_sums(programme, data.draw(st.randoms(use_true_random=False)))


@pytest.mark.parametrize("weight", [1, -3, 2**20 + 1, 2**30 + 1, 2**45 + 1])
def test_products_are_exact_whatever_the_weights(weight: int, small_steps: None) -> None:
    people = [{"id": f"a{k}", "offers": f"sql:{1 + k % 5};ai:{1 + k % 3}", "tags": "x;y", "grade": k} for k in range(7)]
    learners = [{"id": f"z{k}", "wants": f"sql:{2 + k % 4};ai", "tags": "y;z", "grade": 9 - k} for k in range(5)]
    score = weight * rm.score.SkillGap() - rm.score.Shared("tags") + 2 * rm.score.Distance("grade", 5)
    for seed in range(5):
        assert_same_sums(rm.Programme(people, learners, rm.Policy(score=score)), random.Random(seed))


@pytest.mark.parametrize("seed", daily(10, range(30)))
def test_prices_between_the_best_and_the_others(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prices that some pairs beat and others do not, so that only some columns must be had."""
    draw = random.Random(seed)
    make_steps_small(monkeypatch, tile=draw.choice((6, 50)), columns=draw.choice((2, 9)), sparse=draw.choice((0, 1)))
    monkeypatch.setattr(look, "CLASSES", draw.choice((1, 2, 64)))

    def skills() -> str:
        return ";".join(
            f"{skill}:{draw.randint(1, 5)}" for skill in draw.sample(["sql", "ai", "law", "hr"], draw.randint(0, 3))
        )

    mentors = [{"id": f"a{k}", "offers": skills(), "wants": skills(), "tags": draw.choice("xyz")} for k in range(12)]
    mentees = [{"id": f"z{k}", "offers": skills(), "wants": skills(), "tags": draw.choice("xyz")} for k in range(8)]
    term = rm.score.SkillGap(draw.choice(("level", "need")), draw.choice(("mentee", "both")))
    score = term + draw.choice((0, 0, 1, -2)) * rm.score.Shared("tags") if draw.random() < 0.5 else term
    world = World(rm.Programme(mentors, mentees, rm.Policy(score=score)))
    plain = Plain(world)
    i, j = (part.ravel() for part in np.indices((12, 8)))
    worth = plain.worth(i, j)[0].reshape(12, 8)
    mentee_prices = np.array([draw.randint(0, int(best) + 1) for best in worth.max(axis=0)])
    mentor_prices = np.array([draw.choice((0, 0, 0, 1, 5)) for _ in range(12)])
    record = Record("", AIMS[0], mentor_prices, mentee_prices, 1, (), (), 0)
    question = Question.of(world, plain, Prices([record], world.shape), None, 0)
    sides = [Degrees.between(*bounds) for bounds in (world.mentor_bounds, world.mentee_bounds)]
    totals = []
    for source in (Everything(question), Some(question, (i, j))):
        totals.append(Replay(question.prices, [set()], [None], *sides, source.patches, partial=False).sums()[0].total)
        findings = Findings()
        source.compare(findings)
        assert findings.found == []
    people = int(mentor_prices.sum() + mentee_prices.sum())
    assert totals == [people + int(np.maximum(0, worth - mentor_prices[:, None] - mentee_prices).sum())] * 2


def test_many_skills_are_not_held_with_their_zeros(small_steps: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for thousands of skills: entries are looked for one by one."""
    monkeypatch.setattr(thin, "MOST_BYTES", 0)
    for seed in range(20):
        assert_same_sums(programme_of(strategies.people_case(strategies.seeded(seed))), random.Random(seed))


# --- through the front door -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", daily(8, range(25)))
def test_proven_plans_hold_in_one_look(seed: int, small_steps: None) -> None:
    draw = strategies.seeded(seed)
    size = (draw.whole(5, 30), draw.whole(3, 20))
    assert_verified(prove(strategies.people_case(draw, size=size)))
    assert_verified(prove(strategies.scores_case(draw, size=size)))


def test_only_some_pairs_are_drawn_where_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for very large programmes, on one that is small enough to know the answer."""
    for module in (sample, sources):
        monkeypatch.setattr(module, "DRAWN", 50)
        monkeypatch.setattr(module, "LOOKED_AT", 100)
    monkeypatch.setattr(sources, "PLAINLY", 99)
    for seed in range(8):
        assert_verified(prove(strategies.people_case(strategies.seeded(seed), size=(40, 20))))


def rows_of(plan: rm.Plan) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Lists of candidates: none, those that are held, all pairs, all pairs twice."""
    n, m = len(plan.programme.mentors), len(plan.programme.mentees)
    none = np.zeros(0, dtype=np.int64)
    i, j = (part.ravel() for part in np.indices((n, m)))
    yield from ((none, none), (plan.mentor_rows, plan.mentee_rows), (i, j))
    yield np.concatenate([i, i[::-1]]).astype(np.int32), np.concatenate([j, j[::-1]]).astype(np.int32)


@pytest.mark.parametrize("drawn", [0, 100])
def test_candidates(drawn: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sum over candidates is no larger than the claim of a proven plan; of a forged one it is, and that is said."""
    monkeypatch.setattr(sources, "PLAINLY", -1)
    monkeypatch.setattr(sources, "LOOKED_AT", drawn)
    for seed in range(10):
        plan = prove(strategies.people_case(strategies.seeded(seed), size=(20, 10)))
        for candidates in rows_of(plan):
            found = verify_found(plan, *candidates)
            assert found.problems == ()
            assert (found.pairs, found.proven) == ("candidates", False)
    _, plan = best_plan((20, 10), goals=(("Pairs", {}), ("TotalScore", {})))
    zero = {name: np.zeros_like(getattr(plan.certificate[0], name)) for name in ("mentor_prices", "mentee_prices")}
    forged = with_record(0, plan, **zero)
    i, j = (part.ravel() for part in np.indices((20, 10)))
    said = f"certificate.records[0].bound: claims {plan.certificate[0].bound}, but its prices add up to at least"
    assert said in str(verify_found(forged, i, j))


@pytest.mark.parametrize(
    ("candidates", "said"),
    [
        ((np.array([0]), np.array([0, 1])), "expected two arrays of whole numbers of one length"),
        ((np.array([0.0]), np.array([0.0])), "expected two arrays of whole numbers of one length"),
        ((np.array([[0]]), np.array([[0]])), "expected two arrays of whole numbers of one length"),
        (([0], [0]), "expected two arrays of whole numbers of one length"),
        ((np.array([-1]), np.array([0])), "there is no such person"),
        ((np.array([0]), np.array([10**6])), "there is no such person"),
    ],
)
def test_candidates_that_make_no_sense(candidates: Any, said: str) -> None:
    _, plan = best_plan((6, 4))
    with pytest.raises(ConfigError, match=f"RM182.*{said}"):
        verify_found(plan, *candidates)


# --- what goes wrong is seen ------------------------------------------------------------------------------------------


def some_plan() -> rm.Plan:
    """Proven, with pairs above their prices."""
    for seed in range(99):
        case = strategies.people_case(strategies.seeded(seed), size=(20, 12))
        plan = prove(case)
        policy = plan.programme.policy
        scored = "SkillGap" in str(policy.score) and "TotalScore" in map(str, policy.goals)
        if plan.found and len(plan.mentor_rows) > 5 and scored and plan.scores.any():
            return plan
    raise AssertionError("no such plan")


def test_numbers_that_are_wrong(small_steps: None, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, right = some_plan(), look.Part.tile
    assert verify(plan).ok
    for change in (lambda numbers: numbers - 1, lambda numbers: numbers.astype(np.float16) * 1.125):
        monkeypatch.setattr(look.Part, "tile", lambda *args, change=change: change(right(*args)))
        assert "the bulk sum finds another number than the pair by itself" in str(verify(plan))


def counted_plan() -> rm.Plan:
    """Three pairs on the diagonal, each above its prices."""
    zero = np.zeros(3, dtype=np.int64)
    plan = rm.match(rm.Programme.from_scores([[5, 0, 0], [0, 5, 0], [0, 0, 5]], policy=rm.Policy(goals=["TotalScore"])))
    return with_record(0, plan, mentor_prices=zero, mentee_prices=zero, bound=15)


@pytest.mark.parametrize("wrong", ["ceilings", "threshold", "class"])
def test_pairs_that_are_left_out(wrong: str, small_steps: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ceiling that is too low, a threshold that is too high, mentors who are skipped."""
    plan = counted_plan()
    assert verify(plan).proven
    tops, above, by_class = look.Look._tops, look.Look._above, look._by_class
    if wrong == "ceilings":
        monkeypatch.setattr(look.Look, "_tops", lambda *args: tops(*args) - 9)
    elif wrong == "threshold":
        monkeypatch.setattr(look.Look, "_above", lambda *args, **how: [p[1:] for p in above(*args, **how)])
    else:
        monkeypatch.setattr(look, "_by_class", lambda *args: (by_class(*args)[0], by_class(*args)[1][1:]))
    assert "the bulk sum leaves the pair out, and it counts" in str(verify(plan))


def test_mentors_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns that are dropped although a mentor who has them could beat the prices."""
    make_steps_small(monkeypatch, sparse=0)
    people = [{"id": f"a{k}", "offers": f"sql:{k}"} for k in range(1, 6)]
    learners = [{"id": "z", "wants": "sql:5", "capacity": 5}]
    policy = rm.Policy(score=rm.score.SkillGap(), goals=["TotalScore"])
    plan = rm.match(rm.Programme(people, learners, policy))
    zero = {name: np.zeros_like(getattr(plan.certificate[0], name)) for name in ("mentor_prices", "mentee_prices")}
    plan = with_record(0, plan, **zero | {"bound": 15, "mentee_prices": np.array([1])})
    plan = with_record(0, plan, bound=15)
    assert verify(plan).proven
    must = reach.Reach.must_have
    monkeypatch.setattr(reach.Reach, "must_have", lambda self, above, places: must(self, above - 1, places))
    assert "the bulk sum leaves the pair out, and it counts" in str(verify(plan))


def test_people_who_may_meet_nobody(small_steps: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fast reading that says of somebody too soon that they may meet nobody."""
    plan = counted_plan()
    monkeypatch.setattr(bulk.Bulk, "may_meet", lambda self, rows, cols: (rows[1:], cols))
    assert "the bulk sum leaves the pair out, and it counts" in str(verify(plan))


# --- products ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize("width", [1, 2, 40, 700])
def test_many_small_products_are_one_large_product(dtype: Any, width: int) -> None:
    random_ = np.random.default_rng(width)
    for rows, cols in ((1, 1), (64, 32), (65, 300), (0, 3), (130, 7)):
        a, b = (random_.integers(-4, 5, size=(size, width)).astype(dtype) for size in (rows, cols))
        assert np.array_equal(multiplied(a, b), a @ b.T)


@pytest.mark.parametrize("most_bytes", [0, 1 << 28])
def test_thin_products(most_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of single pairs and of tiles, and never above their ceilings; with and without zeros held."""
    monkeypatch.setattr(thin, "MOST_BYTES", most_bytes)
    random_ = np.random.default_rng(3)
    for _ in range(30):
        whole = [np.where(random_.random((size, 9)) < 0.3, random_.integers(-3, 5, (size, 9)), 0) for size in (6, 5)]
        codes = [random_.integers(0, len(matrix), 12) for matrix in whole]
        product = Product(*(thin_of(some, matrix) for some, matrix in zip(codes, whole, strict=True)))
        right = whole[0][codes[0]] @ whole[1][codes[1]].T
        i, j = (part.ravel() for part in np.indices((12, 12)))
        assert np.array_equal(product.pairs(i, j), right.ravel())
        assert np.abs(right).max() <= product.most
        block = product.a.block(np.arange(12), np.ones(product.a.width, dtype=bool), np.int64)
        i, j = (part.ravel() for part in np.indices(block.shape))
        assert np.array_equal(product.a.has(i, j), block[i, j] != 0)
        assert np.array_equal(product.a.used_by(np.arange(5)), (block[:5] != 0).any(axis=0))


@pytest.mark.parametrize("seed", range(20))
def test_reach(seed: int) -> None:
    """Whoever could beat the prices is looked at, once; with nested columns and others, and whatever the signs."""
    random_ = np.random.default_rng(seed)
    n, m = 14, 9
    levels = random_.integers(0, 4, (n, 3))  # three skills of three levels: nested columns
    nested = (levels[:, :, None] > np.arange(3)).reshape(n, 9).astype(np.int64)
    wholes = [nested, np.where(random_.random((n, 5)) < 0.3, random_.integers(1 - 3 * (seed % 2), 4, (n, 5)), 0)]
    others = [np.where(random_.random((m, 9)) < 0.4, 1, 0), np.where(random_.random((m, 5)) < 0.5, 2, 0)]
    products = []
    for matrix, other, family in zip(wholes, others, (np.arange(9) // 3, None), strict=True):
        a, b = thin_of(np.arange(n), matrix), thin_of(np.arange(m), other)
        a.family = a.family if family is None else family
        factor = random_.integers(-1, 4, m) if seed % 3 == 0 else int(random_.choice((1, 3, -1)))
        products.append((Product(a, b), factor))
    rows, cols = random_.permutation(n)[:11], random_.permutation(m)[:7]
    i, j = (part.ravel() for part in np.indices((n, m)))
    right = sum(look.at(factor, j) * product.pairs(i, j) for product, factor in products)
    points = right.reshape(n, m)[np.ix_(rows, cols)]
    found = reach.Reach(products, rows, cols)
    assert (found.total >= points.max(axis=0)).all()
    above = random_.integers(-1, 6, len(cols))  # by how much the best possible pair is above
    places = np.flatnonzero(above >= 0)
    must = found.must_have(above, places)
    begin, end = sorted(random_.integers(0, len(rows) + 1, 2))
    seen = np.zeros(points.shape, dtype=int)
    seen[begin:end, must.open_] += 1
    for family in found.families(must, begin, end):
        r, c = (part.ravel() for part in np.indices((len(family.mentors), len(family.entries))))
        some = family.depth[r] >= family.needed[c]
        mentors, entries = family.mentors[r[some]], family.entries[c[some]]
        new = ~found.earlier(must, mentors, entries)
        np.add.at(seen, (mentors[new], must.who[entries[new]]), 1)
    assert seen.max(initial=0) <= 1
    counts = points > (found.total - above - 1)  # what is missing to the best possible is less than what is above
    counts[:begin], counts[end:], counts[:, above < 0] = False, False, False
    assert not (counts & (seen == 0)).any()


def thin_of(codes: np.ndarray, matrix: np.ndarray) -> Thin:
    row, column = np.nonzero(matrix)
    return Thin(codes, *matrix.shape, row, column, matrix[row, column])
