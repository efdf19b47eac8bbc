"""Plans under limits: what is proven is verified, what is broken is said, and a second checker finds the same sums."""

from __future__ import annotations

import dataclasses
import itertools
import random
from typing import Any

import pytest

import revmatch as rm
from bridge import programme_of
from certify.limits_maker import LimitsMaker
from certify.test_look import make_steps_small
from grids import daily
from oracle import Case
from revmatch.certificate import Certificate, RowPrice
from revmatch.certify import stable
from revmatch.certify.plain import Plain
from revmatch.certify.stable import Blocking
from revmatch.certify.verification import Verification
from revmatch.certify.verify import verify
from revmatch.certify.world import World
from revmatch.errors import RevmatchError
from revmatch.plan import Plan, Status
from second_checker import blocks, certified_bounds

SUMS = (("Coverage", {}), ("Pairs", {}), ("TotalScore", {}), ("Coverage", {"side": "mentee"}), ("LeastChange", {}))
COLUMNS = ("department", "site")


def any_limit(draw: random.Random, mentors: list[str]) -> tuple[str, dict[str, Any]]:
    """One limit with any fields."""
    some = draw.sample(mentors, min(len(mentors), draw.choice((2, 2, 3))))
    side = draw.choice(("mentor", "mentee"))
    share = draw.choice(("40%", "1/3", "50%"))
    quota = {"column": draw.choice(COLUMNS), "value": draw.choice("xy"), "side": side}
    bound = draw.choice((draw.randint(0, 3), share))
    low = draw.randint(1, 2)
    return draw.choice(
        [
            ("DepartmentPair", {"at_most": draw.randint(0, 2)}),
            ("Quota", quota | {draw.choice(("at_least", "at_most")): bound}),
            ("Quota", quota | {"at_least": share, "at_most": draw.choice(("60%", "100%", "2/3"))}),
            ("TotalPairs", {"at_most": draw.randint(0, 4)}),
            ("EveryoneMatched", {"side": side}),
            ("Circles", {"smallest": low, "largest": draw.randint(low, 3)}),
            ("CoMentorsDifferent", {"column": draw.choice(COLUMNS)}),
            ("Load", {"hours": "hours", "at_most": draw.choice((draw.randint(0, 5), "most")), "side": side}),
            ("Together", {"people": some}),
            ("Apart", {"people": some}),
            ("Stable", {"by": draw.choice(("score", "choices"))}),
        ]
    )  # fmt: skip


def any_score(draw: random.Random) -> tuple[tuple[int, str, dict[str, Any]], ...]:
    """Products, numbers of one person, loose terms and listed ones."""
    terms: list[tuple[str, dict[str, Any]]] = [
        ("SkillGap", {}),
        ("Different", {"column": "site"}),
        ("Priority", {"column": "hours", "side": draw.choice(("mentor", "mentee"))}),
        ("Distance", {"column": "most", "at_most": 3}),
        ("Choice", {"points": (3, 1)}),
    ]
    return tuple((draw.choice((-1, 1, 2)), *term) for term in draw.sample(terms, draw.randint(1, 4)))


def any_goals(draw: random.Random) -> tuple[tuple[str, dict[str, Any]], ...]:
    found = draw.sample(SUMS, draw.randint(1, 2))
    if draw.random() < 0.5:
        balance = {"column": draw.choice(COLUMNS)} | draw.choice(({}, {"side": "mentor"}, {"side": "mentee"}))
        found.insert(draw.randint(0, len(found)), ("Balance", balance))
    first = [k for k, (name, _) in enumerate(found) if name in ("Coverage", "Pairs")]
    if first and draw.random() < 0.6:
        found.insert(draw.randint(first[0] + 1, len(found)), ("WorstOff", {}))
    return tuple(found)


def limits_case(seed: int, **options: Any) -> Case:
    """Some case that is not refused for a reason that is plain to see."""
    for again in itertools.count():
        case = drawn_case(random.Random(seed * 1_000 + again), **options)
        try:
            programme_of(case)
        except RevmatchError:
            continue
        return case
    raise AssertionError


