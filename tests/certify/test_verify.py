"""Plans that hold what they claim: proven without any engine, and verified."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import revmatch as rm
import strategies
from certify.maker import Maker, exact, plan_of, prove
from grids import daily
from oracle import Case, goal_value, legal_sets, solve
from revmatch.certificate import Certificate
from revmatch.certify.verify import verify
from revmatch.errors import ConfigError, VerificationError
from revmatch.plan import Plan, Status
from tiny_checker import ceilings as tiny_ceilings
from tiny_checker import sides_of, worth_of


def assert_verified(plan: Plan) -> None:
    for pairs in ("all", "candidates"):
        found = verify(plan, pairs=pairs)
        assert found.problems == ()
        assert found.ok
        assert found.proven == (pairs == "all" and plan.status in (Status.OPTIMAL, Status.INFEASIBLE))
        assert found.bound == (None if plan.status == Status.INFEASIBLE else plan.bound)
        found.raise_if_wrong()
        assert "everything holds" in str(found)


def assert_all_verified(seeds: range) -> None:
    for seed in seeds:
        case = strategies.any_case(strategies.seeded(seed))
        maker = Maker(case)
        plan = exact(case, 60) if maker.directions else prove(case)
        assert_verified(plan)
        answer = solve(case)
        assert (plan.status == Status.INFEASIBLE) == (not answer.feasible)
        if plan.status == Status.OPTIMAL:
            assert [goal.value for goal in plan.goals] == [float(value) for value in answer.values]


@pytest.mark.parametrize("block", daily(1, range(5)))
def test_small_programmes_of_every_kind(block: int) -> None:
    """Any rules, terms, limits, goals, pins, bans and dual roles; the oracle finds the same values and verdicts."""
    assert_all_verified(range(block * 40, block * 40 + 40))


@pytest.mark.soak
@pytest.mark.parametrize("block", range(50))
def test_soak_small_programmes_of_every_kind(block: int) -> None:
    assert_all_verified(range(1000 + block * 100, 1100 + block * 100))


@pytest.mark.parametrize("seed", range(6))
def test_larger_programmes(seed: int) -> None:
    """40 x 20, and the ten-line checker finds the same ceilings."""
    draw = strategies.seeded(seed)
    case = strategies.scores_case(draw, size=(40, 20)) if seed % 2 else strategies.people_case(draw, size=(40, 20))
    plan = prove(case)
    assert_verified(plan)
    if plan.status == Status.OPTIMAL:
        assert list(tiny(case, plan)) == [record.bound for record in plan.certificate] == list(plan.bounds)


def tiny(case: Case, plan: Plan) -> Iterable[int]:
    maker = Maker(case)
    ids = [sorted(maker.facts.people[side]) for side in ("mentor", "mentee")]
    records = [
        (
            {("mentor", key): int(p) for key, p in zip(ids[0], record.mentor_prices, strict=True)}
            | {("mentee", key): int(p) for key, p in zip(ids[1], record.mentee_prices, strict=True)},
            record.denominator,
        )
        for record in plan.certificate
    ]
    goals = [
        (worth_of(name), sides_of(name, params), int(bound or 0))
        for (name, params), bound in zip(case.goals, plan.bounds, strict=True)
    ]
    return tiny_ceilings(maker.pairs, maker.into, maker.room, goals, records)


@pytest.mark.parametrize("seed", daily(20, range(60)))
def test_any_legal_plan_is_feasible_and_only_an_optimum_is_optimal(seed: int) -> None:
    """Bounds of plans that are not best are ceilings over all plans as good in every goal before."""
    draw = strategies.seeded(seed)
    case = draw.pick((strategies.scores_case, strategies.people_case))(draw)
    maker = Maker(case)
    worth = {pair: Fraction(w) for pair, w in maker.facts.open_pairs().items()}
    scale = maker.programme.policy.score.scale

    def values_of(chosen: list[tuple[str, str]]) -> tuple[int, ...]:
        values = [goal_value(goal, maker.facts, chosen, worth) for goal in case.goals]
        return tuple(
            int(value * (scale if name == "TotalScore" else 1))
            for value, (name, _) in zip(values, case.goals, strict=True)
        )

    legal = {frozenset(chosen): values_of(chosen) for chosen in legal_sets(maker.facts, worth)}
    best = max(legal.values(), default=())
    for chosen in list(legal)[:: max(1, len(legal) // 3)]:
        values = legal[chosen]
        plan = prove(case, unit=draw.pick((1, 60)), values=values, chosen=chosen)
        assert_verified(plan)
        assert (plan.status == Status.OPTIMAL) == (values == best)
        for k, bound in enumerate(plan.bounds):
            rivals = [other[k] for other in legal.values() if other[:k] >= values[:k] and as_good(other, values, k)]
            assert bound is not None
            assert bound >= max(rivals)


def as_good(other: tuple[int, ...], values: tuple[int, ...], k: int) -> bool:
    return all(a >= b for a, b in zip(other[:k], values[:k], strict=True))


def best_plan(size: tuple[int, int], **changes: Any) -> tuple[Case, Plan]:
    """The first drawn programme of this size that has a plan."""
    drawn = (strategies.scores_case(strategies.seeded(k), size=size) for k in range(99))
    cases = (dataclasses.replace(case, **changes) for case in drawn)
    return next((case, plan) for case in cases if (plan := prove(case)).status == Status.OPTIMAL)


NOBODY = np.zeros((0, 3), dtype=np.int64)


@pytest.mark.parametrize(
    ("scores", "options"),
    [
        (NOBODY, {}),
        (NOBODY.T, {}),
        ([[1, 2], [3, 4]], {"mentor_capacity": 0}),
        ([[1, 2], [3, 4]], {"mentor_capacity": [0, 2], "mentee_capacity": [1, 0]}),
        ([[1, 2], [3, 4]], {"forbidden": np.ones((2, 2), dtype=bool)}),
        ([[7, 7, 7], [7, 7, 7]], {}),
        ([[-7, -7, -7], [-7, -7, -7]], {}),
    ],
)
def test_empty_and_even(scores: Any, options: dict[str, Any]) -> None:
    """Nobody, nobody who takes part, nobody who may meet, everybody the same."""
    programme = rm.Programme.from_scores(scores, **options)
    n, m = len(programme.mentors), len(programme.mentees)
    table = [[None if "forbidden" in options else int(scores[i][j]) for j in range(m)] for i in range(n)]

    def people(side: str, count: int) -> tuple[dict[str, Any], ...]:
        capacity = np.broadcast_to(options.get(f"{side}_capacity", 1), count)
        return tuple({"id": str(k), "capacity": int(capacity[k]), "min_load": 0} for k in range(count))

    case = Case(people("mentor", n), people("mentee", m), score=((1, "Table", {"scores": table}),), from_scores=True)
    assert_verified(dataclasses.replace(prove(case), programme=programme, _cache={}))


def test_nothing_found() -> None:
    """A plan that was not found may still bound its first goal."""
    case, done = best_plan((4, 3))
    maker = Maker(case)
    maker.records = list(done.certificate.records[:1])
    bounds = (done.bounds[0], *(None for _ in done.bounds[1:]))
    plan = plan_of(maker, Status.NOT_FOUND, None, [], bounds)
    assert verify(plan).ok
    assert not verify(plan).proven
    wrong = dataclasses.replace(plan, proof="prices")
    assert "NOT_FOUND is no proof" in str(verify(wrong))


def test_an_engine_may_know_more_than_the_prices_but_proves_nothing_to_us() -> None:
    _, plan = best_plan((6, 4))
    found = verify(dataclasses.replace(plan, proof="engine"))
    assert found.ok
    assert not found.proven
    alone = dataclasses.replace(plan, proof="engine", certificate=Certificate(()))
    assert "found none" in str(verify(alone))
    assert not verify(alone).proven
    assert "no record" in str(verify(dataclasses.replace(alone, proof="prices")))


def test_other_pairs_are_refused() -> None:
    _, plan = best_plan((2, 2))
    with pytest.raises(ConfigError, match="RM180"):
        verify(plan, pairs="some")  # type: ignore[arg-type]


def test_raise_if_wrong() -> None:
    _, plan = best_plan((6, 4))
    wrong = verify(dataclasses.replace(plan, bounds=tuple(b + 1 for b in plan.bounds if b is not None)))
    assert not wrong.ok
    assert not wrong.proven
    with pytest.raises(VerificationError, match="RM900"):
        wrong.raise_if_wrong()
    with pytest.raises(TypeError, match=r"\.ok"):
        bool(wrong)
