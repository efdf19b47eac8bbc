"""The lot of a whole programme, and the order of what was drawn."""

from __future__ import annotations

import random
from hashlib import blake2b
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import revmatch as rm
from revmatch.graph import numbering
from revmatch.graph.numbering import in_order, lot, number


@pytest.mark.parametrize("longest", [4, 30, 200])
@pytest.mark.parametrize("seed", [0, -17, 10**40])
def test_people_are_numbered_by_the_lot_of_their_ids(longest: int, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(longest)
    ids = list({"".join(draw.choices("ab019é日👩", k=draw.randrange(1, longest))): 0 for _ in range(90)})
    people = rm.People.from_columns({"id": ids})
    programme = rm.Programme(people[10:], people[[1, 8, 3, 9]])
    for block in (16_384, 7):
        monkeypatch.setattr(numbering, "BLOCK", block)
        numbered = number(programme, seed)
        for side, rows in (("mentor", numbered.mentor_rows), ("mentee", numbered.mentee_rows)):
            names = programme.of(side).ids.tolist()
            drawn = [blake2b(n.encode(), key=str(seed).encode(), person=side.encode()).digest() for n in names]
            assert rows.tolist() == sorted(range(len(names)), key=drawn.__getitem__)
            assert rows.tolist() == lot(programme.of(side).ids, seed, side).tolist()
        assert numbered.sides.mentors.ids.tolist() == programme.mentors.ids[numbered.mentor_rows].tolist()
        assert numbered.sides.mentees.ids.tolist() == programme.mentees.ids[numbered.mentee_rows].tolist()


digests = st.lists(st.lists(st.sampled_from([0, 1, 127, 255]), min_size=2, max_size=2), max_size=8)


@given(digests, st.sampled_from([1, 4, 7]))
def test_digests_are_ordered_by_all_their_bytes(listed: list[list[int]], first: int) -> None:
    """Also where the first words are alike, which no test could wait for."""
    table: np.ndarray[Any, Any] = np.zeros((len(listed), 16), dtype=np.uint8)
    for row, (one, other) in zip(table, listed, strict=True):
        row[[first, 15]] = one, other
    assert in_order(table).tolist() == sorted(range(len(listed)), key=listed.__getitem__)
