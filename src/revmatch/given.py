"""What a caller hands over, looked at without failing: arrays and data frames answer neither yes nor no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt


def is_one_of(value: object, *words: str) -> bool:
    """Whether a value is one of these words.

    >>> is_one_of("all", "auto", "all"), is_one_of(np.array(["auto", "all"]), "auto", "all")
    (True, False)
    """
    return isinstance(value, str) and value in words


def is_list(value: object) -> bool:
    """Whether a value gives items one after the other: no text, no mapping, no array of no dimension.

    >>> is_list(("a", "b")), is_list("ab"), is_list(np.array(1))
    (True, False, False)
    """
    single = isinstance(value, str | bytes | bytearray | memoryview | Mapping) or getattr(value, "ndim", 1) == 0
    return isinstance(value, Iterable) and not single


def as_list(value: Any) -> list[Any] | None:
    """The items of a list of any kind, in their order; None for what is no list.

    >>> as_list(("a", "b")), as_list("ab"), as_list(np.array(1))
    (['a', 'b'], None, None)
    """
    return list(value) if is_list(value) else None


def as_array(value: object) -> npt.NDArray[Any] | None:
    """The array of a value; None where its rows differ in length.

    >>> as_array([[1, 2], [3]]) is None
    True
    """
    try:
        return np.asarray(value)
    except ValueError:
        return None
