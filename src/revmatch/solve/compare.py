"""Goals that compare people: what every plan keeps that reaches at least a given value."""

from __future__ import annotations

import numpy as np

from revmatch.errors import Problem, ScaleError
from revmatch.graph.numbering import Numbered
from revmatch.model import Kind, Model, Rows
from revmatch.model.build import grouped, joined
from revmatch.model.families import Families
from revmatch.policy.goals import Balance, WorstOff
from revmatch.policy.sides import Ints

#: Numbers in rows stay below this.
MOST = 1 << 53


def at_least(model: Model, numbered: Numbered, families: Families, goal: int, value: int) -> Model:
    """The model of all plans that reach at least this value in a goal that compares.

    Parameters
    ----------
    model : Model
    numbered : Numbered
    families : Families
    goal, value : int
    """
    declared = numbered.programme.policy.goals[goal]
    family = families.goal(goal)
    if isinstance(declared, WorstOff):
        return _worst_off(model, families, family, value)
    assert isinstance(declared, Balance)
    return _balance(model, numbered, declared, family, value)


def _worst_off(model: Model, families: Families, family: int, value: int) -> Model:
    """Who can have one mentor at most has none of less; all others have a row: value x switch - scores <= 0."""
    columns, pairs, n = model.columns, model.columns.pairs, model.shape[0]
    score = columns.score
    single = families.most_mentors <= 1
    mentee = columns.mentee[:pairs]
    fixed_out = model.fixed_out.copy()
    fixed_out[:pairs] |= single[mentee] & (score < value) & ~model.fixed_in[:pairs]
    least = model.least
    lost = np.flatnonzero(model.fixed_in[:pairs] & single[mentee] & (score < value))
    if len(lost):  # a decided pair is worth less: nobody can have it both ways
        least = least.copy()
        least[n + mentee[lost]] = model.most[n + mentee[lost]] + 1
    some = np.flatnonzero(~single[mentee])
    switch = np.flatnonzero(columns.kind == Kind.MENTEE_SWITCH)
    switch = switch[~single[columns.mentee[switch]]]
    rows = grouped(
        family,
        np.concatenate([mentee[some], columns.mentee[switch]]).astype(np.int64),
        np.concatenate([some, switch]),
        np.concatenate([-score[some], np.full(len(switch), value)]),
        np.flatnonzero(~single),
        np.zeros(int((~single).sum()), dtype=np.int64),
    )
    return model.replace(fixed_out=fixed_out, least=least, rows=joined([model.rows, rows]))


def _balance(model: Model, numbered: Numbered, goal: Balance, family: int, value: int) -> Model:
    """For each two groups a row over the switches of their people."""
    gaps = goal.at_least(numbered.sides, value)
    if gaps is None or not len(gaps.first):
        # nothing is better than no gap, and a single group has none
        none = np.zeros(0, dtype=np.int64)
        impossible = Rows.empty().with_row(family, 0, none, none, -1)
        return model.replace(rows=joined([model.rows, impossible])) if value > 0 else model
    numbers = (gaps.plus, gaps.minus, gaps.at_most)
    people = max(1, sum(model.shape))
    if max(abs(int(x)) for part in numbers for x in part) * people >= MOST:
        raise ScaleError(Problem("RM110", f"goal {goal}", "the groups are too large to compare exactly", "join some"))
    plus, minus, at_most = (part.astype(np.int64) for part in numbers)
    columns = model.columns
    switch = np.flatnonzero(columns.kind != Kind.PAIR)
    is_mentor = columns.kind[switch] == Kind.MENTOR_SWITCH
    group = np.empty(len(switch), dtype=np.int64)
    group[is_mentor] = gaps.mentor_group[columns.mentor[switch[is_mentor]]]
    group[~is_mentor] = gaps.mentee_group[columns.mentee[switch[~is_mentor]]]
    groups = int(gaps.first.max()) + 1
    members = [switch[group == k] for k in range(groups)]
    key = gaps.first * groups + gaps.second
    entries: list[tuple[Ints, Ints, Ints]] = []
    for k, (a, b) in enumerate(zip(gaps.first.tolist(), gaps.second.tolist(), strict=True)):
        for some, counts in ((members[a], plus[k]), (members[b], -minus[k])):
            entries.append((np.full(len(some), key[k]), some, np.full(len(some), counts)))
    keys, column, counts = (np.concatenate(part) for part in zip(*entries, strict=True))
    rows = grouped(family, keys, column, counts, key, at_most)
    return model.replace(rows=joined([model.rows, rows]))
