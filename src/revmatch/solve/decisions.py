"""Decisions: what a case takes as given, and what to decide next where a relaxation is undecided.

Who may have one partner at most is asked first whether that partner stands in a certain row of a limit: for one answer
all pairs there go, for the other all the rest. Pair by pair, the relaxation would put another pair of the same kind in
the place of the one that went (branching on sets of which one is chosen at most: E. Beale and J. Tomlin, Special
facilities in a general mathematical programming system for non-convex problems using ordered sets of variables, 1970).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from revmatch.engines.engine import Answer
from revmatch.engines.linear import WHOLE
from revmatch.model import Kind, Model
from revmatch.model.families import Families
from revmatch.policy.sides import Ints

#: Nothing in millionths is so near a whole number that it counts as undecided.
UNDECIDED = 10
#: Kinds of decisions: a pair; a mentor's number of partners, a mentee's; the row of a mentor's one partner, a mentee's.
PAIR, MENTOR, MENTEE, MENTOR_ROW, MENTEE_ROW = range(5)


class Decision(NamedTuple):
    """One of two answers to a question.

    Parameters
    ----------
    kind : int
    who : int
        Number of the mentor or, where the kind says so, of the mentee.
    what : int
        The pair's mentee, a number of partners, or the key of a row.
    way : int
        0: the pair is out, so many partners at most, nobody in the row. 1: the opposite; nobody outside the row.
    family : int
        Of the row.
    """

    kind: int
    who: int
    what: int
    way: int = 0
    family: int = -1


def narrowed_by(model: Model, decisions: tuple[Decision, ...]) -> Model:
    """The model in which these decisions hold."""
    if not decisions:
        return model
    columns, pairs, (n, m) = model.columns, model.columns.pairs, model.shape
    fixed_in, fixed_out = model.fixed_in.copy(), model.fixed_out.copy()
    least, most, low = model.least.copy(), model.most.copy(), model.low
    key = columns.mentor[:pairs].astype(np.int64) * m + columns.mentee[:pairs]
    for decision in decisions:
        kind, who, what, way, _ = decision
        if kind == PAIR:
            column = int(np.searchsorted(key, who * m + what))
            (fixed_in if way else fixed_out)[column] = True
        elif kind in (MENTOR_ROW, MENTEE_ROW):
            fixed_out[_outside(model, decision)] = True
        else:
            _narrow_numbers(least, most, low, who if kind == MENTOR else n + who, what, way)
    both = fixed_in & fixed_out
    if both.any():  # a pair that must be in is out
        least[columns.mentor[:pairs][both[:pairs]]] = most.max() + 1
    return model.replace(fixed_in=fixed_in, fixed_out=fixed_out, least=least, most=most)


def _outside(model: Model, decision: Decision) -> Ints:
    """Pairs that are out where somebody's partner is in a row, or in none of it."""
    columns, rows = model.columns, model.rows
    person = columns.mentor if decision.kind == MENTOR_ROW else columns.mentee
    own = np.flatnonzero(person[: columns.pairs] == decision.who)
    row = int(np.flatnonzero((rows.family == decision.family) & (rows.key == decision.what))[0])
    inside = np.isin(own, rows.column[rows.indptr[row] : rows.indptr[row + 1]])
    return own[~inside if decision.way else inside]


def _narrow_numbers(least: Ints, most: Ints, low: Ints, person: int, count: int, way: int) -> None:
    if way:
        least[person] = max(int(least[person]), count + 1, int(low[person]))
    else:
        most[person] = min(int(most[person]), count)
        if least[person] == 0 and most[person] < low[person]:
            most[person] = 0


