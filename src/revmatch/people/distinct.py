"""Different values of an array, and which of them each one is."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]


def distinct(values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Int64]:
    """Different whole numbers, rising, and which of them each value is: by counting where they lie close together.

    >>> distinct(np.array([7, 5, 7]))
    (array([5, 7]), array([1, 0, 1]))
    """
    if len(values):
        low = values.min()
        span = int(values.max()) - int(low)
        if span < 4 * len(values) + 1024:
            offset = (values - low).astype(np.int64)
            used = np.zeros(span + 1, dtype=np.bool_)
            used[offset] = True
            rank = np.cumsum(used) - 1
            return np.flatnonzero(used).astype(values.dtype) + low, rank[offset]
    known, number = np.unique(values, return_inverse=True)
    return known, number.reshape(-1).astype(np.int64, copy=False)
