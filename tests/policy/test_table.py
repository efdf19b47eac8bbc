"""A caller's own table: what is read, what is refused, and how other numbers become whole, exactly once."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

import revmatch as rm
from revmatch.errors import InputError, PolicyError, ScaleError

Table = rm.score.Table
PLAIN_FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def rounded(value: Any, scale: Fraction) -> int:
    """Half to even, by Python's own rounding of exact fractions."""
    return round(Fraction(value) * scale)


# --- what is read -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scores",
    [
        [[1, 2, 3], [4, 5, 6]],
        ((1, 2, 3), (4, 5, 6)),
        np.array([[1, 2, 3], [4, 5, 6]], dtype=np.int8),
        np.array([[1, 2, 3], [4, 5, 6]], dtype=np.uint64),
        np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32),
        np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], order="F"),
        np.arange(1, 7, dtype=">i4").reshape(2, 3),
        np.array([[1, 2, 3], [4, 5, 6]], dtype=object),
        sparse.csr_array([[1, 2, 3], [4, 5, 6]]),
        sparse.csc_matrix([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
    ],
)
def test_whole_numbers_are_used_as_they_are(scores: Any) -> None:
    table = Table(scores)
    assert table.shape == (2, 3)
    assert table.scale == 1
    assert table.whole.dtype == np.int64
    assert table.whole.ravel().tolist() == [1, 2, 3, 4, 5, 6]
    assert table.largest_error == 0.0


def test_whole_numbers_stay_whole_whatever_scale_is_asked_for() -> None:
    assert Table([[1.0, -7.0]], scale=1000).scale == 1


def test_the_callers_array_is_neither_kept_nor_frozen() -> None:
    scores = np.array([[1.5, 2.5]])
    forbidden = np.array([[True, False]])
    table = Table(scores, forbidden=forbidden)
    scores[0, 0], forbidden[0, 0] = 9, False
    assert table.values.tolist() == [[1.5, 2.5]]
    assert table.forbidden.tolist() == [[True, False]]
    for array in (table.values, table.whole, table.forbidden):
        assert not array.flags.writeable


@pytest.mark.parametrize(
    ("scores", "shape"),
    [([], (0, 0)), ([[]], (1, 0)), ([[], []], (2, 0)), (np.zeros((0, 3)), (0, 3)), (sparse.csr_array((4, 2)), (4, 2))],
)
def test_empty_tables(scores: Any, shape: tuple[int, int]) -> None:
    assert Table(scores).shape == shape


def test_explicit_zeros_are_pairs_and_absent_entries_are_none() -> None:
    scores = sparse.coo_array(([0, 5, 2, 3], ([0, 1, 1, 1], [1, 0, 2, 2])), shape=(2, 3))  # (1, 2) is there twice
    programme = rm.Programme.from_scores(scores)
    form = programme.policy.score.form(programme.sides()).partial[0]
    assert form.exists(slice(0, 2), slice(0, 3)).tolist() == [[False, True, False], [True, False, True]]
    assert form.tile(slice(0, 2), slice(0, 3)).tolist() == [[0, 0, 0], [5, 0, 5]]
    plan = rm.match(programme)
    assert [(pair.mentor, pair.mentee, pair.score) for pair in plan.pairs] == [("0", "1", 0), ("1", "0", 5)]
    assert len(scores.data) == 4, "the caller's matrix is left alone"


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "lil", "dok", "bsr", "dia"])
def test_any_sparse_matrix_is_the_same_table(kind: str) -> None:
    dense = np.array([[0, 1.5, 0], [2.25, 0, -3]])
    table = Table(sparse.coo_array(dense).asformat(kind))
    entries = dict(
        zip(zip(*(part.tolist() for part in table.entries), strict=True), table.values.tolist(), strict=True)
    )
    assert {at: v for at, v in entries.items() if v} == {(0, 1): 1.5, (1, 0): 2.25, (1, 2): -3.0}
    assert table.shape == (2, 3)


# --- numbers that are not whole ---------------------------------------------------------------------------------------


@given(st.lists(PLAIN_FLOATS, min_size=1, max_size=6))
def test_the_scale_is_the_largest_power_of_two_that_fits(row: list[float]) -> None:
    if all(value == int(value) for value in row):
        return
    table, most = Table([row]), max(abs(Fraction(value)) for value in row)
    assert math.log2(table.scale.numerator) % 1 == math.log2(table.scale.denominator) % 1 == 0
    assert 1 in (table.scale.numerator, table.scale.denominator)
    assert most * table.scale <= 2**30 < most * table.scale * 2
    assert table.whole[0].tolist() == [rounded(value, table.scale) for value in row]


