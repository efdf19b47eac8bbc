"""Hours in common, for many pairs at once: bit sets over the times at which a slot may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from revmatch.certify import cells
from revmatch.certify.sides import Bools, Ints, Reading, Side
from revmatch.certify.weeks import Weeks, same_clock, weeks_of
from revmatch.certify.world import World
from revmatch.policy import rules

#: Different hours whose bits are spread out at a time.
_AT_ONCE = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Common:
    """Which of some times suit whom.

    Parameters
    ----------
    kinds : tuple of ndarray of int64
        Which of the different hours each mentor has, and each mentee.
    words : tuple of ndarray of uint64, shape (different hours, words)
        The times that suit them.
    """

    kinds: tuple[Ints, Ints]
    words: tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]

    def pairs(self, i: Ints, j: Ints) -> Bools:
        """Which mentors i and mentees j have a time in common."""
        x, y = self.kinds[0][i], self.kinds[1][j]
        found = np.zeros(np.broadcast_shapes(x.shape, y.shape), dtype=bool)
        for k in range(self.words[0].shape[1]):
            found |= (self.words[0][x, k] & self.words[1][y, k]) != 0
        return found

    @property
    def somebody(self) -> tuple[Bools, Bools]:
        """Mentors, and mentees, whom any time suits."""
        mentors, mentees = (
            (words != 0).any(axis=1)[kinds] for kinds, words in zip(self.kinds, self.words, strict=True)
        )
        return mentors, mentees


def common_hours(rule: rules.CommonHours, world: World) -> Common:
    """Times that suit mentors and mentees: of one week, or of weeks on the clocks of all mentees."""
    plan = weeks_of(rule)
    if plan is not None:
        return Dates.of(plan, world).common
    a, of_mentors = _different(world.mentors, lambda hours, zone, _: _mentor_starts(rule, hours, zone))
    b, of_mentees = _different(world.mentees, lambda hours, zone, _: _mentee_starts(rule, hours, zone))
    wanted = _wanted(of_mentees, cells.WEEK)
    return Common((a, b), (_packed(of_mentors, wanted, cells.WEEK), _packed(of_mentees, wanted, cells.WEEK)))


class Dates:
    """Weekly times over some weeks on the clocks of all mentees, and whom they suit.

    Parameters
    ----------
    plan : Weeks
    world : World
    """

    def __init__(self, plan: Weeks, world: World) -> None:
        self.clocks, number = _clocks(world, plan)
        slots = world.slots(plan)
        each = plan.every * cells.WEEK  # so many bits a clock
        width = each * max(1, len(self.clocks))

        def on_all(hours: str, zone: str, away: str) -> int:
            times = [slots(hours, zone, away, clock) if hours and zone else 0 for clock in self.clocks]
            return sum(some << (k * each) for k, some in enumerate(times))

        def on_own(hours: str, zone: str, away: str) -> int:
            times = slots(hours, zone, away, zone) if hours and zone else 0
            return times << (number.get(zone, 0) * each)

        a, of_mentors = _different(world.mentors, on_all)
        b, of_mentees = _different(world.mentees, on_own)
        #: Times that suit some mentee: minutes of the first weeks, clock by clock.
        self.wanted = _wanted(of_mentees, width)
        self.common = Common((a, b), (_packed(of_mentors, self.wanted, width), _packed(of_mentees, self.wanted, width)))

    @classmethod
    def of(cls, plan: Weeks, world: World) -> Dates:
        """The same, made once: the rule reads hours, and so do the prices of moments."""
        known = world.dates.get(plan)
        if known is None:
            known = world.dates[plan] = cls(plan, world)
        return known

    def suiting(self, mentor_kinds: Ints, mentee_kinds: Ints) -> Bools:
        """Which of the wanted times suit some kinds of mentors and of mentees, pair by pair."""
        words = self.common.words[0][mentor_kinds] & self.common.words[1][mentee_kinds]
        bits = np.unpackbits(words.view(np.uint8), axis=1, bitorder="little")
        return np.asarray(bits[:, : len(self.wanted)].view(np.bool_))


def _wanted(times: list[int], width: int) -> Ints:
    """Which of so many times are in any of these sets."""
    any_time = 0
    for some in times:
        any_time |= some
    return np.flatnonzero(_bits([any_time], width)[0])


def _mentor_starts(rule: rules.CommonHours, available: str, zone: str) -> int:
    return cells.mentor_starts(available, zone, rule.minutes) or 0


def _mentee_starts(rule: rules.CommonHours, available: str, zone: str) -> int:
    return cells.mentee_starts(available, zone, rule.minutes, rule.grid) or 0


def _clocks(world: World, plan: Weeks) -> tuple[list[str], dict[str, int]]:
    """Time zones of mentees whose clocks differ in these weeks, and which of them each zone has."""
    found: list[str] = []
    number: dict[str, int] = {}
    for zone in sorted({*world.mentees.column("time_zone").texts} - {""}):
        same = [k for k, other in enumerate(found) if same_clock(zone, other, plan)]
        number[zone] = same[0] if same else len(found)
        found += [] if same else [zone]
    return found, number


def _different(side: Side, read: Callable[[str, str, str], int]) -> tuple[Ints, list[int]]:
    """Which of the different hours each person has, and the times at which slots may be in each."""
    reading: Reading = side.reading_all(read, "available", "time_zone", "away")
    used, place = np.unique(reading.codes, return_inverse=True)
    return place.reshape(-1), [reading.meaning[code] for code in used.tolist()]


def _bits(times: list[int], width: int) -> npt.NDArray[np.uint8]:
    """One row for each set of times, one column a time."""
    raw = b"".join(some.to_bytes(width // 8, "little") for some in times)
    rows = np.frombuffer(raw, dtype=np.uint8).reshape(len(times), width // 8)
    return np.unpackbits(rows, axis=1, bitorder="little")


def _packed(times: list[int], wanted: Ints, width: int) -> npt.NDArray[np.uint64]:
    """One row for each set: the wanted times only, 64 to a word."""
    words = np.zeros((len(times), -(-len(wanted) // 64) * 8), dtype=np.uint8)
    step = max(1, _AT_ONCE * cells.WEEK // max(1, width))
    for begin in range(0, len(times), step):
        packed = np.packbits(_bits(times[begin : begin + step], width)[:, wanted], axis=1, bitorder="little")
        words[begin : begin + len(packed), : packed.shape[1]] = packed
    return words.view(np.uint64)
