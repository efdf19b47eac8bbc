"""The certificate's sum, on its own: against brute force and against a ten-line checker in plain Python."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest

from revmatch.certify.bound import Patch, Replay, exact_sum
from revmatch.certify.degrees import Degrees
from revmatch.certify.listed import Listed
from revmatch.certify.prices import Prices
from revmatch.certify.records import Direction, Record
from revmatch.certify.witness_goals import Aim
from tiny_checker import ceilings


@pytest.mark.parametrize("step", [-3, 0, 1, 4])
@pytest.mark.parametrize("price", [-5, -4, -1, 0, 1, 3])
def test_best_numbers_of_partners(step: int, price: int) -> None:
    for least, most in itertools.combinations_with_replacement(range(5), 2):
        room = set(range(least, most + 1))
        degrees = Degrees.between(np.array([least]), np.array([most]))
        for _ in range(3):  # the face of a face
            best, degrees = degrees.best(step, np.array([price]))
            worth = {d: step * (d >= 1) + price * d for d in room}
            room = {d for d, w in worth.items() if w == max(worth.values())}
            assert int(best[0]) == max(worth.values())
            assert members(degrees) == room
            assert not degrees.empty.any()
            step, price = step - 1, price + 1


def members(degrees: Degrees) -> set[int]:
    zero = {0} if degrees.zero[0] else set()
    return zero | set(range(int(degrees.low[0]), int(degrees.high[0]) + 1))


def test_nobody_can_have_fewer_than_the_most_and_more_than_the_least() -> None:
    assert Degrees.between(np.array([2, 0]), np.array([1, 0])).empty.tolist() == [True, False]


@pytest.mark.parametrize("seed", range(5))
def test_sums_are_exact_however_large(seed: int) -> None:
    values = np.random.default_rng(seed).integers(-(2**61), 2**61, size=1000)
    assert exact_sum(values) == sum(values.tolist())
    assert exact_sum(np.full(8, 2**61)) == 2**64
    assert exact_sum(np.full(8, -(2**61))) == -(2**64)
    assert exact_sum(np.zeros(0, dtype=np.int64)) == 0


AIMS = {
    "score": (lambda score: score, ()),
    "one": (lambda score: 1, ()),
    "nothing": (lambda score: 0, ("mentor", "mentee")),
}


@pytest.mark.parametrize("seed", range(120))
def test_against_the_tiny_checker(seed: int) -> None:
    """Any prices, any values: the same ceilings on the same faces, and tiles or a list make no difference."""
    draw = random.Random(seed)
    n, m, unit = draw.randint(1, 5), draw.randint(1, 4), draw.choice((1, 1, 2, 7))
    worth = np.array([[draw.randint(-3, 5) for _ in range(m)] for _ in range(n)])
    free = np.array([[draw.random() < 0.7 for _ in range(m)] for _ in range(n)])
    fixed = np.array([[draw.random() < 0.1 for _ in range(m)] for _ in range(n)])
    free &= ~fixed
    least = [[draw.randint(0, 1) for _ in range(size)] for size in (n, m)]
    most = [[low + draw.randint(0, 2) for low in side] for side in least]
    kinds = [draw.choice(list(AIMS)) for _ in range(3)]
    prices = [([draw.randint(-2, 3) for _ in range(n)], [draw.randint(-2, 3) for _ in range(m)]) for _ in kinds]
    tiny = tiny_totals(worth, free, fixed, least, most, kinds, prices, unit)
    # each goal is said to have the value at which it closes, so that all faces are walked through
    values: list[int | None] = []
    expected: list[int] = []
    while len(expected) < len(kinds):
        found = list(tiny([*values, None]))
        expected.append(found[len(expected)])
        values.append(expected[-1])
        if len(list(tiny([*values, None]))) == len(expected):
            break  # it only equals the floor
    records = [
        Record("", aim(kind), np.array(a), np.array(b), unit, (), (), expected[k] if k < len(expected) else 0)
        for k, (kind, (a, b)) in enumerate(zip(kinds, prices, strict=True))
    ][: len(expected)]
    some = those_that_count(worth, free, fixed)(Prices(records, (n, m)))
    for patches in (row_by_row(worth, free, fixed), one_list(worth, free, fixed), some):
        sums = replay(records, values, least, most, patches, (n, m)).sums()
        assert [one.bound for one in sums] == expected
        wrong_guess = [Record("", r.aim, r.mentor_prices, r.mentee_prices, unit, (), (), 99) for r in records]
        again = replay(wrong_guess, values, least, most, patches, (n, m)).sums()
        assert [(one.total, one.closed) for one in again] == [(one.total, one.closed) for one in sums]


def aim(kind: str) -> Aim:
    return Aim(kind, frozenset(AIMS[kind][1]))  # type: ignore[arg-type]


def tiny_totals(worth: Any, free: Any, fixed: Any, least: Any, most: Any, kinds: Any, prices: Any, unit: int) -> Any:
    n, m = worth.shape
    pairs = {(str(i), str(j)): int(worth[i, j]) for i in range(n) for j in range(m) if free[i, j] or fixed[i, j]}
    into = {(i, j) for i, j in pairs if fixed[int(i), int(j)]}
    degrees = {
        (side, str(k)): set(range(least[s][k], most[s][k] + 1))
        for s, side in enumerate(("mentor", "mentee"))
        for k in range((n, m)[s])
    }
    records = [
        ({("mentor", str(k)): p for k, p in enumerate(a)} | {("mentee", str(k)): p for k, p in enumerate(b)}, unit)
        for a, b in prices
    ]

    def bounds(values: list[int | None]) -> Any:
        goals = [(*AIMS[kind], value) for kind, value in zip(kinds, values, strict=False)]
        return ceilings(pairs, into, degrees, goals, records)

    return bounds


def replay(records: Any, values: Any, least: Any, most: Any, patches: Any, shape: tuple[int, int]) -> Replay:
    return Replay(
        prices=Prices(records, shape),
        values=[set() if value is None else {value} for value in values],
        kept=list(values),
        mentors=Degrees.between(np.array(least[0]), np.array(most[0])),
        mentees=Degrees.between(np.array(least[1]), np.array(most[1])),
        patches=patches,
        partial=False,
    )


def row_by_row(worth: Any, free: Any, fixed: Any) -> Any:
    n, m = worth.shape
    j = np.arange(m)
    return lambda assumed: [
        Patch(np.full(m, i), j, free[i], fixed[i], fixed[i], worth[i]) for i in range(n)
    ]  # fmt: skip


def one_list(worth: Any, free: Any, fixed: Any) -> Any:
    i, j = (part.ravel() for part in np.indices(worth.shape))
    return lambda assumed: [Patch(i, j, free.ravel(), fixed.ravel(), fixed.ravel(), worth.ravel())]


def those_that_count(worth: Any, free: Any, fixed: Any) -> Any:
    """Only the pairs that `Prices.counting` names, and the fixed ones."""
    i, j = (part.ravel() for part in np.indices(worth.shape))

    def patches(prices: Prices) -> Any:
        def some(assumed: list[bool]) -> Any:
            keep = prices.counting(i, j, worth.ravel(), assumed) | fixed.ravel()
            parts = (i, j, free.ravel(), fixed.ravel(), fixed.ravel(), worth.ravel())
            return [Patch(*(part[keep] for part in parts))]

        return some

    return patches


def test_rows_take_part_in_the_sum() -> None:
    """Two directions of one pair, worth 3 and 4: only one can be held, and a price of 3 on their row says so."""
    worth = np.array([[0, 3], [4, 0]])
    free = np.array([[False, True], [True, False]])
    none = np.zeros_like(free)
    row = Direction("one_direction:a|b", ((0, 1), (1, 0)), 3)
    record = Record("", aim("score"), np.zeros(2, np.int64), np.zeros(2, np.int64), 1, (), (row,), 4)
    for patches in (row_by_row(worth, free, none), one_list(worth, free, none)):
        work = replay([record], [4], [[0, 0], [0, 0]], [[1, 1], [1, 1]], patches, (2, 2))
        sums = work.sums()
        assert sums[0].total == 4
        assert sums[0].closed
        assert work.tight(sums, 1) == {"one_direction:a|b"}


def test_a_goal_that_does_not_close_is_kept_as_a_row() -> None:
    """One mentor, two mentees worth 5 and -1: with at least two pairs asked for, no plan is worth more than 4."""
    worth, free = np.array([[5, -1]]), np.array([[True, True]])
    none = np.zeros_like(free)
    zero = (np.zeros(1, np.int64), np.zeros(2, np.int64))
    pairs = Record("", aim("one"), *zero, 2, (), (), 2)  # its sum is 4: at a value of 1 it does not close
    total = Record("", aim("score"), *zero, 1, ((0, 1),), (), 4)
    for value, bound in ((2, 4), (1, 5)):
        work = replay([pairs, total], [value, 4], [[0], [0, 0]], [[2], [1, 1]], row_by_row(worth, free, none), (1, 2))
        # max(0, 5 + 1) + max(0, -1 + 1) - value, or on the face of both pairs 5 - 1
        assert [one.bound for one in work.sums()] == [2, bound if value == 1 else 4]


def test_listed_pairs() -> None:
    random_ = np.random.default_rng(1)
    n, m = 9, 7
    i, j = random_.integers(0, n, 30), random_.integers(0, m, 30)
    values = random_.integers(1, 9, 30)
    listed = Listed(i, j, (n, m), values)
    whole = np.zeros((n, m), dtype=np.int64)
    for a, b, value in zip(i, j, values, strict=True):
        whole[a, b] = whole[a, b] or value  # the first of equal pairs counts
    assert len(listed) == (whole > 0).sum()
    assert [part.tolist() for part in listed.positions()] == [part.tolist() for part in np.nonzero(whole)]
    rows, cols = np.arange(n), np.arange(m)
    assert np.array_equal(listed.numbers(rows[:, None], cols[None, :]), whole)
    assert np.array_equal(listed.holds(rows[:, None], cols[None, :]), whole > 0)
    assert np.array_equal(Listed(i, j, (n, m)).numbers(rows[:, None], cols[None, :]), whole > 0)
    empty = Listed.of([], (n, m))
    assert not empty.holds(rows[:, None], cols[None, :]).any()
    assert not empty.numbers(rows[:, None], cols[None, :]).any()
