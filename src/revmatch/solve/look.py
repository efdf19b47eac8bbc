"""Look at all pairs with prices in hand: make candidates of those that beat them, and say what ceiling is left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revmatch.graph.ask import Ask, Flat, Sum
from revmatch.graph.field import Field
from revmatch.graph.found import Found
from revmatch.model import Model
from revmatch.policy.sides import Bools, Ints
from revmatch.solve.face import ceiling
from revmatch.solve.search import Search, Stage

#: Pairs that a look lists for each row at first, about; more if none of these is new.
LISTED = 32
#: New candidates of each person in a round, at most, once there are more than so many in all.
NEW_EACH, NEW_ALL = 6, 50_000
#: Part of the rows that are looked at once more, if not all of theirs was listed, although there are new pairs.
FEW = 0.25
#: Candidates a person that are nearly worth their prices.
NEAR = 3


@dataclass(frozen=True, slots=True)
class Above:
    """What lies above its prices outside the candidates.

    Parameters
    ----------
    grew : bool
        Pairs became candidates. False: there is none above.
    mentor, mentee, bracket : ndarray of int64
        Pairs above their prices, both people numbered as in prices, and by how much they are above.
    beyond, rise : ndarray of int64, shape (n + m,)
        At most so much is missing for other pairs of each person who was looked from, and for any single one.
    """

    grew: bool
    mentor: Ints
    mentee: Ints
    bracket: Ints
    beyond: Ints
    rise: Ints

    @classmethod
    def nothing(cls, people: int) -> Above:
        """No pair is above."""
        none = np.zeros(0, dtype=np.int64)
        return cls(False, none, none, none, *np.zeros((2, people), dtype=np.int64))

    def ceiling(self, model: Model, goal: int, prices: Ints) -> tuple[Ints, int]:
        """The lowest ceiling over all pairs that these prices prove, and the prices: lifted where that is better.

        Whoever is priced higher by what their best pair is above its prices has no pair above them any more: that
        costs this much for each partner, instead of the sum of all. People whose price was far too low, as those whom
        the candidates hardly knew, are above with everybody.
        """
        none = np.zeros_like(prices)
        tries = [none]
        if len(self.bracket) or self.rise.any():
            mentors = np.arange(len(prices)) < model.shape[0]
            sides = (mentors, self.mentor), (~mentors, self.mentee)
            for first, second in (sides, sides[::-1]):
                lift = self._lift(model.most, none, *first)
                tries.append(lift + self._lift(model.most, lift, *second))
        known = [(prices + lift, ceiling(model, goal, prices + lift) + self._missing(lift)) for lift in tries]
        return min(known, key=lambda found: found[1])

    def _lift(self, most: Ints, lift: Ints, side: Bools, person: Ints) -> Ints:
        """By how much to lift people of one side, of each pair `person`, once those of the other are lifted."""
        left = np.maximum(self.bracket - lift[self.mentor] - lift[self.mentee], 0)
        total, rise = (np.where(side, part, 0) for part in (self.beyond, self.rise))
        np.add.at(total, person, left)
        np.maximum.at(rise, person, left)
        return np.where(rise * most < total, rise, 0)

    def _missing(self, lift: Ints) -> int:
        left = self.bracket - lift[self.mentor] - lift[self.mentee]
        return int(np.maximum(left, 0).sum()) + int(self.beyond[lift < self.rise].sum())


def grow_by_prices(search: Search, goal: int | None, prices: Ints, stages: list[Stage], slack: int = 0) -> Above:
    """Make candidates of pairs that beat their prices; or that come within `slack` of it, then all of them.

    Parameters
    ----------
    search : Search
    goal : int or None
        None: of a proof that no plan exists; no pair is worth anything.
    prices : ndarray of int64, shape (n + m,)
    stages : list of Stage
        The goals that are kept.
    slack : int
    """
    field, people = search.all_pairs, sum(search.numbered.sides.shape)
    if field is None:
        return Above.nothing(people)
    near = slack or _near(search, field, goal, prices)
    ask = _ask(search, goal, prices, stages, near, whole=bool(slack))
    most = 1 << 40 if slack else LISTED
    found = field.look(ask, most)
    while True:
        new = _outside(search, found)
        bracket = _brackets(search, goal, prices, new)
        grew = bool((bracket > -slack).any())
        more = found.rows_beyond
        if not more.any() or (grew and np.count_nonzero(more) > FEW * len(more)):
            break
        most *= 16
        found = field.with_rows(found, field.look(ask, most, more), more)
    above = _above(field, new, bracket, search.numbered.sides.shape, grew=grew)
    if grew:
        search.grow(new if slack else _some(new, bracket))
    return above


def _above(field: Field, new: Found, bracket: Ints, shape: tuple[int, int], *, grew: bool) -> Above:
    beyond, rise = np.zeros((2, sum(shape)), dtype=np.int64)
    rows = slice(0, shape[0]) if field.rows == "mentor" else slice(shape[0], sum(shape))
    beyond[rows], rise[rows] = new.beyond, new.beyond_rise
    some = bracket > 0
    return Above(grew, new.mentor[some], shape[0] + new.mentee[some], bracket[some], beyond, rise)


def free_pairs(search: Search, most: int) -> bool | None:
    """Make candidates of pairs that no goal decides, and say whether there were any; None if too many."""
    if search.all_pairs is None:
        return False
    last = len(search.stages) - 1
    ask = _ask(search, last, search.stages[last].prices, search.stages[:last], 1, whole=True)
    found = search.all_pairs.look(ask, most)
    if found.rows_beyond.any():
        return None
    new = _outside(search, found)
    search.grow(new)
    return bool(len(new))


def _near(search: Search, field: Field, goal: int | None, prices: Ints) -> int:
    """How far below their prices pairs are worth a place among the candidates, if any is above.

    In the next round prices change a little, and such pairs would come one after another: taken along at once they
    save most of the rounds (measured: 2 instead of 7). So far that there are some candidates a person.
    """
    if goal is None or search.flat(goal) is not None:
        return 0
    some, n = search.candidates, search.numbered.sides.shape[0]
    people = int(field.row_in.sum())
    if search.both_scarce:
        people += int(field.column_in.sum())
    bracket = some.score - prices[some.mentor] - prices[n + some.mentee]
    count = min(NEAR * people, len(bracket))
    return max(0, -int(np.partition(bracket, -count)[-count])) if count else 0


def _ask(search: Search, goal: int | None, prices: Ints, stages: list[Stage], slack: int, *, whole: bool) -> Ask:
    n = search.numbered.sides.shape[0]
    flats: list[Flat] = []
    ties: list[Sum] = []
    for k, stage in enumerate(stages):
        if not stage.closed:
            continue
        worth, own = search.flat(k), Sum(stage.prices[:n], stage.prices[n:])
        if worth is None:
            ties.append(own)
        else:
            flats.append(Flat(own, worth, equal=True))
    worth = 0 if goal is None else search.flat(goal)
    mine = Sum(prices[:n] - slack, prices[n:])
    if worth is None:
        return Ask(mine, tuple(flats), tuple(ties), near=slack, whole=whole)
    # where an earlier goal was the score, only pairs on its face matter: their scores are known
    low = Sum(ties[0].mentor - 1, ties[0].mentee) if ties else None
    return Ask(low, (*flats, Flat(mine, worth, equal=False)), tuple(ties), goal_is_score=False)


def _outside(search: Search, found: Found) -> Found:
    return found.only(~search.candidates.has(found.mentor * search.candidates.mentees + found.mentee))


def _brackets(search: Search, goal: int | None, prices: Ints, found: Found) -> Ints:
    n = search.numbered.sides.shape[0]
    worth = 0 if goal is None else search.flat(goal)
    return np.asarray((found.score if worth is None else worth) - prices[found.mentor] - prices[n + found.mentee])


def _some(found: Found, bracket: Ints) -> Found:
    """All new pairs, or, where they are many, those that beat their prices by most for each person."""
    if len(found) <= NEW_ALL:
        return found
    return found.only(_first(found.mentee, bracket) | _first(found.mentor, bracket))


def _first(person: Ints, bracket: Ints) -> Bools:
    span = int(bracket.max()) - int(bracket.min()) + 1
    order = np.argsort(person * span - bracket, kind="stable")
    own = person[order]
    keep = np.zeros(len(person), dtype=bool)
    keep[order] = np.arange(len(own)) - np.searchsorted(own, own) < NEW_EACH
    return keep
