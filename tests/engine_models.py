"""Small models for engine tests, made from plain arrays; and their optimum by trying every set of pairs."""

from __future__ import annotations

from typing import Any

import numpy as np

from revmatch.graph.candidates import every_pair
from revmatch.graph.numbering import number
from revmatch.graph.tiles import looker
from revmatch.model import Model, Rows
from revmatch.model.build import build
from revmatch.policy.policy import Policy
from revmatch.programme import Programme


def model_of(scores: Any, *, goals: tuple[str, ...] = ("TotalScore",), **given: Any) -> Model:
    """Model over every pair of a table of scores."""
    programme = Programme.from_scores(scores, policy=Policy(goals=list(goals)), **given)
    numbered = number(programme, 0)
    pairs = every_pair(numbered, looker(numbered))
    return build(numbered, pairs.mentor, pairs.mentee, pairs.score)


def row_model(worth: list[int], at_most: list[tuple[list[int], list[int], int]]) -> Model:
    """Model of columns that meet in nothing but rows ``sum a*x <= b``: a mentor and a mentee for each."""
    model = model_of(np.diag(worth), forbidden=~np.eye(len(worth), dtype=bool))
    # the lot numbers people: put the columns back in their order
    model = model.replace(columns=_with_worth(model, worth))
    rows = Rows.empty()
    for k, (columns, coefficients, bound) in enumerate(at_most):
        rows = rows.with_row(k, 0, np.array(columns), np.array(coefficients), bound)
    return model.replace(rows=rows)


def _with_worth(model: Model, worth: list[int]) -> Any:
    from dataclasses import replace

    return replace(model.columns, worth=np.array([worth], dtype=np.int64))


def best_value(model: Model, goal: int = 0) -> int | None:
    """Optimum by trying every set of pairs, all at once as rows of a table; None if no set holds."""
    free = np.flatnonzero(model.free)
    count = model.columns.pairs
    sets = np.tile(model.fixed_in[:count], (2 ** len(free), 1))
    sets[:, free] = (np.arange(2 ** len(free))[:, None] >> np.arange(len(free))) & 1
    n = model.shape[0]
    columns, people = model.columns, sum(model.shape)
    belongs = np.zeros((count, people), dtype=np.int64)
    belongs[np.arange(count), columns.mentor[:count]] = 1
    belongs[np.arange(count), n + columns.mentee[:count]] = 1
    degrees = sets @ belongs
    fine = ((degrees >= model.least) & (degrees <= model.most)).all(axis=1)
    rows = model.rows
    for k in range(len(rows)):
        part = slice(int(rows.indptr[k]), int(rows.indptr[k + 1]))
        fine &= sets[:, rows.column[part]] @ rows.coefficient[part] <= rows.bound[k]
    values = sets @ columns.worth[goal, :count] + (degrees > 0) @ model.switch_worth(goal)
    return int(values[fine].max()) if fine.any() else None