def undecided(model: Model, answer: Answer, families: Families) -> Decision | None:
    """What the relaxation is most undecided about; None if about nothing.

    Parameters
    ----------
    model : Model
        With the decisions that there are.
    answer : Answer
        Of the linear engine for it.
    families : Families
        Of the rows.
    """
    assert answer.part is not None
    degrees = _degrees(model, answer.part)
    return (
        _row(model, answer.part, degrees, families)
        or _number(model, degrees, WHOLE // 10)
        or _pair(model, answer.part)
        or _number(model, degrees, UNDECIDED)
        or _switch(model, answer.part)
    )


def _degrees(model: Model, part: Ints) -> Ints:
    """Partners of each person, in the parts of one that the relaxation gives them."""
    columns, pairs, (n, m) = model.columns, model.columns.pairs, model.shape
    degrees = np.zeros(n + m, dtype=np.int64)
    np.add.at(degrees, columns.mentor[:pairs].astype(np.int64), part[:pairs])
    np.add.at(degrees, n + columns.mentee[:pairs].astype(np.int64), part[:pairs])
    return degrees


def _row(model: Model, part: Ints, degrees: Ints, families: Families) -> Decision | None:
    """Whether somebody's one partner is in a row, where that is more than one pair.

    Who has one partner because of goals before is not asked: to the checker they may have more.
    """
    columns, rows, n = model.columns, model.rows, model.shape[0]
    here = rows.column < columns.pairs
    here &= (rows.family < families.direction)[rows.row] & ~model.fixed_out[rows.column]
    column, row = rows.column[here], rows.row[here]
    best, found = UNDECIDED, None
    for kind, who, begin in ((MENTOR_ROW, columns.mentor, 0), (MENTEE_ROW, columns.mentee, n)):
        person = who[column].astype(np.int64)
        one = families.one_partner[begin + person]
        key, place, count = np.unique(person[one] * len(rows) + row[one], return_inverse=True, return_counts=True)
        inside = np.zeros(len(key), dtype=np.int64)
        np.add.at(inside, place, part[column[one]])
        of, at = np.divmod(key, max(1, len(rows)))
        open_ = np.where(count > 1, np.minimum(inside, degrees[begin + of] - inside), 0)
        if open_.max(initial=0) > best:
            k = int(open_.argmax())
            best = int(open_[k])
            found = Decision(kind, int(of[k]), int(rows.key[at[k]]), family=int(rows.family[at[k]]))
    return found


def _number(model: Model, degrees: Ints, more_than: int) -> Decision | None:
    """Somebody's number of partners, mentees first; what lies between none and the fewest counts as a part."""
    n = model.shape[0]
    low = np.where(model.least == 0, model.low, 0)
    in_hole = np.minimum(degrees, low * WHOLE - degrees) // np.maximum(low, 1)
    off = np.where((low > 1) & (degrees < low * WHOLE), in_hole, np.minimum(degrees % WHOLE, -degrees % WHOLE))
    for kind, people, begin in ((MENTEE, off[n:], n), (MENTOR, off[:n], 0)):
        if people.max(initial=0) > more_than:
            who = int(people.argmax())
            count = int(degrees[begin + who] // WHOLE)
            return Decision(kind, who, 0 if low[begin + who] > count else count)
    return None


def _pair(model: Model, part: Ints) -> Decision | None:
    columns = model.columns
    off = np.minimum(part, WHOLE - part)[: columns.pairs]
    if off.max(initial=0) <= UNDECIDED:
        return None
    column = int(off.argmax())
    return Decision(PAIR, int(columns.mentor[column]), int(columns.mentee[column]))


def _switch(model: Model, part: Ints) -> Decision | None:
    """Somebody of whom it is undecided whether they have a partner at all."""
    columns, pairs, n = model.columns, model.columns.pairs, model.shape[0]
    for kind, who, switch in (
        (MENTEE, columns.mentee, Kind.MENTEE_SWITCH),
        (MENTOR, columns.mentor, Kind.MENTOR_SWITCH),
    ):
        here = pairs + np.flatnonzero(columns.kind[pairs:] == switch)
        person = who[here] + (0 if kind == MENTOR else n)
        off: Ints = np.where(model.least[person] == 0, np.minimum(part[here], WHOLE - part[here]), 0)
        if off.max(initial=0) > UNDECIDED:
            return Decision(kind, int(who[here[int(off.argmax())]]), 0)
    return None
