"""Why people of a plan have no partner, in words for whoever runs the programme."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from revmatch.explain.private import Private
from revmatch.plan import Plan
from revmatch.policy.declaration import join_words
from revmatch.policy.rules import Mask, Rule
from revmatch.policy.sides import Bools, Ints, Side, Sides
from revmatch.policy.term import WholeScore

#: Beyond so many pairs nobody waits for the reasons: people are listed without.
MOST_PAIRS = 100_000_000
#: Pairs that are looked at together.
_TILE = 1 << 20


class Cause(StrEnum):
    """What leaves a person without a partner."""

    NOBODY = "no eligible partner"
    TAKEN = "eligible partners are all taken"
    NO_GAIN = "no pair that adds to the goals"
    UNKNOWN = "not looked into"


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A person without a partner.

    Parameters
    ----------
    person : str
        Id.
    side : {"mentor", "mentee"}
    cause : Cause
    eligible : int
        How many people of the other side they could be paired with.
    words : str
        Why.
    """

    person: str
    side: Side
    cause: Cause
    eligible: int
    words: str


def unmatched_people(plan: Plan) -> list[Unmatched]:
    """Everybody who takes part and has no partner: mentees first, each side in the order of ids.

    Parameters
    ----------
    plan : Plan
        One that holds pairs.
    """
    sides: tuple[Side, Side] = ("mentee", "mentor")
    rows = {side: _alone(plan, side) for side in sides}
    look = sum(len(rows[side]) * len(plan.programme.of(_other(side))) for side in sides) <= MOST_PAIRS
    compiled = _Compiled(plan) if look and any(len(part) for part in rows.values()) else None
    found = []
    for side in sides:
        ids = plan.programme.of(side).ids
        if compiled is None:
            words = "not looked into: too many people have no partner"
            found += [Unmatched(ids[k], side, Cause.UNKNOWN, 0, words) for k in rows[side].tolist()]
            continue
        for k, counts in compiled.counted(side, rows[side]):
            found.append(Unmatched(ids[k], side, counts.cause, counts.eligible, counts.words(compiled.names)))
    return found


def _alone(plan: Plan, side: Side) -> Ints:
    """Rows of people without a partner, in the order of ids."""
    people = plan.programme.of(side)
    alone = np.asarray(people.capacity) > 0
    alone[plan.mentor_rows if side == "mentor" else plan.mentee_rows] = False
    order = people.id_order()
    return np.asarray(order[alone[order]], dtype=np.int64)


def _other(side: Side) -> Side:
    return "mentee" if side == "mentor" else "mentor"


@dataclass(frozen=True, slots=True)
class _Counts:
    """What one person's candidates come to.

    Parameters
    ----------
    candidates, eligible, free : int
        People of the other side who take part; those they may be paired with; those of them with a free place.
    removed : tuple of int
        How many candidates each named rule removes.
    silent : tuple of str
        Columns that a rule needs and the person has not stated, as ``"CommonHours needs ..."``.
    """

    candidates: int
    eligible: int
    free: int
    removed: tuple[int, ...]
    silent: tuple[str, ...]

    @property
    def cause(self) -> Cause:
        if not self.eligible:
            return Cause.NOBODY
        return Cause.NO_GAIN if self.free else Cause.TAKEN

    def words(self, names: tuple[str, ...]) -> str:
        """Why the person has no partner."""
        if not self.candidates:
            return "no eligible partner: nobody takes part on the other side"
        if self.cause is Cause.TAKEN:
            if self.eligible == 1:
                return "the one eligible partner is taken: another pair serves the goals better"
            return f"all {self.eligible:,} eligible partners are taken: other pairs serve the goals better"
        if self.cause is Cause.NO_GAIN:
            who = f"{self.free:,} of {self.eligible:,} eligible partners {'is' if self.free == 1 else 'are'}"
            return f"{who} free, but a pair would not add to the goals"
        return f"no eligible partner: {self._forbidden(names)}"

    def _forbidden(self, names: tuple[str, ...]) -> str:
        if self.silent:
            return "; ".join(self.silent)
        everybody = [name for name, count in zip(names, self.removed, strict=True) if count == self.candidates]
        if everybody:
            verb = "rules" if len(everybody) == 1 else "each rule"
            return f"{join_words(everybody)} {verb} out all {self.candidates:,}"
        most = sorted(((count, name) for name, count in zip(names, self.removed, strict=True) if count), reverse=True)
        said = [f"{name} rules out {count:,}" for count, name in most[:1]]
        said += [f"{name} {count:,}" for count, name in most[1:]]
        return f"of {self.candidates:,} people, {join_words(said)}" if said else "other reasons"


