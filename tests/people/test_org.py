"""Reporting lines against a brute-force walk, and every error of bad-input.md that they raise."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from revmatch.errors import InputError
from revmatch.people.org import MOST_LEVELS, NEVER, NOBODY, NOT_STATED, ReportingLines


def column(*cells):
    return np.array(cells, dtype=object)


def at(row, column):
    return f"people.csv:{row + 2}:{column}"


def numbered(count):
    return np.array([f"p{k}" for k in range(count)], dtype=object)


def build(manager, dotted=None):
    return ReportingLines.build(
        numbered(len(manager)), column(*manager), None if dotted is None else column(*dotted), place=at
    )


@st.composite
def organisations(draw):
    """Managers before their people, in a shuffled roster; some managers and dotted lines lead to no file."""
    count = draw(st.integers(1, 12))
    order = draw(st.permutations(range(count)))
    manager, dotted = [""] * count, [""] * count
    strangers = st.sampled_from(["x", "y"])
    for k in range(count):
        choices = [st.just(""), strangers] + ([st.sampled_from([f"p{order[m]}" for m in range(k)])] * 3 if k else [])
        manager[order[k]] = draw(st.one_of(choices))
        others = [f"p{m}" for m in range(count) if m != order[k]] + ["x"]
        dotted[order[k]] = ";".join(draw(st.lists(st.sampled_from(others), max_size=2)))
    return manager, dotted


def walk(manager, who):
    """Who stands above, nearest first, and whether the line ends in somebody not stated."""
    line = []
    while manager[who].startswith("p"):
        who = int(manager[who][1:])
        line.append(who)
    return line, manager[who] != ""


def steps_until_not_stated(manager, dotted, who):
    line, broken = walk(manager, who)
    found = [len(line) + 1] if broken else []
    for boss in filter(None, dotted[who].split(";")):
        if boss == "x":
            found.append(1)
            continue
        line, broken = walk(manager, int(boss[1:]))
        found += [len(line) + 1] if broken else []
    return min(found, default=NEVER)


@given(organisations(), st.one_of(st.none(), st.integers(0, 4)))
def test_agrees_with_a_walk(organisation, steps):
    manager, dotted = organisation
    lines = build(manager, dotted)
    count = len(manager)
    most = NEVER if steps is None else steps
    above, same, dots = np.zeros((3, count, count), dtype=bool)
    for b in range(count):
        line, _ = walk(manager, b)
        above[line[:most], b] = True
        for boss in (int(d[1:]) for d in dotted[b].split(";") if d.startswith("p")):
            dots[boss, b] = True
            dots[walk(manager, boss)[0][:most], b] = True
        same[:, b] = [manager[a] == manager[b] != "" for a in range(count)]
        assert lines.depth[b] == len(line)
        assert lines.unknown_steps[b] == steps_until_not_stated(manager, dotted, b)
    everybody = np.arange(count)
    a, b = everybody[:, None], everybody[None, :]
    assert (lines.above(a, b, steps) == above).all()
    assert (lines.same_manager(a, b) == same).all()
    assert (lines.is_dotted_above(a, b, steps) == dots).all()
    assert (lines.is_dotted_above(b, a, steps) == dots.T).all()
    pairs = np.nonzero(np.ones((count, count)))
    assert (lines.is_dotted_above(*pairs, steps) == dots[pairs]).all()
    full_a, full_b = np.broadcast_arrays(a, b)
    assert (lines.is_dotted_above(full_a, full_b, steps) == dots).all()
    assert (lines.is_dotted_above(a, 0, steps)[:, 0] == dots[:, 0]).all()
    assert bool(lines.is_dotted_above(0, count - 1, steps)) == dots[0, count - 1]
    heads = [h for h in range(count) if count > 1 and sum(h in walk(manager, b)[0] for b in range(count)) == count - 1]
    assert lines.head == (heads[0] if heads else NOBODY)
    assert lines.unknown == sum(manager[k] in ("x", "y") or "x" in dotted[k].split(";") for k in range(count))


@given(st.lists(st.integers(-1, 9), min_size=10, max_size=10))
def test_refuses_exactly_the_cycles(boss):
    """Any function as managers: refused if and only if somebody comes back to themselves, each cycle once."""
    manager = ["" if m < 0 else f"p{m}" for m in boss]
    cycles = set()
    for start in range(10):
        at_person, steps = boss[start], 1
        while at_person not in (-1, start) and steps <= 10:
            at_person, steps = boss[at_person], steps + 1
        if at_person == start:
            cycle = [start]
            while boss[cycle[-1]] != start:
                cycle.append(boss[cycle[-1]])
            cycles.add(frozenset(cycle))
    if not cycles:
        build(manager)
        return
    with pytest.raises(InputError) as caught:
        build(manager)
    assert len(caught.value.problems) == len(cycles)
    assert {p.code for p in caught.value.problems} == {"RM140"}
    assert {p.place for p in caught.value.problems} == {at(min(cycle), "manager") for cycle in cycles}


def test_a_cycle_is_named_by_rows_never_by_ids():
    with pytest.raises(InputError) as caught:
        ReportingLines.build(column("anna", "ben", "cem", "dee"), column("ben", "cem", "anna", "dee"), place=at)
    assert str(caught.value) == (
        "2 problems:\n"
        "  RM140 people.csv:2:manager: stands above themselves: people.csv:2:manager -> people.csv:3:manager -> "
        "people.csv:4:manager -> people.csv:2:manager (one of them must report to somebody else, or to nobody)\n"
        "  RM140 people.csv:5:manager: is their own manager (one of them must report to somebody else, or to nobody)"
    )


def test_a_long_cycle_is_named_in_part_and_many_cycles_stop_at_100():
    with pytest.raises(InputError, match=r"\(988 more\)") as caught:
        build([f"p{(k + 1) % 1000}" for k in range(1000)])
    assert len(caught.value.problems) == 1
    with pytest.raises(InputError, match="the first 100 problems"):
        build([f"p{k}" for k in range(1000)])


def test_64_levels_are_the_most():
    deepest = [""] + [f"p{k}" for k in range(MOST_LEVELS)]
    lines = build(deepest)
    assert lines.depth[-1] == 64
    assert bool(lines.above(0, 64, 64))
    assert not lines.above(0, 64, 63)
    with pytest.raises(InputError, match=r"^RM140 people.csv:67:manager: stands more than 64 levels below the top"):
        build([*deepest, "p64", "p65", "p66"])


def test_a_dotted_line_to_oneself_is_refused_but_a_ring_of_dotted_lines_is_not():
    with pytest.raises(InputError, match=r"^RM140 people.csv:3:dotted_line: has a dotted line to themselves"):
        build(["", "p0"], ["", "p0;p1"])
    lines = build(["", ""], ["p1", "p0"])
    assert lines.is_dotted_above(np.array([0, 1]), np.array([1, 0])).all()


def test_dotted_lists_ignore_blank_items_and_read_escaped_semicolons():
    ids = column("a;b", "c", "d")
    lines = ReportingLines.build(ids, column("", "", ""), column("", r" a\;b ; ; d;d", " "), place=at)
    assert lines.dotted.tolist() == [0, 2]
    assert lines.dotted_indptr.tolist() == [0, 0, 2, 2]
    assert len(lines.dotted)


def test_without_a_manager_column_no_line_is_stated():
    lines = ReportingLines.build(numbered(3), None, place=at)
    assert lines.manager.tolist() == [NOT_STATED] * 3
    assert lines.unknown_steps.tolist() == [1, 1, 1]
    assert lines.unknown == 0
    assert not lines.same_manager(0, 1)


def test_an_unknown_manager_is_not_stated_yet_tells_who_has_the_same_one():
    lines = build(["x", "x", "y", "p0", "p3", ""])
    assert lines.manager[:3].tolist() == [NOT_STATED] * 3
    assert lines.unknown == 3
    assert lines.unknown_steps.tolist() == [1, 1, 1, 2, 3, NEVER]
    assert lines.same_manager(0, np.arange(6)).tolist() == [True, True, False, False, False, False]


def test_head_needs_everybody_below():
    assert build(["", "p0", "p1"]).head == 0
    assert build(["", "p0", ""]).head == NOBODY
    assert build([""]).head == NOBODY
    assert build([]).head == NOBODY
    assert build(["x", "p0"]).head == 0


def other(row, column):
    return f"leaders.csv:{row + 2}:{column}"


def test_combine_joins_by_id_and_looks_managers_up_everywhere():
    lines, (first, second) = ReportingLines.combine(
        [
            (column("a", "b"), column("c", "z"), None, at),
            (column("c", "b", "d"), column("", "z", "a"), column("", "d", ""), other),
        ]
    )
    assert first.tolist() == [0, 1]
    assert second.tolist() == [2, 1, 3]
    assert lines.manager.tolist() == [2, NOT_STATED, NOBODY, 0]
    assert lines.unknown == 1
    assert bool(lines.above(2, 3))
    assert bool(lines.is_dotted_above(3, 1))


def test_combine_takes_lines_from_whoever_has_the_column():
    lines, _ = ReportingLines.combine(
        [(column("a", "b"), None, None, at), (column("b", "c"), column("c", ""), None, other)]
    )
    assert lines.manager.tolist() == [NOT_STATED, 2, NOBODY]


def test_combine_refuses_two_managers_for_one_person():
    rosters = [
        (column("a", "b", "c"), column("", "a", "a"), column("", "c", ""), at),
        (column("c", "b"), column("", "a"), column("", " c;"), other),
    ]
    with pytest.raises(InputError) as caught:
        ReportingLines.combine(rosters)
    assert [str(p) for p in caught.value.problems] == [
        "RM142 leaders.csv:2:manager: differs from what people.csv:4:manager says of the same person "
        "(give one of the two, or make them equal)"
    ]


def test_a_cycle_across_two_files_names_both():
    with pytest.raises(InputError, match=r"people.csv:2:manager -> leaders.csv:2:manager -> people.csv:2:manager"):
        ReportingLines.combine([(column("a"), column("b"), None, at), (column("b"), column("a"), None, other)])


def test_read_only_and_picklable():
    lines = build(["", "p0"], ["", ""])
    with pytest.raises(ValueError, match="read-only"):
        lines.tin[0] = 3
    again = pickle.loads(pickle.dumps(lines))
    assert again.tout.tolist() == lines.tout.tolist()
    assert len(again) == 2


def test_a_large_organisation_in_linear_time():
    """Wide and deep at once: 200,000 people, lines of 60 steps; would not end if lines were climbed one by one."""
    count = 200_000
    boss = np.maximum(np.arange(count) - count // 60, -1)
    boss[: count // 60] = -1
    lines = ReportingLines.build(numbered(count), column(*("" if b < 0 else f"p{b}" for b in boss)), place=at)
    assert lines.depth.max() == 60
    assert int((lines.tout - lines.tin).max()) == 61
