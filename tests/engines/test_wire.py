"""What goes through the pipe arrives as it was, holds no text, and is refused when it is cut short."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import revmatch as rm
from children import endless, small, whole_model
from engine_models import model_of
from revmatch.engines import ENGINES, wire
from revmatch.engines.engine import Answer, Outcome
from revmatch.engines.wire import Said, packed, read
from revmatch.model import Kind, Model


def through(message: list[memoryview], *, cut: int | None = None) -> tuple[Said, Any]:
    """A message as it is read at the other end, or only so many bytes of it."""
    rest = b"".join(message)[:cut]

    def fill(view: memoryview) -> None:
        nonlocal rest
        if len(view) > len(rest):
            raise EOFError
        if len(view):
            view[:] = rest[: len(view)]
        rest = rest[len(view) :]

    found = read(fill)
    assert not rest
    return found


def leaves(value: Any) -> Iterator[Any]:
    """All that a value is made of."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from leaves(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def same(one: Any, other: Any) -> bool:
    pairs = list(zip(leaves(one), leaves(other), strict=True))
    return all(
        a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b
        for a, b in pairs
    )


@pytest.mark.parametrize("programme", [small(0), endless(mentees=5), rm.Programme.from_scores(np.zeros((0, 3)))])
def test_a_model_arrives_as_it_was(programme: rm.Programme) -> None:
    model = whole_model(programme)
    said, found = through(packed(Said.JOB, model))
    assert said is Said.JOB
    assert type(found) is Model
    assert same(model, found)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_an_answer_arrives_as_it_was(engine: Any) -> None:
    least = {"mentor_min_load": 1, "mentee_min_load": 1} if engine.name == "assignment" else {}
    answer = engine.solve(model_of([[3, 1], [2, 5]], **least), 0)
    assert answer.outcome is Outcome.OPTIMAL
    said, found = through(packed(Said.ANSWER, answer))
    assert (said, type(found)) == (Said.ANSWER, Answer)
    assert same(answer, found)


numbers = st.integers() | st.integers(-(2**63), 2**63) | st.booleans() | st.none()
arrays = st.lists(st.integers(-128, 127), max_size=5).map(lambda items: np.array(items, dtype=np.int8))


@given(st.recursive(numbers | arrays | st.sampled_from([*Outcome, *Kind]), lambda part: st.tuples(part, part)))
def test_any_whole_numbers_arrive_as_they_were(value: Any) -> None:
    found = through(packed(Said.JOB, value))[1]
    assert same(value, found)
    assert [type(leaf) for leaf in leaves(value)] == [type(leaf) for leaf in leaves(found)]


@pytest.mark.parametrize("array", [np.zeros((3, 2))[:, 0], np.arange(6).reshape(2, 3).T, np.array(7), np.zeros((0, 4))])
def test_arrays_of_every_shape_arrive_as_they_were(array: Any) -> None:
    assert same(array, through(packed(Said.JOB, array))[1])


def test_names_of_rows_do_not_go_through() -> None:
    message = packed(Said.JOB, ("one_direction:ann|bob", "limit:0"))
    assert b"ann" not in b"".join(message)
    assert through(message)[1] == ("", "")


@pytest.mark.parametrize("value", ["ann", b"ann", ("ann", 1), {"ann": 1}, {1}, 1.5, np.array(["ann"]), object()])
def test_nothing_but_whole_numbers_goes_through(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        packed(Said.JOB, value)


def test_nobody_is_named_in_a_job() -> None:
    message = b"".join(packed(Said.JOB, whole_model(endless())))
    assert b"junior" not in message
    assert b"leader" not in message


def test_a_message_that_is_cut_short_is_none() -> None:
    whole = packed(Said.ANSWER, ENGINES[-1].solve(model_of([[3, 1], [2, 5]]), 0))
    for cut in range(len(b"".join(whole))):
        with pytest.raises(EOFError):
            through(whole, cut=cut)


@pytest.mark.parametrize("seed", range(300))
def test_noise_is_no_message(seed: int) -> None:
    """Whatever is changed in it, a message is read as one or refused, and never takes more than it says."""
    rng = np.random.default_rng(seed)
    noise = bytearray(b"".join(packed(Said.ANSWER, Answer(Outcome.FEASIBLE, np.ones(9, dtype=bool), bound=7))))
    for _ in range(rng.integers(1, 4)):
        noise[rng.integers(len(noise))] = rng.integers(256)
    with suppress(EOFError):
        through([memoryview(noise)])


def test_two_versions_have_two_fingerprints(monkeypatch: pytest.MonkeyPatch) -> None:
    before = wire.fingerprint()
    assert wire.fingerprint() == before
    monkeypatch.setattr(wire, "__version__", "another")
    assert wire.fingerprint() != before
