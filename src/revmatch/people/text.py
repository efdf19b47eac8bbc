"""Text columns: all cells of a column in two arrays, decoded on request.

A column of few different texts holds a code a cell (`CodedText`); any other holds one UTF-8 buffer and where each cell
begins in it (`BufferText`). Neither keeps a Python object per cell. Blank cells (nothing but white space) are ``""``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from revmatch.people.growing import Growing

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]

#: A column is held as codes while at most one cell in so many is new, ...
_CELLS_PER_TEXT = 4
#: ... but never with more texts than this, as each text is a Python object; so few texts are always held as codes.
_MOST_TEXTS = 65_536
_FEW_TEXTS = 256
#: Longest cell, in bytes, for which all are held at one width.
_WIDEST = 64
#: Rows that are decoded or gathered at a time, so that temporary memory stays small.
BLOCK = 16_384


class Text(ABC):
    """Cells of one column."""

    __slots__ = ()

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def decode(self, rows: Int64 | None = None) -> Objects:
        """Cells of these rows, or of all, as an object array of str."""

    @abstractmethod
    def take(self, rows: Int64) -> Text:
        """Column of these rows in this order; -1 is a blank cell."""

    @abstractmethod
    def stated(self) -> Mask:
        """Whether each cell is filled."""

    @abstractmethod
    def encode(self, rows: Int64) -> tuple[bytes, Int64]:
        """UTF-8 of these rows in one piece, and the number of bytes of each; for few rows at a time."""

    @abstractmethod
    def pieces(self, rows: Int64 | None = None) -> npt.NDArray[Any]:
        """UTF-8 of these rows, or of all, as an array of bytes; for short cells that do not end in NUL, such as ids."""

    @abstractmethod
    def factorised(self, rows: Int64 | None = None) -> tuple[Int32, tuple[str, ...]]:
        """Code of each cell (-1 where blank), and the text of each code."""

    @abstractmethod
    def where(self, test: Callable[[str], bool]) -> Mask:
        """Whether the test holds for each filled cell; it is asked once per text where texts repeat."""

    @property
    @abstractmethod
    def nbytes(self) -> int:
        """Bytes held."""

    @abstractmethod
    def at(self, row: int) -> str:
        """One cell."""

    def blocks(self) -> Iterator[tuple[int, Objects]]:
        """Decoded cells, some thousand at a time, each block with the row that it begins at."""
        for start in range(0, len(self), BLOCK):
            yield start, self.decode(np.arange(start, min(start + BLOCK, len(self))))


@dataclass(frozen=True, slots=True, eq=False)
class CodedText(Text):
    """Column of few different texts: one code a cell, -1 where blank."""

    codes: Int32
    vocabulary: tuple[str, ...]

    def __post_init__(self) -> None:
        self.codes.setflags(write=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return CodedText, (self.codes, self.vocabulary)

    def __len__(self) -> int:
        return len(self.codes)

    def at(self, row: int) -> str:
        """See `Text`."""
        code = int(self.codes[row])
        return self.vocabulary[code] if code >= 0 else ""

    def decode(self, rows: Int64 | None = None) -> Objects:
        """See `Text`."""
        codes = self.codes if rows is None else self.codes[rows]
        if len(codes) < len(self.vocabulary):
            return _objects([self.vocabulary[code] if code >= 0 else "" for code in codes.tolist()])
        return _objects([*self.vocabulary, ""])[codes]

    def take(self, rows: Int64) -> Text:
        """See `Text`."""
        codes = np.append(self.codes, np.int32(-1))  # row -1 picks the last one
        return CodedText(codes[rows], self.vocabulary)

    def stated(self) -> Mask:
        """See `Text`."""
        return np.asarray(self.codes >= 0)

    def encode(self, rows: Int64) -> tuple[bytes, Int64]:
        """See `Text`."""
        words = [*(text.encode() for text in self.vocabulary), b""]
        codes = self.codes[rows]
        lengths = np.fromiter(map(len, words), np.int64, len(words))[codes]
        return b"".join([words[code] for code in codes.tolist()]), lengths

    def pieces(self, rows: Int64 | None = None) -> npt.NDArray[Any]:
        """See `Text`."""
        words = np.array([*(text.encode() for text in self.vocabulary), b""], dtype=np.bytes_)
        return words[self.codes if rows is None else self.codes[rows]]

    def factorised(self, rows: Int64 | None = None) -> tuple[Int32, tuple[str, ...]]:
        """See `Text`."""
        return (self.codes if rows is None else self.codes[rows]), self.vocabulary

    def where(self, test: Callable[[str], bool]) -> Mask:
        """See `Text`."""
        found = np.fromiter((test(text) for text in self.vocabulary), np.bool_, len(self.vocabulary))
        return np.append(found, False)[self.codes]

    @property
    def nbytes(self) -> int:
        """See `Text`."""
        return self.codes.nbytes + sum(len(text.encode()) + 65 for text in self.vocabulary)


@dataclass(frozen=True, slots=True, eq=False)
class BufferText(Text):
    """Column of mostly different texts: one UTF-8 buffer; cell k is ``buffer[offsets[k]:offsets[k + 1]]``."""

    buffer: bytes
    offsets: Int64

    def __post_init__(self) -> None:
        self.offsets.setflags(write=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return BufferText, (self.buffer, self.offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def at(self, row: int) -> str:
        """See `Text`."""
        start, end = self.offsets[[row, row + 1]].tolist()
        return self.buffer[start:end].decode()

    def decode(self, rows: Int64 | None = None) -> Objects:
        """See `Text`."""
        starts, ends = (part.tolist() for part in self._bounds(rows))
        if 4 * len(starts) > len(self) and self.buffer.isascii():  # a letter is a byte: decoded in one go
            text = self.buffer.decode()
            return _objects([text[start:end] for start, end in zip(starts, ends, strict=True)])
        buffer = self.buffer
        return _objects([buffer[start:end].decode() for start, end in zip(starts, ends, strict=True)])

    def _bounds(self, rows: Int64 | None) -> tuple[Int64, Int64]:
        """Where the cells of these rows, or of all, begin and end."""
        if rows is None:
            return self.offsets[:-1], self.offsets[1:]
        return self.offsets[rows], self.offsets[rows + 1]

    def take(self, rows: Int64) -> Text:
        """See `Text`."""
        pieces, lengths = [], [np.zeros(1, dtype=np.int64)]
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK]
            known = block >= 0
            piece, known_lengths = self.encode(block[known])
            size = np.zeros(len(block), dtype=np.int64)
            size[known] = known_lengths
            pieces.append(piece)
            lengths.append(size)
        return BufferText(b"".join(pieces), np.cumsum(np.concatenate(lengths)))

    def stated(self) -> Mask:
        """See `Text`."""
        return np.asarray(np.diff(self.offsets) > 0)

    def encode(self, rows: Int64) -> tuple[bytes, Int64]:
        """See `Text`."""
        starts = self.offsets[rows]
        lengths = self.offsets[rows + 1] - starts
        before = np.cumsum(lengths) - lengths
        places = np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))
        return np.frombuffer(self.buffer, dtype=np.uint8)[places].tobytes(), lengths

    def pieces(self, rows: Int64 | None = None) -> npt.NDArray[Any]:
        """See `Text`."""
        starts, ends = self._bounds(rows)
        lengths = ends - starts
        sizes = np.flatnonzero(np.bincount(lengths)).tolist()
        width = max([1, *sizes[-1:]])
        if width > _WIDEST:
            buffer = self.buffer
            return _objects([buffer[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)])
        held = np.frombuffer(self.buffer, dtype=np.uint8)
        cells = np.zeros((len(starts), width), dtype=np.uint8)
        for size in sizes:
            here = slice(None) if len(sizes) == 1 else np.flatnonzero(lengths == size)
            cells[here, :size] = held[starts[here, None] + np.arange(size)]
        return cells.view(f"S{width}").reshape(-1)

    def factorised(self, rows: Int64 | None = None) -> tuple[Int32, tuple[str, ...]]:
        """See `Text`."""
        coder = _Coder()
        cells = self.decode(rows).tolist()
        codes = np.fromiter(map(coder.__getitem__, cells), np.int32, len(cells))
        return codes, coder.vocabulary()

    def where(self, test: Callable[[str], bool]) -> Mask:
        """See `Text`."""
        found = np.zeros(len(self), dtype=np.bool_)
        for start, cells in self.blocks():
            found[start : start + len(cells)] = [bool(cell) and test(cell) for cell in cells.tolist()]
        return found

    @property
    def nbytes(self) -> int:
        """See `Text`."""
        return len(self.buffer) + self.offsets.nbytes


class _Coder(dict[str, int]):
    """Gives each new text the next code, and blank ones -1."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: list[str] = []

    def __missing__(self, text: str) -> int:
        code = -1 if not text or text.isspace() else len(self._texts)
        if code >= 0:
            self._texts.append(text)
        self[text] = code
        return code

    def vocabulary(self) -> tuple[str, ...]:
        return tuple(self._texts)


