"""How a search begins: every pair of a small programme, some of everybody's best pairs of a large one."""

from __future__ import annotations

import numpy as np

from revmatch.graph.candidates import Candidates, every_pair, first_candidates, with_listed, with_pins
from revmatch.graph.field import Field
from revmatch.graph.found import Found
from revmatch.graph.hands import Hands
from revmatch.graph.numbering import Numbered
from revmatch.graph.tiles import looker
from revmatch.model.partners import partners
from revmatch.policy.forms import Triples
from revmatch.policy.goals import WorstOff
from revmatch.policy.limits import Stable, Together
from revmatch.policy.sides import Ints, Side
from revmatch.solve.search import Options, Search

#: Both sides are scarce if the one with fewer places has more than this part of the other's.
NEEDED = 0.6
#: Up to so many pairs, all that may exist are candidates.
SMALL = 1 << 14


def begin(numbered: Numbered, options: Options, hands: Hands) -> Search:
    """The state of a match before its first goal."""
    at, (n, m) = looker(numbered), numbered.sides.shape
    names = tuple(str(goal) for goal in numbered.programme.policy.goals)
    none = np.zeros(0, dtype=np.int64)
    search = Search(numbered, names, options, Candidates(none, none, none, m))
    listed = any(isinstance(table, Triples) for table in at.score.partial)
    if n * m <= SMALL or listed or options.engine is not None:
        search.candidates = every_pair(numbered, at, workers=hands.workers)
        return search
    if _needs_every_pair(numbered):
        search.candidates = every_pair(numbered, at, workers=hands.workers)
        return search
    search.candidates = with_listed(numbered, at, with_pins(numbered, at, search.candidates))
    search.all_pairs = Field(at, hands, rows_of(*_places(numbered)), search.tick)
    return search


def fetch_first(search: Search) -> None:
    """The first candidates of a large programme; some of them, if the look is ended before its end."""
    field = search.all_pairs
    if field is None:
        return
    search.enter("look")
    places = _places(search.numbered)
    of_rows, of_others = places if field.rows == "mentor" else places[::-1]
    here, there = int(of_rows[field.row_in].sum()), int(of_others[field.column_in].sum())
    search.both_scarce = here > NEEDED * there
    parts: list[Found] = []
    try:
        for found in first_candidates(field, here, both=search.both_scarce):
            parts.append(found)
    except BaseException:
        if field.cut_short is not None:
            parts.append(field.cut_short)
        raise
    finally:
        search.grow(Found.joined(parts, len(field.row_in)))


def rows_of(mentor_places: Ints, mentee_places: Ints) -> Side:
    """The side from which pairs are looked at.

    The scarce side has most to say; where both have about as many places, mentees' wishes take fewer bits.
    """
    return "mentee" if int(mentee_places.sum()) <= 2 * int(mentor_places.sum()) else "mentor"


def _needs_every_pair(numbered: Numbered) -> bool:
    """Whether pairs are asked about one by one: who blocks, or whose scores add up."""
    policy = numbered.programme.policy
    several = bool((partners(numbered.programme, "mentee")[2] > 1).any())
    worst = several and any(isinstance(goal, WorstOff) for goal in policy.goals)
    return worst or any(isinstance(limit, Stable | Together) for limit in policy.limits)


def _places(numbered: Numbered) -> tuple[Ints, Ints]:
    """Places of mentors and mentees, none of which more than there are people on the other side."""
    programme, (n, m) = numbered.programme, numbered.sides.shape
    mentors = np.minimum(partners(programme, "mentor")[2][numbered.mentor_rows], m)
    return mentors, np.minimum(partners(programme, "mentee")[2][numbered.mentee_rows], n)
