"""Slots against trying: crowds, the cheapest slot, timetables, and pairs that are never left without one."""

from __future__ import annotations

from itertools import combinations, pairwise, product
from typing import Any

import numpy as np
import pytest

from bridge import programme_of
from revmatch.graph.numbering import number
from revmatch.model import Prices
from revmatch.model.families import Families
from revmatch.model.meetings import MeetingTimes
from revmatch.model.slots import ALONE, ROOMS, Slots
from revmatch.model.timetable import timetable
from revmatch.people.clocks import NEVER
from strategies_limits import taken

Pair = tuple[int, int]


def drawn(seeds: range) -> list[tuple[int, MeetingTimes]]:
    """Programmes with weekly times, in which somebody meets somebody."""
    found = []
    for seed, case in taken("meetings_case", seeds):
        numbered = number(programme_of(case), 0)
        times = Families(numbered).meetings
        assert times is not None
        if len(times.series.moments) and min(numbered.sides.shape):
            found.append((seed, times))
    return found


DRAWN = drawn(range(18))


def everybody(times: MeetingTimes) -> tuple[Any, Any]:
    n, m = times.numbered.sides.shape
    i, j = np.divmod(np.arange(n * m), m)
    return i, j


def slots_of(times: MeetingTimes) -> Slots:
    return times._slots


def lists(slots: Slots, i: Any, j: Any) -> list[list[int]]:
    indptr, found = slots.of_pairs(i, j)
    return [found[a:b].tolist() for a, b in pairwise(indptr)]


def at_once(times: MeetingTimes, one: int, other: int) -> bool:
    """Whether two slots have sessions at one time, by their moments alone."""
    starts = [[moment for moment in times.series.moments[slot].tolist() if moment != NEVER] for slot in (one, other)]
    return any(abs(a - b) < times.series.minutes for a, b in product(*starts))


@pytest.mark.parametrize(("seed", "times"), DRAWN[::3])
def test_slots_are_in_each_others_way_just_where_they_share_a_crowd(seed: int, times: MeetingTimes) -> None:
    slots = slots_of(times)
    crowds = [set(slots.crowd[a:b].tolist()) for a, b in zip(slots.indptr[:-1], slots.indptr[1:], strict=True)]
    for one, other in combinations(range(len(crowds)), 2):
        assert bool(crowds[one] & crowds[other]) == at_once(times, one, other)


def kept(times: MeetingTimes, pairs: list[Pair], given: list[int]) -> bool:
    """Whether nobody is in two sessions at once and rooms suffice, by trying moments."""
    slots, series = slots_of(times), times.series
    for (a, x), (b, y) in combinations(zip(pairs, given, strict=True), 2):
        people = [{slots.mentor_person[one[0]], slots.mentee_person[one[1]]} for one in (a, b)]
        if people[0] & people[1] and at_once(times, x, y):
            return False
    starts = [series.moments[slot][series.moments[slot] != NEVER] for slot in given]
    if not slots.rooms:
        return True
    moments = {int(moment) for own in starts for moment in own}
    return all(
        sum(bool(((own <= now) & (now < own + series.minutes)).any()) for own in starts) <= slots.rooms
        for now in moments
    )


def has_timetable(times: MeetingTimes, pairs: list[Pair]) -> bool:
    """Whether there is one at all, by trying slots back and forth."""
    i, j = (np.array(part, dtype=np.int64) for part in zip(*pairs, strict=True)) if pairs else (np.zeros(0, int),) * 2
    choices = lists(slots_of(times), i, j)

    def go(given: list[int]) -> bool:
        k = len(given)
        if k == len(pairs):
            return True
        return any(kept(times, pairs[: k + 1], [*given, slot]) and go([*given, slot]) for slot in choices[k])

    return go([])


@pytest.mark.parametrize(("seed", "times"), DRAWN)
def test_a_timetable_is_one_and_mostly_found(seed: int, times: MeetingTimes) -> None:
    rng, slots = np.random.default_rng(seed), slots_of(times)
    i, j = everybody(times)
    some = np.flatnonzero(slots.numbers(i, j))
    missed = 0
    for _ in range(12):
        chosen = np.sort(rng.permutation(some)[: rng.integers(0, min(5, len(some)) + 1)])
        pairs = list(zip(i[chosen].tolist(), j[chosen].tolist(), strict=True))
        found = timetable(slots, i[chosen], j[chosen], np.zeros(len(chosen), dtype=bool))
        if found is not None:
            assert kept(times, pairs, found.tolist())
            assert slots.fit(i[chosen], j[chosen], found)
        else:
            missed += has_timetable(times, pairs)
    assert missed <= 1


