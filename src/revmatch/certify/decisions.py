"""What the decisions of a case say: which pairs are in or out, and how many partners somebody has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from revmatch.certify.cover import Decisions
from revmatch.certify.records import Case, PairRow, Record, RowDecision
from revmatch.certify.sides import Bools, Ints

RowNamed = Callable[[Any], PairRow | None]

#: Nobody is said to have so many partners or more: the number after it would still fit 64 bits.
MOST_PARTNERS = 1 << 62
#: Side of the person whom a kind of decision is about, and the kinds that are about rows.
SIDE, BY_ROW = {0: 0, 1: 0, 2: 1, 3: 0, 4: 1}, (3, 4)
SHAPE = "expected a tuple of decisions, four whole numbers each, about people there are"
ROW = "expected decisions of kinds 3 and 4 to name the row of a limit, and somebody who has one partner at most"


def nonsense(given: Any, single: tuple[Bools, Bools], row_named: RowNamed) -> str:
    """What is wrong with some decisions, each by itself; "" if nothing is.

    Parameters
    ----------
    given : object
    single : tuple of ndarray of bool
        Mentors, and mentees, who have one partner at most, in the order of ids.
    row_named : callable
        Gives the row of a limit by its name.
    """
    if type(given) is not tuple:  # a type of somebody's own could answer differently each time it is asked
        return SHAPE
    decided = set[tuple[int, int]]()
    for one in given:
        if type(one) is not tuple or len(one) != 4:
            return SHAPE
        kind, who, what, which = one
        if any(type(part) is not int for part in (kind, who, which)):
            return SHAPE
        side = SIDE.get(kind, 0)
        if kind not in SIDE or not 0 <= who < len(single[side]) or which not in (0, 1):
            return SHAPE
        if kind in BY_ROW:
            one_partner = single[side][who] or (side, who) in decided
            if type(what) is not str or not one_partner or row_named(what) is None:
                return ROW
        elif type(what) is not int or not 0 <= what < (len(single[1]) if kind == 0 else MOST_PARTNERS):
            return SHAPE
        elif kind and not which and what <= 1:
            decided.add((side, who))
    return ""


def case_of(record: Record, path: Decisions, orders: tuple[Ints, Ints], row_named: RowNamed) -> Case:
    """Case with its decisions said of positions."""
    pairs: tuple[set[tuple[int, int]], set[tuple[int, int]]] = (set(), set())
    upper: tuple[dict[int, int], dict[int, int]] = ({}, {})
    lower: tuple[dict[int, int], dict[int, int]] = ({}, {})
    rows = []
    for kind, who, what, which in path:
        side, person = SIDE[kind], int(orders[SIDE[kind]][who])
        if isinstance(what, str):
            row = row_named(what)
            assert row is not None  # else it makes no sense, see above
            rows.append(RowDecision(side, person, row, bool(which)))
        elif kind == 0:
            pairs[which].add((person, int(orders[1][what])))
        elif which:
            lower[side][person] = max(what + 1, lower[side].get(person, 0))
        else:
            upper[side][person] = min(what, upper[side].get(person, what))
    return Case(record, frozenset(pairs[1]), frozenset(pairs[0]), upper, lower, tuple(rows))
