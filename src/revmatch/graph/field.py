"""All pairs of a programme, looked at and never stored.

A look lists the pairs that score above thresholds: one number for each mentor and one for each mentee, added. So the
first look, for everybody's best pairs, and every later one, for pairs that beat their prices, are the same work. One
side's people are the rows; the other side is cut into strips of people whose numbers are close, and each strip by some
rows is a tile. A row whose best possible score cannot reach a strip's threshold is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np

from revmatch.graph.ask import Ask, Sum
from revmatch.graph.cut import cut
from revmatch.graph.found import FAR, Found
from revmatch.graph.hands import Hands
from revmatch.graph.kinds import StripKinds
from revmatch.graph.lists import Lists
from revmatch.graph.strips import Seen, Weighed, seen_in_bits, seen_in_numbers
from revmatch.graph.thin import Keys, Thin, keys, packed, thin
from revmatch.graph.tiles import Looker
from revmatch.policy.forms import Triples
from revmatch.policy.masks import MOST_KINDS, Kinds
from revmatch.policy.sides import Bools, Ints, Side

#: Bytes that the planes of a strip may take.
STRIP_BYTES = 1 << 25
#: People of a strip, at most; and at least, where thresholds differ; and where pairs are looked at number by number.
LONGEST, SHORTEST, BY_NUMBER = 1 << 17, 1 << 7, 1 << 11
#: Where the strips end that the first look begins with, for thresholds.
FIRST = (1 << 11, 1 << 14)
#: People of a strip that are sorted by what they lack, at least.
LACKING = 1 << 11
#: Skills that people are sorted by.
KEYS = 10
#: Pairs of a tile, at most.
TILE = 1 << 25
#: Operations a pair by which looking number by number is dearer than one operation on a word, about.
DEARER = 600.0
#: Pairs of which it is seen how many the rules without kinds let exist.
SAMPLE = 1 << 12
#: Pairs that a look lists at least for each row and strip.
LEAST = 4


class Field:
    """All pairs of a numbered programme.

    Parameters
    ----------
    at : Looker
    hands : Hands
    rows : {"mentor", "mentee"}
        Which side is looked from: the scarce one.
    tick : callable
        ``tick(done, of)``, told of every tile; what it raises ends a look.
    """

    def __init__(self, at: Looker, hands: Hands, rows: Side, tick: Callable[[int, int], None]) -> None:
        self.at, self.hands, self.rows, self._tick = at, hands, rows, tick
        taking_part = at.taking_part()
        self.row_in, self.column_in = taking_part if rows == "mentor" else taking_part[::-1]
        #: Tiles of the present look: that are done, that the present strip has, in all.
        self._done, self._here, self._of = 0, 1, 1
        #: Pairs whose score was compared, and those of rows that could be skipped.
        self.seen = self.skipped = 0
        #: No pair of a row that `best` did not find scores more; before that, anything may be.
        self.covered: Ints = np.full(len(self.row_in), FAR, dtype=np.int64)
        #: What a look had seen that was ended before its end.
        self.cut_short: Found | None = None

    @cached_property
    def bits(self) -> Thin | None:
        """The score in bits, where that is the cheaper way to look."""
        found = thin(self.at.score, self.at.shape, self.rows)
        return found if found is not None and found.work < DEARER else None

    @cached_property
    def keys(self) -> Keys | None:
        """What people are sorted by, so that strips lack something."""
        count = int(self.column_in.sum()) // LACKING
        return None if self.bits is None or count < 2 else keys(self.bits, min(KEYS, count.bit_length() - 1))

    @cached_property
    def _pattern(self) -> Ints:
        """What each person has of the keys, as one number."""
        if self.keys is None:
            return np.zeros(len(self.column_in), dtype=np.int64)
        return np.asarray(self.keys.has @ (1 << np.arange(self.keys.has.shape[1], dtype=np.int64)))

    @cached_property
    def kinds(self) -> list[Kinds]:
        """Rules that go by kinds of people, where those of the rows are not too many."""
        found = [mask.by_kind() for _, mask in self.at.rules if mask.by_kind is not None]
        rows = [own.mentor_kinds if self.rows == "mentor" else own.mentee_kinds for own in found]
        return [own for own, count in zip(found, rows, strict=True) if count <= MOST_KINDS]

    @property
    def way(self) -> str:
        """How pairs are looked at, for `Plan.route`."""
        if self.bits is None:
            return "number by number"
        return f"64 at a time, by {self.bits.runs.planes:,} bit planes"

    @cached_property
    def most_of_row(self) -> Ints:
        """No pair of a row scores more."""
        lists = sum(
            max(0, int((weight * form.values).max(initial=0)))
            for weight, form in self.at.score.parts
            if isinstance(form, Triples)
        )
        if self.bits is not None:
            return np.asarray(self.bits.base + self.bits.unit * self.bits.reach + lists)
        return np.full(len(self.row_in), self.at.score.ceiling, dtype=np.int64)

    def best(self, most: int, columns: Ints | None = None, rows: Bools | None = None) -> Found:
        """About so many of the best pairs of each row, among some people of the other side.

        Among all of them: what was not found is then known to score no more than `covered`.

        Parameters
        ----------
        most : int
            Where fewer exist, all are listed.
        columns : ndarray of int64, optional
            People of the columns' side; all by default.
        rows : ndarray of bool, optional
            Look at these rows alone.
        """
        asked = min(len(self.column_in), int(most / self._allowed_share) + 1)
        column_low = np.zeros(len(self.column_in), dtype=np.int64)
        some = np.flatnonzero(self.column_in) if columns is None else columns[self.column_in[columns]]
        # a few people first, who are anybody by lot, then more: they give thresholds for the others
        strips = [part for part in np.split(some, FIRST) if len(part)]
        strips[len(FIRST) :] = [part for rest in strips[len(FIRST) :] for part in self._strips(rest, [], [])]
        lists, several = Lists(len(self.row_in), most), len(strips) > 1
        self.cut_short = None
        try:
            for k, strip in enumerate(self._told(strips)):
                # once there are thresholds few beat them, and choosing among those here would cost more than it saves
                each = asked * (8 if k else 1)
                found = self._listed(strip, Ask(self._sum(lists.low, column_low), counts=False), each, rows)
                lists.add(self.row_of(found), found, len(strip), settle=several)
        except BaseException:
            if self.cut_short is not None:
                lists.add(self.row_of(self.cut_short), self.cut_short, 0, settle=False)
            self.cut_short = lists.found()
            raise
        if several:
            lists.settle()
        if columns is None and rows is None:
            self.covered = np.maximum(lists.covered, lists.low)
        return lists.found()

    def look(self, ask: Ask, most: int, rows: Bools | None = None) -> Found:
        """Pairs that are asked for: all of them, or the best, at most about so many a row and strip.

        Parameters
        ----------
        ask : Ask
        most : int
        rows : ndarray of bool, optional
            Look at these rows alone.
        """
        close = [] if ask.low is None else [ask.low.turned(self.rows)[1]]
        same = [flat.sum.turned(self.rows)[1] for flat in ask.flats]
        self.cut_short = None
        everybody = np.flatnonzero(self.column_in)
        strips = list(self._strips(everybody, close, same))
        # so that the whole look lists hardly more than this for each row
        each = most if ask.whole else max(LEAST, most // max(1, len(strips)))
        return Found.joined((self._listed(strip, ask, each, rows) for strip in self._told(strips)), len(self.row_in))

    def _told(self, strips: list[Ints]) -> Iterator[Ints]:
        """The strips of a look, one after the other; how far it is is told on the way."""
        tiles = [max(1, -(-len(self.row_in) // max(1, TILE // len(strip)))) for strip in strips]
        self._done, self._of = 0, sum(tiles)
        for strip, count in zip(strips, tiles, strict=True):
            self._here = count
            yield strip
            self._done += count

    def _tell(self, part: float) -> None:
        self._tick(self._done + int(part * self._here), self._of)

    def turned(self) -> Field:
        """The same pairs, looked at from the other side."""
        return Field(self.at, self.hands, "mentor" if self.rows == "mentee" else "mentee", self._tick)

    def row_of(self, found: Found) -> Ints:
        """Row of each listed pair."""
        return found.mentor if self.rows == "mentor" else found.mentee

    def with_rows(self, found: Found, again: Found, rows: Bools) -> Found:
        """What was found, with some rows as they were found when they alone were looked at again."""
        others = found.only(~rows[self.row_of(found)])
        others.beyond[rows], others.beyond_rise[rows], others.beyond_most[rows] = 0, 0, -FAR
        return Found.joined([others, again], len(rows))

    def _sum(self, row: Ints, column: Ints) -> Sum:
        return Sum(row, column) if self.rows == "mentor" else Sum(column, row)

    def _strips(self, some: Ints, close: list[Ints], same: list[Ints]) -> Iterator[Ints]:
        """People in strips: some numbers are close in a strip, and some the same."""
        longest = BY_NUMBER
        if self.bits is not None:
            longest = min(LONGEST, max(64, STRIP_BYTES * 8 // (self.bits.runs.planes + self.bits.bits + 1) // 64 * 64))
        some = some[np.lexsort([self._pattern[some], *(number[some] for number in (*close, *same))])]
        next_close, next_same, next_pattern = (
            _changes([number[some] for number in numbers], len(some))
            for numbers in (close, same, [*close, *same, self._pattern])
        )
        start = 0
        while start < len(some):
            equal = _next(next_close, start)
            end = _next(next_same, start)
            if equal - start > LACKING:  # so many alike that they can be told apart by what they lack
                equal = _next(next_pattern, start + LACKING - 1)
            stop = min(end, start + longest, max(equal, start + min(SHORTEST, longest)))
            yield some[start:stop]
            start = stop

    def _listed(self, strip: Ints, ask: Ask, most: int, rows: Bools | None = None) -> Found:
        """Look at a strip's tiles, and test what they list against every rule and the whole question."""
        able = self.row_in.copy() if rows is None else self.row_in & rows
        for flat in ask.flats:
            row, column = flat.sum.turned(self.rows)
            able &= flat.holds(row + column[strip[0]])
        threshold = np.full(len(able), -FAR, dtype=np.int64)
        if ask.low is not None:
            row, column = ask.low.turned(self.rows)
            threshold = np.maximum(threshold, row + int(column[strip].min()))
            able &= self.most_of_row > threshold
        level = threshold + ask.near
        least = level
        able &= self.covered > (threshold if ask.whole else level)
        if self.bits is not None:
            threshold, level = ((low - self.bits.base) // self.bits.unit for low in (threshold, level))
            threshold, level = np.maximum(threshold, -1), np.maximum(level, -1)
            reach = self.bits.reach
            if self.keys is not None:
                lacks = ~self.keys.has[strip].any(axis=0)
                reach = reach - self.keys.weight[:, lacks].sum(axis=1)
            able &= threshold < reach
        chosen = np.flatnonzero(able)
        if self.bits is not None:  # rows of as many planes together, and among those of the same threshold
            chosen = chosen[np.lexsort((threshold[chosen], np.diff(self.bits.row_begin)[chosen]))]
        self.seen += len(strip) * len(chosen)
        self.skipped += len(strip) * (len(able) - len(chosen))
        pieces: list[tuple[Ints, Seen]] = []
        try:
            for piece in self._tiles(strip, chosen, (threshold, level if ask.counts else None), most):
                pieces.append(piece)
        except BaseException:  # whatever ends the look: what was seen so far is not lost
            self.cut_short = self._tested(strip, ask, least, pieces)
            raise
        return self._tested(strip, ask, least, pieces)

    def _tiles(self, strip: Ints, rows: Ints, low: tuple[Ints, Ints | None], most: int) -> Iterator[tuple[Ints, Seen]]:
        if not len(rows):
            return
        words = -(-len(strip) // 64)
        strip_kinds = StripKinds.of(self.kinds, strip, rows, self.rows)
        planes = None if self.bits is None else packed(self.bits, strip)
        step = max(1, TILE // len(strip))
        cuts = [rows[start : start + step] for start in range(0, len(rows), step)]

        def tasks() -> Iterator[tuple[Any, ...]]:
            for own in cuts:
                allowed = strip_kinds.tile(own)
                spin = own * 40503 % max(1, words)
                if self.bits is None or planes is None:
                    score = cut(self.at.score, strip, own, self.rows)
                    yield score, len(strip), allowed, low[0][own], None if low[1] is None else low[1][own], most, spin
                else:
                    bits = self.bits
                    weighed = Weighed.of(bits.row_begin, bits.row_plane, bits.row_weight, bits.row_flip, own)
                    yield planes, allowed, weighed, low[0][own], None if low[1] is None else low[1][own], most, spin

        function: Callable[..., Seen] = seen_in_numbers if planes is None else seen_in_bits
        done = 0
        answers = self.hands.map(function, tasks(), lambda: self._tell(done / len(cuts)))
        for own, seen in zip(cuts, answers, strict=True):
            yield own, seen
            done += 1
            self._tell(done / len(cuts))

    def _tested(self, strip: Ints, ask: Ask, least: Ints, pieces: list[tuple[Ints, Seen]]) -> Found:
        row = _joined([own[seen.row] for own, seen in pieces])
        column = strip[_joined([seen.place for _, seen in pieces])]
        i, j = (row, column) if self.rows == "mentor" else (column, row)
        if self._listed_pairs is not None:
            i, j = self._with_listed(i, j, strip)
        score, allowed = self.at.pairs(i, j)
        keep = allowed & ask.holds(i, j, score)
        found = Found.listing(i[keep], j[keep], score[keep], len(self.row_in))
        self._note_beyond(found, strip, ask, least, pieces)
        return found

    def _note_beyond(self, found: Found, strip: Ints, ask: Ask, least: Ints, pieces: list[tuple[Ints, Seen]]) -> None:
        """Say what the pairs of rows that have more come to above what is asked, at most."""
        rows = _joined([own[seen.beyond] for own, seen in pieces])
        if not len(rows):
            return
        count, total, cut = (
            _joined([getattr(seen, name) for _, seen in pieces])
            for name in ("beyond_count", "beyond_sum", "beyond_cut")
        )
        if self.bits is not None:
            base, unit = self.bits.base[rows], self.bits.unit[rows]
            total, cut = count * base + unit * total, base + unit * cut
        found.beyond_most[rows] = cut
        if not ask.counts:
            return
        if ask.goal_is_score:
            found.beyond[rows], rise = total - count * least[rows], cut - least[rows]
        else:
            goal = next(flat for flat in ask.flats if not flat.equal)
            row, column = goal.sum.turned(self.rows)
            rise = goal.worth - row[rows] - column[strip[0]]
            found.beyond[rows] = count * rise
        found.beyond_rise[rows] = np.maximum(rise, 0)

    @cached_property
    def _allowed_share(self) -> float:
        """What part of the pairs that kinds allow the other rules allow too: the larger of what was seen and 1/16."""
        rules = [mask for _, mask in self.at.rules if mask.by_kind is None]
        rows, columns = np.flatnonzero(self.row_in), np.flatnonzero(self.column_in)
        if not rules or not len(rows) or not len(columns):
            return 1.0
        k = np.arange(SAMPLE)
        # the numbering is a lot, so any pairs are pairs at random
        row, column = rows[k % len(rows)], columns[k * 7919 % len(columns)]
        i, j = (row, column) if self.rows == "mentor" else (column, row)
        score = self.at.score.pairs(i, j)
        allowed = np.ones(SAMPLE, dtype=bool)
        for mask in rules:
            allowed &= mask(i, j, score)
        return max(1 / 16, float(allowed.mean()))

    @cached_property
    def _listed_pairs(self) -> tuple[Ints, Ints] | None:
        """Pairs of lists, which are looked at one by one."""
        lists = [form for _, form in self.at.score.parts if isinstance(form, Triples) and len(form.values)]
        if not lists:
            return None
        key = np.unique(np.concatenate([form.mentors * self.at.shape[1] + form.mentees for form in lists]))
        return key // self.at.shape[1], key % self.at.shape[1]

    def _with_listed(self, i: Ints, j: Ints, strip: Ints) -> tuple[Ints, Ints]:
        assert self._listed_pairs is not None
        in_strip = np.zeros(len(self.column_in), dtype=bool)
        in_strip[strip] = True
        here = in_strip[self._listed_pairs[0] if self.rows == "mentee" else self._listed_pairs[1]]
        m = self.at.shape[1]
        key = np.union1d(i * m + j, self._listed_pairs[0][here] * m + self._listed_pairs[1][here])
        return key // m, key % m


def _next(ends: Ints, start: int) -> int:
    """The first end after a place."""
    return int(ends[np.searchsorted(ends, start, side="right")])


def _changes(numbers: list[Ints], count: int) -> Ints:
    """Where any of some sequences goes on to another number, and the end."""
    change = np.zeros(count, dtype=bool)
    for number in numbers:
        change[1:] |= number[1:] != number[:-1]
    return np.append(np.flatnonzero(change), count)


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])