class TextBuilder:
    """Takes the cells of a column chunk by chunk; decides on the way how to hold them.

    Parameters
    ----------
    different : bool
        True for a column that is known to hold mostly different texts.
    """

    __slots__ = ("_buffer", "_coder", "_codes", "_lengths", "_size")

    def __init__(self, *, different: bool = False) -> None:
        self._size = 0
        self._coder: _Coder | None = None if different else _Coder()
        self._codes = Growing(np.int32)
        self._buffer = bytearray()
        self._lengths = Growing(np.int32)

    def __len__(self) -> int:
        return self._size

    def add(self, cells: Sequence[str]) -> None:
        """Add the next cells."""
        self._size += len(cells)
        if self._coder is None:
            self._append(cells)
            return
        self._codes.add(np.fromiter(map(self._coder.__getitem__, cells), np.int32, len(cells)))
        many = len(self._coder)
        if many > _MOST_TEXTS or (many > _FEW_TEXTS and many * _CELLS_PER_TEXT > self._size):
            self._to_buffer()

    def add_blank(self, count: int) -> None:
        """Add so many blank cells."""
        self.add([""] * count)

    def finish(self) -> Text:
        """Close the column; the builder is empty afterwards."""
        if self._coder is not None:
            return CodedText(self._codes.finish(), self._coder.vocabulary())
        buffer, self._buffer = bytes(self._buffer), bytearray()
        return BufferText(buffer, self._lengths.finish_offsets())

    def _append(self, cells: Sequence[str]) -> None:
        if any(map(str.isspace, cells)):
            cells = ["" if cell.isspace() else cell for cell in cells]
        joined = "".join(cells)
        piece = joined.encode()
        self._buffer += piece
        if len(piece) == len(joined):
            self._lengths.add(np.fromiter(map(len, cells), np.int32, len(cells)))
        else:
            self._lengths.add(np.fromiter((len(cell.encode()) for cell in cells), np.int32, len(cells)))

    def _to_buffer(self) -> None:
        assert self._coder is not None
        texts = [*self._coder.vocabulary(), ""]
        codes, self._coder = self._codes.finish(), None
        for start in range(0, len(codes), BLOCK):
            self._append([texts[code] for code in codes[start : start + BLOCK].tolist()])


def text_of(cells: Sequence[str]) -> Text:
    """Column of these cells."""
    builder = TextBuilder()
    builder.add(cells)
    return builder.finish()


def _objects(values: Sequence[str] | Sequence[bytes]) -> Objects:
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result