@pytest.mark.parametrize(
    ("row", "scale"),
    [
        ([0.5], 2**31),
        ([0.1, -0.75], 2**30),
        ([1.5], 2**29),
        ([2.0**30 + 0.5], Fraction(1, 2)),
        ([5e-324], 2**1104),
        ([2.0**51 + 0.5], Fraction(1, 2**22)),
    ],
)
def test_scales_of_old(row: list[float], scale: Any) -> None:
    assert Table([row]).scale == scale


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6),
    st.one_of(
        st.integers(1, 10**6),
        st.fractions(Fraction(1, 1000), 1000),
        st.floats(1e-6, 1e6),
        st.sampled_from([0.1, 1 / 3, Fraction(1, 3), Fraction(2, 3), 3, 10, 100]),
    ),
)
def test_a_given_scale_rounds_half_to_even_exactly(row: list[float], scale: Any) -> None:
    table = Table([row], scale=scale)
    if all(value == int(value) for value in row):
        assert table.scale == 1
    else:
        assert table.scale == Fraction(scale)
        assert table.whole[0].tolist() == [rounded(value, Fraction(scale)) for value in row]


@given(st.integers(1, 2**52), st.sampled_from([3, 7, 10, 1000, Fraction(1, 3), Fraction(10, 7), 0.1]))
def test_large_numbers_round_exactly_too(half: int, scale: Any) -> None:
    """Next to a half, where a product in float64 would already be rounded itself."""
    row = [float(Fraction(2 * half + 1, 2) / Fraction(scale)), 0.5]
    if Fraction(max(row)) * Fraction(scale) < 2**53:
        assert Table([row], scale=scale).whole[0].tolist() == [rounded(value, Fraction(scale)) for value in row]


@pytest.mark.parametrize("scale", [np.int64(1000), np.float64(1000), Fraction(1000), 1000.0])
def test_a_scale_may_be_any_number(scale: Any) -> None:
    table = Table([[0.125, 2]], scale=scale)
    assert (table.scale, table.whole.tolist()) == (1000, [[125, 2000]])


def test_scales_beyond_floats_are_exact_too() -> None:
    row, scale = [3e-320, 1e-321, 5e-324], 10**323
    table = Table([row], scale=scale)
    assert table.whole[0].tolist() == [rounded(value, Fraction(scale)) for value in row]
    assert 0 < table.largest_error < 1e-322


def test_halves_go_to_the_even_number() -> None:
    assert Table([[0.5, 1.5, 2.5, -0.5, -1.5]], scale=1).whole.tolist() == [[0, 2, 2, 0, -2]]


@given(st.lists(PLAIN_FLOATS, min_size=1, max_size=5), st.sampled_from([None, 1, 3, 1000, 0.1]))
def test_the_largest_error_is_no_less_than_any_error(row: list[float], scale: Any) -> None:
    try:
        table = Table([row], scale=scale)
    except ScaleError:
        return
    errors = [abs(Fraction(int(w)) / table.scale - Fraction(v)) for w, v in zip(table.whole[0], row, strict=True)]
    assert Fraction(table.largest_error) >= max(errors)
    assert (
        table.largest_error == 0 or table.largest_error <= float(max(errors)) * 1.01 + math.ulp(max(map(abs, row))) * 4
    )


@given(
    st.lists(st.lists(st.floats(-100, 100), min_size=3, max_size=3), min_size=3, max_size=3),
    st.sampled_from([1, 3, 10, 1000, None]),
)
def test_the_rounding_error_bounds_what_was_lost(scores: list[list[float]], scale: Any) -> None:
    """Against the exact optimum, by trying every pairing in fractions."""
    policy = rm.Policy(goals=["Pairs", "TotalScore"])
    plan = rm.match(rm.Programme.from_scores(scores, policy=policy, scale=scale))
    exact = [[Fraction(value) for value in row] for row in scores]
    best = max(sum(exact[i][j] for i, j in enumerate(way)) for way in itertools.permutations(range(3)))
    held = sum(exact[int(pair.mentor)][int(pair.mentee)] for pair in plan.pairs)
    error = Fraction(plan.rounding_error)
    assert 0 <= best - held <= error
    assert abs(Fraction(plan.objective) - held) <= error
    assert best <= Fraction(plan.bound) + error


