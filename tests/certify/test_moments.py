"""Prices of moments, by hand: what they prove, and what a forged certificate may not say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from certify.by_hand import L, people, plan_of, record
from revmatch.certify.verify import verify
from revmatch.plan import Status

HOUR = {"available": "Mon 9-10", "time_zone": "UTC"}
MON_9 = 540


def ask(*, rooms: int | None = None, hours: Any = HOUR, capacity: int = 2) -> Any:
    """Two juniors and two leaders, all with the same hours."""
    limit = L.Meetings("2026-03-02", every=1, weeks=1, rooms=rooms)
    return people([hours, hours], [{**hours, "capacity": capacity}, {**hours, "capacity": capacity}], limit)


def problems(programme: Any, pairs: list[tuple[int, int]], one: Any, starts: list[int]) -> list[str]:
    found = verify(plan_of(programme, pairs, one, slots=np.array(starts, dtype=np.int64)))
    assert found.ok == (not found.problems)
    return [problem.expected for problem in found.problems]


def test_one_room_and_one_hour_is_one_pair() -> None:
    """The moment costs 1: nothing is left of any pair, and the row adds its one room."""
    one = record("Pairs", (0, 0), (0, 0), 1, slot_rooms_540=1)
    assert problems(ask(rooms=1), [(0, 0)], one, [MON_9]) == []


def test_one_session_of_a_person_at_a_moment() -> None:
    """One leader with two places has one hour: the junior's capacity of 1 is no bound for the leader."""
    programme = people([HOUR, HOUR], [{**HOUR, "capacity": 2}], L.Meetings("2026-03-02", every=1, weeks=1))
    assert problems(programme, [(0, 0)], record("Pairs", (0, 0), (0,), 1, slot_mentee_0_540=1), [MON_9]) == []
    # at any minute of the hour it is the same
    assert problems(programme, [(0, 0)], record("Pairs", (0, 0), (0,), 1, slot_mentee_0_599=1), [MON_9]) == []


def test_two_hours_and_one_moment_with_a_price() -> None:
    """Whoever can meet at another time pays nothing: two pairs are left, and the row adds its own."""
    hours = {"available": "Mon 9-11", "time_zone": "UTC"}
    both = ask(rooms=1, hours=hours)
    one = record("Pairs", (0, 0), (0, 0), 2, slot_rooms_570=1, slot_rooms_600=1)
    assert problems(both, [(0, 0), (1, 1)], one, [MON_9, MON_9 + 60]) == []
    # of 9:00, 9:30 and 10:00 the first is free of charge: 4 pairs, and one for the row
    stopped = {"status": Status.FEASIBLE, "proof": None, "stopped_by": "time", "slots": np.array([MON_9])}
    found = verify(plan_of(both, [(0, 0)], record("Pairs", (0, 0), (0, 0), 5, slot_rooms_600=1), **stopped))
    assert (found.problems, found.bound) == ((), 5)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("slot_rooms_600", "claims 1, but its prices add up to 5"),  # nobody can meet then, so nobody pays
        ("slot_rooms_0540", "there is no row"),
        ("slot_mentor_2_540", "there is no row"),
        ("slot_mentee_0", "there is no row"),
        ("slot_anybody_0_540", "there is no row"),
    ],
)
def test_other_rows(row: str, words: str) -> None:
    found = problems(ask(rooms=1), [(0, 0)], record("Pairs", (0, 0), (0, 0), 1, **{row: 1}), [MON_9])
    assert any(words in said for said in found), found


def test_rooms_have_no_row_where_they_are_not_limited() -> None:
    found = problems(ask(), [(0, 0)], record("Pairs", (0, 0), (0, 0), 1, slot_rooms_540=1), [MON_9])
    assert any("there is no row" in said for said in found)


def test_a_moment_has_no_price_below_0() -> None:
    found = problems(ask(rooms=1), [(0, 0)], record("Pairs", (0, 0), (0, 0), 1, slot_rooms_540=-1), [MON_9])
    assert any("may not have a price below 0" in said for said in found)
