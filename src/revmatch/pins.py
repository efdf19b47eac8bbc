"""Pairs that were decided by hand: pins, and plain pairs of ids for bans and history."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from revmatch.errors import InputError, Problem, did_you_mean
from revmatch.given import as_list


@dataclass(frozen=True, slots=True)
class Pin:
    """A pair that must be in the plan.

    Parameters
    ----------
    mentor, mentee : str
        Ids.
    despite : tuple of str
        Names of the rules that the pin may break.
    reason : str
        Why; needed with `despite`.
    """

    mentor: str
    mentee: str
    despite: tuple[str, ...] = ()
    reason: str = ""

    @classmethod
    def read(cls, given: object, place: str) -> Pin:
        """Pin from a pair of ids, a mapping, or a pin.

        Raises
        ------
        InputError
            RM135 for anything else.
        """
        if isinstance(given, Pin):
            return given
        if isinstance(given, Mapping):
            unknown = [key for key in given if key not in cls.__slots__]
            if unknown:
                hint = did_you_mean(str(unknown[0]), cls.__slots__)
                raise InputError(Problem("RM135", place, f"a pin has no field '{unknown[0]}'", hint))
            if {"mentor", "mentee"} <= given.keys():
                despite, reason = given.get("despite", ()), given.get("reason") or ""
                despite = (despite,) if isinstance(despite, str) else despite
                words = isinstance(despite, list | tuple) and all(isinstance(name, str) for name in despite)
                if not words or not isinstance(reason, str):
                    expected = "expected despite = names of rules, and reason = a text"
                    raise InputError(Problem("RM143", place, expected, 'such as despite=("GradeGap",)'))
                return cls(*read_pair((given["mentor"], given["mentee"]), place), tuple(despite), reason)
        return cls(*read_pair(given, place))

    def to_dict(self) -> dict[str, Any]:
        """Plain shape, for files."""
        more = {"despite": list(self.despite), "reason": self.reason} if self.despite or self.reason else {}
        return {"mentor": self.mentor, "mentee": self.mentee, **more}


def read_pair(given: object, place: str) -> tuple[str, str]:
    """Mentor's id and mentee's id, from two ids, a mapping, or a pair of a plan.

    Raises
    ------
    InputError
        RM143 if this is no pair of ids.
    """
    if isinstance(given, Mapping) and set(given) == {"mentor", "mentee"}:
        given = (given["mentor"], given["mentee"])
    if hasattr(given, "mentor") and hasattr(given, "mentee"):  # a pair of a plan
        given = (given.mentor, given.mentee)
    pair = () if isinstance(given, Set) else as_list(given) or ()  # a set has no order
    if len(pair) != 2 or not all(isinstance(x, str | int | np.integer) and not isinstance(x, bool) for x in pair):
        raise InputError(Problem("RM143", place, "expected a pair: (mentor's id, mentee's id)"))
    return str(pair[0]), str(pair[1])
