"""Counts what forbids each pair, tile by tile.

What may forbid a pair is held in *groups*: one for each rule, in policy order, then entries that are absent from a
table of scores, then pairs that are ruled out one by one. All pairs are looked at once; what is kept is a few numbers a
person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from revmatch.graph.numbering import Numbered
from revmatch.graph.tiles import Looker, Tile, looker, same_person, tiles
from revmatch.people.skills import SkillTable, shared_vocabulary
from revmatch.policy.sides import Bools, Ints, Side, Sides
from revmatch.programme import Programme

#: Given to rules that do not ask for the score, which is then never worked out.
_NO_SCORE: Ints = np.zeros((1, 1), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class SideLosses:
    """What the groups do to each person of one side.

    Parameters
    ----------
    candidates, eligible : ndarray of int64, shape (people,)
        Partners who take part, and those of them who are eligible.
    first : ndarray of int64, shape (groups, people)
        How many candidates each group is the first to remove.
    left : ndarray of bool, shape (groups, people)
        Whether a group on its own would leave the person any candidate.
    helps : ndarray of bool, shape (groups, people)
        Whether the person would have a further eligible partner without this group.
    """

    candidates: Ints
    eligible: Ints
    first: Ints
    left: Bools
    helps: Bools


@dataclass(frozen=True, slots=True)
class Losses:
    """What each group removes.

    Parameters
    ----------
    pairs, eligible : int
        All pairs of people who take part, and those of them that are eligible.
    same_person : int
        Pairs of a person with themselves: they are not counted as pairs.
    first, alone : ndarray of int64, shape (groups,)
        Pairs that the group is the first to remove, and pairs that nothing else removes.
    mentors, mentees : SideLosses
    """

    pairs: int
    eligible: int
    same_person: int
    first: Ints
    alone: Ints
    mentors: SideLosses
    mentees: SideLosses

    def of(self, side: Side) -> SideLosses:
        """One side."""
        return self.mentors if side == "mentor" else self.mentees


@dataclass(frozen=True, slots=True)
class Wishes:
    """Who wants and who offers each skill, and which skills some eligible pair joins.

    Parameters
    ----------
    vocabulary : tuple of str
    wanted, offered : tuple of ndarray of int64
        For each skill, the positions of mentees who want it and of mentors who offer it; rising.
    joined : ndarray of bool
        Whether an eligible mentor offers the skill to somebody who wants it. Filled while pairs are looked at; entries
        only ever turn True, so threads may share it.
    """

    vocabulary: tuple[str, ...]
    wanted: tuple[Ints, ...]
    offered: tuple[Ints, ...]
    joined: Bools

    @classmethod
    def of(cls, sides: Sides) -> Wishes:
        """Wishes of the people who take part."""
        vocabulary, (offers, wants) = shared_vocabulary(sides.mentors.offers, sides.mentees.wants)
        return cls(
            vocabulary,
            _by_skill(wants, len(vocabulary), sides.mentees.capacity > 0),
            _by_skill(offers, len(vocabulary), sides.mentors.capacity > 0),
            np.zeros(len(vocabulary), dtype=bool),
        )

    def look(self, eligible: Bools, tile: Tile) -> None:
        """Note the skills that eligible pairs of a tile join."""
        if self.joined.all() or not eligible.any():
            return
        for skill in np.flatnonzero(~self.joined).tolist():
            rows, cols = _inside(self.offered[skill], tile.rows), _inside(self.wanted[skill], tile.cols)
            if len(rows) and len(cols) and eligible[np.ix_(rows, cols)].any():
                self.joined[skill] = True


def _by_skill(table: SkillTable, skills: int, taking_part: Bools) -> tuple[Ints, ...]:
    person = np.repeat(np.arange(len(table)), np.diff(table.indptr))
    keep = taking_part[person]
    person, skill = person[keep], table.skill[keep]
    order = np.argsort(skill, kind="stable")
    return tuple(np.split(person[order], np.cumsum(np.bincount(skill, minlength=skills))[:-1])) if skills else ()


def _inside(positions: Ints, part: slice) -> Ints:
    first, last = np.searchsorted(positions, [part.start, part.stop])
    return np.asarray(positions[first:last] - part.start, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Counter:
    """Everything that is needed to count a tile.

    Parameters
    ----------
    sides : Sides
        Both sides in the order of their rows.
    at : Looker
    same_person : ndarray of int64
        Sorted keys ``i * m + j`` of pairs of a person with themselves.
    wishes : Wishes or None
        None if the policy does not ask what mentees want.
    """

    sides: Sides
    at: Looker
    same_person: Ints
    wishes: Wishes | None
    needs_score: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "needs_score", any(rule.needs_score for rule, _ in self.at.rules))

    @classmethod
    def of(cls, programme: Programme) -> Counter:
        """Compile a programme."""
        sides = programme.sides()
        n, m = sides.shape
        at = looker(Numbered(programme, sides, np.arange(n), np.arange(m)))
        asks = any("wants" in term.columns().get("mentee", ()) for _, term in programme.policy.score.terms)
        return cls(sides, at, same_person(programme, sides), Wishes.of(sides) if asks else None)

    @property
    def groups(self) -> int:
        """Number of groups: the rules, absent entries, and pairs ruled out one by one."""
        return len(self.at.rules) + 2

    def count(self, *, workers: int = 1) -> Losses:
        """Look at every pair."""
        n, m = self.at.shape
        sums = _Sums.empty(self.groups, (n, m))
        whole = list(tiles(self.at.shape))
        if workers == 1 or len(whole) == 1:
            self._add_up(map(self._tile, whole), sums)
        else:
            with ThreadPoolExecutor(workers) as threads:
                self._add_up(threads.map(self._tile, whole), sums)
        i, j = np.divmod(self.same_person, max(1, m))
        both = self.at.mentors_in[i] & self.at.mentees_in[j]
        return Losses(
            pairs=int(self.at.mentors_in.sum()) * int(self.at.mentees_in.sum()) - int(both.sum()),
            eligible=int(sums.eligible[0].sum()),
            same_person=int(both.sum()),
            first=sums.first[0].sum(axis=1),
            alone=sums.alone,
            mentors=sums.side(0, _candidates(self.at.mentors_in, self.at.mentees_in, i[both])),
            mentees=sums.side(1, _candidates(self.at.mentees_in, self.at.mentors_in, j[both])),
        )

    def _add_up(self, parts: Iterable[_Part], sums: _Sums) -> None:
        for part in parts:
            np.add(sums.alone, part.alone, out=sums.alone)
            for axis, span in enumerate((part.tile.rows, part.tile.cols)):
                sums.eligible[axis][span] += part.eligible[axis]
                sums.first[axis][:, span] += part.first[axis]
                sums.left[axis][:, span] |= part.left[axis]
                sums.helps[axis][:, span] |= part.helps[axis]

    def _tile(self, tile: Tile) -> _Part:
        there = self.at.mentors_in[tile.rows, None] & self.at.mentees_in[None, tile.cols]
        _mark(there, self.same_person, tile, self.at.shape[1], value=False)
        part = _Part.empty(tile, self.groups, there.shape)
        left, twice = there.copy(), np.zeros_like(there)
        removed: list[Bools | None] = []
        for group, forbidden in enumerate(self._forbidden(tile)):
            gone = None if forbidden is None else forbidden & there
            removed.append(gone)
            part.count_left(group, there if gone is None else there & ~gone)
            if gone is not None:
                twice |= gone & ~left
                part.count_first(group, gone & left)
                left &= ~gone
        for group, gone in enumerate(removed):
            if gone is not None:
                part.count_alone(group, gone & ~twice)
        part.count_eligible(left)
        if self.wishes is not None:
            self.wishes.look(left, tile)
        return part

    def _forbidden(self, tile: Tile) -> Iterator[Bools | None]:
        """Which pairs of a tile each group forbids; None for none."""
        i = np.arange(tile.rows.start, tile.rows.stop)[:, None]
        j = np.arange(tile.cols.start, tile.cols.stop)[None, :]
        score = self.at.score.tile(tile.rows, tile.cols) if self.needs_score else _NO_SCORE
        for _, mask in self.at.rules:
            yield ~mask(i, j, score)
        exist = [table.exists(tile.rows, tile.cols) for table in self.at.score.partial]
        yield ~np.logical_and.reduce(exist) if exist else None
        other = np.zeros((i.size, j.size), dtype=bool)
        yield other if _mark(other, self.at.forbidden, tile, self.at.shape[1], value=True) else None


@dataclass(frozen=True, slots=True)
class _Part:
    """Counts of one tile; index 0 is its mentors, 1 its mentees."""

    tile: Tile
    alone: Ints
    eligible: tuple[npt.NDArray[Any], npt.NDArray[Any]]
    first: tuple[npt.NDArray[Any], npt.NDArray[Any]]
    left: tuple[Bools, Bools]
    helps: tuple[Bools, Bools]

    @classmethod
    def empty(cls, tile: Tile, groups: int, shape: tuple[int, ...]) -> _Part:
        # 16 bits hold any count of a tile
        return cls(
            tile,
            np.zeros(groups, dtype=np.int64),
            *_pairs_of(np.uint16, [(size,) for size in shape]),
            *_pairs_of(np.uint16, [(groups, size) for size in shape]),
            *_pairs_of(np.bool_, [(groups, size) for size in shape]),
            *_pairs_of(np.bool_, [(groups, size) for size in shape]),
        )

    def count_eligible(self, pairs: Bools) -> None:
        for axis in (0, 1):
            pairs.view(np.uint8).sum(axis=1 - axis, dtype=np.uint16, out=self.eligible[axis])

    def count_first(self, group: int, pairs: Bools) -> None:
        for axis in (0, 1):
            pairs.view(np.uint8).sum(axis=1 - axis, dtype=np.uint16, out=self.first[axis][group])

    def count_left(self, group: int, pairs: Bools) -> None:
        for axis in (0, 1):
            pairs.any(axis=1 - axis, out=self.left[axis][group])

    def count_alone(self, group: int, pairs: Bools) -> None:
        self.alone[group] = np.count_nonzero(pairs)
        if self.alone[group]:
            for axis in (0, 1):
                pairs.any(axis=1 - axis, out=self.helps[axis][group])


@dataclass(frozen=True, slots=True)
class _Sums:
    """Counts of all tiles, added up."""

    alone: Ints
    eligible: tuple[Ints, Ints]
    first: tuple[Ints, Ints]
    left: tuple[Bools, Bools]
    helps: tuple[Bools, Bools]

    @classmethod
    def empty(cls, groups: int, shape: tuple[int, int]) -> _Sums:
        return cls(
            np.zeros(groups, dtype=np.int64),
            *_pairs_of(np.int64, [(size,) for size in shape]),
            *_pairs_of(np.int64, [(groups, size) for size in shape]),
            *_pairs_of(np.bool_, [(groups, size) for size in shape]),
            *_pairs_of(np.bool_, [(groups, size) for size in shape]),
        )

    def side(self, axis: int, candidates: Ints) -> SideLosses:
        return SideLosses(candidates, self.eligible[axis], self.first[axis], self.left[axis], self.helps[axis])


def _pairs_of(dtype: npt.DTypeLike, shapes: list[tuple[int, ...]]) -> list[Any]:
    """One pair of arrays of zeros, as the only item: to be unpacked among other arguments."""
    return [tuple(np.zeros(shape, dtype=dtype) for shape in shapes)]


def _mark(block: Bools, keys: Ints, tile: Tile, m: int, *, value: bool) -> bool:
    """Set the listed pairs of a tile; whether there are any."""
    first, last = np.searchsorted(keys, [tile.rows.start * m, tile.rows.stop * m])
    if first == last:
        return False
    i, j = np.divmod(keys[first:last], m)
    here = (j >= tile.cols.start) & (j < tile.cols.stop)
    block[i[here] - tile.rows.start, j[here] - tile.cols.start] = value
    return bool(here.any())


def _candidates(own: Bools, others: Bools, with_themselves: Ints) -> Ints:
    """How many people of the other side each one of this side could be paired with, were there no rules."""
    found = own * others.sum(dtype=np.int64)
    np.subtract.at(found, with_themselves, 1)
    return np.asarray(found, dtype=np.int64)
