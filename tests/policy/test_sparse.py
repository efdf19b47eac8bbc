"""Thin rows: every way of multiplying them is held against the written-out matrices."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from revmatch.policy import planes, sparse
from revmatch.policy.forms import Product, Triples
from revmatch.policy.planes import count_bits, in_planes
from revmatch.policy.sparse import SparseRows, expand, filled, found, numbered, ones, products, running

Matrix = np.ndarray[Any, Any]
#: What entries may be: ones, small numbers, multiples of a number of the row's own, either sign, large ones.
VALUES = (
    st.sampled_from([0, 0, 1]),
    st.integers(0, 5),
    st.integers(-3, 3),
    st.sampled_from([0, 142, 284, -142]),
    st.integers(-(2**20), 2**20),
)


def sparse_rows(matrix: Matrix) -> SparseRows:
    row, column = np.nonzero(matrix)
    return SparseRows(
        running(np.bincount(row, minlength=len(matrix))), column, matrix[row, column].astype(np.int64), matrix.shape[1]
    )


@st.composite
def matrices(draw: st.DrawFn) -> tuple[Matrix, Matrix]:
    width = draw(st.sampled_from([0, 1, 3, 64, 65, 130]))
    made = []
    for _ in range(2):
        people = draw(st.integers(0, 5))
        elements = draw(st.sampled_from(VALUES))
        matrix = draw(arrays(np.int64, (people, width), elements=elements, fill=st.just(0)))
        if draw(st.booleans()):  # a factor of each row's own
            matrix = matrix * draw(arrays(np.int64, (people, 1), elements=st.integers(1, 999)))
        made.append(matrix)
    return made[0], made[1]


def every_pair(n: int, m: int) -> tuple[Matrix, Matrix]:
    i, j = np.indices((n, m)).reshape(2, -1)
    order = np.random.default_rng(n * 31 + m).permutation(len(i))
    return i[order], j[order]


@given(matrices(), st.booleans())
def test_products_are_those_of_the_written_out_matrices(both: tuple[Matrix, Matrix], small_blocks: bool) -> None:
    a, b = both
    i, j = every_pair(len(a), len(b))
    expected = (a @ b.T)[i, j]
    thin = sparse_rows(a), sparse_rows(b)
    with pytest.MonkeyPatch.context() as patch:
        if small_blocks:
            patch.setattr(sparse, "BLOCK", 3)
            patch.setattr(planes, "BLOCK", 2)
        assert np.array_equal(products(*thin, i, j), expected)
        patch.setattr(planes, "MOST_WORDS", 10**9)
        made = in_planes(*thin)
        assert made is not None
        assert np.array_equal(made.pairs(i, j), expected)
        product = Product(*thin)
        for part in np.array_split(np.arange(len(i)), 4):  # asked for a few at first
            assert np.array_equal(product.pairs(i[part], j[part]), expected[part])
        assert np.array_equal(product.tile(slice(0, len(a)), slice(0, len(b))), a @ b.T)
        assert product.ceiling == (np.abs(a) * np.abs(b).max(axis=0, initial=0)).sum(axis=1).max(initial=0)
        again = pickle.loads(pickle.dumps(product))
        assert np.array_equal(again.pairs(i, j), expected)


def test_factors_and_columns_of_ones_keep_the_planes_few() -> None:
    """Levels one way, and the other way round beside them: no row has a common factor, each half of it has."""
    draw = np.random.default_rng(0)
    levels, worth = draw.integers(0, 2, (50, 70)), draw.integers(0, 2, (40, 70)) * draw.integers(1, 999, (40, 1))
    back = draw.integers(0, 2, (50, 30)) * draw.integers(1, 999, (50, 1)), draw.integers(0, 2, (40, 30))
    one_way = in_planes(sparse_rows(levels), sparse_rows(worth))
    assert one_way is not None
    assert [[len(side.planes) for side in part] for part in one_way.parts] == [[1, 1]]
    a, b = np.hstack([levels, back[0]]), np.hstack([worth, back[1]])
    both = in_planes(sparse_rows(a), sparse_rows(b))
    assert both is not None
    assert [[len(side.planes) for side in part] for part in both.parts] == [[1, 1], [1, 1]]
    i, j = every_pair(50, 40)
    assert np.array_equal(both.pairs(i, j), (a @ b.T)[i, j])


def test_what_takes_too_many_bits_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(1)
    a, b = draw.integers(-(2**30), 2**30, (30, 9)), draw.integers(-(2**20), 2**20, (20, 9))
    i, j = every_pair(30, 20)
    assert in_planes(sparse_rows(a), sparse_rows(b)) is None
    assert np.array_equal(Product(sparse_rows(a), sparse_rows(b)).pairs(i, j), (a @ b.T)[i, j])
    thin = sparse_rows(draw.integers(0, 2, (30, 9)))
    assert in_planes(thin, thin) is not None
    monkeypatch.setattr(planes, "MOST_BYTES", 8 * 60 - 1)
    assert in_planes(thin, thin) is None


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_bits_are_counted_by_any_numpy(numbers: list[int]) -> None:
    words = np.array(numbers, dtype=np.uint64)
    expected = [number.bit_count() for number in numbers]
    assert count_bits(words).tolist() == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(np, "bitwise_count", raising=False)
        assert count_bits(words).tolist() == expected


@given(st.lists(st.lists(st.integers(-9, 9), unique=True, max_size=12), max_size=9), st.data())
def test_bisection_inside_a_part_of_its_own(parts: list[list[int]], data: st.DataObject) -> None:
    column = np.array([value for part in parts for value in sorted(part)], dtype=np.int64)
    begin = running(np.array([len(part) for part in parts], dtype=np.int64))
    asked = data.draw(st.lists(st.tuples(st.integers(0, len(parts) - 1), st.integers(-10, 10)))) if parts else []
    which = np.array([k for k, _ in asked], dtype=np.int64)
    wanted = np.array([value for _, value in asked], dtype=np.int64)
    at, there = found(column, begin[which], begin[which + 1], wanted)
    assert there.tolist() == [value in parts[k] for k, value in asked]
    assert (column[at[there]] == wanted[there]).all()
    assert (begin[which][there] <= at[there]).all()
    assert (at[there] < begin[which + 1][there]).all()


@given(arrays(np.int64, st.tuples(st.integers(0, 6), st.integers(0, 9)), elements=st.integers(-2, 2)))
def test_listed_pairs_are_found_whether_few_or_many_are_asked_for(matrix: Matrix) -> None:
    mentors, mentees = np.nonzero(matrix)
    form = Triples(mentors, mentees, matrix[mentors, mentees], matrix.shape, only=True)
    i, j = every_pair(*matrix.shape)
    for size in (0, 1, len(i)):
        assert np.array_equal(form.pairs(i[:size], j[:size]), matrix[i[:size], j[:size]])
        assert np.array_equal(form.exist(i[:size], j[:size]), matrix[i[:size], j[:size]] != 0)


@given(arrays(np.int64, st.tuples(st.integers(0, 5), st.integers(0, 9)), elements=st.integers(-1, 2)), st.data())
def test_some_columns_alone(matrix: Matrix, data: st.DataObject) -> None:
    chosen = data.draw(arrays(np.bool_, matrix.shape[1]))
    some = sparse_rows(matrix).renumbered(numbered(chosen))
    assert np.array_equal(some.dense(slice(None)), matrix[:, chosen])
    assert np.array_equal(sparse_rows(matrix).used(), (matrix != 0).any(axis=0))
    full = np.arange(len(matrix) + 1) * matrix.shape[1]
    column = np.tile(np.arange(matrix.shape[1]), len(matrix))
    again = filled(full, column, matrix.ravel(), matrix.shape[1])
    assert (again.value != 0).all()
    assert np.array_equal(again.dense(slice(None)), matrix)


def test_small_helpers() -> None:
    assert ones(3).tolist() == [1, 1, 1]
    assert ones(10**12).strides == (0,)
    assert expand(np.zeros(0, np.int64), np.zeros(0, np.int64)).dtype == np.int64
    assert expand(np.array([3, 9, 1]), np.array([2, 0, 3], dtype=np.int8)).tolist() == [3, 4, 1, 2, 3]
