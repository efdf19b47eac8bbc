"""Pairs as the witnesses find them: eligible or not, and their worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from revmatch.certify.records import MOST
from revmatch.certify.sides import Bools, Ints
from revmatch.certify.witness import Witness
from revmatch.certify.witness_rules import ABSENT, RULES, OfWorth, above_rules
from revmatch.certify.witness_scores import SCORES
from revmatch.certify.world import World

#: Whole numbers: int64, or Python's own where they would not fit.
Whole = npt.NDArray[Any]


class Plain:
    """All witnesses of a programme.

    Parameters
    ----------
    world : World
    """

    def __init__(self, world: World) -> None:
        self._terms = [(weight, SCORES[type(term)](term, world)) for weight, term in world.terms]
        self._rules = [(rule.name, RULES[type(rule)](rule, world)) for rule in world.rules]
        self._above = above_rules(world)
        # the order makes no difference: who shares cells is asked about first, as those answers are known soon
        asked = [witness for _, witness in (*self._rules, *self._above) if isinstance(witness, Witness)]
        self._asked = sorted(asked, key=lambda witness: witness.different)
        self._of_worth = [witness for _, witness in self._rules if isinstance(witness, OfWorth)]
        self._partial = any(
            getattr(term, name, None) is not None for _, term in world.terms for name in ("entries", "forbidden")
        )
        #: Tables that list their pairs.
        self._lists = [
            witness
            for (_, witness), (_, term) in zip(self._terms, world.terms, strict=True)
            if getattr(term, "entries", None) is not None
        ]

    def worth(self, i: Ints, j: Ints) -> tuple[Whole, Bools]:
        """Score of each pair in whole units, and which pairs a table leaves out (their worth is then 0)."""
        total: Whole = np.zeros(len(i), dtype=np.int64)
        absent, most = np.zeros(len(i), dtype=bool), 0
        for weight, witness in self._terms:
            points = witness.points(i, j)
            if points.dtype == object:
                none = np.array([number is None for number in points.tolist()], dtype=bool)
                absent |= none
                points[none] = 0
            most += abs(weight) * max(1, int(points.max(initial=0)), -int(points.min(initial=0)))
            if most < MOST:
                total = total + weight * points.astype(np.int64)
            else:  # no certificate can hold such numbers, but what is wrong must still be said
                total = total.astype(object) + weight * points.astype(object)
        total[absent] = 0
        return total, absent

    def eligible(self, i: Ints, j: Ints) -> Bools:
        """Which pairs may meet, by every rule and by what stands above rules."""
        left = np.arange(len(i))
        for table in self._lists:  # they leave out most pairs, about which nobody else is asked then
            left = left[table.answers(i[left], j[left])]
        for witness in self._asked:
            left = left[witness.allows(i[left], j[left])]
        if self._of_worth or self._partial:
            worth, absent = self.worth(i[left], j[left])
            fine = ~absent
            for rule in self._of_worth:
                fine &= np.array([rule.says(points) for points in worth.tolist()], dtype=bool)
            left = left[fine]
        found = np.zeros(len(i), dtype=bool)
        found[left] = True
        return found

    def against(self, i: int, j: int) -> list[str]:
        """Everything that forbids a pair, apart from capacity: the names of rules, and what stands above rules."""
        worth, absent = self.worth(np.array([i]), np.array([j]))
        found = []
        for name, witness in self._rules:
            fine = witness.of(i, j) if isinstance(witness, Witness) else not absent[0] and witness.says(worth[0])
            if not fine:
                found.append(name)
        if absent[0]:
            found.append(ABSENT)
        return found + [name for name, witness in self._above if not witness.of(i, j)]
