"""What goes through the pipe between this process and the child in which engines run: whole numbers, nothing else.

A message is a kind, a header of whole numbers and the bytes of arrays. A model is walked field by field, so a field
that is added to it needs nothing here. Text never goes to the child: of the names of rows only their number does, and
anything else that is text is refused.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum, IntEnum
from typing import Any

import numpy as np

from revmatch import __version__
from revmatch.engines import ENGINES, engine
from revmatch.model import columns, prices, slots

#: First in every message, and all that a child says when it is ready.
MAGIC = b"revmatch"
#: Whole numbers of the longest header, and bytes of the longest message; more than that is no message of ours.
LONGEST_HEADER, LONGEST = 1 << 20, 1 << 40

#: Fills a buffer from the other side; `EOFError` if that ends first.
Fill = Callable[[memoryview], None]


class Said(IntEnum):
    """Kinds of messages."""

    #: To the child: solve this.
    JOB = 0
    #: From the child: pairs of a plan that is better than those before.
    FOUND = 1
    #: The engine's answer.
    ANSWER = 2
    #: The engine raised an error.
    FAILED = 3
    #: The child leaves: nobody asked for long.
    BYE = 4


#: Where the classes stand of which models and answers are made.
_ROOMS = (columns, prices, slots, engine)


class _Tag(IntEnum):
    NONE, FALSE, TRUE, INT, LONG, MEMBER, ARRAY, TUPLE, NAMES, RECORD = range(10)


def _kinds(wanted: Callable[[Any], bool]) -> list[Any]:
    """Classes that the model and its engines are made of, in an order that both sides share."""
    found = [thing for room in _ROOMS for thing in vars(room).values() if isinstance(thing, type)]
    return [kind for kind in found if wanted(kind) and kind.__module__ in {room.__name__ for room in _ROOMS}]


_RECORDS: list[Any] = _kinds(is_dataclass)
_ENUMS: list[Any] = _kinds(lambda kind: issubclass(kind, Enum) and len(kind) > 0)
_DTYPES = [np.dtype(code) for code in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8")]
_LIMB = 62


def fingerprint() -> int:
    """A number that differs between two versions that would not understand each other."""
    parts = [__version__, *(known.name for known in ENGINES)]
    parts += [f"{kind.__qualname__}:{','.join(field.name for field in fields(kind))}" for kind in _RECORDS]
    parts += [f"{kind.__qualname__}:{','.join(kind.__members__)}" for kind in _ENUMS]
    return zlib.crc32("\n".join(parts).encode())


# -- out ---------------------------------------------------------------------------------------------------------------


def packed(said: Said, value: object) -> list[memoryview]:
    """Buffers of a message, to be written one after another."""
    head: list[int] = []
    arrays: list[np.ndarray[Any, Any]] = []
    _put(value, head, arrays)
    frame = MAGIC + np.array([said, len(head), sum(array.nbytes for array in arrays)], dtype=np.int64).tobytes()
    buffers = [memoryview(frame + np.array(head, dtype=np.int64).tobytes())]
    # an array without elements has no buffer of bytes
    return buffers + [array.data.cast("B") for array in arrays if array.nbytes]


def _put(value: Any, head: list[int], arrays: list[np.ndarray[Any, Any]]) -> None:
    if value is None:
        head.append(_Tag.NONE)
    elif isinstance(value, bool | np.bool_):
        head.append(_Tag.TRUE if value else _Tag.FALSE)
    elif isinstance(value, Enum):
        kind = type(value)
        head += [_Tag.MEMBER, _ENUMS.index(kind), list(kind).index(value)]
    elif isinstance(value, int | np.integer):
        _put_number(int(value), head)
    elif isinstance(value, np.ndarray):
        head += [_Tag.ARRAY, _DTYPES.index(value.dtype), value.ndim, *value.shape]
        arrays.append(np.ascontiguousarray(value))
    elif isinstance(value, tuple | list):
        if value and all(type(item) is str for item in value):
            head += [_Tag.NAMES, len(value)]
            return
        head += [_Tag.TUPLE, len(value)]
        for item in value:
            _put(item, head, arrays)
    elif type(value) in _RECORDS:
        head += [_Tag.RECORD, _RECORDS.index(type(value))]
        for field in fields(value):
            _put(getattr(value, field.name), head, arrays)
    else:
        raise TypeError(f"an engine is given whole numbers only, not {type(value).__name__}")


def _put_number(value: int, head: list[int]) -> None:
    if abs(value) < 1 << _LIMB:
        head += [_Tag.INT, value]
        return
    limbs, rest = [], abs(value)
    while rest:
        limbs.append(rest & ((1 << _LIMB) - 1))
        rest >>= _LIMB
    head += [_Tag.LONG, value < 0, len(limbs), *limbs]


# -- in ----------------------------------------------------------------------------------------------------------------


def read(fill: Fill) -> tuple[Said, Any]:
    """The next message.

    Raises
    ------
    EOFError
        If it ends too early, or is no message of ours.
    """
    frame = bytearray(len(MAGIC) + 24)
    fill(memoryview(frame))
    said, count, size = np.frombuffer(frame, dtype=np.int64, offset=len(MAGIC)).tolist()
    if not frame.startswith(MAGIC) or not (0 <= count <= LONGEST_HEADER and 0 <= size <= LONGEST):
        raise EOFError("no message of ours")
    head = np.empty(count, dtype=np.int64)
    fill(_bytes_of(head))
    reader = _Reader(head.tolist(), size, fill)
    try:
        value, kind = reader.take(), Said(said)
    except (IndexError, ValueError, TypeError) as error:
        raise EOFError("no message of ours") from error
    if reader.left or reader.at != count:
        raise EOFError("longer than it should be")
    return kind, value


class _Reader:
    """Takes values from a header, and the arrays that belong to them from the pipe."""

    def __init__(self, head: list[int], size: int, fill: Fill) -> None:
        self.head, self.at, self.left, self.fill = head, 0, size, fill

    def number(self) -> int:
        self.at += 1
        return self.head[self.at - 1]

    def numbers(self, count: int) -> list[int]:
        if not 0 <= count <= len(self.head) - self.at:
            raise ValueError(count)
        self.at += count
        return self.head[self.at - count : self.at]

    def take(self) -> Any:
        tag = _Tag(self.number())
        if tag is _Tag.NONE:
            return None
        if tag in (_Tag.FALSE, _Tag.TRUE):
            return tag is _Tag.TRUE
        if tag is _Tag.INT:
            return self.number()
        if tag is _Tag.LONG:
            negative, count = self.numbers(2)
            value = sum(limb << (_LIMB * k) for k, limb in enumerate(self.numbers(count)))
            return -value if negative else value
        if tag is _Tag.MEMBER:
            return list(_ENUMS[self.number()])[self.number()]
        if tag is _Tag.ARRAY:
            return self.array(_DTYPES[self.number()])
        if tag is _Tag.NAMES:
            return ("",) * self.number()
        if tag is _Tag.TUPLE:
            return tuple(self.take() for _ in range(self.number()))
        kind = _RECORDS[self.number()]
        return kind(*[self.take() for _ in fields(kind)])

    def array(self, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
        shape = self.numbers(self.number())
        size = dtype.itemsize
        for length in shape:
            size *= length
        if min(shape, default=0) < 0 or size > self.left:
            raise ValueError(shape)
        found = np.empty(shape, dtype=dtype)
        self.fill(_bytes_of(found))
        self.left -= size
        return found


def _bytes_of(array: np.ndarray[Any, Any]) -> memoryview:
    return array.data.cast("B") if array.nbytes else memoryview(b"")
