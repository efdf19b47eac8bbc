"""Cells: any value of a record or data frame as the text that a CSV cell would hold."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

#: Longest cell, in characters; the standard library's CSV reader has the same limit.
MOST_CHARACTERS = 131_072
#: Python refuses to read a number of more digits than this.
MOST_DIGITS = 4_300
#: A whole number as a cell of a number column writes it; it fits 64 bits.
WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_BACKSLASH = "\\"


class BadCellError(Exception):
    """A value that no cell can hold; says which code and what was expected."""

    def __init__(self, code: str, expected: str, hint: str = "") -> None:
        self.code = code
        self.expected = expected
        self.hint = hint
        super().__init__(code, expected, hint)


def raw_cells(values: Sequence[Any]) -> list[str]:
    """Texts of many values; raises `BadCellError` at the first that has none."""
    if {*map(type, values)} <= {str}:
        return list(values)
    return [value if type(value) is str else raw_text(value) for value in values]


def raw_text(value: Any) -> str:
    r"""Text of one value, as a CSV cell would hold it.

    None, NaN and other marks of absence are blank; whole floats lose their ``.0``; lists become items with ``;``
    between, mappings ``skill:level`` items (one whose level is absent is not listed).

    Raises
    ------
    BadCellError
        RM101 for an infinite number; RM143 for something that is no cell, such as bytes or a list inside a list.

    Examples
    --------
    >>> raw_text(3.0), raw_text(None), raw_text({"R:x": 4, "sql": 2}), raw_text(["a;b", "c"])
    ('3', '', 'R\\:x:4;sql:2', 'a\\;b;c')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return _whole(int(value))
    if isinstance(value, float | np.floating):
        return _number(float(value))
    if isinstance(value, Decimal):
        return _decimal(value)
    return _compound(value)


def _whole(value: int) -> str:
    try:
        return str(value)
    except ValueError:  # Python's guard against numbers of thousands of digits
        raise BadCellError("RM127", "the number has too many digits") from None


def _number(value: float) -> str:
    if math.isnan(value):
        return ""
    if math.isinf(value):
        raise BadCellError("RM101", "not a finite number", "leave the cell blank where nothing is known")
    # Above 2**53 a float stands for several whole numbers: it is not written as if it were one of them.
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _decimal(value: Decimal) -> str:
    if value.is_nan():
        return ""
    if value.is_infinite():
        raise BadCellError("RM101", "not a finite number", "leave the cell blank where nothing is known")
    if value.adjusted() > MOST_DIGITS:
        raise BadCellError("RM127", "the number has too many digits")
    return _whole(int(value)) if value == value.to_integral_value() else str(value)


def _compound(value: Any) -> str:
    if isinstance(value, Mapping):
        levels = {skill: raw_text(level) for skill, level in value.items()}
        return ";".join(_level(skill, level) for skill, level in levels.items() if level)
    if isinstance(value, set | frozenset):
        return ";".join(sorted(_item(item) for item in value))
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return raw_text(value.item())
    if isinstance(value, list | tuple | np.ndarray):
        return ";".join(_item(item) for item in value)
    if type(value).__name__ in ("NAType", "NaTType"):  # pandas, without importing it
        return ""
    if isinstance(value, bytes | bytearray | memoryview | complex) or callable(value):
        raise BadCellError("RM143", f"a cell cannot hold {type(value).__name__}", "give text, numbers, lists or dicts")
    return str(value)


def _item(value: Any) -> str:
    if isinstance(value, Mapping | set | frozenset | list | tuple | np.ndarray):
        raise BadCellError("RM143", "a list holds another list", "give one list, or a dict of skill and level")
    text = raw_text(value).replace(";", "\\;")
    # A backslash at the end would swallow what separates items; their outer spaces do not count.
    return text + " " * text.endswith(_BACKSLASH)


def _level(skill: Any, level: str) -> str:
    return f"{_item(skill).replace(':', _BACKSLASH + ':')}:{level}"
