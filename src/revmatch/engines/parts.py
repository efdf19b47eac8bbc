"""Parts of a model that have nothing to do with each other: no person, no row and nobody's liking joins them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from revmatch.engines.engine import Answer, Outcome
from revmatch.model import Kind, Model
from revmatch.model.slots import NONE
from revmatch.policy.sides import Bools, Ints

Tell = Callable[[Bools], None]

#: Parts of fewer columns than this are solved with others.
SMALL = 100


@dataclass(frozen=True, slots=True)
class Part:
    """One part as a model of its own.

    Parameters
    ----------
    model : Model
    columns : ndarray of int64
        Those of the whole that the part has.
    """

    model: Model
    columns: Ints


def parts(model: Model) -> list[Part]:
    """The parts of a model, the smallest first; the whole as the only one where something has no column at all.

    Columns that are out belong to no part, unless they can block a plan. Small parts share one, since a solver takes
    some time to begin.
    """
    everything = [Part(model, np.arange(len(model.columns)))]
    if model.slots is not None and model.slots.joins_everybody:
        return everything
    column, node = _joints(model)
    label = _joined(column, node, len(model.columns), sum(model.shape) + len(model.rows))
    alone = np.ones(len(label), dtype=bool)
    alone[node] = False
    rows = model.rows
    unmet = np.concatenate([model.least > 0, (rows.bound < 0) | (rows.equal & (rows.bound != 0))])
    if not len(column) or (alone & unmet).any():
        return everything
    of_column = np.full(len(model.columns), -1, dtype=np.int64)
    of_column[column] = label[node]
    first, sizes = np.unique(of_column[of_column >= 0], return_counts=True)
    order = np.argsort(sizes, kind="stable")
    share = np.full(len(label) + 1, -1)  # the last is for what is in no part
    share[first[order]] = np.cumsum(sizes[order]) // SMALL
    return [
        _part(model, np.flatnonzero(share[of_column] == one), share[label] == one) for one in np.unique(share[first])
    ]


def _part(model: Model, columns: Ints, own: Bools) -> Part:
    """Nobody else needs anybody, and no other row asks for anything."""
    people, mine = own[: sum(model.shape)], own[sum(model.shape) :]
    part = model.of_columns(columns)
    rows = part.rows.with_bounds(np.where(mine, part.rows.bound, 0), part.rows.equal & mine)
    least, most = (np.where(people, bound, 0) for bound in (model.least, model.most))
    return Part(part.replace(least=least, most=most, rows=rows), columns)


def _joints(model: Model) -> tuple[Ints, Ints]:
    """Which column meets which person, or row; rows are numbered after people."""
    columns, rows, n = model.columns, model.rows, model.shape[0]
    seen = np.ones(len(columns), dtype=bool) if len(model.likes) else ~model.fixed_out
    by_mentor = np.flatnonzero(seen & (columns.kind != Kind.MENTEE_SWITCH))
    by_mentee = np.flatnonzero(seen & (columns.kind != Kind.MENTOR_SWITCH))
    entry = np.flatnonzero(seen[rows.column])
    column = np.concatenate([by_mentor, by_mentee, rows.column[entry]])
    person = columns.mentor[by_mentor], n + columns.mentee[by_mentee]
    return column, np.concatenate([*person, sum(model.shape) + rows.row[entry]]).astype(np.int64)


def _joined(column: Ints, node: Ints, columns: int, nodes: int) -> Ints:
    """For each node, the lowest node that it is joined to: the least label spreads, and short cuts are taken."""
    label = np.arange(nodes)
    while True:
        least = np.full(columns, nodes, dtype=np.int64)
        np.minimum.at(least, column, label[node])
        spread = label.copy()
        np.minimum.at(spread, node, least[column])
        np.minimum.at(spread, label[node], least[column])
        spread = spread[spread]
        if np.array_equal(spread, label):
            return label
        label = spread


class Whole:
    """The answer of a whole model from those of its parts.

    Parameters
    ----------
    model : Model
    each : list of Part
    hint : ndarray of bool, optional
        Pairs of a plan that is known.
    tell : callable, optional
        Told the pairs of every better plan of the whole.
    """

    def __init__(self, model: Model, each: list[Part], hint: Bools | None, tell: Tell | None) -> None:
        self.each, self.tell = each, tell
        self.pairs = np.zeros(model.columns.pairs, dtype=bool)
        self.slot = None if model.slots is None else np.full(len(self.pairs), NONE, dtype=np.int64)
        self.known = [False] * len(each)
        for k, part in enumerate(each):
            own = None if hint is None else self.hint_of(part, hint)
            if own is None:
                continue
            chosen = part.model.with_switches(own)
            slot = part.model.meeting(chosen)
            if slot is not None and part.model.holds(chosen, slot):
                self.take(k, own, slot)

    def hint_of(self, part: Part, hint: Bools) -> Bools:
        """Its share of some pairs."""
        return hint[self._of(part)]

    def take(self, k: int, pairs: Bools, slot: Ints | None = None) -> None:
        """Take a part's pairs, and their slots."""
        self.pairs[self._of(self.each[k])] = pairs
        if self.slot is not None and slot is not None:
            self.slot[self._of(self.each[k])] = slot
        self.known[k] = True

    def telling(self, k: int) -> Tell | None:
        """What is told of better plans of a part: nothing before there is one of every part."""
        if self.tell is None:
            return None
        tell = self.tell

        def better(pairs: Bools) -> None:
            self.take(k, pairs)
            if all(self.known):
                tell(self.pairs.copy())

        return better

    def answer(self, answers: Iterator[Answer], ceiling: int | None) -> Answer:
        """All answers as one; the first that knows no plan ends it."""
        bounds: list[int | None] = []
        for k, answer in enumerate(answers):
            if answer.outcome is Outcome.INFEASIBLE:
                return answer
            if answer.pairs is not None:
                self.take(k, answer.pairs, answer.slot)
            elif not self.known[k]:
                return Answer(Outcome.UNKNOWN)
            bounds.append(answer.bound if answer.outcome is Outcome.OPTIMAL else None)
        proven = [bound for bound in bounds if bound is not None]
        if len(proven) == len(bounds):
            return Answer(Outcome.OPTIMAL, self.pairs, bound=sum(proven), slot=self.slot)
        return Answer(Outcome.FEASIBLE, self.pairs, bound=ceiling, slot=self.slot)

    def _of(self, part: Part) -> Ints:
        """Its pairs in the whole."""
        return part.columns[: part.model.columns.pairs]
