"""Every pair is looked at once, whatever the tiles and the threads; nothing of the size of all pairs is held."""

from __future__ import annotations

import threading
import tracemalloc
from typing import Any

import numpy as np
import pytest

import revmatch as rm
from company import company
from revmatch.errors import LimitError
from revmatch.graph import tiles
from revmatch.graph.candidates import every_pair
from revmatch.graph.numbering import lot, number
from revmatch.graph.tiles import Looker, Tile, look, looker

RULES = ["DifferentDepartment", "OutsideReportingLine", "GradeGap", "SharedLanguage", "CommonHours(30)", "MinScore(1)"]


def small(n: int = 70, m: int = 50) -> rm.Programme:
    """People with every oddity, some of whom take no part, with bans, refusals and a pin that a rule forbids."""
    given = company(0, n, m)
    for k, cells in enumerate((*given.mentors, *given.mentees)):
        cells["capacity"] = str(k % 7 % 3)
        cells["avoid"] = "" if k % 5 else given.mentees[k % m]["id"] if k < n else given.mentors[k % n]["id"]
    programme = given.programme(["Same(site)"], "2 * SkillGap(direction=both) + Different(department)")
    ids = programme.mentors.ids.tolist(), programme.mentees.ids.tolist()
    return programme.replace(bans=[(ids[0][k % n], ids[1][(3 * k) % m]) for k in range(40)])


def seen(programme: rm.Programme, workers: int = 1) -> list[tuple[Any, ...]]:
    """What was found, in the order in which it was found, by id."""
    numbered = number(programme, 0)
    found = every_pair(numbered, looker(numbered), workers=workers)
    ids = numbered.sides.mentors.ids, numbered.sides.mentees.ids
    return list(zip(ids[0][found.mentor], ids[1][found.mentee], found.score.tolist(), strict=True))


