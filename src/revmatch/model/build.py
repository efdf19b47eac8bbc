"""From candidates and limits to a model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from revmatch.graph.numbering import Numbered
from revmatch.model.columns import Columns, Kind, Model, Rows
from revmatch.model.families import Families
from revmatch.model.partners import partners
from revmatch.policy.goals import Balance, Goal, WorstOff
from revmatch.policy.limits import Stable
from revmatch.policy.sides import Ints, Side


def build(
    numbered: Numbered,
    i: Ints,
    j: Ints,
    score: Ints,
    *,
    families: Families | None = None,
    circles: dict[int, Ints] | None = None,
) -> Model:
    """Model of a numbered programme over these pairs (its candidates, by mentor, then mentee).

    Parameters
    ----------
    numbered : Numbered
    i, j, score : ndarray of int64
    families : Families, optional
        Of the programme's rows; made here if not given.
    circles : dict of int to ndarray of int64, optional
        Rows of circles that are wanted: their keys by family (see `Families.circle`). Every plan keeps them anyway.
    """
    families = Families(numbered) if families is None else families
    columns = _columns(numbered, i, j, score)
    degrees = [part[rows] for side, rows in _numbers(numbered) for part in (*partners(numbered.programme, side),)]
    least, low, most = (np.concatenate([degrees[k], degrees[k + 3]]) for k in range(3))
    fixed_in, none = np.zeros((2, len(columns)), dtype=bool)
    fixed_in[_pinned(numbered, i, j)] = True
    rows = [_rows_of(families, family, i, j) for family in range(families.direction)]
    rows.append(_one_direction(numbered, families, i, j))
    rows += [_circles(families, family, keys, i, j) for family, keys in sorted((circles or {}).items())]
    likes, places = _stable(numbered, i, j, score)
    meetings = families.meetings
    slots = None if meetings is None else meetings.slots(i, j)
    return Model(numbered.sides.shape, columns, fixed_in, none, least, most, low, joined(rows), likes, places, slots)


def _stable(numbered: Numbered, i: Ints, j: Ints, score: Ints) -> tuple[Ints, Ints]:
    """Who likes whom, for each limit that asks for it; and everybody's places."""
    programme = numbered.programme
    stable = [limit for limit in programme.policy.limits if isinstance(limit, Stable)]
    likes = [np.stack(limit.likes(numbered.sides, i, j, score)) for limit in stable]
    places = [programme.of(side).capacity[rows] for side, rows in _numbers(numbered)]
    return np.stack(likes) if likes else np.zeros((0, 2, len(i)), dtype=np.int64), np.concatenate(places)


def _numbers(numbered: Numbered) -> tuple[tuple[Side, Ints], tuple[Side, Ints]]:
    return ("mentor", numbered.mentor_rows), ("mentee", numbered.mentee_rows)


def _columns(numbered: Numbered, i: Ints, j: Ints, score: Ints) -> Columns:
    goals, (n, m) = numbered.programme.policy.goals, numbered.sides.shape
    both: tuple[tuple[Kind, int, Side], ...] = ((Kind.MENTOR_SWITCH, n, "mentor"), (Kind.MENTEE_SWITCH, m, "mentee"))
    switches = [
        (kind, count, side) for kind, count, side in both if any(_asks_for_switch(goal, side) for goal in goals)
    ]
    size = len(i) + sum(count for _, count, _ in switches)
    kind = np.zeros(size, dtype=np.int8)
    mentor, mentee = np.full((2, size), -1, dtype=np.int32)
    mentor[: len(i)], mentee[: len(i)] = i, j
    worth = np.zeros((len(goals), size), dtype=np.int64)
    for k, goal in enumerate(goals):
        worth[k, : len(i)] = goal.worth(score)
        listed = goal.listed(numbered.sides)
        if listed is not None:
            worth[k, : len(i)] += np.isin(i * m + j, listed[0] * m + listed[1])
    at = len(i)
    for switch, count, side in switches:
        here = slice(at, at + count)
        kind[here] = switch
        (mentor if switch is Kind.MENTOR_SWITCH else mentee)[here] = np.arange(count)
        worth[:, here] = np.array([goal.first_partner(side) for goal in goals])[:, None]
        at += count
    return Columns(kind, mentor, mentee, worth, score)


def _asks_for_switch(goal: Goal, side: Side) -> bool:
    if isinstance(goal, Balance):
        return goal.side in (None, side)
    return goal.first_partner(side) != 0 or (isinstance(goal, WorstOff) and side == "mentee")


def _pinned(numbered: Numbered, i: Ints, j: Ints) -> Ints:
    """Columns of the pins."""
    sides = numbered.sides
    pins = numbered.programme.pins
    mentors, mentees = sides.mentors.index([p.mentor for p in pins]), sides.mentees.index([p.mentee for p in pins])
    return np.searchsorted(i * sides.shape[1] + j, mentors * sides.shape[1] + mentees)


