"""Pairs given one by one."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from revmatch.certify.sides import Bools, Ints


def different(keys: Ints) -> Ints:
    """Different ones of some numbers, rising.

    >>> different(np.array([3, 1, 3]))
    array([1, 3])
    """
    keys = np.sort(keys)
    first = np.ones(len(keys), dtype=bool)
    first[1:] = keys[1:] != keys[:-1]
    return keys[first]


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

    __slots__ = ("_keys", "_m", "_values")

    def __init__(self, i: Ints, j: Ints, shape: tuple[int, int], values: Ints | None = None) -> None:
        self._m = max(1, shape[1])
        self._values: Ints | None = None
        if values is None:
            self._keys = different(i * self._m + j)
        else:
            self._keys, first = np.unique(i * self._m + j, return_index=True)
            self._values = values[first]

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]], shape: tuple[int, int]) -> Listed:
        """From pairs of positions."""
        both = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
        return cls(both[:, 0], both[:, 1], shape)

    def __len__(self) -> int:
        return len(self._keys)

    def positions(self) -> tuple[Ints, Ints]:
        """Positions of the pairs, by mentor and then by mentee."""
        i, j = np.divmod(self._keys, self._m)
        return i, j

    def holds(self, i: Ints, j: Ints) -> Bools:
        """Which of some pairs are listed.

        >>> some = Listed.of([(0, 1), (2, 0)], (3, 2))
        >>> some.holds(np.array([0, 1, 2]), np.array([1, 0, 0]))
        array([ True, False,  True])
        """
        wanted = i * self._m + j
        if not len(self._keys):
            return np.zeros(np.shape(wanted), dtype=bool)
        found: Bools = self._keys[self._near(wanted)] == wanted
        return found

    def numbers(self, i: Ints, j: Ints) -> Ints:
        """Numbers of some pairs; 0 for those that are not listed."""
        wanted = i * self._m + j
        if self._values is None or not len(self._keys):
            return self.holds(i, j).astype(np.int64)
        at = self._near(wanted)
        return np.where(self._keys[at] == wanted, self._values[at], 0)

    def _near(self, wanted: Ints) -> Ints:
        return np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
