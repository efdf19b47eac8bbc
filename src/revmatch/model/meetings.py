"""When the pairs of a programme could meet: the slots of a numbered programme with a limit `Meetings`."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from revmatch.graph.numbering import Numbered
from revmatch.model.partners import partners
from revmatch.model.prices import Prices
from revmatch.model.slots import ALONE, NONE, ROOMS, Slots
from revmatch.model.timetable import timetable
from revmatch.people.clocks import NEVER, clock
from revmatch.people.common import common_series
from revmatch.people.hours import Int32
from revmatch.policy.limits import Meetings
from revmatch.policy.sides import Bools, Ints
from revmatch.slot import utc_minutes

#: Pairs of slots that are compared one by one, to say how many slots one meeting can take.
MOST_COMPARED = 1 << 24


class MeetingTimes:
    """Series that suit people, as slots.

    Parameters
    ----------
    numbered : Numbered
    limit : Meetings
    """

    def __init__(self, numbered: Numbered, limit: Meetings) -> None:
        self.numbered, self.limit = numbered, limit
        sides = numbered.sides
        of_mentors, of_mentees, self.series = common_series(sides.mentors, sides.mentees, limit.rhythm, alike=True)
        crowds = self.series.at_once()
        #: Moment at which each crowd is in session.
        self.moments = np.array([moment for moment, _ in crowds], dtype=np.int64)
        slot = np.concatenate([np.zeros(0, dtype=np.int64), *(some for _, some in crowds)])
        crowd = np.repeat(np.arange(len(crowds)), [len(some) for _, some in crowds])
        order = np.lexsort((crowd, slot))
        persons = _persons(numbered)
        self._slots = Slots(
            mentor_kind=_place(of_mentors.kind, of_mentors.kinds.shape[1]),
            mentee_kind=_place(of_mentees.kind, of_mentees.kinds.shape[1]),
            mentors=of_mentors.kinds,
            mentees=of_mentees.kinds,
            indptr=np.searchsorted(slot[order], np.arange(len(self.series.moments) + 1)),
            crowd=crowd[order],
            crowds=len(crowds),
            mentor_person=persons[0],
            mentee_person=persons[1],
            rooms=limit.rooms or 0,
            easy=np.zeros(0, dtype=bool),
        )
        self._most = _most_meetings(numbered, persons)

    def slots(self, i: Ints, j: Ints) -> Slots | None:
        """Slots of a model with these pairs; None if all of them are easy."""
        easy = self.easy(i, j)
        return None if easy.all() else replace(self._slots, easy=easy)

    def easy(self, i: Ints, j: Ints) -> Bools:
        """Pairs that have more slots than all others can take from them."""
        slots = self._slots
        mentors, mentees = self._most[slots.mentor_person[i]], self._most[slots.mentee_person[j]]
        taken = (mentors + mentees - 2) * self._most_taken
        if slots.rooms:
            sizes = np.diff(slots.indptr)
            others = max(0, self.numbered.sides.most_pairs - 1)
            taken += others * int(sizes.max(initial=0)) // slots.rooms * self._most_on_a_clock
        return np.asarray(slots.numbers(i, j) > np.maximum(taken, 0))

    def least(self, i: Ints, j: Ints, prices: Prices) -> Ints:
        """Price of the cheapest slot of any pairs."""
        return self._slots.least(i, j, prices)

    def name(self, family: int, key: int, ranks: tuple[Ints, Ints]) -> str:
        """Name of a row in certificates: who, by place among ids, and a moment at which the crowd is in session."""
        if family == ROOMS:
            return f"slot:rooms:{self.moments[key]}"
        person, crowd = divmod(key, self._slots.crowds)
        n = len(ranks[0])
        side, rank = ("mentor", ranks[0][person]) if person < n else ("mentee", ranks[1][person - n])
        return f"slot:{side}:{rank}:{self.moments[crowd]}"

    def given(self, i: Ints, j: Ints, known: Ints) -> Ints | None:
        """Slot of every pair of a plan, from those that are known of pairs that are not easy."""
        if self._slots.fit(i, j, known):
            return known
        return timetable(self._slots, i, j, self.easy(i, j), known)

    def without_slot(self, held: tuple[Ints, Ints, Ints], i: Ints, j: Ints) -> Bools:
        """Which of some pairs have no slot left beside the pairs of a plan, whose times stay as they are.

        Parameters
        ----------
        held : tuple of three ndarray of int64
            Mentors, mentees and first sessions of the plan's pairs, as in `Plan.slots`.
        i, j : ndarray of int64
        """
        slots = self._slots
        zones = [zone.strip() for zone in self.numbered.sides.mentees.decoded("time_zone")[held[1]].tolist()]
        number = {tuple(row[row != NEVER].tolist()): k for k, row in enumerate(self.series.moments)}
        times = [number.get(tuple(own), NONE) for own in utc_minutes(self.limit.rhythm, zones, held[2])]
        known = np.array(times, dtype=np.int64) != NONE  # a plan that was read may hold what is no slot of anybody
        slot, held = np.array(times, dtype=np.int64)[known], (held[0][known], held[1][known], held[2][known])
        pair, crowd = slots.crowds_of(slot)
        people = np.concatenate([slots.mentor_person[held[0]][pair], slots.mentee_person[held[1]][pair]])
        busy = np.unique(people * slots.crowds + np.tile(crowd, 2))
        full = np.flatnonzero(np.bincount(crowd, minlength=slots.crowds) >= slots.rooms) if slots.rooms else crowd[:0]
        # what is taken costs 1: who has a slot that costs nothing can have it
        family = np.concatenate([np.full(len(full), ROOMS), np.full(len(busy), ALONE)])
        prices = Prices(np.zeros(0, dtype=np.int64), family, np.concatenate([full, busy]), np.ones_like(family))
        return np.asarray(slots.least(i, j, prices) > 0)

    def first_sessions(self, j: Ints, slot: Ints) -> Ints:
        """When the first session of slots begins on the clocks of mentees: minutes from the first Monday, 00:00."""
        rhythm = self.limit.rhythm
        zones = [zone.strip() for zone in self.numbered.sides.mentees.decoded("time_zone")[j].tolist()]
        clocks = {zone: clock(zone, rhythm.start, rhythm.weeks) for zone in dict.fromkeys(zones)}
        moments = self.series.moments[slot, 0]
        shown = [int(clocks[zone].shows(moments[k : k + 1])[0]) for k, zone in enumerate(zones)]
        return np.array(shown, dtype=np.int64)

    @cached_property
    def _most_on_a_clock(self) -> int:
        """Slots on one clock that are in one crowd, at most."""
        slots, on = self._slots, self.series.of_clock
        slot = np.repeat(np.arange(len(slots.indptr) - 1), np.diff(slots.indptr))
        counts = (np.bincount(slots.crowd[own[slot]], minlength=1) for own in on)
        return max((int(count.max(initial=0)) for count in counts), default=0)

    @cached_property
    def _most_taken(self) -> int:
        """Slots on one clock that one meeting can be in the way of, at most."""
        slots = self._slots
        sizes = np.bincount(slots.crowd, minlength=max(1, slots.crowds))
        if int((sizes**2).sum()) > MOST_COMPARED:
            return self._most_on_a_clock * int(np.diff(slots.indptr).max(initial=0))
        slot = np.repeat(np.arange(len(slots.indptr) - 1), np.diff(slots.indptr))
        order = np.argsort(slots.crowd, kind="stable")
        of_crowd, ends = slot[order], np.cumsum(sizes)
        times = sizes[slots.crowd]
        one = np.repeat(slot, times)
        other = of_crowd[np.repeat(ends[slots.crowd] - np.cumsum(times), times) + np.arange(int(times.sum()))]
        count = max(1, len(slots.indptr) - 1)
        one, other = np.divmod(np.unique(one * count + other), count)
        counts = (np.bincount(one[own[other]], minlength=1) for own in self.series.of_clock)
        return max((int(found.max(initial=0)) for found in counts), default=0)


def _place(kind: Int32, kinds: int) -> Ints:
    """Kinds counted from 0; the last one has nothing."""
    return np.where(kind < 0, kinds - 1, kind).astype(np.int64)


def _persons(numbered: Numbered) -> tuple[Ints, Ints]:
    """A number for each mentor and each mentee; who is on both sides has one."""
    sides = numbered.sides
    n, m = sides.shape
    mentors, mentees = np.arange(n), n + np.arange(m)
    if numbered.programme.dual_role and not numbered.programme.by_position:
        there = sides.mentors.index_of(sides.mentees)
        mentees = np.where(there >= 0, there, mentees)
    return mentors, mentees


def _most_meetings(numbered: Numbered, persons: tuple[Ints, Ints]) -> Ints:
    """Most partners of each person, on both sides together."""
    found = np.zeros(sum(map(len, persons)), dtype=np.int64)
    found[persons[0]] += partners(numbered.programme, "mentor")[2][numbered.mentor_rows]
    found[persons[1]] += partners(numbered.programme, "mentee")[2][numbered.mentee_rows]
    return found
