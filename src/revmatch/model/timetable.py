"""A timetable: slots for given pairs, by trying.

Each pair takes a slot that is open, those with the fewest slots first. Where none is open, it takes the one for which
the fewest others must go who have not gone often, and these look for another (iterative forward search: T. Müller,
Constraint-based Timetabling, 2005). That does not always end with a timetable where there is one; an engine knows more.
"""

from __future__ import annotations

import heapq

import numpy as np

from revmatch.model.slots import NONE, Slots
from revmatch.policy.sides import Bools, Ints

#: Slots that are given and taken away again for each pair, before a timetable is given up.
PATIENCE = 5
#: It is given up before that where so many, and one for so many pairs, left as many without a slot as ever.
IN_VAIN, PAIRS_IN_VAIN = 100, 4


def placed(slots: Slots, i: Ints, j: Ints, first: Bools) -> Bools:
    """Which of some pairs get a slot if each takes one that is open, and none has to go.

    Parameters
    ----------
    slots : Slots
    i, j : ndarray of int64
    first : ndarray of bool
        Pairs that come before all others.
    """
    found = np.zeros(len(i), dtype=bool)
    if not len(i):
        return found
    trial = _Trial(slots, i, j)
    fewest = np.array([len(own) for own in trial.choices], dtype=np.int64)
    for pair in np.lexsort((np.arange(len(i)), fewest, ~first)).tolist():
        best = trial.best(pair)
        if best is not None and not best[1]:
            trial.give(pair, best[0])
            found[pair] = True
    return found


def timetable(slots: Slots, i: Ints, j: Ints, easy: Bools, known: Ints | None = None) -> Ints | None:
    """Slot of each pair, or None if none was found.

    Parameters
    ----------
    slots : Slots
    i, j : ndarray of int64
        Mentors and mentees of the pairs.
    easy : ndarray of bool
        Pairs that can be given a slot whatever the others have.
    known : ndarray of int64, optional
        Slots that are tried first; -1 where there is none.
    """
    if not len(i):
        return np.zeros(0, dtype=np.int64)
    trial = _Trial(slots, i, j)
    if known is not None:
        for pair in np.flatnonzero(known != NONE).tolist():
            trial.keep(pair, int(known[pair]))
    for some in (np.flatnonzero(~easy), np.flatnonzero(easy)):
        if not trial.place(some.tolist()):
            return None
    return np.array(trial.slot, dtype=np.int64)


class _Trial:
    """Slots that were given so far, and who has them."""

    def __init__(self, slots: Slots, i: Ints, j: Ints) -> None:
        indptr, found = slots.of_pairs(i, j)
        self.choices = [own.tolist() for own in np.split(found, indptr[1:-1])]
        self.people = list(zip(slots.mentor_person[i].tolist(), slots.mentee_person[j].tolist(), strict=True))
        self.crowds = [own.tolist() for own in np.split(slots.crowd, slots.indptr[1:-1])]
        self.rooms = slots.rooms
        self.slot = [NONE] * len(i)
        self.gone = [0] * len(i)
        self.busy: dict[tuple[int, int], int] = {}
        self.inside: list[set[int]] = [set() for _ in range(slots.crowds)] if slots.rooms else []

    def keep(self, pair: int, slot: int) -> None:
        """Give a pair a slot, if it is one of its own and open."""
        if slot in self.choices[pair] and not self._in_the_way(pair, slot):
            self.give(pair, slot)

    def place(self, pairs: list[int]) -> bool:
        """Give all of these pairs a slot; False if that takes too long."""
        waiting = [(len(self.choices[pair]), pair) for pair in pairs if self.slot[pair] == NONE]
        heapq.heapify(waiting)
        left, fewest = PATIENCE * len(waiting) + PATIENCE, len(waiting) + 1
        most_in_vain = in_vain = IN_VAIN + len(waiting) // PAIRS_IN_VAIN
        while waiting:
            if len(waiting) < fewest:
                fewest, in_vain = len(waiting), most_in_vain
            left, in_vain = left - 1, in_vain - 1
            _, pair = heapq.heappop(waiting)
            found = self.best(pair) if left and in_vain else None
            if found is None:
                return False
            slot, others = found
            for other in others:
                self._take(other)
                heapq.heappush(waiting, (len(self.choices[other]), other))
            self.give(pair, slot)
        return True

    def best(self, pair: int) -> tuple[int, set[int]] | None:
        """The slot of a pair for which the least must go, and what must go."""
        best: tuple[int, int, int, set[int]] | None = None
        for slot in self.choices[pair]:
            others = self._in_the_way(pair, slot)
            crowd = max((len(self.inside[one]) for one in self.crowds[slot]), default=0) if self.rooms else 0
            cost = sum(1 + self.gone[other] for other in others)
            if best is None or (cost, crowd) < best[:2]:
                best = cost, crowd, slot, others
                if not cost and not crowd:
                    break
        return None if best is None else best[2:]

    def _in_the_way(self, pair: int, slot: int) -> set[int]:
        """Pairs that must go if a pair takes a slot."""
        found = set()
        for crowd in self.crowds[slot]:
            for person in self.people[pair]:
                other = self.busy.get((person, crowd))
                if other is not None:
                    found.add(other)
        if self.rooms:
            for crowd in self.crowds[slot]:
                inside = self.inside[crowd]
                if len(inside) >= self.rooms and not inside & found:
                    found.add(min(inside, key=lambda other: (self.gone[other], -len(self.choices[other]), other)))
        return found

    def give(self, pair: int, slot: int) -> None:
        self.slot[pair] = slot
        for crowd in self.crowds[slot]:
            for person in self.people[pair]:
                self.busy[person, crowd] = pair
            if self.rooms:
                self.inside[crowd].add(pair)

    def _take(self, pair: int) -> None:
        slot, self.slot[pair] = self.slot[pair], NONE
        self.gone[pair] += 1
        for crowd in self.crowds[slot]:
            for person in self.people[pair]:
                del self.busy[person, crowd]
            if self.rooms:
                self.inside[crowd].discard(pair)
