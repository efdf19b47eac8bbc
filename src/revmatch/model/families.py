"""What rows are: which limit or goal asks for them, between whom, and what any pair counts in them.

A row is known by its family and its key there, whatever columns there are at the time. So a price can be held against
pairs that are no columns, and a certificate can name the row.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from revmatch.graph.numbering import Numbered
from revmatch.model.meetings import MeetingTimes
from revmatch.model.partners import partners
from revmatch.model.prices import Prices
from revmatch.policy.goals import Balance, WorstOff
from revmatch.policy.limits import CoMentorsDifferent
from revmatch.policy.rows import RowForm, in_order_of_ids
from revmatch.policy.sides import Bools, Ints
from revmatch.slot import meetings_of


class Families:
    """All families of rows of a numbered programme.

    Families are numbered: the forms of all limits, then pairs in both directions, then circles, then goals, then
    circles by the forms of limits. Those of weekly times are below 0: see `revmatch.model.slots`.

    Parameters
    ----------
    numbered : Numbered
    """

    def __init__(self, numbered: Numbered) -> None:
        self.numbered = numbered
        self._at: list[tuple[int, int]] = []  # of each form: position of its limit, and among its forms
        #: Rows of the limits.
        self.forms: list[RowForm] = []
        for k, limit in enumerate(numbered.programme.policy.limits):
            for f, form in enumerate(limit.rows(numbered.sides)):
                self._at.append((k, f))
                self.forms.append(form)

    @property
    def direction(self) -> int:
        """Two people meet in one direction only; the key is that of the pair whose mentor's id comes first."""
        return len(self.forms)

    @property
    def circle(self) -> int:
        """Who is with a mentee who has nobody or several is not alone with them; the key is that of the pair.

        Every plan keeps such a row, and yet the relaxation may not.
        """
        return len(self.forms) + 1

    def circle_by(self, form: int) -> int:
        """The same of all mentors of a group of whom the mentee has one at most; the key is that of the form's row."""
        return len(self.forms) + 2 + len(self.numbered.programme.policy.goals) + form

    @cached_property
    def one_of_each(self) -> int | None:
        """A form by which a mentee has at most one mentor of each group, where there is one."""
        for (k, _), form in zip(self._at, range(len(self.forms)), strict=True):
            if isinstance(self.numbered.programme.policy.limits[k], CoMentorsDifferent):
                return form
        return None

    @cached_property
    def meetings(self) -> MeetingTimes | None:
        """When pairs could meet, where every pair needs a time."""
        limit = meetings_of(self.numbered.programme)
        return MeetingTimes(self.numbered, limit) if limit else None

    @cached_property
    def smallest_circle(self) -> Ints:
        """Fewest partners of each mentee who has any."""
        return partners(self.numbered.programme, "mentee")[1][self.numbered.mentee_rows]

    @cached_property
    def mentee_of(self) -> Ints:
        """Number of the mentee at each place by id."""
        return self.numbered.sides.mentees.id_order()

    def goal(self, k: int) -> int:
        """What keeps a goal, or asks for more."""
        return len(self.forms) + 2 + k

    @cached_property
    def _ranks(self) -> tuple[Ints, Ints]:
        sides = self.numbered.sides
        return in_order_of_ids(sides.mentors.id_order()), in_order_of_ids(sides.mentees.id_order())

    @cached_property
    def most_mentors(self) -> Ints:
        """Most partners that each mentee may have, limits included."""
        return partners(self.numbered.programme, "mentee")[2][self.numbered.mentee_rows]

    @cached_property
    def one_partner(self) -> Bools:
        """Who may have one partner at most, whatever goals leave: mentors, then mentees."""
        most = partners(self.numbered.programme, "mentor")[2][self.numbered.mentor_rows]
        return np.concatenate([most, self.most_mentors]) <= 1

    @cached_property
    def folded(self) -> list[bool]:
        """Which forms are a single row in which a pair counts the same as its mentor, or as its mentee, alone."""
        return [form.flat for form in self.forms]

    def names(self, family: Ints, key: Ints) -> list[str]:
        """Names of rows in certificates."""
        return [self.name(f, k) for f, k in zip(family.tolist(), key.tolist(), strict=True)]

    def name(self, family: int, key: int) -> str:
        """Name of a row in certificates."""
        m = self.numbered.sides.shape[1]
        if family < 0:
            assert self.meetings is not None
            return self.meetings.name(family, key, self._ranks)
        if family < self.direction:
            (k, f), width = self._at[family], self.forms[family].groups[1]
            return f"limit:{k}:{f}:{key // width}:{key % width}"
        if family == self.direction:
            ids = self.numbered.sides.mentors.ids, self.numbered.sides.mentees.ids
            return f"one_direction:{ids[0][key // m]}|{ids[1][key % m]}"
        if family == self.circle:
            return f"circle:{self._ranks[0][key // m]}:{self._ranks[1][key % m]}"
        k = family - self.goal(0)
        if k >= len(self.numbered.programme.policy.goals):
            form = family - self.circle_by(0)
            width = self.forms[form].groups[1]
            return f"circle:{self._at[form][0]}:{key // width}:{key % width}"
        goal = self.numbered.programme.policy.goals[k]
        if not goal.compares:
            return f"goal:{k}"
        if isinstance(goal, WorstOff):
            return f"goal:{k}:{self._ranks[1][key]}"
        assert isinstance(goal, Balance)
        groups = int(max(part.max(initial=0) for part in goal.groups(self.numbered.sides)[:2])) + 1
        return f"goal:{k}:{key // groups}:{key % groups}"

    def weighed(self, prices: Prices, i: Ints, j: Ints, score: Ints) -> Ints:
        """For any pairs, the sum of what they count in rows times the rows' prices; goals that are sums left out."""
        found = np.zeros(len(i), dtype=np.int64)
        m = max(1, self.numbered.sides.shape[1])
        if prices.slotted and self.meetings is not None:
            found += self.meetings.least(i, j, prices)
        for family in np.unique(prices.family[prices.family >= 0]).tolist():
            here = prices.family == family
            key, price = prices.key[here], prices.price[here]
            if family < self.direction:
                at, row, counts = self.forms[family].entries(i, j)
                np.add.at(found, at, counts * _looked_up(key, price, row))
            elif family == self.direction:
                pass  # both pairs of such a row are candidates, or it has no price
            elif family == self.circle:
                each = np.zeros(m, dtype=np.int64)
                np.add.at(each, key % m, price)
                found -= each[j]  # the pairs themselves are candidates: see `of_circles`
            elif family >= self.circle_by(0):
                form = self.forms[family - self.circle_by(0)]
                each = np.zeros(m, dtype=np.int64)
                np.add.at(each, self.mentee_of[key % form.groups[1]], price)
                at, row, _ = form.entries(i, j)
                own = np.zeros(len(i), dtype=np.int64)
                np.add.at(own, at, _looked_up(key, price, row))
                found += own * self.smallest_circle[j] - each[j]
            elif isinstance(self.numbered.programme.policy.goals[family - self.goal(0)], WorstOff):
                each = np.zeros(m, dtype=np.int64)
                each[key] = price
                found -= each[j] * score
        return found


def _looked_up(key: Ints, price: Ints, wanted: Ints) -> Ints:
    """Prices of some rows; 0 where a row has none. The keys are in order."""
    at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    return np.asarray(np.where(key[at] == wanted, price[at], 0))
