"""Pairs given one by one, found again in any tile."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


class Listed:
    """Some pairs of n mentors and m mentees, each with a whole number.

    Parameters
    ----------
    i, j : ndarray of int64
        Positions of the mentors and the mentees; the first of two equal pairs counts.
    shape : tuple of int
        n and m.
    values : ndarray of int64, optional
        One number a pair; 1 by default.
    """

    __slots__ = ("_begin", "_j", "_keys", "_m", "_values")

    def __init__(self, i: Ints, j: Ints, shape: tuple[int, int], values: Ints | None = None) -> None:
        n, self._m = shape
        self._keys, first = np.unique(i * self._m + j, return_index=True)
        self._j = j[first]
        self._values = np.ones(len(first), dtype=np.int64) if values is None else values[first]
        self._begin = np.searchsorted(i[first], np.arange(n + 1))

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]], shape: tuple[int, int]) -> Listed:
        """From pairs of positions."""
        both = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
        return cls(both[:, 0], both[:, 1], shape)

    def __len__(self) -> int:
        return len(self._keys)

    def positions(self) -> tuple[Ints, Ints]:
        """Positions of the pairs, by mentor and then by mentee."""
        return self._keys // max(1, self._m), self._j

    def in_tile(self, rows: Ints, cols: Ints) -> tuple[tuple[Ints, Ints], Ints]:
        """Places inside a tile of these rows and columns (each at most once) of the pairs that it holds; their numbers.

        >>> some = Listed.of([(0, 1), (2, 0), (2, 1)], (3, 2))
        >>> some.in_tile(np.array([2]), np.array([1, 0]))[0]
        (array([0, 0]), array([1, 0]))
        """
        counts = self._begin[rows + 1] - self._begin[rows]
        r = np.repeat(np.arange(len(rows)), counts)
        at = np.arange(len(r)) + np.repeat(self._begin[rows] - (np.cumsum(counts) - counts), counts)
        place = np.full(self._m, -1, dtype=np.int64)
        place[cols] = np.arange(len(cols))
        c = place[self._j[at]]
        inside = c >= 0
        return (r[inside], c[inside]), self._values[at[inside]]

    def of_pairs(self, i: Ints, j: Ints) -> tuple[npt.NDArray[np.bool_], Ints]:
        """Which of some pairs are listed, and the numbers of those (0 elsewhere)."""
        if not len(self._keys):
            return np.zeros(len(i), dtype=bool), np.zeros(len(i), dtype=np.int64)
        wanted = i * self._m + j
        at = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        found = self._keys[at] == wanted
        return found, np.where(found, self._values[at], 0)
