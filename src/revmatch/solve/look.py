"""Look at all pairs with prices in hand: make candidates of those that beat them, and say what ceiling is left."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from revmatch.graph.ask import Ask, Flat, Sum
from revmatch.graph.field import Field
from revmatch.graph.found import Found
from revmatch.model import Model, Prices, total
from revmatch.policy.goals import WorstOff
from revmatch.policy.rows import EVERYWHERE, NOWHERE
from revmatch.policy.sides import Bools, Ints
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

    def total(self, model: Model, goal: int | None, prices: Prices) -> tuple[Prices, int]:
        """The lowest sum over all pairs that these prices prove, and the prices: lifted where that is better.

        Whoever is priced higher by what their best pair is above its prices has no pair above them any more: that
        costs this much for each partner, instead of the sum of all. People whose price was far too low, as those whom
        the candidates hardly knew, are above with everybody.
        """
        none = np.zeros_like(prices.person)
        tries = [none]
        if len(self.bracket) or self.rise.any():
            mentors = np.arange(len(none)) < model.shape[0]
            sides = (mentors, self.mentor), (~mentors, self.mentee)
            for first, second in (sides, sides[::-1]):
                lift = self._lift(model.most, none, *first)
                tries.append(lift + self._lift(model.most, lift, *second))
        lifted = [replace(prices, person=prices.person + lift) for lift in tries]
        known = [(own, total(model, goal, own) + self._missing(lift)) for own, lift in zip(lifted, tries, strict=True)]
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


def grow_by_prices(search: Search, goal: int | None, prices: Prices, stages: list[Stage], slack: int = 0) -> Above:
    """Make candidates of pairs that beat their prices; or that come within `slack` of it, then all of them.

    Parameters
    ----------
    search : Search
    goal : int or None
        None: of a proof that no plan exists; no pair is worth anything.
    prices : Prices
    stages : list of Stage
        The goals that are kept.
    slack : int
        In parts of a unit of the prices.
    """
    field, people = search.all_pairs, sum(search.numbered.sides.shape)
    if field is None:
        return Above.nothing(people)
    near = slack or _near(search, field, goal, prices)
    ask = ask_of(search, goal, prices, stages, near, whole=bool(slack))
    most = 1 << 40 if slack else LISTED
    found = field.look(ask, most)
    while True:
        new = _outside(search, found, stages)
        bracket = of_pairs(search, goal, prices, new.mentor, new.mentee, new.score)
        grew = bool((bracket > -slack).any())
        more = found.rows_beyond
        if not more.any() or (grew and np.count_nonzero(more) > FEW * len(more)):
            break
        most *= 16
        found = field.with_rows(found, field.look(ask, most, more), more)
    above = _above(field, new, bracket, search.numbered.sides.shape, part=_part(search, goal, prices), grew=grew)
    if grew:
        search.grow(new if slack else _some(new, bracket))
    return above


def _above(field: Field, new: Found, bracket: Ints, shape: tuple[int, int], *, part: int, grew: bool) -> Above:
    beyond, rise = np.zeros((2, sum(shape)), dtype=np.int64)
    rows = slice(0, shape[0]) if field.rows == "mentor" else slice(shape[0], sum(shape))
    beyond[rows], rise[rows] = new.beyond * part, new.beyond_rise * part
    some = bracket > 0
    return Above(grew, new.mentor[some], shape[0] + new.mentee[some], bracket[some], beyond, rise)


def free_pairs(search: Search, most: int) -> bool | None:
    """Make candidates of pairs that no goal decides, and say whether there were any; None if too many."""
    if search.all_pairs is None:
        return False
    last = len(search.stages) - 1
    ask = ask_of(search, last, search.stages[last].prices, search.stages[:last], 1, whole=True)
    found = search.all_pairs.look(ask, most)
    if found.rows_beyond.any():
        return None
    new = _outside(search, found, search.stages)
    search.grow(new)
    return bool(len(new))


def _near(search: Search, field: Field, goal: int | None, prices: Prices) -> int:
    """How far below their prices pairs are worth a place among the candidates, if any is above.

    In the next round prices change a little, and such pairs would come one after another: taken along at once they
    save most of the rounds (measured: 2 instead of 7). So far that there are some candidates a person.
    """
    if goal is None or search.flat(goal) is not None:
        return 0
    some = search.candidates
    people = int(field.row_in.sum())
    if search.both_scarce:
        people += int(field.column_in.sum())
    bracket = of_pairs(search, goal, prices, some.mentor, some.mentee, some.score)
    count = min(NEAR * people, len(bracket))
    return max(0, -int(np.partition(bracket, -count)[-count])) if count else 0


def of_pairs(search: Search, goal: int | None, prices: Prices, i: Ints, j: Ints, score: Ints) -> Ints:
    """Worth of any pairs that are no candidates in a goal, in parts, less their prices."""
    n, families = search.numbered.sides.shape[0], search.families
    found = -prices.person[i] - prices.person[n + j]
    for k, price in _of_sums(search, goal, prices):
        flat = search.flat(k)
        found += price * (score if flat is None else flat)
    if len(prices.price):
        found -= families.weighed(prices, i, j, score)
    return np.asarray(found)


def _of_sums(search: Search, goal: int | None, prices: Prices) -> list[tuple[int, int]]:
    """Goals that are sums and count in a bracket, each with its factor: the one that is pursued, those kept as rows."""
    found = [] if goal is None else [(goal, prices.unit)]
    for k, declared in enumerate(search.goals):
        if not declared.compares:
            kept = prices.price[prices.family == search.families.goal(k)]
            found += [(k, int(price)) for price in kept.tolist()]
    return found


def _part(search: Search, goal: int | None, prices: Prices) -> int:
    """What one unit of the number that a look compares counts in a bracket."""
    scored = sum(price for k, price in _of_sums(search, goal, prices) if search.flat(k) is None)
    return scored or 1


def ask_of(search: Search, goal: int | None, prices: Prices, stages: list[Stage], slack: int, *, whole: bool) -> Ask:
    """What to look for: all pairs whose bracket is above -slack, and some that are not where rows have prices."""
    flats: list[Flat] = []
    ties: list[Sum] = []
    for k, stage in enumerate(stages):
        if not stage.closed:
            continue
        worth, exact = search.flat(k), stage.prices.plain
        own, flat, scored = _wide(search, k, stage.prices)
        if worth is not None and not scored:
            # on its face, or, with prices of rows that only lower brackets, perhaps on it
            flats.append(Flat(own, flat, equal=True) if exact else Flat(own, flat + 1, equal=False))
        elif exact:
            ties.append(own)
    own, flat, scored = _wide(search, goal, prices)
    if scored:
        threshold = Sum((own.mentor - flat) // scored, own.mentee // scored)
        near = -(-slack // scored)
        low = Sum(threshold.mentor - near, threshold.mentee)
        return Ask(low, tuple(flats), tuple(ties), near=near, whole=whole)
    mine = Sum(own.mentor - slack, own.mentee)
    # where an earlier goal was the score, only pairs on its face matter: their scores are known
    low_of_ties = Sum(ties[0].mentor - 1, ties[0].mentee) if ties else None
    return Ask(low_of_ties, (*flats, Flat(mine, flat, equal=False)), tuple(ties), goal_is_score=False)


def _wide(search: Search, goal: int | None, prices: Prices) -> tuple[Sum, int, int]:
    """Numbers of people whose sum no pair can be below in prices; what any pair, and a unit of its score, is worth."""
    n, families = search.numbered.sides.shape[0], search.families
    mentor, mentee = prices.person[:n].copy(), prices.person[n:].copy()
    flat = scored = 0
    for k, price in _of_sums(search, goal, prices):
        worth = search.flat(k)
        flat, scored = (flat, scored + price) if worth is None else (flat + price * worth, scored)
    for family in np.unique(prices.family[prices.family >= 0]).tolist():  # what slots cost only lowers brackets
        here = prices.family == family
        key, price = prices.key[here], prices.price[here]
        if family < families.direction:
            form = families.forms[family]
            if families.folded[family]:
                mentor += form.mentor_weight * int(price[0]) if (form.mentee_weight == 1).all() else 0
                mentee += form.mentee_weight * int(price[0]) if not (form.mentee_weight == 1).all() else 0
            elif price.min() < 0:  # rows that hold with equality may raise brackets
                rows = form.groups[0] if (form.mentor_group == EVERYWHERE).any() else 1
                weight = int(np.abs(form.mentor_weight).max()) * int(np.abs(form.mentee_weight).max())
                mentor[form.mentor_group != NOWHERE] -= int((-price).max()) * weight * rows
        elif family == families.circle:
            np.subtract.at(mentee, key % max(1, len(mentee)), np.maximum(price, 0))
        elif family >= families.circle_by(0):
            width = families.forms[family - families.circle_by(0)].groups[1]
            np.subtract.at(mentee, families.mentee_of[key % width], np.maximum(price, 0))
    return Sum(mentor, mentee), flat, scored


def _outside(search: Search, found: Found, stages: list[Stage]) -> Found:
    """Those pairs that are no candidates, and that the goals before leave free."""
    found = found.only(~search.candidates.has(found.mentor * search.candidates.mentees + found.mentee))
    for k, stage in enumerate(stages):
        if stage.closed and not stage.prices.plain:
            found = found.only(of_pairs(search, k, stage.prices, found.mentor, found.mentee, found.score) == 0)
        if stage.compares and isinstance(search.goals[k], WorstOff):
            single = search.families.most_mentors[found.mentee] <= 1
            found = found.only(~single | (found.score >= stage.value))
    return found


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
