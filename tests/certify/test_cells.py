"""What a cell means, sentence by sentence."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest

from revmatch.certify import cells
from revmatch.certify.lines import Lines

DAY = cells.DAY


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0", 0),
        ("-7", -7),
        ("12", 12),
        ("", None),
        ("07", None),
        ("1.0", None),
        ("1_000", None),
        ("１２", None),
        ("-", None),
    ],
)
def test_whole_numbers_are_plain(cell: str, number: int | None) -> None:
    assert cells.whole(cell) == number


@pytest.mark.parametrize(
    ("cell", "levels"),
    [
        ("python:4;cloud:2", {"python": 4, "cloud": 2}),
        (" Python : 4 ;; CLOUD", {"python": 4, "cloud": 5}),
        (r"C\:D:3; a\;b", {"c:d": 3, "a;b": 5}),
        (r"x\:y", {"x:y": 5}),
        ("", {}),
        ("Stra\u00dfe:1", {"strasse": 1}),
    ],
)
def test_skills_and_levels(cell: str, levels: dict[str, int]) -> None:
    assert cells.levels(cell) == levels


def test_two_spellings_of_one_skill_are_one() -> None:
    assert cells.skill_key(" Zoe\u0308 ") == cells.skill_key("ZO\u00cb")


def test_lists() -> None:
    assert cells.items(r"en; DE ;;a\;b") == {"en", "de", "a;b"}
    assert cells.ids(r"7.0; b\;c ; B;7") == ["7", "b;c", "B", "7"]
    assert cells.ids("") == []


def minutes(cell: str) -> set[int]:
    found = cells.local_minutes(cell)
    return {k for k in range(cells.WEEK) if found >> k & 1}


@pytest.mark.parametrize(
    ("cell", "spans"),
    [
        ("Mon 09:00-12:00; Wed 14:00-16:00", [(0, 540, 720), (2, 840, 960)]),
        ("Mon-Thu 9-12", [(d, 540, 720) for d in range(4)]),
        ("Mon,Wed AM", [(0, 540, 720), (2, 540, 720)]),
        ("tue pm", [(1, 780, 1020)]),
        ("Friday day", [(4, 540, 720), (4, 780, 1020)]),
        ("any", [(d, a, b) for d in range(5) for a, b in ((540, 720), (780, 1020))]),
        ("Sun 22:00-24:00", [(6, 1320, 1440)]),
        ("Sat-Mon 8-9", [(5, 480, 540), (6, 480, 540), (0, 480, 540)]),
        ("", []),
    ],
)
def test_hours(cell: str, spans: list[tuple[int, int, int]]) -> None:
    assert minutes(cell) == {day * DAY + k for day, a, b in spans for k in range(a, b)}


@pytest.mark.parametrize("cell", ["Mon", "Mon 12-9", "Xyz 9-12", "Mon 9-25", "9-12"])
def test_unreadable_hours_are_never_guessed(cell: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        cells.local_minutes(cell)


def in_common(mentor: tuple[str, str], mentee: tuple[str, str], length: int, grid: int) -> bool:
    a, b = cells.mentor_starts(*mentor, length), cells.mentee_starts(*mentee, length, grid)
    return a is not None and b is not None and a & b != 0


def in_common_by_clock(mentor: tuple[str, str], mentee: tuple[str, str], length: int, grid: int) -> bool:
    """The definition, minute by minute, through the clocks of the standard library."""
    sets = [minutes(mentor[0]), minutes(mentee[0])]
    zones = [zoneinfo.ZoneInfo(mentor[1]), zoneinfo.ZoneInfo(mentee[1])]
    for day in range(7):
        for start in range(0, DAY - length + 1, grid):
            local = dt.datetime(2026, 1, 12, tzinfo=zones[1]) + dt.timedelta(minutes=day * DAY + start)
            free = True
            for k in range(length):
                there = (local + dt.timedelta(minutes=k)).astimezone(zones[0])
                week_minute = there.weekday() * DAY + there.hour * 60 + there.minute
                free = free and day * DAY + start + k in sets[1] and week_minute in sets[0]
            if free:
                return True
    return False


@pytest.mark.parametrize(
    ("mentor", "mentee", "length", "grid", "common"),
    [
        # 14:00-15:00 in London is 9:00-10:00 in New York
        (("Mon 14:00-15:00", "Europe/London"), ("Mon 9-10", "America/New_York"), 60, 15, True),
        (("Mon 14:00-15:00", "Europe/London"), ("Mon 9-10", "Europe/London"), 60, 15, False),
        # the mentor's hours run over midnight, and over the end of the week
        (("Sun 23:00-24:00; Mon 0:00-1:00", "UTC"), ("Mon 4:00-6:00", "Asia/Kolkata"), 90, 15, True),
        (("Sun 23:00-24:00; Mon 0:00-1:00", "UTC"), ("Sun 23:00-24:00; Mon 0:00-1:00", "UTC"), 90, 15, False),
        # a slot starts on the grid of the mentee's own clock
        (("Mon 3:30-4:30", "UTC"), ("Mon 9-10", "Asia/Kolkata"), 60, 60, True),
        (("Mon 3:15-4:15", "UTC"), ("Mon 8:45-9:45", "Asia/Kolkata"), 60, 60, False),
        (("Mon 3:15-4:15", "UTC"), ("Mon 8:45-9:45", "Asia/Kolkata"), 60, 15, True),
        (("Mon 23:00-24:00", "Pacific/Kiritimati"), ("Sun 23:00-24:00", "Pacific/Honolulu"), 60, 15, True),
        # a minute short, on either side
        (("Mon 9:00-9:59", "UTC"), ("Mon 9-12", "UTC"), 60, 15, False),
        (("Mon 9-12", "UTC"), ("Mon 9:00-9:59", "UTC"), 60, 15, False),
        (("Mon 9:00-9:59", "UTC"), ("Mon 9:00-9:59", "UTC"), 59, 15, True),
        (("Mon 9-10", "UTC"), ("", "UTC"), 60, 15, False),
        (("Mon 9-10", ""), ("Mon 9-10", "UTC"), 60, 15, False),
    ],
)
def test_common_hours(mentor: tuple[str, str], mentee: tuple[str, str], length: int, grid: int, common: bool) -> None:
    assert in_common(mentor, mentee, length, grid) is common
    if all(mentor) and all(mentee):
        assert in_common_by_clock(mentor, mentee, length, grid) is common


class Columns(dict[str, list[str]]):
    def has(self, column: str) -> bool:
        return column in self


def test_lines_are_walked_over_all_files() -> None:
    everybody = Columns(id=["ann", "bo", "cy"], manager=["", "ann", "bo"])
    side = Columns(id=["cy", "di"], manager=["bo", "cy"], dotted_line=["", "ann; bo"])
    lines = Lines([everybody, side])
    assert lines.above("di").steps == {"cy": 1, "bo": 2, "ann": 3}
    assert lines.above("di").holds("bo", 2)
    assert not lines.above("di").holds("bo", 1)
    assert lines.dotted("di") == ("ann", "bo")
    assert set(lines.over("di")) == {("cy", 1), ("bo", 2), ("ann", 3), ("ann", 0), ("bo", 0), ("ann", 1)}
    assert lines.head == "ann"
    assert lines.stated("di", None)


def test_lines_end_where_a_manager_is_in_no_file() -> None:
    lines = Lines([Columns(id=["a", "b", "c", "d"], manager=["gone", "a", "b", ""], dotted_line=["", "", "", "b"])])
    assert [lines.above(key).ends_after for key in "abcd"] == [1, 2, 3, None]
    assert [lines.stated("c", levels) for levels in (1, 2, 3, None)] == [True, True, False, False]
    assert [lines.stated("d", levels) for levels in (1, 2, None)] == [True, False, False]  # over the dotted line
    assert lines.head == ""  # two people have nobody above


def test_somebody_in_no_file_has_no_line() -> None:
    lines = Lines([Columns(id=["a"], manager=[""])])
    assert lines.manager("x") is None
    assert lines.above("x").broken(1)


def test_a_cycle_does_not_hang_the_walk() -> None:
    assert Lines([Columns(id=["a", "b"], manager=["b", "a"])]).above("a").steps == {"b": 1, "a": 2}
