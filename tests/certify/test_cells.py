"""What a cell means, sentence by sentence."""

from __future__ import annotations

import datetime as dt
import random
import zoneinfo
from typing import Any

import numpy as np
import pytest

from revmatch.certify import cells
from revmatch.certify.bulk_lines import Upward
from revmatch.certify.lines import Lines
from revmatch.certify.sides import Column
from revmatch.policy.rules import OutsideReportingLine

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


class Cells:
    """A file, by its columns; nobody has checked what stands in them."""

    def __init__(self, **columns: list[str]) -> None:
        self.keys = columns["id"]
        self.rows = {key: row for row, key in enumerate(self.keys)}
        self._columns = columns

    def has(self, column: str) -> bool:
        return column in self._columns

    def column(self, name: str) -> Column:
        texts = self._columns.get(name, [""] * len(self.keys))
        return Column(np.arange(len(texts)), texts)

    def cell(self, row: int, column: str) -> str:
        return self._columns[column][row]


def lines_of(*files: Cells) -> Lines:
    return Lines(files)  # type: ignore[arg-type]


def test_lines_are_walked_over_all_files() -> None:
    everybody = Cells(id=["ann", "bo", "cy"], manager=["", "ann", "bo"])
    side = Cells(id=["cy", "di", "ed"], manager=["bo", "cy", "bo"], dotted_line=["", "ann; bo", "cy"])
    lines = lines_of(everybody, side)
    assert lines.below["cy"].steps == {"cy": 1, "bo": 2, "ann": 3}
    assert lines.dotted["di"] == ["ann", "bo"]
    # solid: cy 1, bo 2, ann 3; dotted: ann 0, bo 0 and then ann 1
    assert lines.over("di").steps == {"cy": 1, "bo": 0, "ann": 0}
    # solid: bo 1, ann 2; dotted: cy 0 and then bo 1, ann 2
    assert lines.over("ed").steps == {"bo": 1, "ann": 2, "cy": 0}
    assert lines.head == "ann"
    assert lines.over("di").stated > 10**9


def test_lines_end_where_a_manager_is_in_no_file() -> None:
    lines = lines_of(
        Cells(id=["a", "b", "c", "d", "e"], manager=["gone", "a", "b", "", ""], dotted_line=["", "", "", "b", "x"])
    )
    assert [lines.over(key).stated for key in "abc"] == [1, 2, 3]
    assert lines.over("d").stated == 2  # over the dotted line
    assert lines.over("e").stated == 0  # to somebody in no file
    assert lines.head == ""  # three people have nobody above


def test_the_head_is_found_over_all_files() -> None:
    org = Cells(id=["b", "a"], manager=["a", ""])
    assert lines_of(org, Cells(id=["c", "b"], manager=["a", ""])).head == "a"
    assert lines_of(org, Cells(id=["c"], manager=[""])).head == ""
    assert lines_of(Cells(id=["c"]), org).head == ""  # of c nothing is stated
    assert lines_of(Cells(id=["b"]), org).head == "a"


def test_somebody_in_no_file_has_no_line() -> None:
    lines = lines_of(Cells(id=["a"], manager=[""]))
    assert lines.manager.get("x") is None
    assert lines.over("x").stated == 1


def test_a_cycle_does_not_hang_the_walk() -> None:
    assert lines_of(Cells(id=["a", "b"], manager=["b", "a"])).over("a").steps == {"b": 1, "a": 2}


# --- the same for everybody at once -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(100))
def test_everybody_at_once(seed: int) -> None:
    """Two files that contradict each other, lines that end nowhere, dotted lines: as walked one by one."""
    draw = random.Random(seed)
    names = [f"p{k}" for k in range(draw.randint(1, 9))]

    def file() -> Cells:
        own = draw.sample(names, draw.randint(1, len(names)))
        # whoever stands later in the alphabet is above, so that there is no cycle
        above = {key: [other for other in names if other > key] for key in own}
        nobody = ["", "gone"] if draw.random() < 0.3 else [""]
        columns = {"id": own}
        if draw.random() < 0.8:
            columns["manager"] = [draw.choice(above[key] or nobody) for key in own]
        if draw.random() < 0.5:
            columns["dotted_line"] = [
                "; ".join(other for other in draw.sample([*names, "gone"], draw.choice((0, 0, 1, 2))) if other != key)
                for key in own
            ]
        return Cells(**columns)

    lines = lines_of(*(file() for _ in range(draw.randint(1, 3))))
    everybody = [key for key in names if key in lines.known]
    up = Upward(lines)
    side: Any = Cells(id=everybody)
    own = up.of(side)
    levels, head_levels = draw.choice((None, 1, 2)), draw.choice((None, 0, 1))
    rule = OutsideReportingLine(levels=levels, head_levels=head_levels)
    head = up.number.get(lines.head, -1)
    found = set()
    for rows, numbers in up.over(own, rule, head):
        found |= {(everybody[row], number) for row, number in zip(rows.tolist(), numbers.tolist(), strict=True)}
    expected = set()
    for key in everybody:
        for other, steps in lines.over(key).steps.items():
            most = head_levels if head_levels is not None and lines.head and lines.head in (key, other) else levels
            if other in up.number and (steps == 0 or most is None or steps <= most):
                expected.add((key, up.number[other]))
    assert found == expected
    within = levels or 10**9
    assert up.stated(levels)[own].tolist() == [lines.over(key).stated > within for key in everybody]
    managers = [lines.manager.get(key) for key in everybody]
    numbered = [-2 if above is None else -1 if above == "" else up.number[above] for above in managers]
    assert up.manager[own].tolist() == numbered


def test_a_head_under_a_dotted_line() -> None:
    """The head's own levels count for everybody between the head and a dotted-line manager of the head."""
    file: Any = Cells(id=["top", "mid", "low"], manager=["", "top", "mid"], dotted_line=["low", "", ""])
    up = Upward(lines_of(file))
    for head_levels, expected in ((0, {"low"}), (1, {"low", "mid"}), (None, {"low", "mid", "top"})):
        rule = OutsideReportingLine(head_levels=head_levels)
        over = [numbers[rows == 0] for rows, numbers in up.over(up.of(file), rule, up.number["top"])]
        assert {file.keys[number] for some in over for number in some.tolist()} - {"top"} == expected - {"top"}
