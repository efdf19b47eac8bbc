"""Price, prune, prove: few candidates at first, all pairs in the end, and the same optimum as with every pair.

The sizes at which pairs are priced, and the numbers of candidates, are made so small here that every programme of a few
people needs look after look, in both directions and in both ways of looking.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import revmatch as rm
import strategies
from bridge import programme_of
from checks import assert_agrees
from grids import daily
from revmatch.graph import candidates, field
from revmatch.solve import begin, look
from strategies import seeded

RECIPES = ("scores_case", "tight_scores_case", "people_case", "tight_people_case", "dual_case", "table_case")


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One candidate a person, one new pair a person and round, two people a strip."""
    for module, name, value in (
        (begin, "SMALL", 0),
        (candidates, "EACH_PLACE", 1),
        (candidates, "EACH_ROW", 1),
        (candidates, "EACH_COLUMN", 1),
        (candidates, "AMONG", 3),
        (field, "SHORTEST", 2),
        (field, "BY_NUMBER", 2),
        (field, "TILE", 4),
        (candidates, "DRAWN", 0),
        (field, "LEAST", 1),
        (field, "FIRST", (1, 3)),
        (look, "LISTED", 1),
        (look, "NEW_EACH", 1),
        (look, "NEW_ALL", 0),
    ):
        monkeypatch.setattr(module, name, value)
    return


def agree(recipe: str, seed: int) -> rm.Plan:
    case = getattr(strategies, recipe)(seeded(seed))
    try:
        plan = rm.match(programme_of(case))
        assert_agrees(case, plan)
        verified = rm.verify(plan)
        assert verified.ok, verified.problems
        assert verified.proven == (plan.proof in ("prices", "cases"))
    except Exception as error:
        error.add_note(f"{recipe}({seed})")
        raise
    return plan


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("block", daily(1, range(4)))
@pytest.mark.parametrize("rows", ["mentee", "mentor"])
@pytest.mark.parametrize("recipe", RECIPES)
def test_the_same_optimum_as_the_oracle(recipe: str, rows: Any, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(begin, "rows_of", lambda *asked: rows)
    for seed in range(5_000 + 15 * block, 5_015 + 15 * block):
        agree(recipe, seed)


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("block", daily(1, range(2)))
@pytest.mark.parametrize("rows", ["mentee", "mentor"])
@pytest.mark.parametrize("recipe", ["people_case", "tight_people_case", "dual_case"])
def test_number_by_number_finds_the_same(recipe: str, rows: Any, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(begin, "rows_of", lambda *asked: rows)
    monkeypatch.setattr(field, "DEARER", 0.0)
    for seed in range(6_000 + 10 * block, 6_010 + 10 * block):
        agree(recipe, seed)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("rows", ["mentee", "mentor"])
@pytest.mark.parametrize("dearer", [0.0, 1e9])
@pytest.mark.parametrize("recipe", RECIPES)
def test_thousands(recipe: str, rows: Any, dearer: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(begin, "rows_of", lambda *asked: rows)
    monkeypatch.setattr(field, "DEARER", dearer)
    for seed in range(200_000, 200_400):
        agree(recipe, seed)
