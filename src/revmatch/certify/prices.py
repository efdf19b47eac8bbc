"""What a certificate's records say of people and pairs: how far a pair is above its prices."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from revmatch.certify.grids import Priced
from revmatch.certify.listed import Listed
from revmatch.certify.moments import MomentRow, Moments
from revmatch.certify.records import MOST, Case, CircleRow, Direction, GapRow, GroupCircleRow, PairRow, Record, WorstRow
from revmatch.certify.sides import Bools, Ints

#: Below every score.
NO_LEAST = -(1 << 62)


class View:
    """One record, or one case of a record.

    Parameters
    ----------
    record : Record
    records : list of Record
        All records: rows may keep earlier goals.
    shape : tuple of int
        Number of mentors and of mentees.
    """

    def __init__(self, record: Record, records: list[Record], shape: tuple[int, int]) -> None:
        self.record = record
        aims = [(record.denominator, record.aim), *((r, records[g].aim) for g, r in record.kept)]
        each = {kind: sum(factor for factor, aim in aims if aim.pair == kind) for kind in ("score", "one")}
        #: What a unit of score is worth: a number, or one a mentee.
        self.by_score: int | Ints = each["score"]
        #: What any pair at all is worth.
        self.by_pair: int = each["one"]
        #: What a person's first partner is worth: a number a side, or one a person.
        self.steps: list[int | Ints] = [
            sum(factor for factor, aim in aims if side in aim.sides) for side in ("mentor", "mentee")
        ]
        #: Prices of people, with what rows take from all of a person's pairs.
        self.taken = record.mentor_prices, record.mentee_prices
        self.priced: list[Priced] = []
        #: Some pairs, each with what it is worth more.
        self.listed: list[Listed] = []
        #: What the cheapest time of a pair costs.
        self.moments: Moments | None = None
        if record.directions:
            self.listed.append(_directions(record.directions, shape))
        for factor, aim in aims:
            if aim.pair == "previous" and factor:
                some = np.array(sorted(aim.previous), dtype=np.int64).reshape(-1, 2)
                self.listed.append(Listed(some[:, 0], some[:, 1], shape, np.full(len(some), factor)))
        if record.rows:
            self._read_rows(shape)

    def _read_rows(self, shape: tuple[int, int]) -> None:
        of_grid: dict[tuple[int, bool], list[PairRow | GroupCircleRow]] = {}
        for row in self.record.rows:
            if isinstance(row, PairRow | GroupCircleRow):
                of_grid.setdefault((id(row.grid), isinstance(row, PairRow)), []).append(row)
        for rows in of_grid.values():
            each = [(row.a, row.b, row.price * (row.size if isinstance(row, GroupCircleRow) else 1)) for row in rows]
            priced = Priced(rows[0].grid, each)
            people = priced.of_people()
            if people is None:
                self.priced.append(priced)
            else:
                self.taken = self.taken[0] + people[0], self.taken[1] + people[1]
        given = np.zeros(shape[1], dtype=np.int64)  # all pairs of a mentee give to a circle, and some take more
        for row in self.record.rows:
            if isinstance(row, CircleRow | GroupCircleRow):
                given[row.mentee] += row.price
        self.taken = self.taken[0], self.taken[1] - given
        circles = [row for row in self.record.rows if isinstance(row, CircleRow)]
        if circles:
            some = np.array([(row.mentor, row.mentee, -row.size * row.price) for row in circles], dtype=np.int64)
            self.listed.append(Listed(some[:, 0], some[:, 1], shape, some[:, 2]))
        moments = [row for row in self.record.rows if isinstance(row, MomentRow)]
        self.moments = Moments(moments) if moments else None
        worst = [row for row in self.record.rows if isinstance(row, WorstRow)]
        gaps = [row for row in self.record.rows if isinstance(row, GapRow)]
        if worst:
            by_score, step = (np.zeros(shape[1], dtype=np.int64) for _ in range(2))
            for row in worst:
                by_score[row.mentee] += row.price
                step[row.mentee] += row.price * row.least
            self.by_score, self.steps[1] = self.by_score + by_score, self.steps[1] - step
        for gap in gaps:
            sizes = gap.gap.sizes
            for s, group in enumerate((gap.gap.mentor_group, gap.gap.mentee_group)):
                more = gap.price * ((group == gap.b) * sizes[gap.a] - (group == gap.a) * sizes[gap.b])
                self.steps[s] = self.steps[s] + more

    def constant(self, kept: list[int | None]) -> int:
        """What the rows add by themselves."""
        total = sum(row.price for row in self.record.directions) - sum(r * (kept[g] or 0) for g, r in self.record.kept)
        return total + sum(row.price * row.bound for row in self.record.rows)

    def brackets(self, i: Ints, j: Ints, worth: Ints) -> Ints:
        """By how much some pairs are above their prices."""
        by_score = self.by_score if isinstance(self.by_score, int) else self.by_score[j]
        found: Ints = by_score * worth + self.by_pair - self.taken[0][i] - self.taken[1][j]
        for listed in self.listed:
            found += listed.numbers(i, j)
        for priced in self.priced:
            found -= priced.pairs(i, j)
        if self.moments is not None:
            found -= self.moments.pairs(i, j)
        return found


class Prices:
    """What all records say of a pair.

    Parameters
    ----------
    records : list of Record
    shape : tuple of int
        Number of mentors and of mentees.
    """

    def __init__(self, records: list[Record], shape: tuple[int, int]) -> None:
        self.records, self.shape = records, shape

    @cached_property
    def views(self) -> list[View]:
        """One for each record."""
        return [View(record, self.records, self.shape) for record in self.records]

    @cached_property
    def cases(self) -> list[list[tuple[Case, View]]]:
        """For each record its cases."""
        return [
            [(case, View(case.record, self.records, self.shape)) for case in record.cases] for record in self.records
        ]

    @cached_property
    def decided(self) -> Listed:
        """Pairs that some case decides."""
        pairs = {pair for record in self.records for case in record.cases for pair in case.pairs}
        return Listed.of(sorted(pairs), self.shape)

    @cached_property
    def apart(self) -> list[Listed]:
        """Pairs of which more is to be said than their people, their scores and their rows do."""
        views = [*self.views, *(view for cases in self.cases for _, view in cases)]
        return [self.decided, *(listed for view in views for listed in view.listed)]

    def brackets(self, k: int, i: Ints, j: Ints, worth: Ints) -> Ints:
        """By how much some pairs are above the prices of a record."""
        return self.views[k].brackets(i, j, worth)

    def near(self, k: int, bracket: Ints) -> Bools:
        """Pairs that a record's own prices do not rule out of the plans that its cases speak of."""
        return np.asarray(bracket >= -self.records[k].margin)

    def too_low(self, k: int, j: Ints, worth: Ints) -> Bools | None:
        """Pairs that nobody has who is better off than the record's goal claims; None if it says no such thing."""
        record = self.records[k]
        if record.single is None or record.claimed is None:
            return None
        return record.single[j] & (worth <= record.claimed)

    def lost(self, k: int, j: Ints, worth: Ints) -> Bools | None:
        """Pairs that nobody has once the record's goal is kept; None if it says no such thing."""
        record = self.records[k]
        if record.single is None or record.keeps is None:
            return None
        return record.single[j] & (worth < record.keeps)

    def least_scores(self, k: int, assumed: list[bool]) -> Ints | None:
        """For each mentee the least score that a pair must have to count in a record; None if any score will do."""
        found: Ints | None = None
        for g, record in enumerate(self.records[: k + 1]):
            least = record.keeps if g < k else None if record.claimed is None else record.claimed + 1
            if record.single is None or least is None or (g < k and not assumed[g]):
                continue
            found = np.full(self.shape[1], NO_LEAST) if found is None else found
            found[record.single] = np.maximum(found[record.single], least)
        return found

    def counting(self, i: Ints, j: Ints, worth: Ints, assumed: list[bool]) -> Bools:
        """Which of some pairs would add to a sum if they may meet; `assumed` says which records close."""
        found = np.zeros(len(i), dtype=bool)
        free = np.ones(len(i), dtype=bool)
        for k, closes in enumerate(assumed):
            bracket = self.brackets(k, i, j, worth)
            low = self.too_low(k, j, worth)
            here = free if low is None else free & ~low
            found |= here & (bracket > 0)
            if self.cases[k]:
                near = np.flatnonzero(here & self.near(k, bracket))
                for _, view in self.cases[k]:
                    found[near] |= view.brackets(i[near], j[near], worth[near]) > 0
            if closes and self.records[k].compares is not None:
                lost = self.lost(k, j, worth)
                free = free if lost is None else free & ~lost
            elif closes:
                free &= bracket == 0
        return found


