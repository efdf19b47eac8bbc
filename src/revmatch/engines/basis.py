"""Where a simplex method ended: which columns and rows were basic; a start for a programme that is nearly the same.

Columns and rows are known by what they stand for, so a basis fits a model that has grown.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from revmatch.model import Kind, Model, Prices
from revmatch.policy.sides import Bools, Ints

#: As the solver numbers them: at the lower bound, at the upper one, basic.
AT_LOWER, AT_UPPER, BASIC = 2, 3, 5
#: Keys of slots begin here.
SLOTS = 1 << 61
_WIDTH = np.int64(1) << 40


@dataclass(frozen=True, slots=True)
class Basis:
    """Keys of columns and rows, in order, how each ended, and with which prices.

    Parameters
    ----------
    columns, column_status, rows, row_status : ndarray of int64
    prices : Prices
    """

    columns: Ints
    column_status: Ints
    rows: Ints
    row_status: Ints
    prices: Prices = field(default_factory=lambda: Prices(np.zeros(0, dtype=np.int64)))

    @classmethod
    def of_prices(cls, prices: Prices) -> Basis:
        """Prices alone, from wherever they are."""
        none = np.zeros(0, dtype=np.int64)
        return cls(none, none, none, none, prices)

    @classmethod
    def of(cls, columns: Ints, column_status: Ints, rows: Ints, row_status: Ints) -> Basis:
        """How the columns and rows with these keys ended."""
        one, other = np.argsort(columns), np.argsort(rows)
        return cls(columns[one], column_status[one], rows[other], row_status[other])

    def of_columns(self, columns: Ints) -> Ints:
        """How these columns ended."""
        return _looked_up(self.columns, self.column_status, columns, AT_LOWER)

    def of_rows(self, rows: Ints) -> Ints:
        """How these rows ended."""
        return _looked_up(self.rows, self.row_status, rows, BASIC)

    def knows(self, columns: Ints) -> Bools:
        """Which of these columns it has met."""
        return np.isin(columns, self.columns)

    def basic(self, model: Model) -> Bools:
        """Columns of a model that are basic here, themselves or by a slot."""
        keys = column_keys(model, np.arange(len(model.columns)))
        found = np.asarray(self.of_columns(keys) == BASIC)
        if model.slots is not None:
            by_slot = self.columns[(self.columns >= SLOTS) & (self.column_status == BASIC)] - SLOTS
            found |= np.isin(keys, by_slot // model.slots.count)
        return found

    def with_prices(self, prices: Prices) -> Basis:
        """Return the same basis with its prices."""
        return replace(self, prices=prices)

    def prices_on(self, model: Model) -> Prices:
        """The prices, as far as the model has the rows."""
        own, rows = self.prices, model.rows
        width = 1 + int(max(own.key.max(initial=0), rows.key.max(initial=0)))
        there = np.isin(own.family * width + own.key, rows.family * width + rows.key)
        there |= (own.family < 0) & (model.slots is not None)
        return replace(own, family=own.family[there], key=own.key[there], price=own.price[there])

    def packed(self) -> Ints:
        """All of it as one array."""
        own = self.prices
        parts = [self.columns, self.column_status, self.rows, self.row_status]
        parts += [own.person, own.family, own.key, own.price]
        counts = np.array([own.unit, *map(len, parts)], dtype=np.int64)
        return np.concatenate([counts, *parts])

    @classmethod
    def unpacked(cls, packed: Ints) -> Basis:
        """From one array."""
        unit, counts, rest = int(packed[0]), packed[1:9], packed[9:]
        parts = np.split(rest, np.cumsum(counts)[:-1])
        return cls(parts[0], parts[1], parts[2], parts[3], Prices(parts[4], parts[5], parts[6], parts[7], unit))


def column_keys(model: Model, used: Ints) -> Ints:
    """Pairs by mentor and mentee; then switches."""
    columns, (n, m) = model.columns, model.shape
    mentor, mentee = columns.mentor[used].astype(np.int64), columns.mentee[used].astype(np.int64)
    kind = columns.kind[used]
    switch = n * m + np.where(kind == Kind.MENTOR_SWITCH, mentor, n + mentee)
    return np.where(kind == Kind.PAIR, mentor * m + mentee, switch)


def slot_keys(pair: Ints, slot: Ints, count: int) -> Ints:
    """Slots of pairs, of so many slots: after all other columns."""
    return SLOTS + pair * count + slot


def row_keys(people: int, family: Ints, key: Ints) -> Ints:
    """People twice; then rows by family and key; those of slots, of families below 0, before all others."""
    return np.concatenate([np.arange(2 * people), np.where(family < 0, 0, 2 * people) + family * _WIDTH + key])


def _looked_up(keys: Ints, status: Ints, wanted: Ints, default: int) -> Ints:
    if not len(keys):
        return np.full(len(wanted), default, dtype=np.int64)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.asarray(np.where(keys[at] == wanted, status[at], default))