class _Compiled:
    """Rules of a programme, ready to be asked about a few people against all of the other side."""

    def __init__(self, plan: Plan) -> None:
        programme = plan.programme
        private = Private.of(programme)
        self._sides: Sides = programme.sides()
        self._score: WholeScore = programme.policy.score.form(self._sides)
        scale = programme.policy.score.scale
        rules = [(rule, rule.mask(self._sides, scale=scale)) for rule in programme.policy.rules]
        self._named: list[tuple[Rule, Mask]] = [pair for pair in rules if not private.rule(pair[0])]
        self._unnamed: list[Mask] = [mask for rule, mask in rules if private.rule(rule)]
        self._needs_score = any(rule.needs_score for rule, _ in rules)
        self._forbidden = _forbidden_one_by_one(plan, self._sides)
        self._takes_part = {"mentor": self._sides.mentors.capacity > 0, "mentee": self._sides.mentees.capacity > 0}
        self._has_room = {
            "mentor": self._sides.mentors.capacity > np.bincount(plan.mentor_rows, minlength=self._sides.shape[0]),
            "mentee": self._sides.mentees.capacity > np.bincount(plan.mentee_rows, minlength=self._sides.shape[1]),
        }
        self._known_blank: dict[tuple[Side, str], Bools] = {}
        #: Names of the rules that are counted.
        self.names = tuple(str(rule) for rule, _ in self._named)

    def counted(self, side: Side, rows: Ints) -> Iterator[tuple[int, _Counts]]:
        """Counts for some people of a side."""
        other = _other(side)
        others = np.flatnonzero(self._takes_part[other])
        room = self._has_room[other][others]
        step = max(1, _TILE // max(1, len(others)))
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            removed, allowed = self._look(side, part, others)
            eligible, free = allowed.sum(axis=1), (allowed & room).sum(axis=1)
            for at, k in enumerate(part.tolist()):
                counts = tuple(int(count) for count in removed[:, at])
                silent = self._silent(side, k)
                yield k, _Counts(len(others), int(eligible[at]), int(free[at]), counts, silent)

    def _look(self, side: Side, rows: Ints, others: Ints) -> tuple[Ints, Bools]:
        """How many of the others each named rule removes for each person, and who is left."""
        i, j = (rows[:, None], others[None, :]) if side == "mentor" else (others[:, None], rows[None, :])
        axis = 1 if side == "mentor" else 0
        shape = np.broadcast_shapes(i.shape, j.shape)
        score: Ints = np.zeros((1, 1), dtype=np.int64)
        if self._needs_score:
            every_i, every_j = (np.ascontiguousarray(part).ravel() for part in np.broadcast_arrays(i, j))
            score = self._score.pairs(every_i, every_j).reshape(shape)
        allowed = np.ones(shape, dtype=np.bool_)
        removed = np.zeros((len(self._named), len(rows)), dtype=np.int64)
        for k, (_, mask) in enumerate(self._named):
            keeps = mask(i, j, score)
            removed[k] = len(others) - np.broadcast_to(keeps, shape).sum(axis=axis)
            allowed &= keeps
        for mask in self._unnamed:
            allowed &= mask(i, j, score)
        for table in self._score.partial:
            every_i, every_j = (np.ascontiguousarray(part).ravel() for part in np.broadcast_arrays(i, j))
            allowed &= table.exist(every_i, every_j).reshape(shape)
        if len(self._forbidden):
            allowed &= ~np.isin(i * self._sides.shape[1] + j, self._forbidden)
        return removed, allowed if side == "mentor" else allowed.T

    def _silent(self, side: Side, k: int) -> tuple[str, ...]:
        """What the person has not stated, of what the named rules need."""
        said = []
        for rule, mask in self._named:
            stated = mask.mentors_stated if side == "mentor" else mask.mentees_stated
            if not stated[k]:
                blank = [column for column in rule.columns if self._blank(side, column)[k]]
                what = join_words(blank) if blank else "a reporting line up to the top"
                said.append(f"{rule} needs {what}, which {'are' if len(blank) > 1 else 'is'} not stated")
        return tuple(said)

    def _blank(self, side: Side, column: str) -> Bools:
        """Who of a side has not stated a column."""
        if (side, column) not in self._known_blank:
            people = self._sides.of(side)
            known = people.missing(column) if column in people else np.ones(len(people), dtype=np.bool_)
            self._known_blank[side, column] = known
        return self._known_blank[side, column]


def _forbidden_one_by_one(plan: Plan, sides: Sides) -> Ints:
    """Keys ``i * m + j`` of bans, of people who avoid each other, and of a person with themselves."""
    programme = plan.programme
    pairs = programme.forbidden_pairs()
    if programme.dual_role and not programme.by_position:
        pairs = [*pairs, *((name, name) for name in sides.mentors.ids.tolist())]
    i = sides.mentors.index([mentor for mentor, _ in pairs])
    j = sides.mentees.index([mentee for _, mentee in pairs])
    both = (i >= 0) & (j >= 0)
    return np.unique(i[both] * max(1, sides.shape[1]) + j[both])
