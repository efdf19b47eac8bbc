"""Why people of a plan have no partner, in words for whoever runs the programme."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from revmatch.explain.private import Private
from revmatch.plan import Plan, Status
from revmatch.policy.declaration import join_words
from revmatch.policy.rules import Mask, Rule
from revmatch.policy.sides import Bools, Ints, Side, Sides
from revmatch.policy.term import WholeScore
from revmatch.report.room import Room

#: Beyond so many pairs nobody waits for the reasons: people are listed without.
MOST_PAIRS = 100_000_000
#: Pairs that are looked at together.
_TILE = 1 << 20


class Cause(StrEnum):
    """What leaves a person without a partner."""

    NOBODY = "no eligible partner"
    TAKEN = "eligible partners are all taken"
    LIMITS = "no further pair fits the limits"
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
            said = counts.words(compiled.names, *_why(plan))
            found.append(Unmatched(ids[k], side, counts.cause, counts.eligible, said))
    return found


def _why(plan: Plan) -> tuple[tuple[str, str], str]:
    """Why one taken partner, or several, are not the person's; and why a free one is not."""
    if plan.status is not Status.OPTIMAL:
        return (" in the best plan found so far",) * 2, ", and the search was stopped before more was tried"
    free = ", but a pair would not add to the goals"
    programme = plan.programme
    asked = programme.policy.limits or programme.pins
    if asked or programme.mentors.min_load.any() or programme.mentees.min_load.any():
        # it may be the goals, or it may be that no plan which keeps everything has room for the person
        return (", and no plan that keeps everything that is asked serves the goals better",) * 2, free
    return (": another pair serves the goals better", ": other pairs serve the goals better"), free


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
    fitting : int
        Those with a free place with whom one more pair keeps every limit.
    against : tuple of str
        Limits that some pair with a free place breaks, and no other one.
    never : str
        What keeps the person from having any partner, whatever else a plan holds; "" if nothing does.
    """

    candidates: int
    eligible: int
    free: int
    removed: tuple[int, ...]
    silent: tuple[str, ...]
    fitting: int
    against: tuple[str, ...]
    never: str

    @property
    def cause(self) -> Cause:
        if not self.eligible:
            return Cause.NOBODY
        if self.never or (self.free and not self.fitting):
            return Cause.LIMITS
        return Cause.NO_GAIN if self.free else Cause.TAKEN

    def words(self, names: tuple[str, ...], why_taken: tuple[str, str], why_free: str) -> str:
        """Why the person has no partner."""
        if not self.candidates:
            return "no eligible partner: nobody takes part on the other side"
        if self.cause is Cause.NOBODY:
            return f"no eligible partner: {self._forbidden(names)}"
        if self.never:
            return self.never
        if self.cause is Cause.TAKEN:
            one = "the one eligible partner is taken"
            return f"{one}{why_taken[0]}" if self.eligible == 1 else f"{self._all()} are taken{why_taken[1]}"
        who = f"{self.free:,} of {self.eligible:,} eligible partners {'is' if self.free == 1 else 'are'} free"
        if self.cause is Cause.NO_GAIN:
            return f"{who}{why_free}"
        named = f": {join_words(list(self.against))}" if self.against else ""
        return f"{who}, but no further pair fits the limits{named}"

    def _all(self) -> str:
        return f"all {self.eligible:,} eligible partners"

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
        rules = [(rule, rule.mask(self._sides, scale=scale)) for rule in programme.policy.all_rules()]
        self._named: list[tuple[Rule, Mask]] = [pair for pair in rules if not private.rule(pair[0])]
        self._unnamed: list[Mask] = [mask for rule, mask in rules if private.rule(rule)]
        self._needs_score = any(rule.needs_score for rule, _ in rules)
        self._forbidden = _forbidden_one_by_one(plan, self._sides)
        self._takes_part = {"mentor": self._sides.mentors.capacity > 0, "mentee": self._sides.mentees.capacity > 0}
        self._has_room = {
            "mentor": self._sides.mentors.capacity > np.bincount(plan.mentor_rows, minlength=self._sides.shape[0]),
            "mentee": self._sides.mentees.capacity > np.bincount(plan.mentee_rows, minlength=self._sides.shape[1]),
        }
        self._room = Room(plan, self._sides)
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
            fitting, against = self._fitting(side, part, others, allowed & room)
            never = self._never(side, part, others, allowed & (fitting == 0)[:, None])
            for at, k in enumerate(part.tolist()):
                counts, silent = tuple(int(count) for count in removed[:, at]), self._silent(side, k)
                numbers = len(others), int(eligible[at]), int(free[at])
                yield k, _Counts(*numbers, counts, silent, int(fitting[at]), against[at], never[at])

    def _fitting(self, side: Side, rows: Ints, others: Ints, free: Bools) -> tuple[Ints, list[tuple[str, ...]]]:
        """With how many free partners of each person a pair fits, and what alone stands against one that does not."""
        person, other = np.nonzero(free)
        broken = self._room.broken(*_as_pairs(side, rows[person], others[other]))
        count = broken.sum(axis=0)
        fitting = np.bincount(person[count == 0], minlength=len(rows))
        alone = np.zeros((len(rows), len(broken)), dtype=np.bool_)
        alone[person[count == 1], np.argmax(broken[:, count == 1], axis=0)] = True
        return fitting, [self._names(these) for these in alone]

    def _never(self, side: Side, rows: Ints, others: Ints, eligible: Bools) -> list[str]:
        """What forbids every eligible pair of a person in any plan."""
        person, other = np.nonzero(eligible)
        broken = self._room.never(*_as_pairs(side, rows[person], others[other]))
        count, possible = eligible.sum(axis=1), np.bincount(person[~broken.any(axis=0)], minlength=len(rows))
        begin = np.searchsorted(person, np.arange(len(rows) + 1))
        return [
            "" if possible[at] or not count[at] else self._room.below_circle(side, k) or self._rule_out(own)
            for at, k in enumerate(rows.tolist())
            for own in (broken[:, begin[at] : begin[at + 1]],)
        ]

    def _rule_out(self, broken: Bools) -> str:
        """Which limits forbid all of some pairs, each by itself or each a part of them."""
        whole: Bools = np.asarray(broken.all(axis=1))
        named = np.array([bool(name) for name in self._room.names])
        some: Bools = whole if whole.any() else np.asarray(broken.any(axis=1))
        told = broken[some & named].any(axis=0).all()
        names = list(self._names(some)) if told else []
        verb = "rules" if len(names) == 1 else "each rule" if whole.any() and names else "together rule"
        count = broken.shape[1]
        partners = "the one eligible partner" if count == 1 else f"all {count:,} eligible partners"
        return f"{join_words(names) or 'the limits'} {verb} out {partners}"

    def _names(self, some: Bools) -> tuple[str, ...]:
        """Names of some limits, without those that read something private."""
        return tuple(name for name, here in zip(self._room.names, some.tolist(), strict=True) if here and name)

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


def _as_pairs(side: Side, own: Ints, others: Ints) -> tuple[Ints, Ints]:
    """Mentors and mentees of some pairs, from the people of a side and their partners."""
    return (own, others) if side == "mentor" else (others, own)


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
