"""One look over all pairs: which of them may add to a sum.

Pairs are never listed before they are found to matter. Mentors are taken by classes of like prices. For each mentee
there is a ceiling on what a pair with any mentor of the class could be worth; where it is covered by the prices, the
mentee needs no look, and elsewhere only some mentors do (`revmatch.certify.reach`). For those one product of two thin
matrices gives every pair's worth, with the prices taken off in two more columns; what is then above 0 is given out, to
be added up pair by pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from revmatch.certify.bulk import Bulk
from revmatch.certify.bulk_scores import Points
from revmatch.certify.grids import Grid, Priced
from revmatch.certify.listed import Listed
from revmatch.certify.prices import Prices, View
from revmatch.certify.reach import Reach
from revmatch.certify.sample import Sample
from revmatch.certify.sides import Ints
from revmatch.certify.thin import Numbers, Product, exact_in, multiplied

#: Pairs of one product: a few arrays of this size are held at a time; and mentees of one at most.
TILE, TILE_COLUMNS = 1 << 20, 1 << 12
#: Where more than one pair in so many is above its prices in a tile, the tile is looked at more closely at once.
MANY = 16
#: Classes of mentors with like prices, at most.
CLASSES = 64
#: Classes times columns, at most.
STEPS = 20_000


class Part:
    """One record's view of a pair: ``u of the mentor + v of the mentee + products - rows + the rest``.

    Parameters
    ----------
    bulk : Bulk
    u, v : ndarray of int64
        What each mentor and each mentee is worth by themselves.
    by_score : int or ndarray of int64
        What a unit of score is worth: a number, or one a mentee.
    rows : list of Priced
        What rows take from pairs.
    """

    __slots__ = ("dtype", "loose", "products", "rows", "scored", "slack", "tables", "u", "v")

    def __init__(self, bulk: Bulk, u: Ints, v: Ints, by_score: int | Ints, rows: list[Priced]) -> None:
        self.scored = not isinstance(by_score, int) or by_score != 0
        self.u, self.v, self.rows = u, v, list(rows)
        self.products: list[tuple[Product, int | Ints]] = []
        self.tables: list[tuple[Points, int | Ints]] = []
        self.loose: list[tuple[Points, int | Ints]] = []
        for weight, points in bulk.terms if self.scored else ():
            factor = by_score * weight
            if points.alone is not None:
                self._alone(points.alone, factor)
            elif points.products:
                self.products += [(product, factor) for product in points.products]
            elif points.listed is None:
                (self.tables if points.table else self.loose).append((points, factor))
        #: What the loose terms add at most: a number, or one a mentee.
        self.slack = _sum(_most(points, factor) for points, factor in self.loose)
        reach = sum(_size(factor) * product.most for product, factor in self.products)
        reach += sum(_size(factor) * max(-p.least, p.most) for p, factor in (*self.tables, *self.loose))
        reach += _size(self.u) + _size(self.v) + sum(priced.most for priced in self.rows)
        #: In these numbers every sum is exact.
        self.dtype = exact_in(reach)

    @classmethod
    def of(cls, view: View, bulk: Bulk, more: int = 0) -> Part:
        """Of a record, with so much more for every pair."""
        return cls(bulk, view.by_pair + more - view.taken[0], -view.taken[1], view.by_score, view.priced)

    def _alone(self, alone: tuple[Ints, Ints], factor: int | Ints) -> None:
        """A term that is a number of the mentor and one of the mentee."""
        self.v = self.v + factor * alone[1]
        if isinstance(factor, int):
            self.u = self.u + factor * alone[0]
        else:  # the mentor's number is worth something else to each mentee: a row that holds every pair gives as much
            nothing = [np.zeros(len(side), dtype=np.int64) for side in alone]
            grid = Grid(nothing[0], nothing[1], (1, 1), alone[0], -factor, lambda *row: 0)
            self.rows.append(Priced(grid, [(0, 0, 1)]))

    def base(self, i: Ints, j: Ints) -> Ints:
        """Number of single pairs, without the loose terms."""
        found = self.u[i] + self.v[j]
        for product, factor in self.products:
            found += at(factor, j) * product.pairs(i, j)
        for points, factor in self.tables:
            found += at(factor, j) * points.pairs(i, j)
        for priced in self.rows:
            found -= priced.pairs(i, j)
        return found

    def tile(self, rows: Ints, cols: Ints) -> Numbers:
        """Numbers of all pairs of some mentors and some mentees, without the loose terms."""
        ones = np.ones((2, max(len(rows), len(cols))), dtype=self.dtype)
        a = [self.u[rows].astype(self.dtype)[:, None], ones[0, : len(rows), None]]
        b = [ones[1, : len(cols), None], self.v[cols].astype(self.dtype)[:, None]]
        for product, factor in self.products:
            used = product.b.used_by(cols)
            a.append(product.a.block(rows, used, self.dtype))
            each = self.dtype(factor) if isinstance(factor, int) else factor[cols].astype(self.dtype)[:, None]
            b.append(product.b.block(cols, used, self.dtype) * each)
        found = multiplied(np.concatenate(a, axis=1), np.concatenate(b, axis=1))
        for points, factor in self.tables:
            found += (at(factor, cols) * points.pairs(rows[:, None], cols[None, :])).astype(self.dtype)
        for priced in self.rows:
            found -= priced.tile(rows, cols).astype(self.dtype)
        return found

    def ceilings(self, rows: Ints, cols: Ints) -> Ints:
        """For each of some mentees: no pair with any of these mentors has a larger number, apart from products."""
        found: Ints = self.v[cols] + int(self.u[rows].max())
        for points, factor in (*self.tables, *self.loose):
            found += at(_most(points, factor), cols)
        for priced in self.rows:
            found += priced.gives(rows, cols)
        return found


def at(factor: int | Ints, j: Ints) -> int | Ints:
    """A number, or that of each mentee."""
    return factor if isinstance(factor, int) else factor[j]


def _most(points: Points, factor: int | Ints) -> int | Ints:
    if isinstance(factor, int):
        return max(factor * points.least, factor * points.most)
    return np.asarray(np.maximum(factor * points.least, factor * points.most))


def _sum(numbers: Iterable[int | Ints]) -> int | Ints:
    total: int | Ints = 0
    for number in numbers:
        total = total + number
    return total


def _size(number: int | Ints) -> int:
    """Largest absolute number."""
    return abs(number) if isinstance(number, int) else max(int(number.max(initial=0)), -int(number.min(initial=0)))


def parts_of(prices: Prices, bulk: Bulk) -> list[tuple[int, bool, Part]]:
    """For each record its part, and, if it has cases, one in which every pair counts that they speak of.

    With each the record, and whether the part is the record's own.
    """
    found: list[tuple[int, bool, Part]] = []
    for k, view in enumerate(prices.views):
        found.append((k, True, Part.of(view, bulk)))
        if prices.cases[k]:
            found.append((k, False, Part.of(view, bulk, more=prices.records[k].margin + 1)))
    return found


class Look:
    """All pairs of those who take part.

    Parameters
    ----------
    bulk : Bulk
    prices : Prices
    rows, cols : ndarray of int64
        Positions of mentors and of mentees who take part.
    apart : Listed
        Pairs that are given out in any case.
    sample : Sample
        Pairs whose numbers are compared with what single pairs give.
    """

    def __init__(self, bulk: Bulk, prices: Prices, rows: Ints, cols: Ints, apart: Listed, sample: Sample) -> None:
        self._bulk, self._apart, self._sample, self._prices = bulk, apart, sample, prices
        parts = parts_of(prices, bulk)
        #: Of each part: which record it is of, and whether that record closes by it.
        self._of = [k for k, _, _ in parts]
        self._closes = [main and prices.records[k].compares is None for k, main, _ in parts]
        self._parts = [part for *_, part in parts]
        compares = any(record.single is not None for record in prices.records)
        #: Scores, where some pairs do not count because theirs is too low.
        nothing = [np.zeros(size, dtype=np.int64) for size in prices.shape]
        self._scores = Part(bulk, nothing[0], nothing[1], 1, []) if compares else None
        self._least: list[Ints | None] = [None] * len(parts)
        listed_only = any(points.only is not None for _, points in bulk.terms)
        rows, cols = (rows[:0], cols[:0]) if listed_only else bulk.may_meet(rows, cols)
        families = sum(len(product.a.family) for part in self._parts for product, _ in part.products)
        self._rows, self._ends = _by_class(
            [part.u for part in self._parts], rows, min(CLASSES, STEPS // max(1, families))
        )
        self._cols = cols
        self._reach = [Reach(part.products, self._rows, cols) if part.scored else None for part in self._parts]
        self._bases = [part.base(sample.i, sample.j) for part in self._parts]

    def pairs(self, assumed: list[bool]) -> Iterator[tuple[Ints, Ints]]:
        """Every pair that may add to a sum, each once; `assumed` says which records close."""
        self._least = [self._prices.least_scores(k, assumed) for k in self._of]
        yield self._apart.positions()
        for begin, end in zip(self._ends, self._ends[1:], strict=False):
            for i, j in self._class(begin, end, assumed):
                some = ~self._apart.holds(i, j)
                yield i[some], j[some]

    def _class(self, begin: int, end: int, assumed: list[bool]) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of the mentors from one place to another."""
        tops = [self._tops(k, begin, end) for k in range(len(self._parts))]
        alive = np.arange(len(self._cols))  # mentees of whom some pair may still be free
        least: list[int] = []
        for k, part in enumerate(self._parts):
            top, closes = tops[k], self._closes[k] and assumed[self._of[k]]
            later = any(bool((other[alive] > 0).any()) for other in tops[k + 1 :])
            # once a goal of scores is closed, pairs at 0 are free: they are given out if they may count later
            least.append(0 if closes and part.scored and later else 1)
            hot = alive[top[alive] >= least[k]]
            for i, j in self._hot(k, begin, end, hot, top - least[k], least[k], refine=not later):
                yield self._new(k, i, j, least)
            if closes:
                alive = alive[top[alive] >= 0]
                if part.scored or not len(alive):
                    break

    def _tops(self, k: int, begin: int, end: int) -> Ints:
        """For each mentee: no pair with any of these mentors has a larger number."""
        reach, found = self._reach[k], self._parts[k].ceilings(self._rows[begin:end], self._cols)
        return found if reach is None else found + reach.total

    def _hot(
        self, k: int, begin: int, end: int, hot: Ints, above: Ints, least: int, *, refine: bool
    ) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of some mentees whose numbers are not below the least that counts."""
        reach, open_ = self._reach[k], hot
        if reach is not None and len(hot):
            must = reach.must_have(above, hot)
            open_ = must.open_
            for family in reach.families(must, begin, end):
                for at, place in _tiles(len(family.mentors), len(family.entries)):
                    mentors, depth = family.mentors[at], family.depth[at]
                    deep_enough = family.needed[place] <= depth[0]
                    entries, needed = family.entries[place][deep_enough], family.needed[place][deep_enough]
                    r, c = self._above(k, self._rows[mentors], self._cols[must.who[entries]], least, refine=refine)
                    some = depth[r] >= needed[c]
                    r, c = r[some], c[some]
                    some = ~reach.earlier(must, mentors[r], entries[c])
                    yield self._rows[mentors[r[some]]], self._cols[must.who[entries[c[some]]]]
        for at, place in _tiles(end - begin, len(open_)):
            rows, cols = self._rows[begin:end][at], self._cols[open_[place]]
            r, c = self._above(k, rows, cols, least, refine=refine)
            yield rows[r], cols[c]

    def _above(self, k: int, rows: Ints, cols: Ints, least: int, *, refine: bool) -> tuple[Ints, Ints]:
        """Pairs of a tile whose numbers may not be below the least that counts.

        Where those are many they are refined by the loose terms, if no later record asks, and by rules.
        """
        part, scores = self._parts[k], self._least[k]
        numbers = part.tile(rows, cols)
        self._sample.see(self._bases[k], rows, cols, numbers)
        enough = least - at(part.slack, cols)
        if not numbers.size or not (above := numbers >= enough).any():
            return rows[:0], cols[:0]
        if self._scores is not None and scores is not None:
            above &= self._scores.tile(rows, cols) >= scores[cols] - self._scores.slack
        if np.count_nonzero(above) * MANY > above.size:
            i, j = rows[:, None], cols[None, :]
            if refine:
                for points, factor in part.loose:
                    numbers += (at(factor, j) * points.pairs(i, j)).astype(part.dtype)
                above = numbers >= least
            above &= self._bulk.may_exist(i, j)
        r, c = np.nonzero(above)
        return r, c

    def _new(self, k: int, i: Ints, j: Ints, least: list[int]) -> tuple[Ints, Ints]:
        """Those of some pairs that no earlier record has given out."""
        for part, enough, scores in zip(self._parts[:k], least, self._least, strict=False):
            old = part.base(i, j) >= enough - at(part.slack, j)
            if self._scores is not None and scores is not None:
                old &= self._scores.base(i, j) >= scores[j] - self._scores.slack
            i, j = i[~old], j[~old]
        return i, j


def _tiles(rows: int, cols: int) -> Iterator[tuple[slice, slice]]:
    """Parts of some mentors and mentees that are small enough."""
    width = min(cols, TILE_COLUMNS)
    height = TILE // max(1, width)
    for c in range(0, cols, max(1, width)):
        for r in range(0, rows, height):
            yield slice(r, r + height), slice(c, c + width)


def _by_class(prices: list[Ints], rows: Ints, most: int) -> tuple[Ints, list[int]]:
    """Mentors in an order in which like prices are neighbours; and the places where classes begin and end.

    There are hardly more than `most` classes.
    """
    if not len(rows):
        return rows, [0]
    different = [int(own[rows].min()) < int(own[rows].max()) for own in prices]
    each = max(1, int(most ** (1 / max(1, sum(different)))))
    keys = []
    for own in prices:
        cuts = np.sort(own[rows])[np.linspace(0, len(rows) - 1, each + 1).astype(np.int64)]
        keys.append(np.searchsorted(np.unique(cuts), own[rows], side="right"))
    order = np.lexsort(keys[::-1])
    change = np.zeros(len(rows) - 1, dtype=bool)
    for key in keys:
        change |= np.diff(key[order]) != 0
    return rows[order], [0, *(np.flatnonzero(change) + 1).tolist(), len(rows)]