@pytest.mark.parametrize(("seed", "times"), DRAWN[::2])
def test_slots_fit_just_where_moments_say_so(seed: int, times: MeetingTimes) -> None:
    rng, slots = np.random.default_rng(seed), slots_of(times)
    i, j = everybody(times)
    some = np.flatnonzero(slots.numbers(i, j))
    for _ in range(20):
        chosen = np.sort(rng.permutation(some)[: rng.integers(1, min(4, max(1, len(some))) + 1)])
        own = lists(slots, i[chosen], j[chosen])
        if not len(chosen):
            continue
        given = [int(rng.choice(choices)) for choices in own]
        pairs = list(zip(i[chosen].tolist(), j[chosen].tolist(), strict=True))
        assert slots.fit(i[chosen], j[chosen], np.array(given)) == kept(times, pairs, given)
    assert not slots.fit(i[:1], j[:1], np.array([-1]))
    assert not slots.fit(i[:1], j[:1], np.array([len(slots.indptr)]))


@pytest.mark.parametrize(("seed", "times"), DRAWN)
def test_the_cheapest_slot(seed: int, times: MeetingTimes) -> None:
    rng, slots = np.random.default_rng(seed), slots_of(times)
    i, j = everybody(times)
    persons = int(max(slots.mentor_person.max(), slots.mentee_person.max())) + 1
    rooms = {int(crowd): int(rng.integers(1, 9)) for crowd in rng.integers(0, slots.crowds, rng.integers(0, 4))}
    alone = {
        (int(rng.integers(0, persons)), int(crowd)): int(rng.integers(1, 9))
        for crowd in rng.integers(0, slots.crowds, rng.integers(0, 9))
    }
    keys = [*rooms, *(person * slots.crowds + crowd for person, crowd in alone)]
    family = np.array([ROOMS] * len(rooms) + [ALONE] * len(alone), dtype=np.int64)
    price = np.array([*rooms.values(), *alone.values()], dtype=np.int64)
    found = slots.least(i, j, Prices(np.zeros(0, dtype=np.int64), family, np.array(keys, dtype=np.int64), price))
    for pair, own in enumerate(lists(slots, i, j)):
        people = slots.mentor_person[i[pair]], slots.mentee_person[j[pair]]
        costs = [
            sum(
                rooms.get(crowd, 0) + sum(alone.get((int(person), crowd), 0) for person in people)
                for crowd in slots.crowd[slots.indptr[slot] : slots.indptr[slot + 1]].tolist()
            )
            for slot in own
        ]
        assert found[pair] == min(costs, default=0)


@pytest.mark.parametrize(("seed", "times"), DRAWN)
def test_easy_pairs_are_never_left_without_a_slot(seed: int, times: MeetingTimes) -> None:
    """Whatever the others have, each with any of its slots: there is one more."""
    rng, slots = np.random.default_rng(seed), slots_of(times)
    i, j = everybody(times)
    easy = times.easy(i, j)
    most = times._most
    for pair in np.flatnonzero(easy).tolist():
        others = [
            k for k in rng.permutation(len(i)).tolist() if k != pair and slots.numbers(i[k : k + 1], j[k : k + 1])[0]
        ]
        held, given, degree = [], [], np.zeros(len(most), dtype=np.int64)
        people = [(slots.mentor_person[i[k]], slots.mentee_person[j[k]]) for k in range(len(i))]
        degree[list(people[pair])] += 1
        for k in others:
            if all(degree[person] < most[person] for person in people[k]):
                choices = [
                    slot
                    for slot in lists(slots, i[k : k + 1], j[k : k + 1])[0]
                    if kept(times, [*held, (i[k], j[k])], [*given, slot])
                ]
                if choices:
                    held.append((int(i[k]), int(j[k])))
                    given.append(int(rng.choice(choices)))
                    degree[list(people[k])] += 1
        own = lists(slots, i[pair : pair + 1], j[pair : pair + 1])[0]
        assert any(kept(times, [*held, (i[pair], j[pair])], [*given, slot]) for slot in own)


def test_there_are_easy_pairs_and_others() -> None:
    easy = np.concatenate([times.easy(*everybody(times)) for _, times in DRAWN])
    assert 0.02 < easy.mean() < 0.98