# -- rows -------------------------------------------------------------------------------------------------------------


def joined(parts: Sequence[Rows]) -> Rows:
    """Rows of several families, one after another."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return Rows.empty()
    begins = np.cumsum([0, *(part.indptr[-1] for part in parts)])
    return Rows(
        np.concatenate([part.family for part in parts]),
        np.concatenate([part.key for part in parts]),
        np.concatenate([[0], *(part.indptr[1:] + begin for part, begin in zip(parts, begins, strict=False))]),
        np.concatenate([part.column for part in parts]),
        np.concatenate([part.coefficient for part in parts]),
        np.concatenate([part.bound for part in parts]),
        np.concatenate([part.equal for part in parts]),
    )


def grouped(family: int, key: Ints, column: Ints, coefficient: Ints, known: Ints, bound: Ints) -> Rows:
    """Rows from single entries.

    Parameters
    ----------
    family : int
    key, column, coefficient : ndarray of int64
        Row of each entry, its column, what it counts.
    known, bound : ndarray of int64
        All rows that are wanted, in order, with or without entries, and their bounds.
    """
    order = np.lexsort((column, key))
    key, column, coefficient = key[order], column[order], coefficient[order]
    begin = np.searchsorted(key, known)
    end = np.searchsorted(key, known, side="right")
    wanted = np.zeros(len(key) + 1, dtype=np.int64)
    np.add.at(wanted, begin, 1)
    np.add.at(wanted, end, -1)
    inside = np.cumsum(wanted)[:-1] > 0
    return Rows(
        np.full(len(known), family, dtype=np.int64),
        known,
        np.concatenate([[0], np.cumsum(end - begin)]),
        column[inside],
        coefficient[inside],
        bound,
        np.zeros(len(known), dtype=bool),
    )


def _rows_of(families: Families, family: int, i: Ints, j: Ints) -> Rows:
    """Rows of a limit that these pairs could break."""
    form = families.forms[family]
    column, key, counts = form.entries(i, j)
    known, place = np.unique(key, return_inverse=True)
    most = np.zeros(len(known), dtype=np.int64)
    np.add.at(most, place, np.maximum(counts, 0))
    short = np.flatnonzero(form.at_most < 0)  # asked for whether there are pairs or not
    known = np.union1d(known[most > form.bound(known)], short if len(form.at_most) == form.rows else short[:0])
    return grouped(family, key, column, counts, known, form.bound(known))


def _one_direction(numbered: Numbered, families: Families, i: Ints, j: Ints) -> Rows:
    """Where both directions of a pair may exist, a row that keeps one."""
    if not numbered.programme.dual_role or numbered.programme.by_position:
        return Rows.empty()
    sides = numbered.sides
    m = sides.shape[1]
    as_mentee = sides.mentees.index(sides.mentors.ids.tolist())  # of each mentor, -1 if not on both sides
    as_mentor = sides.mentors.index(sides.mentees.ids.tolist())
    both = (as_mentee[i] >= 0) & (as_mentor[j] >= 0)
    keys = i * m + j
    there = np.flatnonzero(both)
    back = as_mentor[j[there]] * m + as_mentee[i[there]]
    at = np.minimum(np.searchsorted(keys, back), max(0, len(keys) - 1))
    exists = keys[at] == back if len(keys) else np.zeros(0, dtype=bool)
    ids = sides.mentors.ids
    one, other = there[exists], at[exists]
    once = ids[i[one]] < ids[i[other]]  # each two people once
    one, other = one[once], other[once]
    ones = np.ones(len(one), dtype=np.int64)
    key = np.concatenate([keys[one], keys[one]])
    return grouped(families.direction, key, np.concatenate([one, other]), np.tile(ones, 2), keys[one], ones)


def _circles(families: Families, family: int, keys: Ints, i: Ints, j: Ints) -> Rows:
    """Rows of circles: of a mentee's mentors who are in a pair, or of a group, there are so many others."""
    m = max(1, families.numbered.sides.shape[1])
    order = np.argsort(j, kind="stable")
    begin = np.searchsorted(j[order], np.arange(m + 1))
    by_form = family - families.circle_by(0)
    mentee = keys % m if by_form < 0 else families.mentee_of[keys % families.forms[by_form].groups[1]]
    sizes = begin[mentee + 1] - begin[mentee]
    column = np.concatenate([order[begin[b] : begin[b + 1]] for b in mentee.tolist()])
    key = np.repeat(keys, sizes)
    own = i[column] * m + j[column] == key
    if by_form >= 0:
        own[:] = False
        at, row, _ = families.forms[by_form].entries(i[column], j[column])
        own[at[row == key[at]]] = True
    counts = np.where(own, families.smallest_circle[j[column]] - 1, -1)
    return grouped(family, key, column, counts, keys, np.zeros(len(keys), dtype=np.int64))