def drawn_case(draw: random.Random, most_pairs: int = 9, people: tuple[int, int] = (4, 3)) -> Case:
    """A few people, one to three limits, one to four goals, another plan before, and equal or blank cells."""
    n, m = draw.randint(2, people[0]), draw.randint(1, people[1])
    ids = [f"j{k}" for k in range(n)], [f"s{k}" for k in range(m)]

    def person(key: str, others: list[str]) -> dict[str, Any]:
        capacity = draw.choice((0, 1, 1, 2, 2, 3)) if draw.random() < 0.9 else 1
        return {
            "id": key,
            "department": draw.choice(("x", "y", "")),
            "site": draw.choice(("x", "x", "y", "z", "")),
            "hours": draw.randint(0, 3),
            "most": draw.randint(0, 5),
            "capacity": capacity,
            "min_load": draw.randint(0, 1) if capacity and draw.random() < 0.2 else 0,
            "choices": ";".join(draw.sample(others, draw.randint(0, len(others)))),
            "offers": ";".join(f"{skill}:{draw.randint(1, 4)}" for skill in draw.sample("abc", draw.randint(0, 3))),
            "wants": ";".join(f"{skill}:{draw.randint(1, 5)}" for skill in draw.sample("abc", draw.randint(0, 2))),
        }

    mentors, mentees = ([person(key, other) for key in draw.sample(own, len(own))] for own, other in (ids, ids[::-1]))
    scores = [[draw.randint(-1, 6) for _ in range(m)] for _ in range(n)]
    pairs = [(mentor, mentee) for mentor in ids[0] for mentee in ids[1]]
    bans = draw.sample(pairs, max(len(pairs) // 5, len(pairs) - most_pairs))
    goals = any_goals(draw)
    everyone = [("EveryoneMatched", {"side": "mentee"})] if draw.random() < 0.05 else []
    return Case(
        mentors=tuple(mentors),
        mentees=tuple(mentees),
        score=draw.choice((((1, "Table", {"scores": scores}),), any_score(draw))),
        limits=tuple(
            {
                repr(one): one for one in (*everyone, *(any_limit(draw, ids[0]) for _ in range(draw.randint(1, 3))))
            }.values()
        ),
        goals=goals,
        bans=tuple(bans),
        previous=(*((draw.choice(ids[0]), draw.choice(ids[1])) for _ in range(3)), ("gone", "s0")),
    )


def assert_all_agrees(maker: LimitsMaker, plan: Plan) -> None:
    found = verify(plan)
    assert found.problems == (), (maker.case, found)
    assert certified_bounds(maker.case, plan) == [record.bound for record in plan.certificate]
    assert found.proven == (plan.proof in ("prices", "cases"))
    assert verify(plan, pairs="candidates").problems == ()


@pytest.mark.parametrize("block", daily(1, range(8)))
def test_random_limits_and_goals(block: int) -> None:
    """What was proven by prices and cases is verified, and both checkers add up to the same."""
    statuses = []
    for seed in range(block * 8, block * 8 + 8):
        maker = LimitsMaker(limits_case(seed))
        plan = maker.prove()
        assert_all_agrees(maker, plan)
        statuses.append((plan.status, plan.proof))
        if not maker.legal:
            continue
        for held in random.Random(seed).sample(maker.legal, min(3, len(maker.legal))):
            other = maker.prove(held)
            assert_all_agrees(maker, other)
            values = maker.values(held)
            for k, bound in enumerate(other.bounds):
                rivals = [maker.values(one) for one in maker.legal]
                rivals = [one for one in rivals if all(a >= b for a, b in zip(one[:k], values[:k], strict=True))]
                assert bound is None or bound >= max(one[k] for one in rivals)
    assert len(set(statuses)) > 2, statuses


@pytest.mark.parametrize("block", daily(1, range(6)))
def test_every_broken_limit_is_named(block: int) -> None:
    """Of any set of pairs the checker says which limits it breaks; pairs of a legal one are never refused."""
    seen: set[str] = set()
    for seed in range(1000 + block * 15, 1015 + block * 15):
        maker, draw = LimitsMaker(limits_case(seed)), random.Random(seed)
        sets = list(maker.sets())
        for held in draw.sample(sets, min(25, len(sets))):
            plan = maker.plan(Status.FEASIBLE, None, held, (None,) * len(maker.case.goals), [])
            problems = verify(plan).problems
            named = {problem.place for problem in problems if problem.place.startswith("policy.limits")}
            broken = maker.broken(held)
            assert named == {f"policy.limits[{k}]" for k in broken}, (maker.case, held, problems)
            for problem in problems:
                if problem.place in named:
                    k = int(problem.place.removeprefix("policy.limits[").removesuffix("]"))
                    assert problem.expected.startswith(f"{maker.case.limits[k][0]} is broken: ")
            others = [p for p in problems if p.place not in named]
            assert (not others) == maker.within_degrees(held, stated=True), (maker.case, held, problems)
            seen |= {maker.case.limits[k][0] for k in broken}
    assert len(seen) >= 7


# --- the fast sum -----------------------------------------------------------------------------------------------------


def shaken(plan: Plan, draw: random.Random) -> Plan:
    """The plan with a few other prices, of people and of rows, in its records and their cases."""

    def other(part: Any) -> Any:
        prices = [
            own + [draw.choice((0, 0, 0, 60, -60, 7)) for _ in own] for own in (part.mentor_prices, part.mentee_prices)
        ]
        rows = tuple(RowPrice(row.row, abs(row.price + draw.choice((0, 30, 60, -60)))) for row in part.rows)
        return dataclasses.replace(part, mentor_prices=prices[0], mentee_prices=prices[1], rows=rows)

    records = [other(record) for record in plan.certificate]
    records = [
        dataclasses.replace(
            one, cases=tuple(map(other, one.cases)), margin=one.margin + bool(one.cases) * draw.choice((0, 60, 600))
        )
        for one in records
    ]
    return dataclasses.replace(plan, certificate=Certificate(tuple(records)), _cache={})


def said(found: Verification) -> list[str]:
    """Problems without the first pair that is above its prices: there may be several to choose from."""
    return [f"{problem.place}: {problem.expected.partition('; ')[0]}" for problem in found.problems]


@pytest.mark.parametrize("block", daily(1, range(8)))
def test_the_fast_sum_is_the_slow_sum(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, cases and goals that compare, tile by tile: the same problems, to the last unit, whatever the prices."""
    shaken_plans = 0
    for seed in range(2000 + block * 8, 2008 + block * 8):
        draw = random.Random(seed)
        maker = LimitsMaker(limits_case(seed, most_pairs=10, people=(6, 5)))
        proven = maker.prove()
        for plan in (proven, shaken(proven, draw), shaken(proven, draw)):
            slowly = verify(plan)
            with monkeypatch.context() as patch:
                make_steps_small(patch, *draw.choice(((6, 4, 5, 16, 1), (64, 7, 100, 1, 0), (30, 3, 9, 10**9, 2))))
                patch.setattr(stable, "PLAINLY", -1)
                patch.setattr(stable, "TILE", 7)
                found = verify(plan)
                assert said(found) == said(slowly), (maker.case, found, slowly)
                assert (found.bound, found.proven) == (slowly.bound, slowly.proven)
                some = verify(plan, pairs="candidates")
                assert slowly.problems or not some.problems
            shaken_plans += bool(slowly.problems)
    assert shaken_plans > 5


@pytest.mark.parametrize("block", daily(1, range(3)))
@pytest.mark.parametrize("by", ["score", "choices"])
@pytest.mark.parametrize("tile", [1, 7, 1 << 20])
def test_pairs_that_block(by: Any, tile: int, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plainly, tile by tile, or among some: the pairs that both would rather have, and no others."""
    monkeypatch.setattr(stable, "TILE", tile)
    limit, blocking = rm.limits.Stable(by), 0
    for seed in range(20 * block, 20 * block + 20):
        maker, draw = LimitsMaker(limits_case(seed, most_pairs=20, people=(6, 5))), random.Random(seed)
        world = World(maker.programme)
        plain, rows, cols = Plain(world), world.mentors.rows, world.mentees.rows
        pairs = sorted(maker.second.worth)
        for _ in range(4):
            held = set(draw.sample(pairs, draw.randint(0, min(5, len(pairs)))))
            own = [(rows[i], cols[j]) for i, j in sorted(held)]
            right = {(rows[i], cols[j]) for i, j in blocks(maker.case, held, by)}
            for plainly, everything in ((10**5, True), (-1, True), (-1, False)):
                monkeypatch.setattr(stable, "PLAINLY", plainly)
                found = Blocking(world, plain, own, everything=everything, candidates=None, seed=seed).of(limit)
                assert set(found) == right
            blocking += len(right)
    assert blocking > 100
