"""Text columns: codes or one buffer, the same to everybody outside."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from revmatch.people.text import BufferText, CodedText, TextBuilder, text_of

CELLS = st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=5), max_size=30)


def built(cells: list[str], *, different: bool, chunk: int = 7):
    builder = TextBuilder(different=different)
    for start in range(0, len(cells), chunk):
        builder.add(cells[start : start + chunk])
    assert len(builder) == len(cells)
    return builder.finish()


@pytest.mark.parametrize("different", [False, True])
@given(cells=CELLS, data=st.data())
def test_cells_come_back_as_they_were_and_blank_ones_as_nothing(different, cells, data):
    text = built(cells, different=different)
    assert isinstance(text, BufferText if different else CodedText)
    kept = ["" if cell.isspace() else cell for cell in cells]
    assert text.decode().tolist() == kept
    assert [text.at(k) for k in range(len(kept))] == kept
    assert text.stated().tolist() == [bool(cell) for cell in kept]
    codes, vocabulary = text.factorised()
    assert [vocabulary[code] if code >= 0 else "" for code in codes] == kept
    assert len(set(vocabulary)) == len(vocabulary)
    rows = np.array(data.draw(st.lists(st.integers(-1, len(cells) - 1))), dtype=np.int64)
    taken = text.take(rows)
    assert taken.decode().tolist() == [kept[k] if k >= 0 else "" for k in rows]
    known = rows[rows >= 0]
    assert text.decode(known).tolist() == [kept[k] for k in known]
    joined, lengths = text.encode(known)
    assert joined == "".join(kept[k] for k in known).encode()
    assert lengths.tolist() == [len(kept[k].encode()) for k in known]
    if not any(cell.endswith("\0") for cell in kept):
        assert text.pieces().tolist() == [cell.encode() for cell in kept]
        assert text.pieces(known).tolist() == [kept[k].encode() for k in known]
    assert text.where(lambda cell: "a" in cell).tolist() == ["a" in cell for cell in kept]
    assert [cell for _, block in text.blocks() for cell in block] == kept
    again = pickle.loads(pickle.dumps(text))
    assert again.decode().tolist() == kept
    assert text.nbytes >= sum(len(cell.encode()) for cell in set(kept))


def test_a_column_is_held_as_codes_while_texts_repeat():
    assert isinstance(text_of(["x", "y"] * 1000), CodedText)
    assert isinstance(text_of([str(k) for k in range(1000)]), BufferText)
    assert isinstance(text_of([str(k) for k in range(200)]), CodedText)  # few people: whatever they say


def test_a_column_that_turns_out_to_be_different_keeps_what_it_had():
    cells = ["same", "", " "] * 400 + [f"é{k}" for k in range(1000)]
    text = built(cells, different=False, chunk=100)
    assert isinstance(text, BufferText)
    assert text.decode().tolist() == ["" if cell == " " else cell for cell in cells]


@pytest.mark.parametrize("sizes", [[7] * 9, [0] * 3, [5, 64, 0, 1], [65, 3], []])
def test_pieces_of_any_length(sizes):
    cells = [chr(97 + k) * size for k, size in enumerate(sizes)]
    for different in (False, True):
        pieces = built(cells, different=different).pieces()
        assert pieces.tolist() == [cell.encode() for cell in cells]
    assert (pieces.dtype == object) == (max(sizes, default=0) > 64)


def test_arrays_cannot_be_written_to():
    for text in (text_of(["a"]), built(["a"], different=True)):
        for held in (text, pickle.loads(pickle.dumps(text))):
            with pytest.raises(ValueError, match="read-only"):
                (held.codes if isinstance(held, CodedText) else held.offsets)[0] = 1
