"""Weekly times of pairs, as engines see them: who could meet when, and which meetings are in each other's way.

A slot is a number; a crowd is a set of slots that are in session at one moment. A person has one pair at most in a
crowd, and all pairs together have as many as there are rooms. Most pairs have so many slots that others can never take
all of them: they are easy, and may be given theirs in the end, whatever the others have. Only the rest is a problem.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from revmatch.policy.sides import Bools, Ints

if TYPE_CHECKING:
    from revmatch.model.prices import Prices

Words = npt.NDArray[np.uint64]

#: No slot.
NONE = -1
#: Families of rows: as many pairs in a crowd as there are rooms, and one of a person. Other families are 0 or more.
ROOMS, ALONE = -2, -1
#: Bits of pairs that are spread out at a time.
_BLOCK = 1 << 25


@dataclass(frozen=True, slots=True)
class Slots:
    """Slots of the people of a model, and which of its pairs are easy.

    Parameters
    ----------
    mentor_kind, mentee_kind : ndarray of int64, shapes (n,) and (m,)
        Whose slots are the same is of one kind.
    mentors, mentees : ndarray of uint64, shape (words, kinds)
        Bit b of word w of a kind: whether slot ``64 * w + b`` suits it.
    indptr, crowd : ndarray of int64
        For each slot its crowds.
    crowds : int
    mentor_person, mentee_person : ndarray of int64, shapes (n,) and (m,)
        Who is on both sides has one number.
    rooms : int
        Pairs that may be in a crowd; 0: any number.
    easy : ndarray of bool, shape (pairs,)
        Pairs of the model that are never left without a slot.
    """

    mentor_kind: Ints
    mentee_kind: Ints
    mentors: Words
    mentees: Words
    indptr: Ints
    crowd: Ints
    crowds: int
    mentor_person: Ints
    mentee_person: Ints
    rooms: int
    easy: Bools

    def of_columns(self, pairs: Ints) -> Slots:
        """The same of some of the pairs."""
        return replace(self, easy=self.easy[pairs])

    @property
    def count(self) -> int:
        """How many slots there are."""
        return len(self.indptr) - 1

    @property
    def joins_everybody(self) -> bool:
        """Whether people who share no pair can be in each other's way."""
        once = len(self.mentor_person) + len(self.mentee_person)
        both = len(np.union1d(self.mentor_person, self.mentee_person)) < once
        return (bool(self.rooms) or both) and not bool(self.easy.all())

    def of_pairs(self, i: Ints, j: Ints) -> tuple[Ints, Ints]:
        """Slots of some pairs: where those of each begin, and the slots, in order."""
        counts, found = [np.zeros(1, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        step = max(1, _BLOCK // max(1, 64 * len(self.mentors)))
        for begin in range(0, len(i), step):
            words = self._common(i[begin : begin + step], j[begin : begin + step])
            bits = np.unpackbits(np.ascontiguousarray(words.T).view(np.uint8), axis=1, bitorder="little")
            pair, slot = np.nonzero(bits)
            counts.append(np.bincount(pair, minlength=words.shape[1]))
            found.append(slot)
        return np.cumsum(np.concatenate(counts)), np.concatenate(found).astype(np.int64)

    def numbers(self, i: Ints, j: Ints) -> Ints:
        """How many slots some pairs have."""
        a, b = self.mentor_kind[i].astype(np.int64), self.mentee_kind[j].astype(np.int64)
        kinds, which = np.unique(a * self.mentees.shape[1] + b, return_inverse=True)
        found = np.zeros(len(kinds), dtype=np.int64)
        x, y = np.divmod(kinds, max(1, self.mentees.shape[1]))
        for of_mentors, of_mentees in zip(self.mentors, self.mentees, strict=True):
            found += np.bitwise_count(of_mentors[x] & of_mentees[y])
        return np.asarray(found[which])

    def _common(self, i: Ints, j: Ints) -> Words:
        return np.asarray(self.mentors[:, self.mentor_kind[i]] & self.mentees[:, self.mentee_kind[j]])

    def least(self, i: Ints, j: Ints, prices: Prices) -> Ints:
        """The price of the cheapest slot of some pairs: what its crowds cost the rooms and both people.

        Parameters
        ----------
        i, j : ndarray of int64
        prices : Prices
            Of crowds; what else it holds is not looked at.
        """
        found = np.zeros(len(i), dtype=np.int64)
        priced = _Priced(self, prices)
        if not priced.any:
            return found
        left = np.flatnonzero(priced.all_cost(self, i, j))
        step = max(1, _BLOCK // max(1, 64 * len(self.mentors)))
        for begin in range(0, len(left), step):
            some = left[begin : begin + step]
            found[some] = priced.cheapest(self, i[some], j[some])
        return found

    def fit(self, i: Ints, j: Ints, slot: Ints) -> bool:
        """Whether some pairs can have these slots together."""
        if not len(slot):
            return True
        if int(slot.min()) < 0 or int(slot.max()) >= len(self.indptr) - 1:
            return False
        word, bit = slot >> 6, (slot & 63).astype(np.uint64)
        both = self.mentors[word, self.mentor_kind[i]] & self.mentees[word, self.mentee_kind[j]]
        if not ((both >> bit) & np.uint64(1)).all():
            return False
        pair, crowd = self.crowds_of(slot)
        people = np.concatenate([self.mentor_person[i][pair], self.mentee_person[j][pair]])
        busy = people * self.crowds + np.tile(crowd, 2)
        alone = len(np.unique(busy)) == len(busy)
        return alone and (not self.rooms or int(np.bincount(crowd, minlength=1).max()) <= self.rooms)

    def crowds_of(self, slot: Ints) -> tuple[Ints, Ints]:
        """The crowds of some slots, one after the other: the place of the slot in what was given, and the crowd."""
        sizes = self.indptr[slot + 1] - self.indptr[slot]
        at = np.repeat(self.indptr[slot] - np.cumsum(sizes) + sizes, sizes) + np.arange(int(sizes.sum()))
        return np.repeat(np.arange(len(slot)), sizes), self.crowd[at]


class _Priced:
    """Prices of crowds, added up by slot."""

    def __init__(self, slots: Slots, prices: Prices) -> None:
        self.any = bool((prices.family < 0).any())
        if not self.any:
            return
        count = len(slots.indptr) - 1
        of_rooms, of_people = prices.family == ROOMS, prices.family == ALONE
        crowd = np.zeros(slots.crowds, dtype=np.int64)
        crowd[prices.key[of_rooms]] = prices.price[of_rooms]
        slot = np.repeat(np.arange(count), np.diff(slots.indptr))
        #: What each slot costs the rooms.
        self.rooms = np.zeros(count, dtype=np.int64)
        np.add.at(self.rooms, slot, crowd[slots.crowd])
        person, crowd_of = np.divmod(prices.key[of_people], max(1, slots.crowds))
        people, place = np.unique(person, return_inverse=True)
        #: Row of each person below; the last one, without prices, of all others.
        self.row = np.full(int(max(slots.mentor_person.max(initial=0), slots.mentee_person.max(initial=0))) + 1, -1)
        self.row[people] = np.arange(len(people))
        each = np.zeros((len(people) + 1, slots.crowds), dtype=np.int64)
        each[place, crowd_of] = prices.price[of_people]
        #: What each slot costs each person.
        self.people = np.zeros((len(people) + 1, count), dtype=np.int64)
        np.add.at(self.people.T, slot, each.T[slots.crowd])

    def all_cost(self, slots: Slots, i: Ints, j: Ints) -> Bools:
        """Pairs of which every slot costs something."""
        words = len(slots.mentors)
        free = np.zeros((len(self.people), words * 64), dtype=bool)
        free[:, : len(self.rooms)] = (self.people == 0) & (self.rooms == 0)
        bits = np.packbits(free, axis=1, bitorder="little").view(np.uint64)
        a, b = self.row[slots.mentor_person[i]], self.row[slots.mentee_person[j]]
        found = np.zeros(len(i), dtype=bool)
        for word in range(words):
            both = slots.mentors[word, slots.mentor_kind[i]] & slots.mentees[word, slots.mentee_kind[j]]
            found |= (both & bits[a, word] & bits[b, word]) != 0
        return ~found

    def cheapest(self, slots: Slots, i: Ints, j: Ints) -> Ints:
        """Price of the cheapest slot of each pair; 0 of those that have none."""
        indptr, slot = slots.of_pairs(i, j)
        pair = np.repeat(np.arange(len(i)), np.diff(indptr))
        a, b = self.row[slots.mentor_person[i]], self.row[slots.mentee_person[j]]
        price = self.rooms[slot] + self.people[a[pair], slot] + self.people[b[pair], slot]
        found = np.zeros(len(i), dtype=np.int64)
        some = np.flatnonzero(np.diff(indptr))
        found[some] = np.minimum.reduceat(price, indptr[some]) if len(some) else 0
        return found
