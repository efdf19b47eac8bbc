"""Arithmetic on bit planes is arithmetic: sums, comparisons and choices against plain numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from revmatch.graph import words

PEOPLE = 130  # two words and a bit


def plain(planes: Any) -> Any:
    """Bits of planes, one a person."""
    return np.unpackbits(planes.view(np.uint8), axis=-1, bitorder="little")[..., :PEOPLE].astype(np.int64)


def numbers(digits: list[Any]) -> Any:
    return sum(plain(digit) << d for d, digit in enumerate(digits))


@st.composite
def weighings(draw: st.DrawFn) -> Any:
    """Planes, and rows that weigh some of them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    count, rows = draw(st.integers(1, 9)), draw(st.integers(1, 5))
    planes = rng.integers(0, 2**64, (count + 1, 3), dtype=np.uint64) & rng.integers(0, 2**64, (count + 1, 3), np.uint64)
    planes[count] = 0
    each = rng.integers(0, 12, rows)
    begin = np.concatenate([[0], np.cumsum(each)])
    total = int(begin[-1])
    most = draw(st.sampled_from([1, 2, 5, 60]))
    return planes, begin, rng.integers(0, count, total), rng.integers(1, most + 1, total), rng.random(total) < 0.3


@given(weighings())
def test_sums_of_weighted_planes(given_planes: Any) -> None:
    planes, begin, bit, weight, flip = given_planes
    digits = words.added(planes, begin, bit, weight, flip)
    for row in range(len(begin) - 1):
        own = slice(begin[row], begin[row + 1])
        counts = np.where(flip[own, None], 1 - plain(planes[bit[own]]), plain(planes[bit[own]]))
        expected = (weight[own, None] * counts).sum(axis=0)
        assert (sum(((plain(d)[row] << k) for k, d in enumerate(digits)), np.zeros(PEOPLE, int)) == expected).all()


@given(weighings(), st.integers(-3, 300))
def test_comparisons(given_planes: Any, low: int) -> None:
    digits = words.added(*given_planes)
    if digits:
        lows = low + np.arange(len(digits[0])) % 3 - 1
        assert (plain(words.above(digits, lows)) == (numbers(digits) > lows[:, None])).all()


@given(weighings(), st.integers(1, 200), st.integers(0, 9))
def test_the_best_are_chosen_and_equals_from_a_place_of_ones_own(given_planes: Any, most: int, spin: int) -> None:
    digits = words.added(*given_planes)
    if not digits:
        return
    rows = len(digits[0])
    mask = np.random.default_rng(most).integers(0, 2**64, digits[0].shape, dtype=np.uint64)
    mask[:, -1] &= np.uint64(3)
    chosen, cut = words.best(mask, digits, most, np.full(rows, spin))
    found = plain(chosen)
    able, values = plain(mask), numbers(digits)
    for row in range(rows):
        wanted = min(most, int(able[row].sum()))
        got = int(found[row].sum())
        assert (found[row] <= able[row]).all()
        assert wanted <= got < wanted + 64
        assert (values[row][(able[row] == 1) & (found[row] == 0)] <= cut[row]).all()
        if got:
            worst = values[row][found[row] == 1].min()
            assert (found[row][(able[row] == 1) & (values[row] > worst)] == 1).all()


def test_equals_are_not_the_same_for_everybody() -> None:
    mask = np.full((4, 8), words.ALL)
    digits = [np.zeros_like(mask)]
    found, _ = words.best(mask, digits, 64, np.arange(4))
    assert [np.flatnonzero(row).tolist() for row in found] == [[0], [1], [2], [3]]


@given(st.integers(0, 2**32))
def test_places_and_totals(seed: int) -> None:
    mask = np.random.default_rng(seed).integers(0, 2**64, (4, 3), dtype=np.uint64)
    row, place = words.places(mask)
    bits = np.unpackbits(mask.view(np.uint8), axis=1, bitorder="little")
    assert np.array_equal(np.stack([row, place]), np.stack(np.nonzero(bits)))
    assert (words.total(mask) == bits.sum(axis=1)).all()


def test_counting_without_the_new_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """NumPy before 2.0 has no `bitwise_count`."""
    mask = np.random.default_rng(1).integers(0, 2**64, (4, 3), dtype=np.uint64)
    expected = words.count(mask)
    monkeypatch.delattr(np, "bitwise_count", raising=False)
    assert (words.count(mask) == expected).all()
