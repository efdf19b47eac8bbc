"""Invariant 2: the engines and the oracle agree, on the verdict, on every goal's value and on the pairs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings

import revmatch as rm
import strategies
from bridge import programme_of
from checks import assert_agrees, certified_bounds, match
from oracle import Case
from revmatch.engines import ENGINES
from revmatch.engines.engine import Feature
from revmatch.solve.match import solve
from strategies import cases, seeded

#: Engines that can be asked alone: the relaxation finds no plans of its own.
ALONE = [engine.name for engine in ENGINES if Feature.RELAXES not in engine.features]
RECIPES = ("scores_case", "tight_scores_case", "people_case", "tight_people_case", "dual_case", "table_case")


def drawn(recipe: str, seed: int) -> Case:
    return getattr(strategies, recipe)(seeded(seed))


def check(case: Case, plan: rm.Plan | None = None) -> bool:
    """One plan held against the oracle and both checkers; says whether there is anything to hold."""
    plan = match(case) if plan is None else plan
    assert_agrees(case, plan)
    verified = rm.verify(plan)
    assert verified.ok, verified.problems
    assert verified.proven == (plan.proof in ("prices", "cases"))
    if plan.proof == "prices" and not case.dual_role:
        bounds = certified_bounds(case, plan)
        assert bounds == [record.bound for record in plan.certificate]
    return plan.found


def check_with(engine: str, recipe: str, seed: int) -> None:
    """One engine alone; those that cannot hold the rows of people in two roles are left out of those."""
    case = drawn(recipe, seed)
    if engine == "assignment":  # it holds few of these programmes, and has its own tests
        return
    features = next(e.features for e in ENGINES if e.name == engine)
    if case.dual_role and Feature.ROWS not in features:
        return
    with said(f"drawn({recipe!r}, {seed}) by {engine}"):
        check(case, solve(programme_of(case), engine=engine))


@contextmanager
def said(note: str) -> Iterator[None]:
    """Name the programme in whatever goes wrong with it."""
    try:
        yield
    except Exception as error:
        error.add_note(note)
        raise


@pytest.mark.parametrize("block", range(4))
@pytest.mark.parametrize("recipe", RECIPES)
def test_02_match_agrees_with_the_oracle(recipe: str, block: int) -> None:
    for seed in range(20 * block, 20 * block + 20):
        with said(f"drawn({recipe!r}, {seed})"):
            check(drawn(recipe, seed))


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("engine", ALONE)
def test_02_each_engine_alone_agrees_with_the_oracle(engine: str, recipe: str) -> None:
    for seed in range(1_000, 1_012):
        check_with(engine, recipe, seed)


@pytest.mark.parametrize("seed", range(30))
def test_02_dense_and_sparse_tables_are_the_same_programme(seed: int) -> None:
    case = strategies.scores_case(seeded(seed))
    dense, sparse = rm.match(programme_of(case)), rm.match(programme_of(case, sparse=True))
    check(case, sparse)
    assert dense.goals == sparse.goals
    assert dense.found == sparse.found
    assert not dense.found or dense.pairs == sparse.pairs


@given(case=cases())
@settings(max_examples=60)
def test_02_match_agrees_with_the_oracle_on_what_hypothesis_draws(case: Case) -> None:
    check(case)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("block", range(20))
def test_02_ten_thousand_programmes(block: int) -> None:
    """Each of 500 x 20 programmes by the engine that `match` chooses and by every engine alone that can hold it."""
    infeasible = 0
    for seed in range(100_000 + 500 * block, 100_500 + 500 * block):
        recipe = RECIPES[seed % len(RECIPES)]
        with said(f"drawn({recipe!r}, {seed})"):
            infeasible += not check(drawn(recipe, seed))
        for engine in ALONE:
            check_with(engine, recipe, seed)
    assert infeasible >= 75  # a good share of all, and most of them among the tight recipes