@pytest.mark.parametrize("size", [(1, 1), (3, 7), (512, 2048), (2, 1000), (1000, 2)])
@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0), (1, 1), (13, 29), (513, 2049), (1024, 2048)])
def test_tiles_cover_every_pair_once(
    size: tuple[int, int], shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    if shape[0] * shape[1] > 10**6 and min(size) < 512:
        size = (100, 999)
    monkeypatch.setattr(tiles, "TILE_ROWS", size[0])
    monkeypatch.setattr(tiles, "TILE_COLS", size[1])
    times = np.zeros(shape, dtype=np.int64)
    for tile in tiles.tiles(shape):
        assert 0 < tile.rows.stop - tile.rows.start <= size[0]
        assert 0 < tile.cols.stop - tile.cols.start <= size[1]
        times[tile.rows, tile.cols] += 1
    assert (times == 1).all()


def test_what_is_found_is_what_may_exist_and_its_worth() -> None:
    """Pair by pair, over the parts that a programme is made of."""
    programme = small()
    sides = programme.sides()
    score = programme.policy.score.form(sides)
    struck_out = set(programme.forbidden_pairs())
    (rule,) = programme.policy.rules
    mask = rule.mask(sides)
    expected = set()
    for i, mentor in enumerate(programme.mentors.ids.tolist()):
        for j, mentee in enumerate(programme.mentees.ids.tolist()):
            worth = score.pairs(np.array([i]), np.array([j]))
            fits = programme.mentors.capacity[i] and programme.mentees.capacity[j]
            if fits and (mentor, mentee) not in struck_out and mask(np.array([i]), np.array([j]), worth)[0]:
                expected.add((mentor, mentee, int(worth[0])))
    found = seen(programme)
    assert len(found) == len(set(found)) > 100
    assert set(found) == expected


def test_found_in_the_order_of_numbers() -> None:
    numbered = number(small(), 7)
    found = every_pair(numbered, looker(numbered))
    keys = found.mentor * numbered.sides.shape[1] + found.mentee
    assert (np.diff(keys) > 0).all()
    assert len(found) == len(keys)


@pytest.fixture(scope="module")
def as_it_is() -> tuple[rm.Programme, list[tuple[Any, ...]], str]:
    """A programme, what is found in it and its plan, with tiles of the usual size."""
    programme = small()
    return programme, seen(programme), rm.match(programme).to_json()


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("size", [(1, 3), (16, 11), (64, 7), (70, 50)])
def test_neither_tiles_nor_threads_change_what_is_found(
    size: tuple[int, int], workers: int, as_it_is: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    programme, expected, plan = as_it_is
    monkeypatch.setattr(tiles, "TILE_ROWS", size[0])
    monkeypatch.setattr(tiles, "TILE_COLS", size[1])
    assert seen(programme, workers) == expected
    assert rm.match(programme, workers=workers).to_json() == plan


def test_every_rule_over_tiles_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    programme = company(1, 90, 60).programme(RULES, "SkillGap(per=need) + RareSkill + Choice")
    expected = seen(programme)
    assert expected
    monkeypatch.setattr(tiles, "TILE_ROWS", 17)
    monkeypatch.setattr(tiles, "TILE_COLS", 13)
    assert seen(programme, 2) == expected


def test_tables_are_struck_out_in_every_tile(monkeypatch: pytest.MonkeyPatch) -> None:
    from scipy.sparse import random_array

    table = random_array((40, 30), density=0.3, rng=np.random.default_rng(0))
    monkeypatch.setattr(tiles, "TILE_ROWS", 7)
    monkeypatch.setattr(tiles, "TILE_COLS", 4)
    programme = rm.Programme.from_scores(table)
    entries = table.tocoo()
    assert {found[:2] for found in seen(programme, 2)} == {
        (str(i), str(j)) for i, j in zip(entries.row.tolist(), entries.col.tolist(), strict=True)
    }


def test_nobody_meets_themselves() -> None:
    people = [{"id": f"p{k}"} for k in range(9)]
    found = seen(rm.Programme(people, people[3:], dual_role=True))
    assert len(found) == 9 * 6 - 6
    assert not any(mentor == mentee for mentor, mentee, _ in found)


def test_a_pin_that_a_rule_forbids_is_a_candidate_in_its_place() -> None:
    programme = rm.Programme(
        [{"id": f"a{k}", "site": "AB"[k % 2]} for k in range(6)],
        [{"id": f"z{k}", "site": "AB"[k % 2], "capacity": 2} for k in range(4)],
        rm.Policy(["Same(site)"], "3 * Same(site)"),
        pins=[{"mentor": "a0", "mentee": "z1", "despite": "Same", "reason": "agreed"}, ("a2", "z0")],
    )
    found = seen(programme)
    assert len(found) == 12 + 1
    assert ("a0", "z1", 0) in found
    assert ("a2", "z0", 3) in found
    numbered = number(programme, 0)
    kept = every_pair(numbered, looker(numbered))
    assert (np.diff(kept.mentor * 4 + kept.mentee) > 0).all()


def test_pins_that_may_exist_anyway_change_nothing() -> None:
    programme = rm.Programme.from_scores([[1, 2], [3, 4]])
    assert seen(programme.replace(pins=[("0", "1"), ("1", "0")])) == seen(programme)


# --- limits -----------------------------------------------------------------------------------------------------------


def test_more_pairs_than_fit_are_refused_and_looking_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "MOST_BYTES", 1000 * tiles.BYTES_A_PAIR + 2100 * tiles.BYTES_A_PERSON)
    monkeypatch.setattr(tiles, "TILE_ROWS", 1)
    looked: list[Tile] = []
    lock, before = threading.Lock(), Looker.listed

    def listed(self: Looker, tile: Tile) -> Any:
        with lock:
            looked.append(tile)
        return before(self, tile)

    monkeypatch.setattr(Looker, "listed", listed)
    programme = rm.Programme.from_scores(np.zeros((2000, 100), dtype=int))
    numbered = number(programme, 0)
    with pytest.raises(LimitError) as caught:
        every_pair(numbered, looker(numbered), workers=2)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("RM190", "programme")
    assert " pairs of 2,100 people would need about " in problem.expected
    assert " MB" in problem.expected
    assert problem.hint
    assert len(looked) < 1000, "the rest was looked at all the same"
    assert len(rm.match(rm.Programme.from_scores(np.zeros((10, 100), dtype=int))).pairs) == 10


def test_no_thread_is_left_behind() -> None:
    before = threading.active_count()
    rm.match(small(), workers=4)
    assert threading.active_count() == before


def test_no_array_of_all_pairs_is_ever_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """4,000 x 4,000 of whom few may meet: not even one byte a pair is held at the peak."""
    monkeypatch.setattr(tiles, "TILE_ROWS", 64)
    monkeypatch.setattr(tiles, "TILE_COLS", 512)
    n = 4_000
    columns = {"team": [f"t{k % 1000}" for k in range(n)], "offers": [f"skill {k % 97}:{k % 5 + 1}" for k in range(n)]}
    columns |= {"wants": [f"skill {k % 89}:{k % 4 + 2}; other {k % 31}" for k in range(n)]}
    sides = [rm.People.from_columns({"id": [f"{side}{k}" for k in range(n)], **columns}) for side in "ab"]
    policy = rm.Policy(["Same(team)"], "SkillGap + Different(offers)")
    numbered = number(rm.Programme(*sides, policy), 0)
    at = looker(numbered)
    tracemalloc.start()
    try:
        found = look(at, workers=1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found[0]) == n * 4
    assert peak < n * n // 2


# --- the lot ----------------------------------------------------------------------------------------------------------


def test_the_lot_is_that_of_its_definition() -> None:
    from hashlib import blake2b

    ids = np.array(["Zoë", "a", "B", "0", "👩‍👧", "a "], dtype=object)
    for seed in (0, 1, -5, 10**30):
        drawn = lot(ids, seed, "mentor").tolist()
        hashes = [blake2b(name.encode(), key=str(seed).encode(), person=b"mentor").digest() for name in ids]
        assert drawn == sorted(range(6), key=hashes.__getitem__)
        assert lot(ids[::-1], seed, "mentor").tolist() == [5 - k for k in drawn]
    assert lot(ids, 0, "mentor").tolist() != lot(ids, 1, "mentor").tolist()
    assert lot(np.zeros(0, dtype=object), 0, "mentor").tolist() == []


def test_the_lot_treats_everybody_alike() -> None:
    """Whoever stands first in the file, or in the alphabet, is as likely to be drawn first as anybody."""
    ids = np.array([f"E{k:05}" for k in range(10)], dtype=object)
    firsts = np.bincount([lot(ids, seed, "mentee")[0] for seed in range(2_000)], minlength=10)
    assert firsts.min() > 150
    assert firsts.max() < 250