def test_the_rounding_error_counts_pairs_that_can_be_and_not_places() -> None:
    scores = [[0.1, 0.2], [0.3, 0.4]]
    plan = rm.match(rm.Programme.from_scores(scores, mentor_capacity=10**6, mentee_capacity=10**6))
    assert len(plan.pairs) == 4
    assert 0 < plan.rounding_error <= 2 * 4 * 2.0**-31


def test_plans_speak_in_the_callers_unit() -> None:
    plan = rm.match(rm.Programme.from_scores([[0.25, 1.5], [0.5, 0.125]]))
    assert plan.scale == 2**29
    assert plan.rounding_error == 0.0
    assert (plan.objective, plan.bound, plan.goals[-1].value) == (2.0, 2.0, 2.0)
    assert [pair.score for pair in plan.pairs] == [1.5, 0.5]
    assert plan.certificate.bound == 2 * 2**29


def test_a_scale_below_one_is_told_as_a_float() -> None:
    plan = rm.match(rm.Programme.from_scores([[2.0**40 + 0.5]]))
    assert plan.scale == 2.0**-11
    assert plan.objective == 2.0**40
    assert plan.rounding_error >= 0.5


def test_terms_beside_a_table_are_in_points() -> None:
    mentors, mentees = [{"id": "a", "site": "A"}], [{"id": "z", "site": "A"}]
    score = 2 * Table([[0.5]]) + 3 * rm.score.Same("site") + Table([[7]])
    (pair,) = rm.match(rm.Programme(mentors, mentees, rm.Policy(score=score))).pairs
    assert pair.score == 2 * 0.5 + 3 + 7


def test_two_tables_of_different_scales_are_refused() -> None:
    programme = rm.Programme([{"id": "a"}], [{"id": "z"}], rm.Policy(score=Table([[0.5]]) + Table([[1.5]])))
    with pytest.raises(PolicyError, match="RM110 score: two tables have different scales") as caught:
        rm.match(programme)
    assert "same scale=" in caught.value.problems[0].hint


def test_a_table_of_fractional_scale_beside_points_is_refused() -> None:
    policy = rm.Policy(score=Table([[2.0**40 + 0.5]]) + rm.score.Same("id"))
    with pytest.raises(PolicyError, match="RM110 score: Same cannot be added to a table of scale 1/2048"):
        rm.match(rm.Programme([{"id": "a"}], [{"id": "z"}], policy))


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "error", "code", "place"),
    [
        ([[1, 2], [3, math.nan]], InputError, "RM101", "scores[1, 1]"),
        ([[math.inf]], InputError, "RM101", "scores[0, 0]"),
        ([[0.5, -math.inf]], InputError, "RM101", "scores[0, 1]"),
        (sparse.coo_array(([1.0, math.nan], ([0, 3], [1, 2])), shape=(5, 5)), InputError, "RM101", "scores[3, 2]"),
        ([[True, False]], InputError, "RM102", "scores"),
        ([[True, 2]], InputError, "RM102", "scores"),
        ([[1.5, True]], InputError, "RM102", "scores"),
        ([[np.True_, 2]], InputError, "RM102", "scores"),
        (sparse.coo_array([[True]]), InputError, "RM102", "scores"),
        ([["1"]], InputError, "RM102", "scores"),
        ([[1, "１２"]], InputError, "RM102", "scores"),
        ([["1_000"]], InputError, "RM102", "scores"),
        ([[None]], InputError, "RM102", "scores"),
        ([[1, None]], InputError, "RM102", "scores"),
        ([[{}]], InputError, "RM102", "scores"),
        ([[1j]], InputError, "RM102", "scores"),
        (np.array([["2020-01-01"]], dtype="datetime64[D]"), InputError, "RM102", "scores"),
        (np.array([[Fraction(1, 2)]], dtype=object), InputError, "RM102", "scores"),
        ([[1, 2], [3]], InputError, "RM102", "scores"),
        ([1, 2], InputError, "RM143", "scores"),
        (5, InputError, "RM143", "scores"),
        ("scores", InputError, "RM143", "scores"),
        (np.zeros((1, 2, 3)), InputError, "RM143", "scores"),
        (sparse.coo_array(np.array([1, 2, 3])), InputError, "RM143", "scores"),
        (np.ma.masked_array([[1, 2]], mask=[[True, False]]), InputError, "RM143", "scores"),
        ([[2**63]], ScaleError, "RM110", "scores"),
        ([[2**64]], ScaleError, "RM110", "scores"),
        ([[-(2**70)]], ScaleError, "RM110", "scores"),
        (np.array([[2**63]], dtype=np.uint64), ScaleError, "RM110", "scores"),
        ([[2**53]], ScaleError, "RM110", "scores"),
        ([[-(2**53)]], ScaleError, "RM110", "scores"),
        (np.array([[np.iinfo(np.int64).min]]), ScaleError, "RM110", "scores"),
        ([[1e300]], ScaleError, "RM110", "scores"),
    ],
)
def test_bad_scores(scores: Any, error: type[Exception], code: str, place: str) -> None:
    with pytest.raises(error) as caught:
        Table(scores)
    assert type(caught.value) is error
    assert [(problem.code, problem.place) for problem in caught.value.problems] == [(code, place)]


