"""Shares: parts of a whole, exact, written as ``40%`` or ``2/5``."""

from __future__ import annotations

import re
from fractions import Fraction

_PERCENT = re.compile(r"\s*([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*%\s*")
_FRACTION = re.compile(r"\s*([0-9]{1,9})\s*/\s*([0-9]{1,9})\s*")


class Share(Fraction):
    """A part of a whole, from 0 to 1; its text is ``40%`` where that is exact, or ``1/3``."""

    def __str__(self) -> str:
        percent = self * 100
        return f"{percent.numerator}%" if percent.denominator == 1 else f"{self.numerator}/{self.denominator}"

    __repr__ = Fraction.__repr__

    def __eq__(self, other: object) -> bool:
        # all pairs are not one pair: a limit on the one is no limit on the other
        return isinstance(other, Fraction) and super().__eq__(other)

    __hash__ = Fraction.__hash__


def read_share(given: object) -> Share | None:
    """Share from a fraction or a text; None if it is none.

    >>> read_share("40%"), read_share("1/3"), read_share("140%")
    (Share(2, 5), Share(1, 3), None)
    """
    found: Fraction | None = given if isinstance(given, Fraction) else None
    if isinstance(given, str):
        percent, parts = _PERCENT.fullmatch(given), _FRACTION.fullmatch(given)
        if percent:
            found = Fraction(percent[1]) / 100
        elif parts and int(parts[2]):
            found = Fraction(int(parts[1]), int(parts[2]))
    if found is None or not 0 <= found <= 1 or found.denominator >= 10**9:
        return None
    return Share(found)


def share_text(bound: int | Fraction) -> str:
    """A bound in words.

    >>> share_text(Share(2, 5)), share_text(3)
    ('40%', '3')
    """
    return str(bound)
