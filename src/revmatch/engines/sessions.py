"""Slots in a linear programme: a column for each slot of a pair, in the place of the pair, and a row for each crowd.

A pair is as much in the plan as its slots together. Somebody with one partner at most needs no rows of crowds, nor do
crowds in which there is room for all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revmatch.model import Model
from revmatch.model.slots import ALONE, NONE, ROOMS, Slots
from revmatch.policy.sides import Bools, Ints


@dataclass(frozen=True, slots=True)
class Sessions:
    """Slots of the pairs of a model that are not easy, and what joins them.

    Parameters
    ----------
    hard : ndarray of int64
        Pair columns of the model.
    owner, slot : ndarray of int64, shape (columns,)
        Which of these pairs each column is of, in order, and its slot.
    family, key : ndarray of int64, shape (rows,)
        Of each row of a crowd: see `revmatch.model.slots`.
    row, column : ndarray of int64
        Which of the columns are in which of the rows of crowds.
    bound : ndarray of int64, shape (rows,)
    once : ndarray of int64
        Which of the pairs have a row of their own: those that are in, and those that could be held twice, as both
        people may have several partners.
    """

    hard: Ints
    owner: Ints
    slot: Ints
    family: Ints
    key: Ints
    row: Ints
    column: Ints
    bound: Ints
    once: Ints

    @classmethod
    def of(cls, model: Model, slots: Slots) -> Sessions:
        """Everything that the slots of a model ask."""
        columns, pairs, n = model.columns, model.columns.pairs, model.shape[0]
        hard = np.flatnonzero(~slots.easy & ~model.fixed_out[:pairs])
        i, j = columns.mentor[hard].astype(np.int64), columns.mentee[hard].astype(np.int64)
        indptr, slot = slots.of_pairs(i, j)
        of = np.repeat(np.arange(len(hard)), np.diff(indptr))
        column, crowd = slots.crowds_of(slot)
        pair = of[column]
        several = _several(model, slots)
        parts = [(np.full(len(column), ROOMS), crowd, column)] if slots.rooms else []
        for person, number in ((slots.mentor_person[i], i), (slots.mentee_person[j], n + j)):
            some = several[number][pair]
            key = person[pair[some]] * slots.crowds + crowd[some]
            parts.append((np.full(len(key), ALONE), key, column[some]))
        family, key, column = (np.concatenate(part).astype(np.int64) for part in zip(*parts, strict=True))
        twice = (model.most[i] > 1) & (model.most[n + j] > 1) & (np.diff(indptr) > 1)
        once = np.flatnonzero(model.fixed_in[hard] | twice)
        return cls._joined(hard, of, slot, (family, key, column), slots.rooms, once)

    @classmethod
    def _joined(
        cls, hard: Ints, of: Ints, slot: Ints, entries: tuple[Ints, Ints, Ints], rooms: int, once: Ints
    ) -> Sessions:
        """Entries as rows; those that cannot be broken are left out."""
        family, key, column = entries
        width = 1 + int(key.max(initial=0))
        code, row = np.unique(family * width + key, return_inverse=True)
        bound = np.where(code // width == ROOMS, rooms, 1)
        # a pair has one slot, so a row holds if it has no more pairs than its bound
        different = np.unique(row * (len(hard) + 1) + of[column]) // (len(hard) + 1)
        kept = np.bincount(different, minlength=len(code)) > bound
        place = np.cumsum(kept) - 1
        inside = kept[row]
        return cls(
            hard,
            of,
            slot,
            code[kept] // width,
            code[kept] % width,
            place[row[inside]],
            column[inside],
            bound[kept],
            once,
        )

    def chosen(self, pairs: int, value: Bools) -> Ints:
        """Slot of each pair by which columns are chosen."""
        found = np.full(pairs, NONE, dtype=np.int64)
        found[self.hard[self.owner[value]]] = self.slot[value]
        return found


def _several(model: Model, slots: Slots) -> Bools:
    """Who may have more than one partner, on both sides together: mentors, then mentees."""
    persons = np.concatenate([slots.mentor_person, slots.mentee_person])
    most = np.zeros(int(persons.max(initial=0)) + 1, dtype=np.int64)
    np.add.at(most, persons, model.most)
    return np.asarray(most[persons] > 1)
