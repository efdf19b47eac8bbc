"""Numbers of partners that people may have, and which of them are best at given prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revmatch.certify.sides import Bools, Ints


@dataclass(frozen=True, slots=True)
class Degrees:
    """Numbers of partners that each person of one side may have: perhaps 0, and low..high (none if low > high).

    Parameters
    ----------
    zero : ndarray of bool
    low, high : ndarray of int64
        1 <= low where low <= high.
    """

    zero: Bools
    low: Ints
    high: Ints

    @classmethod
    def between(cls, least: Ints, most: Ints) -> Degrees:
        """From the fewest to the most partners."""
        return cls(least <= 0, np.maximum(least, 1), most)

    def best(self, step: Ints | int, price: Ints) -> tuple[Ints, Degrees]:
        """Largest ``step * [d >= 1] + price * d`` of each person, and where it is attained."""
        some = self.low <= self.high
        paired = step + price * np.where(price > 0, self.high, self.low)
        best = np.where(some & self.zero, np.maximum(paired, 0), np.where(some, paired, 0))
        stays = some & (paired == best)
        low = np.where(price > 0, self.high, self.low)
        high = np.where(price < 0, self.low, self.high)
        return best, Degrees(self.zero & (best == 0), np.where(stays, low, 1), np.where(stays, high, 0))

    @property
    def empty(self) -> Bools:
        """People for whom no number is left."""
        return ~self.zero & (self.low > self.high)

    @property
    def largest(self) -> Ints:
        """Most partners of each person; 0 where nobody may have any."""
        return np.where(self.low <= self.high, self.high, 0)

    def narrowed(self, upper: dict[int, int], lower: dict[int, int]) -> Degrees:
        """Those of at most so many partners, and of at least so many, for some people."""
        zero, low, high = self.zero.copy(), self.low.copy(), self.high.copy()
        for row, most in upper.items():
            high[row] = min(high[row], most)
        for row, least in lower.items():
            zero[row] &= least <= 0
            low[row] = max(low[row], least)
        return Degrees(zero, low, high)
