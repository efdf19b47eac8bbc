"""Which mentors could be worth more to a mentee than the prices: found by what they have, without looking at pairs.

A mentee's possible points are a sum over columns (levels of skills that they lack). Drop the columns that most mentors
have, as long as what is left could still beat the prices; the few columns that cannot be dropped too are the ones of
which a mentor must have one at least. Everybody else needs no look. This is prefix filtering, as in joins of sets by
similarity (S. Chaudhuri, V. Ganti and R. Kaushik, A primitive operator for similarity joins in data cleaning, 2006).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from revmatch.certify.sides import Bools, Ints, spread
from revmatch.certify.thin import Product

#: A mentee for whom more than one mentor in so many would have to be looked at is looked at with all of them.
SPARSE = 2


@dataclass(frozen=True, slots=True)
class Must:
    """Columns of which a mentor must have one, mentee by mentee.

    Parameters
    ----------
    open_ : ndarray of int64
        Places of mentees who must be looked at with every mentor.
    begin : ndarray of int64
        The columns of the mentee in place p are from ``begin[p]`` to ``begin[p + 1]``.
    who, column : ndarray of int64
        Place of a mentee, and a column.
    """

    open_: Ints
    begin: Ints
    who: Ints
    column: Ints


@dataclass(frozen=True, slots=True)
class Family:
    """Mentors who have a column of a family, and mentees for whom they must be looked at because of it.

    Parameters
    ----------
    mentors, depth : ndarray of int64
        Places, and how many of the family's columns each has, falling.
    entries, needed : ndarray of int64
        Entries of `Must`, and how many of the family's columns a mentor must have.
    """

    mentors: Ints
    depth: Ints
    entries: Ints
    needed: Ints


class Reach:
    """What mentees can get from which columns, and who has those.

    Parameters
    ----------
    products : list of (Product, int or ndarray of int64)
        With the factor of each, or one a mentee; their columns are counted one after the other.
    rows, cols : ndarray of int64
        Positions of mentors and of mentees. What is said here speaks of places in these.
    """

    def __init__(self, products: list[tuple[Product, int | Ints]], rows: Ints, cols: Ints) -> None:
        self._products, self._rows = [product for product, _ in products], rows
        ends = np.cumsum([0, *(product.a.width for product in self._products)])
        self._first = ends[:-1]
        none = np.zeros(0, dtype=np.int64)
        family, have, at = [none], [(none, none)], 0
        wanted = [(none, none, none)]
        for first, (product, factor) in zip(self._first.tolist(), products, strict=True):
            family.append(product.a.family + at)
            at = int(family[-1].max(initial=at - 1)) + 1
            who, entry = product.a.entries(rows)
            have.append((who, product.a.column[entry] + first))
            who, entry = product.b.entries(cols)
            column = product.b.column[entry]
            value = product.b.value[entry] * (factor if isinstance(factor, int) else factor[cols[who]])
            least, most = product.a.span
            gain = np.maximum(value * most[column], value * least[column])
            wanted.append((who[gain > 0], column[gain > 0] + first, gain[gain > 0]))
        self._family = np.concatenate(family)
        who, column = (np.concatenate(part) for part in zip(*have, strict=True))
        order = np.argsort(column.astype(np.uint16 if ends[-1] < 1 << 16 else np.int64), kind="stable")
        self._has = who[order]
        self._begin = np.searchsorted(column[order], np.arange(ends[-1] + 1))
        self._order(np.concatenate([*map(np.stack, wanted)], axis=1), len(cols))

    def _order(self, wanted: Ints, count: int) -> None:
        """Columns of each mentee in the order in which they are chosen: first those that few mentors have.

        Columns of one family stand together, the last one first, as its mentors are among those of the others.
        """
        who, column, gain = wanted[:, np.lexsort((wanted[1], wanted[0]))]
        family = self._family[column]
        new = np.ones(len(who), dtype=bool)
        new[1:] = (who[1:] != who[:-1]) | (family[1:] != family[:-1])
        group = np.cumsum(new) - 1
        starts = np.flatnonzero(new)
        most = np.diff(self._begin)[column[starts]]  # the first column of a family is the one that most have
        in_all = np.add.reduceat(gain, starts) if len(starts) else gain
        order = np.lexsort((-column, group, (most / np.maximum(1, in_all))[group], who))
        self._who, self._column, self._group, gain = who[order], column[order], group[order], gain[order]
        ends = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(gain)])
        begin = np.searchsorted(self._who, np.arange(count + 1))
        #: What each mentee gets at most; and from the columns before each one.
        self.total = ends[begin[1:]] - ends[begin[:-1]]
        self._before = ends[:-1] - ends[begin[self._who]]

    def must_have(self, above: Ints, places: Ints) -> Must:
        """Columns of which a mentor must have one to be looked at.

        Parameters
        ----------
        above : ndarray of int64
            For each mentee, by how much the best possible pair is above the prices.
        places : ndarray of int64
            Mentees who need a look at all.
        """
        asked = np.zeros(len(above), dtype=bool)
        asked[places] = True
        chosen = asked[self._who] & (self._before <= above[self._who])
        # of a family, the column with the most mentors stands for the others
        stands = chosen.copy()
        stands[:-1] &= ~(chosen[1:] & (self._group[1:] == self._group[:-1]))
        who, column = self._who[stands], self._column[stands]
        cost = np.zeros(len(above), dtype=np.int64)
        np.add.at(cost, who, np.diff(self._begin)[column])
        open_ = asked & ((above >= self.total) | (cost * SPARSE > len(self._rows)))
        few = ~open_[who]
        who, column = who[few], column[few]
        return Must(np.flatnonzero(open_), np.searchsorted(who, np.arange(len(above) + 1)), who, column)

    def families(self, must: Must, begin: int, end: int) -> Iterator[Family]:
        """Who must be looked at with whom, for mentors from one place to another."""
        family = self._family[must.column]
        order = np.argsort(family, kind="stable")
        for entries in np.split(order, np.flatnonzero(np.diff(family[order])) + 1) if len(order) else ():
            first = must.column[entries].min()
            columns = np.flatnonzero(self._family == self._family[first])
            columns = columns[columns >= first]
            depth = np.zeros(end - begin, dtype=np.int64)
            for column in columns.tolist():
                have = self._has[self._begin[column] : self._begin[column + 1]]
                low, high = np.searchsorted(have, (begin, end))
                depth[have[low:high] - begin] += 1
            mentors = np.flatnonzero(depth)
            mentors = mentors[np.argsort(-depth[mentors], kind="stable")]
            needed = np.searchsorted(columns, must.column[entries]) + 1
            yield Family(mentors + begin, depth[mentors], entries, needed)

    def earlier(self, must: Must, mentors: Ints, entries: Ints) -> Bools:
        """Which pairs of a mentor and an entry of `must` are also pairs of an entry that stands before it."""
        who = must.who[entries]
        pair, at = spread(must.begin[who], entries - must.begin[who])
        found = np.zeros(len(mentors), dtype=bool)
        people, columns = self._rows[mentors[pair]], must.column[at]
        for first, product in zip(self._first.tolist(), self._products, strict=True):
            mine = np.flatnonzero((columns >= first) & (columns < first + product.a.width))
            found[pair[mine[product.a.has(people[mine], columns[mine] - first)]]] = True
        return found