def unsafe(records: list[Record], most: int, most_partners: int) -> str:
    """Place of the first record whose sums might pass 2**62, with scores up to `most`; "" if there is none."""
    for record in [one for whole in records for one in (whole, *(case.record for case in whole.cases))]:
        price = max(_largest(record.mentor_prices), _largest(record.mentee_prices))
        scored = sum(abs(r) for g, r in record.kept if records[g].aim.pair == "score")
        scored += sum(abs(row.price) for row in record.rows if isinstance(row, WorstRow))
        rows = sum(abs(r) for _, r in record.kept) + sum(abs(row.price) for row in record.directions)
        rows += sum(abs(row.price) * max(1, row.most) for row in record.rows)
        pair = (record.denominator + scored) * max(1, most) + 2 * price + rows + record.margin
        if max(pair, record.denominator + scored + rows + price * max(1, most_partners)) >= MOST:
            return record.place
    return ""


def _largest(values: Ints) -> int:
    return max(int(values.max(initial=0)), -int(values.min(initial=0)))


def _directions(directions: tuple[Direction, ...], shape: tuple[int, int]) -> Listed:
    """The pairs that meet a limit in one direction only, less the row's price."""
    pairs = np.array([pair for row in directions for pair in row.pairs], dtype=np.int64)
    prices = np.repeat(np.array([row.price for row in directions], dtype=np.int64), 2)
    return Listed(pairs[:, 0], pairs[:, 1], shape, -prices)