def test_every_number_that_is_not_finite_is_named_up_to_a_hundred() -> None:
    with pytest.raises(InputError) as caught:
        Table(np.full((20, 20), np.nan))
    assert [problem.place for problem in caught.value.problems] == [
        f"scores[{i}, {j}]" for i in range(5) for j in range(20)
    ]
    assert "forbidden=" in caught.value.problems[0].hint


@pytest.mark.parametrize("scale", [0, -1, 0.0, math.nan, math.inf, -math.inf, "10", True, [1], 1j])
@pytest.mark.parametrize("scores", [[[0.5]], [[1]]])
def test_bad_scales(scores: Any, scale: Any) -> None:
    with pytest.raises(PolicyError, match="RM180 scale: expected a number above 0"):
        Table(scores, scale=scale)


def test_a_scale_that_makes_scores_too_large() -> None:
    with pytest.raises(ScaleError, match="RM110 scores: a score is beyond 2\\*\\*53 after scaling"):
        Table([[0.5]], scale=2**54)


@pytest.mark.parametrize(
    "forbidden",
    [[[1, 0]], [[True]], [True, False], [["x", "y"]], [[0.0, 1.0]], np.zeros((2, 1), dtype=bool), True],
)
def test_bad_forbidden(forbidden: Any) -> None:
    with pytest.raises(InputError, match=r"RM143 forbidden: expected a Boolean array of shape \(1, 2\)"):
        Table([[1, 2]], forbidden=forbidden)


def test_a_sparse_table_takes_no_forbidden() -> None:
    with pytest.raises(InputError, match="RM143 forbidden: a sparse table forbids by leaving entries out"):
        Table(sparse.csr_array([[1, 2]]), forbidden=[[False, False]])


def test_scores_whose_totals_could_not_be_added_exactly_say_by_how_much() -> None:
    programme = rm.Programme.from_scores([[2**52, 1], [1, 2**52]])
    with pytest.raises(ScaleError, match="RM110 score: totals could reach 2\\*\\*53") as caught:
        rm.match(programme)
    assert "by 2" in caught.value.problems[0].hint


def test_places_that_no_pair_can_fill_do_not_count_towards_totals() -> None:
    scores = np.linspace(0.01, 0.99, 100).reshape(10, 10)
    plan = rm.match(rm.Programme.from_scores(scores, mentor_capacity=10**6, mentee_capacity=10**6))
    assert len(plan.pairs) == 100


# --- as a value -------------------------------------------------------------------------------------------------------


def test_equality_hash_digest_and_words() -> None:
    made = [Table([[1, 2]]), Table([[1.0, 2.0]]), Table(np.array([[1, 2]]))]
    assert made[0] == made[1] == made[2]
    assert len({hash(table) for table in made}) == 1
    assert Table([[1, 2]]) != Table([[1, 2]], forbidden=[[True, False]])
    assert Table([[0.5]]) != Table([[0.5]], scale=2)
    assert len({Table([[1, 2]]).digest(), Table([[2, 1]]).digest(), Table([[1], [2]]).digest()}) == 3
    assert str(Table([[1, 2]])) == "Table(1 x 2)"
    assert Table([[1]]).words() == "the given scores"


@pytest.mark.parametrize("scores", [[[0.1, 2.5], [3, 4]], [[1, 2], [3, 4]], sparse.csr_array([[0, 0.3], [2, 0]]), []])
def test_json_round_trip_is_exact(scores: Any) -> None:
    import json

    table = Table(scores)
    back = Table.from_json_dict(json.loads(json.dumps(table.to_json_dict())))
    assert back == table
    assert np.array_equal(back.whole, table.whole)
    assert (back.scale, back.shape) == (table.scale, table.shape)


def test_a_policy_file_refuses_a_table_by_name() -> None:
    for write in (rm.Policy.to_toml, rm.Policy.to_json):
        with pytest.raises(PolicyError, match=r"RM180 score\.Table: .* \(use programme\.to_json\)"):
            write(rm.Policy(score=2 * Table([[1]]) + rm.score.Same("site")))
